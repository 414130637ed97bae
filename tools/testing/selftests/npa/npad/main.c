// SPDX-License-Identifier: GPL-2.0
/*
 * npad - NPA device server: a vmxnet3 device for a virtual machine, over
 * vfio-user, whose data path can move to a VF and back.
 *
 * This file: options, and putting the parts together.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "npad.h"

#define MAX_QUEUES	8
#define NEWEST_REVISION	1

struct options {
	const char *socket;
	const char *control;
	const char *tap;
	const char *plugin_dir;
	const struct pf_ops *vf;
	uint8_t mac[6];
	unsigned int queues;
	bool npa;
	enum log_level level;
};

static const char help[] =
"Usage: npad --socket PATH --control PATH --tap IFNAME[@NETNS] [OPTION...]\n"
"Be a vmxnet3 network device for a virtual machine (vfio-user), and the\n"
"hypervisor that moves its data path to a VF and back. Runs until SIGTERM.\n"
"\n"
"  --socket PATH      vfio-user socket, for QEMU's vfio-user-pci device\n"
"  --control PATH     control socket, for npactl\n"
"  --tap IFNAME[@NS]  uplink: a TAP interface, made in network namespace NS\n"
"  --mac MAC          address of the vNIC (default 00:50:56:00:00:01)\n"
"  --queues N         queue pairs the guest has interrupts for, 2 to 8\n"
"                     (default 2, as many as the 82576 VF has)\n"
"  --revision N       newest device revision to offer (1)\n"
"  --no-npa           be an ordinary vmxnet3: no NPA capability, no VF\n"
"  --plugin-dir DIR   directory of plugin images, NAME.npa\n"
"  --vf MODEL         model of the VF (82576)\n"
"  --log-level LEVEL  error, warn, info (default) or debug\n"
"  --help             print this\n"
"\n"
"Prints \"npad: ready\" on stderr when both sockets listen.\n";

static int usage_error(const char *what, const char *value)
{
	fprintf(stderr, "npad: %s%s%s\nTry 'npad --help'.\n", what,
		value ? ": " : "", value ? value : "");
	return -EINVAL;
}

static int parse_mac(const char *text, uint8_t mac[6])
{
	unsigned int byte[6];
	char end;

	if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%c", &byte[0], &byte[1],
		   &byte[2], &byte[3], &byte[4], &byte[5], &end) != 6)
		return -EINVAL;
	for (int i = 0; i < 6; i++)
		mac[i] = byte[i];
	return mac[0] & 1 ? -EINVAL : 0;
}

static int parse_number(const char *text, unsigned int min, unsigned int max,
			unsigned int *value)
{
	unsigned long number;
	char *end;

	errno = 0;
	number = strtoul(text, &end, 10);
	if (errno || *end || end == text || number < min || number > max)
		return -EINVAL;
	*value = number;
	return 0;
}

enum {
	OPT_SOCKET = 256, OPT_CONTROL, OPT_TAP, OPT_MAC, OPT_QUEUES,
	OPT_REVISION, OPT_NO_NPA, OPT_PLUGIN_DIR, OPT_VF, OPT_LOG_LEVEL,
	OPT_HELP
};

static const struct option long_options[] = {
	{ "socket", required_argument, NULL, OPT_SOCKET },
	{ "control", required_argument, NULL, OPT_CONTROL },
	{ "tap", required_argument, NULL, OPT_TAP },
	{ "mac", required_argument, NULL, OPT_MAC },
	{ "queues", required_argument, NULL, OPT_QUEUES },
	{ "revision", required_argument, NULL, OPT_REVISION },
	{ "no-npa", no_argument, NULL, OPT_NO_NPA },
	{ "plugin-dir", required_argument, NULL, OPT_PLUGIN_DIR },
	{ "vf", required_argument, NULL, OPT_VF },
	{ "log-level", required_argument, NULL, OPT_LOG_LEVEL },
	{ "help", no_argument, NULL, OPT_HELP },
	{ NULL, 0, NULL, 0 },
};

static int parse_option(int option, struct options *o)
{
	unsigned int revision;

	switch (option) {
	case OPT_SOCKET:
		o->socket = optarg;
		return 0;
	case OPT_CONTROL:
		o->control = optarg;
		return 0;
	case OPT_TAP:
		o->tap = optarg;
		return 0;
	case OPT_MAC:
		return parse_mac(optarg, o->mac) ?
		       usage_error("not a unicast address", optarg) : 0;
	case OPT_QUEUES:
		return parse_number(optarg, 2, MAX_QUEUES, &o->queues) ?
		       usage_error("queues must be 2 to 8", optarg) : 0;
	case OPT_REVISION:
		return parse_number(optarg, 1, NEWEST_REVISION, &revision) ?
		       usage_error("there is no such revision", optarg) : 0;
	case OPT_NO_NPA:
		o->npa = false;
		return 0;
	case OPT_PLUGIN_DIR:
		o->plugin_dir = optarg;
		return 0;
	case OPT_VF:
		o->vf = pf_find_model(optarg);
		return o->vf ? 0 : usage_error("there is no such VF", optarg);
	case OPT_LOG_LEVEL:
		return log_parse_level(optarg, &o->level) ?
		       usage_error("there is no such log level", optarg) : 0;
	case OPT_HELP:
		fputs(help, stdout);
		exit(0);
	default:
		return usage_error("bad option", NULL);
	}
}

static int parse_options(int argc, char **argv, struct options *o)
{
	int option, err;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "", long_options, NULL)) !=
	       -1) {
		if (option == '?')
			return usage_error("bad option", argv[optind - 1]);
		err = parse_option(option, o);
		if (err)
			return err;
	}
	if (optind < argc)
		return usage_error("unexpected argument", argv[optind]);
	if (!o->socket || !o->control || !o->tap)
		return usage_error("--socket, --control and --tap are needed",
				   NULL);
	return 0;
}

static void on_signal(void *arg, uint32_t events)
{
	struct npad *npad = arg;

	(void)events;
	loop_stop(npad->loop);
}

static int watch_signals(struct npad *npad)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;
	signal(SIGPIPE, SIG_IGN);
	npad->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (npad->signal_fd < 0)
		return -errno;
	return loop_add_fd(npad->loop, npad->signal_fd, EPOLLIN, on_signal,
			   npad);
}

/*
 * Two vectors per queue pair, so that TX completions can have their own, and
 * one for events.  Either driver also runs with fewer.
 */
static unsigned int num_vectors(const struct options *o)
{
	return 2 * o->queues + 1;
}

/* Memory of the window BAR: all ones as long as there is no VF. */
static int make_window(struct npad *npad)
{
	void *map;

	npad->window_fd = memfd_create("npa-window", MFD_CLOEXEC);
	if (npad->window_fd < 0 ||
	    ftruncate(npad->window_fd, WINDOW_BAR_LEN))
		return -errno;
	map = mmap(NULL, WINDOW_BAR_LEN, PROT_READ | PROT_WRITE, MAP_SHARED,
		   npad->window_fd, 0);
	if (map == MAP_FAILED)
		return -errno;
	npad->window = map;
	memset(map, 0xff, WINDOW_BAR_LEN);
	return 0;
}

static int make_npa(struct npad *npad)
{
	struct npa_env env = {
		.loop = npad->loop,
		.log = &npad->log,
		.dma = npad->dma,
		.sw = npad->sw,
		.pci = &npad->pci,
		.store = npad->store,
		.ops = npad->pf,
	};
	int err;

	err = make_window(npad);
	if (err) {
		log_error(&npad->log, "no memory for the VF's window: %s",
			  strerror(-err));
		return err;
	}
	env.window = npad->window;
	npad->npa = npa_new(&env);
	return npad->npa ? 0 : -ENOMEM;
}

static int make_parts(struct npad *npad, const struct options *o)
{
	npad->pf = o->vf;
	npad->loop = loop_new();
	npad->dma = dma_new();
	npad->sw = eswitch_new();
	npad->store = store_new(o->plugin_dir);
	if (!npad->loop || !npad->dma || !npad->sw || !npad->store)
		return -ENOMEM;
	npad->dev = vmxnet3_dev_new(npad->loop, &npad->log, npad->dma, npad->sw,
				    o->mac, num_vectors(o));
	if (!npad->dev)
		return -ENOMEM;
	return o->npa ? make_npa(npad) : 0;
}

static int connect_parts(struct npad *npad, const struct options *o)
{
	const struct pf_vf_info *info = npad->pf->get_info();
	int err;

	err = watch_signals(npad);
	if (err)
		return err;
	npad->uplink = uplink_tap_new(npad->loop, &npad->log, npad->sw, o->tap);
	if (!npad->uplink)
		return -EIO;
	npad->uplink_port = uplink_port(npad->uplink);
	pci_init(&npad->pci, num_vectors(o), o->npa, info->max_queues);
	npad_device_regions(npad);
	npad->vu = vfio_user_new(npad->loop, &npad->log, o->socket, npad->dma,
				 npad->regions, num_vectors(o), &npad_device_ops,
				 npad);
	if (!npad->vu)
		return -EIO;
	if (npad->npa)
		npa_set_peers(npad->npa, npad->dev, npad->vu);
	npad->ctl = ctl_new(npad->loop, o->control, npad_commands, npad);
	return npad->ctl ? 0 : -EIO;
}

static void free_parts(struct npad *npad)
{
	if (npad->ctl)
		ctl_free(npad->ctl);
	vfio_user_free(npad->vu);
	npa_free(npad->npa);
	vmxnet3_dev_free(npad->dev);
	uplink_free(npad->uplink);
	if (npad->signal_fd >= 0) {
		loop_del_fd(npad->loop, npad->signal_fd);
		close(npad->signal_fd);
	}
	if (npad->window)
		munmap(npad->window, WINDOW_BAR_LEN);
	if (npad->window_fd >= 0)
		close(npad->window_fd);
	store_free(npad->store);
	eswitch_free(npad->sw);
	dma_free(npad->dma);
	loop_free(npad->loop);
	free(npad);
}

int main(int argc, char **argv)
{
	struct options options = {
		.mac = { 0x00, 0x50, 0x56, 0x00, 0x00, 0x01 },
		.queues = 2,
		.vf = pf_next_model(NULL),
		.npa = true,
		.level = LOG_INFO,
	};
	struct npad *npad;
	int err;

	if (parse_options(argc, argv, &options))
		return 2;
	/* Short sleeps are what the VF's poller lives on. */
	prctl(PR_SET_TIMERSLACK, 1);
	npad = calloc(1, sizeof(*npad));
	if (!npad)
		return 1;
	npad->log.level = options.level;
	npad->signal_fd = -1;
	npad->window_fd = -1;
	err = make_parts(npad, &options);
	if (err)
		log_error(&npad->log, "cannot start: %s", strerror(-err));
	else
		err = connect_parts(npad, &options);
	if (!err) {
		fputs("npad: ready\n", stderr);
		err = loop_run(npad->loop);
	}
	free_parts(npad);
	return err ? 1 : 0;
}
