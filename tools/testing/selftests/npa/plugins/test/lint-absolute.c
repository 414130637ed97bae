// SPDX-License-Identifier: GPL-2.0
/* Has an absolute address, which somebody would have to relocate. */
#include "npa_plugin.h"

NPA_ENTRY __u32 NPA_CALL npa_plugin_main(struct npa_plugin_api *api)
{
	__asm__("movabs $npa_plugin_main, %0" : "=r"(api->sw_init));
	return 0;
}

NPA_PLUGIN("lint-absolute", "1.0", "NPA tests", "GPL", 1, 0);
