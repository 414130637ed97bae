// SPDX-License-Identifier: GPL-2.0
/*
 * NPA, the guest's half: find the capability, offer the region, have a plugin
 * injected and make a data path of it.
 */
#include <kunit/static_stub.h>
#include <linux/bitfield.h>
#include <linux/cc_platform.h>
#include <linux/dma-mapping.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/smp.h>

#include "vmxnet3_npa.h"
#include "vmxnet3_npa_reasons.h"
#include "vmxnet3_shell.h"

#ifdef CONFIG_VMXNET3_NPA
#include <asm/sync_core.h>
#endif

#define VMXNET3_NPA_LOAD_MS		5000

static const char * const vmxnet3_npa_policies[] = {
	[VMXNET3_NPA_OFF] = "off",
	[VMXNET3_NPA_SIGNED] = "signed",
	[VMXNET3_NPA_ON] = "on",
};

static int vmxnet3_npa_policy = VMXNET3_NPA_ON;

static int vmxnet3_npa_policy_set(const char *val,
				  const struct kernel_param *kp)
{
	int i = sysfs_match_string(vmxnet3_npa_policies, val);

	if (i < 0) {
		pr_err("vmxnet3: npa is one of off, signed, on\n");
		return i;
	}
	WRITE_ONCE(vmxnet3_npa_policy, i);
	return 0;
}

static int vmxnet3_npa_policy_get(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%s\n",
			  vmxnet3_npa_policies[READ_ONCE(vmxnet3_npa_policy)]);
}

static const struct kernel_param_ops vmxnet3_npa_policy_ops = {
	.set = vmxnet3_npa_policy_set,
	.get = vmxnet3_npa_policy_get,
};
module_param_cb(npa, &vmxnet3_npa_policy_ops, NULL, 0644);
MODULE_PARM_DESC(npa, "Plugins from the hypervisor: off, signed or on (default on)");

/**
 * vmxnet3_npa_reason_name() - name of a reason, as people see it
 * @reason: &enum vmxnet3_npa_reason
 *
 * Return: a name; "unknown" for other numbers.
 */
const char *vmxnet3_npa_reason_name(u32 reason)
{
	if (reason >= VMXNET3_NPA_REASONS || !vmxnet3_npa_reason_names[reason])
		return "unknown";
	return vmxnet3_npa_reason_names[reason];
}

static bool vmxnet3_npa_capable(struct vmxnet3_shell *shell)
{
	struct pci_dev *pdev = shell->pdev;
	u8 pos, len, version, bar, queues;
	u32 magic;

	for (pos = pci_find_capability(pdev, PCI_CAP_ID_VNDR); pos;
	     pos = pci_find_next_capability(pdev, pos, PCI_CAP_ID_VNDR)) {
		pci_read_config_byte(pdev, pos + VMXNET3_NPA_CAP_LENGTH, &len);
		pci_read_config_byte(pdev, pos + VMXNET3_NPA_CAP_VERSION,
				     &version);
		pci_read_config_dword(pdev, pos + VMXNET3_NPA_CAP_MAGIC,
				      &magic);
		pci_read_config_byte(pdev, pos + VMXNET3_NPA_CAP_BAR, &bar);
		pci_read_config_byte(pdev, pos + VMXNET3_NPA_CAP_MAX_QUEUES,
				     &queues);
		if (magic != VMXNET3_NPA_MAGIC || len < VMXNET3_NPA_CAP_LEN)
			continue;
		if (version != VMXNET3_NPA_VERSION || bar >= PCI_STD_NUM_BARS ||
		    !(pci_resource_flags(pdev, bar) & IORESOURCE_MEM) ||
		    !queues) {
			dev_warn(shell->dev,
				 "NPA interface version %u, BAR %u, %u queues: not used\n",
				 version, bar, queues);
			return false;
		}
		shell->npa.window_bar = bar;
		shell->npa.max_queues = queues;
		return true;
	}
	return false;
}

/**
 * vmxnet3_npa_init() - find out whether device and guest can do NPA
 * @shell: the device
 *
 * Sets npa.supported.  Without the capability no NPA command is ever issued.
 *
 * Context: process.
 * Return: 0 (NPA or not), or -ENOMEM.
 */
int vmxnet3_npa_init(struct vmxnet3_shell *shell)
{
	struct vmxnet3_npa *npa = &shell->npa;

	init_waitqueue_head(&npa->wait);
	if (!IS_ENABLED(CONFIG_VMXNET3_NPA) || !vmxnet3_npa_capable(shell))
		return 0;
	if (cc_platform_has(CC_ATTR_GUEST_MEM_ENCRYPT)) {
		dev_info(shell->dev, "NPA not used: guest memory is encrypted\n");
		return 0;
	}
	npa->region = vmxnet3_region_claim();
	if (!npa->region) {
		dev_info(shell->dev, "NPA not used: no region left\n");
		return 0;
	}
	npa->conf = dma_alloc_coherent(shell->dev, sizeof(*npa->conf),
				       &npa->conf_pa, GFP_KERNEL);
	if (!npa->conf) {
		vmxnet3_region_release(npa->region);
		return -ENOMEM;
	}
	npa->supported = true;
	return 0;
}

/**
 * vmxnet3_npa_exit() - undo vmxnet3_npa_init()
 * @shell: the device; it was reset, and vmxnet3_npa_settle() has returned
 */
void vmxnet3_npa_exit(struct vmxnet3_shell *shell)
{
	struct vmxnet3_npa *npa = &shell->npa;

	if (!npa->supported)
		return;
	npa->supported = false;
	dma_free_coherent(shell->dev, sizeof(*npa->conf), npa->conf,
			  npa->conf_pa);
	vmxnet3_region_release(npa->region);
}

/**
 * vmxnet3_npa_cmd() - issue an asynchronous command and wait for its result
 * @shell: the device
 * @cmd: VMXNET3_CMD_*
 * @timeout_ms: how long at most
 * @abortable: give up when somebody waits for conf_lock
 *
 * Context: process, conf_lock held.  Sleeps.
 * Return: VMXNET3_CMD_RESULT_OK or VMXNET3_CMD_RESULT_FAILED;
 * VMXNET3_CMD_RESULT_BUSY if it was still at work.
 */
u32 vmxnet3_npa_cmd(struct vmxnet3_shell *shell, u32 cmd, u32 timeout_ms,
		    bool abortable)
{
	unsigned long end = jiffies + msecs_to_jiffies(timeout_ms);
	u32 result = vmxnet3_cmd_get(shell, cmd);

	while (result == VMXNET3_CMD_RESULT_BUSY && time_before(jiffies, end)) {
		wait_event_timeout(shell->npa.wait, abortable &&
				   atomic_read(&shell->npa.waiters), 1);
		if (abortable && atomic_read(&shell->npa.waiters))
			break;
		result = vmxnet3_cmd_get(shell, VMXNET3_CMD_NPA_GET_STATUS);
	}
	if (result != VMXNET3_CMD_RESULT_OK &&
	    result != VMXNET3_CMD_RESULT_BUSY)
		result = VMXNET3_CMD_RESULT_FAILED;
	return result;
}

/**
 * vmxnet3_npa_settle() - wait until the hypervisor has stopped writing
 * @shell: the device, after a reset
 *
 * An injection that a reset cuts short may still have a page under way.  The
 * region and the shared memory must not go before it.
 *
 * Context: process.  Sleeps.
 */
void vmxnet3_npa_settle(struct vmxnet3_shell *shell)
{
	if (shell->npa.supported &&
	    vmxnet3_npa_cmd(shell, VMXNET3_CMD_NPA_GET_STATUS,
			    VMXNET3_NPA_LOAD_MS, false) ==
	    VMXNET3_CMD_RESULT_BUSY)
		dev_err(shell->dev, "the hypervisor still writes a plugin\n");
}

static void vmxnet3_npa_offer(struct vmxnet3_shell *shell)
{
	struct vmxnet3_npa_conf *conf = shell->npa.conf;
	u32 i;

	memset(conf, 0, sizeof(*conf));
	for (i = 0; i < VMXNET3_NPA_REGION_PAGES; i++)
		conf->v1.region_ppn[i] =
			cpu_to_le64(vmxnet3_region_ppn(shell->npa.region, i));
	conf->v1.region_va =
		cpu_to_le64((uintptr_t)vmxnet3_region_va(shell->npa.region));
	conf->v1.region_pages = cpu_to_le32(VMXNET3_NPA_REGION_PAGES);
	conf->num_tx_queues = cpu_to_le16(shell->cfg.num_queues);
	conf->num_rx_queues = cpu_to_le16(shell->cfg.num_queues);
	conf->small_len = cpu_to_le32(vmxnet3_small_len(&shell->cfg));
	conf->large_len = cpu_to_le32(vmxnet3_large_len(&shell->cfg));
}

/**
 * vmxnet3_npa_unload() - forget the plugin: the region is offered no more
 * @shell: the device; no path uses the plugin
 *
 * Context: process, conf_lock held.
 */
void vmxnet3_npa_unload(struct vmxnet3_shell *shell)
{
	memset(shell->npa.conf, 0, sizeof(*shell->npa.conf));
	memset(&shell->npa.plugin, 0, sizeof(shell->npa.plugin));
}

/**
 * vmxnet3_npa_bar() - where the BAR is that holds the VF's registers
 * @shell: the device
 * @bus: receives its start as the bus, and so the hypervisor, sees it
 * @start: receives its start for the processor
 * @len: receives its bytes
 */
void vmxnet3_npa_bar(struct vmxnet3_shell *shell, u64 *bus, phys_addr_t *start,
		     u64 *len)
{
	int bar = shell->npa.window_bar;

	KUNIT_STATIC_STUB_REDIRECT(vmxnet3_npa_bar, shell, bus, start, len);
	*bus = pci_bus_address(shell->pdev, bar);
	*start = pci_resource_start(shell->pdev, bar);
	*len = pci_resource_len(shell->pdev, bar);
}

/**
 * vmxnet3_npa_map() - map the VF's registers
 * @start: for the processor
 * @len: bytes
 *
 * Return: the window, or NULL.
 */
void __iomem *vmxnet3_npa_map(phys_addr_t start, u32 len)
{
	KUNIT_STATIC_STUB_REDIRECT(vmxnet3_npa_map, start, len);
	return ioremap(start, len);
}

/**
 * vmxnet3_npa_unmap() - undo vmxnet3_npa_map()
 * @window: the window
 */
void vmxnet3_npa_unmap(void __iomem *window)
{
	KUNIT_STATIC_STUB_REDIRECT(vmxnet3_npa_unmap, window);
	iounmap(window);
}

/**
 * vmxnet3_npa_entry() - entry point of the plugin in a region
 * @region: the region
 * @offset: from its start, verified
 *
 * Return: a function that runs the hypervisor's code.
 */
npa_plugin_main_t vmxnet3_npa_entry(const struct vmxnet3_region *region,
				    u32 offset)
{
	KUNIT_STATIC_STUB_REDIRECT(vmxnet3_npa_entry, region, offset);
	return vmxnet3_region_va(region) + offset;
}

/* Physical start and length of the window, if it lies inside its BAR. */
static bool vmxnet3_npa_window(struct vmxnet3_shell *shell,
			       phys_addr_t *start, u32 *len)
{
	const struct vmxnet3_npa_conf *conf = shell->npa.conf;
	u64 ppn = le64_to_cpu(conf->v1.window_ppn);
	u32 pages = le32_to_cpu(conf->v1.window_pages);
	u64 bar_start, bar_len, offset;
	phys_addr_t bar_phys;

	if (!pages || pages > VMXNET3_NPA_WINDOW_PAGES ||
	    ppn > U64_MAX >> VMXNET3_NPA_PAGE_SHIFT)
		return false;
	vmxnet3_npa_bar(shell, &bar_start, &bar_phys, &bar_len);
	*len = pages << VMXNET3_NPA_PAGE_SHIFT;
	if (ppn << VMXNET3_NPA_PAGE_SHIFT < bar_start)
		return false;
	offset = (ppn << VMXNET3_NPA_PAGE_SHIFT) - bar_start;
	if (offset > bar_len || *len > bar_len - offset)
		return false;
	*start = bar_phys + offset;
	return true;
}

#ifdef CONFIG_VMXNET3_NPA
static void vmxnet3_npa_sync(void *unused)
{
	sync_core();
}
#endif

/* No CPU may run what it fetched from the region before the injection. */
static void vmxnet3_npa_sync_all(void)
{
#ifdef CONFIG_VMXNET3_NPA
	on_each_cpu(vmxnet3_npa_sync, NULL, 1);
#endif
}

/* Have the hypervisor inject the plugin, and check what came. */
static u32 vmxnet3_npa_fetch(struct vmxnet3_shell *shell, u32 msg,
			     struct npa_image_header *header)
{
	void *region = vmxnet3_region_va(shell->npa.region);
	int policy = READ_ONCE(vmxnet3_npa_policy);
	u64 device_id, entry_va;
	u32 result, reason;

	if (policy == VMXNET3_NPA_OFF)
		return VMXNET3_NPA_POLICY_OFF;

	vmxnet3_npa_offer(shell);
	result = vmxnet3_npa_cmd(shell, VMXNET3_CMD_LOAD_PLUGIN,
				 VMXNET3_NPA_LOAD_MS, true);
	if (result == VMXNET3_CMD_RESULT_BUSY)
		return atomic_read(&shell->npa.waiters) ?
		       VMXNET3_NPA_SUPERSEDED : VMXNET3_NPA_LOAD_TIMEOUT;
	if (result != VMXNET3_CMD_RESULT_OK)
		return VMXNET3_NPA_LOAD_FAILED;

	device_id = vmxnet3_cmd_get(shell, VMXNET3_CMD_GET_DID_LO);
	device_id |= (u64)vmxnet3_cmd_get(shell, VMXNET3_CMD_GET_DID_HI) << 32;
	reason = vmxnet3_image_verify(region,
				      le32_to_cpu(shell->npa.conf->image_len),
				      VMXNET3_NPA_REGION_PAGES <<
				      VMXNET3_NPA_PAGE_SHIFT, device_id,
				      header);
	if (reason)
		return reason;
	entry_va = le64_to_cpu(shell->npa.conf->v1.entry_va);
	if (entry_va && entry_va != (uintptr_t)region +
				    le32_to_cpu(header->entry_offset))
		return VMXNET3_NPA_BAD_ENTRY;
	reason = vmxnet3_image_check_signature(region, header, policy);
	if (reason)
		return reason;
	if (shell->npa.blocked &&
	    FIELD_GET(VMXNET3_NPA_MSG_REASON, msg) !=
	    VMXNET3_NPA_MSG_REASON_OPERATOR &&
	    !memcmp(shell->npa.blocked_hash, header->sha256,
		    sizeof(header->sha256)))
		return VMXNET3_NPA_BLOCKED;
	return VMXNET3_NPA_OK;
}

static void vmxnet3_npa_remember(struct vmxnet3_shell *shell,
				 const struct npa_image_header *h)
{
	struct vmxnet3_npa *npa = &shell->npa;

	strscpy(npa->plugin.name, h->name);
	strscpy(npa->plugin.version, h->version);
	strscpy(npa->plugin.vendor, h->vendor);
	strscpy(npa->plugin.license, h->license);
	memcpy(npa->plugin_hash, h->sha256, sizeof(npa->plugin_hash));
}

/**
 * vmxnet3_npa_load() - have a plugin injected and make a path of it
 * @shell: the device
 * @msg: switch message that asked for it
 * @reason: receives &enum vmxnet3_npa_reason on failure
 *
 * The path's rings are initialised and filled; the VF is not active yet.
 *
 * Context: process, conf_lock held.  Sleeps for seconds at worst.
 * Return: the path, owned by the caller, or NULL.
 */
struct vmxnet3_path *vmxnet3_npa_load(struct vmxnet3_shell *shell, u32 msg,
				      u32 *reason)
{
	struct vmxnet3_path_params params = {};
	struct npa_image_header header;
	struct vmxnet3_path *path;
	void __iomem *window;
	phys_addr_t start;
	u32 len;

	*reason = vmxnet3_npa_fetch(shell, msg, &header);
	if (*reason)
		goto unload;
	*reason = VMXNET3_NPA_TOO_FEW_QUEUES;
	if (le16_to_cpu(shell->npa.conf->vf_tx_queues) < shell->cfg.num_queues ||
	    le16_to_cpu(shell->npa.conf->vf_rx_queues) < shell->cfg.num_queues)
		goto unload;
	*reason = VMXNET3_NPA_BAD_WINDOW;
	if (!vmxnet3_npa_window(shell, &start, &len))
		goto unload;
	*reason = VMXNET3_NPA_NO_MEMORY;
	window = vmxnet3_npa_map(start, len);
	if (!window)
		goto unload;

	vmxnet3_npa_sync_all();
	vmxnet3_npa_remember(shell, &header);
	params.main = vmxnet3_npa_entry(shell->npa.region,
					le32_to_cpu(header.entry_offset));
	params.name = shell->npa.plugin.name;
	params.private_len = le32_to_cpu(header.private_len);
	params.mmio = window;
	params.mmio_len = len;
	params.device_info = shell->npa.conf->v1.device_info;
	params.cfg = &shell->cfg;
	path = vmxnet3_path_alloc(shell, &params, reason);
	if (!path)
		goto unmap;
	path->window = window;
	if (vmxnet3_path_reinit(path)) {
		*reason = VMXNET3_NPA_RING_INIT_FAILED;
		vmxnet3_path_free(path);
		goto unload;
	}
	return path;

unmap:
	vmxnet3_npa_unmap(window);
unload:
	vmxnet3_npa_unload(shell);
	return NULL;
}

/**
 * vmxnet3_npa_fill_queues() - tell the hypervisor where a path's rings are
 * @shell: the device
 * @path: VF path
 *
 * Context: process, conf_lock held; before ACTIVATE_VF.
 */
void vmxnet3_npa_fill_queues(struct vmxnet3_shell *shell,
			     const struct vmxnet3_path *path)
{
	struct vmxnet3_npa_conf *conf = shell->npa.conf;
	u32 i, s;

	for (i = 0; i < path->num_queues; i++) {
		const struct npa_queue *tx = &path->ps->tx[i];
		const struct npa_queue *rx = &path->ps->rx[i];

		for (s = 0; s < NPA_RING_SEGS; s++) {
			conf->tx[i].seg_pa[s] = cpu_to_le64(tx->seg[s].pa);
			conf->rx[i].seg_pa[s] = cpu_to_le64(rx->seg[s].pa);
		}
		conf->tx[i].ring_size = cpu_to_le32(tx->ring_size);
		conf->rx[i].ring_size = cpu_to_le32(rx->ring_size);
		conf->tx[i].intr = cpu_to_le32(tx->intr);
		conf->rx[i].intr = cpu_to_le32(rx->intr);
	}
	conf->mtu = cpu_to_le32(path->ps->mtu);
	conf->features =
		cpu_to_le32(le64_to_cpu(shell->shared->dev_read.misc.features));
}
