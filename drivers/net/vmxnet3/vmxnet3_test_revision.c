// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of device revisions: what is agreed on, what the driver believes of the
 * device's answers, and the words that it writes for each revision.
 */
#include <kunit/static_stub.h>
#include <linux/bitfield.h>
#include <linux/dma-direct.h>
#include <linux/dma-mapping.h>
#include <linux/ethtool.h>
#include <linux/rtnetlink.h>

#include "vmxnet3_shell_calls.h"
#include "vmxnet3_test.h"

/* Negotiation */

struct choice {
	u32 vrrs;
	u32 uvrs;
	u32 revision;	/* 0: none */
};

static void vmxnet3_revision_test_negotiate(struct kunit *test)
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

static void vmxnet3_revision_test_limits(struct kunit *test)
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

static void vmxnet3_revision_test_caps(struct kunit *test)
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
static void vmxnet3_revision_test_restore(struct kunit *test)
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

static void vmxnet3_revision_test_info(struct kunit *test)
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

static void vmxnet3_revision_test_shared(struct kunit *test)
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
static void vmxnet3_revision_test_mtu(struct kunit *test)
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
static void vmxnet3_revision_test_doorbells(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	u32 tx, large_tx, rx, large_rx;
	int i;

	for (i = 0; i < 2; i++) {
		memset(t->pt, 0, VMXNET3_PT_LARGE_LEN);
		t->rev.dcr = i ? LARGE : 0;
		vmxnet3_test_revision(t, 7);
		vmxnet3_test_open(t);
		vmxnet3_test_send(t, 1, VMXNET3_TEST_LEN, 1);
		tx = vmxnet3_test_reg(t, VMXNET3_PT_TXPROD, 1);
		large_tx = vmxnet3_test_reg(t, VMXNET3_PT_LARGE_TXPROD, 1);
		KUNIT_EXPECT_EQ(test, tx, !i);
		KUNIT_EXPECT_EQ(test, large_tx, i);
		/* The RX ring is filled again when enough are empty. */
		t->shell->emulated->rqd[0].ctrl.update_rx_prod = 1;
		receive_many(t, 64);
		rx = vmxnet3_test_reg(t, VMXNET3_PT_RXPROD, 0);
		large_rx = vmxnet3_test_reg(t, VMXNET3_PT_LARGE_RXPROD, 0);
		KUNIT_EXPECT_EQ(test, !rx, i);
		KUNIT_EXPECT_EQ(test, !!large_rx, i);
		KUNIT_ASSERT_TRUE(test, vmxnet3_test_dev_take(t, 1,
							      &t->scratch));
		vmxnet3_test_dev_complete(t, 1, 1);
		vmxnet3_test_close(t);
	}
}

/* Link speed: from revision 9 on in Gbit/s, unless it is too large for one. */
static void vmxnet3_revision_test_speed(struct kunit *test)
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

/* Data rings and timestamp rings */

#define DATA_SIZE	128
#define STAMP_SIZE	128

static void open_with_rings(struct vmxnet3_test *t, u32 data)
{
	t->rev.data_size = SIZES(data, data);
	t->rev.ts_size = SIZES(STAMP_SIZE, STAMP_SIZE);
	vmxnet3_test_revision(t, 9);
	vmxnet3_test_open(t);
}

static u8 *ring_va(struct vmxnet3_test *t, __le64 pa, u32 index, u32 size)
{
	return phys_to_virt(dma_to_phys(t->dev, le64_to_cpu(pa))) +
	       index * size;
}

/* The device receives a short frame into its data ring. */
static void data_receive(struct vmxnet3_test *t, u32 queue, u32 len, u32 seq,
			 u32 ctl)
{
	struct vmxnet3_rx_queue_desc *rqd = &t->shell->emulated->rqd[queue];
	struct vmxnet3_test_queue *q = &t->q[queue];
	struct vmxnet3_rx_comp *comp = &q->rxc[q->rxc_next];
	u32 index = q->rx_next[0];
	u8 *va = ring_va(t, rqd->conf.data_ring_pa, index,
			 le16_to_cpu(rqd->conf.data_desc_size));

	KUNIT_ASSERT_EQ(t->test, le32_to_cpu(q->rxd[0][index].ctl) &
			VMXNET3_RXD_GEN, q->rx_gen[0]);
	if (len >= VMXNET3_TEST_HDR_LEN && len <= DATA_SIZE)
		vmxnet3_test_fill(t, va, len, seq);
	comp->ctl = cpu_to_le32(index | VMXNET3_RXC_CNC | ctl |
				FIELD_PREP(VMXNET3_RXC_RQID,
					   queue + 2 * t->num_queues));
	comp->hash = 0;
	comp->len = cpu_to_le32(len);
	dma_wmb();	/* pairs with the plugin's npa_rmb() */
	WRITE_ONCE(comp->flags, cpu_to_le32(q->rxc_gen));
	vmxnet3_test_dev_skip(t, queue, 0, 1);
	if (++q->rxc_next == q->rxc_size) {
		q->rxc_next = 0;
		q->rxc_gen ^= VMXNET3_COMP_GEN;
	}
}

#define WHOLE	(VMXNET3_RXC_SOP | VMXNET3_RXC_EOP)

static void vmxnet3_revision_test_ring_words(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	u32 i;

	open_with_rings(t, DATA_SIZE);
	for (i = 0; i < VMXNET3_TEST_QUEUES; i++) {
		const struct vmxnet3_tx_queue_desc *tqd;
		const struct vmxnet3_rx_queue_desc *rqd;

		tqd = &t->shell->emulated->tqd[i];
		rqd = &t->shell->emulated->rqd[i];
		KUNIT_EXPECT_NE(test, le64_to_cpu(tqd->conf.data_ring_pa), 0);
		KUNIT_EXPECT_EQ(test, le32_to_cpu(tqd->conf.data_ring_size),
				VMXNET3_TX_RING_SIZE);
		KUNIT_EXPECT_EQ(test, le16_to_cpu(tqd->conf.data_desc_size),
				DATA_SIZE);
		KUNIT_EXPECT_NE(test, le64_to_cpu(tqd->ts.ring_pa), 0);
		KUNIT_EXPECT_EQ(test, le16_to_cpu(tqd->ts.desc_size),
				STAMP_SIZE);
		KUNIT_EXPECT_EQ(test, le64_to_cpu(rqd->conf.ring_pa[1]),
				le64_to_cpu(rqd->conf.ring_pa[0]) +
				VMXNET3_RX_RING_SIZE * 16);
		KUNIT_EXPECT_NE(test, le64_to_cpu(rqd->conf.data_ring_pa), 0);
		KUNIT_EXPECT_EQ(test, le16_to_cpu(rqd->conf.data_desc_size),
				DATA_SIZE);
		KUNIT_EXPECT_NE(test, le64_to_cpu(rqd->ts.ring_pa), 0);
		KUNIT_EXPECT_EQ(test, le16_to_cpu(rqd->ts.desc_size),
				STAMP_SIZE);
	}
}

/* Entries shrink where a ring is long: none of it needs more than 512 KiB. */
static void vmxnet3_revision_test_ring_long(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	struct vmxnet3_path *path;

	t->rev.data_size = SIZES(2048, 1984);
	vmxnet3_test_revision(t, 9);
	t->shell->cfg.tx_ring = 4096;
	t->shell->cfg.rx_ring = 512;
	vmxnet3_test_open(t);
	path = t->shell->emulated;
	KUNIT_EXPECT_EQ(test, le16_to_cpu(path->tqd[0].conf.data_desc_size),
			128);
	KUNIT_EXPECT_EQ(test, path->ps->tx[0].seg[VMXNET3_TX_SEG_DATA].length,
			VMXNET3_DATA_RING_MAX);
	KUNIT_EXPECT_EQ(test, le16_to_cpu(path->rqd[0].conf.data_desc_size),
			1024);
	vmxnet3_test_expect_alive(t, 1);
}

struct copied {
	u32 len;
	u32 frags;
	bool copied;
};

static void vmxnet3_revision_test_data_tx(struct kunit *test)
{
	static const struct copied table[] = {
		{ VMXNET3_TEST_HDR_LEN, 0, true }, { 60, 0, true },
		{ DATA_SIZE - 1, 0, true }, { DATA_SIZE, 0, true },
		{ DATA_SIZE + 1, 0, false }, { 1514, 0, false },
		{ 100, 1, false }, { DATA_SIZE, 2, false },
	};
	struct vmxnet3_test *t = test->priv;
	struct vmxnet3_test_tx *got = &t->scratch;
	struct vmxnet3_test_queue *q = &t->q[1];
	const struct vmxnet3_tx_queue_desc *tqd;
	u64 start;
	u32 i;

	open_with_rings(t, DATA_SIZE);
	tqd = &t->shell->emulated->tqd[1];
	start = le64_to_cpu(tqd->conf.data_ring_pa);
	/* More than once around. */
	for (i = 0; i < 3 * VMXNET3_TX_RING_SIZE; i++) {
		const struct copied *c = &table[i % ARRAY_SIZE(table)];
		struct sk_buff *skb = vmxnet3_test_skb(t, c->len, c->frags, i);
		u32 index = q->tx_next;
		u64 addr;

		KUNIT_ASSERT_EQ(test, vmxnet3_test_xmit(t, skb, 1, false),
				NETDEV_TX_OK);
		addr = le64_to_cpu(q->txd[index].addr);
		KUNIT_ASSERT_TRUE(test, vmxnet3_test_dev_take(t, 1, got));
		KUNIT_EXPECT_EQ(test, got->seq, i);
		KUNIT_EXPECT_EQ(test, got->len, c->len);
		KUNIT_EXPECT_EQ(test, addr == start + index * DATA_SIZE,
				c->copied);
		KUNIT_EXPECT_EQ(test, addr >= start && addr < start +
				VMXNET3_TX_RING_SIZE * DATA_SIZE, c->copied);
		KUNIT_EXPECT_EQ(test, got->data[c->len - 1],
				c->len == VMXNET3_TEST_HDR_LEN ? (u8)i :
				(u8)(i * 31 + c->len - 1 +
				     ((c->len - 1) >> 8)));
		vmxnet3_test_dev_complete(t, 1, 1);
		vmxnet3_test_poll(t, 1);
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&t->tx_freed), i);
}

static void vmxnet3_revision_test_data_rx(struct kunit *test)
{
	static const u32 lens[] = {
		VMXNET3_TEST_HDR_LEN, 60, DATA_SIZE - 1, DATA_SIZE,
	};
	struct vmxnet3_test *t = test->priv;
	u32 i;

	open_with_rings(t, DATA_SIZE);
	/* Both kinds in turns, more than once around the rings. */
	for (i = 0; i < 3 * VMXNET3_RX_RING_SIZE; i++) {
		u32 len = lens[i % ARRAY_SIZE(lens)];

		if (i % 7 == 3) {
			len = VMXNET3_TEST_LEN;
			KUNIT_ASSERT_TRUE(test,
					  vmxnet3_test_dev_receive(t, 1, len,
								   i));
		} else {
			data_receive(t, 1, len, i, WHOLE);
		}
		vmxnet3_test_poll(t, 1);
		vmxnet3_test_expect_rx(t, len, i);
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&t->shell->path->bad_reports), 0);
	vmxnet3_test_switch(t, VMXNET3_NPA_MSG_PATH_VF,
			    VMXNET3_NPA_MSG_REASON_OPERATOR);
	KUNIT_EXPECT_TRUE(test, vmxnet3_test_on_vf(t));
	vmxnet3_test_expect_alive(t, 1);
	vmxnet3_test_switch(t, VMXNET3_NPA_MSG_PATH_EMULATED,
			    VMXNET3_NPA_MSG_REASON_OPERATOR);
	data_receive(t, 1, DATA_SIZE, 5, WHOLE);
	vmxnet3_test_poll(t, 1);
	vmxnet3_test_expect_rx(t, DATA_SIZE, 5);
}

/* What a device says of a frame in its data ring is not believed either. */
static void vmxnet3_revision_test_data_rx_bad(struct kunit *test)
{
	static const struct {
		u32 len;
		u32 ctl;
	} table[] = {
		{ DATA_SIZE + 1, WHOLE }, { 16383, WHOLE }, { 0, WHOLE },
		{ ETH_HLEN - 1, WHOLE }, { 60, VMXNET3_RXC_SOP },
		{ 60, VMXNET3_RXC_EOP }, { 60, 0 },
		{ 60 | VMXNET3_RXC_ERR, WHOLE },
	};
	struct vmxnet3_rx_counts counts;
	struct vmxnet3_test *t = test->priv;
	u32 i;

	open_with_rings(t, DATA_SIZE);
	for (i = 0; i < ARRAY_SIZE(table); i++)
		data_receive(t, 0, table[i].len, i, table[i].ctl);
	vmxnet3_test_poll(t, 0);
	KUNIT_EXPECT_TRUE(test, skb_queue_empty(&t->rx));
	vmxnet3_stats_rx(&t->shell->queues[0], &counts);
	KUNIT_EXPECT_EQ(test, counts.drops, ARRAY_SIZE(table));
	vmxnet3_test_expect_alive(t, 1);
	vmxnet3_test_close(t);

	/* A device that uses a ring which it was not given. */
	vmxnet3_test_revision(t, 2);
	vmxnet3_test_open(t);
	t->shell->emulated->rqd[0].conf.data_ring_pa =
		t->shell->emulated->rqd[0].conf.comp_ring_pa;
	data_receive(t, 0, 0, 0, WHOLE);
	vmxnet3_test_poll(t, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->shell->path->bad_reports), 1);
	KUNIT_EXPECT_TRUE(test, skb_queue_empty(&t->rx));
}

/* Lies of a plugin about a frame in ring memory. */
static void vmxnet3_revision_test_indicate_copy(struct kunit *test)
{
	static const struct {
		u32 id, len, sum, count, first, seg, offset;
	} table[] = {
		{ 9999, 60, 60, 1, 0, VMXNET3_RX_SEG_DATA, 0 },
		{ 1, 60, 61, 1, 0, VMXNET3_RX_SEG_DATA, 0 },
		{ 1, 60, 60, 0, 0, VMXNET3_RX_SEG_DATA, 0 },
		{ 1, 60, 59, 1, 1, VMXNET3_RX_SEG_DATA, 0 },
		{ 1, 60, 60, 1, 0, NPA_RING_SEGS, 0 },
		{ 1, 60, 60, 1, 0, U32_MAX, 0 },
		{ 1, 60, 60, 1, 0, VMXNET3_RX_SEG_DATA,
		  VMXNET3_RX_RING_SIZE * DATA_SIZE - 59 },
		{ 1, 60, 60, 1, 0, VMXNET3_RX_SEG_DATA, U32_MAX },
		{ 1, 60, 60, 1, 0, VMXNET3_RX_SEG_DATA, U32_MAX - 58 },
	};
	struct vmxnet3_test *t = test->priv;
	struct vmxnet3_rx_ring *ring;
	u32 i;

	open_with_rings(t, DATA_SIZE);
	ring = &t->shell->path->rx[0];
	napi_disable(ring->napi);
	for (i = 0; i < ARRAY_SIZE(table); i++) {
		/* One that was refused is not looked at again: another each. */
		struct npa_rx_sg sg = { table[i].id + i, table[i].len };
		struct npa_rx_frame frame = {
			.byte_length = table[i].sum,
			.sg_count = table[i].count,
			.first_sg_offset = table[i].first,
			.sg = &sg,
		};

		ring->budget = 1;
		local_bh_disable();
		vmxnet3_indicate_copy(ring, &frame, table[i].seg,
				      table[i].offset);
		local_bh_enable();
		KUNIT_EXPECT_EQ_MSG(test, ring->budget, 1, "line %u", i);
		KUNIT_EXPECT_EQ_MSG(test,
				    atomic_read(&t->shell->path->bad_reports),
				    i + 1, "line %u", i);
	}
	ring->budget = 0;
	napi_enable(ring->napi);
	KUNIT_EXPECT_TRUE(test, skb_queue_empty(&t->rx));
}

/* ethtool -G NIC rx-mini: while it is up, and on a device that has no such. */
static void vmxnet3_revision_test_rx_mini(struct kunit *test)
{
	const struct {
		u32 mini;
		int err;
		u32 size;
	} table[] = {
		{ 0, 0, 0 }, { 1, 0, 64 }, { 64, 0, 64 }, { 65, 0, 128 },
		{ VMXNET3_RX_DATA_MAX, 0, 512 },
		{ VMXNET3_RX_DATA_MAX + 1, -EINVAL, 512 },
		{ U32_MAX, -EINVAL, 512 }, { 128, 0, 128 },
	};
	struct vmxnet3_test *t = test->priv;
	u32 i;

	open_with_rings(t, DATA_SIZE);
	for (i = 0; i < ARRAY_SIZE(table); i++) {
		struct kernel_ethtool_ringparam kernel_ring = {};
		struct netlink_ext_ack extack = {};
		struct ethtool_ringparam ring = {};
		int err;

		vmxnet3_test_lock(t);
		t->netdev->ethtool_ops->get_ringparam(t->netdev, &ring,
						      &kernel_ring, &extack);
		ring.rx_mini_pending = table[i].mini;
		err = t->netdev->ethtool_ops->set_ringparam(t->netdev, &ring,
							    &kernel_ring,
							    &extack);
		vmxnet3_test_unlock(t);
		KUNIT_EXPECT_EQ_MSG(test, err, table[i].err, "line %u", i);
		KUNIT_EXPECT_EQ_MSG(test, !!err, !!extack._msg, "line %u", i);
		KUNIT_EXPECT_EQ_MSG(test, table[i].size,
				    le16_to_cpu(t->shell->emulated->rqd[0]
						.conf.data_desc_size),
				    "line %u", i);
		vmxnet3_test_expect_alive(t, i);
	}
}

/* No memory for what is not necessary: the path does without it. */

static u32 refuse_len;

static void *stub_no_data(struct vmxnet3_shell *shell, size_t len,
			  dma_addr_t *pa)
{
	if (len == refuse_len)
		return NULL;
	return dma_alloc_coherent(shell->dev, len, pa, GFP_KERNEL);
}

static void vmxnet3_revision_test_no_memory(struct kunit *test)
{
	static const u32 lens[] = {
		VMXNET3_TX_RING_SIZE * 192, VMXNET3_RX_RING_SIZE * 192,
		VMXNET3_TX_RING_SIZE * STAMP_SIZE,
		VMXNET3_RX_RING_SIZE * STAMP_SIZE,
	};
	struct vmxnet3_test *t = test->priv;
	u32 i;

	kunit_activate_static_stub(test, vmxnet3_path_dma_alloc, stub_no_data);
	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		const struct vmxnet3_tx_queue_desc *tqd;
		const struct vmxnet3_rx_queue_desc *rqd;

		refuse_len = lens[i];
		open_with_rings(t, 192);
		tqd = &t->shell->emulated->tqd[1];
		rqd = &t->shell->emulated->rqd[1];
		KUNIT_EXPECT_EQ(test, !tqd->conf.data_ring_pa, i == 0);
		KUNIT_EXPECT_EQ(test, !tqd->conf.data_desc_size, i == 0);
		KUNIT_EXPECT_EQ(test, !tqd->conf.data_ring_size, i == 0);
		KUNIT_EXPECT_EQ(test, !rqd->conf.data_ring_pa, i == 1);
		KUNIT_EXPECT_EQ(test, !rqd->conf.data_desc_size, i == 1);
		KUNIT_EXPECT_EQ(test, !tqd->ts.desc_size, i == 2);
		KUNIT_EXPECT_EQ(test, !rqd->ts.desc_size, i == 3);
		vmxnet3_test_expect_alive(t, 1);
		vmxnet3_test_close(t);
	}
	kunit_deactivate_static_stub(test, vmxnet3_path_dma_alloc);
}

static bool stamped(struct vmxnet3_test *t, __le64 pa, u32 index)
{
	struct vmxnet3_ts_desc *ts = (void *)ring_va(t, pa, index, STAMP_SIZE);

	return le64_to_cpu(ts->info) & VMXNET3_TS_VALID;
}

static void vmxnet3_revision_test_stamps(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	struct vmxnet3_tx_queue_desc *tqd;
	struct vmxnet3_rx_queue_desc *rqd;
	u32 i;

	open_with_rings(t, DATA_SIZE);
	tqd = t->shell->emulated->tqd;
	rqd = t->shell->emulated->rqd;
	/* None wanted, then one in three, then each. */
	for (i = 0; i < 12; i++) {
		u32 rate = i < 3 ? 0 : i < 9 ? 3 : 1;

		tqd[0].ts.sample_rate = cpu_to_le16(rate);
		vmxnet3_test_send(t, 1, VMXNET3_TEST_LEN, i);
		KUNIT_EXPECT_EQ_MSG(test, stamped(t, tqd[1].ts.ring_pa, i),
				    rate && (i % 3 == 0 || rate == 1),
				    "frame %u", i);
		KUNIT_EXPECT_TRUE(test, vmxnet3_test_dev_take(t, 1,
							      &t->scratch));
		vmxnet3_test_dev_complete(t, 1, 1);
		vmxnet3_test_poll(t, 1);
	}
	for (i = 0; i < 4; i++) {
		data_receive(t, 0, 60, i, WHOLE |
			     (i & 1 ? VMXNET3_RXC_TS_WANTED : 0));
		vmxnet3_test_poll(t, 0);
		vmxnet3_test_expect_rx(t, 60, i);
		KUNIT_EXPECT_EQ(test, stamped(t, rqd[0].ts.ring_pa, i), i & 1);
	}
}

static struct kunit_case vmxnet3_revision_cases[] = {
	KUNIT_CASE(vmxnet3_revision_test_negotiate),
	KUNIT_CASE(vmxnet3_revision_test_limits),
	KUNIT_CASE(vmxnet3_revision_test_caps),
	KUNIT_CASE(vmxnet3_revision_test_restore),
	KUNIT_CASE(vmxnet3_revision_test_info),
	KUNIT_CASE(vmxnet3_revision_test_shared),
	KUNIT_CASE(vmxnet3_revision_test_mtu),
	KUNIT_CASE(vmxnet3_revision_test_doorbells),
	KUNIT_CASE(vmxnet3_revision_test_speed),
	KUNIT_CASE(vmxnet3_revision_test_ring_words),
	KUNIT_CASE(vmxnet3_revision_test_ring_long),
	KUNIT_CASE(vmxnet3_revision_test_data_tx),
	KUNIT_CASE(vmxnet3_revision_test_data_rx),
	KUNIT_CASE(vmxnet3_revision_test_data_rx_bad),
	KUNIT_CASE(vmxnet3_revision_test_indicate_copy),
	KUNIT_CASE(vmxnet3_revision_test_rx_mini),
	KUNIT_CASE(vmxnet3_revision_test_no_memory),
	KUNIT_CASE(vmxnet3_revision_test_stamps),
	{}
};

static struct kunit_suite vmxnet3_revision_suite = {
	.name = "vmxnet3-revision",
	.init = vmxnet3_test_init,
	.exit = vmxnet3_test_exit,
	.test_cases = vmxnet3_revision_cases,
};

kunit_test_suite(vmxnet3_revision_suite);
