// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import nestor.vcpu.Engine;
import nestor.vcpu.Vcpu;

/** Counters and facts of a machine, for people and for benchmarks. */
final class Stats {
  private Stats() {}

  /** {@return numbers, texts and maps of them} On the machine's thread. */
  static Map<String, Object> of(Pc pc, RunLoop loop) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("state", loop.state().name().toLowerCase(Locale.ROOT));
    all.put("nanos", pc.clock.nanos());
    all.put("instructions", pc.clock.retired());
    all.put("idleTicks", Math.max(0, pc.clock.ticks() - pc.clock.retired()));
    all.put("schedule", new TreeMap<>(pc.schedule.counters()));
    all.put("starts", (long) loop.starts());
    all.put("processCpuNanos", RunLoop.processCpuNanos());
    all.put("powerOnCpuNanos", loop.powerOnCpuNanos());
    all.put("threadCpuNanos", ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime());
    all.put("engine", pc.engineName());
    all.put("instructionsByEngine", pc.retiredByEngine());
    Map<String, Long> engine = new TreeMap<>();
    for (Engine e : pc.engines) {
      if (e != null) {
        e.counters().forEach((name, count) -> engine.merge(name, count, Long::sum));
      }
    }
    all.put("engineCounters", engine);
    Map<String, Long> mmu = new TreeMap<>();
    for (Vcpu v : pc.vcpus) {
      v.mmu.counters().forEach((name, count) -> mmu.merge(name, count, Long::sum));
    }
    all.put("mmu", mmu);
    Map<String, Long> virtual = new TreeMap<>();
    for (Vcpu v : pc.vcpus) {
      if (v.virtualization != null) {
        v.virtualization.counters().forEach((name, count) -> virtual.merge(name, count, Long::sum));
      }
    }
    all.put("virtualization", virtual);
    all.put("unmodelled", new TreeMap<>(pc.memory.unmodelled()));
    Map<String, Long> msrs = new TreeMap<>();
    for (Vcpu v : pc.vcpus) {
      v.system
          .unknownMsrs()
          .forEach((msr, count) -> msrs.merge(String.format("0x%08x", msr), count, Long::sum));
    }
    all.put("unknownMsrs", msrs);
    Map<String, Long> timers = new LinkedHashMap<>();
    for (ClockTimer timer : pc.clock.armedTimers()) {
      timers.put(timer.name, timer.deadlineNanos());
    }
    all.put("timers", timers);
    all.put("lastSwapPauseNanos", pc.slots.lastPauseNanos());
    return all;
  }
}
