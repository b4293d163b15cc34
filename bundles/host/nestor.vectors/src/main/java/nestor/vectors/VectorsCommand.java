// SPDX-License-Identifier: Apache-2.0
package nestor.vectors;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import nestor.api.command.Command;
import nestor.api.command.CommandException;
import nestor.api.command.CommandIo;
import nestor.api.json.Json;
import nestor.isa.Isa;
import nestor.isa.RowHits;
import nestor.vcpu.EngineFactory;
import nestor.vcpu.LocalApicFactory;
import nestor.vcpu.MmuFactory;
import nestor.vcpu.PhysicalMemoryFactory;
import nestor.vcpu.SystemUnitFactory;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code ./nestor vectors}: replays instructions that were recorded on a real CPU. */
@Component(service = Command.class)
public final class VectorsCommand implements Command {
  private final Parts parts;

  /** Makes the command on the parts of a machine. */
  @Activate
  public VectorsCommand(
      @Reference PhysicalMemoryFactory memory,
      @Reference MmuFactory mmu,
      @Reference SystemUnitFactory cpu,
      @Reference LocalApicFactory apic,
      @Reference List<EngineFactory> engines) {
    parts = new Parts(memory, mmu, cpu, apic, engines);
  }

  @Override
  public String name() {
    return "vectors";
  }

  @Override
  public String summary() {
    return "replay instructions recorded on a real CPU, and compare everything";
  }

  @Override
  public String help() {
    return """
        Usage: ./nestor vectors [OPTIONS] [FILES...]

        Replays recorded cases (JSON lines, plain or .gz) on one vCPU with real paging, through
        the engine, and compares registers, flags, x87, vectors, exceptions and memory.
        FILES may be folders; without any, Nestor's own set in vectors/.

          --engine NAME     engine to use (default: interpreter)
          --family NAME     only this family; may be repeated
          --real-mode       replay 16-bit code in real mode, and nothing else
          --model NAME      CPU model (default: max)
          --feature +F,-F   features to add to or remove from the model
          --threads N       machines side by side (default: number of processors)
          --failures N      differences to show per family (default: 3)
          --rows FILE       write which rows of the instruction table were executed (slower)
          --json            one JSON object a family, then one for all

        The last line is "N passed, N failed, N skipped". Exit code 0 only if none failed.

        Example: ./nestor vectors --family x87 vectors/*.jsonl.gz
        """;
  }

  @Override
  public int run(List<String> args, CommandIo io) throws Exception {
    VectorOptions options = VectorOptions.parse(args, io);
    Machine.Parts machine = parts.with(options.engine);
    List<List<VectorFile.Line>> work = work(options);
    boolean[] reached = options.rows == null ? null : new boolean[Isa.rows().size()];
    Map<String, Tally> total = new TreeMap<>();
    try (ExecutorService pool = Executors.newFixedThreadPool(options.threads)) {
      List<Future<Map<String, Tally>>> parted = new ArrayList<>();
      for (List<VectorFile.Line> part : work) {
        parted.add(pool.submit(() -> replay(machine, options, part, reached)));
      }
      for (Future<Map<String, Tally>> part : parted) {
        part.get()
            .forEach(
                (family, tally) ->
                    total.computeIfAbsent(family, _ -> new Tally()).add(tally, options.failures));
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof CommandException known ? known : e;
    }
    if (reached != null) {
      RowHits.write(options.rows, reached);
    }
    return report(total, options, io);
  }

  /** {@return the wanted lines of all files, in shares of like size} */
  private static List<List<VectorFile.Line>> work(VectorOptions options) throws Exception {
    List<List<VectorFile.Line>> work = new ArrayList<>();
    Set<String> seen = new TreeSet<>();
    for (Path file : options.files) {
      List<VectorFile.Line> lines = VectorFile.lines(file);
      lines.forEach(line -> seen.add(line.family()));
      lines.removeIf(
          line -> !options.families.isEmpty() && !options.families.contains(line.family()));
      int share = (lines.size() + options.threads - 1) / options.threads;
      for (int from = 0; from < lines.size(); from += share) {
        work.add(lines.subList(from, Math.min(lines.size(), from + share)));
      }
    }
    for (String family : options.families) {
      if (!seen.contains(family)) {
        throw new CommandException(
            USAGE, "no family " + family + " in these files" + VectorOptions.hint(family, seen));
      }
    }
    return work;
  }

  private static Map<String, Tally> replay(
      Machine.Parts parts, VectorOptions options, List<VectorFile.Line> lines, boolean[] reached)
      throws CommandException {
    try (Machine machine = new Machine(parts, options.model, options.changes)) {
      return new VectorRun(machine, options.failures, options.real, reached).run(lines);
    } catch (IllegalArgumentException e) {
      throw new CommandException(USAGE, e.getMessage());
    }
  }

  private static int report(Map<String, Tally> total, VectorOptions options, CommandIo io) {
    int passed = 0;
    int failed = 0;
    int skipped = 0;
    if (!options.json) {
      io.out().printf("%-24s %8s %8s %8s%n", "family", "passed", "failed", "skipped");
    }
    for (Map.Entry<String, Tally> e : total.entrySet()) {
      Tally t = e.getValue();
      passed += t.passed;
      failed += t.failed;
      skipped += t.skipped;
      if (options.json) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("family", e.getKey());
        line.put("passed", t.passed);
        line.put("failed", t.failed);
        line.put("skipped", t.skipReasons);
        line.put("failures", t.firstFailures);
        io.out().println(Json.write(line));
      } else {
        io.out()
            .printf(
                "%-24s %8d %8d %8d  %s%n",
                e.getKey(),
                t.passed,
                t.failed,
                t.skipped,
                t.skipReasons.isEmpty() ? "" : t.skipReasons);
      }
    }
    if (!options.json) {
      for (Tally t : total.values()) {
        t.firstFailures.forEach(failure -> io.out().println("  " + failure));
      }
    }
    Map<String, Object> sums = new LinkedHashMap<>();
    sums.put("passed", passed);
    sums.put("failed", failed);
    sums.put("skipped", skipped);
    String line = passed + " passed, " + failed + " failed, " + skipped + " skipped";
    io.out().println(options.json ? Json.write(sums) : line);
    return failed == 0 ? OK : BAD_INPUT;
  }
}
