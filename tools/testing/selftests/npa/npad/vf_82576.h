/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Model of an Intel 82576 VF, inside: vf_82576.c has the PF control interface
 * and the queues' life, vf_82576_regs.c registers and interrupts,
 * vf_82576_tx.c and vf_82576_rx.c the rings.
 */
#ifndef NPAD_VF_82576_H
#define NPAD_VF_82576_H

#include "../plugins/e1000vf_regs.h"
#include "pf.h"

#define VF_HEADROOM		64	/* bytes before a frame, for a tag */
#define VF_MAX_MULTICAST	32

/**
 * struct vf_ring - a ring that the hardware uses
 * @base: DMA address
 * @size: descriptors
 * @head: next one to use
 * @enabled: the queue is enabled and base and size are good
 */
struct vf_ring {
	uint64_t base;
	uint32_t size;
	uint32_t head;
	bool enabled;
};

/**
 * struct vf_context - what a context descriptor has said
 * @lens: VLAN tag, MACLEN, IPLEN
 * @cmd: type of the L4 header
 * @mss: MSS, L4LEN
 */
struct vf_context {
	uint32_t lens;
	uint32_t cmd;
	uint32_t mss;
};

/**
 * struct vf_tx - a transmit queue
 * @ring: its ring
 * @context: contexts
 * @blocked: the receiver of the next frame has no room
 * @blocked_since: when that began, 0 if it is not so
 * @retry_at: when to try again without being told
 */
struct vf_tx {
	struct vf_ring ring;
	struct vf_context context[E1000VF_CONTEXTS];
	bool blocked;
	uint64_t blocked_since;
	uint64_t retry_at;
};

/**
 * struct vf_rx - a receive queue
 * @ring: its ring
 * @buf_len: bytes of a buffer
 * @starved: a frame found no room
 * @starved_tail: the tail at that moment
 */
struct vf_rx {
	struct vf_ring ring;
	uint32_t buf_len;
	bool starved;
	uint32_t starved_tail;
};

struct vf_vector {
	struct vf *vf;
	unsigned int index;
	bool pending;
	struct loop_timer timer;	/* armed: throttled */
};

enum vf_state { VF_ACQUIRED, VF_READY, VF_ACTIVE, VF_QUIESCED };

struct vf {
	struct pf_env env;
	enum vf_state state;
	struct port port;
	struct loop_poller poller;
	uint64_t last_work;
	unsigned int num_queues;
	struct vf_tx tx[E1000VF_MAX_QUEUES];
	struct vf_rx rx[E1000VF_MAX_QUEUES];
	struct vf_vector vectors[E1000VF_MAX_VECTORS];
	uint32_t mtu;
	bool vlan_strip;
	bool rss;
	uint8_t rss_key[40];
	uint8_t rss_table[128];
	unsigned int rss_table_len;
	uint8_t multicast[VF_MAX_MULTICAST][6];
	unsigned int num_multicast;
	uint8_t tx_buf[VF_HEADROOM + FRAME_MAX];
	uint8_t rx_buf[VF_HEADROOM + FRAME_MAX];
};

/* Registers.  A register is a word of the window; the guest may change those
 * in direct pages at any time, so one read is one value.
 */
static inline uint32_t vf_reg_get(const struct vf *vf, uint32_t offset)
{
	const uint32_t *reg = (const uint32_t *)(vf->env.window + offset);

	return le32toh(__atomic_load_n(reg, __ATOMIC_ACQUIRE));
}

static inline void vf_reg_set(struct vf *vf, uint32_t offset, uint32_t value)
{
	uint32_t *reg = (uint32_t *)(vf->env.window + offset);

	__atomic_store_n(reg, htole32(value), __ATOMIC_RELEASE);
}

void vf_regs_reset(struct vf *vf);
uint64_t vf_regs_read(struct vf *vf, uint32_t offset, unsigned int size);
void vf_regs_write(struct vf *vf, uint32_t offset, unsigned int size,
		   uint64_t value);
const char *vf_regs_name(uint32_t offset);

/* A queue has written descriptors back: raise its interrupt, now or when it
 * is no longer masked or throttled.
 */
void vf_intr_rx(struct vf *vf, unsigned int queue);
void vf_intr_tx(struct vf *vf, unsigned int queue);
void vf_intr_init(struct vf *vf);
void vf_intr_stop(struct vf *vf);

/* Statistics registers. */
void vf_count_rx(struct vf *vf, size_t bytes, bool multicast);
void vf_count_tx(struct vf *vf, size_t bytes);

/* All queues are disabled (reset by the guest). */
void vf_queues_stop(struct vf *vf);

/* Start processing a ring whose registers begin at offset regs; true if its
 * base and length are usable.
 */
bool vf_ring_start(struct vf *vf, struct vf_ring *ring, uint32_t regs);

/* The descriptors of a ring, NULL if they are not in the guest's memory. */
void *vf_ring_map(struct vf *vf, const struct vf_ring *ring);

/*
 * Send what is posted, up to a number of frames.  last: the queue will not
 * come back; what finds no room is dropped.  True if anything was done.
 */
bool vf_tx_poll(struct vf *vf, unsigned int queue, unsigned int budget,
		bool last);

/* port_ops.deliver */
int vf_rx_deliver(struct port *port, struct frame *f);
/* Look at the tail; true if a queue that was starved has room again. */
bool vf_rx_poll(struct vf *vf, unsigned int queue);

#endif
