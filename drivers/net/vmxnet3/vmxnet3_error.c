// SPDX-License-Identifier: GPL-2.0
/*
 * PCI error handling, and resets of the function that somebody else makes.
 */
#include <linux/pci.h>

#include "vmxnet3_pm.h"
#include "vmxnet3_shell.h"

static pci_ers_result_t vmxnet3_error_detected(struct pci_dev *pdev,
					       pci_channel_state_t state)
{
	struct vmxnet3_shell *shell = netdev_priv(pci_get_drvdata(pdev));

	netdev_warn(shell->netdev, "PCI error, channel state %u\n", state);
	vmxnet3_quiesce(shell, VMXNET3_QUIESCE_FORCE);
	if (state == pci_channel_io_perm_failure)
		return PCI_ERS_RESULT_DISCONNECT;
	if (state == pci_channel_io_frozen)
		pci_disable_device(pdev);
	return PCI_ERS_RESULT_NEED_RESET;
}

static pci_ers_result_t vmxnet3_error_slot_reset(struct pci_dev *pdev)
{
	struct vmxnet3_shell *shell = netdev_priv(pci_get_drvdata(pdev));

	if (!pci_is_enabled(pdev) && pci_enable_device(pdev)) {
		netdev_err(shell->netdev, "cannot enable the device again\n");
		return PCI_ERS_RESULT_DISCONNECT;
	}
	pci_set_master(pdev);
	pci_restore_state(pdev);
	/* For the next error. */
	pci_save_state(pdev);
	return vmxnet3_dev_is_gone(shell) ? PCI_ERS_RESULT_DISCONNECT :
					    PCI_ERS_RESULT_RECOVERED;
}

static void vmxnet3_error_resume(struct pci_dev *pdev)
{
	vmxnet3_resume(netdev_priv(pci_get_drvdata(pdev)));
}

/* The function is reset by its owner, for instance by way of sysfs. */
static void vmxnet3_reset_prepare(struct pci_dev *pdev)
{
	vmxnet3_quiesce(netdev_priv(pci_get_drvdata(pdev)),
			VMXNET3_QUIESCE_FORCE);
}

const struct pci_error_handlers vmxnet3_error_handlers = {
	.error_detected = vmxnet3_error_detected,
	.slot_reset = vmxnet3_error_slot_reset,
	.resume = vmxnet3_error_resume,
	.reset_prepare = vmxnet3_reset_prepare,
	.reset_done = vmxnet3_error_resume,
};
