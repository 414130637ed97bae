// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the switch, with a hypervisor that follows a script and a VF made of
 * memory: both ways, under traffic, and what happens when a step fails.
 */
#include <linux/bitfield.h>
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/etherdevice.h>
#include <linux/rtnetlink.h>

#include "vmxnet3_switch.h"
#include "vmxnet3_test.h"

#define TO_VF		VMXNET3_NPA_MSG_PATH_VF
#define TO_EMULATED	VMXNET3_NPA_MSG_PATH_EMULATED
#define OPERATOR	VMXNET3_NPA_MSG_REASON_OPERATOR
#define MIGRATION	VMXNET3_NPA_MSG_REASON_MIGRATION

static int switch_init(struct kunit *test)
{
	int err = vmxnet3_test_init(test);

	if (!err)
		vmxnet3_test_open(test->priv);
	return err;
}

static int switch_lazy_init(struct kunit *test)
{
	int err = vmxnet3_test_init(test);

	if (err)
		return err;
	vmxnet3_test_lazy(test->priv);
	vmxnet3_test_open(test->priv);
	return 0;
}

static void expect_log(struct vmxnet3_test *t, const u32 *cmds, u32 count)
{
	u32 i;

	KUNIT_EXPECT_EQ(t->test, t->log_len, count);
	for (i = 0; i < min(count, t->log_len); i++)
		KUNIT_EXPECT_EQ(t->test, t->log[i], cmds[i]);
	t->log_len = 0;
}

static long refusals(struct vmxnet3_test *t, u32 reason)
{
	return atomic_long_read(&t->shell->npa.refusals[reason]);
}

static long all_refusals(struct vmxnet3_test *t)
{
	long n = 0;
	u32 i;

	for (i = 0; i < VMXNET3_NPA_REASONS; i++)
		n += refusals(t, i);
	return n;
}

static void wait_for_stop(struct vmxnet3_test *t, u32 queue)
{
	u32 i;

	for (i = 0; i < 1000 && !READ_ONCE(t->shell->queues[queue].moving); i++)
		usleep_range(500, 1000);
	KUNIT_ASSERT_TRUE(t->test, READ_ONCE(t->shell->queues[queue].moving));
}

/* There and back */

static void vmxnet3_switch_test_both_ways(struct kunit *test)
{
	static const u32 there[] = {
		VMXNET3_CMD_LOAD_PLUGIN, VMXNET3_CMD_ACTIVATE_VF,
		VMXNET3_CMD_STOP_EMULATION,
	};
	static const u32 back[] = {
		VMXNET3_CMD_ACTIVATE_DEV, VMXNET3_CMD_NPA_QUIESCE_VF,
	};
	struct vmxnet3_test *t = test->priv;
	netdev_features_t features = t->netdev->features;
	struct vmxnet3_npa *npa = &t->shell->npa;
	struct npa_plugin_state *ps;
	int up = atomic_read(&t->netdev->carrier_up_count);
	int down = atomic_read(&t->netdev->carrier_down_count);
	u32 i;

	t->log_len = 0;
	KUNIT_EXPECT_FALSE(test, vmxnet3_test_on_vf(t));
	vmxnet3_test_expect_alive(t, 10);
	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	KUNIT_ASSERT_TRUE(test, vmxnet3_test_on_vf(t));
	expect_log(t, there, ARRAY_SIZE(there));
	vmxnet3_test_expect_alive(t, 20);

	/* What plugin and hypervisor were told. */
	ps = t->vf.ps;
	KUNIT_EXPECT_EQ(test, ps->num_tx_queues, 2);
	KUNIT_EXPECT_EQ(test, ps->num_rx_queues, 2);
	KUNIT_EXPECT_EQ(test, ps->mtu, ETH_DATA_LEN);
	KUNIT_EXPECT_EQ(test, ps->small_len, VMXNET3_SMALL_LEN);
	KUNIT_EXPECT_EQ(test, (uintptr_t)ps->priv % 64, 0);
	KUNIT_EXPECT_PTR_EQ(test, ps->mmio, (void __iomem *)t->window);
	KUNIT_EXPECT_EQ(test, ps->mmio_len, t->window_pages << 12);
	KUNIT_EXPECT_EQ(test, t->map_start, VMXNET3_TEST_BAR_START + 0x10000);
	KUNIT_EXPECT_EQ(test, t->map_len, t->window_pages << 12);
	for (i = 0; i < VMXNET3_TEST_QUEUES; i++) {
		KUNIT_EXPECT_EQ(test, ps->tx[i].ring_size,
				le32_to_cpu(npa->conf->tx[i].ring_size));
		KUNIT_EXPECT_EQ(test, ps->rx[i].ring_size,
				le32_to_cpu(npa->conf->rx[i].ring_size));
		KUNIT_EXPECT_EQ(test, ps->tx[i].seg[0].pa,
				le64_to_cpu(npa->conf->tx[i].seg_pa[0]));
		KUNIT_EXPECT_EQ(test, ps->rx[i].seg[0].pa,
				le64_to_cpu(npa->conf->rx[i].seg_pa[0]));
		KUNIT_EXPECT_EQ(test, i,
				le32_to_cpu(npa->conf->rx[i].intr));
		KUNIT_EXPECT_EQ(test, t->vf.intr[i], 1);
	}
	/* Buffers are announced once more to the VF that is active now. */
	KUNIT_EXPECT_EQ(test, t->vf.kicks, VMXNET3_TEST_QUEUES);
	KUNIT_EXPECT_STREQ(test, npa->plugin.name, "test-vf");
	KUNIT_EXPECT_STREQ(test, npa->plugin.license, "Dual MIT/GPL");

	vmxnet3_test_switch(t, TO_EMULATED, OPERATOR);
	KUNIT_ASSERT_FALSE(test, vmxnet3_test_on_vf(t));
	expect_log(t, back, ARRAY_SIZE(back));
	vmxnet3_test_expect_alive(t, 30);
	KUNIT_EXPECT_EQ(test, t->vf.intr[0], 0);
	KUNIT_EXPECT_STREQ(test, npa->plugin.name, "");
	/* The region is offered no more. */
	KUNIT_EXPECT_EQ(test, npa->conf->v1.region_pages, 0);
	KUNIT_EXPECT_EQ(test, npa->switches_to_vf, 1);
	KUNIT_EXPECT_EQ(test, npa->switches_to_emulated, 1);
	KUNIT_EXPECT_EQ(test, all_refusals(t), 0);
	KUNIT_EXPECT_EQ(test, t->reports, 0);

	/* The stack has noticed nothing. */
	KUNIT_EXPECT_EQ(test, atomic_read(&t->netdev->carrier_up_count), up);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->netdev->carrier_down_count),
			down);
	KUNIT_EXPECT_EQ(test, t->netdev->features, features);
	KUNIT_EXPECT_EQ(test, t->netdev->mtu, ETH_DATA_LEN);
}

/* Nothing grows. */
static void vmxnet3_switch_test_many(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	u32 i;

	for (i = 0; i < 20; i++) {
		t->log_len = 0;
		vmxnet3_test_switch(t, TO_VF, OPERATOR);
		KUNIT_ASSERT_TRUE(test, vmxnet3_test_on_vf(t));
		vmxnet3_test_expect_alive(t, 2 * i);
		KUNIT_ASSERT_EQ(test, vmxnet3_test_count_pools(t), VMXNET3_TEST_QUEUES);
		vmxnet3_test_switch(t, TO_EMULATED, OPERATOR);
		KUNIT_ASSERT_FALSE(test, vmxnet3_test_on_vf(t));
		vmxnet3_test_expect_alive(t, 2 * i);
		KUNIT_ASSERT_EQ(test, vmxnet3_test_count_pools(t), VMXNET3_TEST_QUEUES);
	}
	KUNIT_EXPECT_EQ(test, t->shell->npa.switches_to_vf, 20);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&t->shell->npa.tx_lost), 0);
}

/* The hypervisor takes its time. */
static void vmxnet3_switch_test_slow(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	t->load.busy = 20;
	t->activate.busy = 10;
	t->stop.busy = 10;
	t->quiesce.busy = 10;
	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	KUNIT_ASSERT_TRUE(test, vmxnet3_test_on_vf(t));
	vmxnet3_test_expect_alive(t, 0);
	vmxnet3_test_switch(t, TO_EMULATED, OPERATOR);
	KUNIT_ASSERT_FALSE(test, vmxnet3_test_on_vf(t));
	vmxnet3_test_expect_alive(t, 0);
}

/* A device without the capability never sees an NPA command. */
static void vmxnet3_switch_test_not_supported(struct kunit *test)
{
	static const u32 commands[] = {
		VMXNET3_CMD_LOAD_PLUGIN, VMXNET3_CMD_ACTIVATE_VF,
		VMXNET3_CMD_STOP_EMULATION, VMXNET3_CMD_NPA_QUIESCE_VF,
		VMXNET3_CMD_NPA_REPORT,
	};
	struct vmxnet3_test *t = test->priv;
	u32 i;

	vmxnet3_test_close(t);
	memset(t->shell->shared, 0, sizeof(*t->shell->shared));
	t->log_len = 0;
	t->shell->npa.supported = false;
	vmxnet3_test_open(t);
	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	KUNIT_EXPECT_FALSE(test, vmxnet3_test_on_vf(t));
	vmxnet3_test_set_mtu(t, 2000, 0);
	vmxnet3_request_reset(t->shell, VMXNET3_RESET_REQUESTED);
	vmxnet3_test_flush(t);
	vmxnet3_test_expect_alive(t, 0);
	vmxnet3_test_close(t);
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		KUNIT_EXPECT_EQ(test, 0, vmxnet3_test_log_count(t, commands[i]));
	KUNIT_EXPECT_EQ(test, t->shell->shared->dev_read.plugin.length, 0);
	t->shell->npa.supported = true;
}

/* Order */

/* The last frames of the old port and the first of the new one. */
static void order_to_vf(struct vmxnet3_test *t, u32 cmd)
{
	u32 i;

	if (cmd != VMXNET3_CMD_ACTIVATE_VF)
		return;
	/* The VF's first, so that whoever looks there first does it wrong. */
	for (i = 100; i < 200; i++)
		KUNIT_EXPECT_TRUE(t->test,
				  vmxnet3_test_vf_rx(t, 0, VMXNET3_TEST_LEN, i));
	for (i = 0; i < 100; i++)
		KUNIT_EXPECT_TRUE(t->test,
				  vmxnet3_test_dev_receive(t, 0, VMXNET3_TEST_LEN, i));
}

static void vmxnet3_switch_test_order_to_vf(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	t->on_done = order_to_vf;
	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	KUNIT_ASSERT_TRUE(test, vmxnet3_test_on_vf(t));
	vmxnet3_test_poll(t, 0);
	vmxnet3_test_expect_seqs(t, 0, 200);
}

/* An emulation that is not as quick as its promise: late, but not lost. */
static void late_frame(struct vmxnet3_test *t, u32 cmd)
{
	if (cmd == VMXNET3_CMD_STOP_EMULATION)
		KUNIT_EXPECT_TRUE(t->test,
				  vmxnet3_test_dev_receive(t, 1, VMXNET3_TEST_LEN, 7));
}

static void vmxnet3_switch_test_late(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	t->on_cmd = late_frame;
	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	KUNIT_ASSERT_TRUE(test, vmxnet3_test_on_vf(t));
	vmxnet3_test_poll(t, 1);
	vmxnet3_test_expect_seqs(t, 7, 1);
	KUNIT_EXPECT_EQ(test, vmxnet3_test_count_pools(t), VMXNET3_TEST_QUEUES);
}

static void order_back(struct vmxnet3_test *t, u32 cmd)
{
	u32 i;

	if (cmd != VMXNET3_CMD_NPA_QUIESCE_VF)
		return;
	for (i = 100; i < 200; i++)
		KUNIT_EXPECT_TRUE(t->test,
				  vmxnet3_test_dev_receive(t, 1, VMXNET3_TEST_LEN, i));
	for (i = 0; i < 100; i++)
		KUNIT_EXPECT_TRUE(t->test,
				  vmxnet3_test_vf_rx(t, 1, VMXNET3_TEST_LEN, i));
}

static void vmxnet3_switch_test_order_back(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	KUNIT_ASSERT_TRUE(test, vmxnet3_test_on_vf(t));
	t->on_cmd = order_back;
	vmxnet3_test_switch(t, TO_EMULATED, OPERATOR);
	KUNIT_ASSERT_FALSE(test, vmxnet3_test_on_vf(t));
	vmxnet3_test_poll(t, 1);
	vmxnet3_test_expect_seqs(t, 0, 200);
}

static void stack_send(struct vmxnet3_test *t, u32 queue, u32 seq)
{
	struct sk_buff *skb = vmxnet3_test_skb(t, VMXNET3_TEST_LEN, 0, seq);

	skb_record_rx_queue(skb, queue);
	dev_queue_xmit(skb);
}

/* What is under way is sent before the new path gets anything. */
static void vmxnet3_switch_test_tx_drain(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	struct vmxnet3_queue *q = &t->shell->queues[0];
	u32 i;

	for (i = 0; i < 3; i++)
		vmxnet3_test_send(t, 0, VMXNET3_TEST_LEN, i);
	vmxnet3_test_begin_switch(t, TO_VF, OPERATOR);
	wait_for_stop(t, 0);
	for (; i < 6; i++)
		stack_send(t, 0, i);
	msleep(20);
	KUNIT_EXPECT_EQ(test, t->vf_tx_len, 0);
	KUNIT_EXPECT_TRUE(test, READ_ONCE(q->moving));
	KUNIT_EXPECT_EQ(test, 0, vmxnet3_test_log_count(t, VMXNET3_CMD_STOP_EMULATION));

	/* One after the other; even two of three are not enough. */
	KUNIT_EXPECT_EQ(test, vmxnet3_test_dev_take_all(t, 0), 3);
	vmxnet3_test_dev_complete(t, 0, 2);
	msleep(20);
	KUNIT_EXPECT_EQ(test, t->vf_tx_len, 0);
	vmxnet3_test_dev_complete(t, 0, 1);
	vmxnet3_test_flush(t);
	KUNIT_ASSERT_TRUE(test, vmxnet3_test_on_vf(t));
	/* The stack wakes when it likes to, and sends when BQL lets it. */
	for (i = 0; i < 100 && atomic_read(&t->tx_freed) < 6; i++) {
		usleep_range(1000, 2000);
		vmxnet3_test_poll(t, 0);
	}
	KUNIT_ASSERT_EQ(test, t->vf_tx_len, 3);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, t->vf_tx[i], 3 + i);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->tx_freed), 6);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&t->shell->npa.tx_lost), 0);
}

static void vmxnet3_switch_test_tx_drain_back(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	KUNIT_ASSERT_TRUE(test, vmxnet3_test_on_vf(t));
	t->vf.tx_hold = true;
	vmxnet3_test_send(t, 1, VMXNET3_TEST_LEN, 0);
	vmxnet3_test_send(t, 1, VMXNET3_TEST_LEN, 1);
	vmxnet3_test_begin_switch(t, TO_EMULATED, OPERATOR);
	wait_for_stop(t, 1);
	stack_send(t, 1, 2);
	msleep(20);
	KUNIT_EXPECT_TRUE(test, t->vf.active);
	KUNIT_EXPECT_EQ(test, vmxnet3_test_dev_take_all(t, 1), 0);
	vmxnet3_test_vf_send(t, 1);
	vmxnet3_test_flush(t);
	KUNIT_ASSERT_FALSE(test, vmxnet3_test_on_vf(t));
	msleep(20);
	KUNIT_ASSERT_TRUE(test, vmxnet3_test_dev_take(t, 1, &t->scratch));
	KUNIT_EXPECT_EQ(test, t->scratch.seq, 2);
	vmxnet3_test_dev_complete(t, 1, 1);
	vmxnet3_test_poll(t, 1);
	KUNIT_EXPECT_EQ(test, t->vf_tx_len, 2);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->tx_freed), 3);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&t->shell->npa.tx_lost), 0);
}

/* A VF that does not send what it has does not hold us. */
static void vmxnet3_switch_test_tx_stuck_back(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	KUNIT_ASSERT_TRUE(test, vmxnet3_test_on_vf(t));
	t->vf.tx_hold = true;
	vmxnet3_test_send(t, 0, VMXNET3_TEST_LEN, 0);
	vmxnet3_test_send(t, 0, VMXNET3_TEST_LEN, 1);
	vmxnet3_test_switch(t, TO_EMULATED, OPERATOR);
	KUNIT_ASSERT_FALSE(test, vmxnet3_test_on_vf(t));
	KUNIT_EXPECT_EQ(test, atomic_read(&t->tx_freed), 2);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&t->shell->npa.tx_lost), 2);
	vmxnet3_test_expect_alive(t, 0);
}

/* Takes the VF away when the switch looks for that; counts the looks. */
static void take_at_look(struct vmxnet3_test *t, u32 cmd)
{
	u32 i;

	if (cmd != VMXNET3_CMD_GET_DEV_EXTRA_INFO)
		return;
	for (i = 0; i < VMXNET3_TEST_QUEUES; i++)
		if (READ_ONCE(t->shell->queues[i].moving))
			break;
	if (i == VMXNET3_TEST_QUEUES)
		return;
	if (!t->hv_count++)
		vmxnet3_test_message(t, TO_EMULATED,
				     VMXNET3_NPA_MSG_REASON_VF_LOST);
}

/* A VF that is taken away while it is left is not waited for any longer. */
static void vmxnet3_switch_test_taken_while_leaving(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	KUNIT_ASSERT_TRUE(test, vmxnet3_test_on_vf(t));
	t->vf.tx_hold = true;
	vmxnet3_test_send(t, 0, VMXNET3_TEST_LEN, 0);
	vmxnet3_test_send(t, 1, VMXNET3_TEST_LEN, 1);
	t->on_cmd = take_at_look;
	vmxnet3_test_switch(t, TO_EMULATED, OPERATOR);
	t->on_cmd = NULL;
	/* Once for each queue; who goes on waiting looks a hundred times. */
	KUNIT_EXPECT_GE(test, t->hv_count, 1);
	KUNIT_EXPECT_LE(test, t->hv_count, VMXNET3_TEST_QUEUES);
	KUNIT_ASSERT_FALSE(test, vmxnet3_test_on_vf(t));
	KUNIT_EXPECT_EQ(test, atomic_long_read(&t->shell->npa.tx_lost), 2);
	vmxnet3_test_expect_alive(t, 0);
}

/* Every step that can fail */

static void no_sw_init(struct npa_plugin_api *api)
{
	api->sw_init = NULL;
}

static void no_add_buffers(struct npa_plugin_api *api)
{
	api->add_buffers_to_rx_ring = NULL;
}

static void no_flush(struct npa_plugin_api *api)
{
	api->flush_tx_ring = NULL;
}

static void other_major(struct npa_plugin_api *api)
{
	api->major++;
}

static void no_entries(struct npa_plugin_api *api)
{
	api->tx_entries_per_frame = 0;
}

static void many_entries(struct npa_plugin_api *api)
{
	api->tx_entries_per_frame = VMXNET3_TX_RING_SIZE / 2 + 1;
}

static void no_ids(struct npa_plugin_api *api)
{
	api->rx_ids_per_entry = 0;
}

static void many_ids(struct npa_plugin_api *api)
{
	api->rx_ids_per_entry = 5;
}

static void no_tx_seg(struct npa_plugin_api *api)
{
	api->tx_seg_bytes[0] = 0;
}

static void no_rx_seg(struct npa_plugin_api *api)
{
	api->rx_seg_bytes[0] = 0;
}

static void large_seg(struct npa_plugin_api *api)
{
	api->rx_seg_bytes[3] = NPA_SEG_ENTRY_MAX + 1;
}

static void set_bad_hash(struct vmxnet3_test *t)
{
	t->image[t->image_len - 1] ^= 1;
}

static void set_truncated(struct vmxnet3_test *t)
{
	t->written = t->image_len - 1;
}

static void set_entry_va(struct vmxnet3_test *t)
{
	t->entry_va = (uintptr_t)t->region.va;
}

static void set_no_window(struct vmxnet3_test *t)
{
	t->window_pages = 0;
}

static void set_long_window(struct vmxnet3_test *t)
{
	t->window_pages = VMXNET3_NPA_WINDOW_PAGES + 1;
}

static void set_low_window(struct vmxnet3_test *t)
{
	t->window_ppn = (VMXNET3_TEST_BAR_BUS >> 12) - 1;
}

static void set_high_window(struct vmxnet3_test *t)
{
	t->window_ppn = ((VMXNET3_TEST_BAR_BUS + VMXNET3_TEST_BAR_LEN) >> 12) -
			t->window_pages + 1;
}

static void set_far_window(struct vmxnet3_test *t)
{
	t->window_ppn = (VMXNET3_TEST_BAR_BUS + VMXNET3_TEST_BAR_LEN) >> 12;
	t->window_pages = 1;
}

static void set_wrapping_window(struct vmxnet3_test *t)
{
	t->window_ppn |= BIT_ULL(52);
}

static void set_few_queues(struct vmxnet3_test *t)
{
	t->vf_queues = VMXNET3_TEST_QUEUES - 1;
}

static void set_no_map(struct vmxnet3_test *t)
{
	t->map_fails = true;
}

static void set_no_memory(struct vmxnet3_test *t)
{
	t->dev->coherent_dma_mask = DMA_BIT_MASK(12);
}

static void set_other_device(struct vmxnet3_test *t)
{
	t->device_id++;
}

struct failure_case {
	const char *name;
	u32 reason;
	void (*set)(struct vmxnet3_test *t);
	void (*edit_api)(struct npa_plugin_api *api);
	struct vmxnet3_test_script load;
	struct vmxnet3_test_script activate;
	struct vmxnet3_test_script stop;
	u32 main_result;
	u32 sw_init_result;
	u32 reinit_result;
};

#define FAILED	{ 0, VMXNET3_CMD_RESULT_FAILED }
#define LATER	{ 3, VMXNET3_CMD_RESULT_FAILED }
#define STRANGE	{ 0, 0xffffffff }
#define NEVER	{ VMXNET3_TEST_FOREVER, VMXNET3_CMD_RESULT_FAILED }

static const struct failure_case failure_cases[] = {
	{ "load_failed", VMXNET3_NPA_LOAD_FAILED, .load = FAILED },
	{ "load_failed_later", VMXNET3_NPA_LOAD_FAILED, .load = LATER },
	{ "load_strange", VMXNET3_NPA_LOAD_FAILED, .load = STRANGE },
	{ "load_timeout", VMXNET3_NPA_LOAD_TIMEOUT, .load = NEVER },
	{ "bad_hash", VMXNET3_NPA_BAD_HASH, set_bad_hash },
	{ "truncated", VMXNET3_NPA_TRUNCATED, set_truncated },
	{ "other_device", VMXNET3_NPA_BAD_DEVICE_ID, set_other_device },
	{ "entry_va", VMXNET3_NPA_BAD_ENTRY, set_entry_va },
	{ "window_none", VMXNET3_NPA_BAD_WINDOW, set_no_window },
	{ "window_long", VMXNET3_NPA_BAD_WINDOW, set_long_window },
	{ "window_low", VMXNET3_NPA_BAD_WINDOW, set_low_window },
	{ "window_high", VMXNET3_NPA_BAD_WINDOW, set_high_window },
	{ "window_far", VMXNET3_NPA_BAD_WINDOW, set_far_window },
	{ "window_wraps", VMXNET3_NPA_BAD_WINDOW, set_wrapping_window },
	{ "few_queues", VMXNET3_NPA_TOO_FEW_QUEUES, set_few_queues },
	{ "no_map", VMXNET3_NPA_NO_MEMORY, set_no_map },
	{ "no_memory", VMXNET3_NPA_NO_MEMORY, set_no_memory },
	{ "entry_failed", VMXNET3_NPA_ENTRY_FAILED, .main_result = 5 },
	{ "sw_init_failed", VMXNET3_NPA_SW_INIT_FAILED, .sw_init_result = 1 },
	{ "ring_failed", VMXNET3_NPA_RING_INIT_FAILED, .reinit_result = 12 },
	{ "no_sw_init", VMXNET3_NPA_BAD_PLUGIN, .edit_api = no_sw_init },
	{ "no_add_buffers", VMXNET3_NPA_BAD_PLUGIN,
	  .edit_api = no_add_buffers },
	{ "no_flush", VMXNET3_NPA_BAD_PLUGIN, .edit_api = no_flush },
	{ "other_major", VMXNET3_NPA_BAD_PLUGIN, .edit_api = other_major },
	{ "no_entries", VMXNET3_NPA_BAD_PLUGIN, .edit_api = no_entries },
	{ "many_entries", VMXNET3_NPA_BAD_PLUGIN, .edit_api = many_entries },
	{ "no_ids", VMXNET3_NPA_BAD_PLUGIN, .edit_api = no_ids },
	{ "many_ids", VMXNET3_NPA_BAD_PLUGIN, .edit_api = many_ids },
	{ "no_tx_seg", VMXNET3_NPA_BAD_PLUGIN, .edit_api = no_tx_seg },
	{ "no_rx_seg", VMXNET3_NPA_BAD_PLUGIN, .edit_api = no_rx_seg },
	{ "large_seg", VMXNET3_NPA_BAD_PLUGIN, .edit_api = large_seg },
	{ "activate_failed", VMXNET3_NPA_ACTIVATE_FAILED, .activate = FAILED },
	{ "activate_timeout", VMXNET3_NPA_ACTIVATE_TIMEOUT, .activate = NEVER },
	{ "stop_failed", VMXNET3_NPA_STOP_FAILED, .stop = LATER },
	{ "stop_timeout", VMXNET3_NPA_STOP_TIMEOUT, .stop = NEVER },
};

static void failure_case_name(const struct failure_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(failure, failure_cases, failure_case_name);

/* The VF is active for a while: what it got must not be lost. */
static void receive_meanwhile(struct vmxnet3_test *t, u32 cmd)
{
	u32 i;

	if (cmd == VMXNET3_CMD_ACTIVATE_VF)
		for (i = 2; i < 6; i++)
			KUNIT_EXPECT_TRUE(t->test,
					  vmxnet3_test_vf_rx(t, 0, VMXNET3_TEST_LEN,
							     i));
}

static void vmxnet3_switch_test_failure(struct kunit *test)
{
	const struct failure_case *c = test->param_value;
	struct vmxnet3_test *t = test->priv;
	struct vmxnet3_npa *npa = &t->shell->npa;
	struct vmxnet3_path *path = t->shell->path;
	u8 *image = kunit_kmalloc(test, t->image_len, GFP_KERNEL);
	u64 window_ppn = t->window_ppn;
	u32 window_pages = t->window_pages;
	u32 loads, stops;

	KUNIT_ASSERT_NOT_NULL(test, image);
	memcpy(image, t->image, t->image_len);
	t->load = c->load;
	t->activate = c->activate;
	t->stop = c->stop;
	t->vf.main_result = c->main_result;
	t->vf.sw_init_result = c->sw_init_result;
	t->vf.reinit_result = c->reinit_result;
	t->vf.edit_api = c->edit_api;
	if (c->set)
		c->set(t);
	t->on_done = receive_meanwhile;
	vmxnet3_test_dev_receive(t, 0, VMXNET3_TEST_LEN, 0);
	vmxnet3_test_dev_receive(t, 0, VMXNET3_TEST_LEN, 1);

	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	t->dev->coherent_dma_mask = DMA_BIT_MASK(64);
	KUNIT_EXPECT_FALSE(test, vmxnet3_test_on_vf(t));
	KUNIT_EXPECT_PTR_EQ(test, t->shell->path, path);
	KUNIT_EXPECT_EQ(test, t->shell->resets, 0);
	KUNIT_EXPECT_EQ(test, vmxnet3_test_count_pools(t), VMXNET3_TEST_QUEUES);
	KUNIT_EXPECT_EQ(test, npa->switches_to_vf, 0);
	KUNIT_EXPECT_STREQ(test, npa->plugin.name, "");
	KUNIT_EXPECT_EQ(test, npa->conf->v1.region_pages, 0);

	/* Who has to know, knows. */
	KUNIT_EXPECT_EQ(test, refusals(t, c->reason), 1);
	KUNIT_EXPECT_EQ(test, all_refusals(t), 1);
	KUNIT_EXPECT_EQ(test, t->reports, 1);
	KUNIT_EXPECT_STREQ(test,
			   vmxnet3_npa_reason_name(FIELD_GET(VMXNET3_NPA_REPORT_REASON,
							     t->report)),
			   vmxnet3_npa_reason_name(c->reason));
	KUNIT_EXPECT_EQ(test, FIELD_GET(VMXNET3_NPA_REPORT_SEQ, t->report),
			FIELD_GET(VMXNET3_NPA_MSG_SEQ, t->msg));

	/* Nothing is lost. */
	vmxnet3_test_poll(t, 0);
	stops = vmxnet3_test_log_count(t, VMXNET3_CMD_STOP_EMULATION);
	vmxnet3_test_expect_seqs(t, 0, stops ? 6 : 2);
	vmxnet3_test_expect_alive(t, 10);

	/* The same message is not tried again, */
	loads = vmxnet3_test_log_count(t, VMXNET3_CMD_LOAD_PLUGIN);
	vmxnet3_switch_message(t->shell);
	vmxnet3_test_flush(t);
	KUNIT_EXPECT_EQ(test, vmxnet3_test_log_count(t, VMXNET3_CMD_LOAD_PLUGIN), loads);

	/* a new one is, and this time all is well. */
	memset(&t->load, 0, sizeof(t->load));
	memset(&t->activate, 0, sizeof(t->activate));
	memset(&t->stop, 0, sizeof(t->stop));
	t->vf.main_result = 0;
	t->vf.sw_init_result = 0;
	t->vf.reinit_result = 0;
	t->vf.edit_api = NULL;
	memcpy(t->image, image, t->image_len);
	t->written = 0;
	t->entry_va = 0;
	t->window_ppn = window_ppn;
	t->window_pages = window_pages;
	t->vf_queues = VMXNET3_TEST_QUEUES;
	t->map_fails = false;
	t->device_id = VMXNET3_TEST_DEVICE_ID;
	t->on_done = NULL;
	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	KUNIT_EXPECT_TRUE(test, vmxnet3_test_on_vf(t));
	vmxnet3_test_expect_alive(t, 20);
}

/* The limits of what is right. */
static void vmxnet3_switch_test_window_fits(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	struct npa_image_header *h = (void *)t->image;

	t->window_ppn = VMXNET3_TEST_BAR_BUS >> 12;
	t->window_pages = VMXNET3_NPA_WINDOW_PAGES;
	t->entry_va = (uintptr_t)t->region.va + le32_to_cpu(h->entry_offset);
	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	KUNIT_EXPECT_TRUE(test, vmxnet3_test_on_vf(t));
	KUNIT_EXPECT_EQ(test, t->map_start, VMXNET3_TEST_BAR_START);
	vmxnet3_test_switch(t, TO_EMULATED, OPERATOR);

	t->window_pages = 1;
	t->window_ppn = ((VMXNET3_TEST_BAR_BUS + VMXNET3_TEST_BAR_LEN) >> 12) -
			1;
	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	KUNIT_EXPECT_TRUE(test, vmxnet3_test_on_vf(t));
	KUNIT_EXPECT_EQ(test, t->map_start,
			VMXNET3_TEST_BAR_START + VMXNET3_TEST_BAR_LEN - 4096);
}

/* The emulated device does not send what it has: we stay. */
static void vmxnet3_switch_test_tx_stuck(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	/* Queue 0 moves and has to come back. */
	vmxnet3_test_send(t, 1, VMXNET3_TEST_LEN, 0);
	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	KUNIT_EXPECT_FALSE(test, vmxnet3_test_on_vf(t));
	KUNIT_EXPECT_EQ(test, refusals(t, VMXNET3_NPA_DRAIN_TIMEOUT), 1);
	KUNIT_EXPECT_EQ(test, FIELD_GET(VMXNET3_NPA_REPORT_REASON, t->report),
			VMXNET3_NPA_DRAIN_TIMEOUT);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->tx_freed), 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&t->shell->npa.tx_lost), 0);
	KUNIT_EXPECT_EQ(test, vmxnet3_test_dev_take_all(t, 1), 1);
	vmxnet3_test_dev_complete(t, 1, 1);
	vmxnet3_test_poll(t, 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->tx_freed), 1);
	vmxnet3_test_expect_alive(t, 10);
}

/* A VF that cannot be stopped: only a reset of the device helps. */
static void vmxnet3_switch_test_quiesce_failed(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	KUNIT_ASSERT_TRUE(test, vmxnet3_test_on_vf(t));
	t->quiesce.result = VMXNET3_CMD_RESULT_FAILED;
	vmxnet3_test_switch(t, TO_EMULATED, OPERATOR);
	KUNIT_EXPECT_EQ(test, t->shell->resets, 1);
	KUNIT_EXPECT_FALSE(test, vmxnet3_test_on_vf(t));
	KUNIT_EXPECT_EQ(test, vmxnet3_test_count_pools(t), VMXNET3_TEST_QUEUES);
	vmxnet3_test_expect_alive(t, 0);

	t->quiesce.result = VMXNET3_CMD_RESULT_OK;
	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	KUNIT_EXPECT_TRUE(test, vmxnet3_test_on_vf(t));
	vmxnet3_test_expect_alive(t, 0);
}

static void vmxnet3_switch_test_quiesce_timeout(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	t->stop.result = VMXNET3_CMD_RESULT_FAILED;
	t->quiesce.busy = VMXNET3_TEST_FOREVER;
	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	KUNIT_EXPECT_EQ(test, t->shell->resets, 1);
	KUNIT_EXPECT_EQ(test, refusals(t, VMXNET3_NPA_STOP_FAILED), 1);
	KUNIT_EXPECT_FALSE(test, vmxnet3_test_on_vf(t));
	KUNIT_EXPECT_EQ(test, vmxnet3_test_count_pools(t), VMXNET3_TEST_QUEUES);
	vmxnet3_test_expect_alive(t, 0);
	t->quiesce.busy = 0;
}

/* Somebody changes their mind */

static void detach_at_load(struct vmxnet3_test *t, u32 cmd)
{
	if (cmd == VMXNET3_CMD_LOAD_PLUGIN)
		vmxnet3_test_message(t, TO_EMULATED, OPERATOR);
}

static void vmxnet3_switch_test_detach_at_load(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	t->on_cmd = detach_at_load;
	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	KUNIT_EXPECT_FALSE(test, vmxnet3_test_on_vf(t));
	KUNIT_EXPECT_EQ(test, refusals(t, VMXNET3_NPA_SUPERSEDED), 1);
	KUNIT_EXPECT_EQ(test, vmxnet3_test_log_count(t, VMXNET3_CMD_ACTIVATE_VF), 0);
	KUNIT_EXPECT_EQ(test, vmxnet3_test_log_count(t, VMXNET3_CMD_LOAD_PLUGIN), 1);
	KUNIT_EXPECT_EQ(test, vmxnet3_test_count_pools(t), VMXNET3_TEST_QUEUES);
	vmxnet3_test_expect_alive(t, 0);
}

static void detach_at_activate(struct vmxnet3_test *t, u32 cmd)
{
	if (cmd == VMXNET3_CMD_ACTIVATE_VF)
		vmxnet3_test_message(t, TO_EMULATED, OPERATOR);
}

/* Past the point of no return it goes there, and then back. */
static void vmxnet3_switch_test_detach_at_activate(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	t->on_cmd = detach_at_activate;
	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	KUNIT_EXPECT_FALSE(test, vmxnet3_test_on_vf(t));
	KUNIT_EXPECT_EQ(test, t->shell->npa.switches_to_vf,
			t->shell->npa.switches_to_emulated);
	KUNIT_EXPECT_EQ(test, t->reports, 0);
	vmxnet3_test_expect_alive(t, 0);
}

static void again_at_load(struct vmxnet3_test *t, u32 cmd)
{
	if (cmd == VMXNET3_CMD_LOAD_PLUGIN && !t->hv_count++)
		vmxnet3_test_message(t, TO_VF, OPERATOR);
}

static void vmxnet3_switch_test_two_messages(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	t->on_cmd = again_at_load;
	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	KUNIT_EXPECT_TRUE(test, vmxnet3_test_on_vf(t));
	KUNIT_EXPECT_EQ(test, vmxnet3_test_log_count(t, VMXNET3_CMD_LOAD_PLUGIN), 2);
	KUNIT_EXPECT_EQ(test, vmxnet3_test_log_count(t, VMXNET3_CMD_ACTIVATE_VF), 1);
	vmxnet3_test_expect_alive(t, 0);
}

/* There and back before anybody looked: nothing has to be done. */
static void vmxnet3_switch_test_no_message(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	t->log_len = 0;
	vmxnet3_test_message(t, TO_VF, OPERATOR);
	vmxnet3_test_switch(t, TO_EMULATED, OPERATOR);
	KUNIT_EXPECT_FALSE(test, vmxnet3_test_on_vf(t));
	KUNIT_EXPECT_EQ(test, t->log_len, 0);
	KUNIT_EXPECT_EQ(test, all_refusals(t), 0);
}

/* ifdown, MTU and the like, in every phase */

static void vmxnet3_switch_test_mtu_during_load(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	t->load.busy = VMXNET3_TEST_FOREVER;
	vmxnet3_test_begin_switch(t, TO_VF, OPERATOR);
	vmxnet3_test_wait_command(t, VMXNET3_CMD_LOAD_PLUGIN);
	/* The next command ends, this one does not. */
	t->load.busy = 0;
	vmxnet3_test_set_mtu(t, 3000, 0);
	/* Nobody waited for the hypervisor. */
	KUNIT_EXPECT_EQ(test, refusals(t, VMXNET3_NPA_SUPERSEDED), 1);
	KUNIT_EXPECT_EQ(test, refusals(t, VMXNET3_NPA_LOAD_TIMEOUT), 0);

	/* The message stays valid. */
	vmxnet3_test_flush(t);
	KUNIT_EXPECT_TRUE(test, vmxnet3_test_on_vf(t));
	KUNIT_EXPECT_EQ(test, t->vf.ps->mtu, 3000);
	vmxnet3_test_expect_alive(t, 0);
}

static void vmxnet3_switch_test_mtu_on_vf(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	KUNIT_ASSERT_TRUE(test, vmxnet3_test_on_vf(t));
	vmxnet3_test_vf_rx(t, 0, VMXNET3_TEST_LEN, 0);
	vmxnet3_test_vf_rx(t, 0, VMXNET3_TEST_LEN, 1);
	vmxnet3_test_set_mtu(t, 3000, 0);
	vmxnet3_test_flush(t);
	KUNIT_EXPECT_TRUE(test, vmxnet3_test_on_vf(t));
	KUNIT_EXPECT_EQ(test, t->vf.ps->mtu, 3000);
	KUNIT_EXPECT_EQ(test, t->netdev->mtu, 3000);
	vmxnet3_test_expect_seqs(t, 0, 2);
	vmxnet3_test_expect_alive(t, 10);
	KUNIT_EXPECT_EQ(test, vmxnet3_test_count_pools(t), VMXNET3_TEST_QUEUES);
}

static void vmxnet3_switch_test_down_during_load(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	t->load.busy = VMXNET3_TEST_FOREVER;
	vmxnet3_test_begin_switch(t, TO_VF, OPERATOR);
	vmxnet3_test_wait_command(t, VMXNET3_CMD_LOAD_PLUGIN);
	vmxnet3_test_close(t);
	/* Nobody waited for the hypervisor. */
	KUNIT_EXPECT_EQ(test, refusals(t, VMXNET3_NPA_LOAD_TIMEOUT), 0);
	KUNIT_EXPECT_EQ(test, vmxnet3_test_log_count(t, VMXNET3_CMD_ACTIVATE_VF), 0);

	t->load.busy = 0;
	vmxnet3_test_open(t);
	vmxnet3_test_flush(t);
	KUNIT_EXPECT_TRUE(test, vmxnet3_test_on_vf(t));
	vmxnet3_test_expect_alive(t, 0);
}

static void vmxnet3_switch_test_down_during_drain(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	vmxnet3_test_send(t, 0, VMXNET3_TEST_LEN, 0);
	vmxnet3_test_begin_switch(t, TO_VF, OPERATOR);
	wait_for_stop(t, 0);
	vmxnet3_test_close(t);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->tx_freed), 1);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&t->shell->npa.tx_lost), 1);
	vmxnet3_test_open(t);
	vmxnet3_test_flush(t);
	vmxnet3_test_expect_alive(t, 0);
}

static void vmxnet3_switch_test_down_on_vf(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	KUNIT_ASSERT_TRUE(test, vmxnet3_test_on_vf(t));
	t->vf.tx_hold = true;
	vmxnet3_test_send(t, 0, VMXNET3_TEST_LEN, 0);
	vmxnet3_test_vf_rx(t, 1, VMXNET3_TEST_LEN, 0);
	t->log_len = 0;
	vmxnet3_test_close(t);
	KUNIT_EXPECT_EQ(test, vmxnet3_test_log_count(t, VMXNET3_CMD_NPA_QUIESCE_VF), 1);
	KUNIT_EXPECT_EQ(test, t->maps, t->unmaps);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->tx_freed), 1);

	/* A message while down waits for ifup. */
	vmxnet3_test_switch(t, TO_EMULATED, OPERATOR);
	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	KUNIT_EXPECT_EQ(test, vmxnet3_test_log_count(t, VMXNET3_CMD_LOAD_PLUGIN), 0);
	t->vf.tx_hold = false;
	vmxnet3_test_open(t);
	vmxnet3_test_flush(t);
	KUNIT_EXPECT_TRUE(test, vmxnet3_test_on_vf(t));
	vmxnet3_test_expect_alive(t, 0);
}

/* What was refused is tried once more after ifdown and ifup. */
static void vmxnet3_switch_test_refused_down(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	t->load.result = VMXNET3_CMD_RESULT_FAILED;
	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	KUNIT_EXPECT_FALSE(test, vmxnet3_test_on_vf(t));
	KUNIT_EXPECT_EQ(test, refusals(t, VMXNET3_NPA_LOAD_FAILED), 1);
	vmxnet3_test_close(t);
	t->load.result = VMXNET3_CMD_RESULT_OK;
	vmxnet3_test_open(t);
	vmxnet3_test_flush(t);
	KUNIT_EXPECT_TRUE(test, vmxnet3_test_on_vf(t));
	vmxnet3_test_expect_alive(t, 0);
}

static void vmxnet3_switch_test_reset_on_vf(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	KUNIT_ASSERT_TRUE(test, vmxnet3_test_on_vf(t));
	vmxnet3_request_reset(t->shell, VMXNET3_RESET_REQUESTED);
	vmxnet3_test_flush(t);
	KUNIT_EXPECT_EQ(test, t->shell->resets, 1);
	KUNIT_EXPECT_EQ(test, vmxnet3_test_log_count(t, VMXNET3_CMD_LOAD_PLUGIN), 2);
	KUNIT_EXPECT_TRUE(test, vmxnet3_test_on_vf(t));
	vmxnet3_test_expect_alive(t, 0);
}

/* Ways back that do not work at once */

static void vmxnet3_switch_test_back_no_memory(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	t->dev->coherent_dma_mask = DMA_BIT_MASK(12);
	vmxnet3_test_switch(t, TO_EMULATED, OPERATOR);
	t->dev->coherent_dma_mask = DMA_BIT_MASK(64);
	KUNIT_EXPECT_TRUE(test, vmxnet3_test_on_vf(t));
	vmxnet3_test_expect_alive(t, 0);
	vmxnet3_test_switch(t, TO_EMULATED, OPERATOR);
	KUNIT_EXPECT_FALSE(test, vmxnet3_test_on_vf(t));
	vmxnet3_test_expect_alive(t, 10);
}

static void vmxnet3_switch_test_back_refused(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	t->activate_dev = 1;
	vmxnet3_test_switch(t, TO_EMULATED, OPERATOR);
	KUNIT_EXPECT_TRUE(test, vmxnet3_test_on_vf(t));
	KUNIT_EXPECT_EQ(test, vmxnet3_test_count_pools(t), VMXNET3_TEST_QUEUES);
	vmxnet3_test_expect_alive(t, 0);
	vmxnet3_test_set_mtu(t, 2000, -EIO);
	KUNIT_EXPECT_EQ(test, t->netdev->mtu, ETH_DATA_LEN);
	vmxnet3_test_flush(t);
	KUNIT_EXPECT_TRUE(test, vmxnet3_test_on_vf(t));
	t->activate_dev = 0;
	vmxnet3_test_switch(t, TO_EMULATED, OPERATOR);
	KUNIT_EXPECT_FALSE(test, vmxnet3_test_on_vf(t));
	vmxnet3_test_expect_alive(t, 10);
}

/* No memory when the plugin has to go: that does not let it stay for good. */
static void vmxnet3_switch_test_forced_no_memory(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	KUNIT_ASSERT_TRUE(test, vmxnet3_test_on_vf(t));
	t->dev->coherent_dma_mask = DMA_BIT_MASK(12);
	t->netdev->netdev_ops->ndo_tx_timeout(t->netdev, 0);
	vmxnet3_test_flush(t);
	t->dev->coherent_dma_mask = DMA_BIT_MASK(64);
	KUNIT_EXPECT_TRUE(test, vmxnet3_test_on_vf(t));
	vmxnet3_switch_message(t->shell);
	vmxnet3_test_flush(t);
	KUNIT_EXPECT_FALSE(test, vmxnet3_test_on_vf(t));
	KUNIT_EXPECT_EQ(test, refusals(t, VMXNET3_NPA_TX_HANG), 1);
	vmxnet3_test_expect_alive(t, 0);
}

/* A VF that hangs is left, with what it has, and stays out of service. */
static void vmxnet3_switch_test_tx_hang(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	vmxnet3_test_switch(t, TO_VF, MIGRATION);
	KUNIT_ASSERT_TRUE(test, vmxnet3_test_on_vf(t));
	t->vf.tx_hold = true;
	vmxnet3_test_send(t, 1, VMXNET3_TEST_LEN, 0);
	t->netdev->netdev_ops->ndo_tx_timeout(t->netdev, 1);
	vmxnet3_test_flush(t);
	KUNIT_EXPECT_FALSE(test, vmxnet3_test_on_vf(t));
	KUNIT_EXPECT_EQ(test, FIELD_GET(VMXNET3_NPA_REPORT_REASON, t->report),
			VMXNET3_NPA_TX_HANG);
	KUNIT_EXPECT_EQ(test, refusals(t, VMXNET3_NPA_TX_HANG), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->tx_freed), 1);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&t->shell->npa.tx_lost), 1);
	vmxnet3_test_expect_alive(t, 0);
	t->vf.tx_hold = false;

	vmxnet3_test_switch(t, TO_VF, MIGRATION);
	KUNIT_EXPECT_FALSE(test, vmxnet3_test_on_vf(t));
	KUNIT_EXPECT_EQ(test, refusals(t, VMXNET3_NPA_BLOCKED), 1);
	/* Another image is not this one's fault. */
	t->image[t->image_len - 1] ^= 1;
	vmxnet3_test_image_hash(t->image);
	vmxnet3_test_switch(t, TO_VF, MIGRATION);
	KUNIT_EXPECT_TRUE(test, vmxnet3_test_on_vf(t));
	vmxnet3_test_expect_alive(t, 10);
}

/* A second later. */
static void look(struct vmxnet3_test *t)
{
	mod_delayed_work(t->shell->wq, &t->shell->npa.alive_work, 0);
	vmxnet3_test_flush(t);
}

/* A VF that is at work is not asked, a silent one is. */
static void vmxnet3_switch_test_alive(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	u32 i;

	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	KUNIT_EXPECT_TRUE(test,
			  delayed_work_pending(&t->shell->npa.alive_work));
	vmxnet3_test_expect_alive(t, 0);
	for (i = 0; i < 3; i++) {
		vmxnet3_test_vf_rx(t, 1, VMXNET3_TEST_LEN, i);
		vmxnet3_test_poll(t, 1);
		look(t);
		vmxnet3_test_send(t, 0, VMXNET3_TEST_LEN, i);
		vmxnet3_test_poll(t, 0);
		look(t);
	}
	KUNIT_EXPECT_EQ(test, t->vf.asked, 0);
	look(t);
	look(t);
	KUNIT_EXPECT_EQ(test, t->vf.asked, 2);
	KUNIT_EXPECT_TRUE(test, vmxnet3_test_on_vf(t));
	KUNIT_EXPECT_EQ(test, all_refusals(t), 0);

	/* On the emulated path there is nothing to look after. */
	vmxnet3_test_switch(t, TO_EMULATED, OPERATOR);
	look(t);
	KUNIT_EXPECT_EQ(test, t->vf.asked, 2);
	KUNIT_EXPECT_FALSE(test,
			   delayed_work_pending(&t->shell->npa.alive_work));
	skb_queue_purge(&t->rx);
}

/* It is gone, and nobody has said so: back, with what it held counted. */
static void vmxnet3_switch_test_gone(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	vmxnet3_test_switch(t, TO_VF, MIGRATION);
	KUNIT_ASSERT_TRUE(test, vmxnet3_test_on_vf(t));
	look(t);
	t->vf.tx_hold = true;
	vmxnet3_test_send(t, 0, VMXNET3_TEST_LEN, 0);
	vmxnet3_test_send(t, 1, VMXNET3_TEST_LEN, 1);
	vmxnet3_test_send(t, 1, VMXNET3_TEST_LEN, 2);
	t->vf.gone = 1;
	look(t);
	KUNIT_EXPECT_FALSE(test, vmxnet3_test_on_vf(t));
	vmxnet3_test_expect_seqs(t, 0, 0);
	KUNIT_EXPECT_EQ(test, refusals(t, VMXNET3_NPA_VF_LOST), 1);
	KUNIT_EXPECT_EQ(test, FIELD_GET(VMXNET3_NPA_REPORT_REASON, t->report),
			VMXNET3_NPA_VF_LOST);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&t->shell->npa.tx_lost), 3);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->tx_freed), 3);
	t->vf.tx_hold = false;
	vmxnet3_test_expect_alive(t, 0);

	/* The plugin is not to blame: it may come again. */
	t->vf.gone = 0;
	vmxnet3_test_switch(t, TO_VF, MIGRATION);
	KUNIT_EXPECT_TRUE(test, vmxnet3_test_on_vf(t));
	vmxnet3_test_expect_alive(t, 0);
}

static void no_check_alive(struct npa_plugin_api *api)
{
	api->minor = 0;
	api->check_alive = NULL;
}

/* A plugin from before there was such a function. */
static void vmxnet3_switch_test_alive_old(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	t->vf.edit_api = no_check_alive;
	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	t->vf.gone = 1;
	look(t);
	look(t);
	KUNIT_EXPECT_TRUE(test, vmxnet3_test_on_vf(t));
	KUNIT_EXPECT_EQ(test, t->vf.asked, 0);
	vmxnet3_test_expect_alive(t, 0);
}

/* No memory to leave: it is tried again, whoever wants it and by itself. */
static void vmxnet3_switch_test_leave_again(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	u32 i;

	for (i = 0; i < 2; i++) {
		vmxnet3_test_switch(t, TO_VF, OPERATOR);
		KUNIT_ASSERT_TRUE(test, vmxnet3_test_on_vf(t));
		t->dev->coherent_dma_mask = DMA_BIT_MASK(12);
		if (i)
			vmxnet3_test_switch(t, TO_EMULATED, OPERATOR);
		else
			t->netdev->netdev_ops->ndo_tx_timeout(t->netdev, 0);
		vmxnet3_test_flush(t);
		look(t);
		KUNIT_EXPECT_TRUE(test, vmxnet3_test_on_vf(t));
		KUNIT_EXPECT_TRUE(test,
				  delayed_work_pending(&t->shell->npa.alive_work));
		t->dev->coherent_dma_mask = DMA_BIT_MASK(64);
		look(t);
		KUNIT_EXPECT_FALSE(test, vmxnet3_test_on_vf(t));
		vmxnet3_test_expect_alive(t, 0);
	}
}

static u32 rests_to_fill;

static void count_rests(struct vmxnet3_test *t, u32 cmd)
{
	if (cmd == VMXNET3_CMD_ACTIVATE_DEV)
		rests_to_fill = t->rests;
}

/* Who fills and empties rings lets others run, if there is time for it. */
static void vmxnet3_switch_test_rests(struct kunit *test)
{
	const u32 entries = VMXNET3_TEST_QUEUES * VMXNET3_RX_RING_SIZE;
	struct vmxnet3_test *t = test->priv;

	/* Nothing flows before the device is up. */
	KUNIT_EXPECT_EQ(test, t->rests, 0);
	t->on_cmd = count_rests;
	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	KUNIT_ASSERT_TRUE(test, vmxnet3_test_on_vf(t));
	KUNIT_EXPECT_GE(test, t->rests, entries / 32);
	t->rests = 0;
	vmxnet3_test_switch(t, TO_EMULATED, OPERATOR);
	KUNIT_EXPECT_GE(test, rests_to_fill, entries / 128);
	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	KUNIT_ASSERT_TRUE(test, vmxnet3_test_on_vf(t));
	t->rests = 0;
	vmxnet3_test_switch(t, TO_EMULATED, VMXNET3_NPA_MSG_REASON_VF_LOST);
	KUNIT_EXPECT_FALSE(test, vmxnet3_test_on_vf(t));
	KUNIT_EXPECT_EQ(test, rests_to_fill, 0);
}

static struct kunit_case vmxnet3_switch_cases[] = {
	KUNIT_CASE(vmxnet3_switch_test_alive),
	KUNIT_CASE(vmxnet3_switch_test_gone),
	KUNIT_CASE(vmxnet3_switch_test_alive_old),
	KUNIT_CASE(vmxnet3_switch_test_leave_again),
	KUNIT_CASE(vmxnet3_switch_test_both_ways),
	KUNIT_CASE(vmxnet3_switch_test_many),
	KUNIT_CASE(vmxnet3_switch_test_slow),
	KUNIT_CASE(vmxnet3_switch_test_not_supported),
	KUNIT_CASE(vmxnet3_switch_test_order_to_vf),
	KUNIT_CASE(vmxnet3_switch_test_late),
	KUNIT_CASE(vmxnet3_switch_test_order_back),
	KUNIT_CASE(vmxnet3_switch_test_tx_drain),
	KUNIT_CASE(vmxnet3_switch_test_tx_drain_back),
	KUNIT_CASE(vmxnet3_switch_test_tx_stuck_back),
	KUNIT_CASE(vmxnet3_switch_test_taken_while_leaving),
	KUNIT_CASE_PARAM(vmxnet3_switch_test_failure, failure_gen_params),
	KUNIT_CASE(vmxnet3_switch_test_window_fits),
	KUNIT_CASE(vmxnet3_switch_test_tx_stuck),
	KUNIT_CASE(vmxnet3_switch_test_quiesce_failed),
	KUNIT_CASE(vmxnet3_switch_test_quiesce_timeout),
	KUNIT_CASE(vmxnet3_switch_test_detach_at_load),
	KUNIT_CASE(vmxnet3_switch_test_detach_at_activate),
	KUNIT_CASE(vmxnet3_switch_test_two_messages),
	KUNIT_CASE(vmxnet3_switch_test_no_message),
	KUNIT_CASE(vmxnet3_switch_test_mtu_during_load),
	KUNIT_CASE(vmxnet3_switch_test_mtu_on_vf),
	KUNIT_CASE(vmxnet3_switch_test_down_during_load),
	KUNIT_CASE(vmxnet3_switch_test_down_during_drain),
	KUNIT_CASE(vmxnet3_switch_test_down_on_vf),
	KUNIT_CASE(vmxnet3_switch_test_refused_down),
	KUNIT_CASE(vmxnet3_switch_test_reset_on_vf),
	KUNIT_CASE(vmxnet3_switch_test_back_no_memory),
	KUNIT_CASE(vmxnet3_switch_test_back_refused),
	KUNIT_CASE(vmxnet3_switch_test_forced_no_memory),
	KUNIT_CASE(vmxnet3_switch_test_tx_hang),
	KUNIT_CASE(vmxnet3_switch_test_rests),
	{}
};

static struct kunit_suite vmxnet3_switch_suite = {
	.name = "vmxnet3-switch",
	.init = switch_init,
	.exit = vmxnet3_test_exit,
	.test_cases = vmxnet3_switch_cases,
};

/* The emulated path harvests without interrupts. */
static struct kunit_case vmxnet3_switch_lazy_cases[] = {
	KUNIT_CASE(vmxnet3_switch_test_both_ways),
	KUNIT_CASE(vmxnet3_switch_test_many),
	KUNIT_CASE(vmxnet3_switch_test_tx_drain),
	KUNIT_CASE(vmxnet3_switch_test_tx_drain_back),
	KUNIT_CASE(vmxnet3_switch_test_tx_stuck),
	KUNIT_CASE(vmxnet3_switch_test_down_during_drain),
	KUNIT_CASE(vmxnet3_switch_test_mtu_on_vf),
	KUNIT_CASE(vmxnet3_switch_test_tx_hang),
	{}
};

static struct kunit_suite vmxnet3_switch_lazy_suite = {
	.name = "vmxnet3-switch-lazy",
	.init = switch_lazy_init,
	.exit = vmxnet3_test_exit,
	.test_cases = vmxnet3_switch_lazy_cases,
};

kunit_test_suites(&vmxnet3_switch_suite, &vmxnet3_switch_lazy_suite);
