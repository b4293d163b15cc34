// SPDX-License-Identifier: Apache-2.0
// The parts of the small VMM: a guest of one vCPU on the KVM API, and what it is attached to.
#pragma once
#include "../free/free.h"
#include <linux/kvm.h>

struct guest {
  int kvm, vm, vcpu;
  uint8_t *ram;
  uint64_t ram_size;
  struct kvm_run *run;
  uint64_t exits_to_io, exits_to_mmio, exits_to_hlt;
};

// vmm.c
_Noreturn void fail(const char *what, long error);
// An ioctl that must succeed.
int control(int fd, unsigned long request, const void *argument, const char *what);
void create_guest(struct guest *guest, uint64_t ram_size, int with_interrupt_chips);
// Long mode, the first 4 GiB mapped to themselves by 2 MiB pages; tables from 8000h to EFFFh.
void enter_long_mode(struct guest *guest, uint64_t rip, uint64_t rsi);
// Runs until the guest ends; says how it did.
const char *run_guest(struct guest *guest);

// uart.c
void uart_write(int vm, int offset, uint8_t value);
uint8_t uart_read(int vm, int offset);
void uart_flush(void);

// linux.c
int boot_linux(char **arguments);

// micro.c
int run_micro(const char *kind, uint64_t count);
