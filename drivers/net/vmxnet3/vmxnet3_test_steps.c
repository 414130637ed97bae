// SPDX-License-Identifier: GPL-2.0
/*
 * What tests of switches and of changes do and expect again and again.
 */
#include <linux/delay.h>
#include <linux/rtnetlink.h>

#include "vmxnet3_switch.h"
#include "vmxnet3_test.h"

/**
 * vmxnet3_test_log_count() - how often a command is in the log
 * @t: test
 * @cmd: VMXNET3_CMD_*
 *
 * Return: how often.
 */
u32 vmxnet3_test_log_count(struct vmxnet3_test *t, u32 cmd)
{
	u32 i, n = 0;

	for (i = 0; i < t->log_len; i++)
		n += t->log[i] == cmd;
	return n;
}

/**
 * vmxnet3_test_reg() - what the driver has last written to a register
 * @t: test
 * @reg: the first of its kind, VMXNET3_PT_*
 * @index: which of them
 *
 * Registers are little endian, as all of a PCI function's.
 *
 * Return: the value.
 */
u32 vmxnet3_test_reg(const struct vmxnet3_test *t, u32 reg, u32 index)
{
	return le32_to_cpup(t->pt + reg + index * VMXNET3_REG_STRIDE);
}

/**
 * vmxnet3_test_set_reg() - have something else in a register
 * @t: test
 * @reg: the first of its kind, VMXNET3_PT_*
 * @index: which of them
 * @value: what to put there
 */
void vmxnet3_test_set_reg(struct vmxnet3_test *t, u32 reg, u32 index,
			  u32 value)
{
	*(__le32 *)(t->pt + reg + index * VMXNET3_REG_STRIDE) =
		cpu_to_le32(value);
}

/**
 * vmxnet3_test_count_pools() - page pools that the netdev has
 * @t: test
 *
 * Return: how many.
 */
u32 vmxnet3_test_count_pools(struct vmxnet3_test *t)
{
	struct hlist_node *node;
	u32 n = 0;

	hlist_for_each(node, &t->netdev->page_pools)
		n++;
	return n;
}

/**
 * vmxnet3_test_lock() - what the stack holds around the netdev's operations
 * @t: test
 */
void vmxnet3_test_lock(struct vmxnet3_test *t)
{
	rtnl_lock();
	netdev_lock(t->netdev);
}

/**
 * vmxnet3_test_unlock() - undo vmxnet3_test_lock()
 * @t: test
 */
void vmxnet3_test_unlock(struct vmxnet3_test *t)
{
	netdev_unlock(t->netdev);
	rtnl_unlock();
}

/**
 * vmxnet3_test_set_mtu() - change the MTU
 * @t: test
 * @mtu: bytes
 * @want: errno that is expected
 */
void vmxnet3_test_set_mtu(struct vmxnet3_test *t, int mtu, int want)
{
	int err;

	rtnl_lock();
	err = dev_set_mtu(t->netdev, mtu);
	rtnl_unlock();
	KUNIT_EXPECT_EQ(t->test, err, want);
}

/**
 * vmxnet3_test_dev_take_all() - the emulated device takes all frames of a TX ring
 * @t: test
 * @queue: number
 *
 * Return: how many.
 */
u32 vmxnet3_test_dev_take_all(struct vmxnet3_test *t, u32 queue)
{
	u32 n = 0;

	while (vmxnet3_test_dev_take(t, queue, &t->scratch))
		n++;
	return n;
}

/**
 * vmxnet3_test_expect_alive() - both directions of all queues work on the path in use
 * @t: test
 * @seq: number of the first frame
 */
void vmxnet3_test_expect_alive(struct vmxnet3_test *t, u32 seq)
{
	bool vf = t->shell->path == t->shell->vf;
	u32 freed, q;

	for (q = 0; q < t->shell->cfg.num_queues; q++) {
		t->vf_tx_len = 0;
		freed = atomic_read(&t->tx_freed);
		vmxnet3_test_send(t, q, VMXNET3_TEST_LEN, seq + q);
		if (vf) {
			KUNIT_EXPECT_EQ(t->test, t->vf_tx_len, 1);
			KUNIT_EXPECT_EQ(t->test, t->vf_tx[0], seq + q);
			KUNIT_EXPECT_TRUE(t->test,
					  vmxnet3_test_vf_rx(t, q, VMXNET3_TEST_LEN,
							     seq + q));
		} else {
			KUNIT_EXPECT_TRUE(t->test,
					  vmxnet3_test_dev_take(t, q,
								&t->scratch));
			KUNIT_EXPECT_EQ(t->test, t->scratch.seq, seq + q);
			vmxnet3_test_dev_complete(t, q, U32_MAX);
			KUNIT_EXPECT_TRUE(t->test,
					  vmxnet3_test_dev_receive(t, q,
								   VMXNET3_TEST_LEN,
								   seq + q));
		}
		vmxnet3_test_poll(t, q);
		KUNIT_EXPECT_EQ(t->test, atomic_read(&t->tx_freed), freed + 1);
		vmxnet3_test_expect_rx(t, VMXNET3_TEST_LEN, seq + q);
	}
	KUNIT_EXPECT_TRUE(t->test, skb_queue_empty(&t->rx));
}

/**
 * vmxnet3_test_expect_seqs() - the stack got these frames and no others
 * @t: test
 * @first: number of the first
 * @count: how many
 */
void vmxnet3_test_expect_seqs(struct vmxnet3_test *t, u32 first, u32 count)
{
	u32 i;

	KUNIT_EXPECT_EQ(t->test, skb_queue_len(&t->rx), count);
	for (i = 0; i < count; i++)
		vmxnet3_test_expect_rx(t, VMXNET3_TEST_LEN, first + i);
}

/**
 * vmxnet3_test_begin_switch() - begin a switch and go on while it is at work
 * @t: test
 * @path: VMXNET3_NPA_MSG_PATH_*
 * @reason: VMXNET3_NPA_MSG_REASON_*
 */
void vmxnet3_test_begin_switch(struct vmxnet3_test *t, u32 path, u32 reason)
{
	vmxnet3_test_message(t, path, reason);
	vmxnet3_switch_message(t->shell);
}

/**
 * vmxnet3_test_wait_command() - wait until the driver has issued a command
 * @t: test
 * @cmd: VMXNET3_CMD_*
 */
void vmxnet3_test_wait_command(struct vmxnet3_test *t, u32 cmd)
{
	u32 i;

	for (i = 0; i < 1000 && !vmxnet3_test_log_count(t, cmd); i++)
		usleep_range(500, 1000);
	KUNIT_ASSERT_NE(t->test, vmxnet3_test_log_count(t, cmd), 0);
}
