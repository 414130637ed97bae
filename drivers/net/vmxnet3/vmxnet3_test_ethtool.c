// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of what ethtool sets: interrupt coalescing and the words that the
 * device takes for it, RSS fields, wake-on-LAN; what is refused, with a
 * reason; and that nothing of it is lost over resets, changes and switches.
 */
#include <linux/ethtool.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "vmxnet3_coalesce.h"
#include "vmxnet3_rss.h"
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
	vmxnet3_request_reset(t->shell);
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
	rtnl_lock();
	err = vmxnet3_set_coalesce(t->netdev, &ec, NULL, &extack);
	rtnl_unlock();
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
	t->cmd = 0;
	KUNIT_EXPECT_EQ(test, set_coalesce(t, &coalesce_rate), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP,
			vmxnet3_get_coalesce(t->netdev, &ec, NULL, &extack));
	KUNIT_EXPECT_NOT_NULL(test, extack._msg);
	KUNIT_EXPECT_EQ(test, t->cmd, 0);
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

	rtnl_lock();
	err = vmxnet3_set_rxfh_fields(t->netdev, &fields, &extack);
	rtnl_unlock();
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
	{}
};

static struct kunit_suite vmxnet3_ethtool_suite = {
	.name = "vmxnet3-ethtool",
	.init = ethtool_init,
	.exit = vmxnet3_test_exit,
	.test_cases = vmxnet3_ethtool_cases,
};

kunit_test_suites(&vmxnet3_ethtool_suite);
