// SPDX-License-Identifier: GPL-2.0
/* Not fit for a kernel: a trap. */
#include "npa_plugin.h"

NPA_ENTRY __u32 NPA_CALL npa_plugin_main(struct npa_plugin_api *api)
{
	__asm__ volatile("ud2");
	api->major = NPA_API_MAJOR;
	return 0;
}

NPA_PLUGIN("lint-trap", "1.0", "NPA tests", "GPL", 1, 0);
