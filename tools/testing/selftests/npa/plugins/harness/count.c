// SPDX-License-Identifier: GPL-2.0
/*
 * Counting: callgrind runs this program again and counts every instruction by
 * its address; those in the image are the plugin's.  The same traffic gives
 * the same figures each time, on any machine.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../image/image.h"
#include "count.h"

#if __has_include("valgrind/callgrind.h")
#include <valgrind/callgrind.h>
#else
#define CALLGRIND_ZERO_STATS		((void)0)
#define CALLGRIND_TOGGLE_COLLECT	((void)0)
#define CALLGRIND_DUMP_STATS_AT(name)	((void)(name))
#endif

#define BATCH		32
#define LINE_LEN	4096

/**
 * struct traffic - a kind of traffic
 * @name: for people and for JSON
 * @receive: to the VF, else from it
 * @packets: how many are counted, a multiple of @batch
 * @batch: packets that come together, and are harvested together
 * @packet: all are like this one
 * @flags: of the frame to send
 * @pieces: of the frame to send
 */
static const struct traffic {
	const char *name;
	bool receive;
	uint32_t packets;
	uint32_t batch;
	struct packet packet;
	uint32_t flags;
	uint32_t pieces;
} traffics[] = {
	{ "tx, 60 bytes, one at a time", false, 512, 1, { .payload = 18 }, 0, 1 },
	{ "tx, 60 bytes, in bursts", false, 512, BATCH, { .payload = 18 }, 0, 1 },
	{ "tx, 1448 bytes of TCP, checksum, 2 pieces", false, 512, BATCH,
	  { .payload = 1448, .tcp = true }, NPA_TX_CSUM, 2 },
	{ "tx, 64 KB of TCP, TSO, 17 pieces", false, 32, 4,
	  { .payload = 64000, .tcp = true }, NPA_TX_CSUM | NPA_TX_TSO, 17 },
	{ "rx, 60 bytes, in bursts", true, 512, BATCH, { .payload = 18 }, 0, 0 },
	{ "rx, 1448 bytes of TCP, in bursts", true, 512, BATCH,
	  { .payload = 1448, .tcp = true }, 0, 0 },
};

#define NUM_TRAFFICS	(sizeof(traffics) / sizeof(traffics[0]))

static void send_batch(struct testbed *tb, const struct traffic *t)
{
	struct packet k = t->packet;
	uint32_t i;

	for (i = 1; i <= t->batch; i++)
		TB_CHECK(tb, !tb_send(tb, 0, &k, t->flags, 1448,
				      packet_headers(&k) +
				      k.payload / t->pieces, i == t->batch));
	/* The hardware is done when the plugin looks, so it looks once. */
	tb_run(tb, 20);
	us_check_tx(tb->us, 0);
	TB_CHECK(tb, !tb->us->txq[0].outstanding);
}

static void receive_batch(struct testbed *tb, const struct traffic *t)
{
	struct packet k = t->packet;
	uint32_t i;

	for (i = 0; i < t->batch; i++)
		TB_CHECK(tb, !tb_peer_send(tb, &k));
	TB_CHECK(tb, tb_poll(tb, 0, 2 * BATCH) == t->batch);
}

static void run_traffic(struct testbed *tb, const struct traffic *t)
{
	uint32_t i;

	for (i = 0; i < t->packets; i += t->batch) {
		if (t->receive)
			receive_batch(tb, t);
		else
			send_batch(tb, t);
	}
}

int count_traffic(const struct pf_ops *ops, const struct us_image *image)
{
	static const struct tb_options options = { 1, 256, 1500 };
	struct tap tap = { .ok = true };
	struct testbed *tb = tb_new(&tap, ops, image, &options);
	size_t i;

	if (!tb)
		return fail("no memory");
	if (tb_load(tb) || tb_start(tb)) {
		tb_free(tb);
		return fail("the plugin does not start");
	}
	printf("image %#lx\n", (unsigned long)image->base);
	fflush(stdout);
	for (i = 0; i < NUM_TRAFFICS; i++) {
		/* The first time is not like the others. */
		run_traffic(tb, &traffics[i]);
		CALLGRIND_ZERO_STATS;
		CALLGRIND_TOGGLE_COLLECT;
		run_traffic(tb, &traffics[i]);
		CALLGRIND_TOGGLE_COLLECT;
		CALLGRIND_DUMP_STATS_AT(traffics[i].name);
	}
	if (!tb_all_arrived(tb) || tb->us->bad_reports)
		tap.ok = false;
	tb_free(tb);
	return tap.ok ? 0 : fail("the traffic did not work, see 'test'");
}

/*
 * Sum of the costs of addresses in the image.  After a line "calls=" comes one
 * with what the called function cost, which is counted elsewhere.
 */
static int sum_file(const char *path, uint64_t base, uint64_t *sum)
{
	FILE *file = fopen(path, "r");
	char line[LINE_LEN], *end;
	bool skip = false;
	uint64_t addr;

	*sum = 0;
	if (!file)
		return fail("%s: %s", path, strerror(errno));
	while (fgets(line, sizeof(line), file)) {
		if (!strncmp(line, "calls=", 6)) {
			skip = true;
			continue;
		}
		if (strncmp(line, "0x", 2))
			continue;
		addr = strtoull(line, &end, 16);
		if (!skip && addr - base < NPA_IMAGE_MAX_LEN)
			*sum += strtoull(end, NULL, 10);
		skip = false;
	}
	fclose(file);
	return 0;
}

/* Run valgrind; its standard output goes to fd. */
static void exec_valgrind(const struct count_options *o, const char *out,
			  int fd)
{
	dup2(fd, STDOUT_FILENO);
	execlp("valgrind", "valgrind", "-q", "--tool=callgrind",
	       "--dump-instr=yes", "--dump-line=no", "--compress-pos=no",
	       "--compress-strings=no", "--collect-atstart=no",
	       "--vex-iropt-register-updates=allregs-at-mem-access", out,
	       o->program, "traffic", o->path, "--vf", o->model, NULL);
	fail("valgrind: %s", strerror(errno));
	_exit(EXIT_BAD);
}

/* Run the traffic; receives where the image was. */
static int run_counted(const struct count_options *o, const char *out,
		       uint64_t *base)
{
	int fds[2], status;
	char line[128];
	FILE *file;
	pid_t pid;

	*base = 0;
	if (pipe(fds))
		return fail("pipe: %s", strerror(errno));
	pid = fork();
	if (pid < 0)
		return fail("fork: %s", strerror(errno));
	if (!pid)
		exec_valgrind(o, out, fds[1]);
	close(fds[1]);
	file = fdopen(fds[0], "r");
	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, "image ", 6))
			*base = strtoull(line + 6, NULL, 16);
		else
			fputs(line, stderr);
	if (file)
		fclose(file);
	waitpid(pid, &status, 0);
	if (status || !*base)
		return fail("counting has failed");
	return 0;
}

static int print_counts(const struct count_options *o, const char *prefix,
			uint64_t base)
{
	char path[LINE_LEN];
	uint64_t sum;
	size_t i;

	puts(o->json ? "{" : "instructions of the plugin per packet");
	for (i = 0; i < NUM_TRAFFICS; i++) {
		snprintf(path, sizeof(path), "%s.%zu", prefix, i + 1);
		if (sum_file(path, base, &sum))
			return -1;
		if (!sum)
			return fail("nothing was counted (no callgrind.h when this was built?)");
		if (o->json)
			printf("  \"%s\": %.3f%s\n", traffics[i].name,
			       (double)sum / traffics[i].packets,
			       i + 1 < NUM_TRAFFICS ? "," : "");
		else
			printf("%10.1f  %s\n", (double)sum / traffics[i].packets,
			       traffics[i].name);
	}
	if (o->json)
		puts("}");
	return 0;
}

static void remove_files(const char *dir, const char *prefix)
{
	char path[LINE_LEN];
	size_t i;

	unlink(prefix);
	for (i = 0; i <= NUM_TRAFFICS; i++) {
		snprintf(path, sizeof(path), "%s.%zu", prefix, i + 1);
		unlink(path);
	}
	rmdir(dir);
}

int count_run(const struct count_options *o)
{
	char dir[] = "/tmp/npa-harness-XXXXXX", prefix[64], out[128];
	uint64_t base;
	int ret;

	if (!mkdtemp(dir))
		return fail("%s: %s", dir, strerror(errno));
	snprintf(prefix, sizeof(prefix), "%s/out", dir);
	snprintf(out, sizeof(out), "--callgrind-out-file=%s", prefix);
	ret = run_counted(o, out, &base);
	if (!ret)
		ret = print_counts(o, prefix, base);
	remove_files(dir, prefix);
	return ret ? -1 : 0;
}
