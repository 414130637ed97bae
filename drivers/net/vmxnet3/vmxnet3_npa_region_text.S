/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The reserved regions that the hypervisor injects plugins into: ordinary
 * text of the driver, read-only and executable, filled with breakpoints.  The
 * guest has no writable mapping of it.
 */
#include <linux/linkage.h>
#include <linux/objtool.h>

#include "vmxnet3_npa_region.h"

	.text
	.balign	4096
SYM_CODE_START_NOALIGN(vmxnet3_npa_regions)
	.rept	VMXNET3_NPA_REGIONS
	/* A region's address is taken, but nothing jumps to its start. */
	ANNOTATE_NOENDBR
	.fill	VMXNET3_NPA_REGION_LEN, 1, 0xcc
	.endr
SYM_CODE_END(vmxnet3_npa_regions)
	.balign	4096, 0xcc
