/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A shell in user space, for tests: it runs a plugin (its C code or the bytes
 * of its image) against a VF model in the same process.  The "guest's memory"
 * is a memfd that both map.
 */
#ifndef NPAD_USER_SHELL_H
#define NPAD_USER_SHELL_H

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <net/npa_shell.h>

#include "../dma.h"

#define US_DMA_BASE	0x100000000ULL
#define US_MEM_LEN	(16 << 20)
#define US_BUF_LEN	4096
#define US_NUM_BUFS	2048
#define US_RINGS_LEN	(US_MEM_LEN - US_NUM_BUFS * US_BUF_LEN)
#define US_MAX_IDS	4096
#define US_KEEP		64	/* received frames that are remembered */
#define US_FRAME_MAX	16384

/* A received frame, put together. */
struct us_frame {
	struct npa_rx_frame meta;
	uint32_t queue;
	uint32_t bytes;
	uint8_t data[US_FRAME_MAX];
};

struct user_shell;

struct us_queue {
	struct user_shell *shell;
	uint32_t index;
	int32_t buf_of_id[US_MAX_IDS];	/* -1: empty */
	uint32_t outstanding;		/* frames */
};

/**
 * struct user_shell - a shell
 * @fd: the guest's memory
 * @mem: our map of it
 * @ring_next: what has been given to rings, bytes
 * @buf_used: which buffers are in use
 * @buf_free: how many are not
 * @no_buffers: pretend that there are none
 * @bad_reports: what a shell would put the plugin out of service for
 * @received: frames indicated so far; the last ones are in @frames
 * @completed: frames reported as sent
 */
struct user_shell {
	int fd;
	uint8_t *mem;
	uint32_t ring_next;
	uint8_t buf_used[US_NUM_BUFS];
	uint32_t buf_free;
	uint32_t buf_hint;
	bool no_buffers;
	uint32_t bad_reports;
	uint32_t logged;
	uint64_t received;
	uint64_t completed;
	struct npa_shell_api sapi;
	struct npa_plugin_api api;
	struct npa_plugin_state ps;
	struct us_queue txq[NPA_MAX_QUEUES];
	struct us_queue rxq[NPA_MAX_QUEUES];
	struct us_frame frames[US_KEEP];
};

static inline uint64_t us_dma(const struct user_shell *us, const void *p)
{
	return US_DMA_BASE + ((const uint8_t *)p - us->mem);
}

static inline uint8_t *us_buf(struct user_shell *us, int32_t index)
{
	return us->mem + US_RINGS_LEN + (size_t)index * US_BUF_LEN;
}

/* A buffer of the guest's memory, -1 if there is none. */
static inline int32_t us_buf_get(struct user_shell *us)
{
	uint32_t i;

	if (us->no_buffers || !us->buf_free)
		return -1;
	for (i = us->buf_hint; us->buf_used[i]; i = (i + 1) % US_NUM_BUFS)
		;
	us->buf_used[i] = 1;
	us->buf_free--;
	us->buf_hint = (i + 1) % US_NUM_BUFS;
	return i;
}

static inline void us_buf_put(struct user_shell *us, int32_t index)
{
	us->buf_used[index] = 0;
	us->buf_free++;
}

static inline __u32 NPA_CALL us_alloc(void *handle, __u32 first, __u32 count,
				      __u64 *addr)
{
	struct us_queue *q = handle;
	struct user_shell *us = q->shell;
	uint32_t limit = us->ps.rx[q->index].num_buf_ids, i;
	int32_t buf;

	for (i = 0; i < count; i++) {
		if (first + i >= limit || q->buf_of_id[first + i] >= 0) {
			us->bad_reports++;
			break;
		}
		buf = us_buf_get(us);
		if (buf < 0)
			break;
		q->buf_of_id[first + i] = buf;
		addr[i] = us_dma(us, us_buf(us, buf));
	}
	return i;
}

static inline void NPA_CALL us_free_buffer(void *handle, __u32 id)
{
	struct us_queue *q = handle;

	if (id >= US_MAX_IDS || q->buf_of_id[id] < 0) {
		q->shell->bad_reports++;
		return;
	}
	us_buf_put(q->shell, q->buf_of_id[id]);
	q->buf_of_id[id] = -1;
}

static inline void NPA_CALL us_complete_send(void *handle, __u32 count)
{
	struct us_queue *q = handle;

	if (count > q->outstanding) {
		q->shell->bad_reports++;
		return;
	}
	q->outstanding -= count;
	q->shell->completed += count;
}

static inline void NPA_CALL us_indicate(void *handle,
					const struct npa_rx_frame *frame)
{
	struct us_queue *q = handle;
	struct user_shell *us = q->shell;
	struct us_frame *keep = &us->frames[us->received % US_KEEP];
	uint32_t i, len, sum = 0;

	keep->meta = *frame;
	keep->queue = q->index;
	keep->bytes = 0;
	if (!frame->sg_count || frame->sg_count > NPA_RX_MAX_SG) {
		us->bad_reports++;
		return;
	}
	for (i = 0; i < frame->sg_count; i++) {
		uint32_t id = frame->sg[i].buf_id;

		len = frame->sg[i].length;
		sum += len;
		if (id >= us->ps.rx[q->index].num_buf_ids ||
		    q->buf_of_id[id] < 0 || len > US_BUF_LEN ||
		    keep->bytes + len > US_FRAME_MAX) {
			us->bad_reports++;
			continue;
		}
		memcpy(keep->data + keep->bytes,
		       us_buf(us, q->buf_of_id[id]), len);
		keep->bytes += len;
		us_buf_put(us, q->buf_of_id[id]);
		q->buf_of_id[id] = -1;
	}
	if (sum != frame->byte_length)
		us->bad_reports++;
	us->received++;
}

static inline void NPA_CALL us_log(void *shell, __u32 level, const char *text,
				   __u64 value)
{
	struct user_shell *us = shell;

	us->logged++;
	printf("# plugin: %u: %s (%llu)\n", level, text, value);
}

static inline void us_destroy(struct user_shell *us)
{
	if (!us)
		return;
	munmap(us->mem, US_MEM_LEN);
	close(us->fd);
	free(us->ps.priv);
	free(us);
}

/* The guest's memory is added to dma. */
static inline struct user_shell *us_create(struct dma_space *dma)
{
	struct user_shell *us = calloc(1, sizeof(*us));

	if (!us)
		return NULL;
	us->fd = memfd_create("guest", MFD_CLOEXEC);
	if (us->fd < 0 || ftruncate(us->fd, US_MEM_LEN))
		goto free_us;
	us->mem = mmap(NULL, US_MEM_LEN, PROT_READ | PROT_WRITE, MAP_SHARED,
		       us->fd, 0);
	if (us->mem == MAP_FAILED)
		goto free_us;
	if (dma_add(dma, US_DMA_BASE, US_MEM_LEN, us->fd, 0, true))
		goto free_us;
	us->buf_free = US_NUM_BUFS;
	us->sapi.size = sizeof(us->sapi);
	us->sapi.major = NPA_API_MAJOR;
	us->sapi.minor = NPA_API_MINOR;
	us->sapi.alloc_small_buffers = us_alloc;
	us->sapi.alloc_large_buffers = us_alloc;
	us->sapi.free_buffer = us_free_buffer;
	us->sapi.complete_send = us_complete_send;
	us->sapi.indicate_recv = us_indicate;
	us->sapi.log = us_log;
	return us;

free_us:
	free(us);
	return NULL;
}

static inline void us_queue_init(struct user_shell *us, struct us_queue *q,
				 struct npa_queue *nq, uint32_t index,
				 uint32_t size, const uint16_t *seg_bytes)
{
	uint32_t i;

	q->shell = us;
	q->index = index;
	for (i = 0; i < US_MAX_IDS; i++)
		q->buf_of_id[i] = -1;
	nq->handle = q;
	nq->ring_size = size;
	nq->intr = index;
	for (i = 0; i < NPA_RING_SEGS && seg_bytes[i]; i++) {
		nq->seg[i].va = us->mem + us->ring_next;
		nq->seg[i].pa = us_dma(us, nq->seg[i].va);
		nq->seg[i].length = size * seg_bytes[i];
		us->ring_next += (nq->seg[i].length + 4095) & ~4095U;
	}
}

/**
 * us_load() - call the entry point and sw_init(), make the rings
 * @us: the shell
 * @entry: of the plugin
 * @mmio: window of the VF
 * @mmio_len: bytes of @mmio
 * @queues: of each direction
 * @ring_size: entries
 * @mtu: bytes
 * @priv_len: bytes of the private area
 *
 * Return: what the plugin returned, or -1.
 */
static inline int us_load(struct user_shell *us, npa_plugin_main_t entry,
			  void *mmio, uint32_t mmio_len, uint32_t queues,
			  uint32_t ring_size, uint32_t mtu, uint32_t priv_len)
{
	struct npa_plugin_state *ps = &us->ps;
	uint32_t i, ret;

	us->api.size = sizeof(us->api);
	ret = entry(&us->api);
	if (ret)
		return ret;
	ps->size = sizeof(*ps);
	ps->major = NPA_API_MAJOR;
	ps->minor = NPA_API_MINOR;
	ps->num_tx_queues = queues;
	ps->num_rx_queues = queues;
	ps->num_intrs = queues + 1;
	ps->mtu = mtu;
	ps->small_len = 2048;
	ps->large_len = US_BUF_LEN;
	ps->mmio = mmio;
	ps->mmio_len = mmio_len;
	ps->shell = us;
	ps->api = &us->sapi;
	ps->priv_len = priv_len;
	ps->priv = aligned_alloc(64, (priv_len + 63) & ~63U);
	if (!ps->priv)
		return -1;
	memset(ps->priv, 0, priv_len);
	for (i = 0; i < queues; i++) {
		us_queue_init(us, &us->txq[i], &ps->tx[i], i, ring_size,
			      us->api.tx_seg_bytes);
		us_queue_init(us, &us->rxq[i], &ps->rx[i], i, ring_size,
			      us->api.rx_seg_bytes);
		ps->rx[i].num_buf_ids = ring_size * us->api.rx_ids_per_entry;
	}
	return us->api.sw_init(ps);
}

/* Make all rings, after everything in them has been taken back. */
static inline int us_reinit(struct user_shell *us)
{
	struct npa_plugin_state *ps = &us->ps;
	uint32_t i, id, ret;

	for (i = 0; i < ps->num_rx_queues; i++) {
		for (id = 0; id < US_MAX_IDS; id++) {
			if (us->rxq[i].buf_of_id[id] < 0)
				continue;
			us_buf_put(us, us->rxq[i].buf_of_id[id]);
			us->rxq[i].buf_of_id[id] = -1;
		}
		us->txq[i].outstanding = 0;
		ret = us->api.reinit_tx_ring(ps, i);
		if (!ret)
			ret = us->api.reinit_rx_ring(ps, i);
		if (ret)
			return ret;
	}
	return 0;
}

/* Entries that the shell believes to be free. */
static inline uint32_t us_tx_free(const struct user_shell *us, uint32_t queue)
{
	const struct npa_queue *nq = &us->ps.tx[queue];

	return nq->ring_size - (nq->tx_added - nq->tx_done);
}

/*
 * Send a frame from guest memory in pieces of at most piece bytes.  0, or 1
 * if there was no space.
 */
static inline uint32_t us_send(struct user_shell *us, uint32_t queue,
			       struct npa_tx_info *info, const uint8_t *data,
			       uint32_t len, uint32_t piece, uint32_t last)
{
	struct npa_tx_sg sg[NPA_TX_MAX_SG];
	uint32_t done, n = 0, ret;

	if (us_tx_free(us, queue) < us->api.tx_entries_per_frame)
		return 1;
	for (done = 0; done < len; done += sg[n++].length) {
		sg[n].addr = us_dma(us, data + done);
		sg[n].length = len - done < piece ? len - done : piece;
		sg[n].reserved = 0;
	}
	info->byte_length = len;
	info->sg_count = n;
	info->head = data;
	info->sg = sg;
	us->txq[queue].outstanding++;
	ret = us->api.add_frame_to_tx_ring(&us->ps, queue, info, last);
	if (ret)
		us->txq[queue].outstanding--;
	return ret;
}

/* One NAPI poll of all queues. */
static inline uint32_t us_poll(struct user_shell *us, uint32_t budget)
{
	uint32_t i, done, total = 0;

	for (i = 0; i < us->ps.num_rx_queues; i++) {
		us->api.check_tx_ring(&us->ps, i);
		done = us->api.check_rx_ring(&us->ps, i, budget);
		if (done > budget)
			us->bad_reports++;
		us->api.add_buffers_to_rx_ring(&us->ps, i);
		total += done;
	}
	return total;
}

/* The last frame that was received. */
static inline const struct us_frame *us_last(const struct user_shell *us)
{
	return &us->frames[(us->received - 1) % US_KEEP];
}

/**
 * us_map_image() - make the payload of an image executable
 * @path: file
 * @priv_len: bytes of the private area it wants
 *
 * Return: its entry point, or NULL.
 */
static inline npa_plugin_main_t us_map_image(const char *path,
					     uint32_t *priv_len)
{
	const struct npa_image_header *h;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	npa_plugin_main_t entry;
	uint8_t *mem, *at;

	if (fd < 0)
		return NULL;
	mem = mmap(NULL, NPA_IMAGE_MAX_LEN, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mem == MAP_FAILED ||
	    read(fd, mem, NPA_IMAGE_MAX_LEN) < (ssize_t)sizeof(*h)) {
		close(fd);
		return NULL;
	}
	close(fd);
	mprotect(mem, NPA_IMAGE_MAX_LEN, PROT_READ | PROT_EXEC);
	h = (const void *)mem;
	*priv_len = npa_le32_to_cpu(h->private_len);
	at = mem + npa_le32_to_cpu(h->entry_offset);
	memcpy(&entry, &at, sizeof(entry));
	return entry;
}

#endif
