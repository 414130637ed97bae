// SPDX-License-Identifier: GPL-2.0
/* Hides a privileged instruction in a function that only the shell calls. */
#include "npa_plugin.h"

static void NPA_CALL enable(struct npa_plugin_state *ps, __u32 intr)
{
	(void)ps;
	__asm__ volatile("wrmsr" :: "c"(intr), "a"(0), "d"(0));
}

NPA_ENTRY __u32 NPA_CALL npa_plugin_main(struct npa_plugin_api *api)
{
	api->enable_interrupt = enable;
	return 0;
}

NPA_PLUGIN("lint-msr", "1.0", "NPA tests", "GPL", 1, 0);
