// SPDX-License-Identifier: Apache-2.0
package nestor.apic;

/** The local vector table (SDM vol. 3A, "Local Vector Table"). */
final class Lvt {
  private static final int MASK = 1 << 16;

  /** Writable bits of CMCI, timer, thermal, performance, LINT0, LINT1, error. */
  private static final int[] WRITABLE = {
    0x1_07FF, 0x7_00FF, 0x1_07FF, 0x1_07FF, 0x1_A7FF, 0x1_A7FF, 0x1_00FF
  };

  private final int[] entries = new int[7];

  Lvt() {
    reset();
  }

  static boolean isEntry(int register) {
    return register == Registers.CMCI
        || register >= Registers.LVT_TIMER && register <= Registers.LVT_ERROR;
  }

  private static int index(int register) {
    return register == Registers.CMCI ? 0 : register - Registers.LVT_TIMER + 1;
  }

  void reset() {
    for (int n = 0; n < entries.length; n++) {
      entries[n] = MASK;
    }
  }

  int get(int register) {
    return entries[index(register)];
  }

  /** While the APIC is software-disabled the mask bits cannot be cleared. */
  void set(int register, int value, boolean enabled) {
    int n = index(register);
    entries[n] = value & WRITABLE[n] | (enabled ? 0 : MASK);
  }

  void maskAll() {
    for (int n = 0; n < entries.length; n++) {
      entries[n] |= MASK;
    }
  }

  long[] save() {
    long[] saved = new long[entries.length];
    for (int n = 0; n < saved.length; n++) {
      saved[n] = entries[n];
    }
    return saved;
  }

  void restore(long[] saved) {
    for (int n = 0; n < entries.length; n++) {
      entries[n] = (int) saved[n];
    }
  }
}
