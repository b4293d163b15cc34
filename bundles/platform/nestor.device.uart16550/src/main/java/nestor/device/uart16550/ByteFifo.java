// SPDX-License-Identifier: Apache-2.0
package nestor.device.uart16550;

import java.util.Arrays;

/** Up to sixteen bytes, first in, first out. */
final class ByteFifo {
  static final int SIZE = 16;

  private final byte[] bytes = new byte[SIZE];
  private int head;
  private int count;

  int count() {
    return count;
  }

  boolean isFull(int depth) {
    return count >= depth;
  }

  void add(int value) {
    bytes[(head + count++) % SIZE] = (byte) value;
  }

  int remove() {
    int value = bytes[head] & 0xFF;
    head = (head + 1) % SIZE;
    count--;
    return value;
  }

  void clear() {
    head = 0;
    count = 0;
  }

  byte[] save() {
    byte[] saved = new byte[count];
    for (int n = 0; n < count; n++) {
      saved[n] = bytes[(head + n) % SIZE];
    }
    return saved;
  }

  void restore(byte[] saved) {
    Arrays.fill(bytes, (byte) 0);
    System.arraycopy(saved, 0, bytes, 0, saved.length);
    head = 0;
    count = saved.length;
  }
}
