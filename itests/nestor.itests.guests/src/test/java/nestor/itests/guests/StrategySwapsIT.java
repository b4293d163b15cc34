// SPDX-License-Identifier: Apache-2.0
package nestor.itests.guests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import nestor.api.machine.CpuView;
import nestor.api.virt.ControlField;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The TLB's strategy exchanged again and again under a Linux that runs as L2: nothing may change
 * but accessed and dirty bits, which the architecture lets a processor set at other moments.
 */
class StrategySwapsIT {
  private static final int SWAPS = 100;
  private static final long SEED = 20_261_128;
  private static final String MEMORY = "memory=640M";

  private static final String SCRIPT =
      """
      echo L2-BEGIN
      bench -s 0.5 sieve sha256 syscall pgfault pipe fork
      echo L2-END
      bench -s 2 sieve
      uname -a
      """;

  /** What is compared: all at one instant at which L2 computes, and the output up to the end. */
  @SuppressWarnings("ArrayRecordComponent") // compared part by part
  private record Outcome(
      List<CpuView> registers, List<ControlField> structure, String output, byte[] ram) {}

  @Tag("long")
  @ParameterizedTest
  @ValueSource(strings = {"nested-intel", "nested-amd"})
  void aHundredSwapsChangeNothingButAccessedAndDirtyBits(String profile) throws Exception {
    long begin;
    long end;
    Outcome plain;
    try (NestedMachine machine = new NestedMachine("m", profile, SCRIPT, MEMORY)) {
      machine.runUntilPrinted("L2-BEGIN");
      begin = machine.machine.nanos();
      machine.runUntilPrinted("L2-END");
      end = machine.machine.nanos();
      plain = outcome(machine);
    }
    Outcome swapped;
    try (NestedMachine machine = new NestedMachine("m", profile, SCRIPT, MEMORY)) {
      boolean flush = true;
      for (long instant : instants(begin, end)) {
        machine.runUntil(instant);
        machine.machine.useStrategy("tlb", flush ? "flush" : "tagged");
        flush = !flush;
      }
      machine.runUntil(end);
      assertThat(machine.machine.nanos()).isEqualTo(end);
      swapped = outcome(machine);
    }

    assertThat(plain.output()).contains("L2-END", "Linux (none)", "NESTED L2 ended with 0");
    assertThat(swapped.output()).isEqualTo(plain.output());
    assertThat(swapped.registers())
        .usingRecursiveComparison()
        .ignoringFields("lastEvent")
        .isEqualTo(plain.registers());
    assertThat(swapped.structure()).isEqualTo(plain.structure());
    RamDifferences differences = RamDifferences.between(plain.ram(), swapped.ram());
    System.out.println(profile + ": " + SWAPS + " swaps, " + differences);
    assertThat(differences.unexplained()).isEmpty();
  }

  private static Set<Long> instants(long begin, long end) {
    Random random = new Random(SEED);
    Set<Long> instants = new TreeSet<>();
    while (instants.size() < SWAPS) {
      instants.add(begin + random.nextLong(end - begin));
    }
    return instants;
  }

  private static Outcome outcome(NestedMachine machine) throws Exception {
    List<CpuView> registers = machine.machine.cpus();
    List<ControlField> structure = machine.structure();
    byte[] ram = machine.ram();
    machine.finish();
    return new Outcome(registers, structure, machine.output(), ram);
  }
}
