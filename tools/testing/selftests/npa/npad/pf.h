/* SPDX-License-Identifier: GPL-2.0 */
/*
 * PF control interface: what the hypervisor (npa.c) asks of the PF driver of
 * a NIC.  One implementation per VF model.  The operations and their order
 * are those of the original NPA: acquire, get_info, init, activate, quiesce,
 * release; the setters work from acquire to release.
 */
#ifndef NPAD_PF_H
#define NPAD_PF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dma.h"
#include "loop.h"
#include "pci.h"
#include "port.h"

struct vf;

#define PF_MAX_QUEUES	32
#define PF_MAX_REGIONS	6

/**
 * struct pf_region - a part of the VF's register window
 * @offset: bytes from the start of the window, page aligned
 * @length: bytes, whole pages
 * @direct: the guest maps it; otherwise accesses come to vf_ops.read/write
 */
struct pf_region {
	uint32_t offset;
	uint32_t length;
	bool direct;
};

/**
 * struct pf_vf_info - static properties of a model
 * @model: what npad --vf says, "82576"
 * @pci: identity of the VF's own PCI function
 * @plugin: name of the plugin that drives it
 * @device_impl_id: device implementation id, as in the plugin's header
 * @window_len: bytes of the register window
 * @num_regions: elements of @regions, they cover the window
 * @regions: the parts
 * @max_queues: queue pairs
 * @max_vectors: interrupts
 * @device_info: opaque words for the plugin
 * @rx_modes: bits of &enum port_rx_mode that a VF can have
 * @max_multicast: groups that it can filter by
 * @max_vlans: VLANs that it can filter by
 * @max_mtu: longest frame without header and tag
 * @rss_table_len: entries of the indirection table, a power of two
 * @rss_types: bits of VMXNET3_RSS_*: what it can hash
 *
 * What a guest wants beyond that is a policy conflict: it stays on the
 * emulated device as long as it does.
 */
struct pf_vf_info {
	const char *model;
	struct pci_identity pci;
	const char *plugin;
	uint64_t device_impl_id;
	uint32_t window_len;
	unsigned int num_regions;
	struct pf_region regions[PF_MAX_REGIONS];
	unsigned int max_queues;
	unsigned int max_vectors;
	uint32_t device_info[32];
	unsigned int rx_modes;
	unsigned int max_multicast;
	unsigned int max_vlans;
	uint32_t max_mtu;
	unsigned int rss_table_len;
	uint32_t rss_types;
};

#define PF_MAX_HASHES	32	/* multicast hashes in one request */

/* What the VF's driver asks of the PF through the mailbox. */
enum pf_request_type {
	PF_REQUEST_RESET,	/* the driver has reset the VF and starts */
	PF_REQUEST_MAC,		/* another unicast address */
	PF_REQUEST_MORE_MACS,	/* one more (@on), or only the first (!@on) */
	PF_REQUEST_MULTICAST,	/* filter by hashes */
	PF_REQUEST_VLAN,	/* join or leave a VLAN */
	PF_REQUEST_MTU,		/* longest frame */
	PF_REQUEST_RX_MODE,	/* what to hear */
};

/**
 * struct pf_request - a request of the VF's driver
 * @type: what is asked for; it says which of the others are in use
 * @on: join rather than leave
 * @mac: unicast address, not checked
 * @vid: VLAN, 0 to 4095
 * @mtu: bytes, not checked
 * @rx_mode: bits of &enum port_rx_mode
 * @num_hashes: elements of @hashes in use
 * @hashes: 12 bits each, of multicast addresses
 */
struct pf_request {
	enum pf_request_type type;
	bool on;
	uint8_t mac[6];
	uint16_t vid;
	uint32_t mtu;
	unsigned int rx_mode;
	unsigned int num_hashes;
	uint16_t hashes[PF_MAX_HASHES];
};

/**
 * struct pf_env - what a VF model gets from its surroundings
 * @loop: event loop
 * @dma: the guest's memory
 * @sw: the switch; the model adds its own port
 * @window: the register window, pf_vf_info.window_len bytes, shared with the
 *	guest in its direct parts: any byte may change at any time
 * @raise: raise interrupt @vector of the device; @arg is @raise_arg
 * @raise_arg: its argument
 * @request: The hypervisor's decision on a request that the VF's driver has
 *	sent through the mailbox, carried out through &struct pf_ops.  0 or a
 *	negative errno, which becomes the PF's refusal.  NULL: all are refused
 *	(the guest speaks to the hypervisor in another way)
 * @request_arg: its argument
 */
struct pf_env {
	struct loop *loop;
	struct dma_space *dma;
	struct eswitch *sw;
	uint8_t *window;
	void (*raise)(void *arg, unsigned int vector);
	void *raise_arg;
	int (*request)(void *arg, const struct pf_request *request);
	void *request_arg;
};

/* One ring of the guest, from its plugin configuration. */
struct pf_ring {
	uint64_t pa[4];
	uint32_t size;		/* descriptors */
	uint32_t vector;
};

/**
 * struct pf_init - parameters of pf_ops.init
 * @num_queues: queue pairs in use
 * @tx: TX rings
 * @rx: RX rings
 * @mtu: bytes; the model drops longer frames towards the guest
 * @rx_csum: unused by hardware that always checks
 * @rx_vlan_strip: take the tag out of the frame
 * @rss: spread received frames over the queues
 * @rss_types: bits of VMXNET3_RSS_*: what to hash; 0: all that it can
 * @rss_key: Toeplitz key
 * @rss_table: queue per hash value
 * @rss_table_len: entries in use, a power of two
 * @itr_us: least time between two interrupts of a vector, microseconds
 */
struct pf_init {
	unsigned int num_queues;
	struct pf_ring tx[PF_MAX_QUEUES];
	struct pf_ring rx[PF_MAX_QUEUES];
	uint32_t mtu;
	bool rx_csum, rx_vlan_strip, rss;
	uint32_t rss_types;
	uint8_t rss_key[40];
	uint8_t rss_table[128];
	unsigned int rss_table_len;
	unsigned int itr_us;
};

/**
 * struct pf_inflight - what the rings of a VF hold
 * @tx: frames that the guest has posted, by its tails, and that were not sent
 * @rx: received frames whose descriptors the guest has not used again: the
 *	guest may have seen some of them, it has seen all others
 */
struct pf_inflight {
	uint64_t tx, rx;
};

/**
 * struct pf_queue_status - one direction of a queue pair
 * @enabled: it is in use
 * @waiting: TX: the receiver has no room; RX: there are no buffers
 * @size: descriptors
 * @head: next one that the hardware uses
 * @tail: where the guest has got to
 * @packets: frames; a TSO frame is one
 * @bytes: of them
 */
struct pf_queue_status {
	bool enabled, waiting;
	uint32_t size, head, tail;
	uint64_t packets, bytes;
};

/**
 * struct pf_ops - PF control interface of a VF model
 * @get_info: static properties, before acquire too
 * @acquire: Make a VF: registers of the window get their reset values.
 *	NULL with errno set on failure.  @env must outlive it
 * @init: Check and take ring addresses and sizes, program what the PF
 *	programs in the VF's registers (ring bases and lengths, interrupt
 *	vectors and throttling, queue enables).  0 or a negative errno
 * @open: Instead of @init and @activate: the VF belongs to a driver that
 *	programs rings and interrupts itself and asks for the rest through the
 *	mailbox; until it does, nothing moves.  Only VLANs that @set_vlan has
 *	joined are received.  The port's address is the one to tell the driver.
 *	0 or a negative errno
 * @activate: let it move frames: its port is enabled, rings are processed
 * @quiesce: stop: no memory of the guest is touched after it returns
 * @inflight: what is in the rings now, between activate and quiesce; changes
 *	nothing.  May be NULL: a model that cannot tell
 * @release: free it; the window reads all-ones from then on.  A VF that is
 *	still active is taken away: nothing is finished
 * @set_mac: unicast address of the VF's port
 * @set_rx_mode: bits of &enum port_rx_mode; -EOPNOTSUPP for one that is not in
 *	pf_vf_info.rx_modes
 * @set_multicast: addresses of 6 bytes; -ENOSPC beyond
 *	pf_vf_info.max_multicast
 * @set_hashes: Multicast addresses by their 12-bit hash (bits 47:36 of the
 *	address), besides those of @set_multicast; at most %PF_MAX_HASHES
 * @set_vlan: join or leave a VLAN, 0 to 4095; after @open.  Tags are taken out
 *	of received frames once another VLAN than 0 has been joined
 * @clear_vlans: leave all but 0
 * @set_link: the driver sees it; down does not stop the port
 * @set_mtu: bytes
 * @set_rss_table: as in &struct pf_init
 * @set_offloads: rx_csum, rx_vlan_strip and all of RSS as in &struct pf_init;
 *	the rest of it is not looked at
 * @queue_status: state of queue pair @queue, counters since init; -EINVAL if
 *	there is none
 * @port: the VF's port of the switch
 * @read: trapped read of 1, 2, 4 or 8 bytes
 * @write: trapped write
 * @register_name: name of the register at an offset for the trap counters,
 *	"vf.vteims"; never NULL
 */
struct pf_ops {
	const struct pf_vf_info *(*get_info)(void);
	struct vf *(*acquire)(const struct pf_env *env);
	int (*init)(struct vf *vf, const struct pf_init *init);
	int (*open)(struct vf *vf);
	int (*activate)(struct vf *vf);
	void (*quiesce)(struct vf *vf);
	void (*inflight)(struct vf *vf, struct pf_inflight *inflight);
	void (*release)(struct vf *vf);
	int (*set_mac)(struct vf *vf, const uint8_t mac[6]);
	int (*set_rx_mode)(struct vf *vf, unsigned int mode);
	int (*set_multicast)(struct vf *vf, const uint8_t (*addr)[6],
			     unsigned int count);
	int (*set_hashes)(struct vf *vf, const uint16_t *hashes,
			  unsigned int count);
	int (*set_vlan)(struct vf *vf, uint16_t vid, bool on);
	void (*clear_vlans)(struct vf *vf);
	void (*set_link)(struct vf *vf, bool up);
	int (*set_mtu)(struct vf *vf, uint32_t mtu);
	int (*set_rss_table)(struct vf *vf, const uint8_t *table,
			     unsigned int len);
	int (*set_offloads)(struct vf *vf, const struct pf_init *init);
	int (*queue_status)(struct vf *vf, unsigned int queue,
			    struct pf_queue_status *tx,
			    struct pf_queue_status *rx);
	struct port *(*port)(struct vf *vf);
	uint64_t (*read)(struct vf *vf, uint32_t offset, unsigned int size);
	void (*write)(struct vf *vf, uint32_t offset, unsigned int size,
		      uint64_t value);
	const char *(*register_name)(uint32_t offset);
};

/* What is the same for every model: the policy of a VF's port, and the guest's
 * VLAN filter (as port_set_vlan_filter()).
 */
void pf_set_policy(const struct pf_ops *ops, struct vf *vf,
		   const struct port_policy *policy);
void pf_set_vlan_filter(const struct pf_ops *ops, struct vf *vf,
			const uint32_t *table);

extern const struct pf_ops vf_82576_ops;
extern const struct pf_ops vf_82599_ops;
/* vf_none.c: a host that has none, not one of the models. */
extern const struct pf_ops vf_none_ops;

/* The model of a name (&pf_vf_info.model), NULL if there is none; the first
 * model and the ones after it, NULL after the last.
 */
const struct pf_ops *pf_find_model(const char *name);
const struct pf_ops *pf_next_model(const struct pf_ops *ops);

#endif
