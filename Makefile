# SPDX-License-Identifier: GPL-2.0
#
# What a person runs. All but "modules KDIR=..." happens inside a Debian root
# that the first run makes in the cache; see README.

SELFTEST := tools/testing/selftests/npa
BUILD    := $(CURDIR)/build
ENTER    := $(SELFTEST)/env/enter --
NICE     := nice -n 5
JOBS     ?= $(shell nproc)

# Which kernel "make modules" builds for: newest or lts of the root, or KDIR.
KERNEL ?= newest
KDIR   ?=

# The demo, the tests and the benchmark take options: make demo ARGS="..."
ARGS ?=

help:
	@echo 'make demo           a switch to a VF and back under traffic, with a table'
	@echo 'make demo-migrate   a running guest changes hosts ten times, under traffic'
	@echo 'make check          all tests; ends with "N passed, N failed, N skipped"'
	@echo 'make check-full     and long ones: report, 6.12 kernel, fuzzing'
	@echo 'make report         100 switches of ours beside bonding and net_failover'
	@echo 'make bench          instructions per packet: in-tree, ours, the VF, its vendor'
	@echo 'make shell          a guest with the NIC and a shell; npactl from outside'
	@echo 'make kunit          the KUnit tests only'
	@echo 'make fuzz           look for inputs that hurt npad, some minutes'
	@echo 'make modules        vmxnet3.ko for the newest Debian kernel (KERNEL=lts: 6.12)'
	@echo 'make modules KDIR=D vmxnet3.ko for the kernel build directory D of this machine'
	@echo 'make tools          npad, npactl, plugins and guest programs'
	@echo 'make root           the Debian root in the cache ($$NPA_CACHE, ~/.cache/npa)'
	@echo 'make clean          remove build/; make distclean: and what the cache holds'
	@echo
	@echo 'ARGS="..." passes options on; ARGS=--help lists them (demo, check, report, bench, fuzz, shell).'
	@echo 'NPA_MIRROR names a Debian mirror if the one of this machine'"'"'s apt will not do.'

root:
	@$(SELFTEST)/env/make-root > /dev/null

demo: modules tools
	@$(ENTER) python3 $(SELFTEST)/demo.py $(ARGS)

demo-migrate: modules tools
	@$(ENTER) python3 $(SELFTEST)/tests/migration.py ten_migrations

check check-full: modules tools
	@$(ENTER) $(NICE) $(SELFTEST)/env/build-module --kernel lts \
		--output '$(BUILD)/modules' > /dev/null
	@$(ENTER) python3 $(SELFTEST)/check.py \
		$(if $(filter check-full,$@),--full) $(ARGS)

report: modules tools
	@$(ENTER) python3 $(SELFTEST)/report.py $(ARGS)

bench: modules tools
	@$(ENTER) python3 $(SELFTEST)/bench.py $(ARGS)

shell: modules tools
	@$(ENTER) python3 $(SELFTEST)/shell.py $(ARGS)

kunit: root
	@$(ENTER) $(SELFTEST)/kunit/run $(ARGS)

fuzz: root
	@$(ENTER) $(NICE) python3 $(SELFTEST)/fuzz.py $(ARGS)

# A kernel build directory of this machine is used with this machine's
# compiler; nothing of the root is needed then.
ifneq ($(KDIR),)
modules:
	@$(SELFTEST)/env/build-module --kdir '$(KDIR)' --output '$(BUILD)/modules'
else
modules: root
	@$(ENTER) $(NICE) $(SELFTEST)/env/build-module --kernel $(KERNEL) \
		--output '$(BUILD)/modules'
endif

tools: root
	@$(ENTER) $(NICE) $(MAKE) --no-print-directory -j$(JOBS) inside-tools

# Runs inside the root.
inside-tools: inside-npad inside-plugins inside-guest inside-bench inside-bpf
inside-npad:
	@$(MAKE) --no-print-directory -s -C $(SELFTEST)/npad O=$(BUILD)/npad
inside-plugins:
	@$(MAKE) --no-print-directory -s -C $(SELFTEST)/plugins O=$(BUILD)/plugins \
		all images-for-tests
inside-guest:
	@$(MAKE) --no-print-directory -s -C $(SELFTEST)/guest O=$(BUILD)/guest
inside-bench:
	@$(MAKE) --no-print-directory -s -C $(SELFTEST)/bench O=$(BUILD)/bench
inside-bpf:
	@$(MAKE) --no-print-directory -s -C $(SELFTEST)/bpf O=$(BUILD)/bpf

clean:
	rm -rf '$(BUILD)'

distclean: clean
	@$(SELFTEST)/env/make-root --remove

.PHONY: help root demo demo-migrate check check-full report bench shell kunit
.PHONY: fuzz modules tools clean distclean
.PHONY: inside-tools inside-npad inside-plugins inside-guest inside-bench inside-bpf
