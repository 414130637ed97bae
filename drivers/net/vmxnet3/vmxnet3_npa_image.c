// SPDX-License-Identifier: GPL-2.0
/*
 * The gate: checks of a plugin image before any of its code runs.
 */
#include <crypto/sha2.h>
#include <linux/ctype.h>
#include <linux/elf.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/security.h>
#include <linux/string.h>
#include <linux/verification.h>
/* After string.h, which it needs and does not include. */
#include <linux/license.h>

#include "vmxnet3_hw.h"
#include "vmxnet3_npa.h"

/* A field that holds a terminated string of harmless characters. */
static bool vmxnet3_image_string(const char *s, size_t size)
{
	size_t len = strnlen(s, size);
	size_t i;

	if (!len || len == size)
		return false;
	for (i = 0; i < len; i++)
		if (!isascii(s[i]) || !isprint(s[i]))
			return false;
	return true;
}

/* A name, which becomes part of log lines and file names elsewhere. */
static bool vmxnet3_image_name(const char *s, size_t size)
{
	if (!vmxnet3_image_string(s, size))
		return false;
	for (; *s; s++)
		if (!isalnum(*s) && *s != '-' && *s != '_' && *s != '.')
			return false;
	return true;
}

static u32 vmxnet3_image_lengths(const struct npa_image_header *h, u32 written,
				 u32 region_len)
{
	u32 image_len = le32_to_cpu(h->image_len);
	u32 signature_len = le32_to_cpu(h->signature_len);

	if (le32_to_cpu(h->header_len) != sizeof(*h) ||
	    image_len <= sizeof(*h))
		return VMXNET3_NPA_BAD_HEADER;
	if (image_len > region_len || signature_len > region_len - image_len ||
	    written > region_len)
		return VMXNET3_NPA_TOO_LARGE;
	if (written < image_len + signature_len)
		return VMXNET3_NPA_TRUNCATED;
	return VMXNET3_NPA_OK;
}

static u32 vmxnet3_image_fields(const struct npa_image_header *h)
{
	u32 entry = le32_to_cpu(h->entry_offset);

	if (le16_to_cpu(h->api_major) != NPA_API_MAJOR ||
	    le16_to_cpu(h->api_minor) > NPA_API_MINOR)
		return VMXNET3_NPA_BAD_API;
	if (le16_to_cpu(h->machine) != ELF_ARCH)
		return VMXNET3_NPA_BAD_MACHINE;
	if (h->reserved0 || h->reserved1 ||
	    memchr_inv(h->reserved2, 0, sizeof(h->reserved2)) ||
	    le32_to_cpu(h->private_len) > NPA_IMAGE_PRIVATE_MAX ||
	    !vmxnet3_image_name(h->name, sizeof(h->name)) ||
	    !vmxnet3_image_string(h->version, sizeof(h->version)) ||
	    !vmxnet3_image_string(h->vendor, sizeof(h->vendor)) ||
	    !vmxnet3_image_string(h->license, sizeof(h->license)))
		return VMXNET3_NPA_BAD_HEADER;
	if (entry < sizeof(*h) || entry >= le32_to_cpu(h->image_len) ||
	    entry % NPA_IMAGE_ENTRY_ALIGN)
		return VMXNET3_NPA_BAD_ENTRY;
	if (!license_is_gpl_compatible(h->license))
		return VMXNET3_NPA_BAD_LICENSE;
	return VMXNET3_NPA_OK;
}

/**
 * vmxnet3_image_verify() - check a plugin image, except for its signature
 * @image: the region, readable up to @region_len
 * @written: bytes that the hypervisor says it has written
 * @region_len: bytes of the region
 * @device_id: device implementation id that the hypervisor gave
 * @header: receives a copy of the header, which is what to use afterwards
 *
 * Context: process.
 * Return: VMXNET3_NPA_OK or the reason to refuse it.
 */
u32 vmxnet3_image_verify(const void *image, u32 written, u32 region_len,
			 u64 device_id, struct npa_image_header *header)
{
	u8 digest[SHA256_DIGEST_SIZE];
	u32 reason;

	if (written < sizeof(*header))
		return VMXNET3_NPA_TRUNCATED;
	memcpy(header, image, sizeof(*header));
	if (memcmp(header->magic, NPA_IMAGE_MAGIC, sizeof(header->magic)))
		return VMXNET3_NPA_BAD_MAGIC;
	reason = vmxnet3_image_lengths(header, written, region_len);
	if (!reason)
		reason = vmxnet3_image_fields(header);
	if (reason)
		return reason;

	sha256(image + sizeof(*header),
	       le32_to_cpu(header->image_len) - sizeof(*header), digest);
	if (memcmp(digest, header->sha256, sizeof(digest)))
		return VMXNET3_NPA_BAD_HASH;
	if (!header->device_impl_id ||
	    le64_to_cpu(header->device_impl_id) != device_id)
		return VMXNET3_NPA_BAD_DEVICE_ID;
	return VMXNET3_NPA_OK;
}

/**
 * vmxnet3_image_check_signature() - check a plugin image's signature
 * @image: verified by vmxnet3_image_verify()
 * @header: its header
 * @policy: the administrator's
 *
 * A signature that is there must be right.  An image without one is accepted
 * under VMXNET3_NPA_ON, with a taint, unless the kernel insists on signed
 * modules or is locked down.
 *
 * Context: process.
 * Return: VMXNET3_NPA_OK, VMXNET3_NPA_BAD_SIGNATURE or VMXNET3_NPA_UNSIGNED.
 */
u32 vmxnet3_image_check_signature(const void *image,
				  const struct npa_image_header *header,
				  enum vmxnet3_npa_policy policy)
{
	u32 signature_len = le32_to_cpu(header->signature_len);

	if (signature_len) {
		int err = -EOPNOTSUPP;
#ifdef CONFIG_SYSTEM_DATA_VERIFICATION
		u32 image_len = le32_to_cpu(header->image_len);

		err = verify_pkcs7_signature(image, image_len,
					     image + image_len, signature_len,
					     VERIFY_USE_SECONDARY_KEYRING,
					     VERIFYING_MODULE_SIGNATURE,
					     NULL, NULL);
#endif
		if (!err)
			return VMXNET3_NPA_OK;
		pr_warn("vmxnet3: plugin %s: signature refused: %d\n",
			header->name, err);
		return VMXNET3_NPA_BAD_SIGNATURE;
	}

	if (policy != VMXNET3_NPA_ON || is_module_sig_enforced() ||
	    security_locked_down(LOCKDOWN_MODULE_SIGNATURE))
		return VMXNET3_NPA_UNSIGNED;
	pr_notice_once("vmxnet3: plugin %s is not signed, taints kernel\n",
		       header->name);
	add_taint(TAINT_UNSIGNED_MODULE, LOCKDEP_STILL_OK);
	return VMXNET3_NPA_OK;
}
