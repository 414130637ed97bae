/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The shell: what belongs to the operating system's side of the driver.
 *
 * One struct vmxnet3_shell per device (netdev_priv), one struct vmxnet3_queue
 * per queue pair, and one struct vmxnet3_path per data path, with its own
 * rings.  There is one path, or two for the time of a switch.  Locking is
 * described in Documentation/networking/npa.rst, "Locking".
 */
#ifndef _VMXNET3_SHELL_H
#define _VMXNET3_SHELL_H

#include <linux/bitops.h>
#include <linux/completion.h>
#include <linux/ethtool.h>
#include <linux/hrtimer.h>
#include <linux/if_vlan.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/pci.h>
#include <linux/sizes.h>
#include <linux/skbuff.h>
#include <linux/u64_stats_sync.h>
#include <linux/workqueue.h>
#include <net/devlink.h>
#include <net/npa_shell.h>

#include "vmxnet3_hw.h"

#define VMXNET3_DRIVER_NAME	"vmxnet3"

#define VMXNET3_MAX_QUEUES	VMXNET3_EXT_MAX_TX_QUEUES	/* pairs */
#define VMXNET3_TX_RING_SIZE	512	/* by default */
#define VMXNET3_RX_RING_SIZE	1024
#define VMXNET3_MIN_RING_SIZE	128	/* of either direction */
#define VMXNET3_MAX_RING_SIZE	4096
#define VMXNET3_MIN_MTU		60
#define VMXNET3_MAX_MTU		9000
#define VMXNET3_EXT_MAX_MTU	9190	/* from revision 6 on */
#define VMXNET3_RX_DATA_SIZE	128	/* if the device has no wish */
#define VMXNET3_DATA_RING_MAX	SZ_512K	/* bytes; entries shrink to that */
#define VMXNET3_MF_TABLE_MAX	128	/* multicast addresses, then all */

/*
 * Buffers: a small one has room for an sk_buff's head and tail, and two share
 * a page unless the user wants wide ones; a large one is a page.
 */
#define VMXNET3_SMALL_TRUESIZE	2048
#define VMXNET3_WIDE_TRUESIZE	4096
#define VMXNET3_LARGE_LEN	4096
#define VMXNET3_RX_HEADROOM	ALIGN(NET_SKB_PAD, 64)
/* Bytes that hardware may write to a small buffer of this size */
#define VMXNET3_SMALL_ROOM(truesize)					\
	((truesize) - VMXNET3_RX_HEADROOM -				\
	 SKB_DATA_ALIGN(sizeof(struct skb_shared_info)))
#define VMXNET3_SMALL_LEN	VMXNET3_SMALL_ROOM(VMXNET3_SMALL_TRUESIZE)
/* Bytes of an RX data ring's entry */
#define VMXNET3_RX_DATA_MAX						\
	(VMXNET3_SMALL_LEN / VMXNET3_DATA_SIZE_ALIGN * VMXNET3_DATA_SIZE_ALIGN)
#define VMXNET3_RX_COPY_LEN	128	/* of a frame in a large buffer */

/* Frames outstanding on a lazy path when it harvests, see there. */
#define VMXNET3_TX_HARVEST	32

/* A receive ring gets buffers again when so many frames have been taken. */
#define VMXNET3_RX_REFILL_MIN	16

/*
 * With XDP all buffers are of one kind: a page (or a part of a larger one)
 * with room before the frame for the program and behind it for a
 * skb_shared_info.
 */
#define VMXNET3_XDP_TRUESIZE	4096
#define VMXNET3_XDP_LEN							\
	(VMXNET3_XDP_TRUESIZE - XDP_PACKET_HEADROOM -			\
	 SKB_DATA_ALIGN(sizeof(struct skb_shared_info)))
/* The largest with which every frame fits one buffer. */
#define VMXNET3_XDP_MAX_MTU	(VMXNET3_XDP_LEN - VLAN_ETH_HLEN - ETH_FCS_LEN)

/* Emulated paths at a time: one at work, one that is to take its place. */
#define VMXNET3_QUEUE_DESC_SETS	2

/* Misreports of one path before it is put out of service. */
#define VMXNET3_BAD_REPORT_LIMIT	16

struct page_pool;
struct page_pool_params;
struct vmxnet3_shell;
struct vmxnet3_path;
struct vmxnet3_region;
struct vmxnet3_xdp_ring;

/**
 * enum vmxnet3_bad_report - what a plugin can get wrong
 * @VMXNET3_BAD_ID: unknown buffer id
 * @VMXNET3_BAD_EMPTY: buffer id without a buffer
 * @VMXNET3_BAD_IN_USE: buffer id that has one already
 * @VMXNET3_BAD_LENGTH: length beyond the buffer
 * @VMXNET3_BAD_SUM: byte counts that do not add up, or no frame at all
 * @VMXNET3_BAD_SG: no or too many pieces
 * @VMXNET3_BAD_BUDGET: more frames than asked for
 * @VMXNET3_BAD_COMPLETE: more completions than frames outstanding
 * @VMXNET3_BAD_SPACE: no space where its counters promised some
 * @VMXNET3_BAD_REPORTS: how many kinds there are
 */
enum vmxnet3_bad_report {
	VMXNET3_BAD_ID,
	VMXNET3_BAD_EMPTY,
	VMXNET3_BAD_IN_USE,
	VMXNET3_BAD_LENGTH,
	VMXNET3_BAD_SUM,
	VMXNET3_BAD_SG,
	VMXNET3_BAD_BUDGET,
	VMXNET3_BAD_COMPLETE,
	VMXNET3_BAD_SPACE,
	VMXNET3_BAD_REPORTS
};

/**
 * struct vmxnet3_config - what cannot change without new rings
 * @mtu: bytes
 * @tx_ring: entries of a TX ring, a power of two
 * @rx_ring: entries of an RX ring, a power of two
 * @num_queues: pairs in use
 * @lro: whether the hardware may merge received segments
 * @xdp: whether buffers are such as an XDP program needs
 * @tx_data: bytes of an entry of the emulated device's TX data ring, 0: none
 * @rx_data: the same of its RX data ring
 * @rx_buf: bytes of a small receive buffer, %VMXNET3_SMALL_TRUESIZE or
 *	%VMXNET3_WIDE_TRUESIZE; of no importance with @xdp
 */
struct vmxnet3_config {
	u32 mtu;
	u32 tx_ring;
	u32 rx_ring;
	u32 num_queues;
	u32 lro;
	u32 xdp;
	u32 tx_data;
	u32 rx_data;
	u32 rx_buf;
};

/* Bytes that hardware may write to a small, and to a large buffer. */
static inline u32 vmxnet3_small_len(const struct vmxnet3_config *cfg)
{
	return cfg->xdp ? VMXNET3_XDP_LEN : VMXNET3_SMALL_ROOM(cfg->rx_buf);
}

static inline u32 vmxnet3_large_len(const struct vmxnet3_config *cfg)
{
	return cfg->xdp ? VMXNET3_XDP_LEN : VMXNET3_LARGE_LEN;
}

/**
 * enum vmxnet3_tx_owner - who is to be released with a piece of a frame
 * @VMXNET3_TX_SKB: the sk_buff, with its last piece; the value is its address
 * @VMXNET3_TX_PIECE: nobody, there are more pieces
 * @VMXNET3_TX_XDP_FRAME: with its address: an xdp_frame, with its last piece
 * @VMXNET3_TX_XDP_PAGE: with its address: a page of a pool of ours, with its
 *	own mapping; it holds the last piece
 * @VMXNET3_TX_XDP_PART: the same, and there are more pieces
 *
 * All but an sk_buff are odd, so that one test tells them apart.
 */
enum vmxnet3_tx_owner {
	VMXNET3_TX_SKB = 0,
	VMXNET3_TX_PIECE = 1,
	VMXNET3_TX_XDP_FRAME = 3,
	VMXNET3_TX_XDP_PAGE = 5,
	VMXNET3_TX_XDP_PART = 7,
};

#define VMXNET3_TX_ODD		1UL
#define VMXNET3_TX_OWNER_BITS	7UL

/**
 * struct vmxnet3_tx_slot - one mapped piece of a frame under way
 * @owner: address and &enum vmxnet3_tx_owner
 * @addr: DMA address
 * @len: bytes
 */
struct vmxnet3_tx_slot {
	unsigned long owner;
	dma_addr_t addr;
	u32 len;
};

/**
 * struct vmxnet3_tx_ring - a path's TX ring, the shell's side
 * @path: whose it is
 * @nq: its queue in the plugin's state
 * @dev: for DMA
 * @slots: pieces under way, in order; twice as many as the ring has entries
 * @mask: slots - 1
 * @index: queue number
 * @busy: with more entries in use than this the queue has to be stopped
 * @prod: next slot to fill, modulo 2^32; under the TX lock
 * @frames_sent: frames given to the plugin; under the TX lock
 * @after_large: of a lazy path: the last frame was so large that completions
 *	were harvested at once; under the TX lock
 * @info: the frame that is being sent; under the TX lock.  Not on the stack,
 *	which many kernels clear each time
 * @sg: its pieces, what @info.sg points to
 * @cons: oldest slot in use; in poll
 * @frames_done: frames reported complete; in poll
 * @done_packets: completed since the start of this poll, for BQL
 * @done_bytes: the same
 * @budget: of this poll, for napi_consume_skb()
 * @bql_debt: bytes that were announced to BQL and then not queued
 * @xdp_done: frames released that were none of the stack's
 * @xdp_sent: frames given to the plugin that are none of the stack's; under
 *	the TX lock
 */
struct vmxnet3_tx_ring {
	struct vmxnet3_path *path;
	struct npa_queue *nq;
	struct device *dev;
	struct vmxnet3_tx_slot *slots;
	u32 mask;
	u32 index;
	u32 busy;
	u32 prod;
	u32 frames_sent;
	bool after_large;
	struct npa_tx_info info;
	struct npa_tx_sg sg[NPA_TX_MAX_SG];

	u32 cons ____cacheline_aligned_in_smp;
	u32 frames_done;
	u32 done_packets;
	u32 done_bytes;
	int budget;
	u32 bql_debt;
	u32 xdp_done;
	u32 xdp_sent;
};

/**
 * struct vmxnet3_rx_slot - a buffer that the device may fill
 * @page: the page, NULL if the id is empty
 * @offset: of the buffer in it
 * @large: a large buffer, without room for an sk_buff's tail
 * @returned: named in a report that was refused: the plugin may have it again
 * @spare: the id is empty, but the page stays for the next buffer under it
 */
struct vmxnet3_rx_slot {
	struct page *page;
	u32 offset;
	bool large;
	bool returned;
	bool spare;
};

/**
 * struct vmxnet3_rx_ring - a path's RX ring, the shell's side
 * @path: whose it is
 * @nq: its queue in the plugin's state
 * @slots: buffers by id
 * @num_slots: how many ids there are
 * @plain_slots: the same, but 0 with XDP, whose buffers and frames are not for
 *	the functions that are quick because they know one kind
 * @index: queue number
 * @xdp: what XDP needs, NULL without
 * @pool: where the buffers come from
 * @napi: who polls it
 * @netdev: whose frames they are
 * @stats: of the queue pair
 * @plain_len: bytes of the longest frame that was not merged
 * @plain_span: the same, at most a small buffer's length, less %ETH_HLEN
 * @small_truesize: bytes of a small buffer
 * @small_len: those that the hardware may write
 * @need_sync: DMA needs synchronising, looked up whenever the ring has got
 *	new buffers, since only those can change it
 * @gfp: how to allocate: may sleep while the ring is set up, later not
 * @budget: frames it may still indicate in this poll
 * @unfilled: buffers taken since the plugin was last asked to fill the ring,
 *	%VMXNET3_RX_REFILL_MIN at least as long as nothing has been received
 * @alloc_fails: buffers that could not be had since the last poll
 * @drops: dropped in this poll
 */
struct vmxnet3_rx_ring {
	struct vmxnet3_path *path;
	struct npa_queue *nq;
	struct vmxnet3_rx_slot *slots;
	u32 num_slots;
	u32 plain_slots;
	u32 index;
	struct vmxnet3_xdp_ring *xdp;
	struct page_pool *pool;
	struct napi_struct *napi;
	struct net_device *netdev;
	struct vmxnet3_rx_stats_sw *stats;
	u32 plain_len;
	u32 plain_span;
	u32 small_truesize;
	u32 small_len;
	bool need_sync;
	gfp_t gfp;
	u32 budget;
	u32 unfilled;
	u32 alloc_fails;
	u32 drops;
};

/**
 * struct vmxnet3_path - a data path: a plugin at work with its rings
 * @shell: whose it is
 * @api: the plugin's functions
 * @builtin: the vmxnet3 plugin, called directly
 * @tx_plain: it has nothing to do for a frame but to describe it
 * @tx_lazy: TX interrupts stay masked while the queue is awake; completions
 *	are harvested by xmit itself, by poll, and at the latest by a timer.
 *	Harvesting is under the TX lock then
 * @throttled: NPA_PLUGIN_INTR_THROTTLED
 * @tx_reserve: entries that must be free for a queue to be awake
 * @num_queues: pairs
 * @tunnels: what it does in tunnels, bits of &enum npa_tunnel
 * @cfg: what it was made for
 * @queue_descs: which set of queue descriptors it has, if it is emulated
 * @tqd: TX queue descriptors, shared with the emulated device
 * @rqd: RX queue descriptors
 * @ps: the plugin's state
 * @priv: its private area
 * @name: for people
 * @window: VF registers, NULL on the emulated path
 * @orphan: in the shell's list of paths that were left but for their pools
 * @bad_reports: how often it misreported
 * @dead: out of service or gone; nothing is to be expected of it
 * @divert: receiving on it is not as usual: it is dead, or XDP is at work
 * @tx: rings
 * @rx: rings
 */
struct vmxnet3_path {
	struct vmxnet3_shell *shell;
	struct npa_plugin_api api;
	bool builtin;
	bool tx_plain;
	bool tx_lazy;
	bool throttled;
	u16 tx_reserve;
	u16 num_queues;
	u32 tunnels;
	struct vmxnet3_config cfg;
	int queue_descs;
	struct vmxnet3_tx_queue_desc *tqd;
	struct vmxnet3_rx_queue_desc *rqd;
	struct npa_plugin_state *ps;
	void *priv;
	const char *name;
	void __iomem *window;
	struct list_head orphan;
	atomic_t bad_reports;
	bool dead;
	bool divert;
	struct vmxnet3_tx_ring *tx;
	struct vmxnet3_rx_ring *rx;
};

/* Statistics of a queue pair, written in poll and under the TX lock. */
struct vmxnet3_rx_stats_sw {
	struct u64_stats_sync sync;
	u64_stats_t packets;
	u64_stats_t bytes;
	u64_stats_t drops;
	u64_stats_t alloc_fails;
};

struct vmxnet3_tx_stats_sw {
	struct u64_stats_sync sync;
	u64_stats_t packets;
	u64_stats_t bytes;
	u64_stats_t drops;
	u64_stats_t tso_packets;
	u64_stats_t stops;
};

/**
 * struct vmxnet3_dev_counts - what the emulated device counts of a queue pair
 * @rx_no_buffers: frames dropped because the ring was empty
 * @rx_errors: damaged frames
 * @tx_errors: frames that could not be sent
 * @tx_discards: frames that were not wanted
 */
struct vmxnet3_dev_counts {
	u64 rx_no_buffers;
	u64 rx_errors;
	u64 tx_errors;
	u64 tx_discards;
};

/**
 * enum vmxnet3_xdp_stat - what is counted of XDP, per queue pair
 * @VMXNET3_XDP_STAT_PASS: frames that a program gave to the stack
 * @VMXNET3_XDP_STAT_DROP: that it dropped
 * @VMXNET3_XDP_STAT_ABORTED: with a verdict of XDP_ABORTED or none that exists
 * @VMXNET3_XDP_STAT_TX: sent back
 * @VMXNET3_XDP_STAT_TX_ERRORS: lost because they could not be sent back
 * @VMXNET3_XDP_STAT_REDIRECT: redirected
 * @VMXNET3_XDP_STAT_REDIRECT_ERRORS: lost because that failed
 * @VMXNET3_XDP_STATS_RX: how many of them are written in poll
 * @VMXNET3_XDP_STAT_XMIT: redirected to us by others, and sent
 * @VMXNET3_XDP_STAT_XMIT_ERRORS: that could not be sent
 * @VMXNET3_XDP_STATS: how many there are
 */
enum vmxnet3_xdp_stat {
	VMXNET3_XDP_STAT_PASS,
	VMXNET3_XDP_STAT_DROP,
	VMXNET3_XDP_STAT_ABORTED,
	VMXNET3_XDP_STAT_TX,
	VMXNET3_XDP_STAT_TX_ERRORS,
	VMXNET3_XDP_STAT_REDIRECT,
	VMXNET3_XDP_STAT_REDIRECT_ERRORS,
	VMXNET3_XDP_STATS_RX,
	VMXNET3_XDP_STAT_XMIT = VMXNET3_XDP_STATS_RX,
	VMXNET3_XDP_STAT_XMIT_ERRORS,
	VMXNET3_XDP_STATS
};

/* Those up to VMXNET3_XDP_STATS_RX are written in poll. */
struct vmxnet3_xdp_stats_rx {
	struct u64_stats_sync sync;
	u64_stats_t count[VMXNET3_XDP_STATS_RX];
};

/* The others under the TX lock. */
struct vmxnet3_xdp_stats_tx {
	struct u64_stats_sync sync;
	u64_stats_t xmit;
	u64_stats_t xmit_errors;
};

/* The same, read. */
struct vmxnet3_rx_counts {
	u64 packets;
	u64 bytes;
	u64 drops;
	u64 alloc_fails;
};

struct vmxnet3_tx_counts {
	u64 packets;
	u64 bytes;
	u64 drops;
	u64 tso_packets;
	u64 stops;
};

/**
 * struct vmxnet3_queue - a queue pair of the netdev
 * @napi: polls both directions
 * @shell: whose it is
 * @rx: ring that is polled; changed in poll, or with NAPI disabled.  NULL if
 *	the pair is not in use
 * @tx: ring that frames go to; changed under the TX lock of the stopped queue
 * @rx_next: set by the switch: go over to this ring when @rx is empty
 * @rx_force: go over at the end of a poll even if @rx is not empty
 * @rx_moved: it happened
 * @moving: set by the switch: the queue is stopped for its sake, leave it so
 * @refill_timer: polls again after there was no memory for buffers
 * @tx_timer: harvests what a lazy path has left, see vmxnet3_path.tx_lazy;
 *	armed whenever frames are outstanding that nobody else looks after
 * @tx_timer_fired: it went off, and poll has not seen that yet
 * @txq: the netdev's queue
 * @index: number
 * @irq: Linux interrupt number
 * @irq_name: its name
 * @tx_irq: Linux interrupt number of the TX vector, if there is one
 * @tx_irq_name: its name
 * @dev_counts: of all emulated paths there were; under conf_lock
 * @dev_seen: of the one there is, as last seen
 * @rx_stats: written in poll
 * @xdp_stats: written in poll
 * @tx_stats: written under the TX lock
 * @xdp_xmit_stats: written under the TX lock
 */
struct vmxnet3_queue {
	struct napi_struct napi;
	struct vmxnet3_shell *shell;
	struct vmxnet3_rx_ring *rx;
	struct vmxnet3_tx_ring *tx;
	struct vmxnet3_rx_ring *rx_next;
	struct completion rx_moved;
	bool rx_force;
	bool moving;
	struct timer_list refill_timer;
	struct hrtimer tx_timer;
	u32 tx_timer_fired;
	struct netdev_queue *txq;
	u16 index;
	int irq;
	char irq_name[IFNAMSIZ + 16];
	int tx_irq;
	char tx_irq_name[IFNAMSIZ + 16];
	struct vmxnet3_dev_counts dev_counts;
	struct vmxnet3_dev_counts dev_seen;
	struct vmxnet3_rx_stats_sw rx_stats;
	struct vmxnet3_xdp_stats_rx xdp_stats;
	struct vmxnet3_tx_stats_sw tx_stats ____cacheline_aligned_in_smp;
	struct vmxnet3_xdp_stats_tx xdp_xmit_stats;
};

/**
 * struct vmxnet3_dev_ops - access to the control registers, BAR VD
 * @read: read a register
 * @write: write a register
 *
 * A KUnit test puts a fake device here.  Context: any.
 */
struct vmxnet3_dev_ops {
	u32 (*read)(struct vmxnet3_shell *shell, u32 reg);
	void (*write)(struct vmxnet3_shell *shell, u32 reg, u32 value);
};

/**
 * struct vmxnet3_npa - NPA side of a shell
 * @supported: the device has the capability and the guest has a region
 * @window_bar: BAR of the VF's registers
 * @max_queues: queue pairs of its VFs; the netdev has no more, since their
 *	number does not change with the path
 * @region: where the hypervisor injects plugins
 * @conf: plugin configuration, shared with the hypervisor
 * @conf_pa: its DMA address
 * @work: carries out switch messages
 * @alive_work: looks after the VF about once a second while there is one
 * @alive_seen: what had been received and sent when it looked last
 * @retry: there was no memory to leave the VF
 * @hurry: traffic waits for the path that is being prepared; conf_lock
 * @rested: when who fills or empties rings has last given way; conf_lock
 * @filled: buffers got since then; conf_lock
 * @refused_msg: the message that was last refused, not to be tried again
 * @waiters: who waits for conf_lock; a switch that holds it gives up if it can
 * @forced: reason to leave the VF, else 0; set in any context
 * @wait: a switch waits here, so that it can be woken to give up
 * @plugin: identity of the plugin in use; name is empty if none
 * @plugin_hash: of the plugin in use
 * @blocked_hash: images that were put out of service (the last one)
 * @blocked: @blocked_hash is valid
 * @refusals: by reason
 * @bad_reports: by kind
 * @switches_to_vf: completed
 * @switches_to_emulated: completed
 * @tx_lost: frames given to a path that never reported them complete
 */
struct vmxnet3_npa {
	bool supported;
	u8 window_bar;
	u8 max_queues;
	struct vmxnet3_region *region;
	struct vmxnet3_npa_conf *conf;
	dma_addr_t conf_pa;
	struct work_struct work;
	struct delayed_work alive_work;
	u64 alive_seen;
	bool retry;
	bool hurry;
	ktime_t rested;
	u32 filled;
	u32 refused_msg;
	atomic_t waiters;
	u32 forced;
	wait_queue_head_t wait;
	struct {
		char name[64];
		char version[32];
		char vendor[64];
		char license[32];
	} plugin;
	u8 plugin_hash[32];
	u8 blocked_hash[32];
	bool blocked;
	atomic_long_t refusals[VMXNET3_NPA_REASONS];
	atomic_long_t bad_reports[VMXNET3_BAD_REPORTS];
	u64 switches_to_vf;
	u64 switches_to_emulated;
	atomic_long_t tx_lost;
};

/**
 * struct vmxnet3_coal - interrupt coalescing, see vmxnet3_coalesce.c
 * @words: what the device is told, or says; shared with it
 * @pa: DMA address of that
 * @ec: the same as ethtool has it
 * @set: somebody has set it
 */
struct vmxnet3_coal {
	struct vmxnet3_coalesce *words;
	dma_addr_t pa;
	struct ethtool_coalesce ec;
	bool set;
};

/**
 * struct vmxnet3_limits - what the device can do
 * @max_queues: pairs, 1 to %VMXNET3_MAX_QUEUES
 * @max_intrs: interrupts, %VMXNET3_MAX_INTRS or %VMXNET3_EXT_MAX_INTRS
 * @max_mtu: bytes
 * @tx_data: bytes of an entry of the TX data ring that it wishes, 0: no ring
 * @rx_data: the same of the RX data ring
 * @tx_stamp: bytes of an entry of the TX timestamp ring, 0: no ring
 * @rx_stamp: the same of the RX timestamp ring
 * @no_tso: it is not to be asked for TSO
 * @no_lro: nor for LRO
 */
struct vmxnet3_limits {
	u16 max_queues;
	u16 max_intrs;
	u32 max_mtu;
	u16 tx_data;
	u16 rx_data;
	u16 tx_stamp;
	u16 rx_stamp;
	bool no_tso;
	bool no_lro;
};

enum vmxnet3_state_bit {
	VMXNET3_STATE_ACTIVE,		/* the device runs, queues are up */
	VMXNET3_STATE_UP,		/* between ifup and ifdown */
	VMXNET3_STATE_SUSPENDED,	/* by power management or error handling */
	VMXNET3_STATE_GONE,		/* being removed */
};

/**
 * enum vmxnet3_reset_cause - why the device is reset
 * @VMXNET3_RESET_TX_TIMEOUT: a TX queue of the emulated path hangs
 * @VMXNET3_RESET_TX_ERROR: the device says that a TX queue has failed
 * @VMXNET3_RESET_RX_ERROR: the device says that an RX queue has failed
 * @VMXNET3_RESET_BAD_REPORTS: too many misreports of the emulated path
 * @VMXNET3_RESET_VF_STUCK: a VF could not be stopped
 * @VMXNET3_RESET_NO_START: the device did not start: try again
 * @VMXNET3_RESET_REQUESTED: somebody wanted it
 * @VMXNET3_RESET_CAUSES: how many there are
 */
enum vmxnet3_reset_cause {
	VMXNET3_RESET_TX_TIMEOUT,
	VMXNET3_RESET_TX_ERROR,
	VMXNET3_RESET_RX_ERROR,
	VMXNET3_RESET_BAD_REPORTS,
	VMXNET3_RESET_VF_STUCK,
	VMXNET3_RESET_NO_START,
	VMXNET3_RESET_REQUESTED,
	VMXNET3_RESET_CAUSES
};

/**
 * struct vmxnet3_reset - what resets need to know
 * @work: resets
 * @causes: bits of &enum vmxnet3_reset_cause that are not handled yet
 * @counts: requests, by cause
 * @last: jiffies when the last one ended
 * @level: how many followed each other: the next one waits accordingly
 * @failures: attempts in a row that failed; under conf_lock
 */
struct vmxnet3_reset {
	struct delayed_work work;
	unsigned long causes;
	atomic_long_t counts[VMXNET3_RESET_CAUSES];
	unsigned long last;
	u32 level;
	u32 failures;
};

/**
 * struct vmxnet3_shell - one device
 * @netdev: its netdev
 * @pdev: its PCI function; NULL in tests
 * @dev: for DMA
 * @ops: control register access
 * @pt: BAR PT
 * @pt_len: bytes of it
 * @vd: BAR VD
 * @revision: of the device, agreed on with it
 * @caps: VMXNET3_CAP_* in use, from revision 7 on
 * @caps_offered: those that the device has
 * @caps_passthru: those of hardware behind it; all if there is none
 * @limits: what it can do
 * @cmd_lock: a command and the reading of its result
 * @conf_lock: paths, switches, device activation; nests inside rtnl and the
 *	netdev's instance lock
 * @state: bits of &enum vmxnet3_state_bit
 * @cfg: what the rings are made for
 * @max_queues: pairs there can be
 * @num_napis: those whose NAPI instances the netdev has: those in use, none
 *	while it is not at work
 * @intr_type: VMXNET3_INTR_TYPE_*
 * @mask_mode: VMXNET3_INTR_MASK_*: who masks an interrupt that was raised
 * @num_intrs: vectors: one per possible pair, with @tx_vectors another one per
 *	pair for TX, and the last one for events; or a single one for everything
 * @tx_vectors: TX has vectors of its own
 * @event_irq: Linux interrupt number
 * @event_name: its name
 * @queues: all possible pairs
 * @path: path in use, NULL while down
 * @tunnels: what that does in tunnels, for who must not look at the path
 * @xdp_prog: XDP program, changed with rtnl held
 * @emulated: emulated path while it exists, perhaps the same as @path
 * @vf: VF path while it exists
 * @shared: shared area
 * @shared_pa: its DMA address
 * @queue_descs: two sets of queue descriptors, so that an emulated path can be
 *	made while another one is at work
 * @queue_descs_pa: their DMA address
 * @queue_descs_len: bytes of a set
 * @queue_descs_used: sets that paths have
 * @rss: RSS configuration, shared
 * @rss_pa: its DMA address
 * @rss_fields: VMXNET3_RSS_FIELD_* that are hashed
 * @rss_fields_set: somebody has chosen them
 * @coal: interrupt coalescing
 * @wol: WAKE_* that are to wake the guest
 * @mf_table: multicast filter, shared
 * @mf_table_pa: its DMA address
 * @active_vlans: as the stack asked for
 * @wq: ordered; switches and resets
 * @orphans: paths of which only the pools are left, see vmxnet3_path_reap();
 *	under conf_lock
 * @reap_work: frees them
 * @reset: recovers from TX timeouts and device errors
 * @link_work: asks for the link state
 * @resets: how many
 * @npa: NPA side
 * @devlink: for dev info
 * @health: its reporter for resets; NULL in tests
 * @pm_conf: wake-up configuration, shared
 * @pm_conf_pa: its DMA address
 * @msg_enable: netif_msg bits
 */
struct vmxnet3_shell {
	struct net_device *netdev;
	struct pci_dev *pdev;
	struct device *dev;
	const struct vmxnet3_dev_ops *ops;
	void __iomem *pt;
	u32 pt_len;
	void __iomem *vd;
	u32 revision;
	u32 caps;
	u32 caps_offered;
	u32 caps_passthru;
	struct vmxnet3_limits limits;
	spinlock_t cmd_lock;		/* command and result */
	struct mutex conf_lock;		/* paths and activation */
	unsigned long state;
	struct vmxnet3_config cfg;
	u16 max_queues;
	u16 num_napis;
	u8 intr_type;
	u8 mask_mode;
	u16 num_intrs;
	bool tx_vectors;
	int event_irq;
	char event_name[IFNAMSIZ + 16];
	struct vmxnet3_queue *queues;
	struct vmxnet3_path *path;
	u32 tunnels;
	struct bpf_prog __rcu *xdp_prog;
	struct vmxnet3_path *emulated;
	struct vmxnet3_path *vf;

	struct vmxnet3_shared *shared;
	dma_addr_t shared_pa;
	void *queue_descs;
	dma_addr_t queue_descs_pa;
	size_t queue_descs_len;
	unsigned long queue_descs_used;
	struct vmxnet3_rss_conf *rss;
	dma_addr_t rss_pa;
	u32 rss_fields;
	bool rss_fields_set;
	struct vmxnet3_coal coal;
	u32 wol;
	u8 (*mf_table)[ETH_ALEN];
	dma_addr_t mf_table_pa;
	unsigned long active_vlans[BITS_TO_LONGS(VLAN_N_VID)];

	struct workqueue_struct *wq;
	struct list_head orphans;
	struct work_struct reap_work;
	struct vmxnet3_reset reset;
	struct work_struct link_work;
	u64 resets;
	struct vmxnet3_npa npa;
	struct devlink *devlink;
	struct devlink_health_reporter *health;
	struct vmxnet3_pm_conf *pm_conf;
	dma_addr_t pm_conf_pa;
	u32 msg_enable;
};

/* vmxnet3_dev.c: control of the device */

extern const struct vmxnet3_dev_ops vmxnet3_mmio_ops;

bool vmxnet3_dev_is_gone(struct vmxnet3_shell *shell);
int vmxnet3_dev_alloc(struct vmxnet3_shell *shell);
void vmxnet3_dev_free(struct vmxnet3_shell *shell);
void vmxnet3_cmd(struct vmxnet3_shell *shell, u32 cmd);
u32 vmxnet3_cmd_get(struct vmxnet3_shell *shell, u32 cmd);
u32 vmxnet3_cmd_locked(struct vmxnet3_shell *shell, u32 cmd);
u32 vmxnet3_cmd_info(struct vmxnet3_shell *shell, u32 cmd,
		     const union vmxnet3_cmd_info *info);
int vmxnet3_dev_activate(struct vmxnet3_shell *shell,
			 struct vmxnet3_path *path);
void vmxnet3_dev_quiesce(struct vmxnet3_shell *shell);
void vmxnet3_dev_read_mac(struct vmxnet3_shell *shell, bool permanent,
			  u8 *mac);
void vmxnet3_dev_write_mac(struct vmxnet3_shell *shell, const u8 *mac);
void vmxnet3_dev_set_rx_mode(struct vmxnet3_shell *shell);
void vmxnet3_dev_set_vlans(struct vmxnet3_shell *shell);
void vmxnet3_dev_set_features(struct vmxnet3_shell *shell,
			      netdev_features_t features);
void vmxnet3_dev_spread_rss(struct vmxnet3_shell *shell, u32 num_queues);
bool vmxnet3_dev_link(struct vmxnet3_shell *shell, u32 *speed);
u32 vmxnet3_dev_take_events(struct vmxnet3_shell *shell);

/* vmxnet3_revision.c: device revisions */

int vmxnet3_revision_negotiate(struct vmxnet3_shell *shell);
void vmxnet3_revision_setup(struct vmxnet3_shell *shell);
int vmxnet3_revision_restore(struct vmxnet3_shell *shell);
void vmxnet3_revision_activated(struct vmxnet3_shell *shell,
				const struct vmxnet3_path *path);
u32 vmxnet3_revision_speed(const struct vmxnet3_shell *shell, u32 value);
u32 vmxnet3_caps_offered(const struct vmxnet3_shell *shell, u32 caps);
u32 vmxnet3_caps_request(struct vmxnet3_shell *shell, u32 mask, u32 want);

/* Has the device what came with revision @revision? */
static inline bool vmxnet3_at_least(const struct vmxnet3_shell *shell,
				    u32 revision)
{
	return shell->revision >= revision;
}

/* vmxnet3_irq.c: interrupts */

/* One vector for the only queue pair and for events? */
static inline bool vmxnet3_irq_is_single(const struct vmxnet3_shell *shell)
{
	return shell->num_intrs == 1;
}

int vmxnet3_irq_get_vectors(struct vmxnet3_shell *shell, u32 least, u32 most,
			    u32 kind);
int vmxnet3_irq_choose(struct vmxnet3_shell *shell, u32 want);
int vmxnet3_irq_alloc_vectors(struct vmxnet3_shell *shell);
const char *vmxnet3_irq_type_name(const struct vmxnet3_shell *shell);
void vmxnet3_irq_free_vectors(struct vmxnet3_shell *shell);
int vmxnet3_irq_request(struct vmxnet3_shell *shell);
void vmxnet3_irq_sync(struct vmxnet3_shell *shell);
void vmxnet3_irq_free(struct vmxnet3_shell *shell);
void vmxnet3_irq_enable_events(struct vmxnet3_shell *shell);
void vmxnet3_irq_disable_events(struct vmxnet3_shell *shell);
irqreturn_t vmxnet3_event_interrupt(int irq, void *data);
irqreturn_t vmxnet3_single_interrupt(int irq, void *data);

/* vmxnet3_path.c: data paths */

/**
 * struct vmxnet3_path_params - how to make a path
 * @main: the plugin's entry point
 * @builtin: it is the vmxnet3 plugin
 * @name: for people
 * @private_len: bytes of private area
 * @mmio: registers
 * @mmio_len: bytes of them
 * @device_info: opaque words or NULL
 * @cfg: what the rings are made for
 */
struct vmxnet3_path_params {
	npa_plugin_main_t main;
	bool builtin;
	const char *name;
	u32 private_len;
	void __iomem *mmio;
	u32 mmio_len;
	const __le32 *device_info;
	const struct vmxnet3_config *cfg;
};

void *vmxnet3_path_zalloc(size_t len);
void *vmxnet3_path_dma_alloc(struct vmxnet3_shell *shell, size_t len,
			     dma_addr_t *pa);
struct page_pool *vmxnet3_path_pool_create(const struct page_pool_params *params);
struct vmxnet3_path *
vmxnet3_path_alloc(struct vmxnet3_shell *shell,
		   const struct vmxnet3_path_params *params, u32 *reason);
struct vmxnet3_path *
vmxnet3_path_alloc_emulated(struct vmxnet3_shell *shell,
			    const struct vmxnet3_config *cfg);
int vmxnet3_path_reinit(struct vmxnet3_path *path);
void vmxnet3_path_free(struct vmxnet3_path *path);
void vmxnet3_path_reap(struct vmxnet3_shell *shell);
void vmxnet3_path_reap_work(struct work_struct *work);
void vmxnet3_path_enable_intrs(struct vmxnet3_path *path);
void vmxnet3_path_disable_intrs(struct vmxnet3_path *path);
void vmxnet3_path_kill(struct vmxnet3_path *path);
void vmxnet3_path_bad_report(struct vmxnet3_path *path,
			     enum vmxnet3_bad_report kind);
bool vmxnet3_path_tx_idle(struct vmxnet3_path *path);

/* vmxnet3_tx.c, vmxnet3_rx.c, vmxnet3_napi.c: traffic */

extern const struct npa_shell_api vmxnet3_shell_api;

netdev_tx_t vmxnet3_start_xmit(struct sk_buff *skb, struct net_device *netdev);
enum hrtimer_restart vmxnet3_tx_timer(struct hrtimer *timer);
void vmxnet3_tx_poll(struct vmxnet3_queue *q, struct vmxnet3_tx_ring *ring,
		     int budget);
u32 vmxnet3_tx_ring_drop(struct vmxnet3_tx_ring *ring);
bool vmxnet3_tx_add(struct vmxnet3_tx_ring *ring, u32 count);
void vmxnet3_tx_flush(struct vmxnet3_tx_ring *ring, bool more);
void vmxnet3_tx_harvest(struct vmxnet3_queue *q, struct vmxnet3_tx_ring *ring,
			int budget);
void vmxnet3_tx_arm_timer(struct vmxnet3_queue *q);
void vmxnet3_rx_rest(u32 us);
void vmxnet3_rx_ring_drop(struct vmxnet3_rx_ring *ring, bool last);
void vmxnet3_slot_free(struct vmxnet3_rx_ring *ring,
		       struct vmxnet3_rx_slot *slot);
enum vmxnet3_bad_report vmxnet3_rx_check(const struct vmxnet3_rx_ring *ring,
					 const struct npa_rx_frame *frame);
void vmxnet3_rx_refuse(struct vmxnet3_rx_ring *ring,
		       const struct npa_rx_frame *frame,
		       enum vmxnet3_bad_report bad);
void vmxnet3_rx_discard(struct vmxnet3_rx_ring *ring,
			const struct npa_rx_frame *frame);
void vmxnet3_rx_stack(struct vmxnet3_rx_ring *ring,
		      const struct npa_rx_frame *frame, struct sk_buff *skb);
int vmxnet3_poll(struct napi_struct *napi, int budget);

/* Entries of a ring that are in use, as the plugin's counters say. */
static inline u32 vmxnet3_tx_used(const struct vmxnet3_tx_ring *ring)
{
	return READ_ONCE(ring->nq->tx_added) - READ_ONCE(ring->nq->tx_done);
}

/* Entries of a ring that can be filled now. */
static inline u32 vmxnet3_tx_free(const struct vmxnet3_tx_ring *ring)
{
	u32 used = vmxnet3_tx_used(ring);

	return used > ring->nq->ring_size ? 0 : ring->nq->ring_size - used;
}

/* Frames given to the plugin that it has not reported complete. */
static inline u32 vmxnet3_tx_outstanding(const struct vmxnet3_tx_ring *ring)
{
	return READ_ONCE(ring->frames_sent) - READ_ONCE(ring->frames_done);
}

/* Note a mapped piece of a frame, its number @i; returns its slot. */
static __always_inline struct vmxnet3_tx_slot *
vmxnet3_tx_note(struct vmxnet3_tx_ring *ring, u32 i, dma_addr_t addr, u32 len)
{
	struct vmxnet3_tx_slot *slot;

	slot = &ring->slots[(ring->prod + i) & ring->mask];
	slot->addr = addr;
	slot->len = len;
	ring->sg[i].addr = addr;
	ring->sg[i].length = len;
	return slot;
}

/* vmxnet3_lro.c: merged segments */

bool vmxnet3_lro_describe(struct sk_buff *skb, const struct npa_rx_frame *frame,
			  u32 mtu);

/* vmxnet3_tunnel.c: frames in VXLAN and Geneve packets */

/* Capabilities of a device of revision 7 for this, each of them as it is. */
#define VMXNET3_TUNNEL_CAPS						\
	(VMXNET3_CAP_GENEVE_CSUM | VMXNET3_CAP_GENEVE_TSO |		\
	 VMXNET3_CAP_VXLAN_CSUM | VMXNET3_CAP_VXLAN_TSO |		\
	 VMXNET3_CAP_GENEVE_OUTER_CSUM | VMXNET3_CAP_VXLAN_OUTER_CSUM)

/* Everything that there is. */
#define VMXNET3_TUNNELS							\
	(NPA_TUNNEL_VXLAN_CSUM | NPA_TUNNEL_VXLAN_TSO |			\
	 NPA_TUNNEL_VXLAN_OUTER_CSUM | NPA_TUNNEL_GENEVE_CSUM |		\
	 NPA_TUNNEL_GENEVE_TSO | NPA_TUNNEL_GENEVE_OUTER_CSUM)

/**
 * struct vmxnet3_tunnel - where the parts of a received frame are
 * @l3: bytes to the outer network header
 * @udp: bytes to the outer UDP header
 * @udp_len: what that says of its length
 * @mac: bytes to the inner Ethernet header
 * @v6: the outer network header is IPv6
 * @has_csum: there is an outer UDP checksum
 */
struct vmxnet3_tunnel {
	u32 l3;
	u32 udp;
	u32 udp_len;
	u32 mac;
	bool v6;
	bool has_csum;
};

u32 vmxnet3_tunnel_device(const struct vmxnet3_shell *shell);
netdev_features_t vmxnet3_tunnel_netdev_features(u32 tunnels);
netdev_features_t vmxnet3_tunnel_features(const struct sk_buff *skb,
					  netdev_features_t features,
					  u32 tunnels);
int vmxnet3_tunnel_prepare(struct sk_buff *skb, struct npa_tx_info *info,
			   u32 tunnels);
struct sk_buff *vmxnet3_tunnel_software(struct sk_buff *skb);
bool vmxnet3_tunnel_find(struct sk_buff *skb, struct vmxnet3_tunnel *t);
void vmxnet3_tunnel_describe(struct sk_buff *skb);

/* vmxnet3_netdev.c: net_device operations */

extern const struct net_device_ops vmxnet3_netdev_ops;

void vmxnet3_netdev_init(struct vmxnet3_shell *shell);
void vmxnet3_set_path(struct vmxnet3_shell *shell, struct vmxnet3_path *path);
void vmxnet3_napi_enable(struct vmxnet3_shell *shell);
void vmxnet3_napi_disable(struct vmxnet3_shell *shell);
void vmxnet3_start_traffic(struct vmxnet3_shell *shell);
void vmxnet3_tx_hold(struct vmxnet3_queue *q);
void vmxnet3_tx_release_hold(struct vmxnet3_queue *q);
void vmxnet3_tx_disable(struct vmxnet3_shell *shell);
void vmxnet3_stop_traffic(struct vmxnet3_shell *shell);
void vmxnet3_stop_hardware(struct vmxnet3_shell *shell);
void vmxnet3_stop_device(struct vmxnet3_shell *shell);
int vmxnet3_start_device(struct vmxnet3_shell *shell,
			 struct vmxnet3_path *path);
int vmxnet3_up(struct vmxnet3_shell *shell);
void vmxnet3_down(struct vmxnet3_shell *shell);
void vmxnet3_link_work(struct work_struct *work);

/* vmxnet3_reset.c: out of trouble */

/* Between ifup and ifdown, and neither suspended nor in error handling? */
static inline bool vmxnet3_is_up(const struct vmxnet3_shell *shell)
{
	return test_bit(VMXNET3_STATE_UP, &shell->state) &&
	       !test_bit(VMXNET3_STATE_SUSPENDED, &shell->state);
}

const char *vmxnet3_reset_cause_name(enum vmxnet3_reset_cause cause);
unsigned long vmxnet3_reset_delay(u32 level, unsigned long elapsed);
void vmxnet3_request_reset(struct vmxnet3_shell *shell,
			   enum vmxnet3_reset_cause cause);
void vmxnet3_reset_worked(struct vmxnet3_shell *shell);
int vmxnet3_reset_now(struct vmxnet3_shell *shell, bool again);
void vmxnet3_reset_work(struct work_struct *work);

/* vmxnet3_stats.c: counters */

extern const struct netdev_stat_ops vmxnet3_stat_ops;

void vmxnet3_stats_rx(const struct vmxnet3_queue *q,
		      struct vmxnet3_rx_counts *stats);
void vmxnet3_stats_tx(const struct vmxnet3_queue *q,
		      struct vmxnet3_tx_counts *stats);
void vmxnet3_stats_activated(struct vmxnet3_shell *shell);
void vmxnet3_stats_collect(struct vmxnet3_shell *shell);
void vmxnet3_get_stats64(struct net_device *netdev,
			 struct rtnl_link_stats64 *stats);

/* vmxnet3_ethtool.c: what user space sees */

extern const struct ethtool_ops vmxnet3_ethtool_ops;

#endif /* _VMXNET3_SHELL_H */
