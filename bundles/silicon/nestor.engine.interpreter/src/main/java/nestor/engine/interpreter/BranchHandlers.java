// SPDX-License-Identifier: Apache-2.0
package nestor.engine.interpreter;

import nestor.vcpu.Flags;
import nestor.vcpu.GuestFault;
import nestor.vcpu.Mem;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** Near branches and the 64-bit stack, on packed operands. Branches write RIP themselves. */
final class BranchHandlers {
  private static final int RSP_FIELD = State.GPR + 4 * 8;

  private BranchHandlers() {}

  /** The target of a relative branch; the word's width cuts it (64 or 32 bits). */
  static void jump(long s, long w, long w2) {
    long target = Mem.getLong(s + State.BLOCK_RIP) + w2;
    Mem.putLong(s + State.RIP, target & -1L >>> Packed.shift(w));
  }

  private static void fallThrough(long s, long w) {
    long target = Mem.getLong(s + State.BLOCK_RIP) + Packed.next(w);
    Mem.putLong(s + State.RIP, target & -1L >>> Packed.shift(w));
  }

  static void call(Vcpu v, long s, long w, long w2) {
    long start = Mem.getLong(s + State.BLOCK_RIP);
    push(v, s, start + Packed.next(w));
    Mem.putLong(s + State.RIP, start + w2);
  }

  static void jumpCondition(long s, long w, long w2) {
    if (Flags.condition(s, (int) (w >>> 10) & 31)) {
      jump(s, w, w2);
    } else {
      fallThrough(s, w);
    }
  }

  static void returnNear(Vcpu v, long s) {
    long rsp = Mem.getLong(s + RSP_FIELD);
    long target = FastMemory.load64(v, s, STACK_WORD, rsp);
    requireCanonical(v, s, target);
    Mem.putLong(s + RSP_FIELD, rsp + 8);
    Mem.putLong(s + State.RIP, target);
  }

  static void jumpRegister(Vcpu v, long s, long w) {
    jumpTo(v, s, Packed.register1(s, w));
  }

  static void callRegister(Vcpu v, long s, long w) {
    callTo(v, s, w, Packed.register1(s, w));
  }

  static void jumpMemory(Vcpu v, long s, long w, long w2) {
    jumpTo(v, s, FastMemory.load64(v, s, w, Packed.address(s, w, w2)));
  }

  static void callMemory(Vcpu v, long s, long w, long w2) {
    callTo(v, s, w, FastMemory.load64(v, s, w, Packed.address(s, w, w2)));
  }

  private static void jumpTo(Vcpu v, long s, long target) {
    requireCanonical(v, s, target);
    Mem.putLong(s + State.RIP, target);
  }

  private static void callTo(Vcpu v, long s, long w, long target) {
    requireCanonical(v, s, target);
    push(v, s, Mem.getLong(s + State.BLOCK_RIP) + Packed.next(w));
    Mem.putLong(s + State.RIP, target);
  }

  private static void requireCanonical(Vcpu v, long s, long target) {
    if (!State.isCanonical(s, target)) {
      throw v.fault(GuestFault.GP, 0);
    }
  }

  /** A word whose base is RSP, so that violations are blamed on SS. */
  private static final long STACK_WORD = Packed.word(0, 0, 0, 4, Packed.NONE, 0, 0);

  static void push(Vcpu v, long s, long value) {
    long rsp = Mem.getLong(s + RSP_FIELD) - 8;
    FastMemory.store64(v, s, STACK_WORD, rsp, value);
    Mem.putLong(s + RSP_FIELD, rsp);
  }

  static void pop(Vcpu v, long s, long w) {
    long rsp = Mem.getLong(s + RSP_FIELD);
    long value = FastMemory.load64(v, s, STACK_WORD, rsp);
    Mem.putLong(s + RSP_FIELD, rsp + 8);
    Packed.setRegister1(s, w, value);
  }
}
