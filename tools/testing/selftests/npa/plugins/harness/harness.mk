# SPDX-License-Identifier: GPL-2.0
#
# npa-harness and npa-harness-ms: the same shell compiled with System V's and
# with Microsoft's calling convention, what is around it, and the parts of npad
# that a VF's model consists of. Included by the kit's Makefile.

NPAD := $(abspath $(HERE)/../npad)/
HARNESS_CFLAGS := -std=c11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Werror
HARNESS_CFLAGS += -I$(TOP)/include -I$(NPAD) -I$(NPAD)include
HARNESS_CFLAGS += -I$(TOP)/drivers/net/vmxnet3 -MMD -MP
ifeq ($(SAN),1)
HARNESS_CFLAGS += -fsanitize=address,undefined -fno-sanitize-recover=undefined
HARNESS_CFLAGS += -fno-omit-frame-pointer
endif
# No library, no function that the compiler puts in by itself, no sanitizer:
# those would be called by the other convention.
SHELL_MS_CFLAGS := -mabi=ms -DUS_MICROSOFT -std=c11 -O2 -g -ffreestanding
SHELL_MS_CFLAGS += -fno-tree-loop-distribute-patterns -fno-stack-protector
SHELL_MS_CFLAGS += -Wall -Wextra -Werror -I$(TOP)/include -MMD -MP

HARNESS_SRCS := $(notdir $(wildcard $(HERE)harness/*.c))
MODEL_SRCS := $(notdir $(wildcard $(addsuffix .c,$(addprefix $(NPAD), \
	dma frame loop port eswitch* pf* vf_*))))
# What both programs have, and what is compiled once for each.
harness_objs = $(addprefix $(O)/$(1)/,$(HARNESS_SRCS:.c=.o)) \
	$(addprefix $(O)/model/,$(MODEL_SRCS:.c=.o)) \
	$(addprefix $(O)/harness/image/,io.o verify.o)

$(O)/npa-harness: $(call harness_objs,harness)
$(O)/npa-harness-ms: $(call harness_objs,harness-ms)
$(O)/npa-harness $(O)/npa-harness-ms:
	$(CC) $(HARNESS_CFLAGS) -o $@ $^ $$($(PKG_CONFIG) --libs libcrypto)

$(O)/harness/flags: FORCE
	$(call flags,$(CC) $(HARNESS_CFLAGS) $(SHELL_MS_CFLAGS))

$(O)/harness/image/%.o: $(HERE)image/%.c $(O)/harness/flags
	@mkdir -p $(@D)
	$(CC) $(HARNESS_CFLAGS) -c -o $@ $<

$(O)/harness/%.o: $(HERE)harness/%.c $(O)/harness/flags
	$(CC) $(HARNESS_CFLAGS) -c -o $@ $<

$(O)/harness-ms/%.o: $(HERE)harness/%.c $(O)/harness/flags
	@mkdir -p $(@D)
	$(CC) $(HARNESS_CFLAGS) -DUS_MICROSOFT -c -o $@ $<

$(O)/harness-ms/shell.o: $(HERE)harness/shell.c $(O)/harness/flags
	@mkdir -p $(@D)
	$(CC) $(SHELL_MS_CFLAGS) -c -o $@ $<
	@test -z "$$(nm -u $@)" || { nm -u $@; rm $@; false; }

$(O)/model/%.o: $(NPAD)%.c $(O)/harness/flags
	@mkdir -p $(@D)
	$(CC) $(HARNESS_CFLAGS) -c -o $@ $<
