// SPDX-License-Identifier: GPL-2.0
/*
 * What the device finds out about a received frame: checksums, also those
 * inside a tunnel, hash and queue, merged segments.
 */
#include <string.h>

#include "vmxnet3_rx_meta.h"

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

/* The kinds of flows that there are a hash for, by IP version. */
struct hash_kind {
	uint32_t fields[2];	/* VMXNET3_RSS_FIELD_* */
	uint32_t wanted[2];	/* and VMXNET3_RSS_*, if the flow needs that */
	uint32_t type[2];	/* VMXNET3_RSS_TYPE_* */
};

static const struct hash_kind tcp_kind = {
	.fields = { VMXNET3_RSS_FIELD_TCP_IPV4, VMXNET3_RSS_FIELD_TCP_IPV6 },
	.wanted = { VMXNET3_RSS_TCP_IPV4, VMXNET3_RSS_TCP_IPV6 },
	.type = { VMXNET3_RSS_TYPE_TCP_IPV4, VMXNET3_RSS_TYPE_TCP_IPV6 },
};

static const struct hash_kind udp_kind = {
	.fields = { VMXNET3_RSS_FIELD_UDP_IPV4, VMXNET3_RSS_FIELD_UDP_IPV6 },
	.type = { VMXNET3_RSS_TYPE_UDP_IPV4, VMXNET3_RSS_TYPE_UDP_IPV6 },
};

static const struct hash_kind esp_kind = {
	.fields = { VMXNET3_RSS_FIELD_ESP_IPV4, VMXNET3_RSS_FIELD_ESP_IPV6 },
	.type = { VMXNET3_RSS_TYPE_ESP_IPV4, VMXNET3_RSS_TYPE_ESP_IPV6 },
};

/* Which hash applies to a frame, of those the driver wants. */
static uint32_t rss_type(const struct vmxnet3_dev *dev,
			 const struct frame_info *info, bool *l4)
{
	const struct rss_conf *rss = &dev->conf.rss;
	const struct hash_kind *kind = info->tcp ? &tcp_kind :
				       info->udp ? &udp_kind :
				       info->esp ? &esp_kind : NULL;
	unsigned int v6 = info->ipv6;

	*l4 = true;
	if (!info->ipv4 && !info->ipv6)
		return VMXNET3_RSS_TYPE_NONE;
	if (kind && dev->rev.rss_fields & kind->fields[v6] &&
	    (rss->hash_type & kind->wanted[v6]) == kind->wanted[v6])
		return kind->type[v6];
	*l4 = false;
	if (!(rss->hash_type & (v6 ? VMXNET3_RSS_IPV6 : VMXNET3_RSS_IPV4)))
		return VMXNET3_RSS_TYPE_NONE;
	return v6 ? VMXNET3_RSS_TYPE_IPV6 : VMXNET3_RSS_TYPE_IPV4;
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
	type = rss_type(dev, info, &l4);
	if (type == VMXNET3_RSS_TYPE_NONE)
		return 0;
	meta->hash = frame_rss_hash(f, info, rss->key, l4);
	meta->ctl |= FIELD_PREP(VMXNET3_RXC_RSS_TYPE, type);
	return rss->table[meta->hash % rss->table_len] % dev->conf.num_rx;
}

/*
 * A frame of another guest comes with its checksum not finished; the network
 * is as good as a wire, so it is right.  Of merged segments it stays what it
 * is, as with any device that merges: of no use.
 */
static void finish_csum(const struct frame *f, struct frame_info *info,
			struct rx_meta *meta)
{
	if (!f->csum_partial)
		return;
	info->l4_csum_ok = info->tcp || info->udp;
	if (!f->gso_size && f->csum_start >= FRAME_HEADER_LEN &&
	    !frame_csum(f, &meta->csum))
		meta->csum_at = (size_t)f->csum_start + f->csum_offset;
}

/* Flags for what is in a tunnel, if all of its checksums are right. */
static bool inner_flags(const struct vmxnet3_dev *dev, const struct frame *f,
			struct rx_meta *meta)
{
	const struct frame_info *inner;
	struct frame_tunnel tunnel;

	if (dev->rev.revision < 4 ||
	    !(dev->conf.features & VMXNET3_F_RXINNER) ||
	    f->csum_partial || !frame_tunnel_parse(f, &tunnel, true))
		return false;
	inner = &tunnel.inner;
	if ((tunnel.outer_csum && !tunnel.outer.l4_csum_ok) ||
	    !inner->l4_csum_ok || (inner->ipv4 && !inner->ip_csum_ok))
		return false;
	meta->flags = csum_flags(inner);
	meta->ctl |= VMXNET3_RXC_INNER;
	return true;
}

static void describe_csum(const struct vmxnet3_dev *dev, const struct frame *f,
			  struct frame_info *info, struct rx_meta *meta)
{
	bool check = dev->conf.features & VMXNET3_F_RXCSUM;

	frame_parse(f, info, check);
	finish_csum(f, info, meta);
	if (!check)
		meta->ctl = VMXNET3_RXC_CNC;
	else if (!info->udp || !inner_flags(dev, f, meta))
		meta->flags = csum_flags(info);
}

static void describe_merged(const struct vmxnet3_dev *dev,
			    const struct frame *f, struct rx_meta *meta)
{
	size_t payload = f->len > f->hdr_len ? f->len - f->hdr_len : 0;

	/* Revision 1 tells of nothing: the driver sees it by the length. */
	if (!f->gso_size || dev->rev.revision < 2)
		return;
	meta->mss = f->gso_size;
	meta->segments = (payload + f->gso_size - 1) / f->gso_size ?: 1;
}

unsigned int vmxnet3_rx_describe(const struct vmxnet3_dev *dev,
				 const struct frame *f, struct rx_meta *meta)
{
	struct frame_info info;

	memset(meta, 0, sizeof(*meta));
	describe_csum(dev, f, &info, meta);
	describe_merged(dev, f, meta);
	if (f->has_vlan && dev->conf.features & VMXNET3_F_RXVLAN)
		meta->len = VMXNET3_RXC_TS |
			    FIELD_PREP(VMXNET3_RXC_TCI, (uint32_t)f->vlan_tci);
	return spread(dev, f, &info, meta);
}
