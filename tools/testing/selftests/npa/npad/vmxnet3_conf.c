// SPDX-License-Identifier: GPL-2.0
/*
 * The memory that driver and device share: the driver's configuration is read
 * from it, checked, and kept in a copy; statistics and status are written.
 */
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "vmxnet3_dev.h"

#define SHARED_OFFSET(member)	offsetof(struct vmxnet3_shared, dev_read.member)

static int read_shared(struct vmxnet3_dev *dev, size_t offset, void *buf,
		       size_t len)
{
	return dma_read(dev->dma, dev->shared_pa + offset, buf, len);
}

static bool ring_is_sane(struct vmxnet3_dev *dev, uint64_t pa, uint32_t size,
			 uint32_t max, bool write)
{
	return size && size <= max && !(pa % VMXNET3_RING_BASE_ALIGN) &&
	       dma_map(dev->dma, pa, (size_t)size * 16, write);
}

static void ring_set(struct ring *ring, uint64_t pa, uint32_t size)
{
	*ring = (struct ring){ .pa = pa, .size = size, .gen = 1 };
}

void ring_advance(struct ring *ring)
{
	if (++ring->next < ring->size)
		return;
	ring->next = 0;
	ring->gen ^= 1;
}

/* A ring that goes with another one, of entries that have their own size. */
static int side_ring(struct vmxnet3_dev *dev, uint64_t pa, uint32_t size,
		     uint32_t num, uint64_t *ring_pa, uint32_t *ring_size)
{
	if (!size || !pa)
		return 0;
	if (size % VMXNET3_DATA_SIZE_ALIGN || size > VMXNET3_DATA_SIZE_MAX ||
	    !dma_map(dev->dma, pa, (size_t)num * size, true))
		return -EINVAL;
	*ring_pa = pa;
	*ring_size = size;
	return 0;
}

static int read_tx_queue(struct vmxnet3_dev *dev, struct tx_queue *txq,
			 uint64_t pa)
{
	struct vmxnet3_tx_queue_desc desc;

	if (dma_read(dev->dma, pa, &desc, sizeof(desc)))
		return -EFAULT;
	memset(txq, 0, sizeof(*txq));
	txq->conf_pa = pa;
	txq->intr = desc.conf.intr;
	ring_set(&txq->ring, le64toh(desc.conf.ring_pa),
		 le32toh(desc.conf.ring_size));
	ring_set(&txq->comp, le64toh(desc.conf.comp_ring_pa),
		 le32toh(desc.conf.comp_ring_size));
	if (!ring_is_sane(dev, txq->ring.pa, txq->ring.size, VMXNET3_RING_MAX,
			  false) ||
	    !ring_is_sane(dev, txq->comp.pa, txq->comp.size, VMXNET3_RING_MAX,
			  true) ||
	    txq->intr >= dev->irq.num_lines)
		return -EINVAL;
	/* Descriptors say where in the data ring something is. */
	return dev->rev.revision < 9 ? 0 :
	       side_ring(dev, le64toh(desc.ts.ring_pa),
			 le16toh(desc.ts.desc_size), txq->ring.size,
			 &txq->ts_pa, &txq->ts_size);
}

static int read_rx_side_rings(struct vmxnet3_dev *dev, struct rx_queue *rxq,
			      const struct vmxnet3_rx_queue_desc *desc)
{
	int err = 0;

	if (dev->rev.revision >= 3)
		err = side_ring(dev, le64toh(desc->conf.data_ring_pa),
				le16toh(desc->conf.data_desc_size),
				rxq->ring[0].size, &rxq->data_pa,
				&rxq->data_size);
	if (!err && dev->rev.revision >= 9)
		err = side_ring(dev, le64toh(desc->ts.ring_pa),
				le16toh(desc->ts.desc_size),
				rxq->ring[0].size, &rxq->ts_pa, &rxq->ts_size);
	return err;
}

static int read_rx_queue(struct vmxnet3_dev *dev, struct rx_queue *rxq,
			 uint64_t pa)
{
	struct vmxnet3_rx_queue_desc desc;

	if (dma_read(dev->dma, pa, &desc, sizeof(desc)))
		return -EFAULT;
	memset(rxq, 0, sizeof(*rxq));
	rxq->conf_pa = pa;
	rxq->intr = desc.conf.intr;
	for (int i = 0; i < 2; i++)
		ring_set(&rxq->ring[i], le64toh(desc.conf.ring_pa[i]),
			 le32toh(desc.conf.ring_size[i]));
	ring_set(&rxq->comp, le64toh(desc.conf.comp_ring_pa),
		 le32toh(desc.conf.comp_ring_size));
	if (!ring_is_sane(dev, rxq->ring[0].pa, rxq->ring[0].size,
			  VMXNET3_RING_MAX, false) ||
	    !ring_is_sane(dev, rxq->comp.pa, rxq->comp.size,
			  VMXNET3_COMP_RING_MAX, true) ||
	    rxq->intr >= dev->irq.num_lines)
		return -EINVAL;
	/* Ring 2 is for the rest of long frames; a driver can do without. */
	if (rxq->ring[1].size &&
	    !ring_is_sane(dev, rxq->ring[1].pa, rxq->ring[1].size,
			  VMXNET3_RING_MAX, false))
		return -EINVAL;
	return read_rx_side_rings(dev, rxq, &desc);
}

static int read_queues(struct vmxnet3_dev *dev)
{
	uint64_t pa = dev->conf.queue_desc_pa;
	int err;

	for (unsigned int i = 0; i < dev->conf.num_tx; i++) {
		err = read_tx_queue(dev, &dev->tx[i], pa);
		if (err) {
			log_warn(dev->log, "TX queue %u: bad configuration", i);
			return err;
		}
		pa += sizeof(struct vmxnet3_tx_queue_desc);
	}
	for (unsigned int i = 0; i < dev->conf.num_rx; i++) {
		err = read_rx_queue(dev, &dev->rx[i], pa);
		if (err) {
			log_warn(dev->log, "RX queue %u: bad configuration", i);
			return err;
		}
		pa += sizeof(struct vmxnet3_rx_queue_desc);
	}
	return 0;
}

/*
 * Does the driver say that it knows a revision and a UPT version that the
 * device has?  Upstream's names revision 1 whatever it has chosen; one that
 * says nothing means the same.
 */
static bool driver_is_known(const struct vmxnet3_dev *dev,
			    const struct vmxnet3_driver_info *info)
{
	uint32_t revisions = le32toh(info->revision);
	uint32_t upt = le32toh(info->upt_version);

	return (!revisions || revisions & vmxnet3_revision_offer(dev)) &&
	       (!upt || upt & VMXNET3_UPT_VERSION);
}

static int read_misc(struct vmxnet3_dev *dev)
{
	struct vmxnet3_misc_conf misc;
	uint32_t queue_desc_len;

	if (read_shared(dev, SHARED_OFFSET(misc), &misc, sizeof(misc)))
		return -EFAULT;
	if (!driver_is_known(dev, &misc.driver_info))
		return -EINVAL;
	dev->conf.features = le64toh(misc.features);
	dev->conf.mtu = le32toh(misc.mtu);
	dev->conf.num_tx = misc.num_tx_queues;
	dev->conf.num_rx = misc.num_rx_queues;
	dev->conf.queue_desc_pa = le64toh(misc.queue_desc_pa);
	queue_desc_len = dev->conf.num_tx *
			 sizeof(struct vmxnet3_tx_queue_desc) +
			 dev->conf.num_rx *
			 sizeof(struct vmxnet3_rx_queue_desc);
	if (!dev->conf.num_tx ||
	    dev->conf.num_tx > vmxnet3_max_tx_queues(dev) ||
	    !dev->conf.num_rx ||
	    dev->conf.num_rx > vmxnet3_max_rx_queues(dev) ||
	    dev->conf.queue_desc_pa % VMXNET3_QUEUE_DESC_ALIGN ||
	    le32toh(misc.queue_desc_len) < queue_desc_len ||
	    dev->conf.mtu > vmxnet3_max_mtu(dev) || dev->conf.mtu < 60)
		return -EINVAL;
	return 0;
}

/*
 * With more queues than there were before revision 6 the interrupts are in
 * the extended part; upstream's driver goes by what GET_MAX_QUEUES_CONF has
 * said, and then leaves the old part empty, however many queues it uses.
 */
static int read_intr(struct vmxnet3_dev *dev)
{
	struct vmxnet3_intr_conf_ext ext;
	struct vmxnet3_intr_conf intr;
	struct dev_conf *conf = &dev->conf;
	bool auto_mask;

	if (read_shared(dev, SHARED_OFFSET(intr), &intr, sizeof(intr)))
		return -EFAULT;
	conf->ext_intr = dev->rev.revision >= 6 &&
			 (conf->num_tx > VMXNET3_MAX_TX_QUEUES ||
			  conf->num_rx > VMXNET3_MAX_RX_QUEUES ||
			  !intr.num_intrs);
	conf->event_intr = intr.event_intr;
	auto_mask = intr.auto_mask;
	if (conf->ext_intr) {
		if (read_shared(dev, offsetof(struct vmxnet3_shared, intr_ext),
				&ext, sizeof(ext)))
			return -EFAULT;
		conf->event_intr = ext.event_intr;
		auto_mask = ext.auto_mask;
	}
	if (conf->event_intr >= dev->irq.num_lines)
		return -EINVAL;
	dev->irq.auto_mask = auto_mask &&
		dev->model.mask_mode == VMXNET3_INTR_MASK_AUTO;
	return 0;
}

int vmxnet3_conf_read(struct vmxnet3_dev *dev)
{
	uint32_t magic;
	int err;

	if (read_shared(dev, 0, &magic, sizeof(magic)) ||
	    le32toh(magic) != VMXNET3_SHARED_MAGIC) {
		log_warn(dev->log, "no shared area at %#llx%s",
			 (unsigned long long)dev->shared_pa,
			 ": is the guest's memory shared (share=on)?");
		return -EINVAL;
	}
	memset(&dev->conf, 0, sizeof(dev->conf));
	err = read_misc(dev);
	if (!err)
		err = read_intr(dev);
	if (err) {
		log_warn(dev->log, "bad configuration in the shared area");
		return err;
	}
	err = read_queues(dev);
	if (err)
		return err;
	dev->port.mtu = dev->conf.mtu;
	vmxnet3_conf_read_rx_mode(dev);
	vmxnet3_conf_read_multicast(dev);
	vmxnet3_conf_read_vlans(dev);
	vmxnet3_conf_read_rss(dev);
	vmxnet3_conf_apply_lro(dev);
	return 0;
}

/* Merged segments are taken as they are, if the driver wants that. */
void vmxnet3_conf_apply_lro(struct vmxnet3_dev *dev)
{
	bool disabled = dev->rev.revision >= 9 &&
			dev->model.disabled_offloads & VMXNET3_DISABLED_LRO;

	if (dev->conf.features & VMXNET3_F_LRO && !disabled)
		dev->port.flags |= PORT_TAKES_OFFLOADS;
	else
		dev->port.flags &= ~PORT_TAKES_OFFLOADS;
}

void vmxnet3_conf_read_rx_mode(struct vmxnet3_dev *dev)
{
	uint32_t mode;

	if (read_shared(dev, SHARED_OFFSET(rx_filter.rx_mode), &mode,
			sizeof(mode)))
		return;
	dev->conf.rx_mode = le32toh(mode) & 0x1f;
	dev->port.rx_mode = dev->conf.rx_mode;
}

void vmxnet3_conf_read_multicast(struct vmxnet3_dev *dev)
{
	uint8_t list[PORT_MAX_MULTICAST][6];
	struct vmxnet3_rx_filter_conf filter;
	unsigned int n;

	dev->port.num_multicast = 0;
	if (read_shared(dev, SHARED_OFFSET(rx_filter), &filter,
			offsetof(struct vmxnet3_rx_filter_conf, vlan_table)))
		return;
	n = le16toh(filter.mf_table_len) / 6;
	if (n > PORT_MAX_MULTICAST)
		n = PORT_MAX_MULTICAST;
	if (!n || dma_read(dev->dma, le64toh(filter.mf_table_pa), list, n * 6))
		return;
	port_set_multicast(&dev->port, list, n);
}

void vmxnet3_conf_read_vlans(struct vmxnet3_dev *dev)
{
	uint32_t table[VMXNET3_VLAN_WORDS];

	if (read_shared(dev, SHARED_OFFSET(rx_filter.vlan_table), table,
			sizeof(table)))
		return;
	for (int i = 0; i < VMXNET3_VLAN_WORDS; i++)
		table[i] = le32toh(table[i]);
	port_set_vlan_filter(&dev->port, table);
}

void vmxnet3_conf_read_features(struct vmxnet3_dev *dev)
{
	uint64_t features;

	if (!read_shared(dev, SHARED_OFFSET(misc.features), &features,
			 sizeof(features)))
		dev->conf.features = le64toh(features);
	vmxnet3_conf_apply_lro(dev);
	vmxnet3_conf_read_rss(dev);
}

static int read_rss(struct vmxnet3_dev *dev, struct rss_conf *rss)
{
	struct vmxnet3_conf_desc desc;
	struct vmxnet3_rss_conf conf;

	if (read_shared(dev, SHARED_OFFSET(rss), &desc, sizeof(desc)) ||
	    le32toh(desc.version) != 1 ||
	    le32toh(desc.length) < sizeof(conf) ||
	    dma_read(dev->dma, le64toh(desc.pa), &conf, sizeof(conf)))
		return -EFAULT;
	rss->hash_type = le16toh(conf.hash_type);
	rss->table_len = le16toh(conf.table_len);
	if (le16toh(conf.hash_func) != VMXNET3_RSS_FUNC_TOEPLITZ ||
	    le16toh(conf.key_len) != VMXNET3_RSS_KEY_LEN ||
	    !rss->table_len || rss->table_len > VMXNET3_RSS_TABLE_LEN)
		return -EINVAL;
	memcpy(rss->key, conf.key, sizeof(rss->key));
	memcpy(rss->table, conf.table, sizeof(rss->table));
	return 0;
}

void vmxnet3_conf_read_rss(struct vmxnet3_dev *dev)
{
	struct rss_conf rss = { 0 };

	if (dev->conf.features & VMXNET3_F_RSS) {
		if (read_rss(dev, &rss))
			log_warn(dev->log, "bad RSS configuration, RSS is off");
		else
			rss.enabled = true;
	}
	dev->conf.rss = rss;
}

int vmxnet3_conf_read_plugin_desc(struct vmxnet3_dev *dev, uint32_t *version,
				  uint32_t *len, uint64_t *pa)
{
	struct vmxnet3_conf_desc desc;

	if (read_shared(dev, SHARED_OFFSET(plugin), &desc, sizeof(desc)))
		return -EFAULT;
	*version = le32toh(desc.version);
	*len = le32toh(desc.length);
	*pa = le64toh(desc.pa);
	return *version ? 0 : -ENOENT;
}

bool vmxnet3_conf_intr_disabled(void *arg)
{
	struct vmxnet3_dev *dev = arg;
	size_t offset = dev->conf.ext_intr ?
			offsetof(struct vmxnet3_shared, intr_ext.ctrl) :
			SHARED_OFFSET(intr.ctrl);
	uint32_t ctrl;

	if (!dev->active || read_shared(dev, offset, &ctrl, sizeof(ctrl)))
		return true;
	return le32toh(ctrl) & VMXNET3_INTR_CTRL_DISABLE_ALL;
}

/* The statistics structures are nothing but 64-bit counters. */
static void write_counters(struct vmxnet3_dev *dev, uint64_t pa,
			   const void *counters, size_t len)
{
	uint64_t words[16];

	memcpy(words, counters, len);
	for (size_t i = 0; i < len / 8; i++)
		words[i] = htole64(words[i]);
	dma_write(dev->dma, pa, words, len);
}

void vmxnet3_conf_write_stats(struct vmxnet3_dev *dev)
{
	for (unsigned int i = 0; i < dev->conf.num_tx; i++)
		write_counters(dev, dev->tx[i].conf_pa +
			       offsetof(struct vmxnet3_tx_queue_desc, stats),
			       &dev->tx[i].stats, sizeof(dev->tx[i].stats));
	for (unsigned int i = 0; i < dev->conf.num_rx; i++)
		write_counters(dev, dev->rx[i].conf_pa +
			       offsetof(struct vmxnet3_rx_queue_desc, stats),
			       &dev->rx[i].stats, sizeof(dev->rx[i].stats));
}

void vmxnet3_conf_write_status(struct vmxnet3_dev *dev)
{
	struct vmxnet3_queue_status status = { 0 };

	for (unsigned int i = 0; i < dev->conf.num_rx; i++) {
		status.stopped = dev->rx[i].error != 0;
		status.error = htole32(dev->rx[i].error);
		dma_write(dev->dma, dev->rx[i].conf_pa +
			  offsetof(struct vmxnet3_rx_queue_desc, status),
			  &status, sizeof(status));
	}
	for (unsigned int i = 0; i < dev->conf.num_tx; i++) {
		status.stopped = dev->tx[i].error != 0;
		status.error = htole32(dev->tx[i].error);
		dma_write(dev->dma, dev->tx[i].conf_pa +
			  offsetof(struct vmxnet3_tx_queue_desc, status),
			  &status, sizeof(status));
	}
}
