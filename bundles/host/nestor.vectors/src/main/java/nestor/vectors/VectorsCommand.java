// SPDX-License-Identifier: Apache-2.0
package nestor.vectors;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import nestor.api.command.Command;
import nestor.api.command.CommandException;
import nestor.api.command.CommandIo;
import nestor.api.command.NearestWord;
import nestor.api.json.Json;
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
  private static final List<String> OPTIONS =
      List.of("--engine", "--family", "--threads", "--model", "--failures", "--json", "--feature");

  private final PhysicalMemoryFactory memory;
  private final MmuFactory mmu;
  private final SystemUnitFactory cpu;
  private final LocalApicFactory apic;
  private final List<EngineFactory> engines;

  /** Makes the command on the parts of a machine. */
  @Activate
  public VectorsCommand(
      @Reference PhysicalMemoryFactory memory,
      @Reference MmuFactory mmu,
      @Reference SystemUnitFactory cpu,
      @Reference LocalApicFactory apic,
      @Reference List<EngineFactory> engines) {
    this.memory = memory;
    this.mmu = mmu;
    this.cpu = cpu;
    this.apic = apic;
    this.engines = engines;
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
        Usage: ./nestor vectors [OPTIONS] FILES...

        Replays recorded cases (JSON lines, plain or .gz) on one vCPU with real paging, through
        the engine, and compares registers, flags, x87, vectors, exceptions and memory.

          --engine NAME     engine to use (default: interpreter)
          --family NAME     only this family; may be repeated
          --model NAME      CPU model (default: max)
          --feature +F,-F   features to add to or remove from the model
          --threads N       machines side by side (default: number of processors)
          --failures N      differences to show per family (default: 3)
          --json            one JSON object a family, then one for all

        The last line is "N passed, N failed, N skipped". Exit code 0 only if none failed.

        Example: ./nestor vectors --family x87 guests/vectors/*.jsonl.gz
        """;
  }

  private static final class Settings {
    String engine = "interpreter";
    String model = "max";
    final List<String> changes = new ArrayList<>();
    final List<String> families = new ArrayList<>();
    int threads = Runtime.getRuntime().availableProcessors();
    int failures = 3;
    boolean json;
    final List<Path> files = new ArrayList<>();
  }

  @Override
  public int run(List<String> args, CommandIo io) throws Exception {
    Settings settings = parse(args, io);
    EngineFactory engine = engine(settings.engine);
    VectorMachine.Parts parts = new VectorMachine.Parts(memory, mmu, cpu, apic, engine);
    Map<String, Tally> total = new TreeMap<>();
    try (ExecutorService pool = Executors.newFixedThreadPool(settings.threads)) {
      List<Future<Map<String, Tally>>> parted = new ArrayList<>();
      for (Path file : settings.files) {
        List<String> lines = VectorFile.lines(file);
        lines.removeIf(line -> !wanted(line, settings.families));
        int share = (lines.size() + settings.threads - 1) / settings.threads;
        for (int from = 0; from < lines.size(); from += share) {
          List<String> part = lines.subList(from, Math.min(lines.size(), from + share));
          parted.add(pool.submit(() -> replay(parts, settings, part, file.toString())));
        }
      }
      for (Future<Map<String, Tally>> part : parted) {
        part.get()
            .forEach(
                (family, tally) ->
                    total.computeIfAbsent(family, _ -> new Tally()).add(tally, settings.failures));
      }
    }
    return report(total, settings, io);
  }

  private static boolean wanted(String line, List<String> families) {
    if (families.isEmpty()) {
      return true;
    }
    for (String family : families) {
      if (line.contains("\"" + family + "/")) {
        return true;
      }
    }
    return false;
  }

  private static Map<String, Tally> replay(
      VectorMachine.Parts parts, Settings settings, List<String> lines, String source) {
    try (VectorMachine machine = new VectorMachine(parts, settings.model, settings.changes)) {
      return new VectorRun(machine, settings.failures).run(lines, source);
    }
  }

  private EngineFactory engine(String name) throws CommandException {
    List<String> names = new ArrayList<>();
    for (EngineFactory engine : engines) {
      if (engine.name().equals(name)) {
        if (engine.unavailable() != null) {
          throw new CommandException(
              BAD_INPUT, "engine " + name + " cannot run here: " + engine.unavailable());
        }
        return engine;
      }
      names.add(engine.name());
    }
    throw new CommandException(USAGE, "unknown engine " + name + hint(name, names));
  }

  private static String hint(String typed, List<String> known) {
    String nearest = NearestWord.to(typed, known);
    return nearest == null
        ? "; known: " + String.join(", ", known)
        : "; did you mean " + nearest + "?";
  }

  private static Settings parse(List<String> args, CommandIo io) throws CommandException {
    Settings s = new Settings();
    for (int n = 0; n < args.size(); n++) {
      String word = args.get(n);
      if (!word.startsWith("--")) {
        Path file = io.directory().resolve(word);
        if (!Files.isReadable(file)) {
          throw new CommandException(BAD_INPUT, word + ": no such file, or not readable");
        }
        s.files.add(file);
        continue;
      }
      if (word.equals("--json")) {
        s.json = true;
        continue;
      }
      if (!OPTIONS.contains(word)) {
        throw new CommandException(USAGE, "unknown option " + word + hint(word, OPTIONS));
      }
      if (n + 1 == args.size()) {
        throw new CommandException(USAGE, word + " needs a value; see ./nestor help vectors");
      }
      String value = args.get(++n);
      switch (word) {
        case "--engine" -> s.engine = value;
        case "--family" -> s.families.add(value);
        case "--model" -> s.model = value;
        case "--feature" -> s.changes.addAll(List.of(value.split(",")));
        case "--threads" -> s.threads = number(word, value);
        default -> s.failures = number(word, value);
      }
    }
    if (s.files.isEmpty()) {
      throw new CommandException(USAGE, "no files of vectors given; see ./nestor help vectors");
    }
    return s;
  }

  private static int number(String option, String value) throws CommandException {
    try {
      int number = Integer.parseInt(value);
      if (number > 0 && number <= 1000) {
        return number;
      }
    } catch (NumberFormatException e) {
      // reported below
    }
    throw new CommandException(USAGE, option + " takes a number from 1 to 1000, not " + value);
  }

  private static int report(Map<String, Tally> total, Settings settings, CommandIo io) {
    int passed = 0;
    int failed = 0;
    int skipped = 0;
    if (!settings.json) {
      io.out().printf("%-24s %8s %8s %8s%n", "family", "passed", "failed", "skipped");
    }
    for (Map.Entry<String, Tally> e : total.entrySet()) {
      Tally t = e.getValue();
      passed += t.passed;
      failed += t.failed;
      skipped += t.skipped;
      if (settings.json) {
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
                t.skipReasons.isEmpty() ? "" : t.skipReasons.keySet());
      }
    }
    if (!settings.json) {
      for (Tally t : total.values()) {
        t.firstFailures.forEach(failure -> io.out().println("  " + failure));
      }
    }
    String line = passed + " passed, " + failed + " failed, " + skipped + " skipped";
    io.out()
        .println(
            settings.json
                ? Json.write(Map.of("passed", passed, "failed", failed, "skipped", skipped))
                : line);
    return failed == 0 ? OK : BAD_INPUT;
  }
}
