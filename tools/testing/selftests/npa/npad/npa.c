// SPDX-License-Identifier: GPL-2.0
/*
 * The hypervisor's side of NPA; the rules are in npa.h.
 */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "npa_priv.h"
#include "window.h"

#define VF_ITR_US	50	/* least time between two interrupts of a VF */
#define STOP_POLL_NS	100000
#define STOP_LIMIT_NS	1000000000ull

/* The VF and its window */

static void raise_vf(void *arg, unsigned int vector)
{
	struct npa *npa = arg;

	irq_raise_vf(&npa->dev->irq, vector);
}

uint8_t *npa_window(const struct npa *npa)
{
	return npa->env.window + npa->window_place;
}

int npa_acquire_vf(struct npa *npa)
{
	if (npa->vf)
		return 0;
	memset(npa_window(npa), 0, npa->info->window_len);
	npa->vf = npa->env.ops->acquire(&npa->pf_env);
	if (!npa->vf) {
		int err = errno ? -errno : -ENODEV;

		memset(npa_window(npa), 0xff, npa->info->window_len);
		return err;
	}
	npa->env.ops->port(npa->vf)->flags |= PORT_NO_RX;
	npa->env.ops->port(npa->vf)->owner = npa->dev->port.owner;
	npa_policy_changed(npa);
	return 0;
}

/* The guest's address goes to one of its two ports, in one step. */
static void move_mac(struct npa *npa, bool to_vf)
{
	struct port *vf_port = npa->vf ? npa->env.ops->port(npa->vf) : NULL;
	struct port *port = &npa->dev->port;

	if (to_vf) {
		port->flags |= PORT_NO_RX;
		vf_port->flags &= ~PORT_NO_RX;
	} else {
		if (vf_port)
			vf_port->flags |= PORT_NO_RX;
		port->flags &= ~PORT_NO_RX;
	}
	/* Whoever waits for room at the old port finds it at the new one. */
	eswitch_kick(npa->env.sw);
}

static void quiesce_vf(struct npa *npa)
{
	if (npa->vf_active)
		npa->env.ops->quiesce(npa->vf);
	npa->vf_active = false;
	npa->loaded = false;
	move_mac(npa, false);
}

void npa_release_vf(struct npa *npa)
{
	if (!npa->vf)
		return;
	npa_load_cancel(npa);
	quiesce_vf(npa);
	port_stats_add(&npa->vf_total, &npa->env.ops->port(npa->vf)->stats);
	npa->env.ops->release(npa->vf);
	npa->vf = NULL;
	memset(npa_window(npa), 0xff, npa->info->window_len);
	npa_event(npa, "vf", "released");
}

/* Messages */

static bool guest_listens(const struct npa *npa)
{
	return npa->dev->active && npa->guest_npa;
}

static unsigned int wanted_path(const struct npa *npa)
{
	return npa->wish_vf && npa->vf && !npa->leaving && !npa_conflict(npa) ?
	       VMXNET3_NPA_MSG_PATH_VF : VMXNET3_NPA_MSG_PATH_EMULATED;
}

static void send_message(struct npa *npa, unsigned int path,
			 unsigned int reason)
{
	static const char *const reasons[] = {
		"operator", "migration", "policy", "vf-lost"
	};

	npa->seq++;
	npa->message_path = path;
	npa->message = FIELD_PREP(VMXNET3_NPA_MSG_PATH, path) |
		       FIELD_PREP(VMXNET3_NPA_MSG_REASON, reason) |
		       FIELD_PREP(VMXNET3_NPA_MSG_SEQ, (uint32_t)npa->seq);
	memset(&npa->times, 0, sizeof(npa->times));
	npa->times.message = loop_now();
	npa_event(npa, "message", "%u: path %s, reason %s", npa->seq,
		  path == VMXNET3_NPA_MSG_PATH_VF ? "vf" : "emulated",
		  reasons[reason]);
	npa_expect_answer(npa);
	vmxnet3_dev_event(npa->dev, VMXNET3_ECR_DIC);
}

/* Tell the operator once that, or that no longer, a VF will not do. */
static void note_conflict(struct npa *npa)
{
	const char *conflict = npa->wish_vf ? npa_conflict(npa) : NULL;

	if (conflict == npa->conflict)
		return;
	if (conflict)
		npa_event(npa, "conflict", "%s: not on a VF of model %s",
			  conflict, npa->info->model);
	else
		npa_event(npa, "conflict", "no longer: %s", npa->conflict);
	npa->conflict = conflict;
}

/* Send a message if what is wanted is not what the last one said. */
void npa_update_path(struct npa *npa, unsigned int reason)
{
	unsigned int path = wanted_path(npa);

	note_conflict(npa);
	if (npa->conflict)
		reason = VMXNET3_NPA_MSG_REASON_POLICY;
	if (guest_listens(npa) && path != npa->message_path)
		send_message(npa, path, reason);
}

void npa_say_lost(struct npa *npa, bool always)
{
	if (always && guest_listens(npa))
		send_message(npa, VMXNET3_NPA_MSG_PATH_EMULATED,
			     VMXNET3_NPA_MSG_REASON_VF_LOST);
	else
		npa_update_path(npa, VMXNET3_NPA_MSG_REASON_VF_LOST);
}

void npa_renew_wish(struct npa *npa)
{
	if (npa->wish_vf && npa_acquire_vf(npa)) {
		npa->wish_vf = false;
		npa_event(npa, "vf", "there is none left");
	}
	npa_update_path(npa, VMXNET3_NPA_MSG_REASON_OPERATOR);
}

/* Asynchronous commands */

void npa_finish_op(struct npa *npa, uint32_t status)
{
	static const char *const names[] = {
		"", "load", "activate", "stop", "quiesce"
	};

	if (npa->op == OP_LOAD)
		npa->times.loaded = loop_now();
	npa_event(npa, names[npa->op], "%s",
		  status == VMXNET3_CMD_RESULT_OK ? "ok" : "failed");
	npa->op = OP_NONE;
	npa->hung = NUM_FAULTS;
	npa->status = status;
}

static bool begin_op(struct npa *npa, enum npa_op op)
{
	npa->rejected = npa->op != OP_NONE;
	if (npa->rejected) {
		npa_event(npa, "command", "refused: another is under way");
		return false;
	}
	npa->op = op;
	npa->op_start = loop_now();
	npa->status = VMXNET3_CMD_RESULT_BUSY;
	return true;
}

static void fail_op(struct npa *npa, const char *why)
{
	npa_event(npa, "command", "%s", why);
	npa_finish_op(npa, VMXNET3_CMD_RESULT_FAILED);
}

/* Does a fault make the command hang? It then stays BUSY. */
static bool hangs(struct npa *npa, enum npa_fault_id id)
{
	if (!npa_fault_hit(npa, id))
		return false;
	npa->hung = id;
	npa_event(npa, "fault", "the command hangs");
	return true;
}

void npa_start_load(struct npa *npa)
{
	int err;

	/* The guest may have left the VF by itself since the message. */
	npa->times = (struct npa_times){ .message = npa->times.message };
	npa->times.load = loop_now();
	if (npa->vf_active || wanted_path(npa) != VMXNET3_NPA_MSG_PATH_VF) {
		fail_op(npa, "LOAD_PLUGIN: no VF is offered");
		return;
	}
	if (npa_fault_hit(npa, FAULT_LOAD_FAIL)) {
		fail_op(npa, "LOAD_PLUGIN: fault");
		return;
	}
	if (hangs(npa, FAULT_LOAD_HANG))
		return;
	err = npa_load_prepare(npa);
	if (err)
		fail_op(npa, "LOAD_PLUGIN: bad plugin configuration");
}

/*
 * A second LOAD_PLUGIN takes the first one's place: the guest has given up.  A
 * page that is on its way, of whatever earlier attempt, has to arrive first.
 */
static void load_plugin(struct npa *npa)
{
	if (npa->op == OP_LOAD) {
		npa->hung = NUM_FAULTS;
		npa->op = OP_NONE;
	}
	if (!begin_op(npa, OP_LOAD))
		return;
	if (npa->load.in_flight)
		npa->load.again = true;
	else
		npa_start_load(npa);
}

static void take_ring(struct pf_ring *ring, struct vmxnet3_npa_queue q)
{
	for (unsigned int i = 0; i < VMXNET3_NPA_RING_SEGS; i++)
		ring->pa[i] = le64toh(q.seg_pa[i]);
	ring->size = le32toh(q.ring_size);
	ring->vector = le32toh(q.intr);
}

static int fill_init(struct npa *npa, struct pf_init *init)
{
	struct vmxnet3_npa_conf conf;
	int err;

	err = npa_read_conf(npa, &conf);
	if (err)
		return err;
	memset(init, 0, sizeof(*init));
	init->num_queues = le16toh(conf.num_tx_queues);
	if (!init->num_queues || init->num_queues > npa->info->max_queues ||
	    le16toh(conf.num_rx_queues) != init->num_queues)
		return -EINVAL;
	for (unsigned int i = 0; i < init->num_queues; i++) {
		take_ring(&init->tx[i], conf.tx[i]);
		take_ring(&init->rx[i], conf.rx[i]);
	}
	init->mtu = le32toh(conf.mtu);
	if (init->mtu < 60 || init->mtu > VMXNET3_MTU_MAX)
		return -EINVAL;
	npa_fill_offloads(npa, init);
	init->itr_us = VF_ITR_US;
	return 0;
}

static int start_vf(struct npa *npa)
{
	const struct pf_ops *ops = npa->env.ops;
	struct pf_init init;
	int err;

	err = fill_init(npa, &init);
	if (!err)
		err = ops->init(npa->vf, &init);
	if (err)
		return err;
	npa_set_filters(npa);
	npa->num_queues = init.num_queues;
	return ops->activate(npa->vf);
}

static void activate_vf(struct npa *npa)
{
	int err;

	if (!begin_op(npa, OP_ACTIVATE))
		return;
	if (!npa->loaded || !npa->vf || npa->vf_active ||
	    wanted_path(npa) != VMXNET3_NPA_MSG_PATH_VF) {
		fail_op(npa, "ACTIVATE_VF: no VF is ready");
		return;
	}
	if (npa_fault_hit(npa, FAULT_ACTIVATE_FAIL)) {
		fail_op(npa, "ACTIVATE_VF: fault");
		return;
	}
	if (hangs(npa, FAULT_ACTIVATE_HANG))
		return;
	err = start_vf(npa);
	if (err) {
		npa->env.ops->quiesce(npa->vf);
		npa_event(npa, "activate", "%s", strerror(-err));
		fail_op(npa, "ACTIVATE_VF: the VF does not start");
		return;
	}
	npa->vf_active = true;
	move_mac(npa, true);
	npa->times.activated = loop_now();
	npa_finish_op(npa, VMXNET3_CMD_RESULT_OK);
}

/* Is all sent that the guest had queued when it gave the command? */
static bool emulation_is_idle(const struct npa *npa)
{
	return !npa->dev->tx_kicked && vmxnet3_tx_idle(npa->dev);
}

static void emulation_stopped(struct npa *npa)
{
	vmxnet3_dev_set_emulating(npa->dev, false);
	npa->on_vf = true;
	npa->to_vf++;
	npa->times.stopped = loop_now();
	npa_report_switch(npa);
	npa_finish_op(npa, VMXNET3_CMD_RESULT_OK);
}

void npa_abort_op(struct npa *npa)
{
	if (npa->op == OP_LOAD)
		npa_load_cancel(npa);
	else if (npa->op != OP_NONE)
		npa_finish_op(npa, VMXNET3_CMD_RESULT_FAILED);
}

static void stop_emulation(struct npa *npa)
{
	if (!begin_op(npa, OP_STOP))
		return;
	if (!npa->vf_active || !npa->dev->emulating)
		fail_op(npa, "STOP_EMULATION: the VF is not active");
	else if (npa_fault_hit(npa, FAULT_STOP_FAIL))
		fail_op(npa, "STOP_EMULATION: fault");
	else if (!hangs(npa, FAULT_STOP_HANG) && emulation_is_idle(npa))
		emulation_stopped(npa);
}

/*
 * NPA_QUIESCE_VF ends what is under way, and is always taken: a guest that
 * gives up a switch has no other way to be sure that the VF is silent.
 */
static void guest_quiesces_vf(struct npa *npa)
{
	if (npa->op != OP_NONE)
		fail_op(npa, "given up by the guest");
	begin_op(npa, OP_QUIESCE);
	if (!hangs(npa, FAULT_QUIESCE_HANG) && !npa->load.in_flight)
		npa_finish_quiesce(npa);
}

/* No page of an image is on its way any more. */
void npa_finish_quiesce(struct npa *npa)
{
	bool switched = npa->on_vf && npa->dev->emulating;

	npa->to_emulated += switched;
	npa->on_vf = false;
	quiesce_vf(npa);
	if (!npa->wish_vf)
		npa_release_vf(npa);
	npa->times.quiesced = loop_now();
	if (switched)
		npa_report_switch(npa);
	npa_finish_op(npa, VMXNET3_CMD_RESULT_OK);
	npa_left_lost_vf(npa);
}

static void take_report(struct npa *npa)
{
	struct vmxnet3_npa_conf conf;
	unsigned int reason, seq;
	uint32_t report;

	if (npa_read_conf(npa, &conf)) {
		npa_event(npa, "report", "unreadable");
		return;
	}
	report = le32toh(conf.report);
	reason = FIELD_GET(VMXNET3_NPA_REPORT_REASON, report);
	seq = FIELD_GET(VMXNET3_NPA_REPORT_SEQ, report);
	npa_event(npa, "report", "%s, message %u", npa_reason_name(reason),
		  seq);
	if (reason == VMXNET3_NPA_OK)
		return;
	npa_abort_op(npa);
	quiesce_vf(npa);
	/*
	 * The operator may have changed his mind since that message; and a
	 * guest that is about to reset its device will hear it again.
	 */
	if (seq == npa->seq && reason != VMXNET3_NPA_SUPERSEDED) {
		npa->refusal = reason;
		npa->refusal_seq = seq;
		npa->refused++;
		npa->wish_vf = false;
		npa->message_path = VMXNET3_NPA_MSG_PATH_EMULATED;
	}
	if (!npa->wish_vf)
		npa_release_vf(npa);
}

bool npa_command(struct npa *npa, uint32_t cmd)
{
	switch (cmd) {
	case VMXNET3_CMD_LOAD_PLUGIN:
		load_plugin(npa);
		return true;
	case VMXNET3_CMD_ACTIVATE_VF:
		activate_vf(npa);
		return true;
	case VMXNET3_CMD_STOP_EMULATION:
		stop_emulation(npa);
		return true;
	case VMXNET3_CMD_NPA_QUIESCE_VF:
		guest_quiesces_vf(npa);
		return true;
	case VMXNET3_CMD_NPA_REPORT:
		take_report(npa);
		return true;
	case VMXNET3_CMD_NPA_GET_STATUS:
	case VMXNET3_CMD_GET_DID_LO:
	case VMXNET3_CMD_GET_DID_HI:
	case VMXNET3_CMD_GET_DEV_EXTRA_INFO:
		return true;
	default:
		return false;
	}
}

bool npa_result(struct npa *npa, uint32_t cmd, uint32_t *result)
{
	uint64_t id = npa->message_path == VMXNET3_NPA_MSG_PATH_VF ?
		      npa->info->device_impl_id : 0;

	switch (cmd) {
	case VMXNET3_CMD_LOAD_PLUGIN:
	case VMXNET3_CMD_ACTIVATE_VF:
	case VMXNET3_CMD_STOP_EMULATION:
	case VMXNET3_CMD_NPA_QUIESCE_VF:
		*result = npa->rejected ? VMXNET3_CMD_RESULT_FAILED :
					  npa->status;
		return true;
	case VMXNET3_CMD_NPA_GET_STATUS:
		*result = npa->load.in_flight ? VMXNET3_CMD_RESULT_BUSY :
						npa->status;
		return true;
	case VMXNET3_CMD_GET_DID_LO:
		*result = id;
		return true;
	case VMXNET3_CMD_GET_DID_HI:
		*result = id >> 32;
		return true;
	case VMXNET3_CMD_GET_DEV_EXTRA_INFO:
		*result = npa->message;
		return true;
	default:
		return false;
	}
}

/*
 * What is queued goes out within the time that a receiver may be without room;
 * a frame whose end the guest never wrote does not go out at all.
 */
static void wait_for_idle(struct npa *npa)
{
	if (emulation_is_idle(npa))
		emulation_stopped(npa);
	else if (loop_now() - npa->op_start > STOP_LIMIT_NS)
		fail_op(npa, "STOP_EMULATION: TX rings do not run dry");
}

static bool poll_npa(void *arg)
{
	struct npa *npa = arg;

	npa->poller.interval_ns = UINT64_MAX;
	npa_poll_lost(npa);
	if (npa->hung != NUM_FAULTS)
		return false;
	if (npa->op == OP_LOAD && npa->load.start)
		npa_load_step(npa);
	if (npa->op == OP_STOP)
		wait_for_idle(npa);
	if (npa->op == OP_STOP)
		npa->poller.interval_ns = STOP_POLL_NS;
	return false;
}

/* What happens to the device */

void npa_dev_activated(struct npa *npa)
{
	uint32_t version, len;
	uint64_t pa;

	npa->guest_npa = !vmxnet3_conf_read_plugin_desc(npa->dev, &version,
							&len, &pa);
	if (npa->vf_active || npa->lost) {
		move_mac(npa, false);
		npa->times.returned = loop_now();
		npa_event(npa, "return", "emulation runs again");
		return;
	}
	move_mac(npa, false);
	npa_update_path(npa, VMXNET3_NPA_MSG_REASON_OPERATOR);
}

void npa_dev_stopped(struct npa *npa)
{
	npa_abort_op(npa);
	quiesce_vf(npa);
	npa->on_vf = false;
	if (!npa->wish_vf)
		npa_release_vf(npa);
	npa->guest_npa = false;
	/* The guest begins anew, on the emulated path. */
	npa->message_path = VMXNET3_NPA_MSG_PATH_EMULATED;
	npa->message &= ~VMXNET3_NPA_MSG_PATH;
	npa_event(npa, "device", "stopped");
	npa_left_lost_vf(npa);
}

void npa_filters_changed(struct npa *npa)
{
	npa_update_path(npa, VMXNET3_NPA_MSG_REASON_POLICY);
	if (npa->vf_active)
		npa_set_filters(npa);
}

void npa_offloads_changed(struct npa *npa)
{
	struct pf_init init = { .num_queues = npa->num_queues };

	npa_update_path(npa, VMXNET3_NPA_MSG_REASON_POLICY);
	if (!npa->vf_active)
		return;
	npa_fill_offloads(npa, &init);
	if (npa->env.ops->set_offloads(npa->vf, &init))
		npa_event(npa, "vf", "offloads stay as they are");
}

void npa_client_gone(struct npa *npa)
{
	npa->old_pages = 0;
	/* Mapped pages that are no VF's hold what the guest has left there. */
	memset(npa->env.window, 0xff, WINDOW_BAR_LEN);
}

bool npa_vf_is_active(const struct npa *npa)
{
	return npa->vf_active;
}

/* The window BAR */

/* offset: from the start of the VF's window. */
static const struct pf_region *find_region(const struct npa *npa,
					   uint32_t offset)
{
	for (unsigned int i = 0; i < npa->info->num_regions; i++) {
		const struct pf_region *region = &npa->info->regions[i];

		if (offset >= region->offset &&
		    offset - region->offset < region->length)
			return region;
	}
	return NULL;
}

uint64_t npa_window_read(struct npa *npa, uint32_t offset, unsigned int size)
{
	const struct pf_region *region;
	uint64_t value = UINT64_MAX;

	offset -= npa->window_place;
	region = find_region(npa, offset);
	if (!region || !npa->vf || offset % size)
		return value;
	if (!region->direct)
		return npa->env.ops->read(npa->vf, offset, size);
	value = 0;
	memcpy(&value, npa_window(npa) + offset, size);
	return value;
}

void npa_window_write(struct npa *npa, uint32_t offset, unsigned int size,
		      uint64_t value)
{
	const struct pf_region *region;

	offset -= npa->window_place;
	region = find_region(npa, offset);
	if (!region || !npa->vf || offset % size)
		return;
	if (region->direct)
		memcpy(npa_window(npa) + offset, &value, size);
	else
		npa->env.ops->write(npa->vf, offset, size, value);
}

const char *npa_window_name(struct npa *npa, uint32_t offset)
{
	offset -= npa->window_place;
	if (offset >= npa->info->window_len)
		return "bar3.outside";
	return npa->env.ops->register_name(offset);
}

/* The operator */

/* Get a VF and the image of its plugin; NULL: the VF's own. */
int npa_get_vf(struct npa *npa, const char *plugin, const char **why)
{
	struct image *image;
	int err;

	if (!npa->info->plugin) {
		*why = "this host has no VF";
		return -ENODEV;
	}
	image = store_load(npa->env.store, plugin ? plugin : npa->info->plugin,
			   why);
	if (!image)
		return -errno;
	/* One that was lost is replaced when the guest has left it. */
	err = npa->lost ? 0 : npa_acquire_vf(npa);
	if (err) {
		*why = strerror(-err);
		image_free(image);
		return err;
	}
	npa_load_cancel(npa);
	image_free(npa->image);
	npa->image = image;
	return 0;
}

int npa_attach(struct npa *npa, const char *plugin, const char **why)
{
	int err;

	if (npa->wish_vf && npa->vf) {
		*why = "a VF is attached already";
		return -EALREADY;
	}
	if (npa->leaving) {
		*why = "the guest is being migrated";
		return -EBUSY;
	}
	err = npa_get_vf(npa, plugin, why);
	if (err)
		return err;
	npa->wish_vf = true;
	npa_event(npa, "operator", "attach, plugin %s", npa->image->name);
	npa_update_path(npa, VMXNET3_NPA_MSG_REASON_OPERATOR);
	return 0;
}

void npa_detach(struct npa *npa)
{
	if (!npa->wish_vf)
		return;
	npa->wish_vf = false;
	npa_event(npa, "operator", "detach");
	if (!npa->vf_active)
		npa_release_vf(npa);
	npa_update_path(npa, VMXNET3_NPA_MSG_REASON_OPERATOR);
}

struct vf *npa_vf(const struct npa *npa, const struct pf_ops **ops)
{
	*ops = npa->env.ops;
	return npa->vf;
}

void npa_vf_stats(struct npa *npa, struct port_stats *stats)
{
	*stats = npa->vf_total;
	if (npa->vf)
		port_stats_add(stats, &npa->env.ops->port(npa->vf)->stats);
}

void npa_reset_stats(struct npa *npa)
{
	memset(&npa->vf_total, 0, sizeof(npa->vf_total));
	memset(&npa->revoked, 0, sizeof(npa->revoked));
	npa->revokes = 0;
	if (npa->vf)
		memset(&npa->env.ops->port(npa->vf)->stats, 0,
		       sizeof(struct port_stats));
}

/* What the state is follows from the rest. */
const char *npa_state_name(const struct npa *npa)
{
	if (npa->op == OP_LOAD)
		return "loading";
	if (npa->op == OP_STOP)
		return "stopping";
	if (npa->vf_active) {
		if (npa->times.returned)
			return "returning";
		if (npa->message_path != VMXNET3_NPA_MSG_PATH_VF)
			return "leaving";
		return "vf-active";
	}
	if (npa->loaded)
		return "loaded";
	if (npa->message_path == VMXNET3_NPA_MSG_PATH_VF)
		return "message-sent";
	return npa->wish_vf ? "waiting" : "idle";
}

const char *npa_path_name(const struct npa *npa)
{
	if (!npa->dev->active)
		return "none";
	if (npa->dev->emulating)
		return "emulated";
	return npa->vf_active ? "vf" : "none";
}

struct npa *npa_new(const struct npa_env *env)
{
	int place = window_place(env->ops->get_info());
	struct npa *npa;

	if (place < 0) {
		log_error(env->log, "the window BAR has no place for this VF");
		return NULL;
	}
	npa = calloc(1, sizeof(*npa));
	if (!npa)
		return NULL;
	npa->env = *env;
	npa->info = env->ops->get_info();
	npa->window_place = place;
	npa->hung = NUM_FAULTS;
	npa->pf_env = (struct pf_env){
		.loop = env->loop,
		.dma = env->dma,
		.sw = env->sw,
		.window = npa_window(npa),
		.raise = raise_vf,
		.raise_arg = npa,
	};
	npa->poller.fn = poll_npa;
	npa->poller.arg = npa;
	npa->poller.interval_ns = UINT64_MAX;
	return npa;
}

void npa_set_peers(struct npa *npa, struct vmxnet3_dev *dev,
		   struct vfio_user *vu)
{
	npa->dev = dev;
	npa->vu = vu;
	dev->npa = npa;
	loop_add_poller(npa->env.loop, &npa->poller);
}

void npa_free(struct npa *npa)
{
	if (!npa)
		return;
	if (npa->dev) {
		npa_release_vf(npa);
		loop_cancel(npa->env.loop, &npa->hold);
		loop_cancel(npa->env.loop, &npa->answer);
		npa->dev->npa = NULL;
		loop_del_poller(npa->env.loop, &npa->poller);
	}
	image_free(npa->image);
	free(npa);
}
