// SPDX-License-Identifier: GPL-2.0
/*
 * What a port of the switch lets through.
 */
#include <errno.h>
#include <string.h>

#include "port.h"

#define VLAN_VID	0x0fffu
#define VLAN_PRIO	0xf000u
#define VLAN_LAST	4094	/* 4095 is reserved */

static bool is_group(const uint8_t *addr)
{
	return addr[0] & 1;
}

static bool is_broadcast(const uint8_t *addr)
{
	static const uint8_t broadcast[6] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff
	};

	return !memcmp(addr, broadcast, 6);
}

static bool get_bit(const uint32_t *words, unsigned int bit)
{
	return words[bit / 32] >> bit % 32 & 1;
}

static void set_bit(uint32_t *words, unsigned int bit, bool on)
{
	uint32_t mask = 1u << bit % 32;

	if (on)
		words[bit / 32] |= mask;
	else
		words[bit / 32] &= ~mask;
}

static unsigned int vlan_of(const struct frame *f)
{
	return f->has_vlan ? f->vlan_tci & VLAN_VID : 0;
}

void port_stats_add(struct port_stats *to, const struct port_stats *from)
{
	const uint64_t *words = (const uint64_t *)from;
	uint64_t *sums = (uint64_t *)to;

	for (size_t i = 0; i < sizeof(*to) / sizeof(*sums); i++)
		sums[i] += words[i];
}

/* Filters */

int port_set_mac(struct port *port, const uint8_t mac[6])
{
	if (is_group(mac))
		return -EINVAL;
	memcpy(port->mac, mac, 6);
	return 0;
}

int port_set_multicast(struct port *port, const uint8_t (*addr)[6],
		       unsigned int count)
{
	if (count > PORT_MAX_MULTICAST)
		return -ENOSPC;
	memmove(port->multicast, addr, count * sizeof(addr[0]));
	port->num_multicast = count;
	return 0;
}

void port_set_hashes(struct port *port, const uint16_t *hashes,
		     unsigned int count)
{
	memset(port->hashes, 0, sizeof(port->hashes));
	for (unsigned int i = 0; i < count; i++)
		set_bit(port->hashes, hashes[i] % PORT_HASHES, true);
}

int port_set_vlan(struct port *port, unsigned int vlan, bool on)
{
	if (vlan >= PORT_VLANS)
		return -EINVAL;
	set_bit(port->vlans, vlan, on);
	return 0;
}

void port_set_vlan_filter(struct port *port, const uint32_t *table)
{
	port->vlan_filter = table;
	if (table)
		memmove(port->vlans, table, sizeof(port->vlans));
}

void port_set_link(struct port *port, bool up)
{
	if (up)
		port->flags &= ~PORT_NO_LINK;
	else
		port->flags |= PORT_NO_LINK;
}

/* Policy */

static int change_vlans(struct port_policy *policy, unsigned int first,
			unsigned int last, bool deny)
{
	if (first > last || last >= PORT_VLANS)
		return -EINVAL;
	for (unsigned int vlan = first; vlan <= last; vlan++)
		set_bit(policy->denied, vlan, deny);
	return 0;
}

int policy_vlan_add(struct port_policy *policy, unsigned int first,
		    unsigned int last)
{
	return change_vlans(policy, first, last, false);
}

int policy_vlan_del(struct port_policy *policy, unsigned int first,
		    unsigned int last)
{
	return change_vlans(policy, first, last, true);
}

int policy_set_default_vlan(struct port_policy *policy, unsigned int vlan)
{
	if (vlan > VLAN_LAST)
		return -EINVAL;
	policy->default_vlan = vlan;
	return 0;
}

static int find_mac(const struct port_policy *policy, const uint8_t mac[6])
{
	for (unsigned int i = 0; i < policy->num_macs; i++)
		if (!memcmp(policy->macs[i], mac, 6))
			return i;
	return -ENOENT;
}

int policy_mac_add(struct port_policy *policy, const uint8_t mac[6])
{
	if (is_group(mac))
		return -EINVAL;
	if (find_mac(policy, mac) >= 0)
		return 0;
	if (policy->num_macs == PORT_MAX_MACS)
		return -ENOSPC;
	memcpy(policy->macs[policy->num_macs++], mac, 6);
	return 0;
}

int policy_mac_del(struct port_policy *policy, const uint8_t mac[6])
{
	int i = find_mac(policy, mac);

	if (i < 0)
		return i;
	policy->num_macs--;
	memmove(policy->macs[i], policy->macs[i + 1],
		(policy->num_macs - i) * sizeof(policy->macs[0]));
	return 0;
}

bool policy_allows_vlan(const struct port_policy *policy, unsigned int vlan)
{
	return !get_bit(policy->denied, vlan);
}

/* What passes */

bool port_has_mac(const struct port *port, const uint8_t mac[6])
{
	return !memcmp(port->mac, mac, 6) || find_mac(&port->policy, mac) >= 0;
}

bool port_in_multicast(const struct port *port, const uint8_t dst[6])
{
	for (unsigned int i = 0; i < port->num_multicast; i++)
		if (!memcmp(port->multicast[i], dst, 6))
			return true;
	return false;
}

static bool in_hashes(const struct port *port, const uint8_t dst[6])
{
	return get_bit(port->hashes,
		       (dst[4] >> 4 | dst[5] << 4) % PORT_HASHES);
}

bool port_wants(const struct port *port, const uint8_t dst[6])
{
	if (port->rx_mode & PORT_RX_PROMISC)
		return true;
	if (is_broadcast(dst))
		return port->rx_mode & PORT_RX_BCAST;
	if (is_group(dst))
		return port->rx_mode & PORT_RX_ALLMULTI ||
		       (port->rx_mode & PORT_RX_MCAST &&
			(port_in_multicast(port, dst) || in_hashes(port, dst)));
	return port->rx_mode & PORT_RX_UCAST && port_has_mac(port, dst);
}

bool port_ingress(struct port *port, struct frame *f)
{
	const struct port_policy *policy = &port->policy;
	unsigned int vlan = vlan_of(f);

	if (port->flags & PORT_UPLINK)
		return true;
	if (policy->antispoof && !port_has_mac(port, f->data + 6)) {
		port->stats.tx_spoofed++;
		return false;
	}
	if (policy->default_vlan ? vlan : !policy_allows_vlan(policy, vlan)) {
		port->stats.tx_vlan++;
		return false;
	}
	if (policy->default_vlan) {
		uint16_t prio = f->has_vlan ? f->vlan_tci & VLAN_PRIO : 0;

		f->has_vlan = true;
		f->vlan_tci = prio | policy->default_vlan;
	}
	return true;
}

bool port_policy_passes(const struct port *port, const struct frame *f)
{
	const struct port_policy *policy = &port->policy;

	if (policy->default_vlan)
		return vlan_of(f) == policy->default_vlan;
	return policy_allows_vlan(policy, vlan_of(f));
}

bool port_filter_passes(const struct port *port, const struct frame *f)
{
	unsigned int vlan = vlan_of(f);

	return !vlan || !port->vlan_filter || port->policy.default_vlan ||
	       port->rx_mode & PORT_RX_PROMISC || get_bit(port->vlans, vlan);
}

void port_egress(const struct port *port, struct frame *f)
{
	if (!(port->flags & PORT_UPLINK) && port->policy.default_vlan) {
		f->has_vlan = false;
		f->vlan_tci = 0;
	}
}

/* Room for a tag is always there, be it within the frame or beside it. */
bool port_too_long(const struct port *port, const struct frame *f)
{
	size_t len = f->len + (f->has_vlan ? FRAME_TAG_LEN : 0);

	/* Of a frame that is to be cut, each segment must fit. */
	if (f->gso_size && len > (size_t)f->hdr_len + f->gso_size)
		len = (size_t)f->hdr_len + f->gso_size;
	return port->mtu &&
	       len > (size_t)port->mtu + FRAME_HEADER_LEN + FRAME_TAG_LEN;
}
