// SPDX-License-Identifier: Apache-2.0
package nestor.vectors.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import nestor.api.command.Command;
import nestor.api.command.CommandException;
import nestor.vectors.Cases;
import nestor.vectors.Machine;

/** Runs the code of given vectors on the host's CPU, and records what it does. */
final class HostRecorder {
  private HostRecorder() {}

  /** {@return how many were recorded} */
  static int record(Path from, Path to, Machine.Parts parts, FuzzOptions options)
      throws IOException, CommandException {
    List<String> lines = new ArrayList<>();
    try (Machine machine = new Machine(parts, options.model, options.changes);
        NativeRunner host = new NativeRunner()) {
      for (Cases.Case c : Cases.read(from, machine)) {
        CpuSnapshot before = new CpuSnapshot();
        c.prepare();
        before.load(machine);
        Trial trial = new Trial(c.code(), before);
        host.run(List.of(trial));
        if (trial.expected == null) {
          throw new CommandException(Command.BAD_INPUT, c.id() + " never ends on the host");
        }
        lines.add(SnapshotText.vector(c.id(), trial, 0));
      }
    }
    Files.write(to, lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    return lines.size();
  }
}
