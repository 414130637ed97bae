/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Time for fuzz targets: CLOCK_MONOTONIC as npad's parts see it.
 */
#ifndef NPAD_FUZZ_CLOCK_H
#define NPAD_FUZZ_CLOCK_H

#include <stdint.h>

void fuzz_clock_advance(uint64_t ns);

#endif
