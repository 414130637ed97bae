// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of device revisions: what is agreed on, what the driver believes of the
 * device's answers, and the words that it writes for each revision.
 */
#include <linux/bitfield.h>
#include <linux/ethtool.h>
#include <linux/rtnetlink.h>

#include "vmxnet3_test.h"

/* Negotiation */

struct choice {
	u32 vrrs;
	u32 uvrs;
	u32 revision;	/* 0: none */
};

static void revision_test_negotiate(struct kunit *test)
{
	static const struct choice choices[] = {
		{ 0x001, 0x1, 1 }, { 0x003, 0x1, 2 }, { 0x007, 0x1, 3 },
		{ 0x00f, 0x1, 4 }, { 0x01f, 0x1, 5 }, { 0x03f, 0x1, 6 },
		{ 0x07f, 0x1, 7 }, { 0x0ff, 0x1, 8 }, { 0x1ff, 0x1, 9 },
		/* gaps, and more than the driver knows */
		{ 0x010, 0x1, 5 }, { 0x105, 0x3, 9 }, { 0x3ff, 0x1, 9 },
		{ 0x7fffffff, 0x1, 9 }, { 0x80000004, 0xfffffffd, 3 },
		/* nothing in common, no device */
		{ 0x000, 0x1, 0 }, { 0x200, 0x1, 0 }, { 0xfffffe00, 0x1, 0 },
		{ 0xffffffff, 0x1, 0 }, { 0x1ff, 0x0, 0 }, { 0x1ff, 0x2, 0 },
		{ 0x1ff, 0xffffffff, 0 },
	};
	struct vmxnet3_test *t = test->priv;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(choices); i++) {
		const struct choice *c = &choices[i];
		int err;

		t->rev.vrrs = c->vrrs;
		t->rev.uvrs = c->uvrs;
		t->rev.chosen = 0;
		t->rev.uvrs_chosen = 0;
		err = vmxnet3_revision_negotiate(t->shell);
		KUNIT_EXPECT_EQ_MSG(test, err, c->revision ? 0 : -ENODEV,
				    "choice %u", i);
		KUNIT_EXPECT_EQ_MSG(test, t->rev.chosen,
				    c->revision ? BIT(c->revision - 1) : 0,
				    "choice %u", i);
		KUNIT_EXPECT_EQ_MSG(test, t->rev.uvrs_chosen, !!c->revision,
				    "choice %u", i);
		if (c->revision)
			KUNIT_EXPECT_EQ(test, t->shell->revision, c->revision);
	}
	/* For exit */
	t->shell->revision = 1;
}

/* Limits */

struct answers {
	u32 revision;
	u32 max_queues;
	u32 data_size;
	u32 ts_size;
	u32 disabled;
	struct vmxnet3_limits limits;
};

#define QUEUES(tx, rx)		((rx) << 8 | (tx))
#define SIZES(tx, rx)		((rx) << 16 | (tx))

static void revision_test_limits(struct kunit *test)
{
	static const struct answers answers[] = {
		/* What a revision does not have is not asked for. */
		{ 1, QUEUES(32, 32), SIZES(128, 128), SIZES(64, 64), 3,
		  { 8, 25, 9000 } },
		{ 2, QUEUES(32, 32), SIZES(128, 128), SIZES(64, 64), 3,
		  { 8, 25, 9000 } },
		{ 3, QUEUES(32, 32), SIZES(128, 256), SIZES(64, 64), 3,
		  { 8, 25, 9000, 128, 128 } },
		{ 5, QUEUES(32, 32), SIZES(2048, 0), 0, 3,
		  { 8, 25, 9000, 2048, 128 } },
		{ 6, QUEUES(32, 32), SIZES(192, 0), 0, 0,
		  { 32, 65, 9190, 192, 128 } },
		{ 8, QUEUES(12, 16), SIZES(128, 0), SIZES(64, 64), 3,
		  { 12, 65, 9190, 128, 128 } },
		{ 9, QUEUES(16, 4), SIZES(256, 512), SIZES(64, 128), 0,
		  { 4, 65, 9190, 256, 512, 64, 128 } },
		{ 9, QUEUES(8, 8), SIZES(128, 64), SIZES(0, 192), 1,
		  { 8, 65, 9190, 128, 64, 0, 192, true } },
		{ 9, QUEUES(8, 8), SIZES(128, 2048), SIZES(192, 0), 2,
		  { 8, 65, 9190, 128, 2048, 192, 0, false, true } },
		/* Nothing, too much, odd sizes, no device. */
		{ 9, 0, 0, 0, 0, { 8, 65, 9190 } },
		{ 9, QUEUES(0, 8), SIZES(64, 32), SIZES(32, 16), 0,
		  { 8, 65, 9190 } },
		{ 9, QUEUES(255, 33), SIZES(129, 65), SIZES(65, 96), 4,
		  { 32, 65, 9190 } },
		{ 9, QUEUES(1, 0), SIZES(2112, 4096), SIZES(255, 255), 0,
		  { 8, 65, 9190 } },
		{ 9, U32_MAX, U32_MAX, U32_MAX, U32_MAX,
		  { 8, 65, 9190, 0, 0, 0, 0, true, true } },
		{ 3, 0, U32_MAX, 0, 0, { 8, 25, 9000, 0, 128 } },
	};
	struct vmxnet3_test *t = test->priv;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(answers); i++) {
		const struct answers *a = &answers[i];

		t->rev.max_queues = a->max_queues;
		t->rev.data_size = a->data_size;
		t->rev.ts_size = a->ts_size;
		t->rev.disabled = a->disabled;
		vmxnet3_test_revision(t, a->revision);
		KUNIT_EXPECT_MEMEQ_MSG(test, &t->shell->limits, &a->limits,
				       sizeof(a->limits), "answers %u", i);
	}
}

/* Capabilities */

struct caps {
	u32 revision;
	u32 dcr;
	u32 ptcr;
	u32 refused;
	u32 dcr0;
	u32 pt_len;
	u32 wanted;	/* by the driver at first */
	u32 caps;	/* in use at first */
	u32 asked;	/* by somebody, later */
	u32 got;
};

#define LARGE		VMXNET3_CAP_LARGE_BAR
#define VXLAN		(VMXNET3_CAP_VXLAN_CSUM | VMXNET3_CAP_VXLAN_TSO)
#define GENEVE		(VMXNET3_CAP_GENEVE_CSUM | VMXNET3_CAP_GENEVE_TSO)
#define ERROR		VMXNET3_CAP_ERROR

static void revision_test_caps(struct kunit *test)
{
	static const struct caps table[] = {
		{ 6, LARGE | VXLAN, ERROR, 0, 0, 8192, 0, 0, VXLAN, 0 },
		{ 7, LARGE | VXLAN, ERROR, 0, 0, 8192,
		  LARGE, LARGE, VXLAN | GENEVE, VXLAN },
		/* BAR too short for them */
		{ 8, LARGE | VXLAN, ERROR, 0, 0, 8191, 0, 0, VXLAN, VXLAN },
		/* hardware that can less */
		{ 9, LARGE | VXLAN | GENEVE, VMXNET3_CAP_VXLAN_CSUM, 0, 0, 8192,
		  LARGE, LARGE, VXLAN, VMXNET3_CAP_VXLAN_CSUM },
		{ 9, LARGE | VXLAN, 0, 0, 0, 8192, LARGE, LARGE, VXLAN, 0 },
		/* not what is offered in the end, more than was asked for */
		{ 9, LARGE | VXLAN, ERROR, LARGE | VMXNET3_CAP_VXLAN_TSO, 0,
		  8192, LARGE, 0, VXLAN, VMXNET3_CAP_VXLAN_CSUM },
		{ 9, VXLAN, ERROR, 0, 0x3ffff, 8192, 0, 0, VXLAN, VXLAN },
		/* errors, no device */
		{ 9, LARGE | ERROR, ERROR, 0, 0, 8192, 0, 0, VXLAN, 0 },
		{ 9, LARGE | VXLAN, ERROR, 0, ERROR | LARGE | VXLAN, 8192,
		  LARGE, 0, VXLAN, 0 },
		{ 9, U32_MAX, U32_MAX, 0, U32_MAX, 8192, 0, 0, VXLAN, 0 },
	};
	struct vmxnet3_test *t = test->priv;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		const struct caps *c = &table[i];
		u32 got;

		t->rev.dcr = c->dcr;
		t->rev.ptcr = c->ptcr;
		t->rev.refused = c->refused;
		t->rev.dcr0 = c->dcr0;
		t->rev.wanted = 0;
		t->rev.dcr_writes = 0;
		t->shell->pt_len = c->pt_len;
		vmxnet3_test_revision(t, c->revision);
		KUNIT_EXPECT_EQ_MSG(test, t->rev.wanted, c->wanted,
				    "line %u", i);
		KUNIT_EXPECT_EQ_MSG(test, t->rev.dcr_writes, c->revision >= 7,
				    "line %u", i);
		KUNIT_EXPECT_EQ_MSG(test, t->shell->caps, c->caps, "line %u",
				    i);
		got = vmxnet3_caps_request(t->shell, VXLAN | GENEVE, c->asked);
		KUNIT_EXPECT_EQ_MSG(test, got, c->got, "line %u", i);
		KUNIT_EXPECT_EQ_MSG(test, t->shell->caps, c->caps | c->got,
				    "line %u", i);
		/* And back, others stay. */
		got = vmxnet3_caps_request(t->shell, VXLAN | GENEVE, 0);
		KUNIT_EXPECT_EQ_MSG(test, got, 0, "line %u", i);
		KUNIT_EXPECT_EQ_MSG(test, t->shell->caps, c->caps, "line %u",
				    i);
	}
}

/* After suspend the device must still be what it was. */
static void revision_test_restore(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	t->rev.dcr = LARGE | VXLAN;
	vmxnet3_test_revision(t, 7);
	vmxnet3_caps_request(t->shell, VXLAN, VXLAN);
	t->rev.chosen = 0;
	t->rev.uvrs_chosen = 0;
	t->rev.wanted = 0;
	KUNIT_EXPECT_EQ(test, vmxnet3_revision_restore(t->shell), 0);
	KUNIT_EXPECT_EQ(test, t->rev.chosen, BIT(6));
	KUNIT_EXPECT_EQ(test, t->rev.uvrs_chosen, 1);
	KUNIT_EXPECT_EQ(test, t->rev.wanted, LARGE | VXLAN);

	t->rev.vrrs = GENMASK(8, 0);
	KUNIT_EXPECT_EQ(test, vmxnet3_revision_restore(t->shell), 0);
	KUNIT_EXPECT_EQ(test, t->rev.chosen, BIT(6));
	KUNIT_EXPECT_EQ(test, t->shell->revision, 7);

	t->rev.vrrs = GENMASK(5, 0);
	KUNIT_EXPECT_EQ(test, vmxnet3_revision_restore(t->shell), -ENODEV);
	t->rev.vrrs = U32_MAX;
	KUNIT_EXPECT_EQ(test, vmxnet3_revision_restore(t->shell), -ENODEV);
	t->rev.vrrs = GENMASK(6, 0);
	t->rev.refused = VMXNET3_CAP_VXLAN_TSO;
	KUNIT_EXPECT_EQ(test, vmxnet3_revision_restore(t->shell), -ENODEV);
}

/* Commands with arguments */

static void revision_test_info(struct kunit *test)
{
	union vmxnet3_cmd_info fields = {
		.rss_fields = cpu_to_le32(VMXNET3_RSS_FIELD_UDP_IPV4),
	};
	static const union vmxnet3_cmd_info none;
	struct vmxnet3_test *t = test->priv;
	u32 result;

	vmxnet3_test_revision(t, 4);
	vmxnet3_test_open(t);
	result = vmxnet3_cmd_info(t->shell, VMXNET3_CMD_SET_RSS_FIELDS,
				  &fields);
	KUNIT_EXPECT_EQ(test, result, 0);
	KUNIT_EXPECT_EQ(test, t->rev.info_cmd, VMXNET3_CMD_SET_RSS_FIELDS);
	KUNIT_EXPECT_MEMEQ(test, &t->rev.info, &fields, sizeof(fields));
	KUNIT_EXPECT_MEMEQ(test, &t->shell->shared->cmd_info, &none,
			   sizeof(none));

	t->rev.info_result = VMXNET3_CMD_RESULT_FAILED;
	result = vmxnet3_cmd_info(t->shell, VMXNET3_CMD_SET_RSS_FIELDS,
				  &fields);
	KUNIT_EXPECT_EQ(test, result, VMXNET3_CMD_RESULT_FAILED);
	t->rev.info_result = 0;

	KUNIT_EXPECT_MEMEQ(test, &t->shell->shared->cmd_info, &none,
			   sizeof(none));
}

/* The shared area, for each revision */

static void revision_test_shared(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	const struct vmxnet3_ring_buffer_size *size = &t->rev.buffer_size;
	u32 rev;

	for (rev = 1; rev <= 9; rev++) {
		const struct vmxnet3_driver_info *info;
		const struct vmxnet3_intr_conf_ext *ext;
		const struct vmxnet3_intr_conf *intr;

		memset(&t->rev.buffer_size, 0, sizeof(t->rev.buffer_size));
		vmxnet3_test_revision(t, rev);
		/* As many as 32 pairs have: only the words matter here. */
		t->shell->num_intrs = rev >= 6 ? 65 : 3;
		vmxnet3_test_open(t);
		info = &t->shell->shared->dev_read.misc.driver_info;
		KUNIT_EXPECT_EQ(test, le32_to_cpu(info->revision),
				GENMASK(rev - 1, 0));
		KUNIT_EXPECT_EQ(test, le32_to_cpu(info->upt_version), 1);

		intr = &t->shell->shared->dev_read.intr;
		ext = &t->shell->shared->intr_ext;
		KUNIT_EXPECT_EQ(test, intr->num_intrs, rev >= 6 ? 25 : 3);
		KUNIT_EXPECT_EQ(test, intr->mod_levels[intr->num_intrs - 1], 8);
		KUNIT_EXPECT_EQ(test, le32_to_cpu(intr->ctrl), 0);
		KUNIT_EXPECT_EQ(test, ext->num_intrs, rev >= 6 ? 65 : 0);
		KUNIT_EXPECT_EQ(test, ext->event_intr, rev >= 6 ? 64 : 0);
		KUNIT_EXPECT_EQ(test, ext->auto_mask, rev >= 6);
		KUNIT_EXPECT_EQ(test, ext->mod_levels[64], rev >= 6 ? 8 : 0);
		KUNIT_EXPECT_EQ(test, le32_to_cpu(ext->ctrl), 0);

		KUNIT_EXPECT_EQ(test, le16_to_cpu(size->ring1_head),
				rev >= 7 ? VMXNET3_SMALL_LEN : 0);
		KUNIT_EXPECT_EQ(test, le16_to_cpu(size->ring1_body), 0);
		KUNIT_EXPECT_EQ(test, le16_to_cpu(size->ring2_body),
				rev >= 7 ? VMXNET3_LARGE_LEN : 0);
		vmxnet3_test_expect_alive(t, rev);
		vmxnet3_test_close(t);
		}
}

/* The largest frames, which only later revisions have. */
static void revision_test_mtu(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	vmxnet3_test_revision(t, 5);
	vmxnet3_test_open(t);
	vmxnet3_test_set_mtu(t, 9001, -EINVAL);
	vmxnet3_test_close(t);
	vmxnet3_test_revision(t, 6);
	vmxnet3_test_open(t);
	vmxnet3_test_set_mtu(t, 9191, -EINVAL);
	vmxnet3_test_set_mtu(t, 9190, 0);
	KUNIT_EXPECT_TRUE(test, vmxnet3_test_dev_receive(t, 0, 9204, 7));
	vmxnet3_test_poll(t, 0);
	vmxnet3_test_expect_rx(t, 9204, 7);
	vmxnet3_test_send(t, 1, 9204, 8);
	KUNIT_ASSERT_TRUE(test, vmxnet3_test_dev_take(t, 1, &t->scratch));
	KUNIT_EXPECT_EQ(test, t->scratch.len, 9204);
	KUNIT_EXPECT_EQ(test, t->scratch.seq, 8);
	vmxnet3_test_dev_complete(t, 1, 1);
	vmxnet3_test_poll(t, 1);
}

static void receive_many(struct vmxnet3_test *t, u32 count)
{
	while (count--) {
		KUNIT_ASSERT_TRUE(t->test,
				  vmxnet3_test_dev_receive(t, 0,
							   VMXNET3_TEST_LEN,
							   count));
		vmxnet3_test_poll(t, 0);
		vmxnet3_test_expect_rx(t, VMXNET3_TEST_LEN, count);
	}
}

/* Doorbells are where the capability says. */
static void revision_test_doorbells(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	u32 usual = VMXNET3_PT_TXPROD + VMXNET3_REG_STRIDE;
	u32 large = VMXNET3_PT_LARGE_TXPROD + VMXNET3_REG_STRIDE;
	u32 rx = VMXNET3_PT_RXPROD, large_rx = VMXNET3_PT_LARGE_RXPROD;
	int i;

	for (i = 0; i < 2; i++) {
		memset(t->pt, 0, VMXNET3_PT_LARGE_LEN);
		t->rev.dcr = i ? LARGE : 0;
		vmxnet3_test_revision(t, 7);
		vmxnet3_test_open(t);
		vmxnet3_test_send(t, 1, VMXNET3_TEST_LEN, 1);
		KUNIT_EXPECT_EQ(test, readl(t->pt + usual), !i);
		KUNIT_EXPECT_EQ(test, readl(t->pt + large), i);
		/* The RX ring is filled again when enough are empty. */
		t->shell->emulated->rqd[0].ctrl.update_rx_prod = 1;
		receive_many(t, 64);
		KUNIT_EXPECT_EQ(test, !readl(t->pt + rx), i);
		KUNIT_EXPECT_EQ(test, !!readl(t->pt + large_rx), i);
		KUNIT_ASSERT_TRUE(test, vmxnet3_test_dev_take(t, 1,
							      &t->scratch));
		vmxnet3_test_dev_complete(t, 1, 1);
		vmxnet3_test_close(t);
	}
}

/* Link speed: from revision 9 on in Gbit/s, unless it is too large for one. */
static void revision_test_speed(struct kunit *test)
{
	static const struct {
		u32 revision;
		u32 link;
		u32 speed;
		bool up;
	} table[] = {
		{ 1, 10000 << 16 | 1, 10000, true },
		{ 8, 100 << 16 | 1, 100, true },
		{ 9, 100 << 16 | 1, 100000, true },
		{ 9, 9999 << 16 | 1, 9999000, true },
		{ 9, 10000 << 16 | 1, 10000, true },
		{ 9, 0xffffu << 16 | 1, 65535, true },
		{ 9, 25 << 16, 25000, false },
		{ 9, U32_MAX, 0, false },
	};
	struct vmxnet3_test *t = test->priv;
	u32 i, speed;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		vmxnet3_test_revision(t, table[i].revision);
		t->rev.link = table[i].link;
		KUNIT_EXPECT_EQ_MSG(test, vmxnet3_dev_link(t->shell, &speed),
				    table[i].up, "line %u", i);
		KUNIT_EXPECT_EQ_MSG(test, speed, table[i].speed, "line %u", i);
	}
	t->rev.link = 0;
}

static struct kunit_case vmxnet3_revision_cases[] = {
	KUNIT_CASE(revision_test_negotiate),
	KUNIT_CASE(revision_test_limits),
	KUNIT_CASE(revision_test_caps),
	KUNIT_CASE(revision_test_restore),
	KUNIT_CASE(revision_test_info),
	KUNIT_CASE(revision_test_shared),
	KUNIT_CASE(revision_test_mtu),
	KUNIT_CASE(revision_test_doorbells),
	KUNIT_CASE(revision_test_speed),
	{}
};

static struct kunit_suite vmxnet3_revision_suite = {
	.name = "vmxnet3-revision",
	.init = vmxnet3_test_init,
	.exit = vmxnet3_test_exit,
	.test_cases = vmxnet3_revision_cases,
};

kunit_test_suite(vmxnet3_revision_suite);
