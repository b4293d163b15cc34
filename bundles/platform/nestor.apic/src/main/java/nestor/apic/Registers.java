// SPDX-License-Identifier: Apache-2.0
package nestor.apic;

/** Which x2APIC registers RDMSR and WRMSR accept (SDM vol. 3A, "x2APIC Register Address Space"). */
final class Registers {
  private Registers() {}

  static boolean readableByMsr(int n) {
    return switch (n) {
      case Apic.ID,
          Apic.VERSION,
          Apic.TPR,
          Apic.PPR,
          Apic.LDR,
          Apic.SVR,
          Apic.ESR,
          Apic.ICR_LOW,
          Apic.TIMER_INITIAL,
          Apic.TIMER_CURRENT,
          Apic.TIMER_DIVIDE ->
          true;
      default -> n >= Apic.ISR && n < Apic.IRR + 8 || Lvt.isEntry(n);
    };
  }

  static boolean writableByMsr(int n, long value) {
    return switch (n) {
      case Apic.TPR, Apic.SELF_IPI -> (value & ~0xFFL) == 0;
      case Apic.EOI, Apic.ESR -> value == 0;
      case Apic.SVR -> (value & ~0x13FFL) == 0;
      case Apic.ICR_LOW -> (value & 0xFFF3_2000L) == 0;
      case Apic.TIMER_INITIAL -> value >>> 32 == 0;
      case Apic.TIMER_DIVIDE -> (value & ~0xBL) == 0;
      case Apic.CMCI, 0x33, 0x34 -> (value & ~0x1_17FFL) == 0;
      case Apic.LVT_TIMER -> (value & ~0x7_10FFL) == 0;
      case Apic.LVT_LINT0, Apic.LVT_LINT1 -> (value & ~0x1_F7FFL) == 0;
      case Apic.LVT_ERROR -> (value & ~0x1_10FFL) == 0;
      default -> false;
    };
  }
}
