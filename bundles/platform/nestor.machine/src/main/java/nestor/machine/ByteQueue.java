// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

/** Bytes in order; grows as needed. For one thread. */
final class ByteQueue {
  private byte[] bytes = new byte[64];
  private int head;
  private int size;

  boolean isEmpty() {
    return size == 0;
  }

  void add(byte[] more) {
    if (size + more.length > bytes.length) {
      byte[] bigger = new byte[Math.max(2 * bytes.length, size + more.length)];
      for (int i = 0; i < size; i++) {
        bigger[i] = bytes[(head + i) % bytes.length];
      }
      bytes = bigger;
      head = 0;
    }
    for (byte b : more) {
      bytes[(head + size++) % bytes.length] = b;
    }
  }

  /** {@return the oldest byte as 0-255, or -1 if there is none} */
  int take() {
    if (size == 0) {
      return -1;
    }
    int value = bytes[head] & 0xFF;
    head = (head + 1) % bytes.length;
    size--;
    return value;
  }

  /** {@return all bytes, oldest first} */
  byte[] toArray() {
    byte[] all = new byte[size];
    for (int i = 0; i < size; i++) {
      all[i] = bytes[(head + i) % bytes.length];
    }
    return all;
  }
}
