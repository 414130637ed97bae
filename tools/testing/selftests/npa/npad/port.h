/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The embedded switch: ports (emulated vNIC, VF, uplink) and the way a frame
 * takes between them.
 */
#ifndef NPAD_PORT_H
#define NPAD_PORT_H

#include "frame.h"

struct eswitch;
struct port;

struct port_stats {
	uint64_t rx_packets, rx_bytes;	/* from the switch to the port */
	uint64_t tx_packets, tx_bytes;	/* from the port into the switch */
	uint64_t rx_dropped;		/* no buffer in time, or not wanted */
	uint64_t tx_dropped;		/* malformed, spoofed */
};

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
 */
enum port_flag {
	PORT_TAKES_OFFLOADS = 1 << 0,
	PORT_UPLINK = 1 << 1,
	PORT_NO_RX = 1 << 2,
	PORT_NO_LINK = 1 << 3,
	PORT_HOLD = 1 << 4,
};

enum port_rx_mode {		/* the bits of VMXNET3_RXM_* */
	PORT_RX_UCAST = 1 << 0,
	PORT_RX_MCAST = 1 << 1,
	PORT_RX_BCAST = 1 << 2,
	PORT_RX_ALLMULTI = 1 << 3,
	PORT_RX_PROMISC = 1 << 4,
};

/**
 * struct port - a port of the switch, embedded in its owner
 * @ops: what it does
 * @name: for people and for the statistics
 * @arg: for the owner
 * @flags: bits of &enum port_flag
 * @enabled: gets and sends frames at all
 * @mac: its unicast address, if it is not the uplink
 * @rx_mode: bits of &enum port_rx_mode
 * @stats: kept by the switch, except drops inside deliver()
 * @sw: the switch (private)
 * @next: list of the switch (private)
 */
struct port {
	const struct port_ops *ops;
	const char *name;
	void *arg;
	unsigned int flags;
	bool enabled;
	uint8_t mac[6];
	unsigned int rx_mode;
	struct port_stats stats;
	struct eswitch *sw;
	struct port *next;
};

/* Does a port with this address and mode want a frame for dst? (multicast
 * lists are the port's own affair)
 */
bool port_wants(const struct port *port, const uint8_t dst[6]);

struct eswitch *eswitch_new(void);
void eswitch_free(struct eswitch *sw);
void eswitch_add(struct eswitch *sw, struct port *port);
void eswitch_del(struct eswitch *sw, struct port *port);

/*
 * Send a frame from a port into the switch.  0 if it was delivered, dropped
 * or flooded; -EAGAIN if the one port it goes to has no room (nothing was
 * counted, the caller may try again).
 */
int eswitch_send(struct eswitch *sw, struct port *from, struct frame *f);

/* A port has room again. */
void eswitch_kick(struct eswitch *sw);

#endif
