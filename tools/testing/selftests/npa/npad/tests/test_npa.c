// SPDX-License-Identifier: GPL-2.0
/*
 * The hypervisor's side of NPA, seen by a guest that does what a shell does,
 * and by guests that do not.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <net/npa_shell.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest.h"
#include "../npa_priv.h"
#include "../vf_intel.h"
#include "../window.h"
#include "tap.h"

#define BUSY		VMXNET3_CMD_RESULT_BUSY
#define OK		VMXNET3_CMD_RESULT_OK
#define FAILED		VMXNET3_CMD_RESULT_FAILED
#define REGION_VA	0xffffffffc0400000ull
#define IMAGE_LEN	10000
#define ENTRY		4096
#define CMD_STATUS	VMXNET3_CMD_NPA_GET_STATUS

struct store_dir {
	char path[64];
};

static void write_file(const struct store_dir *dir, const char *name,
		       const void *data, size_t len)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir->path, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || write(fd, data, len) != (ssize_t)len)
		abort();
	close(fd);
}

/* Images: a good header with rubbish behind, none at all, too long. */
static void make_store(struct store_dir *dir)
{
	static uint8_t data[400000];
	struct npa_image_header *header = (void *)data;

	strcpy(dir->path, "/tmp/npad-store-XXXXXX");
	if (!mkdtemp(dir->path))
		abort();
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = i * 31 >> 3;
	write_file(dir, "rubbish.npa", data, 3000);
	write_file(dir, "empty.npa", data, 0);
	memset(header, 0, sizeof(*header));
	memcpy(header->magic, NPA_IMAGE_MAGIC, 8);
	header->entry_offset = htole32(ENTRY);
	write_file(dir, "intel-82576vf.npa", data, IMAGE_LEN);
	write_file(dir, "long.npa", data, sizeof(data));
}

static void remove_store(const struct store_dir *dir)
{
	static const char *const names[] = {
		"rubbish.npa", "empty.npa", "intel-82576vf.npa", "long.npa"
	};
	char path[128];

	for (int i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir->path, names[i]);
		unlink(path);
	}
	rmdir(dir->path);
}

static struct vmxnet3_npa_conf *conf(struct guest *g)
{
	return (void *)(g->ram + AT_PLUGIN);
}

/* What a shell writes at activation. */
static void configure_npa(struct guest *g)
{
	struct vmxnet3_conf_desc *desc =
		&guest_shared(g)->dev_read.plugin;
	struct vmxnet3_npa_conf *c = conf(g);
	struct vmxnet3_npa_queue q = { .ring_size = htole32(256) };

	memset(c, 0, sizeof(*c));
	desc->version = htole32(VMXNET3_NPA_CONF_V2);
	desc->length = htole32(sizeof(*c));
	desc->pa = htole64(GUEST_BASE + AT_PLUGIN);
	c->v1.region_va = htole64(REGION_VA);
	c->v1.region_pages = htole32(64);
	for (int i = 0; i < 64; i++)
		c->v1.region_ppn[i] = htole64((GUEST_BASE + AT_REGION) / 4096 +
					      i);
	c->mtu = htole32(GUEST_MTU);
	c->num_tx_queues = htole16(1);
	c->num_rx_queues = htole16(1);
	for (int i = 0; i < VMXNET3_NPA_RING_SEGS; i++)
		q.seg_pa[i] = htole64(GUEST_BASE + AT_VF_RINGS + i * 0x2000);
	c->tx[0] = q;
	for (int i = 0; i < VMXNET3_NPA_RING_SEGS; i++)
		q.seg_pa[i] = htole64(GUEST_BASE + AT_VF_RINGS + 0x8000 +
				      i * 0x2000);
	c->rx[0] = q;
	memset(g->ram + AT_REGION, 0xcc, 64 * 4096);
}

static struct guest *start(struct tap *tap, const struct store_dir *dir)
{
	struct guest *g = guest_new(true, dir->path);

	tap_begin(tap);
	if (!g || !guest_connect(g)) {
		printf("Bail out! no connection\n");
		exit(1);
	}
	guest_configure(g, 1);
	configure_npa(g);
	tap_check(tap, guest_activate(g) == OK);
	return g;
}

static void stop(struct tap *tap, struct guest *g, const char *name)
{
	guest_free(g);
	tap_end(tap, "%s", name);
}

/* Poll the status as a shell does, for a while. */
static uint32_t wait_status(struct guest *g)
{
	uint32_t status = BUSY;

	for (int i = 0; i < 200 && status == BUSY; i++) {
		guest_turn(g, 1);
		status = guest_command(g, CMD_STATUS);
	}
	return status;
}

static void set_report(struct guest *g, unsigned int reason, unsigned int seq)
{
	conf(g)->report = htole32(FIELD_PREP(VMXNET3_NPA_REPORT_REASON, reason) |
				  FIELD_PREP(VMXNET3_NPA_REPORT_SEQ, seq));
}

static bool attach(struct guest *g, const char *name)
{
	const char *why;

	return !npa_attach(g->vnic->npa, name, &why);
}

static uint32_t load(struct guest *g)
{
	guest_write32(g, VMXNET3_BAR_VD, VMXNET3_VD_CMD,
		      VMXNET3_CMD_LOAD_PLUGIN);
	return wait_status(g);
}

static uint32_t message(struct guest *g)
{
	return guest_command(g, VMXNET3_CMD_GET_DEV_EXTRA_INFO);
}

static bool is_state(struct guest *g, const char *path, const char *state)
{
	struct json_object *reply = json_object_new_object(), *object;
	bool same;

	npa_status(g->vnic->npa, reply);
	json_object_object_get_ex(reply, "path", &object);
	same = !strcmp(json_object_get_string(object), path);
	json_object_object_get_ex(reply, "state", &object);
	same = same && !strcmp(json_object_get_string(object), state);
	if (!same)
		printf("# %s\n", json_object_to_json_string(reply));
	json_object_put(reply);
	return same;
}

/* One of the counters in "switches". */
static int count(struct guest *g, const char *name)
{
	struct json_object *reply = json_object_new_object(), *object;
	int number;

	npa_status(g->vnic->npa, reply);
	json_object_object_get_ex(reply, "switches", &object);
	json_object_object_get_ex(object, name, &object);
	number = json_object_get_int(object);
	json_object_put(reply);
	return number;
}

static void go_to_vf(struct tap *tap, struct guest *g)
{
	tap_check(tap, attach(g, NULL));
	tap_check(tap, load(g) == OK);
	tap_check(tap, guest_command(g, VMXNET3_CMD_ACTIVATE_VF) == OK);
	guest_write32(g, VMXNET3_BAR_VD, VMXNET3_VD_CMD,
		      VMXNET3_CMD_STOP_EMULATION);
	tap_check(tap, wait_status(g) == OK);
	tap_check(tap, is_state(g, "vf", "vf-active"));
}

/* Where the VF's window is in its BAR. */
static uint32_t place(void)
{
	return window_place(vf_82576_ops.get_info());
}

static void test_round(struct tap *tap, const struct store_dir *dir)
{
	struct guest *g = start(tap, dir);
	struct port *port = &g->vnic->dev->port;
	uint32_t msg;

	tap_check(tap, npa_window_read(g->vnic->npa, place(), 4) == UINT64_MAX);
	tap_check(tap, attach(g, NULL));
	tap_check(tap, guest_shared(g)->ecr == htole32(VMXNET3_ECR_DIC));
	tap_check(tap, guest_irqs(g, 2) == 1);
	msg = message(g);
	tap_check(tap, FIELD_GET(VMXNET3_NPA_MSG_PATH, msg) == 1);
	tap_check(tap, FIELD_GET(VMXNET3_NPA_MSG_SEQ, msg) == 1);
	tap_check(tap, guest_command(g, VMXNET3_CMD_GET_DID_LO) ==
		  (uint32_t)vf_82576_ops.get_info()->device_impl_id);
	tap_check(tap, is_state(g, "emulated", "message-sent"));
	tap_check(tap, load(g) == OK && g->dma_writes == 3);
	tap_check(tap, !memcmp(g->ram + AT_REGION, NPA_IMAGE_MAGIC, 8));
	tap_check(tap, g->ram[AT_REGION + IMAGE_LEN] == 0xcc);
	tap_check(tap, conf(g)->image_len == htole32(IMAGE_LEN));
	tap_check(tap, conf(g)->v1.entry_va == htole64(REGION_VA + ENTRY));
	tap_check(tap, conf(g)->v1.window_ppn == htole64(0xfe305));
	tap_check(tap, conf(g)->vf_tx_queues ==
		  htole16(vf_82576_ops.get_info()->max_queues));
	tap_check(tap, !(port->flags & PORT_NO_RX));
	tap_check(tap, guest_command(g, VMXNET3_CMD_ACTIVATE_VF) == OK);
	tap_check(tap, port->flags & PORT_NO_RX && port->enabled);
	tap_check(tap, is_state(g, "emulated", "vf-active"));
	guest_write32(g, VMXNET3_BAR_VD, VMXNET3_VD_CMD,
		      VMXNET3_CMD_STOP_EMULATION);
	tap_check(tap, wait_status(g) == OK && !port->enabled);
	tap_check(tap, is_state(g, "vf", "vf-active"));
	npa_detach(g->vnic->npa);
	tap_check(tap, is_state(g, "vf", "leaving"));
	msg = message(g);
	tap_check(tap, FIELD_GET(VMXNET3_NPA_MSG_PATH, msg) == 0);
	tap_check(tap, FIELD_GET(VMXNET3_NPA_MSG_SEQ, msg) == 2);
	tap_check(tap, guest_command(g, VMXNET3_CMD_GET_DID_LO) == 0);
	guest_configure(g, 1);
	configure_npa(g);
	tap_check(tap, guest_activate(g) == OK);
	tap_check(tap, port->enabled && !(port->flags & PORT_NO_RX));
	tap_check(tap, is_state(g, "emulated", "returning"));
	tap_check(tap, guest_command(g, VMXNET3_CMD_NPA_QUIESCE_VF) == OK);
	tap_check(tap, is_state(g, "emulated", "idle"));
	tap_check(tap, npa_window_read(g->vnic->npa, place(), 4) == UINT64_MAX);
	stop(tap, g, "to the VF and back");
}

static void test_emulation_drains(struct tap *tap, const struct store_dir *dir)
{
	struct guest *g = start(tap, dir);
	struct vmxnet3_tx_desc *ring;
	uint8_t frame[200];
	size_t len = make_udp(frame, peer_mac, 50, false);

	tap_check(tap, attach(g, NULL) && load(g) == OK);
	tap_check(tap, guest_command(g, VMXNET3_CMD_ACTIVATE_VF) == OK);
	g->full = true;
	guest_tx(g, frame, len, 200, 0, 0);
	guest_write32(g, VMXNET3_BAR_VD, VMXNET3_VD_CMD,
		      VMXNET3_CMD_STOP_EMULATION);
	guest_turn(g, 5);
	tap_check(tap, guest_command(g, CMD_STATUS) == BUSY);
	tap_check(tap, is_state(g, "emulated", "stopping"));
	g->full = false;
	usleep(1000);
	tap_check(tap, wait_status(g) == OK && g->num_seen == 1);
	stop(tap, g, "STOP_EMULATION waits for what was queued");

	g = start(tap, dir);
	tap_check(tap, attach(g, NULL) && load(g) == OK);
	tap_check(tap, guest_command(g, VMXNET3_CMD_ACTIVATE_VF) == OK);
	ring = (void *)(g->ram + AT_TX_RING);
	ring->ctl = htole32(VMXNET3_TXD_GEN | 100);
	guest_write32(g, VMXNET3_BAR_VD, VMXNET3_VD_CMD,
		      VMXNET3_CMD_STOP_EMULATION);
	tap_check(tap, wait_status(g) == BUSY);
	usleep(1100000);
	tap_check(tap, wait_status(g) == FAILED);
	tap_check(tap, g->vnic->dev->emulating);
	stop(tap, g, "STOP_EMULATION does not wait for ever");
}

static void test_images(struct tap *tap, const struct store_dir *dir)
{
	struct guest *g = start(tap, dir);
	const char *why = NULL;

	tap_check(tap, npa_attach(g->vnic->npa, "none", &why) == -ENOENT);
	tap_check(tap, npa_attach(g->vnic->npa, "empty", &why) == -EINVAL);
	tap_check(tap, npa_attach(g->vnic->npa, "../x", &why) == -EINVAL);
	tap_check(tap, npa_attach(g->vnic->npa, "", &why) == -EINVAL);
	tap_check(tap, is_state(g, "emulated", "idle"));
	/* The store does not judge: the guest has to see it. */
	tap_check(tap, attach(g, "rubbish.npa") && load(g) == OK);
	tap_check(tap, npa_attach(g->vnic->npa, "long", &why) == -EALREADY);
	tap_check(tap, conf(g)->image_len == htole32(3000));
	tap_check(tap, conf(g)->v1.entry_va == 0);
	set_report(g, VMXNET3_NPA_BAD_MAGIC, 1);
	guest_command(g, VMXNET3_CMD_NPA_REPORT);
	tap_check(tap, is_state(g, "emulated", "idle"));
	tap_check(tap, guest_command(g, VMXNET3_CMD_LOAD_PLUGIN) == FAILED);
	tap_check(tap, attach(g, "long") && load(g) == OK);
	tap_check(tap, conf(g)->image_len == htole32(400000));
	set_report(g, VMXNET3_NPA_TOO_LARGE, 2);
	guest_command(g, VMXNET3_CMD_NPA_REPORT);
	/* What the long one left is wiped. */
	g->dma_writes = 0;
	tap_check(tap, attach(g, NULL) && load(g) == OK);
	/* The first two pages are the same in both. */
	tap_check(tap, g->dma_writes == 62);
	for (int i = IMAGE_LEN; i < 64 * 4096; i++)
		tap_check(tap, g->ram[AT_REGION + i] == 0xcc);
	/* Pages that are right are left alone, and only they. */
	g->dma_writes = 0;
	conf(g)->v1.entry_va = 0;
	tap_check(tap, load(g) == OK && g->dma_writes == 0);
	tap_check(tap, conf(g)->v1.entry_va == htole64(REGION_VA + ENTRY));
	g->ram[AT_REGION + IMAGE_LEN] = 0;
	tap_check(tap, load(g) == OK && g->dma_writes == 1);
	tap_check(tap, g->ram[AT_REGION + IMAGE_LEN] == 0xcc);
	stop(tap, g, "images: missing, empty, rubbish, too long; wiping");
}

static void test_pending(struct tap *tap, const struct store_dir *dir)
{
	struct guest *g = guest_new(true, dir->path);

	tap_begin(tap);
	tap_check(tap, attach(g, NULL));
	tap_check(tap, is_state(g, "none", "waiting"));
	tap_check(tap, guest_connect(g));
	guest_configure(g, 1);
	tap_check(tap, guest_activate(g) == OK);
	tap_check(tap, guest_shared(g)->ecr == 0);
	guest_command(g, VMXNET3_CMD_QUIESCE_DEV);
	guest_configure(g, 1);
	configure_npa(g);
	tap_check(tap, guest_activate(g) == OK);
	tap_check(tap, guest_shared(g)->ecr == htole32(VMXNET3_ECR_DIC));
	tap_check(tap, load(g) == OK);
	/* A reset in the middle, and the message comes again. */
	guest_command(g, VMXNET3_CMD_RESET_DEV);
	tap_check(tap, guest_command(g, VMXNET3_CMD_ACTIVATE_VF) == FAILED);
	guest_configure(g, 1);
	configure_npa(g);
	tap_check(tap, guest_activate(g) == OK);
	tap_check(tap, FIELD_GET(VMXNET3_NPA_MSG_SEQ, message(g)) == 2);
	stop(tap, g, "a wish waits for the guest, and outlives its reset");
}

static void test_reset_in_vf(struct tap *tap, const struct store_dir *dir)
{
	struct guest *g = start(tap, dir);

	go_to_vf(tap, g);
	guest_command(g, VMXNET3_CMD_QUIESCE_DEV);
	tap_check(tap, is_state(g, "none", "waiting"));
	guest_configure(g, 1);
	configure_npa(g);
	tap_check(tap, guest_activate(g) == OK);
	tap_check(tap, is_state(g, "emulated", "message-sent"));
	tap_check(tap, load(g) == OK);
	guest_disconnect(g);
	tap_check(tap, is_state(g, "none", "waiting"));
	tap_check(tap, guest_connect(g));
	stop(tap, g, "reset and disconnect while the VF is active");
}

static void test_reports(struct tap *tap, const struct store_dir *dir)
{
	struct guest *g = start(tap, dir);

	go_to_vf(tap, g);
	npa_detach(g->vnic->npa);
	tap_check(tap, attach(g, NULL));
	/* About message 1; the newest is 3. */
	set_report(g, VMXNET3_NPA_TX_HANG, 1);
	guest_activate(g);
	guest_command(g, VMXNET3_CMD_NPA_REPORT);
	tap_check(tap, is_state(g, "emulated", "message-sent"));
	tap_check(tap, count(g, "refused") == 0);
	set_report(g, VMXNET3_NPA_BLOCKED, 3);
	guest_command(g, VMXNET3_CMD_NPA_REPORT);
	tap_check(tap, is_state(g, "emulated", "idle"));
	tap_check(tap, count(g, "refused") == 1);
	set_report(g, 9999, 3);
	guest_command(g, VMXNET3_CMD_NPA_REPORT);
	tap_check(tap, is_state(g, "emulated", "idle"));
	guest_shared(g)->dev_read.plugin.pa = htole64(1);
	guest_command(g, VMXNET3_CMD_NPA_REPORT);
	stop(tap, g, "reports, also of an old message and of no known reason");
}

static void test_revoke(struct tap *tap, const struct store_dir *dir)
{
	struct guest *g = start(tap, dir);

	tap_check(tap, npa_revoke(g->vnic->npa) == -ENODEV);
	go_to_vf(tap, g);
	tap_check(tap, npa_revoke(g->vnic->npa) == 0);
	tap_check(tap, guest_read32(g, BAR_WINDOW, place() + 8) == ~0u);
	tap_check(tap, g->vnic->window.mem[place()] == 0xff);
	tap_check(tap, FIELD_GET(VMXNET3_NPA_MSG_REASON, message(g)) ==
		  VMXNET3_NPA_MSG_REASON_VF_LOST);
	tap_check(tap, guest_activate(g) == OK);
	tap_check(tap, guest_command(g, VMXNET3_CMD_NPA_QUIESCE_VF) == OK);
	tap_check(tap, is_state(g, "emulated", "idle"));
	tap_check(tap, count(g, "to_vf") == 1 && count(g, "to_emulated") == 1);
	stop(tap, g, "the VF is taken away");
}

static int64_t revoke_count(struct guest *g, const char *name)
{
	struct json_object *reply = json_object_new_object(), *vf, *value;
	int64_t count = -1;

	npa_revoke_stats(g->vnic->npa, reply);
	if (json_object_object_get_ex(reply, "vf", &vf) &&
	    json_object_object_get_ex(vf, name, &value))
		count = json_object_get_int64(value);
	json_object_put(reply);
	return count;
}

/* Frames wait for a guest that has lost its VF, but not for ever. */
static void test_revoke_hold(struct tap *tap, const struct store_dir *dir)
{
	struct guest *g = start(tap, dir);
	struct port *port = &g->vnic->dev->port;
	uint8_t frame[200];
	size_t len = make_udp(frame, g->vnic->dev->mac, 50, false);
	const char *why;

	go_to_vf(tap, g);
	tap_check(tap, npa_revoke(g->vnic->npa) == 0);
	tap_check(tap, revoke_count(g, "revokes") == 1);
	tap_check(tap, guest_deliver(g, frame, len, -1) == -EAGAIN);
	/* What the guest writes to the window is gone at the next look. */
	g->vnic->window.mem[0x2818] = 7;
	usleep(2000);
	guest_turn(g, 5);
	tap_check(tap, g->vnic->window.mem[0x2818] == 0xff);
	/* Another VF is given when the lost one is left. */
	tap_check(tap, npa_attach(g->vnic->npa, NULL, &why) == 0);
	tap_check(tap, FIELD_GET(VMXNET3_NPA_MSG_PATH, message(g)) == 0);
	tap_check(tap, npa_window_read(g->vnic->npa, 8, 4) == UINT64_MAX);
	guest_configure(g, 1);
	configure_npa(g);
	guest_fill_rx(g, 8, 0);
	tap_check(tap, guest_activate(g) == OK);
	tap_check(tap, guest_deliver(g, frame, len, -1) == 0);
	tap_check(tap, guest_command(g, VMXNET3_CMD_NPA_QUIESCE_VF) == OK);
	tap_check(tap, FIELD_GET(VMXNET3_NPA_MSG_PATH, message(g)) == 1);
	tap_check(tap, is_state(g, "emulated", "message-sent"));
	stop(tap, g, "after a revoke frames wait, and so does a new VF");

	g = start(tap, dir);
	port = &g->vnic->dev->port;
	go_to_vf(tap, g);
	tap_check(tap, npa_revoke(g->vnic->npa) == 0);
	tap_check(tap, guest_deliver(g, frame, len, -1) == -EAGAIN);
	usleep(600000);
	guest_turn(g, 5);
	/* Nobody gets them, but somebody counts them. */
	tap_check(tap, !(port->flags & PORT_HOLD));
	tap_check(tap, port->stats.rx_no_room == 0);
	tap_check(tap, guest_deliver(g, frame, len, -1) == 0);
	tap_check(tap, port->stats.rx_no_room == 1);
	tap_check(tap, port->stats.rx_dropped == 1);
	guest_configure(g, 1);
	configure_npa(g);
	guest_fill_rx(g, 8, 0);
	tap_check(tap, guest_activate(g) == OK && port->enabled);
	tap_check(tap, guest_deliver(g, frame, len, -1) == 0);
	tap_check(tap, port->stats.rx_packets == 1);
	tap_check(tap, port->stats.rx_no_room == 1);
	stop(tap, g, "frames do not wait for ever");

	/* The guest leaves the lost VF, and has no use for another path. */
	g = start(tap, dir);
	port = &g->vnic->dev->port;
	go_to_vf(tap, g);
	tap_check(tap, npa_revoke(g->vnic->npa) == 0);
	usleep(600000);
	guest_turn(g, 5);
	tap_check(tap, port->enabled && port->flags & PORT_DEAF);
	tap_check(tap, guest_command(g, VMXNET3_CMD_NPA_QUIESCE_VF) == OK);
	tap_check(tap, !port->enabled && !(port->flags & PORT_DEAF));
	stop(tap, g, "nobody counts for a guest that has left");
}

/* At other moments than in the middle of everything. */
static void test_revoke_moments(struct tap *tap, const struct store_dir *dir)
{
	struct guest *g = start(tap, dir);
	uint8_t frame[200];
	size_t len = make_udp(frame, g->vnic->dev->mac, 50, false);
	const char *why;

	go_to_vf(tap, g);
	npa_detach(g->vnic->npa);
	guest_configure(g, 1);
	configure_npa(g);
	tap_check(tap, guest_activate(g) == OK);
	tap_check(tap, npa_fault(g->vnic->npa, "quiesce-hang", "once") == 0);
	tap_check(tap, guest_command(g, VMXNET3_CMD_NPA_QUIESCE_VF) == BUSY);
	tap_check(tap, npa_revoke(g->vnic->npa) == 0);
	tap_check(tap, guest_command(g, CMD_STATUS) == OK);
	tap_check(tap, is_state(g, "emulated", "idle"));
	tap_check(tap, count(g, "to_emulated") == 1);

	/* While both run, what comes later must not overtake. */
	guest_fill_rx(g, 8, 0);
	tap_check(tap, attach(g, NULL) && load(g) == OK);
	tap_check(tap, guest_command(g, VMXNET3_CMD_ACTIVATE_VF) == OK);
	tap_check(tap, npa_revoke(g->vnic->npa) == 0);
	tap_check(tap, guest_deliver(g, frame, len, -1) == -EAGAIN);
	tap_check(tap, guest_command(g, VMXNET3_CMD_NPA_QUIESCE_VF) == OK);
	tap_check(tap, guest_deliver(g, frame, len, -1) == 0);
	tap_check(tap, g->vnic->dev->port.stats.rx_packets == 1);

	go_to_vf(tap, g);
	tap_check(tap, npa_revoke(g->vnic->npa) == 0);
	tap_check(tap, npa_revoke(g->vnic->npa) == -ENODEV);
	tap_check(tap, npa_attach(g->vnic->npa, NULL, &why) == 0);
	tap_check(tap, npa_revoke(g->vnic->npa) == 0);
	guest_configure(g, 1);
	configure_npa(g);
	tap_check(tap, guest_activate(g) == OK);
	tap_check(tap, guest_command(g, VMXNET3_CMD_NPA_QUIESCE_VF) == OK);
	tap_check(tap, is_state(g, "emulated", "idle"));
	tap_check(tap, revoke_count(g, "revokes") == 3);
	stop(tap, g, "taken away while it is left, and before it is given");
}

static void set_rx_mode(struct guest *g, uint32_t mode)
{
	guest_shared(g)->dev_read.rx_filter.rx_mode = htole32(mode);
	guest_command(g, VMXNET3_CMD_UPDATE_RX_MODE);
}

static void test_policy(struct tap *tap, const struct store_dir *dir)
{
	struct guest *g = start(tap, dir);

	go_to_vf(tap, g);
	set_rx_mode(g, 0x1f);
	tap_check(tap, FIELD_GET(VMXNET3_NPA_MSG_REASON, message(g)) ==
		  VMXNET3_NPA_MSG_REASON_POLICY);
	tap_check(tap, is_state(g, "vf", "leaving"));
	guest_configure(g, 1);
	configure_npa(g);
	guest_shared(g)->dev_read.rx_filter.rx_mode = htole32(0x1f);
	tap_check(tap, guest_activate(g) == OK);
	tap_check(tap, guest_command(g, VMXNET3_CMD_NPA_QUIESCE_VF) == OK);
	tap_check(tap, is_state(g, "emulated", "waiting"));
	set_rx_mode(g, 0x7);
	tap_check(tap, is_state(g, "emulated", "message-sent"));
	tap_check(tap, FIELD_GET(VMXNET3_NPA_MSG_SEQ, message(g)) == 3);
	stop(tap, g, "promiscuous mode is not for a VF");
}

static void test_detach_in_load(struct tap *tap, const struct store_dir *dir)
{
	struct guest *g = start(tap, dir);

	tap_check(tap, attach(g, NULL));
	g->hold_dma = true;
	guest_write32(g, VMXNET3_BAR_VD, VMXNET3_VD_CMD,
		      VMXNET3_CMD_LOAD_PLUGIN);
	guest_turn(g, 3);
	guest_receive(g);
	tap_check(tap, g->dma_writes == 1);
	tap_check(tap, guest_command(g, VMXNET3_CMD_ACTIVATE_VF) == FAILED);
	tap_check(tap, guest_command(g, VMXNET3_CMD_LOAD_PLUGIN) == BUSY);
	tap_check(tap, guest_command(g, CMD_STATUS) == BUSY);
	npa_detach(g->vnic->npa);
	/* One page is on its way: BUSY until it has arrived. */
	tap_check(tap, guest_command(g, CMD_STATUS) == BUSY);
	guest_command(g, VMXNET3_CMD_QUIESCE_DEV);
	tap_check(tap, guest_command(g, CMD_STATUS) == BUSY);
	g->hold_dma = false;
	guest_answer_dma(g);
	tap_check(tap, wait_status(g) == FAILED);
	tap_check(tap, g->dma_writes == 1);
	stop(tap, g, "detach and QUIESCE_DEV during LOAD_PLUGIN");

	g = start(tap, dir);
	tap_check(tap, attach(g, NULL));
	g->refuse_dma = true;
	tap_check(tap, load(g) == FAILED);
	g->refuse_dma = false;
	g->hold_dma = true;
	guest_write32(g, VMXNET3_BAR_VD, VMXNET3_VD_CMD,
		      VMXNET3_CMD_LOAD_PLUGIN);
	guest_turn(g, 3);
	guest_disconnect(g);
	tap_check(tap, !g->vnic->dev->active);
	g->hold_dma = false;
	tap_check(tap, guest_connect(g));
	stop(tap, g, "a page is refused; the client goes during LOAD_PLUGIN");
}

/* A guest that loses patience can begin again, or give up, at any time. */
static void test_impatience(struct tap *tap, const struct store_dir *dir)
{
	struct guest *g = start(tap, dir);

	tap_check(tap, attach(g, NULL));
	g->hold_dma = true;
	tap_check(tap, load(g) == BUSY && g->dma_writes == 1);
	tap_check(tap, load(g) == BUSY && g->dma_writes == 1);
	g->hold_dma = false;
	guest_answer_dma(g);
	/* The page that had been written is not written once more. */
	tap_check(tap, wait_status(g) == OK && g->dma_writes == 3);
	g->ram[AT_REGION] ^= 1;
	g->hold_dma = true;
	tap_check(tap, load(g) == BUSY && g->dma_writes == 4);
	guest_command(g, VMXNET3_CMD_NPA_QUIESCE_VF);
	tap_check(tap, wait_status(g) == BUSY);
	g->hold_dma = false;
	guest_answer_dma(g);
	tap_check(tap, wait_status(g) == OK && g->dma_writes == 4);
	npa_fault(g->vnic->npa, "load-hang", "once");
	tap_check(tap, load(g) == BUSY && load(g) == OK);
	npa_fault(g->vnic->npa, "activate-hang", "once");
	tap_check(tap, guest_command(g, VMXNET3_CMD_ACTIVATE_VF) == BUSY);
	tap_check(tap, guest_command(g, VMXNET3_CMD_NPA_QUIESCE_VF) == OK);
	tap_check(tap, load(g) == OK);
	tap_check(tap, guest_command(g, VMXNET3_CMD_ACTIVATE_VF) == OK);
	npa_fault(g->vnic->npa, "stop-hang", "once");
	tap_check(tap, guest_command(g, VMXNET3_CMD_STOP_EMULATION) == BUSY);
	tap_check(tap, guest_command(g, VMXNET3_CMD_NPA_QUIESCE_VF) == OK);
	tap_check(tap, is_state(g, "emulated", "message-sent"));
	tap_check(tap, count(g, "to_vf") == 0 && count(g, "to_emulated") == 0);
	set_report(g, VMXNET3_NPA_SUPERSEDED, 1);
	guest_command(g, VMXNET3_CMD_NPA_REPORT);
	tap_check(tap, is_state(g, "emulated", "message-sent"));
	stop(tap, g, "a guest that loses patience");
}

static void test_faults(struct tap *tap, const struct store_dir *dir)
{
	struct guest *g = start(tap, dir);
	struct npa *npa = g->vnic->npa;

	tap_check(tap, npa_fault(npa, "nothing", "on") == -ENOENT);
	tap_check(tap, npa_fault(npa, "load-fail", "maybe") == -EINVAL);
	tap_check(tap, attach(g, NULL));
	npa_fault(npa, "load-fail", "once");
	tap_check(tap, load(g) == FAILED);
	npa_fault(npa, "load-hang", "once");
	tap_check(tap, load(g) == BUSY);
	npa_fault(npa, "load-hang", "off");
	tap_check(tap, wait_status(g) == FAILED);
	npa_fault(npa, "load-truncate", "once");
	tap_check(tap, load(g) == OK);
	tap_check(tap, conf(g)->image_len == htole32(IMAGE_LEN / 2));
	npa_fault(npa, "window-outside", "once");
	tap_check(tap, load(g) == OK);
	tap_check(tap, conf(g)->v1.window_ppn == htole64(0xfe325));
	tap_check(tap, load(g) == OK);
	npa_fault(npa, "activate-fail", "once");
	tap_check(tap, guest_command(g, VMXNET3_CMD_ACTIVATE_VF) == FAILED);
	npa_fault(npa, "activate-hang", "once");
	tap_check(tap, guest_command(g, VMXNET3_CMD_ACTIVATE_VF) == BUSY);
	/* The guest gives up. */
	set_report(g, VMXNET3_NPA_ACTIVATE_TIMEOUT, 1);
	guest_command(g, VMXNET3_CMD_NPA_REPORT);
	tap_check(tap, guest_command(g, CMD_STATUS) == FAILED);
	tap_check(tap, is_state(g, "emulated", "idle"));
	tap_check(tap, attach(g, NULL) && load(g) == OK);
	tap_check(tap, guest_command(g, VMXNET3_CMD_ACTIVATE_VF) == OK);
	npa_fault(npa, "stop-fail", "once");
	tap_check(tap, guest_command(g, VMXNET3_CMD_STOP_EMULATION) == FAILED);
	npa_fault(npa, "stop-hang", "once");
	guest_command(g, VMXNET3_CMD_STOP_EMULATION);
	tap_check(tap, wait_status(g) == BUSY);
	npa_fault(npa, "stop-hang", "off");
	guest_command(g, VMXNET3_CMD_STOP_EMULATION);
	tap_check(tap, wait_status(g) == OK);
	npa_fault(npa, "quiesce-hang", "once");
	tap_check(tap, guest_command(g, VMXNET3_CMD_NPA_QUIESCE_VF) == BUSY);
	guest_command(g, VMXNET3_CMD_RESET_DEV);
	tap_check(tap, guest_command(g, CMD_STATUS) == FAILED);
	stop(tap, g, "faults");
}

static void test_bad_conf(struct tap *tap, const struct store_dir *dir)
{
	struct guest *g = start(tap, dir);

	tap_check(tap, attach(g, NULL));
	conf(g)->v1.region_pages = htole32(65);
	tap_check(tap, load(g) == FAILED);
	conf(g)->v1.region_pages = 0;
	tap_check(tap, load(g) == FAILED);
	conf(g)->v1.region_pages = htole32(64);
	conf(g)->v1.region_ppn[63] = htole64(~0ull);
	tap_check(tap, load(g) == FAILED);
	conf(g)->v1.region_ppn[63] = htole64(0x123456);
	tap_check(tap, load(g) == FAILED && !g->dma_writes);
	configure_npa(g);
	guest_shared(g)->dev_read.plugin.length = htole32(100);
	tap_check(tap, load(g) == FAILED);
	configure_npa(g);
	tap_check(tap, guest_command(g, VMXNET3_CMD_ACTIVATE_VF) == FAILED);
	tap_check(tap, load(g) == OK);
	conf(g)->num_tx_queues = htole16(2);
	tap_check(tap, guest_command(g, VMXNET3_CMD_ACTIVATE_VF) == FAILED);
	conf(g)->num_tx_queues = htole16(1);
	conf(g)->tx[0].seg_pa[0] = htole64(16);
	tap_check(tap, guest_command(g, VMXNET3_CMD_ACTIVATE_VF) == FAILED);
	conf(g)->tx[0].seg_pa[0] = htole64(GUEST_BASE + AT_VF_RINGS);
	conf(g)->tx[0].ring_size = htole32(~0u);
	tap_check(tap, guest_command(g, VMXNET3_CMD_ACTIVATE_VF) == FAILED);
	conf(g)->tx[0].ring_size = htole32(256);
	tap_check(tap, guest_command(g, VMXNET3_CMD_ACTIVATE_VF) == OK);
	tap_check(tap, guest_command(g, VMXNET3_CMD_ACTIVATE_VF) == FAILED);
	/* A bad ACTIVATE_DEV leaves the VF alone. */
	guest_write32(g, VMXNET3_BAR_VD, VMXNET3_VD_CMD,
		      VMXNET3_CMD_STOP_EMULATION);
	tap_check(tap, wait_status(g) == OK);
	guest_shared(g)->magic = 0;
	tap_check(tap, guest_activate(g) == FAILED);
	tap_check(tap, is_state(g, "vf", "vf-active"));
	stop(tap, g, "bad plugin configurations");
}

/* Is that what status says a VF cannot do? NULL: nothing. */
static bool is_conflict(struct guest *g, const char *what)
{
	struct json_object *reply = json_object_new_object(), *object;
	const char *text;
	bool same;

	npa_status(g->vnic->npa, reply);
	json_object_object_get_ex(reply, "conflict", &object);
	text = json_object_get_string(object);
	same = what ? text && !strcmp(text, what) : !text;
	if (!same)
		printf("# conflict is %s\n", text);
	json_object_put(reply);
	return same;
}

static struct vmxnet3_rx_filter_conf *rx_filter(struct guest *g)
{
	return &guest_shared(g)->dev_read.rx_filter;
}

static void want_promiscuous(struct guest *g, bool on)
{
	set_rx_mode(g, on ? 0x1f : 0x7);
}

static void want_all_multicast(struct guest *g, bool on)
{
	set_rx_mode(g, on ? 0xf : 0x7);
}

static void want_groups(struct guest *g, bool on)
{
	for (unsigned int i = 0; i < 9; i++)
		memcpy(g->ram + AT_MULTICAST + 6 * i,
		       (uint8_t []){ 1, 0, 0x5e, 0, 0, i }, 6);
	rx_filter(g)->mf_table_pa = htole64(GUEST_BASE + AT_MULTICAST);
	rx_filter(g)->mf_table_len = htole16(on ? 9 * 6 : 8 * 6);
	guest_command(g, VMXNET3_CMD_UPDATE_MAC_FILTERS);
}

static void want_vlans(struct guest *g, bool on)
{
	rx_filter(g)->vlan_table[5] = htole32(on ? 1 : 0);
	guest_command(g, VMXNET3_CMD_UPDATE_VLAN_FILTERS);
}

static void want_mtu(struct guest *g, bool on)
{
	guest_shared(g)->dev_read.misc.mtu = htole32(on ? 1501 : GUEST_MTU);
	guest_activate(g);
}

/* A guest with two receive queues, whose hashes are in the mask given. */
static void want_rss(struct guest *g, uint16_t types, uint16_t table_len)
{
	struct vmxnet3_conf_desc *desc = &guest_shared(g)->dev_read.rss;
	struct vmxnet3_rss_conf *rss = (void *)(g->ram + AT_RSS);

	memset(rss, 0, sizeof(*rss));
	rss->hash_type = htole16(types);
	rss->hash_func = htole16(VMXNET3_RSS_FUNC_TOEPLITZ);
	rss->key_len = htole16(VMXNET3_RSS_KEY_LEN);
	rss->table_len = htole16(table_len);
	desc->version = htole32(1);
	desc->length = htole32(sizeof(*rss));
	desc->pa = htole64(GUEST_BASE + AT_RSS);
	guest_shared(g)->dev_read.misc.features |= htole64(VMXNET3_F_RSS);
	guest_command(g, VMXNET3_CMD_UPDATE_FEATURE);
}

static void want_hash(struct guest *g, bool on)
{
	want_rss(g, on ? VMXNET3_RSS_IPV6 : VMXNET3_RSS_IPV4, 32);
}

static void want_table(struct guest *g, bool on)
{
	want_rss(g, VMXNET3_RSS_IPV4, on ? 64 : 32);
}

static void want_odd_table(struct guest *g, bool on)
{
	want_rss(g, VMXNET3_RSS_IPV4, on ? 31 : 32);
}

/* What a poor VF cannot do keeps the guest on the emulated device. */
static void test_conflicts(struct tap *tap, const struct store_dir *dir)
{
	static const struct {
		const char *name;
		void (*want)(struct guest *g, bool on);
	} features[] = {
		{ "promiscuous mode", want_promiscuous },
		{ "all multicast", want_all_multicast },
		{ "multicast addresses", want_groups },
		{ "VLANs", want_vlans }, { "MTU", want_mtu },
		{ "RSS hash types", want_hash }, { "RSS table", want_table },
		{ "RSS table", want_odd_table },
	};
	struct pf_vf_info poor = *vf_82576_ops.get_info();

	poor.rx_modes = PORT_RX_UCAST | PORT_RX_MCAST | PORT_RX_BCAST;
	poor.max_multicast = 8;
	poor.max_mtu = GUEST_MTU;
	poor.rss_table_len = 32;
	poor.rss_types = VMXNET3_RSS_IPV4;
	for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
		struct guest *g = start(tap, dir);
		unsigned int seq;

		guest_configure(g, 2);
		configure_npa(g);
		tap_check(tap, guest_activate(g) == OK);
		g->vnic->npa->info = &poor;
		features[i].want(g, false);
		tap_check(tap, attach(g, NULL) && is_conflict(g, NULL));
		tap_check(tap, is_state(g, "emulated", "message-sent"));
		seq = FIELD_GET(VMXNET3_NPA_MSG_SEQ, message(g));
		features[i].want(g, true);
		tap_check(tap, is_conflict(g, features[i].name));
		tap_check(tap, is_state(g, "emulated", "waiting"));
		tap_check(tap, FIELD_GET(VMXNET3_NPA_MSG_REASON, message(g)) ==
			  VMXNET3_NPA_MSG_REASON_POLICY);
		tap_check(tap, load(g) == FAILED);
		features[i].want(g, false);
		tap_check(tap, is_conflict(g, NULL));
		tap_check(tap, is_state(g, "emulated", "message-sent"));
		tap_check(tap, FIELD_GET(VMXNET3_NPA_MSG_SEQ, message(g)) ==
			  seq + 2);
		stop(tap, g, features[i].name);
	}
}

static void test_too_many_queues(struct tap *tap, const struct store_dir *dir)
{
	struct guest *g = start(tap, dir);

	guest_configure(g, 3);
	configure_npa(g);
	tap_check(tap, guest_activate(g) == OK);
	tap_check(tap, attach(g, NULL) && is_conflict(g, "queues"));
	tap_check(tap, is_state(g, "emulated", "waiting"));
	tap_check(tap, !message(g));
	guest_configure(g, 1);
	configure_npa(g);
	tap_check(tap, guest_activate(g) == OK);
	tap_check(tap, is_conflict(g, NULL));
	tap_check(tap, is_state(g, "emulated", "message-sent"));
	stop(tap, g, "more queues than a VF has");
}

/* What guest and hypervisor set holds for a VF that comes later and for one
 * that is active.
 */
static void test_follow(struct tap *tap, const struct store_dir *dir)
{
	struct guest *g = start(tap, dir);
	struct port_policy policy = { .antispoof = true };
	uint64_t off = htole64(VMXNET3_F_RXCSUM);
	struct npa *npa = g->vnic->npa;
	struct port *port;

	policy_set_default_vlan(&policy, 5);
	vnic_set_policy(g->vnic, &policy);
	vnic_set_link(g->vnic, false);
	go_to_vf(tap, g);
	port = vf_82576_ops.port(npa->vf);
	tap_check(tap, !memcmp(&port->policy, &policy, sizeof(policy)));
	tap_check(tap, port->flags & PORT_NO_LINK);
	tap_check(tap, port->vlan_filter && port->vlans[2] == ~0u);
	tap_check(tap, npa->vf->vlan_strip && !npa->vf->rss);
	vnic_set_link(g->vnic, true);
	policy_set_default_vlan(&policy, 0);
	policy_vlan_del(&policy, 7, 9);
	vnic_set_policy(g->vnic, &policy);
	tap_check(tap, !memcmp(&port->policy, &policy, sizeof(policy)));
	tap_check(tap, !(port->flags & PORT_NO_LINK));
	want_groups(g, true);
	tap_check(tap, port->num_multicast == 9);
	rx_filter(g)->vlan_table[2] = htole32(1);
	guest_command(g, VMXNET3_CMD_UPDATE_VLAN_FILTERS);
	tap_check(tap, port->vlans[2] == 1);
	guest_shared(g)->dev_read.misc.features = off;
	guest_command(g, VMXNET3_CMD_UPDATE_FEATURE);
	tap_check(tap, !npa->vf->vlan_strip);
	guest_write32(g, VMXNET3_BAR_VD, VMXNET3_VD_MACL, 0x44332202);
	guest_write32(g, VMXNET3_BAR_VD, VMXNET3_VD_MACH, 0x6655);
	tap_check(tap, port->mac[0] == 2 && port->mac[5] == 0x66);
	stop(tap, g, "filters, policy, link and offloads reach the VF");
}

/* Let the time for an answer pass. */
static void wait_answer(struct guest *g)
{
	for (int i = 0; i < 10; i++) {
		usleep(10000);
		guest_turn(g, 2);
	}
}

static struct guest *start_impatient(struct tap *tap,
				     const struct store_dir *dir)
{
	struct guest *g = start(tap, dir);

	g->vnic->npa->env.answer_ns = 30000000;
	return g;
}

static void test_unanswered_offer(struct tap *tap, const struct store_dir *dir)
{
	struct guest *g = start_impatient(tap, dir);

	tap_check(tap, attach(g, NULL));
	wait_answer(g);
	tap_check(tap, is_state(g, "emulated", "idle"));
	tap_check(tap, count(g, "unanswered") == 1 && !g->vnic->npa->vf);
	tap_check(tap, FIELD_GET(VMXNET3_NPA_MSG_SEQ, message(g)) == 2);
	tap_check(tap, FIELD_GET(VMXNET3_NPA_MSG_PATH, message(g)) == 0);
	tap_check(tap, load(g) == FAILED && !g->dma_writes);
	wait_answer(g);
	tap_check(tap, count(g, "unanswered") == 1);
	/* It is asked again, begins, and goes no further. */
	tap_check(tap, attach(g, NULL) && load(g) == OK);
	tap_check(tap, guest_command(g, VMXNET3_CMD_ACTIVATE_VF) == OK);
	wait_answer(g);
	tap_check(tap, is_state(g, "emulated", "idle"));
	tap_check(tap, count(g, "unanswered") == 2);
	tap_check(tap, guest_command(g, VMXNET3_CMD_NPA_QUIESCE_VF) == OK);
	g->vnic->npa->env.answer_ns = GUEST_ANSWER_NS;
	go_to_vf(tap, g);
	stop(tap, g, "an offer that is not answered is withdrawn");
}

static void test_unanswered_detach(struct tap *tap,
				   const struct store_dir *dir)
{
	struct guest *g = start_impatient(tap, dir);
	uint8_t frame[200], *before = malloc(GUEST_RAM);
	size_t len = make_udp(frame, g->vnic->dev->mac, 50, false);

	go_to_vf(tap, g);
	wait_answer(g);
	tap_check(tap, is_state(g, "vf", "vf-active"));
	tap_check(tap, count(g, "unanswered") == 0);
	npa_detach(g->vnic->npa);
	tap_check(tap, is_state(g, "vf", "leaving"));
	wait_answer(g);
	tap_check(tap, count(g, "unanswered") == 1 && !g->vnic->npa->vf);
	tap_check(tap, npa_window_read(g->vnic->npa, place(), 4) ==
		  UINT64_MAX);
	/* Nothing of the guest is touched any more. */
	memcpy(before, g->ram, GUEST_RAM);
	guest_deliver(g, frame, len, -1);
	guest_turn(g, 5);
	tap_check(tap, !memcmp(before, g->ram, GUEST_RAM));
	/* It comes to itself. */
	guest_configure(g, 1);
	configure_npa(g);
	tap_check(tap, guest_activate(g) == OK);
	tap_check(tap, guest_command(g, VMXNET3_CMD_NPA_QUIESCE_VF) == OK);
	tap_check(tap, is_state(g, "emulated", "idle"));
	free(before);
	stop(tap, g, "a VF that does not come back is taken");
}

static void test_unanswered_policy(struct tap *tap,
				   const struct store_dir *dir)
{
	struct guest *g = start_impatient(tap, dir);

	go_to_vf(tap, g);
	want_promiscuous(g, true);
	wait_answer(g);
	tap_check(tap, count(g, "unanswered") == 1);
	tap_check(tap, is_state(g, "vf", "leaving"));
	stop(tap, g, "a guest that stays on the VF by itself keeps it");
}

static void test_no_npa(struct tap *tap)
{
	struct guest *g = guest_new(false, NULL);

	tap_begin(tap);
	tap_check(tap, guest_connect(g));
	guest_configure(g, 1);
	configure_npa(g);
	tap_check(tap, guest_activate(g) == OK);
	for (uint32_t i = 0xcafe000a; i < 0xcafe0010; i++)
		tap_check(tap, guest_command(g, i) == 0);
	tap_check(tap, guest_command(g, VMXNET3_CMD_NPA_REPORT) == 0);
	tap_check(tap, guest_command(g, VMXNET3_CMD_GET_DEV_EXTRA_INFO) == 0);
	tap_check(tap, g->vnic->dev->emulating && !g->dma_writes);
	tap_check(tap, guest_read32(g, VFIO_USER_CONFIG, 0x1c) == 0);
	stop(tap, g, "without the extension nothing of it is there");
}

int main(void)
{
	struct tap tap = { 0 };
	struct store_dir dir;

	make_store(&dir);
	test_round(&tap, &dir);
	test_emulation_drains(&tap, &dir);
	test_images(&tap, &dir);
	test_pending(&tap, &dir);
	test_reset_in_vf(&tap, &dir);
	test_reports(&tap, &dir);
	test_revoke(&tap, &dir);
	test_revoke_hold(&tap, &dir);
	test_revoke_moments(&tap, &dir);
	test_policy(&tap, &dir);
	test_detach_in_load(&tap, &dir);
	test_impatience(&tap, &dir);
	test_faults(&tap, &dir);
	test_bad_conf(&tap, &dir);
	test_conflicts(&tap, &dir);
	test_too_many_queues(&tap, &dir);
	test_follow(&tap, &dir);
	test_unanswered_offer(&tap, &dir);
	test_unanswered_detach(&tap, &dir);
	test_unanswered_policy(&tap, &dir);
	test_no_npa(&tap);
	remove_store(&dir);
	return tap_done(&tap);
}
