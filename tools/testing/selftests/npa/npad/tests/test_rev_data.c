// SPDX-License-Identifier: GPL-2.0
/*
 * What drivers of later revisions get done to their frames: tunnels, data
 * rings, buffers out of order, merged segments, hashes, coalescing,
 * timestamps.
 */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../frame_tunnel.h"
#include "guest.h"
#include "tap.h"

#define AT_ARGS		0x13000
#define AT_SIDE		0x20000	/* data or timestamp ring */
#define OUTER_LEN	(14 + 20 + 8 + 8)

static struct guest *start_model(struct tap *tap, struct vmxnet3_model *model,
				 uint32_t caps, uint64_t features)
{
	struct guest *g = guest_new_model(NULL, NULL, model);

	tap_begin(tap);
	if (!g || !guest_connect(g)) {
		printf("Bail out! no connection\n");
		exit(1);
	}
	guest_write32(g, VMXNET3_BAR_VD, VMXNET3_VD_VRRS,
		      BIT(model->revision - 1));
	guest_write32(g, VMXNET3_BAR_VD, VMXNET3_VD_DCR, caps);
	guest_configure(g, 1);
	guest_shared(g)->dev_read.misc.features |= htole64(features);
	return g;
}

static struct guest *start(struct tap *tap, unsigned int revision,
			   uint32_t caps, uint64_t features)
{
	struct vmxnet3_model model = vmxnet3_model_default(1);
	struct guest *g;

	model.revision = revision;
	g = start_model(tap, &model, caps, features);
	tap_check(tap, guest_activate(g) == 0);
	return g;
}

/* An inner frame in VXLAN or Geneve over IPv4; returns the length. */
static size_t make_tunnel(uint8_t *to, const uint8_t *dst, const uint8_t *inner,
			  size_t len, bool geneve)
{
	size_t whole = make_udp(to, dst, 8 + len, false);
	uint8_t *udp = to + 34;

	udp[2] = geneve ? 6081 >> 8 : 4789 >> 8;
	udp[3] = geneve ? 6081 & 0xff : 4789 & 0xff;
	udp[6] = 0;
	udp[7] = 0;
	memset(udp + 8, 0, 8);
	if (geneve) {
		udp[10] = 0x65;
		udp[11] = 0x58;
	} else {
		udp[8] = 8;
	}
	memcpy(udp + 16, inner, len);
	return whole;
}

static bool is_right(const struct frame *f, struct frame_tunnel *t)
{
	return frame_tunnel_parse(f, t, true) && t->outer.ip_csum_ok &&
	       (!t->outer_csum || t->outer.l4_csum_ok) && t->inner.l4_csum_ok &&
	       (t->inner.ipv6 || t->inner.ip_csum_ok);
}

/* TSO in a tunnel, as revision 4 and revision 7 say it. */
static void test_tunnel_tso(struct tap *tap, unsigned int revision, bool geneve,
			    bool ipv6, bool outer_csum)
{
	const size_t headers = 14 + (ipv6 ? 40 : 20) + 20, payload = 5000;
	static uint8_t inner[8192], whole[8192];
	struct guest *g = start(tap, revision, VMXNET3_CAP_VXLAN_TSO |
				VMXNET3_CAP_GENEVE_TSO |
				VMXNET3_CAP_VXLAN_OUTER_CSUM |
				VMXNET3_CAP_GENEVE_OUTER_CSUM, 0);
	bool encap = revision < 7;
	uint32_t ctl = FIELD_PREP(VMXNET3_TXD_MSSCOF, 1400u) |
		       (outer_csum ? VMXNET3_TXD_OCO : 0) |
		       (encap ? 0 : VMXNET3_TXD_EXT1);
	uint32_t om = FIELD_PREP(VMXNET3_TXD_OM, encap ?
				 VMXNET3_TXD_OM_ENCAP : VMXNET3_TXD_OM_TSO);
	size_t len, total = 0;

	len = make_tcp(inner, peer_mac, payload, ipv6);
	len = make_tunnel(whole, peer_mac, inner, len, geneve);
	guest_tx(g, whole, len, 4096, ctl, om |
		 FIELD_PREP(VMXNET3_TXD_HLEN, (uint32_t)(OUTER_LEN + headers)));
	tap_check(tap, g->num_seen == 4);
	for (unsigned int i = 0; i < g->num_seen && i < 4; i++) {
		const struct frame *f = &g->seen[i].f;
		size_t part = i < 3 ? 1400 : payload - 3 * 1400;
		struct frame_tunnel t;

		tap_check(tap, !f->gso_size && !f->csum_partial);
		tap_check(tap, f->len == OUTER_LEN + headers + part);
		tap_check(tap, is_right(f, &t));
		tap_check(tap, t.outer_csum == outer_csum);
		/* Each one's own number, and the bytes that belong there. */
		tap_check(tap, f->data[19] == (uint8_t)(whole[19] + i));
		tap_check(tap, !memcmp(f->data + OUTER_LEN + headers,
				       inner + headers + total, part));
		total += part;
	}
	tap_check(tap, total == payload);
	guest_free(g);
	tap_end(tap, "TSO in a tunnel: revision %u, %s, IPv%d%s", revision,
		geneve ? "Geneve" : "VXLAN", ipv6 ? 6 : 4,
		outer_csum ? ", outer checksum" : "");
}

static void test_tunnel_csum(struct tap *tap, unsigned int revision, bool udp)
{
	const unsigned int l4 = OUTER_LEN + 34, l4_len = udp ? 8 : 20;
	uint32_t field = l4 + (udp ? 6 : 16);
	bool encap = revision < 7;
	struct guest *g = start(tap, revision, VMXNET3_CAP_VXLAN_CSUM, 0);
	uint32_t om = FIELD_PREP(VMXNET3_TXD_OM, encap ?
				 VMXNET3_TXD_OM_ENCAP : VMXNET3_TXD_OM_CSUM);
	uint32_t ctl = encap ? 0 : VMXNET3_TXD_EXT1 |
				   FIELD_PREP(VMXNET3_TXD_MSSCOF, field);
	uint8_t inner[1024], whole[1024];
	const struct frame *f = &g->seen[0].f;
	size_t len;

	len = (udp ? make_udp : make_tcp)(inner, peer_mac, 100, false);
	len = make_tunnel(whole, peer_mac, inner, len, false);
	guest_tx(g, whole, len, 4096, ctl, om |
		 FIELD_PREP(VMXNET3_TXD_HLEN, l4 + l4_len));
	tap_check(tap, g->num_seen == 1 && f->csum_partial);
	tap_check(tap, f->csum_start == l4);
	tap_check(tap, f->csum_start + f->csum_offset == (int)field);
	/* Headers that end elsewhere; no tunnel; tunnels that are not wanted. */
	guest_tx(g, whole, len, 4096, ctl, om |
		 FIELD_PREP(VMXNET3_TXD_HLEN, l4 + l4_len + 4));
	guest_tx(g, inner, 142, 4096, ctl, om |
		 FIELD_PREP(VMXNET3_TXD_HLEN, l4 + l4_len));
	if (!encap) {
		guest_write32(g, VMXNET3_BAR_VD, VMXNET3_VD_DCR,
			      VMXNET3_CAP_GENEVE_CSUM);
		guest_tx(g, whole, len, 4096, ctl, om |
			 FIELD_PREP(VMXNET3_TXD_HLEN, l4 + l4_len));
	}
	tap_check(tap, g->num_seen == 1);
	tap_check(tap, g->vnic->dev->tx[0].stats.errors == (encap ? 2 : 3));
	guest_free(g);
	tap_end(tap, "checksum in a tunnel: revision %u, %s", revision,
		udp ? "UDP" : "TCP");
}

/* A full port in the middle: what went before is not sent again. */
static void test_tunnel_wait(struct tap *tap)
{
	static uint8_t inner[8192], whole[8192];
	struct guest *g = start(tap, 4, 0, 0);
	const struct timespec pause = { .tv_nsec = 1000000 };
	size_t len;

	len = make_tcp(inner, peer_mac, 4000, false);
	len = make_tunnel(whole, peer_mac, inner, len, false);
	g->full = true;
	guest_tx(g, whole, len, 4096, FIELD_PREP(VMXNET3_TXD_MSSCOF, 1000u),
		 FIELD_PREP(VMXNET3_TXD_OM, VMXNET3_TXD_OM_ENCAP) |
		 FIELD_PREP(VMXNET3_TXD_HLEN, OUTER_LEN + 54u));
	tap_check(tap, !g->num_seen && g->vnic->dev->tx[0].tries);
	g->vnic->dev->tx[0].segments = 1;	/* as if one had got through */
	g->full = false;
	nanosleep(&pause, NULL);
	guest_turn(g, 3);
	tap_check(tap, g->num_seen == 3);
	tap_check(tap, !g->vnic->dev->tx[0].segments);
	guest_free(g);
	tap_end(tap, "TSO in a tunnel goes on after a full port");
}

/* The same bits in a descriptor mean nothing to revision 3. */
static void test_no_tunnel(struct tap *tap)
{
	uint8_t inner[1024], whole[1024];
	struct guest *g = start(tap, 3, 0, 0);
	size_t len;

	len = make_tcp(inner, peer_mac, 100, false);
	len = make_tunnel(whole, peer_mac, inner, len, false);
	guest_tx(g, whole, len, 4096, 0,
		 FIELD_PREP(VMXNET3_TXD_OM, VMXNET3_TXD_OM_ENCAP) |
		 FIELD_PREP(VMXNET3_TXD_HLEN, OUTER_LEN + 54u));
	tap_check(tap, !g->num_seen);
	tap_check(tap, g->vnic->dev->tx[0].stats.errors == 1);
	guest_free(g);
	tap_end(tap, "revision 3 has no tunnels");
}

static void test_inner_rx(struct tap *tap)
{
	struct guest *g = start(tap, 4, 0, VMXNET3_F_RXINNER);
	uint8_t inner[1024], whole[1024];
	struct vmxnet3_rx_comp comp;
	size_t len;

	guest_fill_rx(g, 8, 0);
	len = make_tcp(inner, peer_mac, 100, false);
	len = make_tunnel(whole, guest_mac, inner, len, true);
	guest_deliver(g, whole, len, -1);
	tap_check(tap, guest_rx_comp(g, &comp));
	tap_check(tap, le32toh(comp.ctl) & VMXNET3_RXC_INNER);
	tap_check(tap, le32toh(comp.flags) & VMXNET3_RXC_TCP);
	tap_check(tap, le32toh(comp.flags) & VMXNET3_RXC_TUC);
	whole[len - 1] ^= 1;
	guest_deliver(g, whole, len, -1);
	tap_check(tap, guest_rx_comp(g, &comp));
	tap_check(tap, !(le32toh(comp.ctl) & VMXNET3_RXC_INNER));
	tap_check(tap, le32toh(comp.flags) & VMXNET3_RXC_UDP);
	tap_check(tap, !(le32toh(comp.flags) & VMXNET3_RXC_TUC));
	guest_free(g);
	tap_end(tap, "RX checksum in a tunnel");
}

static void test_data_ring(struct tap *tap, unsigned int revision)
{
	struct vmxnet3_model model = vmxnet3_model_default(1);
	struct vmxnet3_rx_queue_desc *rxq;
	struct vmxnet3_rx_comp comp;
	uint8_t frame[1024];
	struct guest *g;
	size_t len;

	model.revision = revision;
	g = start_model(tap, &model, 0, 0);
	rxq = guest_rxq(g, 0);
	rxq->conf.data_ring_pa = htole64(GUEST_BASE + AT_SIDE);
	rxq->conf.data_desc_size = htole16(128);
	tap_check(tap, guest_activate(g) == 0);
	guest_fill_rx(g, 8, 0);
	for (size_t payload = 86; payload <= 87; payload++) {
		bool small = payload == 86 && revision >= 3;
		const uint8_t *at;
		uint32_t ctl;

		len = make_udp(frame, guest_mac, payload, false);
		guest_deliver(g, frame, len, -1);
		tap_check(tap, guest_rx_comp(g, &comp));
		ctl = le32toh(comp.ctl);
		tap_check(tap, FIELD_GET(VMXNET3_RXC_RQID, ctl) ==
			  (small ? 2 : 0));
		at = small ? g->ram + AT_SIDE +
			     128 * FIELD_GET(VMXNET3_RXC_INDEX, ctl) :
			     g->ram + AT_RX_DATA + GUEST_BUF_LEN *
			     FIELD_GET(VMXNET3_RXC_INDEX, ctl);
		tap_check(tap, !memcmp(at, frame, len));
	}
	/* A ring that is not in memory, and one with entries of odd size. */
	rxq->conf.data_ring_pa = htole64(GUEST_BASE + GUEST_RAM - 64);
	tap_check(tap, guest_activate(g) == (revision >= 3));
	rxq->conf.data_ring_pa = htole64(GUEST_BASE + AT_SIDE);
	rxq->conf.data_desc_size = htole16(100);
	tap_check(tap, guest_activate(g) == (revision >= 3));
	guest_free(g);
	tap_end(tap, "RX data ring, revision %u", revision);
}

static void test_out_of_order(struct tap *tap)
{
	static const unsigned int wanted[] = { 1, 0, 3, 2, 5, 4 };
	struct vmxnet3_model model = vmxnet3_model_default(1);
	struct vmxnet3_rx_comp comp;
	uint8_t frame[1024];
	struct guest *g;
	size_t len;

	model.revision = 7;
	model.rx_any_order = true;
	g = start_model(tap, &model, VMXNET3_CAP_OOORX_COMP, 0);
	tap_check(tap, guest_read32(g, VMXNET3_BAR_VD, VMXNET3_VD_PTCR) &
		  VMXNET3_CAP_OOORX_COMP);
	tap_check(tap, guest_activate(g) == 0);
	guest_fill_rx(g, 7, 0);
	for (unsigned int i = 0; i < 7; i++) {
		len = make_udp(frame, guest_mac, 100 + i, false);
		tap_check(tap, guest_deliver(g, frame, len, -1) == 0);
		tap_check(tap, guest_rx_comp(g, &comp));
		/* The last one has no partner. */
		tap_check(tap, FIELD_GET(VMXNET3_RXC_INDEX, le32toh(comp.ctl))
			  == (i < 6 ? wanted[i] : 6));
		tap_check(tap, !memcmp(g->ram + AT_RX_DATA + GUEST_BUF_LEN *
				       FIELD_GET(VMXNET3_RXC_INDEX,
						 le32toh(comp.ctl)),
				       frame, len));
	}
	tap_check(tap, guest_deliver(g, frame, len, -1) == -EAGAIN);
	guest_free(g);
	tap_end(tap, "buffers out of order");
}

static void test_merged(struct tap *tap, unsigned int revision)
{
	struct guest *g = start(tap, revision, 0, VMXNET3_F_LRO);
	static uint8_t data[8192];
	struct vmxnet3_rx_comp comp;
	struct frame f = { .data = data, .gso_size = 1000 };
	unsigned int type, completions = 1;
	bool lro = revision >= 2;

	guest_fill_rx(g, 4, 20);
	f.len = make_tcp(data, guest_mac, 3500, false);
	tap_check(tap, frame_prepare_gso(&f) == 0);
	tap_check(tap, eswitch_send(g->npad.sw, &g->uplink, &f) == 0);
	tap_check(tap, guest_rx_comp(g, &comp));
	type = FIELD_GET(VMXNET3_COMP_TYPE, le32toh(comp.flags));
	tap_check(tap, type == (lro ? VMXNET3_COMP_TYPE_RX_LRO :
				      VMXNET3_COMP_TYPE_RX));
	if (lro) {
		tap_check(tap, FIELD_GET(VMXNET3_RXC_LRO_SEGMENTS,
					 le32toh(comp.hash)) == 4);
		tap_check(tap, FIELD_GET(VMXNET3_RXC_LRO_MSS,
					 le32toh(comp.flags)) == 1000);
	}
	while (!(le32toh(comp.ctl) & VMXNET3_RXC_EOP) &&
	       tap_check(tap, guest_rx_comp(g, &comp)))
		completions++;
	tap_check(tap, completions == 2);
	tap_check(tap, FIELD_GET(VMXNET3_COMP_TYPE, le32toh(comp.flags)) ==
		  VMXNET3_COMP_TYPE_RX);
	tap_check(tap, le32toh(comp.flags) & VMXNET3_RXC_TUC);
	tap_check(tap, g->vnic->dev->rx[0].stats.lro_packets == 1);
	/* Without LRO each segment comes alone, with a checksum. */
	guest_shared(g)->dev_read.misc.features &= ~htole64(VMXNET3_F_LRO);
	guest_command(g, VMXNET3_CMD_UPDATE_FEATURE);
	tap_check(tap, eswitch_send(g->npad.sw, &g->uplink, &f) == 0);
	for (completions = 0; guest_rx_comp(g, &comp); completions++)
		tap_check(tap, FIELD_GET(VMXNET3_RXC_LEN,
					 le32toh(comp.len)) <= 1054);
	tap_check(tap, completions == 3);	/* heads that were left */
	guest_free(g);
	tap_end(tap, "merged segments, revision %u", revision);
}

/* A checksum that is not finished is finished on the way to the buffer. */
static void test_partial(struct tap *tap)
{
	struct guest *g = start(tap, 1, 0, VMXNET3_F_LRO);
	uint8_t data[1024], wanted[1024];
	struct frame f = { .data = data, .csum_partial = true,
			   .csum_start = 34, .csum_offset = 16 };
	struct vmxnet3_rx_comp comp;
	struct frame_info info;

	guest_fill_rx(g, 4, 0);
	f.len = make_tcp(data, guest_mac, 300, false);
	memcpy(wanted, data, f.len);
	/* The pseudo header's sum, as a sender leaves it. */
	f.gso_size = 1000;
	frame_prepare_gso(&f);
	f.gso_size = 0;
	tap_check(tap, memcmp(wanted, data, f.len));
	tap_check(tap, eswitch_send(g->npad.sw, &g->uplink, &f) == 0);
	tap_check(tap, guest_rx_comp(g, &comp));
	tap_check(tap, le32toh(comp.flags) & VMXNET3_RXC_TUC);
	tap_check(tap, !memcmp(g->ram + AT_RX_DATA, wanted, f.len));
	f.data = g->ram + AT_RX_DATA;
	f.csum_partial = false;
	frame_parse(&f, &info, true);
	tap_check(tap, info.l4_csum_ok);
	guest_free(g);
	tap_end(tap, "a checksum that was not finished");
}

static void set_rss(struct guest *g, uint32_t fields)
{
	struct vmxnet3_rss_conf *rss = (void *)(g->ram + AT_RSS);
	struct vmxnet3_conf_desc *desc = &guest_shared(g)->dev_read.rss;

	memset(rss, 0, sizeof(*rss));
	rss->hash_type = htole16(0xf);
	rss->hash_func = htole16(VMXNET3_RSS_FUNC_TOEPLITZ);
	rss->key_len = htole16(VMXNET3_RSS_KEY_LEN);
	rss->table_len = htole16(32);
	memset(rss->key, 0x6d, sizeof(rss->key));
	desc->version = htole32(1);
	desc->length = htole32(sizeof(*rss));
	desc->pa = htole64(GUEST_BASE + AT_RSS);
	guest_shared(g)->dev_read.misc.features |= htole64(VMXNET3_F_RSS);
	guest_command(g, VMXNET3_CMD_UPDATE_FEATURE);
	guest_shared(g)->cmd_info.rss_fields = htole32(fields);
	guest_command(g, VMXNET3_CMD_SET_RSS_FIELDS);
}

static unsigned int hashed_as(struct guest *g, const uint8_t *frame, size_t len,
			      uint32_t *hash)
{
	struct vmxnet3_rx_comp comp = { 0 };

	guest_deliver(g, frame, len, -1);
	guest_rx_comp(g, &comp);
	*hash = le32toh(comp.hash);
	return FIELD_GET(VMXNET3_RXC_RSS_TYPE, le32toh(comp.ctl));
}

static void test_hashes(struct tap *tap)
{
	struct guest *g = start(tap, 5, 0, 0);
	uint32_t with, without, other;
	uint8_t udp[1024], esp[1024];
	size_t len;

	guest_fill_rx(g, 32, 0);
	for (int v6 = 0; v6 < 2; v6++) {
		len = make_udp(udp, guest_mac, 100, v6);
		memcpy(esp, udp, len);
		esp[v6 ? 14 + 6 : 14 + 9] = 50;
		set_rss(g, 0);
		tap_check(tap, hashed_as(g, udp, len, &without) ==
			  (v6 ? VMXNET3_RSS_TYPE_IPV6 : VMXNET3_RSS_TYPE_IPV4));
		tap_check(tap, hashed_as(g, esp, len, &other) ==
			  (v6 ? VMXNET3_RSS_TYPE_IPV6 : VMXNET3_RSS_TYPE_IPV4));
		tap_check(tap, other == without);
		set_rss(g, 0x3f);
		tap_check(tap, hashed_as(g, udp, len, &with) ==
			  (v6 ? VMXNET3_RSS_TYPE_UDP_IPV6 :
				VMXNET3_RSS_TYPE_UDP_IPV4));
		tap_check(tap, with != without);
		tap_check(tap, hashed_as(g, esp, len, &other) ==
			  (v6 ? VMXNET3_RSS_TYPE_ESP_IPV6 :
				VMXNET3_RSS_TYPE_ESP_IPV4));
		/* The first bytes, ports or SPI, are the same. */
		tap_check(tap, other == with);
		esp[v6 ? 54 : 34] ^= 1;
		hashed_as(g, esp, len, &other);
		tap_check(tap, other != with);
	}
	guest_free(g);
	tap_end(tap, "UDP and ESP are hashed if wanted");
}

static void set_coalesce(struct guest *g, uint32_t mode, uint32_t first,
			 uint32_t rx_depth)
{
	struct vmxnet3_coalesce *to = (void *)(g->ram + AT_ARGS);
	union vmxnet3_cmd_info *info = &guest_shared(g)->cmd_info;

	memset(to, 0, sizeof(*to));
	to->mode = htole32(mode);
	to->tx_depth = htole32(first);	/* or the rate */
	to->rx_depth = htole32(rx_depth);
	info->conf.version = htole32(1);
	info->conf.length = htole32(sizeof(*to));
	info->conf.pa = htole64(GUEST_BASE + AT_ARGS);
	guest_command(g, VMXNET3_CMD_SET_COALESCE);
}

/* Receive some frames, with the interrupt enabled; interrupts. */
static unsigned int receive(struct guest *g, unsigned int frames)
{
	uint8_t frame[1024];
	size_t len = make_udp(frame, guest_mac, 100, false);
	unsigned int irqs = 0;

	for (unsigned int i = 0; i < frames; i++) {
		struct vmxnet3_rx_comp comp;

		guest_write32(g, VMXNET3_BAR_PT, VMXNET3_PT_IMR + 8, 0);
		guest_deliver(g, frame, len, -1);
		guest_rx_comp(g, &comp);
		irqs += guest_irqs(g, 1);
	}
	return irqs;
}

static void test_coalesce(struct tap *tap)
{
	const struct timespec pause = { .tv_nsec = 30000000 };
	struct guest *g = start(tap, 3, 0, 0);
	unsigned int irqs;

	guest_fill_rx(g, 60, 0);
	tap_check(tap, receive(g, 8) == 8);
	set_coalesce(g, VMXNET3_COALESCE_STATIC, 0, 4);
	irqs = receive(g, 8);
	tap_check(tap, irqs >= 2 && irqs < 8);
	/* What is left over does not wait for ever. */
	tap_check(tap, receive(g, 1) == 0);
	nanosleep(&pause, NULL);
	guest_turn(g, 2);
	tap_check(tap, guest_irqs(g, 1) == 1);
	/* One in ten milliseconds. */
	set_coalesce(g, VMXNET3_COALESCE_RATE, 100, 0);
	nanosleep(&pause, NULL);
	tap_check(tap, receive(g, 1) == 1);
	irqs = receive(g, 10);
	tap_check(tap, irqs < 10);
	nanosleep(&pause, NULL);
	guest_turn(g, 2);
	tap_check(tap, guest_irqs(g, 1) + irqs >= 1);
	/* A quiet queue does not wait when it is adaptive. */
	set_coalesce(g, VMXNET3_COALESCE_ADAPT, 0, 0);
	nanosleep(&pause, NULL);
	tap_check(tap, receive(g, 1) == 1);
	/* What waits is signalled before the guest is moved. */
	set_coalesce(g, VMXNET3_COALESCE_STATIC, 0, 128);
	tap_check(tap, receive(g, 1) == 0);
	vmxnet3_dev_hold(g->vnic->dev, true, true);
	tap_check(tap, guest_irqs(g, 1) == 1);
	guest_free(g);
	tap_end(tap, "coalescing");
}

static void test_timestamps(struct tap *tap)
{
	struct vmxnet3_model model = vmxnet3_model_default(1);
	struct vmxnet3_tx_queue_desc *txq;
	struct vmxnet3_rx_queue_desc *rxq;
	uint8_t frame[1024];
	struct guest *g;
	unsigned int wanted = 0;
	uint64_t *ring;
	size_t len;

	model.revision = 9;
	model.sample_rate = 3;
	g = start_model(tap, &model, 0, 0);
	ring = (void *)(g->ram + AT_SIDE);
	txq = guest_txq(g);
	rxq = guest_rxq(g, 0);
	txq->ts.ring_pa = htole64(GUEST_BASE + AT_SIDE);
	txq->ts.desc_size = htole16(128);
	rxq->ts = (struct vmxnet3_rx_ts_conf){
		.ring_pa = htole64(GUEST_BASE + AT_SIDE + 0x4000),
		.desc_size = htole16(128),
	};
	tap_check(tap, guest_activate(g) == 0);
	tap_check(tap, le16toh(txq->ts.sample_rate) == 3);
	ring[0] = htole64(VMXNET3_TS_VALID | 77);
	len = make_udp(frame, peer_mac, 100, false);
	guest_tx(g, frame, len, len, 0, 0);
	guest_tx(g, frame, len, len, 0, 0);
	tap_check(tap, g->vnic->dev->ts_tx == 1 && !ring[0]);
	guest_fill_rx(g, 9, 0);
	len = make_udp(frame, guest_mac, 100, false);
	for (int i = 0; i < 9; i++) {
		struct vmxnet3_rx_comp comp;

		guest_deliver(g, frame, len, -1);
		tap_check(tap, guest_rx_comp(g, &comp));
		wanted += !!(le32toh(comp.ctl) & VMXNET3_RXC_TS_WANTED);
	}
	tap_check(tap, wanted == 3);
	guest_free(g);
	tap_end(tap, "timestamps");
}

static void test_faults(struct tap *tap)
{
	struct guest *g = start(tap, 9, 0, 0);
	struct vmxnet3_dev *dev = g->vnic->dev;

	tap_check(tap, vmxnet3_fault(dev, "dev-no", "on") == -ENOENT);
	tap_check(tap, vmxnet3_fault(dev, "dev-gone", "maybe") == -EINVAL);
	tap_check(tap, !vmxnet3_fault(dev, "dev-activate-fail", "once"));
	tap_check(tap, guest_activate(g) == 1 && guest_activate(g) == 0);
	tap_check(tap, !vmxnet3_fault(dev, "dev-rx-error", "once"));
	tap_check(tap, le32toh(guest_shared(g)->ecr) & VMXNET3_ECR_RQERR);
	guest_command(g, VMXNET3_CMD_GET_QUEUE_STATUS);
	tap_check(tap, guest_rxq(g, 0)->status.stopped);
	tap_check(tap, guest_activate(g) == 0);
	guest_command(g, VMXNET3_CMD_GET_QUEUE_STATUS);
	tap_check(tap, !guest_rxq(g, 0)->status.stopped);
	tap_check(tap, !vmxnet3_fault(dev, "dev-tx-error", "once"));
	tap_check(tap, le32toh(guest_shared(g)->ecr) & VMXNET3_ECR_TQERR);
	tap_check(tap, !vmxnet3_fault(dev, "dev-get-ones", "once"));
	tap_check(tap, guest_command(g, VMXNET3_CMD_GET_LINK) == ~0u);
	tap_check(tap, guest_command(g, VMXNET3_CMD_GET_LINK) & 1);
	tap_check(tap, !vmxnet3_fault(dev, "dev-gone", "on"));
	tap_check(tap, guest_read32(g, VFIO_USER_CONFIG, 0) == ~0u);
	tap_check(tap, guest_command(g, VMXNET3_CMD_GET_LINK) == ~0u);
	tap_check(tap, guest_activate(g) == ~0u && !dev->active);
	tap_check(tap, !vmxnet3_fault(dev, "dev-gone", "off"));
	tap_check(tap, guest_read32(g, VFIO_USER_CONFIG, 0) == 0x07b015ad);
	tap_check(tap, vmxnet3_fault(dev, "dev-rx-error", "once") == -EAGAIN);
	guest_free(g);
	tap_end(tap, "faults of the device");
}

int main(void)
{
	struct tap tap = { 0 };

	for (int i = 0; i < 16; i++)
		test_tunnel_tso(&tap, i & 8 ? 7 : 4, i & 4, i & 2, i & 1);
	for (int i = 0; i < 4; i++)
		test_tunnel_csum(&tap, i & 2 ? 7 : 4, i & 1);
	test_tunnel_wait(&tap);
	test_no_tunnel(&tap);
	test_inner_rx(&tap);
	test_data_ring(&tap, 2);
	test_data_ring(&tap, 3);
	test_out_of_order(&tap);
	test_merged(&tap, 1);
	test_merged(&tap, 2);
	test_partial(&tap);
	test_hashes(&tap);
	test_coalesce(&tap);
	test_timestamps(&tap);
	test_faults(&tap);
	return tap_done(&tap);
}
