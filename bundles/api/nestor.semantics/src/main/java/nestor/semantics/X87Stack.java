// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.vcpu.Mem;
import nestor.vcpu.State;

/** The x87 register stack: TOP, tags and contents (SDM vol. 1, "x87 FPU Execution Environment"). */
final class X87Stack {
  private static final int TOP_SHIFT = 11;
  private static final long TOP = 7 << TOP_SHIFT;

  private X87Stack() {}

  /** {@return number of the physical register that is ST(n)} */
  static int physical(long s, int n) {
    return (int) (State.get(s, State.FSW) >> TOP_SHIFT) + n & 7;
  }

  /** {@return host address of ST(n)} */
  static long address(long s, int n) {
    return State.st(s, physical(s, n));
  }

  static boolean isEmpty(long s, int n) {
    return (State.get(s, State.FTW) >>> physical(s, n) & 1) == 0;
  }

  static long significand(long address) {
    return Mem.getLong(address);
  }

  /** {@return sign and biased exponent} */
  static int signExponent(long address) {
    return Mem.getShort(address + 8) & 0xFFFF;
  }

  /** Writes ST(n), which then is not empty. */
  static void write(long s, int n, long sig, int se) {
    int physical = physical(s, n);
    long address = State.st(s, physical);
    Mem.putLong(address, sig);
    Mem.putShort(address + 8, (short) se);
    State.set(s, State.FTW, State.get(s, State.FTW) | 1L << physical);
  }

  static void push(long s, long sig, int se) {
    rotate(s, -1);
    write(s, 0, sig, se);
  }

  static void pop(long s) {
    free(s, 0);
    rotate(s, 1);
  }

  /** Marks ST(n) empty. */
  static void free(long s, int n) {
    State.set(s, State.FTW, State.get(s, State.FTW) & ~(1L << physical(s, n)));
  }

  /** Adds to TOP. */
  static void rotate(long s, int by) {
    long fsw = State.get(s, State.FSW);
    State.set(s, State.FSW, fsw & ~TOP | fsw + ((long) by << TOP_SHIFT) & TOP);
  }
}
