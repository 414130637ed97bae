/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Shell API of the Network Plugin Architecture (NPA).
 *
 * The contract between a shell (the part of a NIC driver that belongs to the
 * operating system) and a plugin (the part that knows the rings and
 * descriptors of one kind of hardware).  It is the only header that a plugin
 * includes.  Documentation/networking/npa.rst is the specification around it.
 *
 * The header is freestanding C: it compiles in the kernel, in a plugin built
 * with -ffreestanding, and in user space.  Numbers in these structures are in
 * the byte order of the processor, except in struct npa_image_header, which
 * is a file format and always little endian.
 *
 * Contexts used below:
 *   process  may sleep, no lock of the data path held, no traffic on the queue
 *   tx       the TX lock of the queue is held, softirqs are off
 *   poll     the polling context of the queue; never two at a time per queue
 *   any      any context, including hard interrupt
 */
#ifndef _NET_NPA_SHELL_H
#define _NET_NPA_SHELL_H

#ifdef __KERNEL__
#include <linux/types.h>
#include <linux/build_bug.h>
#include <asm/byteorder.h>
#include <asm/barrier.h>
#include <linux/io.h>
#define npa_static_assert(expr)	static_assert(expr)
#define npa_offsetof(type, member)	offsetof(type, member)
#else
#ifndef _LINUX_TYPES_H		/* user space that already has these types */
typedef __UINT8_TYPE__ __u8;
typedef __UINT16_TYPE__ __u16;
typedef __UINT32_TYPE__ __u32;
#ifndef __u64_defined
typedef unsigned long long __u64;
#endif
typedef __INT32_TYPE__ __s32;
typedef __u16 __le16;
typedef __u32 __le32;
typedef __u64 __le64;
#ifndef __iomem
#define __iomem
#endif
#endif
#ifndef __iomem
#define __iomem
#endif
#define npa_static_assert(expr)	_Static_assert(expr, #expr)
#define npa_offsetof(type, member)	__builtin_offsetof(type, member)
#endif

/*
 * Every function pointer of the API uses the System V calling convention, so
 * that a shell of another operating system can load the same bytes.
 */
#if defined(__x86_64__)
#define NPA_CALL	__attribute__((sysv_abi))
#else
#define NPA_CALL
#endif

/**
 * DOC: versions
 *
 * A change that an old plugin or an old shell would not survive increments
 * %NPA_API_MAJOR; the shell refuses an image of another major version.
 * The two tables of functions and the plugin's state begin with their size, as
 * the side that allocated them knows it; the other side must not touch what
 * lies beyond.  Appending members to them increments %NPA_API_MINOR.  The other
 * structures have no size and do not change within a major version.
 */
#define NPA_API_MAJOR		1
#define NPA_API_MINOR		2	/* 1: check_alive(), merge
					 * 2: tunnels, indicate_copy()
					 */

/* Limits that both sides may rely on. */
#define NPA_MAX_QUEUES		32	/* of each direction */
#define NPA_RING_SEGS		4	/* separate memory areas per ring */
#define NPA_SEG_ENTRY_MAX	256	/* bytes per ring entry and segment */
#define NPA_TX_MAX_SG		18	/* elements of one frame to send */
#define NPA_TX_SG_MAX_LEN	65536	/* bytes of one element */
#define NPA_TX_HEAD_LEN		128	/* readable header bytes of a frame */
#define NPA_RX_MAX_SG		17	/* buffers of one received frame */
#define NPA_DEVICE_INFO_WORDS	32

struct npa_plugin_state;

/**
 * enum npa_tx_flag - what a frame to send is and wants
 * @NPA_TX_IPV4: the network header is IPv4
 * @NPA_TX_IPV6: the network header is IPv6
 * @NPA_TX_TCP: the transport header is TCP
 * @NPA_TX_UDP: the transport header is UDP
 * @NPA_TX_CSUM: compute the transport checksum; the checksum field holds the
 *	pseudo header's sum (without the length when %NPA_TX_TSO is set)
 * @NPA_TX_TSO: cut into segments of &npa_tx_info.mss bytes; implies
 *	%NPA_TX_CSUM and %NPA_TX_TCP
 * @NPA_TX_VLAN: insert the tag &npa_tx_info.vlan_tag
 * @NPA_TX_TUNNEL: Minor version 2, and only if &npa_plugin_api.tunnels has the
 *	bits for what the frame wants.  An Ethernet frame in a VXLAN or Geneve
 *	packet: the flags above, except %NPA_TX_VLAN, and the offsets of the
 *	transport header and its payload are the inner frame's.  Set with
 *	%NPA_TX_CSUM or %NPA_TX_TSO only.  Neither IP header has options or
 *	extension headers, neither Ethernet header has a tag, and the UDP port
 *	is 4789 or 8472 (VXLAN) or 6081 (Geneve)
 * @NPA_TX_OUTER_IPV6: with %NPA_TX_TUNNEL: the outer network header, at
 *	&npa_tx_info.l3_offset, is IPv6, else it is IPv4
 * @NPA_TX_OUTER_CSUM: with %NPA_TX_TUNNEL and %NPA_TX_TSO: every segment gets
 *	an outer UDP checksum; the field holds the pseudo header's sum with
 *	the length before segmentation.  Without it the field is left alone
 * @NPA_TX_GENEVE: with %NPA_TX_TUNNEL: Geneve, else VXLAN
 */
enum npa_tx_flag {
	NPA_TX_IPV4 = 1 << 0,
	NPA_TX_IPV6 = 1 << 1,
	NPA_TX_TCP = 1 << 2,
	NPA_TX_UDP = 1 << 3,
	NPA_TX_CSUM = 1 << 4,
	NPA_TX_TSO = 1 << 5,
	NPA_TX_VLAN = 1 << 6,
	NPA_TX_TUNNEL = 1 << 7,
	NPA_TX_OUTER_IPV6 = 1 << 8,
	NPA_TX_OUTER_CSUM = 1 << 9,
	NPA_TX_GENEVE = 1 << 10,
};

/**
 * struct npa_tx_sg - one piece of a frame to send
 * @addr: DMA address
 * @length: bytes, 1 to %NPA_TX_SG_MAX_LEN
 * @reserved: 0
 */
struct npa_tx_sg {
	__u64 addr;
	__u32 length;
	__u32 reserved;
};

/**
 * struct npa_tx_info - one frame to send
 * @flags: bits of &enum npa_tx_flag
 * @byte_length: sum of the lengths of @sg
 * @sg_count: elements of @sg, 1 to %NPA_TX_MAX_SG
 * @vlan_tag: TCI in processor byte order, with %NPA_TX_VLAN
 * @mss: payload bytes per segment, with %NPA_TX_TSO
 * @l3_offset: bytes from the start of the frame to the network header
 * @l4_offset: bytes to the transport header, with %NPA_TX_CSUM
 * @l4_payload_offset: bytes to the transport payload, with %NPA_TX_TSO or
 *	%NPA_TX_TUNNEL
 * @csum_offset: bytes from the transport header to its checksum field, with
 *	%NPA_TX_CSUM
 * @inner_l3_offset: Minor version 2 (reserved before).  Bytes to the inner
 *	network header, with %NPA_TX_TUNNEL
 * @head: processor address of the first element's start; at least
 *	min(@byte_length, %NPA_TX_HEAD_LEN, length of the element) bytes are
 *	readable for the duration of the call
 * @sg: the pieces, in order
 *
 * Belongs to the shell and is valid for the duration of the call only.
 */
struct npa_tx_info {
	__u32 flags;
	__u32 byte_length;
	__u16 sg_count;
	__u16 vlan_tag;
	__u16 mss;
	__u16 l3_offset;
	__u16 l4_offset;
	__u16 l4_payload_offset;
	__u16 csum_offset;
	__u16 inner_l3_offset;
	const void *head;
	const struct npa_tx_sg *sg;
};

/**
 * struct npa_rx_sg - one filled buffer of a received frame
 * @buf_id: the id under which the buffer was allocated
 * @length: valid bytes, counted from the start of the buffer
 */
struct npa_rx_sg {
	__u32 buf_id;
	__u32 length;
};

/**
 * enum npa_rx_flag - what is known of a received frame
 * @NPA_RX_VLAN: a tag was removed, it is in &npa_rx_frame.vlan_tag
 * @NPA_RX_IPV4: an IPv4 frame
 * @NPA_RX_IPV6: an IPv6 frame
 * @NPA_RX_TCP: a TCP frame
 * @NPA_RX_UDP: a UDP frame
 * @NPA_RX_FILTERED: the hardware matched the destination address exactly
 * @NPA_RX_ERROR: the frame is damaged; the shell drops and counts it, the
 *	buffers change hands as usual
 * @NPA_RX_INNER: Minor version 2.  The frame is a VXLAN or Geneve packet, and
 *	IPv4, IPv6, TCP, UDP, @ip_csum, @l4_csum, @mss and @segments of
 *	&struct npa_rx_frame are about the frame inside
 * @NPA_RX_MERGED: Minor version 2.  TCP segments have been merged, also if
 *	&npa_rx_frame.mss is 0 because the hardware does not say it.  Implied
 *	by a @mss that is not 0
 * @NPA_RX_MAYBE_MERGED: Minor version 2.  A TCP frame that may have been merged
 *	of segments, from hardware that does not tell which frames are
 * @NPA_RX_SUM: &npa_rx_frame.sum is there.  A shell that does not know it sums
 *	up the frame by itself
 */
enum npa_rx_flag {
	NPA_RX_VLAN = 1 << 0,
	NPA_RX_IPV4 = 1 << 1,
	NPA_RX_IPV6 = 1 << 2,
	NPA_RX_TCP = 1 << 3,
	NPA_RX_UDP = 1 << 4,
	NPA_RX_FILTERED = 1 << 5,
	NPA_RX_ERROR = 1 << 6,
	NPA_RX_INNER = 1 << 7,
	NPA_RX_MERGED = 1 << 8,
	NPA_RX_MAYBE_MERGED = 1 << 9,
	NPA_RX_SUM = 1 << 10,
};

/**
 * enum npa_csum - what the hardware says of a checksum
 * @NPA_CSUM_UNKNOWN: nothing
 * @NPA_CSUM_CORRECT: it was checked and is right
 * @NPA_CSUM_INCORRECT: it was checked and is wrong
 */
enum npa_csum {
	NPA_CSUM_UNKNOWN = 0,
	NPA_CSUM_CORRECT = 1,
	NPA_CSUM_INCORRECT = 2,
};

/**
 * enum npa_hash - which fields went into the RSS hash (Toeplitz)
 * @NPA_HASH_NONE: no hash
 * @NPA_HASH_L3: addresses
 * @NPA_HASH_L4: addresses and ports, or the SPI of ESP in their place
 */
enum npa_hash {
	NPA_HASH_NONE = 0,
	NPA_HASH_L3 = 1,
	NPA_HASH_L4 = 2,
};

/**
 * struct npa_rx_frame - one received frame
 * @flags: bits of &enum npa_rx_flag
 * @byte_length: bytes of the frame, the sum of the lengths in @sg less
 *	@first_sg_offset
 * @sg_count: elements of @sg, 1 to %NPA_RX_MAX_SG
 * @first_sg_offset: bytes to skip at the start of the first buffer
 * @vlan_tag: TCI in processor byte order, with %NPA_RX_VLAN
 * @ip_csum: &enum npa_csum of the IPv4 header
 * @l4_csum: &enum npa_csum of TCP or UDP
 * @hash: RSS hash, if @hash_type is not %NPA_HASH_NONE
 * @hash_type: &enum npa_hash
 * @reserved0: 0
 * @mss: payload bytes per segment if the hardware has merged TCP segments,
 *	else 0.  A merged frame has the headers of one segment, with the IP
 *	header's length and checksum of the whole.  Its TCP checksum need not be
 *	right, but @l4_csum must be %NPA_CSUM_CORRECT
 * @segments: how many were merged, 0 or 1 if none or not known
 * @sum: with %NPA_RX_SUM, the ones' complement sum (RFC 1071, not inverted) of
 *	the frame's bytes after its Ethernet header, padding among them, a tag
 *	that was removed not, in processor byte order; else 0.  It says of a
 *	frame whose @l4_csum is not %NPA_CSUM_CORRECT what the stack needs to
 *	check it, whatever the protocol
 * @reserved1: 0
 * @sg: the filled buffers, in order
 *
 * Belongs to the plugin and is valid for the duration of the call only.
 */
struct npa_rx_frame {
	__u32 flags;
	__u32 byte_length;
	__u16 sg_count;
	__u16 first_sg_offset;
	__u16 vlan_tag;
	__u8 ip_csum;
	__u8 l4_csum;
	__u32 hash;
	__u8 hash_type;
	__u8 reserved0;
	__u16 mss;
	__u16 segments;
	__u16 sum;
	__u16 reserved1[2];
	const struct npa_rx_sg *sg;
};

/**
 * enum npa_log_level - how bad it is
 * @NPA_LOG_ERR: the plugin cannot go on
 * @NPA_LOG_WARN: something is odd
 * @NPA_LOG_INFO: a person may want to know
 */
enum npa_log_level {
	NPA_LOG_ERR = 0,
	NPA_LOG_WARN = 1,
	NPA_LOG_INFO = 2,
};

/**
 * struct npa_shell_api - functions of the shell, called by the plugin
 * @size: bytes of this structure
 * @major: %NPA_API_MAJOR of the shell
 * @minor: %NPA_API_MINOR of the shell
 * @alloc_small_buffers: Get @count receive buffers of at least
 *	&npa_plugin_state.small_len bytes and remember them under the ids
 *	@first_id and up.  @rx_handle: &npa_queue.handle of the queue.  The ids
 *	must be empty and less than &npa_queue.num_buf_ids.  @addr receives the
 *	DMA addresses, in order; an address is a multiple of 64 at least.
 *	Returns how many were allocated, 0 to @count; fewer than wanted is no
 *	error, the plugin asks again at the next occasion.  Context: process
 *	or poll.
 * @alloc_large_buffers: The same with &npa_plugin_state.large_len bytes.
 * @free_buffer: Give the buffer @buf_id back unused.  The hardware must not
 *	know it any more.  Context: process or poll.
 * @complete_send: The @count oldest outstanding frames of the queue are sent;
 *	the shell frees them.  @tx_handle: &npa_queue.handle of the
 *	queue.  Context: only within check_tx_ring().
 * @indicate_recv: Hand a received frame to the shell.  Its buffers belong to
 *	the shell from then on and their ids are empty.  Context: only within
 *	check_rx_ring().
 * @log: Write a line to the log, rate limited.  @shell: the member of that
 *	name in &struct npa_plugin_state.  @level: &enum npa_log_level.  The
 *	text is terminated, at most 128 bytes; @value is printed after
 *	it.  Context: any.
 * @indicate_copy: Minor version 2.  As indicate_recv(), of a frame that the
 *	hardware has put into ring memory instead of the buffer that it took for
 *	it: the shell copies it.  It is in one piece, and begins @offset bytes
 *	into &npa_queue.seg number @seg of the queue.  The buffer under the id
 *	in the frame's list stays there, untouched; when the plugin asks for
 *	one under that id again it gets the same.  While an XDP program is
 *	attached such frames are dropped: a plugin cannot have all of them come
 *	this way.  Context: only within check_rx_ring().
 *
 * The shell checks everything it is told; see npa.rst, "What the shell does
 * not believe".
 */
struct npa_shell_api {
	__u32 size;
	__u16 major;
	__u16 minor;
	__u32 (*alloc_small_buffers)(void *rx_handle, __u32 first_id,
				     __u32 count, __u64 *addr) NPA_CALL;
	__u32 (*alloc_large_buffers)(void *rx_handle, __u32 first_id,
				     __u32 count, __u64 *addr) NPA_CALL;
	void (*free_buffer)(void *rx_handle, __u32 buf_id) NPA_CALL;
	void (*complete_send)(void *tx_handle, __u32 count) NPA_CALL;
	void (*indicate_recv)(void *rx_handle,
			      const struct npa_rx_frame *frame) NPA_CALL;
	void (*log)(void *shell, __u32 level, const char *text,
		    __u64 value) NPA_CALL;
	void (*indicate_copy)(void *rx_handle, const struct npa_rx_frame *frame,
			      __u32 seg, __u32 offset) NPA_CALL;
};

/**
 * struct npa_ring_seg - memory for a part of a ring
 * @va: processor address, zeroed when allocated, page aligned
 * @pa: DMA address, page aligned; coherent
 * @length: bytes
 * @reserved: 0
 */
struct npa_ring_seg {
	void *va;
	__u64 pa;
	__u32 length;
	__u32 reserved;
};

/**
 * struct npa_queue - one queue of one direction
 * @handle: the shell's name of the queue, passed back in calls
 * @ctrl: control memory that an emulated device shares with its driver for
 *	this queue; NULL on a VF
 * @ring_size: entries of the ring, a power of two
 * @num_buf_ids: receive queues: ids 0 to @num_buf_ids - 1 exist,
 *	@ring_size * &npa_plugin_api.rx_ids_per_entry
 * @tx_added: transmit queues: ring entries ever filled, modulo 2^32.  Written
 *	by the plugin in reinit_tx_ring() and add_frame_to_tx_ring() only
 * @tx_done: transmit queues: ring entries ever taken back, modulo 2^32.
 *	Written by the plugin in reinit_tx_ring() and check_tx_ring() only.  The
 *	shell reads both: @ring_size - (@tx_added - @tx_done) entries are free,
 *	and it stops the queue in time.  A plugin that cannot use the last
 *	entry of a ring starts with @tx_added = 1
 * @intr: index of the interrupt of this queue
 * @reserved: 0
 * @seg: ring memory: @ring_size * &npa_plugin_api.tx_seg_bytes (rx_seg_bytes)
 */
struct npa_queue {
	void *handle;
	void *ctrl;
	__u32 ring_size;
	__u32 num_buf_ids;
	__u32 tx_added;
	__u32 tx_done;
	__u32 intr;
	__u32 reserved;
	struct npa_ring_seg seg[NPA_RING_SEGS];
};

/**
 * struct npa_plugin_state - everything a plugin knows; first argument of all
 * its functions
 * @size: bytes of this structure
 * @major: %NPA_API_MAJOR of the shell
 * @minor: %NPA_API_MINOR of the shell
 * @num_tx_queues: transmit queues in use, 1 to %NPA_MAX_QUEUES
 * @num_rx_queues: receive queues in use, 1 to %NPA_MAX_QUEUES
 * @num_intrs: interrupts; indexes 0 to @num_intrs - 1 exist
 * @mtu: bytes, without Ethernet header and tags
 * @small_len: bytes the hardware may write to a small buffer.  A frame that
 *	does not fit (@mtu + 22 > @small_len) needs several or large buffers
 * @large_len: bytes the hardware may write to a large buffer
 * @mmio: the device's registers: the emulated device's doorbell BAR or the
 *	window of the VF
 * @mmio_len: bytes of @mmio
 * @shared_len: bytes of @shared, 0 if there is none
 * @shared: memory shared with the PF driver (statistics), or NULL
 * @shared_pa: its DMA address
 * @shell: first argument of &npa_shell_api.log
 * @api: functions of the shell
 * @priv: private area of the plugin, zeroed, 64-byte aligned; its only
 *	writable memory besides the rings
 * @priv_len: bytes of @priv, as the image asked for
 * @reserved1: 0
 * @device_info: opaque words from the PF driver
 * @tx: transmit queues
 * @rx: receive queues
 * @merge: Minor version 1.  Nonzero if the hardware may merge received TCP
 *	segments, so that frames of up to 64 KiB arrive
 * @reserved2: 0
 *
 * Allocated and filled by the shell; the plugin writes to it only where a
 * member's description says so.
 */
struct npa_plugin_state {
	__u32 size;
	__u16 major;
	__u16 minor;
	__u32 num_tx_queues;
	__u32 num_rx_queues;
	__u32 num_intrs;
	__u32 mtu;
	__u32 small_len;
	__u32 large_len;
	__u32 mmio_len;
	__u32 shared_len;
	void __iomem *mmio;
	void *shared;
	__u64 shared_pa;
	void *shell;
	const struct npa_shell_api *api;
	void *priv;
	__u32 priv_len;
	__u32 reserved1;
	__u32 device_info[NPA_DEVICE_INFO_WORDS];
	struct npa_queue tx[NPA_MAX_QUEUES];
	struct npa_queue rx[NPA_MAX_QUEUES];
	__u32 merge;
	__u32 reserved2;
};

/**
 * enum npa_plugin_flag - properties of a plugin
 * @NPA_PLUGIN_INTR_THROTTLED: the hardware limits the rate of its interrupts
 *	by itself.  The shell then leaves them enabled while it polls and
 *	calls enable_interrupt() and disable_interrupt() only at start and
 *	stop.  Without it the hardware masks an interrupt when it raises it,
 *	and the shell calls enable_interrupt() at the end of polling.
 * @NPA_PLUGIN_NEVER_MERGES: the hardware does not merge received TCP segments,
 *	whatever &npa_plugin_state.merge says.  Without it the shell makes new
 *	rings, by way of the emulated device, when merging is turned on or off.
 */
enum npa_plugin_flag {
	NPA_PLUGIN_INTR_THROTTLED = 1 << 0,
	NPA_PLUGIN_NEVER_MERGES = 1 << 1,
};

/**
 * enum npa_tunnel - what a plugin does for frames in tunnels
 * @NPA_TUNNEL_VXLAN_CSUM: inner checksum of VXLAN packets
 * @NPA_TUNNEL_VXLAN_TSO: segmentation of the inner TCP packet
 * @NPA_TUNNEL_VXLAN_OUTER_CSUM: outer UDP checksum of those segments too
 * @NPA_TUNNEL_GENEVE_CSUM: the same for Geneve
 * @NPA_TUNNEL_GENEVE_TSO: the same for Geneve
 * @NPA_TUNNEL_GENEVE_OUTER_CSUM: the same for Geneve
 */
enum npa_tunnel {
	NPA_TUNNEL_VXLAN_CSUM = 1 << 0,
	NPA_TUNNEL_VXLAN_TSO = 1 << 1,
	NPA_TUNNEL_VXLAN_OUTER_CSUM = 1 << 2,
	NPA_TUNNEL_GENEVE_CSUM = 1 << 3,
	NPA_TUNNEL_GENEVE_TSO = 1 << 4,
	NPA_TUNNEL_GENEVE_OUTER_CSUM = 1 << 5,
};

/**
 * struct npa_plugin_api - functions of the plugin, called by the shell
 * @size: set by the shell before the entry point is called: bytes it knows
 * @major: filled by the plugin: %NPA_API_MAJOR it was built with
 * @minor: filled by the plugin
 * @flags: bits of &enum npa_plugin_flag
 * @tx_entries_per_frame: most ring entries one frame may take; the shell stops
 *	a queue that has fewer free
 * @rx_ids_per_entry: buffer ids per entry of a receive ring, 1 to 4
 * @tx_seg_bytes: ring memory needed per entry and segment, 0 to
 *	%NPA_SEG_ENTRY_MAX each; segment 0 must not be 0
 * @rx_seg_bytes: the same for receive rings
 * @sw_init: Initialise software state in the private area, not the hardware.
 *	Called once after the entry point, rings are allocated.  Returns 0 or
 *	a positive number that the shell logs.  Context: process.
 * @reinit_rx_ring: Zero ring @queue, reset its software indexes, then fill it
 *	with buffers from the shell and tell the hardware.  All ids are empty
 *	when it is called.  Before first traffic and after every reset.
 *	Returns 0 or a positive number.  Context: process.
 * @reinit_tx_ring: Zero ring @queue, reset its software indexes.  No frame is
 *	outstanding when it is called.  Returns 0 or a positive
 *	number.  Context: process.
 * @enable_interrupt: Let the hardware raise interrupt @intr (an interrupt's,
 *	not a queue's index).  Context: any.
 * @disable_interrupt: Stop it from doing so.  Context: any.
 * @add_frame_to_tx_ring: Queue a frame.  @last_hint: nonzero if no further
 *	frame follows in this context, so ring the doorbell; it is rung too
 *	when the ring becomes full.  Returns 0 if queued, 1 if there is no
 *	space (nothing has changed then).  Context: tx.
 * @flush_tx_ring: Ring the doorbell for frames that were queued with a
 *	last_hint of 0 (the shell could not queue the one it had
 *	announced).  Context: tx.
 * @check_tx_ring: Harvest completions and report them with complete_send().
 *	Returns how many frames (before segmentation).  Context: poll, or tx
 *	of that queue; the shell sees to it that there is only one at a time.
 * @check_rx_ring: Indicate at most @budget received frames.  Returns how
 *	many.  Context: poll.
 * @add_buffers_to_rx_ring: Refill the ring with buffers and tell the
 *	hardware, writing the tail register even if no buffer was added (some
 *	hardware forgets what was written before its queue was enabled: the
 *	shell calls this once after activation).  Context: process after
 *	reinit_rx_ring() without traffic, else poll.
 * @check_alive: Minor version 1.  Read a register that never is all-ones.
 *	Returns 0 if the hardware is there, 1 if it is gone.  Called about
 *	once a second while nothing is received and nothing completes.  May be
 *	NULL, and is for a plugin of minor version 0: the shell then learns of
 *	a loss from the hypervisor or from a TX queue that hangs.  Context:
 *	process, beside tx and poll.
 * @tunnels: Minor version 2.  Bits of &enum npa_tunnel: frames that may come
 *	with %NPA_TX_TUNNEL.  0 is for a plugin of an earlier version
 * @reserved: 0
 *
 * All fields are filled by the plugin's entry point, except @size.
 */
struct npa_plugin_api {
	__u32 size;
	__u16 major;
	__u16 minor;
	__u32 flags;
	__u16 tx_entries_per_frame;
	__u16 rx_ids_per_entry;
	__u16 tx_seg_bytes[NPA_RING_SEGS];
	__u16 rx_seg_bytes[NPA_RING_SEGS];
	__u32 (*sw_init)(struct npa_plugin_state *ps) NPA_CALL;
	__u32 (*reinit_rx_ring)(struct npa_plugin_state *ps,
				__u32 queue) NPA_CALL;
	__u32 (*reinit_tx_ring)(struct npa_plugin_state *ps,
				__u32 queue) NPA_CALL;
	void (*enable_interrupt)(struct npa_plugin_state *ps,
				 __u32 intr) NPA_CALL;
	void (*disable_interrupt)(struct npa_plugin_state *ps,
				  __u32 intr) NPA_CALL;
	__u32 (*add_frame_to_tx_ring)(struct npa_plugin_state *ps, __u32 queue,
				      const struct npa_tx_info *info,
				      __u32 last_hint) NPA_CALL;
	void (*flush_tx_ring)(struct npa_plugin_state *ps,
			      __u32 queue) NPA_CALL;
	__u32 (*check_tx_ring)(struct npa_plugin_state *ps,
			       __u32 queue) NPA_CALL;
	__u32 (*check_rx_ring)(struct npa_plugin_state *ps,
			       __u32 queue, __u32 budget) NPA_CALL;
	void (*add_buffers_to_rx_ring)(struct npa_plugin_state *ps,
				       __u32 queue) NPA_CALL;
	__u32 (*check_alive)(struct npa_plugin_state *ps) NPA_CALL;
	__u32 tunnels;
	__u32 reserved;
};

/*
 * The entry point of a plugin, the one function that the image header names
 * (npa_plugin_main in the source).  It fills @api, which is zeroed except for
 * its size, and touches nothing else.  Context: process.  Returns 0, or a
 * positive number that the shell logs when it refuses.
 */
typedef __u32 (*npa_plugin_main_t)(struct npa_plugin_api *api) NPA_CALL;

/* The image format. */

#define NPA_IMAGE_MAGIC		"NPAIMAGE"	/* 8 bytes, no terminator */
#define NPA_IMAGE_MAX_LEN	(256 * 1024)	/* with header and signature */
#define NPA_IMAGE_ENTRY_ALIGN	16
#define NPA_MACHINE_X86_64	62		/* e_machine numbers of ELF */
#define NPA_MACHINE_AARCH64	183

/**
 * struct npa_image_header - first bytes of a plugin image, little endian
 * @magic: %NPA_IMAGE_MAGIC
 * @header_len: bytes of this structure; the payload follows
 * @image_len: bytes of header and payload
 * @entry_offset: bytes from the start of the image to the entry point, inside
 *	the payload, a multiple of %NPA_IMAGE_ENTRY_ALIGN
 * @signature_len: bytes of the detached PKCS#7 signature that follows the
 *	payload and covers all before it, 0 if there is none
 * @api_major: %NPA_API_MAJOR the plugin needs
 * @api_minor: the least %NPA_API_MINOR it needs
 * @machine: ELF's number of the instruction set
 * @reserved0: 0
 * @private_len: bytes of the private area, at most 1 MiB
 * @reserved1: 0
 * @device_impl_id: device implementation id the plugin drives, not 0
 * @name: terminated string, letters, digits, '-', '_' and '.'
 * @version: terminated string
 * @vendor: terminated string
 * @license: terminated string, as in MODULE_LICENSE()
 * @sha256: hash of the payload
 * @reserved2: 0
 */
struct npa_image_header {
	__u8 magic[8];
	__le32 header_len;
	__le32 image_len;
	__le32 entry_offset;
	__le32 signature_len;
	__le16 api_major;
	__le16 api_minor;
	__le16 machine;
	__le16 reserved0;
	__le32 private_len;
	__le32 reserved1;
	__le64 device_impl_id;
	char name[64];
	char version[32];
	char vendor[64];
	char license[32];
	__u8 sha256[32];
	__u8 reserved2[48];
};

#define NPA_IMAGE_PRIVATE_MAX	(1024 * 1024)

npa_static_assert(sizeof(struct npa_image_header) == 320);
npa_static_assert(npa_offsetof(struct npa_image_header, device_impl_id) == 40);
npa_static_assert(npa_offsetof(struct npa_image_header, name) == 48);
npa_static_assert(npa_offsetof(struct npa_image_header, sha256) == 240);

#if __SIZEOF_POINTER__ == 8
npa_static_assert(sizeof(struct npa_tx_sg) == 16);
npa_static_assert(sizeof(struct npa_tx_info) == 40);
npa_static_assert(npa_offsetof(struct npa_tx_info, head) == 24);
npa_static_assert(npa_offsetof(struct npa_tx_info, sg) == 32);
npa_static_assert(sizeof(struct npa_rx_sg) == 8);
npa_static_assert(sizeof(struct npa_rx_frame) == 40);
npa_static_assert(npa_offsetof(struct npa_rx_frame, hash) == 16);
npa_static_assert(npa_offsetof(struct npa_rx_frame, sg) == 32);
npa_static_assert(sizeof(struct npa_shell_api) == 64);
npa_static_assert(npa_offsetof(struct npa_shell_api, indicate_recv) == 40);
npa_static_assert(npa_offsetof(struct npa_shell_api, indicate_copy) == 56);
npa_static_assert(sizeof(struct npa_ring_seg) == 24);
npa_static_assert(sizeof(struct npa_queue) == 136);
npa_static_assert(npa_offsetof(struct npa_queue, seg) == 40);
npa_static_assert(sizeof(struct npa_plugin_state) == 8936);
npa_static_assert(npa_offsetof(struct npa_plugin_state, mmio) == 40);
npa_static_assert(npa_offsetof(struct npa_plugin_state, device_info) == 96);
npa_static_assert(npa_offsetof(struct npa_plugin_state, tx) == 224);
npa_static_assert(npa_offsetof(struct npa_plugin_state, rx) == 4576);
npa_static_assert(npa_offsetof(struct npa_plugin_state, merge) == 8928);
npa_static_assert(sizeof(struct npa_plugin_api) == 128);
npa_static_assert(npa_offsetof(struct npa_plugin_api, sw_init) == 32);
npa_static_assert(npa_offsetof(struct npa_plugin_api, check_alive) == 112);
npa_static_assert(npa_offsetof(struct npa_plugin_api, tunnels) == 120);
#endif

/*
 * For plugins: byte order, register access and the order of memory accesses,
 * the same in the kernel and in a freestanding build.
 */

#ifdef __KERNEL__

#define npa_le16_to_cpu(x)	le16_to_cpu(x)
#define npa_le32_to_cpu(x)	le32_to_cpu(x)
#define npa_le64_to_cpu(x)	le64_to_cpu(x)
#define npa_cpu_to_le16(x)	cpu_to_le16(x)
#define npa_cpu_to_le32(x)	cpu_to_le32(x)
#define npa_cpu_to_le64(x)	cpu_to_le64(x)
#define npa_read_once(x)	READ_ONCE(x)
#define npa_write_once(x, v)	WRITE_ONCE(x, v)
#define npa_rmb()		dma_rmb()
#define npa_wmb()		dma_wmb()

/* writel() orders all earlier stores to memory before the register write. */
#define npa_mmio_write32(value, addr)	writel(value, addr)
#define npa_mmio_read32(addr)		readl(addr)

#else /* !__KERNEL__ */

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define npa_le16_to_cpu(x)	((__u16)(x))
#define npa_le32_to_cpu(x)	((__u32)(x))
#define npa_le64_to_cpu(x)	((__u64)(x))
#else
#define npa_le16_to_cpu(x)	__builtin_bswap16(x)
#define npa_le32_to_cpu(x)	__builtin_bswap32(x)
#define npa_le64_to_cpu(x)	__builtin_bswap64(x)
#endif
#define npa_cpu_to_le16(x)	npa_le16_to_cpu(x)
#define npa_cpu_to_le32(x)	npa_le32_to_cpu(x)
#define npa_cpu_to_le64(x)	npa_le64_to_cpu(x)
#define npa_read_once(x)	__atomic_load_n(&(x), __ATOMIC_RELAXED)
#define npa_write_once(x, v)	__atomic_store_n(&(x), (v), __ATOMIC_RELAXED)

/* Loads of descriptors before what follows. */
static inline void npa_rmb(void)
{
#if defined(__x86_64__)
	/* x86 keeps loads in order; only the compiler does not. */
	__asm__ volatile("" ::: "memory");
#elif defined(__aarch64__)
	__asm__ volatile("dmb oshld" ::: "memory");
#else
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}

/* Stores to descriptors, and to registers, after what came before. */
static inline void npa_wmb(void)
{
#if defined(__x86_64__)
	__asm__ volatile("" ::: "memory");
#elif defined(__aarch64__)
	__asm__ volatile("dmb oshst" ::: "memory");
#else
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}

/* All earlier stores to memory are visible before the register is written. */
static inline void npa_mmio_write32(__u32 value, void __iomem *addr)
{
	npa_wmb();
	__atomic_store_n((__le32 *)addr, npa_cpu_to_le32(value),
			 __ATOMIC_RELAXED);
}

static inline __u32 npa_mmio_read32(const void __iomem *addr)
{
	__le32 value = __atomic_load_n((const __le32 *)addr, __ATOMIC_RELAXED);

	npa_rmb();
	return npa_le32_to_cpu(value);
}

#endif /* __KERNEL__ */

#endif /* _NET_NPA_SHELL_H */
