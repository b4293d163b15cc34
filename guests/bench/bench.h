// SPDX-License-Identifier: Apache-2.0
// The benchmark kernels: each does a fixed piece of work once, and adds what it computed to sink.
#pragma once
#include "../free/free.h"

// Kept scalar and out of line, so that a kernel is the code that its name says.
#define SCALAR \
  __attribute__((noinline, optimize("no-tree-vectorize", "no-tree-loop-distribute-patterns")))

extern volatile uint64_t sink;
extern uint8_t source[1 << 20], target[1 << 20];
extern int matrix_a[64][64], matrix_b[64][64];
extern double series_a[4096], series_b[4096];

// integer.c
void sieve(void);
void sha256(void);
void quicksort(void);
void matmul(void);
void interpreter(void);
void nbody(void);
void byte_scan(void);

// vector.c
void rep_movsb(void);
void rep_stosq(void);
void sse_copy(void);
void sse_scan(void);
void sse2_double(void);
void avx_fma(void);
void avx2_integer(void);
int has_avx2_and_fma(void);

// system.c
void chase_setup(void);
void chase(void);
void chase_end(void);
void system_calls(void);
void page_faults(void);
void pipe_setup(void);
void pipe_round_trips(void);
void pipe_end(void);
void forks(void);
