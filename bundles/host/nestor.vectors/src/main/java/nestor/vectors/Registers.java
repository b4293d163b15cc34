// SPDX-License-Identifier: Apache-2.0
package nestor.vectors;

import java.util.List;
import java.util.Map;
import nestor.api.json.JsonValue;
import nestor.vcpu.Flags;
import nestor.vcpu.Mem;
import nestor.vcpu.Segment;
import nestor.vcpu.State;

/** Register names of vectors against fields of the state block. */
final class Registers {
  static final List<String> GPR =
      List.of(
          "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12",
          "r13", "r14", "r15");

  private Registers() {}

  /** Applies a state difference. */
  static void apply(long s, VectorState state) {
    for (Map.Entry<String, JsonValue> e : state.registers("g").entrySet()) {
      State.setGpr(s, GPR.indexOf(e.getKey()), VectorState.hex(e.getValue()));
    }
    if (state.has("fl")) {
      Flags.write(s, state.number("fl", 0));
    }
    if (state.has("fs")) {
      State.setBase(s, Segment.FS, state.number("fs", 0));
    }
    if (state.has("gs")) {
      State.setBase(s, Segment.GS, state.number("gs", 0));
    }
    State.set(s, State.MXCSR, state.number("mx", State.get(s, State.MXCSR)));
    State.set(s, State.FCW, state.number("fcw", State.get(s, State.FCW)));
    State.set(s, State.FSW, state.number("fsw", State.get(s, State.FSW)));
    State.set(s, State.FTW, state.number("ftw", State.get(s, State.FTW)));
    for (Map.Entry<String, JsonValue> e : state.registers("st").entrySet()) {
      bytes(e, State.st(s, Integer.parseInt(e.getKey())));
    }
    for (Map.Entry<String, JsonValue> e : state.registers("v").entrySet()) {
      bytes(e, State.vector(s, Integer.parseInt(e.getKey())));
    }
    for (Map.Entry<String, JsonValue> e : state.registers("k").entrySet()) {
      State.set(s, State.OPMASK + 8 * Integer.parseInt(e.getKey()), VectorState.hex(e.getValue()));
    }
  }

  private static void bytes(Map.Entry<String, JsonValue> entry, long target) {
    byte[] bytes = VectorState.bytesOf(entry.getValue());
    Mem.copyIn(bytes, 0, target, bytes.length);
  }
}
