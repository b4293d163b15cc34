// SPDX-License-Identifier: Apache-2.0
package nestor.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import nestor.api.json.Json;
import nestor.api.json.JsonValue;

/** From the start of the process to the first line of the guest's first user process. */
final class BootBench {
  /** What the init program of our images says first. */
  static final String FIRST = "NESTOR-INIT";

  private static final double NANOS = 1e9;

  private final Run run;

  BootBench(Run run) {
    this.run = run;
  }

  /** CPU seconds of one boot. */
  private record Boot(double whole, double machine, double guest) {}

  List<Figure> measure() throws BenchException, IOException {
    List<Boot> ours = new ArrayList<>();
    List<Double> theirs = new ArrayList<>();
    int runs = run.options().runs;
    Qemu qemu = run.qemu();
    for (int n = 1; n <= runs; n++) {
      run.progress().step("boot " + n + " of " + runs + " under Nestor");
      ours.add(nestor());
      if (qemu != null) {
        run.progress().step("boot " + n + " of " + runs + " under QEMU");
        try {
          theirs.add(first(qemu.command("true"), true).whole() / NANOS);
        } catch (BenchException e) {
          run.progress().note("QEMU " + e.getMessage());
          qemu = null;
          theirs.clear();
        }
      }
    }
    double reference = Medians.of(theirs);
    return List.of(
        figure("boot.process", ours, Boot::whole, reference),
        figure("boot.machine", ours, Boot::machine, reference),
        figure("boot.guest", ours, Boot::guest, reference));
  }

  private static Figure figure(
      String name, List<Boot> boots, ToDoubleFunction<Boot> part, double reference) {
    double median = Medians.of(boots.stream().mapToDouble(part).boxed().toList());
    return Figure.of(name, "CPU-s", median, reference, Double.NaN);
  }

  private Boot nestor() throws BenchException, IOException {
    CpuSample cpu;
    try {
      cpu = first(run.nestor().command("true"), false);
    } catch (BenchException e) {
      throw new BenchException("Nestor " + e.getMessage());
    }
    JsonValue.JsonObject stats = (JsonValue.JsonObject) Json.parse(run.nestor().stats());
    long start =
        stats.members().get("powerOnCpuNanos") instanceof JsonValue.JsonNumber number
            ? number.value().longValue()
            : 0;
    double whole = cpu.whole() / NANOS;
    return new Boot(whole, whole - start / NANOS, cpu.guest() / NANOS);
  }

  private CpuSample first(List<String> command, boolean endIt) throws BenchException {
    return run.process(command).runUntil(line -> line.equals(FIRST), endIt).getLast().cpu();
  }
}
