/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The hypervisor's side of NPA: whether the guest's frames go through the
 * emulated device or through a VF, and the way from one to the other.
 *
 * Rules
 * - The operator wishes ("attach", "detach"); the hypervisor sends a switch
 *   message; the guest carries it out, or refuses with a report.  A message
 *   has a sequence number; the newest one counts.  A wish that the guest
 *   cannot hear yet waits for its next ACTIVATE_DEV with a plugin
 *   configuration.
 * - What a VF cannot do (promiscuous mode, see struct pf_vf_info) is a policy
 *   conflict: while the guest wants it, the message says "emulated, policy"
 *   whatever the operator wishes.
 * - Filters, policy and link are the emulated port's; the VF's port gets the
 *   same when it is acquired, when it is activated and at every change.
 * - LOAD_PLUGIN is answered at once and works in the background: the image
 *   goes into the guest's pages through the client's emulator, page by page,
 *   so that code translated from them before is thrown away.
 * - ACTIVATE_VF moves the vNIC's address to the VF's port.  The emulated
 *   device still sends what is queued, until STOP_EMULATION.
 * - ACTIVATE_DEV while a VF is active starts the emulated device again and
 *   moves the address back.  The VF still sends what is queued, until
 *   NPA_QUIESCE_VF.
 * - One command is under way at a time; others fail meanwhile. But a second
 *   LOAD_PLUGIN takes the first one's place, and NPA_QUIESCE_VF ends whatever
 *   is under way: so a guest that loses patience is never stuck.
 * - QUIESCE_DEV, RESET_DEV and a reset of the device stop the VF at once.  A
 *   page of the image may still be on its way then: the guest reads
 *   NPA_GET_STATUS until it is not BUSY before it gives the region away.
 * - A VF that is taken away (npa_revoke.c) is gone at once.  The guest comes
 *   back by itself; a wish for another one waits until it has.
 * - A report about the newest message ends the operator's wish: the VF is
 *   given back and "attach" has to be said again.  A report about an older
 *   message, or "superseded", is not counted as a refusal: it stops the VF if
 *   it is active, and the wish stays.
 * - What a message asks for is due within npa_env.answer_ns.  After that an
 *   offer is withdrawn and the wish ends; a VF that the operator wants back is
 *   taken away.  With a policy conflict it stays until the guest leaves it.
 */
#ifndef NPAD_NPA_H
#define NPAD_NPA_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#include "events.h"
#include "pci.h"
#include "pf.h"
#include "store.h"
#include "vfio_user.h"
#include "vmxnet3_dev.h"

struct npa;

/**
 * struct npa_env - what the hypervisor works with
 * @name: of the vNIC, for events; must outlive it
 * @loop: event loop
 * @log: messages
 * @events: what happens is noted there
 * @dma: the guest's memory
 * @sw: the switch
 * @pci: where the guest has put the window
 * @store: plugin images
 * @ops: the VF model
 * @answer_ns: how long the guest may take to do what a message says
 * @window: memory of the window BAR, %WINDOW_BAR_LEN bytes, all ones
 */
struct npa_env {
	const char *name;
	struct loop *loop;
	struct log *log;
	struct events *events;
	struct dma_space *dma;
	struct eswitch *sw;
	const struct pci_config *pci;
	struct store *store;
	const struct pf_ops *ops;
	uint64_t answer_ns;
	uint8_t *window;
};

/* This side as plain data; without a VF, which is not handed over. */
struct npa_state {
	bool wish_vf;
	bool guest_npa;
	uint16_t seq;
	uint32_t message;
	uint32_t status;
	bool rejected;
	unsigned int refusal;
	unsigned int refusal_seq;
	uint64_t to_vf, to_emulated, refused;
	unsigned int old_pages;
	uint64_t old_ppn[VMXNET3_NPA_REGION_PAGES];
};

/* The device and the connection come later, they need each other. */
struct npa *npa_new(const struct npa_env *env);
void npa_set_peers(struct npa *npa, struct vmxnet3_dev *dev,
		   struct vfio_user *vu);
void npa_free(struct npa *npa);

/* Commands of the guest.  npa_command() returns false for one it does not
 * know; npa_result() gives what a read of CMD after it returns.
 */
bool npa_command(struct npa *npa, uint32_t cmd);
bool npa_result(struct npa *npa, uint32_t cmd, uint32_t *result);

/* What happens to the device: after ACTIVATE_DEV, after it has stopped
 * (QUIESCE_DEV, RESET_DEV, reset), and after changes.
 */
void npa_dev_activated(struct npa *npa);
void npa_dev_stopped(struct npa *npa);
/* Address, rx mode, groups or VLANs; checksums, tags or RSS. */
void npa_filters_changed(struct npa *npa);
void npa_offloads_changed(struct npa *npa);

/* The policy or the link of the emulated port: the VF has the same. */
void npa_policy_changed(struct npa *npa);

/* Between ACTIVATE_VF and NPA_QUIESCE_VF. */
bool npa_vf_is_active(const struct npa *npa);

/* The client has gone: the guest's region is forgotten. */
void npa_client_gone(struct npa *npa);

/* Trapped accesses to the window BAR, offset from its start, size 1, 2, 4 or 8. */
uint64_t npa_window_read(struct npa *npa, uint32_t offset, unsigned int size);
void npa_window_write(struct npa *npa, uint32_t offset, unsigned int size,
		      uint64_t value);
const char *npa_window_name(struct npa *npa, uint32_t offset);

/* The operator.  0, -ENOENT (no such plugin; why is set), -EALREADY, -EBUSY
 * (on its way to another host), -ENODEV (no VF left).
 */
int npa_attach(struct npa *npa, const char *plugin, const char **why);
void npa_detach(struct npa *npa);
/* Takes the VF away at once, and counts what its rings hold (npa_revoke.c).
 * -ENODEV if there is none.
 */
int npa_revoke(struct npa *npa);

/*
 * Migration, npa_state.c.  The guest is asked to leave the VF, and the wish
 * waits; npa_left_vf() tells whether the guest is on the emulated path with
 * nothing under way.  Then npa_return_vf(), since the window it is in goes with
 * the guest, and either npa_come_back(): the wish holds again, or
 * npa_export() and npa_gone(): the guest is somebody else's now.
 */
void npa_leave_vf(struct npa *npa);
bool npa_left_vf(const struct npa *npa);
void npa_return_vf(struct npa *npa);
void npa_come_back(struct npa *npa);
void npa_export(const struct npa *npa, struct npa_state *state);
void npa_gone(struct npa *npa);
/* The other end.  npa_check(): can this host do for the guest what its state
 * says?  0, or -ENOENT with why set: a VF is wanted and there is one, but no
 * plugin for it.  npa_import() does not touch the guest; npa_arrived() fulfils
 * the wish if there is a VF.
 */
int npa_check(struct npa *npa, const struct npa_state *state,
	      const char **why);
void npa_import(struct npa *npa, const struct npa_state *state,
		const struct port_stats *vf_total);
void npa_arrived(struct npa *npa);
/* The client has mapped this memory. */
void npa_set_window(struct npa *npa, uint8_t *window);

/* Is the fault of that name to happen now? */
bool npa_hit(struct npa *npa, const char *name);

/* Faults for tests. state: "on", "off", "once".  -ENOENT, -EINVAL. */
int npa_fault(struct npa *npa, const char *name, const char *state);
void npa_list_faults(struct npa *npa, struct json_object *list);

/* For "status" and "stats". */
void npa_status(struct npa *npa, struct json_object *reply);
/* The VF and its model's operations; NULL if none is acquired. */
struct vf *npa_vf(const struct npa *npa, const struct pf_ops **ops);
void npa_vf_stats(struct npa *npa, struct port_stats *stats);
/* Adds the object "vf": how often an active VF was taken away, and what its
 * rings held then (struct pf_inflight).
 */
void npa_revoke_stats(const struct npa *npa, struct json_object *reply);
void npa_reset_stats(struct npa *npa);
/* Note something that happened to the guest or to the device. */
void npa_event(struct npa *npa, const char *kind, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Name of a reason from enum vmxnet3_npa_reason, "unknown" if it has none. */
const char *npa_reason_name(unsigned int reason);

#endif
