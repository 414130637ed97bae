// SPDX-License-Identifier: GPL-2.0
/*
 * A VF made of memory and the plugin that drives it, for tests.  Its rings are
 * arrays in the plugin's private area, which the VF sees too.
 */
#include <kunit/test-bug.h>
#include <linux/dma-direct.h>
#include <linux/etherdevice.h>
#include <linux/unaligned.h>

#include "vmxnet3_test.h"

#define VF_RING		2048		/* at most */
#define VF_BATCH	16

struct vf_tx {
	u32 frames;			/* added */
	u32 reported;			/* complete */
	u16 entries[VF_RING];
};

struct vf_rx {
	u32 size;
	u64 addr[VF_RING];
	u16 len[VF_RING];
	u32 fill;
	u32 done;
};

struct vf_priv {
	struct vmxnet3_test *t;
	struct vf_tx tx[VMXNET3_TEST_QUEUES];
	struct vf_rx rx[VMXNET3_TEST_QUEUES];
};

static u32 NPA_CALL vf_sw_init(struct npa_plugin_state *ps)
{
	struct vf_priv *priv = ps->priv;
	struct vmxnet3_test *t;
	u64 addr;

	/* The PF driver's words carry the pointer. */
	addr = ps->device_info[0] | (u64)ps->device_info[1] << 32;
	t = (void *)(uintptr_t)addr;
	priv->t = t;
	t->vf.ps = ps;
	return t->vf.sw_init_result;
}

static u32 NPA_CALL vf_reinit_tx(struct npa_plugin_state *ps, u32 queue)
{
	struct vf_priv *priv = ps->priv;

	memset(&priv->tx[queue], 0, sizeof(priv->tx[queue]));
	priv->t->vf.tx_sent[queue] = 0;
	ps->tx[queue].tx_added = 0;
	ps->tx[queue].tx_done = 0;
	return 0;
}

static void vf_fill(struct npa_plugin_state *ps, u32 queue)
{
	struct vf_priv *priv = ps->priv;
	struct vf_rx *rx = &priv->rx[queue];

	while (rx->fill - rx->done < rx->size) {
		u32 id = rx->fill % rx->size;
		u32 want, got;

		want = min3(rx->size - (rx->fill - rx->done),
			    (u32)VF_BATCH, rx->size - id);
		got = ps->api->alloc_small_buffers(ps->rx[queue].handle, id,
						   want, &rx->addr[id]);
		WRITE_ONCE(rx->fill, rx->fill + got);
		if (got < want)
			break;
	}
}

static u32 NPA_CALL vf_reinit_rx(struct npa_plugin_state *ps, u32 queue)
{
	struct vf_priv *priv = ps->priv;

	memset(&priv->rx[queue], 0, sizeof(priv->rx[queue]));
	priv->rx[queue].size = ps->rx[queue].ring_size;
	priv->t->vf.rx_hw[queue] = 0;
	vf_fill(ps, queue);
	return priv->t->vf.reinit_result;
}

static void NPA_CALL vf_enable_interrupt(struct npa_plugin_state *ps, u32 intr)
{
	struct vf_priv *priv = ps->priv;

	priv->t->vf.intr[intr] = 1;
}

static void NPA_CALL vf_disable_interrupt(struct npa_plugin_state *ps, u32 intr)
{
	struct vf_priv *priv = ps->priv;

	priv->t->vf.intr[intr] = 0;
}

static u32 NPA_CALL vf_add_frame(struct npa_plugin_state *ps, u32 queue,
				 const struct npa_tx_info *info, u32 last_hint)
{
	struct npa_queue *q = &ps->tx[queue];
	struct vf_priv *priv = ps->priv;
	struct vmxnet3_test *t = priv->t;
	struct vf_tx *tx = &priv->tx[queue];
	const u8 *data;

	if (t->vf.add_result)
		return t->vf.add_result;
	if (q->ring_size - (q->tx_added - q->tx_done) < info->sg_count)
		return 1;
	data = phys_to_virt(dma_to_phys(t->dev, info->sg[0].addr));
	if (t->vf_tx_len < ARRAY_SIZE(t->vf_tx))
		t->vf_tx[t->vf_tx_len++] = get_unaligned_be32(data + ETH_HLEN);
	tx->entries[tx->frames % VF_RING] = info->sg_count;
	WRITE_ONCE(tx->frames, tx->frames + 1);
	WRITE_ONCE(q->tx_added, q->tx_added + info->sg_count);
	t->vf.rung += !!last_hint;
	if (!t->vf.tx_hold)
		vmxnet3_test_vf_send(t, queue);
	return 0;
}

static void NPA_CALL vf_flush_tx(struct npa_plugin_state *ps, u32 queue)
{
	struct vf_priv *priv = ps->priv;

	priv->t->vf.flushes++;
}

static u32 NPA_CALL vf_check_tx(struct npa_plugin_state *ps, u32 queue)
{
	struct vf_priv *priv = ps->priv;
	struct vf_tx *tx = &priv->tx[queue];
	u32 sent = READ_ONCE(priv->t->vf.tx_sent[queue]);
	u32 entries = 0;
	u32 n = 0;

	while (tx->reported != sent) {
		entries += tx->entries[tx->reported++ % VF_RING];
		n++;
	}
	if (n) {
		WRITE_ONCE(ps->tx[queue].tx_done,
			   ps->tx[queue].tx_done + entries);
		ps->api->complete_send(ps->tx[queue].handle, n);
	}
	if (priv->t->vf.tx_hook)
		priv->t->vf.tx_hook(priv->t, queue);
	return n;
}

static u32 NPA_CALL vf_check_rx(struct npa_plugin_state *ps, u32 queue,
				u32 budget)
{
	struct vf_priv *priv = ps->priv;
	struct vmxnet3_test *t = priv->t;
	struct vf_rx *rx = &priv->rx[queue];
	u32 n = 0;

	if (t->vf.rx_hook)
		return t->vf.rx_hook(t, queue, budget);
	while (n < budget && rx->done != READ_ONCE(t->vf.rx_hw[queue])) {
		struct npa_rx_sg sg = {
			.buf_id = rx->done % rx->size,
			.length = rx->len[rx->done % rx->size],
		};
		struct npa_rx_frame frame = {
			.byte_length = sg.length,
			.sg_count = 1,
			.sg = &sg,
		};

		ps->api->indicate_recv(ps->rx[queue].handle, &frame);
		rx->done++;
		n++;
	}
	return n;
}

static void NPA_CALL vf_add_buffers(struct npa_plugin_state *ps, u32 queue)
{
	struct vf_priv *priv = ps->priv;

	if (!in_serving_softirq())
		priv->t->vf.kicks++;
	/* A hook plays with the ids by itself. */
	if (!priv->t->vf.rx_hook)
		vf_fill(ps, queue);
}

static u32 NPA_CALL vf_check_alive(struct npa_plugin_state *ps)
{
	struct vf_priv *priv = ps->priv;

	priv->t->vf.asked++;
	return priv->t->vf.gone;
}

/**
 * vmxnet3_test_vf_main() - entry point of the plugin
 * @api: table
 *
 * Return: what the test wants.
 */
u32 NPA_CALL vmxnet3_test_vf_main(struct npa_plugin_api *api)
{
	struct vmxnet3_test *t = kunit_get_current_test()->priv;

	api->major = NPA_API_MAJOR;
	api->minor = NPA_API_MINOR;
	api->flags = NPA_PLUGIN_INTR_THROTTLED;
	api->tx_entries_per_frame = NPA_TX_MAX_SG;
	api->rx_ids_per_entry = 1;
	api->tx_seg_bytes[0] = 16;
	api->rx_seg_bytes[0] = 16;
	api->sw_init = vf_sw_init;
	api->reinit_rx_ring = vf_reinit_rx;
	api->reinit_tx_ring = vf_reinit_tx;
	api->enable_interrupt = vf_enable_interrupt;
	api->disable_interrupt = vf_disable_interrupt;
	api->add_frame_to_tx_ring = vf_add_frame;
	api->flush_tx_ring = vf_flush_tx;
	api->check_tx_ring = vf_check_tx;
	api->check_rx_ring = vf_check_rx;
	api->add_buffers_to_rx_ring = vf_add_buffers;
	api->check_alive = vf_check_alive;
	if (t->vf.edit_api)
		t->vf.edit_api(api);
	return t->vf.main_result;
}

/**
 * vmxnet3_test_vf_rx() - the VF receives a frame
 * @t: test
 * @queue: number
 * @len: bytes
 * @seq: number of the frame
 *
 * Return: false if the VF is not active or has no buffer.
 */
bool vmxnet3_test_vf_rx(struct vmxnet3_test *t, u32 queue, u32 len, u32 seq)
{
	struct vf_priv *priv;
	struct vf_rx *rx;
	u32 hw = t->vf.rx_hw[queue];
	u32 id;

	if (!t->vf.active)
		return false;
	priv = t->vf.ps->priv;
	rx = &priv->rx[queue];
	id = hw % rx->size;
	if (hw == READ_ONCE(rx->fill))
		return false;
	vmxnet3_test_fill(t, phys_to_virt(dma_to_phys(t->dev, rx->addr[id])),
			  len, seq);
	rx->len[id] = len;
	smp_wmb();	/* as the real one does, for a poll elsewhere */
	WRITE_ONCE(t->vf.rx_hw[queue], hw + 1);
	return true;
}

/**
 * vmxnet3_test_vf_send() - the VF sends all that is in a TX ring
 * @t: test
 * @queue: number
 */
void vmxnet3_test_vf_send(struct vmxnet3_test *t, u32 queue)
{
	struct vf_priv *priv = t->vf.ps->priv;

	WRITE_ONCE(t->vf.tx_sent[queue], READ_ONCE(priv->tx[queue].frames));
}

/**
 * vmxnet3_test_vf_addr() - where the buffers of the VF are
 * @t: test
 * @queue: number
 *
 * Return: DMA addresses by id, which a test may change.
 */
u64 *vmxnet3_test_vf_addr(struct vmxnet3_test *t, u32 queue)
{
	struct vf_priv *priv = t->vf.ps->priv;

	return priv->rx[queue].addr;
}
