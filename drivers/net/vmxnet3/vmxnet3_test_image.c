// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of the gate: what images it lets through, and with which reason it
 * refuses the others.
 */
#include <crypto/sha2.h>
#include <linux/elf.h>
#include <linux/module.h>
#include <linux/vmalloc.h>

#include "vmxnet3_test.h"

#define TEST_PAYLOAD_LEN	1000
#define TEST_ENTRY		64	/* bytes into the payload */
#define TEST_REGION_LEN		NPA_IMAGE_MAX_LEN

struct image_input {
	struct npa_image_header *header;
	u8 *payload;
	u32 written;
	u32 region_len;
	u64 device_id;
};

/**
 * vmxnet3_test_image_hash() - set the hash of an image to what it has to be
 * @image: its lengths are right
 */
void vmxnet3_test_image_hash(u8 *image)
{
	struct npa_image_header *h = (void *)image;

	sha256(image + sizeof(*h), le32_to_cpu(h->image_len) - sizeof(*h),
	       h->sha256);
}

/**
 * vmxnet3_test_image_make() - make a plugin image that is in order
 * @image: where to, zeroed
 * @payload_len: bytes after the header
 *
 * Return: bytes of it.
 */
u32 vmxnet3_test_image_make(u8 *image, u32 payload_len)
{
	struct npa_image_header *h = (void *)image;
	u32 len = sizeof(*h) + payload_len;
	u32 i;

	memcpy(h->magic, NPA_IMAGE_MAGIC, sizeof(h->magic));
	h->header_len = cpu_to_le32(sizeof(*h));
	h->image_len = cpu_to_le32(len);
	h->entry_offset = cpu_to_le32(sizeof(*h) + TEST_ENTRY);
	h->api_major = cpu_to_le16(NPA_API_MAJOR);
	h->api_minor = cpu_to_le16(NPA_API_MINOR);
	h->machine = cpu_to_le16(ELF_ARCH);
	h->private_len = cpu_to_le32(64 * 1024);
	h->device_impl_id = cpu_to_le64(VMXNET3_TEST_DEVICE_ID);
	strscpy(h->name, "test-vf");
	strscpy(h->version, "1.2");
	strscpy(h->vendor, "KUnit");
	strscpy(h->license, "Dual MIT/GPL");
	for (i = 0; i < payload_len; i++)
		image[sizeof(*h) + i] = i * 7;
	vmxnet3_test_image_hash(image);
	return len;
}

static void edit_none(struct image_input *in)
{
}

static void edit_largest(struct image_input *in)
{
	in->header->image_len = cpu_to_le32(in->region_len);
	in->written = in->region_len;
	vmxnet3_test_image_hash((u8 *)in->header);
}

static void edit_written_more(struct image_input *in)
{
	in->written = in->region_len;
}

static void edit_entry_first(struct image_input *in)
{
	in->header->entry_offset = cpu_to_le32(sizeof(*in->header));
}

static void edit_signature_room(struct image_input *in)
{
	in->header->signature_len =
		cpu_to_le32(in->region_len -
			    le32_to_cpu(in->header->image_len));
	in->written = in->region_len;
}

static void edit_private_most(struct image_input *in)
{
	in->header->private_len = cpu_to_le32(NPA_IMAGE_PRIVATE_MAX);
}

static void edit_nothing_written(struct image_input *in)
{
	in->written = 0;
}

static void edit_half_header(struct image_input *in)
{
	in->written = sizeof(*in->header) - 1;
}

static void edit_one_short(struct image_input *in)
{
	in->written--;
}

static void edit_signature_missing(struct image_input *in)
{
	in->header->signature_len = cpu_to_le32(1);
}

static void edit_magic(struct image_input *in)
{
	in->header->magic[7] ^= 1;
}

static void edit_header_longer(struct image_input *in)
{
	in->header->header_len = cpu_to_le32(sizeof(*in->header) + 16);
}

static void edit_header_shorter(struct image_input *in)
{
	in->header->header_len = cpu_to_le32(sizeof(*in->header) - 16);
}

static void edit_no_payload(struct image_input *in)
{
	in->header->image_len = cpu_to_le32(sizeof(*in->header));
}

static void edit_image_len_zero(struct image_input *in)
{
	in->header->image_len = 0;
}

static void edit_too_large(struct image_input *in)
{
	in->header->image_len = cpu_to_le32(in->region_len + 1);
	in->written = in->region_len;
}

static void edit_image_len_huge(struct image_input *in)
{
	in->header->image_len = cpu_to_le32(U32_MAX);
}

static void edit_written_too_much(struct image_input *in)
{
	in->written = in->region_len + 1;
}

static void edit_signature_beyond(struct image_input *in)
{
	edit_signature_room(in);
	le32_add_cpu(&in->header->signature_len, 1);
}

/* The sum wraps to what fits. */
static void edit_signature_overflow(struct image_input *in)
{
	in->header->signature_len =
		cpu_to_le32(0 - le32_to_cpu(in->header->image_len) + 1);
}

static void edit_api_newer(struct image_input *in)
{
	in->header->api_major = cpu_to_le16(NPA_API_MAJOR + 1);
}

static void edit_api_older(struct image_input *in)
{
	in->header->api_major = cpu_to_le16(NPA_API_MAJOR - 1);
}

static void edit_api_minor(struct image_input *in)
{
	in->header->api_minor = cpu_to_le16(NPA_API_MINOR + 1);
}

static void edit_machine(struct image_input *in)
{
	in->header->machine = cpu_to_le16(ELF_ARCH + 1);
}

static void edit_machine_swapped(struct image_input *in)
{
	in->header->machine = cpu_to_le16(ELF_ARCH << 8);
}

static void edit_entry_zero(struct image_input *in)
{
	in->header->entry_offset = 0;
}

static void edit_entry_in_header(struct image_input *in)
{
	in->header->entry_offset = cpu_to_le32(sizeof(*in->header) - 16);
}

static void edit_entry_at_end(struct image_input *in)
{
	u32 len = round_up(le32_to_cpu(in->header->image_len), 16);

	in->header->image_len = cpu_to_le32(len);
	in->header->entry_offset = cpu_to_le32(len);
	in->written = len;
	vmxnet3_test_image_hash((u8 *)in->header);
}

static void edit_entry_beyond(struct image_input *in)
{
	in->header->entry_offset = cpu_to_le32(0xfffffff0);
}

static void edit_entry_unaligned(struct image_input *in)
{
	le32_add_cpu(&in->header->entry_offset, 8);
}

static void edit_private_too_much(struct image_input *in)
{
	in->header->private_len = cpu_to_le32(NPA_IMAGE_PRIVATE_MAX + 1);
}

static void edit_reserved0(struct image_input *in)
{
	in->header->reserved0 = cpu_to_le16(1);
}

static void edit_reserved1(struct image_input *in)
{
	in->header->reserved1 = cpu_to_le32(0x80000000);
}

static void edit_reserved2(struct image_input *in)
{
	in->header->reserved2[sizeof(in->header->reserved2) - 1] = 1;
}

static void edit_name_empty(struct image_input *in)
{
	in->header->name[0] = 0;
}

static void edit_name_unterminated(struct image_input *in)
{
	memset(in->header->name, 'x', sizeof(in->header->name));
}

static void edit_name_control(struct image_input *in)
{
	in->header->name[2] = '\n';
}

static void edit_name_slash(struct image_input *in)
{
	in->header->name[4] = '/';
}

static void edit_name_space(struct image_input *in)
{
	in->header->name[0] = ' ';
}

static void edit_version_high_bit(struct image_input *in)
{
	in->header->version[0] = 0xc3;
}

static void edit_version_unterminated(struct image_input *in)
{
	memset(in->header->version, '1', sizeof(in->header->version));
}

static void edit_vendor_unterminated(struct image_input *in)
{
	memset(in->header->vendor, 'v', sizeof(in->header->vendor));
}

static void edit_vendor_escape(struct image_input *in)
{
	in->header->vendor[0] = 0x1b;
}

static void edit_license_unterminated(struct image_input *in)
{
	memset(in->header->license, 'G', sizeof(in->header->license));
}

static void edit_license_proprietary(struct image_input *in)
{
	strscpy(in->header->license, "Proprietary");
}

static void edit_license_prefix(struct image_input *in)
{
	strscpy(in->header->license, "GPL-ish");
}

static void edit_hash(struct image_input *in)
{
	in->header->sha256[31] ^= 0x80;
}

static void edit_payload_first(struct image_input *in)
{
	in->payload[0] ^= 1;
}

static void edit_payload_last(struct image_input *in)
{
	in->payload[TEST_PAYLOAD_LEN - 1] ^= 1;
}

static void edit_device_other(struct image_input *in)
{
	in->device_id ^= BIT_ULL(40);
}

static void edit_device_none(struct image_input *in)
{
	in->header->device_impl_id = 0;
	in->device_id = 0;
}

static const struct image_case {
	const char *name;
	void (*edit)(struct image_input *in);
	u32 want;
} image_cases[] = {
	{ "good", edit_none, VMXNET3_NPA_OK },
	{ "good_largest", edit_largest, VMXNET3_NPA_OK },
	{ "good_more_written", edit_written_more, VMXNET3_NPA_OK },
	{ "good_entry_first", edit_entry_first, VMXNET3_NPA_OK },
	{ "good_signature_room", edit_signature_room, VMXNET3_NPA_OK },
	{ "good_private_most", edit_private_most, VMXNET3_NPA_OK },
	{ "nothing_written", edit_nothing_written, VMXNET3_NPA_TRUNCATED },
	{ "half_header", edit_half_header, VMXNET3_NPA_TRUNCATED },
	{ "one_byte_short", edit_one_short, VMXNET3_NPA_TRUNCATED },
	{ "signature_missing", edit_signature_missing, VMXNET3_NPA_TRUNCATED },
	{ "magic", edit_magic, VMXNET3_NPA_BAD_MAGIC },
	{ "header_longer", edit_header_longer, VMXNET3_NPA_BAD_HEADER },
	{ "header_shorter", edit_header_shorter, VMXNET3_NPA_BAD_HEADER },
	{ "no_payload", edit_no_payload, VMXNET3_NPA_BAD_HEADER },
	{ "image_len_zero", edit_image_len_zero, VMXNET3_NPA_BAD_HEADER },
	{ "too_large", edit_too_large, VMXNET3_NPA_TOO_LARGE },
	{ "image_len_huge", edit_image_len_huge, VMXNET3_NPA_TOO_LARGE },
	{ "written_too_much", edit_written_too_much, VMXNET3_NPA_TOO_LARGE },
	{ "signature_beyond", edit_signature_beyond, VMXNET3_NPA_TOO_LARGE },
	{ "signature_overflow", edit_signature_overflow,
	  VMXNET3_NPA_TOO_LARGE },
	{ "api_newer", edit_api_newer, VMXNET3_NPA_BAD_API },
	{ "api_older", edit_api_older, VMXNET3_NPA_BAD_API },
	{ "api_minor", edit_api_minor, VMXNET3_NPA_BAD_API },
	{ "machine", edit_machine, VMXNET3_NPA_BAD_MACHINE },
	{ "machine_swapped", edit_machine_swapped, VMXNET3_NPA_BAD_MACHINE },
	{ "entry_zero", edit_entry_zero, VMXNET3_NPA_BAD_ENTRY },
	{ "entry_in_header", edit_entry_in_header, VMXNET3_NPA_BAD_ENTRY },
	{ "entry_at_end", edit_entry_at_end, VMXNET3_NPA_BAD_ENTRY },
	{ "entry_beyond", edit_entry_beyond, VMXNET3_NPA_BAD_ENTRY },
	{ "entry_unaligned", edit_entry_unaligned, VMXNET3_NPA_BAD_ENTRY },
	{ "private_too_much", edit_private_too_much, VMXNET3_NPA_BAD_HEADER },
	{ "reserved0", edit_reserved0, VMXNET3_NPA_BAD_HEADER },
	{ "reserved1", edit_reserved1, VMXNET3_NPA_BAD_HEADER },
	{ "reserved2", edit_reserved2, VMXNET3_NPA_BAD_HEADER },
	{ "name_empty", edit_name_empty, VMXNET3_NPA_BAD_HEADER },
	{ "name_unterminated", edit_name_unterminated, VMXNET3_NPA_BAD_HEADER },
	{ "name_control", edit_name_control, VMXNET3_NPA_BAD_HEADER },
	{ "name_slash", edit_name_slash, VMXNET3_NPA_BAD_HEADER },
	{ "name_space", edit_name_space, VMXNET3_NPA_BAD_HEADER },
	{ "version_high_bit", edit_version_high_bit, VMXNET3_NPA_BAD_HEADER },
	{ "version_unterminated", edit_version_unterminated,
	  VMXNET3_NPA_BAD_HEADER },
	{ "vendor_unterminated", edit_vendor_unterminated,
	  VMXNET3_NPA_BAD_HEADER },
	{ "vendor_escape", edit_vendor_escape, VMXNET3_NPA_BAD_HEADER },
	{ "license_unterminated", edit_license_unterminated,
	  VMXNET3_NPA_BAD_HEADER },
	{ "license_proprietary", edit_license_proprietary,
	  VMXNET3_NPA_BAD_LICENSE },
	{ "license_prefix", edit_license_prefix, VMXNET3_NPA_BAD_LICENSE },
	{ "hash", edit_hash, VMXNET3_NPA_BAD_HASH },
	{ "payload_first", edit_payload_first, VMXNET3_NPA_BAD_HASH },
	{ "payload_last", edit_payload_last, VMXNET3_NPA_BAD_HASH },
	{ "device_other", edit_device_other, VMXNET3_NPA_BAD_DEVICE_ID },
	{ "device_none", edit_device_none, VMXNET3_NPA_BAD_DEVICE_ID },
};

static void image_case_name(const struct image_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(image, image_cases, image_case_name);

static void vmxnet3_image_test_verify(struct kunit *test)
{
	const struct image_case *c = test->param_value;
	struct npa_image_header header;
	struct image_input in;
	u32 reason;
	u8 *image;

	image = kunit_kzalloc(test, TEST_REGION_LEN, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, image);
	in.header = (void *)image;
	in.payload = image + sizeof(*in.header);
	in.written = vmxnet3_test_image_make(image, TEST_PAYLOAD_LEN);
	in.region_len = TEST_REGION_LEN;
	in.device_id = VMXNET3_TEST_DEVICE_ID;
	c->edit(&in);

	reason = vmxnet3_image_verify(image, in.written, in.region_len,
				      in.device_id, &header);
	KUNIT_EXPECT_STREQ(test, vmxnet3_npa_reason_name(reason),
			   vmxnet3_npa_reason_name(c->want));
	if (c->want == VMXNET3_NPA_OK)
		KUNIT_EXPECT_MEMEQ(test, &header, image, sizeof(header));
}

/* What the hypervisor changes after the check does not count. */
static void vmxnet3_image_test_copy(struct kunit *test)
{
	struct npa_image_header header;
	u32 len, entry;
	u8 *image;

	image = kunit_kzalloc(test, TEST_REGION_LEN, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, image);
	len = vmxnet3_test_image_make(image, TEST_PAYLOAD_LEN);
	entry = le32_to_cpu(((struct npa_image_header *)image)->entry_offset);
	KUNIT_ASSERT_EQ(test, 0,
			vmxnet3_image_verify(image, len, TEST_REGION_LEN,
					     VMXNET3_TEST_DEVICE_ID, &header));
	memset(image, 0xff, sizeof(header));
	KUNIT_EXPECT_EQ(test, le32_to_cpu(header.entry_offset), entry);
}

/* Unsigned images pass only where the administrator has said so. */
static void vmxnet3_image_test_policy(struct kunit *test)
{
	struct npa_image_header *h;
	u8 *image;

	image = kunit_kzalloc(test, TEST_REGION_LEN, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, image);
	vmxnet3_test_image_make(image, TEST_PAYLOAD_LEN);
	h = (void *)image;

	KUNIT_EXPECT_EQ(test, VMXNET3_NPA_UNSIGNED,
			vmxnet3_image_check_signature(image, h,
						      VMXNET3_NPA_SIGNED));
	KUNIT_EXPECT_EQ(test, VMXNET3_NPA_UNSIGNED,
			vmxnet3_image_check_signature(image, h,
						      VMXNET3_NPA_OFF));
	if (!is_module_sig_enforced()) {
		KUNIT_EXPECT_EQ(test, VMXNET3_NPA_OK,
				vmxnet3_image_check_signature(image, h,
							      VMXNET3_NPA_ON));
		/* Nothing else in this kernel sets it. */
		KUNIT_EXPECT_TRUE(test, test_taint(TAINT_UNSIGNED_MODULE));
	}

	/* A signature that is there must be right, whatever the policy. */
	h->signature_len = cpu_to_le32(64);
	KUNIT_EXPECT_EQ(test, VMXNET3_NPA_BAD_SIGNATURE,
			vmxnet3_image_check_signature(image, h,
						      VMXNET3_NPA_ON));
	KUNIT_EXPECT_EQ(test, VMXNET3_NPA_BAD_SIGNATURE,
			vmxnet3_image_check_signature(image, h,
						      VMXNET3_NPA_SIGNED));
}

/* People see a name for every reason, and no two are the same. */
static void vmxnet3_image_test_reasons(struct kunit *test)
{
	u32 i, k;

	for (i = 0; i < VMXNET3_NPA_REASONS; i++) {
		KUNIT_EXPECT_STRNEQ(test, vmxnet3_npa_reason_name(i),
				    "unknown");
		for (k = 0; k < i; k++)
			KUNIT_EXPECT_STRNEQ(test, vmxnet3_npa_reason_name(i),
					    vmxnet3_npa_reason_name(k));
	}
	KUNIT_EXPECT_STREQ(test, vmxnet3_npa_reason_name(VMXNET3_NPA_REASONS),
			   "unknown");
}

static struct kunit_case vmxnet3_image_cases[] = {
	KUNIT_CASE_PARAM(vmxnet3_image_test_verify, image_gen_params),
	KUNIT_CASE(vmxnet3_image_test_copy),
	KUNIT_CASE(vmxnet3_image_test_policy),
	KUNIT_CASE(vmxnet3_image_test_reasons),
	{}
};

static struct kunit_suite vmxnet3_image_suite = {
	.name = "vmxnet3-image",
	.test_cases = vmxnet3_image_cases,
};

kunit_test_suite(vmxnet3_image_suite);
