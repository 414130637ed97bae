// SPDX-License-Identifier: GPL-2.0
/*
 * npad - NPA device server: vmxnet3 devices for virtual machines, over
 * vfio-user, whose data paths can move to VFs and back.
 *
 * This file: putting the parts of the host together.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "npad.h"
#include "options.h"

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

static int make_raw_vf(struct npad *npad, const struct vnic_conf *conf)
{
	struct raw_vf_env env = {
		.loop = npad->loop,
		.log = &npad->log,
		.sw = npad->sw,
		.ops = conf->vf,
	};

	memcpy(env.name, conf->name, sizeof(env.name));
	memcpy(env.mac, conf->mac, sizeof(env.mac));
	npad->raw = raw_vf_new(&env, conf->socket);
	return npad->raw ? 0 : -EIO;
}

static int make_functions(struct npad *npad, const struct options *o)
{
	unsigned int i = 0;

	if (o->raw_vf && make_raw_vf(npad, &o->vnics[i++]))
		return -EIO;
	for (; i < o->num_vnics; i++)
		if (!vnic_new(npad, &o->vnics[i]))
			return -EIO;
	return 0;
}

static int make_parts(struct npad *npad, const struct options *o)
{
	int err;

	npad->answer_ns = o->answer_s * 1000000000ull;
	npad->loop = loop_new();
	npad->sw = eswitch_new();
	npad->store = store_new(o->plugin_dir);
	if (!npad->loop || !npad->sw || !npad->store)
		return -ENOMEM;
	err = watch_signals(npad);
	if (err)
		return err;
	npad->uplink = uplink_tap_new(npad->loop, &npad->log, npad->sw, o->tap,
				      o->merged);
	if (!npad->uplink)
		return -EIO;
	npad->uplink_port = uplink_port(npad->uplink);
	err = make_functions(npad, o);
	if (err)
		return err;
	if (o->migrate_listen) {
		npad->migrate_in = migrate_in_new(npad, o->migrate_listen);
		if (!npad->migrate_in)
			return -EIO;
	}
	npad->ctl = ctl_new(npad->loop, o->control, npad_commands, npad);
	return npad->ctl ? 0 : -EIO;
}

static void free_parts(struct npad *npad)
{
	if (npad->ctl)
		ctl_free(npad->ctl);
	migrate_in_free(npad->migrate_in);
	migrate_out_free(npad);
	raw_vf_free(npad->raw);
	while (npad->vnics)
		vnic_free(npad->vnics);
	mirror_free(npad->mirror);
	uplink_free(npad->uplink);
	if (npad->signal_fd >= 0) {
		loop_del_fd(npad->loop, npad->signal_fd);
		close(npad->signal_fd);
	}
	store_free(npad->store);
	events_free(&npad->events);
	eswitch_free(npad->sw);
	loop_free(npad->loop);
	free(npad);
}

int main(int argc, char **argv)
{
	struct options options;
	struct npad *npad;
	int err;

	err = options_parse(&options, argc, argv);
	if (err)
		return err > 0 ? 0 : 2;
	/* Short sleeps are what the VF's poller lives on. */
	prctl(PR_SET_TIMERSLACK, 1);
	npad = calloc(1, sizeof(*npad));
	if (!npad)
		return 1;
	npad->log.level = options.level;
	npad->signal_fd = -1;
	err = make_parts(npad, &options);
	if (err) {
		log_error(&npad->log, "cannot start: %s", strerror(-err));
	} else {
		fputs("npad: ready\n", stderr);
		err = loop_run(npad->loop);
	}
	free_parts(npad);
	return err ? 1 : 0;
}
