// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz target: a hostile driver of a VF, of either model, and of the commands
 * of NPA.  The input is a sequence of commands, of changes to the plugin configuration, of
 * accesses to the VF's registers (trapped and direct), of descriptors, frames
 * from the network, acts of the operator, and time.
 */
#include <endian.h>
#include <string.h>

#include "../../plugins/intel_adv.h"
#include "../window.h"
#include "vf.h"

static const uint32_t commands[] = {
	VMXNET3_CMD_LOAD_PLUGIN, VMXNET3_CMD_ACTIVATE_VF,
	VMXNET3_CMD_STOP_EMULATION, VMXNET3_CMD_NPA_QUIESCE_VF,
	VMXNET3_CMD_NPA_REPORT, VMXNET3_CMD_NPA_GET_STATUS,
	VMXNET3_CMD_GET_DID_LO, VMXNET3_CMD_GET_DEV_EXTRA_INFO,
	VMXNET3_CMD_ACTIVATE_DEV, VMXNET3_CMD_QUIESCE_DEV,
	VMXNET3_CMD_RESET_DEV, VMXNET3_CMD_UPDATE_RX_MODE,
	VMXNET3_CMD_UPDATE_MAC_FILTERS, VMXNET3_CMD_UPDATE_RSSIDT,
	VMXNET3_CMD_UPDATE_FEATURE, VMXNET3_CMD_GET_STATS
};

#define NUM_COMMANDS	(sizeof(commands) / sizeof(commands[0]))

/* The model of this input. */
static const struct fuzz_vf *vf;

static struct vmxnet3_npa_conf *conf(struct guest *g)
{
	return (void *)(g->ram + AT_PLUGIN);
}

static void configure_vf(struct guest *g, unsigned int queues)
{
	guest_configure_npa(g, 4);
	/* More pages are there, all good, if somebody believes in them. */
	for (unsigned int i = 4; i < VMXNET3_NPA_REGION_PAGES; i++)
		conf(g)->v1.region_ppn[i] = conf(g)->v1.region_ppn[i % 4];
	conf(g)->num_tx_queues = htole16(queues);
	conf(g)->num_rx_queues = htole16(queues);
	for (unsigned int i = 0; i < queues; i++) {
		conf(g)->tx[i].ring_size = htole32(VF_RING);
		conf(g)->tx[i].seg_pa[0] = htole64(GUEST_BASE + VF_TX_RING(i));
		conf(g)->rx[i].ring_size = htole32(VF_RING);
		conf(g)->rx[i].seg_pa[0] = htole64(GUEST_BASE + VF_RX_RING(i));
	}
}

#define CONF(member)	offsetof(struct vmxnet3_npa_conf, member)

/* Something else in the plugin configuration: where npad looks, or anywhere. */
static void spoil_conf(struct guest *g, struct input *in)
{
	static const uint16_t members[] = {
		CONF(v1.region_pages), CONF(v1.region_ppn[0]),
		CONF(v1.region_ppn[0]) + 4, CONF(v1.region_ppn[3]), CONF(mtu),
		CONF(features), CONF(num_tx_queues), CONF(report),
		CONF(tx[0].seg_pa[0]), CONF(tx[0].seg_pa[0]) + 4,
		CONF(tx[0].ring_size), CONF(tx[0].intr),
		CONF(rx[0].seg_pa[0]), CONF(rx[0].ring_size),
		CONF(rx[0].intr), CONF(rx[1].intr)
	};
	uint8_t which = take8(in);
	uint32_t offset = which < 200 ? members[which % 16] :
			  take16(in) % (sizeof(struct vmxnet3_npa_conf) - 3);
	uint32_t value = take_odd32(in);

	memcpy((uint8_t *)conf(g) + offset, &value, 4);
}

/* Registers of the VF, wherever its window is. */
static void write_register(struct guest *g, uint32_t offset, uint32_t value)
{
	offset += window_place(vf->ops->get_info());
	guest_write32(g, BAR_WINDOW, offset, value);
}

static void attach(struct guest *g)
{
	const char *why;

	npa_attach(g->vnic->npa, "image", &why);
}

/* Let the image arrive. */
static void load(struct guest *g)
{
	guest_command(g, VMXNET3_CMD_LOAD_PLUGIN);
	for (int i = 0; i < 6; i++)
		guest_command(g, VMXNET3_CMD_NPA_GET_STATUS);
}

/* A driver that has come as far as the input says. */
static void begin(struct guest *g, struct input *in, uint8_t how)
{
	unsigned int queues = how & 8 ? 2 : 1;

	guest_configure(g, 1);
	configure_vf(g, queues);
	if (how & 32)
		spoil_conf(g, in);
	guest_activate(g);
	if (how & 1) {
		attach(g);
		load(g);
	}
	if (how & 2)
		guest_command(g, VMXNET3_CMD_ACTIVATE_VF);
	if (how & 4)
		guest_command(g, VMXNET3_CMD_STOP_EMULATION);
	if (!(how & 16))
		return;
	/* Receive buffers, and interrupts enabled. */
	for (unsigned int q = 0; q < queues; q++) {
		fuzz_vf_rx_fill(g, q);
		write_register(g, vf->rxq[q] + ADV_Q_TAIL, VF_RING - 1);
	}
	write_register(g, vf->eims, 7);
}

static void send_frame(struct guest *g, struct input *in)
{
	unsigned int q;
	uint32_t tail = fuzz_vf_frame(g, in, &q);

	write_register(g, vf->txq[q] + ADV_Q_TAIL, tail);
}

static void access_register(struct guest *g, struct input *in, uint8_t how)
{
	uint32_t offset = how & 32 ? take16(in) :
			  fuzz_vf_register(vf, in);
	const uint8_t *bytes;
	uint8_t data[8];
	size_t len;

	if (!(how & 32))
		offset += window_place(vf->ops->get_info());
	else
		offset <<= 1;		/* anywhere in the BAR */
	if (how & 64) {
		guest_read(g, BAR_WINDOW, offset, data, 1 + (how & 7));
	} else if (how & 128) {
		guest_write32(g, BAR_WINDOW, offset, take_odd32(in));
	} else {
		bytes = take_bytes(in, 8, &len);
		if (len)
			guest_write(g, BAR_WINDOW, offset, bytes, len);
	}
}

/* The operator, and the client that carries the image. */
static void operate(struct guest *g, uint8_t what)
{
	switch (what % 8) {
	case 0:
	case 1:
		attach(g);
		break;
	case 2:
		npa_detach(g->vnic->npa);
		break;
	case 3:
		npa_revoke(g->vnic->npa);
		break;
	case 4:
		g->hold_dma = !g->hold_dma;
		break;
	case 5:
		g->refuse_dma = !g->refuse_dma;
		break;
	case 6:
		guest_answer_dma(g);
		break;
	default:
		guest_disconnect(g);
		FUZZ_ASSERT(guest_connect(g));
		guest_configure(g, 1);
		configure_vf(g, 1 + what / 128);
		guest_activate(g);
	}
}

static void act(struct guest *g, struct input *in)
{
	uint8_t how = take8(in), what;
	uint32_t offset, value;

	switch (how % 16) {
	case 0:
	case 1:
		guest_command(g, commands[take8(in) % NUM_COMMANDS]);
		break;
	case 2:
		spoil_conf(g, in);
		break;
	case 3:				/* where the configuration is, RSS */
		offset = take16(in) % sizeof(struct vmxnet3_shared) & ~3u;
		value = take_odd32(in);
		memcpy(g->ram + AT_SHARED + offset, &value, 4);
		break;
	case 4:
	case 5:
	case 6:
		access_register(g, in, how | (how & 16) << 3);
		break;
	case 7:
		if (how & 16)
			fuzz_vf_rx_desc(g, in);
		else
			fuzz_vf_tx_desc(g, in);
		break;
	case 8:
	case 9:
		send_frame(g, in);
		break;
	case 10:
		fuzz_memory(g, in);
		break;
	case 11:
		fuzz_frame(g, in);
		break;
	case 12:
		fuzz_sleep(g, (uint64_t)take16(in) * 10000);
		break;
	case 13:
		what = take8(in);
		fuzz_map(g, what & 15, what & 16);
		break;
	case 14:
		operate(g, take8(in));
		break;
	default:
		what = take8(in);
		g->full = what & 1;
		if (what & 2)
			configure_vf(g, 1 + (what >> 2 & 1));
		if (what & 8)
			begin(g, in, what >> 3);
		if (what & 4)		/* memory decoding of the device */
			guest_write32(g, VFIO_USER_CONFIG, 4, what >> 4 & 6);
	}
	guest_turn(g, 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	uint8_t how = take8(&in);
	struct guest *g;

	vf = fuzz_vf_model(how >> 6);
	g = fuzz_guest(vf->ops);
	begin(g, &in, how);
	while (in.len)
		act(g, &in);
	guest_turn(g, 4);
	guest_free(g);
	return 0;
}
