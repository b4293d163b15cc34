// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import nestor.vcpu.Segment;

/**
 * Fields of a segment or gate descriptor, read from its first eight bytes (SDM vol. 3A, "Segment
 * Descriptors" and "IDT Descriptors").
 */
final class Descriptor {
  private Descriptor() {}

  /** System types. */
  static final int TSS16 = 1;

  static final int LDT = 2;
  static final int TSS16_BUSY = 3;
  static final int CALL_GATE16 = 4;
  static final int TASK_GATE = 5;
  static final int INTERRUPT_GATE16 = 6;
  static final int TRAP_GATE16 = 7;
  static final int TSS = 9;
  static final int TSS_BUSY = 11;
  static final int CALL_GATE = 12;
  static final int INTERRUPT_GATE = 14;
  static final int TRAP_GATE = 15;

  /** {@return the attribute word of {@link Segment}} */
  static int attributes(long d) {
    return (int) (d >>> 40) & 0xF0FF;
  }

  static long base(long d) {
    return d >>> 16 & 0xFF_FFFF | d >>> 32 & 0xFF00_0000L;
  }

  /** {@return the limit in bytes} */
  static long limit(long d) {
    long raw = d & 0xFFFF | d >>> 32 & 0xF_0000;
    return (d >>> 55 & 1) != 0 ? raw << 12 | 0xFFF : raw;
  }

  static int type(long d) {
    return (int) (d >>> 40) & 15;
  }

  static int dpl(long d) {
    return (int) (d >>> 45) & 3;
  }

  static boolean present(long d) {
    return (d >>> 47 & 1) != 0;
  }

  /** {@return whether it describes a code or data segment} */
  static boolean isSegment(long d) {
    return (d >>> 44 & 1) != 0;
  }

  static boolean isCode(long d) {
    return (d >>> 43 & 3) == 3;
  }

  static boolean isConforming(long d) {
    return (d >>> 42 & 7) == 7;
  }

  static boolean isWritableData(long d) {
    return (d >>> 41 & 0xD) == 9;
  }

  static boolean isReadable(long d) {
    return isSegment(d) && (!isCode(d) || (d >>> 41 & 1) != 0);
  }

  static boolean isLong(long d) {
    return (d >>> 53 & 1) != 0;
  }

  static boolean isBig(long d) {
    return (d >>> 54 & 1) != 0;
  }

  /** {@return the system type, or -1 for code and data} */
  static int systemType(long d) {
    return isSegment(d) ? -1 : type(d);
  }

  static int gateSelector(long d) {
    return (int) (d >>> 16) & 0xFFFF;
  }

  /** {@return the offset of a 32-bit gate, or the low half of a 64-bit gate's} */
  static long gateOffset(long d) {
    return d & 0xFFFF | d >>> 32 & 0xFFFF_0000L;
  }

  static boolean isTss(int systemType) {
    return (systemType & ~(8 | 2)) == 1 && systemType >= 0;
  }

  static boolean isAvailableTss(int systemType) {
    return systemType == TSS || systemType == TSS16;
  }
}
