// SPDX-License-Identifier: GPL-2.0
/*
 * Models of Intel's VFs with advanced descriptors: PF control interface, life
 * of the queues.
 *
 * The pages of the window that have the queues are plain memory which the
 * guest maps, the others are trapped.  What the guest writes to the former is
 * noticed by looking: every turn of the loop reads queue enables and tails.
 *
 * Facts: Intel 82576 GbE Controller datasheet, Intel 82599 10 GbE Controller
 * datasheet; upstream's igbvf and ixgbevf for what a driver relies on.
 */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vf_intel.h"

#define TX_BUDGET		64	/* frames per queue and turn */
#define LOOK_MIN_NS		20000ULL	/* between looks */
#define LOOK_MAX_NS		500000ULL
#define LOOK_DELAY		4	/* a look is late by at most 1/4 */
#define MTU_MIN			68
#define MTU_MAX			9216
#define DEFAULT_BUF_KIB		2	/* SRRCTL's reset value */

void *vf_ring_map(struct vf *vf, const struct vf_ring *ring)
{
	return dma_map(vf->env.dma, ring->base, (size_t)ring->size * 16, true);
}

bool vf_ring_start(struct vf *vf, struct vf_ring *ring, uint32_t regs)
{
	uint32_t head = vf_reg_get(vf, regs + ADV_Q_HEAD);
	uint32_t len = vf_reg_get(vf, regs + ADV_Q_LEN);

	ring->base = vf_reg_get(vf, regs + ADV_Q_BAL) |
		     (uint64_t)vf_reg_get(vf, regs + ADV_Q_BAH) << 32;
	if (!len || len % ADV_LEN_UNIT || len / 16 > ADV_MAX_RING ||
	    ring->base % ADV_LEN_UNIT)
		return false;
	ring->size = len / 16;
	ring->head = head < ring->size ? head : 0;
	return true;
}

void vf_queues_stop(struct vf *vf)
{
	unsigned int i;

	for (i = 0; i < VF_MAX_QUEUES; i++) {
		memset(&vf->tx[i], 0, sizeof(vf->tx[i]));
		memset(&vf->rx[i], 0, sizeof(vf->rx[i]));
	}
}

/* Without the PF's leave a driver of the guest's own moves nothing. */
static bool may_run(const struct vf *vf)
{
	return !vf->own_driver || vf->clear_to_send;
}

static bool is_enabled(const struct vf *vf, uint32_t regs)
{
	return may_run(vf) &&
	       vf_reg_get(vf, regs + ADV_Q_DCTL) & ADV_DCTL_ENABLE;
}

static void check_tx_enable(struct vf *vf, unsigned int queue)
{
	uint32_t regs = vf_txq(vf, queue);
	bool on = is_enabled(vf, regs);
	struct vf_tx *tx = &vf->tx[queue];

	if (on == tx->ring.enabled)
		return;
	memset(tx, 0, sizeof(*tx));
	if (on)
		tx->ring.enabled = vf_ring_start(vf, &tx->ring, regs);
}

static void check_rx_enable(struct vf *vf, unsigned int queue)
{
	const struct vf_model *model = vf->model;
	uint32_t regs = vf_rxq(vf, queue);
	bool on = is_enabled(vf, regs);
	struct vf_rx *rx = &vf->rx[queue];
	uint32_t srrctl, kib;

	if (on == rx->ring.enabled)
		return;
	memset(rx, 0, sizeof(*rx));
	if (!on)
		return;
	srrctl = vf_reg_get(vf, regs + model->srrctl);
	kib = srrctl & model->srrctl_kib;
	rx->buf_len = (kib ? kib : DEFAULT_BUF_KIB) * 1024;
	if ((srrctl & ADV_SRRCTL_TYPE) == ADV_SRRCTL_SPLIT)
		rx->head_len = 64 * ((srrctl & ADV_SRRCTL_BSIZEHDR) >>
				     ADV_SRRCTL_HDR);
	rx->ring.enabled = vf_ring_start(vf, &rx->ring, regs);
}

void vf_check_enables(struct vf *vf)
{
	unsigned int i;

	if (vf->state != VF_ACTIVE)
		return;
	for (i = 0; i < vf->num_queues; i++) {
		check_tx_enable(vf, i);
		check_rx_enable(vf, i);
	}
}

/*
 * When to look again.  Hardware takes no processor from the guest; we do, with
 * each look.  So the longer nothing has come the later the next one, by a part
 * of that time.
 */
static uint64_t look_interval(const struct vf *vf)
{
	uint64_t interval = (loop_now() - vf->last_work) / LOOK_DELAY;

	if (interval < LOOK_MIN_NS)
		return LOOK_MIN_NS;
	return interval < LOOK_MAX_NS ? interval : LOOK_MAX_NS;
}

/* One look at everything that the guest can write without being noticed. */
static bool vf_poll(void *arg)
{
	bool work = false, kick = false;
	struct vf *vf = arg;
	unsigned int i;

	vf_check_enables(vf);
	for (i = 0; i < vf->num_queues; i++) {
		work |= vf_tx_poll(vf, i, TX_BUDGET, false);
		kick |= vf_rx_poll(vf, i);
	}
	if (kick)
		eswitch_kick(vf->env.sw);
	if (work || kick)
		vf->last_work = loop_now();
	vf->poller.interval_ns = look_interval(vf);
	return work || kick;
}

/* Some port has room again: do not wait for the timer. */
static void vf_kicked(struct port *port)
{
	struct vf *vf = port->arg;
	unsigned int i;

	for (i = 0; i < VF_MAX_QUEUES; i++)
		vf->tx[i].blocked = false;
}

static const struct port_ops vf_port_ops = {
	.deliver = vf_rx_deliver,
	.kicked = vf_kicked,
};

struct vf *vf_new(const struct vf_model *model, const struct pf_env *env)
{
	struct vf *vf = calloc(1, sizeof(*vf));

	if (!vf)
		return NULL;
	vf->model = model;
	vf->env = *env;
	vf->state = VF_ACQUIRED;
	vf->port.mtu = 1500;
	vf->port.ops = &vf_port_ops;
	vf->port.name = "vf";
	vf->port.arg = vf;
	vf->poller.fn = vf_poll;
	vf->poller.arg = vf;
	vf_intr_init(vf);
	memset(env->window, 0, model->info->window_len);
	model->set_link(vf, true);
	model->reset(vf);
	eswitch_add(env->sw, &vf->port);
	return vf;
}

static bool ring_ok(struct vf *vf, const struct pf_ring *ring)
{
	return ring->size >= ADV_MIN_RING &&
	       ring->size <= ADV_MAX_RING &&
	       !(ring->size * 16 % ADV_LEN_UNIT) &&
	       !(ring->pa[0] % ADV_LEN_UNIT) &&
	       ring->vector < vf_guest_vectors(vf) &&
	       dma_map(vf->env.dma, ring->pa[0], (size_t)ring->size * 16,
		       true);
}

/* Base, length, enable; head, tail and SRRCTL are the plugin's. */
static void program_ring(struct vf *vf, uint32_t regs,
			 const struct pf_ring *ring)
{
	vf_reg_set(vf, regs + ADV_Q_BAL, ring->pa[0]);
	vf_reg_set(vf, regs + ADV_Q_BAH, ring->pa[0] >> 32);
	vf_reg_set(vf, regs + ADV_Q_LEN, ring->size * 16);
	vf_reg_set(vf, regs + ADV_Q_DCTL, ADV_DCTL_ENABLE);
}

int vf_set_rss_table(struct vf *vf, const uint8_t *table, unsigned int len)
{
	unsigned int i;

	if (!len || len > sizeof(vf->rss_table) || len & (len - 1))
		return -EINVAL;
	for (i = 0; i < len; i++)
		if (table[i] >= vf->num_queues)
			return -EINVAL;
	memcpy(vf->rss_table, table, len);
	vf->rss_table_len = len;
	return 0;
}

int vf_set_mtu(struct vf *vf, uint32_t mtu)
{
	if (mtu < MTU_MIN || mtu > MTU_MAX)
		return -EINVAL;
	vf->port.mtu = mtu;
	return 0;
}

/* Offloads that are set in registers of the VF. */
static void program_offloads(struct vf *vf)
{
	uint32_t vme = vf->model->rxdctl_vme;
	unsigned int i;

	for (i = 0; vme && i < vf->num_queues; i++) {
		uint32_t regs = vf_rxq(vf, i) + ADV_Q_DCTL;
		uint32_t value = vf_reg_get(vf, regs) & ~vme;

		vf_reg_set(vf, regs, vf->vlan_strip ? value | vme : value);
	}
	if (vf->model->set_rss)
		vf->model->set_rss(vf, vf->rss ? vf->num_queues : 1);
}

static int set_rss(struct vf *vf, const struct pf_init *init)
{
	uint32_t types = init->rss_types ? init->rss_types : VF_RSS_TYPES;
	int err;

	vf->rss = false;
	if (!init->rss)
		return 0;
	if (types & ~vf->model->info->rss_types)
		return -EOPNOTSUPP;
	err = vf_set_rss_table(vf, init->rss_table, init->rss_table_len);
	if (err)
		return err;
	memcpy(vf->rss_key, init->rss_key, sizeof(vf->rss_key));
	vf->rss_types = types;
	vf->rss = true;
	return 0;
}

int vf_set_offloads(struct vf *vf, const struct pf_init *init)
{
	int err;

	vf->vlan_strip = init->rx_vlan_strip;
	err = set_rss(vf, init);
	program_offloads(vf);
	return err;
}

int vf_init(struct vf *vf, const struct pf_init *init)
{
	unsigned int i;
	int err;

	if (vf->state == VF_ACTIVE)
		return -EBUSY;
	if (!init->num_queues || init->num_queues > vf->model->info->max_queues)
		return -EINVAL;
	for (i = 0; i < init->num_queues; i++)
		if (!ring_ok(vf, &init->tx[i]) || !ring_ok(vf, &init->rx[i]))
			return -EINVAL;
	err = vf_set_mtu(vf, init->mtu);
	if (err)
		return err;
	vf->num_queues = init->num_queues;
	err = vf_set_offloads(vf, init);
	if (err)
		return err;
	memset(vf->tx_count, 0, sizeof(vf->tx_count));
	memset(vf->rx_count, 0, sizeof(vf->rx_count));
	for (i = 0; i < init->num_queues; i++) {
		program_ring(vf, vf_txq(vf, i), &init->tx[i]);
		program_ring(vf, vf_rxq(vf, i), &init->rx[i]);
	}
	program_offloads(vf);
	vf_intr_program(vf, init);
	vf->state = VF_READY;
	return 0;
}

/* From now on the VF looks at its queues and its port is open. */
static void start(struct vf *vf)
{
	vf_queues_stop(vf);
	vf->state = VF_ACTIVE;
	vf_check_enables(vf);
	vf->last_work = loop_now();
	vf->poller.interval_ns = LOOK_MIN_NS;
	vf->port.enabled = true;
	loop_add_poller(vf->env.loop, &vf->poller);
	eswitch_kick(vf->env.sw);
}

int vf_activate(struct vf *vf)
{
	if (vf->state != VF_READY)
		return -EINVAL;
	start(vf);
	return 0;
}

int vf_open(struct vf *vf)
{
	if (vf->state != VF_ACQUIRED)
		return -EBUSY;
	vf->own_driver = true;
	vf_clear_vlans(vf);
	vf->num_queues = vf->model->info->max_queues;
	start(vf);
	return 0;
}

void vf_quiesce(struct vf *vf)
{
	unsigned int i;

	if (vf->state != VF_ACTIVE)
		return;
	/* As much as a ring of usual frames holds: others are waiting. */
	for (i = 0; i < vf->num_queues; i++) {
		vf_tx_poll(vf, i, ADV_MAX_RING, true);
		vf->port.stats.tx_dropped += vf_tx_posted(vf, i);
	}
	vf->state = VF_QUIESCED;
	vf->port.enabled = false;
	loop_del_poller(vf->env.loop, &vf->poller);
	vf_intr_stop(vf);
	vf_queues_stop(vf);
	for (i = 0; i < vf->model->info->max_queues; i++) {
		vf_reg_set(vf, vf_txq(vf, i) + ADV_Q_DCTL, 0);
		vf_reg_set(vf, vf_rxq(vf, i) + ADV_Q_DCTL, 0);
	}
}

void vf_inflight(struct vf *vf, struct pf_inflight *inflight)
{
	unsigned int i;

	memset(inflight, 0, sizeof(*inflight));
	for (i = 0; i < vf->num_queues; i++) {
		inflight->tx += vf_tx_posted(vf, i);
		inflight->rx += vf_rx_unreturned(vf, i);
	}
}

void vf_release(struct vf *vf)
{
	if (vf->state == VF_ACTIVE) {
		/* Taken away: nothing is finished. */
		loop_del_poller(vf->env.loop, &vf->poller);
		vf->port.enabled = false;
	}
	vf_intr_stop(vf);
	eswitch_del(vf->env.sw, &vf->port);
	memset(vf->env.window, 0xff, vf->model->info->window_len);
	free(vf);
}

int vf_set_mac(struct vf *vf, const uint8_t mac[6])
{
	return port_set_mac(&vf->port, mac);
}

int vf_set_rx_mode(struct vf *vf, unsigned int mode)
{
	if (mode & ~vf->model->info->rx_modes)
		return -EOPNOTSUPP;
	vf->port.rx_mode = mode;
	return 0;
}

int vf_set_multicast(struct vf *vf, const uint8_t (*addr)[6],
		     unsigned int count)
{
	if (count > vf->model->info->max_multicast)
		return -ENOSPC;
	return port_set_multicast(&vf->port, addr, count);
}

static void ring_status(struct vf *vf, const struct vf_ring *ring,
			uint32_t regs, const struct vf_count *count,
			struct pf_queue_status *status)
{
	*status = (struct pf_queue_status){
		.enabled = ring->enabled,
		.size = ring->size,
		.head = ring->head,
		.tail = vf_reg_get(vf, regs + ADV_Q_TAIL),
		.packets = count->packets,
		.bytes = count->bytes,
	};
}

int vf_queue_status(struct vf *vf, unsigned int queue,
		    struct pf_queue_status *tx, struct pf_queue_status *rx)
{
	if (queue >= vf->num_queues)
		return -EINVAL;
	ring_status(vf, &vf->tx[queue].ring, vf_txq(vf, queue),
		    &vf->tx_count[queue], tx);
	tx->waiting = vf->tx[queue].blocked;
	ring_status(vf, &vf->rx[queue].ring, vf_rxq(vf, queue),
		    &vf->rx_count[queue], rx);
	rx->waiting = vf->rx[queue].starved;
	return 0;
}

int vf_set_hashes(struct vf *vf, const uint16_t *hashes, unsigned int count)
{
	if (count > PF_MAX_HASHES)
		return -ENOSPC;
	port_set_hashes(&vf->port, hashes, count);
	return 0;
}

int vf_set_vlan(struct vf *vf, uint16_t vid, bool on)
{
	/* VLAN 0 is for tags that only say a priority, and always received. */
	if (!vid)
		return 0;
	vf->vlan_strip |= on;
	return port_set_vlan(&vf->port, vid, on);
}

void vf_clear_vlans(struct vf *vf)
{
	static const uint32_t none[PORT_VLAN_WORDS];

	port_set_vlan_filter(&vf->port, none);
	vf->vlan_strip = false;
}

void vf_set_link(struct vf *vf, bool up)
{
	vf->model->set_link(vf, up);
	vf_mbx_ping(vf);
}

struct port *vf_port(struct vf *vf)
{
	return &vf->port;
}

static bool access_ok(const struct vf *vf, uint32_t offset, unsigned int size)
{
	return (size == 1 || size == 2 || size == 4 || size == 8) &&
	       !(offset & (size - 1)) && offset < vf->model->info->window_len;
}

uint64_t vf_read(struct vf *vf, uint32_t offset, unsigned int size)
{
	const struct vf_model *model = vf->model;
	uint64_t value;

	if (!access_ok(vf, offset, size))
		return UINT64_MAX;
	if (size == 8) {
		value = model->read32(vf, offset);
		return value | (uint64_t)model->read32(vf, offset + 4) << 32;
	}
	value = model->read32(vf, offset & ~3U) >> (8 * (offset & 3));
	return size == 4 ? value : value & ((1U << (8 * size)) - 1);
}

/* The hardware takes whole words only. */
void vf_write(struct vf *vf, uint32_t offset, unsigned int size,
	      uint64_t value)
{
	if (!access_ok(vf, offset, size) || size < 4)
		return;
	vf->model->write32(vf, offset, value);
	if (size == 8)
		vf->model->write32(vf, offset + 4, value >> 32);
}

void vf_reset(struct vf *vf)
{
	vf_intr_stop(vf);
	vf_queues_stop(vf);
	vf->model->reset(vf);
}
