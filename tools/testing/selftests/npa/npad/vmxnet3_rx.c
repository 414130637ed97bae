// SPDX-License-Identifier: GPL-2.0
/*
 * RX rings of the emulated device: from a frame in the switch to the driver's
 * buffers and completions.
 *
 * The start of a frame goes to the next head buffer of ring 1; body buffers
 * before it are skipped (they go back to the driver when it sees the next
 * completion).  The rest goes to the body buffers that follow in ring 1, and
 * then to ring 2.
 */
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "vmxnet3_dev.h"

#define MAX_SLOTS	20
#define RETRY_NS	200000

/* A buffer of the driver that is going to be filled. */
struct rx_slot {
	unsigned int ring;
	uint32_t index;
	uint8_t *mem;		/* NULL: a bad address */
	uint32_t len;
};

/**
 * struct rx_plan - where a frame will go
 * @ring: the rings' positions behind it
 * @slots: buffers
 * @num_slots: how many
 * @room: bytes in them
 * @bad: one of them has a bad address
 */
struct rx_plan {
	struct ring ring[2];
	struct rx_slot slots[MAX_SLOTS];
	unsigned int num_slots;
	size_t room;
	bool bad;
};

/* The bytes of a frame as they will lie in the buffers. */
struct rx_bytes {
	const uint8_t *part[3];
	size_t len[3];
	size_t total;
	uint8_t tag[4];
};

/* What the completion of the last buffer says. */
struct rx_meta {
	uint32_t ctl;
	uint32_t hash;
	uint32_t len;
	uint32_t flags;
};

/* The descriptor at the ring's position, if the driver has filled it. */
static bool peek(struct vmxnet3_dev *dev, const struct ring *ring,
		 struct vmxnet3_rx_desc *desc)
{
	const struct vmxnet3_rx_desc *from;

	if (!ring->size)
		return false;
	from = dma_map(dev->dma, ring->pa + ring->next * sizeof(*from),
		       sizeof(*from), false);
	if (!from)
		return false;
	/* Pairs with the driver's barrier before it sets the generation. */
	desc->ctl = le32toh(__atomic_load_n(&from->ctl, __ATOMIC_ACQUIRE));
	if (FIELD_GET(VMXNET3_RXD_GEN, desc->ctl) != ring->gen)
		return false;
	desc->addr = le64toh(__atomic_load_n(&from->addr, __ATOMIC_RELAXED));
	return true;
}

static void take(struct vmxnet3_dev *dev, struct rx_plan *plan,
		 unsigned int ring, const struct vmxnet3_rx_desc *desc)
{
	struct rx_slot *slot = &plan->slots[plan->num_slots++];

	slot->ring = ring;
	slot->index = plan->ring[ring].next;
	slot->len = FIELD_GET(VMXNET3_RXD_LEN, desc->ctl);
	slot->mem = slot->len ? dma_map(dev->dma, desc->addr, slot->len, true) :
				NULL;
	if (!slot->mem)
		plan->bad = true;
	plan->room += slot->len;
	ring_advance(&plan->ring[ring]);
}

static bool take_head(struct vmxnet3_dev *dev, struct rx_plan *plan)
{
	struct vmxnet3_rx_desc desc;

	for (uint32_t i = 0; i < plan->ring[0].size; i++) {
		if (!peek(dev, &plan->ring[0], &desc))
			return false;
		if (!(desc.ctl & VMXNET3_RXD_BTYPE_BODY)) {
			take(dev, plan, 0, &desc);
			return true;
		}
		ring_advance(&plan->ring[0]);
	}
	return false;
}

static bool take_body(struct vmxnet3_dev *dev, struct rx_plan *plan)
{
	struct vmxnet3_rx_desc desc;

	for (unsigned int ring = 0; ring < 2; ring++) {
		if (!peek(dev, &plan->ring[ring], &desc))
			continue;
		if (!(desc.ctl & VMXNET3_RXD_BTYPE_BODY))
			continue;
		take(dev, plan, ring, &desc);
		return true;
	}
	return false;
}

/* Find buffers for len bytes; nothing has changed if there are not enough. */
static int make_plan(struct vmxnet3_dev *dev, const struct rx_queue *rxq,
		     size_t len, struct rx_plan *plan)
{
	plan->ring[0] = rxq->ring[0];
	plan->ring[1] = rxq->ring[1];
	plan->num_slots = 0;
	plan->room = 0;
	plan->bad = false;
	if (!take_head(dev, plan))
		return -EAGAIN;
	while (!plan->bad && plan->room < len) {
		if (plan->num_slots == MAX_SLOTS) {
			plan->bad = true;
			break;
		}
		if (!take_body(dev, plan))
			return -EAGAIN;
	}
	return 0;
}

static void set_bytes(const struct vmxnet3_dev *dev, const struct frame *f,
		      struct rx_bytes *bytes)
{
	memset(bytes, 0, sizeof(*bytes));
	bytes->total = f->len;
	bytes->part[0] = f->data;
	bytes->len[0] = f->len;
	if (!f->has_vlan || dev->conf.features & VMXNET3_F_RXVLAN)
		return;
	bytes->tag[0] = 0x81;
	bytes->tag[2] = f->vlan_tci >> 8;
	bytes->tag[3] = f->vlan_tci;
	bytes->len[0] = 12;
	bytes->part[1] = bytes->tag;
	bytes->len[1] = 4;
	bytes->part[2] = f->data + 12;
	bytes->len[2] = f->len - 12;
	bytes->total += 4;
}

/* Copy bytes from offset on. */
static void copy_bytes(const struct rx_bytes *bytes, size_t offset,
		       uint8_t *to, size_t len)
{
	for (int i = 0; i < 3 && len; i++) {
		size_t n = bytes->len[i];

		if (offset >= n) {
			offset -= n;
			continue;
		}
		n -= offset;
		if (n > len)
			n = len;
		memcpy(to, bytes->part[i] + offset, n);
		to += n;
		len -= n;
		offset = 0;
	}
}

static void write_comp(struct rx_queue *rxq, struct vmxnet3_rx_comp *comps,
		       const struct rx_meta *meta)
{
	struct vmxnet3_rx_comp *comp = &comps[rxq->comp.next];
	uint32_t flags = meta->flags |
			 FIELD_PREP(VMXNET3_COMP_TYPE, VMXNET3_COMP_TYPE_RX) |
			 FIELD_PREP(VMXNET3_COMP_GEN, rxq->comp.gen);

	comp->ctl = htole32(meta->ctl);
	comp->hash = htole32(meta->hash);
	comp->len = htole32(meta->len);
	/* Pairs with the driver's barrier after it has seen the generation. */
	__atomic_store_n(&comp->flags, htole32(flags), __ATOMIC_RELEASE);
	ring_advance(&rxq->comp);
}

static uint32_t slot_ctl(const struct vmxnet3_dev *dev, unsigned int q,
			 const struct rx_slot *slot)
{
	uint32_t rqid = slot->ring ? q + dev->conf.num_rx : q;

	return FIELD_PREP(VMXNET3_RXC_INDEX, slot->index) |
	       FIELD_PREP(VMXNET3_RXC_RQID, rqid);
}

/* A frame that cannot be stored: give the first buffer back, with an error. */
static void complete_error(struct vmxnet3_dev *dev, unsigned int q,
			   struct vmxnet3_rx_comp *comps,
			   const struct rx_plan *plan)
{
	struct rx_meta meta = {
		.ctl = slot_ctl(dev, q, &plan->slots[0]) | VMXNET3_RXC_SOP |
		       VMXNET3_RXC_EOP,
		.len = VMXNET3_RXC_ERR,
	};

	write_comp(&dev->rx[q], comps, &meta);
	dev->rx[q].stats.errors++;
}

static void fill(struct vmxnet3_dev *dev, unsigned int q,
		 struct vmxnet3_rx_comp *comps, const struct rx_plan *plan,
		 const struct rx_bytes *bytes, const struct rx_meta *last)
{
	size_t offset = 0;

	for (unsigned int i = 0; i < plan->num_slots; i++) {
		const struct rx_slot *slot = &plan->slots[i];
		size_t len = bytes->total - offset;
		struct rx_meta meta = { 0 };

		if (len > slot->len)
			len = slot->len;
		copy_bytes(bytes, offset, slot->mem, len);
		offset += len;
		if (i + 1 == plan->num_slots) {
			meta = *last;
			meta.ctl |= VMXNET3_RXC_EOP;
		}
		if (!i)
			meta.ctl |= VMXNET3_RXC_SOP;
		meta.ctl |= slot_ctl(dev, q, slot);
		meta.len |= FIELD_PREP(VMXNET3_RXC_LEN, len);
		write_comp(&dev->rx[q], comps, &meta);
	}
}

static uint32_t csum_flags(const struct frame_info *info)
{
	uint32_t flags = VMXNET3_RXC_FCS;

	if (info->ipv4)
		flags |= VMXNET3_RXC_V4;
	if (info->ipv6)
		flags |= VMXNET3_RXC_V6;
	if (info->ipv4 && info->ip_csum_ok)
		flags |= VMXNET3_RXC_IPC;
	if (info->fragment)
		flags |= VMXNET3_RXC_FRG;
	if (info->tcp)
		flags |= VMXNET3_RXC_TCP;
	if (info->udp)
		flags |= VMXNET3_RXC_UDP;
	if (info->l4_csum_ok)
		flags |= VMXNET3_RXC_TUC;
	return flags;
}

/* Which hash applies to a frame, of those the driver wants. */
static uint32_t rss_type(const struct rss_conf *rss,
			 const struct frame_info *info)
{
	if (info->ipv4) {
		if (info->tcp && rss->hash_type & VMXNET3_RSS_TCP_IPV4)
			return VMXNET3_RSS_TYPE_TCP_IPV4;
		if (rss->hash_type & VMXNET3_RSS_IPV4)
			return VMXNET3_RSS_TYPE_IPV4;
	}
	if (info->ipv6) {
		if (info->tcp && rss->hash_type & VMXNET3_RSS_TCP_IPV6)
			return VMXNET3_RSS_TYPE_TCP_IPV6;
		if (rss->hash_type & VMXNET3_RSS_IPV6)
			return VMXNET3_RSS_TYPE_IPV6;
	}
	return VMXNET3_RSS_TYPE_NONE;
}

/* Hash the frame if wanted; returns the queue. */
static unsigned int spread(const struct vmxnet3_dev *dev, const struct frame *f,
			   const struct frame_info *info, struct rx_meta *meta)
{
	const struct rss_conf *rss = &dev->conf.rss;
	uint32_t type;
	bool l4;

	if (!rss->enabled)
		return 0;
	type = rss_type(rss, info);
	if (type == VMXNET3_RSS_TYPE_NONE)
		return 0;
	l4 = type == VMXNET3_RSS_TYPE_TCP_IPV4 ||
	     type == VMXNET3_RSS_TYPE_TCP_IPV6;
	meta->hash = frame_rss_hash(f, info, rss->key, l4);
	meta->ctl |= FIELD_PREP(VMXNET3_RXC_RSS_TYPE, type);
	return rss->table[meta->hash % rss->table_len] % dev->conf.num_rx;
}

/* Everything about the frame but its place in memory; returns the queue. */
static unsigned int describe(const struct vmxnet3_dev *dev,
			     const struct frame *f, struct rx_meta *meta)
{
	bool check = dev->conf.features & VMXNET3_F_RXCSUM;
	struct frame_info info;

	memset(meta, 0, sizeof(*meta));
	frame_parse(f, &info, check);
	if (check)
		meta->flags = csum_flags(&info);
	else
		meta->ctl = VMXNET3_RXC_CNC;
	if (f->has_vlan && dev->conf.features & VMXNET3_F_RXVLAN)
		meta->len = VMXNET3_RXC_TS |
			    FIELD_PREP(VMXNET3_RXC_TCI, (uint32_t)f->vlan_tci);
	return spread(dev, f, &info, meta);
}

static void set_update_rx_prod(struct vmxnet3_dev *dev, struct rx_queue *rxq,
			       bool on)
{
	const uint8_t value = on;

	rxq->starved = on;
	dma_write(dev->dma, rxq->conf_pa +
		  offsetof(struct vmxnet3_rx_queue_desc, ctrl.update_rx_prod),
		  &value, sizeof(value));
}

/*
 * No buffers: ask the driver to write the producer register when it has some,
 * and look from time to time, since it may have done so just now.
 */
static void starve(struct vmxnet3_dev *dev, struct rx_queue *rxq)
{
	if (!rxq->starved) {
		set_update_rx_prod(dev, rxq, true);
		rxq->stats.out_of_buffers++;
	}
	if (!dev->rx_retry.due)
		loop_arm(dev->loop, &dev->rx_retry, RETRY_NS);
}

void vmxnet3_rx_check(struct vmxnet3_dev *dev)
{
	struct vmxnet3_rx_desc desc;
	bool kick = false, wait = false;

	for (unsigned int i = 0; i < dev->conf.num_rx; i++) {
		struct rx_queue *rxq = &dev->rx[i];

		if (!rxq->starved)
			continue;
		if (peek(dev, &rxq->ring[0], &desc)) {
			set_update_rx_prod(dev, rxq, false);
			kick = true;
		} else {
			wait = true;
		}
	}
	if (wait && !dev->rx_retry.due)
		loop_arm(dev->loop, &dev->rx_retry, RETRY_NS);
	if (kick)
		eswitch_kick(dev->sw);
}

static void count(struct vmxnet3_rx_stats *stats, const struct frame *f)
{
	static const uint8_t broadcast[6] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff
	};

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

int vmxnet3_rx_deliver(struct port *port, struct frame *f)
{
	struct vmxnet3_dev *dev = port->arg;
	struct vmxnet3_rx_comp *comps;
	struct rx_bytes bytes;
	struct rx_queue *rxq;
	struct rx_plan plan;
	struct rx_meta meta;
	unsigned int q;

	if (dev->hold_rx)
		return -EAGAIN;
	q = describe(dev, f, &meta);
	rxq = &dev->rx[q];
	set_bytes(dev, f, &bytes);
	comps = dma_map(dev->dma, rxq->comp.pa,
			rxq->comp.size * sizeof(*comps), true);
	if (!comps) {
		port->stats.rx_dropped++;
		return -EFAULT;
	}
	if (make_plan(dev, rxq, bytes.total, &plan)) {
		starve(dev, rxq);
		return -EAGAIN;
	}
	rxq->ring[0] = plan.ring[0];
	rxq->ring[1] = plan.ring[1];
	if (plan.bad) {
		complete_error(dev, q, comps, &plan);
		port->stats.rx_dropped++;
	} else {
		fill(dev, q, comps, &plan, &bytes, &meta);
		count(&rxq->stats, f);
	}
	irq_raise(&dev->irq, rxq->intr);
	return plan.bad ? -EFAULT : 0;
}
