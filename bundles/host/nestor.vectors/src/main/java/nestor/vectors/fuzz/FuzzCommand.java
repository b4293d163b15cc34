// SPDX-License-Identifier: Apache-2.0
package nestor.vectors.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import nestor.api.command.Command;
import nestor.api.command.CommandException;
import nestor.api.command.CommandIo;
import nestor.isa.RowHits;
import nestor.vcpu.EngineFactory;
import nestor.vcpu.LocalApicFactory;
import nestor.vcpu.MmuFactory;
import nestor.vcpu.PhysicalMemoryFactory;
import nestor.vcpu.SystemUnitFactory;
import nestor.vectors.Machine;
import nestor.vectors.Parts;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code ./nestor fuzz}: random programs on an engine and on something that should agree. */
@Component(service = Command.class)
public final class FuzzCommand implements Command {
  private final Parts parts;

  /** Makes the command on the parts of a machine. */
  @Activate
  public FuzzCommand(
      @Reference PhysicalMemoryFactory memory,
      @Reference MmuFactory mmu,
      @Reference SystemUnitFactory cpu,
      @Reference LocalApicFactory apic,
      @Reference List<EngineFactory> engines) {
    parts = new Parts(memory, mmu, cpu, apic, engines);
  }

  @Override
  public String name() {
    return "fuzz";
  }

  @Override
  public String summary() {
    return "run random programs on an engine and on the host's CPU";
  }

  @Override
  public String help() {
    return """
        Usage: ./nestor fuzz [OPTIONS]

        Makes programs from the instruction table, up to 60 instructions and a random state
        each, runs them on an engine of Nestor and on this host's CPU (or on another engine),
        and compares registers, flags, x87, vectors, exceptions and memory. A program that
        differs is cut to its smallest form and shown.

          --programs N      how many (default: 10000)
          --seed S          of the random numbers (default: 1); same seed, same programs
          --first N         number of the first program (default: 0)
          --engine NAME     engine to try (default: interpreter)
          --against NAME    host, or an engine (default: host)
          --rows LIST       only these families, mnemonics or CPUID features, with commas
          --undefined       compare flags too that the manuals call undefined
          --model NAME      CPU model (default: max)
          --feature +F,-F   features to add to or remove from the model
          --threads N       side by side (default: number of processors)
          --failures N      stop after so many unlike differences (default: 10)
          --save FILE       append them, with what the other side did, as vectors
          --record FILE     run the code of these vectors on the host instead, and --save
                            what it does
          --reached FILE    write the rows that were tried and agreed

        The last line is "N programs, N differences". Exit code 0 only if there are none.

        Example: ./nestor fuzz --programs 1000000 --seed 7
        """;
  }

  @Override
  public int run(List<String> args, CommandIo io) throws Exception {
    FuzzOptions options = FuzzOptions.parse(args, io);
    Machine.Parts tried = parts.with(options.engine);
    Machine.Parts others = null;
    if (options.against.equals("host")) {
      String unavailable = HostCpu.unavailable();
      if (unavailable != null) {
        throw new CommandException(BAD_INPUT, "cannot compare with the host: " + unavailable);
      }
    } else {
      others = parts.with(options.against);
    }
    if (options.record != null) {
      int count = HostRecorder.record(options.record, options.save, tried, options);
      io.out().println(count + " recorded");
      return OK;
    }
    Findings findings = new Findings(options.first, options.failures);
    io.out().println("seed " + options.seed + ", from program " + options.first);
    work(options, findings, tried, others);
    return report(options, findings, io);
  }

  private static void work(
      FuzzOptions options, Findings findings, Machine.Parts tried, Machine.Parts others)
      throws Exception {
    try (ExecutorService pool = Executors.newFixedThreadPool(options.threads)) {
      List<Future<Void>> workers = new ArrayList<>();
      for (int n = 0; n < options.threads; n++) {
        workers.add(pool.submit(new FuzzWorker(options, findings, tried, others)));
      }
      for (Future<Void> worker : workers) {
        worker.get();
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IllegalArgumentException bad) {
        throw new CommandException(USAGE, bad.getMessage());
      }
      throw e;
    }
  }

  private static int report(FuzzOptions options, Findings findings, CommandIo io)
      throws IOException {
    FuzzRows rows = findings.rows();
    io.out().println(rows.all().size() + " rows in use; left out: " + rows.left());
    for (Findings.Finding finding : findings.found()) {
      io.out().print(Findings.text(finding));
    }
    if (options.save != null) {
      save(options.save, options.seed, findings.found());
    }
    if (options.reached != null) {
      RowHits.write(options.reached, findings.reached());
    }
    io.out().println(findings.done() + " programs, " + findings.differences() + " differences");
    return findings.differences() == 0 ? OK : BAD_INPUT;
  }

  private static void save(Path file, long seed, List<Findings.Finding> found) throws IOException {
    List<String> lines = new ArrayList<>();
    for (Findings.Finding finding : found) {
      if (finding.trial().expected != null) {
        String id = "programs/r" + seed + "-" + finding.number();
        lines.add(SnapshotText.vector(id, finding.trial(), finding.undefinedFlags()));
      }
    }
    Files.write(file, lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }
}
