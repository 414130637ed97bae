// SPDX-License-Identifier: GPL-2.0
/*
 * Commands of npactl about the switch: policies, mirror, ports.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "npactl.h"

#define INTERVAL_MS	1000	/* default of top */
#define INTERVAL_MAX	3600	/* seconds */

const char npactl_policy_help[] =
"Shows or changes the rules for all frames of the vNIC, on the emulated device\n"
"and on a VF alike.  The guest cannot see or change them.\n"
"  antispoof on|off  drop frames whose source is not an address of the vNIC\n"
"                    (default: on)\n"
"  vlan RANGES       VLANs that the guest may use: all (default), none, or such\n"
"                    as 0,10-20; 0 is for frames without a tag.  Frames of other\n"
"                    VLANs, from it and to it, are dropped\n"
"  default-vlan N    tag all its frames with N, 1 to 4094, and untag those to it;\n"
"                    frames that it tags itself are dropped.  none: no such VLAN\n"
"  mac-add MAC       one more address, up to 16: frames for it are the vNIC's\n"
"  mac-del MAC       not any longer\n"
"Either all changes are made or none.  Drops are counted: see 'ports'.\n";

const char npactl_top_help[] =
"Shows what each port of the switch moves, in packets and kilobytes per second,\n"
"and what it has dropped in the interval, again and again until it is stopped.\n"
"The port that receives for a vNIC is marked with *.\n"
"  --once            one interval only\n"
"  --interval S      seconds (default: 1)\n"
"With --json there is one line per interval.\n";

static void print_policy(struct json_object *reply)
{
	struct json_object *policy = npactl_get(reply, "policy");
	struct json_object *macs = npactl_get(policy, "macs");
	int vlan = npactl_int(policy, "default_vlan");

	printf("vNIC          %s\n", npactl_text(reply, "vnic"));
	printf("antispoof     %s\n",
	       npactl_bool(policy, "antispoof") ? "on" : "off");
	printf("vlan          %s\n", npactl_text(policy, "vlan"));
	if (vlan)
		printf("default-vlan  %d\n", vlan);
	else
		puts("default-vlan  none");
	for (size_t i = 0; i < json_object_array_length(macs); i++) {
		struct json_object *mac = json_object_array_get_idx(macs, i);

		printf("mac           %s\n", json_object_get_string(mac));
	}
}

int npactl_policy(struct session *s, int argc, char **argv)
{
	static const char *const words[] = {
		"antispoof", "vlan", "default-vlan", "mac-add", "mac-del"
	};
	struct json_object *args, *reply;
	bool show = !argc || (argc == 1 && !strcmp(argv[0], "show"));
	size_t i;
	int ret;

	if (!show && strcmp(argv[0], "set"))
		return npactl_usage(s, "'%s' is neither 'show' nor 'set'",
				    argv[0]);
	if (!show && (argc < 3 || argc % 2 == 0))
		return npactl_usage(s, "say what to set, and to what");
	args = json_object_new_object();
	for (argc--, argv++; !show && argc; argc -= 2, argv += 2) {
		for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
			if (!strcmp(words[i], argv[0]))
				break;
		if (i == sizeof(words) / sizeof(words[0]) ||
		    npactl_get(args, argv[0])) {
			json_object_put(args);
			return npactl_usage(s, "'%s' is not understood",
					    argv[0]);
		}
		json_object_object_add(args, argv[0],
				       json_object_new_string(argv[1]));
	}
	ret = npactl_ask(s, "policy", args, &reply);
	if (reply)
		print_policy(reply);
	json_object_put(reply);
	return ret;
}

int npactl_mirror(struct session *s, int argc, char **argv)
{
	struct json_object *args = NULL, *reply, *mirror;
	int ret;

	if (argc > 1)
		return npactl_usage(s, "'%s' is too much", argv[1]);
	if (argc) {
		args = json_object_new_object();
		json_object_object_add(args, "to",
				       json_object_new_string(argv[0]));
	}
	ret = npactl_ask(s, "mirror", args, &reply);
	mirror = npactl_get(reply, "mirror");
	if (mirror)
		printf("%s, %lld frames, %lld dropped\n",
		       npactl_text(mirror, "to"),
		       (long long)npactl_int(mirror, "frames"),
		       (long long)npactl_int(mirror, "dropped"));
	else if (reply)
		puts("off");
	json_object_put(reply);
	return ret;
}

/* "vnic0/vf*": the port that receives for vnic0. */
static void port_name(struct json_object *port, char *name, size_t size)
{
	const char *vnic = npactl_text(port, "vnic");

	snprintf(name, size, "%s%s%s%s", vnic, *vnic ? "/" : "",
		 npactl_text(port, "kind"),
		 *vnic && npactl_bool(port, "live") ? "*" : "");
}

/* Why frames were dropped, where any were. */
static void print_drops(struct json_object *port)
{
	static const struct {
		const char *counter, *text;
	} drops[] = {
		{ "tx_spoofed", "from it with a forged source" },
		{ "tx_vlan", "from it on a VLAN that is not allowed" },
		{ "tx_no_link", "from it without a link" },
		{ "rx_vlan", "to it on a VLAN that is not allowed" },
		{ "rx_too_long", "to it beyond its MTU" },
		{ "rx_no_room", "to it without a buffer" },
	};

	for (size_t i = 0; i < sizeof(drops) / sizeof(drops[0]); i++) {
		int64_t count = npactl_int(port, drops[i].counter);

		if (count)
			printf("  dropped %s: %lld\n", drops[i].text,
			       (long long)count);
	}
}

static void print_queues(struct json_object *port)
{
	struct json_object *queues = npactl_get(port, "queues");
	size_t count = queues ? json_object_array_length(queues) : 0;

	for (size_t i = 0; i < count; i++) {
		struct json_object *queue = json_object_array_get_idx(queues,
								      i);

		json_object_object_foreach(queue, name, dir)
			printf("  queue %zu %s: %s%s, %lld packets, head %lld, tail %lld of %lld\n",
			       i, name,
			       npactl_bool(dir, "enabled") ? "on" : "off",
			       npactl_bool(dir, "waiting") ? ", waiting" : "",
			       (long long)npactl_int(dir, "packets"),
			       (long long)npactl_int(dir, "head"),
			       (long long)npactl_int(dir, "tail"),
			       (long long)npactl_int(dir, "size"));
	}
}

static void print_port(struct json_object *port)
{
	static const char * const columns[] = {
		"rx_packets", "rx_bytes", "rx_dropped",
		"tx_packets", "tx_bytes", "tx_dropped",
	};
	char name[64];

	port_name(port, name, sizeof(name));
	printf("%-20s", name);
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		printf(" %12lld", (long long)npactl_int(port, columns[i]));
	putchar('\n');
	print_drops(port);
	print_queues(port);
}

int npactl_ports(struct session *s, int argc, char **argv)
{
	struct json_object *reply, *ports;
	int ret;

	if (argc)
		return npactl_usage(s, "'%s' is too much", argv[0]);
	ret = npactl_ask(s, "ports", NULL, &reply);
	ports = npactl_get(reply, "ports");
	if (ports) {
		printf("%-20s %12s %12s %12s %12s %12s %12s\n", "port",
		       "rx packets", "rx bytes", "rx dropped", "tx packets",
		       "tx bytes", "tx dropped");
		for (size_t i = 0; i < json_object_array_length(ports); i++)
			print_port(json_object_array_get_idx(ports, i));
	}
	json_object_put(reply);
	return ret;
}

/* Top: differences of two replies to "ports" */

/* The same port in an earlier reply, NULL if it was not there. */
static struct json_object *find_port(struct json_object *ports,
				     struct json_object *port)
{
	for (size_t i = 0; i < json_object_array_length(ports); i++) {
		struct json_object *p = json_object_array_get_idx(ports, i);

		if (!strcmp(npactl_text(p, "vnic"), npactl_text(port, "vnic")) &&
		    !strcmp(npactl_text(p, "kind"), npactl_text(port, "kind")))
			return p;
	}
	return NULL;
}

/* Counters may have been reset in between: not less than nothing. */
static double rate(struct json_object *port, struct json_object *old,
		   const char *counter, double seconds)
{
	int64_t diff = npactl_int(port, counter) - npactl_int(old, counter);

	return diff > 0 && seconds > 0 ? diff / seconds : 0;
}

static struct json_object *port_rates(struct json_object *port,
				      struct json_object *old, double seconds)
{
	static const struct {
		const char *counter, *name;
		double unit;
	} rates[] = {
		{ "rx_packets", "rx_pps", 1 }, { "rx_bytes", "rx_kBps", 1e3 },
		{ "tx_packets", "tx_pps", 1 }, { "tx_bytes", "tx_kBps", 1e3 },
		{ "rx_dropped", "rx_drops", 0 },
		{ "tx_dropped", "tx_drops", 0 },
	};
	struct json_object *object = json_object_new_object();
	char name[64];

	port_name(port, name, sizeof(name));
	json_object_object_add(object, "port", json_object_new_string(name));
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		double value = rate(port, old, rates[i].counter,
				    rates[i].unit ? seconds : 1);

		if (rates[i].unit)
			value /= rates[i].unit;
		json_object_object_add(object, rates[i].name,
				       json_object_new_double(value));
	}
	return object;
}

static double double_of(struct json_object *obj, const char *name)
{
	return json_object_get_double(npactl_get(obj, name));
}

static void print_rates(struct json_object *port)
{
	printf("%-20s %12.0f %12.1f %12.0f %12.1f %9.0f %9.0f\n",
	       npactl_text(port, "port"), double_of(port, "rx_pps"),
	       double_of(port, "rx_kBps"), double_of(port, "tx_pps"),
	       double_of(port, "tx_kBps"), double_of(port, "rx_drops"),
	       double_of(port, "tx_drops"));
}

static void show_rates(struct session *s, struct json_object *ports,
		       struct json_object *old, double seconds)
{
	struct json_object *list = json_object_new_array();
	struct json_object *reply = json_object_new_object();
	size_t count = json_object_array_length(ports);

	for (size_t i = 0; i < count; i++) {
		struct json_object *port = json_object_array_get_idx(ports, i);

		json_object_array_add(list, port_rates(port,
						       find_port(old, port), seconds));
	}
	json_object_object_add(reply, "seconds",
			       json_object_new_double(seconds));
	json_object_object_add(reply, "ports", list);
	if (s->json) {
		puts(json_object_to_json_string_ext(reply,
						    JSON_C_TO_STRING_PLAIN));
	} else {
		if (isatty(STDOUT_FILENO))
			fputs("\033[H\033[J", stdout);
		printf("%-20s %12s %12s %12s %12s %9s %9s\n", "port", "rx/s",
		       "rx kB/s", "tx/s", "tx kB/s", "rx drops", "tx drops");
		for (size_t i = 0; i < count; i++)
			print_rates(json_object_array_get_idx(list, i));
	}
	fflush(stdout);
	json_object_put(reply);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static int sample(struct session *s, struct json_object **reply)
{
	int ret = npactl_request(s, "ports", NULL, reply);

	if (!ret && !npactl_bool(*reply, "ok"))
		ret = npactl_complain(EXIT_REFUSED, "%s (%s)",
				      npactl_text(*reply, "error"),
				      npactl_text(*reply, "code"));
	return ret;
}

static int watch(struct session *s, bool once, long milliseconds)
{
	const struct timespec pause = {
		.tv_sec = milliseconds / 1000,
		.tv_nsec = milliseconds % 1000 * 1000000,
	};
	struct json_object *old, *new;
	double before, after;
	int ret;

	ret = sample(s, &old);
	before = now();
	while (!ret) {
		nanosleep(&pause, NULL);
		ret = sample(s, &new);
		after = now();
		if (!ret)
			show_rates(s, npactl_get(new, "ports"),
				   npactl_get(old, "ports"), after - before);
		json_object_put(old);
		old = new;
		before = after;
		if (once)
			break;
	}
	json_object_put(old);
	return ret;
}

int npactl_top(struct session *s, int argc, char **argv)
{
	long milliseconds = INTERVAL_MS;
	bool once = false;
	double seconds;
	char *end;

	for (; argc; argc--, argv++) {
		if (!strcmp(argv[0], "--once")) {
			once = true;
			continue;
		}
		if (argc < 2 || strcmp(argv[0], "--interval"))
			return npactl_usage(s, "'%s' is not understood",
					    argv[0]);
		seconds = strtod(argv[1], &end);
		if (*end || end == argv[1] || !(seconds >= 0.01) ||
		    seconds > INTERVAL_MAX)
			return npactl_usage(s,
					    "the interval is 0.01 to %d seconds",
					    INTERVAL_MAX);
		milliseconds = seconds * 1000;
		argc--;
		argv++;
	}
	return watch(s, once, milliseconds);
}
