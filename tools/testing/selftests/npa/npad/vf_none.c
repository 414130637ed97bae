// SPDX-License-Identifier: GPL-2.0
/*
 * No VF: a host that can run a guest with NPA, but has no VF to give.  Nothing
 * is called but get_info and acquire.
 */
#include <errno.h>

#include "pf.h"

/* Any number of queues: the guest may have come from any host, or go there. */
static const struct pf_vf_info info = {
	.model = "none",
	.max_queues = PF_MAX_QUEUES,
};

static const struct pf_vf_info *get_info(void)
{
	return &info;
}

static struct vf *acquire(const struct pf_env *env)
{
	(void)env;
	errno = ENODEV;
	return NULL;
}

const struct pf_ops vf_none_ops = {
	.get_info = get_info,
	.acquire = acquire,
};
