// SPDX-License-Identifier: GPL-2.0
/*
 * Models of Intel's VFs: the mailbox between the VF's driver and the PF,
 * and the PF driver's end of it.
 *
 * A message of the driver is decoded here and decided on by the hypervisor
 * (pf_env.request); the answer is there before the driver's write returns.
 * Every message is a word that says what it is and up to 15 words with the
 * rest.
 *
 * Facts: Intel 82576 GbE Controller datasheet, chapter 7.8.2.9 (mailbox);
 * upstream's igbvf/mbx.h, igb_main.c for the messages.
 */
#include <errno.h>

#include "vf_intel.h"

#define MSG_ACK			0x80000000u
#define MSG_NACK		0x40000000u
#define MSG_CTS			0x20000000u	/* clear to send */

#define MSG_RESET		0x01
#define MSG_SET_MAC		0x02
#define MSG_SET_MAC_CLEAR	1		/* info: one address only */
#define MSG_SET_MAC_ADD		2		/* info: one more address */
#define MSG_SET_MULTICAST	0x03
#define MSG_SET_VLAN		0x04
#define MSG_SET_LPE		0x05
#define MSG_PF_CONTROL		0x0100

#define MAX_HASHES		30		/* in one message */

static void read_words(const struct vf *vf, uint32_t *msg)
{
	for (unsigned int i = 0; i < VF_MBX_WORDS; i++)
		msg[i] = vf_reg_get(vf, vf->model->mbmem + 4 * i);
}

static void write_words(struct vf *vf, const uint32_t *msg)
{
	for (unsigned int i = 0; i < VF_MBX_WORDS; i++)
		vf_reg_set(vf, vf->model->mbmem + 4 * i, msg[i]);
}

/* Set bits that say that the PF has done something. */
static void tell(struct vf *vf, uint32_t bits)
{
	vf_reg_set(vf, vf->model->mailbox,
		   vf_reg_get(vf, vf->model->mailbox) | bits);
	vf_intr_misc(vf);
}

int vf_mbx_request(struct vf *vf, const struct pf_request *request)
{
	if (!vf->env.request)
		return -EPERM;
	return vf->env.request(vf->env.request_arg, request);
}

void vf_mbx_get_mac(const uint32_t *msg, uint8_t mac[6])
{
	for (unsigned int i = 0; i < 6; i++)
		mac[i] = msg[1 + i / 4] >> (8 * (i % 4));
}

static int set_mac(struct vf *vf, const uint32_t *msg)
{
	struct pf_request request = { .type = PF_REQUEST_MAC };

	switch (VF_MBX_INFO(msg[0])) {
	case 0:
		break;
	case MSG_SET_MAC_CLEAR:
	case MSG_SET_MAC_ADD:
		request.type = PF_REQUEST_MORE_MACS;
		request.on = VF_MBX_INFO(msg[0]) == MSG_SET_MAC_ADD;
		break;
	default:
		return -EINVAL;
	}
	vf_mbx_get_mac(msg, request.mac);
	return vf_mbx_request(vf, &request);
}

static int set_multicast(struct vf *vf, const uint32_t *msg)
{
	struct pf_request request = { .type = PF_REQUEST_MULTICAST };

	request.num_hashes = VF_MBX_INFO(msg[0]);
	if (request.num_hashes > MAX_HASHES)
		return -EINVAL;
	for (unsigned int i = 0; i < request.num_hashes; i++)
		request.hashes[i] = msg[1 + i / 2] >> (16 * (i % 2)) &
				    (PORT_HASHES - 1);
	return vf_mbx_request(vf, &request);
}

static int set_vlan(struct vf *vf, const uint32_t *msg)
{
	struct pf_request request = {
		.type = PF_REQUEST_VLAN,
		.on = VF_MBX_INFO(msg[0]),
		.vid = msg[1],
	};

	if (msg[1] >= PORT_VLANS)
		return -EINVAL;
	return vf_mbx_request(vf, &request);
}

static int set_max_frame(struct vf *vf, const uint32_t *msg)
{
	struct pf_request request = { .type = PF_REQUEST_MTU };

	if (msg[1] < vf->model->frame_overhead)
		return -EINVAL;
	request.mtu = msg[1] - vf->model->frame_overhead;
	return vf_mbx_request(vf, &request);
}

/* Answered with the VF's address and which bits of an address are its hash. */
static int do_reset(struct vf *vf, uint32_t *msg)
{
	const struct pf_request request = { .type = PF_REQUEST_RESET };
	const uint8_t *mac = vf->port.mac;
	int err = vf_mbx_request(vf, &request);

	if (err)
		return err;
	vf->clear_to_send = true;
	vf->api_version = 0;
	msg[1] = mac[0] | mac[1] << 8 | mac[2] << 16 | (uint32_t)mac[3] << 24;
	msg[2] = mac[4] | mac[5] << 8;
	msg[3] = 0;
	return 0;
}

static int do_message(struct vf *vf, uint32_t *msg)
{
	switch (VF_MBX_TYPE(msg[0])) {
	case MSG_SET_MAC:
		return set_mac(vf, msg);
	case MSG_SET_MULTICAST:
		return set_multicast(vf, msg);
	case MSG_SET_VLAN:
		return set_vlan(vf, msg);
	case MSG_SET_LPE:
		return set_max_frame(vf, msg);
	}
	return vf->model->message ? vf->model->message(vf, msg) : -EOPNOTSUPP;
}

/* Take the driver's message and write the answer over it. */
static void answer(struct vf *vf)
{
	uint32_t msg[VF_MBX_WORDS];
	int err = -EPERM;

	read_words(vf, msg);
	if (msg[0] & (MSG_ACK | MSG_NACK)) {
		tell(vf, ADV_MAILBOX_PFACK);
		return;
	}
	if (msg[0] == MSG_RESET) {
		err = do_reset(vf, msg);
	} else if (vf->clear_to_send) {
		err = do_message(vf, msg);
		msg[0] |= MSG_CTS;
	}
	msg[0] |= err ? MSG_NACK : MSG_ACK;
	write_words(vf, msg);
	tell(vf, ADV_MAILBOX_PFACK | ADV_MAILBOX_PFSTS);
}

void vf_mbx_reset(struct vf *vf)
{
	vf->clear_to_send = false;
	vf_reg_set(vf, vf->model->mailbox, ADV_MAILBOX_RSTD);
}

static void write_mailbox(struct vf *vf, uint32_t value)
{
	uint32_t now = vf_reg_get(vf, vf->model->mailbox);

	/* The PF is never in the middle of something: the buffer is free. */
	now &= ~ADV_MAILBOX_VFU;
	vf_reg_set(vf, vf->model->mailbox,
		   now | (value & ADV_MAILBOX_VFU));
	if (value & ADV_MAILBOX_REQ)
		answer(vf);
}

bool vf_mbx_read32(struct vf *vf, uint32_t offset, uint32_t *value)
{
	if (offset != vf->model->mailbox)
		return false;
	*value = vf_reg_get(vf, offset);
	vf_reg_set(vf, offset, *value & ~ADV_MAILBOX_R2C);
	return true;
}

bool vf_mbx_write32(struct vf *vf, uint32_t offset, uint32_t value)
{
	if (offset == vf->model->mailbox)
		write_mailbox(vf, value);
	else if (offset >= vf->model->mbmem &&
		 offset < vf->model->mbmem + 4 * VF_MBX_WORDS)
		vf_reg_set(vf, offset, value);
	else
		return false;
	return true;
}

void vf_mbx_ping(struct vf *vf)
{
	uint32_t msg = MSG_PF_CONTROL;

	if (vf->clear_to_send)
		msg |= MSG_CTS;
	vf_reg_set(vf, vf->model->mbmem, msg);
	tell(vf, ADV_MAILBOX_PFSTS);
}
