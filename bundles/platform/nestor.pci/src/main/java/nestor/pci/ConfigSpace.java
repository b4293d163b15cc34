// SPDX-License-Identifier: Apache-2.0
package nestor.pci;

/** The configuration space of one function: bytes, and a mask of what the guest may write. */
final class ConfigSpace {
  private static final int SIZE = 4096;

  private final byte[] initial = new byte[SIZE];
  private final byte[] writable = new byte[SIZE];
  private final byte[] bytes = new byte[SIZE];

  /** A host bridge as Intel's Q35 memory controller names itself: 8086:29C0, class 06 00 00. */
  static ConfigSpace hostBridge() {
    ConfigSpace space = new ConfigSpace();
    space.define(0x00, 4, 0x29C0_8086, 0);
    space.define(0x04, 2, 0x0006, 0x0102);
    space.define(0x08, 4, 0x0600_0002, 0);
    space.reset();
    return space;
  }

  private void define(int offset, int size, int value, int mask) {
    for (int n = 0; n < size; n++) {
      initial[offset + n] = (byte) (value >>> (8 * n));
      writable[offset + n] = (byte) (mask >>> (8 * n));
    }
  }

  void reset() {
    System.arraycopy(initial, 0, bytes, 0, SIZE);
  }

  int read(int offset, int size) {
    int value = 0;
    for (int n = 0; n < size && offset + n < SIZE; n++) {
      value |= (bytes[offset + n] & 0xFF) << (8 * n);
    }
    return value;
  }

  void write(int offset, int size, int value) {
    for (int n = 0; n < size && offset + n < SIZE; n++) {
      int mask = writable[offset + n];
      bytes[offset + n] = (byte) (bytes[offset + n] & ~mask | value >>> (8 * n) & mask);
    }
  }

  byte[] save() {
    return bytes.clone();
  }

  void restore(byte[] saved) {
    System.arraycopy(saved, 0, bytes, 0, SIZE);
  }
}
