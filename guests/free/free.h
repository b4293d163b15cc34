// SPDX-License-Identifier: Apache-2.0
// A program without a C library: its start, raw Linux system calls, strings and a line of output.
// Written for x86-64; the caller defines program().
#pragma once
#include <stddef.h>
#include <stdint.h>

// What the program is: called by _start with the arguments, its result is the exit status.
int program(int count, char **arguments);

// System calls (the kernel's numbers of x86-64); a result in -4095..-1 is an error number.
long call0(long number);
long call1(long number, long a);
long call2(long number, long a, long b);
long call3(long number, long a, long b, long c);
long call4(long number, long a, long b, long c, long d);
long call6(long number, long a, long b, long c, long d, long e, long f);

enum {
  SYS_READ = 0,
  SYS_WRITE = 1,
  SYS_OPEN = 2,
  SYS_CLOSE = 3,
  SYS_MMAP = 9,
  SYS_MUNMAP = 11,
  SYS_IOCTL = 16,
  SYS_PIPE = 22,
  SYS_SCHED_YIELD = 24,
  SYS_GETPID = 39,
  SYS_FORK = 57,
  SYS_WAIT4 = 61,
  SYS_CLOCK_GETTIME = 228,
  SYS_EXIT_GROUP = 231,
};

_Noreturn void leave(int status);
// Runs body(argument), which must not return, on a thread of this process; its number or an error.
long start_thread(void (*body)(void *), void *argument);
// Anonymous private zeroed memory; ends the program if there is none.
void *memory(size_t size);
// CLOCK_MONOTONIC.
uint64_t nanoseconds(void);

void *memcpy(void *to, const void *from, size_t size);
void *memset(void *to, int value, size_t size);
int same(const char *a, const char *b);
size_t length(const char *text);
unsigned long number(const char *digits);
// Digits with an optional fraction, no exponent.
double decimal(const char *digits);

// A line built piece by piece and written by one system call, so that lines of several processes
// do not mix. What does not fit is dropped.
struct line {
  char text[256];
  unsigned used;
};
void put(struct line *line, const char *text);
void put_number(struct line *line, uint64_t value);
void put_signed(struct line *line, int64_t value);
void put_hex(struct line *line, uint64_t value);
// Rounded to `places` digits after the point.
void put_decimal(struct line *line, double value, unsigned places);
void print(struct line *line);

static inline uint64_t timestamp(void) {
  uint32_t low, high;
  __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
  return low | (uint64_t)high << 32;
}
