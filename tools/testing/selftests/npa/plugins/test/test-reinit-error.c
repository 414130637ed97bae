// SPDX-License-Identifier: GPL-2.0
/* It cannot make a receive ring. */
#include "variant.h"

static __u32 NPA_CALL bad_reinit(struct npa_plugin_state *ps, __u32 queue)
{
	(void)ps;
	(void)queue;
	return 3;
}

NPA_ENTRY __u32 NPA_CALL npa_plugin_main(struct npa_plugin_api *api)
{
	__u32 ret = vf_good_main(api);

	api->reinit_rx_ring = bad_reinit;
	return ret;
}

NPA_PLUGIN("test-reinit-error");
