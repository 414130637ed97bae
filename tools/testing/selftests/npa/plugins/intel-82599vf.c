// SPDX-License-Identifier: GPL-2.0
/*
 * NPA plugin for the virtual functions of Intel's 82599.
 */
#include "ixgbevf_regs.h"

#define VF_MAX_QUEUES		IXGBEVF_MAX_QUEUES
#define VF_VECTORS		IXGBEVF_MAX_VECTORS
#define VF_INTRS		IXGBEVF_MAX_QUEUES
#define VF_WINDOW_LEN		IXGBEVF_WINDOW_LEN
#define VF_STATUS		IXGBEVF_STATUS
#define VF_TXQ(q)		IXGBEVF_TXQ(q)
#define VF_RXQ(q)		IXGBEVF_RXQ(q)
#define VF_EIMS			IXGBEVF_EIMS
#define VF_EIMC			IXGBEVF_EIMC
#define VF_SRRCTL		(IXGBEVF_SRRCTL(0) - IXGBEVF_RXQ(0))
#define VF_SRRCTL_KIB		IXGBEVF_SRRCTL_KIB_MAX
#define VF_RX_ERR_L4E		IXGBEVF_RX_ERR_L4E
#define VF_RX_ERR_IPE		IXGBEVF_RX_ERR_IPE
#define VF_RX_ERR_RXE		IXGBEVF_RX_ERR_RXE
#define VF_TX_MAX_DATA		16384
#define VF_TX_CONTEXT		1

#include "intel_vf.h"

/**
 * npa_plugin_main() - entry point of the plugin
 * @api: table to fill
 *
 * Return: 0, or 1 if the shell's table is older than this plugin.
 */
NPA_ENTRY __u32 NPA_CALL npa_plugin_main(struct npa_plugin_api *api)
{
	return vf_plugin_main(api);
}

NPA_PLUGIN("intel-82599vf", "1.0", "NPA reference plugins", "GPL",
	   IXGBEVF_DEVICE_IMPL_ID, sizeof(struct vf_private));
