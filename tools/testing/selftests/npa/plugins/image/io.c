// SPDX-License-Identifier: GPL-2.0
/*
 * Files and messages of npa-image, and of npa-harness.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image.h"

int fail(const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s: ", program_invocation_short_name);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return EXIT_BAD;
}

int blob_read(struct blob *blob, const char *path, size_t max)
{
	FILE *file = fopen(path, "rb");
	int ret = 0;

	blob->data = NULL;
	blob->len = 0;
	if (!file)
		return fail("%s: %s", path, strerror(errno));
	blob->data = malloc(max + 1);
	if (!blob->data) {
		ret = fail("out of memory");
		goto out;
	}
	blob->len = fread(blob->data, 1, max + 1, file);
	if (ferror(file))
		ret = fail("%s: %s", path, strerror(errno));
	else if (blob->len > max)
		ret = fail("%s: more than %zu bytes", path, max);
out:
	fclose(file);
	return ret;
}

int blob_write(const struct blob *blob, const char *path)
{
	FILE *file = fopen(path, "wb");
	size_t done;

	if (!file)
		return fail("%s: %s", path, strerror(errno));
	done = fwrite(blob->data, 1, blob->len, file);
	if (fclose(file) || done != blob->len)
		return fail("%s: %s", path, strerror(errno));
	return EXIT_OK;
}

void blob_free(struct blob *blob)
{
	free(blob->data);
	blob->data = NULL;
}
