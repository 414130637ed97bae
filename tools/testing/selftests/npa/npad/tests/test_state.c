// SPDX-License-Identifier: GPL-2.0
/*
 * Saved state as bytes: what is written is read again, and nothing else is
 * believed.
 */
#include <endian.h>
#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "../state.h"
#include "../vnic_state.h"
#include "tap.h"

static struct vnic_state *fill(bool npa)
{
	struct vnic_state *state = calloc(1, sizeof(*state));
	struct dev_state *dev = &state->dev;

	strcpy(state->name, "vnic7");
	for (unsigned int i = 0; i < sizeof(state->pci); i++)
		state->pci[i] = i * 3;
	memcpy(dev->perm_mac, "\2\0\0\0\0\1", 6);
	memcpy(dev->mac, "\2\0\0\0\0\2", 6);
	dev->mac_low = 0x12345678;
	dev->active = true;
	dev->link_up = true;
	dev->dsal = 0xa000;
	dev->dsah = 0xb;
	dev->shared_pa = 0xb0000a000ull;
	dev->last_cmd = 0xcafe0000;
	dev->model = vmxnet3_model_default(2);
	dev->model.revision = 9;
	dev->model.mask_mode = VMXNET3_INTR_MASK_LAZY;
	dev->model.sample_rate = 100;
	dev->rev.revision = 8;
	dev->rev.caps = VMXNET3_CAP_LARGE_BAR;
	dev->rev.rss_fields = 7;
	dev->rev.coalesce.mode = VMXNET3_COALESCE_RATE;
	dev->rev.coalesce.rate = 5000;
	dev->rev.buffer_size[2] = 4096;
	dev->conf.features = 3;
	dev->conf.mtu = 9000;
	dev->conf.num_tx = 2;
	dev->conf.num_rx = 2;
	dev->conf.event_intr = 4;
	dev->conf.rx_mode = 7;
	dev->vlan_filter = true;
	dev->vlans[5] = 99;
	dev->num_multicast = 3;
	memset(dev->multicast, 0x33, 18);
	state->policy.antispoof = true;
	state->policy.default_vlan = 17;
	state->policy.denied[1] = 3;
	state->policy.num_macs = 1;
	memcpy(state->policy.macs[0], "\2\0\0\0\0\3", 6);
	dev->conf.rss.enabled = true;
	dev->conf.rss.table_len = 128;
	for (unsigned int i = 0; i < 2; i++) {
		dev->tx[i].ring = (struct ring){ 0x10000, 512, 511, 1 };
		dev->tx[i].comp = (struct ring){ 0x20000, 512, 3, 0 };
		dev->tx[i].intr = i;
		dev->tx[i].stats.ucast_packets = 77 + i;
		dev->rx[i].ring[0] = (struct ring){ 0x30000, 1024, 9, 1 };
		dev->rx[i].comp = (struct ring){ 0x50000, 2048, 10, 1 };
		dev->rx[i].intr = 2 + i;
		dev->rx[i].data_pa = 0x60000;
		dev->rx[i].data_size = 128;
		dev->rx[i].starved = i;
	}
	state->irq.num_lines = 5;
	state->irq.auto_mask = true;
	state->irq.intx_masked = true;
	state->irq.lines[3] = (struct irq_line_state){
		.connected = true, .masked = true, .pending = true,
		.raised = 12, .signalled = 11,
	};
	state->has_npa = npa;
	state->npa.wish_vf = npa;
	state->npa.seq = npa ? 513 : 0;
	state->npa.old_pages = npa ? 3 : 0;
	state->npa.old_ppn[2] = npa ? 0x1234 : 0;
	state->port.rx_packets = 5;
	state->client.ready = true;
	state->client.next_id = 8;
	state->client.have = 20;
	state->client.in[19] = 0x5a;
	state->client.num_fds = 1;
	state->dma.num_files = 1;
	state->dma.num_parts = 2;
	state->dma.parts[0] = (struct dma_part_state){
		.addr = 0, .size = 1 << 20, .writable = true,
	};
	state->dma.parts[1] = (struct dma_part_state){
		.addr = 1ull << 32, .size = 4096, .file = -1,
	};
	return state;
}

static int decode(const uint8_t *data, size_t len, struct vnic_state *state)
{
	char why[128] = "";
	int err = vnic_state_decode(data, len, state, why, sizeof(why));

	/* Whatever is wrong can be told to a person. */
	return err && !why[0] ? 1 : err;
}

/* Make the checksum right again after a change. */
static void seal(uint8_t *data, size_t len)
{
	EVP_Digest(data, len - STATE_DIGEST_LEN, data + len - STATE_DIGEST_LEN,
		   NULL, EVP_sha256(), NULL);
}

static void test_round(struct tap *tap, bool npa)
{
	struct vnic_state *state = fill(npa), *back = malloc(sizeof(*back));
	uint8_t *data = NULL;
	size_t len = 0;

	tap_begin(tap);
	tap_check(tap, !vnic_state_encode(state, &data, &len));
	tap_check(tap, !memcmp(data, STATE_MAGIC, 8));
	tap_check(tap, !decode(data, len, back));
	tap_check(tap, !memcmp(state, back, sizeof(*state)));
	free(data);
	free(back);
	free(state);
	tap_end(tap, "state comes back as it was, %s NPA",
		npa ? "with" : "without");
}

static void test_damage(struct tap *tap)
{
	struct vnic_state *state = fill(true), *back = malloc(sizeof(*back));
	unsigned int taken = 0;
	uint8_t *data = NULL;
	size_t len = 0;

	tap_begin(tap);
	tap_check(tap, !vnic_state_encode(state, &data, &len));
	for (size_t i = 0; i < len; i++)
		taken += !decode(data, i, back);
	tap_check(tap, !taken);
	for (size_t i = 0; i < len * 8; i++) {
		data[i / 8] ^= 1 << i % 8;
		taken += !decode(data, len, back);
		data[i / 8] ^= 1 << i % 8;
	}
	tap_check(tap, !taken);
	tap_check(tap, !decode(data, len, back));
	free(data);
	free(back);
	free(state);
	tap_end(tap, "no truncation and no flipped bit is accepted");
}

/*
 * Lies with a right checksum: they are refused, or they are state that makes
 * sense and is written again as it was read.
 */
static void test_lies(struct tap *tap)
{
	static const uint8_t values[] = { 0, 1, 0x7f, 0x80, 0xff };
	struct vnic_state *state = fill(true), *back = malloc(sizeof(*back));
	unsigned int refused = 0, taken = 0;
	uint8_t *data = NULL, *again;
	size_t len = 0, again_len;

	tap_begin(tap);
	tap_check(tap, !vnic_state_encode(state, &data, &len));
	for (size_t i = 0; i < len - STATE_DIGEST_LEN; i++) {
		uint8_t was = data[i];

		for (size_t j = 0; j < sizeof(values); j++) {
			data[i] = values[j];
			seal(data, len);
			if (decode(data, len, back) < 0) {
				refused++;
				continue;
			}
			taken++;
			again = NULL;
			tap_check(tap, !vnic_state_encode(back, &again,
							  &again_len));
			tap_check(tap, again_len <= len);
			free(again);
		}
		data[i] = was;
	}
	printf("# %u lies refused, %u believed\n", refused, taken);
	tap_check(tap, refused > 500 && taken > 500);
	free(data);
	free(back);
	free(state);
	tap_end(tap, "lies with a right checksum");
}

/* Change a 32-bit word at an offset and see what comes of it. */
static int with_word(const uint8_t *data, size_t len, size_t offset,
		     uint32_t value)
{
	struct vnic_state *back = malloc(sizeof(*back));
	uint8_t *copy = malloc(len);
	int err;

	memcpy(copy, data, len);
	value = htole32(value);
	memcpy(copy + offset, &value, sizeof(value));
	seal(copy, len);
	err = decode(copy, len, back);
	free(copy);
	free(back);
	return err;
}

static uint32_t word(const uint8_t *data, size_t offset)
{
	uint32_t value;

	memcpy(&value, data + offset, sizeof(value));
	return le32toh(value);
}

/* Where the header of a section is. */
static size_t find(const uint8_t *data, uint32_t type)
{
	size_t at = STATE_HEADER_LEN;

	while (word(data, at) != type)
		at += STATE_SECTION_LEN + word(data, at + 8);
	return at;
}

static void test_versions(struct tap *tap)
{
	struct vnic_state *state = fill(true);
	uint8_t *data = NULL;
	size_t len = 0, queues;

	tap_begin(tap);
	tap_check(tap, !vnic_state_encode(state, &data, &len));
	queues = find(data, 5);
	tap_check(tap, with_word(data, len, 8, STATE_VERSION + 1) == -EPROTO);
	tap_check(tap, with_word(data, len, 12, len + 1) == -EBADMSG);
	tap_check(tap, with_word(data, len, 16, 99) == -EINVAL);
	tap_check(tap, with_word(data, len, 20, 1) == -EINVAL);
	/* A newer section; one that nobody knows; one that is missing. */
	tap_check(tap, with_word(data, len, queues + 4, 3) == -EPROTO);
	tap_check(tap, with_word(data, len, queues, 77) == -EPROTO);
	tap_check(tap, with_word(data, len, queues, 4) == -EINVAL);
	tap_check(tap, with_word(data, len, queues + 8, 3) == -EINVAL);
	tap_check(tap, with_word(data, len, queues + 8, ~0u) == -EINVAL);
	/* What need not be known can be left out. */
	tap_check(tap, with_word(data, len, find(data, 8), 77) == 0);
	free(data);
	free(state);
	tap_end(tap, "versions, unknown and missing sections");
}

typedef void (*spoil_fn)(struct vnic_state *state);

static void spoil_ring(struct vnic_state *state)
{
	state->dev.tx[1].ring.next = 512;
}

static void spoil_size(struct vnic_state *state)
{
	state->dev.rx[0].comp.size = VMXNET3_COMP_RING_MAX + 1;
}

static void spoil_align(struct vnic_state *state)
{
	state->dev.rx[0].ring[0].pa++;
}

static void spoil_no_ring(struct vnic_state *state)
{
	state->dev.rx[1].ring[0].size = 0;
}

static void spoil_vector(struct vnic_state *state)
{
	state->dev.rx[1].intr = 5;
}

static void spoil_event(struct vnic_state *state)
{
	state->dev.conf.event_intr = 5;
}

static void spoil_queues(struct vnic_state *state)
{
	state->dev.conf.num_tx = 0;
}

static void spoil_mac(struct vnic_state *state)
{
	state->dev.mac[0] = 1;
}

static void spoil_rss(struct vnic_state *state)
{
	state->dev.conf.rss.table_len = 0;
}

static void spoil_file(struct vnic_state *state)
{
	state->dma.parts[0].file = 1;
}

static void spoil_memory(struct vnic_state *state)
{
	state->dma.parts[1].addr = -4095ull;
}

static void spoil_client(struct vnic_state *state)
{
	state->client.ready = false;
}

static void spoil_revision(struct vnic_state *state)
{
	state->dev.rev.revision = 0;
}

static void spoil_model(struct vnic_state *state)
{
	state->dev.model.revision = 7;
}

static void spoil_caps(struct vnic_state *state)
{
	state->dev.rev.caps = VMXNET3_CAP_OOORX_COMP;
}

static void spoil_mtu(struct vnic_state *state)
{
	state->dev.rev.revision = 5;
	state->dev.rev.caps = 0;
	state->dev.conf.mtu = VMXNET3_MTU_MAX + 1;
}

static void spoil_rate(struct vnic_state *state)
{
	state->dev.rev.coalesce.rate = 99;
}

static void spoil_data_ring(struct vnic_state *state)
{
	state->dev.rx[1].data_size = 100;
}

static void spoil_vectors(struct vnic_state *state)
{
	state->dev.model.queues = 3;
}

static void test_nonsense(struct tap *tap)
{
	static const spoil_fn spoil[] = {
		spoil_ring, spoil_size, spoil_align, spoil_no_ring,
		spoil_vector, spoil_event, spoil_queues, spoil_mac, spoil_rss,
		spoil_file, spoil_memory, spoil_client, spoil_revision,
		spoil_model, spoil_caps, spoil_mtu, spoil_rate,
		spoil_data_ring, spoil_vectors,
	};
	struct vnic_state *back = malloc(sizeof(*back));

	tap_begin(tap);
	for (size_t i = 0; i < sizeof(spoil) / sizeof(spoil[0]); i++) {
		struct vnic_state *state = fill(true);
		uint8_t *data = NULL;
		size_t len = 0;

		spoil[i](state);
		tap_check(tap, !vnic_state_encode(state, &data, &len));
		if (!tap_check(tap, decode(data, len, back) == -EINVAL))
			printf("# spoilt: %zu\n", i);
		free(data);
		free(state);
	}
	free(back);
	tap_end(tap, "values that make no sense are refused");
}

int main(void)
{
	struct tap tap = { 0 };

	test_round(&tap, true);
	test_round(&tap, false);
	test_damage(&tap);
	test_lies(&tap);
	test_versions(&tap);
	test_nonsense(&tap);
	return tap_done(&tap);
}
