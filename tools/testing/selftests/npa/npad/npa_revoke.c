// SPDX-License-Identifier: GPL-2.0
/*
 * Taking a VF away from a guest that uses it, at any moment.
 *
 * The window reads all-ones at once, and nothing that the rings hold is
 * finished.  What comes for the guest until it is back on the emulated device
 * waits at its emulated port.  No other VF takes the place of the lost one
 * before the guest has left that: its plugin may still write to the window.
 */
#include <errno.h>
#include <string.h>

#include "npa_priv.h"

#define HOLD_NS		500000000ull	/* as long as the uplink would wait */
#define WIPE_NS		1000000ull	/* how long a write to the window lasts */
#define WIPE_FOR_NS	2000000000ull	/* the time to empty a receive ring */

static void wipe_window(struct npa *npa)
{
	memset(npa->env.window, 0xff, WINDOW_BAR_LEN);
}

static void end_hold(struct npa *npa)
{
	struct port *port = &npa->dev->port;

	port->flags &= ~(PORT_HOLD | PORT_DEAF);
	port->enabled = npa->dev->emulating;
	eswitch_kick(npa->env.sw);
}

/* The address stays the port's: somebody has to count what is lost. */
static void give_up_hold(void *arg)
{
	struct npa *npa = arg;
	struct port *port = &npa->dev->port;

	if (npa->dev->emulating) {
		end_hold(npa);
		return;
	}
	port->flags &= ~PORT_HOLD;
	port->flags |= PORT_DEAF;
	eswitch_kick(npa->env.sw);
}

/*
 * Let frames for the guest wait: until its emulated device runs again, or, if
 * it still does, until the guest has taken what the VF had received before.
 */
static void hold(struct npa *npa)
{
	npa->hold.fn = give_up_hold;
	npa->hold.arg = npa;
	npa->dev->port.enabled = true;
	npa->dev->port.flags |= PORT_HOLD;
	loop_arm(npa->env.loop, &npa->hold, HOLD_NS);
}

static void count_inflight(struct npa *npa)
{
	struct pf_inflight inflight = { 0 };

	if (npa->env.ops->inflight)
		npa->env.ops->inflight(npa->vf, &inflight);
	npa->revokes++;
	npa->revoked.tx += inflight.tx;
	npa->revoked.rx += inflight.rx;
	npa_event(npa, "revoke", "in the rings: %llu to send, %llu received",
		  (unsigned long long)inflight.tx,
		  (unsigned long long)inflight.rx);
}

void npa_take_vf(struct npa *npa)
{
	bool quiescing = npa->op == OP_QUIESCE;
	bool in_use = npa->vf_active;

	npa->wish_vf = false;
	/* What the guest waits for while it quiesces the VF has come true. */
	if (!quiescing)
		npa_abort_op(npa);
	if (in_use) {
		count_inflight(npa);
		npa->lost = true;
		npa->vf_active = false;
		hold(npa);
	}
	npa_release_vf(npa);
	if (quiescing && !npa->load.in_flight)
		npa_finish_quiesce(npa);
	/* A VF can vanish without anybody saying so: the guest has to see. */
	if (!in_use || !npa_fault_hit(npa, FAULT_REVOKE_SILENT))
		npa_say_lost(npa, in_use && !quiescing);
}

int npa_revoke(struct npa *npa)
{
	bool wished = npa->wish_vf;

	/* After another revoke there may be nothing but a wish to take. */
	if (!npa->vf) {
		npa->wish_vf = false;
		return npa->lost && wished ? 0 : -ENODEV;
	}
	npa_event(npa, "operator", "revoke");
	npa_take_vf(npa);
	return 0;
}

/* The registers that the guest maps are memory: what it writes comes back. */
void npa_poll_lost(struct npa *npa)
{
	if (npa->vf || (!npa->lost && loop_now() > npa->wipe_until))
		return;
	wipe_window(npa);
	npa->poller.interval_ns = WIPE_NS;
}

void npa_left_lost_vf(struct npa *npa)
{
	if (!npa->lost)
		return;
	npa->lost = false;
	npa->wipe_until = loop_now() + WIPE_FOR_NS;
	if (npa->hold.due || npa->dev->port.flags & PORT_DEAF) {
		loop_cancel(npa->env.loop, &npa->hold);
		end_hold(npa);
	}
	npa_event(npa, "vf", "the guest has left the lost VF");
	npa_renew_wish(npa);
}
