// SPDX-License-Identifier: GPL-2.0
/*
 * The guest's end of the command channel: runs what the host asks for and sends
 * back its output and exit status. The host's end is lib/npa/agent.py.
 *
 * One byte stream (a virtio-serial port) carries frames of both directions. A
 * frame is a header of three little-endian 32-bit words {length, id, type} and
 * length bytes. The host chooses the id of a command; all frames of a command
 * carry it. Any number of commands up to MAX_JOBS run side by side.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_JOBS 32
#define MAX_FRAME (64 * 1024)
#define INPUT_LIMIT (256 * 1024 * 1024)

enum frame_type {
	/* host to guest */
	FRAME_RUN = 1,		/* a shell command */
	FRAME_INPUT = 2,	/* bytes for its standard input */
	FRAME_EOF = 3,		/* end of its standard input */
	FRAME_KILL = 4,		/* u32: a signal for its process group */
	/* guest to host */
	FRAME_HELLO = 16,	/* the agent is up; id 0 */
	FRAME_STDOUT = 17,
	FRAME_STDERR = 18,
	FRAME_EXIT = 19,	/* u32: wait status as wait(2) gives it */
};

struct frame_header {
	uint32_t length;
	uint32_t id;
	uint32_t type;
};

struct job {
	uint32_t id;
	pid_t pid;		/* 0: this entry is free */
	int out;		/* pipes to the command; -1 when closed */
	int err;
	int in;
	char *input;		/* what its standard input has not taken yet */
	size_t input_length;
	int input_ends;
};

struct agent {
	int port;
	int sigchld;
	struct job jobs[MAX_JOBS];
	char buffer[sizeof(struct frame_header) + MAX_FRAME];
	size_t filled;
};

static void fatal(const char *what)
{
	fprintf(stderr, "npa-agent: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* The port is not blocking; while the host reads slowly, wait for it. */
static void write_port(struct agent *agent, const void *data, size_t length)
{
	const char *at = data;

	while (length) {
		ssize_t n = write(agent->port, at, length);

		if (n > 0) {
			at += n;
			length -= n;
		} else if (errno == EAGAIN) {
			struct pollfd pfd = { agent->port, POLLOUT, 0 };

			poll(&pfd, 1, 1000);
		} else if (errno != EINTR) {
			fatal("write to the host");
		}
	}
}

static void send_frame(struct agent *agent, uint32_t id, uint32_t type,
		       const void *data, uint32_t length)
{
	static char frame[sizeof(struct frame_header) + MAX_FRAME];
	struct frame_header header = { length, id, type };

	memcpy(frame, &header, sizeof(header));
	memcpy(frame + sizeof(header), data, length);
	write_port(agent, frame, sizeof(header) + length);
}

static void say(struct agent *agent, uint32_t id, const char *text)
{
	send_frame(agent, id, FRAME_STDERR, text, strlen(text));
}

static struct job *find_job(struct agent *agent, uint32_t id)
{
	for (int i = 0; i < MAX_JOBS; i++)
		if (agent->jobs[i].pid && agent->jobs[i].id == id)
			return &agent->jobs[i];
	return NULL;
}

static struct job *free_job(struct agent *agent)
{
	for (int i = 0; i < MAX_JOBS; i++)
		if (!agent->jobs[i].pid)
			return &agent->jobs[i];
	return NULL;
}

static void refuse(struct agent *agent, uint32_t id, const char *text)
{
	uint32_t status = 126 << 8;

	say(agent, id, text);
	send_frame(agent, id, FRAME_EXIT, &status, sizeof(status));
}

static void child(const char *command, int in, int out, int err)
{
	sigset_t none;

	setsid();
	dup2(in, 0);
	dup2(out, 1);
	dup2(err, 2);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

static void run(struct agent *agent, uint32_t id, const char *command)
{
	int in[2], out[2], err[2];
	struct job *job = free_job(agent);

	if (!job || find_job(agent, id)) {
		refuse(agent, id, "agent: too many commands, or an id twice\n");
		return;
	}
	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC) ||
	    pipe2(err, O_CLOEXEC))
		fatal("pipe");
	memset(job, 0, sizeof(*job));
	job->id = id;
	job->pid = fork();
	if (job->pid < 0)
		fatal("fork");
	if (!job->pid)
		child(command, in[0], out[1], err[1]);
	close(in[0]);
	close(out[1]);
	close(err[1]);
	job->in = in[1];
	job->out = out[0];
	job->err = err[0];
	fcntl(job->in, F_SETFL, O_NONBLOCK);
	fcntl(job->out, F_SETFL, O_NONBLOCK);
	fcntl(job->err, F_SETFL, O_NONBLOCK);
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static void add_input(struct job *job, const char *data, size_t length)
{
	char *input;

	if (job->in < 0 || job->input_length + length > INPUT_LIMIT)
		return;
	input = realloc(job->input, job->input_length + length);
	if (!input)
		return;
	memcpy(input + job->input_length, data, length);
	job->input = input;
	job->input_length += length;
}

static void feed_job(struct job *job)
{
	ssize_t n;

	if (job->input_length) {
		n = write(job->in, job->input, job->input_length);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n < 0) {
			job->input_length = 0;
			job->input_ends = 1;
		} else {
			job->input_length -= n;
			memmove(job->input, job->input + n, job->input_length);
		}
	}
	if (!job->input_length && job->input_ends)
		close_fd(&job->in);
}

/* Returns nonzero if there may be more. */
static int drain(struct agent *agent, struct job *job, int *fd, uint32_t type)
{
	static char data[MAX_FRAME];
	ssize_t n;

	if (*fd < 0)
		return 0;
	n = read(*fd, data, sizeof(data));
	if (n > 0) {
		send_frame(agent, job->id, type, data, n);
		return 1;
	}
	if (!n || (errno != EAGAIN && errno != EINTR))
		close_fd(fd);
	return 0;
}

/*
 * A command has ended when its first process has: one that leaves a daemon
 * behind, which still holds the pipes, must not keep the host waiting.
 */
static void reap(struct agent *agent)
{
	struct signalfd_siginfo info;
	uint32_t wait_status;
	int status;
	pid_t pid;

	while (read(agent->sigchld, &info, sizeof(info)) > 0)
		;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (int i = 0; i < MAX_JOBS; i++) {
			struct job *job = &agent->jobs[i];

			if (job->pid != pid)
				continue;
			while (drain(agent, job, &job->out, FRAME_STDOUT))
				;
			while (drain(agent, job, &job->err, FRAME_STDERR))
				;
			close_fd(&job->in);
			close_fd(&job->out);
			close_fd(&job->err);
			free(job->input);
			job->input = NULL;
			job->pid = 0;
			wait_status = status;
			send_frame(agent, job->id, FRAME_EXIT, &wait_status,
				   sizeof(wait_status));
		}
	}
}

static void handle_frame(struct agent *agent, const struct frame_header *header,
			 char *data)
{
	struct job *job = find_job(agent, header->id);
	uint32_t sig;
	char saved;

	switch (header->type) {
	case FRAME_RUN:
		/* The byte after the frame belongs to the next one. */
		saved = data[header->length];
		data[header->length] = 0;
		run(agent, header->id, data);
		data[header->length] = saved;
		break;
	case FRAME_INPUT:
		if (job)
			add_input(job, data, header->length);
		break;
	case FRAME_EOF:
		if (job) {
			job->input_ends = 1;
			feed_job(job);
		}
		break;
	case FRAME_KILL:
		memcpy(&sig, data, sizeof(sig));
		if (job)
			kill(-job->pid, sig);
		break;
	default:
		fprintf(stderr, "npa-agent: frame of unknown type %u\n",
			header->type);
	}
}

static void read_port(struct agent *agent)
{
	struct frame_header header;
	size_t at = 0;
	ssize_t n;

	/* One byte is kept free for the 0 behind a command, see above. */
	n = read(agent->port, agent->buffer + agent->filled,
		 sizeof(agent->buffer) - 1 - agent->filled);
	if (n <= 0)
		return;
	agent->filled += n;
	while (agent->filled - at >= sizeof(header)) {
		memcpy(&header, agent->buffer + at, sizeof(header));
		if (header.length >= MAX_FRAME) {
			errno = EMSGSIZE;
			fatal("frame from the host");
		}
		if (agent->filled - at < sizeof(header) + header.length)
			break;
		handle_frame(agent, &header,
			     agent->buffer + at + sizeof(header));
		at += sizeof(header) + header.length;
	}
	agent->filled -= at;
	memmove(agent->buffer, agent->buffer + at, agent->filled);
}

static void loop(struct agent *agent)
{
	struct pollfd fds[2 + 3 * MAX_JOBS];
	struct job *job;

	for (;;) {
		fds[0] = (struct pollfd){ agent->port, POLLIN, 0 };
		fds[1] = (struct pollfd){ agent->sigchld, POLLIN, 0 };
		for (int i = 0; i < MAX_JOBS; i++) {
			struct pollfd *pfd = &fds[2 + 3 * i];
			int wants;

			job = &agent->jobs[i];
			wants = job->pid && job->in >= 0 && job->input_length;
			pfd[0] = (struct pollfd){ job->pid ? job->out : -1,
						  POLLIN, 0 };
			pfd[1] = (struct pollfd){ job->pid ? job->err : -1,
						  POLLIN, 0 };
			pfd[2] = (struct pollfd){ wants ? job->in : -1,
						  POLLOUT, 0 };
		}
		if (poll(fds, 2 + 3 * MAX_JOBS, -1) < 0 && errno != EINTR)
			fatal("poll");
		for (int i = 0; i < MAX_JOBS; i++) {
			struct pollfd *pfd = &fds[2 + 3 * i];

			job = &agent->jobs[i];
			if (pfd[0].revents)
				drain(agent, job, &job->out, FRAME_STDOUT);
			if (pfd[1].revents)
				drain(agent, job, &job->err, FRAME_STDERR);
			if (pfd[2].revents)
				feed_job(job);
		}
		if (fds[1].revents)
			reap(agent);
		if (fds[0].revents & POLLIN)
			read_port(agent);
		else if (fds[0].revents & POLLHUP)
			usleep(100000);	/* nobody on the host's end */
	}
}

/* Find the virtio-serial port of the given name; returns an open file. */
static int open_port(const char *wanted)
{
	char path[300], name[64];
	struct dirent *entry;
	int fd = -1;
	DIR *dir;

	dir = opendir("/sys/class/virtio-ports");
	if (!dir)
		fatal("/sys/class/virtio-ports");
	while (fd < 0 && (entry = readdir(dir))) {
		FILE *file;

		snprintf(path, sizeof(path), "/sys/class/virtio-ports/%.64s/name",
			 entry->d_name);
		file = fopen(path, "re");
		if (!file)
			continue;
		if (fgets(name, sizeof(name), file)) {
			name[strcspn(name, "\n")] = 0;
			snprintf(path, sizeof(path), "/dev/%.64s", entry->d_name);
			if (!strcmp(name, wanted))
				fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
		}
		fclose(file);
	}
	closedir(dir);
	if (fd < 0)
		fatal(wanted);
	return fd;
}

int main(void)
{
	static struct agent agent;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	agent.sigchld = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (agent.sigchld < 0)
		fatal("signalfd");
	agent.port = open_port("npa.agent");
	send_frame(&agent, 0, FRAME_HELLO, "", 0);
	loop(&agent);
	return 0;
}
