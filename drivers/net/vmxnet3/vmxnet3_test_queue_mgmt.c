// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of queue management: restart of a receive queue by the stack, on each
 * path, without memory, with a device that refuses; what NAPI instances, their
 * settings and the queues have to do with each other; and that whoever holds
 * the instance lock never waits for a switch that wants it.
 */
#include <kunit/static_stub.h>
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/netdev_queues.h>
#include <net/netdev_rx_queue.h>
#include <net/page_pool/helpers.h>

#include "vmxnet3_switch.h"
#include "vmxnet3_test.h"

MODULE_IMPORT_NS("NETDEV_INTERNAL");

#define TO_VF		VMXNET3_NPA_MSG_PATH_VF
#define TO_EMULATED	VMXNET3_NPA_MSG_PATH_EMULATED
#define OPERATOR	VMXNET3_NPA_MSG_REASON_OPERATOR

static int queue_mgmt_init(struct kunit *test)
{
	int err = vmxnet3_test_init(test);

	if (!err)
		vmxnet3_test_open(test->priv);
	return err;
}

/* As the core calls it: with the instance lock, and without rtnl. */
static int restart(struct vmxnet3_test *t, u32 queue)
{
	int err;

	netdev_lock(t->netdev);
	err = netdev_rx_queue_restart(t->netdev, queue);
	netdev_unlock(t->netdev);
	vmxnet3_test_flush(t);
	return err;
}

static void vmxnet3_queue_mgmt_test_restart(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	u32 resets = t->shell->resets;
	struct page_pool *pool;
	u32 i;

	for (i = 0; i < VMXNET3_TEST_QUEUES; i++) {
		pool = t->shell->path->rx[i].pool;
		/* Frames that wait are not lost, and in order. */
		vmxnet3_test_dev_receive(t, i, VMXNET3_TEST_LEN, 0);
		vmxnet3_test_dev_receive(t, i, VMXNET3_TEST_LEN, 1);
		KUNIT_EXPECT_EQ(test, restart(t, i), 0);
		vmxnet3_test_expect_seqs(t, 0, 2);
		KUNIT_EXPECT_PTR_NE(test, pool, t->shell->path->rx[i].pool);
		KUNIT_EXPECT_EQ(test, vmxnet3_test_count_pools(t),
				VMXNET3_TEST_QUEUES);
		vmxnet3_test_expect_alive(t, 10);
	}
	KUNIT_EXPECT_EQ(test, t->shell->resets, resets);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&t->shell->npa.tx_lost), 0);
	KUNIT_EXPECT_TRUE(test, netif_carrier_ok(t->netdev));
}

static void vmxnet3_queue_mgmt_test_restart_vf(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	KUNIT_ASSERT_TRUE(test, vmxnet3_test_on_vf(t));
	KUNIT_EXPECT_EQ(test, restart(t, 1), 0);
	/* It went over the emulated path, and back. */
	KUNIT_EXPECT_TRUE(test, vmxnet3_test_on_vf(t));
	KUNIT_EXPECT_EQ(test, t->shell->npa.switches_to_vf, 2);
	KUNIT_EXPECT_EQ(test, vmxnet3_test_count_pools(t),
			VMXNET3_TEST_QUEUES);
	vmxnet3_test_expect_alive(t, 0);
}

static void vmxnet3_queue_mgmt_test_restart_down(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	vmxnet3_test_close(t);
	t->log_len = 0;
	KUNIT_EXPECT_EQ(test, restart(t, 0), 0);
	KUNIT_EXPECT_EQ(test, t->log_len, 0);
	KUNIT_EXPECT_EQ(test, vmxnet3_test_count_pools(t), 0);
	vmxnet3_test_open(t);
	vmxnet3_test_expect_alive(t, 0);
}

/* Each allocation fails once; the queue goes on as it is. */

static u32 allocs_left;

static void *few_zalloc(size_t len)
{
	return allocs_left-- ? kvzalloc(len, GFP_KERNEL) : NULL;
}

static void *few_dma(struct vmxnet3_shell *shell, size_t len, dma_addr_t *pa)
{
	return allocs_left-- ? dma_alloc_coherent(shell->dev, len, pa,
						  GFP_KERNEL) : NULL;
}

static struct page_pool *few_pools(const struct page_pool_params *params)
{
	return allocs_left-- ? page_pool_create(params) : ERR_PTR(-ENOMEM);
}

static void vmxnet3_queue_mgmt_test_no_memory(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	u32 i;
	int err;

	for (i = 0; i < 100; i++) {
		struct vmxnet3_path *path = t->shell->path;

		allocs_left = i;
		kunit_activate_static_stub(test, vmxnet3_path_zalloc,
					   few_zalloc);
		kunit_activate_static_stub(test, vmxnet3_path_dma_alloc,
					   few_dma);
		kunit_activate_static_stub(test, vmxnet3_path_pool_create,
					   few_pools);
		err = restart(t, 0);
		kunit_deactivate_static_stub(test, vmxnet3_path_zalloc);
		kunit_deactivate_static_stub(test, vmxnet3_path_dma_alloc);
		kunit_deactivate_static_stub(test, vmxnet3_path_pool_create);
		KUNIT_EXPECT_EQ(test, vmxnet3_test_count_pools(t),
				VMXNET3_TEST_QUEUES);
		if (!err)
			break;
		KUNIT_EXPECT_EQ(test, err, -ENOMEM);
		KUNIT_EXPECT_PTR_EQ(test, t->shell->path, path);
		vmxnet3_test_expect_alive(t, 0);
	}
	KUNIT_EXPECT_GE(test, i, 15);
	KUNIT_EXPECT_EQ(test, err, 0);
	vmxnet3_test_expect_alive(t, 0);
}

static void refuse_first(struct vmxnet3_test *t, u32 cmd)
{
	if (cmd == VMXNET3_CMD_ACTIVATE_DEV)
		t->activate_dev = !t->hv_count++;
}

static void vmxnet3_queue_mgmt_test_refused(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	struct vmxnet3_path *path = t->shell->path;

	t->on_cmd = refuse_first;
	KUNIT_EXPECT_EQ(test, restart(t, 0), -EIO);
	t->on_cmd = NULL;
	t->activate_dev = 0;
	KUNIT_EXPECT_PTR_EQ(test, t->shell->path, path);
	KUNIT_EXPECT_EQ(test, vmxnet3_test_count_pools(t),
			VMXNET3_TEST_QUEUES);
	vmxnet3_test_expect_alive(t, 0);
}

/* During a switch: that gives up and comes again. */
static void vmxnet3_queue_mgmt_test_during_load(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	t->load.busy = VMXNET3_TEST_FOREVER;
	t->log_len = 0;
	vmxnet3_test_begin_switch(t, TO_VF, OPERATOR);
	vmxnet3_test_wait_command(t, VMXNET3_CMD_LOAD_PLUGIN);
	t->load.busy = 0;
	KUNIT_EXPECT_EQ(test, restart(t, 0), 0);
	KUNIT_EXPECT_TRUE(test, vmxnet3_test_on_vf(t));
	vmxnet3_test_expect_alive(t, 0);
}

/* Whole switches while somebody keeps taking the lock. */
static void vmxnet3_queue_mgmt_test_lock(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	struct vmxnet3_npa *npa = &t->shell->npa;
	u32 i, k;

	for (i = 0; i < 6; i++) {
		u64 *count = i % 2 ? &npa->switches_to_emulated :
			     &npa->switches_to_vf;

		vmxnet3_test_message(t, i % 2 ? TO_EMULATED : TO_VF, OPERATOR);
		netdev_lock(t->netdev);
		vmxnet3_switch_message(t->shell);
		/* The switch ends although the lock is never free for it. */
		for (k = 0; k < 10000 && READ_ONCE(*count) <= i / 2; k++)
			usleep_range(1000, 2000);
		KUNIT_EXPECT_EQ(test, READ_ONCE(*count), i / 2 + 1);
		netdev_unlock(t->netdev);
		vmxnet3_test_flush(t);
		KUNIT_EXPECT_EQ(test, vmxnet3_test_on_vf(t), !(i % 2));
		vmxnet3_test_expect_alive(t, 0);
		KUNIT_EXPECT_EQ(test, vmxnet3_test_count_pools(t),
				VMXNET3_TEST_QUEUES);
	}
}

/* NAPI */

/* The instances of the pairs in use are there, in the order of their ids. */
static void expect_listed(struct vmxnet3_test *t, u32 count)
{
	struct napi_struct *napi;
	u32 id = U32_MAX, n = 0;

	netdev_lock(t->netdev);
	list_for_each_entry(napi, &t->netdev->napi_list, dev_list) {
		KUNIT_EXPECT_LT(t->test, napi->napi_id, id);
		KUNIT_EXPECT_FALSE(t->test,
				   test_bit(NAPI_STATE_DISABLE, &napi->state));
		id = napi->napi_id;
		n++;
	}
	netdev_unlock(t->netdev);
	KUNIT_EXPECT_EQ(t->test, n, count);
}

static void expect_linked(struct vmxnet3_test *t)
{
	struct net_device *netdev = t->netdev;
	bool up = t->shell->path;
	u32 i;

	for (i = 0; i < t->shell->max_queues; i++) {
		struct napi_struct *want = &t->shell->queues[i].napi;

		if (!up || i >= t->shell->cfg.num_queues)
			want = NULL;
		KUNIT_EXPECT_PTR_EQ(t->test, want,
				    __netif_get_rx_queue(netdev, i)->napi);
		KUNIT_EXPECT_PTR_EQ(t->test, want,
				    netdev_get_tx_queue(netdev, i)->napi);
	}
	expect_listed(t, up ? t->shell->cfg.num_queues : 0);
}

static void set_channels(struct vmxnet3_test *t, u32 count)
{
	struct ethtool_channels channels = {
		.combined_count = count,
		.other_count = 1,
	};

	vmxnet3_test_lock(t);
	KUNIT_EXPECT_EQ(t->test, 0,
			t->netdev->ethtool_ops->set_channels(t->netdev,
							     &channels));
	vmxnet3_test_unlock(t);
}

static void vmxnet3_queue_mgmt_test_napi(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	struct napi_struct *napi = &t->shell->queues[1].napi;
	u32 id = napi->napi_id;

	expect_linked(t);
	KUNIT_ASSERT_NOT_NULL(test, napi->config);
	WRITE_ONCE(napi->defer_hard_irqs, 17);
	WRITE_ONCE(napi->gro_flush_timeout, 20000);
	set_channels(t, 1);
	expect_linked(t);
	set_channels(t, 2);
	expect_linked(t);
	KUNIT_EXPECT_EQ(test, restart(t, 1), 0);
	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	expect_linked(t);
	vmxnet3_test_close(t);
	expect_linked(t);
	vmxnet3_test_open(t);
	vmxnet3_request_reset(t->shell, VMXNET3_RESET_REQUESTED);
	vmxnet3_test_flush(t);
	expect_linked(t);
	/* Settings and the id are the pair's, whatever happens to its rings. */
	KUNIT_EXPECT_EQ(test, napi->defer_hard_irqs, 17);
	KUNIT_EXPECT_EQ(test, napi->gro_flush_timeout, 20000);
	KUNIT_EXPECT_EQ(test, napi->napi_id, id);
}

static void vmxnet3_queue_mgmt_test_dma_dev(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	KUNIT_EXPECT_PTR_EQ(test, t->dev,
			    t->netdev->queue_mgmt_ops->ndo_queue_get_dma_dev(t->netdev, 0));
}

static struct kunit_case vmxnet3_queue_mgmt_cases[] = {
	KUNIT_CASE(vmxnet3_queue_mgmt_test_restart),
	KUNIT_CASE(vmxnet3_queue_mgmt_test_restart_vf),
	KUNIT_CASE(vmxnet3_queue_mgmt_test_restart_down),
	KUNIT_CASE(vmxnet3_queue_mgmt_test_no_memory),
	KUNIT_CASE(vmxnet3_queue_mgmt_test_refused),
	KUNIT_CASE(vmxnet3_queue_mgmt_test_during_load),
	KUNIT_CASE(vmxnet3_queue_mgmt_test_lock),
	KUNIT_CASE(vmxnet3_queue_mgmt_test_napi),
	KUNIT_CASE(vmxnet3_queue_mgmt_test_dma_dev),
	{}
};

static struct kunit_suite vmxnet3_queue_mgmt_suite = {
	.name = "vmxnet3-queue-mgmt",
	.init = queue_mgmt_init,
	.exit = vmxnet3_test_exit,
	.test_cases = vmxnet3_queue_mgmt_cases,
};

kunit_test_suites(&vmxnet3_queue_mgmt_suite);
