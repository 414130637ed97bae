/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the KUnit tests share: a registered netdev of the driver on a device
 * made of memory, a hypervisor that follows a script, a VF with a plugin of its
 * own, and what the stack received.
 */
#ifndef _VMXNET3_TEST_H
#define _VMXNET3_TEST_H

#include <kunit/test.h>

#include "vmxnet3_desc.h"
#include "vmxnet3_npa.h"
#include "vmxnet3_shell.h"

#define VMXNET3_TEST_QUEUES	2
#define VMXNET3_TEST_DEVICE_ID	0x0000808600c810caull
#define VMXNET3_TEST_FRAME_MAX	(VMXNET3_EXT_MAX_MTU + ETH_HLEN)
#define VMXNET3_TEST_PROTO	0x88b5		/* local experiments */
#define VMXNET3_TEST_HDR_LEN	(ETH_HLEN + 4)	/* with the number */
#define VMXNET3_TEST_FOREVER	U32_MAX
#define VMXNET3_TEST_LOG	64
#define VMXNET3_TEST_LEN	200		/* of a frame that any path takes */

struct vmxnet3_test;

/**
 * struct vmxnet3_test_tx - a frame that hardware got to send
 * @seq: its number, or U32_MAX if it is no frame of a test
 * @len: bytes of it
 * @entries: descriptors it took
 * @ctl: word of its first descriptor
 * @ctl2: word of its last descriptor
 * @data: its bytes, as many as fit
 */
struct vmxnet3_test_tx {
	u32 seq;
	u32 len;
	u32 entries;
	u32 ctl;
	u32 ctl2;
	u8 data[VMXNET3_TEST_FRAME_MAX];
};

/**
 * struct vmxnet3_test_rx - a frame that the emulated device receives
 * @data: its bytes
 * @len: how many
 * @ctl: bits for the completion's words besides length and position
 * @hash: word of the completion
 * @len_bits: see @ctl
 * @flags: see @ctl
 * @first_hash: in the place of @hash in the first of several completions, if
 *	@first_flags is not 0
 * @first_flags: the same for @flags
 */
struct vmxnet3_test_rx {
	const void *data;
	u32 len;
	u32 ctl;
	u32 hash;
	u32 len_bits;
	u32 flags;
	u32 first_hash;
	u32 first_flags;
};

/**
 * struct vmxnet3_test_queue - the emulated device's side of a queue pair
 * @txd: TX ring
 * @txc: its completions
 * @tx_size: entries of both
 * @tx_next: descriptor to look at
 * @tx_gen: VMXNET3_TXD_GEN if it is set in descriptors that are ours
 * @txc_next: completion to write
 * @txc_gen: VMXNET3_COMP_GEN or 0
 * @tx_taken: frames read from the ring
 * @tx_done: frames completed
 * @tx_last: last descriptor of each frame taken
 * @rxd: buffer rings
 * @rxc: completions of both
 * @rx_size: entries of a buffer ring
 * @rx_next: buffer to fill, per ring
 * @rx_gen: VMXNET3_RXD_GEN or 0, per ring
 * @rxc_size: entries
 * @rxc_next: completion to write
 * @rxc_gen: VMXNET3_COMP_GEN or 0
 */
struct vmxnet3_test_queue {
	struct vmxnet3_tx_desc *txd;
	struct vmxnet3_tx_comp *txc;
	u32 tx_size;
	u32 tx_next;
	u32 tx_gen;
	u32 txc_next;
	u32 txc_gen;
	u32 tx_taken;
	u32 tx_done;
	u16 tx_last[VMXNET3_TX_RING_SIZE];
	struct vmxnet3_rx_desc *rxd[2];
	struct vmxnet3_rx_comp *rxc;
	u32 rx_size;
	u32 rx_next[2];
	u32 rx_gen[2];
	u32 rxc_size;
	u32 rxc_next;
	u32 rxc_gen;
};

/**
 * struct vmxnet3_test_script - how an asynchronous command ends
 * @busy: reads that say it is still at work; VMXNET3_TEST_FOREVER
 * @result: what it says then
 */
struct vmxnet3_test_script {
	u32 busy;
	u32 result;
};

/**
 * struct vmxnet3_test_rev - what the device says of revisions and later things
 * @vrrs: revisions that it has
 * @uvrs: UPT versions
 * @chosen: what the driver wrote to VRRS
 * @uvrs_chosen: and to UVRS
 * @dcr: what DCR says
 * @ptcr: what PTCR says
 * @wanted: what the driver wrote to DCR
 * @dcr_writes: how often
 * @refused: capabilities that it does not get although they are offered
 * @dcr0: what GET_DCR0_REG says, if it is not 0
 * @max_queues: what GET_MAX_QUEUES_CONF says
 * @data_size: what GET_TXDATA_DESC_SIZE says
 * @ts_size: what GET_TSRING_DESC_SIZE says
 * @disabled: what GET_DISABLED_OFFLOADS says
 * @link: what GET_LINK says, if it is not 0
 * @info: arguments of the last command that had some
 * @info_cmd: which one it was
 * @info_result: what it says
 * @buffer_size: arguments of SET_RING_BUFFER_SIZE
 */
struct vmxnet3_test_rev {
	u32 vrrs;
	u32 uvrs;
	u32 chosen;
	u32 uvrs_chosen;
	u32 dcr;
	u32 ptcr;
	u32 wanted;
	u32 dcr_writes;
	u32 refused;
	u32 dcr0;
	u32 max_queues;
	u32 data_size;
	u32 ts_size;
	u32 disabled;
	u32 link;
	union vmxnet3_cmd_info info;
	u32 info_cmd;
	u32 info_result;
	struct vmxnet3_ring_buffer_size buffer_size;
};

/**
 * struct vmxnet3_test_vf - the VF, and how its plugin is to behave
 * @active: by the hypervisor
 * @ps: state of its plugin, NULL before sw_init()
 * @main_result: what the entry point returns
 * @sw_init_result: what sw_init() returns
 * @reinit_result: what reinit_rx_ring() returns
 * @edit_api: changes the table that the entry point fills
 * @tx_hold: frames stay in the ring until told otherwise
 * @tx_sent: frames that hardware has sent, per queue
 * @rx_hw: buffers that hardware has filled, per queue
 * @rx_hook: replaces check_rx_ring()
 * @tx_hook: called at the end of check_tx_ring()
 * @add_result: what add_frame_to_tx_ring() returns
 * @flushes: calls of flush_tx_ring()
 * @rung: frames that came with the doorbell
 * @intr: last thing done to an interrupt, per queue: 1 enabled, 0 disabled
 * @kicks: calls of add_buffers_to_rx_ring() that were not from poll
 * @asked: calls of check_alive()
 * @gone: what it returns
 * @hook_arg: for the hooks
 */
struct vmxnet3_test_vf {
	bool active;
	struct npa_plugin_state *ps;
	u32 main_result;
	u32 sw_init_result;
	u32 reinit_result;
	void (*edit_api)(struct npa_plugin_api *api);
	bool tx_hold;
	u32 tx_sent[VMXNET3_TEST_QUEUES];
	u32 rx_hw[VMXNET3_TEST_QUEUES];
	u32 (*rx_hook)(struct vmxnet3_test *t, u32 queue, u32 budget);
	void (*tx_hook)(struct vmxnet3_test *t, u32 queue);
	u32 add_result;
	u32 flushes;
	u32 rung;
	int intr[VMXNET3_TEST_QUEUES];
	u32 kicks;
	u32 asked;
	u32 gone;
	const void *hook_arg;
};

/**
 * struct vmxnet3_test - everything around one device under test
 * @test: the case
 * @dev: for DMA
 * @netdev: registered
 * @shell: its private data
 * @pt: BAR PT
 * @open: ifup has been done by the test
 * @rev: device revision and what belongs to it
 * @dsa: what was written to DSAL and DSAH
 * @mac: what was written to MACL and MACH
 * @running: the emulated device is active
 * @num_queues: its pairs
 * @q: its queues
 * @cmd: last command written
 * @status: script of the asynchronous command under way
 * @status_cmd: which one it is, 0 once it has had its effect
 * @msg: switch message
 * @device_id: device implementation id
 * @load: script of LOAD_PLUGIN
 * @activate: of ACTIVATE_VF
 * @stop: of STOP_EMULATION
 * @quiesce: of NPA_QUIESCE_VF
 * @activate_dev: what ACTIVATE_DEV says
 * @gone: registers read all-ones
 * @icr: what ICR says, until it is read
 * @conf_intr: what GET_CONF_INTR says
 * @pm: what was in force at the last UPDATE_PMCFG
 * @on_cmd: called when a command is written, before it has any effect
 * @on_done: called when an asynchronous command has had its effect
 * @coalesce: what it was told by SET_COALESCE, what GET_COALESCE says
 * @coalesce_refused: SET_COALESCE has no effect
 * @tx_stats: what it counts
 * @rx_stats: what it counts
 * @stats_stuck: GET_STATS has no effect
 * @link_down: what GET_LINK says
 * @mac_mask: bits of MACH that work
 * @rss_fields: the same for SET_RSS_FIELDS
 * @rss_fields_can: those that it can hash
 * @hv_count: for these two
 * @log: commands of a switch, in order
 * @log_len: how many
 * @report: last thing reported
 * @reports: how often
 * @rests: how often who fills or empties rings has given way
 * @region: where plugins are injected, not executable
 * @image: what is injected
 * @image_len: bytes of it
 * @written: bytes the hypervisor says that it wrote, 0: @image_len
 * @window_ppn: where the hypervisor says the window is
 * @window_pages: how long it says
 * @entry_va: where it says the entry point is
 * @vf_queues: what it says of the VF
 * @maps: windows mapped
 * @unmaps: and unmapped
 * @map_start: where the last one was
 * @map_len: and its length
 * @map_fails: say no
 * @window: the VF's registers
 * @vf: the VF
 * @rx: frames that the stack received
 * @tx_freed: frames to send that were freed
 * @vf_tx: numbers of the frames that the VF got to send
 * @vf_tx_len: how many
 * @scratch: a frame to look at
 * @lockdep: lockdep was at work when the test began
 */
struct vmxnet3_test {
	struct kunit *test;
	struct device *dev;
	struct net_device *netdev;
	struct vmxnet3_shell *shell;
	void *pt;
	bool open;

	struct vmxnet3_test_rev rev;
	u64 dsa;
	u32 mac[2];
	bool running;
	u32 num_queues;
	struct vmxnet3_test_queue q[VMXNET3_TEST_QUEUES];

	u32 cmd;
	struct vmxnet3_test_script status;
	u32 status_cmd;
	u32 msg;
	u64 device_id;
	struct vmxnet3_test_script load;
	struct vmxnet3_test_script activate;
	struct vmxnet3_test_script stop;
	struct vmxnet3_test_script quiesce;
	u32 activate_dev;
	bool gone;
	u32 icr;
	u32 conf_intr;
	struct vmxnet3_pm_conf pm;
	void (*on_cmd)(struct vmxnet3_test *t, u32 cmd);
	void (*on_done)(struct vmxnet3_test *t, u32 cmd);
	struct vmxnet3_coalesce coalesce;
	bool coalesce_refused;
	struct vmxnet3_tx_stats tx_stats;
	struct vmxnet3_rx_stats rx_stats;
	bool stats_stuck;
	bool link_down;
	u32 mac_mask;
	u32 rss_fields;
	u32 rss_fields_can;
	u32 hv_count;
	u32 log[VMXNET3_TEST_LOG];
	u32 log_len;
	u32 report;
	u32 reports;
	u32 rests;

	struct vmxnet3_region region;
	u8 *image;
	u32 image_len;
	u32 written;
	u64 window_ppn;
	u32 window_pages;
	u64 entry_va;
	u16 vf_queues;
	u32 maps;
	u32 unmaps;
	phys_addr_t map_start;
	u32 map_len;
	bool map_fails;
	u8 window[64];

	struct vmxnet3_test_vf vf;
	struct sk_buff_head rx;
	atomic_t tx_freed;
	u32 vf_tx[VMXNET3_TX_RING_SIZE];
	u32 vf_tx_len;
	struct vmxnet3_test_tx scratch;
	bool lockdep;
};

/* BAR of the window: for the bus, for the processor, bytes. */
#define VMXNET3_TEST_BAR_BUS	0xf0000000ull
#define VMXNET3_TEST_BAR_START	0x8f0000000ull
#define VMXNET3_TEST_BAR_LEN	0x100000ull

/* vmxnet3_test_image.c */
u32 vmxnet3_test_image_make(u8 *image, u32 payload_len);
void vmxnet3_test_image_hash(u8 *image);

/* vmxnet3_test_dev.c */
int vmxnet3_test_init(struct kunit *test);
void vmxnet3_test_lazy(struct vmxnet3_test *t);
void vmxnet3_test_revision(struct vmxnet3_test *t, u32 revision);
void vmxnet3_test_exit(struct kunit *test);
void vmxnet3_test_open(struct vmxnet3_test *t);
void vmxnet3_test_close(struct vmxnet3_test *t);
void vmxnet3_test_message(struct vmxnet3_test *t, u32 path, u32 reason);
void vmxnet3_test_switch(struct vmxnet3_test *t, u32 path, u32 reason);
void vmxnet3_test_get_rings(struct vmxnet3_test *t,
			    struct ethtool_ringparam *ring,
			    struct kernel_ethtool_ringparam *kernel_ring);
int vmxnet3_test_set_rings(struct vmxnet3_test *t,
			   struct ethtool_ringparam *ring,
			   struct kernel_ethtool_ringparam *kernel_ring);
void vmxnet3_test_flush(struct vmxnet3_test *t);
void vmxnet3_test_poll(struct vmxnet3_test *t, u32 queue);
bool vmxnet3_test_on_vf(struct vmxnet3_test *t);

void vmxnet3_test_fill(struct vmxnet3_test *t, u8 *data, u32 len, u32 seq);
struct sk_buff *vmxnet3_test_skb(struct vmxnet3_test *t, u32 len, u32 frags,
				 u32 seq);
int vmxnet3_test_xmit(struct vmxnet3_test *t, struct sk_buff *skb, u32 queue,
		      bool more);
void vmxnet3_test_send(struct vmxnet3_test *t, u32 queue, u32 len, u32 seq);

bool vmxnet3_test_dev_take(struct vmxnet3_test *t, u32 queue,
			   struct vmxnet3_test_tx *tx);
void vmxnet3_test_dev_complete(struct vmxnet3_test *t, u32 queue, u32 count);
void vmxnet3_test_dev_skip(struct vmxnet3_test *t, u32 queue, u32 ring,
			   u32 count);
bool vmxnet3_test_dev_rx(struct vmxnet3_test *t, u32 queue,
			 const struct vmxnet3_test_rx *rx);
bool vmxnet3_test_dev_receive(struct vmxnet3_test *t, u32 queue, u32 len,
			      u32 seq);

u32 vmxnet3_test_seq(const struct sk_buff *skb);
void vmxnet3_test_expect_rx(struct vmxnet3_test *t, u32 len, u32 seq);

/* vmxnet3_test_vf.c */
u32 NPA_CALL vmxnet3_test_vf_main(struct npa_plugin_api *api);
bool vmxnet3_test_vf_rx(struct vmxnet3_test *t, u32 queue, u32 len, u32 seq);
void vmxnet3_test_vf_send(struct vmxnet3_test *t, u32 queue);
u64 *vmxnet3_test_vf_addr(struct vmxnet3_test *t, u32 queue);

/* vmxnet3_test_steps.c */
u32 vmxnet3_test_log_count(struct vmxnet3_test *t, u32 cmd);
u32 vmxnet3_test_reg(const struct vmxnet3_test *t, u32 reg, u32 index);
void vmxnet3_test_set_reg(struct vmxnet3_test *t, u32 reg, u32 index,
			  u32 value);
u32 vmxnet3_test_count_pools(struct vmxnet3_test *t);
void vmxnet3_test_lock(struct vmxnet3_test *t);
void vmxnet3_test_unlock(struct vmxnet3_test *t);
void vmxnet3_test_set_mtu(struct vmxnet3_test *t, int mtu, int want);
u32 vmxnet3_test_dev_take_all(struct vmxnet3_test *t, u32 queue);
void vmxnet3_test_expect_alive(struct vmxnet3_test *t, u32 seq);
void vmxnet3_test_expect_seqs(struct vmxnet3_test *t, u32 first, u32 count);
void vmxnet3_test_begin_switch(struct vmxnet3_test *t, u32 path, u32 reason);
void vmxnet3_test_wait_command(struct vmxnet3_test *t, u32 cmd);

#endif /* _VMXNET3_TEST_H */
