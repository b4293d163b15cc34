// SPDX-License-Identifier: Apache-2.0
package nestor.apic;

/**
 * Numbers of the registers, page offset divided by 16, and which of them RDMSR and WRMSR accept in
 * x2APIC mode (SDM vol. 3A, "Local APIC Register Address Map", "x2APIC Register Address Space").
 */
final class Registers {
  static final int ID = 0x02;
  static final int VERSION = 0x03;
  static final int TPR = 0x08;
  static final int APR = 0x09;
  static final int PPR = 0x0A;
  static final int EOI = 0x0B;
  static final int RRD = 0x0C;
  static final int LDR = 0x0D;
  static final int DFR = 0x0E;
  static final int SVR = 0x0F;
  static final int ISR = 0x10;
  static final int TMR = 0x18;
  static final int IRR = 0x20;
  static final int ESR = 0x28;
  static final int CMCI = 0x2F;
  static final int ICR_LOW = 0x30;
  static final int ICR_HIGH = 0x31;
  static final int LVT_TIMER = 0x32;
  static final int LVT_LINT0 = 0x35;
  static final int LVT_LINT1 = 0x36;
  static final int LVT_ERROR = 0x37;
  static final int TIMER_INITIAL = 0x38;
  static final int TIMER_CURRENT = 0x39;
  static final int TIMER_DIVIDE = 0x3E;
  static final int SELF_IPI = 0x3F;

  private Registers() {}

  static boolean readableByMsr(int n) {
    return switch (n) {
      case ID,
          VERSION,
          TPR,
          PPR,
          LDR,
          SVR,
          ESR,
          ICR_LOW,
          TIMER_INITIAL,
          TIMER_CURRENT,
          TIMER_DIVIDE ->
          true;
      default -> n >= ISR && n < IRR + 8 || Lvt.isEntry(n);
    };
  }

  static boolean writableByMsr(int n, long value) {
    return switch (n) {
      case TPR, SELF_IPI -> (value & ~0xFFL) == 0;
      case EOI, ESR -> value == 0;
      case SVR -> (value & ~0x13FFL) == 0;
      case ICR_LOW -> (value & 0xFFF3_2000L) == 0;
      case TIMER_INITIAL -> value >>> 32 == 0;
      case TIMER_DIVIDE -> (value & ~0xBL) == 0;
      case CMCI, 0x33, 0x34 -> (value & ~0x1_17FFL) == 0;
      case LVT_TIMER -> (value & ~0x7_10FFL) == 0;
      case LVT_LINT0, LVT_LINT1 -> (value & ~0x1_F7FFL) == 0;
      case LVT_ERROR -> (value & ~0x1_10FFL) == 0;
      default -> false;
    };
  }
}
