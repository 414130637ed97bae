// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz target: a file in the plugin store.  The input is an image; the first
 * byte says what is put right in its header, so that the checks behind the
 * first ones see something.  It goes through npad's store and through verify
 * and lint of npa-image.
 */
#include <endian.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../plugins/image/image.h"
#include "../store.h"
#include "fuzz.h"

/* npa-image's complaints are of no interest here. */
int fail(const char *fmt, ...)
{
	(void)fmt;
	return EXIT_BAD;
}

static void make_good(uint8_t *data, size_t len, uint8_t how)
{
	struct npa_image_header h;

	if (len <= sizeof(h))
		return;
	memcpy(&h, data, sizeof(h));
	if (how & 1)
		memcpy(h.magic, NPA_IMAGE_MAGIC, sizeof(h.magic));
	if (how & 2) {
		h.header_len = htole32(sizeof(h));
		h.image_len = htole32(len);
		h.signature_len = 0;
	}
	if (how & 4) {
		h.api_major = htole16(NPA_API_MAJOR);
		h.api_minor = htole16(NPA_API_MINOR);
		h.machine = htole16(NPA_MACHINE_X86_64);
	}
	if (how & 8) {
		h.reserved0 = 0;
		h.reserved1 = 0;
		memset(h.reserved2, 0, sizeof(h.reserved2));
		h.private_len = 0;
		h.device_impl_id = htole64(1);
	}
	if (how & 16) {
		strcpy(h.name, "fuzz");
		strcpy(h.version, "1");
		strcpy(h.vendor, "none");
		strcpy(h.license, "GPL");
	}
	if (how & 32)
		h.entry_offset = htole32(sizeof(h));
	if (how & 64)
		sha256(data + sizeof(h), len - sizeof(h), h.sha256);
	memcpy(data, &h, sizeof(h));
}

static void write_file(const uint8_t *data, size_t len)
{
	char path[96];
	int fd;

	snprintf(path, sizeof(path), "%s/image.npa", fuzz_store());
	fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	FUZZ_ASSERT(fd >= 0 && write(fd, data, len) == (ssize_t)len);
	close(fd);
}

static void check_store(const uint8_t *data, size_t len)
{
	struct store *store = store_new(fuzz_store());
	struct json_object *list = json_object_new_array();
	struct image *image;
	const char *why;

	write_file(data, len);
	image = store_load(store, "image", &why);
	FUZZ_ASSERT(!image == !len);
	FUZZ_ASSERT(!image || (image->len == len &&
			       image->entry_offset < NPA_IMAGE_MAX_LEN &&
			       !memcmp(image->data, data, len)));
	image_free(image);
	store_list(store, list);
	FUZZ_ASSERT(json_object_array_length(list) == 1);
	json_object_put(list);
	store_free(store);
}

/* What verify lets through holds what its header says. */
static void check_image(uint8_t *data, size_t len)
{
	struct blob blob = { data, len };
	struct npa_image_header h;
	struct verdict verdict;
	uint32_t image_len;

	if (!image_verify(&blob, &verdict)) {
		FUZZ_ASSERT(strcmp(verdict.code, "ok"));
		return;
	}
	memcpy(&h, data, sizeof(h));
	image_len = le32toh(h.image_len);
	FUZZ_ASSERT(image_len <= len && image_len > sizeof(h));
	lint_code(data + sizeof(h), image_len - sizeof(h), sizeof(h),
		  le32toh(h.entry_offset));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	uint8_t how = take8(&in);
	uint8_t *copy = malloc(in.len ? in.len : 1);	/* its end is watched */

	memcpy(copy, in.data, in.len);
	make_good(copy, in.len, how);
	check_store(copy, in.len);
	check_image(copy, in.len);
	free(copy);
	return 0;
}
