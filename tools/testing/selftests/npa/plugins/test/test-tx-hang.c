// SPDX-License-Identifier: GPL-2.0
/* It never tells the hardware that there is something to send. */
#include "variant.h"

static __u32 NPA_CALL bad_sw_init(struct npa_plugin_state *ps)
{
	struct variant_private *priv = ps->priv;
	__u32 ret, i;

	if (ps->priv_len < sizeof(*priv))
		return 1;
	ret = vf_sw_init(ps);
	for (i = 0; i < E1000VF_MAX_QUEUES; i++)
		priv->good.tx[i].tail = &priv->scratch;
	return ret;
}

NPA_ENTRY __u32 NPA_CALL npa_plugin_main(struct npa_plugin_api *api)
{
	__u32 ret = vf_good_main(api);

	api->sw_init = bad_sw_init;
	return ret;
}

NPA_PLUGIN("test-tx-hang");
