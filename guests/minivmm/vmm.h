// SPDX-License-Identifier: Apache-2.0
// The parts of the small VMM: a guest on the KVM API, and what it is attached to.
#pragma once
#include "../free/free.h"
#include <linux/kvm.h>

enum { MOST_VCPUS = 8 };

struct guest;

struct vcpu {
  struct guest *guest;
  int fd;
  struct kvm_run *run;
};

struct guest {
  int kvm, vm;
  unsigned vcpus;
  struct vcpu vcpu[MOST_VCPUS];
  uint8_t *ram;
  uint64_t ram_size;
  int busy; // the lock of all below and of the devices
  uint64_t exits_to_io, exits_to_mmio, exits_to_hlt;
  // Called once, by the thread whose vCPU has ended the guest, with how it did.
  void (*ended)(struct guest *guest, const char *how);
};

// vmm.c
_Noreturn void fail(const char *what, long error);
// An ioctl that must succeed.
int control(int fd, unsigned long request, const void *argument, const char *what);
void create_guest(struct guest *guest, uint64_t ram_size, unsigned vcpus, int with_interrupt_chips);
// The first vCPU in long mode, the first 4 GiB mapped to themselves by 2 MiB pages; tables from
// 8000h to EFFFh.
void enter_long_mode(struct guest *guest, uint64_t rip, uint64_t rsi);

// run.c
// Runs until the guest ends, each vCPU on a thread; then leaves this process.
_Noreturn void run_guest(struct guest *guest);

// ports.c
// True if the guest ended itself: by power-off, a reset, or the debug exit port.
int port_access(struct guest *guest, int out, int port, int size, uint8_t *data);

// acpi.c
enum { PM1_EVENT = 0x600, PM1_CONTROL = 0x604, SLEEP_ENABLE = 1 << 13, SCI = 9 };
// Tables that tell of the vCPUs, the interrupt chips and power-off, where firmware leaves them.
void put_acpi_tables(struct guest *guest);

// uart.c
void uart_write(int vm, int offset, uint8_t value);
uint8_t uart_read(int vm, int offset);
void uart_flush(void);

// linux.c
int boot_linux(char **arguments, unsigned vcpus);

// micro.c
int run_micro(const char *kind, uint64_t count);
