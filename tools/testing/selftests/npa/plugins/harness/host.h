/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The outside of the shell: memory that plugin, shell and hardware share, and
 * images as files.
 */
#ifndef NPA_HARNESS_HOST_H
#define NPA_HARNESS_HOST_H

#include "shell.h"

struct dma_space;

/**
 * us_create() - a shell, and memory for it
 * @dma: where the hardware will look for the memory
 *
 * What the plugin logs and what it does wrong is printed as a comment of TAP.
 *
 * Return: the shell, us_destroy() frees it; NULL without memory.
 */
struct user_shell *us_create(struct dma_space *dma);
void us_destroy(struct user_shell *us);

/**
 * struct us_image - an image in memory
 * @header: its header
 * @base: where it lies: 256 KiB, readable and executable
 * @entry: its entry point
 */
struct us_image {
	struct npa_image_header header;
	uint8_t *base;
	npa_plugin_main_t entry;
};

/**
 * us_image_load() - do with a file what a guest does with an injected image
 * @image: to be filled
 * @path: the file
 *
 * Its header and hash are checked by the rules of the guest's loader.  It is
 * put at a page-aligned address that is another one each time, with
 * breakpoints behind it, and is never writable and executable at once.
 *
 * Return: 0, or -1 after a message.  us_image_unload() undoes it.
 */
int us_image_load(struct us_image *image, const char *path);
void us_image_unload(struct us_image *image);

/* The same in short: entry point and private_len; NULL after a message. */
npa_plugin_main_t us_map_image(const char *path, uint32_t *priv_len);

#endif
