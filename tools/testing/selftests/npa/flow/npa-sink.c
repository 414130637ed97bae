// SPDX-License-Identifier: GPL-2.0
/*
 * Receive UDP packets as cheaply as a program can and count them: the load for
 * counting the instructions of the receive path (bench.py).
 *
 * With a flood that never pauses the guest is never idle, so the guest's clock
 * under -icount is a count of instructions. The first packets, during which
 * the kernel's caches fill, are left out.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BATCH 64
#define LINE 1024

static double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* The idle time of all CPUs in jiffies, as /proc/stat has it. */
static unsigned long long idle_ticks(void)
{
	unsigned long long user, nice, system, idle, iowait;
	FILE *file = fopen("/proc/stat", "re");
	int n;

	if (!file)
		return 0;
	n = fscanf(file, "cpu %llu %llu %llu %llu %llu", &user, &nice, &system,
		   &idle, &iowait);
	fclose(file);
	return n == 5 ? idle + iowait : 0;
}

static unsigned long receive(int fd, struct mmsghdr *messages,
			     unsigned long wanted)
{
	unsigned long count = 0;

	while (count < wanted) {
		int n = recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		count += n;
	}
	return count;
}

int main(int argc, char **argv)
{
	static struct mmsghdr messages[BATCH];
	static struct iovec iov[BATCH];
	static char data[BATCH][LINE];
	struct timeval patience = { .tv_sec = 20 };
	struct sockaddr_in any = { .sin_family = AF_INET };
	unsigned long warmup, wanted, count;
	unsigned long long idle;
	int fd, bytes = 1 << 20;
	double start, end;

	if (argc != 4) {
		fprintf(stderr, "Usage: npa-sink PORT WARMUP PACKETS\n");
		return 2;
	}
	any.sin_port = htons(atoi(argv[1]));
	warmup = strtoul(argv[2], NULL, 0);
	wanted = strtoul(argv[3], NULL, 0);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof(any))) {
		perror("npa-sink: bind");
		return 1;
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	for (int i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){ data[i], LINE };
		messages[i].msg_hdr.msg_iov = &iov[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	receive(fd, messages, warmup);
	idle = idle_ticks();
	start = seconds();
	count = receive(fd, messages, wanted);
	end = seconds();
	printf("{\"packets\": %lu, \"seconds\": %.9f, \"idle_ticks\": %llu}\n",
	       count, end - start, idle_ticks() - idle);
	return count < wanted;
}
