/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names of the reasons why a guest does not use a VF: one table for the driver
 * and for npad, so that a person reads the same on both sides.  Included by
 * the one .c file of each that looks names up.
 */
#ifndef _VMXNET3_NPA_REASONS_H
#define _VMXNET3_NPA_REASONS_H

#include "vmxnet3_hw.h"

static const char * const vmxnet3_npa_reason_names[VMXNET3_NPA_REASONS] = {
	[VMXNET3_NPA_OK] = "ok",
	[VMXNET3_NPA_NO_MEMORY] = "no-memory",
	[VMXNET3_NPA_LOAD_FAILED] = "load-failed",
	[VMXNET3_NPA_LOAD_TIMEOUT] = "load-timeout",
	[VMXNET3_NPA_BAD_MAGIC] = "bad-magic",
	[VMXNET3_NPA_TRUNCATED] = "truncated",
	[VMXNET3_NPA_TOO_LARGE] = "too-large",
	[VMXNET3_NPA_BAD_HEADER] = "bad-header",
	[VMXNET3_NPA_BAD_HASH] = "bad-hash",
	[VMXNET3_NPA_BAD_LICENSE] = "bad-license",
	[VMXNET3_NPA_BAD_API] = "bad-api",
	[VMXNET3_NPA_BAD_MACHINE] = "bad-machine",
	[VMXNET3_NPA_BAD_ENTRY] = "bad-entry",
	[VMXNET3_NPA_BAD_SIGNATURE] = "bad-signature",
	[VMXNET3_NPA_UNSIGNED] = "unsigned",
	[VMXNET3_NPA_BAD_WINDOW] = "bad-window",
	[VMXNET3_NPA_BAD_DEVICE_ID] = "bad-device-id",
	[VMXNET3_NPA_ENTRY_FAILED] = "entry-failed",
	[VMXNET3_NPA_BAD_PLUGIN] = "bad-plugin",
	[VMXNET3_NPA_SW_INIT_FAILED] = "sw-init-failed",
	[VMXNET3_NPA_RING_INIT_FAILED] = "ring-init-failed",
	[VMXNET3_NPA_TOO_FEW_QUEUES] = "too-few-queues",
	[VMXNET3_NPA_ACTIVATE_FAILED] = "activate-failed",
	[VMXNET3_NPA_ACTIVATE_TIMEOUT] = "activate-timeout",
	[VMXNET3_NPA_STOP_FAILED] = "stop-failed",
	[VMXNET3_NPA_STOP_TIMEOUT] = "stop-timeout",
	[VMXNET3_NPA_DRAIN_TIMEOUT] = "drain-timeout",
	[VMXNET3_NPA_SUPERSEDED] = "superseded",
	[VMXNET3_NPA_POLICY_OFF] = "policy-off",
	[VMXNET3_NPA_BLOCKED] = "blocked",
	[VMXNET3_NPA_BAD_REPORTS] = "bad-reports",
	[VMXNET3_NPA_TX_HANG] = "tx-hang",
	[VMXNET3_NPA_VF_LOST] = "vf-lost",
	[VMXNET3_NPA_NOT_SUPPORTED] = "not-supported",
};

#endif /* _VMXNET3_NPA_REASONS_H */
