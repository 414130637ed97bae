// SPDX-License-Identifier: GPL-2.0
/*
 * Model of an Intel 82599 VF: its registers.  They have the names of the
 * datasheet.
 */
#include <endian.h>
#include <string.h>
#include <sys/random.h>

#include "../plugins/ixgbevf_regs.h"
#include "vf_intel.h"

#define NSEC_PER_USEC	1000
#define PAGE		4096

static const struct pf_vf_info info = {
	.model = "82599",
	.pci = {
		.vendor = 0x8086, .device = 0x10ed,
		.subsystem_vendor = 0x8086, .subsystem = 0x7a11,
		.revision = 1,
	},
	.plugin = "intel-82599vf",
	.device_impl_id = IXGBEVF_DEVICE_IMPL_ID,
	.window_len = IXGBEVF_WINDOW_LEN,
	.num_regions = 3,
	.regions = {
		{ .offset = 0, .length = PAGE, .direct = false },
		{ .offset = PAGE, .length = 2 * PAGE, .direct = true },
		{ .offset = 3 * PAGE, .length = PAGE, .direct = false },
	},
	.max_queues = IXGBEVF_MAX_QUEUES,
	.max_vectors = IXGBEVF_MAX_VECTORS,
	.rx_modes = PORT_RX_UCAST | PORT_RX_MCAST | PORT_RX_BCAST |
		    PORT_RX_ALLMULTI,
	.max_multicast = VF_MAX_MULTICAST,
	.max_vlans = 64,	/* entries of VLVF, the pools' VLAN filter */
	.max_mtu = 9198,	/* with SR-IOV: 9 KiB, header included */
	.rss_table_len = 128,
	.rss_types = VF_RSS_TYPES,
};

static const struct pf_vf_info *get_info(void)
{
	return &info;
}

/* Statistics survive a reset: drivers take a step back for an overflow. */
static const uint16_t stats[] = {
	IXGBEVF_VFGPRC, IXGBEVF_VFGORC, IXGBEVF_VFGORC + 4, IXGBEVF_VFMPRC,
	IXGBEVF_VFGPTC, IXGBEVF_VFGOTC, IXGBEVF_VFGOTC + 4,
};

#define NUM_STATS	(sizeof(stats) / sizeof(stats[0]))

static void reset(struct vf *vf)
{
	uint32_t links = vf_reg_get(vf, IXGBEVF_LINKS);
	uint32_t kept[NUM_STATS];
	size_t i;

	for (i = 0; i < NUM_STATS; i++)
		kept[i] = vf_reg_get(vf, stats[i]);
	memset(vf->env.window, 0, IXGBEVF_WINDOW_LEN);
	for (i = 0; i < NUM_STATS; i++)
		vf_reg_set(vf, stats[i], kept[i]);
	vf_reg_set(vf, IXGBEVF_LINKS, links);
	vf_mbx_reset(vf);
}

static void set_link(struct vf *vf, bool up)
{
	vf_reg_set(vf, IXGBEVF_LINKS, IXGBEVF_LINKS_10G |
		   (up ? IXGBEVF_LINKS_UP : 0));
}

/* Octets have 36 bits. */
static void add_octets(struct vf *vf, uint32_t offset, size_t bytes)
{
	uint32_t low = vf_reg_get(vf, offset);

	vf_reg_set(vf, offset, low + bytes);
	if (low + (uint32_t)bytes < low)
		vf_reg_set(vf, offset + 4,
			   (vf_reg_get(vf, offset + 4) + 1) & 0xf);
}

static void count_rx(struct vf *vf, size_t bytes, bool multicast)
{
	vf_reg_add(vf, IXGBEVF_VFGPRC, 1);
	add_octets(vf, IXGBEVF_VFGORC, bytes);
	if (multicast)
		vf_reg_add(vf, IXGBEVF_VFMPRC, 1);
}

static void count_tx(struct vf *vf, size_t bytes)
{
	vf_reg_add(vf, IXGBEVF_VFGPTC, 1);
	add_octets(vf, IXGBEVF_VFGOTC, bytes);
}

/*
 * RSS of all VFs has one table, the PF's, with 4 bits for a queue.  PSRTYPE
 * says how many of them a VF wants, and its pool has two.
 */
static unsigned int rss_queues(const struct vf *vf)
{
	uint32_t bits = vf_reg_get(vf, IXGBEVF_PSRTYPE) >>
			IXGBEVF_PSRTYPE_RQPL;

	return bits < 2 ? 1 << bits : IXGBEVF_MAX_QUEUES;
}

static void set_rss(struct vf *vf, unsigned int queues)
{
	uint32_t bits = queues > 2 ? 2 : queues - 1;

	vf_reg_set(vf, IXGBEVF_PSRTYPE, bits << IXGBEVF_PSRTYPE_RQPL);
}

/* Trapped accesses. */

static uint32_t read32(struct vf *vf, uint32_t offset)
{
	uint32_t value;

	if (vf_intr_read32(vf, offset, &value) ||
	    vf_mbx_read32(vf, offset, &value))
		return value;
	switch (offset) {
	case IXGBEVF_STATUS:
		/* A driver reads it to see its writes to queues done. */
		vf_check_enables(vf);
		break;
	case IXGBEVF_FRTIMER:
		return loop_now() / NSEC_PER_USEC;
	}
	return vf_reg_get(vf, offset);
}

static void write32(struct vf *vf, uint32_t offset, uint32_t value)
{
	if (vf_intr_write32(vf, offset, value) ||
	    vf_mbx_write32(vf, offset, value))
		return;
	switch (offset) {
	case IXGBEVF_CTRL:
		if (value & IXGBEVF_CTRL_RST)
			vf_reset(vf);
		return;
	case IXGBEVF_PSRTYPE:
	case IXGBEVF_RSCINT(0):
	case IXGBEVF_RSCINT(1):
		vf_reg_set(vf, offset, value);
		return;
	}
	/* Queue registers, where the guest has not mapped them. */
	if (offset >= IXGBEVF_RXQ(0) && offset < 3 * PAGE)
		vf_reg_set(vf, offset, value);
}

static const struct {
	uint16_t offset;
	const char *name;
} names[] = {
	{ IXGBEVF_CTRL, "vf.vfctrl" },
	{ IXGBEVF_STATUS, "vf.vfstatus" },
	{ IXGBEVF_LINKS, "vf.vflinks" },
	{ IXGBEVF_FRTIMER, "vf.vffrtimer" },
	{ IXGBEVF_EICR, "vf.vteicr" },
	{ IXGBEVF_EICS, "vf.vteics" },
	{ IXGBEVF_EIMS, "vf.vteims" },
	{ IXGBEVF_EIMC, "vf.vteimc" },
	{ IXGBEVF_EIAC, "vf.vteiac" },
	{ IXGBEVF_EIAM, "vf.vteiam" },
	{ IXGBEVF_IVAR(0), "vf.vtivar0" },
	{ IXGBEVF_IVAR(1), "vf.vtivar1" },
	{ IXGBEVF_IVAR_MISC, "vf.vtivar_misc" },
	{ IXGBEVF_RSCINT(0), "vf.vtrscint0" },
	{ IXGBEVF_RSCINT(1), "vf.vtrscint1" },
	{ IXGBEVF_MAILBOX, "vf.vfmailbox" },
	{ IXGBEVF_PSRTYPE, "vf.vfpsrtype" },
	{ IXGBEVF_EITR(0), "vf.vteitr0" },
	{ IXGBEVF_EITR(1), "vf.vteitr1" },
	{ IXGBEVF_EITR(2), "vf.vteitr2" },
	{ IXGBEVF_VFGPRC, "vf.vfgprc" },
	{ IXGBEVF_VFGORC, "vf.vfgorc_lsb" },
	{ IXGBEVF_VFGORC + 4, "vf.vfgorc_msb" },
	{ IXGBEVF_VFMPRC, "vf.vfmprc" },
	{ IXGBEVF_VFGPTC, "vf.vfgptc" },
	{ IXGBEVF_VFGOTC, "vf.vfgotc_lsb" },
	{ IXGBEVF_VFGOTC + 4, "vf.vfgotc_msb" },
	{ IXGBEVF_RXMEMWRAP, "vf.vfrxmemwrap" },
};

/* Registers that every queue has, by their offset in words. */
#define RXQ_NAMES(q) {							\
	"vf.vfrdbal" q, "vf.vfrdbah" q, "vf.vfrdlen" q,			\
	"vf.vfdca_rxctrl" q, "vf.vfrdh" q, "vf.vfsrrctl" q,		\
	"vf.vfrdt" q, NULL, NULL, NULL, "vf.vfrxdctl" q,		\
	"vf.vfrscctl" q,						\
}

#define TXQ_NAMES(q) {							\
	"vf.vftdbal" q, "vf.vftdbah" q, "vf.vftdlen" q,			\
	"vf.vfdca_txctrl" q, "vf.vftdh" q, NULL,			\
	"vf.vftdt" q, NULL, NULL, NULL, "vf.vftxdctl" q,		\
	NULL, NULL, NULL, "vf.vftdwbal" q, "vf.vftdwbah" q,		\
}

#define QUEUE_REGS	16

static const char *const rxq_names[IXGBEVF_MAX_QUEUES][QUEUE_REGS] = {
	RXQ_NAMES("0"), RXQ_NAMES("1"), RXQ_NAMES("2"), RXQ_NAMES("3"),
};

static const char *const txq_names[IXGBEVF_MAX_QUEUES][QUEUE_REGS] = {
	TXQ_NAMES("0"), TXQ_NAMES("1"), TXQ_NAMES("2"), TXQ_NAMES("3"),
};

static const char *register_name(uint32_t offset)
{
	const char *name = NULL;
	size_t i;

	offset &= ~3U;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].offset == offset)
			return names[i].name;
	if (offset >= IXGBEVF_VMBMEM && offset < IXGBEVF_VMBMEM + 4 * VF_MBX_WORDS)
		return "vf.vfmbmem";
	if (offset >= IXGBEVF_RXQ(0) &&
	    offset < IXGBEVF_RXQ(IXGBEVF_MAX_QUEUES))
		name = rxq_names[(offset - IXGBEVF_RXQ(0)) / 0x40]
				[offset % 0x40 / 4];
	if (offset >= IXGBEVF_TXQ(0) &&
	    offset < IXGBEVF_TXQ(IXGBEVF_MAX_QUEUES))
		name = txq_names[(offset - IXGBEVF_TXQ(0)) / 0x40]
				[offset % 0x40 / 4];
	return name ? name : "vf.other";
}

static const struct vf_model model = {
	.info = &info,
	.rxq = IXGBEVF_RXQ(0),
	.txq = IXGBEVF_TXQ(0),
	.queue_stride = IXGBEVF_RXQ(1) - IXGBEVF_RXQ(0),
	.srrctl = IXGBEVF_SRRCTL(0) - IXGBEVF_RXQ(0),
	.srrctl_kib = IXGBEVF_SRRCTL_BSIZEPKT,
	.rxdctl_vme = IXGBEVF_RXDCTL_VME,
	.tx_context = true,
	.frame_overhead = 18,		/* header, CRC */
	.message = vf_82599_message,
	.err_ip = IXGBEVF_RX_ERR_IPE,
	.err_l4 = IXGBEVF_RX_ERR_L4E,
	.err_rx = IXGBEVF_RX_ERR_RXE,
	.mailbox = IXGBEVF_MAILBOX,
	.mbmem = IXGBEVF_VMBMEM,
	.intr = {
		.eicr = IXGBEVF_EICR,
		.eics = IXGBEVF_EICS,
		.eims = IXGBEVF_EIMS,
		.eimc = IXGBEVF_EIMC,
		.eiac = IXGBEVF_EIAC,
		.eiam = IXGBEVF_EIAM,
		.eitr = IXGBEVF_EITR(0),
		.ivar = IXGBEVF_IVAR(0),
		.ivar_misc = IXGBEVF_IVAR_MISC,
		.itr_shift = IXGBEVF_EITR_SHIFT,
		.itr_mask = IXGBEVF_EITR_MASK,
		.itr_us = IXGBEVF_EITR_US,
	},
	.reset = reset,
	.read32 = read32,
	.write32 = write32,
	.set_link = set_link,
	.set_rss = set_rss,
	.rss_queues = rss_queues,
	.count_rx = count_rx,
	.count_tx = count_tx,
};

static struct vf *acquire(const struct pf_env *env)
{
	struct vf *vf = vf_new(&model, env);
	size_t i;

	if (!vf)
		return NULL;
	/* What a driver of the guest's own finds, until pf_ops.init. */
	vf->rss = true;
	vf->rss_types = VF_RSS_TYPES;
	vf->rss_table_len = sizeof(vf->rss_table);
	for (i = 0; i < sizeof(vf->rss_table); i++)
		vf->rss_table[i] = i % IXGBEVF_MAX_QUEUES;
	if (getrandom(vf->rss_key, sizeof(vf->rss_key), GRND_NONBLOCK) < 0)
		memset(vf->rss_key, 0x5a, sizeof(vf->rss_key));
	return vf;
}

const struct pf_ops vf_82599_ops = {
	.get_info = get_info,
	.acquire = acquire,
	.init = vf_init,
	.open = vf_open,
	.activate = vf_activate,
	.quiesce = vf_quiesce,
	.release = vf_release,
	.set_mac = vf_set_mac,
	.set_rx_mode = vf_set_rx_mode,
	.set_multicast = vf_set_multicast,
	.set_hashes = vf_set_hashes,
	.set_vlan = vf_set_vlan,
	.clear_vlans = vf_clear_vlans,
	.set_link = vf_set_link,
	.set_mtu = vf_set_mtu,
	.set_rss_table = vf_set_rss_table,
	.set_offloads = vf_set_offloads,
	.queue_status = vf_queue_status,
	.port = vf_port,
	.inflight = vf_inflight,
	.read = vf_read,
	.write = vf_write,
	.register_name = register_name,
};
