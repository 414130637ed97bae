// SPDX-License-Identifier: GPL-2.0
/*
 * Models of Intel's VFs: receive rings.
 */
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "vf_intel.h"

/**
 * struct rx_report - what the last descriptor says of a frame
 * @info: RSS type and packet type
 * @hash: RSS hash
 * @status: status and errors
 * @vlan: the tag that was removed
 * @header: bytes of all headers that the hardware knows, 0 if it knows none
 * @queue: where it goes
 */
struct rx_report {
	uint32_t info;
	uint32_t hash;
	uint32_t status;
	uint16_t vlan;
	uint16_t header;
	unsigned int queue;
};

static bool is_group(const uint8_t *dst)
{
	return dst[0] & 1;
}

static bool has_udp_csum(const struct frame *f, const struct frame_info *info)
{
	const uint8_t *udp = f->data + info->l4_offset;

	return udp[6] || udp[7];
}

static void report_csums(const struct vf_model *model, const struct frame *f,
			 const struct frame_info *info, struct rx_report *r)
{
	if (info->ipv4) {
		r->info |= ADV_RX_INFO_IPV4;
		r->status |= ADV_RX_STAT_IPCS;
		if (!info->ip_csum_ok)
			r->status |= model->err_ip;
	}
	if (info->ipv6)
		r->info |= ADV_RX_INFO_IPV6;
	if (info->tcp) {
		r->info |= ADV_RX_INFO_TCP;
		r->status |= ADV_RX_STAT_L4CS;
	} else if (info->udp) {
		r->info |= ADV_RX_INFO_UDP;
		if (!has_udp_csum(f, info))
			return;
		r->status |= ADV_RX_STAT_L4CS | ADV_RX_STAT_UDPCS;
	} else {
		return;
	}
	if (!info->l4_csum_ok)
		r->status |= model->err_l4;
}

static void report_rss(const struct vf *vf, const struct frame *f,
		       const struct frame_info *info, struct rx_report *r)
{
	const uint32_t ip = info->ipv4 ? VMXNET3_RSS_IPV4 : VMXNET3_RSS_IPV6;
	const uint32_t tcp = info->ipv4 ? VMXNET3_RSS_TCP_IPV4 :
					  VMXNET3_RSS_TCP_IPV6;
	bool l4 = info->tcp && vf->rss_types & tcp;

	if (!vf->rss || (!info->ipv4 && !info->ipv6) ||
	    (!l4 && !(vf->rss_types & ip)))
		return;
	if (l4)
		r->info |= info->ipv4 ? ADV_RSS_TCP_IPV4 : ADV_RSS_TCP_IPV6;
	else
		r->info |= info->ipv4 ? ADV_RSS_IPV4 : ADV_RSS_IPV6;
	r->hash = frame_rss_hash(f, info, vf->rss_key, l4);
	r->queue = vf->rss_table[r->hash & (vf->rss_table_len - 1)];
	if (vf->model->rss_queues)
		r->queue %= vf->model->rss_queues(vf);
}

/* Look at a frame as the hardware does. */
static void inspect(const struct vf *vf, const struct frame *f,
		    struct rx_report *r)
{
	struct frame_info info;

	memset(r, 0, sizeof(*r));
	r->status = ADV_RX_STAT_DD | ADV_RX_STAT_EOP;
	frame_parse(f, &info, true);
	r->header = info.payload_offset ? info.payload_offset : info.l4_offset;
	report_csums(vf->model, f, &info, r);
	report_rss(vf, f, &info, r);
	if (is_group(f->data) && !port_in_multicast(&vf->port, f->data))
		r->status |= ADV_RX_STAT_PIF;
}

static void write_back(struct adv_rx_desc *desc, uint64_t addr,
		       uint32_t status, uint32_t length)
{
	volatile struct adv_rx_desc *p = desc;

	p->addr = htole64(addr);
	p->length = htole32(length);
	__atomic_store_n(&desc->status, htole32(status), __ATOMIC_RELEASE);
}

/* How much of a frame goes into the header buffer of its first descriptor. */
static size_t head_bytes(const struct vf_rx *rx, const struct frame *f,
			 const struct rx_report *r)
{
	size_t len = r->header ? r->header : rx->head_len;

	if (len > rx->head_len)
		len = rx->head_len;
	return len < f->len ? len : f->len;
}

/*
 * Write the header buffer.  info: what the descriptor says of it.  0, or
 * -EFAULT if it is not in the guest's memory.
 */
static int fill_head(struct vf *vf, const struct vf_rx *rx,
		     const struct adv_rx_desc *desc, const struct frame *f,
		     const struct rx_report *r, size_t len, uint32_t *info)
{
	const volatile struct adv_rx_desc *p = desc;
	uint64_t addr = le32toh(p->status) |
			(uint64_t)le32toh(p->length) << 32;

	*info = len << ADV_RX_INFO_HDR;
	if (r->header && r->header <= rx->head_len)
		*info |= ADV_RX_INFO_SPH;
	return dma_write(vf->env.dma, addr, f->data, len);
}

/* Fill buffers from the head on; there are enough of them. */
static void fill(struct vf *vf, struct vf_rx *rx, struct adv_rx_desc *desc,
		 const struct frame *f, const struct rx_report *r)
{
	uint32_t status = r->status, i = rx->ring.head, head = 0;
	size_t done = 0;

	do {
		const volatile struct adv_rx_desc *p = &desc[i];
		uint64_t addr = le64toh(p->addr);
		size_t len;

		if (rx->head_len && !done) {
			done = head_bytes(rx, f, r);
			if (fill_head(vf, rx, &desc[i], f, r, done, &head))
				status |= vf->model->err_rx;
		}
		len = f->len - done;
		if (len > rx->buf_len)
			len = rx->buf_len;
		if (len && dma_write(vf->env.dma, addr, f->data + done, len))
			status |= vf->model->err_rx;
		done += len;
		if (done < f->len)
			write_back(&desc[i], head, ADV_RX_STAT_DD, len);
		else
			write_back(&desc[i],
				   r->info | head | (uint64_t)r->hash << 32,
				   status, len | (uint32_t)r->vlan <<
				   ADV_RX_VLAN_SHIFT);
		head = 0;
		i = i + 1 == rx->ring.size ? 0 : i + 1;
	} while (done < f->len);
	rx->ring.head = i;
}

static int drop(struct vf *vf, int err)
{
	vf->port.stats.rx_dropped++;
	return err;
}

/* Put a frame into the queue that its report names. */
static int receive(struct vf *vf, const struct frame *f,
		   const struct rx_report *r)
{
	struct vf_rx *rx = &vf->rx[r->queue];
	struct adv_rx_desc *desc;
	uint32_t tail, free, need;

	if (!rx->ring.enabled)
		return drop(vf, -ENETDOWN);
	need = f->len - (rx->head_len ? head_bytes(rx, f, r) : 0);
	need = need ? (need + rx->buf_len - 1) / rx->buf_len : 1;
	if (need >= rx->ring.size)
		return drop(vf, -EMSGSIZE);
	tail = vf_reg_get(vf, vf_rxq(vf, r->queue) + ADV_Q_TAIL);
	free = 0;
	if (tail < rx->ring.size)
		free = (tail + rx->ring.size - rx->ring.head) % rx->ring.size;
	if (free < need) {
		rx->starved = true;
		rx->starved_tail = tail;
		return -EAGAIN;
	}
	desc = vf_ring_map(vf, &rx->ring);
	if (!desc)
		return drop(vf, -EFAULT);
	fill(vf, rx, desc, f, r);
	vf_reg_set(vf, vf_rxq(vf, r->queue) + ADV_Q_HEAD, rx->ring.head);
	vf->rx_count[r->queue].packets++;
	vf->rx_count[r->queue].bytes += f->len;
	vf->model->count_rx(vf, f->len, is_group(f->data));
	vf_intr_rx(vf, r->queue);
	return 0;
}

static bool strips(const struct vf *vf, unsigned int queue)
{
	uint32_t vme = vf->model->rxdctl_vme;

	if (!vme)
		return vf->vlan_strip;
	return vf_reg_get(vf, vf_rxq(vf, queue) + ADV_Q_DCTL) & vme;
}

int vf_rx_deliver(struct port *port, struct frame *f)
{
	struct vf *vf = port->arg;
	struct frame copy = *f;
	struct rx_report r;

	if (vf->state != VF_ACTIVE || f->len < FRAME_HEADER_LEN)
		return drop(vf, -ENETDOWN);
	inspect(vf, f, &r);
	if (f->has_vlan && strips(vf, r.queue)) {
		r.status |= ADV_RX_STAT_VP;
		r.vlan = f->vlan_tci;
	} else if (f->has_vlan) {
		copy.data = vf->rx_buf + VF_HEADROOM;
		memcpy(copy.data, f->data, f->len);
		frame_put_tag(&copy);
		r.header += r.header ? FRAME_TAG_LEN : 0;
	}
	return receive(vf, &copy, &r);
}

bool vf_rx_poll(struct vf *vf, unsigned int queue)
{
	uint32_t tail = vf_rxq(vf, queue) + ADV_Q_TAIL;
	struct vf_rx *rx = &vf->rx[queue];

	if (!rx->starved || vf_reg_get(vf, tail) == rx->starved_tail)
		return false;
	rx->starved = false;
	return true;
}

uint64_t vf_rx_unreturned(struct vf *vf, unsigned int queue)
{
	const uint32_t done = ADV_RX_STAT_DD | ADV_RX_STAT_EOP;
	const struct vf_ring *ring = &vf->rx[queue].ring;
	uint32_t tail = vf_reg_get(vf, vf_rxq(vf, queue) + ADV_Q_TAIL), i;
	const struct adv_rx_desc *desc;
	uint64_t frames = 0;
	uint32_t used;

	if (!ring->enabled || tail >= ring->size)
		return 0;
	desc = vf_ring_map(vf, ring);
	if (!desc)
		return 0;
	/* From the tail on to the head they are the guest's. */
	used = ring->size - (tail + ring->size - ring->head) % ring->size;
	for (i = tail; used--; i = i + 1 == ring->size ? 0 : i + 1) {
		const volatile struct adv_rx_desc *p = &desc[i];

		frames += (le32toh(p->status) & done) == done;
	}
	return frames;
}
