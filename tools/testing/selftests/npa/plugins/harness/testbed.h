/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A plugin, its shell, a VF and a peer at the other port of the switch; and
 * packets between them, each of which is looked at when it arrives.
 */
#ifndef NPA_HARNESS_TESTBED_H
#define NPA_HARNESS_TESTBED_H

#include "host.h"
#include "loop.h"
#include "packet.h"
#include "pf.h"
#include "tests/tap.h"
#include "mmio.h"

#define TB_FLOWS	16
#define TB_REMEMBER	4096	/* packets of a flow under way */

/**
 * struct tb_options - what a test wants
 * @queues: pairs; 0: as many as the VF has
 * @ring: entries
 * @mtu: bytes
 */
struct tb_options {
	uint32_t queues;
	uint32_t ring;
	uint32_t mtu;
};

/**
 * struct tb_flow - packets of one flow in one direction
 * @sent: by number
 * @next_sent: number of the next one
 * @next: number of the next one to arrive
 * @offset: what has arrived of it
 */
struct tb_flow {
	struct packet sent[TB_REMEMBER];
	uint32_t next_sent;
	uint32_t next;
	uint32_t offset;
};

/**
 * struct testbed - all of it
 * @tap: results
 * @ops: the model of the VF
 * @info: what it says of itself
 * @image: the plugin
 * @options: of the test
 * @loop: of the model
 * @stopper: ends a run of the loop
 * @turns: turns to go
 * @dma: the guest's memory
 * @sw: the switch
 * @window: the VF's registers
 * @vf: NULL after release
 * @us: the shell
 * @init: what the VF was initialised with
 * @peer: the other port of the switch
 * @raised: interrupts, by vector
 * @tx: flows from the VF to the peer
 * @rx: flows from the peer to the VF
 * @tx_arrived: frames that the peer got
 * @rx_looked: received frames that have been looked at
 * @last: the last frame that the peer got
 * @last_data: its bytes
 * @tx_next: where the next frame to send is made, bytes
 * @wrong: frames that were not as they should be
 * @failures: conditions that did not hold
 */
struct testbed {
	struct tap *tap;
	const struct pf_ops *ops;
	const struct pf_vf_info *info;
	const struct us_image *image;
	struct tb_options options;
	struct loop *loop;
	struct loop_poller stopper;
	unsigned int turns;
	struct dma_space *dma;
	struct eswitch *sw;
	struct mmio window;
	struct vf *vf;
	struct user_shell *us;
	struct pf_init init;
	struct port peer;
	uint64_t raised[PF_MAX_QUEUES + 1];
	struct tb_flow tx[TB_FLOWS];
	struct tb_flow rx[TB_FLOWS];
	uint64_t tx_arrived;
	uint64_t rx_looked;
	struct frame last;
	uint8_t last_data[FRAME_MAX];
	uint32_t tx_next;
	uint64_t wrong;
	unsigned int failures;
};

/* NULL without memory.  The VF is acquired, nothing else has happened. */
struct testbed *tb_new(struct tap *tap, const struct pf_ops *ops,
		       const struct us_image *image,
		       const struct tb_options *options);
void tb_free(struct testbed *tb);

/* Load the plugin, as us_load(). */
int tb_load(struct testbed *tb);
/* Make its rings, initialise the VF and activate it: 0, or what failed. */
int tb_start(struct testbed *tb);

/* Let the hardware run for some turns. */
void tb_run(struct testbed *tb, unsigned int turns);

/* One piece of memory for a frame to send. */
uint8_t *tb_tx_space(struct testbed *tb, size_t len);

/**
 * tb_send() - send the next packet of a flow
 * @tb: the testbed
 * @queue: which queue
 * @k: the packet; @k->seq is set here
 * @flags: 0, NPA_TX_CSUM, or that with NPA_TX_TSO
 * @mss: with NPA_TX_TSO
 * @piece: bytes of a piece at most
 * @last: last_hint
 *
 * Return: 0, or 1 if there was no space.
 */
uint32_t tb_send(struct testbed *tb, uint32_t queue, struct packet *k,
		 uint32_t flags, uint16_t mss, uint32_t piece, uint32_t last);

/* Let the hardware send until all is reported complete; false: it is not. */
bool tb_drain(struct testbed *tb);

/* The peer sends the next packet of a flow: 0, or -EAGAIN without room. */
int tb_peer_send(struct testbed *tb, struct packet *k);

/* Poll a queue once, or all until nothing comes, and look at each frame. */
uint32_t tb_poll(struct testbed *tb, uint32_t queue, uint32_t budget);
void tb_poll_all(struct testbed *tb);

/* Has everything that was sent arrived, and as it was? */
bool tb_all_arrived(const struct testbed *tb);

/* Note that a condition does not hold, aloud a few times per test. */
bool tb_failed(struct testbed *tb, const char *file, int line,
	       const char *condition);

#define TB_CHECK(tb, cond) \
	((cond) ? true : tb_failed(tb, __FILE__, __LINE__, #cond))

#endif
