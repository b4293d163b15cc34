// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import java.util.Arrays;

/** Bytes of code that will lie at a known host address, and the jumps in them. */
abstract class CodeBuffer {
  private byte[] buffer;
  private int at;
  private long base;

  CodeBuffer(int capacity) {
    buffer = new byte[capacity];
  }

  /** Starts anew with code that will lie at {@code address}. */
  void start(long address) {
    at = 0;
    base = address;
  }

  byte[] bytes() {
    return buffer;
  }

  int size() {
    return at;
  }

  /** {@return host address of the next byte} */
  long here() {
    return base + at;
  }

  void emit8(int value) {
    if (at + 16 > buffer.length) {
      buffer = Arrays.copyOf(buffer, buffer.length * 2);
    }
    buffer[at++] = (byte) value;
  }

  void emit32(int value) {
    emit8(value);
    emit8(value >> 8);
    emit8(value >> 16);
    emit8(value >> 24);
  }

  void emit64(long value) {
    emit32((int) value);
    emit32((int) (value >> 32));
  }

  /** Lets the short jump that ended at {@code from} lead here. */
  void bind(int from) {
    int distance = at - from;
    if (distance > 127) {
      throw new IllegalStateException("a short jump over " + distance + " bytes");
    }
    buffer[from - 1] = (byte) distance;
  }

  /** Lets a jump in this buffer, whose displacement lies at {@code place}, lead to a target. */
  void patch(long place, long target) {
    int from = (int) (place - base);
    int value = (int) (target - (place + 4));
    for (int n = 0; n < 4; n++) {
      buffer[from + n] = (byte) (value >> 8 * n);
    }
  }

  /** {@return the place of the displacement, for patching} */
  long jump(long target) {
    emit8(0xE9);
    long place = here();
    emit32((int) (target - (place + 4)));
    return place;
  }

  /** {@return the place of the displacement, for patching} */
  long jump(int condition, long target) {
    emit8(0x0F);
    emit8(0x80 | condition);
    long place = here();
    emit32((int) (target - (place + 4)));
    return place;
  }

  /** A short forward jump; {@link #bind} closes it. */
  int shortJump(int condition) {
    emit8(0x70 | condition);
    emit8(0);
    return size();
  }

  void call(long target) {
    emit8(0xE8);
    emit32((int) (target - (here() + 4)));
  }

  void ret() {
    emit8(0xC3);
  }
}
