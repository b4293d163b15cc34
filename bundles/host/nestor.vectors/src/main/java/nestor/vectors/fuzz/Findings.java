// SPDX-License-Identifier: Apache-2.0
package nestor.vectors.fuzz;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import nestor.isa.Isa;
import nestor.isa.Row;

/** What all workers of a run have found. Any thread. */
final class Findings {
  /** A difference that is not like one found before. */
  record Finding(Trial trial, List<String> differences, long undefinedFlags, long number) {}

  private final AtomicLong next;
  private final AtomicLong done = new AtomicLong();
  private final int enough;
  private final boolean[] reached = new boolean[Isa.rows().size()];
  private final Set<String> kinds = new HashSet<>();
  private final List<Finding> found = new ArrayList<>();
  private long differences;
  private FuzzRows rows;

  Findings(long first, int enough) {
    next = new AtomicLong(first);
    this.enough = enough;
  }

  /** {@return the number of the first of the next programs} */
  long next(int count) {
    return next.getAndAdd(count);
  }

  void done(int count) {
    done.addAndGet(count);
  }

  long done() {
    return done.get();
  }

  synchronized boolean isEnough() {
    return found.size() >= enough || differences >= 20L * enough;
  }

  synchronized void rows(FuzzRows used) {
    rows = used;
  }

  synchronized FuzzRows rows() {
    return rows;
  }

  /** Notes the rows of a program that agreed. */
  void reached(Trial trial) {
    for (Unit unit : trial.program.units) {
      reached[unit.row().index] = true;
    }
  }

  boolean[] reached() {
    return reached;
  }

  synchronized void add(Trial trial, List<String> what, long undefinedFlags, long number) {
    differences++;
    Set<String> kind = new TreeSet<>();
    for (Unit unit : trial.program.units) {
      Row row = unit.row();
      kind.add(row.mnemonic + " " + row.operands.size());
    }
    if (kinds.add(kind.toString())) {
      found.add(new Finding(trial, what, undefinedFlags, number));
    }
  }

  synchronized long differences() {
    return differences;
  }

  synchronized List<Finding> found() {
    return List.copyOf(found);
  }

  /** {@return a finding for people} */
  static String text(Finding finding) {
    byte[] code = finding.trial.code;
    StringBuilder out = new StringBuilder();
    out.append("  program ").append(finding.number).append("  ");
    out.append(HexFormat.of().formatHex(code)).append('\n');
    out.append(Program.text(code));
    out.append("    before: ").append(SnapshotText.of(finding.trial.before)).append('\n');
    for (String difference : finding.differences) {
      out.append("      ").append(difference).append('\n');
    }
    return out.toString();
  }
}
