// SPDX-License-Identifier: GPL-2.0
/*
 * Listening on UNIX sockets.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "unix_listen.h"

/* Does somebody listen on the socket? */
static bool in_use(const struct sockaddr_un *addr, int type)
{
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	bool used;

	if (fd < 0)
		return false;
	/* Somebody may listen for connections of another type. */
	used = !connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) ||
	       errno == EPROTOTYPE;
	close(fd);
	return used;
}

/* Remove a socket that a server has left behind, and nothing else. */
static int remove_stale(const struct sockaddr_un *addr, int type)
{
	struct stat st;

	if (lstat(addr->sun_path, &st))
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	if (in_use(addr, type))
		return -EADDRINUSE;
	return unlink(addr->sun_path) ? -errno : 0;
}

int unix_listen_type(const char *path, int type, int backlog)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	mode_t mask;
	int fd, err;

	if (strlen(path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	memcpy(addr.sun_path, path, strlen(path));
	err = remove_stale(&addr, type);
	if (err)
		return err;
	fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	/* Who may use the device is who may open the socket. */
	mask = umask(0077);
	err = bind(fd, (struct sockaddr *)&addr, sizeof(addr)) ||
	      listen(fd, backlog) ? -errno : 0;
	umask(mask);
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

int unix_listen(const char *path, int backlog)
{
	return unix_listen_type(path, SOCK_STREAM, backlog);
}
