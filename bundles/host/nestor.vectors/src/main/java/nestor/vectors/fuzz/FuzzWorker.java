// SPDX-License-Identifier: Apache-2.0
package nestor.vectors.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import nestor.vectors.Machine;

/** One thread of a run: makes programs, runs them on both sides, compares. */
final class FuzzWorker implements Callable<Void> {
  private static final RandomGeneratorFactory<RandomGenerator> GENERATORS =
      RandomGeneratorFactory.of("L64X128MixRandom");
  private static final long GOLDEN = 0x9E37_79B9_7F4A_7C15L;

  private final FuzzOptions options;
  private final Findings findings;
  private final Machine.Parts parts;
  private final Machine.Parts others;

  private EngineRunner engine;
  private Runner other;
  private FuzzRows rows;
  private boolean exact;
  private boolean wide;

  /**
   * Makes a worker.
   *
   * @param others parts of the machine to compare with; null for the host's CPU
   */
  FuzzWorker(FuzzOptions options, Findings findings, Machine.Parts parts, Machine.Parts others) {
    this.options = options;
    this.findings = findings;
    this.parts = parts;
    this.others = others;
  }

  @Override
  public Void call() throws IOException {
    Machine machine = new Machine(parts, options.model, options.changes);
    engine = new EngineRunner(machine);
    HostCpu host = null;
    try {
      if (others == null) {
        NativeRunner runner = new NativeRunner();
        host = runner.host();
        other = runner;
      } else {
        other = new EngineRunner(new Machine(others, options.model, options.changes));
      }
      exact = host == null || options.undefined;
      wide = machine.offersAvx512() && (host == null || host.has(5));
      rows = new FuzzRows(machine, host, options.rows);
      findings.rows(rows);
      work();
    } finally {
      engine.close();
      if (other != null) {
        other.close();
      }
    }
    return null;
  }

  private void work() throws IOException {
    if (rows.all().isEmpty()) {
      return;
    }
    while (!findings.isEnough()) {
      long from = findings.next(other.batch());
      long to = Math.min(options.first + options.programs, from + other.batch());
      if (from >= to) {
        return;
      }
      List<Trial> trials = new ArrayList<>();
      for (long n = from; n < to; n++) {
        trials.add(trial(n));
      }
      other.run(trials);
      for (int n = 0; n < trials.size(); n++) {
        check(trials.get(n), from + n);
      }
      findings.done(trials.size());
    }
  }

  private Trial trial(long number) {
    RandomGenerator random = GENERATORS.create(options.seed * GOLDEN + number);
    CpuSnapshot before = StateMaker.make(random);
    return new Trial(new ProgramMaker(rows, exact, random, before).make(), before);
  }

  private void check(Trial trial, long number) {
    if (differences(trial).isEmpty()) {
      findings.reached(trial);
      return;
    }
    if (findings.isEnough()) {
      return;
    }
    Trial smallest = new Shrinker(this::fails).shrink(trial);
    fails(smallest); // fills in what is expected
    findings.add(smallest, differences(smallest), undefined(smallest), number);
  }

  private boolean fails(Trial trial) {
    if (!exact && trial.program.usesUndefinedFlags()) {
      return false;
    }
    try {
      other.run(List.of(trial));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return !differences(trial).isEmpty();
  }

  private long undefined(Trial trial) {
    return exact || trial.expected == null ? 0 : trial.program.undefinedFlags(trial.expected.rip);
  }

  private List<String> differences(Trial trial) {
    CpuSnapshot actual;
    try {
      actual = engine.run(trial);
    } catch (RuntimeException e) {
      return List.of("failed inside Nestor: " + e + " at " + e.getStackTrace()[0]);
    }
    if (trial.expected == null) {
      return List.of("the other side never ended");
    }
    return SnapshotDifference.between(trial.expected, actual, wide, undefined(trial));
  }
}
