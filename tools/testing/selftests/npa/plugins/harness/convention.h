/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which calling convention the shell's own functions have.
 */
#ifndef NPA_HARNESS_CONVENTION_H
#define NPA_HARNESS_CONVENTION_H

/*
 * "System V" or "Microsoft x64", found out by calling the shell and looking at
 * registers; NULL if it is neither.
 */
const char *convention_of_shell(void);

#endif
