/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Intel 82576 virtual function: registers and descriptors.
 *
 * Used by the plugin, which drives the hardware, and by npad's model, which
 * is one.  Facts: Intel 82576 GbE Controller datasheet, chapters 7 (inline
 * functions: descriptor formats) and 9 (virtual functions: registers).  All
 * numbers in registers and descriptors are little endian.
 */
#ifndef E1000VF_REGS_H
#define E1000VF_REGS_H

#include <net/npa_shell.h>

#define E1000VF_DEVICE_IMPL_ID	0x808610caULL	/* NPA's name for it */
#define E1000VF_WINDOW_LEN	0x4000	/* bytes of BAR 0 */
#define E1000VF_MAX_QUEUES	2	/* pairs */
#define E1000VF_MAX_VECTORS	3
#define E1000VF_MIN_RING	32	/* descriptors */
#define E1000VF_MAX_RING	4096
#define E1000VF_LEN_UNIT	128	/* RDLEN and TDLEN: multiple of it */

/* Page 0: device, mailbox, statistics */
#define E1000VF_CTRL		0x0000
#define E1000VF_CTRL_RST	0x04000000	/* resets the function */
#define E1000VF_STATUS		0x0008
#define E1000VF_STATUS_FD	0x00000001	/* full duplex */
#define E1000VF_STATUS_LU	0x00000002	/* link up */
#define E1000VF_STATUS_1000	0x00000080	/* 1000 Mbit/s */
#define E1000VF_VMBMEM		0x0800		/* mailbox memory */
#define E1000VF_VMBMEM_WORDS	16
#define E1000VF_MAILBOX		0x0c40
#define E1000VF_MAILBOX_REQ	0x00000001	/* VF has written a message */
#define E1000VF_MAILBOX_ACK	0x00000002	/* VF has read PF's message */
#define E1000VF_MAILBOX_VFU	0x00000004	/* VF holds the buffer */
#define E1000VF_MAILBOX_PFU	0x00000008	/* PF holds the buffer */
#define E1000VF_MAILBOX_PFSTS	0x00000010	/* PF has written a message */
#define E1000VF_MAILBOX_PFACK	0x00000020	/* PF has read VF's message */
#define E1000VF_MAILBOX_RSTI	0x00000040	/* PF is in reset */
#define E1000VF_MAILBOX_RSTD	0x00000080	/* PF's reset is done */
#define E1000VF_MAILBOX_R2C	0x000000b0	/* cleared when read */
#define E1000VF_VFGPRC		0x0f10	/* good packets received */
#define E1000VF_VFGPTC		0x0f14	/* good packets sent */
#define E1000VF_VFGORC		0x0f18	/* good octets received, low */
#define E1000VF_VFGOTC		0x0f34	/* good octets sent, low */
#define E1000VF_VFMPRC		0x0f3c	/* multicast packets received */
#define E1000VF_VFGPRLBC	0x0f40	/* the same, looped back inside */
#define E1000VF_VFGPTLBC	0x0f44
#define E1000VF_VFGORLBC	0x0f48
#define E1000VF_VFGOTLBC	0x0f50

/* Page 1: interrupts, one bit per vector */
#define E1000VF_FRTIMER		0x1048	/* free running, microseconds */
#define E1000VF_EICS		0x1520	/* cause set */
#define E1000VF_EIMS		0x1524	/* mask: set to enable, read */
#define E1000VF_EIMC		0x1528	/* mask: set to disable */
#define E1000VF_EIAC		0x152c	/* cause clears when it is sent */
#define E1000VF_EIAM		0x1530	/* mask clears when it is sent */
#define E1000VF_EICR		0x1580	/* cause: read clears */
#define E1000VF_EITR(n)		(0x1680 + 4 * (n))
#define E1000VF_EITR_SHIFT	2		/* bits 14:2, microseconds */
#define E1000VF_EITR_MASK	0x1fff
#define E1000VF_IVAR(n)		(0x1700 + 4 * (n))	/* two queue pairs */
#define E1000VF_IVAR_RX(q)	(16 * ((q) & 1))	/* shift in IVAR */
#define E1000VF_IVAR_TX(q)	(16 * ((q) & 1) + 8)
#define E1000VF_IVAR_VECTOR	0x03
#define E1000VF_IVAR_VALID	0x80
#define E1000VF_IVAR_MISC	0x1740		/* mailbox's vector */

/* Page 2: receive queues */
#define E1000VF_RXQ(q)		(0x2800 + 0x100 * (q))
#define E1000VF_RDBAL(q)	(E1000VF_RXQ(q) + 0x00)
#define E1000VF_RDBAH(q)	(E1000VF_RXQ(q) + 0x04)
#define E1000VF_RDLEN(q)	(E1000VF_RXQ(q) + 0x08)	/* bytes */
#define E1000VF_SRRCTL(q)	(E1000VF_RXQ(q) + 0x0c)
#define E1000VF_SRRCTL_BSIZEPKT	0x0000007f	/* KiB of one buffer */
#define E1000VF_SRRCTL_ADV_ONE	0x02000000	/* advanced, one buffer */
#define E1000VF_SRRCTL_TYPE	0x0e000000
#define E1000VF_SRRCTL_DROP_EN	0x80000000
#define E1000VF_RDH(q)		(E1000VF_RXQ(q) + 0x10)
#define E1000VF_RXCTL(q)	(E1000VF_RXQ(q) + 0x14)
#define E1000VF_RDT(q)		(E1000VF_RXQ(q) + 0x18)
#define E1000VF_RXDCTL(q)	(E1000VF_RXQ(q) + 0x28)

/* Page 3: transmit queues */
#define E1000VF_TXQ(q)		(0x3800 + 0x100 * (q))
#define E1000VF_TDBAL(q)	(E1000VF_TXQ(q) + 0x00)
#define E1000VF_TDBAH(q)	(E1000VF_TXQ(q) + 0x04)
#define E1000VF_TDLEN(q)	(E1000VF_TXQ(q) + 0x08)	/* bytes */
#define E1000VF_TDH(q)		(E1000VF_TXQ(q) + 0x10)
#define E1000VF_TXCTL(q)	(E1000VF_TXQ(q) + 0x14)
#define E1000VF_TDT(q)		(E1000VF_TXQ(q) + 0x18)
#define E1000VF_TXDCTL(q)	(E1000VF_TXQ(q) + 0x28)
#define E1000VF_TDWBAL(q)	(E1000VF_TXQ(q) + 0x38)
#define E1000VF_TDWBAH(q)	(E1000VF_TXQ(q) + 0x3c)
#define E1000VF_DCTL_ENABLE	0x02000000	/* in RXDCTL and TXDCTL */

/**
 * struct e1000vf_rx_desc - receive descriptor, advanced, one buffer
 * @addr: of the buffer; written back: @addr's low half is E1000VF_RX_INFO_*,
 *	its high half the RSS hash
 * @status: 0 (header address); written back: E1000VF_RX_STAT_*, E1000VF_RX_ERR_*
 * @length: 0 (header address); written back: bytes in bits 15:0 and the VLAN
 *	tag in bits 31:16
 */
struct e1000vf_rx_desc {
	__le64 addr;
	__le32 status;
	__le32 length;
};

npa_static_assert(sizeof(struct e1000vf_rx_desc) == 16);

/* Written back over the low half of addr */
#define E1000VF_RX_INFO_RSS	0x0000000f	/* E1000VF_RSS_* */
#define E1000VF_RX_INFO_IPV4	0x00000010
#define E1000VF_RX_INFO_IPV4E	0x00000020	/* with options */
#define E1000VF_RX_INFO_IPV6	0x00000040
#define E1000VF_RX_INFO_IPV6E	0x00000080	/* with extensions */
#define E1000VF_RX_INFO_TCP	0x00000100
#define E1000VF_RX_INFO_UDP	0x00000200

#define E1000VF_RSS_NONE	0
#define E1000VF_RSS_TCP_IPV4	1
#define E1000VF_RSS_IPV4	2
#define E1000VF_RSS_TCP_IPV6	3
#define E1000VF_RSS_IPV6_EX	4
#define E1000VF_RSS_IPV6	5
#define E1000VF_RSS_TCP_IPV6_EX	6
#define E1000VF_RSS_UDP_IPV4	7
#define E1000VF_RSS_UDP_IPV6	8
#define E1000VF_RSS_UDP_IPV6_EX	9

#define E1000VF_RX_STAT_DD	0x00000001	/* written back */
#define E1000VF_RX_STAT_EOP	0x00000002	/* last of its frame */
#define E1000VF_RX_STAT_VP	0x00000008	/* tag removed */
#define E1000VF_RX_STAT_UDPCS	0x00000010	/* UDP checksum looked at */
#define E1000VF_RX_STAT_L4CS	0x00000020	/* TCP or UDP, the same */
#define E1000VF_RX_STAT_IPCS	0x00000040	/* IPv4 header, the same */
#define E1000VF_RX_STAT_PIF	0x00000080	/* no exact address filter */
#define E1000VF_RX_ERR_L4E	0x20000000	/* checksum is wrong */
#define E1000VF_RX_ERR_IPE	0x40000000	/* checksum is wrong */
#define E1000VF_RX_ERR_RXE	0x80000000	/* damaged on the wire */
#define E1000VF_RX_LEN_MASK	0x0000ffff
#define E1000VF_RX_VLAN_SHIFT	16

/**
 * struct e1000vf_tx_desc - transmit descriptor, advanced, data or context
 * @addr: of the data.  Context: low half is E1000VF_CTX_VLAN_SHIFT and the
 *	lengths of the MAC and IP headers, high half 0
 * @cmd: E1000VF_TXD_*.  Context: E1000VF_TXD_CTX and E1000VF_CTX_*
 * @status: data: E1000VF_TXS_*.  Context: MSS, length of the TCP header, index
 */
struct e1000vf_tx_desc {
	__le64 addr;
	__le32 cmd;
	__le32 status;
};

npa_static_assert(sizeof(struct e1000vf_tx_desc) == 16);

#define E1000VF_TXD_LEN_MASK	0x0000ffff
#define E1000VF_TXD_TYPE_MASK	0x00f00000
#define E1000VF_TXD_CTX		0x00200000
#define E1000VF_TXD_DATA	0x00300000
#define E1000VF_TXD_EOP		0x01000000	/* last of its frame */
#define E1000VF_TXD_IFCS	0x02000000	/* append the frame's CRC */
#define E1000VF_TXD_RS		0x08000000	/* write back when done */
#define E1000VF_TXD_DEXT	0x20000000	/* advanced, always set */
#define E1000VF_TXD_VLE		0x40000000	/* insert the tag */
#define E1000VF_TXD_TSE		0x80000000	/* segment */

#define E1000VF_TXS_DD		0x00000001	/* written back */
#define E1000VF_TXS_IDX_SHIFT	4		/* context in use: 0 or 1 */
#define E1000VF_TXS_IDX_MASK	0x7
#define E1000VF_TXS_CC		0x00000080	/* check context */
#define E1000VF_TXS_IXSM	0x00000100	/* compute IPv4 checksum */
#define E1000VF_TXS_TXSM	0x00000200	/* compute TCP, UDP checksum */
#define E1000VF_TXS_PAYLEN	14		/* shift; headers not counted
						 * with TSE
						 */

#define E1000VF_CTX_IPLEN_MASK	0x000001ff	/* in the low half of addr */
#define E1000VF_CTX_MACLEN	9		/* shift */
#define E1000VF_CTX_MACLEN_MASK	0x7f
#define E1000VF_CTX_VLAN	16		/* shift */
#define E1000VF_CTX_IPV4	0x00000400	/* in cmd */
#define E1000VF_CTX_L4T_MASK	0x00001800
#define E1000VF_CTX_L4T_UDP	0x00000000
#define E1000VF_CTX_L4T_TCP	0x00000800
#define E1000VF_CTX_IDX_SHIFT	4		/* in status */
#define E1000VF_CTX_L4LEN	8		/* shift */
#define E1000VF_CTX_L4LEN_MASK	0xff
#define E1000VF_CTX_MSS		16		/* shift */
#define E1000VF_CONTEXTS	2		/* per queue */

#endif
