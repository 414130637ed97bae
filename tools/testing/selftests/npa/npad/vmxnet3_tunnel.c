// SPDX-License-Identifier: GPL-2.0
/*
 * Checksums and segmentation for what the driver sends in tunnels, from
 * revision 4 on.  The descriptor says where the inner headers end; where they
 * begin, and what the tunnel is, is found by looking.
 */
#include <errno.h>

#include "vmxnet3_dev.h"

#define TCP_CSUM_OFFSET	16
#define UDP_CSUM_OFFSET	6

/* From revision 7 on the driver says which tunnels it wants to offload. */
static bool is_enabled(const struct vmxnet3_dev *dev,
		       const struct tx_tunnel *tx, bool tso)
{
	bool vxlan = tx->tunnel.kind == FRAME_VXLAN;
	uint32_t need;

	if (dev->rev.revision < 7)
		return true;
	if (tso)
		need = vxlan ? VMXNET3_CAP_VXLAN_TSO : VMXNET3_CAP_GENEVE_TSO;
	else
		need = vxlan ? VMXNET3_CAP_VXLAN_CSUM : VMXNET3_CAP_GENEVE_CSUM;
	if (tx->outer_csum)
		need |= vxlan ? VMXNET3_CAP_VXLAN_OUTER_CSUM :
				VMXNET3_CAP_GENEVE_OUTER_CSUM;
	return !(need & ~dev->rev.caps);
}

int vmxnet3_tunnel_offload(const struct vmxnet3_dev *dev, struct frame *f,
			   struct tx_tunnel *tx, unsigned int mode,
			   uint32_t hlen, uint32_t msscof)
{
	bool tso = mode == VMXNET3_TXD_OM_TSO ||
		   (mode == VMXNET3_TXD_OM_ENCAP && msscof);
	const struct frame_info *inner = &tx->tunnel.inner;
	unsigned int field, l4;

	f->gso_size = tso ? msscof : 0;
	if (!frame_tunnel_parse(f, &tx->tunnel, false) ||
	    !(inner->tcp || (inner->udp && !tso)) ||
	    (tso && !f->gso_size) || !is_enabled(dev, tx, tso))
		return -EINVAL;
	l4 = tx->tunnel.offset + inner->l4_offset;
	field = inner->tcp ? TCP_CSUM_OFFSET : UDP_CSUM_OFFSET;
	if (hlen != tx->tunnel.offset + (unsigned int)inner->payload_offset ||
	    (mode == VMXNET3_TXD_OM_CSUM && msscof != l4 + field))
		return -EINVAL;
	tx->cut = tso;
	if (tso)
		return 0;
	f->csum_partial = true;
	f->csum_start = l4;
	f->csum_offset = field;
	if (!tx->outer_csum)
		return 0;
	frame_finish_udp(f, &tx->tunnel.outer, false, 0);
	if (frame_finish_csum(f))
		return -EINVAL;
	frame_finish_udp(f, &tx->tunnel.outer, true, 0);
	return 0;
}

/* Segments are sent one after the other; those before a full port were. */
struct sender {
	struct vmxnet3_dev *dev;
	unsigned int skip;
	unsigned int done;
	bool full;
};

static void send_segment(void *arg, struct frame *segment)
{
	struct sender *sender = arg;
	struct vmxnet3_dev *dev = sender->dev;

	if (sender->full)
		return;
	if (sender->done >= sender->skip &&
	    eswitch_send(dev->sw, &dev->port, segment) == -EAGAIN)
		sender->full = true;
	else
		sender->done++;
}

int vmxnet3_tunnel_send(struct vmxnet3_dev *dev, struct tx_queue *txq,
			struct frame *f, const struct tx_tunnel *tx)
{
	struct sender sender = { .dev = dev, .skip = txq->segments };
	int err;

	txq->segments = 0;
	err = frame_tunnel_segment(f, &tx->tunnel, tx->outer_csum,
				   dev->tx_segment, send_segment, &sender);
	if (err || !sender.full)
		return err;
	txq->segments = sender.done;
	return -EAGAIN;
}
