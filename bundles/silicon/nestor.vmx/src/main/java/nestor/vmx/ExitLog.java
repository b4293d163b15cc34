// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import nestor.vcpu.State;
import nestor.vcpu.VmExit;

/** Counts entries and exits, and remembers the last ones in numbers; words are made when asked. */
final class ExitLog {
  private static final int LENGTH = 256;
  private static final int REASONS = 70;

  private final Vmx x;
  private final long[] counts = new long[REASONS];
  private final int[] reasons = new int[LENGTH];
  private final long[] qualifications = new long[LENGTH];
  private final long[] addresses = new long[LENGTH];
  private final long[] times = new long[LENGTH];
  private long exits;
  private long entries;
  private long refusals;
  private String refusal;

  ExitLog(Vmx x) {
    this.x = x;
  }

  void entered() {
    entries++;
  }

  /** A VM entry failed one of its checks. */
  void refused(Check failed) {
    refusals++;
    refusal = failed.toString();
    x.v.core.note("VM entry refused: " + refusal);
  }

  void refused(int msrEntry) {
    refusals++;
    refusal = "entry " + msrEntry + " of the MSR-load area cannot be loaded";
    x.v.core.note("VM entry refused: " + refusal);
  }

  void aborted(int indicator) {
    x.v.core.note("VMX abort " + indicator);
  }

  void exited(VmExit exit) {
    int slot = (int) (exits++ % LENGTH);
    int basic = exit.reason & 0xFFFF;
    if (basic < REASONS) {
      counts[basic]++;
    }
    reasons[slot] = exit.reason;
    qualifications[slot] = exit.qualification;
    addresses[slot] = State.get(x.s, State.RIP);
    times[slot] = x.v.clock == null ? 0 : x.v.clock.nanos();
  }

  Map<String, Long> counters() {
    Map<String, Long> all = new LinkedHashMap<>();
    all.put("entries", entries);
    all.put("entries.refused", refusals);
    all.put("exits", exits);
    for (int i = 0; i < REASONS; i++) {
      if (counts[i] != 0) {
        all.put("exits." + ExitReason.name(i), counts[i]);
      }
    }
    return all;
  }

  /** {@return why the last refused entry was refused, or null} */
  String refusal() {
    return refusal;
  }

  List<String> recent() {
    List<String> lines = new ArrayList<>();
    for (long n = Math.max(0, exits - LENGTH); n < exits; n++) {
      int slot = (int) (n % LENGTH);
      lines.add(
          String.format(
              "%d ns exit %d %s%s, qualification 0x%x, guest rip 0x%x",
              times[slot],
              reasons[slot] & 0xFFFF,
              ExitReason.name(reasons[slot]),
              reasons[slot] < 0 ? " (entry failed)" : "",
              qualifications[slot],
              addresses[slot]));
    }
    return lines;
  }
}
