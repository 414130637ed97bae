/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The vmxnet3 device as its driver sees it, without the rings: registers,
 * commands, the memory that driver and device share, and the NPA extension.
 *
 * Used by the shell, which controls the device, and by npad, which is one.
 * What lies in the rings is in vmxnet3_desc.h.  Multi-byte numbers in shared
 * memory are little endian.  Facts: upstream's vmxnet3_defs.h for the device,
 * Documentation/networking/npa.rst for the NPA extension.
 */
#ifndef _VMXNET3_HW_H
#define _VMXNET3_HW_H

#include <linux/types.h>
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/stddef.h>

#define VMXNET3_PCI_VENDOR		0x15ad
#define VMXNET3_PCI_DEVICE		0x07b0

/* BARs */
#define VMXNET3_BAR_PT			0	/* doorbells, interrupt masks */
#define VMXNET3_BAR_VD			1	/* control registers */

/* Registers in BAR PT; the stride between queues or interrupts is 8 bytes */
#define VMXNET3_REG_STRIDE		8
#define VMXNET3_PT_IMR			0x000	/* bit 0: interrupt masked */
#define VMXNET3_PT_TXPROD		0x600	/* TX producer index, doorbell */
#define VMXNET3_PT_RXPROD		0x800	/* RX ring 1 producer index */
#define VMXNET3_PT_RXPROD2		0xa00	/* RX ring 2 producer index */

/* The same doorbells with the large BAR, see VMXNET3_CAP_LARGE_BAR */
#define VMXNET3_PT_LARGE_TXPROD		0x1000
#define VMXNET3_PT_LARGE_RXPROD		0x1400
#define VMXNET3_PT_LARGE_RXPROD2	0x1800
#define VMXNET3_PT_LEN			0x1000	/* at least */
#define VMXNET3_PT_LARGE_LEN		0x2000	/* at least, with the large BAR */

/* Registers in BAR VD */
#define VMXNET3_VD_VRRS			0x00	/* device revisions: bitmap */
#define VMXNET3_VD_UVRS			0x08	/* UPT versions: bitmap */
#define VMXNET3_VD_DSAL			0x10	/* shared area, low address */
#define VMXNET3_VD_DSAH			0x18	/* shared area, high address */
#define VMXNET3_VD_CMD			0x20
#define VMXNET3_VD_MACL			0x28
#define VMXNET3_VD_MACH			0x30
#define VMXNET3_VD_ICR			0x38	/* INTx: cause, read clears */
#define VMXNET3_VD_ECR			0x40	/* event acknowledge, by bits */
#define VMXNET3_VD_DCR			0x48	/* revision 7: capabilities */
#define VMXNET3_VD_PTCR			0x88	/* revision 7: those of hardware
						 * that the device may pass
						 * through
						 */

/* Device revisions.  Bit n - 1 of VRRS and of driver_info.revision is n. */
#define VMXNET3_REV_MIN			1
#define VMXNET3_REV_MAX			9
#define VMXNET3_UPT_VERSION		BIT(0)	/* in UVRS; there is no other */

/* Commands without a result, and those whose result is status only */
#define VMXNET3_CMD_ACTIVATE_DEV	0xcafe0000
#define VMXNET3_CMD_QUIESCE_DEV		0xcafe0001
#define VMXNET3_CMD_RESET_DEV		0xcafe0002
#define VMXNET3_CMD_UPDATE_RX_MODE	0xcafe0003
#define VMXNET3_CMD_UPDATE_MAC_FILTERS	0xcafe0004
#define VMXNET3_CMD_UPDATE_VLAN_FILTERS	0xcafe0005
#define VMXNET3_CMD_UPDATE_RSSIDT	0xcafe0006
#define VMXNET3_CMD_UPDATE_IML		0xcafe0007
#define VMXNET3_CMD_UPDATE_PMCFG	0xcafe0008
#define VMXNET3_CMD_UPDATE_FEATURE	0xcafe0009
#define VMXNET3_CMD_STOP_EMULATION	0xcafe000a	/* NPA only */
#define VMXNET3_CMD_LOAD_PLUGIN		0xcafe000b	/* NPA only */
#define VMXNET3_CMD_ACTIVATE_VF		0xcafe000c	/* NPA only */

/* Commands with arguments in vmxnet3_shared.cmd_info */
#define VMXNET3_CMD_SET_COALESCE	0xcafe000e	/* revision 3 */
#define VMXNET3_CMD_REGISTER_MEMREGS	0xcafe000f	/* revision 3 */
#define VMXNET3_CMD_SET_RSS_FIELDS	0xcafe0010	/* revision 4 */
#define VMXNET3_CMD_SET_RING_BUFFER_SIZE 0xcafe0013	/* revision 7 */

/* Commands whose result is read from CMD */
#define VMXNET3_CMD_GET_QUEUE_STATUS	0xf00d0000
#define VMXNET3_CMD_GET_STATS		0xf00d0001
#define VMXNET3_CMD_GET_LINK		0xf00d0002
#define VMXNET3_CMD_GET_PERM_MAC_LO	0xf00d0003
#define VMXNET3_CMD_GET_PERM_MAC_HI	0xf00d0004
#define VMXNET3_CMD_GET_DID_LO		0xf00d0005
#define VMXNET3_CMD_GET_DID_HI		0xf00d0006
#define VMXNET3_CMD_GET_DEV_EXTRA_INFO	0xf00d0007
#define VMXNET3_CMD_GET_CONF_INTR	0xf00d0008
#define VMXNET3_CMD_GET_TXDATA_DESC_SIZE 0xf00d000a	/* revision 3 */
#define VMXNET3_CMD_GET_COALESCE	0xf00d000b	/* revision 3, cmd_info */
#define VMXNET3_CMD_GET_RSS_FIELDS	0xf00d000c	/* revision 4 */
#define VMXNET3_CMD_GET_MAX_QUEUES_CONF	0xf00d000f	/* revision 6 */
#define VMXNET3_CMD_GET_MAX_CAPABILITIES 0xf00d0011	/* revision 7 */
#define VMXNET3_CMD_GET_DCR0_REG	0xf00d0012	/* revision 7 */
#define VMXNET3_CMD_GET_TSRING_DESC_SIZE 0xf00d0013	/* revision 9 */
#define VMXNET3_CMD_GET_DISABLED_OFFLOADS 0xf00d0014	/* revision 9 */

/* NPA commands of our own, valid only with the NPA capability */
#define VMXNET3_CMD_NPA_QUIESCE_VF	0xcafe4e01	/* stop using the VF */
#define VMXNET3_CMD_NPA_REPORT		0xcafe4e02	/* see npa_report */
#define VMXNET3_CMD_NPA_GET_STATUS	0xf00d4e01	/* of the last of them */

/*
 * Results of LOAD_PLUGIN, ACTIVATE_VF, STOP_EMULATION, ACTIVATE_DEV and
 * NPA_QUIESCE_VF, read from CMD.  With the NPA capability LOAD_PLUGIN,
 * ACTIVATE_VF, STOP_EMULATION and NPA_QUIESCE_VF are asynchronous: a read of
 * CMD after one of them, or after NPA_GET_STATUS, gives the state of the last
 * one issued.  One is under way at a time; a second one fails, except that
 * another LOAD_PLUGIN takes the first one's place and NPA_QUIESCE_VF ends
 * whatever is under way.  NPA_GET_STATUS also gives BUSY while a page of an
 * image is on its way to the region.
 */
#define VMXNET3_CMD_RESULT_OK		0
#define VMXNET3_CMD_RESULT_FAILED	1
#define VMXNET3_CMD_RESULT_BUSY		2

/* GET_LINK: link state and speed */
#define VMXNET3_LINK_UP			BIT(0)
#define VMXNET3_LINK_SPEED		GENMASK(31, 16)	/* Mbit/s */
/* From revision 9 on a smaller number is Gbit/s. */
#define VMXNET3_LINK_SPEED_MBIT		10000

/* GET_TXDATA_DESC_SIZE: bytes of a data ring's entry */
#define VMXNET3_DATA_SIZE_TX		GENMASK(15, 0)
#define VMXNET3_DATA_SIZE_RX		GENMASK(31, 16)	/* revision 9 */
#define VMXNET3_DATA_SIZE_ALIGN		64
#define VMXNET3_TX_DATA_SIZE_MIN	128
#define VMXNET3_DATA_SIZE_MAX		2048

/* GET_TSRING_DESC_SIZE: bytes of a timestamp ring's entry, 0: no such ring */
#define VMXNET3_TS_SIZE_TX		GENMASK(7, 0)
#define VMXNET3_TS_SIZE_RX		GENMASK(23, 16)
#define VMXNET3_TS_SIZE_ALIGN		64

/* GET_MAX_QUEUES_CONF, 0: as before revision 6 */
#define VMXNET3_MAX_QUEUES_TX		GENMASK(7, 0)
#define VMXNET3_MAX_QUEUES_RX		GENMASK(15, 8)

/* GET_DISABLED_OFFLOADS */
#define VMXNET3_DISABLED_TSO		BIT(0)
#define VMXNET3_DISABLED_LRO		BIT(1)

/*
 * Capabilities, revision 7: what the device can do is read from DCR (PTCR for
 * the hardware), what the driver wants is written to DCR, and what it gets is
 * the result of GET_DCR0_REG.
 */
#define VMXNET3_CAP_UDP_RSS		BIT(0)
#define VMXNET3_CAP_ESP_RSS_IPV4	BIT(1)
#define VMXNET3_CAP_GENEVE_CSUM		BIT(2)
#define VMXNET3_CAP_GENEVE_TSO		BIT(3)
#define VMXNET3_CAP_VXLAN_CSUM		BIT(4)
#define VMXNET3_CAP_VXLAN_TSO		BIT(5)
#define VMXNET3_CAP_GENEVE_OUTER_CSUM	BIT(6)
#define VMXNET3_CAP_VXLAN_OUTER_CSUM	BIT(7)
#define VMXNET3_CAP_PKT_STEERING_IPV4	BIT(8)
#define VMXNET3_CAP_ESP_RSS_IPV6	BIT(9)
#define VMXNET3_CAP_ESP_OVER_UDP_RSS	BIT(10)
#define VMXNET3_CAP_INNER_RSS		BIT(11)
#define VMXNET3_CAP_INNER_ESP_RSS	BIT(12)
#define VMXNET3_CAP_CRC32_HASH		BIT(13)
#define VMXNET3_CAP_OAM_FILTER		BIT(14)
#define VMXNET3_CAP_ESP_QS		BIT(15)
#define VMXNET3_CAP_LARGE_BAR		BIT(16)	/* doorbells for many queues */
#define VMXNET3_CAP_OOORX_COMP		BIT(17)	/* RX may complete in any order */
#define VMXNET3_CAP_ALL			GENMASK(17, 0)
#define VMXNET3_CAP_ERROR		BIT(31)	/* the rest means nothing */

/* GET_CONF_INTR: how the device wants to interrupt */
#define VMXNET3_INTR_TYPE		GENMASK(1, 0)
#define VMXNET3_INTR_TYPE_AUTO		0
#define VMXNET3_INTR_TYPE_INTX		1
#define VMXNET3_INTR_TYPE_MSI		2
#define VMXNET3_INTR_TYPE_MSIX		3
#define VMXNET3_INTR_MASK_MODE		GENMASK(3, 2)
#define VMXNET3_INTR_MASK_AUTO		0	/* device masks when it fires */
#define VMXNET3_INTR_MASK_ACTIVE	1	/* driver masks in the handler */
#define VMXNET3_INTR_MASK_LAZY		2

/* GET_DEV_EXTRA_INFO with NPA: the switch message */
#define VMXNET3_NPA_MSG_PATH		GENMASK(1, 0)
#define VMXNET3_NPA_MSG_PATH_EMULATED	0
#define VMXNET3_NPA_MSG_PATH_VF		1
#define VMXNET3_NPA_MSG_REASON		GENMASK(7, 4)
#define VMXNET3_NPA_MSG_REASON_OPERATOR	0
#define VMXNET3_NPA_MSG_REASON_MIGRATION 1
#define VMXNET3_NPA_MSG_REASON_POLICY	2
#define VMXNET3_NPA_MSG_REASON_VF_LOST	3
#define VMXNET3_NPA_MSG_SEQ		GENMASK(31, 16)

/* Events, vmxnet3_shared.ecr and register ECR */
#define VMXNET3_ECR_RQERR		BIT(0)
#define VMXNET3_ECR_TQERR		BIT(1)
#define VMXNET3_ECR_LINK		BIT(2)
#define VMXNET3_ECR_DIC			BIT(3)	/* switch message */
#define VMXNET3_ECR_DEBUG		BIT(4)

/* vmxnet3_queue_status.error */
#define VMXNET3_QERR_SWITCH_FAILED	0x80000006

/* vmxnet3_rx_filter_conf.rx_mode */
#define VMXNET3_RXM_UCAST		BIT(0)
#define VMXNET3_RXM_MCAST		BIT(1)
#define VMXNET3_RXM_BCAST		BIT(2)
#define VMXNET3_RXM_ALL_MULTI		BIT(3)
#define VMXNET3_RXM_PROMISC		BIT(4)

/* vmxnet3_misc_conf.features */
#define VMXNET3_F_RXCSUM		BIT(0)
#define VMXNET3_F_RSS			BIT(1)
#define VMXNET3_F_RXVLAN		BIT(2)
#define VMXNET3_F_LRO			BIT(3)
#define VMXNET3_F_RXINNER		BIT(4)	/* RXCSUM inside tunnels, rev. 4 */

#define VMXNET3_INTR_CTRL_DISABLE_ALL	BIT(0)
#define VMXNET3_INTR_LEVEL_ADAPTIVE	8	/* of mod_levels */

#define VMXNET3_SHARED_MAGIC		0xbabefee1
#define VMXNET3_MAX_INTRS		25
#define VMXNET3_MAX_TX_QUEUES		8
#define VMXNET3_MAX_RX_QUEUES		16
/* From revision 6 on */
#define VMXNET3_EXT_MAX_INTRS		65
#define VMXNET3_EXT_MAX_TX_QUEUES	32
#define VMXNET3_EXT_MAX_RX_QUEUES	32
#define VMXNET3_VLAN_WORDS		128
#define VMXNET3_SHARED_ALIGN		8
#define VMXNET3_QUEUE_DESC_ALIGN	128

/* vmxnet3_driver_info.gos */
#define VMXNET3_GOS_BITS		GENMASK(1, 0)
#define VMXNET3_GOS_BITS_32		1
#define VMXNET3_GOS_BITS_64		2
#define VMXNET3_GOS_TYPE		GENMASK(5, 2)
#define VMXNET3_GOS_TYPE_LINUX		1

#define VMXNET3_DRIVER_VERSION		0x02000000

struct vmxnet3_driver_info {
	__le32 version;
	__le32 gos;
	__le32 revision;	/* bitmap of those the driver knows; upstream's
				 * names the first one only
				 */
	__le32 upt_version;
};

struct vmxnet3_misc_conf {
	struct vmxnet3_driver_info driver_info;
	__le64 features;
	__le64 driver_data_pa;
	__le64 queue_desc_pa;
	__le32 driver_data_len;
	__le32 queue_desc_len;
	__le32 mtu;
	__le16 max_rx_sg;
	__u8 num_tx_queues;
	__u8 num_rx_queues;
	__le32 reserved[4];
};

struct vmxnet3_intr_conf {
	__u8 auto_mask;
	__u8 num_intrs;
	__u8 event_intr;
	__u8 mod_levels[VMXNET3_MAX_INTRS];
	__le32 ctrl;
	__le32 reserved[2];
};

/*
 * The same for more interrupts, revision 6.  The device looks at this one
 * instead if there are more than VMXNET3_MAX_TX_QUEUES or
 * VMXNET3_MAX_RX_QUEUES queues.
 */
struct vmxnet3_intr_conf_ext {
	__u8 auto_mask;
	__u8 num_intrs;
	__u8 event_intr;
	__u8 reserved0;
	__le32 ctrl;
	__le32 reserved1;
	__u8 mod_levels[VMXNET3_EXT_MAX_INTRS];
	__u8 reserved2[3];
};

struct vmxnet3_rx_filter_conf {
	__le32 rx_mode;
	__le16 mf_table_len;	/* bytes */
	__le16 reserved;
	__le64 mf_table_pa;	/* 6 bytes per address */
	__le32 vlan_table[VMXNET3_VLAN_WORDS];
};

/* Points to a configuration of its own version and length. */
struct vmxnet3_conf_desc {
	__le32 version;
	__le32 length;
	__le64 pa;
};

struct vmxnet3_dev_read {
	struct vmxnet3_misc_conf misc;
	struct vmxnet3_intr_conf intr;
	struct vmxnet3_rx_filter_conf rx_filter;
	struct vmxnet3_conf_desc rss;
	struct vmxnet3_conf_desc pm;
	struct vmxnet3_conf_desc plugin;
};

/* Lengths of receive buffers, revision 7. */
struct vmxnet3_ring_buffer_size {
	__le16 ring1_head;	/* bytes of a buffer for the start of a frame */
	__le16 ring1_body;	/* of one for the rest, 0: none in ring 1 */
	__le16 ring2_body;
	__le16 pad;
};

/* Interrupt coalescing, revision 3; a vmxnet3_conf_desc points to it. */
#define VMXNET3_COALESCE_DISABLED	0
#define VMXNET3_COALESCE_ADAPT		1
#define VMXNET3_COALESCE_STATIC		2	/* by frames */
#define VMXNET3_COALESCE_RATE		3	/* interrupts per second */
#define VMXNET3_COALESCE_DEPTH_MAX	128
#define VMXNET3_COALESCE_RATE_MIN	100
#define VMXNET3_COALESCE_RATE_MAX	100000

struct vmxnet3_coalesce {
	__le32 mode;
	union {
		__le32 rate;
		struct {
			__le32 tx_depth;
			__le32 tx_comp_depth;
			__le32 rx_depth;
		};
	};
};

/* What RSS hashes besides addresses, revision 4. */
#define VMXNET3_RSS_FIELD_TCP_IPV4	BIT(0)
#define VMXNET3_RSS_FIELD_TCP_IPV6	BIT(1)
#define VMXNET3_RSS_FIELD_UDP_IPV4	BIT(2)
#define VMXNET3_RSS_FIELD_UDP_IPV6	BIT(3)
#define VMXNET3_RSS_FIELD_ESP_IPV4	BIT(4)
#define VMXNET3_RSS_FIELD_ESP_IPV6	BIT(5)

/*
 * Arguments of a command, revision 3: up to 16 bytes, or where they are.
 * Valid while the command is carried out.
 */
union vmxnet3_cmd_info {
	struct vmxnet3_conf_desc conf;
	__le32 rss_fields;
	struct vmxnet3_ring_buffer_size buffer_size;
	__le32 word[4];
};

/* Frames that wake the machine up: UPDATE_PMCFG, vmxnet3_dev_read.pm */
#define VMXNET3_PM_CONF_V1		1
#define VMXNET3_PM_MAX_FILTERS		6
#define VMXNET3_PM_PATTERN_LEN		128
#define VMXNET3_PM_MASK_LEN		(VMXNET3_PM_PATTERN_LEN / 8)
#define VMXNET3_PM_WAKE_MAGIC		BIT(0)
#define VMXNET3_PM_WAKE_FILTER		BIT(1)

struct vmxnet3_pm_filter {
	__u8 mask_len;
	__u8 pattern_len;
	__u8 mask[VMXNET3_PM_MASK_LEN];		/* a bit per byte of it */
	__u8 pattern[VMXNET3_PM_PATTERN_LEN];	/* start of the frame */
	__u8 pad[6];
};

struct vmxnet3_pm_conf {
	__le16 wake_events;
	__u8 num_filters;
	__u8 pad[5];
	struct vmxnet3_pm_filter filters[VMXNET3_PM_MAX_FILTERS];
};

/* The area whose address is written to DSAL and DSAH. */
struct vmxnet3_shared {
	__le32 magic;
	__le32 pad;
	struct vmxnet3_dev_read dev_read;
	__le32 ecr;
	__le32 reserved0;
	union vmxnet3_cmd_info cmd_info;
	struct vmxnet3_intr_conf_ext intr_ext;
};

struct vmxnet3_tx_queue_ctrl {
	__le32 num_deferred;
	__le32 threshold;
	__le64 reserved;
};

struct vmxnet3_tx_queue_conf {
	__le64 ring_pa;
	__le64 data_ring_pa;
	__le64 comp_ring_pa;
	__le64 driver_data_pa;
	__le64 reserved0;
	__le32 ring_size;
	__le32 data_ring_size;
	__le32 comp_ring_size;
	__le32 driver_data_len;
	__u8 intr;
	__u8 pad0;
	__le16 data_desc_size;
	__u8 pad1[4];
};

struct vmxnet3_queue_status {
	__u8 stopped;
	__u8 pad[3];
	__le32 error;
};

struct vmxnet3_tx_stats {
	__le64 tso_packets;
	__le64 tso_bytes;
	__le64 ucast_packets;
	__le64 ucast_bytes;
	__le64 mcast_packets;
	__le64 mcast_bytes;
	__le64 bcast_packets;
	__le64 bcast_bytes;
	__le64 errors;
	__le64 discards;
};

struct vmxnet3_rx_stats {
	__le64 lro_packets;
	__le64 lro_bytes;
	__le64 ucast_packets;
	__le64 ucast_bytes;
	__le64 mcast_packets;
	__le64 mcast_bytes;
	__le64 bcast_packets;
	__le64 bcast_bytes;
	__le64 out_of_buffers;
	__le64 errors;
};

/* Timestamps, revision 9: rings with as many entries as the TX or RX ring 1. */
struct vmxnet3_tx_ts_conf {
	__le64 ring_pa;
	__le16 desc_size;
	__le16 pad0;
	__le16 sample_rate;	/* of TX queue 0, by the device: stamp one frame
				 * in so many, 0: none
				 */
	__le16 pad1;
};

struct vmxnet3_rx_ts_conf {
	__le64 ring_pa;
	__le16 desc_size;
	__le16 pad[3];
};

struct vmxnet3_tx_queue_desc {
	struct vmxnet3_tx_queue_ctrl ctrl;
	struct vmxnet3_tx_queue_conf conf;
	struct vmxnet3_queue_status status;
	struct vmxnet3_tx_stats stats;
	struct vmxnet3_tx_ts_conf ts;
	__u8 pad[72];
};

struct vmxnet3_rx_queue_ctrl {
	__u8 update_rx_prod;	/* the device wants RXPROD written */
	__u8 pad[7];
	__le64 reserved;
};

struct vmxnet3_rx_queue_conf {
	__le64 ring_pa[2];
	__le64 comp_ring_pa;
	__le64 driver_data_pa;
	__le64 data_ring_pa;
	__le32 ring_size[2];
	__le32 comp_ring_size;
	__le32 driver_data_len;
	__u8 intr;
	__u8 pad0;
	__le16 data_desc_size;
	__u8 pad1[4];
};

/* The array at queue_desc_pa: all TX descriptors, then all RX descriptors. */
struct vmxnet3_rx_queue_desc {
	struct vmxnet3_rx_queue_ctrl ctrl;
	struct vmxnet3_rx_queue_conf conf;
	struct vmxnet3_queue_status status;
	struct vmxnet3_rx_stats stats;
	struct vmxnet3_rx_ts_conf ts;
	__u8 pad[72];
};

/*
 * Segments of the vmxnet3 plugin's ring memory (npa_queue.seg): the shell
 * writes their addresses to the queue descriptors above.
 */
#define VMXNET3_TX_SEG_RING		0
#define VMXNET3_TX_SEG_COMP		1
#define VMXNET3_TX_SEG_DATA		2	/* optional */
#define VMXNET3_TX_SEG_STAMP		3	/* optional */
#define VMXNET3_RX_SEG_RINGS		0	/* ring 1, then ring 2 */
#define VMXNET3_RX_SEG_COMP		1	/* twice as many entries */
#define VMXNET3_RX_SEG_DATA		2	/* optional */
#define VMXNET3_RX_SEG_STAMP		3	/* optional */

#define VMXNET3_RSS_IPV4		BIT(0)
#define VMXNET3_RSS_TCP_IPV4		BIT(1)
#define VMXNET3_RSS_IPV6		BIT(2)
#define VMXNET3_RSS_TCP_IPV6		BIT(3)
#define VMXNET3_RSS_FUNC_TOEPLITZ	1
#define VMXNET3_RSS_KEY_LEN		40
#define VMXNET3_RSS_TABLE_LEN		128

struct vmxnet3_rss_conf {
	__le16 hash_type;
	__le16 hash_func;
	__le16 key_len;
	__le16 table_len;
	__u8 key[VMXNET3_RSS_KEY_LEN];
	__u8 table[VMXNET3_RSS_TABLE_LEN];
};

/*
 * The NPA capability: a vendor-specific PCI capability (id 0x09) of
 * VMXNET3_NPA_CAP_LEN bytes.  Offsets from its first byte.
 */
#define VMXNET3_NPA_CAP_LEN		16
#define VMXNET3_NPA_CAP_LENGTH		0x02	/* u8, as in any such one */
#define VMXNET3_NPA_CAP_VERSION		0x03	/* u8 */
#define VMXNET3_NPA_CAP_MAGIC		0x04	/* le32 */
#define VMXNET3_NPA_CAP_BAR		0x08	/* u8: BAR of the VF window */
#define VMXNET3_NPA_CAP_MAX_QUEUES	0x09	/* u8: queue pairs VFs may have */
#define VMXNET3_NPA_MAGIC		0x3141504e	/* "NPA1" */
#define VMXNET3_NPA_VERSION		1

#define VMXNET3_NPA_REGION_PAGES	64	/* of 4 KiB */
#define VMXNET3_NPA_WINDOW_PAGES	32
#define VMXNET3_NPA_PAGE_SHIFT		12
#define VMXNET3_NPA_MAX_QUEUES		32
#define VMXNET3_NPA_RING_SEGS		4

#define VMXNET3_NPA_CONF_V1		1
#define VMXNET3_NPA_CONF_V2		2

/* Plugin configuration, version 1: the historical layout. */
struct vmxnet3_npa_conf_v1 {
	__le64 region_va;	/* guest virtual address of the region */
	__le32 region_pages;
	__le64 region_ppn[VMXNET3_NPA_REGION_PAGES];
	__le64 window_ppn;	/* written by the hypervisor */
	__le32 window_pages;	/* written by the hypervisor */
	__le64 entry_va;	/* written by the hypervisor, or 0 */
	__le32 device_info[32];	/* written by the hypervisor */
} __packed;

struct vmxnet3_npa_queue {
	__le64 seg_pa[VMXNET3_NPA_RING_SEGS];
	__le32 ring_size;	/* entries */
	__le32 intr;		/* interrupt (MSI-X vector) index */
};

/*
 * Plugin configuration, version 2: version 1 and what it lacked.
 *
 * The driver rewrites the queues before ACTIVATE_VF, and @report before
 * NPA_REPORT.  The hypervisor writes the members marked H before LOAD_PLUGIN
 * completes.
 */
struct vmxnet3_npa_conf {
	struct vmxnet3_npa_conf_v1 v1;
	__le32 image_len;	/* H: bytes it has written to the region */
	__le32 mtu;
	__le32 features;	/* VMXNET3_F_* in use */
	__le16 num_tx_queues;	/* in use */
	__le16 num_rx_queues;
	__le16 vf_tx_queues;	/* H: queues that the VF has */
	__le16 vf_rx_queues;	/* H */
	__le32 report;		/* VMXNET3_NPA_REPORT_* */
	__le64 shared_pa;	/* memory shared with the PF driver, or 0 */
	__le32 shared_len;
	__le32 small_len;	/* usable bytes of a small buffer */
	__le32 large_len;
	__le32 reserved;
	struct vmxnet3_npa_queue tx[VMXNET3_NPA_MAX_QUEUES];
	struct vmxnet3_npa_queue rx[VMXNET3_NPA_MAX_QUEUES];
} __packed;

/* vmxnet3_npa_conf.report: why a switch was refused or the VF given up */
#define VMXNET3_NPA_REPORT_REASON	GENMASK(15, 0)
#define VMXNET3_NPA_REPORT_SEQ		GENMASK(31, 16)	/* of the message */

/**
 * enum vmxnet3_npa_reason - why the guest does not use the VF
 * @VMXNET3_NPA_OK: it does
 * @VMXNET3_NPA_NO_MEMORY: no memory for rings or buffers, or no mapping
 * @VMXNET3_NPA_LOAD_FAILED: LOAD_PLUGIN said so
 * @VMXNET3_NPA_LOAD_TIMEOUT: LOAD_PLUGIN did not come to an end
 * @VMXNET3_NPA_BAD_MAGIC: not a plugin image
 * @VMXNET3_NPA_TRUNCATED: shorter than its header says
 * @VMXNET3_NPA_TOO_LARGE: larger than the region
 * @VMXNET3_NPA_BAD_HEADER: lengths, strings or reserved fields of the header
 * @VMXNET3_NPA_BAD_HASH: the payload is not what the header says
 * @VMXNET3_NPA_BAD_LICENSE: not compatible with the GPL
 * @VMXNET3_NPA_BAD_API: wants another version of the Shell API
 * @VMXNET3_NPA_BAD_MACHINE: wants another instruction set
 * @VMXNET3_NPA_BAD_ENTRY: entry point outside the payload, or not aligned
 * @VMXNET3_NPA_BAD_SIGNATURE: a signature that does not hold
 * @VMXNET3_NPA_UNSIGNED: no signature where one is required
 * @VMXNET3_NPA_BAD_WINDOW: the VF's window is not inside its BAR
 * @VMXNET3_NPA_BAD_DEVICE_ID: the image is for another device
 * @VMXNET3_NPA_ENTRY_FAILED: the entry point returned an error
 * @VMXNET3_NPA_BAD_PLUGIN: the plugin's table makes no sense
 * @VMXNET3_NPA_SW_INIT_FAILED: sw_init() returned an error
 * @VMXNET3_NPA_RING_INIT_FAILED: a ring could not be initialised or filled
 * @VMXNET3_NPA_TOO_FEW_QUEUES: the VF has fewer queues than the guest uses
 * @VMXNET3_NPA_ACTIVATE_FAILED: ACTIVATE_VF said so
 * @VMXNET3_NPA_ACTIVATE_TIMEOUT: ACTIVATE_VF did not come to an end
 * @VMXNET3_NPA_STOP_FAILED: STOP_EMULATION said so
 * @VMXNET3_NPA_STOP_TIMEOUT: STOP_EMULATION did not come to an end
 * @VMXNET3_NPA_DRAIN_TIMEOUT: the emulated device did not finish sending
 * @VMXNET3_NPA_SUPERSEDED: a newer message, or somebody needs the device
 * @VMXNET3_NPA_POLICY_OFF: the administrator said no
 * @VMXNET3_NPA_BLOCKED: this image was put out of service
 * @VMXNET3_NPA_BAD_REPORTS: put out of service: misreports
 * @VMXNET3_NPA_TX_HANG: put out of service: TX timeout
 * @VMXNET3_NPA_VF_LOST: put out of service: registers read all-ones
 * @VMXNET3_NPA_NOT_SUPPORTED: no region in this guest
 * @VMXNET3_NPA_REASONS: how many there are
 *
 * The numbers are part of the device interface; never reuse one.  The names
 * that people see are in npa.rst and are the same in ethtool and npactl.
 */
enum vmxnet3_npa_reason {
	VMXNET3_NPA_OK = 0,
	VMXNET3_NPA_NO_MEMORY = 1,
	VMXNET3_NPA_LOAD_FAILED = 2,
	VMXNET3_NPA_LOAD_TIMEOUT = 3,
	VMXNET3_NPA_BAD_MAGIC = 4,
	VMXNET3_NPA_TRUNCATED = 5,
	VMXNET3_NPA_TOO_LARGE = 6,
	VMXNET3_NPA_BAD_HEADER = 7,
	VMXNET3_NPA_BAD_HASH = 8,
	VMXNET3_NPA_BAD_LICENSE = 9,
	VMXNET3_NPA_BAD_API = 10,
	VMXNET3_NPA_BAD_MACHINE = 11,
	VMXNET3_NPA_BAD_ENTRY = 12,
	VMXNET3_NPA_BAD_SIGNATURE = 13,
	VMXNET3_NPA_UNSIGNED = 14,
	VMXNET3_NPA_BAD_WINDOW = 15,
	VMXNET3_NPA_BAD_DEVICE_ID = 16,
	VMXNET3_NPA_ENTRY_FAILED = 17,
	VMXNET3_NPA_BAD_PLUGIN = 18,
	VMXNET3_NPA_SW_INIT_FAILED = 19,
	VMXNET3_NPA_RING_INIT_FAILED = 20,
	VMXNET3_NPA_TOO_FEW_QUEUES = 21,
	VMXNET3_NPA_ACTIVATE_FAILED = 22,
	VMXNET3_NPA_ACTIVATE_TIMEOUT = 23,
	VMXNET3_NPA_STOP_FAILED = 24,
	VMXNET3_NPA_STOP_TIMEOUT = 25,
	VMXNET3_NPA_DRAIN_TIMEOUT = 26,
	VMXNET3_NPA_SUPERSEDED = 27,
	VMXNET3_NPA_POLICY_OFF = 28,
	VMXNET3_NPA_BLOCKED = 29,
	VMXNET3_NPA_BAD_REPORTS = 30,
	VMXNET3_NPA_TX_HANG = 31,
	VMXNET3_NPA_VF_LOST = 32,
	VMXNET3_NPA_NOT_SUPPORTED = 33,
	VMXNET3_NPA_REASONS
};

static_assert(sizeof(struct vmxnet3_misc_conf) == 72);
static_assert(sizeof(struct vmxnet3_intr_conf) == 40);
static_assert(sizeof(struct vmxnet3_rx_filter_conf) == 528);
static_assert(sizeof(struct vmxnet3_dev_read) == 688);
static_assert(offsetof(struct vmxnet3_shared, ecr) == 696);
static_assert(offsetof(struct vmxnet3_shared, cmd_info) == 704);
static_assert(offsetof(struct vmxnet3_shared, intr_ext) == 720);
static_assert(sizeof(struct vmxnet3_shared) == 800);
static_assert(sizeof(struct vmxnet3_intr_conf_ext) == 80);
static_assert(sizeof(struct vmxnet3_coalesce) == 16);
static_assert(sizeof(union vmxnet3_cmd_info) == 16);
static_assert(offsetof(struct vmxnet3_tx_queue_desc, ts) == 168);
static_assert(offsetof(struct vmxnet3_rx_queue_desc, ts) == 168);
static_assert(sizeof(struct vmxnet3_tx_ts_conf) == 16);
static_assert(sizeof(struct vmxnet3_rx_ts_conf) == 16);
static_assert(sizeof(struct vmxnet3_tx_queue_conf) == 64);
static_assert(sizeof(struct vmxnet3_rx_queue_conf) == 64);
static_assert(sizeof(struct vmxnet3_tx_queue_desc) == 256);
static_assert(sizeof(struct vmxnet3_rx_queue_desc) == 256);
static_assert(sizeof(struct vmxnet3_rss_conf) == 176);
static_assert(sizeof(struct vmxnet3_pm_filter) == 152);
static_assert(sizeof(struct vmxnet3_pm_conf) == 920);
static_assert(sizeof(struct vmxnet3_npa_conf_v1) == 672);
static_assert(sizeof(struct vmxnet3_npa_queue) == 40);
static_assert(offsetof(struct vmxnet3_npa_conf, shared_pa) == 696);
static_assert(sizeof(struct vmxnet3_npa_conf) == 3280);

#endif /* _VMXNET3_HW_H */
