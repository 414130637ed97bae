// SPDX-License-Identifier: GPL-2.0
/*
 * VLANs as text.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vlan_ranges.h"

/* A number, and nothing that strtoul() takes besides. */
static int parse_vlan(const char **text, unsigned int *vlan)
{
	unsigned long number;
	char *end;

	if (!isdigit((unsigned char)**text))
		return -EINVAL;
	errno = 0;
	number = strtoul(*text, &end, 10);
	if (errno || number >= PORT_VLANS)
		return -EINVAL;
	*text = end;
	*vlan = number;
	return 0;
}

static int parse_range(const char **text, struct port_policy *policy)
{
	unsigned int first, last;
	int err;

	err = parse_vlan(text, &first);
	last = first;
	if (!err && **text == '-') {
		++*text;
		err = parse_vlan(text, &last);
	}
	return err ? err : policy_vlan_add(policy, first, last);
}

int vlan_ranges_parse(const char *text, struct port_policy *policy)
{
	struct port_policy changed = *policy;
	int err = 0;

	if (!strcmp(text, "all"))
		return policy_vlan_add(policy, 0, PORT_VLANS - 1);
	policy_vlan_del(&changed, 0, PORT_VLANS - 1);
	if (strcmp(text, "none"))
		err = parse_range(&text, &changed);
	else
		text += strlen(text);
	while (!err && *text == ',') {
		text++;
		err = parse_range(&text, &changed);
	}
	if (err || *text)
		return -EINVAL;
	*policy = changed;
	return 0;
}

void vlan_ranges_print(const struct port_policy *policy, char *text)
{
	unsigned int vlan = 0, first;
	char *end = text;

	while (vlan < PORT_VLANS) {
		if (!policy_allows_vlan(policy, vlan)) {
			vlan++;
			continue;
		}
		first = vlan;
		while (vlan < PORT_VLANS && policy_allows_vlan(policy, vlan))
			vlan++;
		end += sprintf(end, "%s%u", end == text ? "" : ",", first);
		if (vlan - 1 > first)
			end += sprintf(end, "-%u", vlan - 1);
	}
	if (end == text)
		strcpy(text, "none");
	else if (!strcmp(text, "0-4095"))
		strcpy(text, "all");
}
