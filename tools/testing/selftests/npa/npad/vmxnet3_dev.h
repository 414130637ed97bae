/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The emulated vmxnet3 device, revisions 1 to 9: registers and commands in
 * vmxnet3_dev.c, those of revision 2 and later in vmxnet3_revision.c, what the
 * driver shares with it in vmxnet3_conf.c, the rings in vmxnet3_tx.c and
 * vmxnet3_rx.c.  What a command of the NPA extension does is npa.c's affair.
 */
#ifndef NPAD_VMXNET3_DEV_H
#define NPAD_VMXNET3_DEV_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#include "dma.h"
#include "frame_tunnel.h"
#include "irq.h"
#include "log.h"
#include "loop.h"
#include "port.h"
#include "vmxnet3_desc.h"
#include "vmxnet3_hw.h"
#include "vmxnet3_model.h"

struct npa;

#define VMXNET3_RING_MAX	4096	/* descriptors */
#define VMXNET3_COMP_RING_MAX	8192
#define VMXNET3_RING_BASE_ALIGN	512
#define VMXNET3_MTU_MAX		9000
#define VMXNET3_EXT_MTU_MAX	9190	/* revision 6 */

/* A ring of the driver: where it is, and what comes next in it. */
struct ring {
	uint64_t pa;
	uint32_t size;
	uint32_t next;
	uint32_t gen;		/* 0 or 1 */
};

struct tx_queue {
	struct ring ring;
	struct ring comp;
	unsigned int intr;
	uint64_t conf_pa;	/* struct vmxnet3_tx_queue_desc */
	uint64_t ts_pa;		/* timestamps, as many as in @ring */
	uint32_t ts_size;	/* bytes of one; 0: none */
	uint32_t error;		/* stopped, if not 0 */
	unsigned int tries;	/* to send the frame that is next */
	unsigned int segments;	/* of it that were sent */
	struct vmxnet3_tx_stats stats;	/* processor byte order */
};

struct rx_queue {
	struct ring ring[2];
	struct ring comp;
	unsigned int intr;
	uint64_t conf_pa;	/* struct vmxnet3_rx_queue_desc */
	uint64_t data_pa;	/* data ring, as many entries as in @ring[0] */
	uint32_t data_size;	/* bytes of one; 0: none */
	uint64_t ts_pa;		/* timestamps, as many as in @ring[0] */
	uint32_t ts_size;	/* bytes of one; 0: none */
	uint32_t error;		/* stopped, if not 0 */
	bool swapped;		/* the buffer after the next one is used */
	bool starved;		/* update_rx_prod is set */
	struct vmxnet3_rx_stats stats;	/* processor byte order */
};

struct rss_conf {
	bool enabled;
	uint32_t hash_type;
	unsigned int table_len;
	uint8_t key[VMXNET3_RSS_KEY_LEN];
	uint8_t table[VMXNET3_RSS_TABLE_LEN];
};

/* What the driver has configured, copied from the shared area and checked.
 * What its port filters by (groups, VLANs) is kept in the port.
 */
struct dev_conf {
	uint32_t features;
	uint32_t mtu;
	unsigned int num_tx, num_rx;
	unsigned int event_intr;
	bool ext_intr;		/* the interrupts are in the extended part */
	uint64_t queue_desc_pa;
	uint32_t rx_mode;
	struct rss_conf rss;
};

/* struct vmxnet3_coalesce, checked, in the processor's byte order. */
struct coalesce_conf {
	uint32_t mode;
	uint32_t rate;		/* interrupts per second */
	uint32_t tx_depth, tx_comp_depth, rx_depth;
};

/**
 * struct rev_state - what a driver of a later revision has set
 * @revision: in use
 * @caps: capabilities in use, from revision 7 on
 * @set_result: of the last command that sets something
 * @rss_fields: VMXNET3_RSS_FIELD_*
 * @coalesce: interrupt coalescing
 * @buffer_size: of receive buffers: head and body in ring 1, body in ring 2;
 *	what the driver has said, for people
 */
struct rev_state {
	unsigned int revision;
	uint32_t caps;
	uint32_t set_result;
	uint32_t rss_fields;
	struct coalesce_conf coalesce;
	uint16_t buffer_size[3];
};

/* The device as plain data; an active one is emulating. */
struct dev_state {
	uint8_t perm_mac[6];
	uint8_t mac[6];
	uint32_t mac_low;
	bool active;
	bool link_up;
	uint32_t dsal, dsah;
	uint64_t shared_pa;
	uint32_t last_cmd;
	uint32_t activate_result;
	struct vmxnet3_model model;
	struct rev_state rev;
	struct dev_conf conf;
	unsigned int num_multicast;
	uint8_t multicast[PORT_MAX_MULTICAST][6];
	bool vlan_filter;
	uint32_t vlans[PORT_VLAN_WORDS];
	struct tx_queue tx[VMXNET3_EXT_MAX_TX_QUEUES];
	struct rx_queue rx[VMXNET3_EXT_MAX_RX_QUEUES];
};

/**
 * enum dev_fault - what the operator can make the device do wrong
 * @DEV_FAULT_ACTIVATE: ACTIVATE_DEV fails
 * @DEV_FAULT_TX_ERROR: TX queue 0 stops with an error, at once
 * @DEV_FAULT_RX_ERROR: RX queue 0 does
 * @DEV_FAULT_ONES: commands with a result give all-ones
 * @DEV_FAULT_GONE: the function was pulled out: all reads give all-ones, and
 *	nothing else happens
 * @NUM_DEV_FAULTS: how many there are
 */
enum dev_fault {
	DEV_FAULT_ACTIVATE,
	DEV_FAULT_TX_ERROR,
	DEV_FAULT_RX_ERROR,
	DEV_FAULT_ONES,
	DEV_FAULT_GONE,
	NUM_DEV_FAULTS
};

/* Interrupts of a queue that wait (vmxnet3_coalesce.c). */
struct coalesce_queue {
	struct vmxnet3_dev *dev;
	unsigned int intr;
	unsigned int frames;		/* since the last one */
	uint64_t last;			/* when that was */
	uint64_t window;		/* how busy it is: since when ... */
	unsigned int in_window;		/* ... so many frames */
	bool busy;
	struct loop_timer timer;
};

/**
 * struct vmxnet3_dev - the device
 * @active: between ACTIVATE_DEV and QUIESCE_DEV or RESET_DEV
 * @emulating: its rings are in use; false while a VF moves the frames
 * @hold_tx: nothing is sent for now
 * @hold_rx: nothing is received for now, who has a frame for it waits
 * @link_up: what GET_LINK says
 * @shared_pa: address of the shared area since the last ACTIVATE_DEV
 * @tx_kicked: queues, by bit, that may have something to send
 * @faults: 0: off, 1: on, 2: once
 * @ts_frames: since the last one that a timestamp was asked for
 * @ts_tx: timestamps that came of frames sent
 * @ts_rx: and of frames received
 */
struct vmxnet3_dev {
	struct loop *loop;
	struct log *log;
	struct dma_space *dma;
	struct eswitch *sw;
	struct npa *npa;	/* NULL: the device has no such extension */
	struct irq_block irq;
	struct port port;
	uint8_t perm_mac[6];
	uint8_t mac[6];
	uint32_t mac_low;	/* written, waits for the high part */
	bool active;
	bool emulating;
	bool hold_tx, hold_rx;
	bool link_up;
	uint32_t dsal, dsah;
	uint64_t shared_pa;
	uint32_t last_cmd;
	uint32_t activate_result;
	struct vmxnet3_model model;
	struct rev_state rev;
	struct dev_conf conf;
	struct tx_queue tx[VMXNET3_EXT_MAX_TX_QUEUES];
	struct rx_queue rx[VMXNET3_EXT_MAX_RX_QUEUES];
	uint32_t tx_kicked;
	struct loop_poller poller;
	struct loop_timer tx_retry;
	struct loop_timer rx_retry;
	struct coalesce_queue coalesce_tx[VMXNET3_EXT_MAX_TX_QUEUES];
	struct coalesce_queue coalesce_rx[VMXNET3_EXT_MAX_RX_QUEUES];
	uint8_t faults[NUM_DEV_FAULTS];
	unsigned int ts_frames;
	uint64_t ts_tx, ts_rx;
	uint8_t tx_frame[FRAME_MAX];
	uint8_t tx_segment[FRAME_MAX];
};

/* Returns NULL without memory. */
struct vmxnet3_dev *vmxnet3_dev_new(struct loop *loop, struct log *log,
				    struct dma_space *dma, struct eswitch *sw,
				    const uint8_t mac[6],
				    const struct vmxnet3_model *model);
void vmxnet3_dev_free(struct vmxnet3_dev *dev);

/* As after power on; the client's reset, or a new client. */
void vmxnet3_dev_reset(struct vmxnet3_dev *dev);

/* Registers: whole 32-bit words, offset is a multiple of four. */
uint32_t vmxnet3_pt_read(struct vmxnet3_dev *dev, uint32_t offset);
void vmxnet3_pt_write(struct vmxnet3_dev *dev, uint32_t offset, uint32_t value);
uint32_t vmxnet3_vd_read(struct vmxnet3_dev *dev, uint32_t offset);
void vmxnet3_vd_write(struct vmxnet3_dev *dev, uint32_t offset, uint32_t value);

/* Names for the counters, never NULL. */
const char *vmxnet3_pt_name(uint32_t offset);
const char *vmxnet3_vd_name(uint32_t offset);

/* Set bits of ECR and raise the event interrupt; ignored while inactive. */
void vmxnet3_dev_event(struct vmxnet3_dev *dev, uint32_t ecr);
void vmxnet3_dev_set_link(struct vmxnet3_dev *dev, bool up);

/* Stop or continue to use the rings; @port follows. */
void vmxnet3_dev_set_emulating(struct vmxnet3_dev *dev, bool emulating);

/* Stop to touch the guest's memory and rings for a while; go on where it
 * stopped.
 */
void vmxnet3_dev_hold(struct vmxnet3_dev *dev, bool tx, bool rx);

/* vmxnet3_state.c: the device as it is; all of it unless -EBUSY says that its
 * rings are not in use although it is active: a VF has the guest's frames.
 */
int vmxnet3_dev_export(const struct vmxnet3_dev *dev, struct dev_state *state);
/* Become what was exported, but do not start: see vmxnet3_dev_start().  The
 * guest's memory has to be there.  -EFAULT if the shared area or a ring is not
 * in it; nothing has changed then.
 */
int vmxnet3_dev_import(struct vmxnet3_dev *dev, const struct dev_state *state);
/* Use the rings, if it is active; signal what is pending. */
void vmxnet3_dev_start(struct vmxnet3_dev *dev);

/* vmxnet3_revision.c: what came after revision 1. */

/* A new driver, or a reset from outside: revision 1, nothing set. */
void vmxnet3_revision_init(struct vmxnet3_dev *dev);
/* RESET_DEV: what was set is forgotten, what was negotiated stays. */
void vmxnet3_revision_reset(struct vmxnet3_dev *dev);
/* VRRS as read, and the driver's choice. */
uint32_t vmxnet3_revision_offer(const struct vmxnet3_dev *dev);
void vmxnet3_revision_choose(struct vmxnet3_dev *dev, uint32_t value);
/* Capability registers, DCR to the last PTCR; 0 for others. */
uint32_t vmxnet3_revision_read(const struct vmxnet3_dev *dev, uint32_t offset);
void vmxnet3_revision_write(struct vmxnet3_dev *dev, uint32_t offset,
			    uint32_t value);
/* Is it a command that the revision in use has, or of none?  Unknown ones do
 * nothing and give 0.
 */
bool vmxnet3_revision_command(struct vmxnet3_dev *dev, uint32_t cmd);
/* The result of such a command; false if it is none. */
bool vmxnet3_revision_result(const struct vmxnet3_dev *dev, uint32_t *value);
/* VMXNET3_LINK_SPEED's number. */
uint32_t vmxnet3_revision_speed(const struct vmxnet3_dev *dev);

/* Queues that the driver may use with the revision in use. */
unsigned int vmxnet3_max_tx_queues(const struct vmxnet3_dev *dev);
unsigned int vmxnet3_max_rx_queues(const struct vmxnet3_dev *dev);
unsigned int vmxnet3_max_mtu(const struct vmxnet3_dev *dev);

/* vmxnet3_coalesce.c: completions of a queue, for an interrupt soon. */
void vmxnet3_coalesce_init(struct vmxnet3_dev *dev);
void vmxnet3_coalesce_tx(struct vmxnet3_dev *dev, unsigned int q,
			 unsigned int frames);
void vmxnet3_coalesce_rx(struct vmxnet3_dev *dev, unsigned int q);
/* Nothing waits any more; signal: what waited is signalled now. */
void vmxnet3_coalesce_end(struct vmxnet3_dev *dev, bool signal);

/* vmxnet3_timestamp.c: tell the driver what is wanted; is one of this frame?
 * Count the one of a descriptor, if there is one.
 */
void vmxnet3_ts_start(struct vmxnet3_dev *dev);
bool vmxnet3_ts_wanted(struct vmxnet3_dev *dev);
void vmxnet3_ts_take(struct vmxnet3_dev *dev, uint64_t pa, uint32_t size,
		     uint32_t index, uint64_t *count);

/**
 * struct tx_tunnel - what is to be done to a frame in a tunnel
 * @tunnel: its headers
 * @outer_csum: the outer checksum too
 * @cut: to be cut into segments: vmxnet3_tunnel_send()
 */
struct tx_tunnel {
	struct frame_tunnel tunnel;
	bool outer_csum;
	bool cut;
};

/*
 * vmxnet3_tunnel.c: take over what a descriptor says about a frame in a tunnel;
 * tx->outer_csum is set.  mode, hlen, msscof: as in the descriptor, with
 * offsets from the frame's start.  -EINVAL if the frame is not such a one.
 */
int vmxnet3_tunnel_offload(const struct vmxnet3_dev *dev, struct frame *f,
			   struct tx_tunnel *tx, unsigned int mode,
			   uint32_t hlen, uint32_t msscof);
/* Cut and send.  -EAGAIN if there was no room for all: the next call for the
 * frame goes on.  -EINVAL if it cannot be cut.
 */
int vmxnet3_tunnel_send(struct vmxnet3_dev *dev, struct tx_queue *txq,
			struct frame *f, const struct tx_tunnel *tx);

/* vmxnet3_fault.c.  Does it happen now?  Once if it was to happen once. */
bool vmxnet3_fault_hit(struct vmxnet3_dev *dev, enum dev_fault fault);
bool vmxnet3_fault_is_on(const struct vmxnet3_dev *dev, enum dev_fault fault);
/* Switch one on or off: state is "off", "on" or "once".  -ENOENT: no such
 * fault; -EINVAL: no such state; -EAGAIN: not while the device is inactive.
 */
int vmxnet3_fault(struct vmxnet3_dev *dev, const char *name, const char *state);
void vmxnet3_list_faults(const struct vmxnet3_dev *dev,
			 struct json_object *list);

/* vmxnet3_report.c: add "device", what was agreed on, to a reply. */
void vmxnet3_dev_report(const struct vmxnet3_dev *dev,
			struct json_object *reply);

/* vmxnet3_conf.c: read parts of the shared area into dev->conf. */
int vmxnet3_conf_read(struct vmxnet3_dev *dev);
void vmxnet3_conf_read_rx_mode(struct vmxnet3_dev *dev);
void vmxnet3_conf_read_multicast(struct vmxnet3_dev *dev);
void vmxnet3_conf_read_vlans(struct vmxnet3_dev *dev);
/* Follow the features and the port's flag for merged segments. */
void vmxnet3_conf_apply_lro(struct vmxnet3_dev *dev);
void vmxnet3_conf_read_features(struct vmxnet3_dev *dev);
void vmxnet3_conf_read_rss(struct vmxnet3_dev *dev);
void vmxnet3_conf_write_stats(struct vmxnet3_dev *dev);
void vmxnet3_conf_write_status(struct vmxnet3_dev *dev);
/* The plugin's configuration; -ENOENT if the driver has given none. */
int vmxnet3_conf_read_plugin_desc(struct vmxnet3_dev *dev, uint32_t *version,
				  uint32_t *len, uint64_t *pa);
bool vmxnet3_conf_intr_disabled(void *dev);

/* Go to the next entry of a ring. */
void ring_advance(struct ring *ring);

/**
 * vmxnet3_tx_poll() - send what the driver has queued
 * @dev: the device
 * @q: number of the queue
 * @budget: descriptors to look at and frames of usual length to send; a frame
 *	that is much longer counts as several
 *
 * Return: true if the budget was used up, so that there may be more.
 */
bool vmxnet3_tx_poll(struct vmxnet3_dev *dev, unsigned int q, int budget);

/* Is there nothing left to send in any queue? */
bool vmxnet3_tx_idle(struct vmxnet3_dev *dev);

/* port_ops.deliver of the emulated vNIC. */
int vmxnet3_rx_deliver(struct port *port, struct frame *f);

/* A queue that was without buffers may have some again. */
void vmxnet3_rx_check(struct vmxnet3_dev *dev);

#endif
