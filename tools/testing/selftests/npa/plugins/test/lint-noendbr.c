// SPDX-License-Identifier: GPL-2.0
/* A function that the shell calls does not begin with ENDBR64. */
#include "npa_plugin.h"

static __attribute__((nocf_check)) void NPA_CALL
enable(struct npa_plugin_state *ps, __u32 intr)
{
	(void)ps;
	(void)intr;
}

NPA_ENTRY __u32 NPA_CALL npa_plugin_main(struct npa_plugin_api *api)
{
	api->enable_interrupt = (void *)enable;
	return 0;
}

NPA_PLUGIN("lint-noendbr", "1.0", "NPA tests", "GPL", 1, 0);
