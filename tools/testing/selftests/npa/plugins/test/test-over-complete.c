// SPDX-License-Identifier: GPL-2.0
/* It completes more frames than are outstanding. */
#include "variant.h"

static __u32 NPA_CALL bad_check_tx(struct npa_plugin_state *ps, __u32 queue)
{
	struct variant_private *priv = ps->priv;
	__u32 count = vf_check_tx_ring(ps, queue);

	priv->rx[0].frames += count;
	if (count && priv->rx[0].frames > VARIANT_GOOD)
		ps->api->complete_send(ps->tx[queue].handle, 100000);
	return count;
}

NPA_ENTRY __u32 NPA_CALL npa_plugin_main(struct npa_plugin_api *api)
{
	__u32 ret = vf_good_main(api);

	api->check_tx_ring = bad_check_tx;
	return ret;
}

NPA_PLUGIN("test-over-complete");
