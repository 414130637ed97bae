// SPDX-License-Identifier: GPL-2.0
/*
 * Device revisions: what each of them offers, answers and keeps; kinds of
 * interrupts and mask modes.
 */
#include <endian.h>
#include <errno.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "guest.h"
#include "tap.h"

#define AT_ARGS		0x13000	/* what arguments of a command point to */

static struct guest *start_model(struct tap *tap,
				 const struct vmxnet3_model *model)
{
	struct guest *g = guest_new_model(NULL, NULL, model);

	tap_begin(tap);
	if (!g || !guest_connect(g)) {
		printf("Bail out! no connection\n");
		exit(1);
	}
	return g;
}

static struct guest *start(struct tap *tap, unsigned int revision)
{
	struct vmxnet3_model model = vmxnet3_model_default(1);

	model.revision = revision;
	return start_model(tap, &model);
}

static void choose(struct guest *g, unsigned int revision)
{
	guest_write32(g, VMXNET3_BAR_VD, VMXNET3_VD_VRRS, BIT(revision - 1));
}

static uint32_t vd_read(struct guest *g, uint32_t offset)
{
	return guest_read32(g, VMXNET3_BAR_VD, offset);
}

static void test_offer(struct tap *tap)
{
	for (unsigned int revision = 1; revision <= 9; revision++) {
		struct guest *g = start(tap, revision);
		const struct rev_state *rev = &g->vnic->dev->rev;

		tap_check(tap, vd_read(g, VMXNET3_VD_VRRS) ==
			  BIT(revision) - 1);
		tap_check(tap, rev->revision == 1);
		choose(g, revision);
		tap_check(tap, rev->revision == revision);
		/* No revision at all, two, one that is not there. */
		guest_write32(g, VMXNET3_BAR_VD, VMXNET3_VD_VRRS, 0);
		guest_write32(g, VMXNET3_BAR_VD, VMXNET3_VD_VRRS, 3);
		choose(g, revision + 1);
		tap_check(tap, rev->revision == revision);
		choose(g, 1);
		tap_check(tap, rev->revision == 1);
		guest_free(g);
		tap_end(tap, "revision %u is offered and chosen", revision);
	}
}

/* Everything that a command can answer, so that unknown ones give 0. */
static void test_commands(struct tap *tap)
{
	static const struct {
		uint32_t cmd;
		unsigned int revision;
		uint32_t answer;
	} gets[] = {
		{ VMXNET3_CMD_GET_TXDATA_DESC_SIZE, 3, 128 },
		{ VMXNET3_CMD_GET_RSS_FIELDS, 4, 3 },
		{ VMXNET3_CMD_GET_MAX_QUEUES_CONF, 6, 0x101 },
		{ VMXNET3_CMD_GET_MAX_CAPABILITIES, 7, 18 },
		{ VMXNET3_CMD_GET_DCR0_REG, 7, VMXNET3_CAP_LARGE_BAR },
		{ VMXNET3_CMD_GET_TSRING_DESC_SIZE, 9, 128 | 128 << 16 },
	};
	struct guest *g = start(tap, 9);

	for (unsigned int revision = 1; revision <= 9; revision++) {
		choose(g, revision);
		guest_write32(g, VMXNET3_BAR_VD, VMXNET3_VD_DCR,
			      VMXNET3_CAP_LARGE_BAR | VMXNET3_CAP_CRC32_HASH);
		for (size_t i = 0; i < sizeof(gets) / sizeof(gets[0]); i++) {
			uint32_t want = revision < gets[i].revision ? 0 :
					gets[i].answer;
			uint32_t got = guest_command(g, gets[i].cmd);

			if (revision == 9 && !i)
				want |= 256 << 16;
			if (!tap_check(tap, got == want))
				printf("# revision %u, command %#x: %#x\n",
				       revision, gets[i].cmd, got);
		}
		tap_check(tap, guest_command(g, 0xf00d0099) == 0);
	}
	guest_free(g);
	tap_end(tap, "commands are those of the revision in use");
}

static void test_capabilities(struct tap *tap)
{
	struct guest *g = start(tap, 9);

	choose(g, 6);
	tap_check(tap, vd_read(g, VMXNET3_VD_DCR) == 0);
	tap_check(tap, vd_read(g, VMXNET3_VD_PTCR) == 0);
	choose(g, 7);
	tap_check(tap, vd_read(g, VMXNET3_VD_DCR) & VMXNET3_CAP_UDP_RSS);
	tap_check(tap, !(vd_read(g, VMXNET3_VD_DCR) & VMXNET3_CAP_ERROR));
	tap_check(tap, vd_read(g, VMXNET3_VD_DCR + 8) == VMXNET3_CAP_ERROR);
	tap_check(tap, vd_read(g, VMXNET3_VD_PTCR) == VMXNET3_CAP_ERROR);
	tap_check(tap, vd_read(g, VMXNET3_VD_PTCR + 0x28) ==
		  VMXNET3_CAP_ERROR);
	tap_check(tap, vd_read(g, VMXNET3_VD_PTCR + 0x30) == 0);
	guest_write32(g, VMXNET3_BAR_VD, VMXNET3_VD_DCR, ~0u);
	tap_check(tap, guest_command(g, VMXNET3_CMD_GET_DCR0_REG) ==
		  vd_read(g, VMXNET3_VD_DCR));
	/* They survive a reset by command, but not a new driver. */
	guest_command(g, VMXNET3_CMD_RESET_DEV);
	tap_check(tap, guest_command(g, VMXNET3_CMD_GET_DCR0_REG));
	choose(g, 7);
	tap_check(tap, !guest_command(g, VMXNET3_CMD_GET_DCR0_REG));
	guest_free(g);
	tap_end(tap, "capability registers");
}

static uint32_t coalesce(struct guest *g, uint32_t mode, uint32_t a, uint32_t b)
{
	struct vmxnet3_coalesce *to = (void *)(g->ram + AT_ARGS);
	union vmxnet3_cmd_info *info = &guest_shared(g)->cmd_info;

	memset(to, 0, sizeof(*to));
	to->mode = htole32(mode);
	to->tx_depth = htole32(a);
	to->tx_comp_depth = htole32(b);
	info->conf.version = htole32(1);
	info->conf.length = htole32(sizeof(*to));
	info->conf.pa = htole64(GUEST_BASE + AT_ARGS);
	return guest_command(g, VMXNET3_CMD_SET_COALESCE);
}

static void test_coalesce_command(struct tap *tap)
{
	struct guest *g = start(tap, 3);
	struct vmxnet3_coalesce *at = (void *)(g->ram + AT_ARGS);
	const struct coalesce_conf *conf = &g->vnic->dev->rev.coalesce;

	choose(g, 3);
	guest_configure(g, 1);
	/* There are no arguments before the device knows the shared area. */
	tap_check(tap, coalesce(g, VMXNET3_COALESCE_RATE, 1000, 0) == 1);
	tap_check(tap, guest_activate(g) == 0);
	tap_check(tap, coalesce(g, VMXNET3_COALESCE_RATE, 1000, 0) == 0);
	tap_check(tap, conf->mode == VMXNET3_COALESCE_RATE &&
		  conf->rate == 1000);
	tap_check(tap, coalesce(g, VMXNET3_COALESCE_RATE, 99, 0) == 1);
	tap_check(tap, coalesce(g, VMXNET3_COALESCE_RATE, 100001, 0) == 1);
	tap_check(tap, coalesce(g, VMXNET3_COALESCE_STATIC, 0, 129) == 1);
	tap_check(tap, coalesce(g, 4, 0, 0) == 1);
	tap_check(tap, conf->rate == 1000);
	memset(at, 0, sizeof(*at));
	tap_check(tap, guest_command(g, VMXNET3_CMD_GET_COALESCE) == 0);
	tap_check(tap, le32toh(at->mode) == VMXNET3_COALESCE_RATE &&
		  le32toh(at->rate) == 1000);
	guest_shared(g)->cmd_info.conf.pa = htole64(1);
	tap_check(tap, guest_command(g, VMXNET3_CMD_GET_COALESCE) == 1);
	tap_check(tap, guest_command(g, VMXNET3_CMD_SET_COALESCE) == 1);
	guest_command(g, VMXNET3_CMD_RESET_DEV);
	tap_check(tap, conf->mode == VMXNET3_COALESCE_DISABLED);
	guest_free(g);
	tap_end(tap, "coalescing is set, read and checked");
}

static uint32_t set_fields(struct tap *tap, struct guest *g, uint32_t fields)
{
	guest_shared(g)->cmd_info.rss_fields = htole32(fields);
	tap_check(tap, guest_command(g, VMXNET3_CMD_SET_RSS_FIELDS) == 0);
	return guest_command(g, VMXNET3_CMD_GET_RSS_FIELDS);
}

static void test_rss_fields(struct tap *tap)
{
	static const uint32_t possible[] = {
		[4] = 0x1f, [5] = 0x3f, [6] = 0x3f, [7] = 3, [8] = 3, [9] = 3,
	};
	struct guest *g = start(tap, 9);

	for (unsigned int revision = 4; revision <= 9; revision++) {
		guest_command(g, VMXNET3_CMD_RESET_DEV);
		choose(g, revision);
		guest_configure(g, 1);
		tap_check(tap, guest_activate(g) == 0);
		tap_check(tap, set_fields(tap, g, ~0u) == possible[revision]);
		tap_check(tap, set_fields(tap, g, 0) == 3);
	}
	/* From revision 7 on capabilities have to be in use. */
	guest_write32(g, VMXNET3_BAR_VD, VMXNET3_VD_DCR,
		      VMXNET3_CAP_UDP_RSS | VMXNET3_CAP_ESP_RSS_IPV6);
	tap_check(tap, set_fields(tap, g, ~0u) == 0x2f);
	guest_write32(g, VMXNET3_BAR_VD, VMXNET3_VD_DCR, 0);
	tap_check(tap, guest_command(g, VMXNET3_CMD_GET_RSS_FIELDS) == 3);
	guest_free(g);
	tap_end(tap, "RSS fields that can be had");
}

static void test_buffer_size(struct tap *tap)
{
	struct guest *g = start(tap, 7);
	struct vmxnet3_ring_buffer_size *size;

	choose(g, 7);
	guest_configure(g, 1);
	tap_check(tap, guest_activate(g) == 0);
	size = &guest_shared(g)->cmd_info.buffer_size;
	size->ring1_head = htole16(1514);
	size->ring1_body = 0;
	size->ring2_body = htole16(4096);
	tap_check(tap, !guest_command(g, VMXNET3_CMD_SET_RING_BUFFER_SIZE));
	tap_check(tap, g->vnic->dev->rev.buffer_size[2] == 4096);
	size->ring2_body = htole16(16384);
	tap_check(tap, guest_command(g, VMXNET3_CMD_SET_RING_BUFFER_SIZE) == 1);
	tap_check(tap, g->vnic->dev->rev.buffer_size[2] == 4096);
	guest_free(g);
	tap_end(tap, "lengths of receive buffers");
}

static void test_limits(struct tap *tap)
{
	for (unsigned int revision = 5; revision <= 6; revision++) {
		struct guest *g = start(tap, 9);
		struct vmxnet3_dev_read *conf;
		bool ext = revision >= 6;

		choose(g, revision);
		guest_configure(g, 1);
		conf = &guest_shared(g)->dev_read;
		conf->misc.mtu = htole32(VMXNET3_EXT_MTU_MAX);
		tap_check(tap, guest_activate(g) == !ext);
		conf->misc.mtu = htole32(VMXNET3_EXT_MTU_MAX + 1);
		tap_check(tap, guest_activate(g) == 1);
		conf->misc.mtu = htole32(1500);
		conf->misc.driver_info.revision = htole32(BIT(9));
		tap_check(tap, guest_activate(g) == 1);
		conf->misc.driver_info.revision = htole32(1);
		conf->misc.driver_info.upt_version = htole32(2);
		tap_check(tap, guest_activate(g) == 1);
		conf->misc.driver_info.upt_version = htole32(1);
		tap_check(tap, guest_activate(g) == 0);
		guest_free(g);
		tap_end(tap, "revision %u: MTU, versions", revision);
	}
}

/* As many queues as there can be, with the extended interrupts. */
static void test_many_queues(struct tap *tap)
{
	struct vmxnet3_model model = vmxnet3_model_default(32);
	struct vmxnet3_tx_queue_desc *txq;
	struct vmxnet3_rx_queue_desc *rxq;
	struct vmxnet3_shared *shared;
	struct guest *g;

	model.revision = 6;
	g = start_model(tap, &model);
	choose(g, 6);
	tap_check(tap, guest_command(g, VMXNET3_CMD_GET_MAX_QUEUES_CONF) ==
		  0x2020);
	guest_configure(g, 1);
	shared = guest_shared(g);
	txq = (void *)(g->ram + AT_TX_DATA);
	rxq = (void *)(txq + 32);
	for (int i = 0; i < 32; i++) {
		txq[i] = *guest_txq(g);
		rxq[i] = *guest_rxq(g, 0);
		txq[i].conf.intr = i;
		rxq[i].conf.intr = 32 + i;
	}
	shared->dev_read.misc.queue_desc_pa = htole64(GUEST_BASE + AT_TX_DATA);
	shared->dev_read.misc.queue_desc_len = htole32(64 * 256);
	shared->dev_read.misc.num_tx_queues = 32;
	shared->dev_read.misc.num_rx_queues = 32;
	shared->intr_ext.auto_mask = 1;
	shared->intr_ext.num_intrs = 65;
	shared->intr_ext.event_intr = 64;
	tap_check(tap, guest_activate(g) == 0);
	tap_check(tap, g->vnic->dev->conf.ext_intr);
	tap_check(tap, g->vnic->dev->conf.event_intr == 64);
	/* A bell of the last queue, and of one that is not there. */
	guest_write32(g, VMXNET3_BAR_PT, VMXNET3_PT_TXPROD + 31 * 8, 0);
	guest_write32(g, VMXNET3_BAR_PT, VMXNET3_PT_TXPROD + 32 * 8, 0);
	guest_turn(g, 2);
	shared->dev_read.misc.num_rx_queues = 33;
	tap_check(tap, guest_activate(g) == 1);
	guest_free(g);
	tap_end(tap, "32 queue pairs");
}

static void test_large_bar(struct tap *tap)
{
	struct guest *g = start(tap, 7);
	uint8_t frame[FRAME_MAX];
	size_t len;

	guest_write32(g, VFIO_USER_CONFIG, 0x10, ~0u);
	tap_check(tap, guest_read32(g, VFIO_USER_CONFIG, 0x10) ==
		  (uint32_t)-PT_BAR_MAX_LEN);
	guest_write32(g, VFIO_USER_CONFIG, 0x10, 0xfe000000);
	choose(g, 7);
	guest_configure(g, 1);
	tap_check(tap, guest_activate(g) == 0);
	len = make_udp(frame, peer_mac, 100, false);
	guest_tx(g, frame, len, len, 0, 0);
	guest_turn(g, 2);
	tap_check(tap, g->num_seen == 1);
	/* With the capability the old bell rings no more. */
	guest_write32(g, VMXNET3_BAR_VD, VMXNET3_VD_DCR, VMXNET3_CAP_LARGE_BAR);
	guest_tx(g, frame, len, len, 0, 0);
	guest_turn(g, 2);
	tap_check(tap, g->num_seen == 1);
	guest_write32(g, VMXNET3_BAR_PT, VMXNET3_PT_LARGE_TXPROD, 2);
	guest_turn(g, 2);
	tap_check(tap, g->num_seen == 2);
	guest_free(g);
	tap_end(tap, "doorbells of the large BAR");
}

static void test_link_speed(struct tap *tap)
{
	struct vmxnet3_model model = vmxnet3_model_default(1);
	struct guest *g;

	model.revision = 9;
	model.speed = 100000;
	model.disabled_offloads = VMXNET3_DISABLED_LRO;
	g = start_model(tap, &model);
	choose(g, 8);
	tap_check(tap, guest_command(g, VMXNET3_CMD_GET_LINK) ==
		  (65535u << 16 | 1));
	choose(g, 9);
	tap_check(tap, guest_command(g, VMXNET3_CMD_GET_LINK) ==
		  (100u << 16 | 1));
	tap_check(tap, guest_command(g, VMXNET3_CMD_GET_DISABLED_OFFLOADS) ==
		  VMXNET3_DISABLED_LRO);
	guest_free(g);
	tap_end(tap, "link speed, disabled offloads");
}

/* Interrupts */

static bool set_irqs(struct guest *g, uint32_t index, uint32_t flags,
		     uint32_t count, int fd)
{
	struct vfio_irq_set set = {
		.argsz = sizeof(set),
		.flags = flags,
		.index = index,
		.count = count,
	};

	return guest_request(g, 8, &set, sizeof(set), fd) && !g->error;
}

/* Only this kind is connected from then on. */
static int connect_irq(struct guest *g, uint32_t index)
{
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

	set_irqs(g, VFIO_PCI_MSIX_IRQ_INDEX, VFIO_IRQ_SET_DATA_NONE |
		 VFIO_IRQ_SET_ACTION_TRIGGER, 0, -1);
	return set_irqs(g, index, VFIO_IRQ_SET_DATA_EVENTFD |
			VFIO_IRQ_SET_ACTION_TRIGGER, 1, fd) ? fd : -1;
}

static uint64_t events(int fd)
{
	uint64_t count = 0;

	return read(fd, &count, sizeof(count)) < 0 ? 0 : count;
}

static void test_kinds(struct tap *tap)
{
	for (unsigned int type = VMXNET3_INTR_TYPE_INTX;
	     type <= VMXNET3_INTR_TYPE_MSIX; type++) {
		struct vmxnet3_model model = vmxnet3_model_default(1);
		struct vfio_irq_info info = { .argsz = sizeof(info) };
		unsigned int cap;
		uint8_t byte[2];
		struct guest *g;

		model.intr_type = type;
		model.mask_mode = type - 1;
		tap_begin(tap);
		g = guest_new_model(NULL, NULL, &model);
		/* guest_connect() gives MSI-X vectors, which may not be. */
		tap_check(tap, guest_connect(g) ==
			  (type == VMXNET3_INTR_TYPE_MSIX));
		for (info.index = 0; info.index < 3; info.index++) {
			struct vfio_irq_info back;

			tap_check(tap, guest_request(g, 7, &info,
						     sizeof(info), -1));
			memcpy(&back, g->reply, sizeof(back));
			tap_check(tap, back.count ==
				  (info.index >= type ? 0 :
				   info.index == 2 ? 3 : 1));
			tap_check(tap, !!(back.flags &
					  VFIO_IRQ_INFO_AUTOMASKED) ==
				  !info.index);
		}
		tap_check(tap, guest_command(g, VMXNET3_CMD_GET_CONF_INTR) ==
			  (type | (type - 1) << 2));
		guest_read(g, VFIO_USER_CONFIG, PCI_INTERRUPT_PIN, byte, 1);
		tap_check(tap, byte[0] == 1);
		guest_read(g, VFIO_USER_CONFIG, PCI_CAPABILITY_LIST, byte, 1);
		for (cap = 0; byte[0] && cap < 4; cap++)
			guest_read(g, VFIO_USER_CONFIG, byte[0] + 1, byte, 1);
		tap_check(tap, cap == type - 1);
		guest_free(g);
		tap_end(tap, "kinds of interrupts, best is %u", type);
	}
}

static void test_msi(struct tap *tap)
{
	struct guest *g = start(tap, 1);
	int fd;

	guest_configure(g, 1);
	tap_check(tap, guest_activate(g) == 0);
	fd = connect_irq(g, VFIO_PCI_MSI_IRQ_INDEX);
	tap_check(tap, fd >= 0);
	guest_write32(g, VMXNET3_BAR_PT, VMXNET3_PT_IMR + 2 * 8, 0);
	vmxnet3_dev_set_link(g->vnic->dev, false);
	tap_check(tap, events(fd) == 1);
	tap_check(tap, guest_read32(g, VMXNET3_BAR_PT,
				    VMXNET3_PT_IMR + 2 * 8) == 1);
	tap_check(tap, vd_read(g, VMXNET3_VD_ICR) == 0);
	close(fd);
	guest_free(g);
	tap_end(tap, "MSI");
}

static void test_intx(struct tap *tap)
{
	const uint32_t unmask = VFIO_IRQ_SET_DATA_NONE |
				VFIO_IRQ_SET_ACTION_UNMASK;
	struct guest *g = start(tap, 1);
	uint16_t off = PCI_COMMAND_MEMORY | PCI_COMMAND_INTX_DISABLE;
	uint16_t on = PCI_COMMAND_MEMORY;
	int fd;

	guest_configure(g, 1);
	tap_check(tap, guest_activate(g) == 0);
	fd = connect_irq(g, VFIO_PCI_INTX_IRQ_INDEX);
	tap_check(tap, fd >= 0);
	guest_write32(g, VMXNET3_BAR_PT, VMXNET3_PT_IMR + 2 * 8, 0);
	vmxnet3_dev_set_link(g->vnic->dev, false);
	tap_check(tap, events(fd) == 1);
	/* A level: unmasked by the client it comes again until it is read. */
	tap_check(tap, set_irqs(g, VFIO_PCI_INTX_IRQ_INDEX, unmask, 1, -1));
	tap_check(tap, events(fd) == 1);
	tap_check(tap, vd_read(g, VMXNET3_VD_ICR) == 1);
	tap_check(tap, vd_read(g, VMXNET3_VD_ICR) == 0);
	tap_check(tap, set_irqs(g, VFIO_PCI_INTX_IRQ_INDEX, unmask, 1, -1));
	tap_check(tap, events(fd) == 0);
	/* The device's own mask, set by the interrupt. */
	vmxnet3_dev_set_link(g->vnic->dev, true);
	tap_check(tap, events(fd) == 0);
	guest_write32(g, VMXNET3_BAR_PT, VMXNET3_PT_IMR + 2 * 8, 0);
	tap_check(tap, events(fd) == 1);
	vd_read(g, VMXNET3_VD_ICR);
	set_irqs(g, VFIO_PCI_INTX_IRQ_INDEX, unmask, 1, -1);
	/* The command register's bit. */
	guest_write(g, VFIO_USER_CONFIG, PCI_COMMAND, &off, 2);
	guest_write32(g, VMXNET3_BAR_PT, VMXNET3_PT_IMR + 2 * 8, 0);
	vmxnet3_dev_set_link(g->vnic->dev, false);
	tap_check(tap, events(fd) == 0);
	guest_write(g, VFIO_USER_CONFIG, PCI_COMMAND, &on, 2);
	tap_check(tap, events(fd) == 1);
	/* What there is not. */
	tap_check(tap, !set_irqs(g, VFIO_PCI_MSIX_IRQ_INDEX, unmask, 1, -1));
	tap_check(tap, !set_irqs(g, VFIO_PCI_INTX_IRQ_INDEX, unmask, 2, -1));
	close(fd);
	guest_free(g);
	tap_end(tap, "INTx");
}

/* A device that says that it masks nothing does not, whatever is asked for. */
static void test_mask_mode(struct tap *tap)
{
	struct vmxnet3_model model = vmxnet3_model_default(1);
	struct guest *g;

	model.mask_mode = VMXNET3_INTR_MASK_ACTIVE;
	g = start_model(tap, &model);
	guest_configure(g, 1);
	tap_check(tap, guest_activate(g) == 0);
	guest_write32(g, VMXNET3_BAR_PT, VMXNET3_PT_IMR + 2 * 8, 0);
	vmxnet3_dev_set_link(g->vnic->dev, false);
	vmxnet3_dev_set_link(g->vnic->dev, true);
	tap_check(tap, guest_irqs(g, 2) == 2);
	tap_check(tap, guest_read32(g, VMXNET3_BAR_PT,
				    VMXNET3_PT_IMR + 2 * 8) == 0);
	guest_free(g);
	tap_end(tap, "mask mode active");
}

int main(void)
{
	struct tap tap = { 0 };

	test_offer(&tap);
	test_commands(&tap);
	test_capabilities(&tap);
	test_coalesce_command(&tap);
	test_rss_fields(&tap);
	test_buffer_size(&tap);
	test_limits(&tap);
	test_many_queues(&tap);
	test_large_bar(&tap);
	test_link_speed(&tap);
	test_kinds(&tap);
	test_msi(&tap);
	test_intx(&tap);
	test_mask_mode(&tap);
	return tap_done(&tap);
}
