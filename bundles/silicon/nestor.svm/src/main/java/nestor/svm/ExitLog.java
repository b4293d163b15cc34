// SPDX-License-Identifier: Apache-2.0
package nestor.svm;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import nestor.vcpu.State;
import nestor.vcpu.VmExit;

/**
 * Counts VMRUNs and #VMEXITs, and remembers the last ones in numbers; words are made when asked.
 */
final class ExitLog {
  private static final int LENGTH = 256;
  private static final int CODES = ExitCode.NPF + 2;

  private final Svm x;
  private final long[] counts = new long[CODES];
  private final int[] codes = new int[LENGTH];
  private final long[] infos = new long[LENGTH];
  private final long[] infos2 = new long[LENGTH];
  private final long[] addresses = new long[LENGTH];
  private final long[] times = new long[LENGTH];
  private long exits;
  private long entries;
  private long refusals;

  ExitLog(Svm x) {
    this.x = x;
  }

  void entered() {
    entries++;
  }

  /** VMRUN failed one of its checks. */
  void refused(Check failed) {
    refusals++;
    x.v.core.note("VMRUN refused: " + failed);
  }

  void exited(VmExit exit) {
    int slot = (int) (exits++ % LENGTH);
    counts[exit.reason < 0 ? CODES - 1 : exit.reason]++;
    codes[slot] = exit.reason;
    infos[slot] = exit.qualification;
    infos2[slot] = exit.qualification2;
    addresses[slot] = State.get(x.s, State.RIP);
    times[slot] = x.v.clock == null ? 0 : x.v.clock.nanos();
  }

  Map<String, Long> counters() {
    Map<String, Long> all = new LinkedHashMap<>();
    all.put("entries", entries);
    all.put("entries.refused", refusals);
    all.put("exits", exits);
    for (int i = 0; i < CODES; i++) {
      if (counts[i] != 0) {
        all.put("exits." + ExitCode.name(i == CODES - 1 ? ExitCode.INVALID : i), counts[i]);
      }
    }
    return all;
  }

  List<String> recent() {
    List<String> lines = new ArrayList<>();
    for (long n = Math.max(0, exits - LENGTH); n < exits; n++) {
      int slot = (int) (n % LENGTH);
      lines.add(
          String.format(
              "%d ns exit 0x%x %s, info1 0x%x, info2 0x%x, guest rip 0x%x",
              times[slot],
              codes[slot],
              ExitCode.name(codes[slot]),
              infos[slot],
              infos2[slot],
              addresses[slot]));
    }
    return lines;
  }
}
