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
#include <string.h>

#include "../plugins/e1000vf_regs.h"
#include "vf_intel.h"

#define MSG_ACK			0x80000000u
#define MSG_NACK		0x40000000u
#define MSG_CTS			0x20000000u	/* clear to send */
#define MSG_INFO(msg)		((msg) >> 16 & 0xff)
#define MSG_TYPE(msg)		((msg) & 0xffff)

#define MSG_RESET		0x01
#define MSG_SET_MAC		0x02
#define MSG_SET_MAC_CLEAR	1		/* info: one address only */
#define MSG_SET_MAC_ADD		2		/* info: one more address */
#define MSG_SET_MULTICAST	0x03
#define MSG_SET_VLAN		0x04
#define MSG_SET_LPE		0x05
#define MSG_PF_CONTROL		0x0100

#define MAX_HASHES		30		/* in one message */
#define FRAME_OVERHEAD		22		/* header, tag, CRC */

static void send_words(struct vf *vf, const uint32_t *msg, unsigned int words)
{
	for (unsigned int i = 0; i < words; i++)
		vf_reg_set(vf, vf->model->mbmem + 4 * i, msg[i]);
}

/* Set bits that say that the PF has done something. */
static void tell(struct vf *vf, uint32_t bits)
{
	vf_reg_set(vf, vf->model->mailbox,
		   vf_reg_get(vf, vf->model->mailbox) | bits);
	vf_intr_misc(vf);
}

static uint32_t word(const struct vf *vf, unsigned int i)
{
	return vf_reg_get(vf, vf->model->mbmem + 4 * i);
}

static void get_mac(const struct vf *vf, uint8_t mac[6])
{
	for (unsigned int i = 0; i < 6; i++)
		mac[i] = word(vf, 1 + i / 4) >> (8 * (i % 4));
}

static int ask(struct vf *vf, const struct pf_request *request)
{
	if (!vf->env.request)
		return -1;
	return vf->env.request(vf->env.request_arg, request);
}

static int set_mac(struct vf *vf, uint32_t msg)
{
	struct pf_request request = { .type = PF_REQUEST_MAC };

	switch (MSG_INFO(msg)) {
	case 0:
		break;
	case MSG_SET_MAC_CLEAR:
	case MSG_SET_MAC_ADD:
		request.type = PF_REQUEST_MORE_MACS;
		request.on = MSG_INFO(msg) == MSG_SET_MAC_ADD;
		break;
	default:
		return -1;
	}
	get_mac(vf, request.mac);
	return ask(vf, &request);
}

static int set_multicast(struct vf *vf, uint32_t msg)
{
	struct pf_request request = { .type = PF_REQUEST_MULTICAST };

	request.num_hashes = MSG_INFO(msg);
	if (request.num_hashes > MAX_HASHES)
		return -1;
	for (unsigned int i = 0; i < request.num_hashes; i++)
		request.hashes[i] = word(vf, 1 + i / 2) >> (16 * (i % 2)) &
				    (PORT_HASHES - 1);
	return ask(vf, &request);
}

static int set_vlan(struct vf *vf, uint32_t msg)
{
	struct pf_request request = {
		.type = PF_REQUEST_VLAN,
		.on = MSG_INFO(msg),
		.vid = word(vf, 1),
	};

	if (word(vf, 1) >= PORT_VLANS)
		return -1;
	return ask(vf, &request);
}

static int set_max_frame(struct vf *vf)
{
	struct pf_request request = { .type = PF_REQUEST_MTU };

	if (word(vf, 1) < FRAME_OVERHEAD)
		return -1;
	request.mtu = word(vf, 1) - FRAME_OVERHEAD;
	return ask(vf, &request);
}

/* Answered with the VF's address. */
static void do_reset(struct vf *vf)
{
	const struct pf_request request = { .type = PF_REQUEST_RESET };
	const uint8_t *mac = vf->port.mac;
	uint32_t answer[3] = { MSG_RESET | MSG_NACK };

	if (!ask(vf, &request)) {
		vf->clear_to_send = true;
		answer[0] = MSG_RESET | MSG_ACK;
		answer[1] = mac[0] | mac[1] << 8 | mac[2] << 16 |
			    (uint32_t)mac[3] << 24;
		answer[2] = mac[4] | mac[5] << 8;
	}
	send_words(vf, answer, 3);
}

/* Take the driver's message and write the answer over it. */
static void answer(struct vf *vf)
{
	uint32_t msg = word(vf, 0);
	int err = -1;

	if (msg & (MSG_ACK | MSG_NACK)) {
		tell(vf, E1000VF_MAILBOX_PFACK);
		return;
	}
	if (msg == MSG_RESET) {
		do_reset(vf);
		tell(vf, E1000VF_MAILBOX_PFACK | E1000VF_MAILBOX_PFSTS);
		return;
	}
	if (vf->clear_to_send) {
		switch (MSG_TYPE(msg)) {
		case MSG_SET_MAC:
			err = set_mac(vf, msg);
			break;
		case MSG_SET_MULTICAST:
			err = set_multicast(vf, msg);
			break;
		case MSG_SET_VLAN:
			err = set_vlan(vf, msg);
			break;
		case MSG_SET_LPE:
			err = set_max_frame(vf);
			break;
		}
		msg |= MSG_CTS;
	}
	msg |= err ? MSG_NACK : MSG_ACK;
	send_words(vf, &msg, 1);
	tell(vf, E1000VF_MAILBOX_PFACK | E1000VF_MAILBOX_PFSTS);
}

void vf_mbx_reset(struct vf *vf)
{
	vf->clear_to_send = false;
	vf_reg_set(vf, vf->model->mailbox, E1000VF_MAILBOX_RSTD);
}

static void write_mailbox(struct vf *vf, uint32_t value)
{
	uint32_t now = vf_reg_get(vf, vf->model->mailbox);

	/* The PF is never in the middle of something: the buffer is free. */
	now &= ~E1000VF_MAILBOX_VFU;
	vf_reg_set(vf, vf->model->mailbox,
		   now | (value & E1000VF_MAILBOX_VFU));
	if (value & E1000VF_MAILBOX_REQ)
		answer(vf);
}

bool vf_mbx_read32(struct vf *vf, uint32_t offset, uint32_t *value)
{
	if (offset != vf->model->mailbox)
		return false;
	*value = vf_reg_get(vf, offset);
	vf_reg_set(vf, offset, *value & ~E1000VF_MAILBOX_R2C);
	return true;
}

bool vf_mbx_write32(struct vf *vf, uint32_t offset, uint32_t value)
{
	if (offset == vf->model->mailbox)
		write_mailbox(vf, value);
	else if (offset >= vf->model->mbmem &&
		 offset < vf->model->mbmem + 4 * E1000VF_VMBMEM_WORDS)
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
	send_words(vf, &msg, 1);
	tell(vf, E1000VF_MAILBOX_PFSTS);
}
