// SPDX-License-Identifier: GPL-2.0
/*
 * Send single Ethernet frames with any addresses and tag, and count by their
 * mark those that arrive: what a switch lets through. Their EtherType is one
 * for local experiments.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ETHERTYPE	0x88b5
#define MARKS		256
#define FRAME_LEN	64
#define VLAN_VID	0xfff

static volatile sig_atomic_t stopping;

static void on_signal(int sig)
{
	(void)sig;
	stopping = 1;
}

static int fail(const char *what)
{
	fprintf(stderr, "npa-frame: ");
	perror(what);
	return 1;
}

static int usage(void)
{
	fputs("Usage: npa-frame send IFNAME DST SRC VLAN MARK COUNT\n"
	      "       npa-frame listen IFNAME [GROUP]\n"
	      "VLAN 0 is none, a MARK is 0 to 255. Addresses are 02:00:...\n"
	      "listen says \"ready\", and on SIGTERM a line \"MARK VLAN COUNT\" for\n"
	      "each mark and VLAN that has arrived.\n", stderr);
	return 2;
}

static int parse_mac(const char *text, unsigned char *mac)
{
	return sscanf(text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx", &mac[0],
		      &mac[1], &mac[2], &mac[3], &mac[4], &mac[5]) != 6;
}

/* A packet socket on an interface; protocol in host order. */
static int open_socket(const char *ifname, int protocol)
{
	struct sockaddr_ll addr = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(protocol),
		.sll_ifindex = if_nametoindex(ifname),
	};
	int fd = socket(AF_PACKET, SOCK_RAW, htons(protocol));

	if (!addr.sll_ifindex || fd < 0 ||
	    bind(fd, (struct sockaddr *)&addr, sizeof(addr)))
		return -1;
	return fd;
}

static size_t make_frame(unsigned char *frame, char **argv)
{
	int vlan = atoi(argv[3]);
	size_t len = 12;

	if (parse_mac(argv[1], frame) || parse_mac(argv[2], frame + 6))
		return 0;
	memset(frame + len, 0, FRAME_LEN - len);
	if (vlan) {
		frame[len++] = ETHERTYPE_VLAN >> 8;
		frame[len++] = ETHERTYPE_VLAN & 0xff;
		frame[len++] = vlan >> 8;
		frame[len++] = vlan;
	}
	frame[len++] = ETHERTYPE >> 8;
	frame[len++] = ETHERTYPE & 0xff;
	frame[len] = atoi(argv[4]);
	return FRAME_LEN;
}

static int run_send(char **argv)
{
	unsigned char frame[FRAME_LEN];
	size_t len = make_frame(frame, argv);
	int fd, count = atoi(argv[5]);

	if (!len)
		return usage();
	fd = open_socket(argv[0], 0);
	if (fd < 0)
		return fail(argv[0]);
	for (int i = 0; i < count; i++) {
		if (send(fd, frame, len, 0) != (ssize_t)len)
			return fail("send");
		usleep(1000);
	}
	return 0;
}

static int join(int fd, const char *ifname, const char *group)
{
	struct packet_mreq mreq = {
		.mr_ifindex = if_nametoindex(ifname),
		.mr_type = PACKET_MR_MULTICAST,
		.mr_alen = 6,
	};

	return parse_mac(group, mreq.mr_address) ||
	       setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &mreq,
			  sizeof(mreq));
}

/* The tag that the kernel has taken out of the frame, 0 if there was none. */
static int stripped_vlan(struct msghdr *msg)
{
	struct cmsghdr *cmsg;

	for (cmsg = CMSG_FIRSTHDR(msg); cmsg; cmsg = CMSG_NXTHDR(msg, cmsg)) {
		struct tpacket_auxdata aux;

		if (cmsg->cmsg_type != PACKET_AUXDATA)
			continue;
		memcpy(&aux, CMSG_DATA(cmsg), sizeof(aux));
		if (aux.tp_status & TP_STATUS_VLAN_VALID)
			return aux.tp_vlan_tci & VLAN_VID;
	}
	return 0;
}

static void count_frame(const unsigned char *frame, ssize_t len, int vlan,
			unsigned int (*counts)[VLAN_VID + 1])
{
	const unsigned char *type = frame + 12;

	if (len >= 18 && type[0] == ETHERTYPE_VLAN >> 8 && !type[1]) {
		vlan = (type[2] << 8 | type[3]) & VLAN_VID;
		type += 4;
	}
	if (len > type + 2 - frame && type[0] == ETHERTYPE >> 8 &&
	    type[1] == (ETHERTYPE & 0xff))
		counts[type[2]][vlan]++;
}

static void receive(int fd, unsigned int (*counts)[VLAN_VID + 1])
{
	char control[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
	unsigned char frame[2048];
	struct iovec iov = { frame, sizeof(frame) };
	struct sockaddr_ll from;
	struct msghdr msg = {
		.msg_name = &from, .msg_namelen = sizeof(from),
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	ssize_t len = recvmsg(fd, &msg, 0);

	if (len >= 14 && from.sll_pkttype != PACKET_OUTGOING)
		count_frame(frame, len, stripped_vlan(&msg), counts);
}

static int run_listen(const char *ifname, const char *group)
{
	static unsigned int counts[MARKS][VLAN_VID + 1];
	/* Without SA_RESTART a signal ends the system call. */
	struct sigaction action = { .sa_handler = on_signal };
	int fd, on = 1;

	fd = open_socket(ifname, ETH_P_ALL);
	if (fd < 0)
		return fail(ifname);
	if ((group && join(fd, ifname, group)) ||
	    setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)))
		return fail(group);
	sigaction(SIGTERM, &action, NULL);
	puts("ready");
	fflush(stdout);
	while (!stopping)
		receive(fd, counts);
	for (int mark = 0; mark < MARKS; mark++)
		for (int vlan = 0; vlan <= VLAN_VID; vlan++)
			if (counts[mark][vlan])
				printf("%d %d %u\n", mark, vlan,
				       counts[mark][vlan]);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 8 && !strcmp(argv[1], "send"))
		return run_send(argv + 2);
	if ((argc == 3 || argc == 4) && !strcmp(argv[1], "listen"))
		return run_listen(argv[2], argv[3]);
	return usage();
}
