// SPDX-License-Identifier: GPL-2.0
/*
 * The emulated device through its vfio-user socket: protocol, activation, TX,
 * RX, interrupts.
 */
#include <endian.h>
#include <errno.h>
#include <linux/vfio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "guest.h"
#include "tap.h"

static struct guest *start(struct tap *tap, unsigned int num_rx)
{
	struct guest *g = guest_new(true, NULL);

	tap_begin(tap);
	if (!g || !guest_connect(g)) {
		printf("Bail out! no connection\n");
		exit(1);
	}
	guest_configure(g, num_rx);
	return g;
}

static struct guest *start_active(struct tap *tap, unsigned int num_rx)
{
	struct guest *g = start(tap, num_rx);

	tap_check(tap, guest_activate(g) == 0);
	return g;
}

/* Protocol */

static void test_region_info(struct tap *tap)
{
	struct guest *g = start(tap, 1);
	struct vfio_region_info info = {
		.argsz = sizeof(info), .index = BAR_WINDOW,
	};

	tap_check(tap, guest_request(g, 5, &info, sizeof(info), -1));
	tap_check(tap, !g->error && g->reply_len == sizeof(info));
	memcpy(&info, g->reply, sizeof(info));
	tap_check(tap, info.argsz > sizeof(info));
	tap_check(tap, info.size == WINDOW_BAR_LEN && g->reply_fd < 0);
	tap_check(tap, info.flags & VFIO_REGION_INFO_FLAG_MMAP);
	tap_check(tap, guest_request(g, 5, &info, sizeof(info), -1));
	tap_check(tap, g->reply_len == info.argsz && g->reply_fd >= 0);
	info.index = VFIO_USER_REGIONS;
	tap_check(tap, guest_request(g, 5, &info, sizeof(info), -1));
	tap_check(tap, g->error == EINVAL);
	guest_free(g);
	tap_end(tap, "region info: truncated, then whole with descriptor");
}

static void test_config(struct tap *tap)
{
	struct guest *g = start(tap, 1);

	tap_check(tap, guest_read32(g, VFIO_USER_CONFIG, 0) == 0x07b015ad);
	guest_write32(g, VFIO_USER_CONFIG, 0x1c, ~0u);
	tap_check(tap, guest_read32(g, VFIO_USER_CONFIG, 0x1c) ==
		  (uint32_t)-WINDOW_BAR_LEN);
	tap_check(tap, !pci_bar_addr(&g->vnic->pci, BAR_WINDOW));
	guest_write32(g, VFIO_USER_CONFIG, 0x1c, 0xfe123456);
	tap_check(tap, pci_bar_addr(&g->vnic->pci, BAR_WINDOW) == 0xfe120000);
	guest_write32(g, VFIO_USER_CONFIG, 0, 0);
	tap_check(tap, guest_read32(g, VFIO_USER_CONFIG, 0) == 0x07b015ad);
	tap_check(tap, guest_read32(g, VFIO_USER_CONFIG, 0x64) ==
		  VMXNET3_NPA_MAGIC);
	guest_free(g);
	tap_end(tap, "configuration space");
}

static void test_second_client(struct tap *tap)
{
	struct guest *g = start_active(tap, 1);
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	char byte;

	strcpy(addr.sun_path, g->path);
	tap_check(tap, !connect(fd, (struct sockaddr *)&addr, sizeof(addr)));
	guest_turn(g, 3);
	tap_check(tap, recv(fd, &byte, 1, MSG_DONTWAIT) == 0);
	close(fd);
	tap_check(tap, guest_command(g, VMXNET3_CMD_GET_LINK) & 1);
	/* The first one goes, another comes: everything begins anew. */
	guest_disconnect(g);
	tap_check(tap, !g->vnic->dev->active);
	tap_check(tap, guest_connect(g));
	guest_configure(g, 1);
	tap_check(tap, guest_activate(g) == 0);
	guest_free(g);
	tap_end(tap, "a second client is refused, a later one is welcome");
}

static void test_mac(struct tap *tap)
{
	struct guest *g = start_active(tap, 1);

	tap_check(tap, guest_command(g, VMXNET3_CMD_GET_PERM_MAC_LO) == 2);
	tap_check(tap, guest_command(g, VMXNET3_CMD_GET_PERM_MAC_HI) == 0x100);
	guest_write32(g, VMXNET3_BAR_VD, VMXNET3_VD_MACL, 0x04030202);
	guest_write32(g, VMXNET3_BAR_VD, VMXNET3_VD_MACH, 0x0605);
	tap_check(tap, g->vnic->dev->port.mac[5] == 6);
	tap_check(tap, guest_read32(g, VMXNET3_BAR_VD, VMXNET3_VD_MACH) ==
		  0x0605);
	guest_write32(g, VMXNET3_BAR_VD, VMXNET3_VD_MACL, 0x04030201);
	guest_write32(g, VMXNET3_BAR_VD, VMXNET3_VD_MACH, 0x0605);
	tap_check(tap, g->vnic->dev->port.mac[0] == 2);
	guest_free(g);
	tap_end(tap, "MAC address");
}

/* Activation */

typedef void (*spoil_fn)(struct guest *g);

static void spoil_magic(struct guest *g)
{
	guest_shared(g)->magic = 0;
}

static void spoil_num_tx(struct guest *g)
{
	guest_shared(g)->dev_read.misc.num_tx_queues = 0;
}

static void spoil_num_rx(struct guest *g)
{
	guest_shared(g)->dev_read.misc.num_rx_queues = 255;
}

static void spoil_desc_pa(struct guest *g)
{
	guest_shared(g)->dev_read.misc.queue_desc_pa = htole64(-128ull);
}

static void spoil_desc_len(struct guest *g)
{
	guest_shared(g)->dev_read.misc.queue_desc_len = htole32(511);
}

static void spoil_event_intr(struct guest *g)
{
	guest_shared(g)->dev_read.intr.event_intr = GUEST_VECTORS;
}

static void spoil_mtu(struct guest *g)
{
	guest_shared(g)->dev_read.misc.mtu = ~0u;
}

static void spoil_tx_size(struct guest *g)
{
	guest_txq(g)->conf.ring_size = htole32(4097);
}

static void spoil_tx_zero(struct guest *g)
{
	guest_txq(g)->conf.ring_size = 0;
}

static void spoil_tx_pa(struct guest *g)
{
	guest_txq(g)->conf.ring_pa = htole64(GUEST_BASE + GUEST_RAM - 512);
}

static void spoil_tx_align(struct guest *g)
{
	guest_txq(g)->conf.ring_pa = htole64(GUEST_BASE + AT_TX_RING + 16);
}

static void spoil_tx_comp(struct guest *g)
{
	guest_txq(g)->conf.comp_ring_pa = 0;
}

static void spoil_tx_intr(struct guest *g)
{
	guest_txq(g)->conf.intr = 200;
}

static void spoil_rx_pa(struct guest *g)
{
	guest_rxq(g, 0)->conf.ring_pa[1] = htole64(512);
}

static void spoil_rx_comp(struct guest *g)
{
	guest_rxq(g, 0)->conf.comp_ring_size = htole32(~0u);
}

static void test_bad_configuration(struct tap *tap)
{
	static const struct {
		const char *name;
		spoil_fn fn;
	} cases[] = {
		{ "magic", spoil_magic }, { "no TX queue", spoil_num_tx },
		{ "too many RX queues", spoil_num_rx },
		{ "queue descriptors' address", spoil_desc_pa },
		{ "queue descriptors' length", spoil_desc_len },
		{ "event interrupt", spoil_event_intr }, { "MTU", spoil_mtu },
		{ "TX ring too large", spoil_tx_size },
		{ "TX ring empty", spoil_tx_zero },
		{ "TX ring beyond memory", spoil_tx_pa },
		{ "TX ring unaligned", spoil_tx_align },
		{ "TX completion ring", spoil_tx_comp },
		{ "TX interrupt", spoil_tx_intr },
		{ "RX ring 2", spoil_rx_pa },
		{ "RX completion ring", spoil_rx_comp },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct guest *g = start(tap, 1);

		cases[i].fn(g);
		tap_check(tap, guest_activate(g) != 0);
		tap_check(tap, !g->vnic->dev->active);
		guest_configure(g, 1);
		tap_check(tap, guest_activate(g) == 0);
		guest_free(g);
		tap_end(tap, "activation refuses: %s", cases[i].name);
	}
}

/* TX */

static void test_tx(struct tap *tap)
{
	struct guest *g = start_active(tap, 1);
	uint8_t frame[2000];
	uint32_t index;
	size_t len;

	len = make_udp(frame, peer_mac, 1000, false);
	for (unsigned int i = 0; i < 200; i++) {
		size_t piece = 1 + i * 13;

		if (len / piece >= 60)
			piece = 20;
		guest_tx(g, frame, len, piece, 0, 0);
		tap_check(tap, g->num_seen == i + 1);
		tap_check(tap, g->seen[i % MAX_SEEN].f.len == len);
		tap_check(tap, !memcmp(g->seen[i % MAX_SEEN].data, frame, len));
		tap_check(tap, guest_tx_comp(g, &index));
		tap_check(tap, index == (g->tx_next + GUEST_RING - 1) %
			  GUEST_RING);
		tap_check(tap, guest_irqs(g, 0) == 1);
		guest_write32(g, VMXNET3_BAR_PT, 0, 0);
	}
	tap_check(tap, !guest_tx_comp(g, &index));
	tap_check(tap, g->vnic->dev->port.stats.tx_packets == 200);
	guest_free(g);
	tap_end(tap, "TX: pieces, completions, interrupts");
}

static void test_tx_offloads(struct tap *tap)
{
	struct guest *g = start_active(tap, 1);
	static uint8_t data[20000];
	struct frame *f = &g->seen[0].f;
	uint32_t om, index;
	size_t len;

	len = make_tcp(data, peer_mac, 1000, false);
	om = FIELD_PREP(VMXNET3_TXD_OM, VMXNET3_TXD_OM_CSUM);
	guest_tx(g, data, len, 4096, FIELD_PREP(VMXNET3_TXD_MSSCOF, 50u),
		 om | FIELD_PREP(VMXNET3_TXD_HLEN, 34u) | VMXNET3_TXD_TI |
		 FIELD_PREP(VMXNET3_TXD_TCI, 77u));
	tap_check(tap, f->csum_partial && f->csum_start == 34);
	tap_check(tap, f->csum_offset == 16 && f->has_vlan);
	tap_check(tap, f->vlan_tci == 77 && g->num_seen == 1);
	g->num_seen = 0;
	len = make_tcp(data, peer_mac, 15000, false);
	om = FIELD_PREP(VMXNET3_TXD_OM, VMXNET3_TXD_OM_TSO);
	guest_tx(g, data, len, 4096, FIELD_PREP(VMXNET3_TXD_MSSCOF, 1448u),
		 om | FIELD_PREP(VMXNET3_TXD_HLEN, 54u));
	tap_check(tap, g->num_seen == 1 && f->len == len);
	tap_check(tap, f->gso_size == 1448 && f->hdr_len == 54);
	g->num_seen = 0;
	/* Offsets outside of the frame: completed, not sent. */
	len = make_tcp(data, peer_mac, 100, false);
	om = FIELD_PREP(VMXNET3_TXD_OM, VMXNET3_TXD_OM_CSUM);
	guest_tx(g, data, len, 4096, FIELD_PREP(VMXNET3_TXD_MSSCOF, 2000u),
		 om | FIELD_PREP(VMXNET3_TXD_HLEN, 34u));
	tap_check(tap, !g->num_seen);
	for (int i = 0; i < 3; i++)
		tap_check(tap, guest_tx_comp(g, &index));
	tap_check(tap, g->vnic->dev->port.stats.tx_dropped == 1);
	guest_free(g);
	tap_end(tap, "TX: checksum, TSO, tag, offsets outside");
}

static void test_tx_bad(struct tap *tap)
{
	struct guest *g = start_active(tap, 1);
	struct vmxnet3_tx_desc *ring = (void *)(g->ram + AT_TX_RING);
	uint8_t frame[200];
	uint32_t index;

	/* A bad address: the frame is completed and dropped. */
	ring[0].addr = htole64(64);
	ring[0].ctl2 = htole32(VMXNET3_TXD_EOP | VMXNET3_TXD_CQ);
	ring[0].ctl = htole32(VMXNET3_TXD_GEN | 100);
	g->tx_next = 1;
	guest_tx(g, frame, make_udp(frame, peer_mac, 50, false), 200, 0, 0);
	tap_check(tap, guest_tx_comp(g, &index) && index == 0);
	tap_check(tap, guest_tx_comp(g, &index) && index == 1);
	tap_check(tap, g->num_seen == 1);
	guest_free(g);
	tap_end(tap, "TX: bad address");

	g = start_active(tap, 1);
	ring = (void *)(g->ram + AT_TX_RING);
	for (int i = 0; i < GUEST_RING; i++) {
		ring[i].addr = htole64(GUEST_BASE + AT_TX_DATA);
		ring[i].ctl = htole32(VMXNET3_TXD_GEN | 1);
	}
	guest_write32(g, VMXNET3_BAR_PT, VMXNET3_PT_TXPROD, 0);
	guest_turn(g, 3);
	tap_check(tap, !g->num_seen);
	tap_check(tap, guest_command(g, VMXNET3_CMD_GET_QUEUE_STATUS) == 0);
	guest_free(g);
	tap_end(tap, "TX: frame without end");

	g = start_active(tap, 1);
	ring = (void *)(g->ram + AT_TX_RING);
	ring[0].ctl = htole32(VMXNET3_TXD_GEN | VMXNET3_TXD_DTYPE | 1);
	guest_write32(g, VMXNET3_BAR_PT, VMXNET3_PT_TXPROD, 0);
	guest_turn(g, 3);
	tap_check(tap, guest_txq(g)->status.stopped);
	tap_check(tap, guest_shared(g)->ecr == htole32(VMXNET3_ECR_TQERR));
	tap_check(tap, guest_irqs(g, 2) == 1);
	guest_write32(g, VMXNET3_BAR_VD, VMXNET3_VD_ECR, VMXNET3_ECR_TQERR);
	tap_check(tap, guest_shared(g)->ecr == 0);
	tap_check(tap, guest_activate(g) == 0);
	guest_free(g);
	tap_end(tap, "TX: unknown descriptor type stops the queue");
}

/* Frames that are a lot of work are not all sent in one turn of the loop. */
static void test_tx_budget(struct tap *tap)
{
	const uint32_t tso = FIELD_PREP(VMXNET3_TXD_OM, VMXNET3_TXD_OM_TSO) |
			     54;
	struct guest *g = start_active(tap, 1);
	static uint8_t frame[50000];
	size_t len;

	len = make_tcp(frame, peer_mac, 45000, false);
	guest_tx(g, frame, len, 16000, FIELD_PREP(VMXNET3_TXD_MSSCOF, 7), tso);
	tap_check(tap, !g->num_seen);
	tap_check(tap, g->vnic->dev->tx[0].stats.errors == 1);
	g->full = true;
	for (int i = 0; i < 3; i++)
		guest_tx(g, frame, len, 16000,
			 FIELD_PREP(VMXNET3_TXD_MSSCOF, 8), tso);
	g->full = false;
	guest_write32(g, VMXNET3_BAR_PT, VMXNET3_PT_TXPROD, 0);
	tap_check(tap, g->num_seen == 1);
	guest_turn(g, 1);
	tap_check(tap, g->num_seen == 2);
	guest_turn(g, 1);
	tap_check(tap, g->num_seen == 3);
	guest_free(g);
	tap_end(tap, "TX: a turn of the loop has its limit");
}

static void test_tx_wait(struct tap *tap)
{
	struct guest *g = start_active(tap, 1);
	uint8_t frame[200];
	uint32_t index;

	g->full = true;
	guest_tx(g, frame, make_udp(frame, peer_mac, 50, false), 200, 0, 0);
	tap_check(tap, !guest_tx_comp(g, &index));
	g->full = false;
	usleep(1000);
	guest_turn(g, 3);
	tap_check(tap, guest_tx_comp(g, &index) && g->num_seen == 1);
	guest_free(g);
	tap_end(tap, "TX: waits for room at the receiver");
}

/* RX */

static void test_rx(struct tap *tap)
{
	const uint32_t good = VMXNET3_RXC_V4 | VMXNET3_RXC_IPC |
			      VMXNET3_RXC_UDP | VMXNET3_RXC_TUC;
	struct guest *g = start_active(tap, 1);
	struct vmxnet3_rx_comp comp;
	uint8_t frame[2000];
	size_t len;

	guest_fill_rx(g, 10, 0);
	len = make_udp(frame, NULL, 500, false);
	tap_check(tap, guest_deliver(g, frame, len, -1) == 0);
	tap_check(tap, guest_rx_comp(g, &comp));
	tap_check(tap, (comp.ctl & ~0xfffu) == (VMXNET3_RXC_SOP |
						VMXNET3_RXC_EOP));
	tap_check(tap, comp.len == len);
	tap_check(tap, (comp.flags & 0x7f0000) == good);
	tap_check(tap, !memcmp(g->ram + AT_RX_DATA, frame, len));
	tap_check(tap, guest_irqs(g, 1) == 1);
	/* A bad checksum is said, the frame is delivered. */
	frame[len - 1]++;
	guest_deliver(g, frame, len, -1);
	tap_check(tap, guest_rx_comp(g, &comp));
	tap_check(tap, (comp.flags & 0x7f0000) == (good & ~VMXNET3_RXC_TUC));
	/* The interrupt is masked: one more is signalled at unmask only. */
	tap_check(tap, guest_irqs(g, 1) == 0);
	guest_write32(g, VMXNET3_BAR_PT, 8, 0);
	tap_check(tap, guest_irqs(g, 1) == 1);
	/* Not for us, too long. */
	make_udp(frame, peer_mac, 500, false);
	guest_deliver(g, frame, len, -1);
	len = make_udp(frame, NULL, 1600, false);
	guest_deliver(g, frame, len, -1);
	tap_check(tap, !guest_rx_comp(g, &comp));
	guest_free(g);
	tap_end(tap, "RX: frame, checksum, interrupt, not for us, too long");
}

static void test_rx_vlan(struct tap *tap)
{
	struct guest *g = start(tap, 1);
	struct vmxnet3_rx_comp comp;
	uint8_t frame[200];
	size_t len = make_udp(frame, NULL, 50, false);

	memset(guest_shared(g)->dev_read.rx_filter.vlan_table, 0, 512);
	guest_shared(g)->dev_read.rx_filter.vlan_table[2] = htole32(1 << 6);
	tap_check(tap, guest_activate(g) == 0);
	guest_fill_rx(g, 10, 0);
	guest_deliver(g, frame, len, 0xe046);	/* VLAN 70 */
	tap_check(tap, guest_rx_comp(g, &comp));
	tap_check(tap, comp.len == (VMXNET3_RXC_TS | 0xe0460000 | len));
	guest_deliver(g, frame, len, 71);
	tap_check(tap, !guest_rx_comp(g, &comp));
	guest_shared(g)->dev_read.misc.features = 0;
	guest_command(g, VMXNET3_CMD_UPDATE_FEATURE);
	guest_deliver(g, frame, len, 70);
	tap_check(tap, guest_rx_comp(g, &comp));
	tap_check(tap, comp.len == len + 4 && comp.ctl & VMXNET3_RXC_CNC);
	tap_check(tap, !memcmp(g->ram + AT_RX_DATA + GUEST_BUF_LEN + 12,
			       "\x81\x00\x00\x46\x08\x00", 6));
	guest_free(g);
	tap_end(tap, "RX: tag stripped, left, filtered");
}

static void test_rx_chain(struct tap *tap)
{
	struct guest *g = start(tap, 1);
	struct vmxnet3_rx_comp comp;
	static uint8_t frame[9100];
	size_t len = make_udp(frame, NULL, 8900, false), at = 0;

	guest_shared(g)->dev_read.misc.mtu = htole32(9000);
	tap_check(tap, guest_activate(g) == 0);
	/* A body to skip, a head, a body; the rest from ring 2. */
	guest_rx_desc(g, 0, 0, GUEST_BASE + AT_RX_DATA, 2048, true);
	guest_rx_desc(g, 0, 1, GUEST_BASE + AT_RX_DATA + 2048, 2048, false);
	guest_rx_desc(g, 0, 2, GUEST_BASE + AT_RX_DATA + 4096, 2048, true);
	guest_rx_desc(g, 0, 3, GUEST_BASE + AT_RX_DATA + 6144, 2048, false);
	guest_fill_rx(g, 0, 0);
	for (int i = 0; i < 3; i++)
		guest_rx_desc(g, 1, i, GUEST_BASE + AT_RX_DATA2 + i * 2048,
			      2048, true);
	tap_check(tap, guest_deliver(g, frame, len, -1) == 0);
	for (int i = 0; i < 5; i++) {
		static const uint32_t index[] = { 1, 2, 0, 1, 2 };
		uint32_t n = len - at < 2048 ? len - at : 2048;
		size_t where = i < 2 ? AT_RX_DATA + 2048 * (i + 1) :
				       AT_RX_DATA2 + 2048 * (i - 2);

		tap_check(tap, guest_rx_comp(g, &comp));
		tap_check(tap, FIELD_GET(VMXNET3_RXC_INDEX, comp.ctl) ==
			  index[i]);
		tap_check(tap, FIELD_GET(VMXNET3_RXC_RQID, comp.ctl) ==
			  (i < 2 ? 0u : 1u));
		tap_check(tap, !!(comp.ctl & VMXNET3_RXC_SOP) == !i);
		tap_check(tap, !!(comp.ctl & VMXNET3_RXC_EOP) == (i == 4));
		tap_check(tap, FIELD_GET(VMXNET3_RXC_LEN, comp.len) == n);
		tap_check(tap, !memcmp(g->ram + where, frame + at, n));
		at += n;
	}
	tap_check(tap, comp.flags & VMXNET3_RXC_TUC);
	guest_free(g);
	tap_end(tap, "RX: a frame over several buffers of both rings");
}

static void test_rx_starved(struct tap *tap)
{
	struct guest *g = start_active(tap, 1);
	struct vmxnet3_rx_comp comp;
	uint8_t frame[200];
	size_t len = make_udp(frame, NULL, 50, false);

	g->kicks = 0;
	tap_check(tap, guest_deliver(g, frame, len, -1) == -EAGAIN);
	tap_check(tap, guest_rxq(g, 0)->ctrl.update_rx_prod == 1);
	guest_turn(g, 5);
	tap_check(tap, !g->kicks);
	guest_fill_rx(g, 2, 0);
	usleep(1000);
	guest_turn(g, 2);
	tap_check(tap, g->kicks == 1);
	tap_check(tap, guest_rxq(g, 0)->ctrl.update_rx_prod == 0);
	tap_check(tap, guest_deliver(g, frame, len, -1) == 0);
	tap_check(tap, guest_rx_comp(g, &comp));
	/* A bad address: the buffer comes back with an error. */
	guest_rx_desc(g, 0, 1, 8, 2048, false);
	tap_check(tap, guest_deliver(g, frame, len, -1) == 0);
	tap_check(tap, guest_rx_comp(g, &comp));
	tap_check(tap, comp.len == VMXNET3_RXC_ERR);
	guest_free(g);
	tap_end(tap, "RX: no buffers, bad buffer");
}

static void test_rx_rss(struct tap *tap)
{
	struct guest *g = start(tap, 2);
	struct vmxnet3_dev_read *conf = &guest_shared(g)->dev_read;
	struct vmxnet3_rss_conf *rss = (void *)(g->ram + AT_RSS);
	unsigned int on_queue[2] = { 0 };
	uint8_t frame[200];
	size_t len;

	memset(rss, 0, sizeof(*rss));
	rss->hash_type = htole16(VMXNET3_RSS_TCP_IPV4 | VMXNET3_RSS_IPV4);
	rss->hash_func = htole16(VMXNET3_RSS_FUNC_TOEPLITZ);
	rss->key_len = htole16(40);
	rss->table_len = htole16(8);
	for (int i = 0; i < 40; i++)
		rss->key[i] = i * 37 + 1;
	for (int i = 0; i < 8; i++)
		rss->table[i] = i & 1;
	conf->misc.features |= htole64(VMXNET3_F_RSS);
	conf->rss.version = htole32(1);
	conf->rss.length = htole32(sizeof(*rss));
	conf->rss.pa = htole64(GUEST_BASE + AT_RSS);
	tap_check(tap, guest_activate(g) == 0);
	for (int i = 0; i < 16; i++) {
		guest_rx_desc(g, 0, i, GUEST_BASE + AT_RX_DATA + i * 2048,
			      2048, false);
		guest_rx_desc(g, 0, 64 + i, GUEST_BASE + AT_RX_DATA2 +
			      i * 2048, 2048, false);
	}
	for (int i = 0; i < 16; i++) {
		len = make_tcp(frame, NULL, 50, false);
		frame[35] = i * 3;
		tap_check(tap, guest_deliver(g, frame, len, -1) == 0);
	}
	for (int q = 0; q < 2; q++)
		on_queue[q] = g->vnic->dev->rx[q].stats.ucast_packets;
	tap_check(tap, on_queue[0] + on_queue[1] == 16);
	tap_check(tap, on_queue[0] && on_queue[1]);
	/* A table that names queues that do not exist does no harm. */
	memset(rss->table, 0xff, sizeof(rss->table));
	guest_command(g, VMXNET3_CMD_UPDATE_RSSIDT);
	guest_deliver(g, frame, len, -1);
	rss->table_len = htole16(200);
	guest_command(g, VMXNET3_CMD_UPDATE_RSSIDT);
	tap_check(tap, !g->vnic->dev->conf.rss.enabled);
	guest_free(g);
	tap_end(tap, "RX: spread over queues");
}

/* Interrupts and events */

static void test_intr_disable(struct tap *tap)
{
	struct guest *g = start(tap, 1);
	struct vmxnet3_intr_conf *intr = &guest_shared(g)->dev_read.intr;
	uint8_t frame[200];
	size_t len = make_udp(frame, NULL, 50, false);

	intr->ctrl = htole32(VMXNET3_INTR_CTRL_DISABLE_ALL);
	tap_check(tap, guest_activate(g) == 0);
	guest_fill_rx(g, 4, 0);
	guest_deliver(g, frame, len, -1);
	tap_check(tap, guest_irqs(g, 1) == 0);
	intr->ctrl = 0;
	usleep(2500);
	guest_turn(g, 2);
	tap_check(tap, guest_irqs(g, 1) == 1);
	guest_free(g);
	tap_end(tap, "interrupts all disabled, then enabled: none is lost");
}

static void test_link(struct tap *tap)
{
	struct guest *g = start_active(tap, 1);

	vmxnet3_dev_set_link(g->vnic->dev, false);
	tap_check(tap, guest_shared(g)->ecr == htole32(VMXNET3_ECR_LINK));
	tap_check(tap, guest_irqs(g, 2) == 1);
	tap_check(tap, !(guest_command(g, VMXNET3_CMD_GET_LINK) & 1));
	guest_free(g);
	tap_end(tap, "link event");
}

int main(void)
{
	struct tap tap = { 0 };

	test_region_info(&tap);
	test_config(&tap);
	test_second_client(&tap);
	test_mac(&tap);
	test_bad_configuration(&tap);
	test_tx(&tap);
	test_tx_offloads(&tap);
	test_tx_bad(&tap);
	test_tx_budget(&tap);
	test_tx_wait(&tap);
	test_rx(&tap);
	test_rx_vlan(&tap);
	test_rx_chain(&tap);
	test_rx_starved(&tap);
	test_rx_rss(&tap);
	test_intr_disable(&tap);
	test_link(&tap);
	return tap_done(&tap);
}
