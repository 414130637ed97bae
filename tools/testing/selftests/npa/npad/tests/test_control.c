// SPDX-License-Identifier: GPL-2.0
/*
 * Commands about the switch: policies as text, ports, mirror; which vNIC they
 * are about; and what is kept of events.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../control.h"
#include "../vlan_ranges.h"
#include "guest.h"
#include "tap.h"

static void test_ranges(struct tap *tap)
{
	static const struct {
		const char *text, *canonical;
	} good[] = {
		{ "all", "all" }, { "none", "none" }, { "0", "0" },
		{ "0-4095", "all" }, { "4095", "4095" },
		{ "10,11,12,20-20", "10-12,20" }, { "7-9,0,8-30", "0,7-30" },
		{ "1-4094", "1-4094" },
	};
	static const char *const bad[] = {
		"", ",", "1,", ",1", "1-", "-1", "4096", "1--2", "5-4", "x",
		"1 ", " 1", "+1", "99999999999999999999", "1,all", "none,1",
		"1-2-3", "0x10",
	};
	struct port_policy policy = { 0 }, before;
	char text[VLAN_RANGES_LEN];

	tap_begin(tap);
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		tap_check(tap, !vlan_ranges_parse(good[i].text, &policy));
		vlan_ranges_print(&policy, text);
		if (!tap_check(tap, !strcmp(text, good[i].canonical)))
			printf("# %s gives %s\n", good[i].text, text);
	}
	before = policy;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (!tap_check(tap, vlan_ranges_parse(bad[i], &policy) ==
			       -EINVAL))
			printf("# %s was taken\n", bad[i]);
	tap_check(tap, !memcmp(&before, &policy, sizeof(policy)));
	/* The longest text. */
	policy_vlan_del(&policy, 0, PORT_VLANS - 1);
	for (unsigned int i = 1; i < PORT_VLANS; i += 2)
		policy_vlan_add(&policy, i, i);
	vlan_ranges_print(&policy, text);
	before = policy;
	tap_check(tap, strlen(text) < sizeof(text));
	tap_check(tap, !vlan_ranges_parse(text, &policy));
	tap_check(tap, !memcmp(&before, &policy, sizeof(policy)));
	tap_end(tap, "VLANs as text");
}

typedef int (*command_fn)(void *arg, struct json_object *args,
			  struct json_object *reply);

/* Run a command; *reply is put by the next call with the same pointer. */
static int run(struct guest *g, command_fn fn, const char *args,
	       struct json_object **reply)
{
	struct json_object *object = json_tokener_parse(args);
	int err;

	json_object_put(*reply);
	*reply = json_object_new_object();
	err = fn(&g->npad, object, *reply);
	json_object_put(object);
	return err;
}

/* The text of a member of a member. */
static const char *text_of(struct json_object *reply, const char *first,
			   const char *second)
{
	struct json_object *object;

	if (!json_object_object_get_ex(reply, first, &object) ||
	    !json_object_object_get_ex(object, second, &object))
		return "missing";
	return object ? json_object_get_string(object) : "null";
}

static void test_policy(struct tap *tap)
{
	struct vnic_conf conf = {
		.name = "other", .model = vmxnet3_model_default(1),
		.mac = { 2, 0, 0, 0, 0, 7 },
	};
	struct guest *g = guest_new(true, NULL);
	const struct port_policy *policy = &g->vnic->dev->port.policy;
	struct json_object *reply = NULL, *list;
	char path[96];
	struct vnic *other;

	tap_begin(tap);
	snprintf(path, sizeof(path), "%s/other.sock", g->dir);
	conf.socket = path;
	other = vnic_new(&g->npad, &conf);
	tap_check(tap, other && !other->npa);
	/* What a vNIC starts with. */
	tap_check(tap, !run(g, control_policy, "{\"vnic\":\"other\"}", &reply));
	tap_check(tap, !strcmp(text_of(reply, "policy", "antispoof"), "true"));
	tap_check(tap, !strcmp(text_of(reply, "policy", "vlan"), "all"));
	tap_check(tap, !run(g, control_policy,
			    "{\"antispoof\":\"on\",\"vlan\":\"0,5\","
			    "\"default-vlan\":\"9\","
			    "\"mac-add\":\"02:00:00:00:00:08\"}", &reply));
	tap_check(tap, policy->antispoof && policy->default_vlan == 9);
	tap_check(tap, !policy_allows_vlan(policy, 4));
	tap_check(tap, policy->num_macs == 1 && policy->macs[0][5] == 8);
	tap_check(tap, !strcmp(text_of(reply, "policy", "macs"),
			       "[ \"02:00:00:00:00:08\" ]"));
	tap_check(tap, !other->dev->port.policy.default_vlan);
	/* All or nothing, and no event of it. */
	tap_check(tap, g->npad.events.count == 4);
	tap_check(tap, run(g, control_policy, "{\"antispoof\":\"off\","
			   "\"default-vlan\":\"4095\"}", &reply) == -EINVAL);
	tap_check(tap, policy->antispoof && policy->default_vlan == 9);
	tap_check(tap, g->npad.events.count == 4);
	tap_check(tap, run(g, control_policy, "{\"vlan\":5}", &reply) ==
		  -EINVAL);
	tap_check(tap, run(g, control_policy, "{\"default-vlan\":\"0\"}",
			   &reply) == -EINVAL);
	tap_check(tap, run(g, control_policy,
			   "{\"mac-add\":\"01:00:00:00:00:08\"}", &reply) ==
		  -EINVAL);
	tap_check(tap, run(g, control_policy,
			   "{\"mac-del\":\"02:00:00:00:00:09\"}", &reply) ==
		  -EINVAL);
	tap_check(tap, !run(g, control_policy, "{\"vnic\":\"vnic0\","
			    "\"default-vlan\":\"none\","
			    "\"mac-del\":\"02:00:00:00:00:08\"}", &reply));
	tap_check(tap, !policy->default_vlan && !policy->num_macs);
	tap_check(tap, run(g, control_policy, "{\"vnic\":\"nobody\"}",
			   &reply) == -ENOENT);
	tap_check(tap, !run(g, control_ports, "{}", &reply));
	json_object_object_get_ex(reply, "ports", &list);
	tap_check(tap, json_object_array_length(list) == 4);
	vnic_free(other);
	json_object_put(reply);
	guest_free(g);
	tap_end(tap, "policies of two vNICs");
}

static void test_mirror(struct tap *tap)
{
	static const uint8_t tag[] = { 0x81, 0, 0x20, 0x07 };
	struct guest *g = guest_new(false, NULL);
	struct json_object *reply = NULL;
	char path[96], args[160];
	uint8_t frame[200], file[1000];
	size_t len = make_udp(frame, NULL, 60, false);
	uint32_t *words = (uint32_t *)file;
	ssize_t got;
	int fd;

	tap_begin(tap);
	snprintf(path, sizeof(path), "%s/x.pcap", g->dir);
	snprintf(args, sizeof(args), "{\"to\":\"pcap:%s\"}", path);
	tap_check(tap, run(g, control_mirror, "{\"to\":\"nowhere\"}", &reply) ==
		  -EINVAL);
	tap_check(tap, !run(g, control_mirror, args, &reply));
	tap_check(tap, run(g, control_mirror, args, &reply) == -EBUSY);
	guest_deliver(g, frame, len, -1);
	guest_deliver(g, frame, len, 0x2007);
	tap_check(tap, !run(g, control_mirror, "{}", &reply));
	tap_check(tap, !strcmp(text_of(reply, "mirror", "frames"), "2"));
	tap_check(tap, !run(g, control_mirror, "{\"to\":\"off\"}", &reply));
	guest_deliver(g, frame, len, -1);
	fd = open(path, O_RDONLY);
	got = read(fd, file, sizeof(file));
	close(fd);
	/* A header of 24 bytes, one of 16 per frame. */
	tap_check(tap, got == (ssize_t)(24 + 2 * (16 + len) + 4));
	tap_check(tap, words[0] == 0xa1b2c3d4 && words[5] == 1);
	tap_check(tap, words[8] == len && words[9] == len);
	tap_check(tap, !memcmp(file + 40, frame, len));
	tap_check(tap, !memcmp(file + 56 + len, frame, 12));
	tap_check(tap, !memcmp(file + 56 + len + 12, tag, 4));
	tap_check(tap, !memcmp(file + 56 + len + 16, frame + 12, len - 12));
	/* A file that is there is not written over. */
	tap_check(tap, run(g, control_mirror, args, &reply) == -EEXIST);
	tap_check(tap, !g->npad.mirror);
	unlink(path);
	json_object_put(reply);
	guest_free(g);
	tap_end(tap, "mirror to a capture file");
}

static void test_events(struct tap *tap)
{
	struct json_object *list = json_object_new_array(), *event;
	static struct events events;
	struct log log = { .level = LOG_ERROR };

	tap_begin(tap);
	/* One of them makes many; the other's stay. */
	events_add(&events, &log, "even", "number", "0");
	for (unsigned int i = 1; i < EVENTS_MAX + 5; i++)
		events_add(&events, &log, "odd", "number", "%u", i);
	events_add(&events, &log, "even", "number", "last");
	events_add_phase(&events, "first", 1.5);
	events_add_phase(&events, "second", 2.5);
	events_list(&events, NULL, list);
	tap_check(tap, json_object_array_length(list) == EVENTS_MAX + 2);
	event = json_object_array_get_idx(list, 0);
	json_object_object_get_ex(event, "text", &event);
	tap_check(tap, !strcmp(json_object_get_string(event), "0"));
	event = json_object_array_get_idx(list, 1);
	json_object_object_get_ex(event, "text", &event);
	tap_check(tap, !strcmp(json_object_get_string(event), "5"));
	event = json_object_array_get_idx(list, EVENTS_MAX + 1);
	tap_check(tap, !strcmp(text_of(event, "phases_ms", "second"), "2.5"));
	event = json_object_array_get_idx(list, EVENTS_MAX);
	tap_check(tap, !strcmp(text_of(event, "phases_ms", "first"),
			       "missing"));
	json_object_put(list);
	list = json_object_new_array();
	events_list(&events, "odd", list);
	tap_check(tap, json_object_array_length(list) == EVENTS_MAX);
	json_object_put(list);
	list = json_object_new_array();
	events_list(&events, "even", list);
	tap_check(tap, json_object_array_length(list) == 2);
	json_object_put(list);
	events_free(&events);
	tap_end(tap, "events: the last ones, of one vNIC, with phases");
}

int main(void)
{
	struct tap tap = { 0 };

	test_ranges(&tap);
	test_policy(&tap);
	test_mirror(&tap);
	test_events(&tap);
	return tap_done(&tap);
}
