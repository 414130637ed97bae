// SPDX-License-Identifier: GPL-2.0
/*
 * devlink: dev info, which says what plugin drives the data path.
 */
#include <net/devlink.h>

#include "vmxnet3_devlink.h"
#include "vmxnet3_health.h"
#include "vmxnet3_shell.h"

static int vmxnet3_devlink_info_get(struct devlink *devlink,
				    struct devlink_info_req *req,
				    struct netlink_ext_ack *extack)
{
	struct vmxnet3_shell *shell =
		*(struct vmxnet3_shell **)devlink_priv(devlink);
	struct vmxnet3_npa *npa = &shell->npa;
	char revision[4];
	int err;

	/* As if it were a chip: what the driver found and agreed on with it. */
	snprintf(revision, sizeof(revision), "%u", shell->revision);
	err = devlink_info_version_fixed_put(req,
					     DEVLINK_INFO_VERSION_GENERIC_ASIC_REV,
					     revision);
	if (err)
		return err;
	mutex_lock(&shell->conf_lock);
	err = devlink_info_version_running_put(req, "npa.path",
					       shell->path &&
					       shell->path == shell->vf ?
					       "vf" : "emulated");
	if (err || !npa->plugin.name[0])
		goto unlock;
	err = devlink_info_version_running_put(req, "npa.plugin",
					       npa->plugin.name);
	if (err)
		goto unlock;
	err = devlink_info_version_running_put(req, "npa.plugin.version",
					       npa->plugin.version);
	if (err)
		goto unlock;
	err = devlink_info_version_running_put(req, "npa.plugin.vendor",
					       npa->plugin.vendor);
	if (err)
		goto unlock;
	err = devlink_info_version_running_put(req, "npa.plugin.license",
					       npa->plugin.license);
unlock:
	mutex_unlock(&shell->conf_lock);
	return err;
}

static const struct devlink_ops vmxnet3_devlink_ops = {
	.info_get = vmxnet3_devlink_info_get,
};

/**
 * vmxnet3_devlink_register() - make the device known to devlink
 * @shell: the device
 *
 * Context: process.
 * Return: 0 or a negative errno.
 */
int vmxnet3_devlink_register(struct vmxnet3_shell *shell)
{
	int err;

	shell->devlink = devlink_alloc(&vmxnet3_devlink_ops, sizeof(shell),
				       shell->dev);
	if (!shell->devlink)
		return -ENOMEM;
	*(struct vmxnet3_shell **)devlink_priv(shell->devlink) = shell;
	err = vmxnet3_health_create(shell);
	if (err) {
		devlink_free(shell->devlink);
		return err;
	}
	devlink_register(shell->devlink);
	return 0;
}

/**
 * vmxnet3_devlink_unregister() - undo vmxnet3_devlink_register()
 * @shell: the device
 */
void vmxnet3_devlink_unregister(struct vmxnet3_shell *shell)
{
	devlink_unregister(shell->devlink);
	vmxnet3_health_destroy(shell);
	devlink_free(shell->devlink);
}
