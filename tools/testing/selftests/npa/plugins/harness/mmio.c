// SPDX-License-Identifier: GPL-2.0
/*
 * Trapped registers: the plugin's access faults, the instruction is decoded
 * and carried out by the model, as a hypervisor does it.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "mmio.h"

#define REX		0x40
#define REX_W		0x08
#define REX_R		0x04

/* A signal handler has no argument of its own. */
static struct mmio *trapped;
static struct sigaction before;

/**
 * struct mov - an instruction that moves data from or to memory
 * @write: to memory
 * @constant: what is written is @value, not register @reg
 * @reg: number of the register
 * @value: what is written
 * @size: bytes moved
 * @len: bytes of the instruction
 */
struct mov {
	bool write;
	bool constant;
	unsigned int reg;
	uint32_t value;
	unsigned int size;
	unsigned int len;
};

/* Bytes of ModRM, SIB and displacement. */
static unsigned int address_len(const uint8_t *modrm)
{
	unsigned int mod = modrm[0] >> 6, len = 1;
	bool wide = (modrm[0] & 7) == 5;

	if ((modrm[0] & 7) == 4) {
		wide = (modrm[1] & 7) == 5;
		len++;
	}
	if (mod == 1)
		return len + 1;
	return len + (mod == 2 || wide ? 4 : 0);
}

/*
 * What npa_mmio_write32() and npa_mmio_read32() are compiled to: MOV with a
 * register or a constant.
 */
static bool decode(const uint8_t *code, struct mov *m)
{
	const uint8_t *p = code;
	uint8_t rex = 0;

	memset(m, 0, sizeof(*m));
	if ((*p & 0xf0) == REX)
		rex = *p++;
	m->size = rex & REX_W ? 8 : 4;
	m->write = *p != 0x8b;
	m->constant = *p == 0xc7;
	if ((*p != 0x89 && *p != 0x8b && *p != 0xc7) || p[1] >> 6 == 3)
		return false;
	m->reg = (p[1] >> 3 & 7) | (rex & REX_R ? 8 : 0);
	p++;
	p += address_len(p);
	if (m->constant) {
		memcpy(&m->value, p, sizeof(m->value));
		p += sizeof(m->value);
	}
	m->len = p - code;
	return true;
}

static greg_t *reg_of(ucontext_t *context, unsigned int reg)
{
	static const int regs[] = {
		REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI,
		REG_RDI, REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13,
		REG_R14, REG_R15,
	};

	return &context->uc_mcontext.gregs[regs[reg]];
}

static bool emulate(struct mmio *w, ucontext_t *context, uint32_t offset)
{
	const uint8_t *code =
		(const uint8_t *)context->uc_mcontext.gregs[REG_RIP];
	uint64_t value;
	struct mov m;

	if (!decode(code, &m))
		return false;
	if (m.write) {
		value = m.constant ? m.value : *reg_of(context, m.reg);
		w->writes++;
		if (w->vf)
			w->ops->write(w->vf, offset, m.size, value);
	} else {
		value = w->vf ? w->ops->read(w->vf, offset, m.size) :
				UINT64_MAX;
		w->reads++;
		*reg_of(context, m.reg) = m.size == 8 ? value :
					  (uint32_t)value;
	}
	context->uc_mcontext.gregs[REG_RIP] += m.len;
	return true;
}

static void on_fault(int number, siginfo_t *info, void *context)
{
	static const char text[] =
		"# violation (memory): an access to memory that is not the plugin's\n";
	const uint8_t *at = info->si_addr;
	struct mmio *w = trapped;

	(void)number;
	if (w && at >= w->mmio && at < w->mmio + w->len &&
	    emulate(w, context, at - w->mmio))
		return;
	/* It happens again, and is whoever's it was before. */
	if (write(STDOUT_FILENO, text, sizeof(text) - 1) < 0)
		abort();
	sigaction(SIGSEGV, &before, NULL);
}

static int map_views(struct mmio *w, const struct pf_vf_info *info)
{
	int fd = memfd_create("window", MFD_CLOEXEC);
	unsigned int i;

	if (fd < 0)
		return -1;
	if (ftruncate(fd, w->len)) {
		close(fd);
		return -1;
	}
	w->model = mmap(NULL, w->len, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			0);
	w->mmio = mmap(NULL, w->len, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		       0);
	close(fd);
	if (w->model == MAP_FAILED || w->mmio == MAP_FAILED)
		return -1;
	for (i = 0; i < info->num_regions; i++)
		if (!info->regions[i].direct &&
		    mprotect(w->mmio + info->regions[i].offset,
			     info->regions[i].length, PROT_NONE))
			return -1;
	return 0;
}

int mmio_open(struct mmio *w, const struct pf_ops *ops)
{
	struct sigaction action = { .sa_flags = SA_SIGINFO };

	memset(w, 0, sizeof(*w));
	w->ops = ops;
	w->len = ops->get_info()->window_len;
	if (map_views(w, ops->get_info()))
		return -1;
	trapped = w;
	action.sa_sigaction = on_fault;
	return sigaction(SIGSEGV, &action, &before);
}

void mmio_close(struct mmio *w)
{
	if (trapped != w)
		return;
	sigaction(SIGSEGV, &before, NULL);
	trapped = NULL;
	munmap(w->mmio, w->len);
	munmap(w->model, w->len);
}
