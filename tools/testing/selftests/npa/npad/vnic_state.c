// SPDX-License-Identifier: GPL-2.0
/*
 * The sections of a vNIC's state.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "state.h"
#include "vnic_state.h"

#define SECTION_VERSION	1
#define REV_VERSION	2	/* of sections that later device revisions made
				 * longer
				 */

static void put_name(struct state_io *io, void *arg)
{
	struct vnic_state *state = arg;

	state_bytes(io, state->name, sizeof(state->name));
	state->name[sizeof(state->name) - 1] = 0;
	for (char *c = state->name; io->load && *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
}

static void put_pci(struct state_io *io, void *arg)
{
	struct vnic_state *state = arg;

	state_bytes(io, state->pci, sizeof(state->pci));
}

/* Registers, and what commands have left behind. */
static void put_registers(struct state_io *io, void *arg)
{
	struct dev_state *dev = &((struct vnic_state *)arg)->dev;

	state_bytes(io, dev->perm_mac, sizeof(dev->perm_mac));
	state_bytes(io, dev->mac, sizeof(dev->mac));
	state_u32(io, &dev->mac_low);
	state_bool(io, "active", &dev->active);
	state_bool(io, "link", &dev->link_up);
	state_u32(io, &dev->dsal);
	state_u32(io, &dev->dsah);
	state_u64(io, &dev->shared_pa);
	state_u32(io, &dev->last_cmd);
	state_u32(io, &dev->activate_result);
	if (io->load && (dev->perm_mac[0] | dev->mac[0]) & 1)
		state_fail(io, -EINVAL, "a group address");
}

/* What the device offers; comes before all that depends on it. */
static void put_model(struct state_io *io, void *arg)
{
	struct dev_state *dev = &((struct vnic_state *)arg)->dev;
	struct vmxnet3_model *model = &dev->model;
	const char *wrong;

	state_uint(io, "device revision", &model->revision, VMXNET3_REV_MAX);
	state_uint(io, "kind of interrupts", &model->intr_type,
		   VMXNET3_INTR_TYPE_MSIX);
	state_uint(io, "mask mode", &model->mask_mode, VMXNET3_INTR_MASK_LAZY);
	state_uint(io, "queue pairs", &model->queues, MODEL_MAX_QUEUES);
	state_bool(io, "buffers in any order", &model->rx_any_order);
	state_uint(io, "speed", &model->speed, MODEL_MAX_SPEED);
	state_u32(io, &model->disabled_offloads);
	state_uint(io, "sample rate", &model->sample_rate,
		   MODEL_MAX_SAMPLE_RATE);
	wrong = io->load ? vmxnet3_model_check(model) : NULL;
	if (wrong)
		state_fail(io, -EINVAL, "%s", wrong);
}

/* What the driver has set of later revisions. */
static void put_revision(struct state_io *io, void *arg)
{
	struct dev_state *dev = &((struct vnic_state *)arg)->dev;
	struct coalesce_conf *coalesce = &dev->rev.coalesce;
	struct rev_state *rev = &dev->rev;

	state_uint(io, "revision in use", &rev->revision, VMXNET3_REV_MAX);
	state_u32(io, &rev->caps);
	state_u32(io, &rev->set_result);
	state_u32(io, &rev->rss_fields);
	state_uint(io, "coalescing", &coalesce->mode, VMXNET3_COALESCE_RATE);
	state_uint(io, "coalescing rate", &coalesce->rate,
		   VMXNET3_COALESCE_RATE_MAX);
	if (io->load && coalesce->mode == VMXNET3_COALESCE_RATE &&
	    coalesce->rate < VMXNET3_COALESCE_RATE_MIN)
		state_fail(io, -EINVAL, "coalescing rate: %u", coalesce->rate);
	state_uint(io, "TX depth", &coalesce->tx_depth,
		   VMXNET3_COALESCE_DEPTH_MAX);
	state_uint(io, "TX completion depth", &coalesce->tx_comp_depth,
		   VMXNET3_COALESCE_DEPTH_MAX);
	state_uint(io, "RX depth", &coalesce->rx_depth,
		   VMXNET3_COALESCE_DEPTH_MAX);
	for (int i = 0; i < 3; i++)
		state_u16(io, &rev->buffer_size[i]);
}

static void put_rss(struct state_io *io, struct rss_conf *rss)
{
	state_bool(io, "RSS", &rss->enabled);
	state_u32(io, &rss->hash_type);
	state_uint(io, "RSS table", &rss->table_len, VMXNET3_RSS_TABLE_LEN);
	state_bytes(io, rss->key, sizeof(rss->key));
	state_bytes(io, rss->table, sizeof(rss->table));
	if (io->load && rss->enabled && !rss->table_len)
		state_fail(io, -EINVAL, "RSS without a table");
}

/* The driver's configuration, as it was read and checked. */
static void put_conf(struct state_io *io, void *arg)
{
	struct dev_state *dev = &((struct vnic_state *)arg)->dev;
	struct dev_conf *conf = &dev->conf;

	state_u32(io, &conf->features);
	state_uint(io, "MTU", &conf->mtu, VMXNET3_EXT_MTU_MAX);
	state_uint(io, "TX queues", &conf->num_tx, VMXNET3_EXT_MAX_TX_QUEUES);
	state_uint(io, "RX queues", &conf->num_rx, VMXNET3_EXT_MAX_RX_QUEUES);
	state_uint(io, "event vector", &conf->event_intr, IRQ_MAX - 1);
	state_bool(io, "extended interrupts", &conf->ext_intr);
	state_u64(io, &conf->queue_desc_pa);
	state_u32(io, &conf->rx_mode);
	conf->rx_mode &= 0x1f;
	put_rss(io, &conf->rss);
	if (io->load && dev->active && (!conf->num_tx || !conf->num_rx))
		state_fail(io, -EINVAL, "active without queues");
	if (io->load && !dev->active && (conf->num_tx || conf->num_rx))
		state_fail(io, -EINVAL, "queues though not active");
}

static void put_filters(struct state_io *io, void *arg)
{
	struct dev_state *dev = &((struct vnic_state *)arg)->dev;

	state_uint(io, "multicast addresses", &dev->num_multicast,
		   PORT_MAX_MULTICAST);
	state_bytes(io, dev->multicast,
		    dev->num_multicast * sizeof(dev->multicast[0]));
	state_bool(io, "VLAN filter", &dev->vlan_filter);
	for (int i = 0; i < PORT_VLAN_WORDS; i++)
		state_u32(io, &dev->vlans[i]);
}

/* The hypervisor's rules for the guest. */
static void put_policy(struct state_io *io, void *arg)
{
	struct port_policy *policy = &((struct vnic_state *)arg)->policy;
	unsigned int default_vlan = policy->default_vlan;

	state_bool(io, "anti-spoofing", &policy->antispoof);
	state_uint(io, "default VLAN", &default_vlan, PORT_VLANS - 2);
	policy->default_vlan = default_vlan;
	for (int i = 0; i < PORT_VLAN_WORDS; i++)
		state_u32(io, &policy->denied[i]);
	state_uint(io, "additional addresses", &policy->num_macs,
		   PORT_MAX_MACS);
	state_bytes(io, policy->macs,
		    policy->num_macs * sizeof(policy->macs[0]));
}

static void put_ring(struct state_io *io, const char *name, struct ring *ring,
		     uint32_t max, bool optional)
{
	state_u64(io, &ring->pa);
	state_uint(io, name, &ring->size, max);
	state_u32(io, &ring->next);
	state_uint(io, "generation", &ring->gen, 1);
	if (!io->load || io->err || (optional && !ring->size && !ring->next))
		return;
	if (ring->next >= ring->size)
		state_fail(io, -EINVAL, "%s: position %u of %u", name,
			   ring->next, ring->size);
	if (ring->pa % VMXNET3_RING_BASE_ALIGN)
		state_fail(io, -EINVAL, "%s: address %#llx", name,
			   (unsigned long long)ring->pa);
}

/* A ring of entries that have their own size; none if that is 0. */
static void put_entries(struct state_io *io, const char *name, uint64_t *pa,
			uint32_t *size)
{
	state_u64(io, pa);
	state_uint(io, name, size, VMXNET3_DATA_SIZE_MAX);
	if (io->load && *size % VMXNET3_DATA_SIZE_ALIGN)
		state_fail(io, -EINVAL, "%s: entries of %u bytes", name, *size);
}

static void put_tx_queue(struct state_io *io, struct tx_queue *txq)
{
	put_ring(io, "TX ring", &txq->ring, VMXNET3_RING_MAX, false);
	put_ring(io, "TX completions", &txq->comp, VMXNET3_RING_MAX, false);
	state_uint(io, "TX vector", &txq->intr, IRQ_MAX - 1);
	state_u64(io, &txq->conf_pa);
	put_entries(io, "TX timestamps", &txq->ts_pa, &txq->ts_size);
	state_u32(io, &txq->error);
	state_uint(io, "TX tries", &txq->tries, INT32_MAX);
	state_uint(io, "TX segments", &txq->segments, FRAME_MAX);
	state_counters(io, (uint64_t *)&txq->stats, sizeof(txq->stats) / 8);
}

static void put_rx_queue(struct state_io *io, struct rx_queue *rxq)
{
	put_ring(io, "RX ring 1", &rxq->ring[0], VMXNET3_RING_MAX, false);
	put_ring(io, "RX ring 2", &rxq->ring[1], VMXNET3_RING_MAX, true);
	put_ring(io, "RX completions", &rxq->comp, VMXNET3_COMP_RING_MAX,
		 false);
	state_uint(io, "RX vector", &rxq->intr, IRQ_MAX - 1);
	state_u64(io, &rxq->conf_pa);
	put_entries(io, "RX data ring", &rxq->data_pa, &rxq->data_size);
	put_entries(io, "RX timestamps", &rxq->ts_pa, &rxq->ts_size);
	state_u32(io, &rxq->error);
	state_bool(io, "buffers swapped", &rxq->swapped);
	state_bool(io, "starved", &rxq->starved);
	state_counters(io, (uint64_t *)&rxq->stats, sizeof(rxq->stats) / 8);
}

/* Comes after the configuration, which says how many there are. */
static void put_queues(struct state_io *io, void *arg)
{
	struct dev_state *dev = &((struct vnic_state *)arg)->dev;

	for (unsigned int i = 0; i < dev->conf.num_tx && !io->err; i++)
		put_tx_queue(io, &dev->tx[i]);
	for (unsigned int i = 0; i < dev->conf.num_rx && !io->err; i++)
		put_rx_queue(io, &dev->rx[i]);
}

static void put_irqs(struct state_io *io, void *arg)
{
	struct irq_state *irq = &((struct vnic_state *)arg)->irq;

	state_uint(io, "vectors", &irq->num_lines, IRQ_MAX);
	state_bool(io, "automatic masks", &irq->auto_mask);
	state_bool(io, "MSI", &irq->msi);
	state_bool(io, "INTx", &irq->intx);
	state_bool(io, "INTx level", &irq->asserted);
	state_bool(io, "INTx mask", &irq->intx_masked);
	for (unsigned int i = 0; i < irq->num_lines && !io->err; i++) {
		struct irq_line_state *line = &irq->lines[i];

		state_bool(io, "connected", &line->connected);
		state_bool(io, "mask", &line->masked);
		state_bool(io, "cause", &line->pending);
		state_u64(io, &line->raised);
		state_u64(io, &line->signalled);
	}
}

static void put_npa(struct state_io *io, void *arg)
{
	struct vnic_state *state = arg;
	struct npa_state *npa = &state->npa;

	state_bool(io, "NPA", &state->has_npa);
	if (!state->has_npa)
		return;
	state_bool(io, "wish", &npa->wish_vf);
	state_bool(io, "plugin configuration", &npa->guest_npa);
	state_u16(io, &npa->seq);
	state_u32(io, &npa->message);
	state_u32(io, &npa->status);
	state_bool(io, "rejected", &npa->rejected);
	state_uint(io, "refusal", &npa->refusal, UINT16_MAX);
	state_uint(io, "refused message", &npa->refusal_seq, UINT16_MAX);
	state_u64(io, &npa->to_vf);
	state_u64(io, &npa->to_emulated);
	state_u64(io, &npa->refused);
	state_uint(io, "pages of the last image", &npa->old_pages,
		   VMXNET3_NPA_REGION_PAGES);
	for (unsigned int i = 0; i < npa->old_pages; i++)
		state_u64(io, &npa->old_ppn[i]);
}

static void put_stats(struct state_io *io, void *arg)
{
	struct vnic_state *state = arg;

	state_counters(io, (uint64_t *)&state->port,
		       sizeof(state->port) / 8);
	state_counters(io, (uint64_t *)&state->vf_port,
		       sizeof(state->vf_port) / 8);
}

static void put_client(struct state_io *io, void *arg)
{
	struct vfio_user_state *client = &((struct vnic_state *)arg)->client;

	state_bool(io, "version agreed", &client->ready);
	state_u16(io, &client->next_id);
	state_uint(io, "bytes of a message", &client->have,
		   sizeof(client->in) - 1);
	state_bytes(io, client->in, client->have);
	state_uint(io, "descriptors of a message", &client->num_fds,
		   VFIO_USER_MAX_FDS);
}

static void put_part(struct state_io *io, struct dma_part_state *part,
		     unsigned int num_files)
{
	unsigned int file = part->file + 1;

	state_u64(io, &part->addr);
	state_u64(io, &part->size);
	state_u64(io, &part->offset);
	state_bool(io, "writable", &part->writable);
	state_uint(io, "file", &file, num_files);
	part->file = (int)file - 1;
	if (io->load && (!part->size ||
			 part->addr + (part->size - 1) < part->addr ||
			 part->offset + part->size < part->offset))
		state_fail(io, -EINVAL, "memory of %#llx bytes at %#llx",
			   (unsigned long long)part->size,
			   (unsigned long long)part->addr);
}

static void put_memory(struct state_io *io, void *arg)
{
	struct dma_state *dma = &((struct vnic_state *)arg)->dma;

	state_uint(io, "files of memory", &dma->num_files, DMA_MAX_FILES);
	state_uint(io, "parts of memory", &dma->num_parts, DMA_MAX_PARTS);
	for (unsigned int i = 0; i < dma->num_parts && !io->err; i++)
		put_part(io, &dma->parts[i], dma->num_files);
}

/* In this order: some say how many elements a later one has. */
static const struct state_section sections[] = {
	{ 1, SECTION_VERSION, "name", false, put_name },
	{ 2, SECTION_VERSION, "pci", false, put_pci },
	{ 3, SECTION_VERSION, "registers", false, put_registers },
	{ 13, SECTION_VERSION, "model", false, put_model },
	{ 14, SECTION_VERSION, "revision", false, put_revision },
	{ 4, REV_VERSION, "configuration", false, put_conf },
	{ 5, REV_VERSION, "queues", false, put_queues },
	{ 6, REV_VERSION, "interrupts", false, put_irqs },
	{ 7, SECTION_VERSION, "npa", false, put_npa },
	{ 8, SECTION_VERSION, "statistics", true, put_stats },
	{ 9, SECTION_VERSION, "client", false, put_client },
	{ 10, SECTION_VERSION, "memory", false, put_memory },
	{ 11, SECTION_VERSION, "filters", false, put_filters },
	{ 12, SECTION_VERSION, "policy", false, put_policy },
	{ 0, 0, NULL, false, NULL },
};

int vnic_state_encode(struct vnic_state *state, uint8_t **data, size_t *len)
{
	return state_save(sections, state, data, len);
}

static const char *check_revision(const struct dev_state *dev)
{
	unsigned int revision = dev->rev.revision;
	uint32_t caps = revision < 7 ? 0 : vmxnet3_model_caps(&dev->model);
	bool ext = revision >= 6;

	if (revision < VMXNET3_REV_MIN || revision > dev->model.revision)
		return "a revision is in use that is not offered";
	if (dev->rev.caps & ~caps)
		return "capabilities are in use that are not offered";
	if (!ext && (dev->conf.num_tx > VMXNET3_MAX_TX_QUEUES ||
		     dev->conf.num_rx > VMXNET3_MAX_RX_QUEUES ||
		     dev->conf.mtu > VMXNET3_MTU_MAX || dev->conf.ext_intr))
		return "queues or MTU need a later revision";
	return NULL;
}

/* What two sections say must agree. */
static const char *check(const struct vnic_state *state)
{
	const struct dev_state *dev = &state->dev;
	unsigned int vectors = state->irq.num_lines;
	const char *wrong = check_revision(dev);

	if (wrong)
		return wrong;

	if (!vectors)
		return "no vectors";
	if (vectors != vmxnet3_model_vectors(&dev->model))
		return "not the vectors of its model";
	if (!state->client.ready)
		return "no client is connected";
	if (dev->active && dev->conf.event_intr >= vectors)
		return "events have a vector that is not there";
	for (unsigned int i = 0; i < dev->conf.num_tx; i++)
		if (dev->tx[i].intr >= vectors)
			return "a TX queue has a vector that is not there";
	for (unsigned int i = 0; i < dev->conf.num_rx; i++)
		if (dev->rx[i].intr >= vectors)
			return "an RX queue has a vector that is not there";
	return NULL;
}

int vnic_state_decode(const uint8_t *data, size_t len,
		      struct vnic_state *state, char *why, size_t why_len)
{
	const char *wrong;
	int err;

	memset(state, 0, sizeof(*state));
	err = state_load(sections, data, len, state, why, why_len);
	if (err)
		return err;
	wrong = check(state);
	if (!wrong)
		return 0;
	snprintf(why, why_len, "%s", wrong);
	return -EINVAL;
}
