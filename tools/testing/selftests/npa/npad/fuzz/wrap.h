/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Functions of the C library that fuzz targets have their own of: the linker
 * (--wrap) makes __wrap_ of what npad calls, and __real_ is the library's.
 */
#ifndef NPAD_FUZZ_WRAP_H
#define NPAD_FUZZ_WRAP_H

#include <sys/epoll.h>
#include <sys/mman.h>
#include <time.h>

int __real_clock_gettime(clockid_t clock, struct timespec *ts);
int __wrap_clock_gettime(clockid_t clock, struct timespec *ts);
int __wrap_epoll_pwait2(int fd, struct epoll_event *events, int max,
			const struct timespec *ts, const void *mask);
void *__real_mmap(void *addr, size_t len, int prot, int flags, int fd,
		  off_t offset);
void *__wrap_mmap(void *addr, size_t len, int prot, int flags, int fd,
		  off_t offset);
int __real_munmap(void *addr, size_t len);
int __wrap_munmap(void *addr, size_t len);

#endif
