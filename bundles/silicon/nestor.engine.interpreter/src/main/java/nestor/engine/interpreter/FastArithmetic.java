// SPDX-License-Identifier: Apache-2.0
package nestor.engine.interpreter;

import nestor.vcpu.Flags;
import nestor.vcpu.Vcpu;

/**
 * Arithmetic of 32 and 64 bits on packed operands. The operation is a constant at every call, so
 * the compiler leaves one straight path of it.
 */
final class FastArithmetic {
  private FastArithmetic() {}

  /** {@return the result, sign-extended; flags are noted} Operands are sign-extended. */
  private static long apply(int operation, long s, long a, long b, int shift) {
    return switch (operation) {
      case Handlers.ADD -> {
        long r = (a + b) << shift >> shift;
        Flags.add(s, a, b, r);
        yield r;
      }
      case Handlers.ADC -> {
        long r = (a + b + (Flags.cf(s) ? 1 : 0)) << shift >> shift;
        Flags.add(s, a, b, r);
        yield r;
      }
      case Handlers.SUB, Handlers.CMP -> {
        long r = (a - b) << shift >> shift;
        Flags.sub(s, a, b, r);
        yield r;
      }
      case Handlers.SBB -> {
        long r = (a - b - (Flags.cf(s) ? 1 : 0)) << shift >> shift;
        Flags.sub(s, a, b, r);
        yield r;
      }
      case Handlers.OR -> logic(s, a | b);
      case Handlers.XOR -> logic(s, a ^ b);
      default -> logic(s, a & b);
    };
  }

  private static long logic(long s, long r) {
    Flags.logic(s, r);
    return r;
  }

  private static boolean writes(int operation) {
    return operation < Handlers.CMP;
  }

  static void registerRegister(int operation, long s, long w) {
    int shift = Packed.shift(w);
    long a = Packed.register1(s, w) << shift >> shift;
    long b = Packed.register2(s, w) << shift >> shift;
    long r = apply(operation, s, a, b, shift);
    if (writes(operation)) {
      Packed.setRegister1(s, w, r & -1L >>> shift);
    }
  }

  static void registerImmediate(int operation, long s, long w, long w2) {
    int shift = Packed.shift(w);
    long a = Packed.register1(s, w) << shift >> shift;
    long r = apply(operation, s, a, Packed.immediate(w2), shift);
    if (writes(operation)) {
      Packed.setRegister1(s, w, r & -1L >>> shift);
    }
  }

  static void registerMemory(int operation, Vcpu v, long s, long w, long w2) {
    int shift = Packed.shift(w);
    long b = FastMemory.load(v, s, w, Packed.address(s, w, w2));
    long a = Packed.register1(s, w) << shift >> shift;
    long r = apply(operation, s, a, b, shift);
    if (writes(operation)) {
      Packed.setRegister1(s, w, r & -1L >>> shift);
    }
  }

  static void memoryRegister(int operation, Vcpu v, long s, long w, long w2) {
    int shift = Packed.shift(w);
    memory(operation, v, s, w, w2, Packed.register1(s, w) << shift >> shift);
  }

  static void memoryImmediate(int operation, Vcpu v, long s, long w, long w2) {
    memory(operation, v, s, w, w2, Packed.immediate(w2));
  }

  private static void memory(int operation, Vcpu v, long s, long w, long w2, long b) {
    long linear = Packed.address(s, w, w2);
    int shift = Packed.shift(w);
    if (!writes(operation)) {
      apply(operation, s, FastMemory.load(v, s, w, linear), b, shift);
      return;
    }
    long a = FastMemory.loadForWrite(v, s, w, linear);
    // The store comes before the flags: it may fault if only its watch was dropped meanwhile.
    long r =
        switch (operation) {
          case Handlers.ADD -> a + b;
          case Handlers.ADC -> a + b + (Flags.cf(s) ? 1 : 0);
          case Handlers.SUB -> a - b;
          case Handlers.SBB -> a - b - (Flags.cf(s) ? 1 : 0);
          case Handlers.OR -> a | b;
          case Handlers.XOR -> a ^ b;
          default -> a & b;
        };
    r = r << shift >> shift;
    FastMemory.store(v, s, w, linear, r);
    switch (operation) {
      case Handlers.ADD, Handlers.ADC -> Flags.add(s, a, b, r);
      case Handlers.SUB, Handlers.SBB -> Flags.sub(s, a, b, r);
      default -> Flags.logic(s, r);
    }
  }
}
