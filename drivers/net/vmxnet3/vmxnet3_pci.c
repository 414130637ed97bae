// SPDX-License-Identifier: GPL-2.0
/*
 * vmxnet3, NPA rework: the PCI driver.  From probe to netdev, and back.
 */
#include <linux/dma-mapping.h>
#include <linux/etherdevice.h>
#include <linux/module.h>
#include <linux/pci.h>

#include "vmxnet3_devlink.h"
#include "vmxnet3_health.h"
#include "vmxnet3_npa.h"
#include "vmxnet3_pm.h"
#include "vmxnet3_reconf.h"
#include "vmxnet3_shell.h"
#include "vmxnet3_switch.h"

static int vmxnet3_map_bars(struct vmxnet3_shell *shell)
{
	struct pci_dev *pdev = shell->pdev;
	int err;

	err = pci_request_regions(pdev, VMXNET3_DRIVER_NAME);
	if (err)
		return err;

	shell->pt = pci_iomap(pdev, VMXNET3_BAR_PT, 0);
	shell->pt_len = pci_resource_len(pdev, VMXNET3_BAR_PT);
	shell->vd = pci_iomap(pdev, VMXNET3_BAR_VD, 0);
	/* Registers of all queues and interrupts, and of the device. */
	if (!shell->pt || !shell->vd || shell->pt_len < VMXNET3_PT_LEN ||
	    pci_resource_len(pdev, VMXNET3_BAR_VD) <
	    VMXNET3_VD_PTCR + sizeof(u32)) {
		err = -EIO;
		goto unmap;
	}
	return 0;

unmap:
	if (shell->pt)
		pci_iounmap(pdev, shell->pt);
	if (shell->vd)
		pci_iounmap(pdev, shell->vd);
	pci_release_regions(pdev);
	return err;
}

static void vmxnet3_unmap_bars(struct vmxnet3_shell *shell)
{
	pci_iounmap(shell->pdev, shell->vd);
	pci_iounmap(shell->pdev, shell->pt);
	pci_release_regions(shell->pdev);
}

static void vmxnet3_read_mac(struct vmxnet3_shell *shell)
{
	u8 mac[ETH_ALEN];

	vmxnet3_dev_read_mac(shell, true, mac);
	ether_addr_copy(shell->netdev->perm_addr, mac);
	vmxnet3_dev_read_mac(shell, false, mac);
	if (is_valid_ether_addr(mac)) {
		eth_hw_addr_set(shell->netdev, mac);
	} else {
		dev_warn(shell->dev, "MAC address %pM is not valid\n", mac);
		eth_hw_addr_random(shell->netdev);
	}
}

static void vmxnet3_init_software(struct vmxnet3_shell *shell)
{
	spin_lock_init(&shell->cmd_lock);
	mutex_init(&shell->conf_lock);
	shell->ops = &vmxnet3_mmio_ops;
	shell->msg_enable = NETIF_MSG_DRV | NETIF_MSG_PROBE | NETIF_MSG_LINK;
	INIT_LIST_HEAD(&shell->orphans);
	INIT_WORK(&shell->reap_work, vmxnet3_path_reap_work);
	INIT_DELAYED_WORK(&shell->reset.work, vmxnet3_reset_work);
	INIT_WORK(&shell->link_work, vmxnet3_link_work);
	INIT_WORK(&shell->npa.work, vmxnet3_switch_work);
	INIT_DELAYED_WORK(&shell->npa.alive_work, vmxnet3_switch_alive_work);
}

static int vmxnet3_alloc_queues(struct vmxnet3_shell *shell)
{
	shell->queues = kcalloc(shell->max_queues, sizeof(*shell->queues),
				GFP_KERNEL);
	if (!shell->queues)
		return -ENOMEM;
	netif_set_real_num_tx_queues(shell->netdev, shell->cfg.num_queues);
	netif_set_real_num_rx_queues(shell->netdev, shell->cfg.num_queues);
	return 0;
}

/* Find out what the device is and get what it needs, before it has a name. */
static int vmxnet3_setup(struct vmxnet3_shell *shell)
{
	int err;

	err = vmxnet3_revision_negotiate(shell);
	if (err)
		return err;
	vmxnet3_cmd_get(shell, VMXNET3_CMD_RESET_DEV);
	vmxnet3_revision_setup(shell);
	err = vmxnet3_npa_init(shell);
	if (err)
		return err;
	err = vmxnet3_irq_alloc_vectors(shell);
	if (err)
		goto exit_npa;
	if (shell->npa.supported && vmxnet3_irq_is_single(shell)) {
		dev_info(shell->dev, "NPA not used: it takes MSI-X\n");
		vmxnet3_npa_exit(shell);
	}
	vmxnet3_reconf_default(shell);
	err = vmxnet3_alloc_queues(shell);
	if (err)
		goto free_vectors;
	err = vmxnet3_dev_alloc(shell);
	if (err)
		goto free_queues;
	err = vmxnet3_pm_init(shell);
	if (err)
		goto free_dev;
	shell->wq = alloc_ordered_workqueue("%s-%s", WQ_MEM_RECLAIM,
					    VMXNET3_DRIVER_NAME,
					    dev_name(shell->dev));
	if (!shell->wq) {
		err = -ENOMEM;
		goto exit_pm;
	}
	vmxnet3_read_mac(shell);
	vmxnet3_netdev_init(shell);
	return 0;

exit_pm:
	vmxnet3_pm_exit(shell);
free_dev:
	vmxnet3_dev_free(shell);
free_queues:
	kfree(shell->queues);
free_vectors:
	vmxnet3_irq_free_vectors(shell);
exit_npa:
	vmxnet3_npa_exit(shell);
	return err;
}

static void vmxnet3_teardown(struct vmxnet3_shell *shell)
{
	destroy_workqueue(shell->wq);
	vmxnet3_pm_exit(shell);
	vmxnet3_dev_free(shell);
	kfree(shell->queues);
	vmxnet3_irq_free_vectors(shell);
	vmxnet3_npa_exit(shell);
}

static int vmxnet3_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct vmxnet3_shell *shell;
	struct net_device *netdev;
	int err;

	err = pci_enable_device(pdev);
	if (err)
		return err;
	err = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(64));
	if (err)
		goto disable;

	netdev = alloc_etherdev_mq(sizeof(*shell),
				   umin(num_possible_cpus(),
					VMXNET3_MAX_QUEUES));
	if (!netdev) {
		err = -ENOMEM;
		goto disable;
	}
	SET_NETDEV_DEV(netdev, &pdev->dev);
	pci_set_drvdata(pdev, netdev);
	shell = netdev_priv(netdev);
	shell->netdev = netdev;
	shell->pdev = pdev;
	shell->dev = &pdev->dev;
	vmxnet3_init_software(shell);

	err = vmxnet3_map_bars(shell);
	if (err)
		goto free_netdev;
	pci_set_master(pdev);
	err = vmxnet3_setup(shell);
	if (err)
		goto unmap;
	/* What an error handler goes back to. */
	pci_save_state(pdev);
	err = vmxnet3_devlink_register(shell);
	if (err)
		goto teardown;
	err = register_netdev(netdev);
	if (err)
		goto unregister_devlink;

	netdev_info(netdev,
		    "vmxnet3 device, revision %u, %u queue pair(s), %s%s\n",
		    shell->revision, shell->cfg.num_queues,
		    vmxnet3_irq_type_name(shell),
		    shell->npa.supported ? ", NPA" : "");
	return 0;

unregister_devlink:
	vmxnet3_devlink_unregister(shell);
teardown:
	vmxnet3_teardown(shell);
unmap:
	vmxnet3_unmap_bars(shell);
free_netdev:
	free_netdev(netdev);
disable:
	pci_disable_device(pdev);
	return err;
}

/* The shared area and the region go: the device must forget them. */
static void vmxnet3_forget(struct vmxnet3_shell *shell)
{
	vmxnet3_cmd_get(shell, VMXNET3_CMD_RESET_DEV);
	vmxnet3_npa_settle(shell);
	shell->ops->write(shell, VMXNET3_VD_DSAL, 0);
	shell->ops->write(shell, VMXNET3_VD_DSAH, 0);
}

static void vmxnet3_remove(struct pci_dev *pdev)
{
	struct net_device *netdev = pci_get_drvdata(pdev);
	struct vmxnet3_shell *shell = netdev_priv(netdev);

	unregister_netdev(netdev);
	/* The handlers are gone with ndo_stop: nothing queues work any more. */
	set_bit(VMXNET3_STATE_GONE, &shell->state);
	cancel_delayed_work_sync(&shell->npa.alive_work);
	cancel_work_sync(&shell->npa.work);
	cancel_delayed_work_sync(&shell->reset.work);
	cancel_work_sync(&shell->reap_work);
	cancel_work_sync(&shell->link_work);
	vmxnet3_devlink_unregister(shell);

	vmxnet3_forget(shell);
	vmxnet3_teardown(shell);
	vmxnet3_unmap_bars(shell);
	free_netdev(netdev);
	pci_disable_device(pdev);
}

/* What comes next may be another kernel, in whose memory nobody may write. */
static void vmxnet3_shutdown(struct pci_dev *pdev)
{
	struct vmxnet3_shell *shell = netdev_priv(pci_get_drvdata(pdev));

	set_bit(VMXNET3_STATE_GONE, &shell->state);
	if (system_state == SYSTEM_POWER_OFF && shell->wol) {
		vmxnet3_quiesce(shell, VMXNET3_QUIESCE_WAKE);
		return;
	}
	rtnl_lock();
	netdev_lock(shell->netdev);
	netif_device_detach(shell->netdev);
	vmxnet3_down(shell);
	vmxnet3_forget(shell);
	netdev_unlock(shell->netdev);
	rtnl_unlock();
}

static const struct pci_device_id vmxnet3_pci_table[] = {
	{ PCI_DEVICE(VMXNET3_PCI_VENDOR, VMXNET3_PCI_DEVICE) },
	{}
};
MODULE_DEVICE_TABLE(pci, vmxnet3_pci_table);

static struct pci_driver vmxnet3_pci_driver = {
	.name = VMXNET3_DRIVER_NAME,
	.id_table = vmxnet3_pci_table,
	.probe = vmxnet3_probe,
	.remove = vmxnet3_remove,
	.shutdown = vmxnet3_shutdown,
	.driver.pm = pm_sleep_ptr(&vmxnet3_pm_ops),
	.err_handler = &vmxnet3_error_handlers,
};
module_pci_driver(vmxnet3_pci_driver);

MODULE_DESCRIPTION("vmxnet3 virtual NIC with network plugins (NPA)");
MODULE_LICENSE("GPL");
