// SPDX-License-Identifier: GPL-2.0
/*
 * devlink health: what was wrong when the device had to be reset, and whether
 * that helped.  Without auto_recover the administrator decides.
 */
#include <linux/bitfield.h>
#include <net/devlink.h>

#include "vmxnet3_health.h"
#include "vmxnet3_shell.h"

/* Errors that the device has noted in the descriptors of its queues. */
static void vmxnet3_health_status(struct devlink_fmsg *fmsg,
				  const struct vmxnet3_queue_status *status)
{
	devlink_fmsg_bool_pair_put(fmsg, "device_stopped", status->stopped);
	devlink_fmsg_u32_pair_put(fmsg, "device_error",
				  le32_to_cpu(status->error));
}

static void vmxnet3_health_queue(struct devlink_fmsg *fmsg,
				 const struct vmxnet3_path *path, u32 i)
{
	const struct vmxnet3_queue *q = &path->shell->queues[i];
	const struct vmxnet3_tx_ring *tx = &path->tx[i];
	const struct vmxnet3_rx_ring *rx = &path->rx[i];

	devlink_fmsg_obj_nest_start(fmsg);
	devlink_fmsg_u32_pair_put(fmsg, "queue", i);
	devlink_fmsg_pair_nest_start(fmsg, "tx");
	devlink_fmsg_obj_nest_start(fmsg);
	devlink_fmsg_u32_pair_put(fmsg, "ring_size", tx->nq->ring_size);
	devlink_fmsg_u32_pair_put(fmsg, "free", vmxnet3_tx_free(tx));
	devlink_fmsg_u32_pair_put(fmsg, "frames_sent",
				  READ_ONCE(tx->frames_sent));
	devlink_fmsg_u32_pair_put(fmsg, "frames_done",
				  READ_ONCE(tx->frames_done));
	devlink_fmsg_bool_pair_put(fmsg, "stopped",
				   netif_tx_queue_stopped(q->txq));
	if (path->tqd)
		vmxnet3_health_status(fmsg, &path->tqd[i].status);
	devlink_fmsg_obj_nest_end(fmsg);
	devlink_fmsg_pair_nest_end(fmsg);
	devlink_fmsg_pair_nest_start(fmsg, "rx");
	devlink_fmsg_obj_nest_start(fmsg);
	devlink_fmsg_u32_pair_put(fmsg, "ring_size", rx->nq->ring_size);
	devlink_fmsg_bool_pair_put(fmsg, "polling",
				   test_bit(NAPI_STATE_SCHED, &q->napi.state));
	if (path->rqd)
		vmxnet3_health_status(fmsg, &path->rqd[i].status);
	devlink_fmsg_obj_nest_end(fmsg);
	devlink_fmsg_pair_nest_end(fmsg);
	devlink_fmsg_obj_nest_end(fmsg);
}

static void vmxnet3_health_queues(struct devlink_fmsg *fmsg,
				  struct vmxnet3_shell *shell)
{
	const struct vmxnet3_path *path = shell->path;
	u32 i;

	if (!path)
		return;
	devlink_fmsg_string_pair_put(fmsg, "path", path->name);
	/* Has the device write down what it thinks of its queues. */
	if (path->builtin)
		vmxnet3_cmd_get(shell, VMXNET3_CMD_GET_QUEUE_STATUS);
	devlink_fmsg_arr_pair_nest_start(fmsg, "queues");
	for (i = 0; i < path->num_queues; i++)
		vmxnet3_health_queue(fmsg, path, i);
	devlink_fmsg_arr_pair_nest_end(fmsg);
}

static void vmxnet3_health_state(struct devlink_fmsg *fmsg,
				 struct vmxnet3_shell *shell)
{
	const struct vmxnet3_reset *reset = &shell->reset;
	u32 i;

	devlink_fmsg_bool_pair_put(fmsg, "up", vmxnet3_is_up(shell));
	devlink_fmsg_bool_pair_put(fmsg, "running",
				   test_bit(VMXNET3_STATE_ACTIVE,
					    &shell->state));
	devlink_fmsg_bool_pair_put(fmsg, "carrier",
				   netif_carrier_ok(shell->netdev));
	devlink_fmsg_string_pair_put(fmsg, "interrupts",
				     vmxnet3_irq_type_name(shell));
	devlink_fmsg_u64_pair_put(fmsg, "resets", shell->resets);
	devlink_fmsg_u32_pair_put(fmsg, "failed_in_a_row", reset->failures);
	devlink_fmsg_pair_nest_start(fmsg, "causes");
	devlink_fmsg_obj_nest_start(fmsg);
	for (i = 0; i < VMXNET3_RESET_CAUSES; i++)
		devlink_fmsg_u64_pair_put(fmsg, vmxnet3_reset_cause_name(i),
					  atomic_long_read(&reset->counts[i]));
	devlink_fmsg_obj_nest_end(fmsg);
	devlink_fmsg_pair_nest_end(fmsg);
}

static int vmxnet3_health_diagnose(struct devlink_health_reporter *reporter,
				   struct devlink_fmsg *fmsg,
				   struct netlink_ext_ack *extack)
{
	struct vmxnet3_shell *shell = devlink_health_reporter_priv(reporter);

	mutex_lock(&shell->conf_lock);
	vmxnet3_health_state(fmsg, shell);
	mutex_unlock(&shell->conf_lock);
	return 0;
}

/* @context: the cause, if it was the driver that reported. */
static int vmxnet3_health_dump(struct devlink_health_reporter *reporter,
			       struct devlink_fmsg *fmsg, void *context,
			       struct netlink_ext_ack *extack)
{
	struct vmxnet3_shell *shell = devlink_health_reporter_priv(reporter);
	const u32 *cause = context;

	mutex_lock(&shell->conf_lock);
	if (cause)
		devlink_fmsg_string_pair_put(fmsg, "cause",
					     vmxnet3_reset_cause_name(*cause));
	vmxnet3_health_state(fmsg, shell);
	vmxnet3_health_queues(fmsg, shell);
	mutex_unlock(&shell->conf_lock);
	return 0;
}

static int vmxnet3_health_recover(struct devlink_health_reporter *reporter,
				  void *context,
				  struct netlink_ext_ack *extack)
{
	struct vmxnet3_shell *shell = devlink_health_reporter_priv(reporter);
	int err;

	/* A person who asks for it sees what comes of it. */
	err = vmxnet3_reset_now(shell, context);
	if (err)
		NL_SET_ERR_MSG(extack, "the device does not start again");
	return err;
}

static int vmxnet3_health_test(struct devlink_health_reporter *reporter,
			       struct netlink_ext_ack *extack)
{
	struct vmxnet3_shell *shell = devlink_health_reporter_priv(reporter);

	if (!vmxnet3_is_up(shell)) {
		NL_SET_ERR_MSG(extack, "the interface is down");
		return -ENETDOWN;
	}
	vmxnet3_request_reset(shell, VMXNET3_RESET_REQUESTED);
	return 0;
}

static const struct devlink_health_reporter_ops vmxnet3_health_ops = {
	.name = "reset",
	.recover = vmxnet3_health_recover,
	.dump = vmxnet3_health_dump,
	.diagnose = vmxnet3_health_diagnose,
	.test = vmxnet3_health_test,
};

/**
 * vmxnet3_health_create() - make the reporter
 * @shell: the device; its devlink instance is not registered yet
 *
 * Context: process.
 * Return: 0 or a negative errno.
 */
int vmxnet3_health_create(struct vmxnet3_shell *shell)
{
	shell->health = devlink_health_reporter_create(shell->devlink,
						       &vmxnet3_health_ops,
						       shell);
	return PTR_ERR_OR_ZERO(shell->health);
}

/**
 * vmxnet3_health_destroy() - undo vmxnet3_health_create()
 * @shell: the device; nothing is reported any more
 *
 * Context: process.
 */
void vmxnet3_health_destroy(struct vmxnet3_shell *shell)
{
	devlink_health_reporter_destroy(shell->health);
}

/**
 * vmxnet3_health_report() - something is wrong: report it, and recover
 * @shell: the device
 * @cause: &enum vmxnet3_reset_cause
 *
 * Context: process; takes devlink's instance lock, rtnl and the
 * netdev's instance lock.
 */
void vmxnet3_health_report(struct vmxnet3_shell *shell, u32 cause)
{
	/* Not so in a test, which has no devlink instance. */
	if (shell->health &&
	    devlink_health_report(shell->health,
				  vmxnet3_reset_cause_name(cause),
				  &cause) != -ECANCELED)
		return;
	/* The last report was not settled, which is no reason to stay away. */
	vmxnet3_reset_now(shell, true);
}

/**
 * vmxnet3_health_recovered() - the device is at work again
 * @shell: the device
 *
 * Context: process.
 */
void vmxnet3_health_recovered(struct vmxnet3_shell *shell)
{
	if (shell->health)
		devlink_health_reporter_state_update(shell->health,
						     DEVLINK_HEALTH_REPORTER_STATE_HEALTHY);
}
