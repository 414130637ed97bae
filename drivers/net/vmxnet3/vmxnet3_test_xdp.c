// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of XDP: what becomes of frames and of their pages by verdict, on either
 * path, in one piece and in several, and when there is no memory.
 */
#include <kunit/static_stub.h>
#include <linux/bitfield.h>
#include <linux/bpf.h>
#include <linux/delay.h>
#include <linux/filter.h>
#include <linux/mmzone.h>
#include <net/page_pool/helpers.h>

#include "vmxnet3_switch.h"
#include "vmxnet3_test.h"
#include "vmxnet3_xdp.h"

#define TEST_JUMBO	8000

static void prog_free(void *prog)
{
	bpf_prog_free(prog);
}

static struct bpf_prog *load_prog(struct kunit *test, bool frags,
				  const struct bpf_insn *insns, u32 count)
{
	struct bpf_prog *prog;
	int err;

	prog = bpf_prog_alloc(bpf_prog_size(count), 0);
	KUNIT_ASSERT_NOT_NULL(test, prog);
	prog->type = BPF_PROG_TYPE_XDP;
	prog->len = count;
	memcpy(prog->insnsi, insns, count * sizeof(*insns));
	prog->aux->xdp_has_frags = frags;
	/* It ends with the test, not with its last user. */
	atomic64_set(&prog->aux->refcnt, 1000);
	prog = bpf_prog_select_runtime(prog, &err);
	KUNIT_ASSERT_EQ(test, err, 0);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, prog_free, prog));
	return prog;
}

/* A program that always says the same. */
static struct bpf_prog *make_prog(struct kunit *test, u32 verdict, bool frags)
{
	const struct bpf_insn insns[] = {
		BPF_MOV64_IMM(BPF_REG_0, verdict),
		BPF_EXIT_INSN(),
	};

	return load_prog(test, frags, insns, ARRAY_SIZE(insns));
}

/* What bpf_xdp_adjust_tail() does to all pieces of a frame but the first. */
static u64 cut_frame(u64 ctx, u64 r2, u64 r3, u64 r4, u64 r5)
{
	struct xdp_buff *xdp = (void *)(uintptr_t)ctx;
	struct skb_shared_info *sinfo = xdp_get_shared_info_from_buff(xdp);
	u32 i;

	if (!xdp_buff_has_frags(xdp))
		return 0;
	for (i = 0; i < sinfo->nr_frags; i++) {
		struct page *page = skb_frag_page(&sinfo->frags[i]);

		page_pool_put_full_page(netmem_get_pp(page_to_netmem(page)),
					page, true);
	}
	sinfo->nr_frags = 0;
	sinfo->xdp_frags_size = 0;
	xdp_buff_clear_frags_flag(xdp);
	return 0;
}

/* One that cuts a frame down to its first piece before. */
static struct bpf_prog *make_cut(struct kunit *test, u32 verdict)
{
	const struct bpf_insn insns[] = {
		BPF_EMIT_CALL(cut_frame),
		BPF_MOV64_IMM(BPF_REG_0, verdict),
		BPF_EXIT_INSN(),
	};

	return load_prog(test, true, insns, ARRAY_SIZE(insns));
}

/* As the stack does; returns the reason of a refusal. */
static const char *set_prog(struct vmxnet3_test *t, struct bpf_prog *prog,
			    int want)
{
	struct netlink_ext_ack extack = {};
	struct netdev_bpf bpf = {
		.command = XDP_SETUP_PROG,
		.prog = prog,
		.extack = &extack,
	};
	int err;

	if (prog)
		bpf_prog_inc(prog);
	vmxnet3_test_lock(t);
	err = vmxnet3_bpf(t->netdev, &bpf);
	vmxnet3_test_unlock(t);
	if (err && prog)
		bpf_prog_put(prog);
	KUNIT_EXPECT_EQ(t->test, err, want);
	vmxnet3_test_flush(t);
	return extack._msg;
}

static void attach(struct vmxnet3_test *t, u32 verdict)
{
	set_prog(t, make_prog(t->test, verdict, true), 0);
	KUNIT_ASSERT_NOT_NULL(t->test, t->shell->path->rx[0].xdp);
}

static u64 count(struct vmxnet3_test *t, enum vmxnet3_xdp_stat stat)
{
	u64 counts[VMXNET3_XDP_STATS], sum = 0;
	u32 i;

	for (i = 0; i < VMXNET3_TEST_QUEUES; i++) {
		vmxnet3_xdp_stats(&t->shell->queues[i], counts);
		sum += counts[stat];
	}
	return sum;
}

static int xdp_init(struct kunit *test)
{
	int err = vmxnet3_test_init(test);

	if (!err)
		vmxnet3_test_open(test->priv);
	return err;
}

static int xdp_lazy_init(struct kunit *test)
{
	int err = vmxnet3_test_init(test);

	if (err)
		return err;
	vmxnet3_test_lazy(test->priv);
	vmxnet3_test_open(test->priv);
	return 0;
}

/* Every page has to be in a slot or on its way. */
static void xdp_exit(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	if (t && rcu_access_pointer(t->shell->xdp_prog))
		set_prog(t, NULL, 0);
	vmxnet3_test_exit(test);
}

static u32 ptr_ring_count(const struct ptr_ring *r)
{
	u32 n = (r->producer + r->size - r->consumer_head) % r->size;

	return !n && r->queue[r->producer] ? r->size : n;
}

/*
 * All pages that the pool of a ring has given away are in slots, but for @more:
 * nothing has leaked.  Parts of pages are not counted.
 */
static void expect_pages(struct vmxnet3_test *t,
			 const struct vmxnet3_rx_ring *ring, u32 more)
{
	const struct page_pool *pool = ring->pool;
	u32 i, out, n = 0;

	if (PAGE_SIZE != VMXNET3_XDP_TRUESIZE)
		return;
	out = pool->pages_state_hold_cnt -
	      (u32)atomic_read(&pool->pages_state_release_cnt) -
	      pool->alloc.count - ptr_ring_count(&pool->ring);
	for (i = 0; i < ring->num_slots; i++)
		n += !!ring->slots[i].page;
	KUNIT_ASSERT_EQ(t->test, out, n + more);
}

/* Poll until all that was sent is released: a lazy path leaves it to a timer. */
static void harvest(struct vmxnet3_test *t, u32 queue)
{
	const struct vmxnet3_tx_ring *ring = &t->shell->path->tx[queue];
	u32 i;

	vmxnet3_test_poll(t, queue);
	for (i = 0; i < 1000 && vmxnet3_tx_outstanding(ring); i++)
		usleep_range(100, 200);
	KUNIT_ASSERT_EQ(t->test, vmxnet3_tx_outstanding(ring), 0);
	/* The poll that released it may still be at work. */
	vmxnet3_test_poll(t, queue);
}

static u32 slots_empty(const struct vmxnet3_rx_ring *ring)
{
	u32 i, n = 0;

	for (i = 0; i < ring->num_slots; i++)
		n += !READ_ONCE(ring->slots[i].page);
	return n;
}

static u32 doorbell(struct vmxnet3_test *t, u32 queue)
{
	return vmxnet3_test_reg(t, VMXNET3_PT_TXPROD, queue);
}

static u32 large_doorbell(struct vmxnet3_test *t, u32 queue)
{
	return vmxnet3_test_reg(t, VMXNET3_PT_LARGE_TXPROD, queue);
}

/* The device gets this frame to send. */
static void expect_back(struct vmxnet3_test *t, u32 queue, u32 len, u32 seq)
{
	u8 *want = kunit_kzalloc(t->test, len, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(t->test, want);
	KUNIT_ASSERT_TRUE(t->test,
			  vmxnet3_test_dev_take(t, queue, &t->scratch));
	KUNIT_EXPECT_EQ(t->test, t->scratch.seq, seq);
	KUNIT_EXPECT_EQ(t->test, t->scratch.len, len);
	vmxnet3_test_fill(t, want, len, seq);
	KUNIT_EXPECT_EQ(t->test, 0, memcmp(want, t->scratch.data, len));
	kunit_kfree(t->test, want);
}

static void expect_stack(struct vmxnet3_test *t, u32 len, u32 seq)
{
	struct sk_buff *skb = skb_peek(&t->rx);

	KUNIT_ASSERT_NOT_NULL(t->test, skb);
	KUNIT_ASSERT_EQ(t->test, 0, skb_linearize(skb));
	vmxnet3_test_expect_rx(t, len, seq);
}

/* A dropped frame's page stays for the next buffer under its id. */
static void vmxnet3_xdp_test_drop(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	struct vmxnet3_rx_ring *ring;
	struct page **pages;
	u32 i, n = 0, size;

	attach(t, XDP_DROP);
	ring = &t->shell->path->rx[0];
	size = ring->num_slots;
	pages = kunit_kcalloc(test, size, sizeof(*pages), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, pages);
	for (i = 0; i < size; i++)
		pages[i] = ring->slots[i].page;
	/* Two rounds of the ring and a bit. */
	while (n < 2 * VMXNET3_RX_RING_SIZE + 300) {
		for (i = 0; i < 50; i++, n++)
			KUNIT_ASSERT_TRUE(test,
					  vmxnet3_test_dev_receive(t, 0, 60 + n % 1400,
								   n));
		vmxnet3_test_poll(t, 0);
	}
	for (i = 0; i < size; i++)
		if (pages[i])
			KUNIT_EXPECT_PTR_EQ(test, ring->slots[i].page,
					    pages[i]);
	KUNIT_EXPECT_EQ(test, count(t, VMXNET3_XDP_STAT_DROP), n);
	KUNIT_EXPECT_EQ(test, u64_stats_read(&ring->stats->packets), n);
	KUNIT_EXPECT_EQ(test, u64_stats_read(&ring->stats->drops), 0);
	KUNIT_EXPECT_EQ(test, skb_queue_len(&t->rx), 0);
}

/* Whatever the verdict: a frame is somewhere, and its pages come back. */
static void vmxnet3_xdp_test_aborted(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	u32 i;

	attach(t, XDP_ABORTED);
	for (i = 0; i < 100; i++)
		vmxnet3_test_dev_receive(t, 1, 100, i);
	vmxnet3_test_poll(t, 1);
	set_prog(t, make_prog(test, 77, true), 0);
	for (i = 0; i < 100; i++)
		vmxnet3_test_dev_receive(t, 1, 100, i);
	vmxnet3_test_poll(t, 1);
	KUNIT_EXPECT_EQ(test, count(t, VMXNET3_XDP_STAT_ABORTED), 200);
	expect_pages(t, &t->shell->path->rx[1], 0);
}

static void vmxnet3_xdp_test_pass(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	u32 i, n;

	attach(t, XDP_PASS);
	for (n = 0; n < 3000; n += 50) {
		for (i = 0; i < 50; i++)
			KUNIT_ASSERT_TRUE(test,
					  vmxnet3_test_dev_receive(t, 0, 60 + (n + i) % 1454,
								   n + i));
		vmxnet3_test_poll(t, 0);
		for (i = 0; i < 50; i++)
			vmxnet3_test_expect_rx(t, 60 + (n + i) % 1454, n + i);
	}
	KUNIT_EXPECT_EQ(test, count(t, VMXNET3_XDP_STAT_PASS), n);
	/* Without a program the buffers are the stack's again. */
	set_prog(t, NULL, 0);
	KUNIT_EXPECT_NULL(test, t->shell->path->rx[0].xdp);
	vmxnet3_test_expect_alive(t, 10000);
}

/* What is sent back has one doorbell, and its pages come back. */
static void vmxnet3_xdp_test_tx(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	struct vmxnet3_rx_ring *ring;
	u32 i, n, bell;

	attach(t, XDP_TX);
	ring = &t->shell->path->rx[0];
	for (n = 0; n < 2000; n += 40) {
		bell = doorbell(t, 0);
		for (i = 0; i < 40; i++)
			KUNIT_ASSERT_TRUE(test,
					  vmxnet3_test_dev_receive(t, 0, 60 + (n + i) % 1454,
								   n + i));
		vmxnet3_test_poll(t, 0);
		KUNIT_EXPECT_EQ(test, doorbell(t, 0), (bell + 40) %
				VMXNET3_TX_RING_SIZE);
		for (i = 0; i < 40; i++)
			expect_back(t, 0, 60 + (n + i) % 1454, n + i);
		/* The refill came before they were done. */
		expect_pages(t, ring, 40);
		vmxnet3_test_dev_complete(t, 0, U32_MAX);
		harvest(t, 0);
		expect_pages(t, ring, 0);
	}
	KUNIT_EXPECT_EQ(test, count(t, VMXNET3_XDP_STAT_TX), n);
	KUNIT_EXPECT_EQ(test, count(t, VMXNET3_XDP_STAT_TX_ERRORS), 0);
	KUNIT_EXPECT_EQ(test,
			u64_stats_read(&t->shell->queues[0].tx_stats.packets),
			n);
	KUNIT_EXPECT_TRUE(test, vmxnet3_path_tx_idle(t->shell->path));
}

/* Frames of the stack and of XDP share a ring, in any order. */
static void vmxnet3_xdp_test_tx_mixed(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	u32 round, i, seq = 0, skbs = 0;

	attach(t, XDP_TX);
	for (round = 0; round < 200; round++) {
		for (i = 0; i < round % 3; i++)
			vmxnet3_test_send(t, 0, 200, skbs++);
		for (i = 0; i < round % 4; i++)
			vmxnet3_test_dev_receive(t, 0, 100, seq++);
		vmxnet3_test_poll(t, 0);
		for (i = 0; i < round % 2; i++)
			vmxnet3_test_xmit(t, vmxnet3_test_skb(t, 600, 3,
							      skbs++),
					  0, false);
		vmxnet3_test_dev_take_all(t, 0);
		vmxnet3_test_dev_complete(t, 0, round % 5);
	}
	vmxnet3_test_dev_complete(t, 0, U32_MAX);
	harvest(t, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->tx_freed), skbs);
	KUNIT_EXPECT_TRUE(test, vmxnet3_path_tx_idle(t->shell->path));
	expect_pages(t, &t->shell->path->rx[0], 0);
	KUNIT_EXPECT_EQ(test, t->shell->path->tx[0].xdp_sent, seq);
	KUNIT_EXPECT_EQ(test, t->shell->path->tx[0].xdp_done, seq);
}

/* A ring that is full: the rest is dropped, and the stack still has room. */
static void vmxnet3_xdp_test_tx_full(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	struct vmxnet3_tx_ring *tx;
	u32 i, n;

	attach(t, XDP_TX);
	tx = &t->shell->path->tx[0];
	for (n = 0; n < 600; n += 40) {
		for (i = 0; i < 40; i++)
			KUNIT_ASSERT_TRUE(test,
					  vmxnet3_test_dev_receive(t, 0, 100,
								   n + i));
		vmxnet3_test_poll(t, 0);
	}
	KUNIT_EXPECT_GT(test, count(t, VMXNET3_XDP_STAT_TX_ERRORS), 0);
	KUNIT_EXPECT_EQ(test, count(t, VMXNET3_XDP_STAT_TX) +
			      count(t, VMXNET3_XDP_STAT_TX_ERRORS), n);
	KUNIT_EXPECT_GE(test, vmxnet3_tx_free(tx), tx->path->tx_reserve);
	vmxnet3_test_send(t, 0, 200, 1);
	KUNIT_EXPECT_EQ(test, vmxnet3_test_dev_take_all(t, 0),
			count(t, VMXNET3_XDP_STAT_TX) + 1);
	vmxnet3_test_dev_complete(t, 0, U32_MAX);
	vmxnet3_test_poll(t, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->tx_freed), 1);
	expect_pages(t, &t->shell->path->rx[0], 0);
}

/* Frames to send back wait for a queue that moves, in order. */
static void vmxnet3_xdp_test_tx_moving(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	struct vmxnet3_queue *q = &t->shell->queues[0];
	u32 i;

	attach(t, XDP_TX);
	vmxnet3_tx_hold(q);
	for (i = 0; i < 100; i++)
		KUNIT_ASSERT_TRUE(test, vmxnet3_test_dev_receive(t, 0, 100, i));
	vmxnet3_test_poll(t, 0);
	msleep(20);
	KUNIT_EXPECT_FALSE(test, vmxnet3_test_dev_take(t, 0, &t->scratch));
	KUNIT_EXPECT_EQ(test, count(t, VMXNET3_XDP_STAT_TX_ERRORS), 0);
	vmxnet3_tx_release_hold(q);
	/* Its own timer looks again. */
	msleep(50);
	for (i = 0; i < 100; i++)
		expect_back(t, 0, 100, i);
	vmxnet3_test_dev_complete(t, 0, U32_MAX);
	vmxnet3_test_poll(t, 0);
	KUNIT_EXPECT_EQ(test, count(t, VMXNET3_XDP_STAT_TX), 100);
	expect_pages(t, q->rx, 0);
}

/* What still waits when the rings go is dropped. */
static void vmxnet3_xdp_test_tx_never(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	u32 i;

	attach(t, XDP_TX);
	vmxnet3_tx_hold(&t->shell->queues[0]);
	for (i = 0; i < 30; i++)
		vmxnet3_test_dev_receive(t, 0, 100, i);
	vmxnet3_test_poll(t, 0);
	KUNIT_EXPECT_EQ(test, t->shell->path->rx[0].xdp->backlog_len, 30);
	vmxnet3_test_close(t);
	vmxnet3_test_open(t);
	set_prog(t, NULL, 0);
	vmxnet3_test_expect_alive(t, 1000);
}

/* One that came with a tag leaves with it. */
static void vmxnet3_xdp_test_tx_vlan(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	struct vmxnet3_test_rx rx = {
		.data = t->scratch.data,
		.len = 100,
		.ctl = VMXNET3_RXC_CNC,
		.len_bits = VMXNET3_RXC_TS |
			    FIELD_PREP(VMXNET3_RXC_TCI, 0x6123),
	};

	attach(t, XDP_TX);
	vmxnet3_test_fill(t, t->scratch.data, 100, 5);
	KUNIT_ASSERT_TRUE(test, vmxnet3_test_dev_rx(t, 0, &rx));
	vmxnet3_test_poll(t, 0);
	expect_back(t, 0, 100, 5);
	KUNIT_EXPECT_TRUE(test, t->scratch.ctl2 & VMXNET3_TXD_TI);
	KUNIT_EXPECT_EQ(test, FIELD_GET(VMXNET3_TXD_TCI, t->scratch.ctl2),
			0x6123);
	vmxnet3_test_dev_receive(t, 0, 100, 6);
	vmxnet3_test_poll(t, 0);
	expect_back(t, 0, 100, 6);
	KUNIT_EXPECT_FALSE(test, t->scratch.ctl2 & VMXNET3_TXD_TI);
}

static void set_mtu(struct vmxnet3_test *t, int mtu, int want)
{
	vmxnet3_test_set_mtu(t, mtu, want);
	vmxnet3_test_flush(t);
}

/* Frames in several buffers, whatever the verdict. */
static void vmxnet3_xdp_test_frags(struct kunit *test)
{
	static const u32 lens[] = { 60, 3519, 3520, 3521, TEST_JUMBO, 9014 };
	struct vmxnet3_test *t = test->priv;
	struct vmxnet3_rx_ring *ring;
	u32 i, round;

	attach(t, XDP_PASS);
	set_mtu(t, 9000, 0);
	ring = &t->shell->path->rx[0];
	for (round = 0; round < 300; round++) {
		i = round % ARRAY_SIZE(lens);
		KUNIT_ASSERT_TRUE(test, vmxnet3_test_dev_receive(t, 0, lens[i],
								 round));
		vmxnet3_test_poll(t, 0);
		expect_stack(t, lens[i], round);
	}
	set_prog(t, make_prog(test, XDP_TX, true), 0);
	KUNIT_EXPECT_PTR_EQ(test, ring, &t->shell->path->rx[0]);
	for (round = 0; round < 300; round++) {
		i = round % ARRAY_SIZE(lens);
		KUNIT_ASSERT_TRUE(test, vmxnet3_test_dev_receive(t, 0, lens[i],
								 round));
		vmxnet3_test_poll(t, 0);
		expect_back(t, 0, lens[i], round);
		KUNIT_EXPECT_EQ(test, t->scratch.entries,
				DIV_ROUND_UP(lens[i], VMXNET3_XDP_LEN));
		vmxnet3_test_dev_complete(t, 0, 1);
		vmxnet3_test_poll(t, 0);
		expect_pages(t, ring, 0);
	}
	set_prog(t, make_prog(test, XDP_DROP, true), 0);
	for (round = 0; round < 300; round++) {
		i = round % ARRAY_SIZE(lens);
		KUNIT_ASSERT_TRUE(test, vmxnet3_test_dev_receive(t, 0, lens[i],
								 round));
		vmxnet3_test_poll(t, 0);
	}
	KUNIT_EXPECT_EQ(test, count(t, VMXNET3_XDP_STAT_DROP), 300);
	expect_pages(t, ring, 0);
}

/*
 * Of a frame that the program has cut only the first piece is left, whatever
 * the verdict; the others are the pool's, and no id has them any more.
 */
static void vmxnet3_xdp_test_cut(struct kunit *test)
{
	static const u32 verdicts[] = {
		XDP_DROP, XDP_TX, XDP_PASS, XDP_ABORTED, 77,
	};
	struct vmxnet3_test *t = test->priv;
	struct vmxnet3_rx_ring *ring;
	u32 i, n;

	attach(t, XDP_PASS);
	set_mtu(t, 9000, 0);
	ring = &t->shell->path->rx[0];
	for (i = 0; i < ARRAY_SIZE(verdicts); i++) {
		set_prog(t, make_cut(test, verdicts[i]), 0);
		for (n = 0; n < 100; n++) {
			KUNIT_ASSERT_TRUE(test,
					  vmxnet3_test_dev_receive(t, 0, 9014,
								   n));
			vmxnet3_test_poll(t, 0);
			if (verdicts[i] == XDP_TX) {
				KUNIT_ASSERT_TRUE(test,
						  vmxnet3_test_dev_take(t, 0,
									&t->scratch));
				KUNIT_EXPECT_EQ(test, t->scratch.len,
						VMXNET3_XDP_LEN);
				KUNIT_EXPECT_EQ(test, t->scratch.seq, n);
				vmxnet3_test_dev_complete(t, 0, U32_MAX);
				vmxnet3_test_poll(t, 0);
			}
			expect_pages(t, ring, 0);
		}
		KUNIT_EXPECT_EQ(test, skb_queue_len(&t->rx),
				verdicts[i] == XDP_PASS ? 100 : 0);
		skb_queue_purge(&t->rx);
	}
	set_prog(t, make_prog(test, XDP_PASS, true), 0);
	KUNIT_ASSERT_TRUE(test, vmxnet3_test_dev_receive(t, 0, 9014, 1));
	vmxnet3_test_poll(t, 0);
	expect_stack(t, 9014, 1);
}

/*
 * No memory for buffers: an id whose page has gone is empty, and nothing that
 * has gone is used or freed again.
 */
static void vmxnet3_xdp_test_no_memory(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	struct vmxnet3_rx_ring *ring;
	u32 i, n, empty, before;

	attach(t, XDP_TX);
	ring = &t->shell->path->rx[0];
	before = slots_empty(ring);
	/* What the pool has cached will do for some, and no page has this. */
	ring->pool->p.order = MAX_PAGE_ORDER + 1;
	for (n = 0; n < 350; n += 50) {
		for (i = 0; i < 50; i++)
			KUNIT_ASSERT_TRUE(test,
					  vmxnet3_test_dev_receive(t, 0, 100,
								   n + i));
		vmxnet3_test_poll(t, 0);
	}
	KUNIT_EXPECT_EQ(test, count(t, VMXNET3_XDP_STAT_TX), n);
	KUNIT_EXPECT_GT(test, u64_stats_read(&ring->stats->alloc_fails), 0);
	/* The device has what is to be sent, and the pool nothing. */
	empty = slots_empty(ring);
	KUNIT_EXPECT_GT(test, empty, before + n / 2);
	expect_pages(t, ring, n);

	/* Memory is back, and the timer finds out. */
	ring->pool->p.order = 0;
	for (i = 0; i < 100 && slots_empty(ring) >= empty; i++)
		msleep(20);
	KUNIT_EXPECT_LT(test, slots_empty(ring), before + 50);
	for (i = 0; i < n; i++)
		expect_back(t, 0, 100, i);
	vmxnet3_test_dev_complete(t, 0, U32_MAX);
	harvest(t, 0);
	expect_pages(t, ring, 0);
	/* Two rounds of the ring: each of its ids serves again. */
	set_prog(t, make_prog(test, XDP_PASS, true), 0);
	for (n = 0; n < 2 * VMXNET3_RX_RING_SIZE; n++) {
		KUNIT_ASSERT_TRUE(test, vmxnet3_test_dev_receive(t, 0, 100, n));
		if (n % 50 == 49)
			vmxnet3_test_poll(t, 0);
	}
	vmxnet3_test_poll(t, 0);
	for (i = 0; i < n; i++)
		vmxnet3_test_expect_rx(t, 100, i);
}

/* Wide buffers have to wait for the end of the program, but come back then. */
static void vmxnet3_xdp_test_wide(struct kunit *test)
{
	struct kernel_ethtool_ringparam kernel_ring;
	struct vmxnet3_test *t = test->priv;
	struct ethtool_ringparam ring;
	u32 len = 3000, i;

	vmxnet3_test_get_rings(t, &ring, &kernel_ring);
	kernel_ring.rx_buf_len = VMXNET3_WIDE_TRUESIZE;
	KUNIT_ASSERT_EQ(test, vmxnet3_test_set_rings(t, &ring, &kernel_ring),
			0);
	for (i = 0; i < 2; i++) {
		attach(t, XDP_PASS);
		KUNIT_EXPECT_EQ(test, t->shell->path->ps->small_len,
				VMXNET3_XDP_LEN);
		KUNIT_ASSERT_TRUE(test, vmxnet3_test_dev_receive(t, 0, len, i));
		vmxnet3_test_poll(t, 0);
		vmxnet3_test_expect_rx(t, len, i);
		vmxnet3_test_get_rings(t, &ring, &kernel_ring);
		KUNIT_EXPECT_EQ(test, kernel_ring.rx_buf_len,
				VMXNET3_WIDE_TRUESIZE);
		kernel_ring.rx_buf_len = VMXNET3_SMALL_TRUESIZE;
		KUNIT_EXPECT_EQ(test, -EBUSY,
				vmxnet3_test_set_rings(t, &ring, &kernel_ring));
		set_prog(t, NULL, 0);
		KUNIT_EXPECT_EQ(test, t->shell->path->ps->small_len,
				VMXNET3_SMALL_ROOM(VMXNET3_WIDE_TRUESIZE));
		KUNIT_ASSERT_TRUE(test, vmxnet3_test_dev_receive(t, 0, len, i));
		vmxnet3_test_poll(t, 0);
		vmxnet3_test_expect_rx(t, len, i);
	}
}

/* On the VF too, and from path to path. */
static void vmxnet3_xdp_test_switch(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	u32 round, i;

	attach(t, XDP_PASS);
	for (round = 0; round < 3; round++) {
		vmxnet3_test_switch(t, VMXNET3_NPA_MSG_PATH_VF,
				    VMXNET3_NPA_MSG_REASON_OPERATOR);
		KUNIT_ASSERT_TRUE(test, vmxnet3_test_on_vf(t));
		KUNIT_EXPECT_NOT_NULL(test, t->shell->path->rx[0].xdp);
		KUNIT_EXPECT_EQ(test, t->vf.ps->small_len, VMXNET3_XDP_LEN);
		KUNIT_EXPECT_EQ(test, VMXNET3_XDP_LEN,
				le32_to_cpu(t->shell->npa.conf->small_len));
		KUNIT_EXPECT_EQ(test, VMXNET3_XDP_LEN,
				le32_to_cpu(t->shell->npa.conf->large_len));
		for (i = 0; i < 50; i++)
			vmxnet3_test_vf_rx(t, 0, VMXNET3_TEST_LEN, i);
		vmxnet3_test_poll(t, 0);
		vmxnet3_test_expect_seqs(t, 0, 50);
		set_prog(t, make_prog(test, XDP_TX, true), 0);
		t->vf_tx_len = 0;
		for (i = 0; i < 50; i++)
			vmxnet3_test_vf_rx(t, 0, VMXNET3_TEST_LEN, i);
		vmxnet3_test_poll(t, 0);
		KUNIT_EXPECT_EQ(test, t->vf_tx_len, 50);
		for (i = 0; i < t->vf_tx_len; i++)
			KUNIT_EXPECT_EQ(test, t->vf_tx[i], i);
		vmxnet3_test_poll(t, 0);
		set_prog(t, make_prog(test, XDP_PASS, true), 0);
		vmxnet3_test_switch(t, VMXNET3_NPA_MSG_PATH_EMULATED,
				    VMXNET3_NPA_MSG_REASON_OPERATOR);
		KUNIT_EXPECT_NOT_NULL(test, t->shell->path->rx[0].xdp);
		vmxnet3_test_expect_alive(t, 1000);
	}
	KUNIT_EXPECT_EQ(test, t->shell->cfg.xdp, 1);
	KUNIT_EXPECT_EQ(test, count(t, VMXNET3_XDP_STAT_TX), 150);
}

/* What a plugin may not do with a page that was left under its id. */
static u32 lies_hook(struct vmxnet3_test *t, u32 queue, u32 budget)
{
	const struct npa_shell_api *api = t->vf.ps->api;
	void *handle = t->vf.ps->rx[0].handle;
	struct npa_rx_sg sg = { .buf_id = 3, .length = 100 };
	struct npa_rx_frame frame = {
		.byte_length = 100,
		.sg_count = 1,
		.sg = &sg,
	};
	atomic_long_t *bad = t->shell->npa.bad_reports;
	struct kunit *test = t->test;
	u64 addr;

	api->indicate_recv(handle, &frame);
	KUNIT_EXPECT_TRUE(test, t->shell->vf->rx[0].slots[3].spare);
	/* Twice. */
	api->indicate_recv(handle, &frame);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&bad[VMXNET3_BAD_EMPTY]), 1);
	api->free_buffer(handle, 3);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&bad[VMXNET3_BAD_EMPTY]), 2);
	KUNIT_EXPECT_EQ(test, 1,
			api->alloc_small_buffers(handle, 3, 1, &addr));
	KUNIT_EXPECT_EQ(test, addr % VMXNET3_XDP_TRUESIZE,
			XDP_PACKET_HEADROOM);
	KUNIT_EXPECT_EQ(test, 0,
			api->alloc_large_buffers(handle, 3, 1, &addr));
	KUNIT_EXPECT_EQ(test, atomic_long_read(&bad[VMXNET3_BAD_IN_USE]), 1);
	KUNIT_EXPECT_EQ(test, 0,
			api->alloc_small_buffers(handle, U32_MAX, 2, &addr));
	KUNIT_EXPECT_EQ(test, atomic_long_read(&bad[VMXNET3_BAD_ID]), 1);
	sg.length = VMXNET3_XDP_LEN + 1;
	frame.byte_length = sg.length;
	api->indicate_recv(handle, &frame);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&bad[VMXNET3_BAD_LENGTH]), 1);
	/* Too short for a header: no lie, but nothing for a program. */
	sg.buf_id = 4;
	sg.length = ETH_HLEN - 1;
	frame.byte_length = sg.length;
	api->indicate_recv(handle, &frame);
	KUNIT_EXPECT_EQ(test, count(t, VMXNET3_XDP_STAT_DROP), 1);
	return 2;
}

static void vmxnet3_xdp_test_lies(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	attach(t, XDP_DROP);
	vmxnet3_test_switch(t, VMXNET3_NPA_MSG_PATH_VF,
			    VMXNET3_NPA_MSG_REASON_OPERATOR);
	KUNIT_ASSERT_TRUE(test, vmxnet3_test_on_vf(t));
	t->vf.rx_hook = lies_hook;
	vmxnet3_test_poll(t, 0);
	t->vf.rx_hook = NULL;
	KUNIT_EXPECT_EQ(test, count(t, VMXNET3_XDP_STAT_DROP), 1);
}

static u32 sum_hook(struct vmxnet3_test *t, u32 queue, u32 budget)
{
	const struct npa_rx_sg sg = { .length = VMXNET3_TEST_LEN };
	const struct npa_rx_frame frame = {
		.flags = NPA_RX_SUM,
		.byte_length = VMXNET3_TEST_LEN,
		.sg_count = 1,
		.sum = 0x1234,
		.sg = &sg,
	};

	t->vf.rx_hook = NULL;
	t->vf.ps->api->indicate_recv(t->vf.ps->rx[queue].handle, &frame);
	return 1;
}

/* The sum of a frame is that of what came, not of what a program made of it. */
static void vmxnet3_xdp_test_sum(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	struct sk_buff *skb;
	u32 i;

	vmxnet3_test_switch(t, VMXNET3_NPA_MSG_PATH_VF,
			    VMXNET3_NPA_MSG_REASON_OPERATOR);
	for (i = 0; i < 2; i++) {
		KUNIT_ASSERT_TRUE(test, vmxnet3_test_on_vf(t));
		t->vf.rx_hook = sum_hook;
		vmxnet3_test_poll(t, 0);
		skb = skb_dequeue(&t->rx);
		KUNIT_ASSERT_NOT_NULL(test, skb);
		KUNIT_EXPECT_EQ(test, (u32)skb->ip_summed,
				i ? CHECKSUM_NONE : CHECKSUM_COMPLETE);
		kfree_skb(skb);
		/* Its rings are made anew, by way of the emulated device. */
		attach(t, XDP_PASS);
		vmxnet3_test_switch(t, VMXNET3_NPA_MSG_PATH_VF,
				    VMXNET3_NPA_MSG_REASON_OPERATOR);
	}
}

static struct xdp_frame *make_frame(struct kunit *test, u32 len, u32 seq)
{
	struct vmxnet3_test *t = test->priv;
	struct page *page = alloc_page(GFP_KERNEL);
	struct xdp_frame *xdpf;

	KUNIT_ASSERT_NOT_NULL(test, page);
	xdpf = page_address(page);
	memset(xdpf, 0, sizeof(*xdpf));
	xdpf->data = (void *)xdpf + XDP_PACKET_HEADROOM;
	xdpf->len = len;
	xdpf->headroom = XDP_PACKET_HEADROOM - sizeof(*xdpf);
	xdpf->frame_sz = PAGE_SIZE;
	xdpf->mem_type = MEM_TYPE_PAGE_ORDER0;
	vmxnet3_test_fill(t, xdpf->data, len, seq);
	return xdpf;
}

static int do_xmit(struct vmxnet3_test *t, int n, struct xdp_frame **frames,
		   u32 flags)
{
	int sent;

	local_bh_disable();
	sent = vmxnet3_xdp_xmit(t->netdev, n, frames, flags);
	local_bh_enable();
	return sent;
}

/* Frames of other devices, with no program of our own. */
static void vmxnet3_xdp_test_xmit(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	struct xdp_frame *frames[16];
	u32 queue, i, bell;

	migrate_disable();
	queue = smp_processor_id() % t->shell->cfg.num_queues;
	bell = doorbell(t, queue);
	for (i = 0; i < 16; i++)
		frames[i] = make_frame(test, 100 + i, i);
	KUNIT_EXPECT_EQ(test, do_xmit(t, 8, frames, 0), 8);
	KUNIT_EXPECT_EQ(test, doorbell(t, queue), bell);
	KUNIT_EXPECT_EQ(test, do_xmit(t, 8, frames + 8, XDP_XMIT_FLUSH), 8);
	KUNIT_EXPECT_EQ(test, doorbell(t, queue), bell + 16);
	for (i = 0; i < 16; i++)
		expect_back(t, queue, 100 + i, i);
	vmxnet3_test_dev_complete(t, queue, U32_MAX);
	harvest(t, queue);
	KUNIT_EXPECT_TRUE(test, vmxnet3_path_tx_idle(t->shell->path));
	KUNIT_EXPECT_EQ(test, count(t, VMXNET3_XDP_STAT_XMIT), 16);
	KUNIT_EXPECT_EQ(test, count(t, VMXNET3_XDP_STAT_XMIT_ERRORS), 0);

	/* Those that are not announced yet are before the queue moves. */
	for (i = 0; i < 2; i++)
		frames[i] = make_frame(test, 100, i);
	KUNIT_EXPECT_EQ(test, do_xmit(t, 1, frames, 0), 1);
	vmxnet3_tx_hold(&t->shell->queues[queue]);
	KUNIT_EXPECT_LT(test, do_xmit(t, 1, frames + 1, XDP_XMIT_FLUSH), 0);
	KUNIT_EXPECT_EQ(test, doorbell(t, queue), bell + 17);
	vmxnet3_tx_release_hold(&t->shell->queues[queue]);
	expect_back(t, queue, 100, 0);
	vmxnet3_test_dev_complete(t, queue, U32_MAX);
	harvest(t, queue);
	xdp_return_frame(frames[1]);

	/* Refused: the frames stay the caller's. */
	frames[0] = make_frame(test, 100, 0);
	KUNIT_EXPECT_EQ(test, do_xmit(t, 1, frames, 1U << 31), -EINVAL);
	vmxnet3_tx_hold(&t->shell->queues[queue]);
	KUNIT_EXPECT_LT(test, do_xmit(t, 1, frames, XDP_XMIT_FLUSH), 0);
	vmxnet3_tx_release_hold(&t->shell->queues[queue]);
	vmxnet3_test_close(t);
	KUNIT_EXPECT_EQ(test, do_xmit(t, 1, frames, XDP_XMIT_FLUSH),
			-ENETDOWN);
	vmxnet3_test_open(t);
	KUNIT_EXPECT_EQ(test, do_xmit(t, 1, frames, XDP_XMIT_FLUSH), 1);
	expect_back(t, queue, 100, 0);
	/* Closing releases what the device never finished. */
	migrate_enable();
}

/* Both kinds of frames have their doorbells where the capability says. */
static void vmxnet3_xdp_test_doorbells(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	struct xdp_frame *frame;
	u32 i, queue;

	migrate_disable();
	queue = smp_processor_id() % VMXNET3_TEST_QUEUES;
	for (i = 0; i < 2; i++) {
		vmxnet3_test_close(t);
		t->rev.dcr = i ? VMXNET3_CAP_LARGE_BAR : 0;
		vmxnet3_test_revision(t, 7);
		vmxnet3_test_open(t);
		attach(t, XDP_TX);
		memset(t->pt, 0, VMXNET3_PT_LARGE_LEN);
		vmxnet3_test_dev_receive(t, queue, 100, 1);
		vmxnet3_test_dev_receive(t, queue, 100, 2);
		vmxnet3_test_poll(t, queue);
		KUNIT_EXPECT_EQ(test, doorbell(t, queue), i ? 0 : 2);
		KUNIT_EXPECT_EQ(test, large_doorbell(t, queue), i ? 2 : 0);
		frame = make_frame(test, 100, 3);
		KUNIT_EXPECT_EQ(test, do_xmit(t, 1, &frame, XDP_XMIT_FLUSH),
				1);
		KUNIT_EXPECT_EQ(test, doorbell(t, queue), i ? 0 : 3);
		KUNIT_EXPECT_EQ(test, large_doorbell(t, queue), i ? 3 : 0);
		KUNIT_EXPECT_EQ(test, vmxnet3_test_dev_take_all(t, queue), 3);
		vmxnet3_test_dev_complete(t, queue, U32_MAX);
		harvest(t, queue);
		set_prog(t, NULL, 0);
	}
	migrate_enable();
}

static bool fail_now;

static void *stub_zalloc(size_t len)
{
	return fail_now ? NULL : kvzalloc(len, GFP_KERNEL);
}

/* No memory: the old rings go on, whichever way it was to be. */
static void vmxnet3_xdp_test_attach_fails(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	struct vmxnet3_path *path = t->shell->path;
	const char *why;

	kunit_activate_static_stub(test, vmxnet3_path_zalloc, stub_zalloc);
	fail_now = true;
	why = set_prog(t, make_prog(test, XDP_DROP, true), -ENOMEM);
	KUNIT_EXPECT_NOT_NULL(test, why);
	KUNIT_EXPECT_PTR_EQ(test, t->shell->path, path);
	KUNIT_EXPECT_EQ(test, t->shell->cfg.xdp, 0);
	vmxnet3_test_expect_alive(t, 1);
	fail_now = false;
	attach(t, XDP_DROP);
	/* To detach always succeeds; the buffers stay as they are. */
	fail_now = true;
	set_prog(t, NULL, 0);
	KUNIT_EXPECT_NULL(test, rcu_access_pointer(t->shell->xdp_prog));
	KUNIT_EXPECT_EQ(test, t->shell->cfg.xdp, 1);
	vmxnet3_test_expect_alive(t, 100);
	fail_now = false;
	kunit_deactivate_static_stub(test, vmxnet3_path_zalloc);
	attach(t, XDP_PASS);
	vmxnet3_test_expect_alive(t, 200);
}

/* Programs that know no frags, and MTUs that need them. */
static void vmxnet3_xdp_test_mtu(struct kunit *test)
{
	struct bpf_prog *plain = make_prog(test, XDP_PASS, false);
	struct vmxnet3_test *t = test->priv;

	set_prog(t, plain, 0);
	set_mtu(t, VMXNET3_XDP_MAX_MTU, 0);
	KUNIT_EXPECT_TRUE(test,
			  vmxnet3_test_dev_receive(t, 0,
						   VMXNET3_XDP_MAX_MTU + 18,
						   7));
	vmxnet3_test_poll(t, 0);
	vmxnet3_test_expect_rx(t, VMXNET3_XDP_MAX_MTU + 18, 7);
	set_mtu(t, VMXNET3_XDP_MAX_MTU + 1, -EINVAL);
	set_prog(t, make_prog(test, XDP_PASS, true), 0);
	set_mtu(t, VMXNET3_XDP_MAX_MTU + 1, 0);
	KUNIT_EXPECT_NOT_NULL(test, set_prog(t, plain, -EOPNOTSUPP));
	KUNIT_EXPECT_TRUE(test,
			  rcu_access_pointer(t->shell->xdp_prog) != plain);
	set_prog(t, NULL, 0);
	KUNIT_EXPECT_NOT_NULL(test, set_prog(t, plain, -EOPNOTSUPP));
	KUNIT_EXPECT_EQ(test, t->shell->cfg.xdp, 0);
}

/* What programs can ask of the frame at hand. */
static void vmxnet3_xdp_test_metadata(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	struct xdp_rxq_info rxq = { .dev = t->netdev };
	struct npa_rx_frame frame = {
		.flags = NPA_RX_IPV4 | NPA_RX_TCP,
		.hash = 0x12345678,
		.hash_type = NPA_HASH_L4,
	};
	struct vmxnet3_xdp_buff buff = {
		.xdp.rxq = &rxq,
		.frame = &frame,
	};
	const struct xdp_metadata_ops *ops = t->netdev->xdp_metadata_ops;
	const struct xdp_md *ctx = (const struct xdp_md *)&buff;
	enum xdp_rss_hash_type type;
	__be16 proto;
	u32 hash;
	u16 tag;

	KUNIT_EXPECT_EQ(test, ops->xmo_rx_hash(ctx, &hash, &type), 0);
	KUNIT_EXPECT_EQ(test, hash, 0x12345678);
	KUNIT_EXPECT_EQ(test, type, XDP_RSS_TYPE_L4_IPV4_TCP);
	frame.flags = NPA_RX_IPV6 | NPA_RX_UDP;
	frame.hash_type = NPA_HASH_L3;
	KUNIT_EXPECT_EQ(test, ops->xmo_rx_hash(ctx, &hash, &type), 0);
	KUNIT_EXPECT_EQ(test, type, XDP_RSS_TYPE_L3_IPV6);
	frame.hash_type = NPA_HASH_NONE;
	KUNIT_EXPECT_EQ(test, ops->xmo_rx_hash(ctx, &hash, &type), -ENODATA);
	KUNIT_EXPECT_EQ(test, ops->xmo_rx_vlan_tag(ctx, &proto, &tag),
			-ENODATA);
	frame.flags = NPA_RX_VLAN;
	frame.vlan_tag = 0x2042;
	KUNIT_EXPECT_EQ(test, ops->xmo_rx_vlan_tag(ctx, &proto, &tag), 0);
	KUNIT_EXPECT_EQ(test, proto, htons(ETH_P_8021Q));
	KUNIT_EXPECT_EQ(test, tag, 0x2042);
}

static struct kunit_case vmxnet3_xdp_cases[] = {
	KUNIT_CASE(vmxnet3_xdp_test_drop),
	KUNIT_CASE(vmxnet3_xdp_test_aborted),
	KUNIT_CASE(vmxnet3_xdp_test_pass),
	KUNIT_CASE(vmxnet3_xdp_test_tx),
	KUNIT_CASE(vmxnet3_xdp_test_tx_mixed),
	KUNIT_CASE(vmxnet3_xdp_test_tx_full),
	KUNIT_CASE(vmxnet3_xdp_test_tx_moving),
	KUNIT_CASE(vmxnet3_xdp_test_tx_never),
	KUNIT_CASE(vmxnet3_xdp_test_tx_vlan),
	KUNIT_CASE(vmxnet3_xdp_test_frags),
	KUNIT_CASE(vmxnet3_xdp_test_cut),
	KUNIT_CASE(vmxnet3_xdp_test_no_memory),
	KUNIT_CASE(vmxnet3_xdp_test_wide),
	KUNIT_CASE(vmxnet3_xdp_test_switch),
	KUNIT_CASE(vmxnet3_xdp_test_lies),
	KUNIT_CASE(vmxnet3_xdp_test_sum),
	KUNIT_CASE(vmxnet3_xdp_test_xmit),
	KUNIT_CASE(vmxnet3_xdp_test_doorbells),
	KUNIT_CASE(vmxnet3_xdp_test_attach_fails),
	KUNIT_CASE(vmxnet3_xdp_test_mtu),
	KUNIT_CASE(vmxnet3_xdp_test_metadata),
	{}
};

static struct kunit_suite vmxnet3_xdp_suite = {
	.name = "vmxnet3-xdp",
	.init = xdp_init,
	.exit = xdp_exit,
	.test_cases = vmxnet3_xdp_cases,
};

/* The path that harvests in xmit. */
static struct kunit_case vmxnet3_xdp_lazy_cases[] = {
	KUNIT_CASE(vmxnet3_xdp_test_tx),
	KUNIT_CASE(vmxnet3_xdp_test_tx_mixed),
	KUNIT_CASE(vmxnet3_xdp_test_tx_full),
	KUNIT_CASE(vmxnet3_xdp_test_tx_moving),
	KUNIT_CASE(vmxnet3_xdp_test_xmit),
	KUNIT_CASE(vmxnet3_xdp_test_switch),
	{}
};

static struct kunit_suite vmxnet3_xdp_lazy_suite = {
	.name = "vmxnet3-xdp-lazy",
	.init = xdp_lazy_init,
	.exit = xdp_exit,
	.test_cases = vmxnet3_xdp_lazy_cases,
};

kunit_test_suites(&vmxnet3_xdp_suite, &vmxnet3_xdp_lazy_suite);
