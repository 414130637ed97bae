/* SPDX-License-Identifier: GPL-2.0 */
/*
 * VLANs as text: "all", "none", or ranges "0,10-20,4000"; 0 is for frames
 * without a tag.
 */
#ifndef NPAD_VLAN_RANGES_H
#define NPAD_VLAN_RANGES_H

#include "port.h"

#define VLAN_RANGES_LEN	(PORT_VLANS / 2 * 5 + 1)	/* every other one */

/* What a policy allows becomes what text says.  -EINVAL: nothing changes. */
int vlan_ranges_parse(const char *text, struct port_policy *policy);

/* text: VLAN_RANGES_LEN bytes */
void vlan_ranges_print(const struct port_policy *policy, char *text);

#endif
