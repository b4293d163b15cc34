// SPDX-License-Identifier: Apache-2.0
package nestor.vectors.fuzz;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import nestor.api.json.Json;
import nestor.isa.Disassembler;
import nestor.vectors.Layout;

/** States as text, in the format of recorded vectors: what differs from another state. */
final class SnapshotText {
  private SnapshotText() {}

  /** {@return what differs from the default state} */
  static String of(CpuSnapshot state) {
    return Json.write(difference(state, CpuSnapshot.defaults()));
  }

  /**
   * {@return a trial as a recorded vector}
   *
   * @param id unique, with the family in front
   */
  static String vector(String id, Trial trial, long undefinedFlags) {
    CpuSnapshot after = trial.expected;
    Map<String, Object> vector = new LinkedHashMap<>();
    vector.put("id", id);
    vector.put("n", "program-random");
    vector.put("a", "");
    vector.put("c", HexFormat.of().formatHex(trial.code));
    vector.put("in", difference(trial.before, CpuSnapshot.defaults()));
    Map<String, Object> out = difference(after, trial.before);
    long end = Layout.START + trial.code.length;
    boolean ended = after.exception == 13 && after.rip == end;
    if (!ended && after.rip != Layout.START) {
      out.put("ip", hex(after.rip));
    }
    vector.put("out", out);
    if (!ended) {
      Map<String, Object> x = new LinkedHashMap<>();
      x.put("v", after.exception);
      if (after.exception >= 10 && after.exception <= 14 || after.exception == 8) {
        x.put("e", after.errorCode);
      }
      if (after.exception == 14) {
        x.put("cr2", hex(after.cr2));
      }
      vector.put("x", x);
    }
    if (undefinedFlags != 0) {
      vector.put("fm", hex(undefinedFlags));
    }
    return Json.write(vector);
  }

  private static Map<String, Object> difference(CpuSnapshot state, CpuSnapshot from) {
    Map<String, Object> d = new LinkedHashMap<>();
    Map<String, Object> registers = new LinkedHashMap<>();
    for (int n = 0; n < 16; n++) {
      if (state.gpr[n] != from.gpr[n]) {
        registers.put(Disassembler.register(n, 8), hex(state.gpr[n]));
      }
    }
    put(d, "g", registers);
    number(d, "fl", state.rflags, from.rflags);
    number(d, "fs", state.fsBase, from.fsBase);
    number(d, "gs", state.gsBase, from.gsBase);
    number(d, "mx", state.mxcsr, from.mxcsr);
    number(d, "fcw", state.fcw, from.fcw);
    number(d, "fsw", state.fsw, from.fsw);
    number(d, "ftw", state.ftw, from.ftw);
    Map<String, Object> st = new LinkedHashMap<>();
    Map<String, Object> vectors = new LinkedHashMap<>();
    for (int n = 0; n < 8; n++) {
      if (state.significand[n] != from.significand[n]
          || state.signExponent[n] != from.signExponent[n]) {
        st.put(Integer.toString(n), extended(state, n));
      }
    }
    put(d, "st", st);
    for (int n = 0; n < CpuSnapshot.VECTORS; n++) {
      int at = n * CpuSnapshot.VECTOR_BYTES;
      int end = at + CpuSnapshot.VECTOR_BYTES;
      if (!Arrays.equals(state.vectors, at, end, from.vectors, at, end)) {
        vectors.put(Integer.toString(n), HexFormat.of().formatHex(state.vectors, at, end));
      }
    }
    put(d, "v", vectors);
    Map<String, Object> opmasks = new LinkedHashMap<>();
    for (int n = 0; n < 8; n++) {
      if (state.opmask[n] != from.opmask[n]) {
        opmasks.put(Integer.toString(n), hex(state.opmask[n]));
      }
    }
    put(d, "k", opmasks);
    List<Object> memory = memory(state.window, from.window);
    if (!memory.isEmpty()) {
      d.put("m", memory);
    }
    return d;
  }

  private static void put(Map<String, Object> target, String key, Map<String, Object> value) {
    if (!value.isEmpty()) {
      target.put(key, value);
    }
  }

  private static void number(Map<String, Object> target, String key, long value, long from) {
    if (value != from) {
      target.put(key, hex(value));
    }
  }

  private static String hex(long value) {
    return Long.toHexString(value);
  }

  private static String extended(CpuSnapshot state, int n) {
    StringBuilder out = new StringBuilder();
    for (int byteNumber = 0; byteNumber < 10; byteNumber++) {
      long part =
          byteNumber < 8
              ? state.significand[n] >>> 8 * byteNumber
              : state.signExponent[n] >>> 8 * (byteNumber - 8);
      out.append(String.format(Locale.ROOT, "%02x", part & 0xFF));
    }
    return out.toString();
  }

  private static List<Object> memory(byte[] window, byte[] from) {
    List<Object> ranges = new ArrayList<>();
    int at = 0;
    while (at < window.length) {
      if (window[at] == from[at]) {
        at++;
        continue;
      }
      int end = at + 1;
      while (end < window.length && window[end] != from[end]) {
        end++;
      }
      ranges.add(List.of(at, HexFormat.of().formatHex(window, at, end)));
      at = end;
    }
    return ranges;
  }
}
