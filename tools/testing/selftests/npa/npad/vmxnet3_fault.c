// SPDX-License-Identifier: GPL-2.0
/*
 * Faults of the emulated device that the operator can make it have, for tests
 * of drivers.
 */
#include <errno.h>
#include <string.h>

#include "json_add.h"
#include "vmxnet3_dev.h"

#define QERR_STRESS	0x80000005

static const char *const names[NUM_DEV_FAULTS] = {
	[DEV_FAULT_ACTIVATE] = "dev-activate-fail",
	[DEV_FAULT_TX_ERROR] = "dev-tx-error",
	[DEV_FAULT_RX_ERROR] = "dev-rx-error",
	[DEV_FAULT_ONES] = "dev-get-ones",
	[DEV_FAULT_GONE] = "dev-gone",
};

static const char *const states[] = { "off", "on", "once" };

bool vmxnet3_fault_hit(struct vmxnet3_dev *dev, enum dev_fault fault)
{
	if (!dev->faults[fault])
		return false;
	if (dev->faults[fault] == 2)
		dev->faults[fault] = 0;
	log_info(dev->log, "fault: %s", names[fault]);
	return true;
}

bool vmxnet3_fault_is_on(const struct vmxnet3_dev *dev, enum dev_fault fault)
{
	return dev->faults[fault];
}

/* What happens when a fault is switched on; 0 or a negative errno. */
static int strike(struct vmxnet3_dev *dev, enum dev_fault fault)
{
	switch (fault) {
	case DEV_FAULT_TX_ERROR:
	case DEV_FAULT_RX_ERROR:
		/* An event, not a state. */
		dev->faults[fault] = 0;
		if (!dev->active)
			return -EAGAIN;
		if (fault == DEV_FAULT_TX_ERROR)
			dev->tx[0].error = QERR_STRESS;
		else
			dev->rx[0].error = QERR_STRESS;
		vmxnet3_conf_write_status(dev);
		vmxnet3_dev_event(dev, fault == DEV_FAULT_TX_ERROR ?
				  VMXNET3_ECR_TQERR : VMXNET3_ECR_RQERR);
		break;
	case DEV_FAULT_GONE:
		/* Whoever takes a device out does not tell the driver. */
		vmxnet3_dev_reset(dev);
		break;
	default:
		break;
	}
	return 0;
}

int vmxnet3_fault(struct vmxnet3_dev *dev, const char *name, const char *state)
{
	unsigned int id, value;

	for (id = 0; id < NUM_DEV_FAULTS; id++)
		if (!strcmp(name, names[id]))
			break;
	if (id == NUM_DEV_FAULTS)
		return -ENOENT;
	for (value = 0; value < 3; value++)
		if (!strcmp(state, states[value]))
			break;
	if (value == 3)
		return -EINVAL;
	dev->faults[id] = value;
	return value ? strike(dev, id) : 0;
}

void vmxnet3_list_faults(const struct vmxnet3_dev *dev,
			 struct json_object *list)
{
	for (unsigned int id = 0; id < NUM_DEV_FAULTS; id++) {
		struct json_object *object = json_object_new_object();

		json_add_string(object, "name", names[id]);
		json_add_string(object, "state", states[dev->faults[id]]);
		json_object_array_add(list, object);
	}
}
