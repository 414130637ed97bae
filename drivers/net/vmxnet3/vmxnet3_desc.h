/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ring descriptors of the emulated vmxnet3 device.  What a later revision than
 * the first one has added says so.
 *
 * Private to the vmxnet3 plugin (and to npad, which is the other end).  All
 * words are little endian; fields are taken apart with masks.  Facts: the
 * descriptions in upstream's vmxnet3_defs.h.
 */
#ifndef _VMXNET3_DESC_H
#define _VMXNET3_DESC_H

#include <linux/types.h>
#include <linux/bits.h>

/* TX descriptor: one piece of a frame.  A length of 0 means 16384 bytes. */
struct vmxnet3_tx_desc {
	__le64 addr;
	__le32 ctl;
	__le32 ctl2;
};

#define VMXNET3_TXD_LEN			GENMASK(13, 0)
#define VMXNET3_TXD_GEN			BIT(14)
#define VMXNET3_TXD_OCO			BIT(15)	/* outer checksum, revision 4 */
#define VMXNET3_TXD_DTYPE		BIT(16)
#define VMXNET3_TXD_EXT1		BIT(17)	/* CSUM and TSO are about the
						 * inner frame, revision 7
						 */
#define VMXNET3_TXD_MSSCOF		GENMASK(31, 18)	/* MSS, or offset of the
							 * checksum field
							 */
#define VMXNET3_TXD_HLEN		GENMASK(9, 0)	/* CSUM: start of the
							 * checksum; TSO, and
							 * anything in a tunnel:
							 * all headers
							 */
#define VMXNET3_TXD_OM			GENMASK(11, 10)
#define VMXNET3_TXD_OM_NONE		0
#define VMXNET3_TXD_OM_ENCAP		1	/* inner frame, revisions 4 to
						 * 6; MSS 0: checksum only
						 */
#define VMXNET3_TXD_OM_CSUM		2
#define VMXNET3_TXD_OM_TSO		3
#define VMXNET3_TXD_EOP			BIT(12)
#define VMXNET3_TXD_CQ			BIT(13)	/* completion wanted */
#define VMXNET3_TXD_TI			BIT(15)	/* insert the tag */
#define VMXNET3_TXD_TCI			GENMASK(31, 16)

#define VMXNET3_TXD_MAX_LEN		16384

/* TX completion: one per frame that asked for it, names its last descriptor */
struct vmxnet3_tx_comp {
	__le32 index;
	__le32 reserved[2];
	__le32 ctl;
};

#define VMXNET3_TXC_INDEX		GENMASK(11, 0)
#define VMXNET3_COMP_TYPE		GENMASK(30, 24)
#define VMXNET3_COMP_TYPE_TX		0
#define VMXNET3_COMP_TYPE_RX		3
#define VMXNET3_COMP_TYPE_RX_LRO	4
#define VMXNET3_COMP_GEN		BIT(31)

/* RX descriptor: an empty buffer */
struct vmxnet3_rx_desc {
	__le64 addr;
	__le32 ctl;
	__le32 reserved;
};

#define VMXNET3_RXD_LEN			GENMASK(13, 0)
#define VMXNET3_RXD_BTYPE_BODY		BIT(14)	/* not the start of a frame */
#define VMXNET3_RXD_DTYPE		BIT(15)
#define VMXNET3_RXD_GEN			BIT(31)

/* RX completion: one per filled buffer */
struct vmxnet3_rx_comp {
	__le32 ctl;
	__le32 hash;
	__le32 len;
	__le32 flags;
};

#define VMXNET3_RXC_INDEX		GENMASK(11, 0)
#define VMXNET3_RXC_RSS_INNER		BIT(12)	/* hash of inner headers */
#define VMXNET3_RXC_INNER		BIT(13)	/* flags are about the inner
						 * frame of a tunnel
						 */
#define VMXNET3_RXC_EOP			BIT(14)
#define VMXNET3_RXC_SOP			BIT(15)
#define VMXNET3_RXC_RQID		GENMASK(25, 16)	/* queue q: ring 1 is q,
							 * ring 2 is q + number
							 * of queues, data ring
							 * q + twice that
							 */
#define VMXNET3_RXC_RSS_TYPE		GENMASK(29, 26)
#define VMXNET3_RXC_CNC			BIT(30)	/* checksum not computed */
#define VMXNET3_RXC_TS_WANTED		BIT(31)	/* revision 9: write the time to
						 * the timestamp ring
						 */

#define VMXNET3_RXC_LEN			GENMASK(13, 0)
#define VMXNET3_RXC_ERR			BIT(14)
#define VMXNET3_RXC_TS			BIT(15)	/* tag stripped */
#define VMXNET3_RXC_TCI			GENMASK(31, 16)

#define VMXNET3_RXC_CSUM		GENMASK(15, 0)
#define VMXNET3_RXC_TUC			BIT(16)	/* TCP/UDP checksum right */
#define VMXNET3_RXC_UDP			BIT(17)
#define VMXNET3_RXC_TCP			BIT(18)
#define VMXNET3_RXC_IPC			BIT(19)	/* IP checksum right */
#define VMXNET3_RXC_V6			BIT(20)
#define VMXNET3_RXC_V4			BIT(21)
#define VMXNET3_RXC_FRG			BIT(22)	/* a fragment */
#define VMXNET3_RXC_FCS			BIT(23)	/* frame check right */

/*
 * Words of a completion of type VMXNET3_COMP_TYPE_RX_LRO, revision 2, that
 * differ: instead of a hash it has counts, instead of a checksum the MSS.
 */
#define VMXNET3_RXC_LRO_SEGMENTS	GENMASK(7, 0)	/* hash: merged */
#define VMXNET3_RXC_LRO_DUP_ACKS	GENMASK(15, 8)
#define VMXNET3_RXC_LRO_TS_DELTA	GENMASK(31, 16)
#define VMXNET3_RXC_LRO_MSS		GENMASK(15, 0)	/* flags */

#define VMXNET3_RSS_TYPE_NONE		0
#define VMXNET3_RSS_TYPE_IPV4		1
#define VMXNET3_RSS_TYPE_TCP_IPV4	2
#define VMXNET3_RSS_TYPE_IPV6		3
#define VMXNET3_RSS_TYPE_TCP_IPV6	4
#define VMXNET3_RSS_TYPE_UDP_IPV4	5	/* revision 4 */
#define VMXNET3_RSS_TYPE_UDP_IPV6	6
#define VMXNET3_RSS_TYPE_ESP_IPV4	7
#define VMXNET3_RSS_TYPE_ESP_IPV6	8

/* Entry of a timestamp ring, revision 9; more bytes may follow. */
struct vmxnet3_ts_desc {
	__le64 info;
	__le64 reserved;
};

#define VMXNET3_TS_DATA			GENMASK_ULL(55, 0)
#define VMXNET3_TS_TYPE			GENMASK_ULL(59, 56)
#define VMXNET3_TS_VALID		BIT_ULL(60)

#endif /* _VMXNET3_DESC_H */
