// SPDX-License-Identifier: GPL-2.0
/*
 * The world around a device under test: a vmxnet3 device made of memory behind
 * the ops table, the hypervisor that answers its commands, a registered netdev,
 * and a handler that keeps what the stack receives.
 */
#include <kunit/device.h>
#include <kunit/static_stub.h>
#include <linux/bitfield.h>
#include <linux/debug_locks.h>
#include <linux/delay.h>
#include <linux/dma-direct.h>
#include <linux/dma-mapping.h>
#include <linux/etherdevice.h>
#include <linux/rtnetlink.h>
#include <linux/unaligned.h>
#include <linux/vmalloc.h>
#include <net/sch_generic.h>

#include "vmxnet3_pm.h"
#include "vmxnet3_reconf.h"
#include "vmxnet3_switch.h"
#include "vmxnet3_test.h"

#define TEST_WINDOW_OFFSET	0x10000
#define TEST_WINDOW_PAGES	4
#define TEST_PT_LEN		VMXNET3_PT_LARGE_LEN

/* Private data of the netdev: the shell must come first. */
struct test_priv {
	struct vmxnet3_shell shell;
	struct vmxnet3_test *t;
};

static struct vmxnet3_test *to_test(struct vmxnet3_shell *shell)
{
	return container_of(shell, struct test_priv, shell)->t;
}

static void *to_va(struct vmxnet3_test *t, __le64 pa)
{
	return phys_to_virt(dma_to_phys(t->dev, le64_to_cpu(pa)));
}

/* What the hypervisor does when it is told to. */

static void hv_activate_dev(struct vmxnet3_test *t)
{
	struct vmxnet3_shared *shared = to_va(t, cpu_to_le64(t->dsa));
	struct vmxnet3_misc_conf *misc = &shared->dev_read.misc;
	struct vmxnet3_tx_queue_desc *tqd = to_va(t, misc->queue_desc_pa);
	struct vmxnet3_rx_queue_desc *rqd = (void *)(tqd + misc->num_tx_queues);
	u32 i;

	memset(t->q, 0, sizeof(t->q));
	t->num_queues = misc->num_tx_queues;
	for (i = 0; i < t->num_queues; i++) {
		struct vmxnet3_test_queue *q = &t->q[i];

		q->txd = to_va(t, tqd[i].conf.ring_pa);
		q->txc = to_va(t, tqd[i].conf.comp_ring_pa);
		q->tx_size = le32_to_cpu(tqd[i].conf.ring_size);
		q->tx_gen = VMXNET3_TXD_GEN;
		q->txc_gen = VMXNET3_COMP_GEN;
		q->rxd[0] = to_va(t, rqd[i].conf.ring_pa[0]);
		q->rxd[1] = to_va(t, rqd[i].conf.ring_pa[1]);
		q->rxc = to_va(t, rqd[i].conf.comp_ring_pa);
		q->rx_size = le32_to_cpu(rqd[i].conf.ring_size[0]);
		q->rxc_size = le32_to_cpu(rqd[i].conf.comp_ring_size);
		q->rx_gen[0] = VMXNET3_RXD_GEN;
		q->rx_gen[1] = VMXNET3_RXD_GEN;
		q->rxc_gen = VMXNET3_COMP_GEN;
	}
	t->running = shared->magic == cpu_to_le32(VMXNET3_SHARED_MAGIC);
}

static void hv_load_plugin(struct vmxnet3_test *t)
{
	struct vmxnet3_npa_conf *conf = t->shell->npa.conf;

	memcpy(t->region.va, t->image, t->image_len);
	conf->image_len = cpu_to_le32(t->written ?: t->image_len);
	conf->v1.window_ppn = cpu_to_le64(t->window_ppn);
	conf->v1.window_pages = cpu_to_le32(t->window_pages);
	conf->v1.entry_va = cpu_to_le64(t->entry_va);
	conf->v1.device_info[0] = cpu_to_le32(lower_32_bits((uintptr_t)t));
	conf->v1.device_info[1] = cpu_to_le32(upper_32_bits((uintptr_t)t));
	conf->vf_tx_queues = cpu_to_le16(t->vf_queues);
	conf->vf_rx_queues = cpu_to_le16(t->vf_queues);
}

/* An asynchronous command is done. */
static void hv_done(struct vmxnet3_test *t)
{
	u32 cmd = t->status_cmd;

	t->status_cmd = 0;
	if (!cmd || t->status.result != VMXNET3_CMD_RESULT_OK)
		return;
	switch (cmd) {
	case VMXNET3_CMD_LOAD_PLUGIN:
		hv_load_plugin(t);
		break;
	case VMXNET3_CMD_ACTIVATE_VF:
		t->vf.active = true;
		break;
	case VMXNET3_CMD_STOP_EMULATION:
		t->running = false;
		break;
	case VMXNET3_CMD_NPA_QUIESCE_VF:
		t->vf.active = false;
		break;
	}
	if (t->on_done)
		t->on_done(t, cmd);
}

/* It says the same of all queues. */
static void hv_stats(struct vmxnet3_test *t)
{
	struct vmxnet3_shared *shared = to_va(t, cpu_to_le64(t->dsa));
	struct vmxnet3_misc_conf *misc = &shared->dev_read.misc;
	struct vmxnet3_tx_queue_desc *tqd = to_va(t, misc->queue_desc_pa);
	struct vmxnet3_rx_queue_desc *rqd = (void *)(tqd + misc->num_tx_queues);
	u32 i;

	if (!t->running || t->stats_stuck)
		return;
	for (i = 0; i < misc->num_tx_queues; i++) {
		tqd[i].stats = t->tx_stats;
		rqd[i].stats = t->rx_stats;
	}
}

/* Commands with arguments: they are in the shared area. */
static void hv_command_info(struct vmxnet3_test *t, u32 cmd)
{
	struct vmxnet3_shared *shared = to_va(t, cpu_to_le64(t->dsa));
	union vmxnet3_cmd_info *info = &shared->cmd_info;

	t->rev.info = *info;
	t->rev.info_cmd = cmd;
	switch (cmd) {
	case VMXNET3_CMD_SET_RING_BUFFER_SIZE:
		t->rev.buffer_size = info->buffer_size;
		break;
	case VMXNET3_CMD_SET_COALESCE:
		KUNIT_EXPECT_EQ(t->test, le32_to_cpu(info->conf.length),
				sizeof(t->coalesce));
		if (!t->coalesce_refused)
			t->coalesce = *(struct vmxnet3_coalesce *)
				      to_va(t, info->conf.pa);
		break;
	case VMXNET3_CMD_GET_COALESCE:
		*(struct vmxnet3_coalesce *)to_va(t, info->conf.pa) =
			t->coalesce;
		break;
	case VMXNET3_CMD_SET_RSS_FIELDS:
		t->rss_fields = le32_to_cpu(info->rss_fields) &
				t->rss_fields_can;
		break;
	}
}

static void hv_read_pm(struct vmxnet3_test *t)
{
	struct vmxnet3_shared *shared = to_va(t, cpu_to_le64(t->dsa));
	struct vmxnet3_conf_desc *desc = &shared->dev_read.pm;

	if (desc->version == cpu_to_le32(VMXNET3_PM_CONF_V1) &&
	    desc->length == cpu_to_le32(sizeof(t->pm)))
		memcpy(&t->pm, to_va(t, desc->pa), sizeof(t->pm));
}

static void hv_log(struct vmxnet3_test *t, u32 cmd)
{
	if (t->log_len < VMXNET3_TEST_LOG)
		t->log[t->log_len++] = cmd;
}

static void hv_async(struct vmxnet3_test *t, u32 cmd,
		     const struct vmxnet3_test_script *script)
{
	hv_log(t, cmd);
	t->status = *script;
	t->status_cmd = cmd;
}

static bool hv_has_arguments(u32 cmd)
{
	return cmd == VMXNET3_CMD_SET_COALESCE ||
	       cmd == VMXNET3_CMD_GET_COALESCE ||
	       cmd == VMXNET3_CMD_SET_RSS_FIELDS ||
	       cmd == VMXNET3_CMD_SET_RING_BUFFER_SIZE;
}

/* Nobody else may be writing a command, and only some have arguments. */
static void hv_check_command(struct vmxnet3_test *t, u32 cmd)
{
	static const union vmxnet3_cmd_info none;

	if (IS_ENABLED(CONFIG_LOCKDEP))
		KUNIT_EXPECT_TRUE_MSG(t->test,
				      lockdep_is_held(&t->shell->cmd_lock),
				      "command %#x without the lock", cmd);
	if (t->shell->shared && !hv_has_arguments(cmd))
		KUNIT_EXPECT_MEMEQ_MSG(t->test, &t->shell->shared->cmd_info,
				       &none, sizeof(none),
				       "command %#x has arguments", cmd);
}

static void hv_command(struct vmxnet3_test *t, u32 cmd)
{
	t->cmd = cmd;
	hv_check_command(t, cmd);
	if (t->on_cmd)
		t->on_cmd(t, cmd);
	switch (cmd) {
	case VMXNET3_CMD_LOAD_PLUGIN:
		hv_async(t, cmd, &t->load);
		break;
	case VMXNET3_CMD_ACTIVATE_VF:
		hv_async(t, cmd, &t->activate);
		break;
	case VMXNET3_CMD_STOP_EMULATION:
		hv_async(t, cmd, &t->stop);
		break;
	case VMXNET3_CMD_NPA_QUIESCE_VF:
		hv_async(t, cmd, &t->quiesce);
		break;
	case VMXNET3_CMD_ACTIVATE_DEV:
		hv_log(t, cmd);
		if (!t->activate_dev)
			hv_activate_dev(t);
		break;
	case VMXNET3_CMD_RESET_DEV:
		/* It ends whatever is under way. */
		t->vf.active = false;
		t->status.busy = 0;
		t->status_cmd = 0;
		fallthrough;
	case VMXNET3_CMD_QUIESCE_DEV:
		hv_log(t, cmd);
		t->running = false;
		break;
	case VMXNET3_CMD_UPDATE_PMCFG:
		hv_log(t, cmd);
		hv_read_pm(t);
		break;
	case VMXNET3_CMD_NPA_REPORT:
		hv_log(t, cmd);
		t->report = le32_to_cpu(t->shell->npa.conf->report);
		t->reports++;
		break;
	case VMXNET3_CMD_GET_STATS:
		hv_stats(t);
		break;
	default:
		if (hv_has_arguments(cmd))
			hv_command_info(t, cmd);
	}
}

static u32 hv_result(struct vmxnet3_test *t)
{
	switch (t->cmd) {
	case VMXNET3_CMD_LOAD_PLUGIN:
	case VMXNET3_CMD_ACTIVATE_VF:
	case VMXNET3_CMD_STOP_EMULATION:
	case VMXNET3_CMD_NPA_QUIESCE_VF:
	case VMXNET3_CMD_NPA_GET_STATUS:
		if (t->status.busy) {
			if (t->status.busy != VMXNET3_TEST_FOREVER)
				t->status.busy--;
			return VMXNET3_CMD_RESULT_BUSY;
		}
		hv_done(t);
		return t->status.result;
	case VMXNET3_CMD_ACTIVATE_DEV:
		return t->activate_dev;
	case VMXNET3_CMD_GET_DEV_EXTRA_INFO:
		return t->msg;
	case VMXNET3_CMD_GET_DID_LO:
		return lower_32_bits(t->device_id);
	case VMXNET3_CMD_GET_DID_HI:
		return upper_32_bits(t->device_id);
	case VMXNET3_CMD_GET_CONF_INTR:
		return t->conf_intr;
	case VMXNET3_CMD_GET_LINK:
		if (t->link_down)
			return 0;
		return t->rev.link ?: VMXNET3_LINK_UP |
				      FIELD_PREP(VMXNET3_LINK_SPEED, 10000);
	case VMXNET3_CMD_GET_DCR0_REG:
		return t->rev.dcr0 ?: t->rev.wanted & ~t->rev.refused;
	case VMXNET3_CMD_GET_MAX_QUEUES_CONF:
		return t->rev.max_queues;
	case VMXNET3_CMD_GET_TXDATA_DESC_SIZE:
		return t->rev.data_size;
	case VMXNET3_CMD_GET_TSRING_DESC_SIZE:
		return t->rev.ts_size;
	case VMXNET3_CMD_GET_DISABLED_OFFLOADS:
		return t->rev.disabled;
	case VMXNET3_CMD_SET_COALESCE:
	case VMXNET3_CMD_GET_COALESCE:
	case VMXNET3_CMD_SET_RSS_FIELDS:
	case VMXNET3_CMD_SET_RING_BUFFER_SIZE:
		return t->rev.info_result;
	case VMXNET3_CMD_GET_RSS_FIELDS:
		return t->rss_fields;
	default:
		return 0;
	}
}

static u32 dev_read(struct vmxnet3_shell *shell, u32 reg)
{
	struct vmxnet3_test *t = to_test(shell);

	if (READ_ONCE(t->gone))
		return U32_MAX;
	switch (reg) {
	case VMXNET3_VD_CMD:
		return hv_result(t);
	case VMXNET3_VD_ICR:
		return xchg(&t->icr, 0);
	case VMXNET3_VD_MACL:
		return t->mac[0];
	case VMXNET3_VD_MACH:
		return t->mac[1] & t->mac_mask;
	case VMXNET3_VD_VRRS:
		return t->rev.vrrs;
	case VMXNET3_VD_UVRS:
		return t->rev.uvrs;
	case VMXNET3_VD_DCR:
		return t->rev.dcr;
	case VMXNET3_VD_PTCR:
		return t->rev.ptcr;
	default:
		return 0;
	}
}

static void dev_write(struct vmxnet3_shell *shell, u32 reg, u32 value)
{
	struct vmxnet3_test *t = to_test(shell);

	if (READ_ONCE(t->gone))
		return;
	switch (reg) {
	case VMXNET3_VD_CMD:
		lockdep_assert_held(&shell->cmd_lock);
		hv_command(t, value);
		break;
	case VMXNET3_VD_DCR:
		lockdep_assert_held(&shell->cmd_lock);
		t->rev.wanted = value;
		t->rev.dcr_writes++;
		break;
	case VMXNET3_VD_VRRS:
		t->rev.chosen = value;
		break;
	case VMXNET3_VD_UVRS:
		t->rev.uvrs_chosen = value;
		break;
	case VMXNET3_VD_DSAL:
		t->dsa = (t->dsa & GENMASK_ULL(63, 32)) | value;
		break;
	case VMXNET3_VD_DSAH:
		t->dsa = (t->dsa & GENMASK_ULL(31, 0)) | (u64)value << 32;
		break;
	case VMXNET3_VD_MACL:
		t->mac[0] = value;
		break;
	case VMXNET3_VD_MACH:
		t->mac[1] = value;
		break;
	}
}

static const struct vmxnet3_dev_ops test_ops = {
	.read = dev_read,
	.write = dev_write,
};

/* What a test cannot have: a PCI function and memory to execute. */

static void stub_bar(struct vmxnet3_shell *shell, u64 *bus, phys_addr_t *start,
		     u64 *len)
{
	*bus = VMXNET3_TEST_BAR_BUS;
	*start = VMXNET3_TEST_BAR_START;
	*len = VMXNET3_TEST_BAR_LEN;
}

static void __iomem *stub_map(phys_addr_t start, u32 len)
{
	struct vmxnet3_test *t = kunit_get_current_test()->priv;

	t->map_start = start;
	t->map_len = len;
	if (t->map_fails)
		return NULL;
	t->maps++;
	return (void __iomem *)t->window;
}

static void stub_unmap(void __iomem *window)
{
	struct vmxnet3_test *t = kunit_get_current_test()->priv;

	KUNIT_EXPECT_PTR_EQ(t->test, window, (void __iomem *)t->window);
	t->unmaps++;
}

/* Tests have no traffic beside, and no time. */
static void stub_rest(u32 us)
{
	struct vmxnet3_test *t = kunit_get_current_test()->priv;

	KUNIT_EXPECT_GE(t->test, us, 50);
	KUNIT_EXPECT_LE(t->test, us, 10000);
	t->rests++;
}

static npa_plugin_main_t stub_entry(const struct vmxnet3_region *region,
				    u32 offset)
{
	struct vmxnet3_test *t = kunit_get_current_test()->priv;
	struct npa_image_header *h = (void *)t->image;

	KUNIT_EXPECT_PTR_EQ(t->test, region, &t->region);
	KUNIT_EXPECT_EQ(t->test, offset, le32_to_cpu(h->entry_offset));
	return vmxnet3_test_vf_main;
}

/* Stubs are looked up by the task: the workers have to say whose they are. */

static void test_switch_work(struct work_struct *work)
{
	struct vmxnet3_shell *shell = container_of(work, struct vmxnet3_shell,
						   npa.work);

	current->kunit_test = to_test(shell)->test;
	vmxnet3_switch_work(work);
	current->kunit_test = NULL;
}

static void test_alive_work(struct work_struct *work)
{
	struct vmxnet3_shell *shell = container_of(to_delayed_work(work),
						   struct vmxnet3_shell,
						   npa.alive_work);

	current->kunit_test = to_test(shell)->test;
	vmxnet3_switch_alive_work(work);
	current->kunit_test = NULL;
}

static void test_reset_work(struct work_struct *work)
{
	struct vmxnet3_shell *shell = container_of(to_delayed_work(work),
						   struct vmxnet3_shell,
						   reset.work);

	current->kunit_test = to_test(shell)->test;
	vmxnet3_reset_work(work);
	current->kunit_test = NULL;
}

/* A copy is kept, so that buffers go back to their pool at once. */
static rx_handler_result_t test_rx_handler(struct sk_buff **pskb)
{
	struct vmxnet3_test *t =
		rcu_dereference((*pskb)->dev->rx_handler_data);
	struct sk_buff *copy = skb_copy(*pskb, GFP_ATOMIC);

	if (copy)
		skb_queue_tail(&t->rx, copy);
	consume_skb(*pskb);
	return RX_HANDLER_CONSUMED;
}

/* Making and unmaking it */

static void test_vfree(void *va)
{
	vfree(va);
}

static int test_init_hypervisor(struct vmxnet3_test *t)
{
	struct kunit *test = t->test;

	kunit_activate_static_stub(test, vmxnet3_npa_bar, stub_bar);
	kunit_activate_static_stub(test, vmxnet3_npa_map, stub_map);
	kunit_activate_static_stub(test, vmxnet3_npa_unmap, stub_unmap);
	kunit_activate_static_stub(test, vmxnet3_npa_entry, stub_entry);
	kunit_activate_static_stub(test, vmxnet3_rx_rest, stub_rest);

	t->region.va = vzalloc(NPA_IMAGE_MAX_LEN);
	if (!t->region.va ||
	    kunit_add_action_or_reset(test, test_vfree, t->region.va))
		return -ENOMEM;
	t->image = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	if (!t->image)
		return -ENOMEM;
	t->image_len = vmxnet3_test_image_make(t->image, 1000);
	t->device_id = VMXNET3_TEST_DEVICE_ID;
	t->window_ppn = (VMXNET3_TEST_BAR_BUS + TEST_WINDOW_OFFSET) >>
			VMXNET3_NPA_PAGE_SHIFT;
	t->window_pages = TEST_WINDOW_PAGES;
	t->vf_queues = VMXNET3_TEST_QUEUES;
	return 0;
}

/* Merged segments only where a test wants them. */
static void test_default(struct vmxnet3_shell *shell)
{
	vmxnet3_reconf_default(shell);
	shell->cfg.lro = 0;
}

static int test_init_shell(struct vmxnet3_test *t)
{
	struct vmxnet3_shell *shell = t->shell;
	struct vmxnet3_npa *npa = &shell->npa;
	int err;

	spin_lock_init(&shell->cmd_lock);
	mutex_init(&shell->conf_lock);
	INIT_DELAYED_WORK(&shell->reset.work, test_reset_work);
	INIT_WORK(&shell->link_work, vmxnet3_link_work);
	INIT_WORK(&npa->work, test_switch_work);
	INIT_DELAYED_WORK(&npa->alive_work, test_alive_work);
	INIT_LIST_HEAD(&shell->orphans);
	INIT_WORK(&shell->reap_work, vmxnet3_path_reap_work);
	init_waitqueue_head(&npa->wait);
	shell->netdev = t->netdev;
	shell->dev = t->dev;
	shell->ops = &test_ops;
	shell->pt = (void __iomem *)t->pt;
	shell->pt_len = TEST_PT_LEN;
	err = vmxnet3_revision_negotiate(shell);
	if (err)
		return err;
	vmxnet3_revision_setup(shell);
	shell->max_queues = VMXNET3_TEST_QUEUES;
	test_default(shell);
	shell->num_intrs = VMXNET3_TEST_QUEUES + 1;
	shell->queues = kunit_kcalloc(t->test, shell->max_queues,
				      sizeof(*shell->queues), GFP_KERNEL);
	if (!shell->queues)
		return -ENOMEM;
	netif_set_real_num_tx_queues(t->netdev, shell->cfg.num_queues);
	netif_set_real_num_rx_queues(t->netdev, shell->cfg.num_queues);

	err = vmxnet3_dev_alloc(shell);
	if (err)
		return err;
	err = vmxnet3_pm_init(shell);
	if (err)
		goto free_dev;
	npa->conf = dma_alloc_coherent(t->dev, sizeof(*npa->conf),
				       &npa->conf_pa, GFP_KERNEL);
	shell->wq = alloc_ordered_workqueue("vmxnet3-test", WQ_MEM_RECLAIM);
	if (!npa->conf || !shell->wq) {
		err = -ENOMEM;
		goto free_wq;
	}
	npa->region = &t->region;
	npa->supported = true;
	vmxnet3_netdev_init(shell);
	t->netdev->features &= ~NETIF_F_LRO;
	return 0;

free_wq:
	if (shell->wq)
		destroy_workqueue(shell->wq);
	if (npa->conf)
		dma_free_coherent(t->dev, sizeof(*npa->conf), npa->conf,
				  npa->conf_pa);
	vmxnet3_pm_exit(shell);
free_dev:
	vmxnet3_dev_free(shell);
	return err;
}

static void test_exit_shell(struct vmxnet3_test *t)
{
	struct vmxnet3_shell *shell = t->shell;
	struct vmxnet3_npa *npa = &shell->npa;

	set_bit(VMXNET3_STATE_GONE, &shell->state);
	cancel_delayed_work_sync(&npa->alive_work);
	cancel_work_sync(&npa->work);
	cancel_delayed_work_sync(&shell->reset.work);
	cancel_work_sync(&shell->reap_work);
	cancel_work_sync(&shell->link_work);
	destroy_workqueue(shell->wq);
	dma_free_coherent(t->dev, sizeof(*npa->conf), npa->conf, npa->conf_pa);
	vmxnet3_pm_exit(shell);
	vmxnet3_dev_free(shell);
}

/**
 * vmxnet3_test_init() - init of a suite: a registered device, down
 * @test: the case; its private data becomes the struct vmxnet3_test
 *
 * Return: 0 or a negative errno.
 */
int vmxnet3_test_init(struct kunit *test)
{
	struct net_device *netdev;
	struct vmxnet3_test *t;
	struct test_priv *priv;
	int err;

	t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	if (!t)
		return -ENOMEM;
	t->test = test;
	t->lockdep = READ_ONCE(debug_locks);
	t->mac_mask = U32_MAX;
	skb_queue_head_init(&t->rx);
	t->rev.vrrs = BIT(0);
	t->rev.uvrs = VMXNET3_UPT_VERSION;
	t->rev.ptcr = VMXNET3_CAP_ERROR;
	t->pt = kunit_kzalloc(test, TEST_PT_LEN, GFP_KERNEL);
	t->dev = kunit_device_register(test, "vmxnet3-test");
	if (!t->pt || IS_ERR(t->dev))
		return -ENOMEM;
	dma_coerce_mask_and_coherent(t->dev, DMA_BIT_MASK(64));
	err = test_init_hypervisor(t);
	if (err)
		return err;

	netdev = alloc_etherdev_mq(sizeof(*priv), VMXNET3_TEST_QUEUES);
	if (!netdev)
		return -ENOMEM;
	SET_NETDEV_DEV(netdev, t->dev);
	eth_hw_addr_random(netdev);
	priv = netdev_priv(netdev);
	priv->t = t;
	t->netdev = netdev;
	t->shell = &priv->shell;
	err = test_init_shell(t);
	if (err)
		goto free_netdev;
	err = register_netdev(netdev);
	if (err)
		goto exit_shell;
	rtnl_lock();
	err = netdev_rx_handler_register(netdev, test_rx_handler, t);
	rtnl_unlock();
	if (err)
		goto unregister;
	test->priv = t;
	return 0;

unregister:
	unregister_netdev(netdev);
exit_shell:
	test_exit_shell(t);
free_netdev:
	free_netdev(netdev);
	return err;
}

/**
 * vmxnet3_test_lazy() - give the device vectors for TX
 * @t: test, its device is down
 *
 * The emulated path then harvests without interrupts.
 */
void vmxnet3_test_lazy(struct vmxnet3_test *t)
{
	t->shell->tx_vectors = true;
	t->shell->num_intrs = 2 * VMXNET3_TEST_QUEUES + 1;
}

/**
 * vmxnet3_test_revision() - make the device one of another revision
 * @t: test, its device is down and t->rev says what it has besides @vrrs
 * @revision: 1 to 9
 */
void vmxnet3_test_revision(struct vmxnet3_test *t, u32 revision)
{
	struct vmxnet3_shell *shell = t->shell;

	t->rev.vrrs = GENMASK(revision - 1, 0);
	vmxnet3_dev_free(shell);
	KUNIT_ASSERT_EQ(t->test, vmxnet3_revision_negotiate(shell), 0);
	KUNIT_ASSERT_EQ(t->test, shell->revision, revision);
	vmxnet3_revision_setup(shell);
	test_default(shell);
	t->netdev->max_mtu = shell->limits.max_mtu;
	KUNIT_ASSERT_EQ(t->test, vmxnet3_dev_alloc(shell), 0);
}

/**
 * vmxnet3_test_exit() - exit of a suite: everything must have been given back
 * @test: the case
 */
void vmxnet3_test_exit(struct kunit *test)
{
	struct vmxnet3_test *t = test->priv;

	if (!t)
		return;
	vmxnet3_test_close(t);
	rtnl_lock();
	netdev_rx_handler_unregister(t->netdev);
	rtnl_unlock();
	unregister_netdev(t->netdev);
	test_exit_shell(t);
	free_netdev(t->netdev);
	skb_queue_purge(&t->rx);
	KUNIT_EXPECT_EQ(test, t->maps, t->unmaps);
	/* A complaint about locks is in the log above. */
	KUNIT_EXPECT_EQ(test, t->lockdep, READ_ONCE(debug_locks));
}

/**
 * vmxnet3_test_open() - ifup
 * @t: test
 */
void vmxnet3_test_open(struct vmxnet3_test *t)
{
	int err;

	rtnl_lock();
	err = dev_open(t->netdev, NULL);
	rtnl_unlock();
	KUNIT_ASSERT_EQ(t->test, err, 0);
	t->open = true;
	KUNIT_ASSERT_TRUE(t->test, netif_carrier_ok(t->netdev));
}

/**
 * vmxnet3_test_close() - ifdown; nothing may be left of any path
 * @t: test
 */
void vmxnet3_test_close(struct vmxnet3_test *t)
{
	u32 i;

	if (!t->open)
		return;
	rtnl_lock();
	dev_close(t->netdev);
	rtnl_unlock();
	t->open = false;
	vmxnet3_test_flush(t);
	KUNIT_EXPECT_NULL(t->test, t->shell->path);
	KUNIT_EXPECT_NULL(t->test, t->shell->vf);
	KUNIT_EXPECT_NULL(t->test, t->shell->emulated);
	KUNIT_EXPECT_FALSE(t->test, t->running);
	KUNIT_EXPECT_FALSE(t->test, t->vf.active);
	/* A pool goes when all of its pages have come back; it looks each second. */
	for (i = 0; i < 30 && !hlist_empty(&t->netdev->page_pools); i++)
		msleep(100);
	KUNIT_EXPECT_TRUE(t->test, hlist_empty(&t->netdev->page_pools));
}

/**
 * vmxnet3_test_message() - a new switch message, of which nobody is told
 * @t: test
 * @path: VMXNET3_NPA_MSG_PATH_*
 * @reason: VMXNET3_NPA_MSG_REASON_*
 *
 * Context: any.
 */
void vmxnet3_test_message(struct vmxnet3_test *t, u32 path, u32 reason)
{
	u32 seq = FIELD_GET(VMXNET3_NPA_MSG_SEQ, t->msg) + 1;

	WRITE_ONCE(t->msg, FIELD_PREP(VMXNET3_NPA_MSG_PATH, path) |
			   FIELD_PREP(VMXNET3_NPA_MSG_REASON, reason) |
			   FIELD_PREP(VMXNET3_NPA_MSG_SEQ, seq));
}

/**
 * vmxnet3_test_get_rings() - ethtool -g
 * @t: the test
 * @ring: receives what there is
 * @kernel_ring: the same
 */
void vmxnet3_test_get_rings(struct vmxnet3_test *t,
			    struct ethtool_ringparam *ring,
			    struct kernel_ethtool_ringparam *kernel_ring)
{
	memset(ring, 0, sizeof(*ring));
	memset(kernel_ring, 0, sizeof(*kernel_ring));
	t->netdev->ethtool_ops->get_ringparam(t->netdev, ring, kernel_ring,
					      NULL);
}

/**
 * vmxnet3_test_set_rings() - ethtool -G
 * @t: the test
 * @ring: what there was, but for what is to change
 * @kernel_ring: the same
 *
 * Fails the test if somebody is refused and not told why, or the reverse.
 *
 * Return: what the driver says.
 */
int vmxnet3_test_set_rings(struct vmxnet3_test *t,
			   struct ethtool_ringparam *ring,
			   struct kernel_ethtool_ringparam *kernel_ring)
{
	struct netlink_ext_ack extack = {};
	int err;

	vmxnet3_test_lock(t);
	err = t->netdev->ethtool_ops->set_ringparam(t->netdev, ring,
						    kernel_ring, &extack);
	vmxnet3_test_unlock(t);
	KUNIT_EXPECT_EQ(t->test, !!err, !!extack._msg);
	return err;
}

/**
 * vmxnet3_test_flush() - wait for what the driver has put off
 * @t: test
 */
void vmxnet3_test_flush(struct vmxnet3_test *t)
{
	/* A reset may follow a switch, and look for messages again. */
	flush_workqueue(t->shell->wq);
	flush_workqueue(t->shell->wq);
	flush_workqueue(t->shell->wq);
}

/**
 * vmxnet3_test_switch() - send a switch message and wait until it is handled
 * @t: test
 * @path: VMXNET3_NPA_MSG_PATH_*
 * @reason: VMXNET3_NPA_MSG_REASON_*
 */
void vmxnet3_test_switch(struct vmxnet3_test *t, u32 path, u32 reason)
{
	vmxnet3_test_message(t, path, reason);
	t->shell->shared->ecr = cpu_to_le32(VMXNET3_ECR_DIC);
	vmxnet3_event_interrupt(0, t->shell);
	t->shell->shared->ecr = 0;
	vmxnet3_test_flush(t);
}

/**
 * vmxnet3_test_on_vf() - is everything on the VF?
 * @t: test
 *
 * Return: true if so, false if everything is on the emulated path; a mixture
 * fails the test.
 */
bool vmxnet3_test_on_vf(struct vmxnet3_test *t)
{
	struct vmxnet3_shell *shell = t->shell;
	bool vf = shell->path && shell->path == shell->vf;
	u32 i;

	KUNIT_EXPECT_EQ(t->test, vf, !shell->emulated);
	KUNIT_EXPECT_EQ(t->test, vf, !!shell->vf);
	KUNIT_EXPECT_EQ(t->test, vf, t->vf.active);
	KUNIT_EXPECT_EQ(t->test, vf, !t->running);
	KUNIT_EXPECT_EQ(t->test, t->maps - t->unmaps, (u32)vf);
	for (i = 0; i < shell->cfg.num_queues; i++) {
		struct vmxnet3_queue *q = &shell->queues[i];

		KUNIT_EXPECT_PTR_EQ(t->test, q->tx->path, shell->path);
		KUNIT_EXPECT_PTR_EQ(t->test, q->rx->path, shell->path);
		KUNIT_EXPECT_NULL(t->test, q->rx_next);
		KUNIT_EXPECT_FALSE(t->test, q->moving);
		KUNIT_EXPECT_FALSE(t->test, netif_tx_queue_stopped(q->txq));
	}
	return vf;
}

/**
 * vmxnet3_test_poll() - have NAPI look at a queue pair, and wait for it
 * @t: test
 * @queue: number
 */
void vmxnet3_test_poll(struct vmxnet3_test *t, u32 queue)
{
	struct napi_struct *napi = &t->shell->queues[queue].napi;
	u32 i;

	local_bh_disable();
	napi_schedule(napi);
	local_bh_enable();
	/* More than a budget may be left to ksoftirqd; bounded, for a broken
	 * driver's sake.  napi_synchronize() does not wait without SMP.
	 */
	for (i = 0; i < 10000 && test_bit(NAPI_STATE_SCHED, &napi->state); i++)
		usleep_range(100, 200);
}

/* Frames */

/**
 * vmxnet3_test_fill() - make a frame
 * @t: test
 * @data: where to
 * @len: bytes, VMXNET3_TEST_HDR_LEN at least
 * @seq: its number, which decides all its bytes
 */
void vmxnet3_test_fill(struct vmxnet3_test *t, u8 *data, u32 len, u32 seq)
{
	struct ethhdr *eth = (void *)data;
	u32 i;

	ether_addr_copy(eth->h_dest, t->netdev->dev_addr);
	eth_zero_addr(eth->h_source);
	eth->h_source[0] = 2;
	eth->h_proto = htons(VMXNET3_TEST_PROTO);
	put_unaligned_be32(seq, data + ETH_HLEN);
	for (i = VMXNET3_TEST_HDR_LEN; i < len; i++)
		data[i] = seq * 31 + i + (i >> 8);
}

static void test_skb_free(struct sk_buff *skb)
{
	struct vmxnet3_test *t = skb_shinfo(skb)->destructor_arg;

	atomic_inc(&t->tx_freed);
}

/**
 * vmxnet3_test_skb() - make a frame to send
 * @t: test
 * @len: bytes
 * @frags: pieces that all but the headers are in; 0: one linear frame
 * @seq: its number
 *
 * Return: the frame; it is counted in tx_freed when it is freed.
 */
struct sk_buff *vmxnet3_test_skb(struct vmxnet3_test *t, u32 len, u32 frags,
				 u32 seq)
{
	u32 head = frags ? VMXNET3_TEST_HDR_LEN : len;
	struct sk_buff *skb;
	u32 done, i;
	u8 *data;

	data = kunit_kmalloc(t->test, len, GFP_KERNEL);
	skb = alloc_skb(NET_SKB_PAD + max_t(u32, head, ETH_ZLEN), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(t->test, data);
	KUNIT_ASSERT_NOT_NULL(t->test, skb);
	vmxnet3_test_fill(t, data, len, seq);
	skb_reserve(skb, NET_SKB_PAD);
	skb_put_data(skb, data, head);
	done = head;
	for (i = 0; i < frags; i++) {
		u32 n = (len - done) / (frags - i);
		struct page *page = alloc_page(GFP_KERNEL);

		KUNIT_ASSERT_NOT_NULL(t->test, page);
		KUNIT_ASSERT_LE(t->test, n, PAGE_SIZE);
		/* At the end of the page, so that offsets are not all 0. */
		memcpy(page_address(page) + PAGE_SIZE - n, data + done, n);
		skb_add_rx_frag(skb, i, page, PAGE_SIZE - n, n, PAGE_SIZE);
		done += n;
	}
	kunit_kfree(t->test, data);
	skb->dev = t->netdev;
	skb->protocol = htons(VMXNET3_TEST_PROTO);
	skb_reset_mac_header(skb);
	skb_set_network_header(skb, ETH_HLEN);
	skb_shinfo(skb)->destructor_arg = t;
	skb->destructor = test_skb_free;
	return skb;
}

/**
 * vmxnet3_test_xmit() - hand a frame to the driver, as the stack does
 * @t: test
 * @skb: the frame; freed if the driver does not take it
 * @queue: number
 * @more: another one follows at once
 *
 * Return: what the driver says, or NETDEV_TX_BUSY if the queue is stopped.
 */
int vmxnet3_test_xmit(struct vmxnet3_test *t, struct sk_buff *skb, u32 queue,
		      bool more)
{
	struct netdev_queue *txq = netdev_get_tx_queue(t->netdev, queue);
	int rc = NETDEV_TX_BUSY;

	skb_set_queue_mapping(skb, queue);
	local_bh_disable();
	__netif_tx_lock(txq, smp_processor_id());
	if (!netif_xmit_frozen_or_drv_stopped(txq))
		rc = netdev_start_xmit(skb, t->netdev, txq, more);
	__netif_tx_unlock(txq);
	local_bh_enable();
	if (rc == NETDEV_TX_BUSY)
		kfree_skb(skb);
	return rc;
}

/**
 * vmxnet3_test_send() - send a linear frame, which must work
 * @t: test
 * @queue: number
 * @len: bytes
 * @seq: its number
 */
void vmxnet3_test_send(struct vmxnet3_test *t, u32 queue, u32 len, u32 seq)
{
	struct sk_buff *skb = vmxnet3_test_skb(t, len, 0, seq);

	KUNIT_ASSERT_EQ(t->test, NETDEV_TX_OK,
			vmxnet3_test_xmit(t, skb, queue, false));
}

/* The emulated device's data path */

static void dev_copy_tx(struct vmxnet3_test *t, struct vmxnet3_test_tx *tx,
			const struct vmxnet3_tx_desc *desc, u32 len)
{
	u32 room = sizeof(tx->data) - min_t(u32, tx->len, sizeof(tx->data));

	memcpy(tx->data + sizeof(tx->data) - room, to_va(t, desc->addr),
	       min(len, room));
	tx->len += len;
}

/**
 * vmxnet3_test_dev_take() - the emulated device takes a frame from a TX ring
 * @t: test
 * @queue: number
 * @tx: receives it
 *
 * Return: false if there is none, or the device does not run.
 */
bool vmxnet3_test_dev_take(struct vmxnet3_test *t, u32 queue,
			   struct vmxnet3_test_tx *tx)
{
	struct vmxnet3_test_queue *q = &t->q[queue];
	u32 ctl, last;

	tx->len = 0;
	tx->entries = 0;
	tx->seq = U32_MAX;
	if (!t->running)
		return false;
	do {
		const struct vmxnet3_tx_desc *desc = &q->txd[q->tx_next];

		ctl = le32_to_cpu(READ_ONCE(desc->ctl));
		if ((ctl & VMXNET3_TXD_GEN) != q->tx_gen) {
			/* Only whole frames may be visible. */
			KUNIT_EXPECT_EQ(t->test, tx->entries, 0);
			return false;
		}
		dma_rmb();	/* pairs with the plugin's npa_wmb() */
		if (!tx->entries++)
			tx->ctl = ctl;
		tx->ctl2 = le32_to_cpu(desc->ctl2);
		dev_copy_tx(t, tx, desc, FIELD_GET(VMXNET3_TXD_LEN, ctl) ?:
			    VMXNET3_TXD_MAX_LEN);
		last = q->tx_next;
		if (++q->tx_next == q->tx_size) {
			q->tx_next = 0;
			q->tx_gen ^= VMXNET3_TXD_GEN;
		}
	} while (!(tx->ctl2 & VMXNET3_TXD_EOP));
	KUNIT_EXPECT_TRUE(t->test, tx->ctl2 & VMXNET3_TXD_CQ);
	q->tx_last[q->tx_taken++ % VMXNET3_TX_RING_SIZE] = last;
	if (((struct ethhdr *)tx->data)->h_proto == htons(VMXNET3_TEST_PROTO))
		tx->seq = get_unaligned_be32(tx->data + ETH_HLEN);
	return true;
}

/**
 * vmxnet3_test_dev_complete() - the emulated device completes frames
 * @t: test
 * @queue: number
 * @count: how many of those that it took, oldest first
 */
void vmxnet3_test_dev_complete(struct vmxnet3_test *t, u32 queue, u32 count)
{
	struct vmxnet3_test_queue *q = &t->q[queue];

	while (count-- && q->tx_done != q->tx_taken) {
		struct vmxnet3_tx_comp *comp = &q->txc[q->txc_next];

		comp->index = cpu_to_le32(q->tx_last[q->tx_done++ %
						     VMXNET3_TX_RING_SIZE]);
		dma_wmb();	/* pairs with the plugin's npa_rmb() */
		WRITE_ONCE(comp->ctl, cpu_to_le32(q->txc_gen));
		if (++q->txc_next == q->tx_size) {
			q->txc_next = 0;
			q->txc_gen ^= VMXNET3_COMP_GEN;
		}
	}
}

static void dev_next_rx(struct vmxnet3_test_queue *q, u32 ring)
{
	if (++q->rx_next[ring] == q->rx_size) {
		q->rx_next[ring] = 0;
		q->rx_gen[ring] ^= VMXNET3_RXD_GEN;
	}
}

/**
 * vmxnet3_test_dev_skip() - the emulated device passes over empty buffers
 * @t: test
 * @queue: number
 * @ring: 0 or 1
 * @count: how many
 */
void vmxnet3_test_dev_skip(struct vmxnet3_test *t, u32 queue, u32 ring,
			   u32 count)
{
	while (count--)
		dev_next_rx(&t->q[queue], ring);
}

/**
 * vmxnet3_test_dev_rx() - the emulated device receives a frame
 * @t: test
 * @queue: number
 * @rx: the frame
 *
 * Return: false if the device does not run or has no buffer; a buffer that is
 * missing in the middle fails the test.
 */
bool vmxnet3_test_dev_rx(struct vmxnet3_test *t, u32 queue,
			 const struct vmxnet3_test_rx *rx)
{
	struct vmxnet3_test_queue *q = &t->q[queue];
	u32 done = 0, ring = 0;

	if (!t->running)
		return false;
	do {
		bool first = !ring && rx->first_flags;
		struct vmxnet3_rx_desc *desc = &q->rxd[ring][q->rx_next[ring]];
		struct vmxnet3_rx_comp *comp = &q->rxc[q->rxc_next];
		u32 ctl = le32_to_cpu(READ_ONCE(desc->ctl));
		u32 n = min_t(u32, rx->len - done,
			      FIELD_GET(VMXNET3_RXD_LEN, ctl));
		u32 word;

		if ((ctl & VMXNET3_RXD_GEN) != q->rx_gen[ring]) {
			KUNIT_EXPECT_EQ(t->test, done, 0);
			return false;
		}
		KUNIT_EXPECT_EQ(t->test, !!(ctl & VMXNET3_RXD_BTYPE_BODY),
				!!ring);
		dma_rmb();	/* pairs with the plugin's npa_wmb() */
		memcpy(to_va(t, desc->addr), rx->data + done, n);
		word = rx->ctl | q->rx_next[ring] |
		       FIELD_PREP(VMXNET3_RXC_RQID,
				  queue + ring * t->num_queues);
		if (!done)
			word |= VMXNET3_RXC_SOP;
		done += n;
		if (done == rx->len)
			word |= VMXNET3_RXC_EOP;
		comp->ctl = cpu_to_le32(word);
		comp->hash = cpu_to_le32(first ? rx->first_hash : rx->hash);
		comp->len = cpu_to_le32(n | rx->len_bits);
		dma_wmb();	/* pairs with the plugin's npa_rmb() */
		WRITE_ONCE(comp->flags,
			   cpu_to_le32((first ? rx->first_flags : rx->flags) |
				       q->rxc_gen));
		dev_next_rx(q, ring);
		if (++q->rxc_next == q->rxc_size) {
			q->rxc_next = 0;
			q->rxc_gen ^= VMXNET3_COMP_GEN;
		}
		ring = 1;
	} while (done < rx->len);
	return true;
}

/**
 * vmxnet3_test_dev_receive() - the emulated device receives a numbered frame
 * @t: test
 * @queue: number
 * @len: bytes
 * @seq: its number
 *
 * Return: as vmxnet3_test_dev_rx().
 */
bool vmxnet3_test_dev_receive(struct vmxnet3_test *t, u32 queue, u32 len,
			      u32 seq)
{
	struct vmxnet3_test_rx rx = {
		.data = t->scratch.data,
		.len = len,
		.ctl = VMXNET3_RXC_CNC,
	};

	vmxnet3_test_fill(t, t->scratch.data, len, seq);
	return vmxnet3_test_dev_rx(t, queue, &rx);
}

/**
 * vmxnet3_test_seq() - number of a frame that the stack received
 * @skb: the frame
 *
 * Return: the number, U32_MAX if it has none.
 */
u32 vmxnet3_test_seq(const struct sk_buff *skb)
{
	if (skb->protocol != htons(VMXNET3_TEST_PROTO) || skb_headlen(skb) < 4)
		return U32_MAX;
	return get_unaligned_be32(skb->data);
}

/**
 * vmxnet3_test_expect_rx() - the next frame the stack got must be this one
 * @t: test
 * @len: bytes
 * @seq: its number
 */
void vmxnet3_test_expect_rx(struct vmxnet3_test *t, u32 len, u32 seq)
{
	struct sk_buff *skb = skb_dequeue(&t->rx);

	KUNIT_ASSERT_NOT_NULL_MSG(t->test, skb, "frame %u is missing", seq);
	KUNIT_EXPECT_EQ(t->test, vmxnet3_test_seq(skb), seq);
	KUNIT_EXPECT_EQ(t->test, skb->len + ETH_HLEN, len);
	vmxnet3_test_fill(t, t->scratch.data, len, seq);
	if (skb->len + ETH_HLEN == len)
		KUNIT_EXPECT_EQ(t->test, 0, memcmp(skb_mac_header(skb),
						   t->scratch.data, len));
	kfree_skb(skb);
}
