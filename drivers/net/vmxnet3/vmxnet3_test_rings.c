// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of what ethtool -G sets besides the number of entries: the length of
 * receive buffers and of the TX data ring's entries.
 */
#include <kunit/static_stub.h>
#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <linux/netlink.h>
#include <linux/skbuff.h>

#include "vmxnet3_switch.h"
#include "vmxnet3_test.h"

#define TO_VF		VMXNET3_NPA_MSG_PATH_VF
#define TO_EMULATED	VMXNET3_NPA_MSG_PATH_EMULATED
#define OPERATOR	VMXNET3_NPA_MSG_REASON_OPERATOR

#define SMALL		VMXNET3_SMALL_TRUESIZE
#define WIDE		VMXNET3_WIDE_TRUESIZE
#define WIDE_LEN	VMXNET3_SMALL_ROOM(WIDE)
#define DATA_SIZE	256
#define MTU		3000

/* The device of revision 9, up; its data rings have entries of DATA_SIZE. */
static int rings_init(struct kunit *test)
{
	int err = vmxnet3_test_init(test);
	struct vmxnet3_test *t = test->priv;

	if (err)
		return err;
	t->rev.data_size = DATA_SIZE << 16 | DATA_SIZE;
	vmxnet3_test_revision(t, 9);
	vmxnet3_test_open(t);
	return 0;
}

static struct kernel_ethtool_ringparam get(struct vmxnet3_test *t)
{
	struct kernel_ethtool_ringparam kernel_ring;
	struct ethtool_ringparam ring;

	vmxnet3_test_get_rings(t, &ring, &kernel_ring);
	return kernel_ring;
}

static int set(struct vmxnet3_test *t, u32 rx_buf, u32 tx_push)
{
	struct kernel_ethtool_ringparam kernel_ring;
	struct ethtool_ringparam ring;
	int err;

	vmxnet3_test_get_rings(t, &ring, &kernel_ring);
	kernel_ring.rx_buf_len = rx_buf;
	kernel_ring.tx_push_buf_len = tx_push;
	err = vmxnet3_test_set_rings(t, &ring, &kernel_ring);
	vmxnet3_test_flush(t);
	return err;
}

static int set_rx(struct vmxnet3_test *t, u32 rx_buf)
{
	return set(t, rx_buf, get(t).tx_push_buf_len);
}

static bool receive(struct vmxnet3_test *t, u32 queue, u32 len, u32 seq)
{
	if (t->shell->path == t->shell->vf)
		return vmxnet3_test_vf_rx(t, queue, len, seq);
	return vmxnet3_test_dev_receive(t, queue, len, seq);
}

/* A frame arrives whole, and its buffer is accounted as what it is. */
static void expect_frame(struct vmxnet3_test *t, u32 queue, u32 len, u32 size)
{
	struct sk_buff *skb;

	KUNIT_EXPECT_TRUE(t->test, receive(t, queue, len, len));
	vmxnet3_test_poll(t, queue);
	skb = skb_peek(&t->rx);
	KUNIT_ASSERT_NOT_NULL(t->test, skb);
	/* The tests get a copy, in one piece and with the room that it had. */
	if (len <= VMXNET3_SMALL_ROOM(size))
		KUNIT_EXPECT_EQ(t->test, skb->truesize,
				SKB_TRUESIZE(SKB_WITH_OVERHEAD(size)));
	vmxnet3_test_expect_rx(t, len, len);
}

static void expect_size(struct vmxnet3_test *t, u32 size)
{
	u32 i;

	KUNIT_EXPECT_EQ(t->test, get(t).rx_buf_len, size);
	KUNIT_EXPECT_EQ(t->test, t->shell->path->ps->small_len,
			VMXNET3_SMALL_ROOM(size));
	for (i = 0; i < t->shell->cfg.num_queues; i++) {
		expect_frame(t, i, 60, size);
		expect_frame(t, i, VMXNET3_SMALL_LEN, size);
		/* What the VF of these tests has is one buffer for a frame. */
		if (t->shell->path == t->shell->vf && size == SMALL)
			continue;
		expect_frame(t, i, VMXNET3_SMALL_LEN + 1, size);
		expect_frame(t, i, MTU + ETH_HLEN, size);
	}
	vmxnet3_test_expect_alive(t, 0);
}

static void rx_buf(struct vmxnet3_test *t, bool vf)
{
	static const u32 sizes[] = { SMALL, WIDE, WIDE, SMALL, WIDE };
	u32 i;

	vmxnet3_test_set_mtu(t, MTU, 0);
	vmxnet3_test_flush(t);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		KUNIT_EXPECT_EQ(t->test, set_rx(t, sizes[i]), 0);
		KUNIT_ASSERT_EQ(t->test, vmxnet3_test_on_vf(t), vf);
		expect_size(t, sizes[i]);
	}
}

static void vmxnet3_rings_test_rx_buf(struct kunit *test)
{
	rx_buf(test->priv, false);
}

static void vmxnet3_rings_test_rx_buf_vf(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	rx_buf(t, true);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(t->shell->npa.conf->small_len),
			WIDE_LEN);
}

/* Whatever else changes. */
static void vmxnet3_rings_test_kept(struct kunit *test)
{
	struct ethtool_channels channels = { .other_count = 1 };
	struct vmxnet3_test *t = test->priv;
	u32 i;

	vmxnet3_test_close(t);
	KUNIT_EXPECT_EQ(test, set_rx(t, WIDE), 0);
	vmxnet3_test_open(t);
	vmxnet3_test_set_mtu(t, MTU, 0);
	expect_size(t, WIDE);
	for (i = 1; i <= 2; i++) {
		channels.combined_count = i;
		vmxnet3_test_lock(t);
		KUNIT_EXPECT_EQ(test, 0,
				t->netdev->ethtool_ops->set_channels(t->netdev,
								     &channels));
		vmxnet3_test_unlock(t);
		expect_size(t, WIDE);
	}
	vmxnet3_request_reset(t->shell, VMXNET3_RESET_REQUESTED);
	vmxnet3_test_flush(t);
	expect_size(t, WIDE);
	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	expect_size(t, WIDE);
	vmxnet3_test_switch(t, TO_EMULATED, OPERATOR);
	expect_size(t, WIDE);
}

static void vmxnet3_rings_test_refused(struct kunit *test)
{
	static const u32 bad[] = {
		0, 1, SMALL - 1, SMALL + 1, WIDE - 1, WIDE + 1, 2 * WIDE,
		U32_MAX,
	};
	struct vmxnet3_test *t = test->priv;
	struct vmxnet3_path *path = t->shell->path;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_EQ_MSG(test, set_rx(t, bad[i]), -EINVAL, "%u",
				    bad[i]);
	/* A program has buffers of its own. */
	t->shell->cfg.xdp = 1;
	KUNIT_EXPECT_EQ(test, set_rx(t, WIDE), -EBUSY);
	t->shell->cfg.xdp = 0;
	KUNIT_EXPECT_PTR_EQ(test, path, t->shell->path);
	vmxnet3_test_expect_alive(t, 0);
}

static struct page_pool *no_pool(const struct page_pool_params *params)
{
	return ERR_PTR(-ENOMEM);
}

static void vmxnet3_rings_test_no_memory(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	struct vmxnet3_path *path = t->shell->path;

	kunit_activate_static_stub(test, vmxnet3_path_pool_create, no_pool);
	KUNIT_EXPECT_EQ(test, set_rx(t, WIDE), -ENOMEM);
	kunit_deactivate_static_stub(test, vmxnet3_path_pool_create);
	KUNIT_EXPECT_PTR_EQ(test, path, t->shell->path);
	KUNIT_EXPECT_EQ(test, get(t).rx_buf_len, SMALL);
	vmxnet3_test_expect_alive(t, 0);
}

/* Entries of the TX data ring: as the device has them, shorter ones, none. */
static void vmxnet3_rings_test_tx_push(struct kunit *test)
{
	static const struct {
		u32 len;
		int err;
		u32 size;
	} table[] = {
		{ 0, 0, 0 }, { 1, 0, 128 }, { 128, 0, 128 }, { 129, 0, 192 },
		{ DATA_SIZE + 1, -EINVAL, 192 }, { U32_MAX, -EINVAL, 192 },
		{ DATA_SIZE, 0, DATA_SIZE },
	};
	struct vmxnet3_test *t = test->priv;
	u32 i, freed;

	KUNIT_EXPECT_EQ(test, get(t).tx_push_buf_len, DATA_SIZE);
	for (i = 0; i < ARRAY_SIZE(table); i++) {
		const struct vmxnet3_tx_queue_desc *tqd;

		KUNIT_EXPECT_EQ_MSG(test, set(t, SMALL, table[i].len),
				    table[i].err, "line %u", i);
		tqd = &t->shell->emulated->tqd[0];
		KUNIT_EXPECT_EQ_MSG(test, le16_to_cpu(tqd->conf.data_desc_size),
				    table[i].size, "line %u", i);
		KUNIT_EXPECT_EQ_MSG(test, !tqd->conf.data_ring_pa,
				    !table[i].size, "line %u", i);
		KUNIT_EXPECT_EQ(test, get(t).tx_push_buf_len, table[i].size);
		KUNIT_EXPECT_EQ(test, get(t).tx_push_buf_max_len, DATA_SIZE);
		/* Frames that fit and such that do not arrive as they are. */
		freed = atomic_read(&t->tx_freed);
		vmxnet3_test_send(t, 0, 100, 2 * i);
		vmxnet3_test_send(t, 0, 1000, 2 * i + 1);
		KUNIT_EXPECT_TRUE(test, vmxnet3_test_dev_take(t, 0,
							      &t->scratch));
		KUNIT_EXPECT_EQ(test, t->scratch.seq, 2 * i);
		KUNIT_EXPECT_TRUE(test, vmxnet3_test_dev_take(t, 0,
							      &t->scratch));
		KUNIT_EXPECT_EQ(test, t->scratch.seq, 2 * i + 1);
		vmxnet3_test_dev_complete(t, 0, U32_MAX);
		vmxnet3_test_poll(t, 0);
		KUNIT_EXPECT_EQ(test, atomic_read(&t->tx_freed), freed + 2);
	}
}

/* An old device has no such ring. */
static void vmxnet3_rings_test_tx_push_old(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	vmxnet3_test_close(t);
	vmxnet3_test_revision(t, 2);
	vmxnet3_test_open(t);
	KUNIT_EXPECT_EQ(test, get(t).tx_push_buf_max_len, 0);
	KUNIT_EXPECT_EQ(test, set(t, SMALL, 128), -EINVAL);
	KUNIT_EXPECT_EQ(test, set(t, WIDE, 0), 0);
	vmxnet3_test_expect_alive(t, 0);
}

static struct kunit_case vmxnet3_rings_cases[] = {
	KUNIT_CASE(vmxnet3_rings_test_rx_buf),
	KUNIT_CASE(vmxnet3_rings_test_rx_buf_vf),
	KUNIT_CASE(vmxnet3_rings_test_kept),
	KUNIT_CASE(vmxnet3_rings_test_refused),
	KUNIT_CASE(vmxnet3_rings_test_no_memory),
	KUNIT_CASE(vmxnet3_rings_test_tx_push),
	KUNIT_CASE(vmxnet3_rings_test_tx_push_old),
	{}
};

static struct kunit_suite vmxnet3_rings_suite = {
	.name = "vmxnet3-rings",
	.init = rings_init,
	.exit = vmxnet3_test_exit,
	.test_cases = vmxnet3_rings_cases,
};

kunit_test_suite(vmxnet3_rings_suite);
