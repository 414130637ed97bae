// SPDX-License-Identifier: GPL-2.0
/*
 * Guests that do not answer a message: their driver hangs, or does not know
 * what a message is.  What was offered is withdrawn, and a VF that has to come
 * back is taken.
 */
#include "npa_priv.h"

#define NSEC_PER_SEC	1000000000ull

/* Has the guest still to do what the newest message says? */
static bool is_outstanding(const struct npa *npa)
{
	if (npa->message_path == VMXNET3_NPA_MSG_PATH_VF)
		return !npa->on_vf;
	return npa->vf_active;
}

/* The guest wants what a VF cannot do, and nobody wants the VF back. */
static bool may_keep_vf(const struct npa *npa)
{
	return npa->wish_vf && npa->message_path ==
	       VMXNET3_NPA_MSG_PATH_EMULATED;
}

static void no_answer(void *arg)
{
	struct npa *npa = arg;

	if (!is_outstanding(npa))
		return;
	npa->unanswered++;
	npa_event(npa, "unanswered", "message %u, after %llu s: %s", npa->seq,
		  (unsigned long long)(npa->env.answer_ns / NSEC_PER_SEC),
		  may_keep_vf(npa) ? "the VF stays" : "the VF is withdrawn");
	if (!may_keep_vf(npa))
		npa_take_vf(npa);
}

void npa_expect_answer(struct npa *npa)
{
	npa->answer.fn = no_answer;
	npa->answer.arg = npa;
	if (is_outstanding(npa))
		loop_arm(npa->env.loop, &npa->answer, npa->env.answer_ns);
	else
		loop_cancel(npa->env.loop, &npa->answer);
}
