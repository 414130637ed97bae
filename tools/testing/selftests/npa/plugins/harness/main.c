// SPDX-License-Identifier: GPL-2.0
/*
 * npa-harness: run a plugin's image in a normal process, against the model of
 * its VF.
 */
#include <endian.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../image/image.h"
#include "convention.h"
#include "count.h"
#include "tests.h"

static const char help[] =
"Usage: npa-harness COMMAND [OPTION...] [IMAGE]\n"
"Run the image of an NPA plugin, the bytes that a guest would run, in this\n"
"process: against a shell in user space and the model of a VF.\n"
"\n"
"Commands\n"
"  test IMAGE         run all tests: start, sending and receiving of every\n"
"                     kind of frame, full and empty rings, all queues, stop and\n"
"                     start. Each frame is compared byte for byte, whatever the\n"
"                     plugin tells the shell is checked. Output: TAP\n"
"      --only TEXT    only the tests that have TEXT in their names\n"
"      --list         print their names, no IMAGE is needed\n"
"  count IMAGE        instructions of the plugin per packet, exactly and the\n"
"                     same each time (needs valgrind)\n"
"      --json         as JSON\n"
"  models             print the VFs that there are models of\n"
"  convention         print the calling convention that the shell was built\n"
"                     for: its own functions, not those of the Shell API\n"
"\n"
"Options\n"
"  --vf MODEL         the VF (default: the one that the image is for)\n"
"  --help             print this\n"
"\n"
"Exit status: 0 good, 1 a test or the image has failed, 2 wrong usage.\n";

struct options {
	const char *vf;
	const char *only;
	bool json;
	bool list;
};

static const struct hx_test *const tables[] = {
	hx_tx_tests, hx_rx_tests, hx_life_tests,
};

#define TEST_SECONDS	100	/* a hundred times what the longest one needs */
#define NUM_TABLES	(sizeof(tables) / sizeof(tables[0]))

static int usage(const char *what)
{
	fprintf(stderr, "npa-harness: %s (see npa-harness --help)\n", what);
	return EXIT_USAGE;
}

/* The model by name, or the one that the image is for. */
static const struct pf_ops *model_for(const struct options *o,
				      const struct us_image *image)
{
	uint64_t id = le64toh(image->header.device_impl_id);
	const struct pf_ops *ops = NULL;

	if (o->vf) {
		ops = pf_find_model(o->vf);
		if (!ops)
			fail("there is no model '%s'", o->vf);
	} else {
		while ((ops = pf_next_model(ops)))
			if (ops->get_info()->device_impl_id == id)
				return ops;
		fail("there is no model of device %#llx",
		     (unsigned long long)id);
	}
	if (ops && ops->get_info()->device_impl_id != id) {
		fail("the image is for device %#llx, the VF is %#llx",
		     (unsigned long long)id,
		     (unsigned long long)ops->get_info()->device_impl_id);
		return NULL;
	}
	return ops;
}

/* A plugin that does not return cannot be left. */
static void on_alarm(int number)
{
	static const char text[] = "# a function of the plugin does not return\n";

	(void)number;
	if (write(STDOUT_FILENO, text, sizeof(text) - 1) < 0)
		abort();
	_exit(EXIT_BAD);
}

static void run_test(struct tap *tap, const struct pf_ops *ops,
		     const struct us_image *image, const struct hx_test *test)
{
	struct testbed *tb;

	tap_begin(tap);
	alarm(TEST_SECONDS);
	tb = tb_new(tap, ops, image, &test->options);
	if (!tb) {
		tap_check(tap, tb);
	} else {
		if (TB_CHECK(tb, tb_load(tb) == 0) &&
		    TB_CHECK(tb, tb_start(tb) == 0)) {
			test->fn(tb);
			TB_CHECK(tb, tb_all_arrived(tb));
			us_check_memory(tb->us);
		}
		TB_CHECK(tb, !tb->us->errors);
		TB_CHECK(tb, !tb->us->bad_reports);
		tb_free(tb);
	}
	tap_end(tap, "%s", test->name);
}

static int do_test(const struct options *o, const struct pf_ops *ops,
		   const struct us_image *image)
{
	const struct hx_test *test;
	struct tap tap = { 0 };
	size_t i;

	signal(SIGALRM, on_alarm);
	for (i = 0; i < NUM_TABLES; i++)
		for (test = tables[i]; test->name; test++)
			if (!o->only || strstr(test->name, o->only))
				run_test(&tap, ops, image, test);
	if (!tap.count)
		return fail("no test has '%s' in its name", o->only);
	return tap_done(&tap);
}

static int do_list(void)
{
	const struct hx_test *test;
	size_t i;

	for (i = 0; i < NUM_TABLES; i++)
		for (test = tables[i]; test->name; test++)
			puts(test->name);
	return EXIT_OK;
}

static int do_models(void)
{
	const struct pf_ops *ops = NULL;

	while ((ops = pf_next_model(ops)))
		printf("%-8s device %#llx, %u queue pairs, plugin %s\n",
		       ops->get_info()->model,
		       (unsigned long long)ops->get_info()->device_impl_id,
		       ops->get_info()->max_queues, ops->get_info()->plugin);
	return EXIT_OK;
}

static int do_convention(void)
{
	const char *name = convention_of_shell();

	if (!name)
		return fail("the shell follows no convention");
	puts(name);
	return EXIT_OK;
}

static int do_count(const struct options *o, const struct pf_ops *ops,
		    const char *path)
{
	struct count_options count = {
		.program = "/proc/self/exe",
		.path = path,
		.model = ops->get_info()->model,
		.json = o->json,
	};
	char program[4096];

	/* valgrind has a /proc/self/exe of its own. */
	if (!realpath(count.program, program))
		return fail("cannot find myself");
	count.program = program;
	return count_run(&count) ? EXIT_BAD : EXIT_OK;
}

/* The commands that need an image. */
static int with_image(const struct options *o, const char *command,
		      const char *path)
{
	const struct pf_ops *ops;
	struct us_image image;
	int ret = EXIT_BAD;

	if (us_image_load(&image, path))
		return EXIT_BAD;
	ops = model_for(o, &image);
	if (ops && !strcmp(command, "test"))
		ret = do_test(o, ops, &image);
	else if (ops && !strcmp(command, "count"))
		ret = do_count(o, ops, path);
	else if (ops)
		ret = count_traffic(ops, &image) ? EXIT_BAD : EXIT_OK;
	us_image_unload(&image);
	return ret;
}

static int parse(struct options *o, int argc, char **argv)
{
	enum { VF = 256, ONLY, JSON, LIST };
	static const struct option options[] = {
		{ "vf", required_argument, NULL, VF },
		{ "only", required_argument, NULL, ONLY },
		{ "json", no_argument, NULL, JSON },
		{ "list", no_argument, NULL, LIST },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (opt) {
		case VF:
			o->vf = optarg;
			break;
		case ONLY:
			o->only = optarg;
			break;
		case JSON:
			o->json = true;
			break;
		case LIST:
			o->list = true;
			break;
		case 'h':
			fputs(help, stdout);
			exit(EXIT_OK);
		default:
			return usage("bad option");
		}
	}
	return EXIT_OK;
}

int main(int argc, char **argv)
{
	struct options o = { .vf = NULL };
	const char *command;
	int ret, left;

	ret = parse(&o, argc, argv);
	if (ret)
		return ret;
	left = argc - optind;
	if (!left)
		return usage("which command?");
	command = argv[optind];
	if (left == 1 && !strcmp(command, "models"))
		return do_models();
	if (left == 1 && !strcmp(command, "convention"))
		return do_convention();
	if (left == 1 && !strcmp(command, "test") && o.list)
		return do_list();
	if (strcmp(command, "test") && strcmp(command, "count") &&
	    strcmp(command, "traffic"))
		return usage("no such command");
	if (left != 2)
		return usage("one image is needed");
	return with_image(&o, command, argv[optind + 1]);
}
