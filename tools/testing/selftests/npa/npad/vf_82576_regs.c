// SPDX-License-Identifier: GPL-2.0
/*
 * Model of an Intel 82576 VF: registers in the trapped pages, interrupts.
 * Register names are those of the datasheet without their "VT" where it has
 * one.
 */
#include <endian.h>
#include <stdio.h>
#include <string.h>

#include "vf_82576.h"

#define NSEC_PER_USEC	1000

void vf_regs_reset(struct vf *vf)
{
	memset(vf->env.window, 0, E1000VF_WINDOW_LEN);
	vf_reg_set(vf, E1000VF_STATUS,
		   E1000VF_STATUS_LU | E1000VF_STATUS_FD | E1000VF_STATUS_1000);
	vf_reg_set(vf, E1000VF_MAILBOX, E1000VF_MAILBOX_RSTD);
}

/* Interrupts. */

/* Send the vector's interrupt if it is wanted, enabled and not throttled. */
static void intr_update(struct vf_vector *vec)
{
	uint32_t bit = 1U << vec->index, itr;
	struct vf *vf = vec->vf;

	if (!vec->pending || vec->timer.due ||
	    !(vf_reg_get(vf, E1000VF_EIMS) & bit))
		return;
	vec->pending = false;
	if (vf_reg_get(vf, E1000VF_EIAC) & bit)
		vf_reg_set(vf, E1000VF_EICR,
			   vf_reg_get(vf, E1000VF_EICR) & ~bit);
	if (vf_reg_get(vf, E1000VF_EIAM) & bit)
		vf_reg_set(vf, E1000VF_EIMS,
			   vf_reg_get(vf, E1000VF_EIMS) & ~bit);
	itr = vf_reg_get(vf, E1000VF_EITR(vec->index)) >>
	      E1000VF_EITR_SHIFT & E1000VF_EITR_MASK;
	if (itr)
		loop_arm(vf->env.loop, &vec->timer,
			 (uint64_t)itr * NSEC_PER_USEC);
	vf->env.raise(vf->env.raise_arg, vec->index);
}

static void intr_timer(void *arg)
{
	intr_update(arg);
}

static void intr_cause(struct vf *vf, uint32_t bits)
{
	unsigned int i;

	vf_reg_set(vf, E1000VF_EICR, vf_reg_get(vf, E1000VF_EICR) | bits);
	for (i = 0; i < E1000VF_MAX_VECTORS; i++) {
		if (!(bits >> i & 1))
			continue;
		vf->vectors[i].pending = true;
		intr_update(&vf->vectors[i]);
	}
}

/* Raise what one byte of IVAR says. */
static void intr_ivar(struct vf *vf, uint32_t ivar)
{
	unsigned int vector = ivar & E1000VF_IVAR_VECTOR;

	if (ivar & E1000VF_IVAR_VALID && vector < E1000VF_MAX_VECTORS)
		intr_cause(vf, 1U << vector);
}

void vf_intr_rx(struct vf *vf, unsigned int queue)
{
	intr_ivar(vf, vf_reg_get(vf, E1000VF_IVAR(queue / 2)) >>
		      E1000VF_IVAR_RX(queue));
}

void vf_intr_tx(struct vf *vf, unsigned int queue)
{
	intr_ivar(vf, vf_reg_get(vf, E1000VF_IVAR(queue / 2)) >>
		      E1000VF_IVAR_TX(queue));
}

void vf_intr_init(struct vf *vf)
{
	unsigned int i;

	for (i = 0; i < E1000VF_MAX_VECTORS; i++) {
		vf->vectors[i].vf = vf;
		vf->vectors[i].index = i;
		vf->vectors[i].timer.fn = intr_timer;
		vf->vectors[i].timer.arg = &vf->vectors[i];
	}
}

void vf_intr_stop(struct vf *vf)
{
	unsigned int i;

	for (i = 0; i < E1000VF_MAX_VECTORS; i++) {
		loop_cancel(vf->env.loop, &vf->vectors[i].timer);
		vf->vectors[i].pending = false;
	}
}

/* Statistics: registers of 32 bits that wrap. */

static void reg_add(struct vf *vf, uint32_t offset, uint32_t value)
{
	vf_reg_set(vf, offset, vf_reg_get(vf, offset) + value);
}

void vf_count_rx(struct vf *vf, size_t bytes, bool multicast)
{
	reg_add(vf, E1000VF_VFGPRC, 1);
	reg_add(vf, E1000VF_VFGORC, bytes);
	if (multicast)
		reg_add(vf, E1000VF_VFMPRC, 1);
}

void vf_count_tx(struct vf *vf, size_t bytes)
{
	reg_add(vf, E1000VF_VFGPTC, 1);
	reg_add(vf, E1000VF_VFGOTC, bytes);
}

/* Trapped accesses. */

static uint32_t read32(struct vf *vf, uint32_t offset)
{
	uint32_t value = vf_reg_get(vf, offset);

	switch (offset) {
	case E1000VF_FRTIMER:
		return loop_now() / NSEC_PER_USEC;
	case E1000VF_EICR:
		vf_reg_set(vf, offset, 0);
		break;
	case E1000VF_EICS:
	case E1000VF_EIMC:
		return 0;
	case E1000VF_MAILBOX:
		vf_reg_set(vf, offset, value & ~E1000VF_MAILBOX_R2C);
		break;
	}
	return value;
}

static void write_eims(struct vf *vf, uint32_t bits)
{
	unsigned int i;

	vf_reg_set(vf, E1000VF_EIMS, vf_reg_get(vf, E1000VF_EIMS) | bits);
	for (i = 0; i < E1000VF_MAX_VECTORS; i++)
		intr_update(&vf->vectors[i]);
}

static void write_ctrl(struct vf *vf, uint32_t value)
{
	if (!(value & E1000VF_CTRL_RST))
		return;
	vf_intr_stop(vf);
	vf_queues_stop(vf);
	vf_regs_reset(vf);
}

static void write32(struct vf *vf, uint32_t offset, uint32_t value)
{
	const uint32_t vectors = (1U << E1000VF_MAX_VECTORS) - 1;

	switch (offset) {
	case E1000VF_CTRL:
		write_ctrl(vf, value);
		return;
	case E1000VF_EICS:
		intr_cause(vf, value & vectors);
		return;
	case E1000VF_EIMS:
		write_eims(vf, value & vectors);
		return;
	case E1000VF_EIMC:
		vf_reg_set(vf, E1000VF_EIMS,
			   vf_reg_get(vf, E1000VF_EIMS) & ~value);
		return;
	case E1000VF_EICR:		/* bits written as 1 are cleared */
		vf_reg_set(vf, offset, vf_reg_get(vf, offset) & ~value);
		return;
	case E1000VF_EIAC:
	case E1000VF_EIAM:
	case E1000VF_EITR(0):
	case E1000VF_EITR(1):
	case E1000VF_EITR(2):
	case E1000VF_IVAR(0):
	case E1000VF_IVAR_MISC:
		vf_reg_set(vf, offset, value);
		return;
	}
	if (offset >= E1000VF_VMBMEM &&
	    offset < E1000VF_VMBMEM + 4 * E1000VF_VMBMEM_WORDS)
		vf_reg_set(vf, offset, value);
	/* Queue registers, where the guest has not mapped them. */
	if (offset >= E1000VF_RXQ(0))
		vf_reg_set(vf, offset, value);
}

static bool access_ok(uint32_t offset, unsigned int size)
{
	return (size == 1 || size == 2 || size == 4 || size == 8) &&
	       !(offset & (size - 1)) && offset < E1000VF_WINDOW_LEN;
}

uint64_t vf_regs_read(struct vf *vf, uint32_t offset, unsigned int size)
{
	uint64_t value;

	if (!access_ok(offset, size))
		return UINT64_MAX;
	if (size == 8) {
		value = read32(vf, offset);
		return value | (uint64_t)read32(vf, offset + 4) << 32;
	}
	value = read32(vf, offset & ~3U) >> (8 * (offset & 3));
	return size == 4 ? value : value & ((1U << (8 * size)) - 1);
}

/* The hardware takes whole words only. */
void vf_regs_write(struct vf *vf, uint32_t offset, unsigned int size,
		   uint64_t value)
{
	if (!access_ok(offset, size) || size < 4)
		return;
	write32(vf, offset, value);
	if (size == 8)
		write32(vf, offset + 4, value >> 32);
}

const char *vf_regs_name(uint32_t offset)
{
	static const struct {
		uint32_t offset;
		const char *name;
	} names[] = {
		{ E1000VF_CTRL, "vf.vtctrl" },
		{ E1000VF_STATUS, "vf.vtstatus" },
		{ E1000VF_MAILBOX, "vf.v2pmailbox" },
		{ E1000VF_VFGPRC, "vf.vfgprc" },
		{ E1000VF_VFGPTC, "vf.vfgptc" },
		{ E1000VF_VFGORC, "vf.vfgorc" },
		{ E1000VF_VFGOTC, "vf.vfgotc" },
		{ E1000VF_VFMPRC, "vf.vfmprc" },
		{ E1000VF_FRTIMER, "vf.vtfrtimer" },
		{ E1000VF_EICS, "vf.vteics" },
		{ E1000VF_EIMS, "vf.vteims" },
		{ E1000VF_EIMC, "vf.vteimc" },
		{ E1000VF_EIAC, "vf.vteiac" },
		{ E1000VF_EIAM, "vf.vteiam" },
		{ E1000VF_EICR, "vf.vteicr" },
		{ E1000VF_EITR(0), "vf.vteitr0" },
		{ E1000VF_EITR(1), "vf.vteitr1" },
		{ E1000VF_EITR(2), "vf.vteitr2" },
		{ E1000VF_IVAR(0), "vf.vtivar0" },
		{ E1000VF_IVAR_MISC, "vf.vtivar_misc" },
		{ E1000VF_SRRCTL(0), "vf.srrctl0" },
		{ E1000VF_RDH(0), "vf.rdh0" },
		{ E1000VF_RDT(0), "vf.rdt0" },
		{ E1000VF_RXDCTL(0), "vf.rxdctl0" },
		{ E1000VF_SRRCTL(1), "vf.srrctl1" },
		{ E1000VF_RDH(1), "vf.rdh1" },
		{ E1000VF_RDT(1), "vf.rdt1" },
		{ E1000VF_RXDCTL(1), "vf.rxdctl1" },
		{ E1000VF_TDH(0), "vf.tdh0" },
		{ E1000VF_TDT(0), "vf.tdt0" },
		{ E1000VF_TXDCTL(0), "vf.txdctl0" },
		{ E1000VF_TDH(1), "vf.tdh1" },
		{ E1000VF_TDT(1), "vf.tdt1" },
		{ E1000VF_TXDCTL(1), "vf.txdctl1" },
	};
	size_t i;

	offset &= ~3U;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].offset == offset)
			return names[i].name;
	if (offset >= E1000VF_VMBMEM &&
	    offset < E1000VF_VMBMEM + 4 * E1000VF_VMBMEM_WORDS)
		return "vf.vmbmem";
	if (offset >= E1000VF_TXQ(0))
		return "vf.txq";
	if (offset >= E1000VF_RXQ(0))
		return "vf.rxq";
	return "vf.other";
}
