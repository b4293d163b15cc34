// SPDX-License-Identifier: Apache-2.0
package nestor.isatools;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Unpacks the legacy frames of LZ4 (LZ4 Frame Format, "Legacy frame") that kernels use. */
final class Lz4 {
  static final int MAGIC = 0x184C_2102;
  private static final int BLOCK = 8 << 20;
  private static final int SHORTEST_MATCH = 4;

  private final byte[] in;
  private final byte[] out = new byte[BLOCK];
  private int at;
  private int length;

  private Lz4(byte[] in) {
    this.in = in;
  }

  /** {@return the blocks of a frame, in order} */
  static List<byte[]> unpack(byte[] frame) {
    ByteBuffer sizes = ByteBuffer.wrap(frame).order(ByteOrder.LITTLE_ENDIAN);
    List<byte[]> blocks = new ArrayList<>();
    Lz4 reader = new Lz4(frame);
    int at = 4;
    while (at + 8 <= frame.length) { // the kernel's build appends the size of all
      int size = sizes.getInt(at);
      reader.block(at + 4, at + 4 + size);
      blocks.add(Arrays.copyOf(reader.out, reader.length));
      at += 4 + size;
    }
    return blocks;
  }

  private void block(int from, int to) {
    at = from;
    length = 0;
    while (at < to) {
      int token = in[at++] & 0xFF;
      int literals = count(token >> 4);
      System.arraycopy(in, at, out, length, literals);
      at += literals;
      length += literals;
      if (at >= to) {
        return;
      }
      int distance = in[at] & 0xFF | (in[at + 1] & 0xFF) << 8;
      at += 2;
      int match = count(token & 15) + SHORTEST_MATCH;
      for (int n = 0; n < match; n++) { // may overlap itself
        out[length] = out[length - distance];
        length++;
      }
    }
  }

  private int count(int first) {
    int count = first;
    if (first == 15) {
      int more;
      do {
        more = in[at++] & 0xFF;
        count += more;
      } while (more == 255);
    }
    return count;
  }
}
