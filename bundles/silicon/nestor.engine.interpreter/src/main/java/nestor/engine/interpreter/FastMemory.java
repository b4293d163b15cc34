// SPDX-License-Identifier: Apache-2.0
package nestor.engine.interpreter;

import nestor.vcpu.FastTable;
import nestor.vcpu.GuestFault;
import nestor.vcpu.Mem;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/**
 * Memory operands of packed instructions in 64-bit mode. A hit in the fast table needs no canonical
 * check, because only canonical pages stand in it.
 */
final class FastMemory {
  private FastMemory() {}

  private static long entry(long s, long linear) {
    return FastTable.entry(Mem.getLong(s + State.FAST_TABLE), linear);
  }

  private static void check(Vcpu v, long word, long linear, int size) {
    long s = v.state;
    if (!State.isCanonical(s, linear) || !State.isCanonical(s, linear + size - 1)) {
      throw v.fault(Packed.segment(word) == Segment.SS ? GuestFault.SS : GuestFault.GP, 0);
    }
  }

  static long load64(Vcpu v, long s, long word, long linear) {
    long e = entry(s, linear);
    if (Mem.getLong(e + FastTable.READ) == ((linear + 7) & FastTable.PAGE)) {
      return Mem.getLong(FastTable.host(e, linear));
    }
    return slowLoad(v, word, linear, 8);
  }

  /** {@return four bytes, sign-extended} */
  static long load32(Vcpu v, long s, long word, long linear) {
    long e = entry(s, linear);
    if (Mem.getLong(e + FastTable.READ) == ((linear + 3) & FastTable.PAGE)) {
      return Mem.getInt(FastTable.host(e, linear));
    }
    return (int) slowLoad(v, word, linear, 4);
  }

  /** {@return two bytes, zero-extended} */
  static long load16(Vcpu v, long s, long word, long linear) {
    long e = entry(s, linear);
    if (Mem.getLong(e + FastTable.READ) == ((linear + 1) & FastTable.PAGE)) {
      return Mem.getShort(FastTable.host(e, linear)) & 0xFFFF;
    }
    return slowLoad(v, word, linear, 2);
  }

  /** {@return a byte, zero-extended} */
  static long load8(Vcpu v, long s, long word, long linear) {
    long e = entry(s, linear);
    if (Mem.getLong(e + FastTable.READ) == (linear & FastTable.PAGE)) {
      return Mem.getByte(FastTable.host(e, linear)) & 0xFF;
    }
    return slowLoad(v, word, linear, 1);
  }

  /** {@return four or eight bytes, sign-extended, by the width in the word} */
  static long load(Vcpu v, long s, long word, long linear) {
    return Packed.shift(word) == 0 ? load64(v, s, word, linear) : load32(v, s, word, linear);
  }

  static long loadForWrite(Vcpu v, long s, long word, long linear) {
    int size = Packed.shift(word) == 0 ? 8 : 4;
    long e = entry(s, linear);
    if (Mem.getLong(e + FastTable.WRITE) == ((linear + size - 1) & FastTable.PAGE)) {
      long host = FastTable.host(e, linear);
      return size == 8 ? Mem.getLong(host) : Mem.getInt(host);
    }
    check(v, word, linear, size);
    long value = v.mmu.loadForWrite(linear, size);
    return size == 8 ? value : (int) value;
  }

  static void store(Vcpu v, long s, long word, long linear, long value) {
    if (Packed.shift(word) == 0) {
      store64(v, s, word, linear, value);
    } else {
      store32(v, s, word, linear, value);
    }
  }

  static void store64(Vcpu v, long s, long word, long linear, long value) {
    long e = entry(s, linear);
    if (Mem.getLong(e + FastTable.WRITE) == ((linear + 7) & FastTable.PAGE)) {
      Mem.putLong(FastTable.host(e, linear), value);
    } else {
      slowStore(v, word, linear, 8, value);
    }
  }

  static void store32(Vcpu v, long s, long word, long linear, long value) {
    long e = entry(s, linear);
    if (Mem.getLong(e + FastTable.WRITE) == ((linear + 3) & FastTable.PAGE)) {
      Mem.putInt(FastTable.host(e, linear), (int) value);
    } else {
      slowStore(v, word, linear, 4, value & 0xFFFF_FFFFL);
    }
  }

  static void store16(Vcpu v, long s, long word, long linear, long value) {
    long e = entry(s, linear);
    if (Mem.getLong(e + FastTable.WRITE) == ((linear + 1) & FastTable.PAGE)) {
      Mem.putShort(FastTable.host(e, linear), (short) value);
    } else {
      slowStore(v, word, linear, 2, value & 0xFFFF);
    }
  }

  static void store8(Vcpu v, long s, long word, long linear, long value) {
    long e = entry(s, linear);
    if (Mem.getLong(e + FastTable.WRITE) == (linear & FastTable.PAGE)) {
      Mem.putByte(FastTable.host(e, linear), (byte) value);
    } else {
      slowStore(v, word, linear, 1, value & 0xFF);
    }
  }

  private static long slowLoad(Vcpu v, long word, long linear, int size) {
    check(v, word, linear, size);
    return v.mmu.load(linear, size);
  }

  private static void slowStore(Vcpu v, long word, long linear, int size, long value) {
    check(v, word, linear, size);
    v.mmu.store(linear, size, value);
  }
}
