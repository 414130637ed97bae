// SPDX-License-Identifier: GPL-2.0
/*
 * Steady traffic with a memory: numbered and time-stamped UDP packets at a fixed
 * rate, and paced TCP streams whose retransmits are sampled. Runs at both ends;
 * lib/npa/flow.py starts it and reads its files.
 *
 * Packets are sent at absolute deadlines: a sender that was held up sends what
 * it owes at once, so that the number of packets depends on the time only.
 * The receiver keeps one record per packet in memory and writes them when it
 * is told to end, so that it does not disturb what it measures.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <linux/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define NSEC_PER_SEC 1000000000ull
#define MAX_FLOWS 64
#define MAX_RECORDS (32u << 20)
#define BATCH 64
#define MAGIC 0x6e706166u	/* "npaf" */
#define TCP_SAMPLE_NS (NSEC_PER_SEC / 20)

/* The start of every UDP packet; host byte order, both ends are x86-64. */
struct packet {
	uint32_t magic;
	uint32_t flow;
	uint64_t seq;
	uint64_t sent_ns;
};

/* One entry of the receiver's file. */
struct record {
	uint32_t flow;
	uint32_t pad;
	uint64_t seq;
	uint64_t sent_ns;	/* by the sender's clock */
	uint64_t received_ns;	/* by the receiver's clock */
};

/* One entry of the TCP sender's file. */
struct tcp_sample {
	uint64_t now_ns;
	uint64_t bytes_acked;
	uint32_t retransmits;
	uint32_t rtt_us;
};

struct options {
	struct sockaddr_storage address;
	socklen_t address_length;
	const char *file;
	double rate;		/* packets or bytes per second */
	double duration;	/* seconds; 0: until a signal */
	unsigned int size;	/* of the UDP payload */
	unsigned int flows;
	unsigned int burst;	/* UDP packets that are due together */
	bool apart;		/* UDP: a late burst delays those after it */
	int port;
};

static volatile sig_atomic_t stopping;

static void on_signal(int sig)
{
	(void)sig;
	stopping = 1;
}

static void die(const char *what)
{
	fprintf(stderr, "npa-flow: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

static uint64_t mono_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
}

static void sleep_until(uint64_t deadline)
{
	struct timespec ts = { deadline / NSEC_PER_SEC,
			       deadline % NSEC_PER_SEC };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
}

static void write_file(const char *path, const void *data, size_t size,
		       size_t count)
{
	FILE *file = fopen(path, "we");

	if (!file)
		die(path);
	if (fwrite(data, size, count, file) != count || fclose(file))
		die(path);
}

static void buffer_size(int fd, int option, int bytes)
{
	/* The forced kind passes the system's limit and needs CAP_NET_ADMIN. */
	if (setsockopt(fd, SOL_SOCKET,
		       option == SO_RCVBUF ? SO_RCVBUFFORCE : SO_SNDBUFFORCE,
		       &bytes, sizeof(bytes)))
		setsockopt(fd, SOL_SOCKET, option, &bytes, sizeof(bytes));
}

static int connected(const struct options *options, int type)
{
	int fd = socket(options->address.ss_family, type | SOCK_CLOEXEC, 0);

	if (fd < 0)
		die("socket");
	if (connect(fd, (const struct sockaddr *)&options->address,
		    options->address_length))
		die("connect");
	return fd;
}

/* A socket for both IP versions on the port. */
static int bound(const struct options *options, int type)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6,
				    .sin6_port = htons(options->port) };
	int fd = socket(AF_INET6, type | SOCK_CLOEXEC, 0), one = 1;

	if (fd < 0)
		die("socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&any, sizeof(any)))
		die("bind");
	return fd;
}

/* Send packets of all flows in turn until the time is over. */
static int udp_send(const struct options *options)
{
	uint64_t sent[MAX_FLOWS] = { 0 }, errors[MAX_FLOWS] = { 0 };
	uint64_t start, deadline, late, worst = 0, n, now;
	char buffer[65536] = { 0 };
	int fds[MAX_FLOWS];

	for (unsigned int i = 0; i < options->flows; i++) {
		fds[i] = connected(options, SOCK_DGRAM);
		buffer_size(fds[i], SO_SNDBUF, 1 << 20);
	}
	start = mono_ns();
	for (n = 0; !stopping; n++) {
		unsigned int flow = n % options->flows;
		struct packet packet = { MAGIC, flow, sent[flow], 0 };

		deadline = start + (n - n % options->burst) *
			   (NSEC_PER_SEC / options->rate);
		if (options->duration &&
		    deadline - start > options->duration * NSEC_PER_SEC)
			break;
		now = mono_ns();
		if (now < deadline) {
			sleep_until(deadline);
			if (stopping)
				break;
			late = 0;
		} else {
			late = now - deadline;
		}
		if (late > worst)
			worst = late;
		if (options->apart && n % options->burst == 0)
			start += mono_ns() - deadline;
		packet.sent_ns = now_ns();
		memcpy(buffer, &packet, sizeof(packet));
		/* A number is used up only by a packet that was taken. */
		if (send(fds[flow], buffer, options->size, 0) < 0)
			errors[flow]++;
		else
			sent[flow]++;
	}
	printf("{\"worst_late_us\": %llu, \"flows\": [",
	       (unsigned long long)worst / 1000);
	for (unsigned int i = 0; i < options->flows; i++)
		printf("%s{\"sent\": %llu, \"errors\": %llu}", i ? ", " : "",
		       (unsigned long long)sent[i],
		       (unsigned long long)errors[i]);
	printf("]}\n");
	return 0;
}

struct receiver {
	struct mmsghdr messages[BATCH];
	struct iovec iov[BATCH];
	struct packet packets[BATCH];
	char control[BATCH][CMSG_SPACE(sizeof(struct timespec))];
	struct record *records;
	size_t count;
	size_t room;
};

static uint64_t stamp(struct msghdr *header)
{
	struct cmsghdr *cmsg;
	struct timespec ts;

	for (cmsg = CMSG_FIRSTHDR(header); cmsg;
	     cmsg = CMSG_NXTHDR(header, cmsg)) {
		if (cmsg->cmsg_level == SOL_SOCKET &&
		    cmsg->cmsg_type == SCM_TIMESTAMPNS) {
			memcpy(&ts, CMSG_DATA(cmsg), sizeof(ts));
			return ts.tv_sec * NSEC_PER_SEC + ts.tv_nsec;
		}
	}
	return now_ns();
}

static void keep(struct receiver *receiver, int index)
{
	struct mmsghdr *message = &receiver->messages[index];
	struct packet *packet = &receiver->packets[index];

	if (message->msg_len < sizeof(*packet) || packet->magic != MAGIC)
		return;
	if (receiver->count == receiver->room) {
		if (receiver->room >= MAX_RECORDS)
			return;
		receiver->room = receiver->room ? 2 * receiver->room : 65536;
		receiver->records = realloc(receiver->records, receiver->room *
					    sizeof(struct record));
		if (!receiver->records)
			die("records");
	}
	receiver->records[receiver->count++] = (struct record){
		.flow = packet->flow,
		.seq = packet->seq,
		.sent_ns = packet->sent_ns,
		.received_ns = stamp(&message->msg_hdr),
	};
}

static int udp_receive(const struct options *options)
{
	static struct receiver receiver;
	struct pollfd pfd = { bound(options, SOCK_DGRAM), POLLIN, 0 };
	int one = 1;

	buffer_size(pfd.fd, SO_RCVBUF, 8 << 20);
	setsockopt(pfd.fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof(one));
	for (int i = 0; i < BATCH; i++) {
		receiver.iov[i].iov_base = &receiver.packets[i];
		receiver.iov[i].iov_len = sizeof(receiver.packets[i]);
		receiver.messages[i].msg_hdr.msg_iov = &receiver.iov[i];
		receiver.messages[i].msg_hdr.msg_iovlen = 1;
		receiver.messages[i].msg_hdr.msg_control = receiver.control[i];
	}
	printf("ready\n");
	fflush(stdout);
	while (!stopping) {
		int n;

		/* The timeout closes the race of a signal before poll(). */
		if (poll(&pfd, 1, 200) <= 0)
			continue;
		for (int i = 0; i < BATCH; i++)
			receiver.messages[i].msg_hdr.msg_controllen =
				sizeof(receiver.control[i]);
		n = recvmmsg(pfd.fd, receiver.messages, BATCH,
			     MSG_DONTWAIT | MSG_TRUNC, NULL);
		for (int i = 0; i < n; i++)
			keep(&receiver, i);
	}
	write_file(options->file, receiver.records, sizeof(struct record),
		   receiver.count);
	printf("{\"received\": %zu}\n", receiver.count);
	return 0;
}

static void tcp_sample(int fd, struct tcp_sample *sample)
{
	struct tcp_info info = { 0 };
	socklen_t length = sizeof(info);

	getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length);
	sample->now_ns = now_ns();
	sample->bytes_acked = info.tcpi_bytes_acked;
	sample->retransmits = info.tcpi_total_retrans;
	sample->rtt_us = info.tcpi_rtt;
}

/* A paced TCP stream; every 50 ms a sample of what TCP had to do for it. */
static int tcp_send(const struct options *options)
{
	static char chunk[16384];
	struct tcp_sample *samples = NULL;
	size_t count = 0, room = 0;
	uint64_t start, next_sample, sent = 0;
	int fd;

	fd = connected(options, SOCK_STREAM);
	start = mono_ns();
	next_sample = start;
	while (!stopping) {
		uint64_t due = start + sent / options->rate * NSEC_PER_SEC;
		uint64_t now = mono_ns();
		ssize_t n;

		if (options->duration &&
		    now - start > options->duration * NSEC_PER_SEC)
			break;
		if (now >= next_sample) {
			if (count == room) {
				room = room ? 2 * room : 4096;
				samples = realloc(samples,
						  room * sizeof(*samples));
				if (!samples || room > MAX_RECORDS)
					die("samples");
			}
			tcp_sample(fd, &samples[count++]);
			next_sample = now + TCP_SAMPLE_NS;
		}
		if (now < due) {
			sleep_until(due < next_sample ? due : next_sample);
			continue;
		}
		/* Do not wait: a stalled stream still wants its samples. */
		n = send(fd, chunk, sizeof(chunk), MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n > 0)
			sent += n;
		else if (errno == EAGAIN)
			sleep_until(now + 5000000);
		else if (errno != EINTR)
			die("TCP stream");
	}
	if (options->file)
		write_file(options->file, samples, sizeof(*samples), count);
	printf("{\"sent\": %llu, \"retransmits\": %u}\n",
	       (unsigned long long)sent,
	       count ? samples[count - 1].retransmits : 0);
	return 0;
}

/* Take what TCP connections bring, several at a time, and count it. */
static int tcp_receive(const struct options *options)
{
	static char buffer[1 << 16];
	struct pollfd fds[1 + MAX_FLOWS];
	unsigned long long total = 0;
	int count = 1;

	fds[0] = (struct pollfd){ bound(options, SOCK_STREAM), POLLIN, 0 };
	if (listen(fds[0].fd, MAX_FLOWS))
		die("listen");
	printf("ready\n");
	fflush(stdout);
	while (!stopping) {
		if (poll(fds, count, 200) <= 0)
			continue;
		if (fds[0].revents && count <= MAX_FLOWS) {
			int fd = accept4(fds[0].fd, NULL, NULL, SOCK_CLOEXEC);

			if (fd >= 0)
				fds[count++] = (struct pollfd){ fd, POLLIN, 0 };
		}
		for (int i = 1; i < count; i++) {
			ssize_t n;

			if (!fds[i].revents)
				continue;
			n = recv(fds[i].fd, buffer, sizeof(buffer),
				 MSG_DONTWAIT);
			if (n > 0) {
				total += n;
			} else if (!n || errno != EAGAIN) {
				close(fds[i].fd);
				fds[i--] = fds[--count];
			}
		}
	}
	printf("{\"received\": %llu}\n", total);
	return 0;
}

static const char usage_text[] =
"Usage: npa-flow COMMAND [OPTION...]\n"
"Commands:\n"
"  udp-send     numbered packets to --to\n"
"  udp-receive  record what arrives on --port in --file\n"
"  tcp-send     a paced stream to --to; samples of TCP's state to --file\n"
"  tcp-receive  take streams on --port\n"
"Options:\n"
"  --to ADDRESS --port PORT   where (IPv4 or IPv6 address)\n"
"  --rate N      packets (UDP, all flows together) or bytes (TCP) a second\n"
"  --flows N     UDP: number of flows, each with a source port of its own\n"
"  --size N      UDP: payload bytes, at least 24 (default 64)\n"
"  --burst N     UDP: packets that are sent at once (default 1)\n"
"  --apart       UDP: whatever is late is not made up for, so that bursts\n"
"                never come closer together than the rate says\n"
"  --duration S  seconds (default: until SIGTERM)\n"
"  --file FILE   where to write records at the end\n"
"All end at SIGTERM or SIGINT and print a line of JSON.\n";

static void bad_usage(const char *text)
{
	fprintf(stderr, "npa-flow: %s\n%s", text, usage_text);
	exit(2);
}

static void set_address(struct options *options, const char *text)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)&options->address;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&options->address;

	if (!text)
		bad_usage("--to is missing");
	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(options->port);
		options->address_length = sizeof(*v4);
	} else if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(options->port);
		options->address_length = sizeof(*v6);
	} else {
		bad_usage("--to is no IP address");
	}
}

static const char *parse(struct options *options, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "to", required_argument, NULL, 't' },
		{ "port", required_argument, NULL, 'p' },
		{ "rate", required_argument, NULL, 'r' },
		{ "flows", required_argument, NULL, 'n' },
		{ "size", required_argument, NULL, 's' },
		{ "burst", required_argument, NULL, 'b' },
		{ "apart", no_argument, NULL, 'a' },
		{ "duration", required_argument, NULL, 'd' },
		{ "file", required_argument, NULL, 'f' },
		{ "help", no_argument, NULL, 'h' },
		{ }
	};
	const char *to = NULL;
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		switch (c) {
		case 't':
			to = optarg;
			break;
		case 'p':
			options->port = atoi(optarg);
			break;
		case 'r':
			options->rate = atof(optarg);
			break;
		case 'n':
			options->flows = atoi(optarg);
			break;
		case 'b':
			options->burst = atoi(optarg);
			break;
		case 'a':
			options->apart = true;
			break;
		case 's':
			options->size = atoi(optarg);
			break;
		case 'd':
			options->duration = atof(optarg);
			break;
		case 'f':
			options->file = optarg;
			break;
		case 'h':
			fputs(usage_text, stdout);
			exit(0);
		default:
			bad_usage("bad option");
		}
	}
	if (options->port < 1 || options->port > 65535)
		bad_usage("--port must be 1 to 65535");
	if (options->rate <= 0 || options->duration < 0)
		bad_usage("--rate and --duration must be positive");
	if (options->flows < 1 || options->flows > MAX_FLOWS)
		bad_usage("--flows must be 1 to 64");
	if (options->burst < 1 || options->burst > 1024)
		bad_usage("--burst must be 1 to 1024");
	if (options->size < sizeof(struct packet) || options->size > 65000)
		bad_usage("--size must be 24 to 65000");
	return to;
}

int main(int argc, char **argv)
{
	struct options options = {
		.rate = 1000, .size = 64, .flows = 1, .burst = 1,
	};
	struct sigaction action = { .sa_handler = on_signal };
	const char *command, *to;

	if (argc < 2)
		bad_usage("no command");
	command = argv[1];
	if (!strcmp(command, "--help")) {
		fputs(usage_text, stdout);
		return 0;
	}
	to = parse(&options, argc - 1, argv + 1);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	signal(SIGPIPE, SIG_IGN);

	if (!strcmp(command, "udp-send") || !strcmp(command, "tcp-send")) {
		set_address(&options, to);
		return *command == 'u' ? udp_send(&options) :
					 tcp_send(&options);
	}
	if (!strcmp(command, "udp-receive")) {
		if (!options.file)
			bad_usage("--file is missing");
		return udp_receive(&options);
	}
	if (!strcmp(command, "tcp-receive"))
		return tcp_receive(&options);
	bad_usage("unknown command");
	return 2;
}
