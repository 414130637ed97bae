// SPDX-License-Identifier: GPL-2.0
/*
 * The hypervisor's side of NPA and migration: leaving the VF, state in and
 * out, and the VF of another host.
 */
#include <errno.h>
#include <string.h>

#include "npa_priv.h"

void npa_leave_vf(struct npa *npa)
{
	npa->leaving = true;
	npa_update_path(npa, VMXNET3_NPA_MSG_REASON_MIGRATION);
}

bool npa_left_vf(const struct npa *npa)
{
	return !npa->vf_active && !npa->lost && npa->op == OP_NONE &&
	       !npa->load.in_flight &&
	       npa->message_path == VMXNET3_NPA_MSG_PATH_EMULATED &&
	       (!npa->dev->active || npa->dev->emulating);
}

void npa_return_vf(struct npa *npa)
{
	npa_release_vf(npa);
}

void npa_come_back(struct npa *npa)
{
	npa->leaving = false;
	if (npa->wish_vf && npa->image && npa_acquire_vf(npa))
		npa_event(npa, "migration", "the VF cannot be had again");
	npa_update_path(npa, VMXNET3_NPA_MSG_REASON_MIGRATION);
}

void npa_export(const struct npa *npa, struct npa_state *state)
{
	*state = (struct npa_state){
		.wish_vf = npa->wish_vf,
		.guest_npa = npa->guest_npa,
		.seq = npa->seq,
		.message = npa->message,
		.status = npa->status,
		.rejected = npa->rejected,
		.refusal = npa->refusal,
		.refusal_seq = npa->refusal_seq,
		.to_vf = npa->to_vf,
		.to_emulated = npa->to_emulated,
		.refused = npa->refused,
		.old_pages = npa->old_pages,
	};
	memcpy(state->old_ppn, npa->old_ppn, sizeof(state->old_ppn));
}

void npa_gone(struct npa *npa)
{
	const struct port_stats no_stats = { 0 };
	const struct npa_state none = { 0 };

	npa->leaving = false;
	npa->wipe_until = 0;
	loop_cancel(npa->env.loop, &npa->answer);
	loop_cancel(npa->env.loop, &npa->hold);
	npa_release_vf(npa);
	npa_import(npa, &none, &no_stats);
}

int npa_check(struct npa *npa, const struct npa_state *state, const char **why)
{
	struct image *image;

	if (!state->wish_vf || !npa->info->plugin)
		return 0;
	image = store_load(npa->env.store, npa->info->plugin, why);
	if (!image) {
		*why = "the guest is to have a VF, but its plugin is missing";
		return -ENOENT;
	}
	image_free(image);
	return 0;
}

void npa_import(struct npa *npa, const struct npa_state *state,
		const struct port_stats *vf_total)
{
	npa->wish_vf = state->wish_vf;
	npa->guest_npa = state->guest_npa;
	npa->seq = state->seq;
	npa->message = state->message;
	npa->message_path = VMXNET3_NPA_MSG_PATH_EMULATED;
	npa->status = state->status;
	npa->rejected = state->rejected;
	npa->on_vf = false;
	npa->refusal = state->refusal;
	npa->refusal_seq = state->refusal_seq;
	npa->to_vf = state->to_vf;
	npa->to_emulated = state->to_emulated;
	npa->refused = state->refused;
	npa->old_pages = state->old_pages;
	memcpy(npa->old_ppn, state->old_ppn, sizeof(npa->old_ppn));
	npa->vf_total = *vf_total;
	memset(&npa->times, 0, sizeof(npa->times));
}

void npa_arrived(struct npa *npa)
{
	const char *why;

	if (!npa->wish_vf)
		return;
	if (npa_get_vf(npa, NULL, &why)) {
		npa_event(npa, "migration", "stays emulated: %s", why);
		return;
	}
	npa_update_path(npa, VMXNET3_NPA_MSG_REASON_MIGRATION);
}

void npa_set_window(struct npa *npa, uint8_t *window)
{
	npa->env.window = window;
	npa->pf_env.window = npa_window(npa);
}
