// SPDX-License-Identifier: GPL-2.0
/* It reports a frame whose parts do not add up. */
#include "variant.h"

static void NPA_CALL bad_indicate(void *handle,
				  const struct npa_rx_frame *frame)
{
	struct variant_queue *q = handle;
	struct npa_rx_frame bad = *frame;
	struct npa_rx_sg sg = frame->sg[0];

	if (variant_is_bad(q) && frame->sg_count == 1) {
		bad.byte_length++;
		bad.sg = &sg;
	}
	q->api->indicate_recv(q->handle, &bad);
}

static __u32 NPA_CALL bad_sw_init(struct npa_plugin_state *ps)
{
	struct variant_private *priv = ps->priv;

	priv->api.indicate_recv = bad_indicate;
	return variant_sw_init(ps);
}

static __u32 NPA_CALL variant_check_rx_ring(struct npa_plugin_state *ps,
					    __u32 queue, __u32 budget)
{
	return variant_check_rx(ps, queue, budget);
}

NPA_ENTRY __u32 NPA_CALL npa_plugin_main(struct npa_plugin_api *api)
{
	__u32 ret = vf_good_main(api);

	api->sw_init = bad_sw_init;
	api->check_rx_ring = variant_check_rx_ring;
	return ret;
}

NPA_PLUGIN("test-bad-sum");
