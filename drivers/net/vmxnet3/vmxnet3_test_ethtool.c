// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of what ethtool sets: interrupt coalescing and the words that the
 * device takes for it, RSS fields, wake-on-LAN; what is refused, with a
 * reason; and that nothing of it is lost over resets, changes and switches.
 */
#include <kunit/static_stub.h>
#include <linux/bitfield.h>
#include <linux/ethtool.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sizes.h>
#include <linux/vmalloc.h>
#include <net/netdev_queues.h>
#include <net/page_pool/helpers.h>

#include "vmxnet3_coalesce.h"
#include "vmxnet3_regs.h"
#include "vmxnet3_rss.h"
#include "vmxnet3_selftest.h"
#include "vmxnet3_switch.h"
#include "vmxnet3_test.h"

#define TO_VF		VMXNET3_NPA_MSG_PATH_VF
#define TO_EMULATED	VMXNET3_NPA_MSG_PATH_EMULATED
#define OPERATOR	VMXNET3_NPA_MSG_REASON_OPERATOR

#define FIELDS_TCP	(VMXNET3_RSS_FIELD_TCP_IPV4 | VMXNET3_RSS_FIELD_TCP_IPV6)

static int ethtool_init(struct kunit *test)
{
	struct vmxnet3_test *t;
	int err;

	err = vmxnet3_test_init(test);
	if (err)
		return err;
	t = test->priv;
	t->shell->revision = 6;
	t->rss_fields = FIELDS_TCP;
	t->rss_fields_can = U32_MAX;
	vmxnet3_test_open(t);
	return 0;
}

/* Everything that makes new rings or a new path. */
static void disturb(struct vmxnet3_test *t)
{
	vmxnet3_test_set_mtu(t, 3000, 0);
	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	KUNIT_EXPECT_TRUE(t->test, vmxnet3_test_on_vf(t));
	vmxnet3_test_set_mtu(t, 1500, 0);
	vmxnet3_test_flush(t);
	vmxnet3_test_switch(t, TO_EMULATED, OPERATOR);
	vmxnet3_request_reset(t->shell, VMXNET3_RESET_REQUESTED);
	vmxnet3_test_flush(t);
	vmxnet3_test_close(t);
	vmxnet3_test_open(t);
}

/* Coalescing */

struct coalesce_case {
	const char *name;
	u32 usecs;
	u32 adaptive;
	u32 rx_frames;
	u32 tx_frames;
	int err;
	u32 words[4];		/* as the device reads them */
};

static const struct coalesce_case coalesce_cases[] = {
	{ "none", 0, 0, 0, 0, 0, { 0 } },
	{ "adaptive", 0, 1, 0, 0, 0, { 1 } },
	{ "rx frames", 0, 0, 7, 0, 0, { 2, 64, 64, 7 } },
	{ "tx frames", 0, 0, 0, 9, 0, { 2, 64, 9, 64 } },
	{ "most frames", 0, 0, 128, 128, 0, { 2, 64, 128, 128 } },
	{ "too many rx frames", 0, 0, 129, 0, -EINVAL },
	{ "too many tx frames", 0, 0, 1, 129, -EINVAL },
	{ "shortest", 10, 0, 0, 0, 0, { 3, 100000 } },
	{ "rate", 30, 0, 0, 0, 0, { 3, 33333 } },
	{ "longest", 10000, 0, 0, 0, 0, { 3, 100 } },
	{ "too short", 9, 0, 0, 0, -EINVAL },
	{ "too long", 10001, 0, 0, 0, -EINVAL },
	{ "much too long", U32_MAX, 0, 0, 0, -EINVAL },
	{ "rate and adaptive", 50, 1, 0, 0, -EINVAL },
	{ "rate and frames", 50, 0, 1, 0, -EINVAL },
	{ "adaptive and frames", 0, 1, 0, 1, -EINVAL },
};

static void coalesce_ec(const struct coalesce_case *c,
			struct ethtool_coalesce *ec)
{
	*ec = (struct ethtool_coalesce) {
		.rx_coalesce_usecs = c->usecs,
		.use_adaptive_rx_coalesce = c->adaptive,
		.rx_max_coalesced_frames = c->rx_frames,
		.tx_max_coalesced_frames = c->tx_frames,
	};
}

static void vmxnet3_ethtool_test_coalesce_words(struct kunit *test)
{
	u32 i, k;

	for (i = 0; i < ARRAY_SIZE(coalesce_cases); i++) {
		const struct coalesce_case *c = &coalesce_cases[i];
		union {
			struct vmxnet3_coalesce c;
			__le32 word[4];
		} got;
		struct netlink_ext_ack extack = {};
		struct ethtool_coalesce ec, back = {};

		memset(&got, 0x5a, sizeof(got));
		coalesce_ec(c, &ec);
		KUNIT_EXPECT_EQ_MSG(test, c->err,
				    vmxnet3_coalesce_encode(&ec, &got.c,
							    &extack),
				    "%s", c->name);
		KUNIT_EXPECT_EQ_MSG(test, !!c->err, !!extack._msg, "%s",
				    c->name);
		for (k = 0; k < ARRAY_SIZE(got.word); k++)
			KUNIT_EXPECT_EQ_MSG(test, le32_to_cpu(got.word[k]),
					    c->err ? 0x5a5a5a5a : c->words[k],
					    "%s, word %u", c->name, k);
		if (c->err)
			continue;
		vmxnet3_coalesce_decode(&got.c, &back);
		KUNIT_EXPECT_EQ(test, back.rx_coalesce_usecs, c->usecs);
		KUNIT_EXPECT_EQ(test, back.use_adaptive_rx_coalesce,
				c->adaptive);
		if (c->rx_frames)
			KUNIT_EXPECT_EQ(test, back.rx_max_coalesced_frames,
					c->rx_frames);
		if (c->tx_frames)
			KUNIT_EXPECT_EQ(test, back.tx_max_coalesced_frames,
					c->tx_frames);
	}
}

/* What a device says is no reason to divide by zero. */
static void vmxnet3_ethtool_test_coalesce_hostile(struct kunit *test)
{
	struct vmxnet3_coalesce words = {};
	struct ethtool_coalesce ec;

	words.mode = cpu_to_le32(VMXNET3_COALESCE_RATE);
	vmxnet3_coalesce_decode(&words, &ec);
	KUNIT_EXPECT_EQ(test, ec.rx_coalesce_usecs, 0);
	words.mode = cpu_to_le32(77);
	words.rate = cpu_to_le32(77);
	vmxnet3_coalesce_decode(&words, &ec);
	KUNIT_EXPECT_EQ(test, ec.rx_coalesce_usecs, 0);
	KUNIT_EXPECT_EQ(test, ec.rx_max_coalesced_frames, 0);
}

static int set_coalesce(struct vmxnet3_test *t, const struct coalesce_case *c)
{
	struct netlink_ext_ack extack = {};
	struct ethtool_coalesce ec;
	int err;

	coalesce_ec(c, &ec);
	vmxnet3_test_lock(t);
	err = vmxnet3_set_coalesce(t->netdev, &ec, NULL, &extack);
	vmxnet3_test_unlock(t);
	KUNIT_EXPECT_EQ(t->test, !!err, !!extack._msg);
	return err;
}

static void expect_coalesce(struct vmxnet3_test *t,
			    const struct coalesce_case *c)
{
	struct netlink_ext_ack extack = {};
	struct ethtool_coalesce ec = {};
	struct kunit *test = t->test;

	KUNIT_EXPECT_EQ(test, 0, vmxnet3_get_coalesce(t->netdev, &ec, NULL,
						      &extack));
	KUNIT_EXPECT_EQ(test, ec.rx_coalesce_usecs, c->usecs);
	KUNIT_EXPECT_EQ(test, ec.use_adaptive_rx_coalesce, c->adaptive);
	KUNIT_EXPECT_EQ(test, ec.rx_max_coalesced_frames, c->rx_frames);
	KUNIT_EXPECT_EQ(test, ec.tx_max_coalesced_frames, c->tx_frames);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(t->coalesce.mode), c->words[0]);
}

static const struct coalesce_case coalesce_rate = {
	"rate", 9999, 0, 0, 0, 0, { VMXNET3_COALESCE_RATE }
};

static const struct coalesce_case coalesce_frames = {
	"frames", 0, 0, 16, 32, 0, { VMXNET3_COALESCE_STATIC }
};

static const struct coalesce_case coalesce_adaptive = {
	"adaptive", 0, 1, 0, 0, 0, { VMXNET3_COALESCE_ADAPT }
};

static void vmxnet3_ethtool_test_coalesce_kept(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, set_coalesce(t, &coalesce_rate), 0);
	expect_coalesce(t, &coalesce_rate);
	/* A device that was reset has forgotten it. */
	memset(&t->coalesce, 0, sizeof(t->coalesce));
	disturb(t);
	expect_coalesce(t, &coalesce_rate);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(t->coalesce.rate), 100);

	/* Also while the data path is a VF, or there is none. */
	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	KUNIT_EXPECT_EQ(test, set_coalesce(t, &coalesce_frames), 0);
	expect_coalesce(t, &coalesce_frames);
	vmxnet3_test_close(t);
	KUNIT_EXPECT_EQ(test, set_coalesce(t, &coalesce_adaptive), 0);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(t->coalesce.mode),
			VMXNET3_COALESCE_STATIC);
	vmxnet3_test_open(t);
	expect_coalesce(t, &coalesce_adaptive);
}

/* As long as nobody has set one, it is the device's own. */
static void vmxnet3_ethtool_test_coalesce_default(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	vmxnet3_test_close(t);
	t->coalesce.mode = cpu_to_le32(VMXNET3_COALESCE_ADAPT);
	vmxnet3_test_open(t);
	expect_coalesce(t, &coalesce_adaptive);
}

static void count_coalesce(struct vmxnet3_test *t, u32 cmd)
{
	if (cmd == VMXNET3_CMD_SET_COALESCE || cmd == VMXNET3_CMD_GET_COALESCE)
		t->hv_count++;
}

static void vmxnet3_ethtool_test_coalesce_refused(struct kunit *test)
{
	struct netlink_ext_ack extack = {};
	struct vmxnet3_test *t = test->priv;
	struct ethtool_coalesce ec = {};

	KUNIT_EXPECT_EQ(test, set_coalesce(t, &coalesce_frames), 0);
	t->coalesce_refused = true;
	KUNIT_EXPECT_EQ(test, set_coalesce(t, &coalesce_rate), -EIO);
	t->coalesce_refused = false;
	expect_coalesce(t, &coalesce_frames);

	t->shell->revision = 2;
	t->hv_count = 0;
	t->on_cmd = count_coalesce;
	KUNIT_EXPECT_EQ(test, set_coalesce(t, &coalesce_rate), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
			vmxnet3_get_coalesce(t->netdev, &ec, NULL, &extack));
	KUNIT_EXPECT_NOT_NULL(test, extack._msg);
	KUNIT_EXPECT_EQ(test, t->hv_count, 0);
}

/* RSS fields */

#define ADDRS	(RXH_IP_SRC | RXH_IP_DST)
#define PORTS	(ADDRS | RXH_L4_B_0_1 | RXH_L4_B_2_3)

static int set_fields(struct vmxnet3_test *t, u32 flow_type, u32 data)
{
	struct ethtool_rxfh_fields fields = {
		.flow_type = flow_type,
		.data = data,
	};
	struct netlink_ext_ack extack = {};
	int err;

	vmxnet3_test_lock(t);
	err = vmxnet3_set_rxfh_fields(t->netdev, &fields, &extack);
	vmxnet3_test_unlock(t);
	KUNIT_EXPECT_EQ(t->test, !!err, !!extack._msg);
	return err;
}

static u32 get_fields(struct vmxnet3_test *t, u32 flow_type)
{
	struct ethtool_rxfh_fields fields = { .flow_type = flow_type };

	KUNIT_EXPECT_EQ(t->test, 0,
			vmxnet3_get_rxfh_fields(t->netdev, &fields));
	return fields.data;
}

struct fields_case {
	u32 revision;
	u32 flow_type;
	u32 data;
	int err;
};

static const struct fields_case fields_cases[] = {
	{ 3, TCP_V4_FLOW, PORTS, 0 },
	{ 3, TCP_V4_FLOW, ADDRS, -EOPNOTSUPP },
	{ 3, UDP_V4_FLOW, ADDRS, 0 },
	{ 3, UDP_V4_FLOW, PORTS, -EOPNOTSUPP },
	{ 4, TCP_V4_FLOW, ADDRS, -EINVAL },
	{ 4, TCP_V6_FLOW, ADDRS, -EINVAL },
	{ 4, UDP_V4_FLOW, PORTS, 0 },
	{ 4, UDP_V6_FLOW, PORTS, 0 },
	{ 4, UDP_V6_FLOW, ADDRS, 0 },
	{ 4, ESP_V4_FLOW, PORTS, 0 },
	{ 4, ESP_V6_FLOW, PORTS, -EOPNOTSUPP },
	{ 6, ESP_V6_FLOW, PORTS, 0 },
	{ 6, AH_V6_FLOW, ADDRS, 0 },
	{ 6, AH_ESP_V4_FLOW, ADDRS, 0 },
	{ 6, SCTP_V4_FLOW, ADDRS, 0 },
	{ 6, SCTP_V4_FLOW, PORTS, -EINVAL },
	{ 6, IPV6_FLOW, PORTS, -EINVAL },
	{ 6, ETHER_FLOW, ADDRS, -EINVAL },
	{ 6, UDP_V4_FLOW, 0, -EINVAL },
	{ 6, UDP_V4_FLOW, RXH_IP_SRC, -EINVAL },
	{ 6, UDP_V4_FLOW, ADDRS | RXH_L4_B_0_1, -EINVAL },
	{ 6, UDP_V4_FLOW, PORTS | RXH_VLAN, -EINVAL },
};

static void vmxnet3_ethtool_test_fields(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	u32 i, before, data;

	for (i = 0; i < ARRAY_SIZE(fields_cases); i++) {
		const struct fields_case *c = &fields_cases[i];

		t->shell->revision = c->revision;
		before = c->flow_type == ETHER_FLOW ? 0 :
			 get_fields(t, c->flow_type);
		KUNIT_EXPECT_EQ_MSG(test,
				    set_fields(t, c->flow_type, c->data),
				    c->err, "case %u", i);
		if (c->flow_type == ETHER_FLOW)
			continue;
		data = get_fields(t, c->flow_type);
		KUNIT_EXPECT_EQ_MSG(test, data, c->err ? before : c->data,
				    "case %u", i);
		KUNIT_EXPECT_EQ(test, t->rss_fields, t->shell->rss_fields);
	}
}

static void vmxnet3_ethtool_test_fields_kept(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	u32 want = FIELDS_TCP | VMXNET3_RSS_FIELD_UDP_IPV4;

	KUNIT_EXPECT_EQ(test, set_fields(t, UDP_V4_FLOW, PORTS), 0);
	t->rss_fields = 0;
	disturb(t);
	KUNIT_EXPECT_EQ(test, t->rss_fields, want);
	KUNIT_EXPECT_EQ(test, get_fields(t, UDP_V4_FLOW), PORTS);
	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	KUNIT_EXPECT_EQ(test, set_fields(t, UDP_V6_FLOW, PORTS), 0);
	want |= VMXNET3_RSS_FIELD_UDP_IPV6;
	KUNIT_EXPECT_EQ(test, t->rss_fields, want);
	vmxnet3_test_close(t);
	KUNIT_EXPECT_EQ(test, set_fields(t, UDP_V4_FLOW, ADDRS), 0);
	KUNIT_EXPECT_EQ(test, t->rss_fields, want);
	vmxnet3_test_open(t);
	want &= ~VMXNET3_RSS_FIELD_UDP_IPV4;
	KUNIT_EXPECT_EQ(test, t->rss_fields, want);
}

/* A device that cannot do all that its revision allows says so. */
static void vmxnet3_ethtool_test_fields_refused(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, set_fields(t, UDP_V4_FLOW, PORTS), 0);
	t->rss_fields_can = FIELDS_TCP | VMXNET3_RSS_FIELD_UDP_IPV4;
	KUNIT_EXPECT_EQ(test, set_fields(t, ESP_V4_FLOW, PORTS), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, get_fields(t, ESP_V4_FLOW), ADDRS);
	KUNIT_EXPECT_EQ(test, t->rss_fields,
			FIELDS_TCP | VMXNET3_RSS_FIELD_UDP_IPV4);
	/* It was another one when this was set. */
	t->rss_fields_can = FIELDS_TCP;
	vmxnet3_test_close(t);
	vmxnet3_test_open(t);
	KUNIT_EXPECT_EQ(test, get_fields(t, UDP_V4_FLOW), ADDRS);
}

/* Wake-on-LAN */

static void vmxnet3_ethtool_test_wol(struct kunit *test)
{
	struct ethtool_wolinfo wol = { .wolopts = WAKE_MAGIC | WAKE_ARP };
	struct vmxnet3_test *t = test->priv;
	const struct ethtool_ops *ops = t->netdev->ethtool_ops;

	KUNIT_EXPECT_EQ(test, ops->set_wol(t->netdev, &wol), 0);
	disturb(t);
	wol.wolopts = WAKE_UCAST | WAKE_PHY;
	KUNIT_EXPECT_EQ(test, ops->set_wol(t->netdev, &wol), -EOPNOTSUPP);
	ops->get_wol(t->netdev, &wol);
	KUNIT_EXPECT_EQ(test, wol.supported,
			WAKE_UCAST | WAKE_ARP | WAKE_MAGIC);
	KUNIT_EXPECT_EQ(test, wol.wolopts, WAKE_MAGIC | WAKE_ARP);
}

/* Registers: as long as announced, up, down and on a VF. */

static u32 *dump(struct vmxnet3_test *t)
{
	const struct ethtool_ops *ops = t->netdev->ethtool_ops;
	int len = ops->get_regs_len(t->netdev);
	struct ethtool_regs regs = { .len = len };
	u8 *buf = kunit_kzalloc(t->test, len + 8, GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(t->test, buf);
	memset(buf, 0x5a, len + 8);
	ops->get_regs(t->netdev, &regs, buf);
	KUNIT_EXPECT_EQ(t->test, regs.version, VMXNET3_REGS_VERSION);
	for (i = len; i < len + 8; i++)
		KUNIT_EXPECT_EQ(t->test, buf[i], 0x5a);
	return (u32 *)buf;
}

static void vmxnet3_ethtool_test_regs(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	u32 vd = VMXNET3_REGS_HEADER;
	u32 tx = vd + 7 + t->shell->num_intrs;
	u32 *p;

	vmxnet3_test_send(t, 0, VMXNET3_TEST_LEN, 1);
	p = dump(t);
	KUNIT_EXPECT_EQ(test, p[0], 6);
	KUNIT_EXPECT_EQ(test, p[2], VMXNET3_REGS_EMULATED);
	KUNIT_EXPECT_EQ(test, p[4], VMXNET3_TEST_QUEUES);
	KUNIT_EXPECT_EQ(test, p[vd + 4], t->mac[0]);
	KUNIT_EXPECT_EQ(test, p[tx], VMXNET3_TX_RING_SIZE);
	/* One frame sent, none complete, and a full RX ring. */
	KUNIT_EXPECT_EQ(test, p[tx + 8], 1);
	KUNIT_EXPECT_EQ(test, p[tx + 9], 0);
	KUNIT_EXPECT_EQ(test, p[tx + VMXNET3_REGS_TX], VMXNET3_RX_RING_SIZE);
	KUNIT_EXPECT_EQ(test, p[tx + VMXNET3_REGS_TX + 5],
			VMXNET3_RX_RING_SIZE - 1);
	vmxnet3_test_dev_take_all(t, 0);
	vmxnet3_test_dev_complete(t, 0, U32_MAX);
	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	KUNIT_EXPECT_EQ(test, dump(t)[2], VMXNET3_REGS_VF);
	vmxnet3_test_close(t);
	p = dump(t);
	KUNIT_EXPECT_EQ(test, p[2], VMXNET3_REGS_DOWN);
	KUNIT_EXPECT_EQ(test, p[tx], 0);
}

/* Self-test: each can fail. */

enum { LINK, REGISTERS, DMA, MEMORY, INTERRUPTS, TESTS };

static void self_test(struct vmxnet3_test *t, u32 flags, u64 *data)
{
	struct ethtool_test et = { .flags = flags };
	u32 i, failed = 0;

	KUNIT_ASSERT_EQ(t->test, vmxnet3_selftest_count(), TESTS);
	memset(data, 0x5a, TESTS * sizeof(*data));
	vmxnet3_test_lock(t);
	vmxnet3_self_test(t->netdev, &et, data);
	vmxnet3_test_unlock(t);
	vmxnet3_test_flush(t);
	for (i = 0; i < TESTS; i++)
		failed += !!data[i];
	KUNIT_EXPECT_EQ(t->test, !!failed, !!(et.flags & ETH_TEST_FL_FAILED));
}

static void vmxnet3_ethtool_test_self_online(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	u64 data[TESTS];
	u32 i;

	self_test(t, 0, data);
	for (i = 0; i < TESTS; i++)
		KUNIT_EXPECT_EQ(test, data[i], 0);
	t->link_down = true;
	self_test(t, 0, data);
	KUNIT_EXPECT_EQ(test, data[LINK], 1);
	t->link_down = false;
	t->mac[0] ^= 1;
	self_test(t, 0, data);
	KUNIT_EXPECT_EQ(test, data[REGISTERS], 1);
	t->mac[0] ^= 1;
	t->stats_stuck = true;
	self_test(t, 0, data);
	KUNIT_EXPECT_EQ(test, data[DMA], 1);
	KUNIT_EXPECT_EQ(test, data[LINK] + data[REGISTERS], 0);
	t->stats_stuck = false;
	vmxnet3_test_expect_alive(t, 0);
	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	self_test(t, 0, data);
	for (i = 0; i < TESTS; i++)
		KUNIT_EXPECT_EQ(test, data[i], 0);
	KUNIT_EXPECT_TRUE(test, vmxnet3_test_on_vf(t));
}

static void *no_dma(struct vmxnet3_shell *shell, size_t len, dma_addr_t *pa)
{
	return NULL;
}

static void vmxnet3_ethtool_test_self_offline(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	u64 data[TESTS];

	/* This device never interrupts, and that is what is found. */
	self_test(t, ETH_TEST_FL_OFFLINE, data);
	KUNIT_EXPECT_EQ(test, data[LINK] + data[REGISTERS] + data[DMA] +
			data[MEMORY], 0);
	KUNIT_EXPECT_EQ(test, data[INTERRUPTS], 1);
	vmxnet3_test_dev_take_all(t, 0);
	vmxnet3_test_dev_complete(t, 0, U32_MAX);
	vmxnet3_test_poll(t, 0);
	vmxnet3_test_expect_alive(t, 0);

	/* A bit of a register that does not hold what is written. */
	t->mac_mask = ~(u32)BIT(3);
	vmxnet3_test_close(t);
	self_test(t, ETH_TEST_FL_OFFLINE, data);
	KUNIT_EXPECT_EQ(test, data[REGISTERS], 1);
	t->mac_mask = U32_MAX;
	kunit_activate_static_stub(test, vmxnet3_path_dma_alloc, no_dma);
	self_test(t, ETH_TEST_FL_OFFLINE, data);
	KUNIT_EXPECT_EQ(test, data[MEMORY], 1);
	KUNIT_EXPECT_EQ(test, data[REGISTERS], 0);
	kunit_deactivate_static_stub(test, vmxnet3_path_dma_alloc);
	self_test(t, ETH_TEST_FL_OFFLINE, data);
	KUNIT_EXPECT_EQ(test, data[MEMORY], 0);
	vmxnet3_test_open(t);
	vmxnet3_test_expect_alive(t, 0);
}

/* What the device counts: kept when its rings go, and never twice. */

static void expect_drops(struct vmxnet3_test *t, u64 rx, u64 overruns, u64 tx,
			 u64 errors)
{
	const struct netdev_stat_ops *ops = t->netdev->stat_ops;
	struct netdev_queue_stats_rx r;
	struct netdev_queue_stats_tx x;
	u32 i;

	for (i = 0; i < t->shell->cfg.num_queues; i++) {
		ops->get_queue_stats_rx(t->netdev, i, &r);
		ops->get_queue_stats_tx(t->netdev, i, &x);
		KUNIT_EXPECT_EQ(t->test, r.hw_drops, rx);
		KUNIT_EXPECT_EQ(t->test, r.hw_drop_overruns, overruns);
		KUNIT_EXPECT_EQ(t->test, x.hw_drops, tx);
		KUNIT_EXPECT_EQ(t->test, x.hw_drop_errors, errors);
	}
}

static void set_drops(struct vmxnet3_test *t, u32 factor)
{
	t->rx_stats.out_of_buffers = cpu_to_le64(factor);
	t->rx_stats.errors = cpu_to_le64(2 * factor);
	t->tx_stats.errors = cpu_to_le64(3 * factor);
	t->tx_stats.discards = cpu_to_le64(4 * factor);
}

static void vmxnet3_ethtool_test_drops(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	expect_drops(t, 0, 0, 0, 0);
	set_drops(t, 1);
	expect_drops(t, 3, 1, 7, 3);
	expect_drops(t, 3, 1, 7, 3);
	/* It has gone on to 2 when its rings are replaced, and begins anew. */
	set_drops(t, 2);
	vmxnet3_test_switch(t, TO_VF, OPERATOR);
	set_drops(t, 0);
	expect_drops(t, 6, 2, 14, 6);
	vmxnet3_test_switch(t, TO_EMULATED, OPERATOR);
	expect_drops(t, 6, 2, 14, 6);
	set_drops(t, 1);
	vmxnet3_test_close(t);
	set_drops(t, 0);
	vmxnet3_test_open(t);
	expect_drops(t, 9, 3, 21, 9);
}

/* The largest rings: what has to be contiguous for them, and what has not. */

static size_t largest_books, largest_seg;

/* Memory in which no two pages lie beside each other. */
static void *note_zalloc(size_t len)
{
	largest_books = max(largest_books, len);
	return vzalloc(len);
}

static void *note_dma(struct vmxnet3_shell *shell, size_t len, dma_addr_t *pa)
{
	largest_seg = max(largest_seg, len);
	return dma_alloc_coherent(shell->dev, len, pa, GFP_KERNEL);
}

static struct page_pool *note_pool(const struct page_pool_params *params)
{
	KUNIT_EXPECT_EQ(kunit_get_current_test(), params->order, 0);
	return page_pool_create(params);
}

static void vmxnet3_ethtool_test_largest(struct kunit *test)
{
	struct kernel_ethtool_ringparam kernel_ring = {};
	struct netlink_ext_ack extack = {};
	struct ethtool_ringparam ring = {};
	struct vmxnet3_test *t = test->priv;
	const struct ethtool_ops *ops = t->netdev->ethtool_ops;

	largest_books = 0;
	largest_seg = 0;
	kunit_activate_static_stub(test, vmxnet3_path_zalloc, note_zalloc);
	kunit_activate_static_stub(test, vmxnet3_path_dma_alloc, note_dma);
	kunit_activate_static_stub(test, vmxnet3_path_pool_create, note_pool);
	ops->get_ringparam(t->netdev, &ring, &kernel_ring, &extack);
	ring.rx_pending = ring.rx_max_pending;
	ring.tx_pending = ring.tx_max_pending;
	vmxnet3_test_lock(t);
	KUNIT_EXPECT_EQ(test, 0, ops->set_ringparam(t->netdev, &ring,
						    &kernel_ring, &extack));
	vmxnet3_test_unlock(t);
	vmxnet3_test_set_mtu(t, 9000, 0);
	vmxnet3_test_expect_alive(t, 0);
	kunit_deactivate_static_stub(test, vmxnet3_path_zalloc);
	kunit_deactivate_static_stub(test, vmxnet3_path_dma_alloc);
	kunit_deactivate_static_stub(test, vmxnet3_path_pool_create);
	/* The books are among what need not be contiguous; rings have to. */
	KUNIT_EXPECT_GE(test, largest_books,
			2 * VMXNET3_MAX_RING_SIZE *
			sizeof(struct vmxnet3_rx_slot));
	KUNIT_EXPECT_EQ(test, largest_seg, SZ_128K);
}

static struct kunit_case vmxnet3_ethtool_cases[] = {
	KUNIT_CASE(vmxnet3_ethtool_test_coalesce_words),
	KUNIT_CASE(vmxnet3_ethtool_test_coalesce_hostile),
	KUNIT_CASE(vmxnet3_ethtool_test_coalesce_kept),
	KUNIT_CASE(vmxnet3_ethtool_test_coalesce_default),
	KUNIT_CASE(vmxnet3_ethtool_test_coalesce_refused),
	KUNIT_CASE(vmxnet3_ethtool_test_fields),
	KUNIT_CASE(vmxnet3_ethtool_test_fields_kept),
	KUNIT_CASE(vmxnet3_ethtool_test_fields_refused),
	KUNIT_CASE(vmxnet3_ethtool_test_wol),
	KUNIT_CASE(vmxnet3_ethtool_test_regs),
	KUNIT_CASE(vmxnet3_ethtool_test_self_online),
	KUNIT_CASE(vmxnet3_ethtool_test_self_offline),
	KUNIT_CASE(vmxnet3_ethtool_test_drops),
	KUNIT_CASE(vmxnet3_ethtool_test_largest),
	{}
};

static struct kunit_suite vmxnet3_ethtool_suite = {
	.name = "vmxnet3-ethtool",
	.init = ethtool_init,
	.exit = vmxnet3_test_exit,
	.test_cases = vmxnet3_ethtool_cases,
};

kunit_test_suites(&vmxnet3_ethtool_suite);
