// SPDX-License-Identifier: GPL-2.0
/*
 * npa-image: pack, inspect, verify, lint and sign plugin images.
 */
#include <endian.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-c/json.h>

#include "image.h"

static int usage_error(const char *fmt, ...)
	__attribute__((format(printf, 1, 2)));

static int usage_error(const char *fmt, ...)
{
	va_list ap;

	fputs("npa-image: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputs(" (see npa-image --help)\n", stderr);
	return EXIT_USAGE;
}

/* Larger than any good image, so that verify can say "too large". */
#define IMAGE_READ_MAX	(16 * 1024 * 1024)

/**
 * struct options - the command line
 * @out: -o
 * @key: --key
 * @cert: --cert
 * @json: --json
 * @flat: --flat: the input of pack is a payload, not ELF
 * @no_lint: --no-lint
 * @header: members given by options
 * @set: which of them, by option value
 * @args: what is not an option
 * @num_args: how many
 */
struct options {
	const char *out;
	const char *key;
	const char *cert;
	bool json;
	bool flat;
	bool no_lint;
	struct npa_image_header header;
	uint64_t set;
	char **args;
	int num_args;
};

enum {
	OPT_JSON = 256, OPT_FLAT, OPT_NO_LINT, OPT_KEY, OPT_CERT, OPT_HELP,
	/* members of the header */
	OPT_NAME, OPT_VERSION, OPT_VENDOR, OPT_LICENSE, OPT_DEVICE,
	OPT_PRIVATE, OPT_ENTRY, OPT_API_MAJOR, OPT_API_MINOR, OPT_MACHINE,
	OPT_MAGIC, OPT_HEADER_LEN, OPT_IMAGE_LEN, OPT_SIGNATURE_LEN,
	OPT_SHA256, OPT_RESERVED,
};

static const struct option long_options[] = {
	{ "output", required_argument, NULL, 'o' },
	{ "help", no_argument, NULL, 'h' },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "flat", no_argument, NULL, OPT_FLAT },
	{ "no-lint", no_argument, NULL, OPT_NO_LINT },
	{ "key", required_argument, NULL, OPT_KEY },
	{ "cert", required_argument, NULL, OPT_CERT },
	{ "name", required_argument, NULL, OPT_NAME },
	{ "version", required_argument, NULL, OPT_VERSION },
	{ "vendor", required_argument, NULL, OPT_VENDOR },
	{ "license", required_argument, NULL, OPT_LICENSE },
	{ "device", required_argument, NULL, OPT_DEVICE },
	{ "private", required_argument, NULL, OPT_PRIVATE },
	{ "entry", required_argument, NULL, OPT_ENTRY },
	{ "api-major", required_argument, NULL, OPT_API_MAJOR },
	{ "api-minor", required_argument, NULL, OPT_API_MINOR },
	{ "machine", required_argument, NULL, OPT_MACHINE },
	{ "magic", required_argument, NULL, OPT_MAGIC },
	{ "header-len", required_argument, NULL, OPT_HEADER_LEN },
	{ "image-len", required_argument, NULL, OPT_IMAGE_LEN },
	{ "signature-len", required_argument, NULL, OPT_SIGNATURE_LEN },
	{ "sha256", required_argument, NULL, OPT_SHA256 },
	{ "reserved", required_argument, NULL, OPT_RESERVED },
	{ NULL, 0, NULL, 0 },
};

static const char help[] =
"Usage: npa-image COMMAND [OPTION...] FILE...\n"
"Pack, inspect, verify, lint and sign images of NPA plugins.\n"
"\n"
"Commands\n"
"  pack ELF -o IMAGE      make an image from a plugin linked with plugin.lds;\n"
"                         its code is linted first (--no-lint: not). What\n"
"                         NPA_PLUGIN() says in the source can be overridden:\n"
"      --name, --version, --vendor, --license TEXT\n"
"      --device ID        device implementation id that the plugin drives\n"
"      --private BYTES    private area\n"
"      --api-major, --api-minor, --machine N\n"
"    and, to make bad images for tests (then without lint):\n"
"      --magic TEXT, --header-len, --image-len, --signature-len,\n"
"      --entry N (offset in the image), --reserved N, --sha256 HEX\n"
"  pack --flat FILE -o IMAGE --name ... --entry N\n"
"                         the same from a payload without ELF\n"
"  inspect IMAGE [--json] print the header; bad images too\n"
"  verify IMAGE... [--json] [--device ID] [--cert CERT]\n"
"                         apply the rules of the guest's loader; is it for\n"
"                         that device, and is it signed by the owner of that\n"
"                         PEM certificate?\n"
"  lint ELF|IMAGE...      no relocations, no writable data, no SIMD or x87,\n"
"                         no privileged instructions, ENDBR64 where it is\n"
"                         entered (relocations: ELF only)\n"
"  sign IMAGE --key KEY --cert CERT [-o IMAGE]\n"
"                         append a detached PKCS#7 signature (PEM key and\n"
"                         certificate); replaces one that is there\n"
"\n"
"Exit status: 0 good, 1 the input is bad, 2 wrong usage.\n";

static int parse_number(const char *name, const char *text, uint64_t max,
			uint64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 0);
	if (errno || !*text || *text == '-' || *end || *value > max)
		return usage_error("--%s: '%s' is not a number up to %llu",
				   name, text, (unsigned long long)max);
	return EXIT_OK;
}

static int parse_text(const char *name, const char *text, char *to,
		      size_t size)
{
	if (strlen(text) >= size)
		return usage_error("--%s: at most %zu characters", name,
				   size - 1);
	memset(to, 0, size);
	memcpy(to, text, strlen(text));
	return EXIT_OK;
}

static int parse_hash(const char *text, uint8_t hash[SHA256_LEN])
{
	char byte[3] = "";
	size_t i;

	if (strlen(text) != 2 * SHA256_LEN ||
	    strspn(text, "0123456789abcdefABCDEF") != 2 * SHA256_LEN)
		return usage_error("--sha256: 64 hexadecimal digits");
	for (i = 0; i < SHA256_LEN; i++) {
		memcpy(byte, text + 2 * i, 2);
		hash[i] = strtoul(byte, NULL, 16);
	}
	return EXIT_OK;
}

/* An option that is a member of the header. */
static int parse_member(struct options *o, int opt, const char *name,
			const char *text)
{
	struct npa_image_header *h = &o->header;
	uint64_t n = 0;
	int ret = 0;

	switch (opt) {
	case OPT_NAME:
		return parse_text(name, text, h->name, sizeof(h->name));
	case OPT_VERSION:
		return parse_text(name, text, h->version, sizeof(h->version));
	case OPT_VENDOR:
		return parse_text(name, text, h->vendor, sizeof(h->vendor));
	case OPT_LICENSE:
		return parse_text(name, text, h->license, sizeof(h->license));
	case OPT_MAGIC:
		if (strlen(text) != sizeof(h->magic))
			return usage_error("--magic: 8 characters");
		memcpy(h->magic, text, sizeof(h->magic));
		return EXIT_OK;
	case OPT_SHA256:
		return parse_hash(text, h->sha256);
	case OPT_DEVICE:
		ret = parse_number(name, text, UINT64_MAX, &n);
		h->device_impl_id = htole64(n);
		return ret;
	case OPT_API_MAJOR:
	case OPT_API_MINOR:
	case OPT_MACHINE:
		ret = parse_number(name, text, UINT16_MAX, &n);
		break;
	default:
		ret = parse_number(name, text, UINT32_MAX, &n);
		break;
	}
	switch (opt) {
	case OPT_API_MAJOR:
		h->api_major = htole16(n);
		break;
	case OPT_API_MINOR:
		h->api_minor = htole16(n);
		break;
	case OPT_MACHINE:
		h->machine = htole16(n);
		break;
	case OPT_PRIVATE:
		h->private_len = htole32(n);
		break;
	case OPT_ENTRY:
		h->entry_offset = htole32(n);
		break;
	case OPT_HEADER_LEN:
		h->header_len = htole32(n);
		break;
	case OPT_IMAGE_LEN:
		h->image_len = htole32(n);
		break;
	case OPT_SIGNATURE_LEN:
		h->signature_len = htole32(n);
		break;
	case OPT_RESERVED:
		h->reserved1 = htole32(n);
		break;
	}
	return ret;
}

static bool is_set(const struct options *o, int opt)
{
	return o->set >> (opt - OPT_NAME) & 1;
}

/* Members that the options name win over what the plugin says of itself. */
static void override(struct npa_image_header *h, const struct options *o)
{
	static const struct {
		int opt;
		size_t offset;
		size_t size;
	} members[] = {
		{ OPT_NAME, offsetof(struct npa_image_header, name),
		  sizeof(h->name) },
		{ OPT_VERSION, offsetof(struct npa_image_header, version),
		  sizeof(h->version) },
		{ OPT_VENDOR, offsetof(struct npa_image_header, vendor),
		  sizeof(h->vendor) },
		{ OPT_LICENSE, offsetof(struct npa_image_header, license),
		  sizeof(h->license) },
		{ OPT_DEVICE, offsetof(struct npa_image_header, device_impl_id),
		  sizeof(h->device_impl_id) },
		{ OPT_PRIVATE, offsetof(struct npa_image_header, private_len),
		  sizeof(h->private_len) },
		{ OPT_ENTRY, offsetof(struct npa_image_header, entry_offset),
		  sizeof(h->entry_offset) },
		{ OPT_API_MAJOR, offsetof(struct npa_image_header, api_major),
		  sizeof(h->api_major) },
		{ OPT_API_MINOR, offsetof(struct npa_image_header, api_minor),
		  sizeof(h->api_minor) },
		{ OPT_MACHINE, offsetof(struct npa_image_header, machine),
		  sizeof(h->machine) },
		{ OPT_MAGIC, offsetof(struct npa_image_header, magic),
		  sizeof(h->magic) },
		{ OPT_HEADER_LEN, offsetof(struct npa_image_header, header_len),
		  sizeof(h->header_len) },
		{ OPT_IMAGE_LEN, offsetof(struct npa_image_header, image_len),
		  sizeof(h->image_len) },
		{ OPT_SIGNATURE_LEN, offsetof(struct npa_image_header, signature_len),
		  sizeof(h->signature_len) },
		{ OPT_SHA256, offsetof(struct npa_image_header, sha256),
		  sizeof(h->sha256) },
		{ OPT_RESERVED, offsetof(struct npa_image_header, reserved1),
		  sizeof(h->reserved1) },
	};
	size_t i;

	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (is_set(o, members[i].opt))
			memcpy((char *)h + members[i].offset,
			       (const char *)&o->header + members[i].offset,
			       members[i].size);
}

/* Is the image meant to be bad? */
static bool is_test_image(const struct options *o)
{
	int opt;

	for (opt = OPT_MAGIC; opt <= OPT_RESERVED; opt++)
		if (is_set(o, opt))
			return true;
	return is_set(o, OPT_ENTRY) && !o->flat;
}

/* Header and payload to a file. */
static int write_image(struct npa_image_header *h, const struct blob *payload,
		       const struct options *o)
{
	struct blob image = { .len = sizeof(*h) + payload->len };
	struct verdict verdict;
	int ret;

	memcpy(h->magic, NPA_IMAGE_MAGIC, sizeof(h->magic));
	h->header_len = htole32(sizeof(*h));
	h->image_len = htole32(image.len);
	sha256(payload->data, payload->len, h->sha256);
	override(h, o);

	image.data = malloc(image.len);
	if (!image.data)
		return fail("out of memory");
	memcpy(image.data, h, sizeof(*h));
	memcpy(image.data + sizeof(*h), payload->data, payload->len);
	ret = EXIT_OK;
	if (!o->no_lint && !is_test_image(o) &&
	    !image_verify(&image, &verdict))
		ret = fail("%s: %s", verdict.code, verdict.text);
	if (!ret)
		ret = blob_write(&image, o->out);
	blob_free(&image);
	return ret;
}

static int do_pack(const struct options *o)
{
	struct elf_plugin plugin = { .has_header = false };
	struct npa_image_header header;
	struct blob file;
	int ret;

	if (o->num_args != 1)
		return usage_error("pack takes one file");
	if (!o->out)
		return usage_error("pack needs -o IMAGE");
	ret = blob_read(&file, o->args[0], IMAGE_READ_MAX);
	if (ret)
		goto out;
	memset(&header, 0, sizeof(header));
	header.machine = htole16(NPA_MACHINE_X86_64);
	header.api_major = htole16(NPA_API_MAJOR);
	header.api_minor = htole16(NPA_API_MINOR);
	if (o->flat) {
		if (!is_set(o, OPT_ENTRY))
			header.entry_offset = htole32(sizeof(header));
		ret = write_image(&header, &file, o);
		goto out;
	}
	if (!elf_is(&file)) {
		ret = fail("%s: not an ELF file (a bare payload wants --flat)",
			   o->args[0]);
		goto out;
	}
	ret = elf_load(&plugin, &file);
	if (!ret && !o->no_lint)
		ret = lint_code(plugin.payload.data, plugin.payload.len,
				IMAGE_HEADER_LEN, plugin.entry_offset);
	if (ret)
		goto out;
	if (plugin.has_header)
		header = plugin.header;
	header.entry_offset = htole32(plugin.entry_offset);
	ret = write_image(&header, &plugin.payload, o);
out:
	elf_release(&plugin);
	blob_free(&file);
	return ret;
}

/* Text of a header's string that may not be terminated. */
static struct json_object *json_text(const char *s, size_t size)
{
	char text[65];
	size_t i;

	for (i = 0; i < size && i < sizeof(text) - 1 && s[i]; i++)
		text[i] = s[i] < 0x20 || s[i] > 0x7e ? '?' : s[i];
	text[i] = 0;
	return json_object_new_string(text);
}

static struct json_object *json_hex(const uint8_t *data, size_t len)
{
	char text[2 * SHA256_LEN + 1];
	size_t i;

	for (i = 0; i < len; i++)
		snprintf(text + 2 * i, 3, "%02x", data[i]);
	return json_object_new_string(text);
}

static struct json_object *header_json(const struct npa_image_header *h)
{
	struct json_object *obj = json_object_new_object();

	json_object_object_add(obj, "name",
			       json_text(h->name, sizeof(h->name)));
	json_object_object_add(obj, "version",
			       json_text(h->version, sizeof(h->version)));
	json_object_object_add(obj, "vendor",
			       json_text(h->vendor, sizeof(h->vendor)));
	json_object_object_add(obj, "license",
			       json_text(h->license, sizeof(h->license)));
#define NUMBER(name, value) \
	json_object_object_add(obj, name, json_object_new_int64(value))
	NUMBER("device_impl_id", le64toh(h->device_impl_id));
	NUMBER("api_major", le16toh(h->api_major));
	NUMBER("api_minor", le16toh(h->api_minor));
	NUMBER("machine", le16toh(h->machine));
	NUMBER("header_len", le32toh(h->header_len));
	NUMBER("image_len", le32toh(h->image_len));
	NUMBER("entry_offset", le32toh(h->entry_offset));
	NUMBER("private_len", le32toh(h->private_len));
	NUMBER("signature_len", le32toh(h->signature_len));
#undef NUMBER
	json_object_object_add(obj, "sha256",
			       json_hex(h->sha256, sizeof(h->sha256)));
	return obj;
}

static void print_json(struct json_object *obj)
{
	puts(json_object_to_json_string_ext(obj, JSON_C_TO_STRING_PRETTY |
					    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(obj);
}

static void print_header(struct json_object *obj,
			 const struct npa_image_header *h)
{
	static const char * const texts[] = {
		"name", "version", "vendor", "license", "sha256",
	};
	struct json_object *value;
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		json_object_object_get_ex(obj, texts[i], &value);
		printf("%-10s %s\n", texts[i], json_object_get_string(value));
	}
	printf("%-10s %#llx\n", "device",
	       (unsigned long long)le64toh(h->device_impl_id));
	printf("%-10s Shell API %u.%u, machine %u%s\n", "needs",
	       le16toh(h->api_major), le16toh(h->api_minor),
	       le16toh(h->machine),
	       le16toh(h->machine) == NPA_MACHINE_X86_64 ? " (x86-64)" : "");
	printf("%-10s %u bytes, entry at %#x, private area %u bytes\n",
	       "image", le32toh(h->image_len), le32toh(h->entry_offset),
	       le32toh(h->private_len));
	printf("%-10s %u bytes%s\n", "signature", le32toh(h->signature_len),
	       h->signature_len ? "" : " (not signed)");
}

static int do_inspect(const struct options *o)
{
	struct npa_image_header h;
	struct verdict verdict;
	struct json_object *obj;
	struct blob image;
	int ret;

	if (o->num_args != 1)
		return usage_error("inspect takes one image");
	ret = blob_read(&image, o->args[0], IMAGE_READ_MAX);
	if (ret)
		goto out;
	if (image.len < sizeof(h)) {
		ret = fail("%s: %zu bytes are no image header", o->args[0],
			   image.len);
		goto out;
	}
	memcpy(&h, image.data, sizeof(h));
	obj = header_json(&h);
	image_verify(&image, &verdict);
	json_object_object_add(obj, "verdict",
			       json_object_new_string(verdict.code));
	json_object_object_add(obj, "verdict_text",
			       json_object_new_string(verdict.text));
	if (o->json) {
		print_json(obj);
	} else {
		print_header(obj, &h);
		printf("%-10s %s%s%s\n", "verdict", verdict.code,
		       verdict.text[0] ? ": " : "", verdict.text);
		json_object_put(obj);
	}
out:
	blob_free(&image);
	return ret;
}

/* Where the signature lies in a good image. */
static void split_signature(const struct blob *image, struct blob *data,
			    struct blob *signature)
{
	struct npa_image_header h;

	memcpy(&h, image->data, sizeof(h));
	data->data = image->data;
	data->len = le32toh(h.image_len);
	signature->data = image->data + data->len;
	signature->len = le32toh(h.signature_len);
}

static int verify_signature(const struct blob *image, const char *cert,
			    struct verdict *verdict)
{
	struct blob data, signature;

	split_signature(image, &data, &signature);
	if (!signature.len) {
		verdict->code = "unsigned";
		snprintf(verdict->text, sizeof(verdict->text),
			 "there is no signature");
		return EXIT_BAD;
	}
	if (sign_check(&data, &signature, cert)) {
		verdict->code = "bad-signature";
		snprintf(verdict->text, sizeof(verdict->text),
			 "signature does not fit image and certificate");
		return EXIT_BAD;
	}
	return EXIT_OK;
}

/* What depends on more than the image. */
static int verify_use(const struct options *o, const struct blob *image,
		      struct verdict *verdict)
{
	struct npa_image_header h;

	memcpy(&h, image->data, sizeof(h));
	if (is_set(o, OPT_DEVICE) &&
	    h.device_impl_id != o->header.device_impl_id) {
		verdict->code = "bad-device-id";
		snprintf(verdict->text, sizeof(verdict->text),
			 "it drives device %#llx",
			 (unsigned long long)le64toh(h.device_impl_id));
		return EXIT_BAD;
	}
	return o->cert ? verify_signature(image, o->cert, verdict) : EXIT_OK;
}

static int verify_one(const struct options *o, const char *path)
{
	struct json_object *obj;
	struct verdict verdict;
	struct blob image;
	int ret;

	ret = blob_read(&image, path, IMAGE_READ_MAX);
	if (ret)
		goto out;
	if (!image_verify(&image, &verdict))
		ret = EXIT_BAD;
	else
		ret = verify_use(o, &image, &verdict);
	if (o->json) {
		obj = json_object_new_object();
		json_object_object_add(obj, "image",
				       json_object_new_string(path));
		json_object_object_add(obj, "ok",
				       json_object_new_boolean(!ret));
		json_object_object_add(obj, "code",
				       json_object_new_string(verdict.code));
		json_object_object_add(obj, "text",
				       json_object_new_string(verdict.text));
		print_json(obj);
	} else if (ret) {
		fail("%s: %s: %s", path, verdict.code, verdict.text);
	} else {
		printf("%s: ok\n", path);
	}
out:
	blob_free(&image);
	return ret;
}

static int lint_one(const struct options *o, const char *path)
{
	struct elf_plugin plugin = { .has_header = false };
	struct npa_image_header h;
	struct verdict verdict;
	struct blob file;
	int ret;

	(void)o;
	ret = blob_read(&file, path, IMAGE_READ_MAX);
	if (ret)
		goto out;
	if (elf_is(&file)) {
		ret = elf_load(&plugin, &file);
		if (!ret)
			ret = lint_code(plugin.payload.data,
					plugin.payload.len, IMAGE_HEADER_LEN,
					plugin.entry_offset);
	} else if (!image_verify(&file, &verdict)) {
		ret = fail("%s: %s: %s", path, verdict.code, verdict.text);
	} else {
		memcpy(&h, file.data, sizeof(h));
		ret = lint_code(file.data + sizeof(h),
				le32toh(h.image_len) - sizeof(h), sizeof(h),
				le32toh(h.entry_offset));
	}
	if (!ret)
		printf("%s: clean\n", path);
out:
	elf_release(&plugin);
	blob_free(&file);
	return ret;
}

static int each(const struct options *o, const char *command,
		int (*fn)(const struct options *o, const char *path))
{
	int i, ret = 0;

	if (o->num_args < 1)
		return usage_error("%s takes one file or more", command);
	for (i = 0; i < o->num_args; i++)
		ret |= fn(o, o->args[i]);
	return ret;
}

static int sign_image(const struct options *o, struct blob *image)
{
	struct blob data, signature, out = { .data = NULL };
	struct npa_image_header h;
	int ret;

	split_signature(image, &data, &signature);
	/*
	 * The signature covers the header, and with it its own length, which
	 * for one key is always the same: sign twice.
	 */
	memcpy(&h, data.data, sizeof(h));
	h.signature_len = 0;
	memcpy(data.data, &h, sizeof(h));
	ret = sign_data(&data, o->key, o->cert, &signature);
	if (ret)
		return ret;
	h.signature_len = htole32(signature.len);
	memcpy(data.data, &h, sizeof(h));
	blob_free(&signature);
	ret = sign_data(&data, o->key, o->cert, &signature);
	if (ret)
		return ret;
	if (signature.len != le32toh(h.signature_len)) {
		ret = fail("the key's signatures differ in length: use RSA");
	} else if (signature.len > NPA_IMAGE_MAX_LEN - data.len) {
		ret = fail("image and signature exceed %u bytes",
			   NPA_IMAGE_MAX_LEN);
	} else {
		out.len = data.len + signature.len;
		out.data = malloc(out.len);
		if (out.data) {
			memcpy(out.data, data.data, data.len);
			memcpy(out.data + data.len, signature.data,
			       signature.len);
			ret = blob_write(&out, o->out ? o->out : o->args[0]);
		} else {
			ret = fail("out of memory");
		}
	}
	blob_free(&out);
	blob_free(&signature);
	return ret;
}

static int do_sign(const struct options *o)
{
	struct verdict verdict;
	struct blob image;
	int ret;

	if (o->num_args != 1)
		return usage_error("sign takes one image");
	if (!o->key || !o->cert)
		return usage_error("sign needs --key and --cert");
	ret = blob_read(&image, o->args[0], IMAGE_READ_MAX);
	if (!ret && !image_verify(&image, &verdict))
		ret = fail("%s: %s: %s", o->args[0], verdict.code,
			   verdict.text);
	if (!ret)
		ret = sign_image(o, &image);
	blob_free(&image);
	return ret;
}

static int parse(struct options *o, int argc, char **argv)
{
	int opt, index, ret;

	while ((opt = getopt_long(argc, argv, "o:h", long_options, &index)) !=
	       -1) {
		switch (opt) {
		case 'o':
			o->out = optarg;
			break;
		case 'h':
			fputs(help, stdout);
			exit(EXIT_OK);
		case OPT_JSON:
			o->json = true;
			break;
		case OPT_FLAT:
			o->flat = true;
			break;
		case OPT_NO_LINT:
			o->no_lint = true;
			break;
		case OPT_KEY:
			o->key = optarg;
			break;
		case OPT_CERT:
			o->cert = optarg;
			break;
		case '?':
			fputs("npa-image: see npa-image --help\n", stderr);
			return EXIT_USAGE;
		default:
			ret = parse_member(o, opt, long_options[index].name,
					   optarg);
			if (ret)
				return ret;
			o->set |= 1ULL << (opt - OPT_NAME);
			break;
		}
	}
	o->args = argv + optind;
	o->num_args = argc - optind;
	return EXIT_OK;
}

int main(int argc, char **argv)
{
	struct options o = { .out = NULL };
	const char *command;
	int ret;

	ret = parse(&o, argc, argv);
	if (ret)
		return ret;
	if (!o.num_args) {
		fputs(help, stderr);
		return EXIT_USAGE;
	}
	command = *o.args++;
	o.num_args--;
	if (!strcmp(command, "pack"))
		return do_pack(&o);
	if (!strcmp(command, "inspect"))
		return do_inspect(&o);
	if (!strcmp(command, "verify"))
		return each(&o, command, verify_one);
	if (!strcmp(command, "lint"))
		return each(&o, command, lint_one);
	if (!strcmp(command, "sign"))
		return do_sign(&o);
	return usage_error("'%s' is not a command", command);
}
