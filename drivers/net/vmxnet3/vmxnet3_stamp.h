/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Timestamps for the hypervisor, device revision 9: it asks for the time of
 * some frames, to learn how long they were under way in the guest.  What clock
 * it means is VMware's to say: a counter of its own, which other hypervisors
 * do not have.  On those it is the processor's.
 */
#ifndef _VMXNET3_STAMP_H
#define _VMXNET3_STAMP_H

#include <linux/timex.h>

#include "vmxnet3_desc.h"

#ifdef CONFIG_X86
#include <asm/hypervisor.h>

/* Reading it is a fault where there is no such counter. */
#define VMXNET3_PSEUDO_TSC	0x10003

static inline u64 vmxnet3_clock(void)
{
	u32 low, high;

	if (!hypervisor_is_type(X86_HYPER_VMWARE))
		return get_cycles();
	asm volatile("rdpmc" : "=a" (low), "=d" (high)
		     : "c" (VMXNET3_PSEUDO_TSC));
	return (u64)high << 32 | low;
}
#else
static inline u64 vmxnet3_clock(void)
{
	return get_cycles();
}
#endif

/* The time, as a timestamp ring holds it. */
static inline __le64 vmxnet3_stamp(void)
{
	return cpu_to_le64(VMXNET3_TS_VALID |
			   (vmxnet3_clock() & VMXNET3_TS_DATA));
}

#endif /* _VMXNET3_STAMP_H */
