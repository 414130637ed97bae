/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A shell in user space: the shell's side of the Shell API, in a normal
 * process.  It gives a plugin rings, buffers and frames to send, and believes
 * nothing that the plugin says, as the shell in a kernel does not.
 *
 * shell.c is freestanding C without any library, so that it can be built with
 * the calling convention of another operating system: US_MICROSOFT makes it
 * one whose own functions use Microsoft's x64 convention, and only what
 * npa_shell.h declares is called otherwise.  What it needs from outside it is
 * given as memory, or calls through struct us_host.  host.h is that outside.
 */
#ifndef NPA_HARNESS_SHELL_H
#define NPA_HARNESS_SHELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <net/npa_shell.h>

/* Functions of the shell, and functions of libc's world that it calls. */
#if !defined(__x86_64__)
#define US_CALL
#define US_HOST
#elif defined(US_MICROSOFT)
#define US_CALL		__attribute__((ms_abi))
#define US_HOST		__attribute__((sysv_abi))
#else
#define US_CALL		__attribute__((sysv_abi))
#define US_HOST		__attribute__((sysv_abi))
#endif

#define US_DMA_BASE	0x100000000ULL	/* of the memory, for the hardware */
#define US_BUF_LEN	4096		/* a large buffer */
#define US_SMALL_LEN	1664		/* a small one, as long as in the kernel */
#define US_NUM_BUFS	4096
#define US_MEM_LEN	(32 << 20)
#define US_RINGS_LEN	(US_MEM_LEN - US_NUM_BUFS * US_BUF_LEN)
#define US_TX_DATA	(8 << 20)	/* offset of memory for frames to send */
#define US_MAX_IDS	4096		/* per queue */
#define US_KEEP		64		/* received frames that are remembered */
#define US_FRAME_MAX	(NPA_RX_MAX_SG * US_BUF_LEN)
#define US_GUARD_LEN	64		/* bytes around the private area */

/**
 * enum us_bad - what a plugin has done that it may not do
 * @US_BAD_ID: the first nine are the shell's in the kernel, see npa.rst
 * @US_BAD_EMPTY: see there
 * @US_BAD_IN_USE: see there
 * @US_BAD_LENGTH: see there
 * @US_BAD_SUM: see there
 * @US_BAD_SG: see there
 * @US_BAD_BUDGET: see there
 * @US_BAD_COMPLETE: see there
 * @US_BAD_SPACE: see there
 * @US_BAD_CONTEXT: a function of the shell was called where it may not be
 * @US_BAD_RETURN: a return value is not what was reported
 * @US_BAD_COUNTER: tx_added or tx_done went where it cannot go
 * @US_BAD_FRAME: a report that contradicts itself (flags, reserved members)
 * @US_BAD_MEMORY: memory that is not the plugin's was written
 * @US_BAD_KINDS: how many kinds there are
 */
enum us_bad {
	US_BAD_ID,
	US_BAD_EMPTY,
	US_BAD_IN_USE,
	US_BAD_LENGTH,
	US_BAD_SUM,
	US_BAD_SG,
	US_BAD_BUDGET,
	US_BAD_COMPLETE,
	US_BAD_SPACE,
	US_BAD_CONTEXT,
	US_BAD_RETURN,
	US_BAD_COUNTER,
	US_BAD_FRAME,
	US_BAD_MEMORY,
	US_BAD_KINDS,
};

/* A received frame, put together. */
struct us_frame {
	struct npa_rx_frame meta;
	uint32_t queue;
	uint32_t bytes;
	uint8_t data[US_FRAME_MAX];
};

struct user_shell;

/**
 * struct us_queue - what the shell knows of a queue; the plugin's handle
 * @shell: whose it is
 * @index: of the queue
 * @rx: it is a receive queue
 * @buf_of_id: receive: buffer, -1 where there is none
 * @large: receive: the buffer is a large one
 * @outstanding: send: frames
 */
struct us_queue {
	struct user_shell *shell;
	uint32_t index;
	bool rx;
	int32_t buf_of_id[US_MAX_IDS];
	bool large[US_MAX_IDS];
	uint32_t outstanding;
};

/**
 * struct us_host - what the shell calls outside
 * @log: the plugin has something to say
 * @bad: the plugin has done something that it may not do
 * @arg: first argument of both
 */
struct us_host {
	void (*log)(void *arg, uint32_t level, const char *text,
		    uint64_t value) US_HOST;
	void (*bad)(void *arg, enum us_bad kind, const char *text,
		    uint64_t value) US_HOST;
	void *arg;
};

/* Which function of the plugin is being called. */
enum us_context {
	US_IDLE,
	US_PROCESS,
	US_TX,
	US_CHECK_TX,
	US_CHECK_RX,
	US_REFILL,
};

/**
 * struct user_shell - a shell
 * @host: functions outside
 * @fd: the guest's memory (host's)
 * @mem: the same, US_MEM_LEN bytes, DMA address US_DMA_BASE
 * @priv_area: NPA_IMAGE_PRIVATE_MAX + 2 * US_GUARD_LEN bytes, for priv
 * @head_end: end of US_HEAD_LEN bytes that nothing readable follows, or NULL
 * @small_len: of a small buffer, set before us_load()
 * @ring_next: what has been given to rings, bytes
 * @buf_used: which buffers are in use
 * @buf_free: how many are not
 * @buf_hint: where to look for one
 * @no_buffers: pretend that there are none
 * @alloc_fails: how often a plugin did not get all that it wanted
 * @bad: what the plugin has done, by kind
 * @bad_reports: the sum
 * @logged: lines of the plugin
 * @received: frames indicated so far; the last ones are in @frames
 * @errors: indicated as damaged
 * @completed: frames reported as sent
 * @context: what the plugin is doing
 * @context_queue: for which queue
 * @budget: frames that it may still indicate
 * @reported: what it has reported in this context
 * @sapi: the functions it gets
 * @api: the functions it gave
 * @ps: its state
 * @ps_copy: the same as it should be
 * @txq: transmit queues
 * @rxq: receive queues
 * @sg: pieces of the frame that is being sent
 * @info: the frame
 * @frames: the last frames received
 */
struct user_shell {
	struct us_host host;
	int fd;
	uint8_t *mem;
	uint8_t *priv_area;
	uint8_t *head_end;
	uint32_t small_len;
	uint32_t ring_next;
	uint8_t buf_used[US_NUM_BUFS];
	uint32_t buf_free;
	uint32_t buf_hint;
	bool no_buffers;
	uint64_t alloc_fails;
	uint64_t bad[US_BAD_KINDS];
	uint64_t bad_reports;
	uint32_t logged;
	uint64_t received;
	uint64_t errors;
	uint64_t completed;
	enum us_context context;
	uint32_t context_queue;
	uint32_t budget;
	uint32_t reported;
	struct npa_shell_api sapi;
	struct npa_plugin_api api;
	struct npa_plugin_state ps;
	struct npa_plugin_state ps_copy;
	struct us_queue txq[NPA_MAX_QUEUES];
	struct us_queue rxq[NPA_MAX_QUEUES];
	struct npa_tx_sg sg[NPA_TX_MAX_SG];
	struct npa_tx_info info;
	struct us_frame frames[US_KEEP];
};

static inline uint64_t us_dma(const struct user_shell *us, const void *p)
{
	return US_DMA_BASE + ((const uint8_t *)p - us->mem);
}

/* Entries that the shell believes to be free. */
static inline uint32_t us_tx_free(const struct user_shell *us, uint32_t queue)
{
	const struct npa_queue *nq = &us->ps.tx[queue];
	uint32_t used = nq->tx_added - nq->tx_done;

	return used > nq->ring_size ? 0 : nq->ring_size - used;
}

/* May another frame be given to the plugin? */
static inline bool us_tx_room(const struct user_shell *us, uint32_t queue)
{
	return us_tx_free(us, queue) >= us->api.tx_entries_per_frame;
}

/* The last frame that was received. */
static inline const struct us_frame *us_last(const struct user_shell *us)
{
	return &us->frames[(us->received - 1) % US_KEEP];
}

/* The name that npa.rst and ethtool -S have for it, without "npa_bad_". */
US_CALL const char *us_bad_name(enum us_bad kind);

/*
 * Fill what does not depend on a plugin.  Set are: host, mem, priv_area and
 * head_end; the rest is zero.
 */
US_CALL void us_init(struct user_shell *us);

/**
 * us_load() - call the entry point, make the rings, call sw_init()
 * @us: the shell; ps.device_info may have been set
 * @entry: of the plugin
 * @mmio: window of the VF
 * @mmio_len: bytes of @mmio
 * @queues: of each direction
 * @ring_size: entries of every ring, a power of two
 * @mtu: bytes
 * @priv_len: bytes of the private area
 *
 * Return: what the plugin returned, 0 if it is ready; -1 if its table makes no
 * sense or its rings do not fit.
 */
US_CALL int us_load(struct user_shell *us, npa_plugin_main_t entry, void *mmio,
		    uint32_t mmio_len, uint32_t queues, uint32_t ring_size,
		    uint32_t mtu, uint32_t priv_len);

/* Make all rings, after everything in them has been taken back.  Returns what
 * the plugin returned if that was not 0.
 */
US_CALL int us_reinit(struct user_shell *us);

/* The hardware runs now. */
US_CALL void us_started(struct user_shell *us);

/**
 * us_send() - send a frame
 * @us: the shell
 * @queue: which queue
 * @info: flags, tag, MSS and offsets; the rest is filled here
 * @data: the frame, in the guest's memory
 * @len: bytes
 * @piece: bytes of one piece at most
 * @last: last_hint
 *
 * Return: 0, or 1 if there was no space for the largest frame or the plugin
 * said so.
 */
US_CALL uint32_t us_send(struct user_shell *us, uint32_t queue,
			 struct npa_tx_info *info, const uint8_t *data,
			 uint32_t len, uint32_t piece, uint32_t last);

/* The same when there need not be space for the largest frame. */
US_CALL uint32_t us_try_send(struct user_shell *us, uint32_t queue,
			     struct npa_tx_info *info, const uint8_t *data,
			     uint32_t len, uint32_t piece, uint32_t last);

US_CALL void us_flush(struct user_shell *us, uint32_t queue);

/* Harvest; returns how many frames the plugin says were sent. */
US_CALL uint32_t us_check_tx(struct user_shell *us, uint32_t queue);

/* One NAPI poll of a queue pair, or of all; returns received frames. */
US_CALL uint32_t us_poll_queue(struct user_shell *us, uint32_t queue,
			       uint32_t budget);
US_CALL uint32_t us_poll(struct user_shell *us, uint32_t budget);

US_CALL void us_interrupt(struct user_shell *us, uint32_t intr, bool enable);

/* 0 if the plugin says that the hardware is there, or cannot tell; 1: gone. */
US_CALL uint32_t us_check_alive(struct user_shell *us);

/* Has the plugin written where it may not? Counted as US_BAD_MEMORY. */
US_CALL void us_check_memory(struct user_shell *us);

typedef void (*us_host_fn)(uint64_t value) US_HOST;

/*
 * What convention has this file been compiled for?  The first returns its
 * argument, the second calls a function; see convention.c.
 */
US_CALL uint64_t us_probe_argument(uint64_t first);
US_CALL void us_probe_call(us_host_fn fn);

#endif
