// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.semantics.fp.F32;
import nestor.semantics.fp.F64;
import nestor.semantics.fp.FpFlags;
import nestor.vcpu.Mem;
import nestor.vcpu.Vcpu;

/** HADDPS, HSUBPS, DPPS and their double-precision forms, within 128-bit lanes. */
final class FloatHorizontal {
  private FloatHorizontal() {}

  /** Neighbours of {@code a}, then of {@code b}, added or subtracted. */
  static void singles(int op, long t, long a, long b, int bytes, int env, FpFlags f) {
    for (int k = 0; k < bytes; k += 4) {
      long from = ((k & 8) == 0 ? a : b) + (k & -16) + 2L * (k & 4);
      Mem.putInt(t + k, FloatLanes.single(op, Mem.getInt(from), Mem.getInt(from + 4), 0, env, f));
    }
  }

  /** As {@link #singles}. */
  static void doubles(int op, long t, long a, long b, int bytes, int env, FpFlags f) {
    for (int k = 0; k < bytes; k += 8) {
      long from = ((k & 8) == 0 ? a : b) + (k & -16);
      Mem.putLong(t + k, FloatLanes.twice(op, Mem.getLong(from), Mem.getLong(from + 8), 0, env, f));
    }
  }

  /**
   * DPPS: products of the elements that the immediate's high half selects, added in pairs; its low
   * half selects where the sum goes. Exceptions are determined for each step.
   */
  static void dotSingles(Vcpu v, Insn i, long t, long a, long b, int bytes, int env, FpFlags f) {
    int imm = (int) i.imm;
    for (int base = 0; base < bytes; base += 16) {
      for (int k = 0; k < 4; k++) {
        long at = base + 4L * k;
        boolean selected = (imm >> (4 + k) & 1) != 0;
        Mem.putInt(t + at, selected ? F32.mul(Mem.getInt(a + at), Mem.getInt(b + at), env, f) : 0);
      }
    }
    SimdExceptions.deliver(v, i, f);
    for (int base = 0; base < bytes; base += 16) {
      long at = t + base;
      Mem.putInt(at, F32.add(Mem.getInt(at), Mem.getInt(at + 4), env, f));
      Mem.putInt(at + 4, F32.add(Mem.getInt(at + 8), Mem.getInt(at + 12), env, f));
    }
    SimdExceptions.deliver(v, i, f);
    for (int base = 0; base < bytes; base += 16) {
      long at = t + base;
      int sum = F32.add(Mem.getInt(at), Mem.getInt(at + 4), env, f);
      for (int k = 0; k < 4; k++) {
        Mem.putInt(at + 4L * k, (imm >> k & 1) != 0 ? sum : 0);
      }
    }
  }

  /** DPPD: as {@link #dotSingles}, with two elements. */
  static void dotDoubles(Vcpu v, Insn i, long t, long a, long b, int env, FpFlags f) {
    int imm = (int) i.imm;
    long low = (imm & 16) != 0 ? F64.mul(Mem.getLong(a), Mem.getLong(b), env, f) : 0;
    long high = (imm & 32) != 0 ? F64.mul(Mem.getLong(a + 8), Mem.getLong(b + 8), env, f) : 0;
    SimdExceptions.deliver(v, i, f);
    long sum = F64.add(low, high, env, f);
    Mem.putLong(t, (imm & 1) != 0 ? sum : 0);
    Mem.putLong(t + 8, (imm & 2) != 0 ? sum : 0);
  }
}
