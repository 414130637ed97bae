// SPDX-License-Identifier: GPL-2.0
/*
 * RX rings of the emulated device: from a frame in the switch to the driver's
 * buffers and completions.
 *
 * The start of a frame goes to the next head buffer of ring 1; body buffers
 * before it are skipped (they go back to the driver when it sees the next
 * completion).  The rest goes to the body buffers that follow in ring 1, and
 * then to ring 2.  A short frame goes to the data ring, if there is one, and
 * the head buffer stays empty.
 *
 * With a driver that does not mind, head buffers are used in pairs, the second
 * one first.
 */
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "vmxnet3_rx_meta.h"

#define MAX_SLOTS	20
#define DATA_RING	2	/* in the place of a ring's number */
#define MAX_SEGMENTS	255	/* that a completion can tell of */
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
 * @swapped: the queue's, afterwards
 * @bad: one of them has a bad address
 */
struct rx_plan {
	struct ring ring[2];
	struct rx_slot slots[MAX_SLOTS];
	unsigned int num_slots;
	size_t room;
	bool swapped;
	bool bad;
};

#define RX_PARTS	5

/* The bytes of a frame as they will lie in the buffers. */
struct rx_bytes {
	const uint8_t *part[RX_PARTS];
	size_t len[RX_PARTS];
	unsigned int num;
	size_t total;
	uint8_t tag[4];
	uint8_t csum[2];
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

static bool is_head(struct vmxnet3_dev *dev, const struct ring *ring,
		    struct vmxnet3_rx_desc *desc)
{
	return peek(dev, ring, desc) && !(desc->ctl & VMXNET3_RXD_BTYPE_BODY);
}

/* Of the next two buffers the second one, and for the next frame the first. */
static bool take_swapped(struct vmxnet3_dev *dev, struct rx_plan *plan)
{
	const struct ring first = plan->ring[0];
	struct vmxnet3_rx_desc desc;

	if (!is_head(dev, &plan->ring[0], &desc))
		return false;
	if (plan->swapped) {
		take(dev, plan, 0, &desc);
		ring_advance(&plan->ring[0]);
		plan->swapped = false;
		return true;
	}
	ring_advance(&plan->ring[0]);
	if (first.size > 2 && is_head(dev, &plan->ring[0], &desc)) {
		take(dev, plan, 0, &desc);
		plan->swapped = true;
	}
	plan->ring[0] = first;
	return plan->swapped;
}

static bool take_head(struct vmxnet3_dev *dev, struct rx_plan *plan)
{
	struct vmxnet3_rx_desc desc;

	if (dev->rev.caps & VMXNET3_CAP_OOORX_COMP || plan->swapped) {
		if (take_swapped(dev, plan))
			return true;
		if (plan->swapped)
			return false;
	}

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

/* The head buffer's place in the data ring instead, if the frame fits. */
static void use_data_ring(struct vmxnet3_dev *dev, const struct rx_queue *rxq,
			  size_t len, struct rx_plan *plan)
{
	struct rx_slot *slot = &plan->slots[0];
	uint8_t *mem;

	if (len > rxq->data_size)
		return;
	mem = dma_map(dev->dma, rxq->data_pa +
		      (uint64_t)slot->index * rxq->data_size, len, true);
	if (!mem)
		return;
	slot->ring = DATA_RING;
	slot->mem = mem;
	slot->len = len;
	plan->room = len;
	plan->bad = false;
}

/* Find buffers for len bytes; nothing has changed if there are not enough. */
static int make_plan(struct vmxnet3_dev *dev, const struct rx_queue *rxq,
		     size_t len, struct rx_plan *plan)
{
	plan->ring[0] = rxq->ring[0];
	plan->ring[1] = rxq->ring[1];
	plan->num_slots = 0;
	plan->room = 0;
	plan->swapped = rxq->swapped;
	plan->bad = false;
	if (!take_head(dev, plan))
		return -EAGAIN;
	use_data_ring(dev, rxq, len, plan);
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

static void add_bytes(struct rx_bytes *bytes, const uint8_t *part, size_t len)
{
	bytes->part[bytes->num] = part;
	bytes->len[bytes->num++] = len;
	bytes->total += len;
}

static void set_bytes(const struct vmxnet3_dev *dev, const struct frame *f,
		      const struct rx_meta *meta, struct rx_bytes *bytes)
{
	size_t at = 0;

	bytes->num = 0;
	bytes->total = 0;
	if (f->has_vlan && !(dev->conf.features & VMXNET3_F_RXVLAN)) {
		bytes->tag[0] = 0x81;
		bytes->tag[1] = 0;
		bytes->tag[2] = f->vlan_tci >> 8;
		bytes->tag[3] = f->vlan_tci;
		add_bytes(bytes, f->data, 12);
		add_bytes(bytes, bytes->tag, 4);
		at = 12;
	}
	if (meta->csum_at) {
		memcpy(bytes->csum, &meta->csum, sizeof(bytes->csum));
		add_bytes(bytes, f->data + at, meta->csum_at - at);
		add_bytes(bytes, bytes->csum, sizeof(bytes->csum));
		at = meta->csum_at + sizeof(bytes->csum);
	}
	add_bytes(bytes, f->data + at, f->len - at);
}

/* Copy bytes from offset on. */
static void copy_bytes(const struct rx_bytes *bytes, size_t offset,
		       uint8_t *to, size_t len)
{
	for (unsigned int i = 0; i < bytes->num && len; i++) {
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
			 FIELD_PREP(VMXNET3_COMP_TYPE, meta->segments ?
				    VMXNET3_COMP_TYPE_RX_LRO :
				    VMXNET3_COMP_TYPE_RX) |
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
	uint32_t rqid = q + slot->ring * dev->conf.num_rx;

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

/* The first completion tells of merged segments, where the hash would be. */
static void tell_merged(const struct rx_meta *from, struct rx_meta *first)
{
	unsigned int segments = from->segments;

	if (!segments)
		return;
	if (segments > MAX_SEGMENTS)
		segments = MAX_SEGMENTS;
	first->segments = segments;
	first->hash = FIELD_PREP(VMXNET3_RXC_LRO_SEGMENTS, segments);
	first->flags &= ~VMXNET3_RXC_LRO_MSS;
	first->flags |= FIELD_PREP(VMXNET3_RXC_LRO_MSS, (uint32_t)from->mss);
	first->ctl &= ~VMXNET3_RXC_RSS_TYPE;
}

static void fill(struct vmxnet3_dev *dev, unsigned int q,
		 struct vmxnet3_rx_comp *comps, const struct rx_plan *plan,
		 const struct rx_bytes *bytes, const struct rx_meta *last)
{
	struct rx_queue *rxq = &dev->rx[q];
	size_t offset = 0;

	vmxnet3_ts_take(dev, rxq->ts_pa, rxq->ts_size, plan->slots[0].index,
			&dev->ts_rx);
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
			meta.segments = 0;
			meta.ctl |= VMXNET3_RXC_EOP;
		}
		if (!i) {
			tell_merged(last, &meta);
			meta.ctl |= VMXNET3_RXC_SOP;
			if (rxq->ts_size && vmxnet3_ts_wanted(dev))
				meta.ctl |= VMXNET3_RXC_TS_WANTED;
		}
		meta.ctl |= slot_ctl(dev, q, slot);
		meta.len |= FIELD_PREP(VMXNET3_RXC_LEN, len);
		write_comp(rxq, comps, &meta);
	}
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

	if (f->gso_size) {
		stats->lro_packets++;
		stats->lro_bytes += f->len;
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
	q = vmxnet3_rx_describe(dev, f, &meta);
	rxq = &dev->rx[q];
	if (rxq->error) {
		port->stats.rx_dropped++;
		return -EIO;
	}
	set_bytes(dev, f, &meta, &bytes);
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
	rxq->swapped = plan.swapped;
	if (plan.bad) {
		complete_error(dev, q, comps, &plan);
		port->stats.rx_dropped++;
	} else {
		fill(dev, q, comps, &plan, &bytes, &meta);
		count(&rxq->stats, f);
	}
	vmxnet3_coalesce_rx(dev, q);
	return plan.bad ? -EFAULT : 0;
}
