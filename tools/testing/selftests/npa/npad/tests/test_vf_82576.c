// SPDX-License-Identifier: GPL-2.0
/*
 * The 82576 VF: its model and its plugin against each other, see
 * vf_intel_test.h; and the plugins that misbehave, which are made from it.
 */
#include "../../plugins/intel-82576vf.c"

#define TEST_OPS	vf_82576_ops
#define TEST_PLUGIN	"intel-82576vf"
#define TEST_EICS	E1000VF_EICS
#define TEST_EICR	E1000VF_EICR
#define TEST_VFGPRC	E1000VF_VFGPRC
#define TEST_VFGPTC	E1000VF_VFGPTC
#define TEST_VMBMEM	E1000VF_VMBMEM
#define TEST_MAILBOX	E1000VF_MAILBOX

#include "vf_intel_test.h"

static void test_status_reset(struct bench *b)
{
	CHECK(TEST_OPS.read(b->vf, E1000VF_STATUS, 4) & E1000VF_STATUS_LU);
	CHECK(TEST_OPS.read(b->vf, E1000VF_STATUS, 1) ==
	      (TEST_OPS.read(b->vf, E1000VF_STATUS, 4) & 0xff));
	TEST_OPS.write(b->vf, E1000VF_EIMS, 4, 5);
	TEST_OPS.write(b->vf, E1000VF_CTRL, 4, E1000VF_CTRL_RST);
	CHECK(TEST_OPS.read(b->vf, E1000VF_EIMS, 4) == 0);
	CHECK(TEST_OPS.read(b->vf, E1000VF_STATUS, 4) & E1000VF_STATUS_LU);
	run(b, 3);
}

/* Traffic both ways through a plugin that misbehaves after a while. */
static void run_bad(struct bench *b, bool hangs)
{
	size_t len = make_frame(tx_data(b), false, 100, 0, true);
	uint8_t data[256];
	unsigned int i;

	for (i = 0; i < 100; i++) {
		send_plain(b, tx_data(b), len, len, 1);
		peer_send(b, data, make_rx_frame(data, false, 100, i));
		run(b, 2);
		us_poll(b->us, 64);
		if (i == 20)
			CHECK(!b->us->bad_reports);
	}
	if (hangs)
		CHECK(!b->num_got && !b->us->completed);
	else
		CHECK(b->us->bad_reports > 10);
}

/* The plugins that the guest's tests use do what they are meant to do. */
static void run_misbehaving(struct tap *tap, const char *o)
{
	static const char * const names[] = {
		"unknown-id", "long-length", "bad-sum", "bad-count", "twice",
		"over-budget", "over-complete", "tx-hang",
	};
	struct variant v = { .name = "misbehaving" };
	struct bench *b;
	char path[4096];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/../plugins/test/test-%s.npa",
			 o, names[i]);
		v.entry = us_map_image(path, &v.priv_len);
		if (!v.entry) {
			tap_skip(tap, names[i], "no image: make -C plugins check");
			continue;
		}
		tap_begin(tap);
		b = bench_for(tap, &v, &tests[0]);
		run_bad(b, !strcmp(names[i], "tx-hang"));
		bench_free(b);
		tap_end(tap, "%s: %s", v.name, names[i]);
	}
}

static const struct vf_test own_tests[] = {
	{ "status and reset", test_status_reset, 1, 1500, 0 },
};

int main(void)
{
	const char *o = getenv("O");
	struct tap tap = { 0 };

	run_variants(&tap, own_tests, sizeof(own_tests) / sizeof(own_tests[0]));
	run_misbehaving(&tap, o ? o : ".");
	return tap_done(&tap);
}
