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
#include <linux/bitmap.h>
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
#define RX_RING_MAX		4096	/* entries, what an index can name */
/* Buffers in ring 2 when only merged frames need them, up to 16 each. */
#define RX_MERGE_BUFFERS	512

/* rx_ring.next_done: no entry is the next, completions are out of order */
#define RX_OUT_OF_ORDER		U32_MAX

/* Bit of VMXNET3_COMP_TYPE that VMXNET3_COMP_TYPE_RX_LRO has, and RX has not */
#define RX_TYPE_MERGED		BIT(26)

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
	bool encap_mode;	/* device revision before 7 */
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
	u32 next_done;		/* expected next, or RX_OUT_OF_ORDER */
	u32 most;		/* buffers in it */
	u32 empty;		/* entries that can be filled */
	u32 gen;		/* VMXNET3_RXD_GEN or 0 */
	u32 btype;
	u32 buf_len;
	u32 first_id;
	/* if completions may come in any order, and have done so: */
	u32 oldest;		/* entry that is not complete */
	u32 late;		/* entries complete after that one */
	DECLARE_BITMAP(done, RX_RING_MAX);	/* which */
};

/* What is special about the frame being collected. */
enum rx_special {
	RX_DAMAGED = 1,		/* bit 0: see rx_take() */
	RX_MERGED = 2,		/* of several segments */
	RX_HOLE_CLOSED = 4,	/* a ring can be filled again behind it */
	RX_MAYBE_MERGED = 8,	/* and the device does not tell */
};

struct rx_state {
	struct rx_ring rings[RX_RINGS];
	struct vmxnet3_rx_comp *comp;
	const struct vmxnet3_rx_queue_ctrl *ctrl;
	u32 mask;
	u32 comp_mask;
	u32 next_comp;
	u32 comp_gen;		/* VMXNET3_COMP_GEN or 0 */
	u32 notable;		/* flags that rx_note_merged() looks at */
	u32 num_rings;		/* in use */
	u32 data_len;		/* bytes of a data ring's entry, 0: none */
	u32 stamp_len;		/* and of a timestamp ring's */
	u8 *stamps;
	bool any_order;		/* of completions */
	/* the frame being collected; completions may arrive in pieces */
	u32 sg_count;
	u32 byte_length;
	u32 special;		/* enum rx_special */
	u16 mss;		/* with RX_MERGED */
	u16 segments;
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
	tx->encap_mode = ps->device_info[VMXNET3_PLUGIN_INFO_REVISION] < 7;
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

static u32 tx_offload_csum(const struct npa_tx_info *info, u32 *mssof)
{
	*mssof = FIELD_PREP(VMXNET3_TXD_MSSCOF,
			    info->l4_offset + info->csum_offset);
	return FIELD_PREP(VMXNET3_TXD_OM, VMXNET3_TXD_OM_CSUM) |
	       FIELD_PREP(VMXNET3_TXD_HLEN, info->l4_offset);
}

static u32 tx_offload_tso(const struct npa_tx_info *info, u32 *mssof)
{
	*mssof = FIELD_PREP(VMXNET3_TXD_MSSCOF, info->mss);
	return FIELD_PREP(VMXNET3_TXD_OM, VMXNET3_TXD_OM_TSO) |
	       FIELD_PREP(VMXNET3_TXD_HLEN, info->l4_payload_offset);
}

/*
 * The same for a frame in a tunnel.  Until revision 6 there is a mode of its
 * own for it, in which a segment size of 0 stands for the checksum only.
 */
static noinline u32 tx_offload_tunnel(const struct tx_state *tx,
				      const struct npa_tx_info *info,
				      u32 *mssof)
{
	bool tso = info->flags & NPA_TX_TSO;
	u32 ctl2 = FIELD_PREP(VMXNET3_TXD_HLEN, info->l4_payload_offset);

	if (tso)
		*mssof = FIELD_PREP(VMXNET3_TXD_MSSCOF, info->mss);
	if (info->flags & NPA_TX_OUTER_CSUM)
		*mssof |= VMXNET3_TXD_OCO;
	if (tx->encap_mode)
		return ctl2 | FIELD_PREP(VMXNET3_TXD_OM, VMXNET3_TXD_OM_ENCAP);
	*mssof |= VMXNET3_TXD_EXT1;
	if (tso)
		return ctl2 | FIELD_PREP(VMXNET3_TXD_OM, VMXNET3_TXD_OM_TSO);
	*mssof |= FIELD_PREP(VMXNET3_TXD_MSSCOF,
			     info->l4_offset + info->csum_offset);
	return ctl2 | FIELD_PREP(VMXNET3_TXD_OM, VMXNET3_TXD_OM_CSUM);
}

/* The words of a frame's descriptors that say what is to be done. */
static u32 tx_offload(const struct tx_state *tx,
		      const struct npa_tx_info *info, u32 *mssof)
{
	u32 ctl2 = 0;

	if (info->flags & NPA_TX_CSUM) {
		if (!(info->flags & (NPA_TX_TSO | NPA_TX_TUNNEL)))
			ctl2 = tx_offload_csum(info, mssof);
		else if (!(info->flags & NPA_TX_TUNNEL))
			ctl2 = tx_offload_tso(info, mssof);
		else
			ctl2 = tx_offload_tunnel(tx, info, mssof);
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

	ctl2 = tx_offload(tx, info, &mssof);
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
 * How many entries can be filled while there is a frame of which more is to
 * come?  Its buffers are in nobody's hands yet, so their ids stay as they are.
 */
static noinline u32 rx_fillable(const struct rx_state *rx,
				const struct rx_ring *ring, u32 want)
{
	u32 i;

	for (i = 0; i < rx->sg_count; i++) {
		u32 entry = rx->sg[i].buf_id - ring->first_id;

		if (entry <= rx->mask)
			want = min(want, (entry - ring->next_fill) & rx->mask);
	}
	return want;
}

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

		if (unlikely(rx->sg_count)) {
			want = rx_fillable(rx, ring, want);
			if (!want)
				break;
		}
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

/* Are there frames that do not fit in a buffer, although they are not merged? */
static bool rx_is_long(const struct npa_plugin_state *ps)
{
	/* Header, tag and frame check sequence: 22 bytes. */
	return ps->mtu + 22 > ps->small_len;
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
	ring->most = q->ring_size - 1;
	if (r && !rx_is_long(ps))
		ring->most = min(ring->most, (u32)RX_MERGE_BUFFERS);
	ring->empty = ring->most;
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
	rx->notable = VMXNET3_COMP_GEN | RX_TYPE_MERGED;
	/* Revision 1 does not say what it has merged. */
	if (ps->merge && ps->device_info[VMXNET3_PLUGIN_INFO_REVISION] < 2)
		rx->notable |= VMXNET3_RXC_TCP;
	rx->any_order = ps->device_info[VMXNET3_PLUGIN_INFO_CAPS] &
			VMXNET3_CAP_OOORX_COMP;
	rx->num_rings = ps->merge || rx_is_long(ps) ? RX_RINGS : 1;
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
		if (rx->rings[r].empty > rx->rings[r].most / 2)
			return PLUGIN_NO_BUFFERS;
	return 0;
}

static const u8 rx_hash_type[16] = {
	[VMXNET3_RSS_TYPE_IPV4] = NPA_HASH_L3,
	[VMXNET3_RSS_TYPE_TCP_IPV4] = NPA_HASH_L4,
	[VMXNET3_RSS_TYPE_IPV6] = NPA_HASH_L3,
	[VMXNET3_RSS_TYPE_TCP_IPV6] = NPA_HASH_L4,
	[VMXNET3_RSS_TYPE_UDP_IPV4] = NPA_HASH_L4,
	[VMXNET3_RSS_TYPE_UDP_IPV6] = NPA_HASH_L4,
	[VMXNET3_RSS_TYPE_ESP_IPV4] = NPA_HASH_L4,
	[VMXNET3_RSS_TYPE_ESP_IPV6] = NPA_HASH_L4,
};

/* What the device has checked; its word counts only for what it looked at. */
static __always_inline void rx_describe_csum(u32 flags,
					     struct npa_rx_frame *frame)
{
	if (flags & VMXNET3_RXC_V4)
		frame->ip_csum = flags & VMXNET3_RXC_IPC ?
			NPA_CSUM_CORRECT : NPA_CSUM_INCORRECT;
	if (flags & (VMXNET3_RXC_TCP | VMXNET3_RXC_UDP) &&
	    !(flags & VMXNET3_RXC_FRG))
		frame->l4_csum = flags & VMXNET3_RXC_TUC ?
			NPA_CSUM_CORRECT : NPA_CSUM_INCORRECT;
}

/*
 * What the last completion of a frame says of it.  The sum that it may hold
 * besides is of no use: no revision says over which bytes it is.
 */
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

	frame->ip_csum = NPA_CSUM_UNKNOWN;
	frame->l4_csum = NPA_CSUM_UNKNOWN;
	if (likely(!(ctl & (VMXNET3_RXC_CNC | VMXNET3_RXC_INNER)))) {
		rx_describe_csum(flags, frame);
	} else if (ctl & VMXNET3_RXC_INNER) {
		frame->flags |= NPA_RX_INNER;
		if (!(ctl & VMXNET3_RXC_CNC))
			rx_describe_csum(flags, frame);
	}

	frame->hash = npa_le32_to_cpu(comp->hash);
	frame->hash_type = rx_hash_type[type];
}

static bool rx_is_merged(const struct vmxnet3_rx_comp *comp)
{
	return FIELD_GET(VMXNET3_COMP_TYPE, npa_le32_to_cpu(comp->flags)) ==
	       VMXNET3_COMP_TYPE_RX_LRO;
}

/*
 * A completion that may be of merged segments.  It is the first one of such a
 * frame at least; the last one has the flags, and perhaps a hash.
 */
static noinline void rx_note_merged(struct rx_state *rx,
				    const struct vmxnet3_rx_comp *comp)
{
	u32 segments = FIELD_GET(VMXNET3_RXC_LRO_SEGMENTS,
				 npa_le32_to_cpu(comp->hash));
	u32 flags = npa_le32_to_cpu(comp->flags);

	if (!rx_is_merged(comp)) {
		if (flags & rx->notable & VMXNET3_RXC_TCP)
			rx->special |= RX_MAYBE_MERGED;
		return;
	}
	if (segments < 2)
		return;
	rx->special |= RX_MERGED;
	rx->segments = segments;
	rx->mss = FIELD_GET(VMXNET3_RXC_LRO_MSS, flags);
}

/*
 * The device may pass over buffers.  They come back to the shell, and their
 * entries are filled anew in their turn.
 */
static void rx_skip(struct npa_plugin_state *ps, u32 queue,
		    struct rx_state *rx, struct rx_ring *ring, u32 index)
{
	while (ring->next_done != index && ring->empty < ring->most) {
		npa_free_buffer(ps, ps->rx[queue].handle,
				ring->first_id + ring->next_done);
		ring->next_done = (ring->next_done + 1) & rx->mask;
		ring->empty++;
	}
}

/*
 * A completion that is not the next one, from a device that may complete in
 * any order.  Entries are filled in order, so one that is late holds up those
 * behind it.  Returns false if the device does not have the entry.
 */
static bool rx_reorder(struct rx_state *rx, struct rx_ring *ring, u32 index)
{
	if (ring->next_done != RX_OUT_OF_ORDER)
		ring->oldest = ring->next_done;
	if (((index - ring->oldest) & rx->mask) >= ring->most - ring->empty ||
	    __test_and_set_bit(index, ring->done))
		return false;
	ring->late++;
	while (ring->late && __test_and_clear_bit(ring->oldest, ring->done)) {
		ring->oldest = (ring->oldest + 1) & rx->mask;
		ring->empty++;
		ring->late--;
		rx->special |= RX_HOLE_CLOSED;
	}
	ring->next_done = ring->late ? RX_OUT_OF_ORDER : ring->oldest;
	return true;
}

/* A completion that makes no sense: the frame has no place to be in. */
static void rx_abandon(struct npa_plugin_state *ps, u32 queue,
		       struct rx_state *rx, bool last)
{
	ps->api->log(ps->shell, NPA_LOG_WARN,
		     "completion of an entry that the device does not have",
		     queue);
	while (rx->sg_count)
		npa_free_buffer(ps, ps->rx[queue].handle,
				rx->sg[--rx->sg_count].buf_id);
	rx->byte_length = 0;
	rx->special &= RX_HOLE_CLOSED;
	if (!last)
		rx->special |= RX_DAMAGED;
}

/* Note that an entry is complete out of turn; false if it cannot be. */
static noinline bool rx_jump(struct npa_plugin_state *ps, u32 queue,
			     struct rx_state *rx, struct rx_ring *ring, u32 ctl)
{
	u32 index = FIELD_GET(VMXNET3_RXC_INDEX, ctl) & rx->mask;

	if (!rx->any_order) {
		rx_skip(ps, queue, rx, ring, index);
		ring->next_done = (index + 1) & rx->mask;
		if (ring->empty < ring->most)
			ring->empty++;
		return true;
	}
	if (rx_reorder(rx, ring, index))
		return true;
	rx_abandon(ps, queue, rx, ctl & VMXNET3_RXC_EOP);
	return false;
}

/* An entry of a ring has been used; false if the device did not have it. */
static __always_inline bool rx_consume(struct npa_plugin_state *ps, u32 queue,
				       struct rx_state *rx,
				       struct rx_ring *ring, u32 ctl)
{
	u32 index = FIELD_GET(VMXNET3_RXC_INDEX, ctl) & rx->mask;

	if (unlikely(index != ring->next_done))
		return rx_jump(ps, queue, rx, ring, ctl);
	ring->next_done = (index + 1) & rx->mask;
	if (likely(ring->empty < ring->most))
		ring->empty++;
	return true;
}

/* Say what is special about a frame; returns what it was. */
static u32 rx_describe_special(struct rx_state *rx,
			       const struct vmxnet3_rx_comp *comp,
			       struct npa_rx_frame *frame)
{
	u32 special = rx->special;

	rx->special = 0;
	if (special & RX_DAMAGED)
		frame->flags |= NPA_RX_ERROR;
	if (special & RX_MAYBE_MERGED)
		frame->flags |= NPA_RX_MAYBE_MERGED;
	if (special & RX_MERGED) {
		frame->flags |= NPA_RX_MERGED;
		frame->mss = rx->mss;
		frame->segments = rx->segments;
		/* There is something else in the place of the hash. */
		if (rx_is_merged(comp))
			frame->hash_type = NPA_HASH_NONE;
	}
	return special;
}

static noinline void rx_indicate_special(struct npa_plugin_state *ps,
					 u32 queue, struct rx_state *rx,
					 const struct vmxnet3_rx_comp *comp,
					 struct npa_rx_frame *frame)
{
	u32 special = rx_describe_special(rx, comp, frame);

	if (frame->sg_count)
		npa_indicate_recv(ps, ps->rx[queue].handle, frame);
	/* The shell asks for buffers by what it has received. */
	if (special & RX_HOLE_CLOSED)
		vmxnet3_plugin_add_buffers(ps, queue);
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
	u32 special;

	if (!rx_consume(ps, queue, rx, &rx->rings[0], ctl))
		return 0;
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
	special = rx_describe_special(rx, comp, &frame);
	npa_indicate_copy(ps, ps->rx[queue].handle, &frame,
			  VMXNET3_RX_SEG_DATA, index * rx->data_len);
	if (special & RX_HOLE_CLOSED)
		vmxnet3_plugin_add_buffers(ps, queue);
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
	if (unlikely(!rx_consume(ps, queue, rx, ring, ctl)))
		return 0;
	if (ctl & VMXNET3_RXC_SOP) {
		rx->sg_count = 0;
		rx->byte_length = 0;
	}
	if (unlikely(rx->sg_count >= NPA_RX_MAX_SG)) {
		npa_free_buffer(ps, ps->rx[queue].handle,
				ring->first_id + index);
		rx->special |= RX_DAMAGED;
	} else {
		struct npa_rx_sg *sg = &rx->sg[rx->sg_count++];

		sg->buf_id = ring->first_id + index;
		sg->length = FIELD_GET(VMXNET3_RXC_LEN, len);
		rx->byte_length += sg->length;
	}
	/* Bit 0 is RX_DAMAGED. */
	rx->special |= !!(len & VMXNET3_RXC_ERR);
	if (!(ctl & VMXNET3_RXC_EOP))
		return 0;

	rx_describe(comp, &frame);
	frame.byte_length = rx->byte_length;
	frame.sg_count = rx->sg_count;
	frame.first_sg_offset = 0;
	frame.mss = 0;
	frame.segments = 0;
	frame.sg = rx->sg;
	rx->sg_count = 0;
	if (unlikely(rx->special)) {
		rx_indicate_special(ps, queue, rx, comp, &frame);
		return !!frame.sg_count;
	}
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
		u32 flags = npa_le32_to_cpu(npa_read_once(comp->flags));

		/* One test for both: most frames are not merged. */
		if ((flags & rx->notable) != rx->comp_gen) {
			if ((flags & VMXNET3_COMP_GEN) != rx->comp_gen)
				break;
			npa_rmb();
			rx_note_merged(rx, comp);
		}
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
