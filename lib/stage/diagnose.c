/* SPDX-License-Identifier: MIT */
/*
 * Why an exec failed. The kernel answers ENOENT for a missing program and for a
 * missing interpreter, EACCES for a directory, a missing x bit and a noexec
 * mount; here the file itself is looked at. Changes nothing.
 */
#include "stage.h"

#include <linux/elf.h>
#include <linux/elf-em.h>

#define ST_NOEXEC 8 /* of statfs's f_flags */

#if defined(__x86_64__)
#define THIS_MACHINE EM_X86_64
#define ALSO_RUNS    EM_386
#elif defined(__aarch64__)
#define THIS_MACHINE EM_AARCH64
#define ALSO_RUNS    EM_ARM
#endif

static void set_detail(struct stage *st, const char *program, const char *interpreter)
{
	st->report.detail[0] = '\0';
	text_append(st->report.detail, sizeof(st->report.detail), program);
	if (!interpreter)
		return;
	text_append(st->report.detail, sizeof(st->report.detail), ": interpreter ");
	text_append(st->report.detail, sizeof(st->report.detail), interpreter);
}

/* The word after "#!", in place. */
static char *script_interpreter(char *head)
{
	char *start = head + 2;
	char *end;

	while (*start == ' ' || *start == '\t')
		start++;
	end = start;
	while (*end && *end != ' ' && *end != '\t' && *end != '\n')
		end++;
	*end = '\0';
	return start;
}

/* The path in PT_INTERP; NULL without one. Only the 64-bit layout of this machine is read. */
static const char *elf_interpreter(int fd, const char *head, char *to, size_t size)
{
	const Elf64_Ehdr *elf = (const void *)head;
	Elf64_Phdr segment;

	if (elf->e_ident[EI_CLASS] != ELFCLASS64 || elf->e_phentsize != sizeof(segment))
		return NULL;
	for (unsigned int i = 0; i < elf->e_phnum; i++) {
		long got = sys(__NR_pread64, fd, &segment, sizeof(segment),
			elf->e_phoff + i * sizeof(segment), 0);

		if (got != (long)sizeof(segment))
			return NULL;
		if (segment.p_type != PT_INTERP)
			continue;
		if (segment.p_filesz == 0 || segment.p_filesz > size)
			return NULL;
		got = sys(__NR_pread64, fd, to, segment.p_filesz, segment.p_offset, 0);
		if (got != (long)segment.p_filesz)
			return NULL;
		to[segment.p_filesz - 1] = '\0';
		return to;
	}
	return NULL;
}

/* The program is there: what in its first bytes explains the error? */
static enum stage_reason reason_in_content(struct stage *st, const char *program, long error)
{
	union {
		char text[257];
		Elf64_Ehdr elf;
	} head = {{0}};
	char interpreter[256];
	enum stage_reason reason = REASON_NONE;
	long fd = sys_openat(AT_FDCWD, program, O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
	long size;

	if (fd < 0)
		return REASON_NONE; /* it may be executed but not read */
	size = sys_read((int)fd, head.text, sizeof(head.text) - 1);
	if (size == 0) {
		reason = REASON_EMPTY_FILE;
	} else if (text_starts(head.text, "#!")) {
		reason = REASON_NO_SCRIPT_INTERPRETER;
		set_detail(st, program, script_interpreter(head.text));
	} else if (size >= (long)sizeof(head.elf) && text_starts(head.text, "\177ELF")) {
		if (head.elf.e_machine != THIS_MACHINE && head.elf.e_machine != ALSO_RUNS) {
			reason = REASON_OTHER_MACHINE;
		} else if (error == -ENOENT &&
			elf_interpreter((int)fd, head.text, interpreter, sizeof(interpreter))) {
			reason = REASON_NO_ELF_INTERPRETER;
			set_detail(st, program, interpreter);
		}
	} else if (size > 0) {
		reason = REASON_NO_INTERPRETER_LINE;
	}
	sys_close((int)fd);
	return reason;
}

static int is_on_noexec_mount(const char *program)
{
	/* struct statfs of the 64-bit machines: f_flags is the 11th word. */
	long words[16] = {0};

	return sys(__NR_statfs, program, words, 0, 0, 0) == 0 && (words[10] & ST_NOEXEC);
}

void diagnose_exec(struct stage *st, const char *program, long error)
{
	struct statx about;
	unsigned int type;
	long ret;

	set_detail(st, program, NULL);
	st->report.reason = REASON_NONE;
	st->report.step = 0;
	if (st->watched) { /* looking could take calls that wait for the host */
		st->report.reason = error == -ENOENT ? REASON_NO_PROGRAM : REASON_NONE;
		st->report.step = error == -ENOENT ? CT_STEP_PROGRAM : 0;
		return;
	}
	ret = sys_statx(AT_FDCWD, program, 0, &about);
	type = about.stx_mode & S_IFMT;
	if (ret < 0) {
		if (error == -ENOENT || error == -ENOTDIR)
			st->report.reason = REASON_NO_PROGRAM;
		st->report.step = CT_STEP_PROGRAM;
		return;
	}
	if (type == S_IFDIR)
		st->report.reason = REASON_DIRECTORY;
	else if (type != S_IFREG)
		st->report.reason = REASON_NOT_A_FILE;
	else if (error == -EACCES && !(about.stx_mode & 0111))
		st->report.reason = REASON_NO_EXECUTE_BIT;
	else if (error == -EACCES && is_on_noexec_mount(program))
		st->report.reason = REASON_NOEXEC_MOUNT;
	else if (error == -ENOENT || error == -ENOEXEC)
		st->report.reason = reason_in_content(st, program, error);
}
