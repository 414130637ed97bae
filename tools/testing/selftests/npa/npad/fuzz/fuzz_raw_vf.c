// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz target: a VF as a PCI function of its own (raw_vf.c), of either model,
 * and its hostile driver.  The input is a sequence of accesses to its
 * registers and configuration space, of messages to the PF, descriptors,
 * frames from the network, resets, acts of the operator, and time.
 */
#include <string.h>

#include "../../plugins/intel_adv.h"
#include "vf.h"

#define BAR_REGS	0
#define CMD_RESET	13
#define MSG_WORDS	16

/* The model of this input. */
static const struct fuzz_vf *vf;

static void set(struct guest *g, uint32_t offset, uint32_t value)
{
	guest_write32(g, BAR_REGS, offset, value);
}

static void message(struct guest *g, const uint32_t *words, unsigned int count)
{
	set(g, vf->mailbox, ADV_MAILBOX_VFU);
	for (unsigned int i = 0; i < count; i++)
		set(g, vf->mailbox_mem + 4 * i, words[i]);
	set(g, vf->mailbox, ADV_MAILBOX_REQ);
	guest_read32(g, BAR_REGS, vf->mailbox);
	set(g, vf->mailbox, ADV_MAILBOX_ACK);
}

/* Any of the messages there may be, with any contents. */
static void any_message(struct guest *g, struct input *in)
{
	uint32_t words[MSG_WORDS] = { take8(in) % 18 };
	unsigned int count = 1 + take8(in) % MSG_WORDS;

	words[0] |= (uint32_t)take8(in) << 16;
	for (unsigned int i = 1; i < count; i++)
		words[i] = take_odd32(in);
	message(g, words, count);
}

/* The driver as far as the input says: it starts, its queues, its interrupts. */
static void begin(struct guest *g, uint8_t how)
{
	const uint32_t reset = 1;

	if (how & 1)
		message(g, &reset, 1);
	if (!(how & 2))
		return;
	for (unsigned int q = 0; q <= (how >> 3 & 1); q++) {
		fuzz_vf_rx_fill(g, q);
		set(g, vf->rxq[q] + ADV_Q_BAL, GUEST_BASE + VF_RX_RING(q));
		set(g, vf->rxq[q] + ADV_Q_LEN, VF_RING * 16);
		set(g, vf->srrctl[q], 2 | ADV_SRRCTL_ADV_ONE);
		set(g, vf->rxq[q] + ADV_Q_DCTL, ADV_DCTL_ENABLE);
		set(g, vf->rxq[q] + ADV_Q_TAIL, VF_RING - 1);
		set(g, vf->txq[q] + ADV_Q_BAL, GUEST_BASE + VF_TX_RING(q));
		set(g, vf->txq[q] + ADV_Q_LEN, VF_RING * 16);
		set(g, vf->txq[q] + ADV_Q_DCTL, ADV_DCTL_ENABLE);
	}
	if (how & 4)
		set(g, vf->eims, 7);
}

static void access_register(struct guest *g, struct input *in, uint8_t how)
{
	uint32_t offset = how & 16 ? take16(in) : fuzz_vf_register(vf, in);
	const uint8_t *bytes;
	uint8_t data[16];
	size_t len;

	if (how & 32) {
		guest_read(g, BAR_REGS, offset, data, 1 + how % 16);
	} else if (how & 64) {
		guest_write32(g, BAR_REGS, offset, take_odd32(in));
	} else {
		bytes = take_bytes(in, 16, &len);
		if (len)
			guest_write(g, BAR_REGS, offset, bytes, len);
	}
}

/* Another region, or none. */
static void access_elsewhere(struct guest *g, struct input *in)
{
	static const uint8_t regions[] = {
		VFIO_USER_CONFIG, VFIO_USER_CONFIG, 1, 3, 8, 200,
	};
	uint8_t how = take8(in);
	unsigned int region = regions[how % sizeof(regions)];
	uint32_t offset = take16(in) & (how & 128 ? 0xffff : 0x7f);
	uint32_t value = take_odd32(in);

	if (how & 64)
		guest_read(g, region, offset, &value, 1 + (how >> 3 & 3));
	else
		guest_write(g, region, offset, &value, 1 + (how >> 3 & 3));
}

static void report(struct guest *g, bool reset)
{
	struct json_object *reply = json_object_new_object();

	raw_vf_status(g->npad.raw, reply);
	raw_vf_stats(g->npad.raw, reply, &g->uplink.stats, reset);
	json_object_put(reply);
}

static void operate(struct guest *g, struct input *in)
{
	struct port_policy policy = { 0 };
	uint8_t what = take8(in);

	switch (what % 8) {
	case 0:
	case 1:
		raw_vf_set_link(g->npad.raw, what & 1);
		break;
	case 2:
		policy.antispoof = what & 8;
		policy.default_vlan = what & 16 ? take16(in) % 4095 : 0;
		policy.denied[take8(in) % PORT_VLAN_WORDS] = take32(in);
		raw_vf_set_policy(g->npad.raw, &policy);
		break;
	case 3:
		report(g, what & 8);
		break;
	case 4:
	case 5:
		guest_request(g, CMD_RESET, NULL, 0, -1);
		begin(g, what >> 3);
		break;
	case 6:
		g->full = what & 8;
		break;
	default:
		guest_disconnect(g);
		report(g, false);
		FUZZ_ASSERT(!raw_vf_port(g->npad.raw));
		FUZZ_ASSERT(guest_connect(g));
		FUZZ_ASSERT(raw_vf_port(g->npad.raw));
		begin(g, what >> 3);
	}
}

static void act(struct guest *g, struct input *in)
{
	uint8_t how = take8(in), what;
	unsigned int queue;
	uint32_t tail;

	switch (how % 16) {
	case 0:
	case 1:
	case 2:
	case 3:
		access_register(g, in, take8(in));
		break;
	case 4:
		access_elsewhere(g, in);
		break;
	case 5:
		any_message(g, in);
		break;
	case 6:
		begin(g, take8(in));
		break;
	case 7:
		fuzz_vf_tx_desc(g, in);
		break;
	case 8:
		fuzz_vf_rx_desc(g, in);
		break;
	case 9:
	case 10:
		tail = fuzz_vf_frame(g, in, &queue);
		set(g, vf->txq[queue] + ADV_Q_TAIL, tail);
		break;
	case 11:
		fuzz_memory(g, in);
		break;
	case 12:
		fuzz_frame(g, in);
		break;
	case 13:
		fuzz_sleep(g, (uint64_t)take16(in) * 10000);
		break;
	case 14:
		what = take8(in);
		fuzz_map(g, what & 15, what & 16);
		break;
	default:
		operate(g, in);
	}
	guest_turn(g, 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	uint8_t how = take8(&in);
	struct guest *g;

	vf = fuzz_vf_model(how >> 6);
	g = fuzz_guest_raw(vf->ops);
	begin(g, how);
	while (in.len)
		act(g, &in);
	guest_turn(g, 4);
	guest_free(g);
	return 0;
}
