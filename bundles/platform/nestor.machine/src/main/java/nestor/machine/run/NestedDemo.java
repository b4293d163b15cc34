// SPDX-License-Identifier: Apache-2.0
package nestor.machine.run;

import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import nestor.api.machine.Console;
import nestor.api.machine.Ending;
import nestor.api.machine.Machine;
import nestor.api.machine.MachineException;
import nestor.machine.EmbeddedGuests;

/**
 * A hypervisor of our own with a guest of its own, and the strategy of the TLB exchanged under
 * both: the counters tell what tags are worth. Several run side by side, each in its machine.
 */
final class NestedDemo {
  private static final long PATIENCE_MILLIS = 60_000;
  private static final int SHOWN_EACH = 4000;
  private static final String REFILLS = "walks.unpaged";
  private static final String EXITS = "exits.CPUID";

  private final String extensions;
  private final Machine machine;
  private final PrintStream out;
  private final CountingReader reader;

  /** On VMX or SVM. */
  NestedDemo(String extensions, Machine machine, PrintStream out) {
    this.extensions = extensions;
    this.machine = machine;
    this.out = out;
    this.reader = new CountingReader(extensions + " guest", out, SHOWN_EACH);
  }

  /** {@return whether the counters say what they must, with all machines running at once} */
  static boolean show(NestedDemo first, NestedDemo second)
      throws MachineException, InterruptedException {
    first.out.println();
    first.out.printf(
        "Guests in guests: L1 is a hypervisor, on %s in one machine and on %s in the other; L2"
            + " touches pages and exits.%n",
        first.extensions, second.extensions);
    boolean good = true;
    try (Console.Connection _ = first.connect();
        Console.Connection _ = second.connect()) {
      first.machine.start();
      second.machine.start();
      for (String strategy : List.of("tagged", "flush", "tagged")) {
        int expected = strategy.equals("flush") ? EmbeddedGuests.PAGES_AN_EXIT : 0;
        good &= first.measure(strategy, expected);
        good &= second.measure(strategy, expected);
      }
      good &= first.ends();
      good &= second.ends();
    }
    return good;
  }

  private Console.Connection connect() throws MachineException {
    return console().connect(reader, true, false);
  }

  private boolean ends() throws MachineException, InterruptedException {
    machine.resume();
    Optional<Ending> ending = machine.await(Duration.ofMillis(PATIENCE_MILLIS));
    boolean ended = ending.isPresent() && ending.get().kind() == Ending.Kind.EXIT;
    out.printf(
        "  the run on %s %s%n",
        extensions, ending.map(e -> "ended: " + e.text()).orElse("did not end in time"));
    return ended && reader.wrong() == null;
  }

  private Console console() throws MachineException {
    return machine.consoles().stream()
        .findFirst()
        .orElseThrow(() -> new MachineException("the profile has no console"));
  }

  /** Uses a strategy, lets L2 come to rest under it, and counts over some lines of output. */
  private boolean measure(String strategy, long expected)
      throws MachineException, InterruptedException {
    machine.pause();
    machine.useStrategy("tlb", strategy);
    machine.resume();
    long[] before = at(reader.last() + 2);
    machine.resume();
    long[] after = at(reader.last() + 10);
    long exits = after[0] - before[0];
    long refills = after[1] - before[1];
    double each = exits == 0 ? -1 : (double) refills / exits;
    out.printf(
        "  --> %s, tlb %-6s: %,d exits, %,d page walks of L2: %.2f an exit, %d expected%n",
        extensions, strategy, exits, refills, each, expected);
    machine.resume();
    // The machine stood still somewhere between two exits.
    return exits > 0 && Math.abs(refills - exits * expected) <= expected;
  }

  /** {@return exits and refills when L1 has printed a line; the machine stands still then} */
  private long[] at(int line) throws MachineException, InterruptedException {
    if (!reader.await(line, PATIENCE_MILLIS)) {
      throw new MachineException("the guest printed no line " + line);
    }
    machine.pause();
    Map<String, Object> stats = machine.stats();
    return new long[] {
      count(stats, "virtualization", EXITS), count(stats, "mmu", REFILLS),
    };
  }

  private static long count(Map<String, Object> stats, String group, String name) {
    return stats.get(group) instanceof Map<?, ?> map && map.get(name) instanceof Long count
        ? count
        : 0;
  }
}
