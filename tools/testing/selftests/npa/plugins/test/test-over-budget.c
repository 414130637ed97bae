// SPDX-License-Identifier: GPL-2.0
/* It reports more frames than it was asked for. */
#include "variant.h"

static void NPA_CALL pass_on(void *handle, const struct npa_rx_frame *frame)
{
	struct variant_queue *q = handle;

	variant_is_bad(q);
	q->api->indicate_recv(q->handle, frame);
}

static __u32 NPA_CALL bad_sw_init(struct npa_plugin_state *ps)
{
	return variant_sw_init(ps, pass_on);
}

static __u32 NPA_CALL bad_check_rx_ring(struct npa_plugin_state *ps,
					__u32 queue, __u32 budget)
{
	struct variant_private *priv = ps->priv;
	__u32 done = vf_check_rx_ring(ps, queue, budget);

	if (done && priv->rx[queue].frames >= VARIANT_GOOD)
		return budget + 1;
	return done;
}

NPA_ENTRY __u32 NPA_CALL npa_plugin_main(struct npa_plugin_api *api)
{
	__u32 ret = vf_good_main(api);

	api->sw_init = bad_sw_init;
	api->check_rx_ring = bad_check_rx_ring;
	return ret;
}

NPA_PLUGIN("test-over-budget");
