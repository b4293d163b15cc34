// SPDX-License-Identifier: Apache-2.0
// Kernels that stress memory and the paths into the operating system.
#include "bench.h"

// Pointers through 64 MiB, one a cache line, in the order of a full-period generator modulo 2^20.
enum { LINKS = 1 << 20, WORDS_PER_LINK = 8, CHASE_SIZE = 64 << 20 };
static void **links, **position;

void chase_setup(void) {
  if (links) {
    return;
  }
  links = memory(CHASE_SIZE);
  for (uint32_t i = 0; i < LINKS; i++) {
    size_t next = (i * 663609u + 907633u) & (LINKS - 1);
    links[(size_t)i * WORDS_PER_LINK] = &links[next * WORDS_PER_LINK];
  }
  position = links;
}

void chase(void) {
  void **p = position;
  for (int i = 0; i < 100000; i++) {
    p = *p;
  }
  position = p;
  sink += (uint64_t)(p - links);
}

void chase_end(void) {
  call2(SYS_MUNMAP, (long)links, CHASE_SIZE);
  links = 0;
}

void system_calls(void) {
  long self = call0(SYS_GETPID);
  long different = 0;
  for (int i = 0; i < 10000; i++) {
    different |= call0(SYS_GETPID) ^ self;
  }
  sink += different == 0;
}

void page_faults(void) {
  for (int r = 0; r < 4; r++) {
    volatile char *p = memory(1 << 20);
    for (int i = 0; i < 1 << 20; i += 4096) {
      p[i] = 1;
    }
    sink += (uint64_t)(p[0] + p[4095] + p[(1 << 20) - 4096]);
    call2(SYS_MUNMAP, (long)p, 1 << 20);
  }
}

static int there[2], back[2];
static long peer, owner;

static void serve(void) {
  char c;
  call1(SYS_CLOSE, there[1]);
  call1(SYS_CLOSE, back[0]);
  while (call3(SYS_READ, there[0], (long)&c, 1) == 1) {
    if (call3(SYS_WRITE, back[1], (long)&c, 1) != 1) {
      break;
    }
  }
  leave(0);
}

void pipe_setup(void) {
  long self = call0(SYS_GETPID);
  if (owner == self) {
    return;
  }
  owner = self;
  if (call1(SYS_PIPE, (long)there) || call1(SYS_PIPE, (long)back)) {
    leave(2);
  }
  peer = call0(SYS_FORK);
  if (!peer) {
    serve();
  }
  call1(SYS_CLOSE, there[0]);
  call1(SYS_CLOSE, back[1]);
}

void pipe_round_trips(void) {
  for (int i = 0; i < 500; i++) {
    unsigned char c = (unsigned char)i;
    if (call3(SYS_WRITE, there[1], (long)&c, 1) != 1 ||
        call3(SYS_READ, back[0], (long)&c, 1) != 1) {
      leave(3);
    }
    sink += c;
  }
}

void pipe_end(void) {
  call1(SYS_CLOSE, there[1]);
  call1(SYS_CLOSE, back[0]);
  if (peer > 0) {
    call4(SYS_WAIT4, peer, 0, 0, 0);
  }
  owner = 0;
}

void forks(void) {
  for (int i = 0; i < 20; i++) {
    long child = call0(SYS_FORK);
    if (!child) {
      leave(i);
    }
    int status = 0;
    call4(SYS_WAIT4, child, (long)&status, 0, 0);
    sink += (uint64_t)(status >> 8);
  }
}
