// SPDX-License-Identifier: GPL-2.0
/*
 * The reserved regions: which device has which, and where they are for the
 * hypervisor.
 */
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/vmalloc.h>

#include "vmxnet3_hw.h"
#include "vmxnet3_npa.h"
#include "vmxnet3_npa_region.h"

extern u8 vmxnet3_npa_regions[VMXNET3_NPA_REGIONS][VMXNET3_NPA_REGION_LEN];

static_assert(VMXNET3_NPA_REGION_LEN ==
	      VMXNET3_NPA_REGION_PAGES << VMXNET3_NPA_PAGE_SHIFT);
static_assert(VMXNET3_NPA_REGION_LEN == NPA_IMAGE_MAX_LEN);

static DEFINE_MUTEX(vmxnet3_region_lock);
static struct vmxnet3_region vmxnet3_regions[VMXNET3_NPA_REGIONS];

/**
 * vmxnet3_region_claim() - get a region for a device
 *
 * Context: process.
 * Return: the region, or NULL if all are in use.
 */
struct vmxnet3_region *vmxnet3_region_claim(void)
{
	struct vmxnet3_region *region = NULL;
	u32 i;

	mutex_lock(&vmxnet3_region_lock);
	for (i = 0; i < VMXNET3_NPA_REGIONS; i++) {
		if (vmxnet3_regions[i].used)
			continue;
		region = &vmxnet3_regions[i];
		region->va = vmxnet3_npa_regions[i];
		region->used = true;
		break;
	}
	mutex_unlock(&vmxnet3_region_lock);
	return region;
}

/**
 * vmxnet3_region_release() - give a region back
 * @region: the hypervisor does not write to it any more; or NULL
 */
void vmxnet3_region_release(struct vmxnet3_region *region)
{
	if (!region)
		return;
	mutex_lock(&vmxnet3_region_lock);
	region->used = false;
	mutex_unlock(&vmxnet3_region_lock);
}

/**
 * vmxnet3_region_ppn() - where a page of a region is for the hypervisor
 * @region: the region
 * @page: 0 to VMXNET3_NPA_REGION_PAGES - 1, of 4 KiB
 *
 * Return: guest physical page number.
 */
u64 vmxnet3_region_ppn(const struct vmxnet3_region *region, u32 page)
{
	void *va = region->va + ((u64)page << VMXNET3_NPA_PAGE_SHIFT);
	struct page *p;

	/* Module text is in vmalloc space, a built-in driver's is not. */
	if (is_vmalloc_or_module_addr(va))
		p = vmalloc_to_page(va);
	else
		p = virt_to_page(lm_alias(va));
	return (page_to_phys(p) + offset_in_page(va)) >>
	       VMXNET3_NPA_PAGE_SHIFT;
}
