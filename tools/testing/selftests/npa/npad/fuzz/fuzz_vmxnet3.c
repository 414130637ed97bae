// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz target: a hostile driver of the emulated vmxnet3.  The input is a
 * sequence of accesses to registers, writes to the memory that it shares with
 * the device, descriptors, frames from the network, and time.
 */
#include <endian.h>
#include <string.h>

#include "fuzz.h"

static const uint32_t commands[] = {
	VMXNET3_CMD_ACTIVATE_DEV, VMXNET3_CMD_QUIESCE_DEV,
	VMXNET3_CMD_RESET_DEV, VMXNET3_CMD_UPDATE_RX_MODE,
	VMXNET3_CMD_UPDATE_MAC_FILTERS, VMXNET3_CMD_UPDATE_VLAN_FILTERS,
	VMXNET3_CMD_UPDATE_RSSIDT, VMXNET3_CMD_UPDATE_IML,
	VMXNET3_CMD_UPDATE_PMCFG, VMXNET3_CMD_UPDATE_FEATURE,
	VMXNET3_CMD_GET_QUEUE_STATUS, VMXNET3_CMD_GET_STATS,
	VMXNET3_CMD_GET_LINK, VMXNET3_CMD_GET_PERM_MAC_LO,
	VMXNET3_CMD_GET_CONF_INTR, VMXNET3_CMD_LOAD_PLUGIN,
	VMXNET3_CMD_NPA_REPORT, VMXNET3_CMD_NPA_GET_STATUS,
	VMXNET3_CMD_SET_COALESCE, VMXNET3_CMD_SET_RSS_FIELDS,
	VMXNET3_CMD_SET_RING_BUFFER_SIZE, VMXNET3_CMD_GET_COALESCE,
	VMXNET3_CMD_GET_TXDATA_DESC_SIZE, VMXNET3_CMD_GET_RSS_FIELDS,
	VMXNET3_CMD_GET_MAX_QUEUES_CONF, VMXNET3_CMD_GET_DCR0_REG,
	VMXNET3_CMD_GET_TSRING_DESC_SIZE, VMXNET3_CMD_GET_DISABLED_OFFLOADS
};

#define NUM_COMMANDS	(sizeof(commands) / sizeof(commands[0]))

/* step: from one queue of the table to the next, queues that there are or not. */
static void configure_rss(struct guest *g, unsigned int step)
{
	struct vmxnet3_rss_conf *rss = (void *)(g->ram + AT_RSS);
	struct vmxnet3_conf_desc *desc = &guest_shared(g)->dev_read.rss;

	memset(rss, 0, sizeof(*rss));
	rss->hash_type = htole16(0xf);
	rss->hash_func = htole16(VMXNET3_RSS_FUNC_TOEPLITZ);
	rss->key_len = htole16(VMXNET3_RSS_KEY_LEN);
	rss->table_len = htole16(32);
	memset(rss->key, 0x6d, sizeof(rss->key));
	for (int i = 0; i < 32; i++)
		rss->table[i] = i * step;
	desc->version = htole32(1);
	desc->length = htole32(sizeof(*rss));
	desc->pa = htole64(GUEST_BASE + AT_RSS);
	guest_shared(g)->dev_read.misc.features |= htole64(VMXNET3_F_RSS);
}

/* Rings of later revisions; where they overlap others is the driver's fault. */
static void configure_side_rings(struct guest *g)
{
	struct vmxnet3_rx_queue_desc *rxq = guest_rxq(g, 0);
	struct vmxnet3_tx_queue_desc *txq = guest_txq(g);

	rxq->conf.data_ring_pa = htole64(GUEST_BASE + AT_VF_RINGS);
	rxq->conf.data_desc_size = htole16(128);
	rxq->ts.ring_pa = htole64(GUEST_BASE + AT_VF_RINGS);
	rxq->ts.desc_size = htole16(128);
	txq->ts.ring_pa = htole64(GUEST_BASE + AT_VF_RINGS);
	txq->ts.desc_size = htole16(128);
}

/* A driver that has started well, if the input wants one. */
static void begin(struct guest *g, uint8_t how, uint8_t revision)
{
	guest_write32(g, VMXNET3_BAR_VD, VMXNET3_VD_VRRS,
		      BIT(revision % VMXNET3_REV_MAX));
	if (revision & 16)
		guest_write32(g, VMXNET3_BAR_VD, VMXNET3_VD_DCR,
			      revision & 32 ? ~0u : ~VMXNET3_CAP_LARGE_BAR);
	guest_configure(g, how & 2 ? 2 : 1);
	if (revision & 64)
		configure_side_rings(g);
	if (revision & 128)
		guest_shared(g)->dev_read.misc.features |=
			htole64(VMXNET3_F_LRO | VMXNET3_F_RXINNER);
	if (how & 4)
		configure_rss(g, how & 32 ? 9 : 1);
	if (how & 8)
		guest_shared(g)->dev_read.misc.features |=
			htole64(VMXNET3_F_RXCSUM | VMXNET3_F_RXVLAN);
	if (how & 1)
		guest_activate(g);
	if (how & 16)
		guest_fill_rx(g, 16, 16);
}

/* Make of a UDP frame one in a tunnel, as far as it goes. */
static void put_in_tunnel(uint8_t *frame, size_t len, uint8_t kind)
{
	uint8_t *udp = frame + (kind & 2 ? 54 : 34);
	uint8_t inner[256];
	size_t n = make_tcp(inner, peer_mac, 100, kind & 32);

	if (len < 54 + 16 + n)
		return;
	udp[2] = kind & 16 ? 6081 >> 8 : 4789 >> 8;
	udp[3] = kind & 16 ? 6081 & 0xff : 4789 & 0xff;
	memset(udp + 8, 0, 8);
	udp[8] = kind & 16 ? 0 : 8;
	udp[10] = kind & 16 ? 0x65 : 0;
	udp[11] = kind & 16 ? 0x58 : 0;
	memcpy(udp + 16, inner, n);
}

static void send_frame(struct guest *g, struct input *in)
{
	static uint8_t frame[0x10000];
	uint8_t kind = take8(in);
	uint32_t ctl = take32(in), ctl2 = take32(in);
	size_t len = take16(in), piece = take16(in);
	const uint8_t *bytes;
	size_t n;

	if (len > 0xf000)
		len = 0xf000;
	if (kind & 1)
		len = make_tcp(frame, peer_mac, len, kind & 2);
	else
		len = make_udp(frame, peer_mac, len, kind & 2);
	if ((kind & 9) == 8)
		put_in_tunnel(frame, len, kind);
	if (kind & 4) {
		size_t at = take8(in) & 0x3f;

		bytes = take_bytes(in, 16, &n);
		memcpy(frame + at, bytes, n);
	}
	/* At most as many pieces as the ring has entries. */
	if (piece < len / GUEST_RING + 1)
		piece = len / GUEST_RING + 1;
	guest_tx(g, frame, len, piece,
		 ctl & ~(VMXNET3_TXD_LEN | VMXNET3_TXD_GEN),
		 ctl2 & ~VMXNET3_TXD_EOP);
}

/* Descriptors one by one: lengths and addresses of any kind, good ownership. */
static void send_pieces(struct guest *g, struct input *in)
{
	struct vmxnet3_tx_desc *ring = (void *)(g->ram + AT_TX_RING);
	uint8_t kind = take8(in);
	uint32_t ctl2 = take32(in) & ~VMXNET3_TXD_EOP;

	for (int i = kind % 8; i >= 0; i--) {
		struct vmxnet3_tx_desc *desc = &ring[g->tx_next];
		uint32_t ctl = take32(in) & ~VMXNET3_TXD_GEN;
		uint32_t len = FIELD_GET(VMXNET3_TXD_LEN, ctl);

		desc->addr = htole64(kind & 8 ? fuzz_edge(in, len) :
				     GUEST_BASE + AT_TX_DATA);
		if (!i && kind & 16)
			ctl2 |= VMXNET3_TXD_EOP;
		if (!(kind & 32))
			ctl &= ~VMXNET3_TXD_DTYPE;
		desc->ctl2 = htole32(ctl2);
		desc->ctl = htole32(ctl | FIELD_PREP(VMXNET3_TXD_GEN,
						     g->tx_gen));
		if (++g->tx_next == GUEST_RING) {
			g->tx_next = 0;
			g->tx_gen ^= 1;
		}
	}
	guest_write32(g, VMXNET3_BAR_PT, VMXNET3_PT_TXPROD, g->tx_next);
}

/* A buffer of any kind, where the device is going to look for one. */
static void write_rx_desc(struct guest *g, struct input *in)
{
	uint8_t kind = take8(in), ahead = take8(in) % 4;
	const struct ring *ring = &g->vnic->dev->rx[0].ring[kind & 1];
	struct vmxnet3_rx_desc *descs = (void *)(g->ram +
		(kind & 1 ? AT_RX_RING2 : AT_RX_RING));
	uint32_t len = kind & 16 ? take8(in) : take16(in) % 16384;
	uint64_t addr = GUEST_BASE + AT_RX_DATA + take16(in);
	uint32_t index = (ring->next + ahead) % GUEST_RING;

	if (kind & 4)
		addr = fuzz_edge(in, len);
	else if (kind & 8)
		addr = GUEST_BASE + take_odd32(in);
	descs[index].addr = htole64(addr);
	descs[index].ctl = htole32(FIELD_PREP(VMXNET3_RXD_LEN, len) |
				   (kind & 2 ? VMXNET3_RXD_BTYPE_BODY : 0) |
				   (ring->gen ? VMXNET3_RXD_GEN : 0));
}

/* A frame that fills its one buffer, near the end of a part of the memory. */
static void fill_to_edge(struct guest *g, struct input *in)
{
	const struct ring *ring = &g->vnic->dev->rx[0].ring[0];
	struct vmxnet3_rx_desc *descs = (void *)(g->ram + AT_RX_RING);
	uint32_t len = 60 + take8(in);
	uint8_t frame[400] = { 0 };

	descs[ring->next % GUEST_RING].addr = htole64(fuzz_edge(in, len));
	descs[ring->next % GUEST_RING].ctl =
		htole32(FIELD_PREP(VMXNET3_RXD_LEN, len) |
			(ring->gen ? VMXNET3_RXD_GEN : 0));
	memcpy(frame, guest_mac, 6);
	guest_deliver(g, frame, len, -1);
}

static void act(struct guest *g, struct input *in)
{
	uint8_t how = take8(in), what;
	uint32_t offset;

	switch (how % 16) {
	case 0:
		offset = take16(in) % PT_BAR_MAX_LEN & ~3u;
		guest_write32(g, VMXNET3_BAR_PT, offset, take_odd32(in));
		break;
	case 1:
		offset = take8(in) % 16 * 8;
		guest_write32(g, VMXNET3_BAR_VD, offset, take_odd32(in));
		break;
	case 2:
	case 3:
		guest_command(g, commands[take8(in) % NUM_COMMANDS]);
		break;
	case 4:
		guest_read32(g, how & 16 ? VMXNET3_BAR_PT : VMXNET3_BAR_VD,
			     take16(in) % 4096 & ~3u);
		break;
	case 5: {			/* the shared area, word by word */
		uint32_t value = take_odd32(in);

		offset = take16(in) % sizeof(struct vmxnet3_shared) & ~3u;
		memcpy(g->ram + AT_SHARED + offset, &value, 4);
		break;
	}
	case 6: {			/* queue descriptors */
		uint32_t value = take_odd32(in);

		offset = take16(in) % 0x300 & ~3u;
		memcpy(g->ram + AT_QUEUES + offset, &value, 4);
		break;
	}
	case 7:
		fuzz_memory(g, in);
		break;
	case 8:
		send_frame(g, in);
		break;
	case 9:
		send_pieces(g, in);
		break;
	case 10:
		if (how & 16)
			fill_to_edge(g, in);
		else
			write_rx_desc(g, in);
		break;
	case 11:
	case 12:
		fuzz_frame(g, in);
		break;
	case 13:
		fuzz_sleep(g, (uint64_t)take16(in) * 10000);
		break;
	case 14:
		what = take8(in);
		fuzz_map(g, what & 15, what & 16);
		break;
	default:
		what = take8(in);
		g->full = what & 1;
		if (what & 2)
			guest_configure(g, 1 + (what & 4) / 4);
		if (what & 8)
			guest_activate(g);
		if (what & 16)
			guest_fill_rx(g, 32, 32);
		if (what & 32)
			vmxnet3_dev_set_link(g->vnic->dev, what & 64);
	}
	guest_turn(g, 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	struct guest *g = fuzz_guest(&vf_82576_ops);
	uint8_t how;

	how = take8(&in);
	begin(g, how, take8(&in));
	while (in.len)
		act(g, &in);
	guest_turn(g, 4);
	guest_free(g);
	return 0;
}
