// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import nestor.api.boot.MemoryLayout;
import nestor.vcpu.SystemUnit;
import nestor.vcpu.Vcpu;

/**
 * The memory types that a PC's firmware leaves behind for what it boots: RAM is write-back, the
 * adapters' range below 1 MiB and the devices' below 4 GiB are uncacheable (SDM vol. 3A, "Memory
 * Type Range Registers (MTRRs)"). Kernels take MTRRs that are off for a broken firmware.
 */
final class MemoryTypes {
  private static final int CPUID_MTRR = 1 << 12;
  private static final int VARIABLE_BASE = 0x200;
  private static final int FIXED_64K = 0x250;
  private static final int FIXED_16K_80000 = 0x258;
  private static final int FIXED_16K_A0000 = 0x259;
  private static final int FIXED_4K_C0000 = 0x268;
  private static final int FIXED_4K_COUNT = 8;
  private static final int DEFAULT_TYPE = 0x2FF;
  private static final long ENABLED_FIXED_TOO = 0xC00;
  private static final long WRITE_BACK = 6;
  private static final long WRITE_BACK_EIGHT_TIMES = 0x0606_0606_0606_0606L;
  private static final long VALID = 0x800;
  private static final long FOUR_GIB = 1L << 32;

  private MemoryTypes() {}

  /** Sets the MTRRs of a vCPU in its power-on state, if it has any. */
  static void set(Vcpu v, int physicalBits) {
    SystemUnit cpu = v.system;
    int[] features = new int[4];
    cpu.cpuid(1, 0, features);
    if ((features[3] & CPUID_MTRR) == 0) {
      return;
    }
    cpu.writeMsr(FIXED_64K, WRITE_BACK_EIGHT_TIMES);
    cpu.writeMsr(FIXED_16K_80000, WRITE_BACK_EIGHT_TIMES);
    cpu.writeMsr(FIXED_16K_A0000, 0);
    for (int n = 0; n < FIXED_4K_COUNT; n++) {
      cpu.writeMsr(FIXED_4K_C0000 + n, WRITE_BACK_EIGHT_TIMES);
    }
    long mask = (1L << physicalBits) - 1;
    int pair = VARIABLE_BASE;
    for (long base = MemoryLayout.LOW_RAM_END; base < FOUR_GIB; pair += 2) {
      long size = Long.lowestOneBit(base);
      cpu.writeMsr(pair, base); // type 0, uncacheable
      cpu.writeMsr(pair + 1, mask & -size | VALID);
      base += size;
    }
    cpu.writeMsr(DEFAULT_TYPE, ENABLED_FIXED_TOO | WRITE_BACK);
  }
}
