// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.isa.OperandKind;
import nestor.semantics.fp.FpEnv;
import nestor.semantics.fp.FpFlags;
import nestor.vcpu.Mem;
import nestor.vcpu.Vcpu;

/**
 * Conversions among floating-point and integer elements, of SSE, AVX, F16C and AVX-512, and those
 * with an MMX operand.
 */
final class VectorConvert {
  private VectorConvert() {}

  static void execute(Vcpu v, Insn i) {
    Availability.vector(v, i);
    int op = ConvertOp.of(i);
    if ((op & ConvertOp.SCALAR) != 0) {
      scalar(v, i, op);
    } else if (isMmx(i)) {
      mmx(v, i, op);
    } else {
      packed(v, i, op);
    }
  }

  private static int environment(Vcpu v, Insn i, int op) {
    int env = SimdExceptions.environment(v, i);
    return (op & ConvertOp.TRUNCATE) != 0 ? FpEnv.withRounding(env, FpEnv.ZERO) : env;
  }

  private static void lanes(
      int op, long t, long b, long lanes, int count, int control, int env, FpFlags f) {
    int pair = ConvertOp.pair(op);
    int from = ConvertOp.size(ConvertOp.from(op));
    int to = ConvertOp.size(ConvertOp.to(op));
    for (int k = 0; k < count; k++) {
      if ((lanes >>> k & 1) != 0) {
        long value = Mem.get(b + (long) k * from, from);
        Mem.put(t + (long) k * to, to, ConvertLanes.convert(pair, value, control, env, f));
      }
    }
  }

  private static void packed(Vcpu v, Insn i, int op) {
    long b = VectorOperands.source(v, i, 1);
    int env = environment(v, i, op);
    FpFlags f = SimdExceptions.begin(v);
    int to = ConvertOp.size(ConvertOp.to(op));
    int count = i.vectorLength / Math.max(to, ConvertOp.size(ConvertOp.from(op)));
    long t = VectorForm.result(v);
    if (count * to < i.width[0]) {
      Mem.putLong(t + 8, 0); // legacy forms with two elements for four clear the rest
    }
    lanes(op, t, b, Opmask.lanes(v, i), count, (int) i.imm, env, f);
    if (i.kind[0] == OperandKind.MEMORY) {
      VectorOperands.probe(v, i, to); // a store that faults leaves MXCSR alone
    }
    SimdExceptions.deliver(v, i, f);
    VectorOperands.write(v, i, t, to);
  }

  private static void scalar(Vcpu v, Insn i, int op) {
    int last = i.operandCount - 1;
    int from = ConvertOp.size(ConvertOp.from(op));
    long value =
        ConvertOp.from(op) < ConvertOp.F32
            ? Operands.read(v, i, last)
            : Mem.get(VectorOperands.source(v, i, last), from);
    boolean chosen = (Opmask.lanes(v, i) & 1) != 0;
    long result = 0;
    if (chosen) {
      int env = environment(v, i, op);
      FpFlags f = SimdExceptions.begin(v);
      result = ConvertLanes.convert(ConvertOp.pair(op), value, 0, env, f);
      SimdExceptions.deliver(v, i, f);
    }
    if (i.kind[0] == OperandKind.GPR) {
      Operands.write(v, i, 0, result);
    } else {
      int to = ConvertOp.size(ConvertOp.to(op));
      long element = to == 4 ? result & 0xFFFF_FFFFL : result;
      VectorOperands.writeScalar(v, i, VectorForm.first(v, i, last), element, to, chosen);
    }
  }

  private static boolean isMmx(Insn i) {
    return switch (i.row.mnemonic) {
      case CVTPI2PS, CVTPI2PD, CVTPS2PI, CVTPD2PI, CVTTPS2PI, CVTTPD2PI -> true;
      default -> false;
    };
  }

  /**
   * Two elements. An MMX operand turns x87 into MMX state, also if #XM follows; a conversion from
   * memory to a vector register leaves x87 alone.
   */
  private static void mmx(Vcpu v, Insn i, int op) {
    boolean usesMmx = i.kind[0] == OperandKind.MMX || i.kind[1] == OperandKind.MMX;
    if (usesMmx) {
      Availability.mmx(v);
    }
    long b = VectorOperands.source(v, i, 1);
    if (usesMmx) {
      MmxOps.enter(v);
    }
    int env = environment(v, i, op);
    FpFlags f = SimdExceptions.begin(v);
    long t = VectorForm.result(v);
    lanes(op, t, b, -1, 2, 0, env, f);
    SimdExceptions.deliver(v, i, f);
    if (i.kind[0] == OperandKind.MMX) {
      MmxOps.write(v, i, Mem.getLong(t));
    } else {
      VectorOperands.write(v, i, 0, t);
    }
  }
}
