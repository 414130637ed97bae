// SPDX-License-Identifier: GPL-2.0
/*
 * The embedded switch: who gets a frame, what policies and filters hold back,
 * and what is counted.  Ports of this test write down what they get.
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "../pf.h"
#include "tap.h"

#define NUM_PORTS	4	/* two vNICs, a twin of the first, the uplink */
#define FRAME_LEN	100

enum net_port { A, B, TWIN, UPLINK };

/**
 * struct net - a switch and its ports
 * @got: frames that each port got
 * @last: the last of them
 * @full: the port has no room
 * @mirrored: frames that the mirror saw
 * @seen: the last of them
 */
struct net {
	struct tap *tap;
	struct eswitch *sw;
	struct port port[NUM_PORTS];
	unsigned int got[NUM_PORTS];
	struct frame last[NUM_PORTS];
	bool full[NUM_PORTS];
	unsigned int mirrored;
	struct frame seen;
};

#define CHECK(cond)	tap_check(net->tap, cond)

static const uint8_t mac[NUM_PORTS][6] = {
	{ 2, 0, 0, 0, 0, 1 }, { 2, 0, 0, 0, 0, 2 }, { 2, 0, 0, 0, 0, 1 },
	{ 2, 0, 0, 0, 0, 9 },
};

static const uint8_t group[6] = { 1, 0, 0x5e, 0, 0, 1 };
static const uint8_t other_group[6] = { 1, 0, 0x5e, 0, 0, 2 };
static const uint8_t everyone[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

static int take(struct port *port, struct frame *f)
{
	struct net *net = port->arg;
	unsigned int i = port - net->port;

	if (net->full[i])
		return -EAGAIN;
	net->got[i]++;
	net->last[i] = *f;
	return 0;
}

static const struct port_ops port_ops = { .deliver = take };

static void mirror(void *arg, const struct frame *f)
{
	struct net *net = arg;

	net->mirrored++;
	net->seen = *f;
}

static void net_open(struct net *net, struct tap *tap)
{
	memset(net, 0, sizeof(*net));
	net->tap = tap;
	net->sw = eswitch_new();
	for (unsigned int i = 0; i < NUM_PORTS; i++) {
		struct port *port = &net->port[i];

		port->ops = &port_ops;
		port->arg = net;
		port->enabled = true;
		port->owner = i == TWIN ? &net->port[A] : port;
		port->rx_mode = PORT_RX_UCAST | PORT_RX_MCAST | PORT_RX_BCAST;
		port_set_mac(port, mac[i]);
		eswitch_add(net->sw, port);
	}
	net->port[TWIN].flags = PORT_NO_RX;
	net->port[UPLINK].flags = PORT_UPLINK | PORT_TAKES_OFFLOADS;
	eswitch_set_mirror(net->sw, mirror, net);
}

static void net_close(struct net *net, const char *name)
{
	for (unsigned int i = 0; i < NUM_PORTS; i++)
		eswitch_del(net->sw, &net->port[i]);
	CHECK(!eswitch_next(net->sw, NULL));
	eswitch_free(net->sw);
	tap_end(net->tap, "%s", name);
}

/* vlan: -1 for none.  The result is eswitch_send()'s. */
static int send_frame(struct net *net, unsigned int from, const uint8_t *dst,
		      const uint8_t *src, int tci)
{
	uint8_t data[FRAME_LEN] = { 0 };
	struct frame f = { .data = data, .len = sizeof(data) };

	memcpy(data, dst, 6);
	memcpy(data + 6, src, 6);
	data[12] = 8;
	f.has_vlan = tci >= 0;
	f.vlan_tci = tci >= 0 ? tci : 0;
	memset(net->got, 0, sizeof(net->got));
	net->mirrored = 0;
	return eswitch_send(net->sw, &net->port[from], &f);
}

/* Has each port got that many frames? */
static bool got(const struct net *net, unsigned int a, unsigned int b,
		unsigned int twin, unsigned int uplink)
{
	return net->got[A] == a && net->got[B] == b &&
	       net->got[TWIN] == twin && net->got[UPLINK] == uplink;
}

static void test_forward(struct tap *tap)
{
	struct net n, *net = &n;

	net_open(net, tap);
	send_frame(net, A, mac[B], mac[A], -1);
	CHECK(got(net, 0, 1, 0, 0));
	send_frame(net, B, mac[UPLINK], mac[B], -1);
	CHECK(got(net, 0, 0, 0, 1));
	send_frame(net, UPLINK, mac[A], mac[UPLINK], -1);
	CHECK(got(net, 1, 0, 0, 0));
	send_frame(net, UPLINK, mac[UPLINK], mac[UPLINK], -1);
	CHECK(got(net, 0, 0, 0, 0));
	send_frame(net, A, everyone, mac[A], -1);
	CHECK(got(net, 0, 1, 0, 1));
	/* Nobody hears the other half of his own vNIC. */
	send_frame(net, TWIN, everyone, mac[A], -1);
	CHECK(got(net, 0, 1, 0, 1));
	send_frame(net, TWIN, mac[A], mac[A], -1);
	CHECK(got(net, 0, 0, 0, 1));
	/* The address moves to the other half. */
	net->port[A].flags |= PORT_NO_RX;
	net->port[TWIN].flags &= ~PORT_NO_RX;
	send_frame(net, B, mac[A], mac[B], -1);
	CHECK(got(net, 0, 0, 1, 0));
	CHECK(net->port[B].stats.tx_packets == 2);
	CHECK(net->port[B].stats.rx_packets == 3);
	CHECK(net->port[TWIN].stats.rx_bytes == FRAME_LEN);
	net_close(net, "unicast, broadcast, two ports of one vNIC");
}

static void test_groups(struct tap *tap)
{
	const uint16_t hash = (other_group[4] >> 4 | other_group[5] << 4) &
			      0xfff;
	uint8_t list[PORT_MAX_MULTICAST + 1][6];
	struct net n, *net = &n;

	net_open(net, tap);
	CHECK(!port_set_multicast(&net->port[B], &group, 1));
	send_frame(net, A, group, mac[A], -1);
	CHECK(got(net, 0, 1, 0, 1));
	send_frame(net, A, other_group, mac[A], -1);
	CHECK(got(net, 0, 0, 0, 1));
	port_set_hashes(&net->port[B], &hash, 1);
	send_frame(net, A, other_group, mac[A], -1);
	CHECK(got(net, 0, 1, 0, 1));
	port_set_hashes(&net->port[B], NULL, 0);
	net->port[B].rx_mode |= PORT_RX_ALLMULTI;
	send_frame(net, A, other_group, mac[A], -1);
	CHECK(got(net, 0, 1, 0, 1));
	net->port[B].rx_mode = PORT_RX_UCAST;
	send_frame(net, A, group, mac[A], -1);
	CHECK(got(net, 0, 0, 0, 1));
	send_frame(net, A, everyone, mac[A], -1);
	CHECK(got(net, 0, 0, 0, 1));
	net->port[B].rx_mode = PORT_RX_PROMISC;
	send_frame(net, UPLINK, mac[A], mac[UPLINK], -1);
	CHECK(got(net, 1, 1, 0, 0));
	memset(list, 1, sizeof(list));
	CHECK(port_set_multicast(&net->port[B], list, PORT_MAX_MULTICAST + 1) ==
	      -ENOSPC);
	CHECK(net->port[B].num_multicast == 1);
	CHECK(port_set_mac(&net->port[B], group) == -EINVAL);
	net_close(net, "groups, all groups, promiscuous mode");
}

static void test_antispoof(struct tap *tap)
{
	struct net n, *net = &n;
	struct port *port = &n.port[A];

	net_open(net, tap);
	send_frame(net, A, mac[B], mac[B], -1);
	CHECK(got(net, 0, 1, 0, 0));
	port->policy.antispoof = true;
	send_frame(net, A, mac[B], mac[B], -1);
	send_frame(net, A, everyone, mac[UPLINK], -1);
	CHECK(got(net, 0, 0, 0, 0) && !net->mirrored);
	CHECK(port->stats.tx_spoofed == 2 && port->stats.tx_dropped == 2);
	CHECK(port->stats.tx_packets == 1);
	send_frame(net, A, mac[B], mac[A], -1);
	CHECK(got(net, 0, 1, 0, 0));
	/* The address of the port is what counts, also after a change. */
	port_set_mac(port, mac[UPLINK]);
	send_frame(net, A, mac[B], mac[A], -1);
	CHECK(got(net, 0, 0, 0, 0));
	send_frame(net, A, mac[B], mac[UPLINK], -1);
	CHECK(got(net, 0, 1, 0, 0));
	/* From the wire anything may come. */
	net->port[UPLINK].policy.antispoof = true;
	send_frame(net, UPLINK, mac[B], mac[A], -1);
	CHECK(got(net, 0, 1, 0, 0));
	net_close(net, "a forged source address is dropped and counted");
}

static void test_more_addresses(struct tap *tap)
{
	static const uint8_t more[6] = { 2, 0, 0, 0, 1, 1 };
	struct net n, *net = &n;
	struct port_policy *policy = &n.port[A].policy;
	uint8_t addr[6] = { 2, 0, 0, 0, 7, 0 };

	net_open(net, tap);
	policy->antispoof = true;
	send_frame(net, UPLINK, more, mac[UPLINK], -1);
	CHECK(got(net, 0, 0, 0, 0));
	CHECK(!policy_mac_add(policy, more) && !policy_mac_add(policy, more));
	CHECK(policy->num_macs == 1);
	send_frame(net, UPLINK, more, mac[UPLINK], -1);
	CHECK(got(net, 1, 0, 0, 0));
	send_frame(net, A, mac[B], more, -1);
	CHECK(got(net, 0, 1, 0, 0));
	CHECK(policy_mac_add(policy, group) == -EINVAL);
	for (addr[5] = 1; addr[5] < PORT_MAX_MACS; addr[5]++)
		CHECK(!policy_mac_add(policy, addr));
	CHECK(policy_mac_add(policy, addr) == -ENOSPC);
	addr[5] = 1;
	CHECK(!policy_mac_del(policy, more) && !policy_mac_del(policy, addr));
	CHECK(policy_mac_del(policy, more) == -ENOENT);
	CHECK(policy->num_macs == PORT_MAX_MACS - 2);
	addr[5] = PORT_MAX_MACS - 1;
	CHECK(port_has_mac(&net->port[A], addr));
	send_frame(net, UPLINK, more, mac[UPLINK], -1);
	CHECK(got(net, 0, 0, 0, 0));
	net_close(net, "more addresses by policy");
}

static void test_vlan_ranges(struct tap *tap)
{
	struct net n, *net = &n;
	struct port_policy *policy = &n.port[A].policy;
	struct port_stats *stats = &n.port[A].stats;

	net_open(net, tap);
	CHECK(!policy_vlan_del(policy, 0, PORT_VLANS - 1));
	CHECK(!policy_vlan_add(policy, 10, 12));
	CHECK(policy_vlan_add(policy, 12, 10) == -EINVAL);
	CHECK(policy_vlan_add(policy, 1, PORT_VLANS) == -EINVAL);
	/* From the port: the tag passes, another or none does not. */
	send_frame(net, A, mac[B], mac[A], 0x6000 | 12);
	CHECK(got(net, 0, 1, 0, 0) && net->last[B].vlan_tci == 0x600c);
	send_frame(net, A, mac[B], mac[A], 13);
	send_frame(net, A, everyone, mac[A], 9);
	send_frame(net, A, mac[B], mac[A], -1);
	CHECK(got(net, 0, 0, 0, 0));
	CHECK(stats->tx_vlan == 3 && stats->tx_dropped == 3);
	/* To the port: the same, and no other port gets it instead. */
	send_frame(net, UPLINK, mac[A], mac[UPLINK], 10);
	CHECK(got(net, 1, 0, 0, 0) && net->last[A].has_vlan);
	send_frame(net, UPLINK, mac[A], mac[UPLINK], 13);
	send_frame(net, UPLINK, everyone, mac[UPLINK], 13);
	CHECK(got(net, 0, 1, 0, 0));
	send_frame(net, UPLINK, mac[A], mac[UPLINK], -1);
	CHECK(got(net, 0, 0, 0, 0));
	CHECK(stats->rx_vlan == 3 && stats->rx_dropped == 3);
	/* Promiscuous mode does not get round it. */
	net->port[A].rx_mode |= PORT_RX_PROMISC;
	send_frame(net, UPLINK, mac[B], mac[UPLINK], 13);
	CHECK(got(net, 0, 1, 0, 0));
	send_frame(net, UPLINK, mac[B], mac[UPLINK], 11);
	CHECK(got(net, 1, 1, 0, 0));
	CHECK(!policy_vlan_add(policy, 0, 0));
	send_frame(net, A, mac[B], mac[A], -1);
	CHECK(got(net, 0, 1, 0, 0));
	net_close(net, "frames of a foreign VLAN are dropped and counted");
}

static void test_default_vlan(struct tap *tap)
{
	struct net n, *net = &n;
	struct port_policy *policy = &n.port[A].policy;

	net_open(net, tap);
	CHECK(policy_set_default_vlan(policy, 4095) == -EINVAL);
	CHECK(!policy_set_default_vlan(policy, 20));
	send_frame(net, A, mac[UPLINK], mac[A], -1);
	CHECK(got(net, 0, 0, 0, 1));
	CHECK(net->last[UPLINK].has_vlan && net->last[UPLINK].vlan_tci == 20);
	CHECK(net->mirrored == 1 && net->seen.vlan_tci == 20);
	/* The priority of a tag without a VLAN is kept. */
	send_frame(net, A, mac[UPLINK], mac[A], 0xe000);
	CHECK(net->last[UPLINK].vlan_tci == (0xe000 | 20));
	/* A tag of the guest's own, even the right one, is not taken. */
	send_frame(net, A, mac[UPLINK], mac[A], 20);
	send_frame(net, A, mac[UPLINK], mac[A], 21);
	CHECK(got(net, 0, 0, 0, 0) && net->port[A].stats.tx_vlan == 2);
	send_frame(net, UPLINK, mac[A], mac[UPLINK], 20);
	CHECK(got(net, 1, 0, 0, 0) && !net->last[A].has_vlan);
	send_frame(net, UPLINK, mac[A], mac[UPLINK], -1);
	send_frame(net, UPLINK, mac[A], mac[UPLINK], 21);
	CHECK(got(net, 0, 0, 0, 0) && net->port[A].stats.rx_vlan == 2);
	/* The guest's filter is about tags that it sees; it sees none. */
	port_set_vlan_filter(&net->port[A], policy->denied);
	send_frame(net, UPLINK, mac[A], mac[UPLINK], 20);
	CHECK(got(net, 1, 0, 0, 0));
	/* Two vNICs of one default VLAN talk; a third would not hear them. */
	policy_set_default_vlan(&net->port[B].policy, 20);
	send_frame(net, A, mac[B], mac[A], -1);
	CHECK(got(net, 0, 1, 0, 0) && !net->last[B].has_vlan);
	policy_set_default_vlan(&net->port[B].policy, 30);
	send_frame(net, A, mac[B], mac[A], -1);
	CHECK(got(net, 0, 0, 0, 1));
	net_close(net, "default VLAN: tag put on and taken off");
}

static void test_vlan_filter(struct tap *tap)
{
	uint32_t table[PORT_VLAN_WORDS] = { 1 };
	struct net n, *net = &n;
	struct port *port = &n.port[A];

	net_open(net, tap);
	table[100 / 32] |= 1u << 100 % 32;
	port_set_vlan_filter(port, table);
	send_frame(net, UPLINK, mac[A], mac[UPLINK], 100);
	CHECK(got(net, 1, 0, 0, 0));
	send_frame(net, UPLINK, mac[A], mac[UPLINK], 101);
	CHECK(got(net, 0, 0, 0, 0) && !port->stats.rx_dropped);
	send_frame(net, UPLINK, mac[A], mac[UPLINK], -1);
	CHECK(got(net, 1, 0, 0, 0));
	/* It is for receiving only. */
	send_frame(net, A, mac[B], mac[A], 101);
	CHECK(got(net, 0, 1, 0, 0));
	CHECK(!port_set_vlan(port, 101, true));
	CHECK(port_set_vlan(port, PORT_VLANS, true) == -EINVAL);
	send_frame(net, UPLINK, mac[A], mac[UPLINK], 101);
	CHECK(got(net, 1, 0, 0, 0));
	/* What the guest wants does not lift what the hypervisor forbids. */
	policy_vlan_del(&port->policy, 101, 101);
	send_frame(net, UPLINK, mac[A], mac[UPLINK], 101);
	CHECK(got(net, 0, 0, 0, 0) && port->stats.rx_vlan == 1);
	port->rx_mode |= PORT_RX_PROMISC;
	send_frame(net, UPLINK, mac[A], mac[UPLINK], 102);
	CHECK(got(net, 1, 0, 0, 0));
	port_set_vlan_filter(port, NULL);
	port->rx_mode &= ~PORT_RX_PROMISC;
	send_frame(net, UPLINK, mac[A], mac[UPLINK], 103);
	CHECK(got(net, 1, 0, 0, 0));
	net_close(net, "the guest's own VLAN filter");
}

static void test_limits(struct tap *tap)
{
	struct net n, *net = &n;
	struct port_stats *stats = &n.port[A].stats;

	net_open(net, tap);
	net->port[A].mtu = FRAME_LEN - FRAME_HEADER_LEN;
	send_frame(net, UPLINK, mac[A], mac[UPLINK], 5);
	CHECK(got(net, 1, 0, 0, 0));
	net->port[A].mtu--;
	send_frame(net, UPLINK, mac[A], mac[UPLINK], 5);
	CHECK(got(net, 0, 0, 0, 0) && stats->rx_too_long == 1);
	net->port[A].mtu = 0;
	/* A sender waits for the one receiver, a flood does not. */
	net->full[A] = true;
	CHECK(send_frame(net, B, mac[A], mac[B], -1) == -EAGAIN);
	CHECK(!net->port[B].stats.tx_packets && !net->mirrored);
	CHECK(!send_frame(net, UPLINK, everyone, mac[UPLINK], -1));
	CHECK(got(net, 0, 1, 0, 0) && stats->rx_no_room == 1);
	CHECK(stats->rx_dropped == 2);
	net->full[A] = false;
	/* Without a cable nothing gets in or out, other ports do not mind. */
	port_set_link(&net->port[A], false);
	send_frame(net, UPLINK, mac[A], mac[UPLINK], -1);
	send_frame(net, A, mac[B], mac[A], -1);
	CHECK(got(net, 0, 0, 0, 0) && stats->tx_no_link == 1);
	send_frame(net, B, mac[UPLINK], mac[B], -1);
	CHECK(got(net, 0, 0, 0, 1));
	port_set_link(&net->port[A], true);
	send_frame(net, A, mac[B], mac[A], -1);
	CHECK(got(net, 0, 1, 0, 0));
	net_close(net, "MTU, no room, no link");
}

/* Whatever names a model, it says what its VFs can do. */
static void test_models(struct tap *tap)
{
	const struct pf_ops *ops = NULL;

	tap_begin(tap);
	while ((ops = pf_next_model(ops))) {
		const struct pf_vf_info *info = ops->get_info();

		tap_check(tap, info->rx_modes & PORT_RX_UCAST);
		tap_check(tap, !(info->rx_modes & PORT_RX_PROMISC));
		tap_check(tap, info->max_multicast && info->max_vlans);
		tap_check(tap, info->max_multicast <= PORT_MAX_MULTICAST);
		tap_check(tap, info->max_mtu >= 1500 && info->rss_types);
		tap_check(tap, info->rss_table_len <=
			  sizeof(((struct pf_init *)NULL)->rss_table));
		tap_check(tap, info->rss_table_len);
		tap_check(tap, ops->set_offloads && ops->queue_status);
	}
	tap_end(tap, "models say what they can do");
}

/* A vNIC that takes nothing does not stop the traffic of the others. */
static void test_patience(struct tap *tap)
{
	const struct timespec patience = { .tv_nsec = 510000000 };
	const struct timespec moment = { .tv_nsec = 5000000 };
	struct net n, *net = &n;

	net_open(net, tap);
	net->full[A] = true;
	CHECK(send_frame(net, UPLINK, mac[A], mac[UPLINK], -1) == -EAGAIN);
	nanosleep(&patience, NULL);
	CHECK(!send_frame(net, UPLINK, mac[A], mac[UPLINK], -1));
	CHECK(net->port[A].stats.rx_no_room == 1);
	send_frame(net, UPLINK, mac[B], mac[UPLINK], -1);
	CHECK(got(net, 0, 1, 0, 0));
	/* That it takes one now and then does not help it. */
	net->full[A] = false;
	CHECK(!send_frame(net, UPLINK, mac[A], mac[UPLINK], -1));
	CHECK(got(net, 1, 0, 0, 0));
	net->full[A] = true;
	send_frame(net, UPLINK, mac[A], mac[UPLINK], -1);
	nanosleep(&moment, NULL);
	CHECK(!send_frame(net, UPLINK, mac[A], mac[UPLINK], -1));
	CHECK(net->port[A].stats.rx_no_room > 1);
	/* Nobody else has been waited for. */
	net->full[B] = true;
	CHECK(send_frame(net, UPLINK, mac[B], mac[UPLINK], -1) == -EAGAIN);
	/* With nobody else there it may take its time. */
	net->port[B].enabled = false;
	CHECK(send_frame(net, UPLINK, mac[A], mac[UPLINK], -1) == -EAGAIN);
	net_close(net, "how long a port is waited for");
}

int main(void)
{
	struct tap tap = { 0 };

	tap_begin(&tap);
	test_forward(&tap);
	tap_begin(&tap);
	test_groups(&tap);
	tap_begin(&tap);
	test_antispoof(&tap);
	tap_begin(&tap);
	test_more_addresses(&tap);
	tap_begin(&tap);
	test_vlan_ranges(&tap);
	tap_begin(&tap);
	test_default_vlan(&tap);
	tap_begin(&tap);
	test_vlan_filter(&tap);
	tap_begin(&tap);
	test_limits(&tap);
	test_models(&tap);
	tap_begin(&tap);
	test_patience(&tap);
	return tap_done(&tap);
}
