// SPDX-License-Identifier: GPL-2.0
/* Has writable data. */
#include "npa_plugin.h"

static __u32 calls;

NPA_ENTRY __u32 NPA_CALL npa_plugin_main(struct npa_plugin_api *api)
{
	npa_write_once(calls, npa_read_once(calls) + 1);
	api->major = npa_read_once(calls);
	return 0;
}

NPA_PLUGIN("lint-data", "1.0", "NPA tests", "GPL", 1, 0);
