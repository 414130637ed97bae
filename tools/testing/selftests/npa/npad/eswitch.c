// SPDX-License-Identifier: GPL-2.0
/*
 * The embedded switch.  A unicast frame goes to the port that has its address
 * and else to the uplink; others go to all that want them.  The switch keeps
 * no frames: a full port makes the sender wait.
 *
 * A frame from a port of a vNIC never comes back to a port with the same
 * address: during a switch of the data path that is the same guest.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "port.h"

struct eswitch {
	struct port *ports;
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

static bool is_broadcast(const uint8_t *addr)
{
	static const uint8_t broadcast[6] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff
	};

	return !memcmp(addr, broadcast, 6);
}

bool port_wants(const struct port *port, const uint8_t dst[6])
{
	if (port->rx_mode & PORT_RX_PROMISC)
		return true;
	if (is_broadcast(dst))
		return port->rx_mode & PORT_RX_BCAST;
	if (dst[0] & 1)
		return port->rx_mode & (PORT_RX_MCAST | PORT_RX_ALLMULTI);
	return port->rx_mode & PORT_RX_UCAST && !memcmp(port->mac, dst, 6);
}

/* Can a frame go from one port to the other at all? */
static bool is_open(const struct port *from, const struct port *to)
{
	if (to == from || !to->enabled ||
	    to->flags & (PORT_NO_RX | PORT_NO_LINK))
		return false;
	return (from->flags | to->flags) & PORT_UPLINK ||
	       memcmp(from->mac, to->mac, 6);
}

struct segment_target {
	struct port *port;
};

static void count_rx(struct port *port, const struct frame *f)
{
	port->stats.rx_packets++;
	port->stats.rx_bytes += f->len;
}

/* A segment that finds no room is lost; the rest may still be of use. */
static void deliver_segment(void *arg, struct frame *segment)
{
	struct segment_target *target = arg;
	int err = target->port->ops->deliver(target->port, segment);

	if (!err)
		count_rx(target->port, segment);
	else if (err == -EAGAIN)
		target->port->stats.rx_dropped++;
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
	if (err)
		return err;
	err = port->ops->deliver(port, &copy);
	if (!err)
		count_rx(port, &copy);
	return err;
}

static int deliver(struct eswitch *sw, struct port *port, struct frame *f)
{
	int err;

	if (port->flags & PORT_HOLD)
		return -EAGAIN;
	if ((f->csum_partial || f->gso_size) &&
	    !(port->flags & PORT_TAKES_OFFLOADS))
		return deliver_finished(sw, port, f);
	err = port->ops->deliver(port, f);
	if (!err)
		count_rx(port, f);
	return err;
}

/* The one port that a unicast frame is for, NULL if there is none. */
static struct port *lookup(struct eswitch *sw, struct port *from,
			   const uint8_t *dst)
{
	struct port *port, *uplink = NULL;

	for (port = sw->ports; port; port = port->next) {
		if (!is_open(from, port))
			continue;
		if (port->flags & PORT_UPLINK)
			uplink = port;
		else if (!memcmp(port->mac, dst, 6) &&
			 port->rx_mode & (PORT_RX_UCAST | PORT_RX_PROMISC))
			return port;
	}
	return uplink;
}

/* Copies for all that want the frame, except one port that gets it anyway. */
static void flood(struct eswitch *sw, struct port *from, struct port *except,
		  struct frame *f, bool unicast)
{
	for (struct port *port = sw->ports; port; port = port->next) {
		if (port == except || !is_open(from, port))
			continue;
		if (port->flags & PORT_UPLINK ? unicast :
		    !port_wants(port, f->data))
			continue;
		if (deliver(sw, port, f) == -EAGAIN)
			port->stats.rx_dropped++;
	}
}

/*
 * Who can make the sender of a group frame wait: the only port that wants it,
 * if it is only one.
 */
static struct port *only_receiver(struct eswitch *sw, struct port *from,
				  const uint8_t *dst)
{
	struct port *port, *only = NULL;

	for (port = sw->ports; port; port = port->next) {
		if (!is_open(from, port))
			continue;
		if (!(port->flags & PORT_UPLINK) && !port_wants(port, dst))
			continue;
		if (only)
			return NULL;
		only = port;
	}
	return only;
}

static void count_tx(struct port *port, const struct frame *f)
{
	port->stats.tx_packets++;
	port->stats.tx_bytes += f->len;
}

int eswitch_send(struct eswitch *sw, struct port *from, struct frame *f)
{
	bool unicast;
	struct port *to;

	if (!from->enabled || from->flags & PORT_NO_LINK ||
	    f->len < FRAME_HEADER_LEN || f->len > FRAME_MAX) {
		from->stats.tx_dropped++;
		return 0;
	}
	unicast = !(f->data[0] & 1);
	to = unicast ? lookup(sw, from, f->data) :
		       only_receiver(sw, from, f->data);
	if (to && deliver(sw, to, f) == -EAGAIN)
		return -EAGAIN;
	flood(sw, from, to, f, unicast);
	count_tx(from, f);
	return 0;
}

void eswitch_kick(struct eswitch *sw)
{
	for (struct port *port = sw->ports; port; port = port->next)
		if (port->ops->kicked)
			port->ops->kicked(port);
}
