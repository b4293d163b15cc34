// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.isa.OperandKind;
import nestor.vcpu.Flags;
import nestor.vcpu.GuestMemory;
import nestor.vcpu.Mem;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/**
 * XCHG, XADD and the CMPXCHG family. With vCPUs that take turns every instruction is atomic; where
 * they run in parallel {@link Locked} makes those atomic that must be.
 */
final class Exchange {
  private static final int RAX = 0;
  private static final int RCX = 1;
  private static final int RDX = 2;
  private static final int RBX = 3;

  private Exchange() {}

  static void execute(Vcpu v, Insn i) {
    switch (i.row.mnemonic) {
      case XCHG -> {
        long a = Operands.readForWrite(v, i, 0);
        long b = Operands.read(v, i, 1);
        Operands.write(v, i, 0, b);
        Operands.write(v, i, 1, a);
      }
      case XADD -> {
        int w = i.width[0];
        long a = Operands.signed(Operands.readForWrite(v, i, 0), w);
        long b = Operands.readSigned(v, i, 1);
        long sum = Operands.signed(a + b, w);
        if (i.kind[0] == OperandKind.MEMORY) {
          Operands.write(v, i, 0, sum);
          Operands.write(v, i, 1, a);
        } else { // the same register twice ends with the sum
          Operands.write(v, i, 1, a);
          Operands.write(v, i, 0, sum);
        }
        Flags.add(v.state, a, b, sum);
      }
      case CMPXCHG -> compareExchange(v, i);
      case CMPXCHG8B -> compareExchange8(v, i);
      case CMPXCHG16B -> compareExchange16(v, i);
      default -> throw v.undefined();
    }
  }

  private static void compareExchange(Vcpu v, Insn i) {
    long s = v.state;
    int w = i.width[0];
    long old = Operands.signed(Operands.readForWrite(v, i, 0), w);
    long accumulator = Operands.signed(State.gpr(s, RAX, w), w);
    long source = Operands.read(v, i, 1);
    if (old == accumulator) {
      Operands.write(v, i, 0, source);
    } else {
      if (i.kind[0] == OperandKind.MEMORY) {
        Operands.write(v, i, 0, old); // the destination is written in any case
      }
      State.setGpr(s, RAX, w, Operands.unsigned(old, w));
    }
    Flags.sub(s, accumulator, old, Operands.signed(accumulator - old, w));
  }

  private static void compareExchange8(Vcpu v, Insn i) {
    long s = v.state;
    long linear = EffectiveAddress.linear(v, i, 8, true);
    long old = GuestMemory.loadForWrite(v, linear, 8);
    long expected = State.gpr(s, RAX, 4) | State.gpr(s, RDX) << 32;
    boolean equal = old == expected;
    long replacement = State.gpr(s, RBX, 4) | State.gpr(s, RCX) << 32;
    GuestMemory.storeBack(v, linear, 8, equal ? replacement : old);
    if (!equal) {
      State.setGpr(s, RAX, 4, old);
      State.setGpr(s, RDX, 4, old >>> 32);
    }
    Flags.setArithmetic(s, Flags.ZF, equal ? Flags.ZF : 0);
  }

  private static void compareExchange16(Vcpu v, Insn i) {
    long s = v.state;
    long linear = EffectiveAddress.linear(v, i, 16, true);
    EffectiveAddress.requireAligned(v, linear, 16);
    v.mmu.checkWrite(linear, 16);
    long scratch = State.scratch(s, 0);
    GuestMemory.loadBytes(v, linear, scratch, 16);
    long low = Mem.getLong(scratch);
    long high = Mem.getLong(scratch + 8);
    boolean equal = low == State.gpr(s, RAX) && high == State.gpr(s, RDX);
    if (equal) {
      Mem.putLong(scratch, State.gpr(s, RBX));
      Mem.putLong(scratch + 8, State.gpr(s, RCX));
    }
    GuestMemory.storeBytes(v, linear, scratch, 16);
    if (!equal) {
      State.setGpr(s, RAX, low);
      State.setGpr(s, RDX, high);
    }
    Flags.setArithmetic(s, Flags.ZF, equal ? Flags.ZF : 0);
  }
}
