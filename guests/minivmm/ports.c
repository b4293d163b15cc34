// SPDX-License-Identifier: Apache-2.0
// What the guest finds at its I/O ports, beside the interrupt chips and the timer that KVM has.
#include "vmm.h"

enum { COM1 = 0x3F8, CMOS = 0x70, CMOS_DATA = 0x71, KEYBOARD = 0x64, SPEAKER = 0x61 };
enum { DEBUG_EXIT = 0xF4, RESET_CONTROL = 0xCF9, PCI_ADDRESS = 0xCF8, PCI_DATA = 0xCFC };
enum { SCI_ENABLE = 1 };

static uint8_t cmos_index, pm1[6] = {[4] = SCI_ENABLE}, pci_address[4];

// What the CMOS clock says: never updating, 24 hours, battery good, the first of January.
static uint8_t cmos_value(void) {
  switch (cmos_index) {
    case 0x0A: return 0x26;
    case 0x0B: return 0x02;
    case 0x0D: return 0x80;
    case 7:
    case 8: return 1;
    default: return 0;
  }
}

// A byte of PCI's configuration space: a host bridge alone.
static uint8_t configuration(int byte) {
  static const uint8_t bridge[12] = {0x86, 0x80, 0x37, 0x12, 0, 0, 0, 0, 2, 0, 0, 6};
  uint32_t address;
  __builtin_memcpy(&address, pci_address, 4);
  if ((address & 0x80FFFF00u) != 0x80000000u) {
    return 0xFF;
  }
  unsigned at = (address & 0xFC) + (unsigned)byte;
  return at < sizeof bridge ? bridge[at] : 0;
}

static int write_port(struct guest *guest, int port, int size, uint8_t value) {
  if (port >= COM1 && port < COM1 + 8) {
    uart_write(guest->vm, port - COM1, value);
  } else if (port >= PM1_EVENT + 2 && port < PM1_EVENT + (int)sizeof pm1) {
    // The status bytes before are never set, and writing ones to them clears them.
    pm1[port - PM1_EVENT] = value | (port == PM1_CONTROL ? SCI_ENABLE : 0);
    return port == PM1_CONTROL + 1 && (value & SLEEP_ENABLE >> 8);
  } else if (port >= PCI_ADDRESS && port < PCI_ADDRESS + 4 && size == 4) {
    pci_address[port - PCI_ADDRESS] = value;
  } else if (port == CMOS) {
    cmos_index = value & 0x7F;
  } else {
    return port == DEBUG_EXIT || (port == KEYBOARD && value == 0xFE) ||
           (port == RESET_CONTROL && (value & 4));
  }
  return 0;
}

static uint8_t read_port(struct guest *guest, int port) {
  if (port >= COM1 && port < COM1 + 8) {
    return uart_read(guest->vm, port - COM1);
  }
  if (port >= PM1_EVENT && port < PM1_EVENT + (int)sizeof pm1) {
    return pm1[port - PM1_EVENT];
  }
  if (port >= PCI_ADDRESS && port < PCI_ADDRESS + 4) {
    return pci_address[port - PCI_ADDRESS];
  }
  if (port >= PCI_DATA && port < PCI_DATA + 4) {
    return configuration(port - PCI_DATA);
  }
  switch (port) {
    case KEYBOARD: return 0;
    case CMOS_DATA: return cmos_value();
    case SPEAKER: return 0x20;
    default: return 0xFF;
  }
}

int port_access(struct guest *guest, int out, int port, int size, uint8_t *data) {
  int ended = 0;
  for (int i = 0; i < size; i++) {
    if (out) {
      ended |= write_port(guest, port + i, size, data[i]);
    } else {
      data[i] = read_port(guest, port + i);
    }
  }
  return ended;
}
