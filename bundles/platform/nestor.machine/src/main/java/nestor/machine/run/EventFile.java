// SPDX-License-Identifier: Apache-2.0
package nestor.machine.run;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import jdk.jfr.Recording;
import nestor.api.command.Command;
import nestor.api.command.CommandException;
import nestor.api.command.FileTrouble;
import nestor.api.json.Json;
import nestor.api.machine.Machine;
import nestor.api.machine.MachineException;
import nestor.api.virt.ControlField;
import nestor.api.virt.Inspection;
import nestor.api.virt.VmEvent;
import nestor.api.virt.VmListener;

/**
 * The events of a run's virtual machines in a file: JSON, an event a line, or a JFR recording if
 * the file's name ends with {@code .jfr}. Nothing is left out; the machine waits for the disk.
 */
final class EventFile implements VmListener {
  private static final String RECORDING = ".jfr";

  private final Path file;
  private final BufferedWriter lines;
  private final Recording recording;
  private final Inspection.Listening listening;
  private IOException trouble;

  private EventFile(Path file, Machine machine) throws IOException, MachineException {
    this.file = file;
    if (file.toString().endsWith(RECORDING)) {
      lines = null;
      listening = null;
      Files.writeString(file, ""); // a path that cannot be written is told before the run
      recording = new Recording();
      recording.setName("nestor");
      recording.start();
    } else {
      recording = null;
      lines = Files.newBufferedWriter(file);
      listening = machine.virtualization().listen(this);
    }
  }

  static EventFile open(Path file, Machine machine) throws MachineException, CommandException {
    try {
      return new EventFile(file, machine);
    } catch (IOException e) {
      throw unwritable(file, e);
    }
  }

  private static CommandException unwritable(Path file, IOException e) {
    return new CommandException(
        Command.BAD_INPUT, file + ": cannot be written: " + FileTrouble.reason(e));
  }

  @Override
  public void happened(VmEvent event, Supplier<List<ControlField>> fields) {
    if (trouble != null) {
      return;
    }
    try {
      lines.write(Json.write(event.members()));
      lines.write('\n');
    } catch (IOException e) {
      trouble = e; // told at the end: a full disk is no reason to lose the run
    }
  }

  /** Ends the file, once the run is over. */
  void close() throws CommandException {
    try {
      if (recording != null) {
        recording.stop();
        recording.dump(file);
        recording.close();
        return;
      }
      listening.close();
      lines.close();
      if (trouble != null) {
        throw trouble;
      }
    } catch (IOException e) {
      throw unwritable(file, e);
    }
  }
}
