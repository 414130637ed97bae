// SPDX-License-Identifier: GPL-2.0
/*
 * What the shell was compiled for, by experiment and not by what the compiler
 * was told: in which register it looks for its first argument, and whether it
 * keeps RSI, RDI and XMM6, which belong to the caller in Microsoft's x64
 * convention and to nobody in System V's.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "convention.h"
#include "shell.h"

/*
 * probe_argument(fn): call fn with 1 where Microsoft's first argument is and
 * 2 where System V's is; returns what fn returns.
 *
 * probe_saved(fn, arg): call fn(arg), by either convention, with a mark in RSI
 * and XMM6; 1 if RDI, RSI and XMM6 are as they were.
 *
 * probe_spoil(): a System V function that uses all that it may.
 */
__asm__(".pushsection .text\n"
	"probe_argument:\n"
	"	pushq	%rbp\n"
	"	movq	%rsp, %rbp\n"
	"	andq	$-16, %rsp\n"
	"	subq	$32, %rsp\n"
	"	movq	%rdi, %rax\n"
	"	movl	$1, %ecx\n"
	"	movl	$2, %edi\n"
	"	call	*%rax\n"
	"	leave\n"
	"	ret\n"
	"probe_saved:\n"
	"	pushq	%rbp\n"
	"	movq	%rsp, %rbp\n"
	"	pushq	%rbx\n"
	"	andq	$-16, %rsp\n"
	"	subq	$32, %rsp\n"
	"	movq	%rdi, %rax\n"
	"	movq	%rsi, %rbx\n"
	"	movq	%rsi, %rcx\n"
	"	movq	%rsi, %rdi\n"
	"	movq	$0x5a5a5a5a, %rsi\n"
	"	movq	%rsi, %xmm6\n"
	"	call	*%rax\n"
	"	xorl	%eax, %eax\n"
	"	cmpq	%rbx, %rdi\n"
	"	jne	1f\n"
	"	cmpq	$0x5a5a5a5a, %rsi\n"
	"	jne	1f\n"
	"	movq	%xmm6, %rcx\n"
	"	cmpq	%rcx, %rsi\n"
	"	jne	1f\n"
	"	movl	$1, %eax\n"
	"1:	movq	-8(%rbp), %rbx\n"
	"	leave\n"
	"	ret\n"
	"probe_spoil:\n"
	"	xorl	%esi, %esi\n"
	"	xorl	%edi, %edi\n"
	"	pxor	%xmm6, %xmm6\n"
	"	ret\n"
	".popsection\n");

uint64_t probe_argument(uint64_t (*fn)(uint64_t first) US_CALL) US_HOST;
uint64_t probe_saved(void (*fn)(us_host_fn arg) US_CALL,
		     us_host_fn arg) US_HOST;
void probe_spoil(uint64_t value) US_HOST;

const char *convention_of_shell(void)
{
	uint64_t argument = probe_argument(us_probe_argument);
	bool saved = probe_saved(us_probe_call, probe_spoil);

	if (argument == 1 && saved)
		return "Microsoft x64";
	if (argument == 2 && !saved)
		return "System V";
	return NULL;
}
