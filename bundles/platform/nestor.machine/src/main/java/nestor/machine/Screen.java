// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.util.Map;
import nestor.api.machine.CpuView;
import nestor.vcpu.Vcpu;

/** The state of a machine on one screen of text. */
final class Screen {
  private static final int SHOWN = 4;

  private Screen() {}

  static String of(Pc pc) {
    StringBuilder out = new StringBuilder();
    for (Vcpu v : pc.vcpus) {
      if (v.index < SHOWN) {
        of(pc, v, out);
      }
    }
    if (pc.vcpus.length > SHOWN) {
      out.append("and ").append(pc.vcpus.length - SHOWN).append(" more vCPUs\n");
    }
    out.append(
        String.format(
            "time %.6f s, %,d instructions, engine %s%n",
            pc.clock.nanos() / 1e9, pc.clock.retired(), pc.engineName()));
    return out.toString();
  }

  private static void of(Pc pc, Vcpu v, StringBuilder out) {
    CpuView view = CpuReader.read(pc, v);
    out.append(
        String.format(
            "vCPU %d: %s, %s; last event: %s%n",
            v.index, view.mode(), view.activity(), view.lastEvent()));
    int column = 0;
    for (Map.Entry<String, Long> register : view.registers().entrySet()) {
      if (register.getKey().startsWith("dr") || register.getKey().contains(".")) {
        continue;
      }
      out.append(String.format("%-6s %016x", register.getKey(), register.getValue()));
      out.append(++column % 4 == 0 ? "\n" : "  ");
    }
    if (column % 4 != 0) {
      out.append('\n');
    }
    byte[] code = new byte[16];
    int length = GuestReader.linear(v, view.linearRip(), code);
    out.append("code  ");
    for (int i = 0; i < length; i++) {
      out.append(String.format(" %02x", code[i]));
    }
    out.append('\n');
  }
}
