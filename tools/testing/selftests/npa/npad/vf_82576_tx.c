// SPDX-License-Identifier: GPL-2.0
/*
 * Model of an Intel 82576 VF: transmit rings.
 *
 * Descriptors and data are in the guest's memory and may change while they
 * are looked at: each is copied, then checked, and what it says bounds
 * nothing but the copy.
 */
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "vf_82576.h"

#define RETRY_NS	1000000ULL	/* without being told that there is room */
#define GIVE_UP_NS	200000000ULL	/* then the frame is dropped */

/**
 * struct tx_frame - a frame being put together
 * @f: the frame
 * @first: command and status words of its first data descriptor are known
 * @cmd: command word
 * @status: status word
 * @bad: something is wrong with it
 */
struct tx_frame {
	struct frame f;
	bool first;
	uint32_t cmd;
	uint32_t status;
	bool bad;
};

static uint32_t next(const struct vf_ring *ring, uint32_t i)
{
	return i + 1 == ring->size ? 0 : i + 1;
}

static bool is_context(uint32_t cmd)
{
	return (cmd & E1000VF_TXD_TYPE_MASK) == E1000VF_TXD_CTX;
}

static struct e1000vf_tx_desc get_desc(const struct e1000vf_tx_desc *desc)
{
	const volatile struct e1000vf_tx_desc *p = desc;
	struct e1000vf_tx_desc copy;

	copy.addr = p->addr;
	copy.cmd = p->cmd;
	copy.status = p->status;
	return copy;
}

/* Find the last descriptor of the frame at the head. */
static bool find_end(const struct vf_ring *ring,
		     const struct e1000vf_tx_desc *desc, uint32_t tail,
		     uint32_t *end)
{
	uint32_t i;

	for (i = ring->head; i != tail; i = next(ring, i)) {
		uint32_t cmd = le32toh(get_desc(&desc[i]).cmd);

		if (!is_context(cmd) && cmd & E1000VF_TXD_EOP) {
			*end = i;
			return true;
		}
	}
	return false;
}

static void take_context(struct vf_context *context,
			 const struct e1000vf_tx_desc *desc)
{
	uint32_t status = le32toh(desc->status);
	uint32_t index = status >> E1000VF_CTX_IDX_SHIFT &
			 E1000VF_TXS_IDX_MASK;

	if (index >= E1000VF_CONTEXTS)
		return;
	context[index].lens = le64toh(desc->addr);
	context[index].cmd = le32toh(desc->cmd);
	context[index].mss = status;
}

static void take_data(struct vf *vf, struct tx_frame *tf,
		      const struct e1000vf_tx_desc *desc)
{
	uint32_t cmd = le32toh(desc->cmd);
	size_t len = cmd & E1000VF_TXD_LEN_MASK;

	if (!tf->first) {
		tf->first = true;
		tf->cmd = cmd;
		tf->status = le32toh(desc->status);
	}
	if ((cmd & E1000VF_TXD_TYPE_MASK) != E1000VF_TXD_DATA ||
	    !(cmd & E1000VF_TXD_DEXT) || len > FRAME_MAX - tf->f.len)
		tf->bad = true;
	if (tf->bad || !len)
		return;
	if (dma_read(vf->env.dma, le64toh(desc->addr), tf->f.data + tf->f.len,
		     len))
		tf->bad = true;
	else
		tf->f.len += len;
}

/* The IPv4 header's checksum, where the context says it is. */
static int insert_ip_csum(struct frame *f, size_t l3, size_t l4)
{
	struct frame header = {
		.data = f->data, .len = l4, .csum_partial = true,
		.csum_start = l3, .csum_offset = 10,
	};

	if (l4 < l3 + 20 || l4 > f->len)
		return -EINVAL;
	memset(f->data + l3 + 10, 0, 2);
	return frame_finish_csum(&header);
}

/* Do what the first data descriptor asks for, with its context. */
static int apply_offloads(struct tx_frame *tf, const struct vf_context *ctx)
{
	size_t l3 = ctx->lens >> E1000VF_CTX_MACLEN & E1000VF_CTX_MACLEN_MASK;
	size_t l4 = l3 + (ctx->lens & E1000VF_CTX_IPLEN_MASK);
	struct frame *f = &tf->f;

	if (tf->cmd & E1000VF_TXD_VLE) {
		f->has_vlan = true;
		f->vlan_tci = ctx->lens >> E1000VF_CTX_VLAN;
	}
	if (tf->cmd & E1000VF_TXD_TSE) {
		f->gso_size = ctx->mss >> E1000VF_CTX_MSS;
		f->hdr_len = l4 + (ctx->mss >> E1000VF_CTX_L4LEN &
				   E1000VF_CTX_L4LEN_MASK);
		frame_take_tag(f);
		if (!f->gso_size || frame_prepare_gso(f))
			return -EINVAL;
		if (f->len <= (size_t)f->hdr_len + f->gso_size)
			f->gso_size = 0;
		return 0;
	}
	if (tf->status & E1000VF_TXS_IXSM && insert_ip_csum(f, l3, l4))
		return -EINVAL;
	if (tf->status & E1000VF_TXS_TXSM) {
		f->csum_partial = true;
		f->csum_start = l4;
		f->csum_offset = (ctx->cmd & E1000VF_CTX_L4T_MASK) ==
				 E1000VF_CTX_L4T_TCP ? 16 : 6;
		if (l4 + f->csum_offset + 2 > f->len)
			return -EINVAL;
	}
	frame_take_tag(f);
	return 0;
}

/* Copy the frame between head and end out of the guest's memory. */
static void gather(struct vf *vf, const struct vf_ring *ring,
		   const struct e1000vf_tx_desc *desc, uint32_t end,
		   struct vf_context *context, struct tx_frame *tf)
{
	const struct vf_context none = { 0 }, *ctx = &none;
	uint32_t i = ring->head, index;

	memset(tf, 0, sizeof(*tf));
	tf->f.data = vf->tx_buf + VF_HEADROOM;
	for (;; i = next(ring, i)) {
		struct e1000vf_tx_desc copy = get_desc(&desc[i]);

		if (is_context(le32toh(copy.cmd)))
			take_context(context, &copy);
		else
			take_data(vf, tf, &copy);
		if (i == end)
			break;
	}
	if (tf->f.len < FRAME_HEADER_LEN)
		tf->bad = true;
	if (tf->bad)
		return;
	index = tf->status >> E1000VF_TXS_IDX_SHIFT & E1000VF_TXS_IDX_MASK;
	if (index < E1000VF_CONTEXTS)
		ctx = &context[index];
	if (apply_offloads(tf, ctx))
		tf->bad = true;
}

/* Tell the guest that everything up to end is done.  True: it wants to know. */
static bool write_back(const struct vf_ring *ring,
		       struct e1000vf_tx_desc *desc, uint32_t end)
{
	uint32_t i = ring->head;
	bool told = false;

	for (;; i = next(ring, i)) {
		uint32_t cmd = le32toh(get_desc(&desc[i]).cmd);

		if (!is_context(cmd) && cmd & E1000VF_TXD_RS) {
			__atomic_store_n(&desc[i].status,
					 htole32(E1000VF_TXS_DD),
					 __ATOMIC_RELEASE);
			told = true;
		}
		if (i == end)
			return told;
	}
}

/* Is it worth trying again?  Notes since when the queue is blocked. */
static bool may_wait(struct vf_tx *tx)
{
	uint64_t now = loop_now();

	if (!tx->blocked_since)
		tx->blocked_since = now;
	tx->blocked = now - tx->blocked_since < GIVE_UP_NS;
	tx->retry_at = now + RETRY_NS;
	return tx->blocked;
}

/* Send the frame that ends at end; false if it has to wait. */
static bool send_frame(struct vf *vf, struct vf_tx *tx,
		       struct e1000vf_tx_desc *desc, uint32_t end, bool last)
{
	struct vf_context context[E1000VF_CONTEXTS];
	struct tx_frame tf;
	size_t bytes;
	int err;

	memcpy(context, tx->context, sizeof(context));
	gather(vf, &tx->ring, desc, end, context, &tf);
	bytes = tf.f.len;
	if (tf.bad) {
		vf->port.stats.tx_dropped++;
	} else {
		err = eswitch_send(vf->env.sw, &vf->port, &tf.f);
		if (err == -EAGAIN && !last && may_wait(tx))
			return false;
		if (err)
			vf->port.stats.tx_dropped++;
		else
			vf_count_tx(vf, bytes);
	}
	tx->blocked = false;
	tx->blocked_since = 0;
	memcpy(tx->context, context, sizeof(context));
	return true;
}

bool vf_tx_poll(struct vf *vf, unsigned int queue, unsigned int budget,
		bool last)
{
	struct vf_tx *tx = &vf->tx[queue];
	struct vf_ring *ring = &tx->ring;
	struct e1000vf_tx_desc *desc;
	bool work = false, told = false;
	uint32_t tail, end;

	if (!ring->enabled)
		return false;
	if (tx->blocked && !last && loop_now() < tx->retry_at)
		return false;
	tail = vf_reg_get(vf, E1000VF_TDT(queue));
	if (tail == ring->head || tail >= ring->size)
		return false;
	desc = vf_ring_map(vf, ring);
	if (!desc)
		return false;
	while (budget-- && find_end(ring, desc, tail, &end)) {
		if (!send_frame(vf, tx, desc, end, last))
			break;
		told |= write_back(ring, desc, end);
		ring->head = next(ring, end);
		work = true;
	}
	if (work)
		vf_reg_set(vf, E1000VF_TDH(queue), ring->head);
	if (told)
		vf_intr_tx(vf, queue);
	return work;
}
