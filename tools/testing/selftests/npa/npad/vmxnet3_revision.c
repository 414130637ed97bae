// SPDX-License-Identifier: GPL-2.0
/*
 * Device revisions: their negotiation, and the commands and registers that
 * came after revision 1.  A command of a later revision than the one in use is
 * an unknown one.
 */
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "npa.h"
#include "vmxnet3_dev.h"

#define FIELDS_ALWAYS	(VMXNET3_RSS_FIELD_TCP_IPV4 | \
			 VMXNET3_RSS_FIELD_TCP_IPV6)
#define TX_DATA_SIZE	128	/* as large as drivers take it to be */
#define RX_DATA_SIZE	256
#define TS_SIZE		128

/* The first revision of each command. */
static const struct {
	uint32_t cmd;
	unsigned int revision;
} commands[] = {
	{ VMXNET3_CMD_SET_COALESCE, 3 },
	{ VMXNET3_CMD_REGISTER_MEMREGS, 3 },
	{ VMXNET3_CMD_SET_RSS_FIELDS, 4 },
	{ VMXNET3_CMD_SET_RING_BUFFER_SIZE, 7 },
	{ VMXNET3_CMD_GET_TXDATA_DESC_SIZE, 3 },
	{ VMXNET3_CMD_GET_COALESCE, 3 },
	{ VMXNET3_CMD_GET_RSS_FIELDS, 4 },
	{ VMXNET3_CMD_GET_MAX_QUEUES_CONF, 6 },
	{ VMXNET3_CMD_GET_MAX_CAPABILITIES, 7 },
	{ VMXNET3_CMD_GET_DCR0_REG, 7 },
	{ VMXNET3_CMD_GET_TSRING_DESC_SIZE, 9 },
	{ VMXNET3_CMD_GET_DISABLED_OFFLOADS, 9 },
};

static bool has_command(const struct vmxnet3_dev *dev, uint32_t cmd)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (commands[i].cmd == cmd)
			return commands[i].revision <= dev->rev.revision;
	return false;
}

void vmxnet3_revision_init(struct vmxnet3_dev *dev)
{
	dev->rev.revision = VMXNET3_REV_MIN;
	dev->rev.caps = 0;
	vmxnet3_revision_reset(dev);
}

void vmxnet3_revision_reset(struct vmxnet3_dev *dev)
{
	struct rev_state *rev = &dev->rev;

	rev->set_result = VMXNET3_CMD_RESULT_OK;
	rev->rss_fields = FIELDS_ALWAYS;
	memset(&rev->coalesce, 0, sizeof(rev->coalesce));
	memset(rev->buffer_size, 0, sizeof(rev->buffer_size));
}

uint32_t vmxnet3_revision_offer(const struct vmxnet3_dev *dev)
{
	return GENMASK(dev->model.revision - 1, 0);
}

void vmxnet3_revision_choose(struct vmxnet3_dev *dev, uint32_t value)
{
	for (unsigned int i = 0; i < dev->model.revision; i++) {
		if (value != BIT(i) || dev->active)
			continue;
		vmxnet3_revision_init(dev);
		dev->rev.revision = i + 1;
		log_debug(dev->log, "revision %u", i + 1);
		return;
	}
	log_debug(dev->log, "%#x is no revision to choose", value);
}

unsigned int vmxnet3_max_tx_queues(const struct vmxnet3_dev *dev)
{
	return dev->rev.revision < 6 ? VMXNET3_MAX_TX_QUEUES :
				       VMXNET3_EXT_MAX_TX_QUEUES;
}

unsigned int vmxnet3_max_rx_queues(const struct vmxnet3_dev *dev)
{
	return dev->rev.revision < 6 ? VMXNET3_MAX_RX_QUEUES :
				       VMXNET3_EXT_MAX_RX_QUEUES;
}

unsigned int vmxnet3_max_mtu(const struct vmxnet3_dev *dev)
{
	return dev->rev.revision < 6 ? VMXNET3_MTU_MAX : VMXNET3_EXT_MTU_MAX;
}

uint32_t vmxnet3_revision_speed(const struct vmxnet3_dev *dev)
{
	uint32_t max = FIELD_GET(VMXNET3_LINK_SPEED, VMXNET3_LINK_SPEED);
	uint32_t speed = dev->model.speed;

	/* Gbit/s, if it is a whole number of them. */
	if (dev->rev.revision >= 9 && !(speed % 1000))
		return speed / 1000;
	return speed < max ? speed : max;
}

/* The first word of capabilities is all there is; others are errors. */
uint32_t vmxnet3_revision_read(const struct vmxnet3_dev *dev, uint32_t offset)
{
	if (dev->rev.revision < 7)
		return 0;
	if (offset == VMXNET3_VD_DCR)
		return vmxnet3_model_caps(&dev->model);
	if (offset == VMXNET3_VD_PTCR)
		return vmxnet3_model_pt_caps(&dev->model);
	if (offset > VMXNET3_VD_DCR && offset <= VMXNET3_VD_PTCR + 0x28 &&
	    !(offset % VMXNET3_REG_STRIDE))
		return VMXNET3_CAP_ERROR;
	return 0;
}

void vmxnet3_revision_write(struct vmxnet3_dev *dev, uint32_t offset,
			    uint32_t value)
{
	if (dev->rev.revision >= 7 && offset == VMXNET3_VD_DCR)
		dev->rev.caps = value & vmxnet3_model_caps(&dev->model);
}

/* Arguments of a command; valid only while the device is active. */
static int read_info(const struct vmxnet3_dev *dev,
		     union vmxnet3_cmd_info *info)
{
	if (!dev->active)
		return -EINVAL;
	return dma_read(dev->dma, dev->shared_pa +
			offsetof(struct vmxnet3_shared, cmd_info), info,
			sizeof(*info));
}

/* Where the structure that arguments point to is. */
static int coalesce_pa(const struct vmxnet3_dev *dev, uint64_t *pa)
{
	union vmxnet3_cmd_info info;

	if (read_info(dev, &info) || le32toh(info.conf.version) != 1 ||
	    le32toh(info.conf.length) < sizeof(struct vmxnet3_coalesce))
		return -EINVAL;
	*pa = le64toh(info.conf.pa);
	return 0;
}

static int set_coalesce(struct vmxnet3_dev *dev)
{
	struct coalesce_conf conf = { 0 };
	struct vmxnet3_coalesce from;
	uint64_t pa;

	if (coalesce_pa(dev, &pa) ||
	    dma_read(dev->dma, pa, &from, sizeof(from)))
		return -EINVAL;
	conf.mode = le32toh(from.mode);
	switch (conf.mode) {
	case VMXNET3_COALESCE_DISABLED:
	case VMXNET3_COALESCE_ADAPT:
		break;
	case VMXNET3_COALESCE_STATIC:
		conf.tx_depth = le32toh(from.tx_depth);
		conf.tx_comp_depth = le32toh(from.tx_comp_depth);
		conf.rx_depth = le32toh(from.rx_depth);
		if (conf.tx_depth > VMXNET3_COALESCE_DEPTH_MAX ||
		    conf.tx_comp_depth > VMXNET3_COALESCE_DEPTH_MAX ||
		    conf.rx_depth > VMXNET3_COALESCE_DEPTH_MAX)
			return -EINVAL;
		break;
	case VMXNET3_COALESCE_RATE:
		conf.rate = le32toh(from.rate);
		if (conf.rate < VMXNET3_COALESCE_RATE_MIN ||
		    conf.rate > VMXNET3_COALESCE_RATE_MAX)
			return -EINVAL;
		break;
	default:
		return -EINVAL;
	}
	dev->rev.coalesce = conf;
	return 0;
}

static int get_coalesce(struct vmxnet3_dev *dev)
{
	const struct coalesce_conf *conf = &dev->rev.coalesce;
	struct vmxnet3_coalesce to = { .mode = htole32(conf->mode) };
	uint64_t pa;

	if (conf->mode == VMXNET3_COALESCE_RATE) {
		to.rate = htole32(conf->rate);
	} else {
		to.tx_depth = htole32(conf->tx_depth);
		to.tx_comp_depth = htole32(conf->tx_comp_depth);
		to.rx_depth = htole32(conf->rx_depth);
	}
	return coalesce_pa(dev, &pa) ?:
	       dma_write(dev->dma, pa, &to, sizeof(to));
}

/* Those that can be had: from revision 7 on by the capabilities in use. */
static uint32_t possible_fields(const struct vmxnet3_dev *dev)
{
	const struct rev_state *rev = &dev->rev;
	bool caps = rev->revision >= 7;
	uint32_t fields = FIELDS_ALWAYS;

	if (!caps || rev->caps & VMXNET3_CAP_UDP_RSS)
		fields |= VMXNET3_RSS_FIELD_UDP_IPV4 |
			  VMXNET3_RSS_FIELD_UDP_IPV6;
	if (!caps || rev->caps & VMXNET3_CAP_ESP_RSS_IPV4)
		fields |= VMXNET3_RSS_FIELD_ESP_IPV4;
	if (caps ? rev->caps & VMXNET3_CAP_ESP_RSS_IPV6 : rev->revision >= 5)
		fields |= VMXNET3_RSS_FIELD_ESP_IPV6;
	return fields;
}

/* What cannot be had is left out, and GET_RSS_FIELDS says so. */
static int set_rss_fields(struct vmxnet3_dev *dev)
{
	union vmxnet3_cmd_info info;

	if (read_info(dev, &info))
		return -EINVAL;
	dev->rev.rss_fields = FIELDS_ALWAYS |
		(le32toh(info.rss_fields) & possible_fields(dev));
	return 0;
}

static int set_buffer_size(struct vmxnet3_dev *dev)
{
	union vmxnet3_cmd_info info;
	uint16_t sizes[3];

	if (read_info(dev, &info))
		return -EINVAL;
	sizes[0] = le16toh(info.buffer_size.ring1_head);
	sizes[1] = le16toh(info.buffer_size.ring1_body);
	sizes[2] = le16toh(info.buffer_size.ring2_body);
	for (int i = 0; i < 3; i++)
		if (sizes[i] > FIELD_GET(VMXNET3_RXD_LEN, VMXNET3_RXD_LEN))
			return -EINVAL;
	if (!sizes[0])
		return -EINVAL;
	memcpy(dev->rev.buffer_size, sizes, sizeof(sizes));
	return 0;
}

bool vmxnet3_revision_command(struct vmxnet3_dev *dev, uint32_t cmd)
{
	int err = 0;

	if (!has_command(dev, cmd))
		return false;
	switch (cmd) {
	case VMXNET3_CMD_SET_COALESCE:
		err = set_coalesce(dev);
		break;
	case VMXNET3_CMD_GET_COALESCE:
		err = get_coalesce(dev);
		break;
	case VMXNET3_CMD_SET_RSS_FIELDS:
		err = set_rss_fields(dev);
		break;
	case VMXNET3_CMD_SET_RING_BUFFER_SIZE:
		err = set_buffer_size(dev);
		break;
	case VMXNET3_CMD_REGISTER_MEMREGS:
		/* All of the guest's memory can be reached. */
		break;
	}
	dev->rev.set_result = err ? VMXNET3_CMD_RESULT_FAILED :
				    VMXNET3_CMD_RESULT_OK;
	return true;
}

bool vmxnet3_revision_result(const struct vmxnet3_dev *dev, uint32_t *value)
{
	const struct vmxnet3_model *model = &dev->model;

	if (!has_command(dev, dev->last_cmd))
		return false;
	switch (dev->last_cmd) {
	case VMXNET3_CMD_GET_TXDATA_DESC_SIZE:
		*value = FIELD_PREP(VMXNET3_DATA_SIZE_TX, TX_DATA_SIZE);
		if (dev->rev.revision >= 9)
			*value |= FIELD_PREP(VMXNET3_DATA_SIZE_RX,
					     RX_DATA_SIZE);
		break;
	case VMXNET3_CMD_GET_RSS_FIELDS:
		*value = dev->rev.rss_fields & possible_fields(dev);
		break;
	case VMXNET3_CMD_GET_MAX_QUEUES_CONF:
		*value = FIELD_PREP(VMXNET3_MAX_QUEUES_TX, model->queues) |
			 FIELD_PREP(VMXNET3_MAX_QUEUES_RX, model->queues);
		break;
	case VMXNET3_CMD_GET_MAX_CAPABILITIES:
		*value = 18;		/* bits in use of DCR 0 */
		break;
	case VMXNET3_CMD_GET_DCR0_REG:
		*value = dev->rev.caps;
		break;
	case VMXNET3_CMD_GET_TSRING_DESC_SIZE:
		*value = FIELD_PREP(VMXNET3_TS_SIZE_TX, TS_SIZE) |
			 FIELD_PREP(VMXNET3_TS_SIZE_RX, TS_SIZE);
		break;
	case VMXNET3_CMD_GET_DISABLED_OFFLOADS:
		*value = model->disabled_offloads;
		break;
	default:
		*value = dev->rev.set_result;
	}
	return true;
}
