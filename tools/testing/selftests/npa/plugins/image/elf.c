// SPDX-License-Identifier: GPL-2.0
/*
 * From a linked plugin (see plugin.lds) to a payload.
 *
 * The link keeps its relocations (ld --emit-relocs): only those that say how
 * far one place is from another may be there, for they hold wherever the
 * image lies.
 */
#include <libelf.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>

#include "image.h"

static const uint8_t endbr64[4] = { 0xf3, 0x0f, 0x1e, 0xfa };

bool elf_is(const struct blob *file)
{
	return file->len >= SELFMAG && !memcmp(file->data, ELFMAG, SELFMAG);
}

/* Take the one loadable segment as the payload. */
static int take_segment(struct elf_plugin *plugin, Elf *elf,
			const GElf_Ehdr *ehdr, const struct blob *file)
{
	GElf_Phdr phdr, load = { .p_type = PT_NULL };
	size_t i, count;

	if (elf_getphdrnum(elf, &count))
		return fail("%s", elf_errmsg(-1));
	for (i = 0; i < count; i++) {
		if (!gelf_getphdr(elf, i, &phdr))
			return fail("%s", elf_errmsg(-1));
		if (phdr.p_type == PT_DYNAMIC || phdr.p_type == PT_INTERP)
			return fail("dynamically linked: link with -static and plugin.lds");
		if (phdr.p_type != PT_LOAD || !phdr.p_memsz)
			continue;
		if (load.p_type == PT_LOAD)
			return fail("more than one segment: link with plugin.lds");
		load = phdr;
	}
	if (load.p_type != PT_LOAD)
		return fail("nothing to load in it");
	if (load.p_flags & PF_W)
		return fail("writable segment: a plugin has no writable data");
	if (load.p_memsz != load.p_filesz)
		return fail("uninitialised data: a plugin has no writable data");
	if (load.p_vaddr != IMAGE_HEADER_LEN)
		return fail("linked to start at %#llx, not at %#zx: link with plugin.lds",
			    (unsigned long long)load.p_vaddr,
			    IMAGE_HEADER_LEN);
	if (load.p_offset > file->len ||
	    load.p_filesz > file->len - load.p_offset)
		return fail("segment lies outside the file");
	if (load.p_filesz > NPA_IMAGE_MAX_LEN - IMAGE_HEADER_LEN)
		return fail("%llu bytes are more than the %zu that an image can hold",
			    (unsigned long long)load.p_filesz,
			    NPA_IMAGE_MAX_LEN - IMAGE_HEADER_LEN);
	plugin->payload.len = load.p_filesz;
	plugin->payload.data = malloc(load.p_filesz);
	if (!plugin->payload.data)
		return fail("out of memory");
	memcpy(plugin->payload.data, file->data + load.p_offset,
	       load.p_filesz);
	if (ehdr->e_entry < IMAGE_HEADER_LEN ||
	    ehdr->e_entry >= IMAGE_HEADER_LEN + load.p_filesz)
		return fail("entry point lies outside the segment");
	plugin->entry_offset = ehdr->e_entry;
	return 0;
}

static int take_header(struct elf_plugin *plugin, Elf_Scn *scn)
{
	Elf_Data *data = elf_rawdata(scn, NULL);

	if (!data || !data->d_buf || data->d_size != sizeof(plugin->header))
		return fail(".npa_header does not hold one image header: use NPA_PLUGIN() once");
	memcpy(&plugin->header, data->d_buf, sizeof(plugin->header));
	plugin->has_header = true;
	return 0;
}

/* Is this 32-bit displacement that of "lea disp(%rip), reg"? */
static bool is_lea(const struct blob *payload, uint64_t offset)
{
	return offset >= 2 && payload->data[offset - 2] == 0x8d &&
	       (payload->data[offset - 1] & 0xc7) == 0x05;
}

/* One relocation at @offset of the payload. */
static int check_reloc(const struct elf_plugin *plugin, const GElf_Rela *rela,
		       const char *section, const GElf_Shdr *target)
{
	const struct blob *payload = &plugin->payload;
	uint64_t offset = rela->r_offset - IMAGE_HEADER_LEN;
	uint64_t dest;
	int32_t disp;

	switch (GELF_R_TYPE(rela->r_info)) {
	case R_X86_64_NONE:
		return 0;
	case R_X86_64_PC32:
	case R_X86_64_PLT32:
		break;
	case R_X86_64_PC64:
		return 0;
	default:
		return fail("relocation %u at %#llx in %s needs a loader: compile with -fpie",
			    (unsigned int)GELF_R_TYPE(rela->r_info),
			    (unsigned long long)rela->r_offset, section);
	}
	if (rela->r_offset < IMAGE_HEADER_LEN || payload->len < 4 ||
	    offset > payload->len - 4)
		return fail("relocation at %#llx lies outside the segment",
			    (unsigned long long)rela->r_offset);
	if (!is_lea(payload, offset))
		return 0;
	memcpy(&disp, payload->data + offset, sizeof(disp));
	dest = offset + 4 + disp;
	if (!target || !(target->sh_flags & SHF_EXECINSTR))
		return 0;
	if (payload->len < sizeof(endbr64) ||
	    dest > payload->len - sizeof(endbr64) ||
	    memcmp(payload->data + dest, endbr64, sizeof(endbr64)))
		return fail("no ENDBR64 at %#llx, whose address is taken: -fcf-protection=branch",
			    (unsigned long long)(dest + IMAGE_HEADER_LEN));
	return 0;
}

static int check_relocs(const struct elf_plugin *plugin, Elf *elf,
			Elf_Scn *scn, const GElf_Shdr *shdr, const char *name)
{
	Elf_Scn *symtab = elf_getscn(elf, shdr->sh_link);
	Elf_Data *data = elf_getdata(scn, NULL);
	Elf_Data *syms = symtab ? elf_getdata(symtab, NULL) : NULL;
	int ret = 0, i, count;

	if (!data || !shdr->sh_entsize)
		return fail("%s cannot be read", name);
	count = shdr->sh_size / shdr->sh_entsize;
	for (i = 0; i < count; i++) {
		GElf_Shdr target, *found = NULL;
		GElf_Rela rela;
		GElf_Sym sym;

		if (!gelf_getrela(data, i, &rela))
			return fail("%s cannot be read", name);
		if (syms && gelf_getsym(syms, GELF_R_SYM(rela.r_info), &sym) &&
		    sym.st_shndx < SHN_LORESERVE)
			found = gelf_getshdr(elf_getscn(elf, sym.st_shndx),
					     &target);
		ret |= check_reloc(plugin, &rela, name, found);
	}
	return ret;
}

static int check_section(struct elf_plugin *plugin, Elf *elf, Elf_Scn *scn,
			 size_t strings)
{
	Elf_Scn *applied;
	GElf_Shdr shdr, info;
	const char *name;

	if (!gelf_getshdr(scn, &shdr))
		return fail("%s", elf_errmsg(-1));
	name = elf_strptr(elf, strings, shdr.sh_name);
	if (!name)
		name = "?";
	if (!strcmp(name, ".npa_header"))
		return take_header(plugin, scn);
	if (shdr.sh_type == SHT_REL || shdr.sh_type == SHT_DYNAMIC)
		return fail("section %s: not a static link", name);
	if (shdr.sh_type == SHT_RELA) {
		applied = elf_getscn(elf, shdr.sh_info);
		if (applied && gelf_getshdr(applied, &info) &&
		    !(info.sh_flags & SHF_ALLOC))
			return 0;
		return check_relocs(plugin, elf, scn, &shdr, name);
	}
	if ((shdr.sh_flags & SHF_ALLOC) && (shdr.sh_flags & SHF_WRITE) &&
	    shdr.sh_size)
		return fail("section %s is writable", name);
	return 0;
}

int elf_load(struct elf_plugin *plugin, const struct blob *file)
{
	size_t strings;
	Elf_Scn *scn = NULL;
	GElf_Ehdr ehdr;
	int ret;
	Elf *elf;

	memset(plugin, 0, sizeof(*plugin));
	if (elf_version(EV_CURRENT) == EV_NONE)
		return fail("%s", elf_errmsg(-1));
	elf = elf_memory((char *)file->data, file->len);
	if (!elf || !gelf_getehdr(elf, &ehdr) ||
	    elf_getshdrstrndx(elf, &strings)) {
		ret = fail("not a readable ELF file: %s", elf_errmsg(-1));
		goto out;
	}
	if (ehdr.e_type != ET_EXEC || gelf_getclass(elf) != ELFCLASS64) {
		ret = fail("not a linked 64-bit program: link with plugin.lds");
		goto out;
	}
	if (ehdr.e_machine != EM_X86_64) {
		ret = fail("machine %u: only x86-64 is supported",
			   ehdr.e_machine);
		goto out;
	}
	ret = take_segment(plugin, elf, &ehdr, file);
	while (!ret && (scn = elf_nextscn(elf, scn)))
		ret |= check_section(plugin, elf, scn, strings);
out:
	elf_end(elf);
	return ret;
}

void elf_release(struct elf_plugin *plugin)
{
	blob_free(&plugin->payload);
}
