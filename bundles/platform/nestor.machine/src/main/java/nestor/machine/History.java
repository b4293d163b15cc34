// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

/** The last bytes of a stream. Guarded by its owner. */
final class History {
  private static final int SIZE = 64 * 1024;

  private final byte[] ring = new byte[SIZE];
  private long total;

  void add(byte[] bytes, int length) {
    for (int i = Math.max(0, length - SIZE); i < length; i++) {
      ring[(int) ((total + i) % SIZE)] = bytes[i];
    }
    total += length;
  }

  long total() {
    return total;
  }

  byte[] recent() {
    int length = (int) Math.min(total, SIZE);
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = ring[(int) ((total - length + i) % SIZE)];
    }
    return bytes;
  }
}
