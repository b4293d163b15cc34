// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.isa.Row;
import nestor.semantics.simd.StringCompare;
import nestor.vcpu.Flags;
import nestor.vcpu.Mem;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** PCMPESTRI, PCMPESTRM, PCMPISTRI, PCMPISTRM: operands, lengths, flags. */
final class StringVectors {
  private static final int RAX = 0;
  private static final int RCX = 1;
  private static final int RDX = 2;

  private StringVectors() {}

  static void execute(Vcpu v, Insn i) {
    Availability.vector(v, i);
    long s = v.state;
    int control = (int) i.imm;
    long b = VectorOperands.source(v, i, 1);
    long a = State.vector(s, i.register[0]);
    boolean explicit =
        switch (i.row.mnemonic) {
          case PCMPESTRI, PCMPESTRM, VPCMPESTRI, VPCMPESTRM -> true;
          default -> false;
        };
    int lengthA =
        explicit
            ? StringCompare.explicitLength(length(i, s, RAX), control)
            : StringCompare.implicitLength(a, control);
    int lengthB =
        explicit
            ? StringCompare.explicitLength(length(i, s, RDX), control)
            : StringCompare.implicitLength(b, control);
    int result = StringCompare.compare(a, lengthA, b, lengthB, control);
    switch (i.row.mnemonic) {
      case PCMPESTRI, VPCMPESTRI, PCMPISTRI, VPCMPISTRI ->
          State.setGpr(s, RCX, StringCompare.index(result, control));
      default -> {
        // XMM0 is written by the VEX form as a VEX destination: the bits above 128 are cleared.
        StringCompare.mask(State.vector(s, 0), result, control);
        if (i.row.space != Row.Space.LEGACY) {
          Mem.fill(State.vector(s, 0) + 16, 48, (byte) 0);
        }
      }
    }
    int all = StringCompare.elements(control);
    Flags.setArithmetic(
        s,
        Flags.ARITHMETIC,
        (result != 0 ? Flags.CF : 0)
            | (lengthB < all ? Flags.ZF : 0)
            | (lengthA < all ? Flags.SF : 0)
            | ((result & 1) != 0 ? Flags.OF : 0));
  }

  private static long length(Insn i, long s, int register) {
    long value = State.gpr(s, register);
    return i.wide == 1 && i.mode == 64 ? value : (int) value;
  }
}
