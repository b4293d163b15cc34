// SPDX-License-Identifier: Apache-2.0
package nestor.vectors.fuzz;

import java.util.List;
import nestor.vectors.Layout;
import nestor.vectors.Machine;
import nestor.vectors.Outcome;

/** Runs programs on an engine of Nestor. */
final class EngineRunner implements Runner {
  private final Machine machine;

  EngineRunner(Machine machine) {
    this.machine = machine;
  }

  /** {@return where a program ends} */
  CpuSnapshot run(Trial trial) {
    trial.before.store(machine);
    machine.code(Layout.START, trial.code, trial.code.length, true, false);
    machine.ready(Layout.START);
    Outcome outcome = machine.runToEnd();
    CpuSnapshot after = new CpuSnapshot();
    after.load(machine);
    after.rflags = outcome.rflags();
    after.rip = outcome.rip();
    // The HLT at the end is #GP(0) for both sides.
    after.exception = outcome.stuck() ? Integer.MAX_VALUE : outcome.exception();
    if (after.exception < 0) {
      after.exception = 13;
    }
    after.errorCode = outcome.errorCode();
    after.cr2 = outcome.cr2();
    return after;
  }

  @Override
  public int batch() {
    return 64;
  }

  @Override
  public void run(List<Trial> trials) {
    for (Trial trial : trials) {
      trial.expected = run(trial);
    }
  }

  @Override
  public void close() {
    machine.close();
  }
}
