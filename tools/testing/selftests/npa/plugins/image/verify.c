// SPDX-License-Identifier: GPL-2.0
/*
 * The rules for an image, the same as in the guest's loader and in its order,
 * so that npa-image and the guest name the same reason.
 */
#include <ctype.h>
#include <endian.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "image.h"

void sha256(const void *data, size_t len, uint8_t hash[SHA256_LEN])
{
	if (!EVP_Digest(data, len, hash, NULL, EVP_sha256(), NULL))
		memset(hash, 0, SHA256_LEN);
}

bool license_is_gpl_compatible(const char *license)
{
	static const char * const good[] = {
		"GPL", "GPL v2", "GPL and additional rights",
		"Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL",
	};
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (!strcmp(license, good[i]))
			return true;
	return false;
}

bool string_ok(const char *s, size_t size)
{
	const char *end = memchr(s, 0, size);

	if (!end || end == s)
		return false;
	for (; s < end; s++)
		if (*s < 0x20 || *s > 0x7e)
			return false;
	return true;
}

static bool name_ok(const char *s, size_t size)
{
	if (!string_ok(s, size))
		return false;
	for (; *s; s++)
		if (!isalnum((unsigned char)*s) && !strchr("-_.", *s))
			return false;
	return true;
}

static bool all_zero(const void *data, size_t len)
{
	const uint8_t *p = data;

	while (len--)
		if (*p++)
			return false;
	return true;
}

static bool __attribute__((format(printf, 3, 4)))
refuse(struct verdict *v, const char *code, const char *fmt, ...)
{
	va_list ap;

	v->code = code;
	va_start(ap, fmt);
	vsnprintf(v->text, sizeof(v->text), fmt, ap);
	va_end(ap);
	return false;
}

static bool check_lengths(const struct npa_image_header *h, size_t len,
			  struct verdict *v)
{
	uint32_t header_len = le32toh(h->header_len);
	uint32_t image_len = le32toh(h->image_len);
	uint32_t signature_len = le32toh(h->signature_len);

	if (header_len != sizeof(*h))
		return refuse(v, "bad-header",
			      "header length is %u, not %zu", header_len,
			      sizeof(*h));
	if (image_len <= header_len)
		return refuse(v, "bad-header",
			      "image length is %u: there is no payload",
			      image_len);
	if (image_len > NPA_IMAGE_MAX_LEN ||
	    signature_len > NPA_IMAGE_MAX_LEN - image_len ||
	    len > NPA_IMAGE_MAX_LEN)
		return refuse(v, "too-large",
			      "image (%u bytes) and signature (%u) exceed %u bytes",
			      image_len, signature_len, NPA_IMAGE_MAX_LEN);
	if (image_len + signature_len > len)
		return refuse(v, "truncated",
			      "header says %u bytes, there are %zu",
			      image_len + signature_len, len);
	return true;
}

static bool check_machine(const struct npa_image_header *h, struct verdict *v)
{
	if (le16toh(h->api_major) != NPA_API_MAJOR ||
	    le16toh(h->api_minor) > NPA_API_MINOR)
		return refuse(v, "bad-api",
			      "Shell API %u.%u is wanted, this is %u.%u",
			      le16toh(h->api_major), le16toh(h->api_minor),
			      NPA_API_MAJOR, NPA_API_MINOR);
	if (le16toh(h->machine) != NPA_MACHINE_X86_64)
		return refuse(v, "bad-machine",
			      "machine is %u, only x86-64 (%u) is supported",
			      le16toh(h->machine), NPA_MACHINE_X86_64);
	return true;
}

static bool check_members(const struct npa_image_header *h, struct verdict *v)
{
	if (h->reserved0 || h->reserved1 ||
	    !all_zero(h->reserved2, sizeof(h->reserved2)))
		return refuse(v, "bad-header", "reserved fields are not 0");
	if (le32toh(h->private_len) > NPA_IMAGE_PRIVATE_MAX)
		return refuse(v, "bad-header",
			      "private area of %u bytes exceeds %u",
			      le32toh(h->private_len), NPA_IMAGE_PRIVATE_MAX);
	if (!name_ok(h->name, sizeof(h->name)))
		return refuse(v, "bad-header",
			      "name is empty, not terminated or has other characters than letters, digits, '-', '_', '.'");
	if (!string_ok(h->version, sizeof(h->version)))
		return refuse(v, "bad-header",
			      "version is empty, not terminated or not printable");
	if (!string_ok(h->vendor, sizeof(h->vendor)))
		return refuse(v, "bad-header",
			      "vendor is empty, not terminated or not printable");
	if (!string_ok(h->license, sizeof(h->license)))
		return refuse(v, "bad-header",
			      "license is empty, not terminated or not printable");
	return true;
}

static bool check_use(const struct npa_image_header *h, struct verdict *v)
{
	uint32_t entry = le32toh(h->entry_offset);

	if (entry < sizeof(*h) || entry >= le32toh(h->image_len) ||
	    entry % NPA_IMAGE_ENTRY_ALIGN)
		return refuse(v, "bad-entry",
			      "entry point at %u is outside the payload or not a multiple of %u",
			      entry, NPA_IMAGE_ENTRY_ALIGN);
	if (!license_is_gpl_compatible(h->license))
		return refuse(v, "bad-license",
			      "license \"%s\" is not GPL-compatible",
			      h->license);
	return true;
}

bool image_verify(const struct blob *image, struct verdict *v)
{
	struct npa_image_header h;
	uint8_t hash[SHA256_LEN];

	v->code = "ok";
	v->text[0] = 0;
	if (image->len < sizeof(h))
		return refuse(v, "truncated",
			      "%zu bytes, the header alone has %zu",
			      image->len, sizeof(h));
	memcpy(&h, image->data, sizeof(h));
	if (memcmp(h.magic, NPA_IMAGE_MAGIC, sizeof(h.magic)))
		return refuse(v, "bad-magic", "not a plugin image");
	if (!check_lengths(&h, image->len, v) || !check_machine(&h, v) ||
	    !check_members(&h, v) || !check_use(&h, v))
		return false;
	sha256(image->data + sizeof(h), le32toh(h.image_len) - sizeof(h),
	       hash);
	if (memcmp(hash, h.sha256, sizeof(hash)))
		return refuse(v, "bad-hash",
			      "SHA-256 of the payload is not the header's");
	if (!h.device_impl_id)
		return refuse(v, "bad-device-id",
			      "device implementation id is 0");
	return true;
}
