// SPDX-License-Identifier: GPL-2.0
/* Calls a function that it does not have. */
#include "npa_plugin.h"

void *memset(void *to, int byte, unsigned long len);

NPA_ENTRY __u32 NPA_CALL npa_plugin_main(struct npa_plugin_api *api)
{
	memset(api, 0, sizeof(*api));
	return 0;
}

NPA_PLUGIN("lint-import", "1.0", "NPA tests", "GPL", 1, 0);
