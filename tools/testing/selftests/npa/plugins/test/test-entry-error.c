// SPDX-License-Identifier: GPL-2.0
/* Its entry point says no. */
#include "variant.h"

NPA_ENTRY __u32 NPA_CALL npa_plugin_main(struct npa_plugin_api *api)
{
	vf_good_main(api);
	return 7;
}

NPA_PLUGIN("test-entry-error");
