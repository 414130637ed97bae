// SPDX-License-Identifier: GPL-2.0
/*
 * What the guest has configured and what the hypervisor allows, brought to the
 * VF; and what a VF cannot do, so that the guest has to use the emulated
 * device.
 */
#include <string.h>

#include "npa_priv.h"

static unsigned int count_vlans(const uint32_t *table)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < PORT_VLAN_WORDS; i++)
		count += __builtin_popcount(table[i]);
	/* Untagged frames need no filter. */
	return count - (table[0] & 1);
}

/* RSS as the guest wants it, where there is more than one queue. */
static const char *rss_conflict(const struct pf_vf_info *info,
				const struct rss_conf *rss)
{
	if (rss->table_len > info->rss_table_len ||
	    rss->table_len & (rss->table_len - 1))
		return "RSS table";
	return rss->hash_type & ~info->rss_types ? "RSS hash types" : NULL;
}

const char *npa_conflict(const struct npa *npa)
{
	const struct dev_conf *conf = &npa->dev->conf;
	const struct port *port = &npa->dev->port;
	const struct pf_vf_info *info = npa->info;
	unsigned int missing = conf->rx_mode & ~info->rx_modes;

	if (missing & PORT_RX_PROMISC)
		return "promiscuous mode";
	if (missing & PORT_RX_ALLMULTI)
		return "all multicast";
	/* One that can hear all groups does; the guest sorts them out. */
	if (port->num_multicast > info->max_multicast &&
	    !(info->rx_modes & PORT_RX_ALLMULTI))
		return "multicast addresses";
	if (port->vlan_filter && count_vlans(port->vlans) > info->max_vlans)
		return "VLANs";
	if (conf->mtu > info->max_mtu)
		return "MTU";
	if (conf->num_tx > info->max_queues || conf->num_rx > info->max_queues)
		return "queues";
	return conf->rss.enabled && conf->num_rx > 1 ?
	       rss_conflict(info, &conf->rss) : NULL;
}

void npa_set_filters(struct npa *npa)
{
	const struct port *from = &npa->dev->port;
	const struct pf_ops *ops = npa->env.ops;
	const struct pf_vf_info *info = npa->info;
	unsigned int mode = npa->dev->conf.rx_mode & info->rx_modes;
	unsigned int count = from->num_multicast;

	if (count > info->max_multicast) {
		mode |= PORT_RX_ALLMULTI & info->rx_modes;
		count = info->max_multicast;
	}
	ops->set_mac(npa->vf, from->mac);
	ops->set_multicast(npa->vf, from->multicast, count);
	ops->set_rx_mode(npa->vf, mode);
	pf_set_vlan_filter(ops, npa->vf, from->vlan_filter ? from->vlans :
							     NULL);
}

void npa_policy_changed(struct npa *npa)
{
	struct port *port;

	if (!npa->vf)
		return;
	port = npa->env.ops->port(npa->vf);
	pf_set_policy(npa->env.ops, npa->vf, &npa->dev->port.policy);
	port_set_link(port, npa->dev->link_up);
}

void npa_fill_offloads(const struct npa *npa, struct pf_init *init)
{
	const struct dev_conf *conf = &npa->dev->conf;

	init->rx_csum = conf->features & VMXNET3_F_RXCSUM;
	init->rx_vlan_strip = conf->features & VMXNET3_F_RXVLAN;
	init->rss = conf->rss.enabled && init->num_queues > 1;
	init->rss_types = conf->rss.hash_type;
	memcpy(init->rss_key, conf->rss.key, sizeof(init->rss_key));
	memcpy(init->rss_table, conf->rss.table, sizeof(init->rss_table));
	init->rss_table_len = conf->rss.table_len;
}
