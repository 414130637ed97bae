// SPDX-License-Identifier: GPL-2.0
/* Its table says that it was built for another Shell API. */
#include "variant.h"

NPA_ENTRY __u32 NPA_CALL npa_plugin_main(struct npa_plugin_api *api)
{
	__u32 ret = vf_good_main(api);

	api->major = NPA_API_MAJOR + 1;
	return ret;
}

NPA_PLUGIN("test-bad-api");
