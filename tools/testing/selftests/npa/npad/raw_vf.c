// SPDX-License-Identifier: GPL-2.0
/*
 * A VF as a PCI function of its own.  BAR 0 is the VF's register window, BAR 3
 * its MSI-X table, as on the hardware.
 *
 * The VF is acquired when a client connects and released when it goes, or
 * resets the function; in between its registers are all ones.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ctl_report.h"
#include "irq.h"
#include "json_add.h"
#include "raw_vf.h"
#include "traps.h"
#include "vfio_user.h"

#define BAR_REGS	0
#define BAR_RAW_MSIX	3

#define RX_MODE		(PORT_RX_UCAST | PORT_RX_MCAST | PORT_RX_BCAST)
#define DEFAULT_MTU	1500

/**
 * struct raw_vf - the function
 * @env: as given
 * @dma: the guest's memory
 * @info: of the model
 * @pf_env: for the model
 * @vf: NULL while there is no client
 * @started: its driver has told the PF of its reset
 * @pci: configuration space
 * @regions: of the function
 * @irq: interrupts
 * @window: memory of BAR 0
 * @window_fd: the same as a file descriptor
 * @vu: connection to the client
 * @link_up: as the operator wishes
 * @traps: accesses by register
 * @total: statistics of VFs that have been released
 */
struct raw_vf {
	struct raw_vf_env env;
	struct dma_space *dma;
	const struct pf_vf_info *info;
	struct pf_env pf_env;
	struct vf *vf;
	bool started;
	struct pci_config pci;
	struct vfio_user_region regions[VFIO_USER_REGIONS];
	struct irq_block irq;
	uint8_t *window;
	int window_fd;
	struct vfio_user *vu;
	bool link_up;
	struct port_policy policy;
	struct traps traps;
	struct port_stats total;
};

/* The PF driver's side */

/* What every driver starts with. */
static int reset_policies(struct raw_vf *raw)
{
	const struct pf_ops *ops = raw->env.ops;
	int err;

	ops->clear_vlans(raw->vf);
	err = ops->set_hashes(raw->vf, NULL, 0);
	if (!err)
		err = ops->set_rx_mode(raw->vf, RX_MODE);
	if (!err)
		err = ops->set_mtu(raw->vf, DEFAULT_MTU);
	return err;
}

static bool is_zero(const uint8_t mac[6])
{
	static const uint8_t zero[6];

	return !memcmp(mac, zero, 6);
}

static int decide(struct raw_vf *raw, const struct pf_request *request)
{
	const struct pf_ops *ops = raw->env.ops;

	switch (request->type) {
	case PF_REQUEST_RESET:
		raw->started = true;
		return reset_policies(raw);
	case PF_REQUEST_MAC:
		if (is_zero(request->mac))
			return -EINVAL;
		return ops->set_mac(raw->vf, request->mac);
	case PF_REQUEST_MORE_MACS:	/* the switch knows one per port */
		return request->on ? -ENOSPC : 0;
	case PF_REQUEST_MULTICAST:
		return ops->set_hashes(raw->vf, request->hashes,
				       request->num_hashes);
	case PF_REQUEST_VLAN:
		return ops->set_vlan(raw->vf, request->vid, request->on);
	case PF_REQUEST_MTU:
		return ops->set_mtu(raw->vf, request->mtu);
	case PF_REQUEST_RX_MODE:
		return ops->set_rx_mode(raw->vf, request->rx_mode);
	}
	return -EOPNOTSUPP;
}

static int on_request(void *arg, const struct pf_request *request)
{
	struct raw_vf *raw = arg;
	int err = decide(raw, request);

	log_debug(raw->env.log, "VF's driver asks for %u: %s", request->type,
		  err ? strerror(-err) : "done");
	return err;
}

static void raise_irq(void *arg, unsigned int vector)
{
	struct raw_vf *raw = arg;

	irq_raise_vf(&raw->irq, vector);
}

static void close_vf(struct raw_vf *raw)
{
	const struct pf_ops *ops = raw->env.ops;

	if (!raw->vf)
		return;
	port_stats_add(&raw->total, &ops->port(raw->vf)->stats);
	ops->release(raw->vf);
	raw->vf = NULL;
	raw->started = false;
}

/* Nothing gets in or out without a link; the driver is told of it. */
static void apply_link(struct raw_vf *raw)
{
	port_set_link(raw->env.ops->port(raw->vf), raw->link_up);
	raw->env.ops->set_link(raw->vf, raw->link_up);
}

static int open_vf(struct raw_vf *raw)
{
	const struct pf_ops *ops = raw->env.ops;
	int err;

	raw->vf = ops->acquire(&raw->pf_env);
	if (!raw->vf)
		return errno ? -errno : -ENODEV;
	pf_set_policy(ops, raw->vf, &raw->policy);
	err = ops->set_mac(raw->vf, raw->env.mac);
	if (!err)
		err = reset_policies(raw);
	if (!err)
		err = ops->open(raw->vf);
	if (err) {
		close_vf(raw);
		return err;
	}
	if (!raw->link_up)
		apply_link(raw);
	return 0;
}

/* The function as after power on. */
static void reopen(struct raw_vf *raw)
{
	int err;

	pci_reset(&raw->pci);
	irq_reset(&raw->irq);
	close_vf(raw);
	err = open_vf(raw);
	if (err)
		log_error(raw->env.log, "there is no VF for the guest: %s",
			  strerror(-err));
}

/* The function as the client sees it */

static const struct pf_region *find_region(const struct raw_vf *raw,
					   uint64_t offset)
{
	for (unsigned int i = 0; i < raw->info->num_regions; i++) {
		const struct pf_region *region = &raw->info->regions[i];

		if (offset >= region->offset &&
		    offset - region->offset < region->length)
			return region;
	}
	return NULL;
}

static bool is_natural(uint64_t offset, uint32_t count)
{
	return (count == 1 || count == 2 || count == 4 || count == 8) &&
	       !(offset & (count - 1));
}

static uint64_t regs_read(struct raw_vf *raw, uint64_t offset, uint32_t count)
{
	const struct pf_region *region = find_region(raw, offset);
	uint64_t value = 0;

	if (!raw->vf || !region)
		return UINT64_MAX;
	if (!region->direct)
		return raw->env.ops->read(raw->vf, offset, count);
	memcpy(&value, raw->window + offset, count);
	return value;
}

static void regs_write(struct raw_vf *raw, uint64_t offset, uint32_t count,
		       uint64_t value)
{
	const struct pf_region *region = find_region(raw, offset);

	if (!raw->vf || !region)
		return;
	if (region->direct)
		memcpy(raw->window + offset, &value, count);
	else
		raw->env.ops->write(raw->vf, offset, count, value);
}

static int raw_read(void *arg, unsigned int region, uint64_t offset, void *buf,
		    uint32_t count)
{
	struct raw_vf *raw = arg;
	uint64_t value;

	if (region == VFIO_USER_CONFIG) {
		pci_read(&raw->pci, offset, buf, count);
		return 0;
	}
	memset(buf, 0, count);
	if (region != BAR_REGS)		/* MSI-X is the client's affair */
		return 0;
	raw->traps.window[offset / 4]++;
	if (!is_natural(offset, count)) {
		memset(buf, 0xff, count);
		return 0;
	}
	value = regs_read(raw, offset, count);
	memcpy(buf, &value, count);
	return 0;
}

static int raw_write(void *arg, unsigned int region, uint64_t offset,
		     const void *buf, uint32_t count)
{
	struct raw_vf *raw = arg;
	uint64_t value = 0;

	if (region == VFIO_USER_CONFIG) {
		pci_write(&raw->pci, offset, buf, count);
	} else if (region == BAR_REGS) {
		raw->traps.window[offset / 4]++;
		if (!is_natural(offset, count))
			return 0;
		memcpy(&value, buf, count);
		regs_write(raw, offset, count, value);
	}
	return 0;
}

static void raw_connected(void *arg)
{
	reopen(arg);
}

static void raw_disconnected(void *arg)
{
	struct raw_vf *raw = arg;

	pci_reset(&raw->pci);
	close_vf(raw);
	irq_reset(&raw->irq);
	irq_fini(&raw->irq);
}

static void raw_set_irq(void *arg, enum irq_kind kind, unsigned int vector,
			int fd)
{
	struct raw_vf *raw = arg;

	irq_set_fd(&raw->irq, kind, vector, fd);
}

static const struct vfio_user_ops raw_ops = {
	.connected = raw_connected,
	.disconnected = raw_disconnected,
	.reset = raw_connected,
	.read = raw_read,
	.write = raw_write,
	.set_irq = raw_set_irq,
};

static bool never_disabled(void *arg)
{
	(void)arg;
	return false;
}

/* Memory of BAR 0: all ones as long as there is no VF. */
static int make_window(struct raw_vf *raw)
{
	void *map;

	raw->window_fd = memfd_create("raw-vf",
				      MFD_CLOEXEC | MFD_ALLOW_SEALING);
	/* The client gets it, and could take the memory away otherwise. */
	if (raw->window_fd < 0 ||
	    ftruncate(raw->window_fd, raw->info->window_len) ||
	    fcntl(raw->window_fd, F_ADD_SEALS,
		  F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL))
		return -errno;
	map = mmap(NULL, raw->info->window_len, PROT_READ | PROT_WRITE,
		   MAP_SHARED, raw->window_fd, 0);
	if (map == MAP_FAILED)
		return -errno;
	raw->window = map;
	memset(map, 0xff, raw->info->window_len);
	return 0;
}

static void make_regions(struct raw_vf *raw)
{
	struct vfio_user_region *regs = &raw->regions[BAR_REGS];

	for (unsigned int i = 0; i < VFIO_USER_REGIONS; i++)
		raw->regions[i].fd = -1;
	raw->regions[VFIO_USER_CONFIG].size = PCI_CONFIG_LEN;
	raw->regions[BAR_RAW_MSIX].size = MSIX_BAR_LEN;
	regs->size = raw->info->window_len;
	regs->fd = raw->window_fd;
	for (unsigned int i = 0; i < raw->info->num_regions; i++) {
		const struct pf_region *region = &raw->info->regions[i];

		if (region->direct)
			regs->areas[regs->num_areas++] =
				(struct vfio_user_area){
					.offset = region->offset,
					.size = region->length,
				};
	}
}

struct raw_vf *raw_vf_new(const struct raw_vf_env *env, const char *socket)
{
	struct raw_vf *raw = calloc(1, sizeof(*raw));
	struct vfio_user_irqs irqs = { 0 };
	int err;

	if (!raw)
		return NULL;
	raw->env = *env;
	raw->info = env->ops->get_info();
	raw->link_up = true;
	raw->window_fd = -1;
	irq_init(&raw->irq, env->loop, raw->info->max_vectors, never_disabled,
		 NULL);
	raw->dma = dma_new();
	err = raw->dma ? make_window(raw) : -ENOMEM;
	if (err)
		goto fail;
	raw->pf_env = (struct pf_env){
		.loop = env->loop,
		.dma = raw->dma,
		.sw = env->sw,
		.window = raw->window,
		.raise = raise_irq,
		.raise_arg = raw,
		.request = on_request,
		.request_arg = raw,
	};
	pci_init_function(&raw->pci, &raw->info->pci, BAR_RAW_MSIX,
			  raw->info->max_vectors);
	pci_add_bar(&raw->pci, BAR_REGS, raw->info->window_len);
	make_regions(raw);
	irqs.count[IRQ_MSIX] = raw->info->max_vectors;
	raw->vu = vfio_user_new(env->loop, env->log, socket, raw->dma,
				raw->regions, &irqs, &raw_ops, raw);
	if (!raw->vu) {
		err = errno ? -errno : -EIO;
		goto fail;
	}
	return raw;
fail:
	log_error(env->log, "cannot make VF %s: %s", env->name, strerror(-err));
	raw_vf_free(raw);
	errno = -err;
	return NULL;
}

void raw_vf_free(struct raw_vf *raw)
{
	if (!raw)
		return;
	vfio_user_free(raw->vu);
	close_vf(raw);
	irq_fini(&raw->irq);
	if (raw->window)
		munmap(raw->window, raw->info->window_len);
	if (raw->window_fd >= 0)
		close(raw->window_fd);
	dma_free(raw->dma);
	free(raw);
}

/* For the operator */

const char *raw_vf_name(const struct raw_vf *raw)
{
	return raw->env.name;
}

static void add_guest(const struct raw_vf *raw, struct json_object *reply)
{
	struct json_object *guest = json_object_new_object();

	json_add_bool(guest, "connected", vfio_user_is_connected(raw->vu));
	json_add_bool(guest, "active", raw->started);
	json_add_bool(guest, "npa", false);
	json_object_object_add(reply, "guest", guest);
}

void raw_vf_status(struct raw_vf *raw, struct json_object *reply)
{
	struct json_object *switches = json_object_new_object();
	struct json_object *vf = json_object_new_object();

	json_add_string(reply, "vnic", raw->env.name);
	add_guest(raw, reply);
	json_add_string(reply, "path", "vf");
	json_add_string(reply, "requested", "vf");
	json_add_string(reply, "state", "raw");
	json_add_string(vf, "model", raw->info->model);
	json_add_bool(vf, "attached", raw->vf);
	json_object_object_add(reply, "vf", vf);
	json_object_object_add(reply, "plugin", NULL);
	json_object_object_add(reply, "last_refusal", NULL);
	json_add_number(switches, "to_vf", 0);
	json_add_number(switches, "to_emulated", 0);
	json_add_number(switches, "refused", 0);
	json_object_object_add(reply, "switches", switches);
	json_add_bool(reply, "link", raw->link_up);
	ctl_add_mac(reply, raw->vf ? raw->env.ops->port(raw->vf)->mac :
		    raw->env.mac);
}

static const char *register_name(void *arg, uint32_t offset)
{
	struct raw_vf *raw = arg;

	return raw->env.ops->register_name(offset);
}

void raw_vf_stats(struct raw_vf *raw, struct json_object *reply,
		  const struct port_stats *uplink, bool reset)
{
	struct port *port = raw->vf ? raw->env.ops->port(raw->vf) : NULL;
	struct json_object *ports = json_object_new_object();
	struct port_stats stats = raw->total;

	if (port)
		port_stats_add(&stats, &port->stats);
	traps_report(&raw->traps, reply, register_name, raw);
	ctl_add_port(ports, "vf", &stats);
	ctl_add_port(ports, "uplink", uplink);
	json_object_object_add(reply, "ports", ports);
	ctl_add_interrupts(reply, &raw->irq);
	if (!reset)
		return;
	memset(&raw->traps, 0, sizeof(raw->traps));
	memset(&raw->total, 0, sizeof(raw->total));
	if (port)
		memset(&port->stats, 0, sizeof(port->stats));
	irq_reset_stats(&raw->irq);
}

void raw_vf_set_link(struct raw_vf *raw, bool up)
{
	raw->link_up = up;
	if (raw->vf)
		apply_link(raw);
	eswitch_kick(raw->env.sw);
}

const struct port_policy *raw_vf_policy(const struct raw_vf *raw)
{
	return &raw->policy;
}

void raw_vf_set_policy(struct raw_vf *raw, const struct port_policy *policy)
{
	raw->policy = *policy;
	if (raw->vf)
		pf_set_policy(raw->env.ops, raw->vf, policy);
}

const struct port *raw_vf_port(const struct raw_vf *raw)
{
	return raw->vf ? raw->env.ops->port(raw->vf) : NULL;
}
