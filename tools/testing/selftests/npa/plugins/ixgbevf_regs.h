/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Intel 82599 virtual function: registers, and what it has in its descriptors
 * that others have not.
 *
 * Used by the plugin, which drives the hardware, and by npad's model, which
 * is it.  Facts: Intel 82599 10 GbE Controller datasheet, chapters 7 (inline
 * functions: descriptor formats) and 8 (programming interface: VF registers);
 * upstream's ixgbevf/regs.h and defines.h.
 *
 * It has no receive side coalescing: the registers exist, but RSC only works
 * while SR-IOV is off (ixgbe turns it off in ixgbe_sriov.c; DPDK's ixgbe
 * offers it to the PF only, and only without SR-IOV).
 */
#ifndef IXGBEVF_REGS_H
#define IXGBEVF_REGS_H

#include "intel_adv.h"

#define IXGBEVF_DEVICE_IMPL_ID	0x808610edULL	/* NPA's name for it */
#define IXGBEVF_WINDOW_LEN	0x4000	/* bytes of BAR 0 */
/*
 * Pairs.  There are registers for 8, but RSS spreads over 4 at most: 32 pools
 * of 4 queues, or 64 of 2 (datasheet, table "Rx queuing").
 */
#define IXGBEVF_MAX_QUEUES	4
#define IXGBEVF_MAX_VECTORS	3

/* Page 0: device, interrupts (one bit per vector), mailbox */
#define IXGBEVF_CTRL		0x0000
#define IXGBEVF_CTRL_RST	0x04000000	/* resets the function */
#define IXGBEVF_STATUS		0x0008
#define IXGBEVF_LINKS		0x0010
#define IXGBEVF_LINKS_UP	0x40000000
#define IXGBEVF_LINKS_10G	0x30000000
#define IXGBEVF_FRTIMER		0x0048	/* free running, microseconds */
#define IXGBEVF_EICR		0x0100	/* cause: read clears */
#define IXGBEVF_EICS		0x0104	/* cause set */
#define IXGBEVF_EIMS		0x0108	/* mask: set to enable, read */
#define IXGBEVF_EIMC		0x010c	/* mask: set to disable */
#define IXGBEVF_EIAC		0x0110	/* cause clears when it is sent */
#define IXGBEVF_EIAM		0x0114	/* mask clears when it is sent */
#define IXGBEVF_IVAR(n)		(0x0120 + 4 * (n))	/* two queue pairs */
#define IXGBEVF_IVAR_MISC	0x0140	/* mailbox's vector */
#define IXGBEVF_RSCINT(n)	(0x0180 + 4 * (n))
#define IXGBEVF_VMBMEM		0x0200	/* mailbox memory */
#define IXGBEVF_MAILBOX		0x02fc
#define IXGBEVF_PSRTYPE		0x0300
#define IXGBEVF_PSRTYPE_RQPL	29	/* shift: bits of RSS's queue index */
#define IXGBEVF_EITR(n)		(0x0820 + 4 * (n))
#define IXGBEVF_EITR_SHIFT	3	/* bits 11:3, 2 microseconds */
#define IXGBEVF_EITR_MASK	0x1ff
#define IXGBEVF_EITR_US		2

/* Page 1: receive queues, and statistics in gaps of the first one's */
#define IXGBEVF_RXQ(q)		(0x1000 + 0x40 * (q))
#define IXGBEVF_DCA_RXCTRL(q)	(IXGBEVF_RXQ(q) + 0x0c)
#define IXGBEVF_SRRCTL(q)	(IXGBEVF_RXQ(q) + 0x14)
#define IXGBEVF_SRRCTL_BSIZEPKT	0x0000001f	/* KiB of one buffer */
#define IXGBEVF_SRRCTL_KIB_MAX	16
#define IXGBEVF_RXDCTL(q)	(IXGBEVF_RXQ(q) + 0x28)
#define IXGBEVF_RXDCTL_VME	0x40000000	/* take tags out */
#define IXGBEVF_RSCCTL(q)	(IXGBEVF_RXQ(q) + 0x2c)
#define IXGBEVF_VFGPRC		0x101c	/* good packets received */
#define IXGBEVF_VFGORC		0x1020	/* good octets, low; high follows */
#define IXGBEVF_VFMPRC		0x1034	/* multicast packets received */

/* Page 2: transmit queues, and statistics */
#define IXGBEVF_TXQ(q)		(0x2000 + 0x40 * (q))
#define IXGBEVF_DCA_TXCTRL(q)	(IXGBEVF_TXQ(q) + 0x0c)
#define IXGBEVF_TXDCTL(q)	(IXGBEVF_TXQ(q) + 0x28)
#define IXGBEVF_TDWBAL(q)	(IXGBEVF_TXQ(q) + 0x38)
#define IXGBEVF_TDWBAH(q)	(IXGBEVF_TXQ(q) + 0x3c)
#define IXGBEVF_VFGPTC		0x201c	/* good packets sent */
#define IXGBEVF_VFGOTC		0x2020	/* good octets, low; high follows */

/* Page 3 */
#define IXGBEVF_RXMEMWRAP	0x3190

/* Errors in a receive descriptor that was written back */
#define IXGBEVF_RX_ERR_RXE	0x20000000	/* damaged on the wire */
#define IXGBEVF_RX_ERR_L4E	0x40000000	/* checksum is wrong */
#define IXGBEVF_RX_ERR_IPE	0x80000000	/* checksum is wrong */

#endif
