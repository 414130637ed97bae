// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of what happens in a device's life besides traffic: resets that work,
 * fail and come too often, sleep, a device that vanishes.
 */
#include <linux/bitfield.h>
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/ethtool.h>
#include <linux/if_arp.h>
#include <linux/rtnetlink.h>

#include "vmxnet3_pm.h"
#include "vmxnet3_test.h"

#define TO_VF		VMXNET3_NPA_MSG_PATH_VF
#define TO_EMULATED	VMXNET3_NPA_MSG_PATH_EMULATED
#define OPERATOR	VMXNET3_NPA_MSG_REASON_OPERATOR

static int life_init(struct kunit *test)
{
	int err = vmxnet3_test_init(test);

	if (!err)
		vmxnet3_test_open(test->priv);
	return err;
}

static void request(struct vmxnet3_test *t)
{
	vmxnet3_request_reset(t->shell, VMXNET3_RESET_REQUESTED);
	vmxnet3_test_flush(t);
}

/* Time has come for the next attempt. */
static void next_attempt(struct vmxnet3_test *t)
{
	KUNIT_EXPECT_TRUE(t->test, delayed_work_pending(&t->shell->reset.work));
	flush_delayed_work(&t->shell->reset.work);
	vmxnet3_test_flush(t);
	flush_work(&t->shell->link_work);
}

/* Who turns threaded polling off would wait for what is there, but disabled. */
static void expect_napis(struct vmxnet3_test *t, size_t count)
{
	netdev_lock(t->netdev);
	KUNIT_EXPECT_EQ(t->test, list_count_nodes(&t->netdev->napi_list),
			count);
	netdev_unlock(t->netdev);
}

static void expect_dead(struct vmxnet3_test *t)
{
	expect_napis(t, 0);
	KUNIT_EXPECT_FALSE(t->test, netif_carrier_ok(t->netdev));
	KUNIT_EXPECT_FALSE(t->test, t->running);
	KUNIT_EXPECT_TRUE(t->test, netif_running(t->netdev));
	KUNIT_EXPECT_NE(t->test, t->shell->reset.failures, 0);
}

static void expect_works(struct vmxnet3_test *t, u32 seq)
{
	flush_work(&t->shell->link_work);
	KUNIT_EXPECT_TRUE(t->test, netif_carrier_ok(t->netdev));
	KUNIT_EXPECT_EQ(t->test, t->shell->reset.failures, 0);
	expect_napis(t, t->shell->cfg.num_queues);
	vmxnet3_test_expect_alive(t, seq);
}

/* Resets */

static void vmxnet3_life_test_delay(struct kunit *test)
{
	unsigned long last = 0;
	u32 level;

	KUNIT_EXPECT_EQ(test, vmxnet3_reset_delay(0, 0), 0);
	for (level = 1; level < 100; level++) {
		unsigned long delay = vmxnet3_reset_delay(level, 0);

		KUNIT_EXPECT_GT(test, delay, 0);
		KUNIT_EXPECT_GE(test, delay, last);
		KUNIT_EXPECT_LE(test, delay, 30 * HZ);
		KUNIT_EXPECT_EQ(test, vmxnet3_reset_delay(level, delay - 1), 1);
		KUNIT_EXPECT_EQ(test, vmxnet3_reset_delay(level, delay), 0);
		last = delay;
	}
	KUNIT_EXPECT_EQ(test, last, 30 * HZ);
}

/* A reset that waits for rtnl while its holder takes the interface down. */
static void vmxnet3_life_test_reset_close(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	u32 i, n;

	for (i = 0; i < 3; i++) {
		rtnl_lock();
		vmxnet3_request_reset(t->shell, VMXNET3_RESET_TX_TIMEOUT);
		/* The work has begun, and waits. */
		for (n = 0; n < 1000 && READ_ONCE(t->shell->reset.causes); n++)
			usleep_range(500, 1000);
		KUNIT_EXPECT_EQ(test, t->shell->reset.causes, 0);
		dev_close(t->netdev);
		rtnl_unlock();
		t->open = false;
		vmxnet3_test_flush(t);
		KUNIT_EXPECT_NULL(test, t->shell->path);
		KUNIT_EXPECT_FALSE(test, t->running);
		vmxnet3_test_open(t);
		expect_works(t, i);
	}
	KUNIT_EXPECT_EQ(test, t->shell->resets, 0);
}

/* The device does not start again, until it does. */
static void vmxnet3_life_test_no_start(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	u32 i;

	t->activate_dev = 1;
	request(t);
	for (i = 1; i < 5; i++) {
		expect_dead(t);
		KUNIT_EXPECT_EQ(test, t->shell->reset.failures, i);
		next_attempt(t);
	}
	t->activate_dev = 0;
	next_attempt(t);
	expect_works(t, 0);
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&t->shell->reset.work));
}

/* Down and up again, or another MTU, while it does not start. */
static void vmxnet3_life_test_dead(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	t->activate_dev = 1;
	request(t);
	expect_dead(t);
	vmxnet3_test_set_mtu(t, 4000, 0);
	expect_dead(t);
	t->activate_dev = 0;
	next_attempt(t);
	KUNIT_EXPECT_EQ(test, t->shell->path->ps->mtu, 4000);
	expect_works(t, 0);

	t->activate_dev = 1;
	vmxnet3_request_reset(t->shell, VMXNET3_RESET_REQUESTED);
	next_attempt(t);
	expect_dead(t);
	vmxnet3_test_close(t);
	t->activate_dev = 0;
	vmxnet3_test_open(t);
	expect_works(t, 10);
}

/* It takes neither new rings nor the old ones. */
static void vmxnet3_life_test_dead_rings(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	t->activate_dev = 1;
	vmxnet3_test_set_mtu(t, 4000, -EIO);
	vmxnet3_test_flush(t);
	expect_dead(t);
	t->activate_dev = 0;
	next_attempt(t);
	KUNIT_EXPECT_EQ(test, t->shell->path->ps->mtu, ETH_DATA_LEN);
	expect_works(t, 0);
}

/* No memory for new rings: the old ones go on, and it is tried again. */
static void vmxnet3_life_test_no_memory(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	struct vmxnet3_path *path = t->shell->path;

	t->dev->coherent_dma_mask = DMA_BIT_MASK(12);
	request(t);
	t->dev->coherent_dma_mask = DMA_BIT_MASK(64);
	KUNIT_EXPECT_PTR_EQ(test, t->shell->path, path);
	KUNIT_EXPECT_EQ(test, t->shell->resets, 0);
	KUNIT_EXPECT_TRUE(test, netif_carrier_ok(t->netdev));
	vmxnet3_test_expect_alive(t, 0);
	next_attempt(t);
	KUNIT_EXPECT_EQ(test, t->shell->resets, 1);
	expect_works(t, 10);
}

/* A device that complains all the time is not reset all the time. */
static void vmxnet3_life_test_storm(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	u32 level, i;

	request(t);
	KUNIT_EXPECT_EQ(test, t->shell->resets, 1);
	for (i = 2; i < 12; i++) {
		level = t->shell->reset.level;
		vmxnet3_request_reset(t->shell, VMXNET3_RESET_RX_ERROR);
		vmxnet3_request_reset(t->shell, VMXNET3_RESET_TX_ERROR);
		next_attempt(t);
		KUNIT_EXPECT_EQ(test, t->shell->resets, i);
		KUNIT_EXPECT_GE(test, t->shell->reset.level, level);
	}
	KUNIT_EXPECT_GT(test, vmxnet3_reset_delay(t->shell->reset.level, 0),
			10 * HZ);
	/* Quiet for a while: the next one is made at once. */
	t->shell->reset.last = jiffies - 61 * HZ;
	request(t);
	KUNIT_EXPECT_EQ(test, t->shell->resets, 12);
	KUNIT_EXPECT_EQ(test, t->shell->reset.level, 1);
	expect_works(t, 0);
}

/* As an interrupt: no work begins before all that it says is known. */
static void event(struct vmxnet3_test *t, u32 ecr)
{
	unsigned long flags;

	t->shell->shared->ecr = cpu_to_le32(ecr);
	local_irq_save(flags);
	vmxnet3_event_interrupt(0, t->shell);
	local_irq_restore(flags);
	t->shell->shared->ecr = 0;
}

static void vmxnet3_life_test_queue_errors(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	const atomic_long_t *counts = t->shell->reset.counts;

	event(t, VMXNET3_ECR_RQERR | VMXNET3_ECR_TQERR);
	vmxnet3_test_flush(t);
	KUNIT_EXPECT_EQ(test, t->shell->resets, 1);
	KUNIT_EXPECT_EQ(test, 1,
			atomic_long_read(&counts[VMXNET3_RESET_RX_ERROR]));
	KUNIT_EXPECT_EQ(test, 1,
			atomic_long_read(&counts[VMXNET3_RESET_TX_ERROR]));
	expect_works(t, 0);
}

/* All-ones: nothing waits for it, and it is welcome if it comes back. */
static void vanish(struct vmxnet3_test *t)
{
	u32 i;

	t->gone = true;
	t->running = false;
	vmxnet3_test_send(t, 0, 100, 0);
	request(t);
	KUNIT_EXPECT_FALSE(t->test, netif_carrier_ok(t->netdev));
	for (i = 0; i < 3; i++)
		next_attempt(t);
	expect_dead(t);
	t->vf.active = false;
	t->gone = false;
	next_attempt(t);
}

static void vmxnet3_life_test_gone(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	vanish(t);
	expect_works(t, 0);
	t->gone = true;
	t->running = false;
	vmxnet3_test_close(t);
	t->gone = false;
	vmxnet3_test_open(t);
	expect_works(t, 10);
}

static void vmxnet3_life_test_gone_vf(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	KUNIT_ASSERT_TRUE(test, vmxnet3_test_on_vf(t));
	vanish(t);
	KUNIT_EXPECT_TRUE(test, vmxnet3_test_on_vf(t));
	expect_works(t, 0);

	/* The VF hangs, and there is no way back: that is found out, too. */
	t->gone = true;
	t->running = false;
	t->netdev->netdev_ops->ndo_tx_timeout(t->netdev, 0);
	vmxnet3_test_flush(t);
	next_attempt(t);
	expect_dead(t);
	t->vf.active = false;
	t->gone = false;
	next_attempt(t);
	expect_works(t, 10);
}

/* Sleep */

static void vmxnet3_life_test_sleep(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	struct vmxnet3_path *path;
	struct vmxnet3_rss_conf rss;

	vmxnet3_test_set_mtu(t, 3000, 0);
	set_bit(5, t->shell->active_vlans);
	t->shell->rss->key[0] ^= 0xff;
	rss = *t->shell->rss;
	path = t->shell->path;
	vmxnet3_test_send(t, 0, 100, 0);

	KUNIT_ASSERT_EQ(test, 0,
			vmxnet3_quiesce(t->shell, VMXNET3_QUIESCE_SLEEP));
	KUNIT_EXPECT_FALSE(test, t->running);
	KUNIT_EXPECT_FALSE(test, netif_device_present(t->netdev));
	expect_napis(t, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->tx_freed), 1);
	/* Twice is as good as once, and nothing else touches it. */
	KUNIT_EXPECT_EQ(test, 0,
			vmxnet3_quiesce(t->shell, VMXNET3_QUIESCE_FORCE));
	request(t);
	KUNIT_EXPECT_EQ(test, t->shell->resets, 0);
	/* The device forgets everything. */
	memset(t->mac, 0, sizeof(t->mac));
	t->dsa = 0;

	/* No memory is needed to go on. */
	t->dev->coherent_dma_mask = DMA_BIT_MASK(12);
	vmxnet3_resume(t->shell);
	t->dev->coherent_dma_mask = DMA_BIT_MASK(64);
	KUNIT_EXPECT_TRUE(test, netif_device_present(t->netdev));
	KUNIT_EXPECT_PTR_EQ(test, t->shell->path, path);
	KUNIT_EXPECT_EQ(test, t->shell->path->ps->mtu, 3000);
	KUNIT_EXPECT_MEMEQ(test, t->shell->rss, &rss, sizeof(rss));
	KUNIT_EXPECT_EQ(test, t->mac[0],
			get_unaligned_le32(t->netdev->dev_addr));
	KUNIT_EXPECT_EQ(test, BIT(5) | BIT(0),
			le32_to_cpu(t->shell->shared->dev_read.rx_filter.vlan_table[0]));
	expect_works(t, 0);
	clear_bit(5, t->shell->active_vlans);
	vmxnet3_resume(t->shell);
	expect_works(t, 10);
}

/* The VF is left before, and used again after. */
static void vmxnet3_life_test_sleep_vf(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	KUNIT_ASSERT_TRUE(test, vmxnet3_test_on_vf(t));
	vmxnet3_test_send(t, 0, VMXNET3_TEST_LEN, 7);
	t->log_len = 0;
	KUNIT_ASSERT_EQ(test, 0,
			vmxnet3_quiesce(t->shell, VMXNET3_QUIESCE_SLEEP));
	vmxnet3_test_flush(t);
	KUNIT_EXPECT_FALSE(test, t->running);
	KUNIT_EXPECT_FALSE(test, t->vf.active);
	KUNIT_EXPECT_NULL(test, t->shell->vf);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&t->shell->npa.tx_lost), 0);
	KUNIT_EXPECT_EQ(test, 0,
			vmxnet3_test_log_count(t, VMXNET3_CMD_LOAD_PLUGIN));
	/* Nothing of the plugin outlasts hibernation. */
	memset(t->region.va, 0xcc, NPA_IMAGE_MAX_LEN);

	vmxnet3_resume(t->shell);
	vmxnet3_test_flush(t);
	KUNIT_EXPECT_EQ(test, 1,
			vmxnet3_test_log_count(t, VMXNET3_CMD_LOAD_PLUGIN));
	KUNIT_EXPECT_TRUE(test, vmxnet3_test_on_vf(t));
	expect_works(t, 0);
}

/* No memory to leave the VF: no sleep, but nothing is lost either. */
static void vmxnet3_life_test_sleep_no_memory(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	t->dev->coherent_dma_mask = DMA_BIT_MASK(12);
	KUNIT_EXPECT_EQ(test, -ENOMEM,
			vmxnet3_quiesce(t->shell, VMXNET3_QUIESCE_SLEEP));
	KUNIT_EXPECT_TRUE(test, netif_device_present(t->netdev));
	KUNIT_EXPECT_TRUE(test, vmxnet3_test_on_vf(t));
	/* Neither can frames be mapped with this mask. */
	t->dev->coherent_dma_mask = DMA_BIT_MASK(64);
	vmxnet3_test_expect_alive(t, 0);
	t->dev->coherent_dma_mask = DMA_BIT_MASK(12);

	/* In trouble that is no excuse. */
	KUNIT_EXPECT_EQ(test, 0,
			vmxnet3_quiesce(t->shell, VMXNET3_QUIESCE_FORCE));
	KUNIT_EXPECT_FALSE(test, t->vf.active);
	vmxnet3_resume(t->shell);
	vmxnet3_test_flush(t);
	expect_dead(t);
	t->dev->coherent_dma_mask = DMA_BIT_MASK(64);
	next_attempt(t);
	KUNIT_EXPECT_TRUE(test, vmxnet3_test_on_vf(t));
	expect_works(t, 10);
}

/* The device is not there, or does not start, when the machine wakes up. */
static void vmxnet3_life_test_sleep_no_start(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	KUNIT_ASSERT_EQ(test, 0,
			vmxnet3_quiesce(t->shell, VMXNET3_QUIESCE_SLEEP));
	t->gone = true;
	vmxnet3_resume(t->shell);
	KUNIT_EXPECT_FALSE(test, netif_carrier_ok(t->netdev));
	t->gone = false;
	t->activate_dev = 1;
	vmxnet3_test_flush(t);
	next_attempt(t);
	expect_dead(t);
	t->activate_dev = 0;
	next_attempt(t);
	expect_works(t, 0);
}

/* Down while asleep, and down before. */
static void vmxnet3_life_test_sleep_down(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	vmxnet3_quiesce(t->shell, VMXNET3_QUIESCE_SLEEP);
	vmxnet3_test_close(t);
	vmxnet3_resume(t->shell);
	KUNIT_EXPECT_NULL(test, t->shell->path);
	vmxnet3_quiesce(t->shell, VMXNET3_QUIESCE_SLEEP);
	vmxnet3_resume(t->shell);
	KUNIT_EXPECT_FALSE(test, t->running);
	vmxnet3_test_open(t);
	expect_works(t, 0);
}

/* With wake on LAN the device goes on receiving, but is silent. */
static void vmxnet3_life_test_wake(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	u32 i;

	t->shell->wol = WAKE_MAGIC | WAKE_UCAST;
	KUNIT_ASSERT_EQ(test, 0,
			vmxnet3_quiesce(t->shell, VMXNET3_QUIESCE_WAKE));
	KUNIT_EXPECT_TRUE(test, t->running);
	KUNIT_EXPECT_EQ(test, le16_to_cpu(t->pm.wake_events),
			VMXNET3_PM_WAKE_MAGIC | VMXNET3_PM_WAKE_FILTER);
	KUNIT_EXPECT_EQ(test, t->pm.num_filters, 1);
	KUNIT_EXPECT_MEMEQ(test, t->pm.filters[0].pattern, t->netdev->dev_addr,
			   ETH_ALEN);
	for (i = 0; i < t->shell->num_intrs; i++)
		KUNIT_EXPECT_EQ(test, 1,
				vmxnet3_test_reg(t, VMXNET3_PT_IMR, i));
	vmxnet3_test_dev_receive(t, 0, 100, 0);
	vmxnet3_resume(t->shell);
	KUNIT_EXPECT_TRUE(test, skb_queue_empty(&t->rx));
	expect_works(t, 0);
}

/* Which bytes of a frame are looked at. */
static void vmxnet3_life_test_filters(struct kunit *test)
{
	static const u8 mac[ETH_ALEN] = { 2, 3, 5, 7, 11, 13 };
	static const u8 arp_mask[6] = { 0, 0x30, 0x30, 0, 0xc0, 0x03 };
	__be32 addrs[8];
	struct vmxnet3_pm_conf *conf;
	struct vmxnet3_pm_filter *f;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(addrs); i++)
		addrs[i] = htonl(0xc0000201 + i);
	conf = kunit_kzalloc(test, sizeof(*conf), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, conf);

	vmxnet3_pm_fill(conf, 0, mac, addrs, 8);
	KUNIT_EXPECT_EQ(test, conf->wake_events, 0);
	KUNIT_EXPECT_EQ(test, conf->num_filters, 0);
	vmxnet3_pm_fill(conf, WAKE_MAGIC, mac, addrs, 8);
	KUNIT_EXPECT_EQ(test, le16_to_cpu(conf->wake_events), 1);
	KUNIT_EXPECT_EQ(test, conf->num_filters, 0);
	vmxnet3_pm_fill(conf, WAKE_ARP, mac, addrs, 0);
	KUNIT_EXPECT_EQ(test, conf->wake_events, 0);

	vmxnet3_pm_fill(conf, WAKE_UCAST | WAKE_ARP, mac, addrs, 8);
	KUNIT_EXPECT_EQ(test, le16_to_cpu(conf->wake_events), 2);
	KUNIT_EXPECT_EQ(test, conf->num_filters, VMXNET3_PM_MAX_FILTERS);
	f = &conf->filters[0];
	KUNIT_EXPECT_EQ(test, f->pattern_len, 6);
	KUNIT_EXPECT_EQ(test, f->mask_len, 1);
	KUNIT_EXPECT_EQ(test, f->mask[0], 0x3f);
	KUNIT_EXPECT_MEMEQ(test, f->pattern, mac, ETH_ALEN);
	for (i = 1; i < VMXNET3_PM_MAX_FILTERS; i++) {
		f = &conf->filters[i];
		/* An ARP request for the address, 42 bytes of it. */
		KUNIT_EXPECT_EQ(test, f->pattern_len, 42);
		KUNIT_EXPECT_EQ(test, f->mask_len, 6);
		KUNIT_EXPECT_MEMEQ(test, f->mask, arp_mask, sizeof(arp_mask));
		KUNIT_EXPECT_EQ(test, get_unaligned_be16(f->pattern + 12),
				ETH_P_ARP);
		KUNIT_EXPECT_EQ(test, get_unaligned_be16(f->pattern + 20),
				ARPOP_REQUEST);
		KUNIT_EXPECT_EQ(test, get_unaligned_be32(f->pattern + 38),
				0xc0000201 + i - 1);
	}
}

/* What the device gets to know of the driver's memory: no private structure. */
static void vmxnet3_life_test_private(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	struct vmxnet3_misc_conf *misc = &t->shell->shared->dev_read.misc;
	phys_addr_t shell = virt_to_phys(t->shell);
	u32 i;

	KUNIT_EXPECT_EQ(test, misc->driver_data_pa, 0);
	KUNIT_EXPECT_EQ(test, misc->driver_data_len, 0);
	KUNIT_EXPECT_FALSE(test, t->dsa >= shell &&
			   t->dsa < shell + sizeof(*t->shell));
	for (i = 0; i < t->num_queues; i++) {
		KUNIT_EXPECT_EQ(test, t->shell->path->tqd[i].conf.driver_data_pa,
				0);
		KUNIT_EXPECT_EQ(test, t->shell->path->rqd[i].conf.driver_data_pa,
				0);
	}
}

static struct kunit_case vmxnet3_life_cases[] = {
	KUNIT_CASE(vmxnet3_life_test_delay),
	KUNIT_CASE(vmxnet3_life_test_reset_close),
	KUNIT_CASE(vmxnet3_life_test_no_start),
	KUNIT_CASE(vmxnet3_life_test_dead),
	KUNIT_CASE(vmxnet3_life_test_dead_rings),
	KUNIT_CASE(vmxnet3_life_test_no_memory),
	KUNIT_CASE(vmxnet3_life_test_storm),
	KUNIT_CASE(vmxnet3_life_test_queue_errors),
	KUNIT_CASE(vmxnet3_life_test_gone),
	KUNIT_CASE(vmxnet3_life_test_gone_vf),
	KUNIT_CASE(vmxnet3_life_test_sleep),
	KUNIT_CASE(vmxnet3_life_test_sleep_vf),
	KUNIT_CASE(vmxnet3_life_test_sleep_no_memory),
	KUNIT_CASE(vmxnet3_life_test_sleep_no_start),
	KUNIT_CASE(vmxnet3_life_test_sleep_down),
	KUNIT_CASE(vmxnet3_life_test_wake),
	KUNIT_CASE(vmxnet3_life_test_filters),
	KUNIT_CASE(vmxnet3_life_test_private),
	{}
};

static struct kunit_suite vmxnet3_life_suite = {
	.name = "vmxnet3-life",
	.init = life_init,
	.exit = vmxnet3_test_exit,
	.test_cases = vmxnet3_life_cases,
};

kunit_test_suite(vmxnet3_life_suite);
