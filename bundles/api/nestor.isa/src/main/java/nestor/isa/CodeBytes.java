// SPDX-License-Identifier: Apache-2.0
package nestor.isa;

/** The bytes of one instruction, read in order. It belongs to one decoder. */
final class CodeBytes {
  /** Thrown where an instruction goes on behind the last byte that may be read; without a trace. */
  static final ArrayIndexOutOfBoundsException OUT_OF_BYTES =
      new ArrayIndexOutOfBoundsException() {
        private static final long serialVersionUID = 1;

        @Override
        public synchronized Throwable fillInStackTrace() {
          return this;
        }
      };

  private byte[] code;
  private int limit;
  private int at;

  /** Starts at {@code start} and never reads at or behind {@code end}. */
  void begin(byte[] bytes, int start, int end) {
    code = bytes;
    at = start;
    limit = end;
  }

  /** {@return the index of the next byte} */
  int at() {
    return at;
  }

  /** {@return the next byte, which is then read} */
  int next() {
    if (at >= limit) {
      throw OUT_OF_BYTES;
    }
    return code[at++] & 0xFF;
  }

  /** {@return the next byte, which stays} */
  int peek() {
    if (at >= limit) {
      throw OUT_OF_BYTES;
    }
    return code[at] & 0xFF;
  }

  /** {@return the next bytes as an unsigned number, lowest first} */
  long little(int bytes) {
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value |= (long) next() << (8 * i);
    }
    return value;
  }
}
