// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of changes at run time: ring sizes, number of queue pairs, MTU, RSS.
 * On both paths, during a switch, and with everything failing that can fail.
 */
#include <kunit/static_stub.h>
#include <linux/bitfield.h>
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/mmzone.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>
#include <net/netdev_queues.h>
#include <net/page_pool/helpers.h>

#include "vmxnet3_switch.h"
#include "vmxnet3_test.h"

#define TO_VF		VMXNET3_NPA_MSG_PATH_VF
#define TO_EMULATED	VMXNET3_NPA_MSG_PATH_EMULATED
#define OPERATOR	VMXNET3_NPA_MSG_REASON_OPERATOR

static int reconf_init(struct kunit *test)
{
	int err = vmxnet3_test_init(test);

	if (!err)
		vmxnet3_test_open(test->priv);
	return err;
}

static int reconf_lazy_init(struct kunit *test)
{
	int err = vmxnet3_test_init(test);

	if (err)
		return err;
	vmxnet3_test_lazy(test->priv);
	vmxnet3_test_open(test->priv);
	return 0;
}

static int set_rings(struct vmxnet3_test *t, u32 tx, u32 rx)
{
	struct kernel_ethtool_ringparam kernel_ring;
	struct ethtool_ringparam ring;

	vmxnet3_test_get_rings(t, &ring, &kernel_ring);
	ring.tx_pending = tx;
	ring.rx_pending = rx;
	return vmxnet3_test_set_rings(t, &ring, &kernel_ring);
}

static int set_channels(struct vmxnet3_test *t, u32 count)
{
	struct ethtool_channels channels = {
		.combined_count = count,
		.other_count = 1,
	};
	int err;

	vmxnet3_test_lock(t);
	err = t->netdev->ethtool_ops->set_channels(t->netdev, &channels);
	vmxnet3_test_unlock(t);
	return err;
}

static int set_mtu(struct vmxnet3_test *t, u32 mtu)
{
	int err;

	rtnl_lock();
	err = dev_set_mtu(t->netdev, mtu);
	rtnl_unlock();
	return err;
}

/* One change after the other, the way people make them. */
static int change(struct vmxnet3_test *t, const struct vmxnet3_config *to)
{
	const struct vmxnet3_config *cfg = &t->shell->cfg;
	int err = 0;

	if (to->num_queues != cfg->num_queues)
		err = set_channels(t, to->num_queues);
	if (!err && (to->tx_ring != cfg->tx_ring ||
		     to->rx_ring != cfg->rx_ring))
		err = set_rings(t, to->tx_ring, to->rx_ring);
	if (!err && to->mtu != cfg->mtu)
		err = set_mtu(t, to->mtu);
	return err;
}

/* The path in use, the stack and what ethtool says agree with it. */
static void expect_config(struct vmxnet3_test *t,
			  const struct vmxnet3_config *want)
{
	const struct vmxnet3_config *cfg = &t->shell->cfg;
	struct kernel_ethtool_ringparam kernel_ring = {};
	struct npa_plugin_state *ps = t->shell->path->ps;
	struct ethtool_channels channels = {};
	struct ethtool_ringparam ring = {};
	struct vmxnet3_config all = *want;
	struct kunit *test = t->test;
	u32 i;

	/* No table mentions it. */
	all.rx_buf = VMXNET3_SMALL_TRUESIZE;
	KUNIT_EXPECT_MEMEQ(test, cfg, &all, sizeof(*cfg));
	KUNIT_EXPECT_EQ(test, t->netdev->mtu, want->mtu);
	KUNIT_EXPECT_EQ(test, t->netdev->real_num_tx_queues, want->num_queues);
	KUNIT_EXPECT_EQ(test, t->netdev->real_num_rx_queues, want->num_queues);
	KUNIT_EXPECT_EQ(test, vmxnet3_test_count_pools(t), want->num_queues);
	KUNIT_EXPECT_EQ(test, ps->mtu, want->mtu);
	KUNIT_EXPECT_EQ(test, ps->num_tx_queues, want->num_queues);
	KUNIT_EXPECT_EQ(test, ps->num_rx_queues, want->num_queues);
	for (i = 0; i < t->shell->max_queues; i++) {
		struct vmxnet3_queue *q = &t->shell->queues[i];

		KUNIT_EXPECT_FALSE(test, netif_tx_queue_stopped(q->txq));
		if (i >= want->num_queues) {
			KUNIT_EXPECT_NULL(test, q->tx);
			KUNIT_EXPECT_NULL(test, q->rx);
			continue;
		}
		KUNIT_EXPECT_EQ(test, ps->tx[i].ring_size, want->tx_ring);
		KUNIT_EXPECT_EQ(test, ps->rx[i].ring_size, want->rx_ring);
	}
	t->netdev->ethtool_ops->get_ringparam(t->netdev, &ring, &kernel_ring,
					      NULL);
	KUNIT_EXPECT_EQ(test, ring.tx_pending, want->tx_ring);
	KUNIT_EXPECT_EQ(test, ring.rx_pending, want->rx_ring);
	t->netdev->ethtool_ops->get_channels(t->netdev, &channels);
	KUNIT_EXPECT_EQ(test, channels.combined_count, want->num_queues);
	KUNIT_EXPECT_EQ(test, channels.max_combined, VMXNET3_TEST_QUEUES);
}

/* Changes that work */

static const struct vmxnet3_config changes[] = {
	{ 1500, 128, 128, 2 },
	{ 1500, 1024, 2048, 2 },
	{ 9000, 512, 1024, 2 },
	{ 1500, 512, 1024, 1 },
	{ 3000, 256, 256, 1 },
	{ 1500, 512, 512, 2 },
	{ 1500, 512, 1024, 2 },
};

static void walk(struct vmxnet3_test *t, bool vf)
{
	int up = atomic_read(&t->netdev->carrier_up_count);
	int down = atomic_read(&t->netdev->carrier_down_count);
	netdev_features_t features = t->netdev->features;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(changes); i++) {
		KUNIT_EXPECT_EQ(t->test, change(t, &changes[i]), 0);
		vmxnet3_test_flush(t);
		KUNIT_ASSERT_EQ(t->test, vmxnet3_test_on_vf(t), vf);
		expect_config(t, &changes[i]);
		vmxnet3_test_expect_alive(t, 10 * i);
	}
	KUNIT_EXPECT_EQ(t->test, atomic_read(&t->netdev->carrier_up_count), up);
	KUNIT_EXPECT_EQ(t->test, atomic_read(&t->netdev->carrier_down_count),
			down);
	KUNIT_EXPECT_EQ(t->test, t->netdev->features, features);
	KUNIT_EXPECT_EQ(t->test, atomic_long_read(&t->shell->npa.tx_lost), 0);
	KUNIT_EXPECT_EQ(t->test, t->shell->resets, 0);
}

static void vmxnet3_reconf_test_emulated(struct kunit *test)
{
	walk(test->priv, false);
}

static void vmxnet3_reconf_test_vf(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	u32 i;

	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	KUNIT_ASSERT_TRUE(test, vmxnet3_test_on_vf(t));
	walk(t, true);
	for (i = 0; i < VMXNET3_TEST_QUEUES; i++)
		KUNIT_EXPECT_EQ(test, 1024,
				le32_to_cpu(t->shell->npa.conf->rx[i].ring_size));
}

/* While it is down nothing but the numbers changes. */
static void vmxnet3_reconf_test_down(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(changes); i++) {
		vmxnet3_test_close(t);
		t->log_len = 0;
		KUNIT_EXPECT_EQ(test, change(t, &changes[i]), 0);
		KUNIT_EXPECT_EQ(test, t->log_len, 0);
		KUNIT_EXPECT_EQ(test, vmxnet3_test_count_pools(t), 0);
		vmxnet3_test_open(t);
		expect_config(t, &changes[i]);
		vmxnet3_test_expect_alive(t, 10 * i);
	}
}

/* No change is no reason for a pause. */
static void vmxnet3_reconf_test_same(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	t->log_len = 0;
	KUNIT_EXPECT_EQ(test, set_rings(t, 512, 1024), 0);
	/* Rounded up it is the same. */
	KUNIT_EXPECT_EQ(test, set_rings(t, 257, 513), 0);
	KUNIT_EXPECT_EQ(test, set_channels(t, VMXNET3_TEST_QUEUES), 0);
	KUNIT_EXPECT_EQ(test, t->log_len, 0);
}

static void vmxnet3_reconf_test_limits(struct kunit *test)
{
	struct vmxnet3_config old;
	struct vmxnet3_test *t = test->priv;

	old = t->shell->cfg;
	KUNIT_EXPECT_EQ(test, set_rings(t, 127, 1024), -EINVAL);
	KUNIT_EXPECT_EQ(test, set_rings(t, 512, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, set_rings(t, 4097, 1024), -EINVAL);
	KUNIT_EXPECT_EQ(test, set_rings(t, 512, U32_MAX), -EINVAL);
	KUNIT_EXPECT_EQ(test, set_channels(t, 0), -EINVAL);
	expect_config(t, &old);
	KUNIT_EXPECT_EQ(test, set_rings(t, 4096, 4096), 0);
	KUNIT_EXPECT_EQ(test, t->shell->cfg.tx_ring, 4096);
	vmxnet3_test_expect_alive(t, 0);
}

/* Allocations that fail, one after the other. */

static struct task_struct *alloc_task;
static u32 alloc_count;
static u32 alloc_fail;

/* Not those of a switch that follows. */
static bool alloc_fails(void)
{
	return current == alloc_task && ++alloc_count == alloc_fail;
}

static void *stub_zalloc(size_t len)
{
	return alloc_fails() ? NULL : kvzalloc(len, GFP_KERNEL);
}

static void *stub_dma_alloc(struct vmxnet3_shell *shell, size_t len,
			    dma_addr_t *pa)
{
	return alloc_fails() ? NULL :
	       dma_alloc_coherent(shell->dev, len, pa, GFP_KERNEL);
}

/* It fails itself, and when the time comes it has no pages either. */
static struct page_pool *stub_pool(const struct page_pool_params *params)
{
	struct page_pool *pool;

	if (alloc_fails())
		return ERR_PTR(-ENOMEM);
	pool = page_pool_create(params);
	if (!IS_ERR(pool) && alloc_fails())
		pool->p.order = MAX_PAGE_ORDER + 1;
	return pool;
}

static void fail_allocations(struct vmxnet3_test *t,
			     const struct vmxnet3_config *to)
{
	struct vmxnet3_config old = t->shell->cfg;
	bool vf = vmxnet3_test_on_vf(t);
	struct kunit *test = t->test;
	u32 n = 0;
	int err;

	kunit_activate_static_stub(test, vmxnet3_path_zalloc, stub_zalloc);
	kunit_activate_static_stub(test, vmxnet3_path_dma_alloc,
				   stub_dma_alloc);
	kunit_activate_static_stub(test, vmxnet3_path_pool_create, stub_pool);
	do {
		alloc_count = 0;
		alloc_fail = ++n;
		alloc_task = current;
		err = change(t, to);
		alloc_task = NULL;
		vmxnet3_test_flush(t);
		KUNIT_ASSERT_EQ(test, vmxnet3_test_on_vf(t), vf);
		if (!err)
			break;
		KUNIT_ASSERT_EQ(test, err, -ENOMEM);
		expect_config(t, &old);
		vmxnet3_test_expect_alive(t, 10 * n);
	} while (n < 200);
	/* Books of a path, of each ring, four areas and a pool at least. */
	KUNIT_EXPECT_GT(test, n, 5 + to->num_queues * (2 + 4 + 2));
	KUNIT_EXPECT_LT(test, n, 100);
	expect_config(t, to);
	vmxnet3_test_expect_alive(t, 0);
	kunit_deactivate_static_stub(test, vmxnet3_path_zalloc);
	kunit_deactivate_static_stub(test, vmxnet3_path_dma_alloc);
	kunit_deactivate_static_stub(test, vmxnet3_path_pool_create);
}

static void vmxnet3_reconf_test_no_memory(struct kunit *test)
{
	static const struct vmxnet3_config rings = { 1500, 256, 256, 2 };
	static const struct vmxnet3_config less = { 1500, 256, 256, 1 };
	struct vmxnet3_test *t = test->priv;

	fail_allocations(t, &rings);
	fail_allocations(t, &less);
	fail_allocations(t, &rings);
}

static void vmxnet3_reconf_test_no_memory_vf(struct kunit *test)
{
	static const struct vmxnet3_config rings = { 1500, 256, 256, 2 };
	static const struct vmxnet3_config mtu = { 3000, 256, 256, 2 };
	static const struct vmxnet3_config less = { 3000, 256, 256, 1 };
	struct vmxnet3_test *t = test->priv;

	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	fail_allocations(t, &rings);
	fail_allocations(t, &mtu);
	fail_allocations(t, &less);
}

/* A device that refuses the new rings gets the old ones again. */

static void refuse_first(struct vmxnet3_test *t, u32 cmd)
{
	if (cmd == VMXNET3_CMD_ACTIVATE_DEV)
		t->activate_dev = !t->hv_count++;
}

static void refused(struct vmxnet3_test *t, const struct vmxnet3_config *to)
{
	struct vmxnet3_rss_conf rss = *t->shell->rss;
	struct vmxnet3_config old = t->shell->cfg;
	bool vf = vmxnet3_test_on_vf(t);

	t->hv_count = 0;
	t->on_cmd = refuse_first;
	KUNIT_EXPECT_EQ(t->test, change(t, to), -EIO);
	t->on_cmd = NULL;
	t->activate_dev = 0;
	vmxnet3_test_flush(t);
	KUNIT_ASSERT_EQ(t->test, vmxnet3_test_on_vf(t), vf);
	expect_config(t, &old);
	KUNIT_EXPECT_MEMEQ(t->test, t->shell->rss, &rss, sizeof(rss));
	vmxnet3_test_expect_alive(t, 0);
}

static void vmxnet3_reconf_test_refused(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	u32 i;

	refused(t, &changes[0]);
	refused(t, &changes[2]);
	refused(t, &changes[3]);
	KUNIT_EXPECT_EQ(test, set_channels(t, 1), 0);
	refused(t, &changes[6]);
	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	refused(t, &changes[6]);
	KUNIT_EXPECT_EQ(test, set_channels(t, 2), 0);
	vmxnet3_test_flush(t);
	for (i = 0; i < 4; i++)
		if (i != 1)
			refused(t, &changes[i]);
}

/* What is under way is sent and delivered, in order. */

static u32 take_and_complete(struct vmxnet3_test *t)
{
	u32 q, n = 0;

	for (q = 0; q < t->num_queues; q++) {
		n += vmxnet3_test_dev_take_all(t, q);
		vmxnet3_test_dev_complete(t, q, U32_MAX);
	}
	return n;
}

/* The old device delivers until it is stopped, the new one at once. */
static void traffic(struct vmxnet3_test *t, u32 cmd)
{
	u32 i;

	if (cmd == VMXNET3_CMD_QUIESCE_DEV) {
		for (i = 50; i < 100; i++)
			KUNIT_EXPECT_TRUE(t->test, vmxnet3_test_dev_receive(t, 1, 200, i));
	} else if (cmd == VMXNET3_CMD_NPA_QUIESCE_VF) {
		/* The new one first: whoever looks there first does it wrong. */
		for (i = 100; i < 150; i++)
			KUNIT_EXPECT_TRUE(t->test, vmxnet3_test_dev_receive(t, 0, 200, i));
		for (i = 50; i < 100; i++)
			KUNIT_EXPECT_TRUE(t->test, vmxnet3_test_vf_rx(t, 1, 200, i));
	}
}

static void vmxnet3_reconf_test_under_way(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	u32 i;

	for (i = 0; i < 3; i++)
		vmxnet3_test_send(t, i % 2, VMXNET3_TEST_LEN, i);
	KUNIT_EXPECT_EQ(test, take_and_complete(t), 3);
	for (i = 0; i < 50; i++)
		vmxnet3_test_dev_receive(t, 1, VMXNET3_TEST_LEN, i);
	t->on_cmd = traffic;
	KUNIT_EXPECT_EQ(test, set_channels(t, 1), 0);
	t->on_cmd = NULL;
	vmxnet3_test_expect_seqs(t, 0, 100);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->tx_freed), 3);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&t->shell->npa.tx_lost), 0);
	vmxnet3_test_expect_alive(t, 0);
}

static void vmxnet3_reconf_test_under_way_vf(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	u32 i;

	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	KUNIT_ASSERT_TRUE(test, vmxnet3_test_on_vf(t));
	for (i = 0; i < 50; i++)
		KUNIT_EXPECT_TRUE(test, vmxnet3_test_vf_rx(t, 1, 200, i));
	for (i = 0; i < 3; i++)
		vmxnet3_test_send(t, i % 2, VMXNET3_TEST_LEN, i);
	t->on_cmd = traffic;
	KUNIT_EXPECT_EQ(test, set_channels(t, 1), 0);
	t->on_cmd = NULL;
	vmxnet3_test_flush(t);
	KUNIT_EXPECT_TRUE(test, vmxnet3_test_on_vf(t));
	vmxnet3_test_poll(t, 0);
	/* Flows go to other queues: all of the old come before all of the new. */
	vmxnet3_test_expect_seqs(t, 0, 150);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->tx_freed), 3);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&t->shell->npa.tx_lost), 0);
	vmxnet3_test_expect_alive(t, 0);
}

/* A device that does not send what it has: that much is lost, and counted. */
static void vmxnet3_reconf_test_stuck(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	vmxnet3_test_send(t, 1, VMXNET3_TEST_LEN, 0);
	KUNIT_EXPECT_EQ(test, set_channels(t, 1), 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&t->shell->npa.tx_lost), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->tx_freed), 1);
	vmxnet3_test_expect_alive(t, 0);

	KUNIT_EXPECT_EQ(test, set_channels(t, 2), 0);
	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	t->vf.tx_hold = true;
	vmxnet3_test_send(t, 1, VMXNET3_TEST_LEN, 0);
	KUNIT_EXPECT_EQ(test, set_channels(t, 1), 0);
	t->vf.tx_hold = false;
	vmxnet3_test_flush(t);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&t->shell->npa.tx_lost), 2);
	KUNIT_EXPECT_TRUE(test, vmxnet3_test_on_vf(t));
	vmxnet3_test_expect_alive(t, 0);
}

/* During a switch: it gives up, or comes first; both get what they want. */
static void vmxnet3_reconf_test_during_load(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	atomic_long_t *refusals = t->shell->npa.refusals;
	u32 i;

	for (i = 0; i < 4; i++) {
		t->load.busy = VMXNET3_TEST_FOREVER;
		t->log_len = 0;
		atomic_long_set(&refusals[VMXNET3_NPA_SUPERSEDED], 0);
		vmxnet3_test_begin_switch(t, TO_VF, OPERATOR);
		vmxnet3_test_wait_command(t, VMXNET3_CMD_LOAD_PLUGIN);
		/* The next command ends, this one does not. */
		t->load.busy = 0;
		KUNIT_EXPECT_EQ(test, change(t, &changes[i]), 0);
		/* Nobody waited for the hypervisor. */
		KUNIT_EXPECT_GE(test, atomic_long_read(&refusals[VMXNET3_NPA_SUPERSEDED]),
				1);
		KUNIT_EXPECT_EQ(test, atomic_long_read(&refusals[VMXNET3_NPA_LOAD_TIMEOUT]),
				0);
		vmxnet3_test_flush(t);
		KUNIT_ASSERT_TRUE(test, vmxnet3_test_on_vf(t));
		expect_config(t, &changes[i]);
		vmxnet3_test_expect_alive(t, 0);
		vmxnet3_test_switch(t, TO_EMULATED, OPERATOR);
	}
}

static void vmxnet3_reconf_test_during_activate(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	u32 i;

	for (i = 0; i < 4; i++) {
		t->activate.busy = 20;
		t->log_len = 0;
		vmxnet3_test_begin_switch(t, TO_VF, OPERATOR);
		vmxnet3_test_wait_command(t, VMXNET3_CMD_ACTIVATE_VF);
		KUNIT_EXPECT_EQ(test, change(t, &changes[i]), 0);
		vmxnet3_test_flush(t);
		KUNIT_ASSERT_TRUE(test, vmxnet3_test_on_vf(t));
		expect_config(t, &changes[i]);
		vmxnet3_test_expect_alive(t, 0);
		vmxnet3_test_switch(t, TO_EMULATED, OPERATOR);
	}
}

/* A VF with fewer queues is for those who want fewer. */
static void vmxnet3_reconf_test_few_queues(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	t->vf_queues = 1;
	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	KUNIT_EXPECT_FALSE(test, vmxnet3_test_on_vf(t));
	KUNIT_EXPECT_EQ(test, FIELD_GET(VMXNET3_NPA_REPORT_REASON, t->report),
			VMXNET3_NPA_TOO_FEW_QUEUES);
	KUNIT_EXPECT_EQ(test, set_channels(t, 1), 0);
	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	KUNIT_EXPECT_TRUE(test, vmxnet3_test_on_vf(t));
	vmxnet3_test_expect_alive(t, 0);
	KUNIT_EXPECT_EQ(test, set_channels(t, 2), 0);
	vmxnet3_test_flush(t);
	KUNIT_EXPECT_FALSE(test, vmxnet3_test_on_vf(t));
	vmxnet3_test_expect_alive(t, 0);
	t->vf_queues = 2;
}

/* RSS */

static void expect_spread(struct vmxnet3_test *t, u32 num_queues)
{
	u32 i;

	for (i = 0; i < VMXNET3_RSS_TABLE_LEN; i++)
		KUNIT_EXPECT_EQ(t->test, t->shell->rss->table[i],
				i % num_queues);
}

/* The table is the driver's as long as nobody else has set one. */
static void vmxnet3_reconf_test_rss_default(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	const struct vmxnet3_dev_read *dr = &t->shell->shared->dev_read;
	u8 key[VMXNET3_RSS_KEY_LEN];

	memcpy(key, t->shell->rss->key, sizeof(key));
	expect_spread(t, 2);
	KUNIT_EXPECT_EQ(test, set_channels(t, 1), 0);
	expect_spread(t, 1);
	KUNIT_EXPECT_EQ(test, dr->misc.features & cpu_to_le64(VMXNET3_F_RSS),
			0);
	KUNIT_EXPECT_EQ(test, dr->rss.length, 0);
	KUNIT_EXPECT_EQ(test, set_channels(t, 2), 0);
	expect_spread(t, 2);
	KUNIT_EXPECT_NE(test, dr->misc.features & cpu_to_le64(VMXNET3_F_RSS),
			0);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(dr->rss.length),
			sizeof(struct vmxnet3_rss_conf));
	vmxnet3_test_close(t);
	KUNIT_EXPECT_EQ(test, set_channels(t, 1), 0);
	expect_spread(t, 1);
	KUNIT_EXPECT_MEMEQ(test, key, t->shell->rss->key, sizeof(key));
}

static void count_rss(struct vmxnet3_test *t, u32 cmd)
{
	t->hv_count += cmd == VMXNET3_CMD_UPDATE_RSSIDT;
}

static void vmxnet3_reconf_test_rss_kept(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	struct ethtool_rxfh_param rxfh = { .hfunc = ETH_RSS_HASH_TOP };
	struct vmxnet3_rss_conf rss;
	u8 key[VMXNET3_RSS_KEY_LEN];
	u32 *indir, i;

	indir = kunit_kcalloc(test, VMXNET3_RSS_TABLE_LEN, sizeof(*indir),
			      GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, indir);
	for (i = 0; i < VMXNET3_RSS_TABLE_LEN; i++)
		indir[i] = i > 100;
	memset(key, 0x6d, sizeof(key));
	rxfh.indir = indir;
	rxfh.key = key;
	t->hv_count = 0;
	t->on_cmd = count_rss;
	vmxnet3_test_lock(t);
	KUNIT_EXPECT_EQ(test, 0, t->netdev->ethtool_ops->set_rxfh(t->netdev,
								  &rxfh, NULL));
	vmxnet3_test_unlock(t);
	t->on_cmd = NULL;
	KUNIT_EXPECT_EQ(test, t->hv_count, 1);
	t->netdev->ethtool->rss_indir_user_size = VMXNET3_RSS_TABLE_LEN;
	rss = *t->shell->rss;

	for (i = 0; i < ARRAY_SIZE(changes); i++) {
		KUNIT_EXPECT_EQ(test, change(t, &changes[i]), 0);
		KUNIT_EXPECT_MEMEQ(test, t->shell->rss, &rss, sizeof(rss));
	}
	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	vmxnet3_test_switch(t, TO_EMULATED, OPERATOR);
	vmxnet3_request_reset(t->shell, VMXNET3_RESET_REQUESTED);
	vmxnet3_test_flush(t);
	vmxnet3_test_close(t);
	vmxnet3_test_open(t);
	memset(indir, 0, VMXNET3_RSS_TABLE_LEN * sizeof(*indir));
	memset(key, 0, sizeof(key));
	t->netdev->ethtool_ops->get_rxfh(t->netdev, &rxfh);
	for (i = 0; i < VMXNET3_RSS_TABLE_LEN; i++)
		KUNIT_EXPECT_EQ(test, indir[i], i > 100);
	for (i = 0; i < sizeof(key); i++)
		KUNIT_EXPECT_EQ(test, key[i], 0x6d);
}

/* Merging of segments */

static void want_features(struct vmxnet3_test *t, netdev_features_t on,
			  netdev_features_t off)
{
	vmxnet3_test_lock(t);
	t->netdev->wanted_features |= on;
	t->netdev->wanted_features &= ~off;
	netdev_update_features(t->netdev);
	vmxnet3_test_unlock(t);
	vmxnet3_test_flush(t);
}

static void expect_lro(struct vmxnet3_test *t, bool on)
{
	const struct vmxnet3_misc_conf *misc = &t->shell->shared->dev_read.misc;
	struct kunit *test = t->test;

	KUNIT_EXPECT_EQ(test, !!(t->netdev->features & NETIF_F_LRO), on);
	KUNIT_EXPECT_EQ(test, t->shell->cfg.lro, (u32)on);
	KUNIT_EXPECT_EQ(test, t->shell->path->ps->merge, (u32)on);
	KUNIT_EXPECT_EQ(test, on, !!(misc->features &
				     cpu_to_le64(VMXNET3_F_LRO)));
	if (t->shell->vf)
		KUNIT_EXPECT_EQ(test, on,
				!!(t->shell->npa.conf->features &
				   cpu_to_le32(VMXNET3_F_LRO)));
	vmxnet3_test_expect_alive(t, 0);
}

static void vmxnet3_reconf_test_lro(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	u32 i;

	expect_lro(t, false);
	for (i = 0; i < 2; i++) {
		want_features(t, NETIF_F_LRO, 0);
		KUNIT_EXPECT_EQ(test, vmxnet3_test_on_vf(t), i);
		expect_lro(t, true);
		/* What was not checked must not be merged. */
		want_features(t, 0, NETIF_F_RXCSUM);
		expect_lro(t, false);
		want_features(t, NETIF_F_RXCSUM, 0);
		expect_lro(t, true);
		want_features(t, 0, NETIF_F_LRO);
		expect_lro(t, false);
		vmxnet3_test_switch(t, TO_VF, OPERATOR);
	}
	/* A new path that is not to be had: no LRO then. */
	t->dev->coherent_dma_mask = DMA_BIT_MASK(12);
	want_features(t, NETIF_F_LRO, 0);
	t->dev->coherent_dma_mask = DMA_BIT_MASK(64);
	expect_lro(t, false);
}

static void never_merges(struct npa_plugin_api *api)
{
	api->flags |= NPA_PLUGIN_NEVER_MERGES;
}

static u32 told;

/* The device looks at the features. */
static void count_told(struct vmxnet3_test *t, u32 cmd)
{
	u64 features = le64_to_cpu(t->shell->shared->dev_read.misc.features);

	if (cmd == VMXNET3_CMD_UPDATE_FEATURE)
		told |= features & VMXNET3_F_LRO ? 1 : 2;
}

/* A VF that does not merge is not left for that, but the device is told. */
static void vmxnet3_reconf_test_lro_vf(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	struct vmxnet3_path *vf;
	u32 i, on;

	t->vf.edit_api = never_merges;
	t->on_cmd = count_told;
	for (i = 0; i < 2; i++) {
		on = !i;
		told = 0;
		vmxnet3_test_switch(t, TO_VF, OPERATOR);
		KUNIT_ASSERT_TRUE(test, vmxnet3_test_on_vf(t));
		vf = t->shell->vf;
		want_features(t, on ? NETIF_F_LRO : 0, on ? 0 : NETIF_F_LRO);
		KUNIT_EXPECT_PTR_EQ(test, t->shell->path, vf);
		KUNIT_EXPECT_EQ(test, t->shell->cfg.lro, on);
		KUNIT_EXPECT_EQ(test, told, on ? 1 : 2);
		vmxnet3_test_expect_alive(t, 0);
		vmxnet3_test_switch(t, TO_EMULATED, OPERATOR);
		KUNIT_ASSERT_FALSE(test, vmxnet3_test_on_vf(t));
		expect_lro(t, on);
	}
	/* Anything else needs new rings. */
	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	KUNIT_EXPECT_EQ(test, set_rings(t, 256, 256), 0);
	vmxnet3_test_flush(t);
	KUNIT_EXPECT_EQ(test, t->shell->path->ps->rx[0].ring_size, 256);
}

/* Longer frames than the MTU have somewhere to go. */
static void vmxnet3_reconf_test_lro_buffers(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	const struct vmxnet3_rx_ring *ring;
	u32 i, n = 0;

	want_features(t, NETIF_F_LRO, 0);
	ring = &t->shell->path->rx[0];
	for (i = t->shell->cfg.rx_ring; i < ring->num_slots; i++)
		n += !!ring->slots[i].page;
	/* No more memory than for what can be under way. */
	KUNIT_EXPECT_EQ(test, n, 512);
	KUNIT_EXPECT_TRUE(test, vmxnet3_test_dev_receive(t, 0, 8000, 1));
	vmxnet3_test_poll(t, 0);
	vmxnet3_test_expect_rx(t, 8000, 1);
}

/* What a pair has counted is not lost with it, and not counted twice. */
static void expect_stats(struct vmxnet3_test *t, u64 each)
{
	const struct netdev_stat_ops *ops = t->netdev->stat_ops;
	u32 n = t->shell->cfg.num_queues;
	struct netdev_queue_stats_rx rx, base_rx;
	struct netdev_queue_stats_tx tx, base_tx;
	struct rtnl_link_stats64 stats = {};
	u64 packets[2], bytes[2];
	struct kunit *test = t->test;
	u32 i;

	ops->get_base_stats(t->netdev, &base_rx, &base_tx);
	packets[0] = base_rx.packets;
	packets[1] = base_tx.packets;
	bytes[0] = base_rx.bytes;
	bytes[1] = base_tx.bytes;
	KUNIT_EXPECT_EQ(test, base_rx.packets,
			(VMXNET3_TEST_QUEUES - n) * each);
	for (i = 0; i < n; i++) {
		ops->get_queue_stats_rx(t->netdev, i, &rx);
		ops->get_queue_stats_tx(t->netdev, i, &tx);
		KUNIT_EXPECT_EQ(test, rx.alloc_fail, 0);
		KUNIT_EXPECT_EQ(test, tx.stop, 0);
		packets[0] += rx.packets;
		packets[1] += tx.packets;
		bytes[0] += rx.bytes;
		bytes[1] += tx.bytes;
	}
	vmxnet3_get_stats64(t->netdev, &stats);
	KUNIT_EXPECT_EQ(test, stats.rx_packets, packets[0]);
	KUNIT_EXPECT_EQ(test, stats.tx_packets, packets[1]);
	KUNIT_EXPECT_EQ(test, stats.rx_bytes, bytes[0]);
	KUNIT_EXPECT_EQ(test, stats.tx_bytes, bytes[1]);
	KUNIT_EXPECT_GE(test, packets[0], 2 * each);
	KUNIT_EXPECT_GE(test, packets[1], 2 * each);
}

static void vmxnet3_reconf_test_stats(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	vmxnet3_test_expect_alive(t, 0);
	expect_stats(t, 1);
	KUNIT_EXPECT_EQ(test, set_channels(t, 1), 0);
	expect_stats(t, 1);
	vmxnet3_test_expect_alive(t, 0);
	expect_stats(t, 1);
	KUNIT_EXPECT_EQ(test, set_channels(t, 2), 0);
	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	vmxnet3_test_expect_alive(t, 0);
	expect_stats(t, 1);
}

static struct kunit_case vmxnet3_reconf_cases[] = {
	KUNIT_CASE(vmxnet3_reconf_test_emulated),
	KUNIT_CASE(vmxnet3_reconf_test_vf),
	KUNIT_CASE(vmxnet3_reconf_test_down),
	KUNIT_CASE(vmxnet3_reconf_test_same),
	KUNIT_CASE(vmxnet3_reconf_test_limits),
	KUNIT_CASE_SLOW(vmxnet3_reconf_test_no_memory),
	KUNIT_CASE_SLOW(vmxnet3_reconf_test_no_memory_vf),
	KUNIT_CASE(vmxnet3_reconf_test_refused),
	KUNIT_CASE(vmxnet3_reconf_test_under_way),
	KUNIT_CASE(vmxnet3_reconf_test_under_way_vf),
	KUNIT_CASE(vmxnet3_reconf_test_stuck),
	KUNIT_CASE(vmxnet3_reconf_test_during_load),
	KUNIT_CASE(vmxnet3_reconf_test_during_activate),
	KUNIT_CASE(vmxnet3_reconf_test_few_queues),
	KUNIT_CASE(vmxnet3_reconf_test_rss_default),
	KUNIT_CASE(vmxnet3_reconf_test_rss_kept),
	KUNIT_CASE(vmxnet3_reconf_test_stats),
	KUNIT_CASE(vmxnet3_reconf_test_lro),
	KUNIT_CASE(vmxnet3_reconf_test_lro_vf),
	KUNIT_CASE(vmxnet3_reconf_test_lro_buffers),
	{}
};

static struct kunit_suite vmxnet3_reconf_suite = {
	.name = "vmxnet3-reconf",
	.init = reconf_init,
	.exit = vmxnet3_test_exit,
	.test_cases = vmxnet3_reconf_cases,
};

/* The emulated path harvests without interrupts. */
static struct kunit_case vmxnet3_reconf_lazy_cases[] = {
	KUNIT_CASE(vmxnet3_reconf_test_emulated),
	KUNIT_CASE(vmxnet3_reconf_test_vf),
	KUNIT_CASE(vmxnet3_reconf_test_under_way),
	KUNIT_CASE(vmxnet3_reconf_test_stuck),
	{}
};

static struct kunit_suite vmxnet3_reconf_lazy_suite = {
	.name = "vmxnet3-reconf-lazy",
	.init = reconf_lazy_init,
	.exit = vmxnet3_test_exit,
	.test_cases = vmxnet3_reconf_lazy_cases,
};

kunit_test_suites(&vmxnet3_reconf_suite, &vmxnet3_reconf_lazy_suite);
