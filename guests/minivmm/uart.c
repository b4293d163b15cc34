// SPDX-License-Identifier: Apache-2.0
// An 8250 on IRQ 4 that sends at once to standard output and never receives.
#include "vmm.h"

enum { IER_THRE = 2, LCR_DLAB = 0x80, MCR_LOOP = 0x10, IIR_NONE = 0xC1, IIR_THRE = 0xC2 };

static uint8_t ier, lcr, mcr, scratch, divisor[2] = {1, 0};
static int thre_pending, line_level;
static char output[4096];
static unsigned held;

void uart_flush(void) {
  if (held) {
    call3(SYS_WRITE, 1, (long)output, held);
    held = 0;
  }
}

static void update_line(int vm) {
  int level = (ier & IER_THRE) && thre_pending;
  if (level != line_level) {
    line_level = level;
    struct kvm_irq_level irq = {.irq = 4, .level = (uint32_t)level};
    control(vm, KVM_IRQ_LINE, &irq, "irq line");
  }
}

static void send(int vm, uint8_t value) {
  if (mcr & MCR_LOOP) {
    return;
  }
  output[held++] = (char)value;
  if (value == '\n' || held == sizeof output) {
    uart_flush();
  }
  // Full for an instant, then empty again: the edge that an interrupt chip wants to see.
  thre_pending = 0;
  update_line(vm);
  thre_pending = 1;
  update_line(vm);
}

void uart_write(int vm, int offset, uint8_t value) {
  if ((lcr & LCR_DLAB) && offset < 2) {
    divisor[offset] = value;
    return;
  }
  switch (offset) {
    case 0: send(vm, value); break;
    case 1:
      if ((value & IER_THRE) && !(ier & IER_THRE)) {
        thre_pending = 1;
      }
      ier = value & 15;
      update_line(vm);
      break;
    case 3: lcr = value; break;
    case 4: mcr = value & 0x1F; break;
    case 7: scratch = value; break;
    default: break;
  }
}

static uint8_t identify(int vm) {
  if (!(ier & IER_THRE) || !thre_pending) {
    return IIR_NONE;
  }
  thre_pending = 0;
  update_line(vm);
  return IIR_THRE;
}

uint8_t uart_read(int vm, int offset) {
  if ((lcr & LCR_DLAB) && offset < 2) {
    return divisor[offset];
  }
  switch (offset) {
    case 0: return 0;
    case 1: return ier;
    case 2: return identify(vm);
    case 3: return lcr;
    case 4: return mcr;
    case 5: return 0x60; // both transmit registers empty
    case 6:
      return (mcr & MCR_LOOP)
                 ? (uint8_t)((mcr & 1) << 5 | (mcr & 2) << 3 | (mcr & 12) << 4)
                 : 0xB0; // carrier, data set ready, clear to send
    default: return scratch;
  }
}
