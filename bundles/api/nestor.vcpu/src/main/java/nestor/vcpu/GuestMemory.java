// SPDX-License-Identifier: Apache-2.0
package nestor.vcpu;

/**
 * Guest memory by linear address, at the privilege in force. The fast path is a fast-table hit; all
 * else goes to {@link Mmu}. Segment and canonical checks come before: see {@code EffectiveAddress}.
 */
public final class GuestMemory {
  private GuestMemory() {}

  /** {@return the host address for a read of {@code size} bytes within RAM, or 0} */
  private static long readable(long state, long linear, int size) {
    long entry = FastTable.entry(Mem.getLong(state + State.FAST_TABLE), linear);
    return Mem.getLong(entry + FastTable.READ) == ((linear + size - 1) & FastTable.PAGE)
        ? FastTable.host(entry, linear)
        : 0;
  }

  /** {@return the host address for a write of {@code size} bytes within plain RAM, or 0} */
  private static long writable(long state, long linear, int size) {
    long entry = FastTable.entry(Mem.getLong(state + State.FAST_TABLE), linear);
    return Mem.getLong(entry + FastTable.WRITE) == ((linear + size - 1) & FastTable.PAGE)
        ? FastTable.host(entry, linear)
        : 0;
  }

  /** {@return one byte, zero-extended} */
  public static int load8(Vcpu v, long linear) {
    long host = readable(v.state, linear, 1);
    return host != 0 ? Mem.getByte(host) & 0xFF : (int) v.mmu.load(linear, 1);
  }

  /** {@return two bytes, zero-extended} */
  public static int load16(Vcpu v, long linear) {
    long host = readable(v.state, linear, 2);
    return host != 0 ? Mem.getShort(host) & 0xFFFF : (int) v.mmu.load(linear, 2);
  }

  /** {@return four bytes} */
  public static int load32(Vcpu v, long linear) {
    long host = readable(v.state, linear, 4);
    return host != 0 ? Mem.getInt(host) : (int) v.mmu.load(linear, 4);
  }

  /** {@return eight bytes} */
  public static long load64(Vcpu v, long linear) {
    long host = readable(v.state, linear, 8);
    return host != 0 ? Mem.getLong(host) : v.mmu.load(linear, 8);
  }

  /** {@return 1, 2, 4 or 8 bytes, zero-extended} */
  public static long load(Vcpu v, long linear, int size) {
    long host = readable(v.state, linear, size);
    return host != 0 ? Mem.get(host, size) : v.mmu.load(linear, size);
  }

  /** {@return bytes that the instruction will also write: faults as a write does} */
  public static long loadForWrite(Vcpu v, long linear, int size) {
    long host = writable(v.state, linear, size);
    long value = host != 0 ? Mem.get(host, size) : v.mmu.loadForWrite(linear, size);
    if (v.locked) {
      v.lockedValue = value;
    }
    return value;
  }

  /**
   * Stores what a read-modify-write made of the value that {@link #loadForWrite} gave. While {@link
   * Vcpu#locked} it is stored only if that value is still there.
   *
   * @throws Contention if it is not, or if this cannot be told; nothing was written then
   */
  public static void storeBack(Vcpu v, long linear, int size, long value) {
    if (!v.locked) {
      store(v, linear, size, value);
      return;
    }
    long host = writable(v.state, linear, size);
    if (host == 0 || (host & size - 1) != 0) {
      throw Contention.UNSUITABLE;
    }
    if (!Mem.compareAndSet(host, size, v.lockedValue, value)) {
      throw Contention.LOST;
    }
  }

  /** Stores one byte. */
  public static void store8(Vcpu v, long linear, int value) {
    long host = writable(v.state, linear, 1);
    if (host != 0) {
      Mem.putByte(host, (byte) value);
    } else {
      v.mmu.store(linear, 1, value & 0xFF);
    }
  }

  /** Stores two bytes. */
  public static void store16(Vcpu v, long linear, int value) {
    long host = writable(v.state, linear, 2);
    if (host != 0) {
      Mem.putShort(host, (short) value);
    } else {
      v.mmu.store(linear, 2, value & 0xFFFF);
    }
  }

  /** Stores four bytes. */
  public static void store32(Vcpu v, long linear, int value) {
    long host = writable(v.state, linear, 4);
    if (host != 0) {
      Mem.putInt(host, value);
    } else {
      v.mmu.store(linear, 4, value & 0xFFFF_FFFFL);
    }
  }

  /** Stores eight bytes. */
  public static void store64(Vcpu v, long linear, long value) {
    long host = writable(v.state, linear, 8);
    if (host != 0) {
      Mem.putLong(host, value);
    } else {
      v.mmu.store(linear, 8, value);
    }
  }

  /** Stores the low 1, 2, 4 or 8 bytes of a value. */
  public static void store(Vcpu v, long linear, int size, long value) {
    long host = writable(v.state, linear, size);
    if (host != 0) {
      Mem.put(host, size, value);
    } else {
      v.mmu.store(linear, size, value);
    }
  }

  /** Copies up to 4096 guest bytes to a host address; nothing is copied if any byte faults. */
  public static void loadBytes(Vcpu v, long linear, long target, int count) {
    long host = readable(v.state, linear, count);
    if (host != 0) {
      Mem.copy(host, target, count);
    } else {
      v.mmu.loadBytes(linear, target, count);
    }
  }

  /** Copies up to 4096 bytes from a host address; nothing is stored if any byte faults. */
  public static void storeBytes(Vcpu v, long linear, long source, int count) {
    long host = writable(v.state, linear, count);
    if (host != 0) {
      Mem.copy(source, host, count);
    } else {
      v.mmu.storeBytes(linear, source, count);
    }
  }
}
