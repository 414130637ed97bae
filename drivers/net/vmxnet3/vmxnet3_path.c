// SPDX-License-Identifier: GPL-2.0
/*
 * Data paths: a plugin, its state, its ring memory and the shell's books for
 * it.  A path is complete, with receive buffers, before traffic goes to it.
 */
#include <kunit/static_stub.h>
#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <net/page_pool/helpers.h>

#include "vmxnet3_npa.h"
#include "vmxnet3_plugin.h"
#include "vmxnet3_shell.h"
#include "vmxnet3_switch.h"
#include "vmxnet3_xdp.h"

/**
 * vmxnet3_path_zalloc() - memory for a path's books, zeroed
 * @len: bytes
 *
 * This and the next two are all that a path allocates, besides buffers, and
 * are functions for the sake of tests.
 *
 * Return: memory for kvfree(), or NULL.
 */
void *vmxnet3_path_zalloc(size_t len)
{
	KUNIT_STATIC_STUB_REDIRECT(vmxnet3_path_zalloc, len);
	return kvzalloc(len, GFP_KERNEL);
}

/**
 * vmxnet3_path_dma_alloc() - memory for a ring
 * @shell: the device
 * @len: bytes
 * @pa: receives the DMA address
 *
 * Return: memory for dma_free_coherent(), or NULL.
 */
void *vmxnet3_path_dma_alloc(struct vmxnet3_shell *shell, size_t len,
			     dma_addr_t *pa)
{
	KUNIT_STATIC_STUB_REDIRECT(vmxnet3_path_dma_alloc, shell, len, pa);
	return dma_alloc_coherent(shell->dev, len, pa, GFP_KERNEL);
}

/**
 * vmxnet3_path_pool_create() - a pool for receive buffers
 * @params: for page_pool_create()
 *
 * Return: the pool or an error pointer.
 */
struct page_pool *
vmxnet3_path_pool_create(const struct page_pool_params *params)
{
	KUNIT_STATIC_STUB_REDIRECT(vmxnet3_path_pool_create, params);
	return page_pool_create(params);
}

static void vmxnet3_free_segs(struct vmxnet3_path *path, struct npa_queue *nq)
{
	u32 i;

	for (i = 0; i < NPA_RING_SEGS; i++)
		if (nq->seg[i].va)
			dma_free_coherent(path->shell->dev, nq->seg[i].length,
					  nq->seg[i].va, nq->seg[i].pa);
}

/* The built-in plugin does without segments from @optional on. */
static int vmxnet3_alloc_segs(struct vmxnet3_path *path, struct npa_queue *nq,
			      const u16 *seg_bytes, u32 optional)
{
	dma_addr_t pa;
	u32 i;

	for (i = 0; i < NPA_RING_SEGS; i++) {
		struct npa_ring_seg *seg = &nq->seg[i];

		if (!seg_bytes[i])
			continue;
		seg->length = PAGE_ALIGN(nq->ring_size * seg_bytes[i]);
		seg->va = vmxnet3_path_dma_alloc(path->shell, seg->length,
						 &pa);
		if (!seg->va && path->builtin && i >= optional) {
			seg->length = 0;
			continue;
		}
		if (!seg->va)
			return -ENOMEM;
		seg->pa = pa;
	}
	return 0;
}

static int vmxnet3_tx_ring_alloc(struct vmxnet3_path *path, u32 i, u32 size)
{
	struct vmxnet3_tx_ring *ring = &path->tx[i];
	struct npa_queue *nq = &path->ps->tx[i];

	ring->path = path;
	ring->nq = nq;
	ring->dev = path->shell->dev;
	ring->index = i;
	ring->busy = size - path->tx_reserve;
	nq->handle = ring;
	nq->ring_size = size;
	nq->intr = path->tx_lazy ? path->shell->max_queues + i : i;
	/*
	 * While frames that the plugin counts as done wait to be released, the
	 * ring may be filled again: as many as that, and no more, since there
	 * is one harvest at a time.
	 */
	ring->mask = 2 * nq->ring_size - 1;
	ring->info.sg = ring->sg;
	ring->slots = vmxnet3_path_zalloc((ring->mask + 1) *
					  sizeof(*ring->slots));
	if (!ring->slots)
		return -ENOMEM;
	return vmxnet3_alloc_segs(path, nq, path->api.tx_seg_bytes,
				  VMXNET3_TX_SEG_DATA);
}

static void vmxnet3_tx_ring_free(struct vmxnet3_path *path, u32 i)
{
	struct vmxnet3_tx_ring *ring = &path->tx[i];

	if (ring->slots)
		vmxnet3_tx_ring_drop(ring);
	kvfree(ring->slots);
	vmxnet3_free_segs(path, &path->ps->tx[i]);
}

static int vmxnet3_rx_ring_alloc(struct vmxnet3_path *path, u32 i, u32 size)
{
	struct vmxnet3_rx_ring *ring = &path->rx[i];
	struct npa_queue *nq = &path->ps->rx[i];
	struct page_pool_params pp = {
		.flags = PP_FLAG_DMA_MAP | PP_FLAG_DMA_SYNC_DEV,
		.pool_size = size,
		.nid = NUMA_NO_NODE,
		.dev = path->shell->dev,
		.netdev = path->shell->netdev,
		.napi = &path->shell->queues[i].napi,
		.queue_idx = i,
		.dma_dir = path->cfg.xdp ? DMA_BIDIRECTIONAL : DMA_FROM_DEVICE,
		.max_len = PAGE_SIZE,
	};
	struct page_pool *pool;

	ring->path = path;
	ring->nq = nq;
	ring->index = i;
	ring->napi = &path->shell->queues[i].napi;
	ring->netdev = path->shell->netdev;
	ring->stats = &path->shell->queues[i].rx_stats;
	ring->plain_len = path->cfg.mtu + VLAN_ETH_HLEN;
	ring->small_truesize = path->cfg.rx_buf;
	ring->small_len = VMXNET3_SMALL_ROOM(ring->small_truesize);
	ring->plain_span = umin(ring->plain_len, ring->small_len) - ETH_HLEN;
	nq->handle = ring;
	nq->ring_size = size;
	nq->intr = i;
	nq->num_buf_ids = nq->ring_size * path->api.rx_ids_per_entry;
	ring->num_slots = nq->num_buf_ids;
	ring->plain_slots = ring->num_slots;
	ring->slots = vmxnet3_path_zalloc(ring->num_slots *
					  sizeof(*ring->slots));
	if (!ring->slots)
		return -ENOMEM;
	pool = vmxnet3_path_pool_create(&pp);
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	ring->pool = pool;
	if (path->cfg.xdp && vmxnet3_xdp_ring_alloc(ring))
		return -ENOMEM;
	return vmxnet3_alloc_segs(path, nq, path->api.rx_seg_bytes,
				  VMXNET3_RX_SEG_DATA);
}

static void vmxnet3_rx_ring_free(struct vmxnet3_path *path, u32 i)
{
	struct vmxnet3_rx_ring *ring = &path->rx[i];

	if (ring->pool) {
		vmxnet3_rx_ring_drop(ring, true);
		vmxnet3_xdp_ring_free(ring);
	}
	kvfree(ring->slots);
	vmxnet3_free_segs(path, &path->ps->rx[i]);
}

/*
 * NAPI of a pair that is not in use, or of a device that is down, rests.  A
 * pool that is bound to another one may only go while that is made to rest.
 */
static bool vmxnet3_path_polled(const struct vmxnet3_path *path, u32 i)
{
	const struct vmxnet3_shell *shell = path->shell;

	return path->rx[i].pool && i < shell->cfg.num_queues &&
	       test_bit(VMXNET3_STATE_ACTIVE, &shell->state);
}

static bool vmxnet3_path_free_rx(struct vmxnet3_path *path)
{
	u32 i;

	for (i = 0; i < path->num_queues; i++) {
		if (vmxnet3_path_polled(path, i))
			return false;
		page_pool_destroy(path->rx[i].pool);
		path->rx[i].pool = NULL;
	}
	kvfree(path->rx);
	return true;
}

static void vmxnet3_path_reap_one(struct vmxnet3_path *path)
{
	struct vmxnet3_shell *shell = path->shell;
	u32 i;

	for (i = 0; i < path->num_queues; i++) {
		struct napi_struct *napi = &shell->queues[i].napi;

		if (!vmxnet3_path_polled(path, i))
			continue;
		/* The pause is short, and NAPI looks at its rings after it. */
		napi_disable_locked(napi);
		page_pool_destroy(path->rx[i].pool);
		path->rx[i].pool = NULL;
		napi_enable_locked(napi);
		local_bh_disable();
		napi_schedule(napi);
		local_bh_enable();
	}
	vmxnet3_path_free_rx(path);
	kvfree(path);
}

/**
 * vmxnet3_path_reap() - free what vmxnet3_path_free() had to leave
 * @shell: the device
 *
 * Context: process, instance lock and conf_lock held.
 */
void vmxnet3_path_reap(struct vmxnet3_shell *shell)
{
	struct vmxnet3_path *path, *next;

	lockdep_assert_held(&shell->conf_lock);
	list_for_each_entry_safe(path, next, &shell->orphans, orphan) {
		list_del(&path->orphan);
		vmxnet3_path_reap_one(path);
	}
}

/**
 * vmxnet3_path_reap_work() - the same, for who does not hold the instance lock
 * @work: in the shell
 *
 * A switch does not: whoever holds that lock may be waiting for conf_lock.
 */
void vmxnet3_path_reap_work(struct work_struct *work)
{
	struct vmxnet3_shell *shell = container_of(work, struct vmxnet3_shell,
						   reap_work);

	netdev_lock(shell->netdev);
	mutex_lock(&shell->conf_lock);
	vmxnet3_path_reap(shell);
	mutex_unlock(&shell->conf_lock);
	netdev_unlock(shell->netdev);
}

/* A plugin's table must be usable before any of it is used. */
static bool vmxnet3_api_sane(const struct npa_plugin_api *api, u32 tx_ring)
{
	u32 i;

	if (api->major != NPA_API_MAJOR || !api->sw_init ||
	    !api->reinit_rx_ring || !api->reinit_tx_ring ||
	    !api->enable_interrupt || !api->disable_interrupt ||
	    !api->add_frame_to_tx_ring || !api->flush_tx_ring ||
	    !api->check_tx_ring || !api->check_rx_ring ||
	    !api->add_buffers_to_rx_ring)
		return false;
	if (!api->tx_entries_per_frame ||
	    api->tx_entries_per_frame > tx_ring / 2 ||
	    !api->rx_ids_per_entry || api->rx_ids_per_entry > 4)
		return false;
	for (i = 0; i < NPA_RING_SEGS; i++)
		if (api->tx_seg_bytes[i] > NPA_SEG_ENTRY_MAX ||
		    api->rx_seg_bytes[i] > NPA_SEG_ENTRY_MAX)
			return false;
	return api->tx_seg_bytes[0] && api->rx_seg_bytes[0];
}

/* Entries of a data ring that does not get too long for its memory. */
static u32 vmxnet3_data_entry(u32 bytes, u32 ring_size)
{
	return umin(bytes, round_down(VMXNET3_DATA_RING_MAX / ring_size,
				      VMXNET3_DATA_SIZE_ALIGN));
}

/*
 * What rings the emulated device has besides those that it must have.  The
 * plugin's table says nothing of them: it does not know the device.
 */
static void vmxnet3_path_extra_rings(struct vmxnet3_path *path)
{
	const struct vmxnet3_limits *limits = &path->shell->limits;
	const struct vmxnet3_config *cfg = &path->cfg;
	u16 *tx = path->api.tx_seg_bytes;
	u16 *rx = path->api.rx_seg_bytes;

	tx[VMXNET3_TX_SEG_DATA] = vmxnet3_data_entry(cfg->tx_data,
						     cfg->tx_ring);
	tx[VMXNET3_TX_SEG_STAMP] = limits->tx_stamp;
	/*
	 * An XDP program works on buffers.  What a buffer cannot hold is not
	 * believed, wherever it is.
	 */
	rx[VMXNET3_RX_SEG_DATA] = cfg->xdp ? 0 :
				  vmxnet3_data_entry(umin(cfg->rx_data,
							  VMXNET3_RX_DATA_MAX),
						     cfg->rx_ring);
	rx[VMXNET3_RX_SEG_STAMP] = limits->rx_stamp;
	path->tx_plain = !tx[VMXNET3_TX_SEG_DATA] && !tx[VMXNET3_TX_SEG_STAMP];
}

static void vmxnet3_state_init(struct vmxnet3_path *path,
			       const struct vmxnet3_path_params *params)
{
	struct npa_plugin_state *ps = path->ps;
	u32 i;

	ps->size = sizeof(*ps);
	ps->major = NPA_API_MAJOR;
	ps->minor = NPA_API_MINOR;
	ps->num_tx_queues = path->num_queues;
	ps->num_rx_queues = path->num_queues;
	ps->num_intrs = path->tx_lazy ? path->shell->num_intrs - 1 :
			path->num_queues;
	ps->mtu = params->cfg->mtu;
	ps->merge = params->cfg->lro;
	ps->small_len = vmxnet3_small_len(&path->cfg);
	ps->large_len = vmxnet3_large_len(&path->cfg);
	ps->mmio = params->mmio;
	ps->mmio_len = params->mmio_len;
	ps->shell = path;
	ps->api = &vmxnet3_shell_api;
	ps->priv = PTR_ALIGN(path->priv, 64);
	ps->priv_len = params->private_len;
	if (params->device_info)
		for (i = 0; i < NPA_DEVICE_INFO_WORDS; i++)
			ps->device_info[i] =
				le32_to_cpu(params->device_info[i]);
	if (!path->builtin)
		return;
	ps->device_info[VMXNET3_PLUGIN_INFO_REVISION] = path->shell->revision;
	ps->device_info[VMXNET3_PLUGIN_INFO_CAPS] = path->shell->caps;
	ps->device_info[VMXNET3_PLUGIN_INFO_TX_DATA] =
		path->api.tx_seg_bytes[VMXNET3_TX_SEG_DATA];
	ps->device_info[VMXNET3_PLUGIN_INFO_RX_DATA] =
		path->api.rx_seg_bytes[VMXNET3_RX_SEG_DATA];
	ps->device_info[VMXNET3_PLUGIN_INFO_TX_STAMP] =
		path->api.tx_seg_bytes[VMXNET3_TX_SEG_STAMP];
	ps->device_info[VMXNET3_PLUGIN_INFO_RX_STAMP] =
		path->api.rx_seg_bytes[VMXNET3_RX_SEG_STAMP];
	for (i = 0; i < path->num_queues; i++) {
		ps->tx[i].ctrl = &path->tqd[i].ctrl;
		ps->rx[i].ctrl = &path->rqd[i].ctrl;
	}
}

/* A set of queue descriptors that no other path has; there are two. */
static bool vmxnet3_path_take_descs(struct vmxnet3_path *path)
{
	struct vmxnet3_shell *shell = path->shell;
	int set = find_first_zero_bit(&shell->queue_descs_used,
				      VMXNET3_QUEUE_DESC_SETS);

	if (set >= VMXNET3_QUEUE_DESC_SETS)
		return false;
	__set_bit(set, &shell->queue_descs_used);
	path->queue_descs = set;
	path->tqd = shell->queue_descs + set * shell->queue_descs_len;
	path->rqd = (void *)(path->tqd + path->num_queues);
	memset(path->tqd, 0, shell->queue_descs_len);
	return true;
}

static struct vmxnet3_path *
vmxnet3_path_alloc_base(struct vmxnet3_shell *shell,
			const struct vmxnet3_path_params *params)
{
	struct vmxnet3_path *path;

	path = vmxnet3_path_zalloc(sizeof(*path));
	if (!path)
		return NULL;

	path->shell = shell;
	path->builtin = params->builtin;
	path->divert = params->cfg->xdp;
	path->tx_lazy = params->builtin && shell->tx_vectors;
	path->name = params->name;
	path->cfg = *params->cfg;
	path->num_queues = params->cfg->num_queues;
	path->queue_descs = -1;
	path->ps = vmxnet3_path_zalloc(sizeof(*path->ps));
	path->priv = vmxnet3_path_zalloc(ALIGN(params->private_len, 64) + 64);
	path->tx = vmxnet3_path_zalloc(path->num_queues * sizeof(*path->tx));
	path->rx = vmxnet3_path_zalloc(path->num_queues * sizeof(*path->rx));
	if (!path->ps || !path->priv || !path->tx || !path->rx ||
	    (path->builtin && !vmxnet3_path_take_descs(path))) {
		vmxnet3_path_free(path);
		return NULL;
	}
	return path;
}

/**
 * vmxnet3_path_alloc() - make a path: call the plugin, allocate its rings
 * @shell: the device
 * @params: what is known of the plugin
 * @reason: receives &enum vmxnet3_npa_reason on failure
 *
 * The rings are not initialised yet, see vmxnet3_path_reinit().
 *
 * Context: process, conf_lock held.
 * Return: the path, owned by the caller, or NULL.
 */
struct vmxnet3_path *
vmxnet3_path_alloc(struct vmxnet3_shell *shell,
		   const struct vmxnet3_path_params *params, u32 *reason)
{
	struct vmxnet3_path *path;
	u32 result, i;

	*reason = VMXNET3_NPA_NO_MEMORY;
	path = vmxnet3_path_alloc_base(shell, params);
	if (!path)
		return NULL;

	path->api.size = sizeof(path->api);
	result = params->main(&path->api);
	if (result) {
		netdev_err(shell->netdev, "plugin %s: entry point failed (%u)\n",
			   params->name, result);
		*reason = VMXNET3_NPA_ENTRY_FAILED;
		goto free_path;
	}
	if (!vmxnet3_api_sane(&path->api, params->cfg->tx_ring)) {
		*reason = VMXNET3_NPA_BAD_PLUGIN;
		goto free_path;
	}
	if (path->builtin)
		vmxnet3_path_extra_rings(path);
	path->throttled = path->api.flags & NPA_PLUGIN_INTR_THROTTLED;
	path->tx_reserve = path->api.tx_entries_per_frame;
	path->tunnels = path->builtin ? vmxnet3_tunnel_device(shell) :
			path->api.tunnels & VMXNET3_TUNNELS;

	vmxnet3_state_init(path, params);
	for (i = 0; i < path->num_queues; i++)
		if (vmxnet3_tx_ring_alloc(path, i, params->cfg->tx_ring) ||
		    vmxnet3_rx_ring_alloc(path, i, params->cfg->rx_ring))
			goto free_path;

	result = path->api.sw_init(path->ps);
	if (result) {
		netdev_err(shell->netdev, "plugin %s: sw_init failed (%u)\n",
			   params->name, result);
		*reason = VMXNET3_NPA_SW_INIT_FAILED;
		goto free_path;
	}
	*reason = VMXNET3_NPA_OK;
	return path;

free_path:
	vmxnet3_path_free(path);
	return NULL;
}

/**
 * vmxnet3_path_alloc_emulated() - make a path with the vmxnet3 plugin
 * @shell: the device
 * @cfg: what it is for
 *
 * Rings are initialised and filled.
 *
 * Context: process, conf_lock held.
 * Return: the path, owned by the caller, or NULL if there is no memory.
 */
struct vmxnet3_path *
vmxnet3_path_alloc_emulated(struct vmxnet3_shell *shell,
			    const struct vmxnet3_config *cfg)
{
	const struct vmxnet3_path_params params = {
		.main = vmxnet3_plugin_main,
		.builtin = true,
		.name = "vmxnet3",
		.private_len = vmxnet3_plugin_private_len(cfg->num_queues),
		.mmio = shell->pt,
		.mmio_len = shell->pt_len,
		.cfg = cfg,
	};
	struct vmxnet3_path *path;
	u32 reason;

	path = vmxnet3_path_alloc(shell, &params, &reason);
	if (path && vmxnet3_path_reinit(path)) {
		vmxnet3_path_free(path);
		path = NULL;
	}
	return path;
}

/**
 * vmxnet3_path_reinit() - put all rings of a path into their first state
 * @path: no traffic on it
 *
 * Context: process, conf_lock held.
 * Return: 0, or -ENOMEM if a ring could not be filled.
 */
int vmxnet3_path_reinit(struct vmxnet3_path *path)
{
	u32 i, result;

	for (i = 0; i < path->num_queues; i++) {
		struct vmxnet3_rx_ring *rx = &path->rx[i];

		vmxnet3_tx_ring_drop(&path->tx[i]);
		vmxnet3_rx_ring_drop(rx, false);
		rx->unfilled = VMXNET3_RX_REFILL_MIN;
		rx->gfp = GFP_KERNEL | __GFP_NOWARN;
		result = path->api.reinit_tx_ring(path->ps, i);
		if (!result)
			result = path->api.reinit_rx_ring(path->ps, i);
		rx->gfp = GFP_ATOMIC | __GFP_NOWARN;
		rx->need_sync = true;
		if (result)
			return -ENOMEM;
	}
	return 0;
}

/**
 * vmxnet3_path_free() - free a path
 * @path: no traffic on it, and the hardware does not know its rings; or NULL
 *
 * Frames that were under way are dropped and counted.  Pools that NAPI may be
 * using wait for vmxnet3_path_reap().
 *
 * Context: process, conf_lock held.
 */
void vmxnet3_path_free(struct vmxnet3_path *path)
{
	u32 i;

	if (!path)
		return;
	if (path->ps && path->tx && path->rx) {
		for (i = 0; i < path->num_queues; i++) {
			vmxnet3_tx_ring_free(path, i);
			vmxnet3_rx_ring_free(path, i);
		}
	}
	if (path->window)
		vmxnet3_npa_unmap(path->window);
	if (path->queue_descs >= 0)
		__clear_bit(path->queue_descs, &path->shell->queue_descs_used);
	kvfree(path->tx);
	kvfree(path->priv);
	kvfree(path->ps);
	if (path->rx && !vmxnet3_path_free_rx(path)) {
		list_add_tail(&path->orphan, &path->shell->orphans);
		queue_work(path->shell->wq, &path->shell->reap_work);
		return;
	}
	kvfree(path);
}

/**
 * vmxnet3_path_enable_intrs() - enable the interrupts of all queues
 * @path: the path
 */
void vmxnet3_path_enable_intrs(struct vmxnet3_path *path)
{
	u32 i;

	for (i = 0; i < path->num_queues; i++) {
		path->api.enable_interrupt(path->ps, path->rx[i].nq->intr);
		if (path->tx_lazy)
			path->api.disable_interrupt(path->ps,
						    path->tx[i].nq->intr);
	}
}

/**
 * vmxnet3_path_disable_intrs() - disable the interrupts of all queues
 * @path: the path
 */
void vmxnet3_path_disable_intrs(struct vmxnet3_path *path)
{
	u32 i;

	for (i = 0; i < path->num_queues; i++) {
		path->api.disable_interrupt(path->ps, path->rx[i].nq->intr);
		if (path->tx_lazy)
			path->api.disable_interrupt(path->ps,
						    path->tx[i].nq->intr);
	}
}

static const char * const vmxnet3_bad_report_text[] = {
	[VMXNET3_BAD_ID] = "unknown buffer id",
	[VMXNET3_BAD_EMPTY] = "empty buffer id",
	[VMXNET3_BAD_IN_USE] = "buffer id in use",
	[VMXNET3_BAD_LENGTH] = "length beyond the buffer",
	[VMXNET3_BAD_SUM] = "byte counts that do not add up",
	[VMXNET3_BAD_SG] = "wrong number of pieces",
	[VMXNET3_BAD_BUDGET] = "more frames than asked for",
	[VMXNET3_BAD_COMPLETE] = "more completions than frames",
	[VMXNET3_BAD_SPACE] = "no space where there should be some",
};

/**
 * vmxnet3_path_kill() - expect nothing of a path any more
 * @path: a VF's path
 *
 * Context: any.
 */
void vmxnet3_path_kill(struct vmxnet3_path *path)
{
	WRITE_ONCE(path->dead, true);
	WRITE_ONCE(path->divert, true);
}

/**
 * vmxnet3_path_bad_report() - count a misreport, and act past the limit
 * @path: whose plugin it was
 * @kind: what was wrong
 *
 * Context: any but hard interrupt.
 */
void vmxnet3_path_bad_report(struct vmxnet3_path *path,
			     enum vmxnet3_bad_report kind)
{
	struct vmxnet3_shell *shell = path->shell;
	int n = atomic_inc_return(&path->bad_reports);

	atomic_long_inc(&shell->npa.bad_reports[kind]);
	if (net_ratelimit())
		netdev_warn(shell->netdev, "plugin %s: reported %s\n",
			    path->name, vmxnet3_bad_report_text[kind]);
	if (n != VMXNET3_BAD_REPORT_LIMIT)
		return;

	if (path->builtin) {
		vmxnet3_request_reset(shell, VMXNET3_RESET_BAD_REPORTS);
	} else {
		vmxnet3_path_kill(path);
		vmxnet3_switch_force_back(shell, VMXNET3_NPA_BAD_REPORTS);
	}
}

/**
 * vmxnet3_path_tx_idle() - has everything been sent?
 * @path: the path
 *
 * Return: true if no frame is outstanding on any queue.
 */
bool vmxnet3_path_tx_idle(struct vmxnet3_path *path)
{
	u32 i;

	for (i = 0; i < path->num_queues; i++)
		if (vmxnet3_tx_outstanding(&path->tx[i]))
			return false;
	return true;
}
