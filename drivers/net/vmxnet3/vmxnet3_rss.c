// SPDX-License-Identifier: GPL-2.0
/*
 * Receive side scaling as ethtool -x, -X, -n and -N see it: key, table, hash
 * function, and which header fields are hashed.
 *
 * The shared copy of key and table is the one there is, so that no reset and
 * no change of rings, MTU or path loses them.  Fields can be chosen from
 * device revision 4 on.  All of it is told to the device, also while the data
 * path is a VF: the hypervisor makes the VF do the same.
 */
#include <linux/ethtool.h>
#include <linux/netlink.h>

#include "vmxnet3_rss.h"
#include "vmxnet3_shell.h"

/* What a device does that cannot be told: addresses, and ports of TCP. */
#define VMXNET3_RSS_FIELDS_FIXED					\
	(VMXNET3_RSS_FIELD_TCP_IPV4 | VMXNET3_RSS_FIELD_TCP_IPV6)

#define VMXNET3_RXH_ADDRS	(RXH_IP_SRC | RXH_IP_DST)
#define VMXNET3_RXH_PORTS	(RXH_L4_B_0_1 | RXH_L4_B_2_3)

/**
 * vmxnet3_get_rxfh_key_size() - ethtool -x: length of the key
 * @netdev: the shell's netdev
 *
 * Return: bytes.
 */
u32 vmxnet3_get_rxfh_key_size(struct net_device *netdev)
{
	return VMXNET3_RSS_KEY_LEN;
}

/**
 * vmxnet3_get_rxfh_indir_size() - ethtool -x: size of the table
 * @netdev: the shell's netdev
 *
 * Return: entries.
 */
u32 vmxnet3_get_rxfh_indir_size(struct net_device *netdev)
{
	return VMXNET3_RSS_TABLE_LEN;
}

/**
 * vmxnet3_get_rxfh() - ethtool -x
 * @netdev: the shell's netdev
 * @rxfh: receives hash function, table and key
 *
 * Return: 0.
 */
int vmxnet3_get_rxfh(struct net_device *netdev, struct ethtool_rxfh_param *rxfh)
{
	struct vmxnet3_shell *shell = netdev_priv(netdev);
	u32 i;

	rxfh->hfunc = ETH_RSS_HASH_TOP;
	mutex_lock(&shell->conf_lock);
	if (rxfh->indir)
		for (i = 0; i < VMXNET3_RSS_TABLE_LEN; i++)
			rxfh->indir[i] = shell->rss->table[i];
	if (rxfh->key)
		memcpy(rxfh->key, shell->rss->key, VMXNET3_RSS_KEY_LEN);
	mutex_unlock(&shell->conf_lock);
	return 0;
}

/**
 * vmxnet3_set_rxfh() - ethtool -X
 * @netdev: the shell's netdev, up or down
 * @rxfh: what to change; the stack has checked the table's queues
 * @extack: receives the reason of a refusal
 *
 * Return: 0, or -EOPNOTSUPP.
 */
int vmxnet3_set_rxfh(struct net_device *netdev, struct ethtool_rxfh_param *rxfh,
		     struct netlink_ext_ack *extack)
{
	struct vmxnet3_shell *shell = netdev_priv(netdev);
	u32 i;

	if (rxfh->hfunc != ETH_RSS_HASH_NO_CHANGE &&
	    rxfh->hfunc != ETH_RSS_HASH_TOP) {
		NL_SET_ERR_MSG(extack, "the only hash function is Toeplitz");
		return -EOPNOTSUPP;
	}
	mutex_lock(&shell->conf_lock);
	if (rxfh->key)
		memcpy(shell->rss->key, rxfh->key, VMXNET3_RSS_KEY_LEN);
	if (rxfh->indir)
		for (i = 0; i < VMXNET3_RSS_TABLE_LEN; i++)
			shell->rss->table[i] = rxfh->indir[i];
	/* A device that is down looks at it when it is activated. */
	if (shell->path)
		vmxnet3_cmd(shell, VMXNET3_CMD_UPDATE_RSSIDT);
	mutex_unlock(&shell->conf_lock);
	return 0;
}

/* The bit that says whether a flow's ports are hashed; 0: they never are. */
static int vmxnet3_rss_field(u32 flow_type, u32 *field)
{
	*field = 0;
	switch (flow_type) {
	case TCP_V4_FLOW:
		*field = VMXNET3_RSS_FIELD_TCP_IPV4;
		return 0;
	case TCP_V6_FLOW:
		*field = VMXNET3_RSS_FIELD_TCP_IPV6;
		return 0;
	case UDP_V4_FLOW:
		*field = VMXNET3_RSS_FIELD_UDP_IPV4;
		return 0;
	case UDP_V6_FLOW:
		*field = VMXNET3_RSS_FIELD_UDP_IPV6;
		return 0;
	/* For these the "ports" are the security parameter index. */
	case AH_ESP_V4_FLOW:
	case AH_V4_FLOW:
	case ESP_V4_FLOW:
		*field = VMXNET3_RSS_FIELD_ESP_IPV4;
		return 0;
	case AH_ESP_V6_FLOW:
	case AH_V6_FLOW:
	case ESP_V6_FLOW:
		*field = VMXNET3_RSS_FIELD_ESP_IPV6;
		return 0;
	case SCTP_V4_FLOW:
	case SCTP_V6_FLOW:
	case IPV4_FLOW:
	case IPV6_FLOW:
		return 0;
	default:
		return -EINVAL;
	}
}

/**
 * vmxnet3_get_rxfh_fields() - ethtool -n rx-flow-hash
 * @netdev: the shell's netdev
 * @fields: flow_type is given, data receives RXH_* bits
 *
 * Return: 0, or -EINVAL for an unknown kind of flow.
 */
int vmxnet3_get_rxfh_fields(struct net_device *netdev,
			    struct ethtool_rxfh_fields *fields)
{
	struct vmxnet3_shell *shell = netdev_priv(netdev);
	u32 field;
	int err;

	err = vmxnet3_rss_field(fields->flow_type, &field);
	if (err)
		return err;
	mutex_lock(&shell->conf_lock);
	fields->data = VMXNET3_RXH_ADDRS;
	if (shell->rss_fields & field)
		fields->data |= VMXNET3_RXH_PORTS;
	mutex_unlock(&shell->conf_lock);
	return 0;
}

/* What the device does, whatever it was told. */
static u32 vmxnet3_rss_ask(struct vmxnet3_shell *shell)
{
	return vmxnet3_cmd_get(shell, VMXNET3_CMD_GET_RSS_FIELDS);
}

/* From revision 7 on what is hashed is a capability as well. */
static void vmxnet3_rss_caps(struct vmxnet3_shell *shell, u32 fields)
{
	u32 want = 0;

	if (fields & (VMXNET3_RSS_FIELD_UDP_IPV4 | VMXNET3_RSS_FIELD_UDP_IPV6))
		want |= VMXNET3_CAP_UDP_RSS;
	if (fields & VMXNET3_RSS_FIELD_ESP_IPV4)
		want |= VMXNET3_CAP_ESP_RSS_IPV4;
	if (fields & VMXNET3_RSS_FIELD_ESP_IPV6)
		want |= VMXNET3_CAP_ESP_RSS_IPV6;
	vmxnet3_caps_request(shell, VMXNET3_CAP_UDP_RSS |
			     VMXNET3_CAP_ESP_RSS_IPV4 |
			     VMXNET3_CAP_ESP_RSS_IPV6, want);
}

static u32 vmxnet3_rss_apply(struct vmxnet3_shell *shell, u32 fields)
{
	union vmxnet3_cmd_info info = { .rss_fields = cpu_to_le32(fields) };

	vmxnet3_rss_caps(shell, fields);
	vmxnet3_cmd_info(shell, VMXNET3_CMD_SET_RSS_FIELDS, &info);
	return vmxnet3_rss_ask(shell);
}

/**
 * vmxnet3_rss_init_fields() - what is hashed as long as nobody has chosen
 * @shell: a new device
 */
void vmxnet3_rss_init_fields(struct vmxnet3_shell *shell)
{
	shell->rss_fields = VMXNET3_RSS_FIELDS_FIXED;
	shell->rss_fields_set = false;
}

/**
 * vmxnet3_rss_restore() - after the device was activated
 * @shell: the device
 *
 * It is told what fields were chosen, or asked what it does by itself.
 *
 * Context: process, conf_lock held.
 */
void vmxnet3_rss_restore(struct vmxnet3_shell *shell)
{
	u32 got;

	if (shell->revision < VMXNET3_RSS_FIELDS_REVISION)
		return;
	if (!shell->rss_fields_set) {
		shell->rss_fields = vmxnet3_rss_ask(shell);
		return;
	}
	got = vmxnet3_rss_apply(shell, shell->rss_fields);
	if (got == shell->rss_fields)
		return;
	netdev_warn(shell->netdev, "the device hashes fields %#x, not %#x\n",
		    got, shell->rss_fields);
	shell->rss_fields = got;
}

/* Is this choice one that the device has? */
static int vmxnet3_rss_check_fields(const struct vmxnet3_shell *shell,
				    const struct ethtool_rxfh_fields *fields,
				    u32 *field, struct netlink_ext_ack *extack)
{
	u32 ports = fields->data & VMXNET3_RXH_PORTS;

	if (vmxnet3_rss_field(fields->flow_type, field)) {
		NL_SET_ERR_MSG(extack, "no such kind of flow is hashed");
		return -EINVAL;
	}
	if ((fields->data & ~VMXNET3_RXH_PORTS) != VMXNET3_RXH_ADDRS) {
		NL_SET_ERR_MSG(extack,
			       "both addresses are hashed, and nothing but ports besides");
		return -EINVAL;
	}
	if (ports && ports != VMXNET3_RXH_PORTS) {
		NL_SET_ERR_MSG(extack, "both ports or none");
		return -EINVAL;
	}
	if (!!ports == !!(shell->rss_fields & *field))
		return 0;
	if (shell->revision < VMXNET3_RSS_FIELDS_REVISION) {
		NL_SET_ERR_MSG(extack, "needs a device of revision 4");
		return -EOPNOTSUPP;
	}
	if (!*field) {
		NL_SET_ERR_MSG(extack, "ports of this kind of flow are never hashed");
		return -EINVAL;
	}
	if (*field & VMXNET3_RSS_FIELDS_FIXED) {
		NL_SET_ERR_MSG(extack, "ports of TCP are always hashed");
		return -EINVAL;
	}
	if (*field == VMXNET3_RSS_FIELD_ESP_IPV6 &&
	    shell->revision < VMXNET3_RSS_ESP6_REVISION) {
		NL_SET_ERR_MSG(extack, "needs a device of revision 6");
		return -EOPNOTSUPP;
	}
	return 0;
}

/**
 * vmxnet3_set_rxfh_fields() - ethtool -N rx-flow-hash
 * @netdev: the shell's netdev, up or down
 * @fields: kind of flow and RXH_* bits
 * @extack: receives the reason of a refusal
 *
 * On failure everything stays as it was.
 *
 * Return: 0, -EINVAL, or -EOPNOTSUPP if the device does not do it.
 */
int vmxnet3_set_rxfh_fields(struct net_device *netdev,
			    const struct ethtool_rxfh_fields *fields,
			    struct netlink_ext_ack *extack)
{
	struct vmxnet3_shell *shell = netdev_priv(netdev);
	u32 field, want;
	int err;

	mutex_lock(&shell->conf_lock);
	err = vmxnet3_rss_check_fields(shell, fields, &field, extack);
	if (err)
		goto unlock;
	want = shell->rss_fields & ~field;
	if (fields->data & VMXNET3_RXH_PORTS)
		want |= field;
	if (want == shell->rss_fields)
		goto unlock;
	if (shell->path && vmxnet3_rss_apply(shell, want) != want) {
		vmxnet3_rss_apply(shell, shell->rss_fields);
		NL_SET_ERR_MSG(extack, "the device cannot hash that");
		err = -EOPNOTSUPP;
		goto unlock;
	}
	shell->rss_fields = want;
	shell->rss_fields_set = true;
unlock:
	mutex_unlock(&shell->conf_lock);
	return err;
}
