// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.isa.OperandKind;
import nestor.semantics.fp.F32;
import nestor.semantics.fp.F64;
import nestor.semantics.fp.FpFlags;
import nestor.semantics.fp.FpRelation;
import nestor.semantics.fp.FpSelect;
import nestor.vcpu.Flags;
import nestor.vcpu.Mem;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/**
 * Floating-point arithmetic of SSE, AVX, FMA and AVX-512. Elements whose opmask bit is clear are
 * not computed and raise nothing.
 */
final class VectorFloat {
  /** CMPPS and its kin have 8 predicates in the legacy form and 32 in the others. */
  private static final int LEGACY_PREDICATES = 7;

  private static final int PREDICATES = 31;

  private VectorFloat() {}

  static void execute(Vcpu v, Insn i) {
    Availability.vector(v, i);
    int op = FloatOp.of(i.row);
    if ((op & FloatOp.SCALAR) == 0) {
      packed(v, i, op);
    } else if ((op & FloatOp.OPERATION) >= FloatOp.COMI
        && (op & FloatOp.OPERATION) <= FloatOp.UCOMI) {
      compareToFlags(v, i, op);
    } else {
      scalar(v, i, op);
    }
  }

  private static int control(Insn i, int operation) {
    int imm = (int) i.imm;
    if (operation == FloatOp.CMP) {
      return imm & (i.row.space == nestor.isa.Row.Space.LEGACY ? LEGACY_PREDICATES : PREDICATES);
    }
    return imm;
  }

  private static void packed(Vcpu v, Insn i, int op) {
    int operation = op & FloatOp.OPERATION;
    int last = VectorForm.last(i);
    long b = VectorOperands.source(v, i, last);
    int env = SimdExceptions.environment(v, i);
    FpFlags f = SimdExceptions.begin(v);
    long lanes = Opmask.lanes(v, i);
    int size = (op & FloatOp.DOUBLE) != 0 ? 8 : 4;
    int bytes = i.kind[0] == OperandKind.OPMASK ? i.vectorLength : i.width[0];
    int count = bytes / size;
    // In place if nothing can come between: a masked element keeps what it has.
    boolean direct =
        SimdExceptions.allMasked(env)
            && operation < FloatOp.FIXUPIMM
            && i.kind[0] == OperandKind.VECTOR
            && !i.zeroing;
    long t = direct ? State.vector(v.state, i.register[0]) : VectorForm.result(v);
    long a =
        operation >= FloatOp.SQRT && operation <= FloatOp.LAST_UNARY
            ? b
            : VectorForm.first(v, i, last);
    switch (operation) {
      case FloatOp.ADDSUB -> {
        lanes(op, FloatOp.SUB, t, a, b, FloatLanes.EVEN, count, 0, env, f);
        lanes(op, FloatOp.ADD, t, a, b, ~FloatLanes.EVEN, count, 0, env, f);
      }
      case FloatOp.HADD, FloatOp.HSUB -> {
        int each = operation == FloatOp.HADD ? FloatOp.ADD : FloatOp.SUB;
        if (size == 4) {
          FloatHorizontal.singles(each, t, a, b, bytes, env, f);
        } else {
          FloatHorizontal.doubles(each, t, a, b, bytes, env, f);
        }
      }
      case FloatOp.DP -> {
        if (size == 4) {
          FloatHorizontal.dotSingles(v, i, t, a, b, bytes, env, f);
        } else {
          FloatHorizontal.dotDoubles(v, i, t, a, b, env, f);
        }
      }
      case FloatOp.FMA -> fused(v, i, op, t, lanes, count, env, f);
      case FloatOp.FIXUPIMM -> fixup(v, i, size, t, a, b, lanes, count, env, f);
      default -> lanes(op, operation, t, a, b, lanes, count, control(i, operation), env, f);
    }
    SimdExceptions.deliver(v, i, f);
    if (direct) {
      VectorOperands.clearAbove(v, i, 0, bytes);
    } else if (i.kind[0] == OperandKind.OPMASK) {
      Opmask.writeTopBits(v, i, t, size, bytes);
    } else {
      VectorOperands.write(v, i, t, size);
    }
  }

  private static void lanes(
      int op,
      int operation,
      long t,
      long a,
      long b,
      long lanes,
      int count,
      int imm,
      int env,
      FpFlags f) {
    if ((op & FloatOp.DOUBLE) != 0) {
      FloatLanes.doubles(operation, t, a, b, lanes, count, imm, env, f);
    } else {
      FloatLanes.singles(operation, t, a, b, lanes, count, imm, env, f);
    }
  }

  private static void fused(
      Vcpu v, Insn i, int op, long t, long lanes, int count, int env, FpFlags f) {
    long destination = State.vector(v.state, i.register[0]);
    long second = State.vector(v.state, i.register[1]);
    long third = i.kind[2] == OperandKind.MEMORY ? State.scratch(v.state, 2) : register(v, i, 2);
    int order = op >> FloatOp.ORDER_SHIFT & 3;
    long x = order == 0 ? destination : second;
    long y = order == 1 ? destination : third;
    long z = order == 0 ? second : order == 1 ? third : destination;
    int even = op >> FloatOp.EVEN_SHIFT & 3;
    int odd = op >> FloatOp.ODD_SHIFT & 3;
    boolean wide = (op & FloatOp.DOUBLE) != 0;
    if (even == odd) {
      fused(wide, t, x, y, z, lanes, count, even, env, f);
    } else {
      fused(wide, t, x, y, z, lanes & FloatLanes.EVEN, count, even, env, f);
      fused(wide, t, x, y, z, lanes & ~FloatLanes.EVEN, count, odd, env, f);
    }
  }

  private static long register(Vcpu v, Insn i, int n) {
    return State.vector(v.state, i.register[n]);
  }

  private static void fused(
      boolean wide,
      long t,
      long x,
      long y,
      long z,
      long lanes,
      int count,
      int negate,
      int env,
      FpFlags f) {
    if (wide) {
      FloatLanes.fusedDoubles(t, x, y, z, lanes, count, negate, env, f);
    } else {
      FloatLanes.fusedSingles(t, x, y, z, lanes, count, negate, env, f);
    }
  }

  private static void fixup(
      Vcpu v, Insn i, int size, long t, long a, long b, long lanes, int count, int env, FpFlags f) {
    long d = State.vector(v.state, i.register[0]);
    int imm = (int) i.imm;
    for (int k = 0; k < count; k++) {
      if ((lanes >>> k & 1) != 0) {
        long at = (long) k * size;
        int table = Mem.getInt(b + at);
        if (size == 4) {
          int r = FpSelect.fixupF32(Mem.getInt(d + at), Mem.getInt(a + at), table, imm, env, f);
          Mem.putInt(t + at, r);
        } else {
          long r = FpSelect.fixupF64(Mem.getLong(d + at), Mem.getLong(a + at), table, imm, env, f);
          Mem.putLong(t + at, r);
        }
      }
    }
  }

  private static void scalar(Vcpu v, Insn i, int op) {
    int operation = op & FloatOp.OPERATION;
    int last = VectorForm.last(i);
    int size = (op & FloatOp.DOUBLE) != 0 ? 8 : 4;
    long b = VectorOperands.source(v, i, last);
    long a = operation == FloatOp.FPCLASS ? b : VectorForm.first(v, i, last);
    boolean chosen = (Opmask.lanes(v, i) & 1) != 0;
    long t = VectorForm.result(v);
    if (chosen) {
      int env = SimdExceptions.environment(v, i);
      FpFlags f = SimdExceptions.begin(v);
      switch (operation) {
        case FloatOp.FMA -> fused(v, i, op, t, 1, 1, env, f);
        case FloatOp.FIXUPIMM -> fixup(v, i, size, t, a, b, 1, 1, env, f);
        default -> lanes(op, operation, t, a, b, 1, 1, control(i, operation), env, f);
      }
      SimdExceptions.deliver(v, i, f);
    }
    if (i.kind[0] == OperandKind.OPMASK) {
      Opmask.writeTopBits(v, i, t, size, size);
    } else {
      long rest = operation == FloatOp.FMA ? State.vector(v.state, i.register[0]) : a;
      VectorOperands.writeScalar(v, i, rest, Mem.get(t, size), size, chosen);
    }
  }

  /** COMISS and UCOMISS: they differ in what a quiet NaN raises. */
  private static void compareToFlags(Vcpu v, Insn i, int op) {
    long b = VectorOperands.source(v, i, 1);
    long a = State.vector(v.state, i.register[0]);
    int env = SimdExceptions.environment(v, i);
    FpFlags f = SimdExceptions.begin(v);
    boolean signal = (op & FloatOp.OPERATION) == FloatOp.COMI;
    int relation =
        (op & FloatOp.DOUBLE) != 0
            ? F64.compare(Mem.getLong(a), Mem.getLong(b), signal, env, f)
            : F32.compare(Mem.getInt(a), Mem.getInt(b), signal, env, f);
    SimdExceptions.deliver(v, i, f);
    int flags =
        switch (relation) {
          case FpRelation.GREATER -> 0;
          case FpRelation.LESS -> Flags.CF;
          case FpRelation.EQUAL -> Flags.ZF;
          default -> Flags.ZF | Flags.PF | Flags.CF;
        };
    Flags.setArithmetic(v.state, Flags.ARITHMETIC, flags);
  }
}
