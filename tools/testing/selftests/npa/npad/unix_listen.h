/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Listening on UNIX sockets.
 */
#ifndef NPAD_UNIX_LISTEN_H
#define NPAD_UNIX_LISTEN_H

/*
 * Make a stream socket that only its owner can connect to.  A socket that a
 * dead server has left is removed, and nothing else.  The descriptor, or a
 * negative errno: -EADDRINUSE, -EEXIST for what is no socket, -ENAMETOOLONG.
 */
int unix_listen(const char *path, int backlog);
/* The same for another type of socket, SOCK_SEQPACKET. */
int unix_listen_type(const char *path, int type, int backlog);

#endif
