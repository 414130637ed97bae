// SPDX-License-Identifier: GPL-2.0
/*
 * Model of an Intel 82599 VF: messages of the mailbox that the 82576 does not
 * have.  They came in versions of an API that the driver negotiates first.
 *
 * Facts: upstream's ixgbevf/mbx.h and vf.c, ixgbe/ixgbe_sriov.c.
 */
#include <errno.h>
#include <string.h>

#include "../plugins/ixgbevf_regs.h"
#include "vf_intel.h"

#define MSG_SET_MACVLAN		0x06	/* info: 0 forget all, n the nth */
#define MSG_API_NEGOTIATE	0x08
#define MSG_GET_QUEUES		0x09
#define MSG_GET_RETA		0x0a
#define MSG_GET_RSS_KEY		0x0b
#define MSG_UPDATE_XCAST_MODE	0x0c
#define MSG_GET_LINK_STATE	0x10

/*
 * Numbers of the versions in API_NEGOTIATE.  1.4 means IPsec and 1.5 another
 * mailbox protocol; this PF has neither.
 */
#define API_1_0			0
#define API_1_1			2
#define API_1_2			3
#define API_1_3			4

/* Modes in UPDATE_XCAST_MODE, each hears more than the one before */
#define XCAST_NONE		0	/* broadcast */
#define XCAST_MULTI		1	/* and the groups of the driver */

#define RETA_PER_WORD		16	/* 2 bits each */

static int set_macvlan(struct vf *vf, const uint32_t *msg)
{
	struct pf_request request = {
		.type = PF_REQUEST_MORE_MACS,
		.on = VF_MBX_INFO(msg[0]),
	};

	vf_mbx_get_mac(msg, request.mac);
	return vf_mbx_request(vf, &request);
}

static int negotiate(struct vf *vf, const uint32_t *msg)
{
	switch (msg[1]) {
	case API_1_0:
	case API_1_1:
	case API_1_2:
	case API_1_3:
		vf->api_version = msg[1];
		return 0;
	}
	return -EOPNOTSUPP;
}

static int get_queues(struct vf *vf, uint32_t *msg)
{
	if (vf->api_version < API_1_1)
		return -EOPNOTSUPP;
	msg[1] = vf->model->info->max_queues;		/* TX */
	msg[2] = vf->model->info->max_queues;		/* RX */
	msg[3] = 0;		/* no VLAN that the driver has to strip */
	msg[4] = 0;		/* default queue */
	return 0;
}

static int get_reta(struct vf *vf, uint32_t *msg)
{
	unsigned int i;

	if (vf->api_version < API_1_2)
		return -EOPNOTSUPP;
	memset(&msg[1], 0, sizeof(vf->rss_table) / RETA_PER_WORD *
	       sizeof(*msg));
	for (i = 0; i < sizeof(vf->rss_table); i++)
		msg[1 + i / RETA_PER_WORD] |= (vf->rss_table[i] & 3U) <<
					      2 * (i % RETA_PER_WORD);
	return 0;
}

static int get_rss_key(struct vf *vf, uint32_t *msg)
{
	unsigned int i;

	if (vf->api_version < API_1_2)
		return -EOPNOTSUPP;
	memset(&msg[1], 0, sizeof(vf->rss_key));
	for (i = 0; i < sizeof(vf->rss_key); i++)
		msg[1 + i / 4] |= (uint32_t)vf->rss_key[i] << 8 * (i % 4);
	return 0;
}

/* A VF that is not trusted with more gets what it may have, and is told so. */
static int update_xcast_mode(struct vf *vf, uint32_t *msg)
{
	struct pf_request request = { .type = PF_REQUEST_RX_MODE };

	if (vf->api_version < API_1_2)
		return -EOPNOTSUPP;
	if (msg[1] > XCAST_MULTI)
		msg[1] = XCAST_MULTI;
	request.rx_mode = PORT_RX_UCAST | PORT_RX_BCAST;
	if (msg[1] == XCAST_MULTI)
		request.rx_mode |= PORT_RX_MCAST;
	return vf_mbx_request(vf, &request);
}

/* May it have a link at all?  LINKS tells whether there is one. */
static int get_link_state(struct vf *vf, uint32_t *msg)
{
	if (vf->api_version < API_1_2)
		return -EOPNOTSUPP;
	msg[1] = 1;
	return 0;
}

int vf_82599_message(struct vf *vf, uint32_t *msg)
{
	switch (VF_MBX_TYPE(msg[0])) {
	case MSG_SET_MACVLAN:
		return set_macvlan(vf, msg);
	case MSG_API_NEGOTIATE:
		return negotiate(vf, msg);
	case MSG_GET_QUEUES:
		return get_queues(vf, msg);
	case MSG_GET_RETA:
		return get_reta(vf, msg);
	case MSG_GET_RSS_KEY:
		return get_rss_key(vf, msg);
	case MSG_UPDATE_XCAST_MODE:
		return update_xcast_mode(vf, msg);
	case MSG_GET_LINK_STATE:
		return get_link_state(vf, msg);
	}
	return -EOPNOTSUPP;
}
