// SPDX-License-Identifier: GPL-2.0
/*
 * The first and only program of a guest that has no C library: it sends back
 * what comes to it by UDP and TCP, and does as it is told by UDP.
 *
 * Built with the nolibc of a kernel tree (tests/full/big_endian.py).  Ports:
 * PORT_ECHO returns datagrams and bytes as they are.  PORT_ORDER takes one
 * order in each datagram and answers with one:
 *   get PATH     the file's first bytes
 *   mtu N        eth0's MTU
 *   vlan N A     a VLAN on eth0 with the address 198.51.100.A/24
 * The answer to the others is "ok", or the number of an error.
 */
#include <asm/byteorder.h>
#include <linux/if_vlan.h>
#include <linux/in.h>
#include <linux/sockios.h>

#define PORT_ECHO	7
#define PORT_ORDER	8
#define MAX_DATAGRAM	65507

#define AF_INET		2
#define SOCK_STREAM	1
#define SOCK_DGRAM	2

#define IFF_UP		1

/* linux/if.h wants a C library. */
struct request {
	char name[16];
	union {
		struct sockaddr_in address;
		int mtu;
		short flags;
		char room[24];
	};
};

static char buffer[MAX_DATAGRAM + 1];

static int bound_socket(int type, int port)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = __cpu_to_be16(port),
	};
	int fd = syscall(__NR_socket, AF_INET, type, 0);

	if (fd < 0 ||
	    syscall(__NR_bind, fd, &address, sizeof(address)) < 0 ||
	    (type == SOCK_STREAM && syscall(__NR_listen, fd, 4) < 0)) {
		printf("echo_init: port %d: errno %d\n", port, errno);
		return -1;
	}
	return fd;
}

/* Returns 0 or the number of an error, negative. */
static int device_ioctl(int number, void *argument)
{
	int fd = syscall(__NR_socket, AF_INET, SOCK_DGRAM, 0);
	int err = 0;

	if (fd < 0 || ioctl(fd, number, argument) < 0)
		err = -errno;
	if (fd >= 0)
		close(fd);
	return err;
}

static int set_address(struct request *request, int command, uint32_t address)
{
	memset(request->room, 0, sizeof(request->room));
	request->address.sin_family = AF_INET;
	request->address.sin_addr.s_addr = __cpu_to_be32(address);
	return device_ioctl(command, request);
}

static int add_vlan(const char *text)
{
	struct vlan_ioctl_args args = { .cmd = SET_VLAN_NAME_TYPE_CMD };
	struct request request = { 0 };
	const char *last = strchr(text, ' ');
	int err;

	if (!last)
		return -EINVAL;
	args.u.name_type = VLAN_NAME_TYPE_PLUS_VID_NO_PAD;
	err = device_ioctl(SIOCSIFVLAN, &args);
	args.cmd = ADD_VLAN_CMD;
	snprintf(args.device1, sizeof(args.device1), "eth0");
	args.u.VID = atoi(text);
	if (!err)
		err = device_ioctl(SIOCSIFVLAN, &args);
	if (err)
		return err;

	snprintf(request.name, sizeof(request.name), "vlan%d", atoi(text));
	err = set_address(&request, SIOCSIFADDR, 0xc6336400 | atoi(last + 1));
	if (!err)
		err = set_address(&request, SIOCSIFNETMASK, 0xffffff00);
	memset(request.room, 0, sizeof(request.room));
	request.flags = IFF_UP;
	return err ? err : device_ioctl(SIOCSIFFLAGS, &request);
}

static int set_mtu(const char *text)
{
	struct request request = { .name = "eth0", .mtu = atoi(text) };

	return device_ioctl(SIOCSIFMTU, &request);
}

/* Carry out the order in the buffer; returns the length of the answer there. */
static int obey(void)
{
	int err = -EINVAL, fd, len, n;

	if (!strncmp(buffer, "get ", 4)) {
		fd = open(buffer + 4, O_RDONLY);
		for (len = 0; fd >= 0 && len < 8000; len += n) {
			n = read(fd, buffer + len, 8000 - len);
			if (n <= 0)
				break;
		}
		if (fd >= 0)
			close(fd);
		return len;
	}
	if (!strncmp(buffer, "mtu ", 4))
		err = set_mtu(buffer + 4);
	else if (!strncmp(buffer, "vlan ", 5))
		err = add_vlan(buffer + 5);
	if (!err)
		return snprintf(buffer, MAX_DATAGRAM, "ok");
	return snprintf(buffer, MAX_DATAGRAM, "error %d", -err);
}

static void answer_datagram(int fd, int is_order)
{
	struct sockaddr_in from;
	int from_len = sizeof(from);
	int len = syscall(__NR_recvfrom, fd, buffer, MAX_DATAGRAM, 0, &from,
			  &from_len);

	if (len < 0)
		return;
	if (is_order) {
		buffer[len] = 0;
		len = obey();
	}
	syscall(__NR_sendto, fd, buffer, len, 0, &from, from_len);
}

static void echo_stream(int listener)
{
	int fd = syscall(__NR_accept4, listener, 0, 0, 0);
	int len;

	if (fd < 0)
		return;
	if (!fork()) {
		while ((len = read(fd, buffer, MAX_DATAGRAM)) > 0) {
			int done = 0, n;

			for (; done < len; done += n) {
				n = write(fd, buffer + done, len - done);
				if (n <= 0)
					exit(1);
			}
		}
		exit(0);
	}
	close(fd);
}

int main(void)
{
	struct pollfd sockets[3];
	int i;

	mkdir("/proc", 0755);
	mkdir("/sys", 0755);
	mount("proc", "/proc", "proc", 0, 0);
	mount("sys", "/sys", "sysfs", 0, 0);

	sockets[0].fd = bound_socket(SOCK_DGRAM, PORT_ECHO);
	sockets[1].fd = bound_socket(SOCK_DGRAM, PORT_ORDER);
	sockets[2].fd = bound_socket(SOCK_STREAM, PORT_ECHO);
	for (i = 0; i < 3; i++)
		sockets[i].events = POLLIN;
	printf("echo_init: ready\n");

	while (poll(sockets, 3, -1) >= 0) {
		if (sockets[0].revents)
			answer_datagram(sockets[0].fd, 0);
		if (sockets[1].revents)
			answer_datagram(sockets[1].fd, 1);
		if (sockets[2].revents)
			echo_stream(sockets[2].fd);
	}
	printf("echo_init: poll: errno %d\n", errno);
	return 1;
}
