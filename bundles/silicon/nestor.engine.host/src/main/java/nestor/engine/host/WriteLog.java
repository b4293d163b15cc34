// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import java.util.Arrays;
import nestor.vcpu.Mem;

/** What a run of instructions has written to RAM, so that it can be undone and compared. */
final class WriteLog {
  private static final int MOST_BYTES = 1 << 16;

  private long[] hosts = new long[64];
  private int[] lengths = new int[64];
  private int[] steps = new int[64];
  private int[] places = new int[64];
  private int count;
  private int bytes;
  private final byte[] before = new byte[MOST_BYTES];
  private final byte[] after = new byte[MOST_BYTES];
  private final byte[] found = new byte[MOST_BYTES];

  void clear() {
    count = 0;
    bytes = 0;
  }

  /** {@return whether so many bytes more fit} */
  boolean hasRoom(int length) {
    return bytes + length <= MOST_BYTES;
  }

  /** Notes what lies at a host address before instruction {@code step} writes there. */
  void note(int step, long host, int length) {
    if (count == hosts.length) {
      hosts = Arrays.copyOf(hosts, 2 * count);
      lengths = Arrays.copyOf(lengths, 2 * count);
      steps = Arrays.copyOf(steps, 2 * count);
      places = Arrays.copyOf(places, 2 * count);
    }
    hosts[count] = host;
    lengths[count] = length;
    steps[count] = step;
    places[count] = bytes;
    Mem.copyOut(host, before, bytes, length);
    bytes += length;
    count++;
  }

  /** The last write noted has been done. */
  void done() {
    int n = count - 1;
    Mem.copyOut(hosts[n], after, places[n], lengths[n]);
  }

  /** Puts RAM back to what it was. */
  void undo() {
    for (int n = count - 1; n >= 0; n--) {
      Mem.copyIn(before, places[n], hosts[n], lengths[n]);
    }
  }

  /**
   * {@return the host address of a byte that is not what the instructions before {@code step} have
   * made of it, or 0} RAM stays as it is.
   */
  long compare(int step) {
    int end = 0;
    while (end < count && steps[end] < step) {
      Mem.copyOut(hosts[end], found, places[end], lengths[end]);
      end++;
    }
    // What was written last counts: write it all again, and see whether that changes anything.
    for (int n = 0; n < end; n++) {
      Mem.copyIn(after, places[n], hosts[n], lengths[n]);
    }
    long wrong = 0;
    for (int n = 0; n < end; n++) {
      for (int i = 0; i < lengths[n]; i++) {
        if (wrong == 0 && Mem.getByte(hosts[n] + i) != found[places[n] + i]) {
          wrong = hosts[n] + i;
        }
      }
    }
    for (int n = end - 1; n >= 0; n--) {
      Mem.copyIn(found, places[n], hosts[n], lengths[n]);
    }
    return wrong;
  }
}
