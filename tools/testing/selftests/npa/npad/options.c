// SPDX-License-Identifier: GPL-2.0
/*
 * The command line of npad.
 */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "pf.h"

#define MIN_QUEUES	2	/* that the operator can ask for */
#define ANSWER_S	15	/* more than the driver's own time limits */

static const char help[] =
"Usage: npad --control PATH --tap IFNAME[@NETNS] --socket PATH [OPTION...]\n"
"       npad --control PATH --tap IFNAME[@NETNS] --vnic NAME=VALUE,... ...\n"
"Be vmxnet3 network devices for virtual machines (vfio-user), and the\n"
"hypervisor that moves their data paths to VFs and back. Runs until SIGTERM.\n"
"\n"
"The host\n"
"  --control PATH     control socket, for npactl\n"
"  --tap IFNAME[@NS]  uplink: a TAP interface, made in network namespace NS\n"
"  --merged           take TCP segments from the uplink in one piece and give\n"
"                     them so to guests that want LRO\n"
"  --plugin-dir DIR   directory of plugin images, NAME.npa\n"
"  --answer-timeout S seconds that a guest may take to do what it was told,\n"
"                     1 to 3600 (default 15); then the VF is withdrawn\n"
"  --migrate-listen PATH\n"
"                     take in guests that 'npactl migrate --to PATH' of another\n"
"                     npad hands over, each on a vNIC without a guest\n"
"  --log-level LEVEL  error, warn, info (default) or debug\n"
"  --help             print this\n"
"\n"
"The first vNIC, called vnic0\n"
"  --socket PATH      vfio-user socket, for QEMU's vfio-user-pci device\n"
"  --mac MAC          its address (default 00:50:56:00:00:01)\n"
"  --queues N         queue pairs it has interrupts for, 2 to 8, from\n"
"                     revision 6 on 32 (default 2)\n"
"  --vf MODEL         model of the VF: 82576 (2 queue pairs, the default) or\n"
"                     82599 (4); none: NPA without a VF, for guests that come\n"
"                     from and go to hosts that have one\n"
"  --raw-vf MODEL     be no vmxnet3, but a VF with a PCI function of its own,\n"
"                     for the driver that the guest has for it\n"
"  --no-npa           be an ordinary vmxnet3: no NPA capability, no VF\n"
"  --revision N       newest device revision to offer, 1 (default) to 9\n"
"  --interrupts KIND  best kind to offer: msix (default), msi or intx\n"
"  --mask-mode MODE   who masks an interrupt: auto (the device, default),\n"
"                     active (the driver in its handler) or lazy (later)\n"
"  --rx-order ORDER   in which buffers are filled: in (default), or out, if\n"
"                     the driver agrees (revision 7)\n"
"  --speed MBIT       of the link, 10 to 1000000 (default 10000)\n"
"  --disable-offloads LIST\n"
"                     tso, lro: say so to the driver (revision 9)\n"
"  --sample-rate N    ask for a timestamp of one frame in N (revision 9)\n"
"\n"
"More vNICs, up to 16 in all, on the same embedded switch\n"
"  --vnic name=NAME,socket=PATH,mac=MAC[,queues=N][,vf=MODEL][,npa=off]\n"
"         [,revision=N][,interrupts=KIND][,mask-mode=MODE][,rx-order=ORDER]\n"
"                     NAME has up to 15 letters, digits, '-', '_', '.'\n"
"\n"
"Prints \"npad: ready\" on stderr when all sockets listen.\n";

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
		return usage_error("not a unicast address", text);
	for (int i = 0; i < 6; i++)
		mac[i] = byte[i];
	return mac[0] & 1 ? usage_error("not a unicast address", text) : 0;
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

static int parse_queues(const char *text, unsigned int *queues)
{
	return parse_number(text, MIN_QUEUES, MODEL_MAX_QUEUES, queues) ?
	       usage_error("queues must be 2 to 32", text) : 0;
}

static int parse_revision(const char *text, unsigned int *revision)
{
	return parse_number(text, VMXNET3_REV_MIN, VMXNET3_REV_MAX, revision) ?
	       usage_error("there is no such revision", text) : 0;
}

/* One of some words, which stand for 0, 1, 2; NULL words are none. */
static int parse_word(const char *text, const char *const words[3],
		      const char *what, unsigned int *value)
{
	for (unsigned int i = 0; i < 3; i++) {
		if (!words[i] || strcmp(text, words[i]))
			continue;
		*value = i;
		return 0;
	}
	return usage_error(what, text);
}

static int parse_interrupts(const char *text, unsigned int *type)
{
	static const char *const words[3] = { "intx", "msi", "msix" };

	if (parse_word(text, words, "interrupts must be msix, msi or intx",
		       type))
		return -EINVAL;
	*type += VMXNET3_INTR_TYPE_INTX;
	return 0;
}

static int parse_mask_mode(const char *text, unsigned int *mode)
{
	static const char *const words[3] = { "auto", "active", "lazy" };

	return parse_word(text, words,
			  "the mask mode must be auto, active or lazy", mode);
}

static int parse_rx_order(const char *text, bool *any)
{
	static const char *const words[3] = { "in", "out", NULL };
	unsigned int value;

	if (parse_word(text, words, "the RX order must be in or out", &value))
		return -EINVAL;
	*any = value;
	return 0;
}

/* Takes text apart in place. */
static int parse_disabled(char *text, uint32_t *offloads)
{
	static char *const words[] = { "tso", "lro", NULL };
	char *value;

	while (*text) {
		int word = getsubopt(&text, words, &value);

		if (word < 0 || value)
			return usage_error("offloads to disable are tso and lro",
					   NULL);
		*offloads |= BIT(word);
	}
	return 0;
}

static int parse_vf(const char *text, const struct pf_ops **vf)
{
	*vf = pf_find_model(text);
	return *vf ? 0 : usage_error("there is no such VF", text);
}

/* The same for a vNIC, which can do without. */
static int parse_vnic_vf(const char *text, const struct pf_ops **vf)
{
	if (strcmp(text, "none"))
		return parse_vf(text, vf);
	*vf = &vf_none_ops;
	return 0;
}

static int parse_name(const char *text, char *name)
{
	size_t len = strlen(text);

	if (!len || len >= VNIC_NAME_LEN)
		return usage_error("not a name for a vNIC", text);
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)text[i]) && !strchr("-_.", text[i]))
			return usage_error("not a name for a vNIC", text);
	memcpy(name, text, len + 1);
	return 0;
}

/* What is said of a vNIC in --vnic, beyond struct vnic_conf. */
struct vnic_words {
	struct vnic_conf conf;
	bool mac, off;
};

static int parse_vnic_word(struct vnic_words *words, int key, char *value)
{
	switch (key) {
	case 0:
		return parse_name(value, words->conf.name);
	case 1:
		words->conf.socket = value;
		return 0;
	case 2:
		words->mac = true;
		return parse_mac(value, words->conf.mac);
	case 3:
		return parse_queues(value, &words->conf.model.queues);
	case 4:
		return parse_vnic_vf(value, &words->conf.vf);
	case 6:
		return parse_revision(value, &words->conf.model.revision);
	case 7:
		return parse_interrupts(value, &words->conf.model.intr_type);
	case 8:
		return parse_mask_mode(value, &words->conf.model.mask_mode);
	case 9:
		return parse_rx_order(value, &words->conf.model.rx_any_order);
	default:
		words->off = !strcmp(value, "off");
		return words->off || !strcmp(value, "on") ? 0 :
		       usage_error("npa must be on or off", value);
	}
}

/* Takes text apart in place. */
static int parse_vnic(struct options *o, char *text)
{
	static char *const keys[] = {
		"name", "socket", "mac", "queues", "vf", "npa", "revision",
		"interrupts", "mask-mode", "rx-order", NULL
	};
	struct vnic_words words = {
		.conf = {
			.model = vmxnet3_model_default(MIN_QUEUES),
			.vf = pf_next_model(NULL),
		},
	};
	char *value;
	int key, err;

	if (o->num_vnics == OPTIONS_MAX_VNICS)
		return usage_error("too many vNICs", NULL);
	while (*text) {
		char *word = text;

		key = getsubopt(&text, keys, &value);
		if (key < 0 || !value)
			return usage_error("--vnic does not know", word);
		err = parse_vnic_word(&words, key, value);
		if (err)
			return err;
	}
	if (!words.conf.name[0] || !words.conf.socket || !words.mac)
		return usage_error("--vnic needs name, socket and mac", NULL);
	if (words.off)
		words.conf.vf = NULL;
	o->vnics[o->num_vnics++] = words.conf;
	return 0;
}

enum {
	OPT_SOCKET = 256, OPT_CONTROL, OPT_TAP, OPT_MAC, OPT_QUEUES,
	OPT_REVISION, OPT_NO_NPA, OPT_PLUGIN_DIR, OPT_VF, OPT_RAW_VF,
	OPT_VNIC, OPT_ANSWER, OPT_LOG_LEVEL, OPT_MIGRATE_LISTEN,
	OPT_INTERRUPTS, OPT_MASK_MODE, OPT_RX_ORDER, OPT_SPEED, OPT_DISABLE,
	OPT_SAMPLE_RATE, OPT_MERGED, OPT_HELP
};

static const struct option long_options[] = {
	{ "socket", required_argument, NULL, OPT_SOCKET },
	{ "control", required_argument, NULL, OPT_CONTROL },
	{ "tap", required_argument, NULL, OPT_TAP },
	{ "mac", required_argument, NULL, OPT_MAC },
	{ "queues", required_argument, NULL, OPT_QUEUES },
	{ "revision", required_argument, NULL, OPT_REVISION },
	{ "interrupts", required_argument, NULL, OPT_INTERRUPTS },
	{ "mask-mode", required_argument, NULL, OPT_MASK_MODE },
	{ "rx-order", required_argument, NULL, OPT_RX_ORDER },
	{ "speed", required_argument, NULL, OPT_SPEED },
	{ "disable-offloads", required_argument, NULL, OPT_DISABLE },
	{ "sample-rate", required_argument, NULL, OPT_SAMPLE_RATE },
	{ "no-npa", no_argument, NULL, OPT_NO_NPA },
	{ "merged", no_argument, NULL, OPT_MERGED },
	{ "plugin-dir", required_argument, NULL, OPT_PLUGIN_DIR },
	{ "vf", required_argument, NULL, OPT_VF },
	{ "raw-vf", required_argument, NULL, OPT_RAW_VF },
	{ "vnic", required_argument, NULL, OPT_VNIC },
	{ "answer-timeout", required_argument, NULL, OPT_ANSWER },
	{ "migrate-listen", required_argument, NULL, OPT_MIGRATE_LISTEN },
	{ "log-level", required_argument, NULL, OPT_LOG_LEVEL },
	{ "help", no_argument, NULL, OPT_HELP },
	{ NULL, 0, NULL, 0 },
};

/* What the first vNIC's device offers; 1: not an option about that. */
static int parse_model(int option, struct vmxnet3_model *model)
{
	switch (option) {
	case OPT_QUEUES:
		return parse_queues(optarg, &model->queues);
	case OPT_REVISION:
		return parse_revision(optarg, &model->revision);
	case OPT_INTERRUPTS:
		return parse_interrupts(optarg, &model->intr_type);
	case OPT_MASK_MODE:
		return parse_mask_mode(optarg, &model->mask_mode);
	case OPT_RX_ORDER:
		return parse_rx_order(optarg, &model->rx_any_order);
	case OPT_SPEED:
		return parse_number(optarg, MODEL_MIN_SPEED, MODEL_MAX_SPEED,
				    &model->speed) ?
		       usage_error("the speed must be 10 to 1000000 Mbit/s",
				   optarg) : 0;
	case OPT_DISABLE:
		return parse_disabled(optarg, &model->disabled_offloads);
	case OPT_SAMPLE_RATE:
		return parse_number(optarg, 0, MODEL_MAX_SAMPLE_RATE,
				    &model->sample_rate) ?
		       usage_error("the sample rate must be 0 to 65535",
				   optarg) : 0;
	default:
		return 1;
	}
}

/* first: the vNIC that --socket and so on describe. */
static int parse_option(int option, struct options *o,
			struct vnic_conf *first, bool *npa)
{
	int ret = parse_model(option, &first->model);

	if (ret <= 0)
		return ret;
	switch (option) {
	case OPT_SOCKET:
		first->socket = optarg;
		return 0;
	case OPT_CONTROL:
		o->control = optarg;
		return 0;
	case OPT_TAP:
		o->tap = optarg;
		return 0;
	case OPT_MAC:
		return parse_mac(optarg, first->mac);
	case OPT_NO_NPA:
		*npa = false;
		return 0;
	case OPT_MERGED:
		o->merged = true;
		return 0;
	case OPT_PLUGIN_DIR:
		o->plugin_dir = optarg;
		return 0;
	case OPT_RAW_VF:
		o->raw_vf = true;
		return parse_vf(optarg, &first->vf);
	case OPT_VF:
		return parse_vnic_vf(optarg, &first->vf);
	case OPT_VNIC:
		return parse_vnic(o, optarg);
	case OPT_ANSWER:
		return parse_number(optarg, 1, 3600, &o->answer_s) ?
		       usage_error("the answer timeout must be 1 to 3600 s",
				   optarg) : 0;
	case OPT_MIGRATE_LISTEN:
		o->migrate_listen = optarg;
		return 0;
	case OPT_LOG_LEVEL:
		return log_parse_level(optarg, &o->level) ?
		       usage_error("there is no such log level", optarg) : 0;
	case OPT_HELP:
		fputs(help, stdout);
		return 1;
	default:
		return usage_error("bad option", NULL);
	}
}

static int check_models(const struct options *o)
{
	for (unsigned int i = 0; i < o->num_vnics; i++) {
		const char *wrong = vmxnet3_model_check(&o->vnics[i].model);

		if (wrong)
			return usage_error(wrong, NULL);
	}
	return 0;
}

/* Names, sockets and addresses must tell the vNICs apart. */
static int check_unique(const struct options *o)
{
	for (unsigned int i = 0; i < o->num_vnics; i++) {
		for (unsigned int j = 0; j < i; j++) {
			const struct vnic_conf *a = &o->vnics[i];
			const struct vnic_conf *b = &o->vnics[j];

			if (!strcmp(a->name, b->name))
				return usage_error("two vNICs have the name",
						   a->name);
			if (!strcmp(a->socket, b->socket))
				return usage_error("two vNICs have the socket",
						   a->socket);
			if (!memcmp(a->mac, b->mac, sizeof(a->mac)))
				return usage_error("its MAC is another's",
						   a->name);
		}
	}
	return 0;
}

static int check_options(struct options *o, const struct vnic_conf *first)
{
	if (first->socket) {
		if (o->num_vnics == OPTIONS_MAX_VNICS)
			return usage_error("too many vNICs", NULL);
		memmove(&o->vnics[1], &o->vnics[0],
			o->num_vnics * sizeof(o->vnics[0]));
		o->vnics[0] = *first;
		o->num_vnics++;
	}
	if (!o->num_vnics || !o->control || !o->tap)
		return usage_error("--socket, --control and --tap are needed (or --vnic)",
				   NULL);
	return check_unique(o) ?: check_models(o);
}

int options_parse(struct options *o, int argc, char **argv)
{
	struct vnic_conf first = {
		.name = "vnic0",
		.mac = { 0x00, 0x50, 0x56, 0x00, 0x00, 0x01 },
		.model = vmxnet3_model_default(MIN_QUEUES),
		.vf = pf_next_model(NULL),
	};
	bool npa = true;
	int option, ret;

	memset(o, 0, sizeof(*o));
	o->level = LOG_INFO;
	o->answer_s = ANSWER_S;
	opterr = 0;
	while ((option = getopt_long(argc, argv, "", long_options, NULL)) !=
	       -1) {
		if (option == '?')
			return usage_error("bad option", argv[optind - 1]);
		ret = parse_option(option, o, &first, &npa);
		if (ret)
			return ret;
	}
	if (optind < argc)
		return usage_error("unexpected argument", argv[optind]);
	if (o->raw_vf && (!npa || !first.socket))
		return usage_error(npa ? "--raw-vf needs --socket" :
				   "--raw-vf and --no-npa exclude each other",
				   NULL);
	if (!npa)
		first.vf = NULL;
	return check_options(o, &first);
}
