// SPDX-License-Identifier: GPL-2.0
/*
 * VFs for fuzz targets.
 */
#include <endian.h>

#include "../../plugins/e1000vf_regs.h"
#include "../../plugins/ixgbevf_regs.h"
#include "vf.h"

#define NUM(array)	(sizeof(array) / sizeof((array)[0]))

static const uint16_t registers_82576[] = {
	E1000VF_CTRL, E1000VF_STATUS, E1000VF_MAILBOX, E1000VF_VMBMEM,
	E1000VF_VMBMEM + 4, E1000VF_VMBMEM + 8, E1000VF_EICS, E1000VF_EIMS,
	E1000VF_EIMC, E1000VF_EIAC, E1000VF_EIAM, E1000VF_EICR,
	E1000VF_EITR(0), E1000VF_EITR(1), E1000VF_IVAR(0), E1000VF_IVAR_MISC,
	E1000VF_RDBAL(0), E1000VF_RDBAH(0), E1000VF_RDLEN(0),
	E1000VF_SRRCTL(0), E1000VF_RDH(0), E1000VF_RDT(0), E1000VF_RXDCTL(0),
	E1000VF_TDBAL(0), E1000VF_TDBAH(0), E1000VF_TDLEN(0), E1000VF_TDH(0),
	E1000VF_TDT(0), E1000VF_TXDCTL(0), E1000VF_RDT(1), E1000VF_TDT(1),
	E1000VF_TXDCTL(1)
};

#define RXQ(q, reg)	(IXGBEVF_RXQ(q) + (reg))
#define TXQ(q, reg)	(IXGBEVF_TXQ(q) + (reg))

static const uint16_t registers_82599[] = {
	IXGBEVF_CTRL, IXGBEVF_STATUS, IXGBEVF_LINKS, IXGBEVF_FRTIMER,
	IXGBEVF_MAILBOX, IXGBEVF_VMBMEM, IXGBEVF_VMBMEM + 4,
	IXGBEVF_VMBMEM + 8, IXGBEVF_EICS, IXGBEVF_EIMS, IXGBEVF_EIMC,
	IXGBEVF_EIAC, IXGBEVF_EIAM, IXGBEVF_EICR, IXGBEVF_EITR(0),
	IXGBEVF_EITR(1), IXGBEVF_IVAR(0), IXGBEVF_IVAR(1), IXGBEVF_IVAR_MISC,
	IXGBEVF_PSRTYPE, IXGBEVF_RSCINT(0), RXQ(0, ADV_Q_BAL),
	RXQ(0, ADV_Q_BAH), RXQ(0, ADV_Q_LEN), RXQ(0, ADV_Q_HEAD),
	RXQ(0, ADV_Q_TAIL), IXGBEVF_SRRCTL(0), IXGBEVF_RXDCTL(0),
	IXGBEVF_RSCCTL(0), TXQ(0, ADV_Q_BAL), TXQ(0, ADV_Q_BAH),
	TXQ(0, ADV_Q_LEN), TXQ(0, ADV_Q_HEAD), TXQ(0, ADV_Q_TAIL),
	IXGBEVF_TXDCTL(0), IXGBEVF_TDWBAL(0), RXQ(1, ADV_Q_TAIL),
	TXQ(1, ADV_Q_TAIL), IXGBEVF_TXDCTL(1), RXQ(3, ADV_Q_TAIL),
	IXGBEVF_VFGORC + 4, IXGBEVF_RXMEMWRAP
};

static const struct fuzz_vf models[] = {
	{
		.ops = &vf_82576_ops,
		.registers = registers_82576,
		.num_registers = NUM(registers_82576),
		.rxq = { E1000VF_RXQ(0), E1000VF_RXQ(1) },
		.txq = { E1000VF_TXQ(0), E1000VF_TXQ(1) },
		.srrctl = { E1000VF_SRRCTL(0), E1000VF_SRRCTL(1) },
		.eims = E1000VF_EIMS,
		.mailbox = E1000VF_MAILBOX,
		.mailbox_mem = E1000VF_VMBMEM,
	}, {
		.ops = &vf_82599_ops,
		.registers = registers_82599,
		.num_registers = NUM(registers_82599),
		.rxq = { IXGBEVF_RXQ(0), IXGBEVF_RXQ(1) },
		.txq = { IXGBEVF_TXQ(0), IXGBEVF_TXQ(1) },
		.srrctl = { IXGBEVF_SRRCTL(0), IXGBEVF_SRRCTL(1) },
		.eims = IXGBEVF_EIMS,
		.mailbox = IXGBEVF_MAILBOX,
		.mailbox_mem = IXGBEVF_VMBMEM,
	},
};

const struct fuzz_vf *fuzz_vf_model(unsigned int n)
{
	return &models[n % NUM(models)];
}

uint32_t fuzz_vf_register(const struct fuzz_vf *vf, struct input *in)
{
	return vf->registers[take8(in) % vf->num_registers];
}

void fuzz_vf_tx_desc(struct guest *g, struct input *in)
{
	uint8_t kind = take8(in);
	struct adv_tx_desc *desc = (void *)(g->ram +
		VF_TX_RING(kind & 1) + take8(in) % VF_RING * 16);
	uint32_t cmd = take32(in);

	if (kind & 4)
		desc->addr = htole64(take64(in));
	else
		desc->addr = htole64(fuzz_edge(in, cmd & ADV_TXD_LEN_MASK));
	desc->status = htole32(take32(in));
	if (kind & 8)
		cmd = (cmd & ~ADV_TXD_TYPE_MASK) | ADV_TXD_DEXT |
		      (kind & 16 ? ADV_TXD_CTX : ADV_TXD_DATA);
	desc->cmd = htole32(cmd);
}

/* A context or none, and a frame in one piece. */
uint32_t fuzz_vf_frame(struct guest *g, struct input *in, unsigned int *queue)
{
	uint8_t kind = take8(in);
	struct adv_tx_desc *ring;
	uint32_t cmd = take32(in) & ~ADV_TXD_TYPE_MASK;
	uint32_t i = take8(in) % VF_RING;
	uint8_t *data = g->ram + AT_TX_DATA;
	size_t len = take16(in) % 0xf000;

	*queue = kind & 1;
	ring = (void *)(g->ram + VF_TX_RING(*queue));
	if (kind & 2)
		len = make_tcp(data, peer_mac, len, kind & 4);
	else
		len = make_udp(data, peer_mac, len, kind & 4);
	if (kind & 8) {
		ring[i].addr = htole64(take32(in));
		ring[i].status = htole32(take32(in));
		ring[i].cmd = htole32(cmd | ADV_TXD_CTX);
		i = (i + 1) % VF_RING;
	}
	ring[i].addr = htole64(GUEST_BASE + AT_TX_DATA);
	ring[i].status = htole32(take32(in));
	ring[i].cmd = htole32((cmd & 0xff000000) | ADV_TXD_DATA |
			      ADV_TXD_DEXT | ADV_TXD_EOP | len);
	return (i + 1) % VF_RING;
}

void fuzz_vf_rx_desc(struct guest *g, struct input *in)
{
	uint8_t kind = take8(in);
	struct adv_rx_desc *desc = (void *)(g->ram +
		VF_RX_RING(kind & 1) + take8(in) % VF_RING * 16);

	desc->addr = htole64(fuzz_edge(in, kind & 2 ? 2048 : take16(in)));
}

void fuzz_vf_rx_fill(struct guest *g, unsigned int queue)
{
	struct adv_rx_desc *desc = (void *)(g->ram + VF_RX_RING(queue));

	for (int i = 0; i < VF_RING; i++)
		desc[i].addr = htole64(GUEST_BASE + AT_RX_DATA + i * 2048);
}
