// SPDX-License-Identifier: GPL-2.0
/*
 * What the code of a plugin may not contain.
 *
 * objdump disassembles the payload; from the entry point on the code is
 * followed through jumps, calls and functions whose address is taken, so that
 * read-only data is not mistaken for code.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "image.h"

static const uint8_t endbr64[4] = { 0xf3, 0x0f, 0x1e, 0xfa };

/**
 * struct insn - one instruction of objdump's listing
 * @addr: offset in the image
 * @seen: it can be reached
 * @op: mnemonic without prefixes
 * @args: operands and objdump's comment
 */
struct insn {
	uint32_t addr;
	bool seen;
	char op[24];
	char args[96];
};

/**
 * struct code - a payload and its disassembly
 * @payload: bytes
 * @len: how many
 * @base: offset of the first one in the image
 * @insn: instructions, ordered by address
 * @count: how many
 * @todo: addresses to follow
 * @num_todo: how many
 * @errors: complaints so far
 */
struct code {
	const uint8_t *payload;
	size_t len;
	uint32_t base;
	struct insn *insn;
	size_t count;
	uint32_t *todo;
	size_t num_todo;
	int errors;
};

static bool one_of(const char *op, const char *const *list)
{
	for (; *list; list++)
		if (!strcmp(op, *list))
			return true;
	return false;
}

static bool has_endbr(const struct code *code, uint32_t addr)
{
	size_t offset = addr - code->base;

	return addr >= code->base && code->len >= sizeof(endbr64) &&
	       offset <= code->len - sizeof(endbr64) &&
	       !memcmp(code->payload + offset, endbr64, sizeof(endbr64));
}

static void complain(struct code *code, const struct insn *insn,
		     const char *why)
{
	code->errors = 1;
	fail("%#x: %s %s: %s", insn->addr, insn->op, insn->args, why);
}

/* "  1a4:\tnotrack jmp *%rax" */
static bool parse_line(char *line, struct insn *insn)
{
	static const char * const prefixes[] = {
		"rep", "repz", "repnz", "lock", "bnd", "data16", "addr32",
		"cs", "ds", "es", "ss", "xacquire", "xrelease", NULL,
	};
	char *end, *op, *save = NULL;

	memset(insn, 0, sizeof(*insn));
	insn->addr = strtoul(line, &end, 16);
	if (end == line || end[0] != ':' || end[1] != '\t')
		return false;
	op = strtok_r(end + 2, "\n ", &save);
	while (op && one_of(op, prefixes))
		op = strtok_r(NULL, "\n ", &save);
	if (!op)
		return true;	/* a prefix alone: caught as unknown */
	snprintf(insn->op, sizeof(insn->op), "%s", op);
	if (save) {
		save[strcspn(save, "\n")] = 0;
		while (*save == ' ')
			save++;
		snprintf(insn->args, sizeof(insn->args), "%s", save);
	}
	return true;
}

static int disassemble(struct code *code)
{
	char path[] = "/tmp/npa-lint-XXXXXX", cmd[256], line[512];
	int fd = mkstemp(path), ret = 0;
	FILE *out;

	if (fd < 0)
		return fail("cannot make a temporary file");
	if (write(fd, code->payload, code->len) != (ssize_t)code->len)
		ret = fail("cannot write %s", path);
	close(fd);
	snprintf(cmd, sizeof(cmd),
		 "LC_ALL=C objdump -D -w -z -b binary -m i386:x86-64 --no-show-raw-insn --adjust-vma=%#x %s",
		 code->base, path);
	out = ret ? NULL : popen(cmd, "r");
	while (out && fgets(line, sizeof(line), out))
		if (code->count < code->len &&
		    parse_line(line, &code->insn[code->count]))
			code->count++;
	if (out && pclose(out))
		ret = fail("objdump (package binutils) failed");
	unlink(path);
	if (!ret && !code->count)
		ret = fail("objdump printed no instructions");
	return ret;
}

static struct insn *find(const struct code *code, uint32_t addr)
{
	size_t low = 0, high = code->count;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (code->insn[mid].addr == addr)
			return &code->insn[mid];
		if (code->insn[mid].addr < addr)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

static void follow(struct code *code, uint32_t addr)
{
	if (code->num_todo < code->count)
		code->todo[code->num_todo++] = addr;
	else
		code->errors |= fail("too many branches");
}

static bool uses_fpu(const struct insn *insn)
{
	static const char * const ops[] = {
		"emms", "ldmxcsr", "stmxcsr", "xsave", "xsaveopt", "xsavec",
		"xsaves", "xrstor", "xrstors", "vzeroupper", "vzeroall", NULL,
	};
	const char *p = insn->args;

	if (insn->op[0] == 'f' || one_of(insn->op, ops))
		return true;
	while ((p = strchr(p, '%'))) {
		p++;
		if (!strncmp(p, "xmm", 3) || !strncmp(p, "ymm", 3) ||
		    !strncmp(p, "zmm", 3) || !strncmp(p, "tmm", 3) ||
		    (p[0] == 'm' && p[1] == 'm' && isdigit(p[2])) ||
		    (p[0] == 's' && p[1] == 't') ||
		    (p[0] == 'k' && isdigit(p[1])))
			return true;
	}
	return false;
}

static bool is_privileged(const struct insn *insn)
{
	static const char * const ops[] = {
		"cli", "sti", "hlt", "in", "out", "ins", "outs", "insb",
		"insl", "outsb", "outsl", "lgdt", "lidt", "lldt", "ltr",
		"sgdt", "sidt", "sldt", "str", "lmsw", "smsw", "clts", "invd",
		"wbinvd", "wbnoinvd", "invlpg", "invpcid", "rdmsr", "wrmsr",
		"rdpmc", "swapgs", "sysret", "sysretl", "sysretq", "sysexit",
		"sysexitl", "sysexitq", "syscall", "sysenter", "iret", "iretq",
		"iretl", "xsetbv", "monitor", "mwait", "rsm", "int", "popf",
		"popfq", "lret", "lretq", "lcall", "ljmp", "vmcall",
		"vmmcall", "vmlaunch", "vmresume", "vmxoff", "vmxon",
		"vmptrld", "vmptrst", "vmclear", "vmread", "vmwrite", "vmrun",
		"vmload", "vmsave", "skinit", "stgi", "clgi", "stac", "clac",
		"wrfsbase", "wrgsbase", "rdfsbase", "rdgsbase", NULL,
	};

	return one_of(insn->op, ops) || strstr(insn->args, "%cr") ||
	       strstr(insn->args, "%db") || strstr(insn->args, "%dr");
}

static bool ends_block(const struct insn *insn)
{
	return !strcmp(insn->op, "ret") || !strcmp(insn->op, "retq") ||
	       !strncmp(insn->op, "jmp", 3);
}

static void check_insn(struct code *code, const struct insn *insn)
{
	if (!insn->op[0] || !strcmp(insn->op, "(bad)"))
		complain(code, insn, "not an instruction");
	else if (uses_fpu(insn))
		complain(code, insn, "SIMD or x87: use -mgeneral-regs-only");
	else if (is_privileged(insn))
		complain(code, insn, "privileged");
	else if (strstr(insn->args, "%fs:") || strstr(insn->args, "%gs:"))
		complain(code, insn, "the segment belongs to the shell's OS");
	else if (!strcmp(insn->op, "notrack"))
		complain(code, insn, "jump without ENDBR64: no jump tables");
	else if (!strcmp(insn->op, "int3") || !strncmp(insn->op, "ud", 2))
		complain(code, insn, "a plugin may not trap");
}

/* Note where an instruction can lead besides the next one. */
static void note_targets(struct code *code, const struct insn *insn)
{
	const char *comment = strstr(insn->args, "# 0x");
	bool branch = insn->op[0] == 'j' || !strncmp(insn->op, "call", 4) ||
		      !strncmp(insn->op, "loop", 4);
	uint32_t dest;

	if (branch && insn->args[0] != '*')
		follow(code, strtoul(insn->args, NULL, 16));
	if (strncmp(insn->op, "lea", 3) || !comment)
		return;
	dest = strtoul(comment + 2, NULL, 16);
	if (dest < code->base || dest - code->base > code->len)
		complain(code, insn, "address outside the image");
	else if (has_endbr(code, dest))
		follow(code, dest);
}

/* Check everything from addr to the end of its block. */
static void walk(struct code *code, uint32_t addr)
{
	struct insn *insn = find(code, addr);
	struct insn *end = code->insn + code->count;

	if (!insn) {
		code->errors |= fail("%#x: code leads outside the image or into an instruction",
				     addr);
		return;
	}
	for (; insn < end && !insn->seen; insn++) {
		insn->seen = true;
		check_insn(code, insn);
		note_targets(code, insn);
		if (ends_block(insn))
			return;
	}
	if (insn == end)
		code->errors |= fail("code runs over the end of the image");
}

int lint_code(const uint8_t *payload, size_t len, uint32_t base,
	      uint32_t entry)
{
	struct code code = { .payload = payload, .len = len, .base = base };
	int ret;

	code.insn = calloc(len + 1, sizeof(*code.insn));
	code.todo = calloc(len + 1, sizeof(*code.todo));
	if (!code.insn || !code.todo) {
		ret = fail("out of memory");
		goto out;
	}
	ret = disassemble(&code);
	if (ret)
		goto out;
	if (!has_endbr(&code, entry))
		code.errors |= fail("%#x: the entry point does not start with ENDBR64",
				    entry);
	walk(&code, entry);
	while (code.num_todo && !code.errors)
		walk(&code, code.todo[--code.num_todo]);
	ret = code.errors;
out:
	free(code.insn);
	free(code.todo);
	return ret;
}
