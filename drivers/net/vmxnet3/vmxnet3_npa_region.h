/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sizes of the reserved regions, for C and assembly.
 */
#ifndef _VMXNET3_NPA_REGION_H
#define _VMXNET3_NPA_REGION_H

#define VMXNET3_NPA_REGIONS	2		/* devices that can have one */
#define VMXNET3_NPA_REGION_LEN	(256 * 1024)

#endif /* _VMXNET3_NPA_REGION_H */
