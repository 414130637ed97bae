/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The embedded switch: ports (emulated vNIC, VF, uplink) and the way a frame
 * takes between them.  eswitch.c has the way, port.c what a port lets through.
 *
 * A port of a vNIC has two kinds of rules.  Its filters (address, rx mode,
 * groups, VLAN filter, MTU) are the guest's wishes.  Its policy is the
 * hypervisor's; the guest can neither see nor change it, and it holds for a
 * VF as for the emulated device.  The uplink has no rules: what is on the wire
 * is the network's affair, and its frames carry their tags.
 */
#ifndef NPAD_PORT_H
#define NPAD_PORT_H

#include "frame.h"

struct eswitch;
struct port;

#define PORT_MAX_MULTICAST	512	/* groups */
#define PORT_MAX_MACS		16	/* additional addresses */
#define PORT_HASHES		4096
#define PORT_VLANS		4096
#define PORT_VLAN_WORDS		(PORT_VLANS / 32)

/**
 * struct port_stats - counters of a port
 * @rx_packets: from the switch to the port
 * @rx_bytes: the same, without tags
 * @tx_packets: from the port into the switch
 * @tx_bytes: the same
 * @rx_dropped: not delivered for any reason, those below included
 * @rx_no_room: no buffer in time
 * @rx_vlan: it would have got them, but for the VLANs it is allowed
 * @rx_too_long: longer than its MTU
 * @tx_dropped: not taken for any reason, those below included
 * @tx_spoofed: source address was not the port's
 * @tx_vlan: on a VLAN that is not allowed
 * @tx_no_link: the cable is unplugged
 */
struct port_stats {
	uint64_t rx_packets, rx_bytes;
	uint64_t tx_packets, tx_bytes;
	uint64_t rx_dropped, rx_no_room, rx_vlan, rx_too_long;
	uint64_t tx_dropped, tx_spoofed, tx_vlan, tx_no_link;
};

void port_stats_add(struct port_stats *to, const struct port_stats *from);

/**
 * struct port_ops - what a port does
 * @deliver: Take a frame from the switch.  0: done.  -EAGAIN: no room now;
 *	the port calls eswitch_kick() when there is, and whoever has a queue
 *	(the uplink) waits for that, for a bounded time.  Other negative
 *	errno: dropped, the port has counted it.
 * @kicked: some other port has room again; may be NULL
 */
struct port_ops {
	int (*deliver)(struct port *port, struct frame *f);
	void (*kicked)(struct port *port);
};

/**
 * enum port_flag - properties of a port
 * @PORT_TAKES_OFFLOADS: it takes frames with csum_partial and gso_size
 * @PORT_UPLINK: gets every frame that is for no other port
 * @PORT_NO_RX: gets no frames: its vNIC receives at another port.  During a
 *	switch two ports belong to one vNIC; this flag, moved by npa.c, says
 *	which of them has the address, and keeps the other from hearing what
 *	its twin sends
 * @PORT_NO_LINK: its cable is unplugged: nothing gets in or out
 * @PORT_HOLD: it will take frames soon; until then they have to wait, as if
 *	it had no room
 * @PORT_DEAF: it has been waited for long enough; what is for it is dropped
 *	and counted, as for one without room
 */
enum port_flag {
	PORT_TAKES_OFFLOADS = 1 << 0,
	PORT_UPLINK = 1 << 1,
	PORT_NO_RX = 1 << 2,
	PORT_NO_LINK = 1 << 3,
	PORT_HOLD = 1 << 4,
	PORT_DEAF = 1 << 5,
};

enum port_rx_mode {		/* the bits of VMXNET3_RXM_* */
	PORT_RX_UCAST = 1 << 0,
	PORT_RX_MCAST = 1 << 1,
	PORT_RX_BCAST = 1 << 2,
	PORT_RX_ALLMULTI = 1 << 3,
	PORT_RX_PROMISC = 1 << 4,
};

/**
 * struct port_policy - the hypervisor's rules; all zeroes allow everything
 * @antispoof: a frame's source address must be one of the port's
 * @default_vlan: 1 to 4094: tag of all its frames, inserted behind the port
 *	and removed before it, and a tagged frame from it is dropped (but a
 *	priority tag's priority is taken over); 0: none
 * @denied: bitmap of VLANs that it may not use without a default VLAN; bit 0
 *	is for untagged and priority-tagged frames
 * @macs: addresses that it has besides its own
 * @num_macs: how many
 */
struct port_policy {
	bool antispoof;
	uint16_t default_vlan;
	uint32_t denied[PORT_VLAN_WORDS];
	uint8_t macs[PORT_MAX_MACS][6];
	unsigned int num_macs;
};

/**
 * struct port - a port of the switch, embedded in its owner
 * @ops: what it does
 * @name: for people and for the statistics
 * @arg: for the owner
 * @owner: ports with the same owner are of one vNIC and hear nothing of each
 *	other; NULL: those with the same address are
 * @flags: bits of &enum port_flag
 * @enabled: gets and sends frames at all
 * @mac: its unicast address, if it is not the uplink
 * @rx_mode: bits of &enum port_rx_mode
 * @mtu: longest frame it takes, without header and tag; 0: any
 * @multicast: groups it listens to
 * @num_multicast: how many
 * @hashes: bitmap of 12-bit hashes of more groups
 * @vlan_filter: tagged frames must be on a VLAN of @vlans
 * @vlans: bitmap
 * @policy: the hypervisor's rules
 * @stats: kept by the switch, except drops inside deliver()
 * @full_since: when it began to have no room, 0 if it has some (private)
 * @waited: nanoseconds others have waited for it lately (private)
 * @waited_until: when that was counted (private)
 * @sw: the switch (private)
 * @next: list of the switch (private)
 */
struct port {
	const struct port_ops *ops;
	const char *name;
	void *arg;
	const void *owner;
	unsigned int flags;
	bool enabled;
	uint8_t mac[6];
	unsigned int rx_mode;
	uint32_t mtu;
	uint8_t multicast[PORT_MAX_MULTICAST][6];
	unsigned int num_multicast;
	uint32_t hashes[PORT_HASHES / 32];
	bool vlan_filter;
	uint32_t vlans[PORT_VLAN_WORDS];
	struct port_policy policy;
	struct port_stats stats;
	uint64_t full_since;
	uint64_t waited;
	uint64_t waited_until;
	struct eswitch *sw;
	struct port *next;
};

/* Filters, set for the guest.  -EINVAL: a group address; -ENOSPC: more than
 * fits.
 */
int port_set_mac(struct port *port, const uint8_t mac[6]);
int port_set_multicast(struct port *port, const uint8_t (*addr)[6],
		       unsigned int count);
/* Groups by bits 47:36 of their address; count 0: none. */
void port_set_hashes(struct port *port, const uint16_t *hashes,
		     unsigned int count);
/* table: PORT_VLAN_WORDS words, NULL: tagged frames of all VLANs. */
void port_set_vlan_filter(struct port *port, const uint32_t *table);
/* One VLAN of the filter; -EINVAL if there is no such VLAN. */
int port_set_vlan(struct port *port, unsigned int vlan, bool on);
void port_set_link(struct port *port, bool up);

/* Policy, set by the hypervisor.  -EINVAL: no such VLAN, no unicast address;
 * -ENOSPC: no room for one more; -ENOENT: there is no such address.
 */
int policy_vlan_add(struct port_policy *policy, unsigned int first,
		    unsigned int last);
int policy_vlan_del(struct port_policy *policy, unsigned int first,
		    unsigned int last);
int policy_set_default_vlan(struct port_policy *policy, unsigned int vlan);
int policy_mac_add(struct port_policy *policy, const uint8_t mac[6]);
int policy_mac_del(struct port_policy *policy, const uint8_t mac[6]);
bool policy_allows_vlan(const struct port_policy *policy, unsigned int vlan);

/* What a port lets through. */

/* Is this one of its addresses? */
bool port_has_mac(const struct port *port, const uint8_t mac[6]);
/* Does it listen to this group by name? */
bool port_in_multicast(const struct port *port, const uint8_t dst[6]);
/* Do address and rx mode want a frame for dst? */
bool port_wants(const struct port *port, const uint8_t dst[6]);

/*
 * From a port into the switch: false if its policy forbids the frame, which
 * has been counted then.  Puts the default VLAN's tag on.
 */
bool port_ingress(struct port *port, struct frame *f);

/* From the switch to a port: may it have a frame on this VLAN, by its policy
 * and by its own filter?
 */
bool port_policy_passes(const struct port *port, const struct frame *f);
bool port_filter_passes(const struct port *port, const struct frame *f);
/* Take the default VLAN's tag off. */
void port_egress(const struct port *port, struct frame *f);
bool port_too_long(const struct port *port, const struct frame *f);

struct eswitch *eswitch_new(void);
void eswitch_free(struct eswitch *sw);
void eswitch_add(struct eswitch *sw, struct port *port);
void eswitch_del(struct eswitch *sw, struct port *port);

/* Ports, one after the other; NULL: the first, or no more. */
struct port *eswitch_next(struct eswitch *sw, struct port *port);

/*
 * Send a frame from a port into the switch.  0 if it was delivered, dropped
 * or flooded; -EAGAIN if the one port it goes to has no room (nothing was
 * counted, the caller may try again).  Who waits for a port holds up frames
 * for others: if there are any, a port is waited for half a second, and for a
 * quarter of the time in the long run, and then drops what it has no room for.
 */
int eswitch_send(struct eswitch *sw, struct port *from, struct frame *f);

/* A port has room again. */
void eswitch_kick(struct eswitch *sw);

/* fn sees a copy of each frame that a port may send, once, as it is on the
 * wire; NULL: nobody does.
 */
void eswitch_set_mirror(struct eswitch *sw,
			void (*fn)(void *arg, const struct frame *f),
			void *arg);

#endif
