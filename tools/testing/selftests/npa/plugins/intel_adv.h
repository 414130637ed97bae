/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the VFs of Intel's 82576 and 82599 have in common: the registers of a
 * queue and the "advanced" descriptors.
 *
 * Used by the plugins, which drive the hardware, and by npad's models, which
 * are it.  Facts: Intel 82576 GbE Controller datasheet and Intel 82599 10 GbE
 * Controller datasheet, chapters 7 (inline functions: descriptor formats).
 * All numbers in registers and descriptors are little endian.
 */
#ifndef INTEL_ADV_H
#define INTEL_ADV_H

#include <net/npa_shell.h>

#define ADV_MIN_RING		32		/* descriptors */
#define ADV_MAX_RING		4096
#define ADV_LEN_UNIT		128		/* RDLEN and TDLEN: multiple of it */

/* Registers of a queue, from the first one, xDBAL.  SRRCTL has no fixed place. */
#define ADV_Q_BAL		0x00
#define ADV_Q_BAH		0x04
#define ADV_Q_LEN		0x08		/* bytes */
#define ADV_Q_HEAD		0x10
#define ADV_Q_TAIL		0x18
#define ADV_Q_DCTL		0x28		/* RXDCTL, TXDCTL */
#define ADV_DCTL_ENABLE		0x02000000

#define ADV_SRRCTL_BSIZEHDR	0x00003f00	/* 64 bytes of header buffer */
#define ADV_SRRCTL_HDR		8		/* its shift */
#define ADV_SRRCTL_ADV_ONE	0x02000000	/* advanced, one buffer */
#define ADV_SRRCTL_SPLIT	0x0a000000	/* header buffer always used */
#define ADV_SRRCTL_TYPE		0x0e000000

/* IVAR(n): vectors of queue pairs 2n and 2n + 1, one byte per direction */
#define ADV_IVAR_RX(q)		(16 * ((q) & 1))	/* shift */
#define ADV_IVAR_TX(q)		(16 * ((q) & 1) + 8)
#define ADV_IVAR_VECTOR		0x03
#define ADV_IVAR_VALID		0x80

/* The mailbox register. */
#define ADV_MAILBOX_REQ	0x00000001	/* VF has written a message */
#define ADV_MAILBOX_ACK	0x00000002	/* VF has read PF's message */
#define ADV_MAILBOX_VFU	0x00000004	/* VF holds the buffer */
#define ADV_MAILBOX_PFU	0x00000008	/* PF holds the buffer */
#define ADV_MAILBOX_PFSTS	0x00000010	/* PF has written a message */
#define ADV_MAILBOX_PFACK	0x00000020	/* PF has read VF's message */
#define ADV_MAILBOX_RSTI	0x00000040	/* PF is in reset */
#define ADV_MAILBOX_RSTD	0x00000080	/* PF's reset is done */
#define ADV_MAILBOX_R2C	0x000000b0	/* cleared when read */

/**
 * struct adv_rx_desc - receive descriptor, advanced, one buffer
 * @addr: of the buffer; written back: @addr's low half is ADV_RX_INFO_*,
 *	its high half the RSS hash
 * @status: 0 (header address); written back: ADV_RX_STAT_*, error bits of the
 *	model
 * @length: 0 (header address); written back: bytes in bits 15:0 and the VLAN
 *	tag in bits 31:16
 */
struct adv_rx_desc {
	__le64 addr;
	__le32 status;
	__le32 length;
};

npa_static_assert(sizeof(struct adv_rx_desc) == 16);

/* Written back over the low half of addr */
#define ADV_RX_INFO_RSS		0x0000000f	/* ADV_RSS_* */
#define ADV_RX_INFO_IPV4	0x00000010
#define ADV_RX_INFO_IPV4E	0x00000020	/* with options */
#define ADV_RX_INFO_IPV6	0x00000040
#define ADV_RX_INFO_IPV6E	0x00000080	/* with extensions */
#define ADV_RX_INFO_TCP		0x00000100
#define ADV_RX_INFO_UDP		0x00000200
#define ADV_RX_INFO_HDR		21		/* shift: bytes in the header
						 * buffer, 10 bits
						 */
#define ADV_RX_INFO_HDR_MASK	0x3ff
#define ADV_RX_INFO_SPH		0x80000000	/* they are the header */

#define ADV_RSS_NONE		0
#define ADV_RSS_TCP_IPV4	1
#define ADV_RSS_IPV4		2
#define ADV_RSS_TCP_IPV6	3
#define ADV_RSS_IPV6_EX		4
#define ADV_RSS_IPV6		5
#define ADV_RSS_TCP_IPV6_EX	6
#define ADV_RSS_UDP_IPV4	7
#define ADV_RSS_UDP_IPV6	8
#define ADV_RSS_UDP_IPV6_EX	9

#define ADV_RX_STAT_DD		0x00000001	/* written back */
#define ADV_RX_STAT_EOP		0x00000002	/* last of its frame */
#define ADV_RX_STAT_VP		0x00000008	/* tag removed */
#define ADV_RX_STAT_UDPCS	0x00000010	/* UDP checksum looked at */
#define ADV_RX_STAT_L4CS	0x00000020	/* TCP or UDP, the same */
#define ADV_RX_STAT_IPCS	0x00000040	/* IPv4 header, the same */
#define ADV_RX_STAT_PIF		0x00000080	/* no exact address filter */
#define ADV_RX_LEN_MASK		0x0000ffff
#define ADV_RX_VLAN_SHIFT	16

/**
 * struct adv_tx_desc - transmit descriptor, advanced, data or context
 * @addr: of the data.  Context: low half is ADV_CTX_VLAN_SHIFT and the
 *	lengths of the MAC and IP headers, high half 0
 * @cmd: ADV_TXD_*.  Context: ADV_TXD_CTX and ADV_CTX_*
 * @status: data: ADV_TXS_*.  Context: MSS, length of the TCP header, index
 */
struct adv_tx_desc {
	__le64 addr;
	__le32 cmd;
	__le32 status;
};

npa_static_assert(sizeof(struct adv_tx_desc) == 16);

#define ADV_TXD_LEN_MASK	0x0000ffff
#define ADV_TXD_TYPE_MASK	0x00f00000
#define ADV_TXD_CTX		0x00200000
#define ADV_TXD_DATA		0x00300000
#define ADV_TXD_EOP		0x01000000	/* last of its frame */
#define ADV_TXD_IFCS		0x02000000	/* append the frame's CRC */
#define ADV_TXD_RS		0x08000000	/* write back when done */
#define ADV_TXD_DEXT		0x20000000	/* advanced, always set */
#define ADV_TXD_VLE		0x40000000	/* insert the tag */
#define ADV_TXD_TSE		0x80000000	/* segment */

#define ADV_TXS_DD		0x00000001	/* written back */
#define ADV_TXS_IDX_SHIFT	4		/* context in use: 0 or 1 */
#define ADV_TXS_IDX_MASK	0x7
#define ADV_TXS_CC		0x00000080	/* check context */
#define ADV_TXS_IXSM		0x00000100	/* compute IPv4 checksum */
#define ADV_TXS_TXSM		0x00000200	/* compute TCP, UDP checksum */
#define ADV_TXS_PAYLEN		14		/* shift; headers not counted
						 * with TSE
						 */

#define ADV_CTX_IPLEN_MASK	0x000001ff	/* in the low half of addr */
#define ADV_CTX_MACLEN		9		/* shift */
#define ADV_CTX_MACLEN_MASK	0x7f
#define ADV_CTX_VLAN		16		/* shift */
#define ADV_CTX_IPV4		0x00000400	/* in cmd */
#define ADV_CTX_L4T_MASK	0x00001800
#define ADV_CTX_L4T_UDP		0x00000000
#define ADV_CTX_L4T_TCP		0x00000800
#define ADV_CTX_IDX_SHIFT	4		/* in status */
#define ADV_CTX_L4LEN		8		/* shift */
#define ADV_CTX_L4LEN_MASK	0xff
#define ADV_CTX_MSS		16		/* shift */
#define ADV_CONTEXTS		2		/* per queue */

#endif
