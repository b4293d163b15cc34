// SPDX-License-Identifier: Apache-2.0
package nestor.api.boot;

import java.lang.foreign.MemorySegment;

/**
 * Bytes to be put into guest memory.
 *
 * @param what what it is, for messages and memory maps
 * @param gpa guest-physical address of the first byte
 * @param data read-only; may be shorter than {@code length}
 * @param length bytes to be written; those past {@code data} become zero
 */
public record LoadSegment(String what, long gpa, MemorySegment data, long length) {

  public LoadSegment {
    data = data.asReadOnly();
    if (data.byteSize() > length) {
      throw new IllegalArgumentException(
          what + ": " + data.byteSize() + " bytes of data in a segment of " + length);
    }
  }

  /** A segment without zeros at its end. */
  public LoadSegment(String what, long gpa, byte[] data) {
    this(what, gpa, MemorySegment.ofArray(data.clone()), data.length);
  }

  /** {@return the address after the last byte} */
  public long endGpa() {
    return gpa + length;
  }
}
