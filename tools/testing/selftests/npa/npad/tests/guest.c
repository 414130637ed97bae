// SPDX-License-Identifier: GPL-2.0
/*
 * A guest for unit tests.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "guest.h"

#define REPLY_TURNS	200

const uint8_t guest_mac[6] = { 2, 0, 0, 0, 0, 1 };
const uint8_t peer_mac[6] = { 2, 0, 0, 0, 0, 2 };

struct header {
	uint16_t id, command;
	uint32_t size, flags, error;
};

/* The network's end */

static int uplink_deliver(struct port *port, struct frame *f)
{
	struct guest *g = port->arg;
	struct seen *seen;

	if (g->full)
		return -EAGAIN;
	seen = &g->seen[g->num_seen++ % MAX_SEEN];
	seen->f = *f;
	seen->f.data = seen->data;
	memcpy(seen->data, f->data, f->len);
	return 0;
}

static void uplink_kicked(struct port *port)
{
	struct guest *g = port->arg;

	g->kicks++;
}

static const struct port_ops uplink_ops = {
	.deliver = uplink_deliver,
	.kicked = uplink_kicked,
};

static bool count_turns(void *arg)
{
	struct guest *g = arg;

	if (!--g->turns)
		loop_stop(g->npad.loop);
	return false;
}

void guest_turn(struct guest *g, unsigned int turns)
{
	g->turns = turns;
	loop_run(g->npad.loop);
}

/* Putting it together */

static void add_uplink(struct guest *g)
{
	g->uplink.ops = &uplink_ops;
	g->uplink.name = "uplink";
	g->uplink.arg = g;
	g->uplink.enabled = true;
	g->uplink.flags = PORT_UPLINK | PORT_TAKES_OFFLOADS;
	eswitch_add(g->npad.sw, &g->uplink);
	g->npad.uplink_port = &g->uplink;
}

static bool make_ram(struct guest *g)
{
	g->ram_fd = memfd_create("ram", MFD_CLOEXEC);
	if (g->ram_fd < 0 || ftruncate(g->ram_fd, GUEST_RAM))
		return false;
	g->ram = mmap(NULL, GUEST_RAM, PROT_READ | PROT_WRITE, MAP_SHARED,
		      g->ram_fd, 0);
	return g->ram != MAP_FAILED;
}

/* All but the NIC. */
static struct guest *new_host(const char *plugin_dir)
{
	struct guest *g = calloc(1, sizeof(*g));
	struct npad *npad = &g->npad;

	g->sock = -1;
	g->reply_fd = -1;
	for (int i = 0; i < GUEST_VECTORS; i++)
		g->irq[i] = -1;
	g->seen = calloc(MAX_SEEN, sizeof(*g->seen));
	strcpy(g->dir, "/tmp/npad-test-XXXXXX");
	if (!make_ram(g) || !mkdtemp(g->dir))
		return NULL;
	snprintf(g->path, sizeof(g->path), "%s/v.sock", g->dir);
	npad->log.level = getenv("NPAD_TEST_LOG") ? LOG_DEBUG : LOG_ERROR;
	npad->answer_ns = GUEST_ANSWER_NS;
	npad->loop = loop_new();
	npad->sw = eswitch_new();
	npad->store = store_new(plugin_dir);
	add_uplink(g);
	g->stopper.fn = count_turns;
	g->stopper.arg = g;
	loop_add_poller(npad->loop, &g->stopper);
	return g;
}

struct guest *guest_new(bool npa, const char *plugin_dir)
{
	struct vmxnet3_model model = vmxnet3_model_default(1);

	return guest_new_model(npa ? &vf_82576_ops : NULL, plugin_dir, &model);
}

struct guest *guest_new_model(const struct pf_ops *vf, const char *plugin_dir,
			      const struct vmxnet3_model *model)
{
	struct vnic_conf conf = { .name = "vnic0", .vf = vf, .model = *model };
	const struct port_policy open_policy = { 0 };
	struct guest *g = new_host(plugin_dir);

	if (!g)
		return NULL;
	conf.socket = g->path;
	memcpy(conf.mac, guest_mac, sizeof(conf.mac));
	g->vnic = vnic_new(&g->npad, &conf);
	if (!g->vnic)
		return NULL;
	/* Frames of these tests have any source. */
	vnic_set_policy(g->vnic, &open_policy);
	return g;
}

struct guest *guest_new_raw(const struct pf_ops *ops)
{
	struct guest *g = new_host(NULL);
	struct raw_vf_env env = { .name = "vf0", .ops = ops };

	if (!g)
		return NULL;
	env.loop = g->npad.loop;
	env.log = &g->npad.log;
	env.sw = g->npad.sw;
	memcpy(env.mac, guest_mac, sizeof(env.mac));
	g->npad.raw = raw_vf_new(&env, g->path);
	return g->npad.raw ? g : NULL;
}

void guest_free(struct guest *g)
{
	struct npad *npad = &g->npad;

	guest_disconnect(g);
	vnic_free(g->vnic);
	raw_vf_free(npad->raw);
	eswitch_del(npad->sw, &g->uplink);
	store_free(npad->store);
	events_free(&npad->events);
	eswitch_free(npad->sw);
	loop_free(npad->loop);
	munmap(g->ram, GUEST_RAM);
	close(g->ram_fd);
	rmdir(g->dir);
	free(g->seen);
	free(g);
}

/* The vfio-user client */

bool guest_send(struct guest *g, const void *msg, size_t len, int fd)
{
	union {
		struct cmsghdr header;
		uint8_t space[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec iov = { (void *)msg, len };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (fd >= 0) {
		mh.msg_control = &control;
		mh.msg_controllen = sizeof(control);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.header), &fd, sizeof(int));
	}
	return sendmsg(g->sock, &mh, MSG_NOSIGNAL | MSG_DONTWAIT) ==
	       (ssize_t)len;
}

static void send_reply(struct guest *g, uint16_t id, uint32_t error)
{
	struct header header = {
		.id = id, .command = 12, .size = sizeof(header),
		.flags = error ? 0x21 : 1, .error = error,
	};

	guest_send(g, &header, sizeof(header), -1);
}

void guest_answer_dma(struct guest *g)
{
	send_reply(g, g->held_id, g->refuse_dma ? EFAULT : 0);
}

static void take_dma_write(struct guest *g, uint16_t id, const uint8_t *payload)
{
	uint64_t addr, count;

	memcpy(&addr, payload, 8);
	memcpy(&count, payload + 8, 8);
	g->dma_writes++;
	g->held_id = id;
	if (!g->refuse_dma && addr >= GUEST_BASE && count <= GUEST_RAM &&
	    addr - GUEST_BASE <= GUEST_RAM - count)
		memcpy(g->ram + (addr - GUEST_BASE), payload + 16, count);
	if (!g->hold_dma)
		guest_answer_dma(g);
}

/* One message; blocks never. */
static bool take_message(struct guest *g, struct header *header)
{
	union {
		struct cmsghdr header;
		uint8_t space[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = { header, sizeof(*header) };
	struct msghdr mh = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	ssize_t n = recvmsg(g->sock, &mh, MSG_DONTWAIT);

	if (n != sizeof(*header))
		return false;
	if (mh.msg_controllen) {
		if (g->reply_fd >= 0)
			close(g->reply_fd);
		memcpy(&g->reply_fd, CMSG_DATA(&control.header), sizeof(int));
	}
	g->reply_len = header->size - sizeof(*header);
	return !g->reply_len ||
	       recv(g->sock, g->reply, g->reply_len, MSG_DONTWAIT) ==
	       (ssize_t)g->reply_len;
}

bool guest_receive(struct guest *g)
{
	struct header header;

	while (take_message(g, &header)) {
		if ((header.flags & 0xf) == 1) {
			g->error = header.flags & 0x20 ? header.error : 0;
			return true;
		}
		take_dma_write(g, header.id, g->reply);
	}
	return false;
}

bool guest_request(struct guest *g, uint16_t command, const void *payload,
		   size_t len, int fd)
{
	static uint16_t id;
	uint8_t msg[4096 + 64];
	struct header header = {
		.id = ++id, .command = command, .size = sizeof(header) + len,
	};

	memcpy(msg, &header, sizeof(header));
	if (len)
		memcpy(msg + sizeof(header), payload, len);
	if (!guest_send(g, msg, sizeof(header) + len, fd))
		return false;
	for (int i = 0; i < REPLY_TURNS; i++) {
		guest_turn(g, 1);
		if (guest_receive(g))
			return true;
	}
	return false;
}

static bool map_ram(struct guest *g)
{
	const struct {
		uint32_t argsz, flags;
		uint64_t offset, addr, size;
	} map = { 32, 3, 0, GUEST_BASE, GUEST_RAM };

	return guest_request(g, 2, &map, sizeof(map), g->ram_fd) && !g->error;
}

static bool give_irqs(struct guest *g)
{
	for (unsigned int i = 0; i < GUEST_VECTORS; i++) {
		struct vfio_irq_set set = {
			.argsz = sizeof(set),
			.flags = VFIO_IRQ_SET_DATA_EVENTFD |
				 VFIO_IRQ_SET_ACTION_TRIGGER,
			.index = VFIO_PCI_MSIX_IRQ_INDEX,
			.start = i,
			.count = 1,
		};

		g->irq[i] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
		if (!guest_request(g, 8, &set, sizeof(set), g->irq[i]) ||
		    g->error)
			return false;
	}
	return true;
}

static void give_addresses(struct guest *g)
{
	const uint16_t command = 6;	/* memory, master */

	for (unsigned int bar = 0; bar < 4; bar++)
		guest_write32(g, VFIO_USER_CONFIG, 0x10 + 4 * bar,
			      0xfe000000 + (bar << 20));
	guest_write(g, VFIO_USER_CONFIG, 4, &command, 2);
}

static bool open_socket(struct guest *g)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	strcpy(addr.sun_path, g->path);
	g->sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return !connect(g->sock, (struct sockaddr *)&addr, sizeof(addr));
}

bool guest_connect(struct guest *g)
{
	static const uint8_t version[] = "\0\0\0\0{}";

	if (!open_socket(g) ||
	    !guest_request(g, 1, version, sizeof(version), -1) || g->error)
		return false;
	if (!map_ram(g) || !give_irqs(g))
		return false;
	give_addresses(g);
	return true;
}

void guest_disconnect(struct guest *g)
{
	if (g->sock >= 0)
		close(g->sock);
	g->sock = -1;
	if (g->reply_fd >= 0)
		close(g->reply_fd);
	g->reply_fd = -1;
	for (int i = 0; i < GUEST_VECTORS; i++) {
		if (g->irq[i] >= 0)
			close(g->irq[i]);
		g->irq[i] = -1;
	}
	guest_turn(g, 3);
}

bool guest_write(struct guest *g, unsigned int region, uint64_t offset,
		 const void *data, uint32_t len)
{
	struct {
		uint64_t offset;
		uint32_t region, count;
		uint8_t data[64];
	} msg = { offset, region, len, { 0 } };

	memcpy(msg.data, data, len);
	return guest_request(g, 10, &msg, 16 + len, -1) && !g->error;
}

bool guest_read(struct guest *g, unsigned int region, uint64_t offset,
		void *data, uint32_t len)
{
	struct {
		uint64_t offset;
		uint32_t region, count;
	} msg = { offset, region, len };

	if (!guest_request(g, 9, &msg, sizeof(msg), -1) || g->error)
		return false;
	memcpy(data, g->reply + 16, len);
	return true;
}

void guest_write32(struct guest *g, unsigned int region, uint64_t offset,
		   uint32_t value)
{
	guest_write(g, region, offset, &value, 4);
}

uint32_t guest_read32(struct guest *g, unsigned int region, uint64_t offset)
{
	uint32_t value = 0xdeadbeef;

	guest_read(g, region, offset, &value, 4);
	return value;
}

uint32_t guest_command(struct guest *g, uint32_t cmd)
{
	guest_write32(g, VMXNET3_BAR_VD, VMXNET3_VD_CMD, cmd);
	return guest_read32(g, VMXNET3_BAR_VD, VMXNET3_VD_CMD);
}

uint64_t guest_irqs(struct guest *g, unsigned int n)
{
	uint64_t count = 0;

	if (read(g->irq[n], &count, sizeof(count)) < 0)
		return 0;
	return count;
}

/* The driver */

struct vmxnet3_shared *guest_shared(struct guest *g)
{
	return (void *)(g->ram + AT_SHARED);
}

struct vmxnet3_tx_queue_desc *guest_txq(struct guest *g)
{
	return (void *)(g->ram + AT_QUEUES);
}

struct vmxnet3_rx_queue_desc *guest_rxq(struct guest *g, unsigned int i)
{
	return (void *)(g->ram + AT_QUEUES + 256 * (1 + i));
}

static void configure_queues(struct guest *g, unsigned int num_rx)
{
	struct vmxnet3_tx_queue_desc *txq = guest_txq(g);

	memset(txq, 0, sizeof(*txq));
	txq->conf.ring_pa = htole64(GUEST_BASE + AT_TX_RING);
	txq->conf.ring_size = htole32(GUEST_RING);
	txq->conf.comp_ring_pa = htole64(GUEST_BASE + AT_TX_COMP);
	txq->conf.comp_ring_size = htole32(GUEST_RING);
	txq->conf.intr = 0;
	for (unsigned int i = 0; i < num_rx; i++) {
		struct vmxnet3_rx_queue_desc *rxq = guest_rxq(g, i);
		uint64_t base = GUEST_BASE + i * 0x400;

		memset(rxq, 0, sizeof(*rxq));
		rxq->conf.ring_pa[0] = htole64(base + AT_RX_RING);
		rxq->conf.ring_pa[1] = htole64(base + AT_RX_RING2);
		rxq->conf.ring_size[0] = htole32(GUEST_RING / num_rx);
		rxq->conf.ring_size[1] = htole32(GUEST_RING / num_rx);
		rxq->conf.comp_ring_pa = htole64(GUEST_BASE + i * 0x800 +
						 AT_RX_COMP);
		rxq->conf.comp_ring_size = htole32(2 * GUEST_RING / num_rx);
		rxq->conf.intr = 1;
	}
}

void guest_configure(struct guest *g, unsigned int num_rx)
{
	struct vmxnet3_shared *shared = guest_shared(g);
	struct vmxnet3_dev_read *conf = &shared->dev_read;

	memset(g->ram + AT_SHARED, 0, AT_RSS - AT_SHARED);
	shared->magic = htole32(VMXNET3_SHARED_MAGIC);
	conf->misc.features = htole64(VMXNET3_F_RXCSUM | VMXNET3_F_RXVLAN);
	conf->misc.queue_desc_pa = htole64(GUEST_BASE + AT_QUEUES);
	conf->misc.queue_desc_len = htole32(256 * (1 + num_rx));
	conf->misc.mtu = htole32(GUEST_MTU);
	conf->misc.num_tx_queues = 1;
	conf->misc.num_rx_queues = num_rx;
	conf->intr.auto_mask = 1;
	conf->intr.num_intrs = GUEST_VECTORS;
	conf->intr.event_intr = GUEST_VECTORS - 1;
	conf->rx_filter.rx_mode = htole32(VMXNET3_RXM_UCAST |
					  VMXNET3_RXM_BCAST |
					  VMXNET3_RXM_MCAST);
	/* As many VLANs as a VF can filter by: 64 to 95. */
	memset(conf->rx_filter.vlan_table, 0,
	       sizeof(conf->rx_filter.vlan_table));
	conf->rx_filter.vlan_table[0] = htole32(1);
	conf->rx_filter.vlan_table[2] = htole32(~0u);
	configure_queues(g, num_rx);
	g->tx_next = 0;
	g->tx_comp_next = 0;
	g->rx_comp_next = 0;
	g->tx_gen = 1;
	g->tx_comp_gen = 1;
	g->rx_comp_gen = 1;
}

void guest_configure_npa(struct guest *g, unsigned int num_pages)
{
	struct vmxnet3_npa_conf *conf = (void *)(g->ram + AT_PLUGIN);
	struct vmxnet3_conf_desc *desc = &guest_shared(g)->dev_read.plugin;
	const uint64_t rings = GUEST_BASE + AT_VF_RINGS;

	memset(conf, 0, sizeof(*conf));
	desc->version = htole32(VMXNET3_NPA_CONF_V2);
	desc->length = htole32(sizeof(*conf));
	desc->pa = htole64(GUEST_BASE + AT_PLUGIN);
	conf->v1.region_pages = htole32(num_pages);
	for (unsigned int i = 0; i < num_pages; i++)
		conf->v1.region_ppn[i] =
			htole64((GUEST_BASE + AT_REGION) / 4096 + i);
	conf->mtu = htole32(GUEST_MTU);
	conf->num_tx_queues = htole16(1);
	conf->num_rx_queues = htole16(1);
	conf->tx[0].ring_size = htole32(256);
	conf->tx[0].seg_pa[0] = htole64(rings);
	conf->rx[0].ring_size = htole32(256);
	conf->rx[0].seg_pa[0] = htole64(rings + 0x8000);
}

uint32_t guest_activate(struct guest *g)
{
	guest_write32(g, VMXNET3_BAR_VD, VMXNET3_VD_DSAL,
		      GUEST_BASE + AT_SHARED);
	guest_write32(g, VMXNET3_BAR_VD, VMXNET3_VD_DSAH, 0);
	for (unsigned int i = 0; i < GUEST_VECTORS; i++)
		guest_write32(g, VMXNET3_BAR_PT, 8 * i, 0);
	return guest_command(g, VMXNET3_CMD_ACTIVATE_DEV);
}

void guest_rx_desc(struct guest *g, unsigned int ring, unsigned int i,
		   uint64_t addr, uint32_t len, bool body)
{
	struct vmxnet3_rx_desc *desc = (void *)(g->ram +
		(ring ? AT_RX_RING2 : AT_RX_RING));

	desc[i].addr = htole64(addr);
	desc[i].ctl = htole32(FIELD_PREP(VMXNET3_RXD_LEN, len) |
			      (body ? VMXNET3_RXD_BTYPE_BODY : 0) |
			      VMXNET3_RXD_GEN);
}

void guest_fill_rx(struct guest *g, unsigned int heads, unsigned int bodies)
{
	for (unsigned int i = 0; i < heads; i++)
		guest_rx_desc(g, 0, i, GUEST_BASE + AT_RX_DATA +
			      i * GUEST_BUF_LEN, GUEST_BUF_LEN, false);
	for (unsigned int i = 0; i < bodies; i++)
		guest_rx_desc(g, 1, i, GUEST_BASE + AT_RX_DATA2 +
			      i * GUEST_BUF_LEN, GUEST_BUF_LEN, true);
}

void guest_tx(struct guest *g, const uint8_t *data, size_t len, size_t piece,
	      uint32_t ctl, uint32_t ctl2)
{
	struct vmxnet3_tx_desc *ring = (void *)(g->ram + AT_TX_RING);
	size_t offset = 0;

	memcpy(g->ram + AT_TX_DATA, data, len);
	while (offset < len) {
		struct vmxnet3_tx_desc *desc = &ring[g->tx_next];
		size_t n = len - offset < piece ? len - offset : piece;
		uint32_t last = offset + n == len ?
				VMXNET3_TXD_EOP | VMXNET3_TXD_CQ : 0;

		desc->addr = htole64(GUEST_BASE + AT_TX_DATA + offset);
		desc->ctl2 = htole32(ctl2 | last);
		desc->ctl = htole32(FIELD_PREP(VMXNET3_TXD_LEN, (uint32_t)n) |
				    FIELD_PREP(VMXNET3_TXD_GEN, g->tx_gen) |
				    ctl);
		offset += n;
		if (++g->tx_next == GUEST_RING) {
			g->tx_next = 0;
			g->tx_gen ^= 1;
		}
	}
	guest_write32(g, VMXNET3_BAR_PT, VMXNET3_PT_TXPROD, g->tx_next);
	guest_turn(g, 2);
}

bool guest_tx_comp(struct guest *g, uint32_t *index)
{
	struct vmxnet3_tx_comp *ring = (void *)(g->ram + AT_TX_COMP);
	struct vmxnet3_tx_comp *comp = &ring[g->tx_comp_next];

	if (FIELD_GET(VMXNET3_COMP_GEN, le32toh(comp->ctl)) != g->tx_comp_gen)
		return false;
	*index = FIELD_GET(VMXNET3_TXC_INDEX, le32toh(comp->index));
	if (++g->tx_comp_next == GUEST_RING) {
		g->tx_comp_next = 0;
		g->tx_comp_gen ^= 1;
	}
	return true;
}

bool guest_rx_comp(struct guest *g, struct vmxnet3_rx_comp *comp)
{
	struct vmxnet3_rx_comp *ring = (void *)(g->ram + AT_RX_COMP);

	*comp = ring[g->rx_comp_next];
	if (FIELD_GET(VMXNET3_COMP_GEN, le32toh(comp->flags)) !=
	    g->rx_comp_gen)
		return false;
	if (++g->rx_comp_next == 2 * GUEST_RING) {
		g->rx_comp_next = 0;
		g->rx_comp_gen ^= 1;
	}
	return true;
}

int guest_deliver(struct guest *g, const uint8_t *data, size_t len,
		  int vlan_tci)
{
	static uint8_t copy[FRAME_MAX];
	struct frame f = { .data = copy, .len = len };

	memcpy(copy, data, len);
	if (vlan_tci >= 0) {
		f.has_vlan = true;
		f.vlan_tci = vlan_tci;
	}
	return eswitch_send(g->npad.sw, &g->uplink, &f);
}

/* Frames, their checksums made the slow way */

static void put16(uint8_t *p, unsigned int value)
{
	p[0] = value >> 8;
	p[1] = value;
}

static uint32_t add16(uint32_t sum, const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		sum += i & 1 ? p[i] : p[i] << 8;
	return sum;
}

static uint16_t fold16(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static size_t make_ip(uint8_t *to, const uint8_t *dst, size_t l4_len,
		      uint8_t proto, bool ipv6)
{
	uint8_t *ip = to + 14;

	memcpy(to, dst ? dst : guest_mac, 6);
	memcpy(to + 6, peer_mac, 6);
	put16(to + 12, ipv6 ? 0x86dd : 0x0800);
	memset(ip, 0, 40);
	if (ipv6) {
		ip[0] = 0x60;
		put16(ip + 4, l4_len);
		ip[6] = proto;
		ip[7] = 64;
		ip[8] = 0xfd;
		ip[23] = 1;
		ip[24] = 0xfd;
		ip[39] = 2;
		return 54;
	}
	ip[0] = 0x45;
	put16(ip + 2, 20 + l4_len);
	ip[8] = 64;
	ip[9] = proto;
	memcpy(ip + 12, "\xc0\x00\x02\x01\xc0\x00\x02\x02", 8);
	put16(ip + 10, ~fold16(add16(0, ip, 20)));
	return 34;
}

static void set_l4_csum(uint8_t *to, size_t l4, size_t len, uint8_t proto,
			size_t field, bool ipv6)
{
	uint32_t sum = proto + len;

	sum = ipv6 ? add16(sum, to + 22, 32) : add16(sum, to + 26, 8);
	put16(to + l4 + field, ~fold16(add16(sum, to + l4, len)));
}

size_t make_udp(uint8_t *to, const uint8_t *dst, size_t payload, bool ipv6)
{
	size_t l4 = make_ip(to, dst, 8 + payload, 17, ipv6);

	put16(to + l4, 4000);
	put16(to + l4 + 2, 5000);
	put16(to + l4 + 4, 8 + payload);
	put16(to + l4 + 6, 0);
	for (size_t i = 0; i < payload; i++)
		to[l4 + 8 + i] = i * 7;
	set_l4_csum(to, l4, 8 + payload, 17, 6, ipv6);
	return l4 + 8 + payload;
}

size_t make_tcp(uint8_t *to, const uint8_t *dst, size_t payload, bool ipv6)
{
	size_t l4 = make_ip(to, dst, 20 + payload, 6, ipv6);

	memset(to + l4, 0, 20);
	put16(to + l4, 4000);
	put16(to + l4 + 2, 5000);
	put16(to + l4 + 6, 1000);	/* sequence number */
	to[l4 + 12] = 0x50;
	to[l4 + 13] = 0x18;		/* ACK, PSH */
	for (size_t i = 0; i < payload; i++)
		to[l4 + 20 + i] = i * 5;
	set_l4_csum(to, l4, 20 + payload, 6, 16, ipv6);
	return l4 + 20 + payload;
}
