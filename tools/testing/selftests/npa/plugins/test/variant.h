/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The good plugin, wrapped, so that a test can have one that does a single
 * thing wrong.  A variant changes the table that vf_good_main() fills, and
 * may see what the good plugin reports before the shell does.
 */
#ifndef NPA_TEST_VARIANT_H
#define NPA_TEST_VARIANT_H

#include "npa_plugin.h"

#undef NPA_ENTRY
#define NPA_ENTRY	static
#undef NPA_PLUGIN
#define NPA_PLUGIN(...)	npa_static_assert(1)
#define npa_plugin_main	vf_good_main
#include "../intel-82576vf.c"
#undef npa_plugin_main
#undef NPA_ENTRY
#define NPA_ENTRY	NPA_ENTRY_ATTRIBUTES

/* How many frames are handled well before it begins. */
#define VARIANT_GOOD	32

/**
 * struct variant_queue - stands for a queue's handle towards the good plugin
 * @handle: the shell's handle
 * @api: the shell's functions
 * @frames: how many went through
 */
struct variant_queue {
	void *handle;
	const struct npa_shell_api *api;
	__u32 frames;
};

/**
 * struct variant_private - private area of a variant
 * @good: that of the good plugin
 * @rx: by receive queue
 * @scratch: a register that no hardware has
 */
struct variant_private {
	struct vf_private good;
	struct variant_queue rx[E1000VF_MAX_QUEUES];
	__u32 scratch;
};

/* Call the good sw_init(), and have frames reported to @indicate. */
static inline __u32
variant_sw_init(struct npa_plugin_state *ps,
		void (*indicate)(void *rx_handle,
				 const struct npa_rx_frame *frame) NPA_CALL)
{
	struct variant_private *priv = ps->priv;
	__u32 i, ret;

	if (ps->priv_len < sizeof(*priv))
		return 1;
	ret = vf_sw_init(ps);
	if (ret)
		return ret;
	for (i = 0; i < ps->num_rx_queues; i++) {
		priv->rx[i].handle = ps->rx[i].handle;
		priv->rx[i].api = ps->api;
		priv->good.rx[i].handle = &priv->rx[i];
		priv->good.rx[i].indicate = indicate;
	}
	return 0;
}

/* Has the time come?  Counts a frame. */
static inline int variant_is_bad(struct variant_queue *q)
{
	if (q->frames < VARIANT_GOOD) {
		q->frames++;
		return 0;
	}
	return 1;
}

#undef NPA_PLUGIN
/**
 * NPA_PLUGIN() - describe a variant
 * @name_: of the image
 */
#define NPA_PLUGIN(name_) \
	__attribute__((used, section(".npa_header")))			\
	static const struct npa_image_header npa_plugin_header =	\
	NPA_PLUGIN_HEADER(name_, "1.0", "NPA tests", "GPL",		\
			  E1000VF_DEVICE_IMPL_ID,			\
			  sizeof(struct variant_private))

#endif
