// SPDX-License-Identifier: Apache-2.0
// Boots a bzImage at its 64-bit entry (the kernel's x86/boot document).
#include "vmm.h"

enum { KERNEL_AT = 0x1000000, ZERO_PAGE = 0x10000, COMMAND_LINE = 0x20000, COMMAND_LIMIT = 2048 };
enum { E820_RAM = 1, E820_RESERVED = 2 };

static uint64_t started;

static int open_file(const char *name) {
  long fd = call3(SYS_OPEN, (long)name, 0, 0);
  if (fd < 0) {
    fail(name, fd);
  }
  return (int)fd;
}

// The whole file, or as much as fits.
static uint64_t read_file(const char *name, uint8_t *to, uint64_t limit) {
  int fd = open_file(name);
  uint64_t count = 0;
  long got;
  while (count < limit && (got = call3(SYS_READ, fd, (long)(to + count), (long)(limit - count))) > 0) {
    count += (uint64_t)got;
  }
  call1(SYS_CLOSE, fd);
  return count;
}

static uint32_t field32(const uint8_t *at) {
  uint32_t value;
  __builtin_memcpy(&value, at, 4);
  return value;
}

static void set_field32(uint8_t *at, uint64_t value) {
  uint32_t narrow = (uint32_t)value;
  __builtin_memcpy(at, &narrow, 4);
}

static void put_e820(uint8_t *entry, uint64_t start, uint64_t size, uint32_t type) {
  __builtin_memcpy(entry, &start, 8);
  __builtin_memcpy(entry + 8, &size, 8);
  set_field32(entry + 16, type);
}

static int refuse(const char *why) {
  struct line line = {.used = 0};
  put(&line, "minivmm: ");
  put(&line, why);
  put(&line, "\n");
  print(&line);
  return 1;
}

static void fill_zero_page(struct guest *guest, const uint8_t *kernel, uint64_t initrd_at,
                           uint64_t initrd_size) {
  uint8_t *zero_page = guest->ram + ZERO_PAGE;
  unsigned header = 0x202u + kernel[0x201] - 0x1F1u;
  for (unsigned i = 0; i < header; i++) {
    zero_page[0x1F1 + i] = kernel[0x1F1 + i];
  }
  zero_page[0x210] = 0xFF; // type_of_loader: none of the registered
  zero_page[0x211] |= 1;   // loadflags: LOADED_HIGH
  set_field32(zero_page + 0x214, KERNEL_AT);
  set_field32(zero_page + 0x218, initrd_at);
  set_field32(zero_page + 0x21C, initrd_size);
  set_field32(zero_page + 0x228, COMMAND_LINE);
  put_e820(zero_page + 0x2D0, 0, 0x9FC00, E820_RAM);
  put_e820(zero_page + 0x2D0 + 20, 0x9FC00, 0x60400, E820_RESERVED);
  put_e820(zero_page + 0x2D0 + 40, 0x100000, guest->ram_size - 0x100000, E820_RAM);
  zero_page[0x1E8] = 3;
}

static void report_end(struct guest *guest, const char *how) {
  struct line line = {.used = 0};
  uint64_t nanos = nanoseconds() - started;
  uart_flush();
  put(&line, "minivmm: ");
  put(&line, how);
  put(&line, " after ");
  put_decimal(&line, (double)nanos * 1e-9, 3);
  put(&line, " s (L1 clock); userspace exits: io ");
  put_number(&line, guest->exits_to_io);
  put(&line, " mmio ");
  put_number(&line, guest->exits_to_mmio);
  put(&line, " hlt ");
  put_number(&line, guest->exits_to_hlt);
  put(&line, "\n");
  print(&line);
}

int boot_linux(char **arguments, unsigned vcpus) {
  static struct guest guest = {.ended = report_end};
  struct line line = {.used = 0};
  uint64_t ram_size = number(arguments[2]) << 20;
  if (ram_size < 64 << 20 || ram_size > 3ull << 30) {
    return refuse("memory must be 64 to 3072 MiB");
  }
  uint64_t limit = 64 << 20;
  uint8_t *kernel = memory(limit);
  uint64_t kernel_size = read_file(arguments[0], kernel, limit);
  unsigned setup = (kernel[0x1F1] ? kernel[0x1F1] : 4) * 512u + 512u;
  if (field32(kernel + 0x202) != 0x53726448 || kernel_size <= setup) {
    return refuse("not a bzImage");
  }
  uint32_t init_size = field32(kernel + 0x260);
  create_guest(&guest, ram_size, vcpus, 1);
  put(&line, "minivmm: protocol ");
  put_hex(&line, kernel[0x207]);
  put(&line, kernel[0x206] < 16 ? ".0" : ".");
  put_hex(&line, kernel[0x206]);
  put(&line, " xloadflags ");
  put_hex(&line, kernel[0x236] | (unsigned)kernel[0x237] << 8);
  put(&line, "\n");
  print(&line);
  if (KERNEL_AT + kernel_size - setup > ram_size || KERNEL_AT + (uint64_t)init_size > ram_size) {
    return refuse("too little memory");
  }
  __builtin_memcpy(guest.ram + KERNEL_AT, kernel + setup, kernel_size - setup);
  uint64_t initrd_limit = ram_size - KERNEL_AT - init_size;
  uint8_t *initrd = memory(initrd_limit);
  uint64_t initrd_size = read_file(arguments[1], initrd, initrd_limit);
  uint64_t initrd_at = (ram_size - initrd_size - 0x10000) & ~0xFFFull;
  if (initrd_size == initrd_limit || initrd_at < KERNEL_AT + (uint64_t)init_size) {
    return refuse("too little memory");
  }
  __builtin_memcpy(guest.ram + initrd_at, initrd, initrd_size);
  call2(SYS_MUNMAP, (long)initrd, (long)initrd_limit);
  fill_zero_page(&guest, kernel, initrd_at, initrd_size);
  call2(SYS_MUNMAP, (long)kernel, (long)limit);
  size_t command_length = length(arguments[3]);
  if (command_length >= COMMAND_LIMIT) {
    return refuse("command line is too long");
  }
  __builtin_memcpy(guest.ram + COMMAND_LINE, arguments[3], command_length + 1);
  put_acpi_tables(&guest);
  enter_long_mode(&guest, KERNEL_AT + 0x200, ZERO_PAGE);
  put(&line, "L2START\n");
  print(&line);
  started = nanoseconds();
  run_guest(&guest);
}
