// SPDX-License-Identifier: Apache-2.0
package nestor.vcpu;

import java.lang.reflect.Field;
import java.nio.ByteOrder;
import sun.misc.Unsafe;

/** Accesses by {@code sun.misc.Unsafe}, for {@link Mem} alone. */
@SuppressWarnings("removal") // Mem does without it on JDKs that have it no more
final class RawMemory {
  private static final Unsafe UNSAFE = find();

  private RawMemory() {}

  private static Unsafe find() {
    try {
      Field field = Unsafe.class.getDeclaredField("theUnsafe");
      field.setAccessible(true);
      Unsafe unsafe = (Unsafe) field.get(null);
      long probe = unsafe.allocateMemory(Long.BYTES);
      unsafe.putLong(probe, 1);
      unsafe.freeMemory(probe);
      return unsafe;
    } catch (ReflectiveOperationException | LinkageError | RuntimeException e) {
      return null; // gone, or forbidden on the command line
    }
  }

  /** {@return whether accesses work, and are little-endian} */
  static boolean isUsable() {
    return UNSAFE != null && ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
  }

  static byte getByte(long address) {
    return UNSAFE.getByte(address);
  }

  static void putByte(long address, byte value) {
    UNSAFE.putByte(address, value);
  }

  static short getShort(long address) {
    return UNSAFE.getShort(address);
  }

  static void putShort(long address, short value) {
    UNSAFE.putShort(address, value);
  }

  static int getInt(long address) {
    return UNSAFE.getInt(address);
  }

  static void putInt(long address, int value) {
    UNSAFE.putInt(address, value);
  }

  static long getLong(long address) {
    return UNSAFE.getLong(address);
  }

  static void putLong(long address, long value) {
    UNSAFE.putLong(address, value);
  }
}
