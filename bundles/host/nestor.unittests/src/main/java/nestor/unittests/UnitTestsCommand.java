// SPDX-License-Identifier: Apache-2.0
package nestor.unittests;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import nestor.api.command.Command;
import nestor.api.command.CommandException;
import nestor.api.command.CommandIo;
import nestor.api.command.FileTrouble;
import nestor.api.machine.Machines;
import nestor.api.profile.ProfileException;
import nestor.api.profile.ProfileLibrary;
import nestor.api.shell.Table;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code ./nestor unittests}: test images that the user brings, a machine each. */
@Component(service = Command.class)
public final class UnitTestsCommand implements Command {
  /** Exit code: the images ran, and not all of them passed. */
  static final int NOT_ALL_PASSED = 8;

  private final Machines machines;
  private final ProfileLibrary profiles;

  /** Runs images on machines made by these. */
  @Activate
  public UnitTestsCommand(@Reference Machines machines, @Reference ProfileLibrary profiles) {
    this.machines = machines;
    this.profiles = profiles;
  }

  @Override
  public String name() {
    return "unittests";
  }

  @Override
  public String summary() {
    return "run Multiboot test images, each on its own machine, and report";
  }

  @Override
  public String help() {
    return """
    Usage: ./nestor unittests FILES... [options]

    Runs images of the kind that public x86 hypervisor tests are: Multiboot 1,
    results on the serial port, an exit code at the debug-exit port. Each runs
    on a machine of its own (profile pc), several at a time. A FILE may be
    followed by arguments, in one pair of quotes: 'vmx.flat vmx_cr_test'.

      --jobs N           machines at a time; one a host CPU if not given
      --timeout SECONDS  for each image, 90 if not given
      --junit FILE.xml   write the results for a CI server
      --model NAME       CPU model: intel, amd, max or another
      --cpus N           number of vCPUs
      --memory SIZE      RAM, such as 512M or 2G
      --engine NAME      what executes the vCPUs
      --env KEY=VALUE    environment of the images; may be repeated
      --set PATH=VALUE   any other setting of the profile; may be repeated
      --expect TEXT      what images say at their end that print no SUMMARY
      --verbose          print what the images that did not pass have said

    An image passes if it ends with 0 and its SUMMARY tells of no failure: the
    exit code alone is not believed.
    Exit codes: 0 all passed or were skipped, 2 wrong usage, 6 bad settings,
    8 not all passed.

    Example: ./nestor unittests x86/*.flat --model intel --junit results.xml
    """;
  }

  @Override
  public int run(List<String> args, CommandIo io) throws Exception {
    UnitTestOptions options = UnitTestOptions.parse(args, io.directory());
    try {
      profiles.resolve("pc", options.overrides);
    } catch (ProfileException e) {
      throw new CommandException(BAD_INPUT, e.getMessage());
    }
    if (options.junit.isPresent()) {
      write(options.junit.get(), ""); // better told now than after an hour
    }
    List<Outcome> outcomes = runAll(options, io);
    print(outcomes, options.verbose, io.out());
    if (options.junit.isPresent()) {
      write(options.junit.get(), JunitReport.of(outcomes));
    }
    return outcomes.stream().allMatch(outcome -> outcome.verdict().good) ? OK : NOT_ALL_PASSED;
  }

  private List<Outcome> runAll(UnitTestOptions options, CommandIo io) throws Exception {
    UnitTestRun run = new UnitTestRun(machines, profiles, options, io.directory());
    ExecutorService workers = Executors.newFixedThreadPool(options.jobs);
    try {
      List<Future<Outcome>> futures = new ArrayList<>();
      for (String test : options.tests) {
        int number = futures.size();
        futures.add(workers.submit(() -> run.run(test, number)));
      }
      List<Outcome> outcomes = new ArrayList<>();
      for (Future<Outcome> future : futures) {
        outcomes.add(future.get());
      }
      return outcomes;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    } finally {
      workers.shutdownNow();
    }
  }

  private static void print(List<Outcome> outcomes, boolean verbose, PrintStream out) {
    Table table = new Table("Image", "Result", "Checks", "Failed", "Skipped", "Seconds", "Remark");
    for (Outcome one : outcomes) {
      Transcript said = one.said();
      table.row(
          one.name(),
          one.verdict().words,
          said.tests(),
          said.failures(),
          said.skipped(),
          String.format(Locale.ROOT, "%.1f", one.seconds()),
          one.why());
    }
    out.print(table.print(false));
    for (Outcome one : outcomes) {
      if (!one.verdict().good) {
        details(one, verbose, out);
      }
    }
    long good = outcomes.stream().filter(outcome -> outcome.verdict().good).count();
    out.printf("%n%d of %d images passed or were skipped%n", good, outcomes.size());
  }

  private static void details(Outcome one, boolean verbose, PrintStream out) {
    if (verbose) {
      out.printf("%n%s said:%n%s%n", one.name(), one.said().text().strip());
      return;
    }
    for (Check check : one.said().checks()) {
      if (check.kind() == Check.Kind.FAIL) {
        out.printf("%s: FAIL: %s%n", one.name(), check.name());
      }
    }
  }

  private static void write(Path file, String text) throws CommandException {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new CommandException(BAD_INPUT, file + ": cannot be written: " + FileTrouble.reason(e));
    }
  }
}
