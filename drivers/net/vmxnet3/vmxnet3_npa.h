/* SPDX-License-Identifier: GPL-2.0 */
/*
 * NPA, the guest's half: the capability, the reserved region, loading and
 * checking a plugin image.  The switch itself is in vmxnet3_switch.h.
 */
#ifndef _VMXNET3_NPA_H
#define _VMXNET3_NPA_H

#include <net/npa_shell.h>

struct vmxnet3_shell;
struct vmxnet3_path;

/**
 * struct vmxnet3_region - where the hypervisor injects a plugin
 * @va: for the guest, readable and executable
 * @used: a device has it
 */
struct vmxnet3_region {
	u8 *va;
	bool used;
};

/**
 * enum vmxnet3_npa_policy - module parameter npa
 * @VMXNET3_NPA_OFF: refuse every VF
 * @VMXNET3_NPA_SIGNED: accept signed plugins only
 * @VMXNET3_NPA_ON: accept unsigned ones too, unless the kernel enforces module
 *	signatures or is locked down
 */
enum vmxnet3_npa_policy {
	VMXNET3_NPA_OFF,
	VMXNET3_NPA_SIGNED,
	VMXNET3_NPA_ON,
};

/* vmxnet3_npa.c */
int vmxnet3_npa_init(struct vmxnet3_shell *shell);
void vmxnet3_npa_exit(struct vmxnet3_shell *shell);
u32 vmxnet3_npa_cmd(struct vmxnet3_shell *shell, u32 cmd, u32 timeout_ms,
		    bool abortable);
void vmxnet3_npa_settle(struct vmxnet3_shell *shell);
struct vmxnet3_path *vmxnet3_npa_load(struct vmxnet3_shell *shell, u32 msg,
				      u32 *reason);
void vmxnet3_npa_unload(struct vmxnet3_shell *shell);
void vmxnet3_npa_fill_queues(struct vmxnet3_shell *shell,
			     const struct vmxnet3_path *path);
const char *vmxnet3_npa_reason_name(u32 reason);
void vmxnet3_npa_bar(struct vmxnet3_shell *shell, u64 *bus, phys_addr_t *start,
		     u64 *len);
void __iomem *vmxnet3_npa_map(phys_addr_t start, u32 len);
void vmxnet3_npa_unmap(void __iomem *window);
npa_plugin_main_t vmxnet3_npa_entry(const struct vmxnet3_region *region,
				    u32 offset);

/* vmxnet3_npa_image.c */
u32 vmxnet3_image_verify(const void *image, u32 written, u32 region_len,
			 u64 device_id, struct npa_image_header *header);
u32 vmxnet3_image_check_signature(const void *image,
				  const struct npa_image_header *header,
				  enum vmxnet3_npa_policy policy);

/**
 * vmxnet3_region_va() - where a region is for the guest
 * @region: the region
 *
 * Return: its first byte; readable and executable.
 */
static inline void *vmxnet3_region_va(const struct vmxnet3_region *region)
{
	return region->va;
}

/* vmxnet3_npa_region.c */
#ifdef CONFIG_VMXNET3_NPA
struct vmxnet3_region *vmxnet3_region_claim(void);
void vmxnet3_region_release(struct vmxnet3_region *region);
u64 vmxnet3_region_ppn(const struct vmxnet3_region *region, u32 page);
#else
static inline struct vmxnet3_region *vmxnet3_region_claim(void)
{
	return NULL;
}

static inline void vmxnet3_region_release(struct vmxnet3_region *region)
{
}

static inline u64 vmxnet3_region_ppn(const struct vmxnet3_region *region,
				     u32 page)
{
	return 0;
}
#endif

#endif /* _VMXNET3_NPA_H */
