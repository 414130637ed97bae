// SPDX-License-Identifier: GPL-2.0
/*
 * A guest changes hosts: two npads in this process, and stand-ins for either
 * side that lie, die or hang.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "../migrate_msg.h"
#include "guest.h"
#include "tap.h"

#define TURNS		400

struct hosts {
	struct guest *src;
	struct guest *dst;
	char path[80];
};

static void begin_with(struct tap *tap, struct hosts *h, const char *plugins,
		       unsigned int num_rx)
{
	h->src = guest_new(true, plugins);
	h->dst = guest_new(true, plugins);
	tap_begin(tap);
	if (!h->src || !h->dst || !guest_connect(h->src)) {
		printf("Bail out! no connection\n");
		exit(1);
	}
	snprintf(h->path, sizeof(h->path), "%s/m.sock", h->dst->dir);
	h->dst->npad.migrate_in = migrate_in_new(&h->dst->npad, h->path);
	tap_check(tap, h->dst->npad.migrate_in);
	guest_configure(h->src, num_rx);
	guest_fill_rx(h->src, 8, 0);
	guest_shared(h->src)->dev_read.plugin = (struct vmxnet3_conf_desc){
		.version = htole32(VMXNET3_NPA_CONF_V2),
		.length = htole32(sizeof(struct vmxnet3_npa_conf)),
		.pa = htole64(GUEST_BASE + AT_PLUGIN),
	};
	tap_check(tap, guest_activate(h->src) == 0);
}

static void begin(struct tap *tap, struct hosts *h)
{
	begin_with(tap, h, NULL, 1);
}

static void end(struct hosts *h)
{
	migrate_out_free(&h->src->npad);
	migrate_in_free(h->dst->npad.migrate_in);
	h->dst->npad.migrate_in = NULL;
	guest_free(h->src);
	guest_free(h->dst);
}

static const char *state(struct guest *g, const char *key)
{
	struct json_object *reply = json_object_new_object(), *value;
	static char text[200];

	migrate_out_status(&g->npad, reply);
	json_object_object_get_ex(reply, "migration", &value);
	text[0] = 0;
	if (json_object_object_get_ex(value, key, &value))
		snprintf(text, sizeof(text), "%s",
			 json_object_get_string(value));
	json_object_put(reply);
	return text;
}

static bool is_over(struct guest *g)
{
	return !strcmp(state(g, "state"), "done") ||
	       !strcmp(state(g, "state"), "failed");
}

/* Let both work until it is over, or for some turns. */
static void pump(struct hosts *h)
{
	const struct timespec pause = { .tv_nsec = 100000 };

	for (int i = 0; i < TURNS && !is_over(h->src); i++) {
		guest_turn(h->src, 1);
		guest_turn(h->dst, 1);
		nanosleep(&pause, NULL);
	}
	guest_turn(h->dst, 3);
}

static bool start(struct hosts *h)
{
	const char *why;

	return !migrate_out_start(&h->src->npad, h->src->vnic, h->path, &why);
}

/* The guest's own things go with it: they are of the other host's guest now. */
static void follow(struct hosts *h)
{
	struct guest *from = h->src, *to = h->dst;

	to->sock = from->sock;
	from->sock = -1;
	munmap(to->ram, GUEST_RAM);
	close(to->ram_fd);
	to->ram_fd = fcntl(from->ram_fd, F_DUPFD_CLOEXEC, 0);
	to->ram = mmap(NULL, GUEST_RAM, PROT_READ | PROT_WRITE, MAP_SHARED,
		       to->ram_fd, 0);
	for (int i = 0; i < GUEST_VECTORS; i++) {
		to->irq[i] = from->irq[i];
		from->irq[i] = -1;
	}
	to->tx_next = from->tx_next;
	to->tx_gen = from->tx_gen;
	to->tx_comp_next = from->tx_comp_next;
	to->tx_comp_gen = from->tx_comp_gen;
	to->rx_comp_next = from->rx_comp_next;
	to->rx_comp_gen = from->rx_comp_gen;
}

static bool sends(struct guest *g, unsigned int n)
{
	uint8_t frame[200];
	size_t len = make_udp(frame, peer_mac, 100, false);
	unsigned int before = g->num_seen;
	uint32_t index;

	memcpy(frame + 6, guest_mac, 6);
	for (unsigned int i = 0; i < n; i++) {
		frame[len - 1] = i;
		guest_tx(g, frame, len, 64, 0, 0);
		if (!guest_tx_comp(g, &index) || g->num_seen != ++before ||
		    g->seen[(before - 1) % MAX_SEEN].data[len - 1] != i)
			return false;
	}
	return true;
}

/* Receives a frame whose last byte is mark. */
static bool arrives(struct guest *g, unsigned int buffer, uint8_t mark)
{
	struct vmxnet3_rx_comp comp;
	const uint8_t *data = g->ram + AT_RX_DATA + buffer * GUEST_BUF_LEN;
	uint32_t len;

	if (!guest_rx_comp(g, &comp))
		return false;
	len = FIELD_GET(VMXNET3_RXC_LEN, le32toh(comp.len));
	return FIELD_GET(VMXNET3_RXC_INDEX, le32toh(comp.ctl)) == buffer &&
	       data[len - 1] == mark;
}

static int network_sends(struct guest *g, uint8_t mark)
{
	uint8_t frame[200];
	size_t len = make_udp(frame, NULL, 100, false);

	frame[len - 1] = mark;
	return guest_deliver(g, frame, len, -1);
}

/* The way there */

static void test_move(struct tap *tap)
{
	/* REGION_READ of 4 bytes of MACL: the start of the address. */
	static const uint8_t first_half[] = {
		7, 0, 9, 0, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		VMXNET3_VD_MACL, 0, 0
	};
	static const uint8_t second_half[] = {
		0, 0, 0, 0, 0, VMXNET3_BAR_VD, 0, 0, 0, 4, 0, 0, 0
	};
	struct hosts h;
	const uint8_t *rarp;

	begin(tap, &h);
	tap_check(tap, sends(h.src, 3));
	tap_check(tap, network_sends(h.src, 1) == 0);
	tap_check(tap, arrives(h.src, 0, 1));
	guest_write32(h.src, VMXNET3_BAR_PT, 0x08, 0);
	guest_write32(h.src, VMXNET3_BAR_PT, 0x10, 1);
	/* Half a message is on its way when the guest moves. */
	tap_check(tap, guest_send(h.src, first_half,
				  sizeof(first_half), -1));
	guest_turn(h.src, 2);
	tap_check(tap, start(&h));
	pump(&h);
	tap_check(tap, !strcmp(state(h.src, "state"), "done"));
	tap_check(tap, !vfio_user_has_client(h.src->vnic->vu));
	tap_check(tap, !h.src->vnic->dev->active && vnic_is_free(h.src->vnic));
	tap_check(tap, vfio_user_is_connected(h.dst->vnic->vu));
	rarp = h.dst->seen[0].data;
	tap_check(tap, h.dst->num_seen == 1 && rarp[12] == 0x80 &&
		  rarp[13] == 0x35 && !memcmp(rarp + 6, guest_mac, 6));
	follow(&h);
	tap_check(tap, guest_send(h.dst, second_half,
				  sizeof(second_half), -1));
	guest_turn(h.dst, 3);
	tap_check(tap, guest_receive(h.dst) && !h.dst->error &&
		  h.dst->reply[16] == guest_mac[0]);
	tap_check(tap, guest_read32(h.dst, VMXNET3_BAR_PT, 0x10) == 1);
	tap_check(tap, guest_read32(h.dst, VMXNET3_BAR_PT, 0x08) == 0);
	/* Rings go on where they were, round their ends too. */
	tap_check(tap, sends(h.dst, GUEST_RING));
	tap_check(tap, network_sends(h.dst, 2) == 0);
	tap_check(tap, arrives(h.dst, 1, 2));
	tap_check(tap, guest_irqs(h.dst, 1) >= 1);
	tap_check(tap, guest_command(h.dst, VMXNET3_CMD_GET_STATS) == 0);
	tap_check(tap, guest_txq(h.dst)->stats.ucast_packets ==
		  htole64(3 + GUEST_RING));
	end(&h);
	tap_end(tap, "a guest goes on where it was");
}

static void test_frames(struct tap *tap)
{
	struct hosts h;

	begin(tap, &h);
	tap_check(tap, start(&h));
	/* Until the guest stands still: its frames wait. */
	for (int i = 0; i < TURNS && !h.src->vnic->dev->hold_rx; i++) {
		guest_turn(h.src, 1);
		if (!h.src->vnic->dev->hold_rx)
			guest_turn(h.dst, 1);
	}
	tap_check(tap, network_sends(h.src, 1) == -EAGAIN);
	/* It is over there; what comes here is sent on, and comes first. */
	for (int i = 0; i < TURNS && !h.dst->vnic->dev->active; i++)
		guest_turn(h.dst, 1);
	guest_turn(h.src, 1);
	tap_check(tap, network_sends(h.dst, 9) == -EAGAIN);
	tap_check(tap, network_sends(h.src, 1) == 0);
	tap_check(tap, network_sends(h.src, 2) == 0);
	pump(&h);
	tap_check(tap, !strcmp(state(h.src, "frames"), "2"));
	tap_check(tap, network_sends(h.dst, 3) == 0);
	follow(&h);
	tap_check(tap, arrives(h.dst, 0, 1));
	tap_check(tap, arrives(h.dst, 1, 2));
	tap_check(tap, arrives(h.dst, 2, 3));
	end(&h);
	tap_end(tap, "frames that came to the source come first");
}

static void test_back(struct tap *tap)
{
	const char *why;
	struct hosts h;
	char path[80];

	begin(tap, &h);
	tap_check(tap, start(&h));
	pump(&h);
	follow(&h);
	snprintf(path, sizeof(path), "%s/m.sock", h.src->dir);
	h.src->npad.migrate_in = migrate_in_new(&h.src->npad, path);
	tap_check(tap, !migrate_out_start(&h.dst->npad, h.dst->vnic, path,
					  &why));
	for (int i = 0; i < TURNS && !is_over(h.dst); i++) {
		guest_turn(h.dst, 1);
		guest_turn(h.src, 1);
	}
	guest_turn(h.src, 3);
	migrate_in_free(h.src->npad.migrate_in);
	migrate_out_free(&h.dst->npad);
	tap_check(tap, h.src->vnic->dev->active &&
		  vnic_is_free(h.dst->vnic));
	/* The same things once more, the other way round. */
	follow(&(struct hosts){ .src = h.dst, .dst = h.src });
	tap_check(tap, sends(h.src, 2));
	tap_check(tap, network_sends(h.src, 5) == 0);
	tap_check(tap, arrives(h.src, 0, 5));
	end(&h);
	tap_end(tap, "there and back");
}

/* The operator's wish */

static unsigned int wanted(struct guest *g, uint32_t field)
{
	return guest_command(g, VMXNET3_CMD_GET_DEV_EXTRA_INFO) & field;
}

static ino_t window_file(struct guest *g)
{
	struct vfio_region_info info = {
		.argsz = sizeof(info) + 256, .index = BAR_WINDOW,
	};
	struct stat st = { 0 };

	if (guest_request(g, 5, &info, sizeof(info), -1))
		fstat(g->reply_fd, &st);
	return st.st_ino;
}

static void make_store(char *dir, char *file)
{
	int fd;

	strcpy(dir, "/tmp/npad-store-XXXXXX");
	if (!mkdtemp(dir))
		exit(1);
	sprintf(file, "%s/%s.npa", dir, vf_82576_ops.get_info()->plugin);
	fd = open(file, O_CREAT | O_WRONLY, 0600);
	if (fd < 0 || write(fd, "x", 1) != 1)
		exit(1);
	close(fd);
}

/* num_rx: queues of the guest; may it have the VF? */
static void test_wish(struct tap *tap, unsigned int num_rx, bool vf)
{
	const uint32_t path = VMXNET3_NPA_MSG_PATH;
	char dir[64], file[128];
	const char *why;
	struct hosts h;
	ino_t window;

	make_store(dir, file);
	begin_with(tap, &h, dir, num_rx);
	window = window_file(h.src);
	tap_check(tap, !npa_attach(h.src->vnic->npa, NULL, &why));
	tap_check(tap, !!wanted(h.src, path) == vf);
	tap_check(tap, start(&h));
	tap_check(tap, npa_attach(h.src->vnic->npa, NULL, &why) < 0);
	pump(&h);
	tap_check(tap, !strcmp(state(h.src, "state"), "done"));
	follow(&h);
	tap_check(tap, !!wanted(h.dst, path) == vf);
	tap_check(tap, !vf || wanted(h.dst, VMXNET3_NPA_MSG_REASON) ==
		  FIELD_PREP(VMXNET3_NPA_MSG_REASON,
			     VMXNET3_NPA_MSG_REASON_MIGRATION));
	/* To the VF, back for the migration, to the VF again. */
	tap_check(tap, !vf || FIELD_GET(VMXNET3_NPA_MSG_SEQ,
					wanted(h.dst, ~0u)) == 3);
	tap_check(tap, npa_attach(h.dst->vnic->npa, NULL, &why) == -EALREADY);
	tap_check(tap, !npa_attach(h.src->vnic->npa, NULL, &why));
	/* The client's window has gone along, and no VF here is in it. */
	tap_check(tap, window && window_file(h.dst) == window);
	end(&h);
	unlink(file);
	rmdir(dir);
	tap_end(tap, "the wish goes along: %u queues", num_rx);
}

/* Destinations that do not take it */

static void works_at_source(struct tap *tap, struct hosts *h, const char *code)
{
	static uint8_t mark;

	tap_check(tap, !strcmp(state(h->src, "state"), "failed"));
	if (!tap_check(tap, !strcmp(state(h->src, "code"), code)))
		printf("# %s: %s\n", state(h->src, "code"),
		       state(h->src, "error"));
	tap_check(tap, !h->src->vnic->in_use);
	tap_check(tap, sends(h->src, 2));
	tap_check(tap, network_sends(h->src, ++mark) == 0);
	tap_check(tap, arrives(h->src, 0, mark));
}

static void test_busy(struct tap *tap)
{
	struct hosts h;

	begin(tap, &h);
	tap_check(tap, guest_connect(h.dst));
	tap_check(tap, start(&h));
	pump(&h);
	works_at_source(tap, &h, "busy");
	end(&h);
	tap_end(tap, "a host without a free vNIC");
}

static void test_refused(struct tap *tap)
{
	struct hosts h;

	begin(tap, &h);
	npa_fault(h.dst->vnic->npa, "migrate-refuse", "once");
	tap_check(tap, start(&h));
	pump(&h);
	works_at_source(tap, &h, "fault");
	end(&h);
	tap_end(tap, "a host that refuses when the guest stands still");
}

/* A destination that is the test itself. */
static int listen_at(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	unlink(path);
	strcpy(addr.sun_path, path);
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) || listen(fd, 1))
		exit(1);
	return fd;
}

/* Be asked, agree, be given the guest; the connection, with msg. */
static int take_guest(struct tap *tap, struct hosts *h,
		      struct migrate_message *msg)
{
	int fd, listen_fd = listen_at(h->path);

	tap_check(tap, start(h));
	fd = accept(listen_fd, NULL, NULL);
	close(listen_fd);
	tap_check(tap, migrate_receive(fd, msg) == 1 &&
		  msg->type == MIGRATE_ASK && !msg->num_fds);
	migrate_message_clear(msg);
	tap_check(tap, !migrate_send(fd, MIGRATE_WELCOME, NULL, 0, NULL, 0));
	for (int i = 0; i < TURNS && !migrate_receive(fd, msg); i++)
		guest_turn(h->src, 1);
	tap_check(tap, msg->type == MIGRATE_STATE && msg->num_fds > 3);
	tap_check(tap, h->src->vnic->dev->hold_tx);
	return fd;
}

static void test_died(struct tap *tap)
{
	struct migrate_message msg = { 0 };
	struct hosts h;
	int fd;

	begin(tap, &h);
	fd = take_guest(tap, &h, &msg);
	migrate_message_free(&msg);
	close(fd);
	guest_turn(h.src, 3);
	works_at_source(tap, &h, "destination-died");
	end(&h);
	tap_end(tap, "a host that dies before it has taken the guest");
}

static void test_hangs(struct tap *tap)
{
	const struct timespec pause = { .tv_nsec = 10000000 };
	struct migrate_message msg = { 0 };
	struct hosts h;
	int fd;

	begin(tap, &h);
	fd = take_guest(tap, &h, &msg);
	for (int i = 0; i < TURNS && !is_over(h.src); i++) {
		guest_turn(h.src, 1);
		nanosleep(&pause, NULL);
	}
	/* It wakes up: too late, and it gets to know. */
	tap_check(tap, migrate_send(fd, MIGRATE_TAKEN, NULL, 0, NULL, 0) ==
		  -EPIPE);
	migrate_message_free(&msg);
	close(fd);
	works_at_source(tap, &h, "no-answer");
	end(&h);
	tap_end(tap, "a host that hangs cannot take the guest later");
}

static void test_taken_and_died(struct tap *tap)
{
	struct migrate_message msg = { 0 };
	struct hosts h;
	int fd;

	begin(tap, &h);
	fd = take_guest(tap, &h, &msg);
	tap_check(tap, !migrate_send(fd, MIGRATE_TAKEN, NULL, 0, NULL, 0));
	close(fd);
	guest_turn(h.src, 5);
	tap_check(tap, !strcmp(state(h.src, "state"), "done"));
	tap_check(tap, !vfio_user_has_client(h.src->vnic->vu));
	migrate_message_free(&msg);
	end(&h);
	tap_end(tap, "a guest that was taken is not served here any more");
}

static void test_nonsense(struct tap *tap)
{
	struct migrate_message msg = { 0 };
	struct hosts h;
	int fd;

	begin(tap, &h);
	fd = take_guest(tap, &h, &msg);
	tap_check(tap, !migrate_send(fd, MIGRATE_DRAINED, NULL, 0, NULL, 0));
	guest_turn(h.src, 3);
	works_at_source(tap, &h, "protocol");
	migrate_message_free(&msg);
	close(fd);
	end(&h);
	tap_end(tap, "a host that sends nonsense");
}

/* Sources that lie */

static int connect_to(struct hosts *h)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	strcpy(addr.sun_path, h->path);
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
		exit(1);
	return fd;
}

/* What the destination says to a STATE; "" if it hangs up. */
static const char *answer(struct hosts *h, const void *data, size_t len,
			  const int *fds, unsigned int num_fds)
{
	static struct migrate_message msg;
	static char code[32];
	int fd = connect_to(h), ret = 0;

	code[0] = 0;
	migrate_send(fd, MIGRATE_STATE, data, len, fds, num_fds);
	for (int i = 0; i < 10 && !ret; i++) {
		guest_turn(h->dst, 1);
		ret = migrate_receive(fd, &msg);
	}
	if (ret == 1 && msg.type == MIGRATE_REFUSED)
		snprintf(code, sizeof(code), "%s", (char *)msg.data);
	else if (ret == 1)
		snprintf(code, sizeof(code), "type %u", msg.type);
	migrate_message_free(&msg);
	close(fd);
	guest_turn(h->dst, 3);
	return code;
}

/* Descriptors in use by this process. */
static unsigned int count_fds(void)
{
	unsigned int n = 0;

	for (int fd = 0; fd < 512; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void test_lying_source(struct tap *tap)
{
	struct vnic_state *st = calloc(1, sizeof(*st));
	int fds[VNIC_MAX_FDS], other[VNIC_MAX_FDS];
	unsigned int num_fds = 0, before;
	uint8_t *data = NULL;
	const char *why;
	struct hosts h;
	size_t len = 0;
	int memfd, pipefd[2];

	begin(tap, &h);
	memfd = memfd_create("window", MFD_ALLOW_SEALING);
	tap_check(tap, !ftruncate(memfd, WINDOW_BAR_LEN));
	vnic_hold(h.src->vnic);
	tap_check(tap, !vnic_export(h.src->vnic, st, fds, &num_fds, &why));
	tap_check(tap, !vnic_state_encode(st, &data, &len));
	before = count_fds();
	tap_check(tap, !strcmp(answer(&h, data, len, fds, num_fds - 1),
			       "bad-state"));
	tap_check(tap, !strcmp(answer(&h, data, len, NULL, 0), "bad-state"));
	/* A window whose memory somebody could take away. */
	memcpy(other, fds, sizeof(fds));
	other[num_fds - 1] = memfd;
	tap_check(tap, !strcmp(answer(&h, data, len, other, num_fds),
			       "bad-state"));
	/* Memory that is no memory: a socket. */
	memcpy(other, fds, sizeof(fds));
	other[num_fds - 2] = fds[0];
	tap_check(tap, strcmp(answer(&h, data, len, other, num_fds),
			      "type 5"));
	/* An interrupt that could make npad wait for ever. */
	tap_check(tap, !pipe(pipefd));
	memcpy(other, fds, sizeof(fds));
	other[1] = pipefd[1];
	tap_check(tap, !strcmp(answer(&h, data, len, other, num_fds),
			       "type 5"));
	tap_check(tap, fcntl(pipefd[1], F_GETFL) & O_NONBLOCK);
	vnic_let_go(h.dst->vnic);
	close(pipefd[0]);
	close(pipefd[1]);
	data[len / 2] ^= 1;
	tap_check(tap, !strcmp(answer(&h, data, len, fds, num_fds),
			       "damaged"));
	tap_check(tap, count_fds() == before);
	tap_check(tap, vnic_is_free(h.dst->vnic) && !h.dst->vnic->dev->active);
	/* After all of this an honest one is welcome. */
	vnic_release_hold(h.src->vnic);
	tap_check(tap, start(&h));
	pump(&h);
	follow(&h);
	tap_check(tap, sends(h.dst, 2));
	close(memfd);
	free(data);
	free(st);
	end(&h);
	tap_end(tap, "sources that lie are refused, and leave nothing behind");
}

static void test_other_device(struct tap *tap)
{
	struct hosts h;

	begin(tap, &h);
	migrate_in_free(h.dst->npad.migrate_in);
	guest_free(h.dst);
	h.dst = guest_new(false, NULL);
	snprintf(h.path, sizeof(h.path), "%s/m.sock", h.dst->dir);
	h.dst->npad.migrate_in = migrate_in_new(&h.dst->npad, h.path);
	tap_check(tap, start(&h));
	pump(&h);
	works_at_source(tap, &h, "other-device");
	end(&h);
	tap_end(tap, "a host whose device has no NPA");
}

int main(void)
{
	struct tap tap = { 0 };

	test_move(&tap);
	test_frames(&tap);
	test_back(&tap);
	test_wish(&tap, 1, true);
	test_wish(&tap, 4, false);
	test_busy(&tap);
	test_refused(&tap);
	test_died(&tap);
	test_hangs(&tap);
	test_taken_and_died(&tap);
	test_nonsense(&tap);
	test_lying_source(&tap);
	test_other_device(&tap);
	return tap_done(&tap);
}
