// SPDX-License-Identifier: GPL-2.0
/*
 * The embedded switch.  A unicast frame goes to the port that has its address
 * and else to the uplink; others go to all that want them.  The switch keeps
 * no frames: a full port makes the sender wait, for a while.
 *
 * A frame from a port of a vNIC never comes back to a port of the same vNIC:
 * during a switch of the data path that is the same guest.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loop.h"
#include "port.h"

#define PATIENCE_NS	500000000ull	/* to wait for a port at most */
#define PATIENCE_SHARE	4		/* of the time, afterwards */

struct eswitch {
	struct port *ports;
	void (*mirror)(void *arg, const struct frame *f);
	void *mirror_arg;
	uint8_t segment[FRAME_MAX];
	uint8_t copy[FRAME_MAX];
};

struct eswitch *eswitch_new(void)
{
	return calloc(1, sizeof(struct eswitch));
}

void eswitch_free(struct eswitch *sw)
{
	free(sw);
}

void eswitch_add(struct eswitch *sw, struct port *port)
{
	port->sw = sw;
	port->next = sw->ports;
	sw->ports = port;
}

void eswitch_del(struct eswitch *sw, struct port *port)
{
	struct port **link = &sw->ports;

	while (*link && *link != port)
		link = &(*link)->next;
	if (*link)
		*link = port->next;
	port->sw = NULL;
}

struct port *eswitch_next(struct eswitch *sw, struct port *port)
{
	return port ? port->next : sw->ports;
}

void eswitch_set_mirror(struct eswitch *sw,
			void (*fn)(void *arg, const struct frame *f), void *arg)
{
	sw->mirror = fn;
	sw->mirror_arg = arg;
}

/* Do two ports belong to one vNIC? */
static bool are_twins(const struct port *a, const struct port *b)
{
	if ((a->flags | b->flags) & PORT_UPLINK)
		return false;
	return a->owner ? a->owner == b->owner : !memcmp(a->mac, b->mac, 6);
}

/* Can a frame go from one port to the other at all? */
static bool is_open(const struct port *from, const struct port *to)
{
	return to != from && to->enabled &&
	       !(to->flags & (PORT_NO_RX | PORT_NO_LINK)) &&
	       !are_twins(from, to);
}

/* A frame that the port wants: does its VLAN get through? */
static bool vlan_passes(const struct port *port, const struct frame *f)
{
	return port->flags & PORT_UPLINK ||
	       (port_policy_passes(port, f) && port_filter_passes(port, f));
}

/* Are there others that suffer from waiting for a port? */
static bool has_others(struct eswitch *sw, const struct port *port)
{
	for (struct port *other = sw->ports; other; other = other->next)
		if (other != port && other->enabled &&
		    !(other->flags & PORT_UPLINK) && !are_twins(other, port))
			return true;
	return false;
}

/* The port has no room: is it worth the others' time? */
static bool may_wait(struct eswitch *sw, struct port *port)
{
	uint64_t now = loop_now(), gained;

	if (!port->full_since) {
		port->full_since = now;
		gained = (now - port->waited_until) / PATIENCE_SHARE;
		port->waited -= gained < port->waited ? gained : port->waited;
	}
	if (port->flags & PORT_UPLINK || !has_others(sw, port))
		return true;
	return now - port->full_since + port->waited < PATIENCE_NS;
}

static void has_room(struct port *port)
{
	if (!port->full_since)
		return;
	port->waited_until = loop_now();
	port->waited += port->waited_until - port->full_since;
	if (port->waited > PATIENCE_NS)
		port->waited = PATIENCE_NS;
	port->full_since = 0;
}

struct segment_target {
	struct port *port;
};

static int deliver_one(struct port *port, struct frame *f)
{
	int err;

	if (port_too_long(port, f)) {
		port->stats.rx_too_long++;
		port->stats.rx_dropped++;
		return -EMSGSIZE;
	}
	err = port->ops->deliver(port, f);
	if (err)
		return err;
	has_room(port);
	port->stats.rx_packets++;
	port->stats.rx_bytes += f->len;
	return 0;
}

static void count_no_room(struct port *port)
{
	port->stats.rx_no_room++;
	port->stats.rx_dropped++;
}

/* A segment that finds no room is lost; the rest may still be of use. */
static void deliver_segment(void *arg, struct frame *segment)
{
	struct segment_target *target = arg;

	if (deliver_one(target->port, segment) == -EAGAIN)
		count_no_room(target->port);
}

/* For a port without offloads: finish the checksum, cut it into segments. */
static int deliver_finished(struct eswitch *sw, struct port *port,
			    const struct frame *f)
{
	struct segment_target target = { .port = port };
	struct frame copy = *f;
	int err;

	if (f->gso_size) {
		frame_segment(f, sw->segment, deliver_segment, &target);
		return 0;
	}
	copy.data = sw->copy;
	memcpy(copy.data, f->data, f->len);
	err = frame_finish_csum(&copy);
	return err ? err : deliver_one(port, &copy);
}

static int deliver(struct eswitch *sw, struct port *port,
		   const struct frame *f)
{
	struct frame copy = *f;

	if (port->flags & PORT_HOLD)
		return -EAGAIN;
	if (port->flags & PORT_DEAF) {
		count_no_room(port);
		return -ENETDOWN;
	}
	port_egress(port, &copy);
	if ((f->csum_partial || f->gso_size) &&
	    !(port->flags & PORT_TAKES_OFFLOADS))
		return deliver_finished(sw, port, &copy);
	return deliver_one(port, &copy);
}

/* The one port that a unicast frame is for, NULL if there is none. */
static struct port *lookup(struct eswitch *sw, struct port *from,
			   const struct frame *f)
{
	struct port *port, *uplink = NULL;

	for (port = sw->ports; port; port = port->next) {
		if (!is_open(from, port))
			continue;
		if (port->flags & PORT_UPLINK)
			uplink = port;
		else if (port_has_mac(port, f->data) &&
			 port_wants(port, f->data) && vlan_passes(port, f))
			return port;
	}
	return uplink;
}

/*
 * Copies for all that want the frame, except one port that gets it anyway.
 * Whoever would want it but may not have it gets it counted.
 */
static void flood(struct eswitch *sw, struct port *from, struct port *except,
		  const struct frame *f, bool unicast)
{
	for (struct port *port = sw->ports; port; port = port->next) {
		bool uplink = port->flags & PORT_UPLINK;

		if (port == except || !is_open(from, port))
			continue;
		if (uplink ? unicast : !port_wants(port, f->data))
			continue;
		if (!uplink && !port_policy_passes(port, f)) {
			port->stats.rx_vlan++;
			port->stats.rx_dropped++;
		} else if (vlan_passes(port, f) &&
			   deliver(sw, port, f) == -EAGAIN) {
			count_no_room(port);
		}
	}
}

/*
 * Who can make the sender of a group frame wait: the only port that wants it,
 * if it is only one.
 */
static struct port *only_receiver(struct eswitch *sw, struct port *from,
				  const struct frame *f)
{
	struct port *port, *only = NULL;

	for (port = sw->ports; port; port = port->next) {
		if (!is_open(from, port))
			continue;
		if (!(port->flags & PORT_UPLINK) &&
		    !(port_wants(port, f->data) && vlan_passes(port, f)))
			continue;
		if (only)
			return NULL;
		only = port;
	}
	return only;
}

/* May the port send this at all? Counted if not. */
static bool admit(struct port *from, struct frame *f)
{
	if (from->enabled && from->flags & PORT_NO_LINK)
		from->stats.tx_no_link++;
	else if (from->enabled && f->len >= FRAME_HEADER_LEN &&
		 f->len <= FRAME_MAX && port_ingress(from, f))
		return true;
	from->stats.tx_dropped++;
	return false;
}

int eswitch_send(struct eswitch *sw, struct port *from, struct frame *f)
{
	struct frame wire = *f;
	struct port *to;
	bool unicast;

	if (!admit(from, &wire))
		return 0;
	unicast = !(f->data[0] & 1);
	to = unicast ? lookup(sw, from, &wire) :
		       only_receiver(sw, from, &wire);
	if (to && deliver(sw, to, &wire) == -EAGAIN) {
		if (may_wait(sw, to))
			return -EAGAIN;
		count_no_room(to);
	}
	flood(sw, from, to, &wire, unicast);
	if (sw->mirror)
		sw->mirror(sw->mirror_arg, &wire);
	from->stats.tx_packets++;
	from->stats.tx_bytes += f->len;
	return 0;
}

void eswitch_kick(struct eswitch *sw)
{
	for (struct port *port = sw->ports; port; port = port->next)
		if (port->ops->kicked)
			port->ops->kicked(port);
}
