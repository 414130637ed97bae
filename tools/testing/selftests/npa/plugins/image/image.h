/* SPDX-License-Identifier: GPL-2.0 */
/*
 * npa-image: plugin images as files.  One file per concern: verify.c has the
 * rules, elf.c turns a linked plugin into an image, lint.c looks at the code,
 * sign.c signs, io.c reads and writes, main.c is the command line.
 */
#ifndef NPA_IMAGE_TOOL_H
#define NPA_IMAGE_TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <net/npa_shell.h>

#define IMAGE_HEADER_LEN	sizeof(struct npa_image_header)
#define SHA256_LEN		32

/**
 * struct blob - bytes of a file
 * @data: from malloc()
 * @len: bytes
 */
struct blob {
	uint8_t *data;
	size_t len;
};

/**
 * struct verdict - the first rule that an image breaks
 * @code: "ok", or the name that the guest's loader has for the reason
 * @text: for people
 */
struct verdict {
	const char *code;
	char text[160];
};

/* Exit status of the tool. */
enum {
	EXIT_OK = 0,
	EXIT_BAD = 1,		/* the image or the input is bad */
	EXIT_USAGE = 2,
};

/* Print "PROGRAM: ..." to stderr; returns EXIT_BAD. */
int fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* 0, or EXIT_BAD after a message.  At most @max bytes are read. */
int blob_read(struct blob *blob, const char *path, size_t max);
int blob_write(const struct blob *blob, const char *path);
void blob_free(struct blob *blob);

/**
 * image_verify() - apply the rules of the guest's loader
 * @image: a whole file
 * @verdict: what was found
 *
 * Whether there is a signature and who made it is not looked at.
 *
 * Return: whether the image is good.
 */
bool image_verify(const struct blob *image, struct verdict *verdict);

/* The kernel's license_is_gpl_compatible(). */
bool license_is_gpl_compatible(const char *license);

/* A string that ends within size bytes and is printable ASCII. */
bool string_ok(const char *s, size_t size);

void sha256(const void *data, size_t len, uint8_t hash[SHA256_LEN]);

/**
 * struct elf_plugin - what is taken from a linked plugin
 * @payload: text and read-only data
 * @header: from section .npa_header
 * @has_header: there was such a section
 * @entry_offset: from the start of the image
 */
struct elf_plugin {
	struct blob payload;
	struct npa_image_header header;
	bool has_header;
	uint32_t entry_offset;
};

bool elf_is(const struct blob *file);

/*
 * Take a linked plugin apart; complains about what a plugin must not have
 * (writable sections, relocations that a loader would have to do, functions
 * whose address is taken without ENDBR64).  0, or EXIT_BAD after messages.
 * elf_release() in both cases.
 */
int elf_load(struct elf_plugin *plugin, const struct blob *file);
void elf_release(struct elf_plugin *plugin);

/*
 * Check the reachable code of a payload that starts at offset base of its
 * image: no SIMD or x87, no privileged or I/O instruction, ENDBR64 where it
 * is entered.  0, or EXIT_BAD after messages.
 */
int lint_code(const uint8_t *payload, size_t len, uint32_t base,
	      uint32_t entry);

/*
 * Detached PKCS#7 signature (DER, no certificates, SHA-256) over data, as
 * scripts/sign-file makes it for modules.  0, or EXIT_BAD after a message.
 */
int sign_data(const struct blob *data, const char *key_path,
	      const char *cert_path, struct blob *signature);

/* Does signature fit data and the certificate?  0 or EXIT_BAD. */
int sign_check(const struct blob *data, const struct blob *signature,
	       const char *cert_path);

#endif
