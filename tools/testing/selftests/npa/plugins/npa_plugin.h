/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a plugin needs besides the Shell API: the way to describe itself.
 *
 * NPA_PLUGIN() puts an image header into section .npa_header, which is not
 * part of the payload.  npa-image fills in lengths, entry point and hash.
 */
#ifndef NPA_PLUGIN_H
#define NPA_PLUGIN_H

#include <net/npa_shell.h>

#if defined(__x86_64__)
#define NPA_PLUGIN_MACHINE	NPA_MACHINE_X86_64
#elif defined(__aarch64__)
#define NPA_PLUGIN_MACHINE	NPA_MACHINE_AARCH64
#else
#error "no NPA machine number for this instruction set"
#endif

/* The entry point is found by this name and is the first thing in the text. */
__u32 NPA_CALL npa_plugin_main(struct npa_plugin_api *api);

#define NPA_ENTRY	NPA_ENTRY_ATTRIBUTES
#define NPA_ENTRY_ATTRIBUTES						\
	__attribute__((used, aligned(NPA_IMAGE_ENTRY_ALIGN),		\
		       section(".text.npa_plugin_main")))

/* The header's members that a plugin knows; see NPA_PLUGIN(). */
#define NPA_PLUGIN_HEADER(name_, version_, vendor_, license_, device_,	\
			  private_)					\
	{								\
		.magic = NPA_IMAGE_MAGIC,				\
		.header_len = sizeof(struct npa_image_header),		\
		.api_major = NPA_API_MAJOR,				\
		.api_minor = NPA_API_MINOR,				\
		.machine = NPA_PLUGIN_MACHINE,				\
		.private_len = (private_),				\
		.device_impl_id = (device_),				\
		.name = name_,						\
		.version = version_,					\
		.vendor = vendor_,					\
		.license = license_,					\
	}

/**
 * NPA_PLUGIN() - describe the plugin, once per image
 * @name_: see &struct npa_image_header
 * @version_: the same
 * @vendor_: the same
 * @license_: the same
 * @device_: device implementation id
 * @private_: bytes of the private area
 */
#define NPA_PLUGIN(name_, version_, vendor_, license_, device_, private_) \
	__attribute__((used, section(".npa_header")))			\
	static const struct npa_image_header npa_plugin_header =	\
	NPA_PLUGIN_HEADER(name_, version_, vendor_, license_, device_,	\
			  private_)

#endif
