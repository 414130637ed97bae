// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzz target: a file in the plugin store.  The input says what is wrong with
 * an image, and has its payload.  It goes through npad's store and through
 * verify and lint of npa-image.
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

static const struct npa_image_header good = {
	.magic = NPA_IMAGE_MAGIC,
	.header_len = sizeof(good),
	.entry_offset = sizeof(good),
	.api_major = NPA_API_MAJOR,
	.api_minor = NPA_API_MINOR,
	.machine = NPA_MACHINE_X86_64,
	.device_impl_id = 1,
	.name = "fuzz",
	.version = "1",
	.vendor = "none",
	.license = "GPL",
};

/* A good header with some bytes changed, and the rest of the input behind it.
 * Its end is the end of the allocation, so that a byte too many is noticed.
 */
static uint8_t *make_image(struct input *in, size_t *len)
{
	uint8_t how = take8(in);
	struct npa_image_header h = good;
	uint16_t at[7], cut;
	uint8_t value[7];
	uint8_t *data;

	for (int i = 0; i < how % 8; i++) {
		at[i] = take16(in) % sizeof(h);
		value[i] = take8(in);
	}
	cut = how & 8 ? take16(in) : 0;
	*len = sizeof(h) + in->len;
	h.image_len = htole32(*len);
	if (how & 16)
		h.image_len = htole32(*len - take8(in));
	if (how & 32)
		h.signature_len = htole32(take_odd32(in));
	sha256(in->data, in->len, h.sha256);
	for (int i = 0; i < how % 8; i++)
		((uint8_t *)&h)[at[i]] = value[i];
	*len = sizeof(h) + in->len;
	if (cut)
		*len = cut % *len;
	data = malloc(*len ? *len : 1);
	memcpy(data, &h, *len < sizeof(h) ? *len : sizeof(h));
	if (*len > sizeof(h))
		memcpy(data + sizeof(h), in->data, *len - sizeof(h));
	return data;
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
	uint8_t *image;
	size_t len;

	image = make_image(&in, &len);
	check_store(image, len);
	check_image(image, len);
	free(image);
	return 0;
}
