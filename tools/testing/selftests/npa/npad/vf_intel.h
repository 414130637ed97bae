/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Models of Intel's VFs with advanced descriptors, inside.  vf_intel.c has the
 * PF control interface and the queues' life, vf_intel_intr.c the interrupts,
 * vf_intel_tx.c and vf_intel_rx.c the rings, vf_intel_mbx.c the mailbox;
 * vf_82576*.c and vf_82599*.c what only one model has: its registers.
 */
#ifndef NPAD_VF_INTEL_H
#define NPAD_VF_INTEL_H

#include <endian.h>

#include "../plugins/intel_adv.h"
#include "pf.h"
#include "vmxnet3_hw.h"

#define VF_MAX_QUEUES		4	/* of any model */
#define VF_MAX_VECTORS		3

#define VF_MAX_MULTICAST	32	/* the PF's list per VF */
/* TCP and IP, the two versions each */
#define VF_RSS_TYPES		(VMXNET3_RSS_IPV4 | VMXNET3_RSS_TCP_IPV4 | \
				 VMXNET3_RSS_IPV6 | VMXNET3_RSS_TCP_IPV6)
/* A mailbox message's first word says what it is, with a number. */
#define VF_MBX_WORDS		16
#define VF_MBX_TYPE(word)	((word) & 0xffff)
#define VF_MBX_INFO(word)	((word) >> 16 & 0xff)

#define VF_HEADROOM		64	/* bytes before a frame, for a tag */

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
	struct vf_context context[ADV_CONTEXTS];
	bool blocked;
	uint64_t blocked_since;
	uint64_t retry_at;
};

/**
 * struct vf_rx - a receive queue
 * @ring: its ring
 * @buf_len: bytes of a buffer
 * @head_len: bytes of a header buffer, which gets a frame's first bytes; 0 if
 *	there are none
 * @starved: a frame found no room
 * @starved_tail: the tail at that moment
 */
struct vf_rx {
	struct vf_ring ring;
	uint32_t buf_len;
	uint32_t head_len;
	bool starved;
	uint32_t starved_tail;
};

/* Of a queue, since vf_init(). */
struct vf_count {
	uint64_t packets, bytes;
};

/**
 * struct vf_vector - an interrupt of the VF
 * @vf: whose
 * @index: which
 * @guest: the guest's interrupts that it is sent as, one bit each
 * @pending: it has not been sent yet
 * @timer: armed: throttled
 */
struct vf_vector {
	struct vf *vf;
	unsigned int index;
	uint32_t guest;
	bool pending;
	struct loop_timer timer;
};

enum vf_state { VF_ACQUIRED, VF_READY, VF_ACTIVE, VF_QUIESCED };

/**
 * struct vf_intr_regs - where a model has its interrupt registers
 * @eicr: cause
 * @eics: cause, set
 * @eims: mask, set to enable
 * @eimc: mask, set to disable
 * @eiac: cause clears when it is sent
 * @eiam: mask clears when it is sent
 * @eitr: throttling, one register per vector
 * @ivar: vectors of two queue pairs each
 * @ivar_misc: vector of the mailbox
 * @itr_shift: of the interval in @eitr
 * @itr_mask: of the interval, shifted down
 * @itr_us: its unit, microseconds
 */
struct vf_intr_regs {
	uint32_t eicr, eics, eims, eimc, eiac, eiam, eitr, ivar, ivar_misc;
	unsigned int itr_shift;
	uint32_t itr_mask;
	unsigned int itr_us;
};

/**
 * struct vf_model - what distinguishes one model from another
 * @info: static properties
 * @rxq: offset of the first receive queue's registers
 * @txq: the same of the transmit queues
 * @queue_stride: from one queue's registers to the next one's
 * @srrctl: offset of SRRCTL in a receive queue's registers
 * @srrctl_kib: its field for the size of a buffer, lowest bits
 * @rxdctl_vme: bit of RXDCTL: take tags out of received frames; 0 if that is
 *	the PF's to say
 * @tx_context: frames need a context, even if nothing is to be done
 * @err_ip: bit of a receive descriptor: the IPv4 header's checksum is wrong
 * @err_l4: the same: TCP's or UDP's checksum is wrong
 * @err_rx: the same: the frame is damaged
 * @mailbox: offset of the mailbox register
 * @mbmem: offset of the mailbox memory
 * @frame_overhead: bytes that the longest frame has beyond the MTU when the
 *	driver tells the PF of it
 * @message: A message of the mailbox that only this model has: @msg has
 *	%VF_MBX_WORDS words and gets the answer's, except the first.  0 or a
 *	negative errno, which becomes a refusal.  May be NULL
 * @intr: interrupt registers
 * @reset: give all registers but statistics and link the values that they
 *	have after a reset; vf_mbx_reset() does it for the mailbox
 * @read32: trapped read of a word at a multiple of 4 within the window
 * @write32: trapped write
 * @set_link: the register that tells of the link
 * @set_rss: program in how many queues RSS may put frames; NULL: no register
 *	for that
 * @rss_queues: what the VF's registers allow of the queue that RSS has found;
 *	NULL: all
 * @count_rx: add a frame to the statistics registers
 * @count_tx: the same
 */
struct vf_model {
	const struct pf_vf_info *info;
	uint32_t rxq, txq, queue_stride;
	uint32_t srrctl;
	uint32_t srrctl_kib;
	uint32_t rxdctl_vme;
	bool tx_context;
	uint32_t err_ip, err_l4, err_rx;
	uint32_t mailbox, mbmem;
	uint32_t frame_overhead;
	int (*message)(struct vf *vf, uint32_t *msg);
	struct vf_intr_regs intr;
	void (*reset)(struct vf *vf);
	uint32_t (*read32)(struct vf *vf, uint32_t offset);
	void (*write32)(struct vf *vf, uint32_t offset, uint32_t value);
	void (*set_link)(struct vf *vf, bool up);
	void (*set_rss)(struct vf *vf, unsigned int queues);
	unsigned int (*rss_queues)(const struct vf *vf);
	void (*count_rx)(struct vf *vf, size_t bytes, bool multicast);
	void (*count_tx)(struct vf *vf, size_t bytes);
};

/**
 * struct vf - the VF
 * @own_driver: opened for a driver of the guest's own (pf_ops.open)
 * @clear_to_send: that driver has told the PF of its last reset; without it
 *	its queues stand still
 * @api_version: of the mailbox's messages, as that driver has chosen
 */
struct vf {
	const struct vf_model *model;
	struct pf_env env;
	enum vf_state state;
	bool own_driver;
	bool clear_to_send;
	uint32_t api_version;
	struct port port;
	struct loop_poller poller;
	uint64_t last_work;
	unsigned int num_queues;
	struct vf_tx tx[VF_MAX_QUEUES];
	struct vf_rx rx[VF_MAX_QUEUES];
	struct vf_count tx_count[VF_MAX_QUEUES];
	struct vf_count rx_count[VF_MAX_QUEUES];
	struct vf_vector vectors[VF_MAX_VECTORS];
	bool vlan_strip;
	bool rss;
	uint32_t rss_types;
	uint8_t rss_key[40];
	uint8_t rss_table[128];
	unsigned int rss_table_len;
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

static inline void vf_reg_add(struct vf *vf, uint32_t offset, uint32_t value)
{
	vf_reg_set(vf, offset, vf_reg_get(vf, offset) + value);
}

/* Offsets of a queue's registers; add ADV_Q_*. */
static inline uint32_t vf_rxq(const struct vf *vf, unsigned int queue)
{
	return vf->model->rxq + vf->model->queue_stride * queue;
}

static inline uint32_t vf_txq(const struct vf *vf, unsigned int queue)
{
	return vf->model->txq + vf->model->queue_stride * queue;
}

/* Members of struct pf_ops that do not depend on the model; vf_new() is the
 * better half of acquire.
 */
struct vf *vf_new(const struct vf_model *model, const struct pf_env *env);
int vf_init(struct vf *vf, const struct pf_init *init);
int vf_open(struct vf *vf);
int vf_activate(struct vf *vf);
void vf_quiesce(struct vf *vf);
void vf_inflight(struct vf *vf, struct pf_inflight *inflight);
void vf_release(struct vf *vf);
int vf_set_mac(struct vf *vf, const uint8_t mac[6]);
int vf_set_rx_mode(struct vf *vf, unsigned int mode);
int vf_set_multicast(struct vf *vf, const uint8_t (*addr)[6],
		     unsigned int count);
int vf_set_hashes(struct vf *vf, const uint16_t *hashes, unsigned int count);
int vf_set_vlan(struct vf *vf, uint16_t vid, bool on);
void vf_clear_vlans(struct vf *vf);
void vf_set_link(struct vf *vf, bool up);
int vf_set_mtu(struct vf *vf, uint32_t mtu);
int vf_set_rss_table(struct vf *vf, const uint8_t *table, unsigned int len);
int vf_set_offloads(struct vf *vf, const struct pf_init *init);
int vf_queue_status(struct vf *vf, unsigned int queue,
		    struct pf_queue_status *tx, struct pf_queue_status *rx);
struct port *vf_port(struct vf *vf);
uint64_t vf_read(struct vf *vf, uint32_t offset, unsigned int size);
void vf_write(struct vf *vf, uint32_t offset, unsigned int size,
	      uint64_t value);

/* The guest has reset the function. */
void vf_reset(struct vf *vf);

/* A queue has written descriptors back: raise its interrupt, now or when it
 * is no longer masked or throttled.
 */
void vf_intr_rx(struct vf *vf, unsigned int queue);
void vf_intr_tx(struct vf *vf, unsigned int queue);
/* The PF has done something to the mailbox. */
void vf_intr_misc(struct vf *vf);
void vf_intr_init(struct vf *vf);
void vf_intr_stop(struct vf *vf);

/* Program the vectors of all queues, as the PF does. */
void vf_intr_program(struct vf *vf, const struct pf_init *init);

/* How many interrupts of the guest, from 0, the VF's vectors can stand for. */
unsigned int vf_guest_vectors(const struct vf *vf);

/* Trapped accesses to interrupt registers; false: it is another register. */
bool vf_intr_read32(struct vf *vf, uint32_t offset, uint32_t *value);
bool vf_intr_write32(struct vf *vf, uint32_t offset, uint32_t value);

/* Trapped accesses to the mailbox; false: it is another register. */
bool vf_mbx_read32(struct vf *vf, uint32_t offset, uint32_t *value);
bool vf_mbx_write32(struct vf *vf, uint32_t offset, uint32_t value);
void vf_mbx_reset(struct vf *vf);
/* Ask the hypervisor for what a message asks for. */
int vf_mbx_request(struct vf *vf, const struct pf_request *request);
/* The address that begins with the message's second word. */
void vf_mbx_get_mac(const uint32_t *msg, uint8_t mac[6]);
/* vf_model.message of the 82599 */
int vf_82599_message(struct vf *vf, uint32_t *msg);
/* The PF tells the driver to look at the link. */
void vf_mbx_ping(struct vf *vf);

/* Look whether queues have been enabled or disabled. */
void vf_check_enables(struct vf *vf);

/* All queues are disabled (reset by the guest). */
void vf_queues_stop(struct vf *vf);

/* Start processing a ring whose registers begin at offset regs; true if its
 * base and length are usable.
 */
bool vf_ring_start(struct vf *vf, struct vf_ring *ring, uint32_t regs);

/* The descriptors of a ring, NULL if they are not in the guest's memory. */
void *vf_ring_map(struct vf *vf, const struct vf_ring *ring);

/*
 * Send what is posted, up to a number of frames of usual length; one that is
 * much longer counts as several.  last: the queue will not come back; what
 * finds no room is dropped.  True if anything was done.
 */
bool vf_tx_poll(struct vf *vf, unsigned int queue, unsigned int budget,
		bool last);

/* Frames between the head and the tail. */
uint64_t vf_tx_posted(struct vf *vf, unsigned int queue);
/* Frames whose descriptors are done and not posted again. */
uint64_t vf_rx_unreturned(struct vf *vf, unsigned int queue);

/* port_ops.deliver */
int vf_rx_deliver(struct port *port, struct frame *f);
/* Look at the tail; true if a queue that was starved has room again. */
bool vf_rx_poll(struct vf *vf, unsigned int queue);

#endif
