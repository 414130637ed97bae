// SPDX-License-Identifier: GPL-2.0
/*
 * NPA plugin for the virtual functions of Intel's 82576.
 */
#include "e1000vf_regs.h"

#define VF_MAX_QUEUES		E1000VF_MAX_QUEUES
#define VF_VECTORS		E1000VF_MAX_VECTORS
#define VF_INTRS		E1000VF_MAX_VECTORS
#define VF_WINDOW_LEN		E1000VF_WINDOW_LEN
#define VF_STATUS		E1000VF_STATUS
#define VF_TXQ(q)		E1000VF_TXQ(q)
#define VF_RXQ(q)		E1000VF_RXQ(q)
#define VF_EIMS			E1000VF_EIMS
#define VF_EIMC			E1000VF_EIMC
#define VF_SRRCTL		(E1000VF_SRRCTL(0) - E1000VF_RXQ(0))
#define VF_SRRCTL_KIB		E1000VF_SRRCTL_BSIZEPKT
#define VF_RX_ERR_L4E		E1000VF_RX_ERR_L4E
#define VF_RX_ERR_IPE		E1000VF_RX_ERR_IPE
#define VF_RX_ERR_RXE		E1000VF_RX_ERR_RXE
#define VF_TX_MAX_DATA		32768
#define VF_TX_CONTEXT		0

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

NPA_PLUGIN("intel-82576vf", "1.0", "NPA reference plugins", "GPL",
	   E1000VF_DEVICE_IMPL_ID, sizeof(struct vf_private));
