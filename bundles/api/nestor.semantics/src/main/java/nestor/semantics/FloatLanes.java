// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.semantics.fp.Approx;
import nestor.semantics.fp.F32;
import nestor.semantics.fp.F64;
import nestor.semantics.fp.FpClass;
import nestor.semantics.fp.FpConvert;
import nestor.semantics.fp.FpFlags;
import nestor.semantics.fp.FpRelation;
import nestor.semantics.fp.FpScale;
import nestor.semantics.fp.FpSelect;
import nestor.vcpu.Mem;

/** Floating-point operations of {@link FloatOp} on one element, and on the elements of vectors. */
final class FloatLanes {
  /** Every second element, from the first. */
  static final long EVEN = 0x5555_5555_5555_5555L;

  private FloatLanes() {}

  /** Elements whose bit is set in {@code lanes}; the others of {@code t} stay. */
  static void singles(
      int op, long t, long a, long b, long lanes, int count, int imm, int env, FpFlags f) {
    for (int k = 0; k < count; k++) {
      if ((lanes >>> k & 1) != 0) {
        long at = 4L * k;
        Mem.putInt(t + at, single(op, Mem.getInt(a + at), Mem.getInt(b + at), imm, env, f));
      }
    }
  }

  /** As {@link #singles}. */
  static void doubles(
      int op, long t, long a, long b, long lanes, int count, int imm, int env, FpFlags f) {
    for (int k = 0; k < count; k++) {
      if ((lanes >>> k & 1) != 0) {
        long at = 8L * k;
        Mem.putLong(t + at, twice(op, Mem.getLong(a + at), Mem.getLong(b + at), imm, env, f));
      }
    }
  }

  /** x * y + z. */
  static void fusedSingles(
      long t, long x, long y, long z, long lanes, int count, int negate, int env, FpFlags f) {
    for (int k = 0; k < count; k++) {
      if ((lanes >>> k & 1) != 0) {
        long at = 4L * k;
        int r = F32.fma(Mem.getInt(x + at), Mem.getInt(y + at), Mem.getInt(z + at), negate, env, f);
        Mem.putInt(t + at, r);
      }
    }
  }

  /** x * y + z. */
  static void fusedDoubles(
      long t, long x, long y, long z, long lanes, int count, int negate, int env, FpFlags f) {
    for (int k = 0; k < count; k++) {
      if ((lanes >>> k & 1) != 0) {
        long at = 8L * k;
        long r =
            F64.fma(Mem.getLong(x + at), Mem.getLong(y + at), Mem.getLong(z + at), negate, env, f);
        Mem.putLong(t + at, r);
      }
    }
  }

  /** One single-precision element; operations on one source take b. */
  static int single(int op, int a, int b, int imm, int env, FpFlags f) {
    return switch (op) {
      case FloatOp.ADD -> F32.add(a, b, env, f);
      case FloatOp.SUB -> F32.sub(a, b, env, f);
      case FloatOp.MUL -> F32.mul(a, b, env, f);
      case FloatOp.DIV -> F32.div(a, b, env, f);
      case FloatOp.MIN -> F32.min(a, b, env, f);
      case FloatOp.MAX -> F32.max(a, b, env, f);
      case FloatOp.SQRT -> F32.sqrt(b, env, f);
      case FloatOp.CMP ->
          FpRelation.holds(imm, F32.compare(a, b, FpRelation.signals(imm), env, f)) ? -1 : 0;
      case FloatOp.ROUND -> FpConvert.roundF32(b, imm, env, f);
      case FloatOp.RCP -> Approx.rcp(b);
      case FloatOp.RSQRT -> Approx.rsqrt(b);
      case FloatOp.RCP14 -> Approx.rcp14F32(b, env);
      case FloatOp.RSQRT14 -> Approx.rsqrt14F32(b, env);
      case FloatOp.GETEXP -> FpScale.getExponentF32(b, env, f);
      case FloatOp.GETMANT -> FpScale.getMantissaF32(b, imm, env, f);
      case FloatOp.RNDSCALE -> FpScale.roundScaleF32(b, imm, env, f);
      case FloatOp.REDUCE -> FpScale.reduceF32(b, imm, env, f);
      case FloatOp.SCALEF -> FpScale.scaleF32(a, b, env, f);
      case FloatOp.RANGE -> FpSelect.rangeF32(a, b, imm, env, f);
      case FloatOp.FPCLASS -> FpClass.matchesF32(b, imm, env) ? -1 : 0;
      default -> throw new IllegalStateException("operation " + op);
    };
  }

  /** One double-precision element; operations on one source take b. */
  static long twice(int op, long a, long b, int imm, int env, FpFlags f) {
    return switch (op) {
      case FloatOp.ADD -> F64.add(a, b, env, f);
      case FloatOp.SUB -> F64.sub(a, b, env, f);
      case FloatOp.MUL -> F64.mul(a, b, env, f);
      case FloatOp.DIV -> F64.div(a, b, env, f);
      case FloatOp.MIN -> F64.min(a, b, env, f);
      case FloatOp.MAX -> F64.max(a, b, env, f);
      case FloatOp.SQRT -> F64.sqrt(b, env, f);
      case FloatOp.CMP ->
          FpRelation.holds(imm, F64.compare(a, b, FpRelation.signals(imm), env, f)) ? -1 : 0;
      case FloatOp.ROUND -> FpConvert.roundF64(b, imm, env, f);
      case FloatOp.RCP14 -> Approx.rcp14F64(b, env);
      case FloatOp.RSQRT14 -> Approx.rsqrt14F64(b, env);
      case FloatOp.GETEXP -> FpScale.getExponentF64(b, env, f);
      case FloatOp.GETMANT -> FpScale.getMantissaF64(b, imm, env, f);
      case FloatOp.RNDSCALE -> FpScale.roundScaleF64(b, imm, env, f);
      case FloatOp.REDUCE -> FpScale.reduceF64(b, imm, env, f);
      case FloatOp.SCALEF -> FpScale.scaleF64(a, b, env, f);
      case FloatOp.RANGE -> FpSelect.rangeF64(a, b, imm, env, f);
      case FloatOp.FPCLASS -> FpClass.matchesF64(b, imm, env) ? -1 : 0;
      default -> throw new IllegalStateException("operation " + op);
    };
  }
}
