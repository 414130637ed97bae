/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Intel 82576 virtual function: registers, and what it has in its descriptors
 * that others have not.
 *
 * Used by the plugin, which drives the hardware, and by npad's model, which
 * is one.  Facts: Intel 82576 GbE Controller datasheet, chapters 7 (inline
 * functions: descriptor formats) and 9 (virtual functions: registers).  All
 * numbers in registers and descriptors are little endian.
 */
#ifndef E1000VF_REGS_H
#define E1000VF_REGS_H

#include "intel_adv.h"

#define E1000VF_DEVICE_IMPL_ID	0x808610caULL	/* NPA's name for it */
#define E1000VF_WINDOW_LEN	0x4000	/* bytes of BAR 0 */
#define E1000VF_MAX_QUEUES	2	/* pairs */
#define E1000VF_MAX_VECTORS	3

/* Page 0: device, mailbox, statistics */
#define E1000VF_CTRL		0x0000
#define E1000VF_CTRL_RST	0x04000000	/* resets the function */
#define E1000VF_STATUS		0x0008
#define E1000VF_STATUS_FD	0x00000001	/* full duplex */
#define E1000VF_STATUS_LU	0x00000002	/* link up */
#define E1000VF_STATUS_1000	0x00000080	/* 1000 Mbit/s */
#define E1000VF_VMBMEM		0x0800		/* mailbox memory */
#define E1000VF_MAILBOX		0x0c40
#define E1000VF_VFGPRC		0x0f10	/* good packets received */
#define E1000VF_VFGPTC		0x0f14	/* good packets sent */
#define E1000VF_VFGORC		0x0f18	/* good octets received, low */
#define E1000VF_VFGOTC		0x0f34	/* good octets sent, low */
#define E1000VF_VFMPRC		0x0f3c	/* multicast packets received */
#define E1000VF_VFGPRLBC	0x0f40	/* the same, looped back inside */
#define E1000VF_VFGPTLBC	0x0f44
#define E1000VF_VFGORLBC	0x0f48
#define E1000VF_VFGOTLBC	0x0f50
#define E1000VF_STATS_END	0x0f54

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
#define E1000VF_IVAR_MISC	0x1740		/* mailbox's vector */

/* Page 2: receive queues */
#define E1000VF_RXQ(q)		(0x2800 + 0x100 * (q))
#define E1000VF_RDBAL(q)	(E1000VF_RXQ(q) + 0x00)
#define E1000VF_RDBAH(q)	(E1000VF_RXQ(q) + 0x04)
#define E1000VF_RDLEN(q)	(E1000VF_RXQ(q) + 0x08)	/* bytes */
#define E1000VF_SRRCTL(q)	(E1000VF_RXQ(q) + 0x0c)
#define E1000VF_SRRCTL_BSIZEPKT	0x0000007f	/* KiB of one buffer */
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

/* Errors in a receive descriptor that was written back */
#define E1000VF_RX_ERR_L4E	0x20000000	/* checksum is wrong */
#define E1000VF_RX_ERR_IPE	0x40000000	/* checksum is wrong */
#define E1000VF_RX_ERR_RXE	0x80000000	/* damaged on the wire */

#endif
