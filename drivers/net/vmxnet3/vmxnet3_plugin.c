// SPDX-License-Identifier: GPL-2.0
/*
 * The vmxnet3 plugin: rings and descriptors of the emulated device behind the
 * Shell API.  It knows nothing of sk_buffs, interrupts or the
 * device's control registers.
 *
 * A TX ring has one completion ring of the same size.  An RX queue has two
 * buffer rings and one completion ring of twice their size: ring 1 holds small
 * buffers for the start of a frame, ring 2 large ones for the rest, and is
 * left empty while every frame fits into a small buffer.  Buffer ids: ring 1
 * has 0 to ring_size - 1, ring 2 the same number after them.
 *
 * Device revisions from 3 on may have data rings, for short frames: a frame to
 * send is copied to the entry beside its descriptor; one received comes in the
 * entry beside the buffer that it has cost, and the shell copies it from there.
 * From revision 9 on there may be timestamp rings, see vmxnet3_stamp.h.
 *
 * Ownership of a descriptor is in its generation bit, which changes its
 * meaning with each round.
 */
#include <linux/bitfield.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/string.h>

#include "vmxnet3_desc.h"
#include "vmxnet3_hw.h"
#include "vmxnet3_plugin.h"
#include "vmxnet3_shell_calls.h"
#include "vmxnet3_stamp.h"

/* A frame has at most NPA_TX_MAX_SG pieces and 64 KiB + headers. */
#define TX_ENTRIES_PER_FRAME	(NPA_TX_MAX_SG + 6)
#define RX_REFILL_BATCH		16
#define RX_RINGS		2

/* What it says when it cannot work; the shell logs the number. */
enum plugin_error {
	PLUGIN_BAD_STATE = 1,		/* too many queues, too little memory */
	PLUGIN_NO_BUFFERS = 2,
};

struct tx_state {
	struct vmxnet3_tx_desc *ring;
	struct vmxnet3_tx_comp *comp;
	u32 mask;
	u32 next_fill;
	u32 next_clean;		/* first descriptor of the oldest frame */
	u32 next_comp;
	u32 gen;		/* VMXNET3_TXD_GEN or 0 */
	u32 comp_gen;		/* VMXNET3_COMP_GEN or 0 */
	u32 unrung;		/* the doorbell is owed */
	void __iomem *doorbell;
	/* of tx_extra(): */
	u8 *data;		/* data ring, or NULL */
	u64 data_pa;
	u32 data_len;		/* bytes of its entries */
	u32 copy_len;		/* the longest frame that is copied there */
	u8 *stamps;		/* timestamp ring, or NULL */
	u32 stamp_len;
	u32 until_stamp;	/* frames */
};

struct rx_ring {
	struct vmxnet3_rx_desc *ring;
	void __iomem *doorbell;
	u32 next_fill;
	u32 next_done;
	u32 empty;		/* entries without a buffer */
	u32 gen;		/* VMXNET3_RXD_GEN or 0 */
	u32 btype;
	u32 buf_len;
	u32 first_id;
};

struct rx_state {
	struct rx_ring rings[RX_RINGS];
	struct vmxnet3_rx_comp *comp;
	const struct vmxnet3_rx_queue_ctrl *ctrl;
	u32 mask;
	u32 comp_mask;
	u32 next_comp;
	u32 comp_gen;		/* VMXNET3_COMP_GEN or 0 */
	u32 num_rings;		/* in use */
	u32 data_len;		/* bytes of a data ring's entry, 0: none */
	u32 stamp_len;		/* and of a timestamp ring's */
	u8 *stamps;
	/* the frame being collected; completions may arrive in pieces */
	u32 sg_count;
	u32 byte_length;
	u32 damaged;
	struct npa_rx_sg sg[NPA_RX_MAX_SG];
	/* of a batch of buffers; not on the stack, which may be cleared */
	u64 addr[RX_REFILL_BATCH];
};

struct plugin_priv {
	struct tx_state tx[VMXNET3_EXT_MAX_TX_QUEUES];
	struct rx_state rx[];	/* of the queues in use */
};

/**
 * vmxnet3_plugin_private_len() - private area that the plugin needs
 * @num_queues: pairs
 *
 * An image would say so in its header.
 *
 * Return: bytes.
 */
u32 vmxnet3_plugin_private_len(u32 num_queues)
{
	return struct_size_t(struct plugin_priv, rx, num_queues);
}

static struct tx_state *tx_state(struct npa_plugin_state *ps, u32 queue)
{
	struct plugin_priv *priv = ps->priv;

	return &priv->tx[queue];
}

static struct rx_state *rx_state(struct npa_plugin_state *ps, u32 queue)
{
	struct plugin_priv *priv = ps->priv;

	return &priv->rx[queue];
}

static u32 NPA_CALL vmxnet3_plugin_sw_init(struct npa_plugin_state *ps)
{
	u32 len = vmxnet3_plugin_private_len(ps->num_rx_queues);

	if (ps->num_tx_queues > VMXNET3_EXT_MAX_TX_QUEUES ||
	    ps->num_rx_queues > VMXNET3_EXT_MAX_RX_QUEUES ||
	    ps->priv_len < len)
		return PLUGIN_BAD_STATE;

	memset(ps->priv, 0, len);
	return 0;
}

void NPA_CALL vmxnet3_plugin_enable_interrupt(struct npa_plugin_state *ps,
					      u32 intr)
{
	npa_mmio_write32(0, ps->mmio + VMXNET3_PT_IMR +
			    intr * VMXNET3_REG_STRIDE);
}

static void NPA_CALL
vmxnet3_plugin_disable_interrupt(struct npa_plugin_state *ps, u32 intr)
{
	npa_mmio_write32(1, ps->mmio + VMXNET3_PT_IMR +
			    intr * VMXNET3_REG_STRIDE);
}

/* The same register is in two places; capabilities say which one counts. */
static void __iomem *doorbell(const struct npa_plugin_state *ps, u32 queue,
			      u32 usual, u32 large)
{
	u32 caps = ps->device_info[VMXNET3_PLUGIN_INFO_CAPS];

	return ps->mmio + (caps & VMXNET3_CAP_LARGE_BAR ? large : usual) +
	       queue * VMXNET3_REG_STRIDE;
}

/* TX */

static void tx_init_extra(struct npa_plugin_state *ps, struct tx_state *tx,
			  const struct npa_queue *q)
{
	const struct npa_ring_seg *seg = &q->seg[VMXNET3_TX_SEG_DATA];

	if (seg->va) {
		tx->data = seg->va;
		tx->data_pa = seg->pa;
		tx->data_len = ps->device_info[VMXNET3_PLUGIN_INFO_TX_DATA];
		tx->copy_len = min_t(u32, tx->data_len, NPA_TX_HEAD_LEN);
	}
	seg = &q->seg[VMXNET3_TX_SEG_STAMP];
	if (seg->va) {
		tx->stamps = seg->va;
		tx->stamp_len = ps->device_info[VMXNET3_PLUGIN_INFO_TX_STAMP];
		memset(tx->stamps, 0, seg->length);
	}
}

static u32 NPA_CALL vmxnet3_plugin_reinit_tx(struct npa_plugin_state *ps,
					     u32 queue)
{
	struct tx_state *tx = tx_state(ps, queue);
	struct npa_queue *q = &ps->tx[queue];

	memset(tx, 0, sizeof(*tx));
	tx->ring = q->seg[VMXNET3_TX_SEG_RING].va;
	tx->comp = q->seg[VMXNET3_TX_SEG_COMP].va;
	tx->mask = q->ring_size - 1;
	tx->gen = VMXNET3_TXD_GEN;
	tx->comp_gen = VMXNET3_COMP_GEN;
	tx->doorbell = doorbell(ps, queue, VMXNET3_PT_TXPROD,
				VMXNET3_PT_LARGE_TXPROD);
	memset(tx->ring, 0, q->ring_size * sizeof(*tx->ring));
	memset(tx->comp, 0, q->ring_size * sizeof(*tx->comp));
	tx_init_extra(ps, tx, q);

	/* The device takes a full ring for an empty one: leave one free. */
	npa_write_once(q->tx_added, 1);
	npa_write_once(q->tx_done, 0);
	return 0;
}

/* The words of a frame's last descriptor that say what is to be done. */
static u32 tx_offload(const struct npa_tx_info *info, u32 *mssof)
{
	u32 ctl2 = 0;

	if (info->flags & NPA_TX_TSO) {
		ctl2 = FIELD_PREP(VMXNET3_TXD_OM, VMXNET3_TXD_OM_TSO) |
		       FIELD_PREP(VMXNET3_TXD_HLEN, info->l4_payload_offset);
		*mssof = FIELD_PREP(VMXNET3_TXD_MSSCOF, info->mss);
	} else if (info->flags & NPA_TX_CSUM) {
		ctl2 = FIELD_PREP(VMXNET3_TXD_OM, VMXNET3_TXD_OM_CSUM) |
		       FIELD_PREP(VMXNET3_TXD_HLEN, info->l4_offset);
		*mssof = FIELD_PREP(VMXNET3_TXD_MSSCOF,
				    info->l4_offset + info->csum_offset);
	}
	if (info->flags & NPA_TX_VLAN)
		ctl2 |= VMXNET3_TXD_TI |
			FIELD_PREP(VMXNET3_TXD_TCI, info->vlan_tag);
	return ctl2;
}

/* Entries that the pieces of a frame take; one is at most 16 KiB. */
static u32 tx_entries(const struct npa_tx_info *info)
{
	u32 n = info->sg_count;
	u32 i;

	if (likely(info->byte_length <= VMXNET3_TXD_MAX_LEN))
		return n;
	for (i = 0; i < info->sg_count; i++)
		n += (info->sg[i].length - 1) / VMXNET3_TXD_MAX_LEN;
	return n;
}

static void tx_ring_doorbell(struct tx_state *tx)
{
	tx->unrung = 0;
	npa_mmio_write32(tx->next_fill, tx->doorbell);
}

/* Copy a short frame, which is in one piece, and describe the copy. */
static bool tx_copy(const struct tx_state *tx, u32 index,
		    const struct npa_tx_info *info, struct npa_tx_sg *copy)
{
	u32 offset = index * tx->data_len;

	if (info->byte_length > tx->copy_len || info->sg_count != 1)
		return false;
	memcpy(tx->data + offset, info->head, info->byte_length);
	copy->addr = tx->data_pa + offset;
	copy->length = info->byte_length;
	return true;
}

/* The device asks for the time of one frame in so many. */
static void tx_stamp(struct npa_plugin_state *ps, struct tx_state *tx,
		     u32 index)
{
	const struct vmxnet3_tx_queue_desc *desc =
		container_of((struct vmxnet3_tx_queue_ctrl *)ps->tx[0].ctrl,
			     struct vmxnet3_tx_queue_desc, ctrl);
	u32 rate = npa_le16_to_cpu(npa_read_once(desc->ts.sample_rate));
	struct vmxnet3_ts_desc *stamp =
		(void *)(tx->stamps + index * tx->stamp_len);

	stamp->info = 0;
	if (!rate)
		return;
	if (tx->until_stamp) {
		tx->until_stamp--;
		return;
	}
	tx->until_stamp = rate - 1;
	stamp->info = vmxnet3_stamp();
}

/* @extra: there may be rings for data and timestamps. */
static __always_inline u32 tx_add_frame(struct npa_plugin_state *ps, u32 queue,
					const struct npa_tx_info *info,
					u32 last_hint, const bool extra)
{
	struct tx_state *tx = tx_state(ps, queue);
	const struct npa_tx_sg *sg = info->sg;
	struct npa_tx_sg copy;
	struct npa_queue *q = &ps->tx[queue];
	struct vmxnet3_tx_desc *first, *desc;
	u32 entries = tx_entries(info);
	u32 fill = tx->next_fill;
	u32 mssof = 0;
	u32 ctl2, gen, i;

	if (q->ring_size - (q->tx_added - npa_read_once(q->tx_done)) < entries)
		return 1;

	ctl2 = tx_offload(info, &mssof);
	first = &tx->ring[fill];
	if (extra && tx->data && tx_copy(tx, fill, info, &copy))
		sg = &copy;
	if (extra && tx->stamps)
		tx_stamp(ps, tx, fill);
	/* The device must not start before the whole frame is there. */
	gen = tx->gen ^ VMXNET3_TXD_GEN;
	i = 0;
	do {
		u32 left = sg[i].length;
		u64 addr = sg[i].addr;

		do {
			u32 len = min_t(u32, left, VMXNET3_TXD_MAX_LEN);

			desc = &tx->ring[fill];
			desc->addr = npa_cpu_to_le64(addr);
			/* 16384 wraps to 0, which is how it is encoded. */
			desc->ctl = npa_cpu_to_le32((len & VMXNET3_TXD_LEN) |
						    gen | mssof);
			desc->ctl2 = npa_cpu_to_le32(ctl2);
			gen = tx->gen;
			if (++fill > tx->mask) {
				fill = 0;
				tx->gen ^= VMXNET3_TXD_GEN;
				gen = tx->gen;
			}
			addr += len;
			left -= len;
		} while (unlikely(left));
	} while (++i < info->sg_count);
	desc->ctl2 = npa_cpu_to_le32(ctl2 | VMXNET3_TXD_EOP | VMXNET3_TXD_CQ);
	tx->next_fill = fill;
	npa_write_once(q->tx_added, q->tx_added + entries);

	/* Pairs with the device reading the first descriptor's generation. */
	npa_wmb();
	first->ctl ^= npa_cpu_to_le32(VMXNET3_TXD_GEN);

	if (last_hint)
		tx_ring_doorbell(tx);
	else
		tx->unrung = 1;
	return 0;
}

/* Called directly by a shell that has no rings for data and timestamps. */
u32 NPA_CALL vmxnet3_plugin_add_frame(struct npa_plugin_state *ps, u32 queue,
				      const struct npa_tx_info *info,
				      u32 last_hint)
{
	return tx_add_frame(ps, queue, info, last_hint, false);
}

static u32 NPA_CALL tx_add_frame_extra(struct npa_plugin_state *ps, u32 queue,
				       const struct npa_tx_info *info,
				       u32 last_hint)
{
	return tx_add_frame(ps, queue, info, last_hint, true);
}

static void NPA_CALL vmxnet3_plugin_flush_tx(struct npa_plugin_state *ps,
					     u32 queue)
{
	struct tx_state *tx = tx_state(ps, queue);

	if (tx->unrung)
		tx_ring_doorbell(tx);
}

u32 NPA_CALL vmxnet3_plugin_check_tx(struct npa_plugin_state *ps, u32 queue)
{
	struct tx_state *tx = tx_state(ps, queue);
	struct npa_queue *q = &ps->tx[queue];
	u32 frames = 0;
	u32 entries = 0;

	while (frames <= tx->mask) {
		struct vmxnet3_tx_comp *comp = &tx->comp[tx->next_comp];
		u32 index;

		if ((npa_le32_to_cpu(npa_read_once(comp->ctl)) &
		     VMXNET3_COMP_GEN) != tx->comp_gen)
			break;
		/* Pairs with the device writing the generation last. */
		npa_rmb();
		index = FIELD_GET(VMXNET3_TXC_INDEX,
				  npa_le32_to_cpu(comp->index)) & tx->mask;
		entries += ((index - tx->next_clean) & tx->mask) + 1;
		tx->next_clean = (index + 1) & tx->mask;
		if (++tx->next_comp > tx->mask) {
			tx->next_comp = 0;
			tx->comp_gen ^= VMXNET3_COMP_GEN;
		}
		frames++;
	}
	if (frames) {
		npa_write_once(q->tx_done, q->tx_done + entries);
		npa_complete_send(ps, q->handle, frames);
	}
	return frames;
}

/* RX */

/*
 * Fill empty entries of one ring; returns how many.  All of them or a
 * multiple of the batch: a ring that is nearly full is left alone.
 */
static u32 rx_fill_ring(struct npa_plugin_state *ps, struct rx_state *rx,
			struct rx_ring *ring, void *handle, u32 least)
{
	u64 *addr = rx->addr;
	u32 filled = 0;

	while (ring->empty >= least && ring->empty) {
		u32 want = min3(ring->empty, (u32)RX_REFILL_BATCH,
				rx->mask + 1 - ring->next_fill);
		u32 got, i;

		if (ring->btype)
			got = npa_alloc_large_buffers(ps, handle,
						      ring->first_id +
						      ring->next_fill,
						      want, addr);
		else
			got = npa_alloc_small_buffers(ps, handle,
						      ring->first_id +
						      ring->next_fill,
						      want, addr);
		for (i = 0; i < got; i++) {
			struct vmxnet3_rx_desc *desc;

			desc = &ring->ring[ring->next_fill + i];
			desc->addr = npa_cpu_to_le64(addr[i]);
			/* Pairs with the device reading the generation. */
			npa_wmb();
			npa_write_once(desc->ctl,
				       npa_cpu_to_le32(ring->buf_len |
						       ring->btype |
						       ring->gen));
		}
		filled += got;
		ring->empty -= got;
		ring->next_fill += got;
		if (ring->next_fill > rx->mask) {
			ring->next_fill = 0;
			ring->gen ^= VMXNET3_RXD_GEN;
		}
		if (got < want)
			break;
	}
	return filled;
}

static void rx_fill(struct npa_plugin_state *ps, u32 queue, u32 least)
{
	struct rx_state *rx = rx_state(ps, queue);
	void *handle = ps->rx[queue].handle;
	u32 r;

	for (r = 0; r < rx->num_rings; r++) {
		struct rx_ring *ring = &rx->rings[r];

		if (rx_fill_ring(ps, rx, ring, handle, least) &&
		    unlikely(rx->ctrl && npa_read_once(rx->ctrl->update_rx_prod)))
			npa_mmio_write32(ring->next_fill, ring->doorbell);
	}
}

void NPA_CALL vmxnet3_plugin_add_buffers(struct npa_plugin_state *ps,
					 u32 queue)
{
	rx_fill(ps, queue, RX_REFILL_BATCH);
}

static void rx_init_ring(struct npa_plugin_state *ps, u32 queue, u32 r)
{
	struct rx_state *rx = rx_state(ps, queue);
	struct npa_queue *q = &ps->rx[queue];
	struct rx_ring *ring = &rx->rings[r];

	ring->ring = q->seg[VMXNET3_RX_SEG_RINGS].va +
		     r * (q->seg[VMXNET3_RX_SEG_RINGS].length / 2);
	ring->doorbell = r ? doorbell(ps, queue, VMXNET3_PT_RXPROD2,
				      VMXNET3_PT_LARGE_RXPROD2) :
			     doorbell(ps, queue, VMXNET3_PT_RXPROD,
				      VMXNET3_PT_LARGE_RXPROD);
	/* One entry stays empty, so that full and empty differ. */
	ring->empty = q->ring_size - 1;
	ring->gen = VMXNET3_RXD_GEN;
	ring->btype = r ? VMXNET3_RXD_BTYPE_BODY : 0;
	ring->buf_len = FIELD_PREP(VMXNET3_RXD_LEN,
				   r ? ps->large_len : ps->small_len);
	ring->first_id = r * q->ring_size;
	memset(ring->ring, 0, q->ring_size * sizeof(*ring->ring));
}

static u32 NPA_CALL vmxnet3_plugin_reinit_rx(struct npa_plugin_state *ps,
					     u32 queue)
{
	struct rx_state *rx = rx_state(ps, queue);
	struct npa_queue *q = &ps->rx[queue];
	u32 r;

	memset(rx, 0, sizeof(*rx));
	rx->comp = q->seg[VMXNET3_RX_SEG_COMP].va;
	rx->ctrl = q->ctrl;
	rx->mask = q->ring_size - 1;
	rx->comp_mask = RX_RINGS * q->ring_size - 1;
	rx->comp_gen = VMXNET3_COMP_GEN;
	/* Header, tag and frame check sequence: 22 bytes. */
	rx->num_rings = ps->merge || ps->mtu + 22 > ps->small_len ?
			RX_RINGS : 1;
	memset(rx->comp, 0, RX_RINGS * q->ring_size * sizeof(*rx->comp));
	if (q->seg[VMXNET3_RX_SEG_DATA].va)
		rx->data_len = ps->device_info[VMXNET3_PLUGIN_INFO_RX_DATA];
	rx->stamps = q->seg[VMXNET3_RX_SEG_STAMP].va;
	if (rx->stamps) {
		rx->stamp_len = ps->device_info[VMXNET3_PLUGIN_INFO_RX_STAMP];
		memset(rx->stamps, 0, q->seg[VMXNET3_RX_SEG_STAMP].length);
	}
	for (r = 0; r < RX_RINGS; r++)
		rx_init_ring(ps, queue, r);

	rx_fill(ps, queue, 1);
	for (r = 0; r < rx->num_rings; r++)
		if (rx->rings[r].empty > q->ring_size / 2)
			return PLUGIN_NO_BUFFERS;
	return 0;
}

/* What the last completion of a frame says of it. */
static void rx_describe(const struct vmxnet3_rx_comp *comp,
			struct npa_rx_frame *frame)
{
	u32 flags = npa_le32_to_cpu(comp->flags);
	u32 ctl = npa_le32_to_cpu(comp->ctl);
	u32 len = npa_le32_to_cpu(comp->len);
	u32 type = FIELD_GET(VMXNET3_RXC_RSS_TYPE, ctl);

	frame->flags = (flags & VMXNET3_RXC_V4 ? NPA_RX_IPV4 : 0) |
		       (flags & VMXNET3_RXC_V6 ? NPA_RX_IPV6 : 0) |
		       (flags & VMXNET3_RXC_TCP ? NPA_RX_TCP : 0) |
		       (flags & VMXNET3_RXC_UDP ? NPA_RX_UDP : 0);
	frame->vlan_tag = 0;
	if (len & VMXNET3_RXC_TS) {
		frame->flags |= NPA_RX_VLAN;
		frame->vlan_tag = FIELD_GET(VMXNET3_RXC_TCI, len);
	}

	/* The device's word counts only for what it says it has looked at. */
	frame->ip_csum = NPA_CSUM_UNKNOWN;
	frame->l4_csum = NPA_CSUM_UNKNOWN;
	if (!(ctl & VMXNET3_RXC_CNC)) {
		if (flags & VMXNET3_RXC_V4)
			frame->ip_csum = flags & VMXNET3_RXC_IPC ?
				NPA_CSUM_CORRECT : NPA_CSUM_INCORRECT;
		if (flags & (VMXNET3_RXC_TCP | VMXNET3_RXC_UDP) &&
		    !(flags & VMXNET3_RXC_FRG))
			frame->l4_csum = flags & VMXNET3_RXC_TUC ?
				NPA_CSUM_CORRECT : NPA_CSUM_INCORRECT;
	}

	frame->hash = npa_le32_to_cpu(comp->hash);
	if (type == VMXNET3_RSS_TYPE_NONE)
		frame->hash_type = NPA_HASH_NONE;
	else if (type == VMXNET3_RSS_TYPE_TCP_IPV4 ||
		 type == VMXNET3_RSS_TYPE_TCP_IPV6)
		frame->hash_type = NPA_HASH_L4;
	else
		frame->hash_type = NPA_HASH_L3;
}

/*
 * The device may pass over buffers.  They come back to the shell, and their
 * entries are filled anew in their turn.
 */
static void rx_skip(struct npa_plugin_state *ps, u32 queue,
		    struct rx_state *rx, struct rx_ring *ring, u32 index)
{
	while (ring->next_done != index && ring->empty < rx->mask) {
		npa_free_buffer(ps, ps->rx[queue].handle,
				ring->first_id + ring->next_done);
		ring->next_done = (ring->next_done + 1) & rx->mask;
		ring->empty++;
	}
}

/* An entry of a ring has been used; what was passed over comes back. */
static __always_inline void rx_consume(struct npa_plugin_state *ps, u32 queue,
				       struct rx_state *rx,
				       struct rx_ring *ring, u32 index)
{
	if (unlikely(index != ring->next_done))
		rx_skip(ps, queue, rx, ring, index);
	ring->next_done = (index + 1) & rx->mask;
	if (likely(ring->empty < rx->mask))
		ring->empty++;
}

/*
 * Take a completion of the data ring: a whole short frame, which is in the
 * entry with the number of the buffer that it has cost.
 */
static noinline u32 rx_take_copy(struct npa_plugin_state *ps, u32 queue,
				 struct rx_state *rx,
				 const struct vmxnet3_rx_comp *comp)
{
	u32 ctl = npa_le32_to_cpu(comp->ctl);
	u32 len = npa_le32_to_cpu(comp->len);
	u32 index = FIELD_GET(VMXNET3_RXC_INDEX, ctl) & rx->mask;
	struct npa_rx_frame frame;
	struct npa_rx_sg sg = {
		.buf_id = index,
		.length = FIELD_GET(VMXNET3_RXC_LEN, len),
	};

	rx_consume(ps, queue, rx, &rx->rings[0], index);
	rx_describe(comp, &frame);
	if (unlikely(len & VMXNET3_RXC_ERR || sg.length > rx->data_len ||
		     !(ctl & VMXNET3_RXC_SOP) || !(ctl & VMXNET3_RXC_EOP))) {
		frame.flags |= NPA_RX_ERROR;
		sg.length = min(sg.length, rx->data_len);
	}
	frame.byte_length = sg.length;
	frame.sg_count = 1;
	frame.first_sg_offset = 0;
	frame.mss = 0;
	frame.segments = 0;
	frame.sg = &sg;
	rx->sg_count = 0;
	npa_indicate_copy(ps, ps->rx[queue].handle, &frame,
			  VMXNET3_RX_SEG_DATA, index * rx->data_len);
	return 1;
}

/* Take one completion; returns 1 if it ended a frame. */
static u32 rx_take(struct npa_plugin_state *ps, u32 queue, struct rx_state *rx,
		   const struct vmxnet3_rx_comp *comp)
{
	u32 ctl = npa_le32_to_cpu(comp->ctl);
	u32 len = npa_le32_to_cpu(comp->len);
	u32 rqid = FIELD_GET(VMXNET3_RXC_RQID, ctl);
	u32 index = FIELD_GET(VMXNET3_RXC_INDEX, ctl) & rx->mask;
	struct rx_ring *ring = &rx->rings[0];
	struct npa_rx_frame frame;

	if (unlikely(rqid >= ps->num_rx_queues)) {
		if (rqid >= 2 * ps->num_rx_queues && rx->data_len)
			return rx_take_copy(ps, queue, rx, comp);
		ring = &rx->rings[1];
	}
	rx_consume(ps, queue, rx, ring, index);
	if (ctl & VMXNET3_RXC_SOP) {
		rx->sg_count = 0;
		rx->byte_length = 0;
		rx->damaged = 0;
	}
	if (unlikely(rx->sg_count >= NPA_RX_MAX_SG)) {
		npa_free_buffer(ps, ps->rx[queue].handle,
				ring->first_id + index);
		rx->damaged = 1;
	} else {
		struct npa_rx_sg *sg = &rx->sg[rx->sg_count++];

		sg->buf_id = ring->first_id + index;
		sg->length = FIELD_GET(VMXNET3_RXC_LEN, len);
		rx->byte_length += sg->length;
	}
	rx->damaged |= !!(len & VMXNET3_RXC_ERR);
	if (!(ctl & VMXNET3_RXC_EOP))
		return 0;

	rx_describe(comp, &frame);
	if (unlikely(rx->damaged))
		frame.flags |= NPA_RX_ERROR;
	frame.byte_length = rx->byte_length;
	frame.sg_count = rx->sg_count;
	frame.first_sg_offset = 0;
	frame.mss = 0;
	frame.segments = 0;
	frame.sg = rx->sg;
	rx->sg_count = 0;
	npa_indicate_recv(ps, ps->rx[queue].handle, &frame);
	return 1;
}

/* The device asks for the time at which a frame was seen. */
static void rx_stamp(const struct rx_state *rx,
		     const struct vmxnet3_rx_comp *comp)
{
	u32 ctl = npa_le32_to_cpu(comp->ctl);
	u32 index = FIELD_GET(VMXNET3_RXC_INDEX, ctl) & rx->mask;
	struct vmxnet3_ts_desc *stamp =
		(void *)(rx->stamps + index * rx->stamp_len);

	if (ctl & VMXNET3_RXC_TS_WANTED && ctl & VMXNET3_RXC_SOP)
		npa_write_once(stamp->info, vmxnet3_stamp());
}

static __always_inline u32 rx_check(struct npa_plugin_state *ps, u32 queue,
				    struct rx_state *rx, u32 budget,
				    const bool stamps)
{
	u32 most = rx->comp_mask + 1;
	u32 frames = 0;

	while (frames < budget && most--) {
		struct vmxnet3_rx_comp *comp = &rx->comp[rx->next_comp];

		if ((npa_le32_to_cpu(npa_read_once(comp->flags)) &
		     VMXNET3_COMP_GEN) != rx->comp_gen)
			break;
		/* Pairs with the device writing the generation last. */
		npa_rmb();
		if (stamps)
			rx_stamp(rx, comp);
		frames += rx_take(ps, queue, rx, comp);
		if (++rx->next_comp > rx->comp_mask) {
			rx->next_comp = 0;
			rx->comp_gen ^= VMXNET3_COMP_GEN;
		}
	}
	return frames;
}

u32 NPA_CALL vmxnet3_plugin_check_rx(struct npa_plugin_state *ps, u32 queue,
				     u32 budget)
{
	struct rx_state *rx = rx_state(ps, queue);

	return unlikely(rx->stamps) ? rx_check(ps, queue, rx, budget, true) :
				      rx_check(ps, queue, rx, budget, false);
}

u32 NPA_CALL vmxnet3_plugin_main(struct npa_plugin_api *api)
{
	api->major = NPA_API_MAJOR;
	api->minor = NPA_API_MINOR;
	api->flags = 0;
	api->tx_entries_per_frame = TX_ENTRIES_PER_FRAME;
	api->rx_ids_per_entry = RX_RINGS;
	api->tx_seg_bytes[VMXNET3_TX_SEG_RING] = sizeof(struct vmxnet3_tx_desc);
	api->tx_seg_bytes[VMXNET3_TX_SEG_COMP] = sizeof(struct vmxnet3_tx_comp);
	api->rx_seg_bytes[VMXNET3_RX_SEG_RINGS] =
		RX_RINGS * sizeof(struct vmxnet3_rx_desc);
	api->rx_seg_bytes[VMXNET3_RX_SEG_COMP] =
		RX_RINGS * sizeof(struct vmxnet3_rx_comp);
	api->sw_init = vmxnet3_plugin_sw_init;
	api->reinit_rx_ring = vmxnet3_plugin_reinit_rx;
	api->reinit_tx_ring = vmxnet3_plugin_reinit_tx;
	api->enable_interrupt = vmxnet3_plugin_enable_interrupt;
	api->disable_interrupt = vmxnet3_plugin_disable_interrupt;
	api->add_frame_to_tx_ring = tx_add_frame_extra;
	api->flush_tx_ring = vmxnet3_plugin_flush_tx;
	api->check_tx_ring = vmxnet3_plugin_check_tx;
	api->check_rx_ring = vmxnet3_plugin_check_rx;
	api->add_buffers_to_rx_ring = vmxnet3_plugin_add_buffers;
	return 0;
}
