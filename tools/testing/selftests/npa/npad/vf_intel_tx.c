// SPDX-License-Identifier: GPL-2.0
/*
 * Models of Intel's VFs: transmit rings.
 *
 * Descriptors and data are in the guest's memory and may change while they
 * are looked at: each is copied, then checked, and what it says bounds
 * nothing but the copy.
 */
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "vf_intel.h"

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
	return (cmd & ADV_TXD_TYPE_MASK) == ADV_TXD_CTX;
}

static struct adv_tx_desc get_desc(const struct adv_tx_desc *desc)
{
	const volatile struct adv_tx_desc *p = desc;
	struct adv_tx_desc copy;

	copy.addr = p->addr;
	copy.cmd = p->cmd;
	copy.status = p->status;
	return copy;
}

/* Find the last descriptor of the frame at the head. */
static bool find_end(const struct vf_ring *ring,
		     const struct adv_tx_desc *desc, uint32_t tail,
		     uint32_t *end)
{
	uint32_t i;

	for (i = ring->head; i != tail; i = next(ring, i)) {
		uint32_t cmd = le32toh(get_desc(&desc[i]).cmd);

		if (!is_context(cmd) && cmd & ADV_TXD_EOP) {
			*end = i;
			return true;
		}
	}
	return false;
}

static void take_context(struct vf_context *context,
			 const struct adv_tx_desc *desc)
{
	uint32_t status = le32toh(desc->status);
	uint32_t index = status >> ADV_CTX_IDX_SHIFT &
			 ADV_TXS_IDX_MASK;

	if (index >= ADV_CONTEXTS)
		return;
	context[index].lens = le64toh(desc->addr);
	context[index].cmd = le32toh(desc->cmd);
	context[index].mss = status;
}

static void take_data(struct vf *vf, struct tx_frame *tf,
		      const struct adv_tx_desc *desc)
{
	uint32_t cmd = le32toh(desc->cmd);
	size_t len = cmd & ADV_TXD_LEN_MASK;

	if (!tf->first) {
		tf->first = true;
		tf->cmd = cmd;
		tf->status = le32toh(desc->status);
	}
	if ((cmd & ADV_TXD_TYPE_MASK) != ADV_TXD_DATA ||
	    !(cmd & ADV_TXD_DEXT) || len > FRAME_MAX - tf->f.len)
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

/*
 * Is everything there that the hardware segments by?  A driver that leaves out
 * some of it gets damaged segments there; here it gets none.
 */
static bool segment_ok(const struct tx_frame *tf, const struct vf_context *ctx,
		       size_t l3)
{
	const struct frame *f = &tf->f;
	bool ipv4 = l3 < f->len && f->data[l3] >> 4 == 4;

	if (!(tf->status & ADV_TXS_TXSM))
		return false;
	if (ipv4 && !(tf->status & ADV_TXS_IXSM))
		return false;
	if (ipv4 != !!(ctx->cmd & ADV_CTX_IPV4))
		return false;
	return tf->status >> ADV_TXS_PAYLEN == f->len - f->hdr_len;
}

/* Do what the first data descriptor asks for, with its context. */
static int apply_offloads(struct tx_frame *tf, const struct vf_context *ctx)
{
	size_t l3 = ctx->lens >> ADV_CTX_MACLEN & ADV_CTX_MACLEN_MASK;
	size_t l4 = l3 + (ctx->lens & ADV_CTX_IPLEN_MASK);
	struct frame *f = &tf->f;

	if (tf->cmd & ADV_TXD_VLE) {
		f->has_vlan = true;
		f->vlan_tci = ctx->lens >> ADV_CTX_VLAN;
	}
	if (tf->cmd & ADV_TXD_TSE) {
		f->gso_size = ctx->mss >> ADV_CTX_MSS;
		f->hdr_len = l4 + (ctx->mss >> ADV_CTX_L4LEN &
				   ADV_CTX_L4LEN_MASK);
		if (!segment_ok(tf, ctx, l3))
			return -EINVAL;
		frame_take_tag(f);
		if (!f->gso_size || frame_prepare_gso(f))
			return -EINVAL;
		if (f->len <= (size_t)f->hdr_len + f->gso_size)
			f->gso_size = 0;
		return 0;
	}
	if (tf->status & ADV_TXS_IXSM && insert_ip_csum(f, l3, l4))
		return -EINVAL;
	if (tf->status & ADV_TXS_TXSM) {
		f->csum_partial = true;
		f->csum_start = l4;
		f->csum_offset = (ctx->cmd & ADV_CTX_L4T_MASK) ==
				 ADV_CTX_L4T_TCP ? 16 : 6;
		if (l4 + f->csum_offset + 2 > f->len)
			return -EINVAL;
	}
	frame_take_tag(f);
	return 0;
}

/* Copy the frame between head and end out of the guest's memory. */
static void gather(struct vf *vf, const struct vf_ring *ring,
		   const struct adv_tx_desc *desc, uint32_t end,
		   struct vf_context *context, struct tx_frame *tf)
{
	const struct vf_context none = { 0 }, *ctx = &none;
	uint32_t i = ring->head, index;

	memset(tf, 0, sizeof(*tf));
	tf->f.data = vf->tx_buf + VF_HEADROOM;
	for (;; i = next(ring, i)) {
		struct adv_tx_desc copy = get_desc(&desc[i]);

		if (is_context(le32toh(copy.cmd)))
			take_context(context, &copy);
		else
			take_data(vf, tf, &copy);
		if (i == end)
			break;
	}
	if (tf->f.len < FRAME_HEADER_LEN)
		tf->bad = true;
	if (vf->model->tx_context && !(tf->status & ADV_TXS_CC))
		tf->bad = true;
	if (tf->bad)
		return;
	index = tf->status >> ADV_TXS_IDX_SHIFT & ADV_TXS_IDX_MASK;
	if (index < ADV_CONTEXTS)
		ctx = &context[index];
	if (apply_offloads(tf, ctx))
		tf->bad = true;
}

/* Tell the guest that everything up to end is done.  True: it wants to know. */
static bool write_back(const struct vf_ring *ring,
		       struct adv_tx_desc *desc, uint32_t end)
{
	uint32_t i = ring->head;
	bool told = false;

	for (;; i = next(ring, i)) {
		uint32_t cmd = le32toh(get_desc(&desc[i]).cmd);

		if (!is_context(cmd) && cmd & ADV_TXD_RS) {
			__atomic_store_n(&desc[i].status,
					 htole32(ADV_TXS_DD),
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

/* Send the frame that ends at end; what it has cost, 0 if it has to wait. */
static unsigned int send_frame(struct vf *vf, struct vf_tx *tx,
			       struct adv_tx_desc *desc, uint32_t end,
			       bool last)
{
	struct vf_context context[ADV_CONTEXTS];
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
			return 0;
		if (err) {
			vf->port.stats.tx_dropped++;
		} else {
			vf->tx_count[tx - vf->tx].packets++;
			vf->tx_count[tx - vf->tx].bytes += bytes;
			vf->model->count_tx(vf, bytes);
		}
	}
	tx->blocked = false;
	tx->blocked_since = 0;
	memcpy(tx->context, context, sizeof(context));
	return frame_cost(&tf.f);
}

bool vf_tx_poll(struct vf *vf, unsigned int queue, unsigned int budget,
		bool last)
{
	struct vf_tx *tx = &vf->tx[queue];
	struct vf_ring *ring = &tx->ring;
	struct adv_tx_desc *desc;
	bool work = false, told = false;
	unsigned int cost, used = 0;
	uint32_t tail, end;

	if (!ring->enabled)
		return false;
	if (tx->blocked && !last && loop_now() < tx->retry_at)
		return false;
	tail = vf_reg_get(vf, vf_txq(vf, queue) + ADV_Q_TAIL);
	if (tail == ring->head || tail >= ring->size)
		return false;
	desc = vf_ring_map(vf, ring);
	if (!desc)
		return false;
	while (used < budget && find_end(ring, desc, tail, &end)) {
		cost = send_frame(vf, tx, desc, end, last);
		if (!cost)
			break;
		used += cost;
		told |= write_back(ring, desc, end);
		ring->head = next(ring, end);
		work = true;
	}
	if (work)
		vf_reg_set(vf, vf_txq(vf, queue) + ADV_Q_HEAD, ring->head);
	if (told)
		vf_intr_tx(vf, queue);
	return work;
}

uint64_t vf_tx_posted(struct vf *vf, unsigned int queue)
{
	const struct vf_ring *ring = &vf->tx[queue].ring;
	uint32_t tail = vf_reg_get(vf, vf_txq(vf, queue) + ADV_Q_TAIL), i;
	const struct adv_tx_desc *desc;
	uint64_t frames = 0;

	if (!ring->enabled || tail >= ring->size)
		return 0;
	desc = vf_ring_map(vf, ring);
	if (!desc)
		return 0;
	for (i = ring->head; i != tail; i = next(ring, i)) {
		uint32_t cmd = le32toh(get_desc(&desc[i]).cmd);

		frames += !is_context(cmd) && cmd & ADV_TXD_EOP;
	}
	return frames;
}
