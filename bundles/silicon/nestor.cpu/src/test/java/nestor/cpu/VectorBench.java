// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import nestor.vcpu.Mem;
import nestor.vcpu.State;

/** A machine in 64-bit mode on which the operating system has switched on all vector state. */
final class VectorBench {
  static final long CR0_EM = 1 << 2;
  static final long CR0_TS = 1 << 3;
  static final long OSFXSR = 1 << 9;
  static final long OSXMMEXCPT = 1 << 10;
  static final long OSXSAVE = 1 << 18;

  static final int RDI = 7;

  /** Where rDI points: a page whose next one is absent follows {@link #END}. */
  static final long DATA = 0x8000;

  static final long END = 0x9000;

  static final int ONE = 0x3F80_0000;
  static final int TWO = 0x4000_0000;
  static final int THREE = 0x4040_0000;

  final TestMachine m = new TestMachine("max").long64(0);

  VectorBench() {
    m.set(State.CR4, m.get(State.CR4) | OSFXSR | OSXMMEXCPT | OSXSAVE);
    m.set(State.XCR0, 0xE7);
    m.set(State.MXCSR, 0x1F80);
    m.mmu.absent.add(END >>> 12);
    m.gpr(RDI, DATA);
  }

  /** Puts an instruction where the next one is executed, and says what it does. */
  String fault(int... bytes) {
    return m.code(bytes).fault();
  }

  VectorBench clear(int field, long bits) {
    m.set(field, m.get(field) & ~bits);
    return this;
  }

  VectorBench set(int field, long bits) {
    m.set(field, m.get(field) | bits);
    return this;
  }

  VectorBench mxcsr(int value) {
    m.set(State.MXCSR, value);
    return this;
  }

  int mxcsr() {
    return (int) m.get(State.MXCSR);
  }

  VectorBench opmask(int number, long value) {
    m.set(State.OPMASK + 8 * number, value);
    return this;
  }

  long opmask(int number) {
    return m.get(State.OPMASK + 8 * number);
  }

  /** Sets doublewords of a register, from the lowest; the others become zeros. */
  VectorBench vector(int register, int... elements) {
    long address = State.vector(m.s, register);
    Mem.fill(address, 64, (byte) 0);
    for (int n = 0; n < elements.length; n++) {
      Mem.putInt(address + 4L * n, elements[n]);
    }
    return this;
  }

  /** Sets all sixteen doublewords of a register. */
  VectorBench filled(int register, int element) {
    long address = State.vector(m.s, register);
    for (int n = 0; n < 16; n++) {
      Mem.putInt(address + 4L * n, element);
    }
    return this;
  }

  int element(int register, int n) {
    return Mem.getInt(State.vector(m.s, register) + 4L * n);
  }

  /** {@return the first {@code count} doublewords of a register} */
  int[] elements(int register, int count) {
    int[] all = new int[count];
    for (int n = 0; n < count; n++) {
      all[n] = element(register, n);
    }
    return all;
  }
}
