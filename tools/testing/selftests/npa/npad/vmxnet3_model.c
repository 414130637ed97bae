// SPDX-License-Identifier: GPL-2.0
/*
 * What a vmxnet3 device offers to its driver.
 */
#include "vmxnet3_model.h"

#define REV_EXT		6	/* more than 8 queue pairs */
#define REV_CAPS	7	/* capability registers, large BAR */

struct vmxnet3_model vmxnet3_model_default(unsigned int queues)
{
	return (struct vmxnet3_model){
		.revision = VMXNET3_REV_MIN,
		.intr_type = VMXNET3_INTR_TYPE_MSIX,
		.mask_mode = VMXNET3_INTR_MASK_AUTO,
		.queues = queues,
		.speed = 10000,
	};
}

const char *vmxnet3_model_check(const struct vmxnet3_model *model)
{
	if (model->revision < VMXNET3_REV_MIN ||
	    model->revision > VMXNET3_REV_MAX)
		return "there is no such revision";
	if (model->intr_type < VMXNET3_INTR_TYPE_INTX ||
	    model->intr_type > VMXNET3_INTR_TYPE_MSIX)
		return "there is no such kind of interrupt";
	if (model->mask_mode > VMXNET3_INTR_MASK_LAZY)
		return "there is no such mask mode";
	if (model->queues < MODEL_MIN_QUEUES ||
	    model->queues > MODEL_MAX_QUEUES)
		return "queues must be 1 to 32";
	if (model->queues > VMXNET3_MAX_TX_QUEUES && model->revision < REV_EXT)
		return "more than 8 queue pairs need revision 6";
	if (model->rx_any_order && model->revision < REV_CAPS)
		return "receiving out of order needs revision 7";
	if (model->speed < MODEL_MIN_SPEED || model->speed > MODEL_MAX_SPEED)
		return "the speed must be 10 to 1000000 Mbit/s";
	if (model->disabled_offloads & ~(VMXNET3_DISABLED_TSO |
					 VMXNET3_DISABLED_LRO))
		return "there is no such offload to disable";
	if ((model->disabled_offloads || model->sample_rate) &&
	    model->revision < VMXNET3_REV_MAX)
		return "disabled offloads and timestamps need revision 9";
	if (model->sample_rate > MODEL_MAX_SAMPLE_RATE)
		return "the sample rate must be 0 to 65535";
	return NULL;
}

unsigned int vmxnet3_model_vectors(const struct vmxnet3_model *model)
{
	return 2 * model->queues + 1;
}

uint32_t vmxnet3_model_pt_len(const struct vmxnet3_model *model)
{
	return model->revision < REV_CAPS ? VMXNET3_PT_LEN :
					    VMXNET3_PT_LARGE_LEN;
}

/* What the device does with frames; no IPsec but its hash. */
#define CAPS	(VMXNET3_CAP_UDP_RSS | VMXNET3_CAP_ESP_RSS_IPV4 | \
		 VMXNET3_CAP_GENEVE_CSUM | VMXNET3_CAP_GENEVE_TSO | \
		 VMXNET3_CAP_VXLAN_CSUM | VMXNET3_CAP_VXLAN_TSO | \
		 VMXNET3_CAP_GENEVE_OUTER_CSUM | \
		 VMXNET3_CAP_VXLAN_OUTER_CSUM | VMXNET3_CAP_ESP_RSS_IPV6 | \
		 VMXNET3_CAP_LARGE_BAR)

uint32_t vmxnet3_model_caps(const struct vmxnet3_model *model)
{
	return CAPS | (model->rx_any_order ? VMXNET3_CAP_OOORX_COMP : 0);
}

/*
 * There is no hardware behind it, and the driver then goes by DCR alone.  The
 * one thing that it takes only from hardware is another order of buffers.
 */
uint32_t vmxnet3_model_pt_caps(const struct vmxnet3_model *model)
{
	return model->rx_any_order ? vmxnet3_model_caps(model) :
				     VMXNET3_CAP_ERROR;
}
