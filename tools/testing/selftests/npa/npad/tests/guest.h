/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A guest for unit tests: npad's parts in this process with a port in the
 * uplink's place, and a vfio-user client with memory, a vmxnet3 driver's
 * structures in it, and rings.
 */
#ifndef NPAD_TESTS_GUEST_H
#define NPAD_TESTS_GUEST_H

#include "../npad.h"

#define GUEST_BASE	0x100000ull	/* DMA address of its memory */
#define GUEST_RAM	(8u << 20)
#define GUEST_VECTORS	3
#define GUEST_RING	64		/* entries of each ring */
#define GUEST_BUF_LEN	2048
#define GUEST_MTU	1500
#define GUEST_ANSWER_NS	3000000000ull

/* Offsets in its memory */
#define AT_SHARED	0x01000
#define AT_QUEUES	0x02000
#define AT_TX_RING	0x04000
#define AT_TX_COMP	0x05000
#define AT_RX_RING	0x08000
#define AT_RX_RING2	0x09000
#define AT_RX_COMP	0x0a000
#define AT_RSS		0x10000
#define AT_PLUGIN	0x11000
#define AT_MULTICAST	0x12000
#define AT_REGION	0x40000
#define AT_VF_RINGS	0x90000
#define AT_TX_DATA	0x100000
#define AT_RX_DATA	0x200000
#define AT_RX_DATA2	0x400000

#define MAX_SEEN	32

/* A frame that has come out at the uplink. */
struct seen {
	struct frame f;
	uint8_t data[FRAME_MAX];
};

/**
 * struct guest - the guest and its surroundings
 * @npad: the host
 * @vnic: its one vNIC, NULL if it has a VF of its own in that place
 * @uplink: takes frames, see @seen
 * @full: @uplink has no room
 * @kicks: how often it was told that somebody has
 * @sock: vfio-user connection, -1 if there is none
 * @ram: memory
 * @irq: event descriptors of the vectors
 * @hold_dma: do not answer DMA_WRITE
 * @refuse_dma: answer it with an error
 * @held_id: message id of a DMA_WRITE that was not answered
 * @dma_writes: how many have come
 * @error: of the last reply
 * @reply: its payload
 * @reply_len: bytes
 * @reply_fd: descriptor that came with it, or -1
 */
struct guest {
	struct npad npad;
	struct vnic *vnic;
	char dir[64];
	char path[80];
	struct port uplink;
	bool full;
	unsigned int kicks;
	struct seen *seen;
	unsigned int num_seen;
	struct loop_poller stopper;
	unsigned int turns;
	int sock;
	int ram_fd;
	uint8_t *ram;
	int irq[GUEST_VECTORS];
	bool hold_dma, refuse_dma;
	uint16_t held_id;
	unsigned int dma_writes;
	uint32_t error;
	uint8_t reply[70000];
	size_t reply_len;
	int reply_fd;
	uint32_t tx_next, tx_gen;
	uint32_t tx_comp_next, tx_comp_gen;
	uint32_t rx_comp_next, rx_comp_gen;
};

/* NULL on failure.  npa: with the extension and a store in plugin_dir. */
struct guest *guest_new(bool npa, const char *plugin_dir);
/* The same with another device; for interrupts it may have more than
 * GUEST_VECTORS, of which only these are connected.  vf: NULL without the
 * extension.
 */
struct guest *guest_new_model(const struct pf_ops *vf, const char *plugin_dir,
			      const struct vmxnet3_model *model);
/* The same with a VF as a PCI function of its own: BAR 0 is its window. */
struct guest *guest_new_raw(const struct pf_ops *ops);
void guest_free(struct guest *g);

/* Connect, agree on a version, map memory, give interrupts. */
bool guest_connect(struct guest *g);
void guest_disconnect(struct guest *g);

/* Let npad work for some turns of its loop. */
void guest_turn(struct guest *g, unsigned int turns);

/* Send bytes as they are. */
bool guest_send(struct guest *g, const void *msg, size_t len, int fd);
/* Send a command and wait for its reply; false if none comes. */
bool guest_request(struct guest *g, uint16_t command, const void *payload,
		   size_t len, int fd);
/* Receive what there is, answering DMA_WRITE; true if a reply has come. */
bool guest_receive(struct guest *g);
void guest_answer_dma(struct guest *g);

bool guest_write(struct guest *g, unsigned int region, uint64_t offset,
		 const void *data, uint32_t len);
bool guest_read(struct guest *g, unsigned int region, uint64_t offset,
		void *data, uint32_t len);
void guest_write32(struct guest *g, unsigned int region, uint64_t offset,
		   uint32_t value);
uint32_t guest_read32(struct guest *g, unsigned int region, uint64_t offset);
/* Write a command, read the result. */
uint32_t guest_command(struct guest *g, uint32_t cmd);

/* How often interrupt n has been signalled since the last call. */
uint64_t guest_irqs(struct guest *g, unsigned int n);

/* The driver's side */
struct vmxnet3_shared *guest_shared(struct guest *g);
struct vmxnet3_tx_queue_desc *guest_txq(struct guest *g);
struct vmxnet3_rx_queue_desc *guest_rxq(struct guest *g, unsigned int i);
/* Write a good configuration; num_rx queues share the one interrupt. */
void guest_configure(struct guest *g, unsigned int num_rx);
/* Add a plugin configuration: one queue pair at AT_VF_RINGS, a region of some
 * pages at AT_REGION.
 */
void guest_configure_npa(struct guest *g, unsigned int num_pages);
/* ACTIVATE_DEV; its result. */
uint32_t guest_activate(struct guest *g);
/* Fill RX rings of queue 0: entries with head and body buffers. */
void guest_fill_rx(struct guest *g, unsigned int heads, unsigned int bodies);
void guest_rx_desc(struct guest *g, unsigned int ring, unsigned int i,
		   uint64_t addr, uint32_t len, bool body);
/* Queue a frame in pieces and ring the bell; om etc. as in the descriptor. */
void guest_tx(struct guest *g, const uint8_t *data, size_t len, size_t piece,
	      uint32_t ctl, uint32_t ctl2);
/* The next completion, if there is one. */
bool guest_tx_comp(struct guest *g, uint32_t *index);
bool guest_rx_comp(struct guest *g, struct vmxnet3_rx_comp *comp);

/* A frame from the network. */
int guest_deliver(struct guest *g, const uint8_t *data, size_t len,
		  int vlan_tci);

/* Make a frame: returns its length.  dst NULL: the guest's address. */
size_t make_udp(uint8_t *to, const uint8_t *dst, size_t payload, bool ipv6);
size_t make_tcp(uint8_t *to, const uint8_t *dst, size_t payload, bool ipv6);

extern const uint8_t guest_mac[6];
extern const uint8_t peer_mac[6];

#endif
