// SPDX-License-Identifier: GPL-2.0
/*
 * Model of an Intel 82576 VF: its registers.  They have the names of the
 * datasheet without their "VT" where it has one.
 */
#include <endian.h>
#include <stdio.h>
#include <string.h>

#include "../plugins/e1000vf_regs.h"
#include "vf_intel.h"

#define NSEC_PER_USEC	1000
#define PAGE		4096

static const struct pf_vf_info info = {
	.model = "82576",
	.pci = {
		.vendor = 0x8086, .device = 0x10ca,
		.subsystem_vendor = 0x8086, .subsystem = 0xa03c,
		.revision = 1,
	},
	.plugin = "intel-82576vf",
	.device_impl_id = E1000VF_DEVICE_IMPL_ID,
	.window_len = E1000VF_WINDOW_LEN,
	.num_regions = 2,
	.regions = {
		{ .offset = 0, .length = 2 * PAGE, .direct = false },
		{ .offset = 2 * PAGE, .length = 2 * PAGE, .direct = true },
	},
	.max_queues = E1000VF_MAX_QUEUES,
	.max_vectors = E1000VF_MAX_VECTORS,
	.rx_modes = PORT_RX_UCAST | PORT_RX_MCAST | PORT_RX_BCAST |
		    PORT_RX_ALLMULTI,
	.max_multicast = VF_MAX_MULTICAST,
	.max_vlans = 32,	/* entries of VLVF, the pools' VLAN filter */
	.max_mtu = 9198,	/* jumbo frames of 9216 bytes, header included */
	.rss_table_len = 128,
	.rss_types = VF_RSS_TYPES,
};

static const struct pf_vf_info *get_info(void)
{
	return &info;
}

static void reset(struct vf *vf)
{
	uint32_t status = vf_reg_get(vf, E1000VF_STATUS);
	uint8_t *window = vf->env.window;

	/* Drivers take statistics that run backwards for an overflow. */
	memset(window, 0, E1000VF_VFGPRC);
	memset(window + E1000VF_STATS_END, 0,
	       E1000VF_WINDOW_LEN - E1000VF_STATS_END);
	vf_reg_set(vf, E1000VF_STATUS, status);
	vf_mbx_reset(vf);
}

static void set_link(struct vf *vf, bool up)
{
	vf_reg_set(vf, E1000VF_STATUS, E1000VF_STATUS_FD |
		   E1000VF_STATUS_1000 | (up ? E1000VF_STATUS_LU : 0));
}

/* Statistics: registers of 32 bits that wrap. */

static void count_rx(struct vf *vf, size_t bytes, bool multicast)
{
	vf_reg_add(vf, E1000VF_VFGPRC, 1);
	vf_reg_add(vf, E1000VF_VFGORC, bytes);
	if (multicast)
		vf_reg_add(vf, E1000VF_VFMPRC, 1);
}

static void count_tx(struct vf *vf, size_t bytes)
{
	vf_reg_add(vf, E1000VF_VFGPTC, 1);
	vf_reg_add(vf, E1000VF_VFGOTC, bytes);
}

/* Trapped accesses. */

static uint32_t read32(struct vf *vf, uint32_t offset)
{
	uint32_t value;

	if (vf_intr_read32(vf, offset, &value) ||
	    vf_mbx_read32(vf, offset, &value))
		return value;
	value = vf_reg_get(vf, offset);
	switch (offset) {
	case E1000VF_STATUS:
		/* A driver reads it to see its writes to queues done. */
		vf_check_enables(vf);
		break;
	case E1000VF_FRTIMER:
		return loop_now() / NSEC_PER_USEC;
	}
	return value;
}

static void write32(struct vf *vf, uint32_t offset, uint32_t value)
{
	if (vf_intr_write32(vf, offset, value) ||
	    vf_mbx_write32(vf, offset, value))
		return;
	if (offset == E1000VF_CTRL && value & E1000VF_CTRL_RST)
		vf_reset(vf);
	/* Queue registers, where the guest has not mapped them. */
	if (offset >= E1000VF_RXQ(0))
		vf_reg_set(vf, offset, value);
}

static const char *register_name(uint32_t offset)
{
	static const struct {
		uint32_t offset;
		const char *name;
	} names[] = {
		{ E1000VF_CTRL, "vf.vtctrl" },
		{ E1000VF_STATUS, "vf.vtstatus" },
		{ E1000VF_MAILBOX, "vf.v2pmailbox" },
		{ E1000VF_VFGPRC, "vf.vfgprc" },
		{ E1000VF_VFGPTC, "vf.vfgptc" },
		{ E1000VF_VFGORC, "vf.vfgorc" },
		{ E1000VF_VFGOTC, "vf.vfgotc" },
		{ E1000VF_VFMPRC, "vf.vfmprc" },
		{ E1000VF_FRTIMER, "vf.vtfrtimer" },
		{ E1000VF_EICS, "vf.vteics" },
		{ E1000VF_EIMS, "vf.vteims" },
		{ E1000VF_EIMC, "vf.vteimc" },
		{ E1000VF_EIAC, "vf.vteiac" },
		{ E1000VF_EIAM, "vf.vteiam" },
		{ E1000VF_EICR, "vf.vteicr" },
		{ E1000VF_EITR(0), "vf.vteitr0" },
		{ E1000VF_EITR(1), "vf.vteitr1" },
		{ E1000VF_EITR(2), "vf.vteitr2" },
		{ E1000VF_IVAR(0), "vf.vtivar0" },
		{ E1000VF_IVAR_MISC, "vf.vtivar_misc" },
		{ E1000VF_SRRCTL(0), "vf.srrctl0" },
		{ E1000VF_RDH(0), "vf.rdh0" },
		{ E1000VF_RDT(0), "vf.rdt0" },
		{ E1000VF_RXDCTL(0), "vf.rxdctl0" },
		{ E1000VF_SRRCTL(1), "vf.srrctl1" },
		{ E1000VF_RDH(1), "vf.rdh1" },
		{ E1000VF_RDT(1), "vf.rdt1" },
		{ E1000VF_RXDCTL(1), "vf.rxdctl1" },
		{ E1000VF_TDH(0), "vf.tdh0" },
		{ E1000VF_TDT(0), "vf.tdt0" },
		{ E1000VF_TXDCTL(0), "vf.txdctl0" },
		{ E1000VF_TDH(1), "vf.tdh1" },
		{ E1000VF_TDT(1), "vf.tdt1" },
		{ E1000VF_TXDCTL(1), "vf.txdctl1" },
	};
	size_t i;

	offset &= ~3U;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].offset == offset)
			return names[i].name;
	if (offset >= E1000VF_VMBMEM &&
	    offset < E1000VF_VMBMEM + 4 * VF_MBX_WORDS)
		return "vf.vmbmem";
	if (offset >= E1000VF_TXQ(0))
		return "vf.txq";
	if (offset >= E1000VF_RXQ(0))
		return "vf.rxq";
	return "vf.other";
}

static const struct vf_model model = {
	.info = &info,
	.rxq = E1000VF_RXQ(0),
	.txq = E1000VF_TXQ(0),
	.queue_stride = E1000VF_RXQ(1) - E1000VF_RXQ(0),
	.srrctl = E1000VF_SRRCTL(0) - E1000VF_RXQ(0),
	.srrctl_kib = E1000VF_SRRCTL_BSIZEPKT,
	.err_ip = E1000VF_RX_ERR_IPE,
	.err_l4 = E1000VF_RX_ERR_L4E,
	.err_rx = E1000VF_RX_ERR_RXE,
	.mailbox = E1000VF_MAILBOX,
	.mbmem = E1000VF_VMBMEM,
	.frame_overhead = 22,		/* header, tag, CRC */
	.intr = {
		.eicr = E1000VF_EICR,
		.eics = E1000VF_EICS,
		.eims = E1000VF_EIMS,
		.eimc = E1000VF_EIMC,
		.eiac = E1000VF_EIAC,
		.eiam = E1000VF_EIAM,
		.eitr = E1000VF_EITR(0),
		.ivar = E1000VF_IVAR(0),
		.ivar_misc = E1000VF_IVAR_MISC,
		.itr_shift = E1000VF_EITR_SHIFT,
		.itr_mask = E1000VF_EITR_MASK,
		.itr_us = 1,
	},
	.reset = reset,
	.read32 = read32,
	.write32 = write32,
	.set_link = set_link,
	.count_rx = count_rx,
	.count_tx = count_tx,
};

static struct vf *acquire(const struct pf_env *env)
{
	return vf_new(&model, env);
}

const struct pf_ops vf_82576_ops = {
	.get_info = get_info,
	.acquire = acquire,
	.init = vf_init,
	.open = vf_open,
	.activate = vf_activate,
	.quiesce = vf_quiesce,
	.inflight = vf_inflight,
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
	.read = vf_read,
	.write = vf_write,
	.register_name = register_name,
};
