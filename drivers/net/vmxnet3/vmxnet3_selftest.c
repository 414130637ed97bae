// SPDX-License-Identifier: GPL-2.0
/*
 * ethtool -t: what can be found out about the device from inside the guest.
 *
 * Online tests disturb nothing.  Offline ones take the device down, and leave
 * it up on the emulated path, from where the hypervisor takes it to a VF again
 * if it wants.  The device has no loopback; the interrupt test sends one frame
 * per queue to the device's own address instead.
 */
#include <linux/delay.h>
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/rtnetlink.h>

#include "vmxnet3_selftest.h"
#include "vmxnet3_shell.h"
#include "vmxnet3_switch.h"

#define VMXNET3_SELFTEST_WAIT_MS	200
#define VMXNET3_SELFTEST_PROTO		0x88b5	/* local experiments */

enum vmxnet3_selftest {
	VMXNET3_SELFTEST_LINK,
	VMXNET3_SELFTEST_REGISTERS,
	VMXNET3_SELFTEST_DMA,
	VMXNET3_SELFTEST_MEMORY,
	VMXNET3_SELFTEST_INTERRUPTS,
	VMXNET3_SELFTESTS
};

static const char vmxnet3_selftest_text[][ETH_GSTRING_LEN] = {
	[VMXNET3_SELFTEST_LINK] = "Link (online)",
	[VMXNET3_SELFTEST_REGISTERS] = "Registers (online)",
	[VMXNET3_SELFTEST_DMA] = "Device writes memory (online)",
	[VMXNET3_SELFTEST_MEMORY] = "Ring memory (offline)",
	[VMXNET3_SELFTEST_INTERRUPTS] = "Interrupts (offline)",
};

/**
 * vmxnet3_selftest_count() - how many tests there are
 *
 * Return: elements of the results and of the names.
 */
int vmxnet3_selftest_count(void)
{
	return VMXNET3_SELFTESTS;
}

/**
 * vmxnet3_selftest_names() - names of the tests
 * @data: receives them, ETH_GSTRING_LEN bytes each
 */
void vmxnet3_selftest_names(u8 *data)
{
	memcpy(data, vmxnet3_selftest_text, sizeof(vmxnet3_selftest_text));
}

static bool vmxnet3_selftest_mac(struct vmxnet3_shell *shell, const u8 *want)
{
	u8 mac[ETH_ALEN];

	vmxnet3_dev_read_mac(shell, false, mac);
	return ether_addr_equal_unaligned(mac, want);
}

/* They hold what was written; @write: try more than what is there. */
static bool vmxnet3_selftest_registers(struct vmxnet3_shell *shell, bool write)
{
	static const u8 pattern[][ETH_ALEN] = {
		{ 0x02, 0x55, 0xaa, 0x55, 0xaa, 0x55 },
		{ 0x02, 0xaa, 0x55, 0xaa, 0x55, 0xaa },
	};
	bool good;
	u32 i;

	good = shell->ops->read(shell, VMXNET3_VD_VRRS) != U32_MAX;
	if (!write)
		return good && vmxnet3_selftest_mac(shell,
						    shell->netdev->dev_addr);
	for (i = 0; good && i < ARRAY_SIZE(pattern); i++) {
		vmxnet3_dev_write_mac(shell, pattern[i]);
		good = vmxnet3_selftest_mac(shell, pattern[i]);
	}
	vmxnet3_dev_write_mac(shell, shell->netdev->dev_addr);
	return good && vmxnet3_selftest_mac(shell, shell->netdev->dev_addr);
}

/* The device is asked for its counters: it has to write all of them. */
static bool vmxnet3_selftest_dma(struct vmxnet3_shell *shell)
{
	struct vmxnet3_path *path = shell->emulated;
	u32 i;

	if (!path || path != shell->path)
		return true;
	for (i = 0; i < path->num_queues; i++) {
		path->tqd[i].stats.ucast_packets = cpu_to_le64(U64_MAX);
		path->rqd[i].stats.ucast_packets = cpu_to_le64(U64_MAX);
	}
	vmxnet3_cmd_get(shell, VMXNET3_CMD_GET_STATS);
	for (i = 0; i < path->num_queues; i++)
		if (path->tqd[i].stats.ucast_packets == cpu_to_le64(U64_MAX) ||
		    path->rqd[i].stats.ucast_packets == cpu_to_le64(U64_MAX))
			return false;
	return true;
}

static bool vmxnet3_selftest_seg(const struct npa_ring_seg *seg)
{
	u32 words = seg->length / sizeof(u32);
	u32 *word = seg->va;
	u32 i;

	/* Each word differs from its neighbours and from what it was. */
	for (i = 0; i < words; i++)
		WRITE_ONCE(word[i], ~i);
	for (i = 0; i < words; i++) {
		if (READ_ONCE(word[i]) != ~i)
			return false;
		WRITE_ONCE(word[i], i);
	}
	for (i = 0; i < words; i++)
		if (READ_ONCE(word[i]) != i)
			return false;
	return true;
}

static bool vmxnet3_selftest_queue(const struct npa_queue *nq)
{
	u32 i;

	for (i = 0; i < NPA_RING_SEGS; i++)
		if (nq->seg[i].va && !vmxnet3_selftest_seg(&nq->seg[i]))
			return false;
	return true;
}

/* Rings as they will be used can be had, and keep what is written. */
static bool vmxnet3_selftest_memory(struct vmxnet3_shell *shell)
{
	struct vmxnet3_path *path;
	bool good = true;
	u32 i;

	mutex_lock(&shell->conf_lock);
	path = vmxnet3_path_alloc_emulated(shell, &shell->cfg);
	for (i = 0; path && good && i < path->num_queues; i++)
		good = vmxnet3_selftest_queue(&path->ps->tx[i]) &&
		       vmxnet3_selftest_queue(&path->ps->rx[i]);
	vmxnet3_path_free(path);
	mutex_unlock(&shell->conf_lock);
	return path && good;
}

static struct sk_buff *vmxnet3_selftest_frame(struct net_device *netdev,
					      u32 queue)
{
	struct sk_buff *skb = netdev_alloc_skb(netdev, ETH_ZLEN);
	struct ethhdr *eth;

	if (!skb)
		return NULL;
	eth = skb_put_zero(skb, ETH_ZLEN);
	ether_addr_copy(eth->h_dest, netdev->dev_addr);
	ether_addr_copy(eth->h_source, netdev->dev_addr);
	eth->h_proto = htons(VMXNET3_SELFTEST_PROTO);
	skb->protocol = eth->h_proto;
	skb_reset_mac_header(skb);
	skb_set_queue_mapping(skb, queue);
	return skb;
}

/*
 * The interrupt of a frame's completion.  NAPI is off and so nobody looks
 * after the frame, but NAPI remembers that it was to be scheduled.
 */
static bool vmxnet3_selftest_interrupt(struct vmxnet3_shell *shell, u32 queue)
{
	struct vmxnet3_queue *q = &shell->queues[queue];
	struct vmxnet3_path *path = shell->path;
	u32 intr = path->tx[queue].nq->intr;
	struct sk_buff *skb;
	netdev_tx_t result;
	u32 i;

	skb = vmxnet3_selftest_frame(shell->netdev, queue);
	if (!skb)
		return false;
	path->api.disable_interrupt(path->ps, intr);
	/* Xmit of a stopped queue would ask for the interrupt by itself. */
	__netif_tx_lock_bh(q->txq);
	netif_tx_start_queue(q->txq);
	result = vmxnet3_start_xmit(skb, shell->netdev);
	netif_tx_stop_queue(q->txq);
	__netif_tx_unlock_bh(q->txq);
	if (result != NETDEV_TX_OK) {
		dev_kfree_skb_any(skb);
		return false;
	}
	/* It would do the same as the interrupt. */
	hrtimer_cancel(&q->tx_timer);
	clear_bit(NAPI_STATE_MISSED, &q->napi.state);
	path->api.enable_interrupt(path->ps, intr);
	for (i = 0; i < VMXNET3_SELFTEST_WAIT_MS; i++) {
		if (test_bit(NAPI_STATE_MISSED, &q->napi.state))
			return true;
		usleep_range(1000, 2000);
	}
	return false;
}

static bool vmxnet3_selftest_interrupts(struct vmxnet3_shell *shell)
{
	bool good = true;
	u32 i;

	vmxnet3_conf_lock(shell);
	if (!test_bit(VMXNET3_STATE_ACTIVE, &shell->state) ||
	    shell->path != shell->emulated) {
		vmxnet3_conf_unlock(shell);
		return false;
	}
	for (i = 0; i < shell->cfg.num_queues; i++)
		vmxnet3_tx_hold(&shell->queues[i]);
	clear_bit(VMXNET3_STATE_ACTIVE, &shell->state);
	vmxnet3_napi_disable(shell);
	for (i = 0; good && i < shell->cfg.num_queues; i++)
		good = vmxnet3_selftest_interrupt(shell, i);
	for (i = 0; i < shell->cfg.num_queues; i++)
		WRITE_ONCE(shell->queues[i].moving, false);
	vmxnet3_start_traffic(shell);
	vmxnet3_conf_unlock(shell);
	return good;
}

static void vmxnet3_selftest_offline(struct vmxnet3_shell *shell,
				     struct ethtool_test *test, u64 *data)
{
	struct net_device *netdev = shell->netdev;
	bool running = netif_running(netdev);

	if (running)
		vmxnet3_down(shell);
	data[VMXNET3_SELFTEST_REGISTERS] |=
		!vmxnet3_selftest_registers(shell, true);
	data[VMXNET3_SELFTEST_MEMORY] = !vmxnet3_selftest_memory(shell);
	if (!running)
		return;
	if (vmxnet3_up(shell)) {
		netdev_err(netdev, "down after a self-test\n");
		data[VMXNET3_SELFTEST_INTERRUPTS] = 1;
		return;
	}
	data[VMXNET3_SELFTEST_INTERRUPTS] =
		!vmxnet3_selftest_interrupts(shell);
}

/**
 * vmxnet3_self_test() - ethtool -t
 * @netdev: the shell's netdev, up or down; while it is down what needs it to
 *	be up is passed over
 * @test: flags say whether offline tests are wanted, and whether all is well
 * @data: receives a result per test, 0 if it is in order or was not done
 *
 * Context: process, rtnl held.
 */
void vmxnet3_self_test(struct net_device *netdev, struct ethtool_test *test,
		       u64 *data)
{
	struct vmxnet3_shell *shell = netdev_priv(netdev);
	u32 speed, i;

	memset(data, 0, VMXNET3_SELFTESTS * sizeof(*data));
	if (netif_running(netdev))
		data[VMXNET3_SELFTEST_LINK] = !vmxnet3_dev_link(shell, &speed);
	mutex_lock(&shell->conf_lock);
	/* A device that never was up does not know the address yet. */
	if (shell->path) {
		data[VMXNET3_SELFTEST_REGISTERS] =
			!vmxnet3_selftest_registers(shell, false);
		data[VMXNET3_SELFTEST_DMA] = !vmxnet3_selftest_dma(shell);
	}
	mutex_unlock(&shell->conf_lock);
	if (test->flags & ETH_TEST_FL_OFFLINE)
		vmxnet3_selftest_offline(shell, test, data);
	for (i = 0; i < VMXNET3_SELFTESTS; i++)
		if (data[i])
			test->flags |= ETH_TEST_FL_FAILED;
}
