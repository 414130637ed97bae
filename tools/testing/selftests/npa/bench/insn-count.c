// SPDX-License-Identifier: GPL-2.0
/*
 * A QEMU TCG plugin that counts executed instructions by where they lie.
 *
 * Counting is exact and does not care how long anything takes, so a guest that
 * waits for npad can be measured, which -icount cannot do.
 *
 * Options: counts=PATH. The file is the command channel: mapped and shared with
 * bench.py, which writes address ranges and reads the counters at any time.
 * Instructions in no range count to the last counter ("elsewhere"), which
 * includes the idle loop.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "qemu_plugin.h"

#define MAX_RANGES 2047
#define MAGIC 0x4e504149u	/* "NPAI" */

int qemu_plugin_version = QEMU_PLUGIN_VERSION;

struct range {
	uint64_t start;
	uint64_t end;
};

/* What is in the file; bench.py has the same layout. */
struct shared {
	uint32_t magic;
	uint32_t count;		/* of ranges in use */
	struct range ranges[MAX_RANGES];
	uint64_t executed[MAX_RANGES + 1];
};

/* One per translated block; lives as long as QEMU. */
struct block {
	uint64_t address;
	uint64_t instructions;
	uint32_t generation;	/* of the ranges when slot was looked up */
	uint32_t slot;
};

static struct shared *shared;

static uint32_t find_slot(uint64_t address)
{
	uint32_t count = __atomic_load_n(&shared->count, __ATOMIC_ACQUIRE);

	if (count > MAX_RANGES)
		count = MAX_RANGES;
	for (uint32_t i = 0; i < count; i++)
		if (address >= shared->ranges[i].start &&
		    address < shared->ranges[i].end)
			return i;
	return MAX_RANGES;
}

/*
 * The number of ranges serves as their generation: bench.py only ever adds
 * ranges, so a block that was looked up with fewer is looked up again.
 */
static void executed(unsigned int vcpu, void *userdata)
{
	struct block *block = userdata;
	uint32_t generation = __atomic_load_n(&shared->count, __ATOMIC_ACQUIRE);

	(void)vcpu;
	if (block->generation != generation) {
		block->slot = find_slot(block->address);
		block->generation = generation;
	}
	__atomic_fetch_add(&shared->executed[block->slot], block->instructions,
			   __ATOMIC_RELAXED);
}

static void translated(struct qemu_plugin_tb *tb, void *userdata)
{
	struct block *block = calloc(1, sizeof(*block));

	(void)userdata;
	if (!block)
		abort();
	block->address = qemu_plugin_tb_vaddr(tb);
	block->instructions = qemu_plugin_tb_n_insns(tb);
	block->generation = ~0u;
	qemu_plugin_register_vcpu_tb_exec_cb(tb, executed,
					     QEMU_PLUGIN_CB_NO_REGS, block);
}

static int map_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || ftruncate(fd, sizeof(*shared))) {
		perror(path);
		return -1;
	}
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED, fd, 0);
	close(fd);
	if (shared == MAP_FAILED) {
		perror(path);
		return -1;
	}
	shared->magic = MAGIC;
	return 0;
}

int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info_t *info,
			int argc, char **argv)
{
	const char *path = NULL;

	(void)info;
	for (int i = 0; i < argc; i++)
		if (!strncmp(argv[i], "counts=", 7))
			path = argv[i] + 7;
	if (!path) {
		fprintf(stderr, "insn-count: counts=PATH is missing\n");
		return -1;
	}
	if (map_file(path))
		return -1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated, NULL);
	return 0;
}
