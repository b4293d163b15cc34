// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.util.LinkedHashMap;
import java.util.Map;
import nestor.api.machine.CpuView;
import nestor.vcpu.Flags;
import nestor.vcpu.Mem;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** Turns a state block into names and numbers. At a safepoint. */
final class CpuReader {
  private static final String[] GENERAL = {
    "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
    "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"
  };
  private static final String[] SEGMENTS = {"es", "cs", "ss", "ds", "fs", "gs", "ldtr", "tr"};
  private static final String[] ACTIVITIES = {"active", "halted", "shutdown", "wait for SIPI"};
  private static final int VECTORS = 16;

  private CpuReader() {}

  static CpuView read(Pc pc, Vcpu v) {
    return new CpuView(
        v.index,
        pc.engineName(),
        mode(v.state),
        ACTIVITIES[(int) State.get(v.state, State.ACTIVITY) & 3],
        v.linearRip(),
        (int) State.get(v.state, State.CODE_SIZE),
        registers(v.state),
        vectors(v.state),
        v.system.lastEvent());
  }

  private static String mode(long s) {
    long size = State.get(s, State.CODE_SIZE);
    if (State.longMode(s)) {
      return size == 64 ? "64-bit" : "compatibility " + size + "-bit";
    }
    if (State.virtual8086(s)) {
      return "virtual-8086";
    }
    return State.protectedMode(s) ? "protected " + size + "-bit" : "real";
  }

  private static Map<String, Long> registers(long s) {
    Map<String, Long> all = new LinkedHashMap<>();
    for (int i = 0; i < GENERAL.length; i++) {
      all.put(GENERAL[i], State.gpr(s, i));
    }
    all.put("rip", State.get(s, State.RIP));
    all.put("rflags", Flags.read(s));
    all.put("cpl", State.get(s, State.CPL));
    all.put("cr0", State.get(s, State.CR0));
    all.put("cr2", State.get(s, State.CR2));
    all.put("cr3", State.get(s, State.CR3));
    all.put("cr4", State.get(s, State.CR4));
    all.put("efer", State.get(s, State.EFER));
    for (int i = Segment.ES; i <= Segment.TR; i++) {
      all.put(SEGMENTS[i], (long) State.selector(s, i));
    }
    for (int i = Segment.ES; i <= Segment.TR; i++) {
      all.put(SEGMENTS[i] + ".base", State.base(s, i));
      all.put(SEGMENTS[i] + ".limit", State.limit(s, i));
      all.put(SEGMENTS[i] + ".attributes", State.attributes(s, i) & 0xFFFF_FFFFL);
    }
    all.put("gdtr.base", State.get(s, State.GDTR));
    all.put("gdtr.limit", State.get(s, State.GDTR + 8));
    all.put("idtr.base", State.get(s, State.IDTR));
    all.put("idtr.limit", State.get(s, State.IDTR + 8));
    for (int i = 0; i < 8; i++) {
      if (i != 4 && i != 5) {
        all.put("dr" + i, State.get(s, State.DR + 8 * i));
      }
    }
    return all;
  }

  private static Map<String, String> vectors(long s) {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("fcw", String.format("%04x", State.get(s, State.FCW)));
    all.put("fsw", String.format("%04x", State.get(s, State.FSW)));
    all.put("ftw", String.format("%02x", State.get(s, State.FTW)));
    all.put("mxcsr", String.format("%08x", State.get(s, State.MXCSR)));
    int top = (int) (State.get(s, State.FSW) >>> 11 & 7);
    for (int i = 0; i < 8; i++) {
      long address = State.st(s, top + i & 7);
      all.put(
          "st" + i,
          String.format("%04x%016x", Mem.getShort(address + 8) & 0xFFFF, Mem.getLong(address)));
    }
    for (int i = 0; i < VECTORS; i++) {
      StringBuilder text = new StringBuilder();
      for (int part = 3; part >= 0; part--) {
        text.append(String.format("%016x", Mem.getLong(State.vector(s, i) + 8L * part)));
      }
      all.put("zmm" + i, text.toString());
    }
    return all;
  }
}
