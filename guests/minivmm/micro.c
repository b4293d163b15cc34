// SPDX-License-Identifier: Apache-2.0
// A loop of one instruction that exits, N times: the cost of an exit.
#include "vmm.h"

enum { CODE_AT = 0x4000, RAM_SIZE = 80 << 20, MOST_PAGES = 16000 };

static const struct kind {
  const char *name;
  uint8_t size, code[15];
} kinds[] = {
    {"empty", 0, {0}},
    {"cpuid", 4, {0x31, 0xC0, 0x0F, 0xA2}},
    {"rdmsr", 7, {0xB9, 0x1B, 0, 0, 0, 0x0F, 0x32}},
    // The low half of IA32_PAT, kept legal.
    {"wrmsr", 14, {0xB9, 0x77, 2, 0, 0, 0xB8, 6, 4, 7, 0, 0x31, 0xD2, 0x0F, 0x30}},
    {"out", 2, {0xE6, 0x80}},
    {"pic", 2, {0xE4, 0x21}},
    {"hlt", 1, {0xF4}},
    {"mmio", 3, {0x41, 0x89, 0x06}},
    // movb $1, (%r13); add $1000h, %r13: a new page each time.
    {"npf", 12, {0x41, 0xC6, 0x45, 0, 1, 0x49, 0x81, 0xC5, 0, 0x10, 0, 0}},
    {"vmcall", 8, {0xB8, 0x63, 0, 0, 0, 0x0F, 0x01, 0xC1}},
};

static uint8_t *emit(uint8_t *at, const uint8_t *code, unsigned size) {
  for (unsigned i = 0; i < size; i++) {
    *at++ = code[i];
  }
  return at;
}

// movabs $value, %r13..%r15 (opcode B8 + register - 8, with REX.WB).
static uint8_t *emit_load(uint8_t *at, int reg, uint64_t value) {
  *at++ = 0x49;
  *at++ = (uint8_t)(0xB0 + reg);
  __builtin_memcpy(at, &value, 8);
  return at + 8;
}

static void emit_loop(uint8_t *at, const struct kind *kind, uint64_t count) {
  static const uint8_t decrement[] = {0x49, 0xFF, 0xCF, 0x0F, 0x85}; // dec %r15; jnz
  static const uint8_t finish[] = {0x49, 0x83, 0xCF, 0xFF, 0xE6, 0xF4, 0xF4}; // or; out F4h; hlt
  at = emit_load(at, 15, count);
  at = emit_load(at, 14, 0xD0000000u);
  at = emit_load(at, 13, 0x400000u);
  uint8_t *top = at;
  at = emit(at, kind->code, kind->size);
  at = emit(at, decrement, sizeof decrement);
  int32_t back = (int32_t)(top - (at + 4));
  __builtin_memcpy(at, &back, 4);
  emit(at + 4, finish, sizeof finish);
}

static const char *kind_name;
static uint64_t loops, start_time, start_cycles;

static void report_end(struct guest *guest, const char *how) {
  struct line line = {.used = 0};
  uint64_t cycles = timestamp() - start_cycles, time = nanoseconds() - start_time;
  put(&line, "E micro-");
  put(&line, kind_name);
  put(&line, " 0 ");
  put_number(&line, loops);
  put(&line, " ");
  put_number(&line, time);
  put(&line, " ");
  put_number(&line, cycles);
  put(&line, " ");
  put_decimal(&line, (double)loops * 1e9 / (double)(time ? time : 1), 0);
  put(&line, " /s (");
  put(&line, how);
  put(&line, "; io ");
  put_number(&line, guest->exits_to_io);
  put(&line, " mmio ");
  put_number(&line, guest->exits_to_mmio);
  put(&line, " hlt ");
  put_number(&line, guest->exits_to_hlt);
  put(&line, ")\n");
  print(&line);
}

int run_micro(const char *name, uint64_t count) {
  static struct guest guest = {.ended = report_end};
  struct line line = {.used = 0};
  const struct kind *kind = 0;
  for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    if (same(kinds[i].name, name)) {
      kind = &kinds[i];
    }
  }
  if (!kind || !count) {
    put(&line, kind ? "the count must be at least 1\n" : "unknown kind\n");
    print(&line);
    return 1;
  }
  kind_name = name;
  loops = same(name, "npf") && count > MOST_PAGES ? MOST_PAGES : count;
  create_guest(&guest, RAM_SIZE, 1, same(name, "pic"));
  emit_loop(guest.ram + CODE_AT, kind, loops);
  enter_long_mode(&guest, CODE_AT, 0);
  put(&line, "B micro-");
  put(&line, name);
  put(&line, " 0\n");
  print(&line);
  start_time = nanoseconds();
  start_cycles = timestamp();
  run_guest(&guest);
}
