/* SPDX-License-Identifier: GPL-2.0 */
/*
 * NPA plugin for Intel's virtual functions with advanced descriptors: all but
 * its name.  A plugin defines what its hardware is like and includes this:
 *
 *   VF_MAX_QUEUES	queue pairs
 *   VF_VECTORS		interrupts
 *   VF_INTRS		interrupts that the shell may use; if there are more
 *			than the hardware has, the PF lets those go round
 *   VF_WINDOW_LEN	bytes of the registers
 *   VF_STATUS	offset of the status register
 *   VF_TXQ(q), VF_RXQ(q)	offset of the registers of a queue
 *   VF_EIMS, VF_EIMC	offset of the interrupt mask registers
 *   VF_SRRCTL		offset of SRRCTL in a receive queue's registers
 *   VF_SRRCTL_KIB	largest size of a buffer in SRRCTL
 *   VF_RX_ERR_L4E, VF_RX_ERR_IPE, VF_RX_ERR_RXE	bits of a received frame
 *   VF_TX_MAX_DATA	bytes of one TX descriptor, more is split; a power of 2
 *   VF_TX_CONTEXT	1 if every frame needs a context, 0 if only those with
 *			something to be done
 *
 * The plugin knows rings, descriptors and tail registers, and nothing else:
 * whose memory it is, what a packet is and when to run is the shell's affair.
 * The hypervisor programs ring addresses, interrupt routing, interrupt auto
 * clear and queue enables; the plugin programs what depends on buffers
 * (SRRCTL), the tails and the interrupt mask.
 *
 * Indexes run from 0 to the ring's size - 1.  A ring whose two indexes are
 * equal is empty, so one entry always stays unused, as the hardware wants it.
 */
#ifndef INTEL_VF_H
#define INTEL_VF_H

#include <net/npa_shell.h>

#include "intel_adv.h"
#include "npa_plugin.h"

#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)

/* A context, the elements, and the splits of a frame of 64 KiB and headers. */
#define VF_TX_ENTRIES	(1 + NPA_TX_MAX_SG + 65536 / VF_TX_MAX_DATA)
/* Refill a receive ring when that many entries are empty ... */
#define VF_RX_REFILL_MIN	16
/* ... and ask the shell for that many at a time. */
#define VF_RX_REFILL_BATCH	32

#define VF_OFFLOADS		(NPA_TX_CSUM | NPA_TX_TSO | NPA_TX_VLAN)

/**
 * struct vf_context - what a context descriptor says
 * @lens: tag, lengths of MAC and IP header
 * @cmd: command word; 0 if the hardware holds no context
 * @mss: MSS and length of the TCP header
 */
struct vf_context {
	__u32 lens;
	__u32 cmd;
	__u32 mss;
};

/**
 * struct vf_tx_kind - what the last frame wanted, and what that came to
 *
 * Frames are mostly of the same kind as the one before them.  The hardware has
 * the context for such a frame then, and the words of its descriptor are known
 * but for the length.
 *
 * @flags: as in &struct npa_tx_info
 * @cmd: the descriptor's command, less the length
 * @first: 8 bytes of &struct npa_tx_info from @sg_count on, which is 1; 0 if
 *	there is no such frame
 * @second: the 8 bytes after those
 * @status: the descriptor's status, less the length
 */
struct vf_tx_kind {
	__u32 flags;
	__u32 cmd;
	__u64 first;
	__u64 second;
	__u32 status;
};

npa_static_assert(npa_offsetof(struct npa_tx_info, head) ==
		  npa_offsetof(struct npa_tx_info, sg_count) + 16);

/**
 * struct vf_tx_queue - a transmit queue
 * @ring: descriptors
 * @nq: the shell's half; its counters are the indexes: the next free entry is
 *	@tx_added - 1, which starts at 1 for the unused entry, and the next one
 *	to harvest is @tx_done
 * @tail: TDT
 * @end: by a frame's first entry: its last
 * @mask: entries - 1
 * @kind: of the last frame
 * @context: the hardware's contexts: 0 of frames with TSO, 1 of all others,
 *	so that a TCP stream with its ACKs rarely changes one
 */
struct vf_tx_queue {
	struct adv_tx_desc *ring;
	struct npa_queue *nq;
	void __iomem *tail;
	__u16 *end;
	__u32 mask;
	struct vf_tx_kind kind;
	struct vf_context context[ADV_CONTEXTS];
} __attribute__((aligned(64)));

/**
 * struct vf_rx_queue - a receive queue; buffer ids are ring indexes
 * @ring: descriptors
 * @handle: the shell's handle
 * @indicate: its indicate_recv()
 * @tail: RDT
 * @mask: entries - 1
 * @next_use: first entry without a buffer
 * @next_clean: next entry that the hardware fills
 * @seen: the hardware has filled one since the ring was made
 * @large: buffers are large ones
 * @info: kind of the last frame, as its descriptor says
 * @status: its status
 * @last: the last descriptor of a frame in several buffers
 * @after: the entry after that
 * @frame: its description; one of the same kind differs in few members
 * @sg: its buffers
 */
struct vf_rx_queue {
	struct adv_rx_desc *ring;
	void *handle;
	void (*indicate)(void *rx_handle,
			 const struct npa_rx_frame *frame) NPA_CALL;
	void __iomem *tail;
	__u32 mask;
	__u32 next_use;
	__u32 next_clean;
	__u8 seen;
	__u8 large;
	__u32 info;
	__u32 status;
	struct adv_rx_desc last;
	__u32 after;
	struct npa_rx_frame frame;
	struct npa_rx_sg sg[NPA_RX_MAX_SG];
} __attribute__((aligned(64)));

struct vf_private {
	struct vf_tx_queue tx[VF_MAX_QUEUES];
	struct vf_rx_queue rx[VF_MAX_QUEUES];
	__u16 end[VF_MAX_QUEUES][ADV_MAX_RING];
};

npa_static_assert(sizeof(struct vf_private) <= NPA_IMAGE_PRIVATE_MAX);

static inline struct vf_private *vf_private(const struct npa_plugin_state *ps)
{
	return ps->priv;
}

static inline void __iomem *vf_reg(const struct npa_plugin_state *ps,
				   __u32 offset)
{
	return (char __iomem *)ps->mmio + offset;
}

/* A ring that the hardware takes, with memory for it. */
static int vf_ring_ok(const struct npa_queue *nq, __u32 desc_len)
{
	__u32 size = nq->ring_size;

	return size >= ADV_MIN_RING && size <= ADV_MAX_RING &&
	       !(size & (size - 1)) && nq->seg[0].va &&
	       nq->seg[0].length >= size * desc_len;
}

static __u32 NPA_CALL vf_sw_init(struct npa_plugin_state *ps)
{
	struct vf_private *priv = vf_private(ps);
	__u32 i;

	if (ps->size < sizeof(*ps) || ps->priv_len < sizeof(*priv) ||
	    ps->mmio_len < VF_WINDOW_LEN)
		return 1;
	if (ps->num_tx_queues > VF_MAX_QUEUES ||
	    ps->num_rx_queues > VF_MAX_QUEUES)
		return 2;
	for (i = 0; i < ps->num_tx_queues; i++) {
		if (!vf_ring_ok(&ps->tx[i], sizeof(struct adv_tx_desc)))
			return 3;
		priv->tx[i].ring = ps->tx[i].seg[0].va;
		priv->tx[i].nq = &ps->tx[i];
		priv->tx[i].end = priv->end[i];
		priv->tx[i].mask = ps->tx[i].ring_size - 1;
		priv->tx[i].tail = vf_reg(ps, VF_TXQ(i) + ADV_Q_TAIL);
	}
	for (i = 0; i < ps->num_rx_queues; i++) {
		if (!vf_ring_ok(&ps->rx[i], sizeof(struct adv_rx_desc)) ||
		    ps->rx[i].num_buf_ids < ps->rx[i].ring_size)
			return 4;
		priv->rx[i].ring = ps->rx[i].seg[0].va;
		priv->rx[i].handle = ps->rx[i].handle;
		priv->rx[i].indicate = ps->api->indicate_recv;
		priv->rx[i].mask = ps->rx[i].ring_size - 1;
		priv->rx[i].tail = vf_reg(ps, VF_RXQ(i) + ADV_Q_TAIL);
		priv->rx[i].frame.sg_count = 1;
		priv->rx[i].frame.sg = priv->rx[i].sg;
	}
	return 0;
}

/*
 * Choose buffers and tell the hardware their size, which it counts in KiB.
 * Where every frame fits a buffer, the size may be rounded up: the PF lets no
 * frame of more than mtu + 22 bytes through.  Otherwise it is rounded down,
 * since the hardware then fills every buffer but the last to the brim.
 */
static __u32 vf_set_buffer_size(struct npa_plugin_state *ps, __u32 queue,
				struct vf_rx_queue *q)
{
	__u32 frame = ps->mtu + 22, kib;

	q->large = frame > ps->small_len;
	if (!q->large)
		kib = (ps->small_len + 1023) >> 10;
	else if (frame <= ps->large_len)
		kib = (ps->large_len + 1023) >> 10;
	else
		kib = ps->large_len >> 10;
	if (!kib || kib > VF_SRRCTL_KIB)
		return 1;
	npa_mmio_write32(ADV_SRRCTL_ADV_ONE | kib,
			 vf_reg(ps, VF_RXQ(queue) + VF_SRRCTL));
	return 0;
}

/* Give all empty entries but one a buffer, as far as the shell has them. */
static void vf_refill(struct npa_plugin_state *ps, __u32 queue,
		      struct vf_rx_queue *q)
{
	__u32 free = (q->next_clean - q->next_use - 1) & q->mask;
	const struct npa_shell_api *api = ps->api;
	__u64 addr[VF_RX_REFILL_BATCH];
	void *handle = ps->rx[queue].handle;
	__u32 use = q->next_use;
	__u32 i, want, got;

	while (free) {
		want = q->mask + 1 - use;
		if (want > free)
			want = free;
		if (want > VF_RX_REFILL_BATCH)
			want = VF_RX_REFILL_BATCH;
		if (q->large)
			got = api->alloc_large_buffers(handle, use, want, addr);
		else
			got = api->alloc_small_buffers(handle, use, want, addr);
		if (unlikely(got > want))
			got = 0;
		for (i = 0; i < got; i++) {
			struct adv_rx_desc *desc = &q->ring[use + i];

			desc->addr = npa_cpu_to_le64(addr[i]);
			desc->status = 0;
			desc->length = 0;
		}
		use = (use + got) & q->mask;
		free -= got;
		if (unlikely(got < want))
			break;
	}
	q->next_use = use;
}

static void NPA_CALL vf_add_buffers_to_rx_ring(struct npa_plugin_state *ps,
					       __u32 queue)
{
	struct vf_rx_queue *q = &vf_private(ps)->rx[queue];
	__u32 use = q->next_use;

	if (((q->next_clean - use - 1) & q->mask) >= VF_RX_REFILL_MIN)
		vf_refill(ps, queue, q);
	/*
	 * The hardware forgets a tail that was written before the queue was
	 * enabled.  Once it has filled a buffer it knows the tail, and only
	 * changes are news.
	 */
	if (q->next_use != use || !q->seen)
		npa_mmio_write32(q->next_use, q->tail);
}

static __u32 NPA_CALL vf_reinit_rx_ring(struct npa_plugin_state *ps,
					__u32 queue)
{
	struct vf_rx_queue *q = &vf_private(ps)->rx[queue];
	__u32 i;

	for (i = 0; i <= q->mask; i++) {
		q->ring[i].addr = 0;
		q->ring[i].status = 0;
		q->ring[i].length = 0;
	}
	q->next_use = 0;
	q->next_clean = 0;
	q->seen = 0;
	if (vf_set_buffer_size(ps, queue, q)) {
		ps->api->log(ps->shell, NPA_LOG_ERR,
			     "the hardware cannot use buffers of this size",
			     ps->large_len);
		return 1;
	}
	npa_mmio_write32(0, vf_reg(ps, VF_RXQ(queue) + ADV_Q_HEAD));
	vf_refill(ps, queue, q);
	npa_mmio_write32(q->next_use, q->tail);
	/* A ring with a few buffers works; one with none never would. */
	return q->next_use ? 0 : 2;
}

static __u32 NPA_CALL vf_reinit_tx_ring(struct npa_plugin_state *ps,
					__u32 queue)
{
	struct vf_tx_queue *q = &vf_private(ps)->tx[queue];
	__u32 i;

	for (i = 0; i <= q->mask; i++) {
		q->ring[i].addr = 0;
		q->ring[i].cmd = 0;
		q->ring[i].status = 0;
	}
	for (i = 0; i < ADV_CONTEXTS; i++)
		q->context[i].cmd = 0;
	q->kind.first = 0;
	ps->tx[queue].tx_added = 1;
	ps->tx[queue].tx_done = 0;
	npa_mmio_write32(0, vf_reg(ps, VF_TXQ(queue) + ADV_Q_HEAD));
	npa_mmio_write32(0, q->tail);
	return 0;
}

static inline __u32 vf_vector(__u32 intr)
{
	return 1U << intr % VF_VECTORS;
}

static void NPA_CALL vf_enable_interrupt(struct npa_plugin_state *ps,
					 __u32 intr)
{
	if (intr < VF_INTRS)
		npa_mmio_write32(vf_vector(intr), vf_reg(ps, VF_EIMS));
}

static void NPA_CALL vf_disable_interrupt(struct npa_plugin_state *ps,
					  __u32 intr)
{
	if (intr < VF_INTRS)
		npa_mmio_write32(vf_vector(intr), vf_reg(ps, VF_EIMC));
}

static inline void vf_tx_put(struct adv_tx_desc *desc, __u64 addr,
			     __u32 cmd, __u32 status)
{
	desc->addr = npa_cpu_to_le64(addr);
	desc->cmd = npa_cpu_to_le32(cmd);
	desc->status = npa_cpu_to_le32(status);
}

/*
 * Descriptors of a frame that may have pieces too large for one: the same as
 * the loop in vf_tx_queue_frame().  Returns the last entry.
 */
static __attribute__((noinline)) __u32
vf_tx_split(struct vf_tx_queue *q, const struct npa_tx_info *info, __u32 i,
	    __u32 cmd, __u32 status)
{
	__u32 n;

	for (n = 0; n < info->sg_count; n++) {
		__u32 len = info->sg[n].length;
		__u64 addr = info->sg[n].addr;

		while (len > VF_TX_MAX_DATA) {
			vf_tx_put(&q->ring[i], addr, cmd | VF_TX_MAX_DATA,
				  status);
			addr += VF_TX_MAX_DATA;
			len -= VF_TX_MAX_DATA;
			i = (i + 1) & q->mask;
		}
		vf_tx_put(&q->ring[i], addr, cmd | len, status);
		i = (i + 1) & q->mask;
	}
	i = (i - 1) & q->mask;
	q->ring[i].cmd |= npa_cpu_to_le32(ADV_TXD_EOP | ADV_TXD_RS);
	return i;
}

/*
 * Write a frame's data descriptors and publish it.  @first: its first entry,
 * @i: the first one for data; @cmd, @status: what they have in common.
 */
static inline __attribute__((always_inline)) void
vf_tx_queue_frame(struct vf_tx_queue *q, const struct npa_tx_info *info,
		  __u32 first, __u32 i, __u32 cmd, __u32 status,
		  __u32 last_hint)
{
	struct adv_tx_desc *ring = q->ring;
	const struct npa_tx_sg *sg = info->sg;
	struct npa_queue *nq = q->nq;
	const __u32 mask = q->mask;
	__u32 n, added;

	if (unlikely(info->byte_length > VF_TX_MAX_DATA)) {
		i = vf_tx_split(q, info, i, cmd, status);
	} else {
		for (n = info->sg_count; --n; sg++) {
			vf_tx_put(&ring[i], sg->addr, cmd | sg->length,
				  status);
			i = (i + 1) & mask;
		}
		cmd |= ADV_TXD_EOP | ADV_TXD_RS;
		vf_tx_put(&ring[i], sg->addr, cmd | sg->length, status);
	}
	q->end[first] = i;
	added = nq->tx_added + ((i - first) & mask) + 1;
	/* Pairs with npa_rmb() in vf_check_tx_ring(): @end before the index. */
	npa_wmb();
	npa_write_once(nq->tx_added, added);

	if (last_hint ||
	    mask + 1 - (added - npa_read_once(nq->tx_done)) < VF_TX_ENTRIES)
		npa_mmio_write32((i + 1) & mask, q->tail);
}

/* Make the hardware's context @index the wanted one; returns the next entry. */
static inline __u32 vf_tx_context(struct vf_tx_queue *q, __u32 i, __u32 index,
				  __u32 lens, __u32 type, __u32 mss)
{
	struct vf_context *context = &q->context[index];

	if (likely(context->lens == lens && context->cmd == type &&
		   context->mss == mss))
		return i;
	context->lens = lens;
	context->cmd = type;
	context->mss = mss;
	vf_tx_put(&q->ring[i], lens, type,
		  mss | index << ADV_CTX_IDX_SHIFT);
	return (i + 1) & q->mask;
}

/*
 * A frame with a tag, a checksum or segments to be made: say so in @pcmd and
 * @pstatus, and in a context.  Returns the entry for its data.
 */
static inline __attribute__((always_inline)) __u32
vf_tx_offload(struct vf_tx_queue *q, const struct npa_tx_info *info,
	      __u32 first, __u32 *pcmd, __u32 *pstatus)
{
	__u32 flags = info->flags, index = 1, mss = 0;
	__u32 cmd = *pcmd, status = *pstatus;
	__u32 lens = (info->l3_offset & ADV_CTX_MACLEN_MASK) << ADV_CTX_MACLEN;
	__u32 type = ADV_TXD_CTX | ADV_TXD_DEXT;

	if (flags & NPA_TX_VLAN) {
		lens |= (__u32)info->vlan_tag << ADV_CTX_VLAN;
		cmd |= ADV_TXD_VLE;
	}
	type |= (flags & NPA_TX_IPV4) * (ADV_CTX_IPV4 / NPA_TX_IPV4);
	if (likely(flags & (NPA_TX_CSUM | NPA_TX_TSO))) {
		lens |= info->l4_offset - info->l3_offset;
		status |= ADV_TXS_TXSM;
		/*
		 * The type only says where in its header the checksum lies,
		 * so let the offset decide.
		 */
		if (info->csum_offset != 6)
			type |= ADV_CTX_L4T_TCP;
	}
	if (flags & NPA_TX_TSO) {
		index = 0;
		mss = (__u32)info->mss << ADV_CTX_MSS |
		      (info->l4_payload_offset - info->l4_offset) <<
		      ADV_CTX_L4LEN;
		cmd |= ADV_TXD_TSE;
		status -= (__u32)info->l4_payload_offset <<
			  ADV_TXS_PAYLEN;
		status |= (flags & NPA_TX_IPV4) *
			  (ADV_TXS_IXSM / NPA_TX_IPV4);
	}
	*pcmd = cmd;
	*pstatus = status | ADV_TXS_CC | index << ADV_TXS_IDX_SHIFT;
	return vf_tx_context(q, first, index, lens, type, mss);
}

/*
 * A frame with nothing to be done on hardware that wants a context all the
 * same, to know where the MAC header ends: any that says so will do.  Returns
 * the entry for its data.
 */
static inline __u32 vf_tx_plain(struct vf_tx_queue *q,
				const struct npa_tx_info *info, __u32 first,
				__u32 *status)
{
	const __u32 maclen = ADV_CTX_MACLEN_MASK << ADV_CTX_MACLEN;
	__u32 lens = info->l3_offset << ADV_CTX_MACLEN & maclen;
	const struct vf_context *context = &q->context[1];

	*status |= ADV_TXS_CC | 1 << ADV_TXS_IDX_SHIFT;
	if (likely(context->cmd && (context->lens & maclen) == lens))
		return first;
	return vf_tx_context(q, first, 1, lens, ADV_TXD_CTX | ADV_TXD_DEXT, 0);
}

/* Any frame: in pieces, too large for one descriptor, of another kind. */
static __attribute__((noinline)) __u32
vf_tx_any(struct vf_tx_queue *q, const struct npa_tx_info *info,
	  __u32 last_hint)
{
	__u32 cmd = ADV_TXD_DATA | ADV_TXD_DEXT | ADV_TXD_IFCS;
	__u32 status = info->byte_length << ADV_TXS_PAYLEN;
	__u32 added = q->nq->tx_added;
	__u32 first = (added - 1) & q->mask, i = first;
	__u32 free = q->mask + 1 - (added - npa_read_once(q->nq->tx_done));

	/* Every split needs more than VF_TX_MAX_DATA bytes. */
	if (unlikely(free < VF_TX_ENTRIES) &&
	    free < 1 + info->sg_count + info->byte_length / VF_TX_MAX_DATA)
		return 1;
	if (info->flags & VF_OFFLOADS)
		i = vf_tx_offload(q, info, first, &cmd, &status);
	else if (VF_TX_CONTEXT)
		i = vf_tx_plain(q, info, first, &status);

	q->kind.first = 0;
	if (info->sg_count == 1) {
		q->kind.flags = info->flags;
		__builtin_memcpy(&q->kind.first, &info->sg_count, 8);
		__builtin_memcpy(&q->kind.second, &info->l4_offset, 8);
		q->kind.cmd = cmd | ADV_TXD_EOP | ADV_TXD_RS;
		q->kind.status = status -
				 (info->byte_length << ADV_TXS_PAYLEN);
	}
	vf_tx_queue_frame(q, info, first, i, cmd, status, last_hint);
	return 0;
}

static __u32 NPA_CALL vf_add_frame_to_tx_ring(struct npa_plugin_state *ps,
					      __u32 queue,
					      const struct npa_tx_info *info,
					      __u32 last_hint)
{
	struct vf_tx_queue *q = &vf_private(ps)->tx[queue];
	const struct npa_tx_sg *sg = info->sg;
	struct npa_queue *nq = q->nq;
	__u32 len = info->byte_length;
	__u32 added = nq->tx_added, i;
	__u64 first, second;

	__builtin_memcpy(&first, &info->sg_count, 8);
	__builtin_memcpy(&second, &info->l4_offset, 8);
	/* With few entries left the tail may have to be written early. */
	if (unlikely(first != q->kind.first || second != q->kind.second ||
		     info->flags != q->kind.flags || len > VF_TX_MAX_DATA ||
		     added - npa_read_once(nq->tx_done) >=
		     q->mask - VF_TX_ENTRIES))
		return vf_tx_any(q, info, last_hint);

	i = (added - 1) & q->mask;
	vf_tx_put(&q->ring[i], sg->addr, q->kind.cmd | len,
		  q->kind.status + (len << ADV_TXS_PAYLEN));
	q->end[i] = i;
	/* Pairs with npa_rmb() in vf_check_tx_ring(): @end before the index. */
	npa_wmb();
	npa_write_once(nq->tx_added, added + 1);
	if (last_hint)
		npa_mmio_write32((i + 1) & q->mask, q->tail);
	return 0;
}

static void NPA_CALL vf_flush_tx_ring(struct npa_plugin_state *ps, __u32 queue)
{
	struct vf_tx_queue *q = &vf_private(ps)->tx[queue];

	npa_mmio_write32((ps->tx[queue].tx_added - 1) & q->mask, q->tail);
}

static __u32 NPA_CALL vf_check_tx_ring(struct npa_plugin_state *ps,
				       __u32 queue)
{
	struct vf_tx_queue *q = &vf_private(ps)->tx[queue];
	struct npa_queue *nq = q->nq;
	__u32 used = npa_read_once(nq->tx_added) - 1;
	__u32 done = nq->tx_done, count = 0;
	const __u32 mask = q->mask;

	npa_rmb();
	while (done != used) {
		__u32 first = done & mask, end = q->end[first];

		if (!(npa_read_once(q->ring[end].status) &
		      npa_cpu_to_le32(ADV_TXS_DD)))
			break;
		done += ((end - first) & mask) + 1;
		count++;
	}
	if (!count)
		return 0;
	npa_write_once(nq->tx_done, done);
	ps->api->complete_send(nq->handle, count);
	return count;
}

/* Bits 7:4 of the information: IPv4, with options; IPv6, with extensions. */
static const __u8 vf_ip_types[16] = {
	[0x1] = NPA_RX_IPV4, [0x2] = NPA_RX_IPV4, [0x3] = NPA_RX_IPV4,
	[0x4] = NPA_RX_IPV6, [0x8] = NPA_RX_IPV6, [0xc] = NPA_RX_IPV6,
};

/* RSS types to &enum npa_hash. */
static const __u8 vf_hashes[16] = {
	[ADV_RSS_TCP_IPV4] = NPA_HASH_L4,
	[ADV_RSS_IPV4] = NPA_HASH_L3,
	[ADV_RSS_TCP_IPV6] = NPA_HASH_L4,
	[ADV_RSS_IPV6_EX] = NPA_HASH_L3,
	[ADV_RSS_IPV6] = NPA_HASH_L3,
	[ADV_RSS_TCP_IPV6_EX] = NPA_HASH_L4,
	[ADV_RSS_UDP_IPV4] = NPA_HASH_L4,
	[ADV_RSS_UDP_IPV6] = NPA_HASH_L4,
	[ADV_RSS_UDP_IPV6_EX] = NPA_HASH_L4,
};

static inline __u8 vf_rx_csum(__u32 seen, __u32 wrong)
{
	if (!seen)
		return NPA_CSUM_UNKNOWN;
	return wrong ? NPA_CSUM_INCORRECT : NPA_CSUM_CORRECT;
}

/* What the last descriptor of a frame says about its kind. */
static __attribute__((noinline)) void
vf_rx_describe(struct vf_rx_queue *q, __u32 info, __u32 status)
{
	struct npa_rx_frame *frame = &q->frame;
	const __u32 types = ADV_RX_INFO_TCP | ADV_RX_INFO_UDP;
	const __u32 good = ADV_RX_STAT_IPCS | ADV_RX_STAT_L4CS;
	const __u32 bad = VF_RX_ERR_IPE | VF_RX_ERR_L4E;

	q->status = status;
	q->info = info;
	frame->flags = vf_ip_types[info >> 4 & 0xf] |
		       (info & types) / (ADV_RX_INFO_TCP / NPA_RX_TCP) |
		       (~status & ADV_RX_STAT_PIF) /
		       (ADV_RX_STAT_PIF / NPA_RX_FILTERED);
	if (status & ADV_RX_STAT_VP)
		frame->flags |= NPA_RX_VLAN;
	if (unlikely(status & VF_RX_ERR_RXE))
		frame->flags |= NPA_RX_ERROR;

	/* Nearly always both were checked and are right. */
	frame->ip_csum = NPA_CSUM_CORRECT;
	frame->l4_csum = NPA_CSUM_CORRECT;
	if (unlikely((status & (good | bad)) != good)) {
		frame->ip_csum = vf_rx_csum(status & ADV_RX_STAT_IPCS,
					    status & VF_RX_ERR_IPE);
		frame->l4_csum = vf_rx_csum(status & (ADV_RX_STAT_L4CS |
						      ADV_RX_STAT_UDPCS),
					    status & VF_RX_ERR_L4E);
	}
	frame->hash_type = vf_hashes[info & ADV_RX_INFO_RSS];
}

npa_static_assert(ADV_RX_INFO_IPV4 == 0x1 << 4 &&
		  ADV_RX_INFO_IPV4E == 0x2 << 4 &&
		  ADV_RX_INFO_IPV6 == 0x4 << 4 &&
		  ADV_RX_INFO_IPV6E == 0x8 << 4 &&
		  ADV_RX_INFO_UDP / NPA_RX_UDP ==
		  ADV_RX_INFO_TCP / NPA_RX_TCP);

/*
 * A frame in several buffers, the first of which is at @i.  Describes it but
 * for its kind; returns the descriptor that says it, NULL if the frame is not
 * complete yet.
 */
static __attribute__((noinline)) const struct adv_rx_desc *
vf_rx_pieces(struct vf_rx_queue *q, __u32 i)
{
	__u32 count = 0, bytes = 0, status;

	do {
		const struct adv_rx_desc *desc = &q->ring[i];
		__u32 length;

		status = npa_le32_to_cpu(npa_read_once(desc->status));
		if (!(status & ADV_RX_STAT_DD) || i == q->next_use)
			return (void *)0;
		npa_rmb();
		length = npa_le32_to_cpu(desc->length) & ADV_RX_LEN_MASK;
		q->last = *desc;
		q->sg[count].buf_id = i;
		q->sg[count].length = length;
		bytes += length;
		i = (i + 1) & q->mask;
		if (++count == NPA_RX_MAX_SG && !(status & ADV_RX_STAT_EOP))
			status |= VF_RX_ERR_RXE | ADV_RX_STAT_EOP;
	} while (!(status & ADV_RX_STAT_EOP));

	q->last.status = npa_cpu_to_le32(status);
	q->frame.sg_count = count;
	q->frame.byte_length = bytes;
	q->after = i;
	return &q->last;
}

/*
 * Take what the hardware has filled, the first of it at next_clean.  What is
 * read from @q again for each frame needs no register to be saved, and a poll
 * often finds one frame only.
 */
static __attribute__((noinline)) __u32
vf_rx_take(struct vf_rx_queue *q, __u32 budget)
{
	__u32 i = q->next_clean, left = budget;

	do {
		const struct adv_rx_desc *desc = &q->ring[i];
		__u32 next = (i + 1) & q->mask, status, length;
		__u64 info;

		status = npa_le32_to_cpu(npa_read_once(desc->status));
		/* What lies at next_use is from the last round. */
		if (!(status & ADV_RX_STAT_DD) || i == q->next_use)
			break;
		npa_rmb();
		length = npa_le32_to_cpu(desc->length);
		if (likely(status & ADV_RX_STAT_EOP)) {
			q->sg[0].buf_id = i;
			q->sg[0].length = length & ADV_RX_LEN_MASK;
			q->frame.byte_length = length & ADV_RX_LEN_MASK;
			q->frame.sg_count = 1;
		} else {
			desc = vf_rx_pieces(q, i);
			if (!desc)
				break;
			next = q->after;
			status = npa_le32_to_cpu(desc->status);
			length = npa_le32_to_cpu(desc->length);
		}
		info = npa_le64_to_cpu(desc->addr);
		/* A frame is mostly of the same kind as the one before it. */
		if (unlikely(status != q->status || (__u32)info != q->info))
			vf_rx_describe(q, info, status);
		q->frame.vlan_tag = length >> ADV_RX_VLAN_SHIFT;
		q->frame.hash = info >> 32;
		i = next;
		q->indicate(q->handle, &q->frame);
	} while (--left);

	q->next_clean = i;
	if (left != budget)
		q->seen = 1;
	return budget - left;
}

static __u32 NPA_CALL vf_check_rx_ring(struct npa_plugin_state *ps,
				       __u32 queue, __u32 budget)
{
	struct vf_rx_queue *q = &vf_private(ps)->rx[queue];
	const struct adv_rx_desc *desc;

	/* So that its address is not computed once for each use. */
	__asm__("" : "+r" (q));
	desc = &q->ring[q->next_clean];
	/* Often it is for something else that the shell looks. */
	if (!(npa_read_once(desc->status) & npa_cpu_to_le32(ADV_RX_STAT_DD)) ||
	    unlikely(!budget))
		return 0;
	return vf_rx_take(q, budget);
}

/* The status register of a VF that is there has bits that are always 0. */
static __u32 NPA_CALL vf_check_alive(struct npa_plugin_state *ps)
{
	return npa_mmio_read32(vf_reg(ps, VF_STATUS)) == 0xffffffff;
}

/* What the entry point of a plugin does. */
static inline __u32 vf_plugin_main(struct npa_plugin_api *api)
{
	if (api->size < sizeof(*api))
		return 1;
	api->major = NPA_API_MAJOR;
	api->minor = NPA_API_MINOR;
	api->flags = NPA_PLUGIN_INTR_THROTTLED | NPA_PLUGIN_NEVER_MERGES;
	api->tx_entries_per_frame = VF_TX_ENTRIES;
	api->rx_ids_per_entry = 1;
	api->tx_seg_bytes[0] = sizeof(struct adv_tx_desc);
	api->rx_seg_bytes[0] = sizeof(struct adv_rx_desc);
	api->sw_init = vf_sw_init;
	api->reinit_rx_ring = vf_reinit_rx_ring;
	api->reinit_tx_ring = vf_reinit_tx_ring;
	api->enable_interrupt = vf_enable_interrupt;
	api->disable_interrupt = vf_disable_interrupt;
	api->add_frame_to_tx_ring = vf_add_frame_to_tx_ring;
	api->flush_tx_ring = vf_flush_tx_ring;
	api->check_tx_ring = vf_check_tx_ring;
	api->check_rx_ring = vf_check_rx_ring;
	api->add_buffers_to_rx_ring = vf_add_buffers_to_rx_ring;
	api->check_alive = vf_check_alive;
	return 0;
}

#endif
