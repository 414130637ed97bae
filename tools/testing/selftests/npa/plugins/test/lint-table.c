// SPDX-License-Identifier: GPL-2.0
/* Has a table of pointers, which a loader would have to write to. */
#include "npa_plugin.h"

static void NPA_CALL enable(struct npa_plugin_state *ps, __u32 intr)
{
	(void)ps;
	(void)intr;
}

typedef void (NPA_CALL *enable_fn)(struct npa_plugin_state *ps, __u32 intr);

static const enable_fn table[2] = { enable, 0 };

NPA_ENTRY __u32 NPA_CALL npa_plugin_main(struct npa_plugin_api *api)
{
	api->enable_interrupt = npa_read_once(table[api->size & 1]);
	return 0;
}

NPA_PLUGIN("lint-table", "1.0", "NPA tests", "GPL", 1, 0);
