// SPDX-License-Identifier: GPL-2.0
/*
 * Receive UDP packets as cheaply as a program can and count them until SIGTERM:
 * the load for counting the instructions of the receive path (bench.py).
 */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#define BATCH 64
#define LINE 1024

static volatile sig_atomic_t stopping;

static void on_signal(int sig)
{
	(void)sig;
	stopping = 1;
}

int main(int argc, char **argv)
{
	static struct mmsghdr messages[BATCH];
	static struct iovec iov[BATCH];
	static char data[BATCH][LINE];
	struct sockaddr_in any = { .sin_family = AF_INET };
	/* Without SA_RESTART a signal ends the system call. */
	struct sigaction action = { .sa_handler = on_signal };
	int fd, bytes = 16 << 20;
	unsigned long count = 0;

	if (argc != 2) {
		fprintf(stderr, "Usage: npa-sink PORT\n");
		return 2;
	}
	any.sin_port = htons(atoi(argv[1]));
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof(any))) {
		perror("npa-sink: bind");
		return 1;
	}
	sigaction(SIGTERM, &action, NULL);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
	for (int i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){ data[i], LINE };
		messages[i].msg_hdr.msg_iov = &iov[i];
		messages[i].msg_hdr.msg_iovlen = 1;
	}
	while (!stopping) {
		int n = recvmmsg(fd, messages, BATCH, MSG_WAITFORONE, NULL);

		if (n > 0)
			count += n;
	}
	printf("{\"packets\": %lu}\n", count);
	return 0;
}
