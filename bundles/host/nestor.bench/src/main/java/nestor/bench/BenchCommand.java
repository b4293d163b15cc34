// SPDX-License-Identifier: Apache-2.0
package nestor.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import nestor.api.command.Command;
import nestor.api.command.CommandException;
import nestor.api.command.CommandIo;
import nestor.api.guests.GuestLibrary;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code ./nestor bench}: what guests cost, against QEMU and the bare host. */
@Component(service = Command.class)
public final class BenchCommand implements Command {
  private final GuestLibrary library;

  /** Measures guests of this library. */
  @Activate
  public BenchCommand(@Reference GuestLibrary library) {
    this.library = library;
  }

  @Override
  public String name() {
    return "bench";
  }

  @Override
  public String summary() {
    return "measure what guests cost, against QEMU and the bare host";
  }

  @Override
  public String help() {
    return """
    Usage: ./nestor bench boot | kernels | nested | exits | start [options]

      boot      Debian's cloud kernel up to its first user process
      kernels   small programs in that guest: integers, strings, floating
                point, vectors, and the paths into the kernel
      nested    the same in a guest (L2) of Debian's KVM, which is a guest (L1)
                itself, and the boot of that L2
      exits     round trips from a tiny L2 to KVM, and to a program behind it
      start     ./nestor up to its prompt

      --engine NAME      what executes the vCPUs
      --model NAME       CPU model of Nestor's machine
      --against qemu     the same images under QEMU's TCG, if it is here
      --runs N           repetitions (3; start: 9); the median is shown
      --json FILE        write the figures, too, one JSON object a line
      --kernel NAME...   only these kernels
      --scale X          so many times the usual iterations of each kernel
      --timeout SECONDS  give up on a run after so much real time (3600)

    Costs are CPU-seconds, user and system, of all threads of the process, so
    that other work on the host counts little; start counts real time. RATIO is
    Nestor's cost over QEMU's: below 1 means that Nestor is faster. NATIVE is
    the same program run by the host itself.

    boot.process is the whole process from its start, boot.machine what follows
    the machine's power-on, boot.guest the thread that runs the guest, which is
    all without the JVM's compilers and collectors.

    A kernel is timed between two lines that it prints, so the boot does not
    count. All places must compute the same, else the command ends with 70.
    JSON members are name, unit, nestor, qemu, native, ratio; what was not
    measured is null. Rows of nested are costs of L2, and have l1 and l2,
    iterations per CPU-second in Nestor, and l2_over_l1 and qemu_l2_over_l1;
    rows of exits have per_cpu_second. They take --model intel (which is the
    default) or amd; QEMU's TCG has AMD's SVM alone.

    Kernels:
      %s

    Example: ./nestor bench kernels --against qemu --kernel sieve sha256
    """
        .formatted(
            String.join(" ", Kernels.NAMES.subList(0, 10))
                + "\n  "
                + String.join(" ", Kernels.NAMES.subList(10, Kernels.NAMES.size())));
  }

  @Override
  public int run(List<String> args, CommandIo io) throws Exception {
    BenchOptions options = BenchOptions.parse(args, io.directory());
    Progress progress = new Progress(io);
    Cancellation cancellation = new Cancellation();
    io.onCancel(cancellation::cancel);
    Path folder = Files.createTempDirectory("nestor-bench");
    try {
      return measure(options, io, folder, progress, cancellation);
    } catch (BenchException e) {
      throw new CommandException(FAILURE, e.getMessage());
    } finally {
      progress.done();
      delete(folder);
    }
  }

  private int measure(
      BenchOptions options, CommandIo io, Path folder, Progress progress, Cancellation cancellation)
      throws BenchException, IOException, CommandException {
    List<Figure> figures;
    List<String> wrong = List.of();
    if (options.subject.equals("start")) {
      figures = new StartBench(io.home(), options.runs, progress, cancellation).measure();
    } else {
      Run run = Run.of(options, library, folder, progress, cancellation);
      switch (options.subject) {
        case "boot" -> figures = new BootBench(run).measure();
        case "exits" -> figures = new ExitBench(run).measure();
        case "nested" -> {
          NestedBench bench = new NestedBench(run);
          figures = bench.measure();
          wrong = bench.wrong();
        }
        default -> {
          KernelBench bench = new KernelBench(run);
          figures = bench.measure();
          wrong = bench.wrong();
        }
      }
    }
    progress.done();
    Report.print(figures, io.out());
    if (options.json.isPresent()) {
      write(options.json.get(), Report.json(figures));
    }
    wrong.forEach(progress::note);
    return wrong.isEmpty() ? OK : FAILURE;
  }

  private static void write(Path file, String text) throws CommandException {
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new CommandException(BAD_INPUT, file + ": cannot be written: " + e.getMessage());
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
