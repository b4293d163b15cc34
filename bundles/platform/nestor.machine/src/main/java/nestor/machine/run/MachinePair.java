// SPDX-License-Identifier: Apache-2.0
package nestor.machine.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import nestor.api.command.CommandException;
import nestor.api.command.CommandIo;
import nestor.api.machine.Changes;
import nestor.api.machine.Console;
import nestor.api.machine.CpuView;
import nestor.api.machine.Ending;
import nestor.api.machine.Machine;
import nestor.api.machine.MachineException;
import nestor.api.machine.Machines;
import nestor.api.profile.ProfileLibrary;

/** The same machine on two engines. Taken apart when it is closed. */
final class MachinePair implements Twins {
  private static final int PAGE = 4096;
  private static final int BYTES_SHOWN = 8;

  private final Machines machines;
  private final List<String> engines;
  private final List<Machine> both = new ArrayList<>();
  private final List<Changes> last = new ArrayList<>();
  private Terminal terminal;

  MachinePair(Machines machines, ProfileLibrary profiles, RunOptions options, List<String> engines)
      throws CommandException, MachineException {
    this.machines = machines;
    this.engines = engines;
    try {
      for (int n = 0; n < engines.size(); n++) {
        List<String> engine = List.of("engine=" + engines.get(n));
        both.add(MachineOrder.create(machines, profiles, "lockstep" + n, options, engine));
        last.add(both.get(n).changes());
      }
    } catch (CommandException | MachineException e) {
      close();
      throw e;
    }
  }

  @Override
  public void show(CommandIo io) {
    for (Console console : both.getFirst().consoles()) {
      if (console.isTerminal()) {
        terminal = new Terminal(io, console, false, null, () -> {});
        return;
      }
    }
  }

  @Override
  public boolean advance(long ticks) throws MachineException, InterruptedException {
    CompletableFuture<Boolean> second = new CompletableFuture<>();
    Thread.ofVirtual().start(() -> complete(second, both.get(1), ticks));
    boolean first = both.getFirst().advance(ticks);
    try {
      boolean other = second.get();
      return first && other;
    } catch (ExecutionException e) {
      throw new MachineException("lockstep: " + e.getCause().getMessage(), e.getCause());
    }
  }

  private static void complete(CompletableFuture<Boolean> result, Machine machine, long ticks) {
    try {
      result.complete(machine.advance(ticks));
    } catch (MachineException | InterruptedException e) {
      result.completeExceptionally(e);
    }
  }

  @Override
  public boolean differs() throws MachineException {
    for (int n = 0; n < both.size(); n++) {
      last.set(n, both.get(n).changes());
    }
    return !last.getFirst().equals(last.getLast())
        || !both.getFirst()
            .ending()
            .map(Ending::kind)
            .equals(both.getLast().ending().map(Ending::kind));
  }

  @Override
  public long ticks() {
    return last.getFirst().ticks();
  }

  @Override
  public String summary() {
    return String.format(
        "%,d instructions, %.3f s of guest time; the run ended: %s",
        last.getFirst().instructions(), both.getFirst().nanos() / 1e9, ending(0));
  }

  private String ending(int n) {
    return both.get(n).ending().map(Ending::text).orElse("every vCPU is halted for ever");
  }

  @Override
  public List<String> translations() throws MachineException {
    List<String> lines = new ArrayList<>();
    for (int n = 0; n < both.size(); n++) {
      for (CpuView cpu : both.get(n).cpus()) {
        List<String> code = both.get(n).translation(cpu.index());
        if (!code.isEmpty()) {
          lines.add(engines.get(n) + ", vCPU " + cpu.index() + ":");
          lines.addAll(code);
        }
      }
    }
    return lines;
  }

  @Override
  public List<String> trace(int count) throws MachineException {
    return both.getFirst().trace(-1, count);
  }

  @Override
  public String difference() throws MachineException {
    StringBuilder out = new StringBuilder();
    differs();
    for (int n = 0; n < both.size(); n++) {
      out.append("--- ").append(engines.get(n)).append(": ").append(ending(n)).append('\n');
      out.append(both.get(n).dump());
    }
    registers(out);
    memory(out);
    return out.toString();
  }

  private void registers(StringBuilder out) throws MachineException {
    List<CpuView> first = both.getFirst().cpus();
    List<CpuView> second = both.getLast().cpus();
    for (int n = 0; n < first.size(); n++) {
      compare("vCPU " + n + " ", first.get(n).registers(), second.get(n).registers(), out);
      compare("vCPU " + n + " ", first.get(n).vectors(), second.get(n).vectors(), out);
    }
  }

  private static <T> void compare(
      String of, Map<String, T> first, Map<String, T> second, StringBuilder out) {
    first.forEach(
        (name, value) -> {
          T other = second.get(name);
          if (!value.equals(other)) {
            String form = value instanceof Long ? "%s%s: %016x, %016x%n" : "%s%s: %s, %s%n";
            out.append(String.format(form, of, name, value, other));
          }
        });
  }

  private void memory(StringBuilder out) throws MachineException {
    TreeSet<Long> pages = new TreeSet<>(last.getFirst().pages().keySet());
    pages.addAll(last.getLast().pages().keySet());
    int shown = 0;
    for (long page : pages) {
      byte[] first = both.getFirst().read(-1, page, PAGE);
      byte[] second = both.getLast().read(-1, page, PAGE);
      for (int i = 0; i < PAGE && shown < BYTES_SHOWN; i++) {
        if (first[i] != second[i]) {
          out.append(
              String.format("RAM %x: %02x, %02x%n", page + i, first[i] & 0xFF, second[i] & 0xFF));
          shown++;
        }
      }
    }
  }

  @Override
  public void close() throws MachineException {
    if (terminal != null) {
      terminal.close();
    }
    for (Machine machine : both) {
      machines.destroy(machine);
    }
    both.clear();
  }
}
