// SPDX-License-Identifier: Apache-2.0
package nestor.machine.run;

import java.util.List;
import nestor.api.command.CommandException;
import nestor.api.command.CommandIo;
import nestor.api.machine.MachineException;

/** Two machines that must be one. */
interface Twins extends AutoCloseable {

  /** Makes them, switched off. */
  interface Maker {
    /** {@return two new machines} */
    Twins make() throws CommandException, MachineException;
  }

  /** Shows what the first machine's guest prints. */
  void show(CommandIo io);

  /** {@return whether both are on still, after so many ticks more} */
  boolean advance(long ticks) throws MachineException, InterruptedException;

  /** {@return whether they differ, in state or in what was written since the last call} */
  boolean differs() throws MachineException;

  /** {@return the time of the first at the last look, in ticks} */
  long ticks();

  /** {@return how far they have come and how their run ended, in words} */
  String summary();

  /** {@return what the engines have made of the code that the vCPUs stand at} */
  List<String> translations() throws MachineException;

  /** {@return the next instructions of the first} */
  List<String> trace(int count) throws MachineException;

  /** {@return both states, and what is different in RAM} */
  String difference() throws MachineException;

  @Override
  void close() throws MachineException;
}
