// SPDX-License-Identifier: GPL-2.0
/*
 * The models of VFs that there are, for npad and for the plugins' harness.
 */
#include <string.h>

#include "pf.h"

static const struct pf_ops *const models[] = {
	&vf_82576_ops,
	&vf_82599_ops,
};

const struct pf_ops *pf_next_model(const struct pf_ops *ops)
{
	size_t i = 0;

	if (ops)
		while (models[i++] != ops)
			;
	return i < sizeof(models) / sizeof(models[0]) ? models[i] : NULL;
}

const struct pf_ops *pf_find_model(const char *name)
{
	const struct pf_ops *ops = NULL;

	while ((ops = pf_next_model(ops)))
		if (!strcmp(ops->get_info()->model, name))
			break;
	return ops;
}
