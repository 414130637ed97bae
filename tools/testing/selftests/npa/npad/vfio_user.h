/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Server side of the vfio-user protocol for a PCI device: the socket and its
 * messages, nothing about the device.  One client at a time.  Facts: QEMU's
 * docs/interop/vfio-user.
 */
#ifndef NPAD_VFIO_USER_H
#define NPAD_VFIO_USER_H

#include <stdbool.h>
#include <stdint.h>

#include "dma.h"
#include "irq.h"
#include "log.h"
#include "loop.h"

#define VFIO_USER_CONFIG	7	/* region number of configuration space */
#define VFIO_USER_REGIONS	9
#define VFIO_USER_MAX_AREAS	8
#define VFIO_USER_MAX_ACCESS	4096	/* bytes in one region access */

#define VFIO_USER_MAX_MESSAGE	(16 + 64 * 1024)	/* bytes, from the client */
#define VFIO_USER_MAX_FDS	16	/* that come with it */

struct vfio_user;

/* Interrupts of the device by vfio's index: INTx, MSI, MSI-X. */
struct vfio_user_irqs {
	unsigned int count[IRQ_KINDS];
};

/**
 * struct vfio_user_state - a connection between two of its bytes
 * @ready: a version was agreed on
 * @next_id: of the next message to the client
 * @have: bytes of @in that have come
 * @in: a message that is not complete yet
 * @num_fds: descriptors that have come with it
 */
struct vfio_user_state {
	bool ready;
	uint16_t next_id;
	unsigned int have;
	uint8_t in[VFIO_USER_MAX_MESSAGE];
	unsigned int num_fds;
};

/**
 * struct vfio_user_area - a part of a region that the client may map
 * @offset: bytes from the start of the region, page aligned
 * @size: bytes, whole pages
 */
struct vfio_user_area {
	uint64_t offset;
	uint64_t size;
};

/**
 * struct vfio_user_region - a region of the device
 * @size: bytes; 0 if there is no such region
 * @fd: memory of the areas, with the region's offsets; -1 without areas
 * @num_areas: elements in use of @areas
 * @areas: parts that may be mapped
 */
struct vfio_user_region {
	uint64_t size;
	int fd;
	unsigned int num_areas;
	struct vfio_user_area areas[VFIO_USER_MAX_AREAS];
};

/**
 * struct vfio_user_ops - the device
 * @connected: a client has come and agreed on a version
 * @disconnected: it has gone; its memory will be unmapped after the call
 * @reset: reset the device
 * @read: Read @count bytes, 1 to %VFIO_USER_MAX_ACCESS, that lie inside the
 *	region.  0 or a negative errno.  Must not wait for the client
 * @write: the same for writing.  The client's processor stands still until it
 *	returns, so long work belongs into a poller
 * @set_irq: Event file descriptor of vector @vector of a kind, now the
 *	device's; -1: none
 * @mask_intx: the client has masked or unmasked the pin; it is masked too by
 *	each signal.  NULL if there is none
 */
struct vfio_user_ops {
	void (*connected)(void *arg);
	void (*disconnected)(void *arg);
	void (*reset)(void *arg);
	int (*read)(void *arg, unsigned int region, uint64_t offset, void *buf,
		    uint32_t count);
	int (*write)(void *arg, unsigned int region, uint64_t offset,
		     const void *buf, uint32_t count);
	void (*set_irq)(void *arg, enum irq_kind kind, unsigned int vector,
			int fd);
	void (*mask_intx)(void *arg, bool masked);
};

/**
 * vfio_user_new() - listen on a socket
 * @loop: event loop
 * @log: messages
 * @path: of the socket; a stale one is replaced, one in use is an error
 * @dma: filled with the client's memory
 * @regions: %VFIO_USER_REGIONS elements; must outlive the server
 * @irqs: interrupts
 * @ops: the device
 * @arg: first argument of its functions
 *
 * Return: the server, or NULL with errno set after a message.
 */
struct vfio_user *vfio_user_new(struct loop *loop, struct log *log,
				const char *path, struct dma_space *dma,
				const struct vfio_user_region *regions,
				const struct vfio_user_irqs *irqs,
				const struct vfio_user_ops *ops, void *arg);
void vfio_user_free(struct vfio_user *vu);

/**
 * typedef vfio_user_done_fn - a transfer has ended
 * @arg: as given with the transfer
 * @err: 0, or a negative errno: the client refused it (its error number),
 *	-EPIPE if it has gone
 */
typedef void (*vfio_user_done_fn)(void *arg, int err);

/**
 * vfio_user_dma_write() - let the client write to its memory
 * @vu: the server
 * @addr: DMA address
 * @buf: what to write, copied
 * @len: bytes, at most 4096
 * @done: called from the loop when the reply has come, never from here
 * @arg: its argument
 *
 * Slower than dma_write(), but the client's emulator takes notice: code that
 * it has translated from these bytes is thrown away.
 *
 * Return: 0, or a negative errno and no call of @done: -ENOTCONN, -EBUSY with
 * too many transfers outstanding, -EMSGSIZE.
 */
int vfio_user_dma_write(struct vfio_user *vu, uint64_t addr, const void *buf,
			uint32_t len, vfio_user_done_fn done, void *arg);

bool vfio_user_is_connected(const struct vfio_user *vu);
/* There is one, whatever has been agreed on. */
bool vfio_user_has_client(const struct vfio_user *vu);

/* Handing a connection over.  It is idle if nothing waits to be sent or to be
 * answered; only then it can be exported.
 */
bool vfio_user_is_idle(const struct vfio_user *vu);
/* Neither listen to the client nor accept one; go on. */
void vfio_user_pause(struct vfio_user *vu);
void vfio_user_resume(struct vfio_user *vu);

/*
 * The connection as it is, paused.  fds: receives the client's socket, then
 * those of @state->num_fds; all stay the server's.  Returns how many.
 */
unsigned int vfio_user_export(const struct vfio_user *vu,
			      struct vfio_user_state *state,
			      int fds[1 + VFIO_USER_MAX_FDS]);
/*
 * Take a connection over, paused; fds are the server's from then on.
 * irqs: what the client knows.  -EBUSY if there is a client, -EINVAL
 * for an impossible message, and fds stay the caller's.
 */
int vfio_user_import(struct vfio_user *vu, const struct vfio_user_state *state,
		     const int *fds, const struct vfio_user_irqs *irqs);
/* The same as if the client had gone, but it does not notice: somebody else
 * has its socket.
 */
void vfio_user_let_go(struct vfio_user *vu);
void vfio_user_set_irqs(struct vfio_user *vu,
			const struct vfio_user_irqs *irqs);

#endif
