// SPDX-License-Identifier: GPL-2.0
/*
 * Plugin store.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/npa_shell.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "json_add.h"
#include "store.h"

#define MAX_LISTED	64

struct store {
	char *dir;
};

struct store *store_new(const char *dir)
{
	struct store *store = calloc(1, sizeof(*store));

	if (!store)
		return NULL;
	if (dir) {
		store->dir = strdup(dir);
		if (!store->dir) {
			free(store);
			return NULL;
		}
	}
	return store;
}

void store_free(struct store *store)
{
	if (!store)
		return;
	free(store->dir);
	free(store);
}

void image_free(struct image *image)
{
	if (!image)
		return;
	free(image->data);
	free(image);
}

static bool name_is_sane(const char *name)
{
	size_t len = strlen(name);

	return len && len < 64 && name[0] != '.' && !strchr(name, '/');
}

static int read_all(int fd, uint8_t *buf, size_t len)
{
	while (len) {
		ssize_t n = read(fd, buf, len);

		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		buf += n;
		len -= n;
	}
	return 0;
}

/* Just enough of a header to tell the guest where its entry point is. */
static uint32_t entry_offset(const struct image *image)
{
	struct npa_image_header header;
	uint32_t offset;

	if (image->len < sizeof(header))
		return 0;
	memcpy(&header, image->data, sizeof(header));
	if (memcmp(header.magic, NPA_IMAGE_MAGIC, sizeof(header.magic)))
		return 0;
	offset = npa_le32_to_cpu(header.entry_offset);
	return offset < NPA_IMAGE_MAX_LEN ? offset : 0;
}

static int read_image(struct image *image, const char **why)
{
	struct stat st;
	int fd, err;

	fd = open(image->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		err = -errno;
		*why = strerror(errno);
		return err;
	}
	err = -EINVAL;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		*why = "not a regular file";
		goto close_fd;
	}
	if (!st.st_size || st.st_size > STORE_MAX_IMAGE) {
		*why = st.st_size ? "too large" : "empty";
		goto close_fd;
	}
	image->len = st.st_size;
	image->data = malloc(image->len);
	err = image->data ? read_all(fd, image->data, image->len) : -ENOMEM;
	if (err)
		*why = strerror(-err);
close_fd:
	close(fd);
	return err;
}

struct image *store_load(struct store *store, const char *name,
			 const char **why)
{
	const char *suffix = strlen(name) > 4 &&
			     !strcmp(name + strlen(name) - 4, ".npa") ?
			     "" : ".npa";
	struct image *image;
	int err, n;

	*why = "no plugin directory (--plugin-dir)";
	errno = ENOENT;
	if (!store->dir)
		return NULL;
	*why = "bad name";
	errno = EINVAL;
	if (!name_is_sane(name))
		return NULL;
	image = calloc(1, sizeof(*image));
	if (!image) {
		*why = strerror(errno);
		return NULL;
	}
	snprintf(image->name, sizeof(image->name), "%.*s",
		 (int)(strlen(name) - (*suffix ? 0 : 4)), name);
	n = snprintf(image->path, sizeof(image->path), "%s/%s%s", store->dir,
		     name, suffix);
	if (n < 0 || (size_t)n >= sizeof(image->path)) {
		*why = "path too long";
		err = -ENAMETOOLONG;
	} else {
		err = read_image(image, why);
	}
	if (err) {
		image_free(image);
		errno = -err;
		return NULL;
	}
	image->entry_offset = entry_offset(image);
	return image;
}

/* A string of the header may lack its end, or be rubbish. */
static void add_text(struct json_object *entry, const char *key,
		     const char *text, size_t size)
{
	char clean[65];
	size_t i;

	for (i = 0; i < size && i < sizeof(clean) - 1 && text[i]; i++)
		clean[i] = text[i] >= ' ' && text[i] < 127 ? text[i] : '?';
	clean[i] = 0;
	json_add_string(entry, key, clean);
}

static void describe(struct json_object *entry, const struct image *image)
{
	struct npa_image_header header;
	char id[32];

	if (image->len < sizeof(header))
		return;
	memcpy(&header, image->data, sizeof(header));
	if (memcmp(header.magic, NPA_IMAGE_MAGIC, sizeof(header.magic)))
		return;
	add_text(entry, "plugin", header.name, sizeof(header.name));
	add_text(entry, "version", header.version, sizeof(header.version));
	add_text(entry, "vendor", header.vendor, sizeof(header.vendor));
	add_text(entry, "license", header.license, sizeof(header.license));
	snprintf(id, sizeof(id), "0x%llx", (unsigned long long)
		 npa_le64_to_cpu(header.device_impl_id));
	json_add_string(entry, "device_impl_id", id);
}

static bool is_image_name(const char *name)
{
	size_t len = strlen(name);

	return name[0] != '.' && len > 4 && !strcmp(name + len - 4, ".npa");
}

static void list_image(struct store *store, const char *file,
		       struct json_object *list)
{
	struct json_object *entry = json_object_new_object();
	struct image *image;
	const char *why;

	image = store_load(store, file, &why);
	json_add_string(entry, "name", image ? image->name : file);
	if (image) {
		json_add_number(entry, "bytes", image->len);
		describe(entry, image);
	} else {
		json_add_string(entry, "error", why);
	}
	image_free(image);
	json_object_array_add(list, entry);
}

void store_list(struct store *store, struct json_object *list)
{
	struct dirent *dirent;
	DIR *dir;

	dir = store->dir ? opendir(store->dir) : NULL;
	if (!dir)
		return;
	while ((dirent = readdir(dir)) &&
	       json_object_array_length(list) < MAX_LISTED)
		if (is_image_name(dirent->d_name))
			list_image(store, dirent->d_name, list);
	closedir(dir);
}
