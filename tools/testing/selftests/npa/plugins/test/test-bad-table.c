// SPDX-License-Identifier: GPL-2.0
/* Its table lacks a function. */
#include "variant.h"

NPA_ENTRY __u32 NPA_CALL npa_plugin_main(struct npa_plugin_api *api)
{
	__u32 ret = vf_good_main(api);

	api->check_rx_ring = 0;
	return ret;
}

NPA_PLUGIN("test-bad-table");
