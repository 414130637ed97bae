// SPDX-License-Identifier: GPL-2.0
/*
 * The switch: make before break, either way, under traffic.
 *
 * Order is kept by draining: a TX queue is stopped until the old path has
 * sent everything, and NAPI goes over to the new RX ring only after the old
 * one is empty and nothing can come to it any more.  While one ring is
 * drained, the other path's hardware collects what arrives.
 *
 * Everything here runs with conf_lock held, in process context.
 */
#include <linux/bitfield.h>
#include <linux/delay.h>
#include <linux/ktime.h>

#include "vmxnet3_npa.h"
#include "vmxnet3_reconf.h"
#include "vmxnet3_shell.h"
#include "vmxnet3_switch.h"

#define VMXNET3_SWITCH_CMD_MS	2000
#define VMXNET3_SWITCH_DRAIN_MS	1000
#define VMXNET3_SWITCH_LOST_MS	10	/* nothing is to be expected of it */
#define VMXNET3_SWITCH_MOVE_MS	2000
#define VMXNET3_SWITCH_TRIES	8	/* messages handled in one go */
#define VMXNET3_SWITCH_ALIVE	HZ	/* how often a silent VF is looked at */

static const char * const vmxnet3_msg_reasons[] = {
	[VMXNET3_NPA_MSG_REASON_OPERATOR] = "operator",
	[VMXNET3_NPA_MSG_REASON_MIGRATION] = "migration",
	[VMXNET3_NPA_MSG_REASON_POLICY] = "policy conflict",
	[VMXNET3_NPA_MSG_REASON_VF_LOST] = "VF lost",
};

static const char *vmxnet3_msg_reason(u32 msg)
{
	u32 reason = FIELD_GET(VMXNET3_NPA_MSG_REASON, msg);

	if (reason >= ARRAY_SIZE(vmxnet3_msg_reasons))
		return "unknown reason";
	return vmxnet3_msg_reasons[reason];
}

/**
 * vmxnet3_conf_lock() - take conf_lock, ending a switch that is under way
 * @shell: the device
 *
 * A switch that has not come to its point of no return gives up and is tried
 * again after vmxnet3_conf_unlock().
 *
 * Context: process; rtnl held or not.
 */
void vmxnet3_conf_lock(struct vmxnet3_shell *shell)
{
	atomic_inc(&shell->npa.waiters);
	wake_up(&shell->npa.wait);
	mutex_lock(&shell->conf_lock);
	atomic_dec(&shell->npa.waiters);
}

/**
 * vmxnet3_conf_unlock() - release conf_lock and look for switch messages
 * @shell: the device
 */
void vmxnet3_conf_unlock(struct vmxnet3_shell *shell)
{
	mutex_unlock(&shell->conf_lock);
	vmxnet3_switch_message(shell);
}

/**
 * vmxnet3_switch_message() - there may be a switch message to carry out
 * @shell: the device
 *
 * Context: any.
 */
void vmxnet3_switch_message(struct vmxnet3_shell *shell)
{
	if (shell->npa.supported && !test_bit(VMXNET3_STATE_GONE, &shell->state))
		queue_work(shell->wq, &shell->npa.work);
}

/**
 * vmxnet3_switch_force_back() - put the plugin out of service
 * @shell: the device
 * @reason: &enum vmxnet3_npa_reason
 *
 * Context: any.
 */
void vmxnet3_switch_force_back(struct vmxnet3_shell *shell, u32 reason)
{
	WRITE_ONCE(shell->npa.forced, reason);
	vmxnet3_switch_message(shell);
}

/* Let NAPI run from process context. */
static void vmxnet3_kick(struct vmxnet3_queue *q)
{
	local_bh_disable();
	napi_schedule(&q->napi);
	local_bh_enable();
}

static void vmxnet3_tx_publish(struct vmxnet3_queue *q,
			       struct vmxnet3_tx_ring *ring)
{
	__netif_tx_lock_bh(q->txq);
	WRITE_ONCE(q->tx, ring);
	WRITE_ONCE(q->moving, false);
	netif_tx_wake_queue(q->txq);
	__netif_tx_unlock_bh(q->txq);
}

/* Has the hypervisor taken the VF away while something else is going on? */
static bool vmxnet3_vf_taken(struct vmxnet3_shell *shell)
{
	u32 msg;

	if (!shell->npa.supported)
		return false;
	msg = vmxnet3_cmd_get(shell, VMXNET3_CMD_GET_DEV_EXTRA_INFO);
	return FIELD_GET(VMXNET3_NPA_MSG_PATH, msg) ==
	       VMXNET3_NPA_MSG_PATH_EMULATED &&
	       FIELD_GET(VMXNET3_NPA_MSG_REASON, msg) ==
	       VMXNET3_NPA_MSG_REASON_VF_LOST;
}

/*
 * Wait until a queue has sent everything.  When a VF is taken away meanwhile
 * there is nothing to wait for: neither for what it holds nor, on the way to
 * it, for the emulated device.
 */
static bool vmxnet3_tx_drain(struct vmxnet3_queue *q, u32 timeout_ms)
{
	ktime_t end = ktime_add_ms(ktime_get(), timeout_ms);
	ktime_t look = ktime_add_ms(ktime_get(), VMXNET3_SWITCH_LOST_MS);

	while (vmxnet3_tx_outstanding(q->tx)) {
		ktime_t now = ktime_get();

		if (ktime_after(now, end))
			return false;
		if (ktime_after(now, look)) {
			if (vmxnet3_vf_taken(q->shell))
				return false;
			look = ktime_add_ms(now, VMXNET3_SWITCH_LOST_MS);
		}
		vmxnet3_kick(q);
		usleep_range(20, 100);
	}
	return true;
}

/*
 * Move one TX queue.  With @force frames that the old path does not complete
 * in time are dropped and counted; without it the queue then stays where it
 * was.
 */
static int vmxnet3_switch_move_tx(struct vmxnet3_queue *q,
				  struct vmxnet3_tx_ring *next, u32 drain_ms,
				  bool force)
{
	struct vmxnet3_tx_ring *old = q->tx;

	vmxnet3_tx_hold(q);
	if (!vmxnet3_tx_drain(q, drain_ms)) {
		if (!force) {
			vmxnet3_tx_publish(q, old);
			return -ETIMEDOUT;
		}
		/* Poll and its like use the new ring, and then nothing else. */
		__netif_tx_lock_bh(q->txq);
		WRITE_ONCE(q->tx, next);
		__netif_tx_unlock_bh(q->txq);
		synchronize_rcu_expedited();
		vmxnet3_tx_ring_drop(old);
	}
	vmxnet3_tx_publish(q, next);
	return 0;
}

/*
 * A VF that is lost swallows what it is given: let the stack keep its frames
 * until there is another path.
 */
static void vmxnet3_switch_pause_tx(struct vmxnet3_shell *shell)
{
	u32 i;

	for (i = 0; i < shell->cfg.num_queues; i++)
		vmxnet3_tx_hold(&shell->queues[i]);
}

static void vmxnet3_switch_resume_tx(struct vmxnet3_shell *shell)
{
	u32 i;

	for (i = 0; i < shell->cfg.num_queues; i++)
		vmxnet3_tx_release_hold(&shell->queues[i]);
}

static int vmxnet3_switch_tx(struct vmxnet3_shell *shell,
			     struct vmxnet3_path *path, u32 drain_ms,
			     bool force)
{
	u32 i;
	int err;

	for (i = 0; i < shell->cfg.num_queues; i++) {
		err = vmxnet3_switch_move_tx(&shell->queues[i], &path->tx[i],
					     drain_ms, force);
		if (err)
			return err;
	}
	return 0;
}

static void vmxnet3_switch_tell_rx(struct vmxnet3_queue *q,
				   struct vmxnet3_rx_ring *next, bool force)
{
	reinit_completion(&q->rx_moved);
	WRITE_ONCE(q->rx_force, force);
	/* Pairs with smp_load_acquire() in vmxnet3_rx_move(). */
	smp_store_release(&q->rx_next, next);
	vmxnet3_kick(q);
}

/* Has NAPI gone over?  The caller made sure that the old ring gets no more. */
static int vmxnet3_switch_wait_rx(struct vmxnet3_queue *q)
{
	unsigned long left;

	left = wait_for_completion_timeout(&q->rx_moved,
					   msecs_to_jiffies(VMXNET3_SWITCH_MOVE_MS));
	if (left)
		return 0;

	/* The ring does not run dry: go over at the end of the next poll. */
	WRITE_ONCE(q->rx_force, true);
	vmxnet3_kick(q);
	wait_for_completion(&q->rx_moved);
	return -ETIMEDOUT;
}

/*
 * Let NAPI go over to the RX rings of a path, each queue when its ring is
 * empty.  All are told before the first one is waited for: what has come to
 * the new ring of one queue is not to wait for the old ring of another.
 */
static void vmxnet3_switch_rx(struct vmxnet3_shell *shell,
			      struct vmxnet3_path *path)
{
	u32 i;

	for (i = 0; i < shell->cfg.num_queues; i++)
		vmxnet3_switch_tell_rx(&shell->queues[i], &path->rx[i], false);
	for (i = 0; i < shell->cfg.num_queues; i++)
		if (vmxnet3_switch_wait_rx(&shell->queues[i]))
			netdev_warn(shell->netdev,
				    "RX queue %u: old ring did not run dry\n",
				    i);
}

/**
 * vmxnet3_switch_empty_rx() - let NAPI empty the RX rings in use
 * @shell: the device; nothing comes to the rings any more
 *
 * Not in NAPI's place: only NAPI hands the stack what it has collected for
 * GRO, and the instances of pairs that go out of use never run again.
 *
 * Context: process, conf_lock held; NAPI is enabled.
 */
void vmxnet3_switch_empty_rx(struct vmxnet3_shell *shell)
{
	u32 i;

	for (i = 0; i < shell->cfg.num_queues; i++)
		vmxnet3_switch_tell_rx(&shell->queues[i], shell->queues[i].rx,
				       false);
	for (i = 0; i < shell->cfg.num_queues; i++)
		vmxnet3_switch_wait_rx(&shell->queues[i]);
}

/*
 * What an emulation that was not as quick as its promise has received after
 * the RX side had moved: late, but not lost.
 */
static void vmxnet3_switch_last_drain(struct vmxnet3_shell *shell,
				      struct vmxnet3_path *old,
				      struct vmxnet3_path *now)
{
	u32 i;

	for (i = 0; i < shell->cfg.num_queues; i++)
		vmxnet3_switch_tell_rx(&shell->queues[i], &old->rx[i], true);
	for (i = 0; i < shell->cfg.num_queues; i++)
		wait_for_completion(&shell->queues[i].rx_moved);
	vmxnet3_switch_rx(shell, now);
}

/* After it no poll and no xmit uses a path that was left. */
static void vmxnet3_switch_settle(void)
{
	synchronize_net();
}

static void vmxnet3_refuse(struct vmxnet3_shell *shell, u32 msg, u32 reason)
{
	struct vmxnet3_npa *npa = &shell->npa;

	atomic_long_inc(&npa->refusals[reason]);
	/* Somebody needs the lock: the message stays valid. */
	if (reason != VMXNET3_NPA_SUPERSEDED)
		npa->refused_msg = msg;
	netdev_warn(shell->netdev, "VF refused: %s; emulated path goes on\n",
		    vmxnet3_npa_reason_name(reason));
	if (reason == VMXNET3_NPA_SUPERSEDED)
		return;
	npa->conf->report =
		cpu_to_le32(FIELD_PREP(VMXNET3_NPA_REPORT_REASON, reason) |
			    FIELD_PREP(VMXNET3_NPA_REPORT_SEQ,
				       FIELD_GET(VMXNET3_NPA_MSG_SEQ, msg)));
	vmxnet3_cmd(shell, VMXNET3_CMD_NPA_REPORT);
}

static u32 vmxnet3_npa_result(u32 result, u32 failed, u32 timeout)
{
	if (result == VMXNET3_CMD_RESULT_OK)
		return VMXNET3_NPA_OK;
	return result == VMXNET3_CMD_RESULT_FAILED ? failed : timeout;
}

/* Has the hypervisor changed its mind, or does somebody need the lock? */
static bool vmxnet3_superseded(struct vmxnet3_shell *shell, u32 msg)
{
	return atomic_read(&shell->npa.waiters) ||
	       vmxnet3_cmd_get(shell, VMXNET3_CMD_GET_DEV_EXTRA_INFO) != msg;
}

/* Activate the VF: from here on frames for us arrive in its rings. */
static u32 vmxnet3_switch_activate(struct vmxnet3_shell *shell,
				   struct vmxnet3_path *vf, u32 msg)
{
	u32 result, i;

	if (vmxnet3_superseded(shell, msg))
		return VMXNET3_NPA_SUPERSEDED;
	vmxnet3_npa_fill_queues(shell, vf);
	result = vmxnet3_npa_cmd(shell, VMXNET3_CMD_ACTIVATE_VF,
				 VMXNET3_SWITCH_CMD_MS, false);
	if (result != VMXNET3_CMD_RESULT_OK)
		return vmxnet3_npa_result(result, VMXNET3_NPA_ACTIVATE_FAILED,
					  VMXNET3_NPA_ACTIVATE_TIMEOUT);
	for (i = 0; i < vf->num_queues; i++)
		vf->api.add_buffers_to_rx_ring(vf->ps, i);
	vmxnet3_path_enable_intrs(vf);
	return VMXNET3_NPA_OK;
}

/*
 * Give up a VF that is active beside the running emulation: TX goes back, what
 * the VF has received is delivered, then it is stopped and emulated frames are
 * next.  True if the hypervisor has stopped it, so that its rings can go.
 */
static bool vmxnet3_switch_abandon(struct vmxnet3_shell *shell,
				   struct vmxnet3_path *vf)
{
	struct vmxnet3_path *emulated = shell->emulated;
	u32 result, i;

	for (i = 0; i < shell->cfg.num_queues; i++)
		if (shell->queues[i].tx != &emulated->tx[i])
			vmxnet3_switch_move_tx(&shell->queues[i],
					       &emulated->tx[i],
					       VMXNET3_SWITCH_DRAIN_MS, true);
	vmxnet3_switch_rx(shell, vf);
	result = vmxnet3_npa_cmd(shell, VMXNET3_CMD_NPA_QUIESCE_VF,
				 VMXNET3_SWITCH_CMD_MS, false);
	vmxnet3_switch_rx(shell, emulated);
	vmxnet3_switch_settle();
	return result == VMXNET3_CMD_RESULT_OK;
}

/* A VF that cannot be stopped may write to its rings: only a reset helps. */
static void vmxnet3_drop_vf(struct vmxnet3_shell *shell, bool stopped)
{
	if (!stopped) {
		netdev_err(shell->netdev,
			   "VF does not stop, resetting the device\n");
		vmxnet3_request_reset(shell, VMXNET3_RESET_VF_STUCK);
		return;
	}
	vmxnet3_path_free(shell->vf);
	shell->vf = NULL;
	vmxnet3_npa_unload(shell);
}

/* Look after the VF from now on. */
static void vmxnet3_switch_watch(struct vmxnet3_shell *shell)
{
	shell->npa.retry = false;
	mod_delayed_work(shell->wq, &shell->npa.alive_work,
			 VMXNET3_SWITCH_ALIVE);
}

static u32 vmxnet3_switch_to_vf(struct vmxnet3_shell *shell, u32 msg)
{
	struct vmxnet3_path *emulated = shell->emulated;
	ktime_t start = ktime_get();
	struct vmxnet3_path *vf;
	u32 reason, result;

	vf = vmxnet3_npa_load(shell, msg, &reason);
	/* A hypervisor that has changed its mind lets the load fail. */
	if (!vf)
		return vmxnet3_superseded(shell, msg) ?
		       VMXNET3_NPA_SUPERSEDED : reason;
	shell->vf = vf;

	reason = vmxnet3_switch_activate(shell, vf, msg);
	if (reason == VMXNET3_NPA_SUPERSEDED) {
		vmxnet3_drop_vf(shell, true);
		return reason;
	}
	if (reason)
		goto abandon;
	/*
	 * Our address has moved: nothing comes to the emulated ring any more.
	 * The VF's must not wait, and overflow, until the emulation stops.
	 */
	vmxnet3_switch_rx(shell, vf);
	reason = VMXNET3_NPA_DRAIN_TIMEOUT;
	if (vmxnet3_switch_tx(shell, vf, VMXNET3_SWITCH_DRAIN_MS, false))
		goto abandon;
	vmxnet3_stats_collect(shell);
	result = vmxnet3_npa_cmd(shell, VMXNET3_CMD_STOP_EMULATION,
				 VMXNET3_SWITCH_CMD_MS, false);
	reason = vmxnet3_npa_result(result, VMXNET3_NPA_STOP_FAILED,
				    VMXNET3_NPA_STOP_TIMEOUT);
	if (reason)
		goto abandon;

	vmxnet3_switch_last_drain(shell, emulated, vf);
	vmxnet3_switch_settle();
	shell->path = vf;
	WRITE_ONCE(shell->tunnels, vf->tunnels);
	shell->emulated = NULL;
	vmxnet3_path_free(emulated);
	shell->npa.switches_to_vf++;
	vmxnet3_switch_watch(shell);
	netdev_info(shell->netdev,
		    "data path: VF, plugin %s %s by %s (%s), asked by %s, %lld us\n",
		    shell->npa.plugin.name, shell->npa.plugin.version,
		    shell->npa.plugin.vendor, shell->npa.plugin.license,
		    vmxnet3_msg_reason(msg), ktime_us_delta(ktime_get(), start));
	return VMXNET3_NPA_OK;

abandon:
	vmxnet3_drop_vf(shell, vmxnet3_switch_abandon(shell, vf));
	return reason;
}

/*
 * The number of pairs changes: flows will go to other queues, so order is kept
 * only if all old rings are empty before the first new one is used.  Nothing
 * is sent meanwhile; what arrives waits in the new rings.
 */
static void vmxnet3_switch_all_tx(struct vmxnet3_shell *shell, u32 count,
				  u32 drain_ms)
{
	u32 i;

	vmxnet3_reconf_hold(shell, count);
	for (i = 0; i < shell->cfg.num_queues; i++)
		vmxnet3_tx_drain(&shell->queues[i], drain_ms);
}

static void vmxnet3_switch_all(struct vmxnet3_shell *shell,
			       struct vmxnet3_path *vf,
			       struct vmxnet3_path *emulated)
{
	u32 i;

	clear_bit(VMXNET3_STATE_ACTIVE, &shell->state);
	vmxnet3_switch_empty_rx(shell);
	vmxnet3_napi_disable(shell);
	for (i = 0; i < vf->num_queues; i++) {
		vmxnet3_tx_ring_drop(&vf->tx[i]);
		netdev_tx_reset_queue(shell->queues[i].txq);
	}
	vmxnet3_set_path(shell, emulated);
	vmxnet3_start_traffic(shell);
}

/**
 * vmxnet3_switch_to_emulated() - leave the VF
 * @shell: the device, on the VF path
 * @emulated: path to go to, complete; owned by the shell from then on, also
 *	on failure.  Its configuration becomes the device's
 * @msg_reason: VMXNET3_NPA_MSG_REASON_*
 * @why: for the log
 *
 * Context: process, conf_lock held; rtnl too if the number of pairs changes.
 * Return: 0, or -EIO if the device refused; the VF goes on then.
 */
int vmxnet3_switch_to_emulated(struct vmxnet3_shell *shell,
			       struct vmxnet3_path *emulated, u32 msg_reason,
			       const char *why)
{
	struct vmxnet3_path *vf = shell->vf;
	bool lost = msg_reason == VMXNET3_NPA_MSG_REASON_VF_LOST ||
		    READ_ONCE(vf->dead);
	u32 drain_ms = lost ? VMXNET3_SWITCH_LOST_MS : VMXNET3_SWITCH_DRAIN_MS;
	bool all = emulated->num_queues != vf->num_queues;
	ktime_t start = ktime_get();
	u32 result;

	lockdep_assert_held(&shell->conf_lock);

	if (vmxnet3_dev_activate(shell, emulated)) {
		vmxnet3_path_free(emulated);
		return -EIO;
	}
	shell->emulated = emulated;
	if (all)
		vmxnet3_switch_all_tx(shell, emulated->num_queues, drain_ms);
	else
		vmxnet3_switch_tx(shell, emulated, drain_ms, true);
	if (!lost)
		vmxnet3_path_disable_intrs(vf);
	result = vmxnet3_npa_cmd(shell, VMXNET3_CMD_NPA_QUIESCE_VF,
				 VMXNET3_SWITCH_CMD_MS, false);
	if (all) {
		vmxnet3_switch_all(shell, vf, emulated);
	} else {
		vmxnet3_switch_rx(shell, emulated);
		/* Not earlier: each is a trap, and frames were waiting. */
		vmxnet3_path_enable_intrs(emulated);
	}
	vmxnet3_switch_settle();
	shell->path = emulated;
	WRITE_ONCE(shell->tunnels, emulated->tunnels);
	shell->cfg = emulated->cfg;
	shell->npa.switches_to_emulated++;
	netdev_info(shell->netdev, "data path: emulated, %s, %lld us\n", why,
		    ktime_us_delta(ktime_get(), start));
	vmxnet3_drop_vf(shell, result == VMXNET3_CMD_RESULT_OK);
	return 0;
}

static void vmxnet3_block_plugin(struct vmxnet3_shell *shell)
{
	struct vmxnet3_npa *npa = &shell->npa;

	memcpy(npa->blocked_hash, npa->plugin_hash, sizeof(npa->blocked_hash));
	npa->blocked = true;
}

/* Leave the VF because of @forced, or because @msg says so. */
static int vmxnet3_switch_back(struct vmxnet3_shell *shell, u32 msg, u32 forced)
{
	struct vmxnet3_path *emulated;
	u32 msg_reason = forced ? VMXNET3_NPA_MSG_REASON_VF_LOST :
			 FIELD_GET(VMXNET3_NPA_MSG_REASON, msg);
	bool lost = msg_reason == VMXNET3_NPA_MSG_REASON_VF_LOST;
	int err;

	if (lost)
		vmxnet3_switch_pause_tx(shell);
	shell->npa.hurry = lost;
	emulated = vmxnet3_path_alloc_emulated(shell, &shell->cfg);
	shell->npa.hurry = false;
	if (!emulated) {
		netdev_err(shell->netdev, "no memory to leave the VF\n");
		shell->npa.retry = true;
		err = -ENOMEM;
		goto resume;
	}
	/* A VF that is gone is not its plugin's fault. */
	if (forced && forced != VMXNET3_NPA_VF_LOST)
		vmxnet3_block_plugin(shell);
	err = vmxnet3_switch_to_emulated(shell, emulated, msg_reason, forced ?
					 vmxnet3_npa_reason_name(forced) :
					 vmxnet3_msg_reason(msg));
	if (!err && forced)
		vmxnet3_refuse(shell, msg, forced);
resume:
	if (err && lost)
		vmxnet3_switch_resume_tx(shell);
	return err;
}

/* One message; true if there may be another. */
static bool vmxnet3_switch_once(struct vmxnet3_shell *shell)
{
	u32 forced = xchg(&shell->npa.forced, 0);
	bool on_vf = shell->path == shell->vf;
	u32 msg, want, reason;

	msg = vmxnet3_cmd_get(shell, VMXNET3_CMD_GET_DEV_EXTRA_INFO);
	/* Not only the VF is gone, but the whole device. */
	if (msg == U32_MAX) {
		if (forced)
			vmxnet3_request_reset(shell, VMXNET3_RESET_NO_START);
		return false;
	}
	want = FIELD_GET(VMXNET3_NPA_MSG_PATH, msg);

	if (on_vf) {
		if (!forced && want != VMXNET3_NPA_MSG_PATH_EMULATED)
			return false;
		if (!vmxnet3_switch_back(shell, msg, forced))
			return true;
		/* It still has to go, at the next occasion; see alive_work. */
		if (forced)
			cmpxchg(&shell->npa.forced, 0, forced);
		return false;
	}
	if (want != VMXNET3_NPA_MSG_PATH_VF || msg == shell->npa.refused_msg ||
	    shell->vf)
		return false;
	reason = vmxnet3_switch_to_vf(shell, msg);
	if (reason)
		vmxnet3_refuse(shell, msg, reason);
	/* Superseded by whoever waits for the lock: they come back here. */
	return !reason || msg != vmxnet3_cmd_get(shell,
						 VMXNET3_CMD_GET_DEV_EXTRA_INFO);
}

/**
 * vmxnet3_switch_work() - carry out the hypervisor's switch messages
 * @work: in the shell
 */
void vmxnet3_switch_work(struct work_struct *work)
{
	struct vmxnet3_shell *shell = container_of(work, struct vmxnet3_shell,
						   npa.work);
	u32 tries = VMXNET3_SWITCH_TRIES;

	mutex_lock(&shell->conf_lock);
	while (test_bit(VMXNET3_STATE_ACTIVE, &shell->state) && tries-- &&
	       vmxnet3_switch_once(shell))
		;
	mutex_unlock(&shell->conf_lock);
}

/* What has been received and sent so far: a VF that moves it is there. */
static u64 vmxnet3_switch_progress(struct vmxnet3_shell *shell)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < shell->cfg.num_queues; i++) {
		struct vmxnet3_queue *q = &shell->queues[i];
		struct vmxnet3_rx_counts rx;

		vmxnet3_stats_rx(q, &rx);
		sum += rx.packets + READ_ONCE(q->tx->frames_done);
	}
	return sum;
}

/* Is the VF gone without a message? */
static void vmxnet3_switch_check_alive(struct vmxnet3_shell *shell)
{
	struct vmxnet3_path *vf = shell->vf;
	u64 progress = vmxnet3_switch_progress(shell);

	/* A read is a trap: a VF that is at work is not asked. */
	if (progress != shell->npa.alive_seen) {
		shell->npa.alive_seen = progress;
		return;
	}
	if (!vf->api.check_alive || !vf->api.check_alive(vf->ps))
		return;
	netdev_warn(shell->netdev, "the VF is gone\n");
	vmxnet3_switch_force_back(shell, VMXNET3_NPA_VF_LOST);
}

/**
 * vmxnet3_switch_alive_work() - look after the VF
 * @work: in the shell
 *
 * Finds out that it has vanished, and tries again to leave it if there was no
 * memory for that.  Ends when there is no VF.
 */
void vmxnet3_switch_alive_work(struct work_struct *work)
{
	struct vmxnet3_shell *shell = container_of(to_delayed_work(work),
						   struct vmxnet3_shell,
						   npa.alive_work);

	mutex_lock(&shell->conf_lock);
	if (test_bit(VMXNET3_STATE_ACTIVE, &shell->state) &&
	    shell->vf && shell->path == shell->vf) {
		if (shell->npa.retry || READ_ONCE(shell->npa.forced))
			vmxnet3_switch_message(shell);
		else
			vmxnet3_switch_check_alive(shell);
		queue_delayed_work(shell->wq, &shell->npa.alive_work,
				   VMXNET3_SWITCH_ALIVE);
	}
	mutex_unlock(&shell->conf_lock);
}
