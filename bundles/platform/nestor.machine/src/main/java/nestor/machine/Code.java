// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Machine code put together byte by byte, with names for places. */
final class Code {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final Map<String, Integer> labels = new HashMap<>();
  private final List<Fix> fixes = new ArrayList<>();

  /** A displacement of 4 bytes, counted from its end, to be filled in. */
  private record Fix(int at, String label) {}

  /** Adds bytes. */
  Code add(int... values) {
    for (int value : values) {
      bytes.write(value);
    }
    return this;
  }

  /** Adds four bytes, lowest first. */
  Code dword(int value) {
    return add(value, value >> 8, value >> 16, value >> 24);
  }

  Code text(byte[] text) {
    bytes.writeBytes(text);
    return this;
  }

  /** Names this place. */
  Code label(String name) {
    labels.put(name, bytes.size());
    return this;
  }

  /** Adds the displacement to a place: the operand of a near CALL, JMP or Jcc. */
  Code to(String label) {
    fixes.add(new Fix(bytes.size(), label));
    return dword(0);
  }

  /** {@return where a place is, once it was named} */
  int place(String label) {
    return labels.get(label);
  }

  byte[] image() {
    byte[] image = bytes.toByteArray();
    ByteBuffer buffer = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
    for (Fix fix : fixes) {
      buffer.putInt(fix.at, labels.get(fix.label) - (fix.at + 4));
    }
    return image;
  }
}
