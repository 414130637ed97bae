// SPDX-License-Identifier: GPL-2.0
/*
 * Models of Intel's VFs: interrupts.  The models have the same registers in
 * different places.
 */
#include <endian.h>
#include <string.h>

#include "vf_intel.h"

#define NSEC_PER_USEC	1000

static void clear_bits(struct vf *vf, uint32_t offset, uint32_t bits)
{
	vf_reg_set(vf, offset, vf_reg_get(vf, offset) & ~bits);
}

static void set_bits(struct vf *vf, uint32_t offset, uint32_t bits)
{
	vf_reg_set(vf, offset, vf_reg_get(vf, offset) | bits);
}

/* Send the vector's interrupt if it is wanted, enabled and not throttled. */
static void intr_update(struct vf_vector *vec)
{
	const struct vf_intr_regs *regs = &vec->vf->model->intr;
	uint32_t bit = 1U << vec->index, itr;
	struct vf *vf = vec->vf;
	unsigned int i;

	if (!vec->pending || vec->timer.due ||
	    !(vf_reg_get(vf, regs->eims) & bit))
		return;
	vec->pending = false;
	if (vf_reg_get(vf, regs->eiac) & bit)
		clear_bits(vf, regs->eicr, bit);
	if (vf_reg_get(vf, regs->eiam) & bit)
		clear_bits(vf, regs->eims, bit);
	itr = vf_reg_get(vf, regs->eitr + 4 * vec->index) >>
	      regs->itr_shift & regs->itr_mask;
	if (itr)
		loop_arm(vf->env.loop, &vec->timer,
			 (uint64_t)itr * regs->itr_us * NSEC_PER_USEC);
	for (i = 0; i < vf_guest_vectors(vf); i++)
		if (vec->guest >> i & 1)
			vf->env.raise(vf->env.raise_arg, i);
}

static void intr_timer(void *arg)
{
	intr_update(arg);
}

static void intr_cause(struct vf *vf, uint32_t bits)
{
	unsigned int i;

	set_bits(vf, vf->model->intr.eicr, bits);
	for (i = 0; i < VF_MAX_VECTORS; i++) {
		if (!(bits >> i & 1))
			continue;
		vf->vectors[i].pending = true;
		intr_update(&vf->vectors[i]);
	}
}

/* Raise what one byte of IVAR says. */
static void intr_ivar(struct vf *vf, uint32_t ivar)
{
	unsigned int vector = ivar & ADV_IVAR_VECTOR;

	if (ivar & ADV_IVAR_VALID && vector < vf->model->info->max_vectors)
		intr_cause(vf, 1U << vector);
}

static uint32_t ivar_of(const struct vf *vf, unsigned int queue)
{
	return vf_reg_get(vf, vf->model->intr.ivar + 4 * (queue / 2));
}

void vf_intr_rx(struct vf *vf, unsigned int queue)
{
	intr_ivar(vf, ivar_of(vf, queue) >> ADV_IVAR_RX(queue));
}

void vf_intr_tx(struct vf *vf, unsigned int queue)
{
	intr_ivar(vf, ivar_of(vf, queue) >> ADV_IVAR_TX(queue));
}

void vf_intr_misc(struct vf *vf)
{
	intr_ivar(vf, vf_reg_get(vf, vf->model->intr.ivar_misc));
}

void vf_intr_init(struct vf *vf)
{
	unsigned int i;

	for (i = 0; i < VF_MAX_VECTORS; i++) {
		vf->vectors[i].vf = vf;
		vf->vectors[i].index = i;
		vf->vectors[i].guest = 1U << i;
		vf->vectors[i].timer.fn = intr_timer;
		vf->vectors[i].timer.arg = &vf->vectors[i];
	}
}

void vf_intr_stop(struct vf *vf)
{
	unsigned int i;

	for (i = 0; i < VF_MAX_VECTORS; i++) {
		loop_cancel(vf->env.loop, &vf->vectors[i].timer);
		vf->vectors[i].pending = false;
	}
}

unsigned int vf_guest_vectors(const struct vf *vf)
{
	const struct pf_vf_info *info = vf->model->info;

	return info->max_queues > info->max_vectors ? info->max_queues :
						      info->max_vectors;
}

/*
 * What to write to IVAR for an interrupt of the guest.  If there are more of
 * them than vectors, the vectors go round.
 */
static uint32_t ivar_to(struct vf *vf, unsigned int guest)
{
	unsigned int vector = guest % vf->model->info->max_vectors;

	vf->vectors[vector].guest |= 1U << guest;
	return vector | ADV_IVAR_VALID;
}

void vf_intr_program(struct vf *vf, const struct pf_init *init)
{
	const struct vf_intr_regs *regs = &vf->model->intr;
	const struct pf_vf_info *info = vf->model->info;
	uint32_t ivar[VF_MAX_QUEUES / 2] = { 0 };
	uint32_t vectors = 0, itr;
	unsigned int i;

	for (i = 0; i < info->max_vectors; i++)
		vf->vectors[i].guest = 0;
	for (i = 0; i < init->num_queues; i++) {
		ivar[i / 2] |= ivar_to(vf, init->rx[i].vector) <<
			       ADV_IVAR_RX(i);
		ivar[i / 2] |= ivar_to(vf, init->tx[i].vector) <<
			       ADV_IVAR_TX(i);
	}
	for (i = 0; i < info->max_vectors; i++)
		if (vf->vectors[i].guest)
			vectors |= 1U << i;
	itr = (init->itr_us + regs->itr_us - 1) / regs->itr_us;
	if (itr > regs->itr_mask)
		itr = regs->itr_mask;
	for (i = 0; i < info->max_vectors; i++)
		vf_reg_set(vf, regs->eitr + 4 * i, itr << regs->itr_shift);
	for (i = 0; i < (info->max_queues + 1) / 2; i++)
		vf_reg_set(vf, regs->ivar + 4 * i, ivar[i]);
	vf_reg_set(vf, regs->eiac, vectors);
	vf_reg_set(vf, regs->eiam, 0);
}

bool vf_intr_read32(struct vf *vf, uint32_t offset, uint32_t *value)
{
	const struct vf_intr_regs *regs = &vf->model->intr;

	if (offset == regs->eicr) {	/* reading clears */
		*value = vf_reg_get(vf, offset);
		vf_reg_set(vf, offset, 0);
		return true;
	}
	if (offset == regs->eics || offset == regs->eimc) {
		*value = 0;
		return true;
	}
	return false;
}

static void write_eims(struct vf *vf, uint32_t bits)
{
	unsigned int i;

	set_bits(vf, vf->model->intr.eims, bits);
	for (i = 0; i < VF_MAX_VECTORS; i++)
		intr_update(&vf->vectors[i]);
}

/* Is it one of a number of registers from first on? */
static bool among(uint32_t offset, uint32_t first, unsigned int count)
{
	return offset >= first && offset < first + 4 * count;
}

bool vf_intr_write32(struct vf *vf, uint32_t offset, uint32_t value)
{
	const struct vf_intr_regs *regs = &vf->model->intr;
	const struct pf_vf_info *info = vf->model->info;
	const uint32_t vectors = (1U << info->max_vectors) - 1;

	if (offset == regs->eics)
		intr_cause(vf, value & vectors);
	else if (offset == regs->eims)
		write_eims(vf, value & vectors);
	else if (offset == regs->eimc)
		clear_bits(vf, regs->eims, value);
	else if (offset == regs->eicr)	/* bits written as 1 are cleared */
		clear_bits(vf, offset, value);
	else if (offset == regs->eiac || offset == regs->eiam ||
		 offset == regs->ivar_misc ||
		 among(offset, regs->eitr, info->max_vectors) ||
		 among(offset, regs->ivar, (info->max_queues + 1) / 2))
		vf_reg_set(vf, offset, value);
	else
		return false;
	return true;
}
