/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Inside of npa.c and its parts npa_load.c (injection of an image),
 * npa_revoke.c (taking the VF away) and npa_report.c (faults, events, status).
 */
#ifndef NPAD_NPA_PRIV_H
#define NPAD_NPA_PRIV_H

#include "npa.h"

#define NPA_REGION_PAGES	VMXNET3_NPA_REGION_PAGES
#define NPA_PAGE_LEN		4096u

enum npa_fault_id {
	FAULT_LOAD_FAIL,
	FAULT_LOAD_HANG,
	FAULT_LOAD_TRUNCATE,
	FAULT_ACTIVATE_FAIL,
	FAULT_ACTIVATE_HANG,
	FAULT_STOP_FAIL,
	FAULT_STOP_HANG,
	FAULT_WINDOW_OUTSIDE,
	FAULT_QUIESCE_HANG,
	FAULT_MIGRATE_REFUSE,
	FAULT_MIGRATE_HANG,
	FAULT_MIGRATE_DIE,
	FAULT_REVOKE_SILENT,
	NUM_FAULTS
};

enum npa_fault_state { FAULT_OFF, FAULT_ON, FAULT_ONCE };

/* The asynchronous command under way. */
enum npa_op { OP_NONE, OP_LOAD, OP_ACTIVATE, OP_STOP, OP_QUIESCE };

/**
 * struct npa_load - injection of an image
 * @start: has to begin, once the command has been answered
 * @in_flight: a page is on its way
 * @cancelled: end when it has arrived
 * @again: begin anew when it has arrived
 * @conf_pa: the guest's plugin configuration
 * @conf_version: of it
 * @region_va: guest virtual address of the region
 * @num_pages: pages of the region
 * @ppn: their numbers
 * @len: bytes of the image to write
 * @pages: pages to write, those to wipe included
 * @next: page that is next
 */
struct npa_load {
	bool start;
	bool in_flight;
	bool cancelled;
	bool again;
	uint64_t conf_pa;
	uint32_t conf_version;
	uint64_t region_va;
	unsigned int num_pages;
	uint64_t ppn[NPA_REGION_PAGES];
	size_t len;
	unsigned int pages;
	unsigned int next;
};

/* When the steps of the latest switch happened; 0: not yet.  loop_now() */
struct npa_times {
	uint64_t message;
	uint64_t load;
	uint64_t loaded;
	uint64_t activated;
	uint64_t stopped;
	uint64_t returned;	/* ACTIVATE_DEV while the VF was active */
	uint64_t quiesced;
};

/**
 * struct npa - state of the hypervisor's side
 * @window_place: where the VF's window is in the BAR, in bytes
 * @wish_vf: what the operator wants
 * @leaving: it has to wait: the guest is about to be migrated
 * @guest_npa: the guest has given a plugin configuration
 * @vf: acquired, or NULL
 * @vf_active: between ACTIVATE_VF and NPA_QUIESCE_VF
 * @on_vf: the guest's path is the VF, until it has come back
 * @num_queues: queue pairs that the VF was started with
 * @loaded: an image was injected for this VF
 * @image: what attach chose
 * @conflict: what the VF cannot do, as last told to the operator
 * @answer: runs while a message has not been answered
 * @unanswered: messages that never were
 * @seq: of the newest message
 * @message: newest message, as GET_DEV_EXTRA_INFO gives it
 * @message_path: path in it, VMXNET3_NPA_MSG_PATH_*
 * @op: command under way
 * @op_start: when it began
 * @status: result of the last one
 * @hung: fault that keeps @op from ending, or NUM_FAULTS
 * @rejected: the last command came while another was under way
 * @old_ppn: pages that earlier images have been written to
 * @old_pages: how many
 * @lost: the VF was taken away while it was active, and the guest has not
 *	left it yet
 * @wipe_until: time until which a guest that has left a lost VF may still
 *	write to its window, emptying rings
 * @hold: ends waiting for a guest that has lost its VF
 * @revokes: VFs taken away while they were active
 * @revoked: what their rings held
 * @vf_total: statistics of VFs that have been released
 */
struct npa {
	struct npa_env env;
	struct pf_env pf_env;
	struct vmxnet3_dev *dev;
	struct vfio_user *vu;
	const struct pf_vf_info *info;
	uint32_t window_place;
	bool wish_vf;
	bool leaving;
	bool guest_npa;
	struct vf *vf;
	bool vf_active;
	bool on_vf;
	unsigned int num_queues;
	bool loaded;
	struct image *image;
	const char *conflict;
	struct loop_timer answer;
	uint64_t unanswered;
	uint16_t seq;
	uint32_t message;
	unsigned int message_path;
	enum npa_op op;
	uint64_t op_start;
	uint32_t status;
	unsigned int hung;
	bool rejected;
	struct npa_load load;
	uint64_t old_ppn[NPA_REGION_PAGES];
	unsigned int old_pages;
	struct loop_poller poller;
	bool lost;
	uint64_t wipe_until;
	struct loop_timer hold;
	uint64_t revokes;
	struct pf_inflight revoked;
	struct port_stats vf_total;
	enum npa_fault_state faults[NUM_FAULTS];
	unsigned int refusal;		/* reason of the last one, 0: none */
	unsigned int refusal_seq;
	uint64_t to_vf, to_emulated, refused;
	struct npa_times times;
};

/* npa.c */
uint8_t *npa_window(const struct npa *npa);
void npa_update_path(struct npa *npa, unsigned int reason);
int npa_acquire_vf(struct npa *npa);
void npa_release_vf(struct npa *npa);
int npa_get_vf(struct npa *npa, const char *plugin, const char **why);
void npa_finish_op(struct npa *npa, uint32_t status);
void npa_start_load(struct npa *npa);
void npa_finish_quiesce(struct npa *npa);
void npa_abort_op(struct npa *npa);
/* Tell the guest that its VF is gone: with @always even if the newest message
 * wants the emulated path already.
 */
void npa_say_lost(struct npa *npa, bool always);
/* Acquire a VF, and offer it, if the operator has wished for one meanwhile. */
void npa_renew_wish(struct npa *npa);
const char *npa_state_name(const struct npa *npa);
const char *npa_path_name(const struct npa *npa);

/* npa_load.c: check the guest's configuration; begin; give up. */
int npa_load_prepare(struct npa *npa);
void npa_load_step(struct npa *npa);
void npa_load_cancel(struct npa *npa);
/* The guest's configuration, version 2 only.  -EINVAL if it is not. */
int npa_read_conf(struct npa *npa, struct vmxnet3_npa_conf *conf);

/* npa_answer.c: a message has been sent; what it asks for is due by then. */
void npa_expect_answer(struct npa *npa);

/* npa_revoke.c: take the VF and end the wish; from the poller;
 * the guest uses the lost VF no more.
 */
void npa_take_vf(struct npa *npa);
void npa_poll_lost(struct npa *npa);
void npa_left_lost_vf(struct npa *npa);

/* npa_policy.c: what the VF cannot do of what the guest wants, NULL: nothing;
 * take the guest's filters to the VF; fill in all of &struct pf_init that
 * set_offloads takes.
 */
const char *npa_conflict(const struct npa *npa);
void npa_set_filters(struct npa *npa);
void npa_fill_offloads(const struct npa *npa, struct pf_init *init);

/* npa_report.c: an injected fault; how long each phase of a switch took, as
 * an event.
 */
bool npa_fault_hit(struct npa *npa, enum npa_fault_id id);
void npa_report_switch(struct npa *npa);

#endif
