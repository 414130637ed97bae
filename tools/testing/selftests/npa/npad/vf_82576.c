// SPDX-License-Identifier: GPL-2.0
/*
 * Model of an Intel 82576 VF: PF control interface, life of the queues.
 *
 * The window's pages 0 and 1 are trapped, 2 and 3, with the queues, are plain
 * memory that the guest maps.  What the guest writes there is noticed by
 * looking: every turn of the loop reads queue enables and tails.
 *
 * Facts: Intel 82576 GbE Controller datasheet; upstream's igbvf for what a
 * driver relies on.
 */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vf_82576.h"

#define PAGE			4096
#define TX_BUDGET		64	/* frames per queue and turn */
#define BUSY_NS			20000ULL	/* between looks, lately busy */
#define IDLE_NS			500000ULL	/* between looks, idle */
#define BUSY_FOR_NS		20000000ULL	/* how long "lately" is */
#define MTU_MIN			68
#define MTU_MAX			9216
#define DEFAULT_BUF_KIB		2	/* SRRCTL's reset value */

static const struct pf_vf_info vf_info = {
	.model = "82576",
	.plugin = "intel-82576vf",
	.device_impl_id = E1000VF_DEVICE_IMPL_ID,
	.window_len = E1000VF_WINDOW_LEN,
	.num_regions = 2,
	.regions = {
		{ .offset = 0, .length = 2 * PAGE, .direct = false },
		{ .offset = 2 * PAGE, .length = 2 * PAGE, .direct = true },
	},
	.max_queues = E1000VF_MAX_QUEUES,
	.max_vectors = E1000VF_MAX_VECTORS,
};

static const struct pf_vf_info *vf_get_info(void)
{
	return &vf_info;
}

void *vf_ring_map(struct vf *vf, const struct vf_ring *ring)
{
	return dma_map(vf->env.dma, ring->base, (size_t)ring->size * 16, true);
}

bool vf_ring_start(struct vf *vf, struct vf_ring *ring, uint32_t regs)
{
	uint32_t len = vf_reg_get(vf, regs + E1000VF_RDLEN(0) -
				      E1000VF_RXQ(0));
	uint32_t head = vf_reg_get(vf, regs + E1000VF_RDH(0) -
				       E1000VF_RXQ(0));

	ring->base = vf_reg_get(vf, regs) |
		     (uint64_t)vf_reg_get(vf, regs + 4) << 32;
	if (!len || len % E1000VF_LEN_UNIT || len / 16 > E1000VF_MAX_RING ||
	    ring->base % E1000VF_LEN_UNIT)
		return false;
	ring->size = len / 16;
	ring->head = head < ring->size ? head : 0;
	return true;
}

void vf_queues_stop(struct vf *vf)
{
	unsigned int i;

	for (i = 0; i < E1000VF_MAX_QUEUES; i++) {
		memset(&vf->tx[i], 0, sizeof(vf->tx[i]));
		memset(&vf->rx[i], 0, sizeof(vf->rx[i]));
	}
}

static void check_tx_enable(struct vf *vf, unsigned int queue)
{
	bool on = vf_reg_get(vf, E1000VF_TXDCTL(queue)) & E1000VF_DCTL_ENABLE;
	struct vf_tx *tx = &vf->tx[queue];

	if (on == tx->ring.enabled)
		return;
	memset(tx, 0, sizeof(*tx));
	if (on)
		tx->ring.enabled = vf_ring_start(vf, &tx->ring,
						 E1000VF_TXQ(queue));
}

static void check_rx_enable(struct vf *vf, unsigned int queue)
{
	bool on = vf_reg_get(vf, E1000VF_RXDCTL(queue)) & E1000VF_DCTL_ENABLE;
	struct vf_rx *rx = &vf->rx[queue];
	uint32_t kib;

	if (on == rx->ring.enabled)
		return;
	memset(rx, 0, sizeof(*rx));
	if (!on)
		return;
	kib = vf_reg_get(vf, E1000VF_SRRCTL(queue)) & E1000VF_SRRCTL_BSIZEPKT;
	rx->buf_len = (kib ? kib : DEFAULT_BUF_KIB) * 1024;
	rx->ring.enabled = vf_ring_start(vf, &rx->ring, E1000VF_RXQ(queue));
}

static void check_enables(struct vf *vf)
{
	unsigned int i;

	for (i = 0; i < vf->num_queues; i++) {
		check_tx_enable(vf, i);
		check_rx_enable(vf, i);
	}
}

/* One look at everything that the guest can write without being noticed. */
static bool vf_poll(void *arg)
{
	bool work = false, kick = false;
	struct vf *vf = arg;
	unsigned int i;

	check_enables(vf);
	for (i = 0; i < vf->num_queues; i++) {
		work |= vf_tx_poll(vf, i, TX_BUDGET, false);
		kick |= vf_rx_poll(vf, i);
	}
	if (kick)
		eswitch_kick(vf->env.sw);
	if (work || kick)
		vf->last_work = loop_now();
	vf->poller.interval_ns = loop_now() - vf->last_work < BUSY_FOR_NS ?
				 BUSY_NS : IDLE_NS;
	return work || kick;
}

/* Some port has room again: do not wait for the timer. */
static void vf_kicked(struct port *port)
{
	struct vf *vf = port->arg;
	unsigned int i;

	for (i = 0; i < E1000VF_MAX_QUEUES; i++)
		vf->tx[i].blocked = false;
}

static const struct port_ops vf_port_ops = {
	.deliver = vf_rx_deliver,
	.kicked = vf_kicked,
};

static struct vf *vf_acquire(const struct pf_env *env)
{
	struct vf *vf = calloc(1, sizeof(*vf));

	if (!vf)
		return NULL;
	vf->env = *env;
	vf->state = VF_ACQUIRED;
	vf->mtu = 1500;
	vf->port.ops = &vf_port_ops;
	vf->port.name = "vf";
	vf->port.arg = vf;
	vf->poller.fn = vf_poll;
	vf->poller.arg = vf;
	vf_intr_init(vf);
	vf_regs_reset(vf);
	eswitch_add(env->sw, &vf->port);
	return vf;
}

static bool ring_ok(struct vf *vf, const struct pf_ring *ring)
{
	return ring->size >= E1000VF_MIN_RING &&
	       ring->size <= E1000VF_MAX_RING &&
	       !(ring->size * 16 % E1000VF_LEN_UNIT) &&
	       !(ring->pa[0] % E1000VF_LEN_UNIT) &&
	       ring->vector < E1000VF_MAX_VECTORS &&
	       dma_map(vf->env.dma, ring->pa[0], (size_t)ring->size * 16,
		       true);
}

/* Base, length, enable; head, tail and SRRCTL are the plugin's. */
static void program_ring(struct vf *vf, uint32_t regs,
			 const struct pf_ring *ring)
{
	vf_reg_set(vf, regs + E1000VF_RDBAL(0) - E1000VF_RXQ(0), ring->pa[0]);
	vf_reg_set(vf, regs + E1000VF_RDBAH(0) - E1000VF_RXQ(0),
		   ring->pa[0] >> 32);
	vf_reg_set(vf, regs + E1000VF_RDLEN(0) - E1000VF_RXQ(0),
		   ring->size * 16);
	vf_reg_set(vf, regs + E1000VF_RXDCTL(0) - E1000VF_RXQ(0),
		   E1000VF_DCTL_ENABLE);
}

/* Send the interrupts of all queues to their vectors. */
static void program_intrs(struct vf *vf, const struct pf_init *init)
{
	uint32_t vectors = 0, ivar = 0, itr = init->itr_us;
	unsigned int i;

	for (i = 0; i < init->num_queues; i++) {
		ivar |= (init->rx[i].vector | E1000VF_IVAR_VALID) <<
			E1000VF_IVAR_RX(i);
		ivar |= (init->tx[i].vector | E1000VF_IVAR_VALID) <<
			E1000VF_IVAR_TX(i);
		vectors |= 1U << init->rx[i].vector;
		vectors |= 1U << init->tx[i].vector;
	}
	if (itr > E1000VF_EITR_MASK)
		itr = E1000VF_EITR_MASK;
	for (i = 0; i < E1000VF_MAX_VECTORS; i++)
		vf_reg_set(vf, E1000VF_EITR(i), itr << E1000VF_EITR_SHIFT);
	vf_reg_set(vf, E1000VF_IVAR(0), ivar);
	vf_reg_set(vf, E1000VF_EIAC, vectors);
	vf_reg_set(vf, E1000VF_EIAM, 0);
}

static int vf_set_rss_table(struct vf *vf, const uint8_t *table,
			    unsigned int len)
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

static int vf_set_mtu(struct vf *vf, uint32_t mtu)
{
	if (mtu < MTU_MIN || mtu > MTU_MAX)
		return -EINVAL;
	vf->mtu = mtu;
	return 0;
}

static int vf_init(struct vf *vf, const struct pf_init *init)
{
	unsigned int i;
	int err;

	if (vf->state == VF_ACTIVE)
		return -EBUSY;
	if (!init->num_queues || init->num_queues > E1000VF_MAX_QUEUES)
		return -EINVAL;
	for (i = 0; i < init->num_queues; i++)
		if (!ring_ok(vf, &init->tx[i]) || !ring_ok(vf, &init->rx[i]))
			return -EINVAL;
	err = vf_set_mtu(vf, init->mtu);
	if (err)
		return err;
	vf->num_queues = init->num_queues;
	vf->rss = false;
	if (init->rss) {
		err = vf_set_rss_table(vf, init->rss_table,
				       init->rss_table_len);
		if (err)
			return err;
		memcpy(vf->rss_key, init->rss_key, sizeof(vf->rss_key));
		vf->rss = true;
	}
	vf->vlan_strip = init->rx_vlan_strip;
	for (i = 0; i < init->num_queues; i++) {
		program_ring(vf, E1000VF_TXQ(i), &init->tx[i]);
		program_ring(vf, E1000VF_RXQ(i), &init->rx[i]);
	}
	program_intrs(vf, init);
	vf->state = VF_READY;
	return 0;
}

static int vf_activate(struct vf *vf)
{
	if (vf->state != VF_READY)
		return -EINVAL;
	vf_queues_stop(vf);
	check_enables(vf);
	vf->state = VF_ACTIVE;
	vf->last_work = loop_now();
	vf->poller.interval_ns = BUSY_NS;
	vf->port.enabled = true;
	loop_add_poller(vf->env.loop, &vf->poller);
	eswitch_kick(vf->env.sw);
	return 0;
}

static void vf_quiesce(struct vf *vf)
{
	unsigned int i;

	if (vf->state != VF_ACTIVE)
		return;
	for (i = 0; i < vf->num_queues; i++)
		vf_tx_poll(vf, i, E1000VF_MAX_RING, true);
	vf->state = VF_QUIESCED;
	vf->port.enabled = false;
	loop_del_poller(vf->env.loop, &vf->poller);
	vf_intr_stop(vf);
	vf_queues_stop(vf);
	for (i = 0; i < E1000VF_MAX_QUEUES; i++) {
		vf_reg_set(vf, E1000VF_TXDCTL(i), 0);
		vf_reg_set(vf, E1000VF_RXDCTL(i), 0);
	}
}

static void vf_release(struct vf *vf)
{
	if (vf->state == VF_ACTIVE) {
		/* Taken away: nothing is finished. */
		loop_del_poller(vf->env.loop, &vf->poller);
		vf->port.enabled = false;
	}
	vf_intr_stop(vf);
	eswitch_del(vf->env.sw, &vf->port);
	memset(vf->env.window, 0xff, E1000VF_WINDOW_LEN);
	free(vf);
}

static int vf_set_mac(struct vf *vf, const uint8_t mac[6])
{
	if (mac[0] & 1)
		return -EINVAL;
	memcpy(vf->port.mac, mac, 6);
	return 0;
}

static int vf_set_rx_mode(struct vf *vf, unsigned int mode)
{
	if (mode & PORT_RX_PROMISC)
		return -EOPNOTSUPP;
	vf->port.rx_mode = mode;
	return 0;
}

static int vf_set_multicast(struct vf *vf, const uint8_t (*addr)[6],
			    unsigned int count)
{
	if (count > VF_MAX_MULTICAST)
		return -ENOSPC;
	memcpy(vf->multicast, addr, count * sizeof(vf->multicast[0]));
	vf->num_multicast = count;
	return 0;
}

static struct port *vf_port(struct vf *vf)
{
	return &vf->port;
}

const struct pf_ops vf_82576_ops = {
	.get_info = vf_get_info,
	.acquire = vf_acquire,
	.init = vf_init,
	.activate = vf_activate,
	.quiesce = vf_quiesce,
	.release = vf_release,
	.set_mac = vf_set_mac,
	.set_rx_mode = vf_set_rx_mode,
	.set_multicast = vf_set_multicast,
	.set_mtu = vf_set_mtu,
	.set_rss_table = vf_set_rss_table,
	.port = vf_port,
	.read = vf_regs_read,
	.write = vf_regs_write,
	.register_name = vf_regs_name,
};
