// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz target: a hostile source of a migration.  The input says what is wrong
 * with the state of a guest that runs (the checksum is right again afterwards,
 * if it is to be), which descriptors come with it, and what the source says
 * before and after.  If the state is taken the device works with it.
 */
#include <fcntl.h>
#include <openssl/evp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "../migrate_msg.h"
#include "fuzz.h"

struct hosts {
	struct guest *src;
	struct guest *dst;
	int fd;			/* to the destination, -1: none */
	struct vnic_state *state;
	uint8_t *data;
	size_t len;
	int fds[VNIC_MAX_FDS];
	unsigned int num_fds;
};

static void dial(struct hosts *h)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/m.sock",
		 h->dst->dir);
	h->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
		       0);
	FUZZ_ASSERT(!connect(h->fd, (struct sockaddr *)&addr, sizeof(addr)));
	guest_turn(h->dst, 1);
}

static void hang_up(struct hosts *h)
{
	close(h->fd);
	h->fd = -1;
	guest_turn(h->dst, 2);
}

static void begin(struct hosts *h, uint8_t how)
{
	struct vnic_state *state = malloc(sizeof(*state));
	const char *why;
	char path[96];

	h->src = fuzz_guest(&vf_82576_ops);
	h->dst = guest_new(true, fuzz_store());
	h->fd = -1;
	FUZZ_ASSERT(h->dst);
	snprintf(path, sizeof(path), "%s/m.sock", h->dst->dir);
	h->dst->npad.migrate_in = migrate_in_new(&h->dst->npad, path);
	FUZZ_ASSERT(h->dst->npad.migrate_in);
	guest_configure(h->src, how & 2 ? 2 : 1);
	guest_configure_npa(h->src, 4);
	guest_fill_rx(h->src, 16, 16);
	if (how & 1)
		guest_activate(h->src);
	vnic_hold(h->src->vnic);
	FUZZ_ASSERT(!vnic_export(h->src->vnic, state, h->fds, &h->num_fds,
				 &why));
	FUZZ_ASSERT(!vnic_state_encode(state, &h->data, &h->len));
	h->state = state;
}

/* Other numbers in the rings, and the bytes anew. */
static void spoil_rings(struct hosts *h, struct input *in)
{
	struct dev_state *dev = &h->state->dev;
	struct ring *const rings[] = {
		&dev->tx[0].ring, &dev->tx[0].comp, &dev->rx[0].ring[0],
		&dev->rx[0].ring[1], &dev->rx[0].comp
	};
	uint8_t which = take8(in);
	struct ring *ring = rings[which % 5];
	struct ring old = *ring;

	if (which & 0x80)
		ring->size = take_odd32(in);
	if (which & 0x40)
		ring->pa = GUEST_BASE + take_odd32(in);
	ring->next = take_odd32(in);
	free(h->data);
	FUZZ_ASSERT(!vnic_state_encode(h->state, &h->data, &h->len));
	*ring = old;
}

static void set_digest(uint8_t *data, size_t len)
{
	unsigned int sum_len;

	if (len > STATE_DIGEST_LEN)
		EVP_Digest(data, len - STATE_DIGEST_LEN,
			   data + len - STATE_DIGEST_LEN, &sum_len,
			   EVP_sha256(), NULL);
}

/* State with some of its bytes changed, longer or shorter; a copy. */
static uint8_t *spoil(struct hosts *h, struct input *in, size_t *len)
{
	uint8_t how = take8(in);
	uint8_t *data;

	*len = h->len;
	if (how & 0x40)
		*len = h->len - 64 + take8(in);
	if (how & 0x20)
		*len = take16(in);
	data = calloc(1, *len + 1);
	memcpy(data, h->data, *len < h->len ? *len : h->len);
	for (int i = how % 8; i > 0 && *len > 4; i--) {
		uint32_t value = take_odd32(in), at = take16(in) % (*len - 4);

		memcpy(data + at, &value, 1 + value % 4);
	}
	if (how & 0x10 && *len > STATE_HEADER_LEN) {
		uint32_t real = *len;

		memcpy(data + 12, &real, 4);
	}
	if (!(how & 8))
		set_digest(data, *len);
	return data;
}

static void send_state(struct hosts *h, struct input *in)
{
	uint8_t how = take8(in);
	unsigned int num = h->num_fds;
	int fds[VNIC_MAX_FDS];
	uint8_t *data;
	size_t len;

	memcpy(fds, h->fds, sizeof(fds));
	if (how & 2)
		num = take8(in) % (VNIC_MAX_FDS + 1);
	for (unsigned int i = h->num_fds; i < num; i++)
		fds[i] = h->src->ram_fd;
	if (how & 4)		/* one for the other */
		fds[take8(in) % VNIC_MAX_FDS] = fds[take8(in) % h->num_fds];
	data = spoil(h, in, &len);
	migrate_send(h->fd, how & 1 ? MIGRATE_ASK : MIGRATE_STATE, data, len,
		     fds, how & 1 && !(how & 8) ? 0 : num);
	free(data);
	guest_turn(h->dst, 2);
}

/* What reading gives must come out of writing, and be read again. */
static void check_decode(struct hosts *h, struct input *in)
{
	struct vnic_state *state = malloc(sizeof(*state));
	struct vnic_state *again = malloc(sizeof(*again));
	uint8_t *data, *written;
	size_t len, written_len;
	char why[128];

	data = spoil(h, in, &len);
	if (!vnic_state_decode(data, len, state, why, sizeof(why))) {
		json_object_put(vnic_state_json(state));
		FUZZ_ASSERT(!vnic_state_encode(state, &written, &written_len));
		FUZZ_ASSERT(!vnic_state_decode(written, written_len, again,
					       why, sizeof(why)));
		free(written);
	}
	free(data);
	free(again);
	free(state);
}

static void send_message(struct hosts *h, struct input *in)
{
	uint8_t kind = take8(in), how = take8(in);
	const uint8_t *bytes;
	uint8_t data[400] = { 0 };
	size_t len;

	if (how & 1) {			/* a frame */
		memcpy(data + sizeof(struct migrate_frame), guest_mac, 6);
		data[sizeof(struct migrate_frame) + 12] = 8;
	}
	bytes = take_bytes(in, how, &len);
	memcpy(data + 22, bytes, len);
	migrate_send(h->fd, kind % 10, data, how & 1 ? 100 + len : len, h->fds,
		     kind / 64);
	guest_turn(h->dst, 1);
}

static void act(struct hosts *h, struct input *in)
{
	uint8_t how = take8(in);

	switch (how % 8) {
	case 0:
		check_decode(h, in);
		return;
	case 1:
		fuzz_frame(h->dst, in);
		break;
	case 2:
		if (how & 16)
			spoil_rings(h, in);
		else
			fuzz_memory(h->src, in);
		break;
	case 3:
		fuzz_sleep(h->dst, (uint64_t)take16(in) * 100000);
		break;
	case 4:
		if (h->fd >= 0)
			hang_up(h);
		break;
	default:
		if (h->fd < 0)
			dial(h);
		if (how & 32)
			send_message(h, in);
		else
			send_state(h, in);
	}
	guest_turn(h->dst, 1);
}

/* Whatever has come before, the next guest is served. */
static void expect_service(struct hosts *h)
{
	if (h->fd >= 0)
		hang_up(h);
	guest_disconnect(h->src);
	vfio_user_let_go(h->src->vnic->vu);
	fuzz_sleep(h->dst, 2000000000);
	guest_turn(h->dst, 4);
	FUZZ_ASSERT(guest_connect(h->dst));
	guest_configure(h->dst, 1);
	FUZZ_ASSERT(!guest_activate(h->dst));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	struct hosts h;

	signal(SIGPIPE, SIG_IGN);
	begin(&h, take8(&in));
	while (in.len)
		act(&h, &in);
	expect_service(&h);
	migrate_in_free(h.dst->npad.migrate_in);
	h.dst->npad.migrate_in = NULL;
	free(h.data);
	free(h.state);
	guest_free(h.src);
	guest_free(h.dst);
	return 0;
}
