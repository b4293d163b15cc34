// SPDX-License-Identifier: Apache-2.0
package nestor.vcpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Host memory by address: the state block, the fast tables and guest RAM.
 *
 * <p>Single values go through {@code sun.misc.Unsafe} where the JDK has it and the host is
 * little-endian, else through a memory segment over everything: the same values, but an interpreter
 * of which every second operation is such an access runs at two thirds of the speed (ADR 0013).
 *
 * <p>Nothing is checked. An address must come from an allocation that is still alive; guest
 * addresses become host addresses only through a fast table or {@link PhysicalMemory}. Values are
 * little-endian, as the guest's are, on every host.
 */
public final class Mem {
  @SuppressWarnings("restricted")
  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final VarHandle ATOMIC_INT =
      ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
  private static final VarHandle ATOMIC_LONG =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

  private static final boolean RAW = RawMemory.isUsable();

  private Mem() {}

  /** {@return the byte at a host address} */
  public static byte getByte(long address) {
    return RAW ? RawMemory.getByte(address) : ALL.get(ValueLayout.JAVA_BYTE, address);
  }

  /** {@return the two bytes at a host address} */
  public static short getShort(long address) {
    return RAW ? RawMemory.getShort(address) : ALL.get(SHORT, address);
  }

  /** {@return the four bytes at a host address} */
  public static int getInt(long address) {
    return RAW ? RawMemory.getInt(address) : ALL.get(INT, address);
  }

  /** {@return the eight bytes at a host address} */
  public static long getLong(long address) {
    return RAW ? RawMemory.getLong(address) : ALL.get(LONG, address);
  }

  /** {@return the value of 1, 2, 4 or 8 bytes at a host address, zero-extended} */
  public static long get(long address, int size) {
    return switch (size) {
      case 1 -> getByte(address) & 0xFFL;
      case 2 -> getShort(address) & 0xFFFFL;
      case 4 -> getInt(address) & 0xFFFF_FFFFL;
      default -> getLong(address);
    };
  }

  /** Stores a byte. */
  public static void putByte(long address, byte value) {
    if (RAW) {
      RawMemory.putByte(address, value);
    } else {
      ALL.set(ValueLayout.JAVA_BYTE, address, value);
    }
  }

  /** Stores two bytes. */
  public static void putShort(long address, short value) {
    if (RAW) {
      RawMemory.putShort(address, value);
    } else {
      ALL.set(SHORT, address, value);
    }
  }

  /** Stores four bytes. */
  public static void putInt(long address, int value) {
    if (RAW) {
      RawMemory.putInt(address, value);
    } else {
      ALL.set(INT, address, value);
    }
  }

  /** Stores eight bytes. */
  public static void putLong(long address, long value) {
    if (RAW) {
      RawMemory.putLong(address, value);
    } else {
      ALL.set(LONG, address, value);
    }
  }

  /** Stores the low 1, 2, 4 or 8 bytes of a value. */
  public static void put(long address, int size, long value) {
    switch (size) {
      case 1 -> putByte(address, (byte) value);
      case 2 -> putShort(address, (short) value);
      case 4 -> putInt(address, (int) value);
      default -> putLong(address, value);
    }
  }

  /** Replaces four naturally aligned bytes if they are as expected; false if not. */
  public static boolean compareAndSetInt(long address, int expected, int value) {
    return ATOMIC_INT.compareAndSet(ALL, address, expected, value);
  }

  /** Replaces eight naturally aligned bytes if they are as expected; false if not. */
  public static boolean compareAndSetLong(long address, long expected, long value) {
    return ATOMIC_LONG.compareAndSet(ALL, address, expected, value);
  }

  /**
   * Replaces 1, 2, 4 or 8 naturally aligned bytes if they are as expected, with the effect of a
   * full fence. False if they are not, or if bytes beside them changed meanwhile.
   */
  public static boolean compareAndSet(long address, int size, long expected, long value) {
    return switch (size) {
      case 8 -> compareAndSetLong(address, expected, value);
      case 4 -> compareAndSetInt(address, (int) expected, (int) value);
      default -> compareAndSetPart(address, size, expected, value);
    };
  }

  private static boolean compareAndSetPart(long address, int size, long expected, long value) {
    long word = address & -4;
    int shift = (int) (address & 3) << 3;
    int mask = (1 << 8 * size) - 1;
    int old = (int) ATOMIC_INT.getVolatile(ALL, word);
    if ((old >>> shift & mask) != ((int) expected & mask)) {
      return false;
    }
    int next = old & ~(mask << shift) | ((int) value & mask) << shift;
    return compareAndSetInt(word, old, next);
  }

  /** All accesses before it come before all accesses after it, for all threads. */
  public static void fullFence() {
    VarHandle.fullFence();
  }

  /** Copies bytes; the ranges may overlap. */
  public static void copy(long source, long target, long count) {
    MemorySegment.copy(ALL, source, ALL, target, count);
  }

  /** Copies bytes out into an array. */
  public static void copyOut(long source, byte[] target, int offset, int count) {
    MemorySegment.copy(ALL, ValueLayout.JAVA_BYTE, source, target, offset, count);
  }

  /** Copies bytes in from an array. */
  public static void copyIn(byte[] source, int offset, long target, int count) {
    MemorySegment.copy(source, offset, ALL, ValueLayout.JAVA_BYTE, target, count);
  }

  /** Sets every byte of a range. */
  public static void fill(long address, long count, byte value) {
    ALL.asSlice(address, count).fill(value);
  }
}
