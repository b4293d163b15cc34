// SPDX-License-Identifier: Apache-2.0
package nestor.virt;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import nestor.api.virt.ExitCount;
import nestor.api.virt.VmEvent;
import nestor.isa.Row;
import nestor.vcpu.State;
import nestor.vcpu.VmExit;
import nestor.vcpu.VmObserver;

/**
 * Counts entries and exits, remembers the last exits in numbers, of which words are made when
 * somebody asks, and tells an observer, if there is one. Nothing here allocates while nobody looks.
 */
public final class ExitLog {
  private static final int LENGTH = 256;

  private final VirtualizationState x;
  private final ExitWords words;
  private final ExitSites sites;
  private final long[] counts;
  private final int[] reasons = new int[LENGTH];
  private final int[] levels = new int[LENGTH];
  private final long[] infos = new long[LENGTH];
  private final long[] infos2 = new long[LENGTH];
  private final long[] addresses = new long[LENGTH];
  private final long[] times = new long[LENGTH];

  /** The instruction that is executing and may exit, or null. */
  private Row row;

  /** The instruction of the last exit, or null. */
  private Row lastRow;

  private long exits;
  private long entries;
  private long refusals;
  private long suspicions;

  /** Whom to tell; null for nobody. */
  private VmObserver observer;

  /** A log of one vCPU. */
  public ExitLog(VirtualizationState x, ExitWords words) {
    this.x = x;
    this.words = words;
    this.sites = new ExitSites(words);
    this.counts = new long[words.slots()];
  }

  /** Tells somebody of all that happens from now on; null for nobody. */
  public void observe(VmObserver newObserver) {
    observer = newObserver;
  }

  /** {@return whether somebody is told, so that words are worth making} */
  public boolean isObserved() {
    return observer != null;
  }

  /** An instruction is about to be asked about; an exit before the next is its own. */
  void asked(Row instruction) {
    row = instruction;
  }

  /** {@return the instruction of the last exit, or null if it was none} */
  Row lastRow() {
    return lastRow;
  }

  /** A guest has been entered. */
  public void entered() {
    entries++;
    if (observer != null) {
      observer.entered(x.v, x.guestLevel(), x.structure());
    }
  }

  /** A VM entry failed one of its checks. */
  public void refused(EntryCheck<?> failed) {
    refused(failed.text());
  }

  /**
   * A VM entry failed.
   *
   * @param why in words
   */
  public void refused(String why) {
    refusals++;
    x.v.core.note(words.entry() + " refused: " + why);
    if (observer != null) {
      observer.refused(x.v, x.guestLevel(), x.structure(), why);
    }
  }

  /**
   * A VM entry is legal but probably not what was meant.
   *
   * @param why in words
   */
  public void suspicious(String why) {
    suspicions++;
    x.v.core.note(words.entry() + ": " + why);
  }

  /** A guest exited; its state is still in force. */
  public void exited(VmExit exit) {
    int at = (int) (exits++ % LENGTH);
    int slot = words.slot(exit.reason);
    long rip = x.state(State.RIP);
    counts[slot]++;
    sites.count(x.guestLevel(), slot, rip);
    reasons[at] = exit.reason;
    levels[at] = x.guestLevel();
    infos[at] = exit.qualification;
    infos2[at] = exit.physical != 0 ? exit.physical : exit.qualification2;
    addresses[at] = rip;
    times[at] = x.v.clock == null ? 0 : x.v.clock.nanos();
    lastRow = exit.length == 0 ? null : row;
    if (observer != null) {
      observer.exited(x.v, x.guestLevel(), exit, words.name(exit.reason));
    }
  }

  /** VM entry injects an event. */
  public void injected(int event, int errorCode) {
    if (observer != null) {
      observer.injected(x.v, x.guestLevel(), FieldWords.event(event), event, errorCode);
    }
  }

  /**
   * Translations of guests are dropped.
   *
   * @param name the instruction or control
   * @param number VPID, ASID or type
   * @param address linear address or root of tables, or 0
   */
  public void invalidated(String name, long number, long address) {
    if (observer != null) {
      observer.invalidated(x.v, x.level(), name, number, address);
    }
  }

  /** Software wrote a field of the control structure. */
  public void written(String field, long value) {
    if (observer != null) {
      observer.written(x.v, x.level(), field, value);
    }
  }

  /** {@return entries, refused entries, exits, and exits by reason} */
  public Map<String, Long> counters() {
    Map<String, Long> all = new LinkedHashMap<>();
    all.put("entries", entries);
    all.put("entries.refused", refusals);
    if (suspicions != 0) {
      all.put("entries.suspicious", suspicions);
    }
    all.put("exits", exits);
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] != 0) {
        all.put("exits." + words.name(words.reason(i)), counts[i]);
      }
    }
    return all;
  }

  /** {@return exits by level, reason and guest RIP, the most frequent first} */
  public List<ExitCount> exitCounts() {
    return sites.list(x.v.index);
  }

  /** {@return the last exits, the newest last} */
  public List<VmEvent> recent() {
    List<VmEvent> all = new ArrayList<>();
    for (long n = Math.max(0, exits - LENGTH); n < exits; n++) {
      int at = (int) (n % LENGTH);
      all.add(
          new VmEvent(
              VmEvent.Kind.EXIT,
              x.v.index,
              levels[at],
              times[at],
              words.name(reasons[at]),
              reasons[at],
              addresses[at],
              infos[at],
              infos2[at]));
    }
    return all;
  }

  /** {@return the vendor's names of all exit reasons} */
  List<String> reasons() {
    List<String> all = new ArrayList<>();
    for (int i = 0; i < words.slots(); i++) {
      if (words.isKnown(i)) {
        all.add(words.name(words.reason(i)));
      }
    }
    return all;
  }
}
