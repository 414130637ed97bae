// SPDX-License-Identifier: GPL-2.0
/*
 * The testbed: see testbed.h.
 */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "testbed.h"

#define SPACE_ALIGN	64
#define TX_SPACE	(US_RINGS_LEN - US_TX_DATA)
#define DRAIN_TURNS	4000
#define BUDGET		32	/* less than US_KEEP */
#define MOST_SHOWN	5	/* failures of a kind */

bool tb_failed(struct testbed *tb, const char *file, int line,
	       const char *condition)
{
	const char *slash = strrchr(file, '/');

	tb->tap->ok = false;
	if (tb->failures++ < MOST_SHOWN)
		printf("# %s:%d: %s\n", slash ? slash + 1 : file, line,
		       condition);
	return false;
}

static void wrong(struct testbed *tb, const char *way, const char *what,
		  uint32_t flow, uint32_t seq)
{
	if (tb->wrong++ < MOST_SHOWN)
		printf("# %s the VF: %s (flow %u, packet %u)\n", way, what,
		       flow, seq);
}

/* Does the payload of a frame belong to a packet, from an offset on? */
static bool same_payload(const struct packet *k, const uint8_t *p,
			 uint32_t offset, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (p[i] != packet_byte(k, offset + i))
			return false;
	return true;
}

static const char *check_headers(const struct packet *k, const struct frame *f,
				 const struct frame_info *fi)
{
	uint8_t whole[PACKET_MAX];

	if (fi->ipv6 != k->ipv6 || fi->ipv4 == k->ipv6 || fi->tcp != k->tcp ||
	    fi->udp == k->tcp || fi->payload_offset != packet_headers(k))
		return "its headers are not those of the packet";
	if (fi->ipv4 && !fi->ip_csum_ok)
		return "IPv4 header checksum is wrong";
	if (fi->l4_csum_ok == k->bad_csum)
		return "L4 checksum is wrong";
	if (f->has_vlan != k->tagged || (k->tagged && f->vlan_tci != k->tci))
		return "it has another tag";
	if (f->len == packet_headers(k) + k->payload) {
		packet_make(k, whole);
		if (memcmp(whole, f->data, f->len))
			return "its bytes are not those that were sent";
	}
	return NULL;
}

/* A frame of a flow has arrived; NULL, or what is wrong with it. */
static const char *arrived(struct tb_flow *flow, const struct frame *f,
			   uint32_t seq, uint32_t offset)
{
	const struct packet *k = &flow->sent[seq % TB_REMEMBER];
	struct frame_info fi;
	const char *what;
	size_t len;

	if (seq != (flow->next & 0xffff) || k->seq != seq ||
	    flow->next == flow->next_sent || offset != flow->offset)
		return "it is not the one whose turn it is";
	frame_parse(f, &fi, true);
	what = check_headers(k, f, &fi);
	if (what)
		return what;
	len = f->len - fi.payload_offset;
	if (len > k->payload - offset)
		return "it is too long";
	if (!same_payload(k, f->data + fi.payload_offset, offset, len))
		return "its payload is another";
	flow->offset += len;
	if (flow->offset == k->payload) {
		flow->offset = 0;
		flow->next++;
	} else if (!len) {
		return "it is empty";
	}
	return NULL;
}

static void look(struct testbed *tb, struct tb_flow *flows, const char *way,
		 const struct frame *f)
{
	uint32_t seq = 0, offset;
	const char *what;
	uint16_t flow;

	if (!packet_identify(f->data, f->len, &flow, &seq, &offset) ||
	    flow >= TB_FLOWS) {
		wrong(tb, way, "no packet of ours", 0, 0);
		return;
	}
	what = arrived(&flows[flow], f, seq, offset);
	if (what)
		wrong(tb, way, what, flow, seq);
}

static int peer_deliver(struct port *port, struct frame *f)
{
	struct testbed *tb = port->arg;

	tb->last = *f;
	tb->last.data = tb->last_data;
	memcpy(tb->last_data, f->data, f->len);
	tb->tx_arrived++;
	/* Not IP: the test looks itself. */
	if (f->len >= PACKET_L3 && (f->data[12] == 0x08 || f->data[12] == 0x86))
		look(tb, tb->tx, "from", f);
	return 0;
}

static const struct port_ops peer_ops = {
	.deliver = peer_deliver,
};

static bool stop_after(void *arg)
{
	struct testbed *tb = arg;

	if (!--tb->turns)
		loop_stop(tb->loop);
	return true;
}

void tb_run(struct testbed *tb, unsigned int turns)
{
	tb->turns = turns;
	loop_run(tb->loop);
}

static void raise_intr(void *arg, unsigned int vector)
{
	struct testbed *tb = arg;

	if (vector <= PF_MAX_QUEUES)
		tb->raised[vector]++;
}

static void add_peer(struct testbed *tb)
{
	tb->peer.ops = &peer_ops;
	tb->peer.name = "peer";
	tb->peer.arg = tb;
	tb->peer.flags = PORT_UPLINK;
	tb->peer.enabled = true;
	memcpy(tb->peer.mac, packet_peer_mac, 6);
	eswitch_add(tb->sw, &tb->peer);
}

static bool make_parts(struct testbed *tb)
{
	struct pf_env env;

	tb->loop = loop_new();
	tb->dma = dma_new();
	tb->sw = eswitch_new();
	if (!tb->loop || !tb->dma || !tb->sw || mmio_open(&tb->window, tb->ops))
		return false;
	tb->us = us_create(tb->dma);
	if (!tb->us)
		return false;
	tb->stopper.fn = stop_after;
	tb->stopper.arg = tb;
	loop_add_poller(tb->loop, &tb->stopper);
	add_peer(tb);
	memset(&env, 0, sizeof(env));
	env.loop = tb->loop;
	env.dma = tb->dma;
	env.sw = tb->sw;
	env.window = tb->window.model;
	env.raise = raise_intr;
	env.raise_arg = tb;
	tb->vf = tb->ops->acquire(&env);
	tb->window.vf = tb->vf;
	return tb->vf;
}

struct testbed *tb_new(struct tap *tap, const struct pf_ops *ops,
		       const struct us_image *image,
		       const struct tb_options *options)
{
	struct testbed *tb = calloc(1, sizeof(*tb));

	if (!tb)
		return NULL;
	tb->tap = tap;
	tb->ops = ops;
	tb->info = ops->get_info();
	tb->image = image;
	tb->options = *options;
	if (!tb->options.queues || tb->options.queues > tb->info->max_queues)
		tb->options.queues = tb->info->max_queues;
	if (!make_parts(tb)) {
		tb_free(tb);
		return NULL;
	}
	ops->set_mac(tb->vf, packet_vf_mac);
	ops->set_rx_mode(tb->vf, PORT_RX_UCAST | PORT_RX_MCAST |
			 PORT_RX_BCAST);
	return tb;
}

void tb_free(struct testbed *tb)
{
	if (tb->vf)
		tb->ops->release(tb->vf);
	us_destroy(tb->us);
	mmio_close(&tb->window);
	if (tb->sw)
		eswitch_free(tb->sw);
	if (tb->dma)
		dma_free(tb->dma);
	if (tb->loop)
		loop_free(tb->loop);
	free(tb);
}

int tb_load(struct testbed *tb)
{
	uint32_t i;

	for (i = 0; i < NPA_DEVICE_INFO_WORDS; i++)
		tb->us->ps.device_info[i] = tb->info->device_info[i];
	return us_load(tb->us, tb->image->entry, tb->window.mmio,
		       tb->window.len, tb->options.queues, tb->options.ring,
		       tb->options.mtu,
		       le32toh(tb->image->header.private_len));
}

static void fill_ring(struct pf_ring *ring, const struct npa_queue *nq)
{
	unsigned int i;

	for (i = 0; i < NPA_RING_SEGS; i++)
		ring->pa[i] = nq->seg[i].pa;
	ring->size = nq->ring_size;
	ring->vector = nq->intr;
}

static void fill_init(struct testbed *tb)
{
	struct pf_init *init = &tb->init;
	unsigned int i;

	memset(init, 0, sizeof(*init));
	init->num_queues = tb->options.queues;
	for (i = 0; i < init->num_queues; i++) {
		fill_ring(&init->tx[i], &tb->us->ps.tx[i]);
		fill_ring(&init->rx[i], &tb->us->ps.rx[i]);
	}
	init->mtu = tb->options.mtu;
	init->rx_csum = true;
	init->rx_vlan_strip = true;
	if (init->num_queues < 2)
		return;
	init->rss = true;
	init->rss_table_len = tb->info->rss_table_len;
	for (i = 0; i < init->rss_table_len; i++)
		init->rss_table[i] = i % init->num_queues;
	for (i = 0; i < sizeof(init->rss_key); i++)
		init->rss_key[i] = 0x6d + i * 0x5a;
}

int tb_start(struct testbed *tb)
{
	int err = us_reinit(tb->us);

	if (err)
		return err;
	fill_init(tb);
	err = tb->ops->init(tb->vf, &tb->init);
	if (!err)
		err = tb->ops->activate(tb->vf);
	if (!err)
		us_started(tb->us);
	return err;
}

/* From the VF. */

uint8_t *tb_tx_space(struct testbed *tb, size_t len)
{
	uint8_t *p;

	len = (len + SPACE_ALIGN - 1) & ~(size_t)(SPACE_ALIGN - 1);
	if (len > TX_SPACE - tb->tx_next)
		tb->tx_next = 0;
	p = tb->us->mem + US_TX_DATA + tb->tx_next;
	tb->tx_next += len;
	return p;
}

uint32_t tb_send(struct testbed *tb, uint32_t queue, struct packet *k,
		 uint32_t flags, uint16_t mss, uint32_t piece, uint32_t last)
{
	uint8_t *data = tb_tx_space(tb, packet_headers(k) + k->payload);
	struct tb_flow *flow = &tb->tx[k->flow];
	struct npa_tx_info info;
	uint32_t ret;
	size_t len;

	k->seq = flow->next_sent & 0xffff;
	if (flags)
		len = packet_make_partial(k, flags & NPA_TX_TSO, data);
	else
		len = packet_make(k, data);
	packet_describe(k, flags, mss, &info);
	ret = us_send(tb->us, queue, &info, data, len, piece, last);
	if (!ret)
		flow->sent[flow->next_sent++ % TB_REMEMBER] = *k;
	return ret;
}

static bool tx_idle(const struct testbed *tb)
{
	uint32_t i;

	for (i = 0; i < tb->options.queues; i++)
		if (tb->us->txq[i].outstanding)
			return false;
	return true;
}

bool tb_drain(struct testbed *tb)
{
	/* Who has failed before is not waited for. */
	unsigned int most = tb->failures ? DRAIN_TURNS / 100 : DRAIN_TURNS;
	unsigned int turns;
	uint32_t i;

	for (turns = 0; turns < most && !tx_idle(tb); turns++) {
		tb_run(tb, 2);
		for (i = 0; i < tb->options.queues; i++)
			us_check_tx(tb->us, i);
	}
	return tx_idle(tb);
}

/* To the VF. */

int tb_peer_send(struct testbed *tb, struct packet *k)
{
	struct tb_flow *flow = &tb->rx[k->flow];
	uint8_t data[PACKET_MAX];
	struct frame f = { .data = data };
	int err;

	k->to_vf = true;
	k->seq = flow->next_sent & 0xffff;
	f.len = packet_make(k, data);
	f.has_vlan = k->tagged;
	f.vlan_tci = k->tci;
	err = eswitch_send(tb->sw, &tb->peer, &f);
	if (!err)
		flow->sent[flow->next_sent++ % TB_REMEMBER] = *k;
	return err;
}

/* What the plugin says of a frame must not be wrong; it may say less. */
static const char *check_meta(const struct npa_rx_frame *meta,
			      const struct frame *f,
			      const struct frame_info *fi)
{
	uint32_t sum;

	if ((meta->flags & NPA_RX_IPV4 && !fi->ipv4) ||
	    (meta->flags & NPA_RX_IPV6 && !fi->ipv6) ||
	    (meta->flags & NPA_RX_TCP && !fi->tcp) ||
	    (meta->flags & NPA_RX_UDP && !fi->udp))
		return "it is said to be another protocol";
	if (fi->ipv4 && meta->ip_csum == (fi->ip_csum_ok ? NPA_CSUM_INCORRECT :
							   NPA_CSUM_CORRECT))
		return "what is said of its IPv4 checksum is not true";
	if ((fi->tcp || fi->udp) &&
	    meta->l4_csum == (fi->l4_csum_ok ? NPA_CSUM_INCORRECT :
					       NPA_CSUM_CORRECT))
		return "what is said of its L4 checksum is not true";
	/* 0 and 0xffff are the same. */
	if (meta->flags & NPA_RX_SUM && f->len >= PACKET_L3) {
		sum = packet_sum(f->data + PACKET_L3, f->len - PACKET_L3, 0);
		if (sum % 0xffff != meta->sum % 0xffff)
			return "its sum is another one";
	}
	return NULL;
}

static void look_received(struct testbed *tb, struct us_frame *got)
{
	struct frame f = {
		.data = got->data, .len = got->bytes,
		.has_vlan = got->meta.flags & NPA_RX_VLAN,
		.vlan_tci = got->meta.vlan_tag,
	};
	struct frame_info fi;
	const char *what;

	frame_parse(&f, &fi, true);
	what = check_meta(&got->meta, &f, &fi);
	if (what)
		wrong(tb, "to", what, got->queue, 0);
	if (fi.ipv4 || fi.ipv6)
		look(tb, tb->rx, "to", &f);
}

uint32_t tb_poll(struct testbed *tb, uint32_t queue, uint32_t budget)
{
	uint32_t done = us_poll_queue(tb->us, queue, budget);

	for (; tb->rx_looked < tb->us->received; tb->rx_looked++)
		look_received(tb, &tb->us->frames[tb->rx_looked % US_KEEP]);
	return done;
}

void tb_poll_all(struct testbed *tb)
{
	uint32_t i, n = 0;

	for (i = 0; i < tb->options.queues; i++)
		while (tb_poll(tb, i, BUDGET) == BUDGET)
			/* More than its ring can hold? */
			if (!TB_CHECK(tb, n++ < US_MAX_IDS))
				return;
}

static bool flows_complete(const struct tb_flow *flows)
{
	uint32_t i;

	for (i = 0; i < TB_FLOWS; i++)
		if (flows[i].next != flows[i].next_sent || flows[i].offset)
			return false;
	return true;
}

bool tb_all_arrived(const struct testbed *tb)
{
	return !tb->wrong && flows_complete(tb->tx) && flows_complete(tb->rx);
}
