// SPDX-License-Identifier: GPL-2.0
/*
 * PF control of a VF's port: the same for every model, since the switch
 * enforces it in the hardware's place.
 */
#include "pf.h"

void pf_set_policy(const struct pf_ops *ops, struct vf *vf,
		   const struct port_policy *policy)
{
	ops->port(vf)->policy = *policy;
}

void pf_set_vlan_filter(const struct pf_ops *ops, struct vf *vf,
			const uint32_t *table)
{
	port_set_vlan_filter(ops->port(vf), table);
}
