// SPDX-License-Identifier: GPL-2.0
/*
 * A VF as a PCI function of its own (raw_vf.c), through its vfio-user socket:
 * what its client sees of it, and the PF's side of it; on each model.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <linux/vfio.h>
#include <string.h>
#include <unistd.h>

#include "guest.h"
#include "tap.h"

#include "../../plugins/e1000vf_regs.h"
#include "../../plugins/ixgbevf_regs.h"

#define BAR_REGS	0
#define BAR_VF_MSIX	3
#define CMD_REGION_INFO	5
#define CMD_RESET	13

#define RING		32
#define AT_RX		AT_VF_RINGS
#define AT_TX		(AT_VF_RINGS + 0x1000)

#define ACK		0x80000000u
#define NACK		0x40000000u
#define CTS		0x20000000u
#define MSG_RESET	0x01
#define MSG_MAC		0x02
#define MSG_VLAN	0x04
#define INFO(n)		((uint32_t)(n) << 16)

/* A model, and where it has what these tests use. */
struct model {
	const struct pf_ops *ops;
	uint16_t device;
	uint32_t link, link_up;
	uint32_t mailbox, mailbox_mem;
	uint32_t rxq, srrctl, txq;
	uint32_t eims, ivar;
};

static const struct model models[] = {
	{
		.ops = &vf_82576_ops,
		.device = 0x10ca,
		.link = E1000VF_STATUS,
		.link_up = E1000VF_STATUS_LU,
		.mailbox = E1000VF_MAILBOX,
		.mailbox_mem = E1000VF_VMBMEM,
		.rxq = E1000VF_RXQ(0),
		.srrctl = E1000VF_SRRCTL(0),
		.txq = E1000VF_TXQ(0),
		.eims = E1000VF_EIMS,
		.ivar = E1000VF_IVAR(0),
	}, {
		.ops = &vf_82599_ops,
		.device = 0x10ed,
		.link = IXGBEVF_LINKS,
		.link_up = IXGBEVF_LINKS_UP,
		.mailbox = IXGBEVF_MAILBOX,
		.mailbox_mem = IXGBEVF_VMBMEM,
		.rxq = IXGBEVF_RXQ(0),
		.srrctl = IXGBEVF_SRRCTL(0),
		.txq = IXGBEVF_TXQ(0),
		.eims = IXGBEVF_EIMS,
		.ivar = IXGBEVF_IVAR(0),
	},
};

struct bench {
	struct tap *tap;
	const struct model *model;
	struct guest *g;
};

#define CHECK(cond)	tap_check(b->tap, cond)

static uint32_t get(struct bench *b, uint32_t offset)
{
	return guest_read32(b->g, BAR_REGS, offset);
}

static void set(struct bench *b, uint32_t offset, uint32_t value)
{
	guest_write32(b->g, BAR_REGS, offset, value);
}

/* A message to the PF; the first word of its answer. */
static uint32_t ask(struct bench *b, uint32_t w0, uint32_t w1, uint32_t w2)
{
	const struct model *m = b->model;

	set(b, m->mailbox, ADV_MAILBOX_VFU);
	set(b, m->mailbox_mem, w0);
	set(b, m->mailbox_mem + 4, w1);
	set(b, m->mailbox_mem + 8, w2);
	set(b, m->mailbox, ADV_MAILBOX_REQ);
	w0 = get(b, m->mailbox) & ADV_MAILBOX_PFSTS ? get(b, m->mailbox_mem) :
						      0;
	set(b, m->mailbox, ADV_MAILBOX_ACK);
	return w0;
}

static bool start(struct bench *b)
{
	return ask(b, MSG_RESET, 0, 0) == (MSG_RESET | ACK);
}

static struct adv_rx_desc *rx_desc(struct bench *b, unsigned int i)
{
	return (struct adv_rx_desc *)(b->g->ram + AT_RX) + i;
}

/* Both rings of queue 0, and its interrupt. */
static void start_queue(struct bench *b)
{
	const struct model *m = b->model;

	for (unsigned int i = 0; i < RING; i++)
		*rx_desc(b, i) = (struct adv_rx_desc){
			.addr = htole64(GUEST_BASE + AT_RX_DATA + 2048 * i),
		};
	set(b, m->rxq + ADV_Q_BAL, GUEST_BASE + AT_RX);
	set(b, m->rxq + ADV_Q_LEN, RING * 16);
	set(b, m->srrctl, 2 | ADV_SRRCTL_ADV_ONE);
	set(b, m->rxq + ADV_Q_DCTL, ADV_DCTL_ENABLE);
	set(b, m->rxq + ADV_Q_TAIL, RING - 1);
	set(b, m->txq + ADV_Q_BAL, GUEST_BASE + AT_TX);
	set(b, m->txq + ADV_Q_LEN, RING * 16);
	set(b, m->txq + ADV_Q_DCTL, ADV_DCTL_ENABLE);
	set(b, m->ivar, ADV_IVAR_VALID | ADV_IVAR_VALID << ADV_IVAR_TX(0));
	set(b, m->eims, 1);
}

/* A frame from the network, with a tag if vid is not negative: its length if
 * the VF has written it to descriptor i, else 0.
 */
static size_t receive(struct bench *b, unsigned int i, const uint8_t *dst,
		      int vid)
{
	uint8_t data[256];
	size_t len = make_udp(data, dst, 100, false);

	guest_deliver(b->g, data, len, vid);
	guest_turn(b->g, 2);
	return le32toh(rx_desc(b, i)->status) & ADV_RX_STAT_DD ?
	       le32toh(rx_desc(b, i)->length) & ADV_RX_LEN_MASK : 0;
}

/* One frame out of descriptor i; true if it comes out at the uplink. */
static bool send_from(struct bench *b, unsigned int i, const uint8_t *src)
{
	struct adv_tx_desc *desc = (void *)(b->g->ram + AT_TX);
	unsigned int before = b->g->num_seen;
	uint8_t *data = b->g->ram + AT_TX_DATA;
	size_t len = make_udp(data, peer_mac, 100, false);

	memcpy(data + 6, src, 6);
	desc[i].addr = htole64(GUEST_BASE + AT_TX_DATA);
	desc[i].cmd = htole32(len | ADV_TXD_DATA | ADV_TXD_DEXT | ADV_TXD_EOP |
			      ADV_TXD_RS);
	desc[i].status = htole32(ADV_TXS_CC | len << ADV_TXS_PAYLEN);
	set(b, b->model->txq + ADV_Q_TAIL, (i + 1) % RING);
	guest_turn(b->g, 2);
	return b->g->num_seen == before + 1 &&
	       b->g->seen[before % MAX_SEEN].f.len == len;
}

static bool send(struct bench *b, unsigned int i)
{
	return send_from(b, i, guest_mac);
}

/* What "status" and "stats" say. */
static struct json_object *report(struct bench *b, bool stats, bool reset)
{
	const struct port_stats none = { 0 };
	struct json_object *reply = json_object_new_object();

	if (stats)
		raw_vf_stats(b->g->npad.raw, reply, &none, reset);
	else
		raw_vf_status(b->g->npad.raw, reply);
	return reply;
}

static bool says(struct bench *b, const char *object, const char *name)
{
	struct json_object *reply = report(b, false, false), *o = reply, *value;
	bool result = (!object || json_object_object_get_ex(reply, object, &o)) &&
		      json_object_object_get_ex(o, name, &value) &&
		      json_object_get_boolean(value);

	json_object_put(reply);
	return result;
}

static int64_t counted(struct bench *b, const char *name, bool reset)
{
	struct json_object *reply = report(b, true, reset), *o, *value;
	int64_t result = -1;

	if (json_object_object_get_ex(reply, "ports", &o) &&
	    json_object_object_get_ex(o, "vf", &o) &&
	    json_object_object_get_ex(o, name, &value))
		result = json_object_get_int64(value);
	json_object_put(reply);
	return result;
}

/* Tests; the client is connected */

/* The VF lives as long as a client is there. */
static void test_life(struct bench *b)
{
	uint32_t ids = 0;

	CHECK(!strcmp(raw_vf_name(b->g->npad.raw), "vf0"));
	CHECK(guest_read(b->g, VFIO_USER_CONFIG, 0, &ids, 4));
	CHECK(ids == (0x8086u | (uint32_t)b->model->device << 16));
	CHECK(get(b, b->model->link) & b->model->link_up);
	CHECK(says(b, "guest", "connected") && says(b, "vf", "attached"));
	CHECK(!says(b, "guest", "active"));
	CHECK(!memcmp(raw_vf_port(b->g->npad.raw)->mac, guest_mac, 6));
	CHECK(start(b));
	CHECK(says(b, "guest", "active"));
	guest_disconnect(b->g);
	CHECK(!raw_vf_port(b->g->npad.raw));
	CHECK(!says(b, "guest", "connected") && !says(b, "vf", "attached") &&
	      !says(b, "guest", "active"));
	CHECK(guest_connect(b->g));
	CHECK(says(b, "vf", "attached") && !says(b, "guest", "active"));
	CHECK(start(b));
}

/* What the PF decides on the requests of the VF's driver. */
static void test_requests(struct bench *b)
{
	static const uint8_t other[6] = { 2, 2, 3, 4, 5, 6 };
	const struct port *port = raw_vf_port(b->g->npad.raw);
	uint32_t mac[2] = { 0 };

	/* Nothing before the driver has said that it starts. */
	CHECK(ask(b, MSG_MAC, 0x04030202, 0x0605) == (MSG_MAC | NACK));
	CHECK(start(b));
	mac[0] = get(b, b->model->mailbox_mem + 4);
	mac[1] = get(b, b->model->mailbox_mem + 8) & 0xffff;
	CHECK(!memcmp(mac, guest_mac, 6));
	CHECK(ask(b, MSG_MAC, 0, 0) == (MSG_MAC | NACK | CTS));
	CHECK(!memcmp(port->mac, guest_mac, 6));
	CHECK(ask(b, MSG_MAC, 0x04030202, 0x0605) == (MSG_MAC | ACK | CTS));
	CHECK(!memcmp(port->mac, other, 6));
	/* A VLAN that was not joined is not heard, and is forgotten. */
	start_queue(b);
	CHECK(!receive(b, 0, other, 77));
	CHECK(ask(b, MSG_VLAN | INFO(1), 77, 0) ==
	      (MSG_VLAN | INFO(1) | ACK | CTS));
	CHECK(receive(b, 0, other, 77));
	CHECK(start(b));
	CHECK(!receive(b, 1, other, 77));
}

static void test_traffic(struct bench *b)
{
	CHECK(start(b));
	start_queue(b);
	guest_irqs(b->g, 0);
	CHECK(receive(b, 0, guest_mac, -1) == 142);
	CHECK(guest_irqs(b->g, 0) == 1);
	CHECK(!memcmp(b->g->ram + AT_RX_DATA, guest_mac, 6));
	CHECK(!receive(b, 1, peer_mac, -1));
	CHECK(send(b, 0) && send(b, 1));
	CHECK(counted(b, "rx_packets", false) == 1);
	CHECK(counted(b, "tx_packets", false) == 2);
	/* They outlast the VF, until somebody resets them. */
	guest_disconnect(b->g);
	CHECK(counted(b, "rx_packets", false) == 1);
	CHECK(counted(b, "tx_packets", true) == 2);
	CHECK(counted(b, "tx_packets", false) == 0);
}

/* Whatever a client reads and writes: it gets an answer, and nothing breaks. */
static void test_accesses(struct bench *b)
{
	uint32_t len = b->model->ops->get_info()->window_len;
	uint32_t link = get(b, b->model->link);
	uint8_t data[64];
	uint64_t value;

	CHECK(guest_read(b->g, BAR_REGS, b->model->link, &value, 8));
	CHECK((uint32_t)value == link);
	memset(data, 0x5a, sizeof(data));
	for (uint32_t count = 1; count <= 16; count++)
		for (uint32_t at = 0; at < 8; at++) {
			bool natural = (count == 1 || count == 2 ||
					count == 4 || count == 8) &&
				       !(at % count);
			uint8_t got[16] = { 0 }, ones[16];

			memset(ones, 0xff, sizeof(ones));
			CHECK(guest_read(b->g, BAR_REGS, b->model->link + at,
					 got, count));
			CHECK(natural || !memcmp(got, ones, count));
			if (natural)
				continue;
			CHECK(guest_write(b->g, BAR_REGS, b->model->txq + at,
					  data, count));
		}
	/* What was not written as the hardware likes it has no effect. */
	CHECK(get(b, b->model->txq) == 0);
	/* Up to the end, and not beyond. */
	CHECK(guest_read(b->g, BAR_REGS, len - 4, data, 4));
	CHECK(!guest_read(b->g, BAR_REGS, len - 4, data, 8));
	CHECK(!guest_read(b->g, BAR_REGS, len, data, 4));
	CHECK(!guest_write(b->g, BAR_REGS, len, data, 4));
	CHECK(!guest_write(b->g, BAR_REGS, UINT64_MAX - 1, data, 4));
	/* The MSI-X table is the client's affair. */
	CHECK(guest_write(b->g, BAR_VF_MSIX, 0, data, 4));
	CHECK(guest_read32(b->g, BAR_VF_MSIX, 0) == 0);
	CHECK(!guest_read(b->g, 1, 0, data, 4));
	CHECK(get(b, b->model->link) == link);
}

/* A reset of the function: everything as after power on. */
static void test_reset(struct bench *b)
{
	uint32_t command = 0;

	CHECK(start(b));
	start_queue(b);
	CHECK(receive(b, 0, guest_mac, -1));
	CHECK(guest_request(b->g, CMD_RESET, NULL, 0, -1) && !b->g->error);
	CHECK(guest_read(b->g, VFIO_USER_CONFIG, 4, &command, 2));
	CHECK(!command);
	CHECK(!get(b, b->model->rxq) && !get(b, b->model->eims));
	CHECK(!says(b, "guest", "active") && says(b, "vf", "attached"));
	CHECK(!receive(b, 1, guest_mac, -1));
	CHECK(start(b));
	start_queue(b);
	CHECK(receive(b, 0, guest_mac, -1));
	CHECK(counted(b, "rx_packets", false) == 2);
}

/* The cable: unplugged with a client or without. */
static void test_link(struct bench *b)
{
	struct raw_vf *raw = b->g->npad.raw;

	CHECK(start(b));
	start_queue(b);
	raw_vf_set_link(raw, false);
	CHECK(!(get(b, b->model->link) & b->model->link_up));
	CHECK(!says(b, NULL, "link"));
	CHECK(!receive(b, 0, guest_mac, -1));
	raw_vf_set_link(raw, true);
	CHECK(get(b, b->model->link) & b->model->link_up);
	CHECK(receive(b, 0, guest_mac, -1));
	guest_disconnect(b->g);
	raw_vf_set_link(raw, false);
	CHECK(guest_connect(b->g));
	CHECK(!(get(b, b->model->link) & b->model->link_up));
	raw_vf_set_link(raw, true);
	CHECK(get(b, b->model->link) & b->model->link_up);
}

/* The hypervisor's rules outlast the VF. */
static void test_policy(struct bench *b)
{
	struct raw_vf *raw = b->g->npad.raw;
	static const uint8_t forged[6] = { 2, 9, 9, 9, 9, 9 };
	const struct port_policy policy = { .antispoof = true };
	const struct port_policy open_policy = { 0 };

	raw_vf_set_policy(raw, &policy);
	CHECK(raw_vf_policy(raw)->antispoof);
	guest_disconnect(b->g);
	CHECK(guest_connect(b->g));
	CHECK(start(b));
	start_queue(b);
	CHECK(send(b, 0));
	CHECK(!send_from(b, 1, forged));
	CHECK(send(b, 2));
	raw_vf_set_policy(raw, &open_policy);
	CHECK(send_from(b, 3, forged));
}

/* The client cannot take the registers' memory away. */
static void test_window(struct bench *b)
{
	struct {
		struct vfio_region_info info;
		uint8_t rest[224];
	} ask = { .info = { .argsz = 256, .index = BAR_REGS } };

	CHECK(guest_request(b->g, CMD_REGION_INFO, &ask, sizeof(ask), -1));
	CHECK(b->g->reply_fd >= 0);
	CHECK(ftruncate(b->g->reply_fd, 0) && errno == EPERM);
	CHECK(get(b, b->model->link) & b->model->link_up);
}

/* There is no VF to be had, or the PF does not get it ready. */

static struct pf_ops broken;
static unsigned int released;

static struct vf *no_vf(const struct pf_env *env)
{
	(void)env;
	errno = ENODEV;
	return NULL;
}

static int no_open(struct vf *vf)
{
	(void)vf;
	return -EIO;
}

static void count_release(struct vf *vf)
{
	released++;
	vf_82576_ops.release(vf);
}

static void test_no_vf(struct bench *b)
{
	struct raw_vf *raw = b->g->npad.raw;

	guest_disconnect(b->g);
	released = 0;
	for (int i = 0; i < 2; i++) {
		broken.acquire = i ? vf_82576_ops.acquire : no_vf;
		broken.open = no_open;
		CHECK(guest_connect(b->g));
		CHECK(released == (unsigned int)i);
		CHECK(!says(b, "vf", "attached") && !raw_vf_port(raw));
		CHECK(get(b, b->model->link) == UINT32_MAX);
		set(b, b->model->mailbox, ADV_MAILBOX_REQ);
		raw_vf_set_link(raw, false);
		raw_vf_set_link(raw, true);
		CHECK(counted(b, "rx_packets", true) == 0);
		guest_disconnect(b->g);
	}
	broken.open = vf_82576_ops.open;
	CHECK(guest_connect(b->g));
	CHECK(says(b, "vf", "attached"));
	CHECK(start(b));
}

static const struct {
	const char *name;
	void (*run)(struct bench *b);
} tests[] = {
	{ "life", test_life },
	{ "requests", test_requests },
	{ "traffic", test_traffic },
	{ "accesses", test_accesses },
	{ "reset", test_reset },
	{ "link", test_link },
	{ "policy", test_policy },
	{ "window", test_window },
};

static void run(struct tap *tap, const struct model *model,
		const struct pf_ops *ops, const char *name,
		void (*test)(struct bench *b))
{
	struct bench b = { .tap = tap, .model = model };

	tap_begin(tap);
	b.g = guest_new_raw(ops);
	if (tap_check(tap, b.g) && tap_check(tap, guest_connect(b.g)))
		test(&b);
	if (b.g)
		guest_free(b.g);
	tap_end(tap, "%s: %s", model->ops->get_info()->model, name);
}

/* A socket that cannot be: a message, an error, nothing left. */
static void test_no_socket(struct tap *tap)
{
	struct guest *g = guest_new(false, NULL);
	struct raw_vf_env env = { .name = "vf0", .ops = &vf_82576_ops };

	tap_begin(tap);
	env.loop = g->npad.loop;
	env.log = &g->npad.log;
	env.sw = g->npad.sw;
	errno = 0;
	tap_check(tap, !raw_vf_new(&env, "/nonexistent/socket") && errno);
	guest_free(g);
	tap_end(tap, "no socket");
}

int main(void)
{
	struct tap tap = { 0 };

	for (size_t m = 0; m < sizeof(models) / sizeof(models[0]); m++)
		for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++)
			run(&tap, &models[m], models[m].ops, tests[i].name,
			    tests[i].run);
	broken = vf_82576_ops;
	broken.release = count_release;
	run(&tap, &models[0], &broken, "no VF", test_no_vf);
	test_no_socket(&tap);
	return tap_done(&tap);
}
