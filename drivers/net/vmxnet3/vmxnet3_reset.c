// SPDX-License-Identifier: GPL-2.0
/*
 * Reset: out of trouble by starting the device anew, and trying again as long
 * as that does not work.
 */
#include <linux/rtnetlink.h>

#include "vmxnet3_health.h"
#include "vmxnet3_shell.h"
#include "vmxnet3_switch.h"

/* Resets follow each other at growing distances, between these two ... */
#define VMXNET3_RESET_GAP_MIN	(HZ / 10)
#define VMXNET3_RESET_GAP_MAX	(30 * HZ)
/* ... until the device has been at work for so long. */
#define VMXNET3_RESET_QUIET	(60 * HZ)
#define VMXNET3_RESET_LEVELS	10

static const char * const vmxnet3_reset_causes[VMXNET3_RESET_CAUSES] = {
	[VMXNET3_RESET_TX_TIMEOUT] = "TX timeout",
	[VMXNET3_RESET_TX_ERROR] = "TX queue error",
	[VMXNET3_RESET_RX_ERROR] = "RX queue error",
	[VMXNET3_RESET_BAD_REPORTS] = "misreports",
	[VMXNET3_RESET_VF_STUCK] = "VF does not stop",
	[VMXNET3_RESET_NO_START] = "device does not start",
	[VMXNET3_RESET_REQUESTED] = "requested",
};

/**
 * vmxnet3_reset_cause_name() - name of a cause, as people see it
 * @cause: what it is
 *
 * Return: a name.
 */
const char *vmxnet3_reset_cause_name(enum vmxnet3_reset_cause cause)
{
	return vmxnet3_reset_causes[cause];
}

/**
 * vmxnet3_reset_delay() - how long the next reset has to wait
 * @level: resets that followed each other
 * @elapsed: jiffies since the last one
 *
 * Return: jiffies; 0 if there is no need to wait.
 */
unsigned long vmxnet3_reset_delay(u32 level, unsigned long elapsed)
{
	unsigned long gap;

	if (!level)
		return 0;
	gap = VMXNET3_RESET_GAP_MIN << (umin(level, VMXNET3_RESET_LEVELS) - 1);
	gap = min_t(unsigned long, gap, VMXNET3_RESET_GAP_MAX);
	return elapsed < gap ? gap - elapsed : 0;
}

/**
 * vmxnet3_request_reset() - have the device reset
 * @shell: the device
 * @cause: what is wrong
 *
 * Many requests make one reset, and resets do not follow each other at once.
 *
 * Context: any.
 */
void vmxnet3_request_reset(struct vmxnet3_shell *shell,
			   enum vmxnet3_reset_cause cause)
{
	struct vmxnet3_reset *reset = &shell->reset;

	if (test_bit(VMXNET3_STATE_GONE, &shell->state))
		return;
	atomic_long_inc(&reset->counts[cause]);
	set_bit(cause, &reset->causes);
	queue_delayed_work(shell->wq, &reset->work,
			   vmxnet3_reset_delay(READ_ONCE(reset->level),
					       jiffies -
					       READ_ONCE(reset->last)));
}

/**
 * vmxnet3_reset_worked() - the device is at work
 * @shell: the device
 *
 * Context: process, conf_lock held.
 */
void vmxnet3_reset_worked(struct vmxnet3_shell *shell)
{
	if (shell->reset.failures)
		netdev_info(shell->netdev, "the device is at work again\n");
	shell->reset.failures = 0;
	vmxnet3_health_recovered(shell);
}

/* Make a device that is up start anew; new rings come before old ones go. */
static int vmxnet3_reset_start(struct vmxnet3_shell *shell)
{
	bool active = test_bit(VMXNET3_STATE_ACTIVE, &shell->state);
	bool gone = vmxnet3_dev_is_gone(shell);
	struct vmxnet3_path *path;
	int err;

	if (gone && !active)
		return -ENODEV;
	/* It may have become another one. */
	if (!gone && shell->reset.failures) {
		err = vmxnet3_revision_restore(shell);
		if (err)
			return err;
	}
	path = vmxnet3_path_alloc_emulated(shell, &shell->cfg);
	if (!path) {
		if (gone)
			vmxnet3_stop_traffic(shell);
		return -ENOMEM;
	}

	shell->resets++;
	vmxnet3_stop_traffic(shell);
	vmxnet3_stop_device(shell);
	err = gone ? -ENODEV : vmxnet3_start_device(shell, path);
	if (err) {
		/* Kept: the next attempt may not find as much memory. */
		vmxnet3_set_path(shell, path);
		return err;
	}
	vmxnet3_start_traffic(shell);
	netif_trans_update(shell->netdev);
	return 0;
}

static void vmxnet3_reset_failed(struct vmxnet3_shell *shell, int err)
{
	u32 failures = ++shell->reset.failures;

	if (!test_bit(VMXNET3_STATE_ACTIVE, &shell->state))
		netif_carrier_off(shell->netdev);
	if (!is_power_of_2(failures))
		return;
	if (err == -ENODEV)
		netdev_err(shell->netdev, "the device does not answer\n");
	else
		netdev_err(shell->netdev, "reset failed: %d (%u times)\n", err,
			   failures);
}

/**
 * vmxnet3_reset_now() - reset the device and start it anew
 * @shell: the device
 * @again: if it fails, try again after a while, until it works
 *
 * The emulated path is made anew; the hypervisor offers the VF again if it
 * still wants to.  If there is no memory for new rings nothing is touched.
 * Otherwise a device that does not start is up, without carrier.
 *
 * Context: process; takes rtnl and the instance lock.
 * Return: 0, also if the device is down or suspended; else a negative errno.
 */
int vmxnet3_reset_now(struct vmxnet3_shell *shell, bool again)
{
	struct vmxnet3_reset *reset = &shell->reset;
	int err = 0;

	rtnl_lock();
	netdev_lock(shell->netdev);
	vmxnet3_conf_lock(shell);
	if (!vmxnet3_is_up(shell))
		goto unlock;
	if (!reset->failures &&
	    time_after(jiffies, reset->last + VMXNET3_RESET_QUIET))
		reset->level = 0;
	if (!reset->failures)
		netdev_notice(shell->netdev, "resetting\n");
	err = vmxnet3_reset_start(shell);
	reset->last = jiffies;
	reset->level = umin(reset->level + 1, VMXNET3_RESET_LEVELS);
	if (err) {
		vmxnet3_reset_failed(shell, err);
		if (again)
			vmxnet3_request_reset(shell, VMXNET3_RESET_NO_START);
	} else if (!netif_carrier_ok(shell->netdev)) {
		schedule_work(&shell->link_work);
	}
unlock:
	vmxnet3_conf_unlock(shell);
	netdev_unlock(shell->netdev);
	rtnl_unlock();
	return err;
}

/**
 * vmxnet3_reset_work() - carry out requests for a reset
 * @work: in the shell
 */
void vmxnet3_reset_work(struct work_struct *work)
{
	struct vmxnet3_shell *shell = container_of(to_delayed_work(work),
						   struct vmxnet3_shell,
						   reset.work);
	unsigned long causes = xchg(&shell->reset.causes, 0);

	if (!causes || !vmxnet3_is_up(shell))
		return;
	/* A further attempt is no news. */
	if (causes & BIT(VMXNET3_RESET_NO_START) && shell->reset.failures)
		vmxnet3_reset_now(shell, true);
	else
		vmxnet3_health_report(shell, __ffs(causes));
}
