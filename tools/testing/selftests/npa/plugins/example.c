// SPDX-License-Identifier: GPL-2.0
/*
 * An example of a plugin, complete and made for reading: begin yours with a
 * copy of it.  It drives the same VF as intel-82576vf.c, which is the fast one
 * of the two; this one does the simple thing everywhere.
 *
 * What any plugin has: rings that it lays out in memory of the shell, indexes
 * in its private area, and a table of functions.  What is the 82576's own comes from
 * e1000vf_regs.h.
 */
#include <net/npa_shell.h>

#include "e1000vf_regs.h"
#include "npa_plugin.h"

/*
 * Bytes that one descriptor may send.  A frame of 64 KiB and its headers, in
 * as many pieces as the API allows, needs that many entries: a context, the
 * pieces, two pieces that have to be cut.
 */
#define MAX_DATA	32768
#define MAX_ENTRIES	(1 + NPA_TX_MAX_SG + 2)

/**
 * struct example_queue - what has to be remembered of a queue pair
 * @rx_use: first entry of the receive ring without a buffer
 * @rx_clean: next entry that the hardware fills
 * @tx_last: last entry of a frame to send, by its first one
 *
 * An index runs from 0 to the size of its ring - 1.  Where the transmit ring
 * stands is in struct npa_queue, since the shell wants to know it too.
 *
 * Sending, harvesting and receiving of a queue may run at the same time on
 * three processors.  What each of them writes, nobody else does: @tx_last is
 * the sender's, the others are the receiver's.
 */
struct example_queue {
	__u32 rx_use;
	__u32 rx_clean;
	__u16 tx_last[ADV_MAX_RING];
};

/* There are no writable globals.  The shell allocates this, zeroed. */
struct example_private {
	struct example_queue queue[E1000VF_MAX_QUEUES];
};

static struct example_queue *queue_of(struct npa_plugin_state *ps, __u32 queue)
{
	struct example_private *priv = ps->priv;

	return &priv->queue[queue];
}

static void __iomem *reg(struct npa_plugin_state *ps, __u32 offset)
{
	return (char __iomem *)ps->mmio + offset;
}

/* The start. */

/*
 * Is everything as this plugin needs it?  Rings are allocated, the hardware is
 * not touched.  A number that is not 0 goes to the log of the guest.
 */
static __u32 NPA_CALL example_sw_init(struct npa_plugin_state *ps)
{
	__u32 i;

	if (ps->size < sizeof(*ps) ||
	    ps->priv_len < sizeof(struct example_private) ||
	    ps->mmio_len < E1000VF_WINDOW_LEN)
		return 1;
	if (ps->num_rx_queues > E1000VF_MAX_QUEUES ||
	    ps->num_tx_queues > E1000VF_MAX_QUEUES)
		return 2;
	for (i = 0; i < ps->num_tx_queues; i++)
		if (ps->tx[i].ring_size < ADV_MIN_RING ||
		    ps->tx[i].ring_size > ADV_MAX_RING)
			return 3;
	for (i = 0; i < ps->num_rx_queues; i++)
		if (ps->rx[i].ring_size < ADV_MIN_RING ||
		    ps->rx[i].ring_size > ADV_MAX_RING)
			return 4;
	return 0;
}

/* Receiving. */

/*
 * Small buffers if a frame fits, else large ones, of which a frame may take
 * several.  The hardware counts in KiB.  A size rounded up does no harm where
 * every frame fits: the PF lets no frame of more than mtu + 22 bytes through.
 * Where frames do not fit, the hardware fills buffers to the brim.
 */
static int is_large(const struct npa_plugin_state *ps)
{
	return ps->mtu + 22 > ps->small_len;
}

static __u32 buffer_kib(const struct npa_plugin_state *ps)
{
	return is_large(ps) ? ps->large_len >> 10 :
			      (ps->small_len + 1023) >> 10;
}

/*
 * Give buffers to all entries but one (two equal indexes mean an empty ring),
 * as long as the shell has some.  A buffer's id is the index of its entry.
 */
static void fill_rx_ring(struct npa_plugin_state *ps, __u32 queue)
{
	struct example_queue *q = queue_of(ps, queue);
	const struct npa_queue *nq = &ps->rx[queue];
	struct adv_rx_desc *ring = nq->seg[0].va;
	__u32 mask = nq->ring_size - 1, got;
	__u64 addr;

	while (((q->rx_use + 1) & mask) != q->rx_clean) {
		if (is_large(ps))
			got = ps->api->alloc_large_buffers(nq->handle,
							   q->rx_use, 1,
							   &addr);
		else
			got = ps->api->alloc_small_buffers(nq->handle,
							   q->rx_use, 1,
							   &addr);
		if (!got)
			break;
		ring[q->rx_use].addr = npa_cpu_to_le64(addr);
		ring[q->rx_use].status = 0;
		q->rx_use = (q->rx_use + 1) & mask;
	}
	/*
	 * The tail, always: the hardware forgets one that was written before
	 * its queue was enabled, so the shell calls once more after that.
	 */
	npa_mmio_write32(q->rx_use, reg(ps, E1000VF_RDT(queue)));
}

static void NPA_CALL example_add_buffers_to_rx_ring(struct npa_plugin_state *ps,
						    __u32 queue)
{
	fill_rx_ring(ps, queue);
}

/* All buffers of an earlier life have been taken back by the shell. */
static __u32 NPA_CALL example_reinit_rx_ring(struct npa_plugin_state *ps,
					     __u32 queue)
{
	struct example_queue *q = queue_of(ps, queue);
	const struct npa_queue *nq = &ps->rx[queue];
	struct adv_rx_desc *ring = nq->seg[0].va;
	__u32 i;

	for (i = 0; i < nq->ring_size; i++) {
		ring[i].addr = 0;
		ring[i].status = 0;
		ring[i].length = 0;
	}
	q->rx_use = 0;
	q->rx_clean = 0;
	npa_mmio_write32(ADV_SRRCTL_ADV_ONE | buffer_kib(ps),
			 reg(ps, E1000VF_SRRCTL(queue)));
	npa_mmio_write32(0, reg(ps, E1000VF_RDH(queue)));
	fill_rx_ring(ps, queue);
	/* Some buffers will do.  Without any the queue would be dead. */
	return q->rx_use ? 0 : 1;
}

/* What the hardware has found out about a frame; "unknown" is an answer. */
static void describe(struct npa_rx_frame *frame, __u64 info, __u32 status,
		     __u32 length)
{
	if (info & (ADV_RX_INFO_IPV4 | ADV_RX_INFO_IPV4E))
		frame->flags |= NPA_RX_IPV4;
	if (info & (ADV_RX_INFO_IPV6 | ADV_RX_INFO_IPV6E))
		frame->flags |= NPA_RX_IPV6;
	if (info & ADV_RX_INFO_TCP)
		frame->flags |= NPA_RX_TCP;
	if (info & ADV_RX_INFO_UDP)
		frame->flags |= NPA_RX_UDP;
	if (status & E1000VF_RX_ERR_RXE)
		frame->flags |= NPA_RX_ERROR;
	if (status & ADV_RX_STAT_VP) {
		frame->flags |= NPA_RX_VLAN;
		frame->vlan_tag = length >> ADV_RX_VLAN_SHIFT;
	}
	if (status & ADV_RX_STAT_IPCS)
		frame->ip_csum = status & E1000VF_RX_ERR_IPE ?
				 NPA_CSUM_INCORRECT : NPA_CSUM_CORRECT;
	if (status & (ADV_RX_STAT_L4CS | ADV_RX_STAT_UDPCS))
		frame->l4_csum = status & E1000VF_RX_ERR_L4E ?
				 NPA_CSUM_INCORRECT : NPA_CSUM_CORRECT;
	if (info & ADV_RX_INFO_RSS) {
		frame->hash = info >> 32;
		frame->hash_type = info & ADV_RX_INFO_TCP ? NPA_HASH_L4 :
							    NPA_HASH_L3;
	}
}

/*
 * Collect the buffers of one frame from the ring.  Returns 0 if the hardware
 * has not finished it yet; then nothing has changed.
 */
static int take_frame(struct npa_plugin_state *ps, __u32 queue,
		      struct npa_rx_frame *frame, struct npa_rx_sg *sg)
{
	struct example_queue *q = queue_of(ps, queue);
	const struct npa_queue *nq = &ps->rx[queue];
	const struct adv_rx_desc *ring = nq->seg[0].va;
	__u32 i = q->rx_clean, status, length;

	do {
		/* What the hardware writes is read once, and then used. */
		status = npa_le32_to_cpu(npa_read_once(ring[i].status));
		if (i == q->rx_use || !(status & ADV_RX_STAT_DD))
			return 0;
		/* It wrote the status last; look at the rest after it. */
		npa_rmb();
		length = npa_le32_to_cpu(ring[i].length);
		sg[frame->sg_count].buf_id = i;
		sg[frame->sg_count].length = length & ADV_RX_LEN_MASK;
		frame->byte_length += length & ADV_RX_LEN_MASK;
		frame->sg_count++;
		/* More than there can be: the hardware is out of its mind. */
		if (frame->sg_count == NPA_RX_MAX_SG &&
		    !(status & ADV_RX_STAT_EOP))
			status |= ADV_RX_STAT_EOP | E1000VF_RX_ERR_RXE;
		describe(frame, npa_le64_to_cpu(ring[i].addr),
			 status & ADV_RX_STAT_EOP ? status : 0, length);
		i = (i + 1) & (nq->ring_size - 1);
	} while (!(status & ADV_RX_STAT_EOP));
	q->rx_clean = i;
	return 1;
}

static __u32 NPA_CALL example_check_rx_ring(struct npa_plugin_state *ps,
					    __u32 queue, __u32 budget)
{
	struct npa_rx_sg sg[NPA_RX_MAX_SG];
	__u32 done;

	for (done = 0; done < budget; done++) {
		struct npa_rx_frame frame = { .sg = sg };

		if (!take_frame(ps, queue, &frame, sg))
			break;
		ps->api->indicate_recv(ps->rx[queue].handle, &frame);
	}
	return done;
}

/* Sending. */

static __u32 NPA_CALL example_reinit_tx_ring(struct npa_plugin_state *ps,
					     __u32 queue)
{
	struct npa_queue *nq = &ps->tx[queue];
	struct adv_tx_desc *ring = nq->seg[0].va;
	__u32 i;

	for (i = 0; i < nq->ring_size; i++) {
		ring[i].addr = 0;
		ring[i].cmd = 0;
		ring[i].status = 0;
	}
	/* The one entry that cannot be used counts as in use for ever. */
	nq->tx_added = 1;
	nq->tx_done = 0;
	npa_mmio_write32(0, reg(ps, E1000VF_TDH(queue)));
	npa_mmio_write32(0, reg(ps, E1000VF_TDT(queue)));
	return 0;
}

static void put(struct adv_tx_desc *desc, __u64 addr, __u32 cmd, __u32 status)
{
	desc->addr = npa_cpu_to_le64(addr);
	desc->cmd = npa_cpu_to_le32(cmd);
	desc->status = npa_cpu_to_le32(status);
}

/*
 * The context descriptor: what is the same in all segments of a frame.  This
 * plugin writes one for every frame that wants something.
 */
static void put_context(struct adv_tx_desc *desc,
			const struct npa_tx_info *info)
{
	__u32 lens = info->l3_offset << ADV_CTX_MACLEN, mss = 0;
	__u32 cmd = ADV_TXD_CTX | ADV_TXD_DEXT;

	if (info->flags & NPA_TX_VLAN)
		lens |= (__u32)info->vlan_tag << ADV_CTX_VLAN;
	if (info->flags & NPA_TX_IPV4)
		cmd |= ADV_CTX_IPV4;
	if (info->flags & (NPA_TX_CSUM | NPA_TX_TSO)) {
		lens |= info->l4_offset - info->l3_offset;
		if (info->flags & NPA_TX_TCP)
			cmd |= ADV_CTX_L4T_TCP;
	}
	if (info->flags & NPA_TX_TSO)
		mss = (__u32)info->mss << ADV_CTX_MSS |
		      (info->l4_payload_offset - info->l4_offset) <<
		      ADV_CTX_L4LEN;
	put(desc, lens, cmd, mss);
}

/* What every data descriptor of a frame says. */
static void data_words(const struct npa_tx_info *info, __u32 *cmd,
		       __u32 *status)
{
	__u32 len = info->byte_length;

	*cmd = ADV_TXD_DATA | ADV_TXD_DEXT | ADV_TXD_IFCS;
	*status = 0;
	if (info->flags & (NPA_TX_VLAN | NPA_TX_CSUM | NPA_TX_TSO))
		*status |= ADV_TXS_CC;
	if (info->flags & NPA_TX_VLAN)
		*cmd |= ADV_TXD_VLE;
	if (info->flags & (NPA_TX_CSUM | NPA_TX_TSO))
		*status |= ADV_TXS_TXSM;
	if (info->flags & NPA_TX_TSO) {
		*cmd |= ADV_TXD_TSE;
		if (info->flags & NPA_TX_IPV4)
			*status |= ADV_TXS_IXSM;
		/* Of what is cut into segments the headers do not count. */
		len -= info->l4_payload_offset;
	}
	*status |= len << ADV_TXS_PAYLEN;
}

static __u32 free_entries(const struct npa_queue *nq)
{
	return nq->ring_size - (nq->tx_added - npa_read_once(nq->tx_done));
}

static __u32 NPA_CALL example_add_frame_to_tx_ring(struct npa_plugin_state *ps,
						   __u32 queue,
						   const struct npa_tx_info *info,
						   __u32 last_hint)
{
	struct npa_queue *nq = &ps->tx[queue];
	struct adv_tx_desc *ring = nq->seg[0].va;
	__u32 mask = nq->ring_size - 1, n, len, cmd, status;
	__u32 first = (nq->tx_added - 1) & mask, i = first;
	__u64 addr;

	/* The shell stops a queue before that; nothing has been changed. */
	if (free_entries(nq) < MAX_ENTRIES)
		return 1;

	data_words(info, &cmd, &status);
	if (status & ADV_TXS_CC) {
		put_context(&ring[i], info);
		i = (i + 1) & mask;
	}
	for (n = 0; n < info->sg_count; n++) {
		addr = info->sg[n].addr;
		len = info->sg[n].length;
		for (; len > MAX_DATA; len -= MAX_DATA, addr += MAX_DATA) {
			put(&ring[i], addr, cmd | MAX_DATA, status);
			i = (i + 1) & mask;
		}
		put(&ring[i], addr, cmd | len, status);
		i = (i + 1) & mask;
	}
	/* The last one: the frame ends here, tell me when it is sent. */
	i = (i - 1) & mask;
	ring[i].cmd |= npa_cpu_to_le32(ADV_TXD_EOP | ADV_TXD_RS);
	queue_of(ps, queue)->tx_last[first] = i;

	/* Harvesting sees the frame with the counter, so all must be there. */
	npa_wmb();
	npa_write_once(nq->tx_added, nq->tx_added + ((i - first) & mask) + 1);

	/* The doorbell: when no frame follows, or none would fit. */
	if (last_hint || free_entries(nq) < MAX_ENTRIES)
		npa_mmio_write32((i + 1) & mask, reg(ps, E1000VF_TDT(queue)));
	return 0;
}

static void NPA_CALL example_flush_tx_ring(struct npa_plugin_state *ps,
					   __u32 queue)
{
	const struct npa_queue *nq = &ps->tx[queue];

	npa_mmio_write32((nq->tx_added - 1) & (nq->ring_size - 1),
			 reg(ps, E1000VF_TDT(queue)));
}

/* Frames complete in order: stop at the first that has not. */
static __u32 NPA_CALL example_check_tx_ring(struct npa_plugin_state *ps,
					    __u32 queue)
{
	struct npa_queue *nq = &ps->tx[queue];
	const struct adv_tx_desc *ring = nq->seg[0].va;
	__u32 mask = nq->ring_size - 1, done = nq->tx_done, count = 0;
	__u32 used = npa_read_once(nq->tx_added) - 1, first, last;

	/* Pairs with npa_wmb() in example_add_frame_to_tx_ring(). */
	npa_rmb();
	while (done != used) {
		first = done & mask;
		last = queue_of(ps, queue)->tx_last[first];
		if (!(npa_read_once(ring[last].status) &
		      npa_cpu_to_le32(ADV_TXS_DD)))
			break;
		done += ((last - first) & mask) + 1;
		count++;
	}
	if (!count)
		return 0;
	npa_write_once(nq->tx_done, done);
	ps->api->complete_send(nq->handle, count);
	return count;
}

/* Interrupts.  The index is an interrupt's, which is not always a queue's. */

static void NPA_CALL example_enable_interrupt(struct npa_plugin_state *ps,
					      __u32 intr)
{
	if (intr < E1000VF_MAX_VECTORS)
		npa_mmio_write32(1U << intr, reg(ps, E1000VF_EIMS));
}

static void NPA_CALL example_disable_interrupt(struct npa_plugin_state *ps,
					       __u32 intr)
{
	if (intr < E1000VF_MAX_VECTORS)
		npa_mmio_write32(1U << intr, reg(ps, E1000VF_EIMC));
}

/* A register that is never all-ones, unless the hypervisor took the VF away. */
static __u32 NPA_CALL example_check_alive(struct npa_plugin_state *ps)
{
	return npa_mmio_read32(reg(ps, E1000VF_STATUS)) == 0xffffffff;
}

/**
 * npa_plugin_main() - entry point: fill the table, and nothing else
 * @api: the table; all of it is zero but its size
 *
 * Return: 0, or 1 if the shell's table is older than this plugin.
 */
NPA_ENTRY __u32 NPA_CALL npa_plugin_main(struct npa_plugin_api *api)
{
	if (api->size < sizeof(*api))
		return 1;
	api->major = NPA_API_MAJOR;
	api->minor = NPA_API_MINOR;
	/* This hardware limits its interrupts by itself. */
	api->flags = NPA_PLUGIN_INTR_THROTTLED | NPA_PLUGIN_NEVER_MERGES;
	api->tx_entries_per_frame = MAX_ENTRIES;
	api->rx_ids_per_entry = 1;
	api->tx_seg_bytes[0] = sizeof(struct adv_tx_desc);
	api->rx_seg_bytes[0] = sizeof(struct adv_rx_desc);
	api->sw_init = example_sw_init;
	api->reinit_rx_ring = example_reinit_rx_ring;
	api->reinit_tx_ring = example_reinit_tx_ring;
	api->enable_interrupt = example_enable_interrupt;
	api->disable_interrupt = example_disable_interrupt;
	api->add_frame_to_tx_ring = example_add_frame_to_tx_ring;
	api->flush_tx_ring = example_flush_tx_ring;
	api->check_tx_ring = example_check_tx_ring;
	api->check_rx_ring = example_check_rx_ring;
	api->add_buffers_to_rx_ring = example_add_buffers_to_rx_ring;
	api->check_alive = example_check_alive;
	return 0;
}

/* Name, version, vendor, licence, device, bytes of the private area. */
NPA_PLUGIN("example", "1.0", "NPA example", "GPL", E1000VF_DEVICE_IMPL_ID,
	   sizeof(struct example_private));
