// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of interrupts: which kind is chosen, who is asked when a shared line
 * fires, and who masks what.
 */
#include <kunit/static_stub.h>
#include <linux/bitfield.h>
#include <linux/interrupt.h>
#include <linux/pci.h>
#include <linux/rtnetlink.h>

#include "vmxnet3_test.h"

#define MSIX	VMXNET3_INTR_TYPE_MSIX
#define MSI	VMXNET3_INTR_TYPE_MSI
#define INTX	VMXNET3_INTR_TYPE_INTX
#define ANY	VMXNET3_INTR_TYPE_AUTO

/**
 * struct choice - what there is, and what is to become of it
 * @name: of the case
 * @asked: what the device asks for
 * @want: queue pairs
 * @msix: vectors that can be had
 * @msi: the same
 * @intx: there is a line
 * @err: 0 or an errno
 * @type: what is used
 * @intrs: vectors
 * @queues: pairs
 * @tx: TX has vectors of its own
 */
struct choice {
	const char *name;
	u32 asked;
	u32 want;
	u32 msix;
	bool msi;
	bool intx;
	int err;
	u32 type;
	u32 intrs;
	u32 queues;
	bool tx;
};

static const struct choice choices[] = {
	{ "separate", ANY, 8, 25, true, true, 0, MSIX, 17, 8, true },
	{ "separate_asked", MSIX, 4, 9, true, true, 0, MSIX, 9, 4, true },
	{ "shared", ANY, 8, 16, true, true, 0, MSIX, 9, 8, false },
	{ "fewer_queues", ANY, 8, 5, true, true, 0, MSIX, 5, 4, false },
	{ "two_vectors", ANY, 8, 2, true, true, 0, MSIX, 2, 1, false },
	{ "one_vector", ANY, 8, 1, true, true, 0, MSIX, 1, 1, false },
	{ "no_msix", ANY, 8, 0, true, true, 0, MSI, 1, 1, false },
	{ "no_msi", MSIX, 8, 0, false, true, 0, INTX, 1, 1, false },
	{ "msi_asked", MSI, 8, 25, true, true, 0, MSI, 1, 1, false },
	{ "msi_asked_not_there", MSI, 8, 25, false, true, 0, INTX, 1, 1,
	  false },
	{ "intx_asked", INTX, 8, 25, true, true, 0, INTX, 1, 1, false },
	{ "nothing", ANY, 8, 0, false, false, -ENOSPC, INTX, 0, 1, false },
};

KUNIT_ARRAY_PARAM_DESC(choice, choices, name);

static int stub_vectors(struct vmxnet3_shell *shell, u32 least, u32 most,
			u32 kind)
{
	const struct choice *c = kunit_get_current_test()->param_value;
	u32 n = kind == PCI_IRQ_MSIX ? c->msix :
		kind == PCI_IRQ_MSI ? c->msi : c->intx;

	return n < least ? -ENOSPC : min(n, most);
}

static void vmxnet3_irq_test_choose(struct kunit *test)
{
	const struct choice *c = test->param_value;
	struct vmxnet3_test *t = test->priv;
	struct vmxnet3_shell *shell = t->shell;
	struct vmxnet3_shell saved = { .max_queues = shell->max_queues,
				       .num_intrs = shell->num_intrs };

	kunit_activate_static_stub(test, vmxnet3_irq_get_vectors, stub_vectors);
	t->conf_intr = FIELD_PREP(VMXNET3_INTR_TYPE, c->asked);
	shell->num_intrs = 0;
	KUNIT_EXPECT_EQ(test, vmxnet3_irq_choose(shell, c->want), c->err);
	KUNIT_EXPECT_EQ(test, shell->intr_type, c->type);
	KUNIT_EXPECT_EQ(test, shell->num_intrs, c->intrs);
	KUNIT_EXPECT_EQ(test, shell->max_queues, c->queues);
	KUNIT_EXPECT_EQ(test, shell->tx_vectors, c->tx);
	KUNIT_EXPECT_EQ(test, vmxnet3_irq_is_single(shell), c->intrs == 1);
	shell->max_queues = saved.max_queues;
	shell->num_intrs = saved.num_intrs;
	shell->tx_vectors = false;
}

/* A device with one vector for one pair and events. */
static void open_single(struct vmxnet3_test *t, u32 type, u32 mask_mode)
{
	struct vmxnet3_shell *shell = t->shell;

	shell->npa.supported = false;
	shell->intr_type = type;
	shell->mask_mode = mask_mode;
	shell->num_intrs = 1;
	shell->cfg.num_queues = 1;
	rtnl_lock();
	netdev_lock(t->netdev);
	netif_set_real_num_tx_queues(t->netdev, 1);
	netif_set_real_num_rx_queues(t->netdev, 1);
	netdev_unlock(t->netdev);
	rtnl_unlock();
	vmxnet3_test_open(t);
}

static void close_single(struct vmxnet3_test *t)
{
	vmxnet3_test_close(t);
	t->shell->npa.supported = true;
}

static bool scheduled(struct vmxnet3_test *t)
{
	return test_bit(NAPI_STATE_SCHED, &t->shell->queues[0].napi.state);
}

static u32 mask(const struct vmxnet3_test *t)
{
	return vmxnet3_test_reg(t, VMXNET3_PT_IMR, 0);
}

/* Call the handler as the interrupt would, and look before NAPI runs. */
static irqreturn_t fire(struct vmxnet3_test *t, bool *polls)
{
	unsigned long flags;
	irqreturn_t ret;

	local_bh_disable();
	local_irq_save(flags);
	ret = vmxnet3_single_interrupt(0, t->shell);
	*polls = scheduled(t);
	local_irq_restore(flags);
	local_bh_enable();
	return ret;
}

static void settle(struct vmxnet3_test *t)
{
	vmxnet3_test_poll(t, 0);
	KUNIT_ASSERT_FALSE(t->test, scheduled(t));
}

/* The line is shared: an interrupt may be somebody else's. */
static void vmxnet3_irq_test_intx(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	bool polls;

	open_single(t, INTX, VMXNET3_INTR_MASK_AUTO);
	settle(t);
	t->icr = 0;
	KUNIT_EXPECT_EQ(test, fire(t, &polls), IRQ_NONE);
	KUNIT_EXPECT_FALSE(test, polls);

	t->icr = 1;
	KUNIT_EXPECT_EQ(test, fire(t, &polls), IRQ_HANDLED);
	KUNIT_EXPECT_TRUE(test, polls);
	KUNIT_EXPECT_EQ(test, t->icr, 0);
	settle(t);

	/* A device that is gone does not claim everybody's interrupts. */
	t->icr = 1;
	t->gone = true;
	KUNIT_EXPECT_EQ(test, fire(t, &polls), IRQ_NONE);
	KUNIT_EXPECT_FALSE(test, polls);
	t->gone = false;
	vmxnet3_test_expect_alive(t, 0);
	close_single(t);
}

/* MSI is not shared, and nobody is asked. */
static void vmxnet3_irq_test_msi(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	bool polls;

	open_single(t, MSI, VMXNET3_INTR_MASK_AUTO);
	settle(t);
	t->icr = 0;
	KUNIT_EXPECT_EQ(test, fire(t, &polls), IRQ_HANDLED);
	KUNIT_EXPECT_TRUE(test, polls);
	settle(t);
	vmxnet3_test_expect_alive(t, 0);
	close_single(t);
}

/* The one vector is for events too, and poll unmasks it for them. */
static void vmxnet3_irq_test_events(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;
	bool polls;

	open_single(t, MSI, VMXNET3_INTR_MASK_AUTO);
	settle(t);
	t->shell->shared->ecr = cpu_to_le32(VMXNET3_ECR_TQERR);
	vmxnet3_test_set_reg(t, VMXNET3_PT_IMR, 0, 1);
	KUNIT_EXPECT_EQ(test, fire(t, &polls), IRQ_HANDLED);
	t->shell->shared->ecr = 0;
	settle(t);
	KUNIT_EXPECT_EQ(test, mask(t), 0);
	vmxnet3_test_flush(t);
	KUNIT_EXPECT_EQ(test, t->shell->resets, 1);
	KUNIT_EXPECT_EQ(test, 1,
			atomic_long_read(&t->shell->reset.counts[VMXNET3_RESET_TX_ERROR]));
	settle(t);
	vmxnet3_test_expect_alive(t, 0);
	close_single(t);
}

static const u32 mask_modes[] = { VMXNET3_INTR_MASK_AUTO,
				  VMXNET3_INTR_MASK_ACTIVE,
				  VMXNET3_INTR_MASK_LAZY };

static void mask_mode_desc(const u32 *mode, char *desc)
{
	static const char * const names[] = { "auto", "active", "lazy" };

	strscpy(desc, names[*mode], KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(mask_mode, mask_modes, mask_mode_desc);

/* The driver masks in one mode only, and tells the device in which one. */
static void vmxnet3_irq_test_mask_mode(struct kunit *test)
{
	u32 mode = *(const u32 *)test->param_value;
	struct vmxnet3_test *t = test->priv;
	struct vmxnet3_intr_conf *intr = &t->shell->shared->dev_read.intr;
	unsigned long flags;
	u32 masked;

	open_single(t, MSI, mode);
	settle(t);
	KUNIT_EXPECT_EQ(test, intr->auto_mask, mode == VMXNET3_INTR_MASK_AUTO);
	KUNIT_EXPECT_EQ(test, intr->num_intrs, 1);
	KUNIT_EXPECT_EQ(test, intr->event_intr, 0);
	vmxnet3_test_set_reg(t, VMXNET3_PT_IMR, 0, 0);
	local_bh_disable();
	local_irq_save(flags);
	vmxnet3_single_interrupt(0, t->shell);
	masked = mask(t);
	local_irq_restore(flags);
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, masked, mode == VMXNET3_INTR_MASK_ACTIVE);
	settle(t);
	KUNIT_EXPECT_EQ(test, mask(t), 0);
	vmxnet3_test_expect_alive(t, 0);
	close_single(t);
}

static struct kunit_case vmxnet3_irq_cases[] = {
	KUNIT_CASE_PARAM(vmxnet3_irq_test_choose, choice_gen_params),
	KUNIT_CASE(vmxnet3_irq_test_intx),
	KUNIT_CASE(vmxnet3_irq_test_msi),
	KUNIT_CASE(vmxnet3_irq_test_events),
	KUNIT_CASE_PARAM(vmxnet3_irq_test_mask_mode, mask_mode_gen_params),
	{}
};

static struct kunit_suite vmxnet3_irq_suite = {
	.name = "vmxnet3-irq",
	.init = vmxnet3_test_init,
	.exit = vmxnet3_test_exit,
	.test_cases = vmxnet3_irq_cases,
};

kunit_test_suite(vmxnet3_irq_suite);
