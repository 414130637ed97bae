// SPDX-License-Identifier: GPL-2.0
/*
 * TX rings of the emulated device: from the driver's descriptors to frames in
 * the switch, and completions back.
 */
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "vmxnet3_dev.h"

#define MAX_DESCS		64	/* of one frame */
#define RETRY_NS		200000
#define MAX_TRIES		2500	/* 500 ms, then the frame is dropped */

#define QERR_TOO_MANY_DESCS	0x80000002
#define QERR_DESC_TYPE		0x80000003
#define QERR_BAD_RING		0x80000007

/**
 * struct tx_gather - a frame collected from its descriptors
 * @ring: a copy of the ring's position, behind the frame at the end
 * @index: of the last descriptor
 * @ctl: first descriptor's words
 * @ctl2: the same
 * @last_ctl2: last descriptor's second word
 * @descs: how many
 * @bad: the frame cannot be sent, but is to be completed
 * @tunnel: what is to be done to it, if it is in a tunnel
 * @f: the frame
 */
struct tx_gather {
	struct ring ring;
	uint32_t index;
	uint32_t ctl;
	uint32_t ctl2;
	uint32_t last_ctl2;
	unsigned int descs;
	bool bad;
	struct tx_tunnel tunnel;
	struct frame f;
};

static void stop_queue(struct vmxnet3_dev *dev, struct tx_queue *txq,
		       uint32_t error)
{
	log_warn(dev->log, "TX queue stopped, error %#x", error);
	txq->error = error;
	vmxnet3_conf_write_status(dev);
	vmxnet3_dev_event(dev, VMXNET3_ECR_TQERR);
}

/* One descriptor, if the driver has filled it. */
static bool read_desc(const struct vmxnet3_tx_desc *descs,
		      const struct ring *ring, struct vmxnet3_tx_desc *desc)
{
	const struct vmxnet3_tx_desc *from = &descs[ring->next];

	/* Pairs with the driver's barrier before it sets the generation. */
	desc->ctl = le32toh(__atomic_load_n(&from->ctl, __ATOMIC_ACQUIRE));
	if (FIELD_GET(VMXNET3_TXD_GEN, desc->ctl) != ring->gen)
		return false;
	desc->ctl2 = le32toh(__atomic_load_n(&from->ctl2, __ATOMIC_RELAXED));
	desc->addr = le64toh(__atomic_load_n(&from->addr, __ATOMIC_RELAXED));
	return true;
}

static void append(struct vmxnet3_dev *dev, struct tx_gather *g,
		   const struct vmxnet3_tx_desc *desc)
{
	uint32_t len = FIELD_GET(VMXNET3_TXD_LEN, desc->ctl);

	if (!len)
		len = VMXNET3_TXD_MAX_LEN;
	if (g->bad || len > FRAME_MAX - g->f.len ||
	    dma_read(dev->dma, desc->addr, g->f.data + g->f.len, len)) {
		g->bad = true;
		return;
	}
	g->f.len += len;
}

/*
 * Collect the next frame.  Returns 1, 0 if there is none yet, or an error for
 * the queue.  The driver hands over a frame by its first descriptor, last of
 * all, so a frame without end is not complete yet.
 */
static int64_t gather(struct vmxnet3_dev *dev, struct tx_queue *txq,
		      const struct vmxnet3_tx_desc *descs, struct tx_gather *g)
{
	struct vmxnet3_tx_desc desc;

	*g = (struct tx_gather){
		.ring = txq->ring,
		.f = { .data = dev->tx_frame },
	};
	do {
		if (!read_desc(descs, &g->ring, &desc))
			return 0;
		if (desc.ctl & VMXNET3_TXD_DTYPE)
			return QERR_DESC_TYPE;
		if (g->descs == MAX_DESCS)
			return QERR_TOO_MANY_DESCS;
		if (!g->descs++) {
			g->ctl = desc.ctl;
			g->ctl2 = desc.ctl2;
		}
		append(dev, g, &desc);
		g->index = g->ring.next;
		ring_advance(&g->ring);
	} while (!(desc.ctl2 & VMXNET3_TXD_EOP));
	g->last_ctl2 = desc.ctl2;
	return 1;
}

static bool tso_is_disabled(const struct vmxnet3_dev *dev)
{
	return dev->rev.revision >= 9 &&
	       dev->model.disabled_offloads & VMXNET3_DISABLED_TSO;
}

/* Are the offloads meant for the inner frame? */
static bool is_tunnel(const struct vmxnet3_dev *dev, const struct tx_gather *g)
{
	unsigned int mode = FIELD_GET(VMXNET3_TXD_OM, g->ctl2);

	if (dev->rev.revision >= 7)
		return mode && g->ctl & VMXNET3_TXD_EXT1;
	return dev->rev.revision >= 4 && mode == VMXNET3_TXD_OM_ENCAP;
}

/* Comes after the tag was taken out, which moves what descriptors count. */
static bool set_tunnel_offloads(struct vmxnet3_dev *dev, struct tx_gather *g)
{
	uint32_t moved = g->f.data - dev->tx_frame;
	uint32_t hlen = FIELD_GET(VMXNET3_TXD_HLEN, g->ctl2);
	uint32_t msscof = FIELD_GET(VMXNET3_TXD_MSSCOF, g->ctl);
	unsigned int mode = FIELD_GET(VMXNET3_TXD_OM, g->ctl2);

	if (mode == VMXNET3_TXD_OM_CSUM)
		msscof -= moved;
	g->tunnel.outer_csum = g->ctl & VMXNET3_TXD_OCO;
	return !vmxnet3_tunnel_offload(dev, &g->f, &g->tunnel, mode,
				       hlen - moved, msscof) &&
	       !(g->tunnel.cut && tso_is_disabled(dev));
}

static bool set_offloads(const struct vmxnet3_dev *dev, struct tx_gather *g)
{
	uint32_t hlen = FIELD_GET(VMXNET3_TXD_HLEN, g->ctl2);
	uint32_t msscof = FIELD_GET(VMXNET3_TXD_MSSCOF, g->ctl);

	switch (FIELD_GET(VMXNET3_TXD_OM, g->ctl2)) {
	case VMXNET3_TXD_OM_NONE:
		return true;
	case VMXNET3_TXD_OM_CSUM:
		if (msscof < hlen || msscof + 2 > g->f.len)
			return false;
		g->f.csum_partial = true;
		g->f.csum_start = hlen;
		g->f.csum_offset = msscof - hlen;
		return true;
	case VMXNET3_TXD_OM_TSO:
		g->f.gso_size = msscof;
		g->f.hdr_len = hlen;
		return msscof != 0 && !tso_is_disabled(dev);
	default:
		return false;
	}
}

/* From descriptors' bits to a frame as the switch knows it. */
static bool finish_frame(struct vmxnet3_dev *dev, struct tx_gather *g)
{
	bool tunnel = is_tunnel(dev, g);

	if (g->bad || g->f.len < FRAME_HEADER_LEN ||
	    (!tunnel && !set_offloads(dev, g)))
		return false;
	if (g->ctl2 & VMXNET3_TXD_TI) {
		g->f.has_vlan = true;
		g->f.vlan_tci = FIELD_GET(VMXNET3_TXD_TCI, g->ctl2);
	}
	frame_take_tag(&g->f);
	if (tunnel)
		return set_tunnel_offloads(dev, g);
	return !g->f.gso_size || !frame_prepare_gso(&g->f);
}

static void count(struct vmxnet3_tx_stats *stats, const struct frame *f)
{
	static const uint8_t broadcast[6] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff
	};

	if (f->gso_size) {
		stats->tso_packets++;
		stats->tso_bytes += f->len;
	}
	if (!(f->data[0] & 1)) {
		stats->ucast_packets++;
		stats->ucast_bytes += f->len;
	} else if (memcmp(f->data, broadcast, 6)) {
		stats->mcast_packets++;
		stats->mcast_bytes += f->len;
	} else {
		stats->bcast_packets++;
		stats->bcast_bytes += f->len;
	}
}

static void complete(struct tx_queue *txq, struct vmxnet3_tx_comp *comps,
		     uint32_t index)
{
	struct vmxnet3_tx_comp *comp = &comps[txq->comp.next];
	uint32_t ctl = FIELD_PREP(VMXNET3_COMP_TYPE, VMXNET3_COMP_TYPE_TX) |
		       FIELD_PREP(VMXNET3_COMP_GEN, txq->comp.gen);

	comp->index = htole32(index);
	/* Pairs with the driver's barrier after it has seen the generation. */
	__atomic_store_n(&comp->ctl, htole32(ctl), __ATOMIC_RELEASE);
	ring_advance(&txq->comp);
}

static int put_on_wire(struct vmxnet3_dev *dev, struct tx_queue *txq,
		       struct tx_gather *g)
{
	if (!finish_frame(dev, g))
		return -EINVAL;
	if (g->tunnel.cut)
		return vmxnet3_tunnel_send(dev, txq, &g->f, &g->tunnel);
	return eswitch_send(dev->sw, &dev->port, &g->f);
}

/* Returns false if the frame has to wait. */
static bool send_frame(struct vmxnet3_dev *dev, struct tx_queue *txq,
		       struct tx_gather *g)
{
	switch (put_on_wire(dev, txq, g)) {
	case -EAGAIN:
		if (++txq->tries < MAX_TRIES)
			return false;
		txq->stats.discards++;
		dev->port.stats.tx_dropped++;
		break;
	case -EINVAL:
		txq->stats.errors++;
		dev->port.stats.tx_dropped++;
		break;
	default:
		count(&txq->stats, &g->f);
	}
	txq->tries = 0;
	txq->segments = 0;
	return true;
}

bool vmxnet3_tx_poll(struct vmxnet3_dev *dev, unsigned int q, int budget)
{
	struct tx_queue *txq = &dev->tx[q];
	const struct vmxnet3_tx_desc *descs;
	struct vmxnet3_tx_comp *comps;
	struct tx_gather g;
	unsigned int completed = 0;
	int64_t ret = 0;

	if (txq->error)
		return false;
	descs = dma_map(dev->dma, txq->ring.pa,
			txq->ring.size * sizeof(*descs), false);
	comps = dma_map(dev->dma, txq->comp.pa,
			txq->comp.size * sizeof(*comps), true);
	if (!descs || !comps) {
		stop_queue(dev, txq, QERR_BAD_RING);
		return false;
	}
	while (budget > 0) {
		ret = gather(dev, txq, descs, &g);
		if (ret != 1)
			break;
		if (!send_frame(dev, txq, &g)) {
			loop_arm(dev->loop, &dev->tx_retry, RETRY_NS);
			break;
		}
		budget -= g.descs + frame_cost(&g.f);
		vmxnet3_ts_take(dev, txq->ts_pa, txq->ts_size, txq->ring.next,
				&dev->ts_tx);
		txq->ring = g.ring;
		if (g.last_ctl2 & VMXNET3_TXD_CQ) {
			complete(txq, comps, g.index);
			completed++;
		}
	}
	if (completed)
		vmxnet3_coalesce_tx(dev, q, completed);
	if (ret > 1)
		stop_queue(dev, txq, ret);
	return budget <= 0;
}

bool vmxnet3_tx_idle(struct vmxnet3_dev *dev)
{
	for (unsigned int i = 0; i < dev->conf.num_tx; i++) {
		struct tx_queue *txq = &dev->tx[i];
		const struct vmxnet3_tx_desc *descs;
		struct vmxnet3_tx_desc desc;

		if (txq->error)
			continue;
		descs = dma_map(dev->dma, txq->ring.pa,
				txq->ring.size * sizeof(*descs), false);
		if (descs && read_desc(descs, &txq->ring, &desc))
			return false;
	}
	return true;
}
