// SPDX-License-Identifier: Apache-2.0
package nestor.engine.interpreter;

import nestor.vcpu.Flags;
import nestor.vcpu.Mem;
import nestor.vcpu.Vcpu;

/** Moves between registers and memory, and the stack of 64-bit mode, on packed operands. */
final class MoveHandlers {
  private MoveHandlers() {}

  static void movRegisterRegister(long s, long w) {
    Packed.setRegister1(s, w, Packed.register2(s, w) & -1L >>> Packed.shift(w));
  }

  static void movRegisterRegister8(long s, long w) {
    Mem.putByte(s + (w >>> 7 & 0xF8), (byte) Packed.register2(s, w));
  }

  static void movRegisterImmediate(long s, long w, long w2) {
    Packed.setRegister1(s, w, Packed.immediate(w2) & -1L >>> Packed.shift(w));
  }

  static void movRegisterImmediate64(long s, long w, long w2) {
    Packed.setRegister1(s, w, w2);
  }

  static void movLoad64(Vcpu v, long s, long w, long w2) {
    Packed.setRegister1(s, w, FastMemory.load64(v, s, w, Packed.address(s, w, w2)));
  }

  static void movLoad32(Vcpu v, long s, long w, long w2) {
    Packed.setRegister1(s, w, FastMemory.load32(v, s, w, Packed.address(s, w, w2)) & 0xFFFF_FFFFL);
  }

  static void movLoad8(Vcpu v, long s, long w, long w2) {
    Mem.putByte(s + (w >>> 7 & 0xF8), (byte) FastMemory.load8(v, s, w, Packed.address(s, w, w2)));
  }

  static void movStore64(Vcpu v, long s, long w, long w2) {
    FastMemory.store64(v, s, w, Packed.address(s, w, w2), Packed.register1(s, w));
  }

  static void movStore32(Vcpu v, long s, long w, long w2) {
    FastMemory.store32(v, s, w, Packed.address(s, w, w2), Packed.register1(s, w));
  }

  static void movStore16(Vcpu v, long s, long w, long w2) {
    FastMemory.store16(v, s, w, Packed.address(s, w, w2), Packed.register1(s, w));
  }

  static void movStore8(Vcpu v, long s, long w, long w2) {
    FastMemory.store8(v, s, w, Packed.address(s, w, w2), Packed.register1(s, w));
  }

  static void movStoreImmediate(Vcpu v, long s, long w, long w2) {
    FastMemory.store(v, s, w, Packed.address(s, w, w2), Packed.immediate(w2));
  }

  static void movStoreImmediate8(Vcpu v, long s, long w, long w2) {
    FastMemory.store8(v, s, w, Packed.address(s, w, w2), Packed.immediate(w2));
  }

  static void lea(long s, long w, long w2) {
    Packed.setRegister1(s, w, Packed.address(s, w, w2) & -1L >>> Packed.shift(w));
  }

  static void loadZero8(Vcpu v, long s, long w, long w2) {
    Packed.setRegister1(s, w, FastMemory.load8(v, s, w, Packed.address(s, w, w2)));
  }

  static void loadZero16(Vcpu v, long s, long w, long w2) {
    Packed.setRegister1(s, w, FastMemory.load16(v, s, w, Packed.address(s, w, w2)));
  }

  static void loadSign8(Vcpu v, long s, long w, long w2) {
    Packed.setRegister1(
        s, w, (byte) FastMemory.load8(v, s, w, Packed.address(s, w, w2)) & -1L >>> Packed.shift(w));
  }

  static void loadSign16(Vcpu v, long s, long w, long w2) {
    Packed.setRegister1(
        s,
        w,
        (short) FastMemory.load16(v, s, w, Packed.address(s, w, w2)) & -1L >>> Packed.shift(w));
  }

  static void loadSign32(Vcpu v, long s, long w, long w2) {
    Packed.setRegister1(
        s, w, FastMemory.load32(v, s, w, Packed.address(s, w, w2)) & -1L >>> Packed.shift(w));
  }

  static void zero8(long s, long w) {
    Packed.setRegister1(s, w, Packed.register2(s, w) & 0xFF);
  }

  static void zero16(long s, long w) {
    Packed.setRegister1(s, w, Packed.register2(s, w) & 0xFFFF);
  }

  static void sign8(long s, long w) {
    Packed.setRegister1(s, w, (byte) Packed.register2(s, w) & -1L >>> Packed.shift(w));
  }

  static void sign16(long s, long w) {
    Packed.setRegister1(s, w, (short) Packed.register2(s, w) & -1L >>> Packed.shift(w));
  }

  static void sign32(long s, long w) {
    Packed.setRegister1(s, w, (int) Packed.register2(s, w) & -1L >>> Packed.shift(w));
  }

  static void cmov(long s, long w, long w2) {
    Packed.setRegister1(
        s,
        w,
        (Flags.condition(s, (int) Packed.immediate(w2))
                ? Packed.register2(s, w)
                : Packed.register1(s, w))
            & -1L >>> Packed.shift(w));
  }

  static void set(long s, long w) {
    Mem.putByte(s + (w >>> 7 & 0xF8), (byte) (Flags.condition(s, (int) (w >>> 15) & 31) ? 1 : 0));
  }

  static void push64(Vcpu v, long s, long w) {
    BranchHandlers.push(v, s, Packed.register1(s, w));
  }

  static void pushImmediate(Vcpu v, long s, long w2) {
    BranchHandlers.push(v, s, Packed.immediate(w2));
  }

  static void pop64(Vcpu v, long s, long w) {
    BranchHandlers.pop(v, s, w);
  }
}
