/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Plugin store: a directory of images, NAME.npa.  Images are not judged here;
 * the guest's loader does that, and must get to see bad ones too.
 */
#ifndef NPAD_STORE_H
#define NPAD_STORE_H

#include <json-c/json.h>
#include <stddef.h>
#include <stdint.h>

#define STORE_MAX_IMAGE	(4 * 1024 * 1024)	/* bytes that are read at all */

struct store;

/**
 * struct image - an image in memory
 * @name: under which it was asked for
 * @data: its bytes
 * @len: how many, not 0
 * @entry_offset: from its header, 0 if the header makes no sense
 * @path: file it came from
 */
struct image {
	char name[64];
	uint8_t *data;
	size_t len;
	uint32_t entry_offset;
	char path[512];
};

/* dir may be NULL: an empty store. */
struct store *store_new(const char *dir);
void store_free(struct store *store);

/*
 * Read an image.  name: with or without ".npa", no path.  NULL with errno and
 * *why set.
 */
struct image *store_load(struct store *store, const char *name,
			 const char **why);
void image_free(struct image *image);

/* Add an object per image to a JSON array: file, bytes, and what its header
 * says if it is one.
 */
void store_list(struct store *store, struct json_object *list);

#endif
