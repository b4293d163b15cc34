// SPDX-License-Identifier: Apache-2.0
// ACPI tables of the guest (ACPI specification 6.5, chapter 5, "ACPI Software Programming Model").
#include "vmm.h"

// Addresses in the area where the root pointer is looked for.
enum { ROOT_POINTER = 0xE0000, ROOT = 0xE0100, FIXED = 0xE0200, FIRMWARE = 0xE0400 };
enum { DEFINITIONS = 0xE0500, INTERRUPTS = 0xE0600 };
enum { HEADER = 36, CHECKSUM = 9, LOCAL_APIC = 0xFEE00000u, IO_APIC = 0xFEC00000u };

static void set(uint8_t *at, uint64_t value, unsigned bytes) {
  for (unsigned i = 0; i < bytes; i++) {
    at[i] = (uint8_t)(value >> 8 * i);
  }
}

static void copy(uint8_t *to, const char *text) {
  while (*text) {
    *to++ = (uint8_t)*text++;
  }
}

// Makes the bytes of a table add up to zero.
static void seal(uint8_t *table, unsigned size, unsigned checksum) {
  uint8_t sum = 0;
  for (unsigned i = 0; i < size; i++) {
    sum += table[i];
  }
  table[checksum] = (uint8_t)-sum;
}

static void finish(uint8_t *table, const char *signature, unsigned revision, unsigned size) {
  copy(table, signature);
  set(table + 4, size, 4);
  table[8] = (uint8_t)revision;
  copy(table + 10, "NESTOR");
  copy(table + 16, "MINIVMM ");
  set(table + 24, 1, 4);
  copy(table + 28, "NSTR");
  set(table + 32, 1, 4);
  seal(table, size, CHECKSUM);
}

static void put_root(uint8_t *ram) {
  uint8_t *pointer = ram + ROOT_POINTER;
  copy(pointer, "RSD PTR ");
  copy(pointer + 9, "NESTOR");
  pointer[15] = 2; // ACPI 2.0 and later
  set(pointer + 20, HEADER, 4);
  set(pointer + 24, ROOT, 8);
  seal(pointer, 20, 8);
  seal(pointer, HEADER, 32);
  set(ram + ROOT + HEADER, FIXED, 8);
  set(ram + ROOT + HEADER + 8, INTERRUPTS, 8);
  finish(ram + ROOT, "XSDT", 1, HEADER + 16);
}

// A register block in system I/O space, as a generic address.
static void set_block(uint8_t *at, unsigned port, unsigned bytes) {
  at[0] = 1;
  at[1] = (uint8_t)(8 * bytes);
  set(at + 4, port, 8);
}

// The fixed hardware is PM1 alone, always in ACPI mode; there is no 8042 and no VGA.
static void put_fixed(uint8_t *ram) {
  uint8_t *table = ram + FIXED;
  set(table + 36, FIRMWARE, 4);
  set(table + 40, DEFINITIONS, 4);
  set(table + 46, SCI, 2);
  set(table + 56, PM1_EVENT, 4);
  set(table + 64, PM1_CONTROL, 4);
  table[88] = 4;
  table[89] = 2;
  set(table + 96, 0xFFFF, 2);      // no C2
  set(table + 98, 0xFFFF, 2);      // no C3
  set(table + 109, 1 | 1 << 2, 2); // devices of the ISA bus; no VGA
  // WBINVD, C1, no fixed buttons, no fixed RTC wake, a reset register.
  set(table + 112, 1 | 1 << 2 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 10, 4);
  set_block(table + 116, 0xCF9, 1);
  table[128] = 6;
  set(table + 140, DEFINITIONS, 8);
  set_block(table + 148, PM1_EVENT, 4);
  set_block(table + 172, PM1_CONTROL, 2);
  finish(table, "FACP", 4, 244);
  uint8_t *firmware = ram + FIRMWARE;
  copy(firmware, "FACS");
  set(firmware + 4, 64, 4);
  firmware[32] = 2;
  // Name (\_S5, Package (4) {5, 5, 0, 0}): what power-off writes to PM1's control.
  static const uint8_t soft_off[] = {0x08, 0x5C, 0x5F, 0x53, 0x35, 0x5F, 0x12, 0x08,
                                     0x04, 0x0A, 0x05, 0x0A, 0x05, 0x00, 0x00};
  __builtin_memcpy(ram + DEFINITIONS + HEADER, soft_off, sizeof soft_off);
  finish(ram + DEFINITIONS, "DSDT", 2, HEADER + sizeof soft_off);
}

static void put_interrupts(uint8_t *ram, unsigned vcpus) {
  uint8_t *table = ram + INTERRUPTS;
  set(table + 36, LOCAL_APIC, 4);
  set(table + 40, 1, 4); // with the two 8259 chips of a PC
  uint8_t *at = table + 44;
  for (unsigned i = 0; i < vcpus; i++) {
    at[1] = 8; // type 0, processor local APIC
    at[2] = at[3] = (uint8_t)i;
    at[4] = 1; // enabled
    at += 8;
  }
  at[0] = 1; // I/O APIC
  at[1] = 12;
  set(at + 4, IO_APIC, 4);
  at += 12;
  at[0] = 2; // interrupt source override: the SCI is level-triggered
  at[1] = 10;
  at[3] = SCI;
  set(at + 4, SCI, 4);
  set(at + 8, 1 | 3 << 2, 2);
  at += 10;
  finish(table, "APIC", 3, (unsigned)(at - table));
}

void put_acpi_tables(struct guest *guest) {
  put_root(guest->ram);
  put_fixed(guest->ram);
  put_interrupts(guest->ram, guest->vcpus);
}
