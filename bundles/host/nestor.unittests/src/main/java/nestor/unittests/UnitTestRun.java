// SPDX-License-Identifier: Apache-2.0
package nestor.unittests;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import nestor.api.machine.Console;
import nestor.api.machine.Ending;
import nestor.api.machine.Machine;
import nestor.api.machine.MachineException;
import nestor.api.machine.MachineSpec;
import nestor.api.machine.Machines;
import nestor.api.profile.ProfileException;
import nestor.api.profile.ProfileLibrary;

/** One image on a machine of its own, from power-on to its verdict. On any thread. */
final class UnitTestRun {
  private static final String PROFILE = "pc";

  private final Machines machines;
  private final ProfileLibrary profiles;
  private final UnitTestOptions options;
  private final Path directory;

  UnitTestRun(Machines machines, ProfileLibrary profiles, UnitTestOptions options, Path directory) {
    this.machines = machines;
    this.profiles = profiles;
    this.options = options;
    this.directory = directory;
  }

  /**
   * Runs it.
   *
   * @param test the file, and after a blank the arguments
   */
  Outcome run(String test, int number) throws MachineException, InterruptedException {
    long start = System.currentTimeMillis();
    Machine machine;
    try {
      machine = machine(test, number);
    } catch (ProfileException | MachineException e) {
      Transcript nothing = Transcript.of("");
      return new Outcome(test, Verdict.BROKEN, e.getMessage(), nothing, seconds(start));
    }
    try {
      return run(test, machine, start);
    } finally {
      machines.destroy(machine);
    }
  }

  private Machine machine(String test, int number) throws ProfileException, MachineException {
    int blank = test.indexOf(' ');
    String file = blank < 0 ? test : test.substring(0, blank);
    List<String> settings = new ArrayList<>();
    settings.add("boot.kernel=" + directory.resolve(file).normalize());
    settings.add("boot.append=" + (blank < 0 ? "" : test.substring(blank + 1)));
    settings.addAll(options.overrides);
    return machines.create(
        new MachineSpec(
            "unittest" + number,
            profiles.resolve(PROFILE, settings),
            Optional.empty(),
            false,
            Optional.empty(),
            Optional.empty()));
  }

  private Outcome run(String test, Machine machine, long start)
      throws MachineException, InterruptedException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Optional<Ending> ending;
    Console.Connection connection = connect(machine, bytes);
    try {
      machine.start();
      ending = machine.await(Duration.ofSeconds(options.timeoutSeconds));
      if (ending.isEmpty()) {
        machine.pause();
      }
    } finally {
      if (connection != null) {
        connection.close();
      }
    }
    Transcript said = Transcript.of(bytes.toString(StandardCharsets.UTF_8));
    Verdict verdict = Verdict.of(ending, said, options.expected);
    return new Outcome(test, verdict, why(verdict, ending, machine), said, seconds(start));
  }

  private static Console.Connection connect(Machine machine, ByteArrayOutputStream bytes) {
    for (Console console : machine.consoles()) {
      if (console.isTerminal()) {
        return console.connect(bytes, true, false);
      }
    }
    return null;
  }

  private String why(Verdict verdict, Optional<Ending> ending, Machine machine)
      throws MachineException {
    return switch (verdict) {
      case PASSED, SKIPPED -> "";
      case UNCLEAR -> "the image printed no SUMMARY line; see --expect";
      case TIME_LIMIT -> options.timeoutSeconds + " s; " + place(machine);
      case FAILED, ABORTED, DIED -> first(ending.map(Ending::text).orElse(""));
      case BROKEN -> "";
    };
  }

  private static String place(Machine machine) throws MachineException {
    return machine.cpus().stream()
        .map(cpu -> String.format("vCPU %d at 0x%x", cpu.index(), cpu.linearRip()))
        .reduce((a, b) -> a + ", " + b)
        .orElse("");
  }

  private static String first(String text) {
    return text.lines().findFirst().orElse("");
  }

  private static double seconds(long start) {
    return (System.currentTimeMillis() - start) / 1e3;
  }
}
