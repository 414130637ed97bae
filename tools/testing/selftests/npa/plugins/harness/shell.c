// SPDX-License-Identifier: GPL-2.0
/*
 * The shell itself.  No library, no global variable: see shell.h.
 */
#include "shell.h"

#define PAGE		4096
#define GUARD_BYTE	0xa5
#define POISON_BYTE	0x5a
#define MAX_ENTRIES	256	/* of one frame: half a ring in the kernel */

#define RX_FLAGS	(NPA_RX_VLAN | NPA_RX_IPV4 | NPA_RX_IPV6 | \
			 NPA_RX_TCP | NPA_RX_UDP | NPA_RX_FILTERED | \
			 NPA_RX_ERROR | NPA_RX_SUM)

static void copy_bytes(void *to, const void *from, size_t len)
{
	uint8_t *t = to;
	const uint8_t *f = from;

	while (len--)
		*t++ = *f++;
}

static void fill_bytes(void *to, uint8_t byte, size_t len)
{
	uint8_t *t = to;

	while (len--)
		*t++ = byte;
}

static bool all_bytes(const void *p, uint8_t byte, size_t len)
{
	const uint8_t *b = p;

	while (len--)
		if (*b++ != byte)
			return false;
	return true;
}

static bool same_bytes(const void *a, const void *b, size_t len)
{
	const uint8_t *x = a, *y = b;

	while (len--)
		if (*x++ != *y++)
			return false;
	return true;
}

/* A switch: tables of pointers would need a loader. */
US_CALL const char *us_bad_name(enum us_bad kind)
{
	switch (kind) {
	case US_BAD_ID: return "id";
	case US_BAD_EMPTY: return "empty";
	case US_BAD_IN_USE: return "in_use";
	case US_BAD_LENGTH: return "length";
	case US_BAD_SUM: return "sum";
	case US_BAD_SG: return "sg";
	case US_BAD_BUDGET: return "budget";
	case US_BAD_COMPLETE: return "complete";
	case US_BAD_SPACE: return "space";
	case US_BAD_CONTEXT: return "context";
	case US_BAD_RETURN: return "return";
	case US_BAD_COUNTER: return "counter";
	case US_BAD_FRAME: return "frame";
	case US_BAD_MEMORY: return "memory";
	default: return "?";
	}
}

static void bad(struct user_shell *us, enum us_bad kind, const char *text,
		uint64_t value)
{
	us->bad[kind]++;
	us->bad_reports++;
	us->host.bad(us->host.arg, kind, text, value);
}

static void enter(struct user_shell *us, enum us_context context,
		  uint32_t queue)
{
	us->context = context;
	us->context_queue = queue;
	us->reported = 0;
}

static void leave(struct user_shell *us)
{
	us->context = US_IDLE;
}

/* Buffers. */

static uint8_t *buf_at(struct user_shell *us, int32_t index)
{
	return us->mem + US_RINGS_LEN + (size_t)index * US_BUF_LEN;
}

/* A buffer of the guest's memory, -1 if there is none. */
static int32_t buf_get(struct user_shell *us)
{
	uint32_t i = us->buf_hint;

	if (us->no_buffers || !us->buf_free)
		return -1;
	while (us->buf_used[i])
		i = (i + 1) % US_NUM_BUFS;
	us->buf_used[i] = 1;
	us->buf_free--;
	us->buf_hint = (i + 1) % US_NUM_BUFS;
	return i;
}

/* The hardware may not have written behind what it was told. */
static void slot_free(struct us_queue *q, uint32_t id)
{
	struct user_shell *us = q->shell;
	int32_t index = q->buf_of_id[id];

	if (index < 0)
		return;
	if (!q->large[id] &&
	    !all_bytes(buf_at(us, index) + us->small_len, GUARD_BYTE,
		       US_BUF_LEN - us->small_len))
		bad(us, US_BAD_MEMORY, "written behind a small buffer, id", id);
	us->buf_used[index] = 0;
	us->buf_free++;
	q->buf_of_id[id] = -1;
}

static uint32_t alloc(struct us_queue *q, uint32_t first, uint32_t count,
		      uint64_t *addr, bool large)
{
	struct user_shell *us = q->shell;
	uint32_t limit = us->ps.rx[q->index].num_buf_ids, i;
	int32_t index;

	if (us->context == US_TX || us->context == US_CHECK_TX || !q->rx)
		bad(us, US_BAD_CONTEXT, "buffers allocated by a sender", first);
	if (first >= limit || count > limit - first) {
		bad(us, US_BAD_ID, "buffer id to allocate does not exist",
		    first);
		return 0;
	}
	for (i = 0; i < count; i++) {
		if (q->buf_of_id[first + i] >= 0) {
			bad(us, US_BAD_IN_USE, "id to allocate has a buffer",
			    first + i);
			break;
		}
		index = buf_get(us);
		if (index < 0) {
			us->alloc_fails++;
			break;
		}
		if (!large)
			fill_bytes(buf_at(us, index) + us->small_len,
				   GUARD_BYTE, US_BUF_LEN - us->small_len);
		q->buf_of_id[first + i] = index;
		q->large[first + i] = large;
		addr[i] = us_dma(us, buf_at(us, index));
	}
	return i;
}

static __u32 NPA_CALL alloc_small(void *handle, __u32 first, __u32 count,
				  __u64 *addr)
{
	return alloc(handle, first, count, (uint64_t *)addr, false);
}

static __u32 NPA_CALL alloc_large(void *handle, __u32 first, __u32 count,
				  __u64 *addr)
{
	return alloc(handle, first, count, (uint64_t *)addr, true);
}

static void NPA_CALL free_buffer(void *handle, __u32 id)
{
	struct us_queue *q = handle;

	if (id >= q->shell->ps.rx[q->index].num_buf_ids)
		bad(q->shell, US_BAD_ID, "buffer to free does not exist", id);
	else if (q->buf_of_id[id] < 0)
		bad(q->shell, US_BAD_EMPTY, "id to free has no buffer", id);
	else
		slot_free(q, id);
}

/* What the plugin reports. */

/* At US_IDLE a test has called the plugin without the shell. */
static bool wrong_context(const struct us_queue *q, enum us_context context)
{
	const struct user_shell *us = q->shell;

	return us->context != US_IDLE &&
	       (us->context != context || us->context_queue != q->index);
}

static void NPA_CALL complete_send(void *handle, __u32 count)
{
	struct us_queue *q = handle;
	struct user_shell *us = q->shell;

	if (wrong_context(q, US_CHECK_TX) || q->rx)
		bad(us, US_BAD_CONTEXT,
		    "completions outside check_tx_ring() of the queue",
		    q->index);
	us->reported += count;
	if (count > q->outstanding) {
		bad(us, US_BAD_COMPLETE, "more completions than frames", count);
		count = q->outstanding;
	}
	q->outstanding -= count;
	us->completed += count;
}

/* US_BAD_KINDS if the report is in order, else what is wrong. */
static enum us_bad check_parts(const struct us_queue *q,
			       const struct npa_rx_frame *frame)
{
	const struct user_shell *us = q->shell;
	uint32_t i, k, sum = 0;

	if (!frame->sg_count || frame->sg_count > NPA_RX_MAX_SG)
		return US_BAD_SG;
	for (i = 0; i < frame->sg_count; i++) {
		uint32_t id = frame->sg[i].buf_id;

		if (id >= us->ps.rx[q->index].num_buf_ids)
			return US_BAD_ID;
		if (q->buf_of_id[id] < 0)
			return US_BAD_EMPTY;
		for (k = 0; k < i; k++)
			if (frame->sg[k].buf_id == id)
				return US_BAD_EMPTY;
		if (frame->sg[i].length >
		    (q->large[id] ? US_BUF_LEN : us->small_len))
			return US_BAD_LENGTH;
		sum += frame->sg[i].length;
	}
	if (frame->first_sg_offset > frame->sg[0].length)
		return US_BAD_LENGTH;
	if (sum - frame->first_sg_offset != frame->byte_length)
		return US_BAD_SUM;
	return US_BAD_KINDS;
}

/* What the kernel's shell lets pass though it is wrong. */
static void check_meta(struct user_shell *us, const struct npa_rx_frame *frame)
{
	if (frame->flags & ~RX_FLAGS)
		bad(us, US_BAD_FRAME, "unknown flags", frame->flags);
	if (frame->flags & NPA_RX_IPV4 && frame->flags & NPA_RX_IPV6)
		bad(us, US_BAD_FRAME, "IPv4 and IPv6", frame->flags);
	if (frame->flags & NPA_RX_TCP && frame->flags & NPA_RX_UDP)
		bad(us, US_BAD_FRAME, "TCP and UDP", frame->flags);
	if (frame->ip_csum > NPA_CSUM_INCORRECT ||
	    frame->l4_csum > NPA_CSUM_INCORRECT)
		bad(us, US_BAD_FRAME, "unknown checksum verdict",
		    frame->ip_csum << 8 | frame->l4_csum);
	if (frame->hash_type > NPA_HASH_L4)
		bad(us, US_BAD_FRAME, "unknown hash type", frame->hash_type);
	if (!(frame->flags & NPA_RX_SUM) && frame->sum)
		bad(us, US_BAD_FRAME, "a sum without NPA_RX_SUM", frame->sum);
	if (frame->reserved0 ||
	    !all_bytes(frame->reserved1, 0, sizeof(frame->reserved1)))
		bad(us, US_BAD_FRAME, "reserved members are not 0", 0);
	if (frame->segments > 1 && !frame->mss)
		bad(us, US_BAD_FRAME, "merged segments without MSS",
		    frame->segments);
}

static void keep_frame(struct us_queue *q, const struct npa_rx_frame *frame)
{
	struct user_shell *us = q->shell;
	struct us_frame *keep = &us->frames[us->received % US_KEEP];
	uint32_t skip = frame->first_sg_offset, i, id, len;

	copy_bytes(&keep->meta, frame, sizeof(*frame));
	keep->meta.sg = NULL;
	keep->queue = q->index;
	keep->bytes = 0;
	for (i = 0; i < frame->sg_count; i++) {
		id = frame->sg[i].buf_id;
		len = frame->sg[i].length - skip;
		copy_bytes(keep->data + keep->bytes,
			   buf_at(us, q->buf_of_id[id]) + skip, len);
		keep->bytes += len;
		skip = 0;
	}
}

static void NPA_CALL indicate_recv(void *handle,
				   const struct npa_rx_frame *frame)
{
	struct us_queue *q = handle;
	struct user_shell *us = q->shell;
	enum us_bad kind = check_parts(q, frame);
	uint32_t i, id;

	if (wrong_context(q, US_CHECK_RX) || !q->rx)
		bad(us, US_BAD_CONTEXT,
		    "a frame outside check_rx_ring() of the queue",
		    q->index);
	us->reported++;
	if (us->context == US_CHECK_RX && us->reported > us->budget)
		bad(us, US_BAD_BUDGET, "more frames than asked for",
		    us->reported);
	if (kind == US_BAD_KINDS) {
		check_meta(us, frame);
		if (frame->flags & NPA_RX_ERROR) {
			us->errors++;
		} else {
			keep_frame(q, frame);
			us->received++;
		}
	} else {
		bad(us, kind, "received frame of bytes", frame->byte_length);
	}
	/* Good or bad, the buffers are not the plugin's any more. */
	for (i = 0; i < frame->sg_count && i < NPA_RX_MAX_SG; i++) {
		id = frame->sg[i].buf_id;
		if (id < us->ps.rx[q->index].num_buf_ids)
			slot_free(q, id);
	}
}

static void NPA_CALL log_line(void *shell, __u32 level, const char *text,
			      __u64 value)
{
	struct user_shell *us = shell;

	us->logged++;
	us->host.log(us->host.arg, level, text, value);
}

US_CALL void us_init(struct user_shell *us)
{
	us->buf_free = US_NUM_BUFS;
	us->small_len = US_SMALL_LEN;
	us->sapi.size = sizeof(us->sapi);
	us->sapi.major = NPA_API_MAJOR;
	us->sapi.minor = NPA_API_MINOR;
	us->sapi.alloc_small_buffers = alloc_small;
	us->sapi.alloc_large_buffers = alloc_large;
	us->sapi.free_buffer = free_buffer;
	us->sapi.complete_send = complete_send;
	us->sapi.indicate_recv = indicate_recv;
	us->sapi.log = log_line;
}

/* A plugin's start. */

static bool api_sane(const struct npa_plugin_api *api, uint32_t ring_size)
{
	uint32_t i;

	if (api->major != NPA_API_MAJOR || !api->sw_init ||
	    !api->reinit_rx_ring || !api->reinit_tx_ring ||
	    !api->enable_interrupt || !api->disable_interrupt ||
	    !api->add_frame_to_tx_ring || !api->flush_tx_ring ||
	    !api->check_tx_ring || !api->check_rx_ring ||
	    !api->add_buffers_to_rx_ring)
		return false;
	if (!api->tx_entries_per_frame ||
	    api->tx_entries_per_frame > MAX_ENTRIES || !api->rx_ids_per_entry ||
	    api->rx_ids_per_entry > 4 ||
	    ring_size * api->rx_ids_per_entry > US_MAX_IDS)
		return false;
	for (i = 0; i < NPA_RING_SEGS; i++)
		if (api->tx_seg_bytes[i] > NPA_SEG_ENTRY_MAX ||
		    api->rx_seg_bytes[i] > NPA_SEG_ENTRY_MAX)
			return false;
	return api->tx_seg_bytes[0] && api->rx_seg_bytes[0];
}

/* Ring memory; what is left of its last page, and one page more, is guarded. */
static bool queue_init(struct user_shell *us, struct us_queue *q,
		       struct npa_queue *nq, uint32_t index, uint32_t size,
		       const uint16_t *seg_bytes)
{
	uint32_t i, len, whole;

	q->shell = us;
	q->index = index;
	for (i = 0; i < US_MAX_IDS; i++)
		q->buf_of_id[i] = -1;
	nq->handle = q;
	nq->ring_size = size;
	nq->intr = index;
	for (i = 0; i < NPA_RING_SEGS; i++) {
		len = size * seg_bytes[i];
		if (!len)
			continue;
		whole = ((len + PAGE - 1) & ~(PAGE - 1)) + PAGE;
		if (whole > US_TX_DATA - us->ring_next)
			return false;
		nq->seg[i].va = us->mem + us->ring_next;
		nq->seg[i].pa = us_dma(us, nq->seg[i].va);
		nq->seg[i].length = len;
		fill_bytes(nq->seg[i].va, 0, len);
		fill_bytes((uint8_t *)nq->seg[i].va + len, GUARD_BYTE,
			   whole - len);
		us->ring_next += whole;
	}
	return true;
}

static bool make_queues(struct user_shell *us, uint32_t queues, uint32_t size)
{
	struct npa_plugin_state *ps = &us->ps;
	uint32_t i;

	for (i = 0; i < queues; i++) {
		if (!queue_init(us, &us->txq[i], &ps->tx[i], i, size,
				us->api.tx_seg_bytes) ||
		    !queue_init(us, &us->rxq[i], &ps->rx[i], i, size,
				us->api.rx_seg_bytes))
			return false;
		us->rxq[i].rx = true;
		ps->rx[i].num_buf_ids = size * us->api.rx_ids_per_entry;
	}
	return true;
}

static void make_private(struct user_shell *us, uint32_t len)
{
	uint8_t *area = us->priv_area;

	fill_bytes(area, GUARD_BYTE, len + 2 * US_GUARD_LEN);
	fill_bytes(area + US_GUARD_LEN, 0, len);
	us->ps.priv = area + US_GUARD_LEN;
	us->ps.priv_len = len;
}

US_CALL int us_load(struct user_shell *us, npa_plugin_main_t entry, void *mmio,
		    uint32_t mmio_len, uint32_t queues, uint32_t ring_size,
		    uint32_t mtu, uint32_t priv_len)
{
	struct npa_plugin_state *ps = &us->ps;
	uint32_t ret;

	us->api.size = sizeof(us->api);
	ret = entry(&us->api);
	if (ret)
		return ret;
	if (!api_sane(&us->api, ring_size) || !queues ||
	    queues > NPA_MAX_QUEUES || priv_len > NPA_IMAGE_PRIVATE_MAX)
		return -1;
	ps->size = sizeof(*ps);
	ps->major = NPA_API_MAJOR;
	ps->minor = NPA_API_MINOR;
	ps->num_tx_queues = queues;
	ps->num_rx_queues = queues;
	ps->num_intrs = queues;
	ps->mtu = mtu;
	ps->small_len = us->small_len;
	ps->large_len = US_BUF_LEN;
	ps->mmio = mmio;
	ps->mmio_len = mmio_len;
	ps->shell = us;
	ps->api = &us->sapi;
	make_private(us, priv_len);
	if (!make_queues(us, queues, ring_size))
		return -1;
	copy_bytes(&us->ps_copy, ps, sizeof(*ps));
	enter(us, US_PROCESS, 0);
	ret = us->api.sw_init(ps);
	leave(us);
	us_check_memory(us);
	return ret;
}

/* Buffers that the plugin has in a queue. */
static uint32_t count_buffers(const struct us_queue *q)
{
	uint32_t i, n = 0;

	for (i = 0; i < US_MAX_IDS; i++)
		n += q->buf_of_id[i] >= 0;
	return n;
}

static uint32_t reinit_queue(struct user_shell *us, uint32_t queue)
{
	struct us_queue *rxq = &us->rxq[queue];
	uint32_t id, ret;

	for (id = 0; id < US_MAX_IDS; id++)
		slot_free(rxq, id);
	us->txq[queue].outstanding = 0;
	enter(us, US_PROCESS, queue);
	ret = us->api.reinit_tx_ring(&us->ps, queue);
	if (!ret)
		ret = us->api.reinit_rx_ring(&us->ps, queue);
	leave(us);
	if (!ret && !count_buffers(rxq))
		bad(us, US_BAD_RETURN, "0 for a ring without buffers", queue);
	if (!ret && us_tx_free(us, queue) + 1 < us->ps.tx[queue].ring_size)
		bad(us, US_BAD_COUNTER, "an empty ring is not empty, queue",
		    queue);
	return ret;
}

US_CALL int us_reinit(struct user_shell *us)
{
	uint32_t i, ret;

	for (i = 0; i < us->ps.num_rx_queues; i++) {
		ret = reinit_queue(us, i);
		if (ret)
			return ret;
	}
	us_check_memory(us);
	return 0;
}

static void refill(struct user_shell *us, uint32_t queue)
{
	enter(us, US_REFILL, queue);
	us->api.add_buffers_to_rx_ring(&us->ps, queue);
	leave(us);
}

US_CALL void us_started(struct user_shell *us)
{
	uint32_t i;

	for (i = 0; i < us->ps.num_rx_queues; i++)
		refill(us, i);
}

/* Sending. */

/*
 * The plugin sees a copy of the header behind which nothing can be read, and
 * descriptions that are gone when it returns.
 */
static void describe(struct user_shell *us, const struct npa_tx_info *info,
		     const uint8_t *data, uint32_t len, uint32_t piece)
{
	uint32_t done = 0, n = 0, head;

	while (done < len && n < NPA_TX_MAX_SG) {
		us->sg[n].addr = us_dma(us, data + done);
		us->sg[n].length = len - done < piece ? len - done : piece;
		us->sg[n].reserved = 0;
		done += us->sg[n++].length;
	}
	copy_bytes(&us->info, info, sizeof(*info));
	us->info.byte_length = done;
	us->info.sg_count = n;
	us->info.head = data;
	us->info.sg = us->sg;
	if (!us->head_end)
		return;
	head = us->sg[0].length < NPA_TX_HEAD_LEN ? us->sg[0].length :
						    NPA_TX_HEAD_LEN;
	copy_bytes(us->head_end - head, data, head);
	us->info.head = us->head_end - head;
}

static void check_sent(struct user_shell *us, uint32_t queue, uint32_t before,
		       uint32_t ret, bool room)
{
	uint32_t used = us->ps.tx[queue].tx_added - before;

	if (ret > 1)
		bad(us, US_BAD_RETURN, "from add_frame_to_tx_ring()", ret);
	if (ret && used)
		bad(us, US_BAD_COUNTER, "\"no space\" used entries", used);
	if (ret && room)
		bad(us, US_BAD_SPACE, "no space where there was some, queue",
		    queue);
	if (!ret && (!used || used > us->api.tx_entries_per_frame))
		bad(us, US_BAD_COUNTER, "a frame took entries", used);
	if (us->ps.tx[queue].tx_added - us->ps.tx[queue].tx_done >
	    us->ps.tx[queue].ring_size)
		bad(us, US_BAD_COUNTER, "more entries in use than there are",
		    queue);
}

US_CALL uint32_t us_try_send(struct user_shell *us, uint32_t queue,
			     struct npa_tx_info *info, const uint8_t *data,
			     uint32_t len, uint32_t piece, uint32_t last)
{
	uint32_t before = us->ps.tx[queue].tx_added, ret;
	bool room = us_tx_room(us, queue);

	describe(us, info, data, len, piece);
	us->txq[queue].outstanding++;
	enter(us, US_TX, queue);
	ret = us->api.add_frame_to_tx_ring(&us->ps, queue, &us->info, last);
	leave(us);
	if (ret)
		us->txq[queue].outstanding--;
	fill_bytes(us->sg, POISON_BYTE, sizeof(us->sg));
	fill_bytes(&us->info, POISON_BYTE, sizeof(us->info));
	check_sent(us, queue, before, ret, room);
	return ret;
}

US_CALL uint32_t us_send(struct user_shell *us, uint32_t queue,
			 struct npa_tx_info *info, const uint8_t *data,
			 uint32_t len, uint32_t piece, uint32_t last)
{
	if (!us_tx_room(us, queue))
		return 1;
	return us_try_send(us, queue, info, data, len, piece, last);
}

US_CALL void us_flush(struct user_shell *us, uint32_t queue)
{
	enter(us, US_TX, queue);
	us->api.flush_tx_ring(&us->ps, queue);
	leave(us);
}

/* Polling. */

US_CALL uint32_t us_check_tx(struct user_shell *us, uint32_t queue)
{
	struct npa_queue *nq = &us->ps.tx[queue];
	uint32_t added = nq->tx_added, done = nq->tx_done, count;

	enter(us, US_CHECK_TX, queue);
	count = us->api.check_tx_ring(&us->ps, queue);
	leave(us);
	if (count != us->reported)
		bad(us, US_BAD_RETURN, "check_tx_ring() returns", count);
	if (nq->tx_added != added || added - nq->tx_done > added - done)
		bad(us, US_BAD_COUNTER, "check_tx_ring() made tx_done",
		    nq->tx_done);
	return count;
}

US_CALL uint32_t us_poll_queue(struct user_shell *us, uint32_t queue,
			       uint32_t budget)
{
	uint32_t done;

	us_check_tx(us, queue);
	us->budget = budget;
	enter(us, US_CHECK_RX, queue);
	done = us->api.check_rx_ring(&us->ps, queue, budget);
	leave(us);
	if (done > budget)
		bad(us, US_BAD_BUDGET, "check_rx_ring() returns", done);
	else if (done != us->reported)
		bad(us, US_BAD_RETURN, "check_rx_ring() returns", done);
	refill(us, queue);
	return done;
}

US_CALL uint32_t us_poll(struct user_shell *us, uint32_t budget)
{
	uint32_t i, total = 0;

	for (i = 0; i < us->ps.num_rx_queues; i++)
		total += us_poll_queue(us, i, budget);
	return total;
}

US_CALL void us_interrupt(struct user_shell *us, uint32_t intr, bool enable)
{
	enter(us, US_PROCESS, 0);
	if (enable)
		us->api.enable_interrupt(&us->ps, intr);
	else
		us->api.disable_interrupt(&us->ps, intr);
	leave(us);
}

US_CALL uint32_t us_check_alive(struct user_shell *us)
{
	uint32_t gone;

	if (!us->api.check_alive)
		return 0;
	enter(us, US_PROCESS, 0);
	gone = us->api.check_alive(&us->ps);
	leave(us);
	if (gone > 1)
		bad(us, US_BAD_RETURN, "check_alive() returns", gone);
	return gone;
}

/* Memory that is not the plugin's. */

static bool ring_guards(const struct npa_queue *nq)
{
	uint32_t i, whole;

	for (i = 0; i < NPA_RING_SEGS; i++) {
		const struct npa_ring_seg *seg = &nq->seg[i];

		if (!seg->length)
			continue;
		whole = ((seg->length + PAGE - 1) & ~(PAGE - 1)) + PAGE;
		if (!all_bytes((const uint8_t *)seg->va + seg->length,
			       GUARD_BYTE, whole - seg->length))
			return false;
	}
	return true;
}

US_CALL void us_check_memory(struct user_shell *us)
{
	const uint8_t *area = us->priv_area;
	uint32_t i;

	for (i = 0; i < us->ps.num_tx_queues; i++) {
		/* The two members that the plugin may write. */
		us->ps_copy.tx[i].tx_added = us->ps.tx[i].tx_added;
		us->ps_copy.tx[i].tx_done = us->ps.tx[i].tx_done;
		if (!ring_guards(&us->ps.tx[i]))
			bad(us, US_BAD_MEMORY, "written behind TX ring", i);
		if (!ring_guards(&us->ps.rx[i]))
			bad(us, US_BAD_MEMORY, "written behind RX ring", i);
	}
	if (!same_bytes(&us->ps, &us->ps_copy, sizeof(us->ps)))
		bad(us, US_BAD_MEMORY, "struct npa_plugin_state was written",
		    0);
	if (!all_bytes(area, GUARD_BYTE, US_GUARD_LEN) ||
	    !all_bytes(area + US_GUARD_LEN + us->ps.priv_len, GUARD_BYTE,
		       US_GUARD_LEN))
		bad(us, US_BAD_MEMORY, "written beside the private area", 0);
}

/* The convention. */

US_CALL __attribute__((noinline)) uint64_t us_probe_argument(uint64_t first)
{
	return first;
}

US_CALL __attribute__((noinline)) void us_probe_call(us_host_fn fn)
{
	fn(0);
}
