// SPDX-License-Identifier: GPL-2.0
/*
 * Injection of a plugin image into the guest's reserved region.
 *
 * The pages are written by the vfio-user client on our behalf (DMA_WRITE), one
 * after the other, never directly: under TCG the processor would go on
 * executing what it has translated from the old bytes.  Those that hold the
 * image already are left alone.  What an earlier, longer image left behind is
 * filled with 0xcc.
 */
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "npa_priv.h"

#define FILL_BYTE	0xcc

static size_t conf_len(uint32_t version)
{
	return version >= VMXNET3_NPA_CONF_V2 ?
	       sizeof(struct vmxnet3_npa_conf) :
	       sizeof(struct vmxnet3_npa_conf_v1);
}

int npa_read_conf(struct npa *npa, struct vmxnet3_npa_conf *conf)
{
	uint32_t version, len;
	uint64_t pa;
	int err;

	err = vmxnet3_conf_read_plugin_desc(npa->dev, &version, &len, &pa);
	if (err)
		return err;
	if (version < VMXNET3_NPA_CONF_V2 || len < sizeof(*conf))
		return -EINVAL;
	return dma_read(npa->env.dma, pa, conf, sizeof(*conf));
}

/* Pages that still hold a part of an earlier image, if it is the same region. */
static unsigned int pages_to_wipe(const struct npa *npa)
{
	const struct npa_load *load = &npa->load;
	unsigned int n = 0;

	while (n < npa->old_pages && n < load->num_pages &&
	       npa->old_ppn[n] == load->ppn[n])
		n++;
	return n;
}

static int read_region(struct npa *npa)
{
	struct npa_load *load = &npa->load;
	struct vmxnet3_npa_conf_v1 conf;
	int err;

	err = dma_read(npa->env.dma, load->conf_pa, &conf, sizeof(conf));
	if (err)
		return err;
	load->region_va = le64toh(conf.region_va);
	load->num_pages = le32toh(conf.region_pages);
	if (!load->num_pages || load->num_pages > NPA_REGION_PAGES)
		return -EINVAL;
	for (unsigned int i = 0; i < load->num_pages; i++) {
		load->ppn[i] = le64toh(conf.region_ppn[i]);
		if (load->ppn[i] >> (64 - VMXNET3_NPA_PAGE_SHIFT) ||
		    !dma_map(npa->env.dma,
			     load->ppn[i] << VMXNET3_NPA_PAGE_SHIFT,
			     NPA_PAGE_LEN, true))
			return -EFAULT;
	}
	return 0;
}

int npa_load_prepare(struct npa *npa)
{
	struct npa_load *load = &npa->load;
	unsigned int wipe;
	uint32_t len;
	int err;

	load->again = false;
	load->cancelled = false;
	load->start = false;
	load->next = 0;
	err = vmxnet3_conf_read_plugin_desc(npa->dev, &load->conf_version, &len,
					    &load->conf_pa);
	if (err)
		return err;
	if (len < conf_len(load->conf_version))
		return -EINVAL;
	err = read_region(npa);
	if (err)
		return err;
	load->len = npa->image->len;
	if (npa_fault_hit(npa, FAULT_LOAD_TRUNCATE))
		load->len /= 2;
	if (load->len > (size_t)load->num_pages * NPA_PAGE_LEN)
		load->len = (size_t)load->num_pages * NPA_PAGE_LEN;
	load->pages = (load->len + NPA_PAGE_LEN - 1) / NPA_PAGE_LEN;
	wipe = pages_to_wipe(npa);
	if (load->pages < wipe)
		load->pages = wipe;
	load->start = true;
	return 0;
}

static void store32(struct npa *npa, size_t offset, uint32_t value)
{
	value = htole32(value);
	dma_write(npa->env.dma, npa->load.conf_pa + offset, &value, 4);
}

static void store64(struct npa *npa, size_t offset, uint64_t value)
{
	value = htole64(value);
	dma_write(npa->env.dma, npa->load.conf_pa + offset, &value, 8);
}

#define V1_OFFSET(member)	offsetof(struct vmxnet3_npa_conf_v1, member)
#define V2_OFFSET(member)	offsetof(struct vmxnet3_npa_conf, member)

/* Tell the guest what it has got. */
static int write_conf(struct npa *npa)
{
	const struct pf_vf_info *info = npa->info;
	uint64_t window = pci_bar_addr(npa->env.pci, BAR_WINDOW);
	uint32_t offset = npa->image->entry_offset;
	uint64_t reported;

	if (!window) {
		npa_event(npa, "load", "the window BAR has no address");
		return -ENXIO;
	}
	if (npa_fault_hit(npa, FAULT_WINDOW_OUTSIDE))
		window += WINDOW_BAR_LEN;
	window += npa->window_place;
	store64(npa, V1_OFFSET(window_ppn), window >> VMXNET3_NPA_PAGE_SHIFT);
	store32(npa, V1_OFFSET(window_pages),
		(info->window_len + NPA_PAGE_LEN - 1) / NPA_PAGE_LEN);
	store64(npa, V1_OFFSET(entry_va),
		offset ? npa->load.region_va + offset : 0);
	for (unsigned int i = 0; i < 32; i++)
		store32(npa, V1_OFFSET(device_info) + 4 * i,
			info->device_info[i]);
	if (npa->load.conf_version < VMXNET3_NPA_CONF_V2)
		return 0;
	/* The true length if it did not fit, so that the guest can say so. */
	reported = npa->load.len < (size_t)npa->load.num_pages * NPA_PAGE_LEN ?
		   npa->load.len : npa->image->len;
	store32(npa, V2_OFFSET(image_len), reported);
	store32(npa, V2_OFFSET(vf_tx_queues),
		info->max_queues | info->max_queues << 16);
	return 0;
}

static void remember_pages(struct npa *npa)
{
	npa->old_pages = (npa->load.len + NPA_PAGE_LEN - 1) / NPA_PAGE_LEN;
	memcpy(npa->old_ppn, npa->load.ppn, sizeof(npa->old_ppn));
}

static void end_load(struct npa *npa, int err)
{
	if (!err)
		err = write_conf(npa);
	if (err)
		npa_event(npa, "load", "failed: %s", strerror(-err));
	npa->loaded = !err;
	npa_finish_op(npa, err ? VMXNET3_CMD_RESULT_FAILED :
		      VMXNET3_CMD_RESULT_OK);
}

static void page_written(void *arg, int err)
{
	struct npa *npa = arg;
	struct npa_load *load = &npa->load;

	load->in_flight = false;
	if (npa->op == OP_QUIESCE && npa->hung == NUM_FAULTS)
		npa_finish_quiesce(npa);
	if (npa->op != OP_LOAD)
		return;
	if (load->again) {
		npa_start_load(npa);
		return;
	}
	if (load->cancelled || err) {
		end_load(npa, err ? err : -ECANCELED);
		return;
	}
	load->next++;
	npa_load_step(npa);
}

/* What is to be in the next page of the region. */
static void compose_page(const struct npa *npa, uint8_t *page)
{
	const struct npa_load *load = &npa->load;
	size_t offset = (size_t)load->next * NPA_PAGE_LEN;
	size_t len = 0;

	if (offset < load->len)
		len = load->len - offset;
	if (len > NPA_PAGE_LEN)
		len = NPA_PAGE_LEN;
	memcpy(page, npa->image->data + (len ? offset : 0), len);
	memset(page + len, FILL_BYTE, NPA_PAGE_LEN - len);
}

static uint64_t next_page_addr(const struct npa_load *load)
{
	return load->ppn[load->next] << VMXNET3_NPA_PAGE_SHIFT;
}

/*
 * A page that holds the right bytes, from an earlier load, is not written:
 * whoever has fetched or translated instructions from it may keep them.
 */
static bool page_is_there(const struct npa *npa, const uint8_t *page)
{
	uint8_t there[NPA_PAGE_LEN];

	return !dma_read(npa->env.dma, next_page_addr(&npa->load), there,
			 NPA_PAGE_LEN) &&
	       !memcmp(there, page, NPA_PAGE_LEN);
}

void npa_load_step(struct npa *npa)
{
	struct npa_load *load = &npa->load;
	uint8_t page[NPA_PAGE_LEN];
	int err;

	load->start = false;
	if (!load->next && load->pages)
		remember_pages(npa);
	for (; load->next < load->pages; load->next++) {
		compose_page(npa, page);
		if (!page_is_there(npa, page))
			break;
	}
	if (load->next == load->pages) {
		end_load(npa, 0);
		return;
	}
	err = vfio_user_dma_write(npa->vu, next_page_addr(load), page,
				  NPA_PAGE_LEN, page_written, npa);
	if (err)
		end_load(npa, err);
	else
		load->in_flight = true;
}

void npa_load_cancel(struct npa *npa)
{
	if (npa->op != OP_LOAD)
		return;
	npa->hung = NUM_FAULTS;
	npa->load.cancelled = true;
	npa->load.again = false;
	npa->load.start = false;
	if (!npa->load.in_flight)
		end_load(npa, -ECANCELED);
}
