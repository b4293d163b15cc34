// SPDX-License-Identifier: Apache-2.0
package nestor.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.RuntimeMXBean;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Another Nestor like this one: same JVM, same options, one machine from a shipped profile. */
final class NestorSystem implements GuestSystem {
  /** Few messages, so that the serial port does not drown the rest. */
  static final String APPEND = "console=ttyS0 quiet";

  /** As well, and the script is for the hypervisor's host, not for its guest. */
  static final String NESTED_APPEND = APPEND + " nestor.script=l1";

  private final BenchOptions options;
  private final Path stats;

  NestorSystem(BenchOptions options, Path folder) {
    this.options = options;
    this.stats = folder.resolve("stats.json");
  }

  @Override
  public String name() {
    return "Nestor";
  }

  /** So that each kernel takes some tens of milliseconds: less drowns in when lines are seen. */
  @Override
  public double scale(String kernel) {
    if (kernel.equals(ExitBench.SCALE)) {
      return 15 * options.scale;
    }
    return options.scale
        * switch (kernel) {
          case Kernels.MEMORY_BOUND, "pgfault", "pipe", "fork" -> 1;
          case "repmovsb" -> 200;
          case "repstosq" -> 400;
          case "ssecopy", "sse2fp", "avxfma", "avx2int" -> 20;
          default -> 4;
        };
  }

  /** Where the counters stand after a run. */
  Path stats() {
    return stats;
  }

  @Override
  public List<String> command(String script) {
    List<String> command = launcher();
    List<String> settings = new ArrayList<>();
    options.engine.ifPresent(engine -> settings.addAll(List.of("--engine", engine)));
    options.model.ifPresent(model -> settings.addAll(List.of("--model", model)));
    if (options.isNested()) {
      boolean amd = options.model.orElse("intel").equals("amd");
      command.addAll(List.of("run", amd ? "nested-amd" : "nested-intel"));
      command.addAll(List.of("--append", NESTED_APPEND));
    } else {
      command.addAll(List.of("run", "linux", "--append", APPEND));
      command.addAll(List.of("--set", "boot.guest=linux-cloud"));
    }
    command.addAll(settings);
    command.addAll(List.of("--script", script, "--stats", stats.toString()));
    return command;
  }

  /** The command line of this process without what stands after the main class. */
  private static List<String> launcher() {
    RuntimeMXBean runtime = ManagementFactory.getRuntimeMXBean();
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    for (String option : runtime.getInputArguments()) {
      if (!option.startsWith("-Dnestor.terminal") && !option.startsWith("-Dnestor.columns")) {
        command.add(option);
      }
    }
    command.add("-cp");
    command.add(runtime.getClassPath());
    command.add(System.getProperty("sun.java.command").split(" ", 2)[0]);
    return command;
  }
}
