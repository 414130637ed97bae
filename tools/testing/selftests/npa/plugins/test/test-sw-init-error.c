// SPDX-License-Identifier: GPL-2.0
/* Its sw_init() says no. */
#include "variant.h"

static __u32 NPA_CALL bad_sw_init(struct npa_plugin_state *ps)
{
	(void)ps;
	return 9;
}

NPA_ENTRY __u32 NPA_CALL npa_plugin_main(struct npa_plugin_api *api)
{
	__u32 ret = vf_good_main(api);

	api->sw_init = bad_sw_init;
	return ret;
}

NPA_PLUGIN("test-sw-init-error");
