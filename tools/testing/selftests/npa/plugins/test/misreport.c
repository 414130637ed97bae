// SPDX-License-Identifier: GPL-2.0
/*
 * Plugins that report nonsense of the frames they receive, all from this
 * source: the Makefile defines which one MISREPORT is, and its name as TEXT.
 */
#include "variant.h"

enum misreport {
	BAD_COUNT,		/* more buffers than there may be */
	BAD_SUM,		/* parts that do not add up */
	LONG_LENGTH,		/* more bytes than a buffer has */
	UNKNOWN_ID,		/* a buffer that the shell does not know */
	TWICE,			/* every frame twice */
};

static void spoil(struct npa_rx_frame *frame, struct npa_rx_sg *sg,
		  enum misreport how)
{
	switch (how) {
	case BAD_COUNT:
		frame->sg_count = NPA_RX_MAX_SG + 1;
		break;
	case BAD_SUM:
		frame->byte_length++;
		break;
	case LONG_LENGTH:
		sg->length += 1 << 20;
		frame->byte_length += 1 << 20;
		break;
	case UNKNOWN_ID:
		sg->buf_id += 0x10000;
		break;
	case TWICE:
		break;
	}
}

static void NPA_CALL bad_indicate(void *handle,
				  const struct npa_rx_frame *frame)
{
	struct variant_queue *q = handle;
	struct npa_rx_frame bad = *frame;
	struct npa_rx_sg sg = frame->sg[0];
	int is_bad = variant_is_bad(q);

	if (is_bad && frame->sg_count == 1) {
		bad.sg = &sg;
		spoil(&bad, &sg, MISREPORT);
	}
	q->api->indicate_recv(q->handle, &bad);
	if (is_bad && MISREPORT == TWICE)
		q->api->indicate_recv(q->handle, &bad);
}

static __u32 NPA_CALL bad_sw_init(struct npa_plugin_state *ps)
{
	return variant_sw_init(ps, bad_indicate);
}

NPA_ENTRY __u32 NPA_CALL npa_plugin_main(struct npa_plugin_api *api)
{
	__u32 ret = vf_good_main(api);

	api->sw_init = bad_sw_init;
	return ret;
}

NPA_PLUGIN(TEXT);
