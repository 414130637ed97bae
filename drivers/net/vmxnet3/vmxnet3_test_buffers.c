// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the shell's books: what a plugin may do with buffers and reports,
 * and what it is not believed.
 */
#include <linux/bitfield.h>
#include <linux/delay.h>
#include <linux/dma-direct.h>
#include <linux/etherdevice.h>
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/mmzone.h>
#include <linux/tcp.h>
#include <linux/unaligned.h>
#include <net/ip6_checksum.h>
#include <net/page_pool/types.h>

#include "vmxnet3_switch.h"
#include "vmxnet3_test.h"

#define TEST_LEN	300

static int buffers_init(struct kunit *test)
{
	struct vmxnet3_test *t;
	int err;

	err = vmxnet3_test_init(test);
	if (err)
		return err;
	t = test->priv;
	vmxnet3_test_open(t);
	vmxnet3_test_switch(t, VMXNET3_NPA_MSG_PATH_VF,
			    VMXNET3_NPA_MSG_REASON_OPERATOR);
	KUNIT_ASSERT_TRUE(test, vmxnet3_test_on_vf(t));
	return 0;
}

static struct vmxnet3_rx_ring *test_ring(struct vmxnet3_test *t)
{
	return &t->shell->vf->rx[0];
}

static void *test_handle(struct vmxnet3_test *t)
{
	return t->vf.ps->rx[0].handle;
}

static const struct npa_shell_api *test_api(struct vmxnet3_test *t)
{
	return t->vf.ps->api;
}

static long bad_reports(struct vmxnet3_test *t, enum vmxnet3_bad_report kind)
{
	return atomic_long_read(&t->shell->npa.bad_reports[kind]);
}

static long all_bad_reports(struct vmxnet3_test *t)
{
	long n = 0;
	u32 i;

	for (i = 0; i < VMXNET3_BAD_REPORTS; i++)
		n += bad_reports(t, i);
	return n;
}

static u64 rx_drops(struct vmxnet3_test *t)
{
	return u64_stats_read(&t->shell->queues[0].rx_stats.drops);
}

/* Run a hook in one poll. */
static void poll_with(struct vmxnet3_test *t,
		      u32 (*hook)(struct vmxnet3_test *t, u32 queue,
				  u32 budget),
		      const void *arg)
{
	t->vf.hook_arg = arg;
	t->vf.rx_hook = hook;
	vmxnet3_test_poll(t, 0);
	t->vf.rx_hook = NULL;
}

static void *buffer_va(struct vmxnet3_test *t, u64 addr)
{
	return phys_to_virt(dma_to_phys(t->dev, addr));
}

/* Allocating and freeing */

static u32 alloc_hook(struct vmxnet3_test *t, u32 queue, u32 budget)
{
	struct vmxnet3_rx_ring *ring = test_ring(t);
	struct kunit *test = t->test;
	u64 addr[8] = {};
	u32 i, k;

	for (i = 3; i < 7; i++)
		test_api(t)->free_buffer(test_handle(t), i);
	KUNIT_EXPECT_NULL(test, ring->slots[3].page);
	KUNIT_EXPECT_NULL(test, ring->slots[6].page);
	KUNIT_EXPECT_NOT_NULL(test, ring->slots[2].page);
	KUNIT_EXPECT_NOT_NULL(test, ring->slots[7].page);

	KUNIT_EXPECT_EQ(test, 4,
			test_api(t)->alloc_small_buffers(test_handle(t), 3, 4,
							 addr));
	for (i = 0; i < 4; i++) {
		KUNIT_EXPECT_NE(test, addr[i], 0);
		KUNIT_EXPECT_EQ(test, addr[i] % 64, 0);
		for (k = 0; k < i; k++)
			KUNIT_EXPECT_GE(test, abs_diff(addr[i], addr[k]),
					VMXNET3_SMALL_LEN);
		/* The whole length is there to be written. */
		memset(buffer_va(t, addr[i]), 0xa5, VMXNET3_SMALL_LEN);
	}
	KUNIT_EXPECT_EQ(test, all_bad_reports(t), 0);

	/* Large ones are whole pages. */
	test_api(t)->free_buffer(test_handle(t), 20);
	KUNIT_EXPECT_EQ(test, 1,
			test_api(t)->alloc_large_buffers(test_handle(t), 20, 1,
							 addr));
	KUNIT_EXPECT_EQ(test, addr[0] % PAGE_SIZE, 0);
	memset(buffer_va(t, addr[0]), 0xa5, VMXNET3_LARGE_LEN);
	KUNIT_EXPECT_EQ(test, all_bad_reports(t), 0);
	return 0;
}

static void vmxnet3_buffers_test_alloc(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	poll_with(t, alloc_hook, NULL);
	KUNIT_EXPECT_TRUE(test, vmxnet3_test_on_vf(t));
}

static void refill_all(struct vmxnet3_test *t)
{
	u32 num = t->vf.ps->rx[0].num_buf_ids;

	local_bh_disable();
	KUNIT_EXPECT_EQ(t->test, num,
			test_api(t)->alloc_small_buffers(test_handle(t), 0, num,
							 vmxnet3_test_vf_addr(t,
									      0)));
	local_bh_enable();
}

/* A pool that is about to go gets no pages back, any other one does. */
static void vmxnet3_buffers_test_drop(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	struct vmxnet3_rx_ring *ring = test_ring(t);

	KUNIT_ASSERT_TRUE(test, ptr_ring_empty(&ring->pool->ring));
	vmxnet3_rx_ring_drop(ring, true);
	KUNIT_EXPECT_NULL(test, ring->slots[0].page);
	KUNIT_EXPECT_TRUE(test, ptr_ring_empty(&ring->pool->ring));
	refill_all(t);
	vmxnet3_rx_ring_drop(ring, false);
	KUNIT_EXPECT_NULL(test, ring->slots[0].page);
	KUNIT_EXPECT_FALSE(test, ptr_ring_empty(&ring->pool->ring));
	refill_all(t);
	KUNIT_EXPECT_TRUE(test, vmxnet3_test_vf_rx(t, 0, TEST_LEN, 1));
}

static u32 alloc_bad_hook(struct vmxnet3_test *t, u32 queue, u32 budget)
{
	const struct npa_shell_api *api = test_api(t);
	u32 num = t->vf.ps->rx[0].num_buf_ids;
	struct vmxnet3_rx_ring *ring = test_ring(t);
	void *handle = test_handle(t);
	struct kunit *test = t->test;
	struct page *page;
	u64 addr[8] = {};

	/* An id that has a buffer keeps it. */
	page = ring->slots[9].page;
	KUNIT_EXPECT_EQ(test, 0, api->alloc_small_buffers(handle, 9, 1, addr));
	KUNIT_EXPECT_EQ(test, bad_reports(t, VMXNET3_BAD_IN_USE), 1);
	KUNIT_EXPECT_PTR_EQ(test, ring->slots[9].page, page);
	KUNIT_EXPECT_EQ(test, 0, api->alloc_large_buffers(handle, 9, 1, addr));
	KUNIT_EXPECT_EQ(test, bad_reports(t, VMXNET3_BAD_IN_USE), 2);

	/* What came before it is allocated. */
	api->free_buffer(handle, 10);
	KUNIT_EXPECT_EQ(test, 1, api->alloc_small_buffers(handle, 10, 3, addr));
	KUNIT_EXPECT_NE(test, addr[0], 0);
	KUNIT_EXPECT_EQ(test, addr[1], 0);
	KUNIT_EXPECT_EQ(test, bad_reports(t, VMXNET3_BAD_IN_USE), 3);

	KUNIT_EXPECT_EQ(test, 0,
			api->alloc_small_buffers(handle, num, 1, addr));
	KUNIT_EXPECT_EQ(test, 0,
			api->alloc_small_buffers(handle, num - 1, 2, addr));
	KUNIT_EXPECT_EQ(test, 0,
			api->alloc_small_buffers(handle, U32_MAX, 2, addr));
	KUNIT_EXPECT_EQ(test, 0,
			api->alloc_small_buffers(handle, 1, U32_MAX, addr));
	KUNIT_EXPECT_EQ(test, bad_reports(t, VMXNET3_BAD_ID), 4);

	api->free_buffer(handle, num);
	api->free_buffer(handle, U32_MAX);
	KUNIT_EXPECT_EQ(test, bad_reports(t, VMXNET3_BAD_ID), 6);
	api->free_buffer(handle, 30);
	KUNIT_EXPECT_EQ(test, bad_reports(t, VMXNET3_BAD_EMPTY), 0);
	api->free_buffer(handle, 30);
	KUNIT_EXPECT_EQ(test, bad_reports(t, VMXNET3_BAD_EMPTY), 1);
	KUNIT_EXPECT_EQ(test, all_bad_reports(t), 10);
	return 0;
}

static void vmxnet3_buffers_test_alloc_bad(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	poll_with(t, alloc_bad_hook, NULL);
	KUNIT_EXPECT_TRUE(test, vmxnet3_test_on_vf(t));
}

/* No memory: fewer buffers than wanted, and a look again later. */
static u32 no_memory_hook(struct vmxnet3_test *t, u32 queue, u32 budget)
{
	const struct npa_shell_api *api = test_api(t);
	struct vmxnet3_rx_ring *ring = test_ring(t);
	u32 num = t->vf.ps->rx[0].num_buf_ids;
	struct kunit *test = t->test;
	u64 *addr = vmxnet3_test_vf_addr(t, 0);
	u32 got, i;

	for (i = 0; i < num; i++)
		api->free_buffer(test_handle(t), i);
	/* What the pool has cached will do for some, and no page has this. */
	ring->pool->p.order = MAX_PAGE_ORDER + 1;
	got = api->alloc_large_buffers(test_handle(t), 0, num, addr);
	ring->pool->p.order = 0;
	KUNIT_EXPECT_LT(test, got, num);
	KUNIT_EXPECT_EQ(test, ring->alloc_fails, 1);
	KUNIT_EXPECT_NULL(test, ring->slots[got].page);
	KUNIT_EXPECT_EQ(test, num - got,
			api->alloc_large_buffers(test_handle(t), got, num - got,
						 addr + got));
	return 0;
}

static void vmxnet3_buffers_test_no_memory(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	struct vmxnet3_queue *q = &t->shell->queues[0];

	KUNIT_EXPECT_FALSE(test, timer_pending(&q->refill_timer));
	poll_with(t, no_memory_hook, NULL);
	KUNIT_EXPECT_TRUE(test, timer_pending(&q->refill_timer));
	KUNIT_EXPECT_EQ(test, u64_stats_read(&q->rx_stats.alloc_fails), 1);
	KUNIT_EXPECT_EQ(test, all_bad_reports(t), 0);

	/* The timer polls by itself. */
	KUNIT_EXPECT_TRUE(test, vmxnet3_test_vf_rx(t, 0, TEST_LEN, 1));
	msleep(200);
	KUNIT_EXPECT_FALSE(test, timer_pending(&q->refill_timer));
	vmxnet3_test_expect_rx(t, TEST_LEN, 1);
}

/* Reports that are refused */

struct report_case {
	const char *name;
	enum vmxnet3_bad_report kind;
	u32 sg_count;
	u32 byte_length;
	u32 first_sg_offset;
	struct npa_rx_sg sg[NPA_RX_MAX_SG + 2];
	u32 free_first;		/* id + 1 */
	bool add_small;		/* VMXNET3_SMALL_LEN to the first length */
};

static const struct report_case report_cases[] = {
	{ "id_first_unknown", VMXNET3_BAD_ID, 1, 100, 0,
	  { { VMXNET3_RX_RING_SIZE, 100 } } },
	{ "id_huge", VMXNET3_BAD_ID, 1, 100, 0, { { U32_MAX, 100 } } },
	{ "id_second_unknown", VMXNET3_BAD_ID, 2, 200, 0,
	  { { 0, 100 }, { 0x80000001, 100 } } },
	{ "empty", VMXNET3_BAD_EMPTY, 1, 100, 0, { { 5, 100 } }, 6 },
	{ "empty_second", VMXNET3_BAD_EMPTY, 2, 200, 0,
	  { { 0, 100 }, { 5, 100 } }, 6 },
	{ "same_twice", VMXNET3_BAD_EMPTY, 2, 200, 0,
	  { { 1, 100 }, { 1, 100 } } },
	{ "same_later", VMXNET3_BAD_EMPTY, 3, 300, 0,
	  { { 1, 100 }, { 2, 100 }, { 1, 100 } } },
	{ "length_one_more", VMXNET3_BAD_LENGTH, 1, 1, 0, { { 0, 1 } },
	  .add_small = true },
	{ "length_huge", VMXNET3_BAD_LENGTH, 1, U32_MAX, 0,
	  { { 0, U32_MAX } } },
	{ "length_wraps", VMXNET3_BAD_LENGTH, 2, 100, 0,
	  { { 0, 200 }, { 1, 0u - 100 } } },
	{ "offset_beyond", VMXNET3_BAD_LENGTH, 2, 200, 101,
	  { { 0, 100 }, { 1, 201 } } },
	{ "offset_huge", VMXNET3_BAD_LENGTH, 1, 100, 0xffff, { { 0, 100 } } },
	{ "sum_one_more", VMXNET3_BAD_SUM, 1, 101, 0, { { 0, 100 } } },
	{ "sum_one_less", VMXNET3_BAD_SUM, 1, 99, 0, { { 0, 100 } } },
	{ "sum_zero", VMXNET3_BAD_SUM, 1, 0, 0, { { 0, 100 } } },
	{ "sum_without_offset", VMXNET3_BAD_SUM, 1, 100, 2, { { 0, 100 } } },
	{ "sg_none", VMXNET3_BAD_SG, 0, 0, 0, {} },
	{ "sg_more_than_frags", VMXNET3_BAD_SG, MAX_SKB_FRAGS + 1, 100, 0,
	  { { 0, 100 } } },
	{ "sg_too_many", VMXNET3_BAD_SG, NPA_RX_MAX_SG + 1, 100, 0,
	  { { 0, 100 } } },
	{ "sg_huge", VMXNET3_BAD_SG, 0xffff, 100, 0, { { 0, 100 } } },
};

static void report_case_name(const struct report_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(report, report_cases, report_case_name);

static u32 report_hook(struct vmxnet3_test *t, u32 queue, u32 budget)
{
	const struct report_case *c = t->vf.hook_arg;
	struct npa_rx_frame frame = {
		.sg_count = c->sg_count,
		.byte_length = c->byte_length,
		.first_sg_offset = c->first_sg_offset,
		.sg = c->sg,
	};
	struct npa_rx_sg sg;

	if (c->add_small) {
		sg = c->sg[0];
		sg.length += VMXNET3_SMALL_LEN;
		frame.byte_length += VMXNET3_SMALL_LEN;
		frame.sg = &sg;
	}
	if (c->free_first)
		test_api(t)->free_buffer(test_handle(t), c->free_first - 1);
	test_api(t)->indicate_recv(test_handle(t), &frame);
	return 1;
}

/*
 * What the refused report named stays where it was.  The plugin, which thinks
 * that the ids are empty, gets the same buffers again, once; what a list too
 * long to be believed has named it does not get at all.
 */
static u32 report_again_hook(struct vmxnet3_test *t, u32 queue, u32 budget)
{
	const struct report_case *c = t->vf.hook_arg;
	u64 *known = vmxnet3_test_vf_addr(t, queue);
	struct vmxnet3_rx_ring *ring = test_ring(t);
	bool believed = c->sg_count <= NPA_RX_MAX_SG;
	struct kunit *test = t->test;
	u32 i;

	for (i = 0; i < min_t(u32, c->sg_count, NPA_RX_MAX_SG); i++) {
		u32 id = c->sg[i].buf_id;
		u64 addr = 0;

		if (id >= ring->num_slots)
			break;
		if (id + 1 == c->free_first || !ring->slots[id].returned)
			continue;
		KUNIT_EXPECT_NOT_NULL(test, ring->slots[id].page);
		KUNIT_EXPECT_EQ(test, 0,
				test_api(t)->alloc_large_buffers(test_handle(t),
								 id, 1, &addr));
		KUNIT_EXPECT_EQ(test, 1,
				test_api(t)->alloc_small_buffers(test_handle(t),
								 id, 1, &addr));
		KUNIT_EXPECT_EQ(test, addr, known[id]);
		KUNIT_EXPECT_FALSE(test, ring->slots[id].returned);
		t->hv_count++;
	}
	if (!believed || !t->hv_count) {
		for (i = 0; i < ring->num_slots; i++)
			KUNIT_EXPECT_FALSE(test, ring->slots[i].returned &&
					   ring->slots[i].page);
		return 0;
	}
	/* And not another time. */
	KUNIT_EXPECT_EQ(test, 0,
			test_api(t)->alloc_small_buffers(test_handle(t),
							 c->sg[0].buf_id, 1,
							 known));
	return 0;
}

static void vmxnet3_buffers_test_report(struct kunit *test)
{
	const struct report_case *c = test->param_value;
	struct vmxnet3_test *t = test->priv;
	struct vmxnet3_rx_ring *ring = test_ring(t);
	u64 drops = rx_drops(t);
	u32 i;

	poll_with(t, report_hook, c);
	KUNIT_EXPECT_EQ(test, bad_reports(t, c->kind), 1);
	KUNIT_EXPECT_EQ(test, all_bad_reports(t), 1);
	KUNIT_EXPECT_EQ(test, rx_drops(t), drops + 1);
	KUNIT_EXPECT_TRUE(test, skb_queue_empty(&t->rx));

	/* The hardware may own any buffer that was named: none is freed. */
	for (i = 0; i < ring->num_slots; i++)
		KUNIT_EXPECT_TRUE(test, ring->slots[i].page ||
				  i + 1 == c->free_first);
	poll_with(t, report_again_hook, c);
	KUNIT_EXPECT_EQ(test, bad_reports(t, VMXNET3_BAD_IN_USE),
			t->hv_count ? t->hv_count + 1 : 0);

	/* One bad report is no reason to leave. */
	vmxnet3_test_flush(t);
	KUNIT_EXPECT_TRUE(test, vmxnet3_test_on_vf(t));
}

/* A buffer that was named by mistake is received with in its turn. */
static void vmxnet3_buffers_test_named_later(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	struct vmxnet3_rx_ring *ring = test_ring(t);
	u32 i;

	for (i = 0; i < ARRAY_SIZE(report_cases); i++)
		if (!strcmp(report_cases[i].name, "id_second_unknown"))
			break;
	KUNIT_ASSERT_LT(test, i, ARRAY_SIZE(report_cases));
	poll_with(t, report_hook, &report_cases[i]);
	KUNIT_EXPECT_TRUE(test, ring->slots[0].returned);
	for (i = 0; i < 2 * ring->num_slots; i++) {
		KUNIT_ASSERT_TRUE(test, vmxnet3_test_vf_rx(t, 0, TEST_LEN, i));
		vmxnet3_test_poll(t, 0);
		vmxnet3_test_expect_rx(t, TEST_LEN, i);
	}
	KUNIT_EXPECT_FALSE(test, ring->slots[0].returned);
	KUNIT_EXPECT_EQ(test, all_bad_reports(t), 1);
}

/* Budget */

static u32 over_budget_hook(struct vmxnet3_test *t, u32 queue, u32 budget)
{
	const u64 *addr = vmxnet3_test_vf_addr(t, queue);
	u32 i;

	for (i = 0; i < budget + 1; i++) {
		const struct npa_rx_sg sg = { .buf_id = i, .length = 100 };
		const struct npa_rx_frame frame = {
			.byte_length = 100,
			.sg_count = 1,
			.sg = &sg,
		};

		vmxnet3_test_fill(t, buffer_va(t, addr[i]), 100, i);
		test_api(t)->indicate_recv(test_handle(t), &frame);
	}
	/* Once is enough. */
	t->vf.rx_hook = NULL;
	return budget;
}

static void vmxnet3_buffers_test_over_budget(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	u32 i;

	poll_with(t, over_budget_hook, NULL);
	KUNIT_EXPECT_EQ(test, bad_reports(t, VMXNET3_BAD_BUDGET), 1);
	KUNIT_EXPECT_EQ(test, all_bad_reports(t), 1);
	KUNIT_EXPECT_EQ(test, rx_drops(t), 1);
	KUNIT_EXPECT_EQ(test, skb_queue_len(&t->rx), NAPI_POLL_WEIGHT);
	for (i = 0; i < NAPI_POLL_WEIGHT; i++)
		vmxnet3_test_expect_rx(t, 100, i);
}

static u32 lying_budget_hook(struct vmxnet3_test *t, u32 queue, u32 budget)
{
	t->vf.rx_hook = NULL;
	return budget + 1;
}

static void vmxnet3_buffers_test_lying_budget(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	poll_with(t, lying_budget_hook, NULL);
	KUNIT_EXPECT_EQ(test, bad_reports(t, VMXNET3_BAD_BUDGET), 1);
	KUNIT_EXPECT_EQ(test, all_bad_reports(t), 1);
	/* NAPI would have complained had it been told. */
	KUNIT_EXPECT_TRUE(test, vmxnet3_test_on_vf(t));
}

/* Between polls of the ring nothing may be indicated. */
static void indicate_hook(struct vmxnet3_test *t, u32 queue)
{
	const struct npa_rx_sg sg = { .buf_id = 0, .length = 100 };
	const struct npa_rx_frame frame = {
		.byte_length = 100,
		.sg_count = 1,
		.sg = &sg,
	};

	t->vf.tx_hook = NULL;
	test_api(t)->indicate_recv(test_handle(t), &frame);
}

static void vmxnet3_buffers_test_out_of_poll(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	KUNIT_EXPECT_TRUE(test, vmxnet3_test_vf_rx(t, 0, TEST_LEN, 1));
	vmxnet3_test_poll(t, 0);
	vmxnet3_test_expect_rx(t, TEST_LEN, 1);

	t->vf.tx_hook = indicate_hook;
	vmxnet3_test_send(t, 0, TEST_LEN, 1);
	vmxnet3_test_poll(t, 0);
	KUNIT_EXPECT_EQ(test, bad_reports(t, VMXNET3_BAD_BUDGET), 1);
	KUNIT_EXPECT_EQ(test, all_bad_reports(t), 1);
	KUNIT_EXPECT_TRUE(test, skb_queue_empty(&t->rx));
	KUNIT_EXPECT_TRUE(test, vmxnet3_test_on_vf(t));
}

/* Frames that are right */

struct frame_case {
	const char *name;
	struct npa_rx_frame frame;
	struct npa_rx_sg sg[4];
	bool large;		/* buffers 0 to 3 */
	bool dropped;
	u8 ip_summed;
	bool say_sum;		/* NPA_RX_SUM */
	bool l4_hash;
	netdev_features_t off;
	bool add_small;		/* VMXNET3_SMALL_LEN to the first length */
};

static const struct frame_case frame_cases[] = {
	{ .name = "one_small",
	  .frame = { .sg_count = 1, .byte_length = TEST_LEN },
	  .sg = { { 0, TEST_LEN } } },
	{ .name = "small_full",
	  .frame = { .sg_count = 1 }, .add_small = true },
	{ .name = "offset",
	  .frame = { .sg_count = 1, .byte_length = TEST_LEN,
		     .first_sg_offset = 10 },
	  .sg = { { 0, TEST_LEN + 10 } } },
	{ .name = "three_small",
	  .frame = { .sg_count = 3, .byte_length = 1000 + 500 + 7 },
	  .sg = { { 2, 1000 }, { 0, 500 }, { 1, 7 } } },
	{ .name = "header_in_second",
	  .frame = { .sg_count = 2, .byte_length = 10 + 100 },
	  .sg = { { 0, 10 }, { 1, 100 } } },
	{ .name = "large_copied",
	  .frame = { .sg_count = 1, .byte_length = VMXNET3_RX_COPY_LEN },
	  .sg = { { 0, VMXNET3_RX_COPY_LEN } }, .large = true },
	{ .name = "large_attached",
	  .frame = { .sg_count = 1, .byte_length = VMXNET3_LARGE_LEN },
	  .sg = { { 0, VMXNET3_LARGE_LEN } }, .large = true },
	{ .name = "large_offset",
	  .frame = { .sg_count = 2, .byte_length = 2000, .first_sg_offset = 2 },
	  .sg = { { 0, 1902 }, { 1, 100 } }, .large = true },
	{ .name = "csum_good",
	  .frame = { .sg_count = 1, .byte_length = TEST_LEN,
		     .ip_csum = NPA_CSUM_CORRECT,
		     .l4_csum = NPA_CSUM_CORRECT },
	  .sg = { { 0, TEST_LEN } }, .ip_summed = CHECKSUM_UNNECESSARY },
	{ .name = "csum_l4_good_v6",
	  .frame = { .sg_count = 1, .byte_length = TEST_LEN,
		     .l4_csum = NPA_CSUM_CORRECT },
	  .sg = { { 0, TEST_LEN } }, .ip_summed = CHECKSUM_UNNECESSARY },
	{ .name = "csum_ip_wrong",
	  .frame = { .sg_count = 1, .byte_length = TEST_LEN,
		     .ip_csum = NPA_CSUM_INCORRECT,
		     .l4_csum = NPA_CSUM_CORRECT },
	  .sg = { { 0, TEST_LEN } }, .ip_summed = CHECKSUM_NONE },
	{ .name = "csum_l4_wrong",
	  .frame = { .sg_count = 1, .byte_length = TEST_LEN,
		     .ip_csum = NPA_CSUM_CORRECT,
		     .l4_csum = NPA_CSUM_INCORRECT },
	  .sg = { { 0, TEST_LEN } }, .ip_summed = CHECKSUM_NONE },
	{ .name = "csum_l4_unknown",
	  .frame = { .sg_count = 1, .byte_length = TEST_LEN,
		     .ip_csum = NPA_CSUM_CORRECT },
	  .sg = { { 0, TEST_LEN } }, .ip_summed = CHECKSUM_NONE },
	{ .name = "csum_off",
	  .frame = { .sg_count = 1, .byte_length = TEST_LEN,
		     .ip_csum = NPA_CSUM_CORRECT,
		     .l4_csum = NPA_CSUM_CORRECT },
	  .sg = { { 0, TEST_LEN } }, .ip_summed = CHECKSUM_NONE,
	  .off = NETIF_F_RXCSUM },
	{ .name = "sum",
	  .frame = { .sg_count = 1, .byte_length = TEST_LEN },
	  .sg = { { 0, TEST_LEN } }, .say_sum = true,
	  .ip_summed = CHECKSUM_COMPLETE },
	{ .name = "sum_odd_pieces",
	  .frame = { .sg_count = 3, .byte_length = 1000 + 501 + 6,
		     .l4_csum = NPA_CSUM_INCORRECT, .first_sg_offset = 2 },
	  .sg = { { 2, 1002 }, { 0, 501 }, { 1, 6 } }, .say_sum = true,
	  .ip_summed = CHECKSUM_COMPLETE },
	{ .name = "sum_large_vlan",
	  .frame = { .sg_count = 1, .byte_length = VMXNET3_LARGE_LEN,
		     .flags = NPA_RX_VLAN, .vlan_tag = 0x6123 },
	  .sg = { { 0, VMXNET3_LARGE_LEN } }, .large = true, .say_sum = true,
	  .ip_summed = CHECKSUM_COMPLETE },
	{ .name = "sum_not_needed",
	  .frame = { .sg_count = 1, .byte_length = TEST_LEN,
		     .l4_csum = NPA_CSUM_CORRECT },
	  .sg = { { 0, TEST_LEN } }, .say_sum = true,
	  .ip_summed = CHECKSUM_UNNECESSARY },
	{ .name = "sum_off",
	  .frame = { .sg_count = 1, .byte_length = TEST_LEN },
	  .sg = { { 0, TEST_LEN } }, .say_sum = true,
	  .off = NETIF_F_RXCSUM },
	{ .name = "vlan",
	  .frame = { .sg_count = 1, .byte_length = TEST_LEN,
		     .flags = NPA_RX_VLAN, .vlan_tag = 0x6123 },
	  .sg = { { 0, TEST_LEN } } },
	{ .name = "hash_l3",
	  .frame = { .sg_count = 1, .byte_length = TEST_LEN,
		     .hash = 0x12345678, .hash_type = NPA_HASH_L3 },
	  .sg = { { 0, TEST_LEN } } },
	{ .name = "hash_l4",
	  .frame = { .sg_count = 1, .byte_length = TEST_LEN,
		     .hash = 0x87654321, .hash_type = NPA_HASH_L4 },
	  .sg = { { 0, TEST_LEN } }, .l4_hash = true },
	{ .name = "hash_none",
	  .frame = { .sg_count = 1, .byte_length = TEST_LEN,
		     .hash_type = NPA_HASH_NONE },
	  .sg = { { 0, TEST_LEN } } },
	{ .name = "error",
	  .frame = { .sg_count = 1, .byte_length = TEST_LEN,
		     .flags = NPA_RX_ERROR },
	  .sg = { { 0, TEST_LEN } }, .dropped = true },
	{ .name = "too_short",
	  .frame = { .sg_count = 1, .byte_length = ETH_HLEN - 1 },
	  .sg = { { 0, ETH_HLEN - 1 } }, .dropped = true },
};

static void frame_case_name(const struct frame_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(frame, frame_cases, frame_case_name);

/* The sum of RFC 1071, word by word. */
static u16 test_sum(const u8 *data, u32 len)
{
	u32 i, sum = 0;

	for (i = 0; i < len; i++) {
		sum += i % 2 ? data[i] : data[i] << 8;
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return sum;
}

/* Spread the frame over its buffers, as hardware does, and report it. */
static u32 frame_hook(struct vmxnet3_test *t, u32 queue, u32 budget)
{
	const struct frame_case *c = t->vf.hook_arg;
	struct npa_rx_frame frame = c->frame;
	const u8 *data = t->scratch.data;
	struct npa_rx_sg sg[4];
	u64 addr[4];
	u32 i;

	memcpy(sg, c->sg, sizeof(sg));
	if (c->add_small) {
		sg[0].length += VMXNET3_SMALL_LEN;
		frame.byte_length += VMXNET3_SMALL_LEN;
	}

	memcpy(addr, vmxnet3_test_vf_addr(t, queue), sizeof(addr));
	if (c->large) {
		for (i = 0; i < 4; i++)
			test_api(t)->free_buffer(test_handle(t), i);
		KUNIT_EXPECT_EQ(t->test, 4,
				test_api(t)->alloc_large_buffers(test_handle(t),
								 0, 4, addr));
	}
	vmxnet3_test_fill(t, t->scratch.data,
			  max_t(u32, frame.byte_length, VMXNET3_TEST_HDR_LEN),
			  77);
	for (i = 0; i < frame.sg_count; i++) {
		u32 skip = i ? 0 : frame.first_sg_offset;
		u8 *to = buffer_va(t, addr[sg[i].buf_id]);

		memset(to, 0xff, skip);
		memcpy(to + skip, data, sg[i].length - skip);
		data += sg[i].length - skip;
	}
	if (c->say_sum) {
		frame.flags |= NPA_RX_SUM;
		frame.sum = test_sum((u8 *)t->scratch.data + ETH_HLEN,
				     frame.byte_length - ETH_HLEN);
	}
	frame.sg = sg;
	test_api(t)->indicate_recv(test_handle(t), &frame);
	return 1;
}

static void vmxnet3_buffers_test_frame(struct kunit *test)
{
	const struct frame_case *c = test->param_value;
	struct vmxnet3_test *t = test->priv;
	struct vmxnet3_rx_ring *ring = test_ring(t);
	const struct npa_rx_frame *f = &c->frame;
	struct sk_buff *skb;
	u32 i;

	t->netdev->features &= ~c->off;
	poll_with(t, frame_hook, c);
	KUNIT_EXPECT_EQ(test, all_bad_reports(t), 0);
	for (i = 0; i < f->sg_count; i++)
		KUNIT_EXPECT_NULL(test, ring->slots[c->sg[i].buf_id].page);
	if (c->dropped) {
		KUNIT_EXPECT_EQ(test, rx_drops(t), 1);
		KUNIT_EXPECT_TRUE(test, skb_queue_empty(&t->rx));
		return;
	}
	KUNIT_EXPECT_EQ(test, rx_drops(t), 0);

	skb = skb_peek(&t->rx);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_EXPECT_EQ(test, (u8)skb->ip_summed, c->ip_summed);
	/* As the stack looks at it, from behind the Ethernet header on. */
	if (c->ip_summed == CHECKSUM_COMPLETE)
		KUNIT_EXPECT_EQ(test, (__force u16)csum_fold(skb->csum),
				(__force u16)csum_fold(skb_checksum(skb, 0,
								    skb->len,
								    0)));
	KUNIT_EXPECT_EQ(test, (u8)skb->pkt_type, PACKET_HOST);
	KUNIT_EXPECT_EQ(test, skb_get_rx_queue(skb), 0);
	KUNIT_EXPECT_EQ(test, skb_vlan_tag_present(skb),
			!!(f->flags & NPA_RX_VLAN));
	if (f->flags & NPA_RX_VLAN) {
		KUNIT_EXPECT_EQ(test, skb_vlan_tag_get(skb), f->vlan_tag);
		KUNIT_EXPECT_EQ(test, ntohs(skb->vlan_proto), ETH_P_8021Q);
	}
	KUNIT_EXPECT_EQ(test, skb->hash, f->hash);
	KUNIT_EXPECT_EQ(test, (bool)skb->l4_hash, c->l4_hash);
	vmxnet3_test_expect_rx(t, f->byte_length +
			       (c->add_small ? VMXNET3_SMALL_LEN : 0), 77);
	KUNIT_EXPECT_TRUE(test, skb_queue_empty(&t->rx));
}

/* Merged segments */

struct merged_case {
	const char *name;
	u32 len;		/* of the TCP payload */
	u16 mss;
	u16 segments;
	bool v6;
	bool tagged;		/* in the frame */
	bool large;
	u8 protocol;		/* 0: TCP */
	u8 l4_csum;		/* 0: correct */
	u16 gso_size;		/* 0: not merged */
	u16 gso_segs;
	bool dropped;
};

static const struct merged_case merged_cases[] = {
	{ "ipv4", 3000, 1460, 3, .gso_size = 1460, .gso_segs = 3 },
	{ "ipv6", 3000, 1440, 3, .v6 = true, .gso_size = 1440, .gso_segs = 3 },
	{ "tagged", 3000, 1456, 3, .tagged = true, .gso_size = 1456,
	  .gso_segs = 3 },
	{ "large_buffers", 6000, 1460, 5, .large = true, .gso_size = 1460,
	  .gso_segs = 5 },
	{ "small_segments", 1400, 100, 14, .gso_size = 100, .gso_segs = 14 },
	{ "more_segments_than_needed", 1000, 500, 5, .gso_size = 500,
	  .gso_segs = 5 },
	{ "number_not_known", 3000, 1460, 0, .gso_size = 1460, .gso_segs = 3 },
	{ "nothing_known", 3000, 0, 0, .gso_size = 1460, .gso_segs = 3 },
	{ "nothing_known_v6", 3000, 0, 0, .v6 = true, .gso_size = 1440,
	  .gso_segs = 3 },
	{ "one_segment", 1000, 1460, 1 },
	{ "as_long_as_one", 1460, 1460, 1 },
	{ "just_one_byte_more", 1461, 1460, 2, .gso_size = 1460,
	  .gso_segs = 2 },
	{ "not_tcp", 3000, 1460, 3, .protocol = IPPROTO_UDP, .dropped = true },
	{ "not_checked", 3000, 1460, 3, .l4_csum = NPA_CSUM_UNKNOWN + 0x80,
	  .dropped = true },
	{ "checked_wrong", 3000, 1460, 3, .l4_csum = NPA_CSUM_INCORRECT,
	  .dropped = true },
	{ "long_udp", 3000, 0, 0, .protocol = IPPROTO_UDP },
	{ "long_not_checked", 3000, 0, 0, .l4_csum = NPA_CSUM_UNKNOWN + 0x80 },
};

static void merged_case_name(const struct merged_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(merged, merged_cases, merged_case_name);

static u32 merged_l3(const struct merged_case *c)
{
	return c->tagged ? VLAN_ETH_HLEN : ETH_HLEN;
}

static u32 merged_l4(const struct merged_case *c)
{
	return merged_l3(c) + (c->v6 ? sizeof(struct ipv6hdr) :
			       sizeof(struct iphdr));
}

static u32 merged_make(struct vmxnet3_test *t, const struct merged_case *c)
{
	u32 l3 = merged_l3(c), l4 = merged_l4(c);
	u32 len = l4 + sizeof(struct tcphdr) + c->len;
	u8 protocol = c->protocol ?: IPPROTO_TCP;
	u8 *data = t->scratch.data;
	struct tcphdr *th = (void *)(data + l4);

	vmxnet3_test_fill(t, data, len, 7);
	if (c->tagged) {
		put_unaligned_be16(ETH_P_8021Q, data + 12);
		put_unaligned_be16(9, data + 14);
	}
	put_unaligned_be16(c->v6 ? ETH_P_IPV6 : ETH_P_IP, data + l3 - 2);
	if (c->v6) {
		struct ipv6hdr *ip6 = (void *)(data + l3);

		memset(ip6, 0, sizeof(*ip6));
		ip6->version = 6;
		ip6->nexthdr = protocol;
		ip6->payload_len = htons(len - l4);
		ip6->saddr.s6_addr[15] = 1;
		ip6->daddr.s6_addr[15] = 2;
	} else {
		struct iphdr *iph = (void *)(data + l3);

		memset(iph, 0, sizeof(*iph));
		iph->version = 4;
		iph->ihl = 5;
		iph->protocol = protocol;
		iph->tot_len = htons(len - l3);
		iph->saddr = htonl(0xc0000201);
		iph->daddr = htonl(0xc0000202);
	}
	memset(th, 0, sizeof(*th));
	th->doff = 5;
	th->check = htons(0xdead);
	return len;
}

static u32 merged_hook(struct vmxnet3_test *t, u32 queue, u32 budget)
{
	const struct merged_case *c = t->vf.hook_arg;
	u32 most = c->large ? VMXNET3_LARGE_LEN : VMXNET3_SMALL_LEN;
	u32 len = merged_make(t, c), done = 0, n = 0;
	struct npa_rx_sg sg[8];
	struct npa_rx_frame frame = {
		.byte_length = len,
		.mss = c->mss,
		.segments = c->segments,
		.ip_csum = NPA_CSUM_CORRECT,
		.l4_csum = c->l4_csum ? c->l4_csum & 0x7f : NPA_CSUM_CORRECT,
		.sg = sg,
	};
	u64 addr[8];

	memcpy(addr, vmxnet3_test_vf_addr(t, queue), sizeof(addr));
	if (c->large) {
		for (n = 0; n < 8; n++)
			test_api(t)->free_buffer(test_handle(t), n);
		KUNIT_EXPECT_EQ(t->test, 8,
				test_api(t)->alloc_large_buffers(test_handle(t),
								 0, 8, addr));
	}
	for (n = 0; done < len; n++) {
		sg[n].buf_id = n;
		sg[n].length = min(len - done, most);
		memcpy(buffer_va(t, addr[n]), t->scratch.data + done,
		       sg[n].length);
		done += sg[n].length;
	}
	frame.sg_count = n;
	test_api(t)->indicate_recv(test_handle(t), &frame);
	return 1;
}

/* What the frame would have been had the stack merged the segments. */
static void expect_merged(struct vmxnet3_test *t, const struct merged_case *c,
			  struct sk_buff *skb)
{
	/* The stack has removed a tag that was there. */
	u8 *mac = skb_mac_header(skb) - (c->tagged ? VLAN_HLEN : 0);
	struct tcphdr *th = (void *)(mac + merged_l4(c));
	u32 len = sizeof(*th) + c->len;
	struct kunit *test = t->test;
	__sum16 pseudo;

	KUNIT_EXPECT_EQ(test, skb_shinfo(skb)->gso_size, c->gso_size);
	KUNIT_EXPECT_EQ(test, skb_shinfo(skb)->gso_segs, c->gso_segs);
	KUNIT_EXPECT_EQ(test, skb_shinfo(skb)->gso_type,
			c->v6 ? SKB_GSO_TCPV6 : SKB_GSO_TCPV4);
	KUNIT_EXPECT_EQ(test, (u8)skb->ip_summed, CHECKSUM_PARTIAL);
	KUNIT_EXPECT_EQ(test, skb->csum_start,
			mac + merged_l4(c) - skb->head);
	KUNIT_EXPECT_EQ(test, skb->csum_offset, 16);
	if (c->v6) {
		struct ipv6hdr *ip6 = (void *)(mac + merged_l3(c));

		pseudo = csum_ipv6_magic(&ip6->saddr, &ip6->daddr, len,
					 IPPROTO_TCP, 0);
	} else {
		struct iphdr *iph = (void *)(mac + merged_l3(c));

		pseudo = csum_tcpudp_magic(iph->saddr, iph->daddr, len,
					   IPPROTO_TCP, 0);
	}
	KUNIT_EXPECT_EQ(test, (__force u16)th->check, (__force u16)~pseudo);
}

static void vmxnet3_buffers_test_merged(struct kunit *test)
{
	const struct merged_case *c = test->param_value;
	struct vmxnet3_test *t = test->priv;
	u32 hdr = sizeof(struct tcphdr) + merged_l4(c);
	struct sk_buff *skb;
	u8 *copy;

	poll_with(t, merged_hook, c);
	KUNIT_EXPECT_EQ(test, all_bad_reports(t), 0);
	KUNIT_EXPECT_EQ(test, rx_drops(t), c->dropped);
	skb = skb_dequeue(&t->rx);
	if (c->dropped) {
		KUNIT_EXPECT_NULL(test, skb);
		return;
	}
	KUNIT_ASSERT_NOT_NULL(test, skb);
	KUNIT_EXPECT_EQ(test, skb_vlan_tag_present(skb), c->tagged);
	if (c->gso_size) {
		expect_merged(t, c, skb);
	} else {
		KUNIT_EXPECT_FALSE(test, skb_is_gso(skb));
		/* What was merged has a stale sum, however short it is. */
		KUNIT_EXPECT_EQ(test, (u8)skb->ip_summed, c->l4_csum ?
				CHECKSUM_NONE : c->mss ? CHECKSUM_PARTIAL :
				CHECKSUM_UNNECESSARY);
	}
	/* Every byte of the payload is there. */
	KUNIT_EXPECT_EQ(test, skb->len, hdr - merged_l3(c) + c->len);
	copy = kunit_kmalloc(test, c->len, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, copy);
	KUNIT_EXPECT_EQ(test, 0, skb_copy_bits(skb, hdr - merged_l3(c), copy,
					       c->len));
	KUNIT_EXPECT_MEMEQ(test, copy, t->scratch.data + hdr, c->len);
	kfree_skb(skb);
}

/* TX reports */

static void complete_hook(struct vmxnet3_test *t, u32 queue)
{
	t->vf.tx_hook = NULL;
	test_api(t)->complete_send(t->vf.ps->tx[queue].handle, 5);
}

static void vmxnet3_buffers_test_complete(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	t->vf.tx_hold = true;
	vmxnet3_test_send(t, 0, TEST_LEN, 1);
	vmxnet3_test_send(t, 0, TEST_LEN, 2);
	vmxnet3_test_poll(t, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->tx_freed), 0);

	/* Five of two: the two are done, the rest does not exist. */
	t->vf.tx_hook = complete_hook;
	vmxnet3_test_poll(t, 0);
	KUNIT_EXPECT_EQ(test, bad_reports(t, VMXNET3_BAD_COMPLETE), 1);
	KUNIT_EXPECT_EQ(test, all_bad_reports(t), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->tx_freed), 2);
	KUNIT_EXPECT_EQ(test, vmxnet3_tx_outstanding(&t->shell->vf->tx[0]), 0);
}

/* Its counters promised space. */
static void vmxnet3_buffers_test_space(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	struct netdev_queue *txq = netdev_get_tx_queue(t->netdev, 0);
	struct vmxnet3_tx_ring *ring = &t->shell->vf->tx[0];

	t->vf.add_result = 1;
	vmxnet3_test_send(t, 0, TEST_LEN, 1);
	KUNIT_EXPECT_EQ(test, bad_reports(t, VMXNET3_BAD_SPACE), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->tx_freed), 1);
	KUNIT_EXPECT_EQ(test, vmxnet3_tx_outstanding(ring), 0);
	KUNIT_EXPECT_EQ(test, t->vf.flushes, 1);

	/* Poll settles with BQL. */
	vmxnet3_test_poll(t, 0);
#ifdef CONFIG_BQL
	KUNIT_EXPECT_EQ(test, txq->dql.num_queued, txq->dql.num_completed);
#endif
	KUNIT_EXPECT_FALSE(test, netif_xmit_stopped(txq));

	t->vf.add_result = 0;
	vmxnet3_test_send(t, 0, TEST_LEN, 2);
	vmxnet3_test_poll(t, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->tx_freed), 2);
	KUNIT_EXPECT_EQ(test, all_bad_reports(t), 1);
}

/* Past the limit the plugin is put out of service, and stays so. */
static void vmxnet3_buffers_test_limit(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	struct vmxnet3_npa *npa = &t->shell->npa;
	u32 i;

	for (i = 0; i < VMXNET3_BAD_REPORT_LIMIT - 1; i++)
		poll_with(t, report_hook, &report_cases[0]);
	vmxnet3_test_flush(t);
	KUNIT_EXPECT_TRUE(test, vmxnet3_test_on_vf(t));

	poll_with(t, report_hook, &report_cases[0]);
	vmxnet3_test_flush(t);
	KUNIT_EXPECT_FALSE(test, vmxnet3_test_on_vf(t));
	KUNIT_EXPECT_EQ(test, bad_reports(t, VMXNET3_BAD_ID),
			VMXNET3_BAD_REPORT_LIMIT);
	KUNIT_EXPECT_EQ(test, t->reports, 1);
	KUNIT_EXPECT_EQ(test, FIELD_GET(VMXNET3_NPA_REPORT_REASON, t->report),
			VMXNET3_NPA_BAD_REPORTS);
	KUNIT_EXPECT_EQ(test,
			atomic_long_read(&npa->refusals[VMXNET3_NPA_BAD_REPORTS]),
			1);
	KUNIT_EXPECT_TRUE(test, vmxnet3_test_dev_receive(t, 0, TEST_LEN, 1));
	vmxnet3_test_poll(t, 0);
	vmxnet3_test_expect_rx(t, TEST_LEN, 1);

	/* Nobody but the operator gets it back. */
	vmxnet3_test_switch(t, VMXNET3_NPA_MSG_PATH_VF,
			    VMXNET3_NPA_MSG_REASON_MIGRATION);
	KUNIT_EXPECT_FALSE(test, vmxnet3_test_on_vf(t));
	KUNIT_EXPECT_EQ(test, FIELD_GET(VMXNET3_NPA_REPORT_REASON, t->report),
			VMXNET3_NPA_BLOCKED);
	vmxnet3_test_switch(t, VMXNET3_NPA_MSG_PATH_VF,
			    VMXNET3_NPA_MSG_REASON_OPERATOR);
	KUNIT_EXPECT_TRUE(test, vmxnet3_test_on_vf(t));
}

static struct kunit_case vmxnet3_buffers_cases[] = {
	KUNIT_CASE(vmxnet3_buffers_test_alloc),
	KUNIT_CASE(vmxnet3_buffers_test_drop),
	KUNIT_CASE(vmxnet3_buffers_test_alloc_bad),
	KUNIT_CASE(vmxnet3_buffers_test_no_memory),
	KUNIT_CASE_PARAM(vmxnet3_buffers_test_report, report_gen_params),
	KUNIT_CASE(vmxnet3_buffers_test_named_later),
	KUNIT_CASE(vmxnet3_buffers_test_over_budget),
	KUNIT_CASE(vmxnet3_buffers_test_lying_budget),
	KUNIT_CASE(vmxnet3_buffers_test_out_of_poll),
	KUNIT_CASE_PARAM(vmxnet3_buffers_test_frame, frame_gen_params),
	KUNIT_CASE_PARAM(vmxnet3_buffers_test_merged, merged_gen_params),
	KUNIT_CASE(vmxnet3_buffers_test_complete),
	KUNIT_CASE(vmxnet3_buffers_test_space),
	KUNIT_CASE(vmxnet3_buffers_test_limit),
	{}
};

static struct kunit_suite vmxnet3_buffers_suite = {
	.name = "vmxnet3-buffers",
	.init = buffers_init,
	.exit = vmxnet3_test_exit,
	.test_cases = vmxnet3_buffers_cases,
};

kunit_test_suite(vmxnet3_buffers_suite);
