// SPDX-License-Identifier: Apache-2.0
package nestor.device.rtc;

import nestor.api.device.MachinePort;

/** What firmware leaves in the CMOS memory of a PC: equipment and memory sizes. */
final class CmosLayout {
  static final int BYTES = 128;

  private static final long KIB = 1024;
  private static final long MIB = KIB * KIB;
  private static final int BASE_MEMORY_KIB = 640;

  private CmosLayout() {}

  static void fill(byte[] cells, MachinePort machine, long lowMemoryLimit) {
    long low = Math.min(machine.memoryBytes(), lowMemoryLimit);
    long high = machine.memoryBytes() - low;
    cells[0x14] = 0x06; // a floating-point unit and a pointing device, no diskette drive
    put(cells, 0x15, 2, BASE_MEMORY_KIB);
    long extendedKib = Math.min(0xFFFF, Math.max(0, low - MIB) / KIB);
    put(cells, 0x17, 2, extendedKib);
    put(cells, 0x30, 2, extendedKib);
    put(cells, 0x34, 2, Math.max(0, low - 16 * MIB) / (64 * KIB));
    put(cells, 0x5B, 3, high / (64 * KIB));
    cells[0x5F] = (byte) (machine.cpuCount() - 1);
    int sum = 0;
    for (int i = 0x10; i < 0x2E; i++) {
      sum += cells[i] & 0xFF;
    }
    cells[0x2E] = (byte) (sum >>> 8);
    cells[0x2F] = (byte) sum;
  }

  private static void put(byte[] cells, int at, int size, long value) {
    for (int i = 0; i < size; i++) {
      cells[at + i] = (byte) (value >>> (8 * i));
    }
  }
}
