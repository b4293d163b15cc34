// SPDX-License-Identifier: Apache-2.0
package nestor.vectors;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import nestor.api.json.JsonValue;
import nestor.vcpu.Mem;
import nestor.vcpu.State;

/**
 * Compares where a case ended with where it should have: all registers and the whole data window.
 */
final class Comparison {
  private final long expected;
  private final byte[] window = new byte[Layout.DATA_BYTES];
  private final byte[] actual = new byte[Layout.DATA_BYTES];

  Comparison(Arena arena) {
    expected = arena.allocate(State.BYTES, 64).address();
  }

  /** Call between prepare and run: what is not said to change must stay. */
  void remember(Machine m) {
    Mem.copy(m.s, expected, State.BYTES);
    Mem.copyOut(m.ram + Layout.DATA, window, 0, window.length);
  }

  /**
   * {@return differences in words; empty if there are none}
   *
   * @param real whether it ran in real mode, where exceptions have no error code
   */
  List<String> differences(Machine m, Vector vector, Outcome outcome, boolean real) {
    List<String> found = new ArrayList<>();
    if (outcome.stuck()) {
      found.add("never ended");
    }
    Registers.apply(expected, vector.out);
    exception(vector, outcome, real, found);
    long defaultRip = vector.exception != null ? vector.ip : vector.end();
    compare("rip", vector.out.number("ip", defaultRip), outcome.rip(), found);
    compare(
        "rflags",
        State.get(expected, State.RFLAGS) & ~vector.undefinedFlags,
        outcome.rflags() & ~vector.undefinedFlags,
        found);
    for (int n = 0; n < 16; n++) {
      long mask = vector.codeBits == 64 ? -1 : 0xFFFF_FFFFL;
      if (vector.codeBits == 64 || n < 8) {
        compare(
            Registers.GPR.get(n), State.gpr(expected, n) & mask, State.gpr(m.s, n) & mask, found);
      }
    }
    if (vector.codeBits == 64) {
      compare("fs.base", State.base(expected, 4), State.base(m.s, 4), found);
      compare("gs.base", State.base(expected, 5), State.base(m.s, 5), found);
    }
    compare("mxcsr", State.get(expected, State.MXCSR), State.get(m.s, State.MXCSR), found);
    compare("fcw", State.get(expected, State.FCW), State.get(m.s, State.FCW), found);
    long status = ~vector.undefinedStatus & 0xFFFF;
    compare(
        "fsw", State.get(expected, State.FSW) & status, State.get(m.s, State.FSW) & status, found);
    compare("ftw", State.get(expected, State.FTW), State.get(m.s, State.FTW), found);
    x87(m, vector, found);
    vectors(m, vector, found);
    memory(m, vector, frame(outcome, real), found);
    return found;
  }

  private static void exception(Vector vector, Outcome outcome, boolean real, List<String> found) {
    if (vector.exception == null) {
      if (outcome.exception() >= 0) {
        found.add(
            "raised vector "
                + outcome.exception()
                + String.format(
                    Locale.ROOT, " (error code %x, cr2 %x)", outcome.errorCode(), outcome.cr2())
                + ", expected none");
      }
      return;
    }
    Vector.Expected x = vector.exception;
    if (outcome.exception() != x.vector()) {
      found.add("exception " + outcome.exception() + ", expected " + x.vector());
      return;
    }
    if (x.errorCode() != null && !real) {
      compare("error code", x.errorCode(), outcome.errorCode(), found);
    }
    if (x.cr2() != null) {
      compare("cr2", x.cr2(), outcome.cr2(), found);
    }
  }

  private static void compare(String what, long expected, long actual, List<String> found) {
    if (expected != actual) {
      found.add(String.format(Locale.ROOT, "%s %x, expected %x", what, actual, expected));
    }
  }

  private void x87(Machine m, Vector vector, List<String> found) {
    long units =
        vector.tolerance != null && vector.tolerance.get("st") != null
            ? vector.tolerance.get("st").asLong()
            : 0;
    for (int n = 0; n < 8; n++) {
      long a = Mem.getLong(State.st(m.s, n));
      long b = Mem.getLong(State.st(expected, n));
      int ea = Mem.getShort(State.st(m.s, n) + 8) & 0xFFFF;
      int eb = Mem.getShort(State.st(expected, n) + 8) & 0xFFFF;
      boolean near = units > 0 && near80(a, ea, b, eb, units);
      if ((a != b || ea != eb) && !near) {
        found.add(
            String.format(Locale.ROOT, "st[%d] %04x:%016x, expected %04x:%016x", n, ea, a, eb, b));
      }
    }
  }

  private static boolean near80(long a, int ea, long b, int eb, long units) {
    if (ea == eb) {
      return Math.abs(a - b) <= units;
    }
    // Neighbours on both sides of a power of two.
    return Math.abs(ea - eb) == 1 && (ea > eb ? a - Long.MIN_VALUE : b - Long.MIN_VALUE) <= units;
  }

  private void vectors(Machine m, Vector vector, List<String> found) {
    boolean wide = m.offersAvx512();
    int bytes = wide ? 64 : 32;
    byte[] a = new byte[bytes];
    byte[] b = new byte[bytes];
    for (int n = 0; n < (vector.codeBits != 64 ? 8 : wide ? 32 : 16); n++) {
      Mem.copyOut(State.vector(m.s, n), a, 0, bytes);
      Mem.copyOut(State.vector(expected, n), b, 0, bytes);
      if (!java.util.Arrays.equals(a, b) && !near(a, b, vector)) {
        HexFormat hex = HexFormat.of();
        found.add("vector " + n + " " + hex.formatHex(a) + ", expected " + hex.formatHex(b));
      }
    }
    if (wide) {
      for (int n = 0; n < 8; n++) {
        compare(
            "k" + n,
            State.get(expected, State.OPMASK + 8 * n),
            State.get(m.s, State.OPMASK + 8 * n),
            found);
      }
    }
  }

  private static boolean near(byte[] a, byte[] b, Vector vector) {
    if (vector.tolerance == null || vector.tolerance.get("rel") == null) {
      return false;
    }
    double relative = ((JsonValue.JsonNumber) vector.tolerance.get("rel")).value().doubleValue();
    int element = (int) vector.tolerance.get("el").asLong();
    var x = java.nio.ByteBuffer.wrap(a).order(java.nio.ByteOrder.LITTLE_ENDIAN);
    var y = java.nio.ByteBuffer.wrap(b).order(java.nio.ByteOrder.LITTLE_ENDIAN);
    for (int n = 0; n < a.length; n += element) {
      double p = element == 4 ? x.getFloat(n) : x.getDouble(n);
      double q = element == 4 ? y.getFloat(n) : y.getDouble(n);
      boolean same = element == 4 ? x.getInt(n) == y.getInt(n) : x.getLong(n) == y.getLong(n);
      if (!same && !(Math.abs(p - q) <= relative * Math.abs(q))) {
        return false;
      }
    }
    return true;
  }

  /** {@return bytes below the stack pointer that INT3 and INTO have pushed in real mode} */
  private static int frame(Outcome outcome, boolean real) {
    return real && (outcome.exception() == 3 || outcome.exception() == 4) ? 6 : 0;
  }

  private void memory(Machine m, Vector vector, int frame, List<String> found) {
    for (JsonValue range : vector.out.memory()) {
      byte[] bytes = VectorState.bytes(range);
      System.arraycopy(bytes, 0, window, VectorState.offset(range), bytes.length);
    }
    Mem.copyOut(m.ram + Layout.DATA, actual, 0, actual.length);
    for (JsonValue range : vector.ignoredMemory) {
      int at = VectorState.offset(range);
      int length = (int) range.asItems().get(1).asLong();
      System.arraycopy(window, at, actual, at, length);
    }
    for (int n = 1; n <= frame; n++) {
      int offset = (int) (State.gpr(m.s, 4) - n) & 0x1FFF;
      actual[offset] = window[offset];
    }
    int at = java.util.Arrays.mismatch(window, actual);
    if (at >= 0) {
      int end = Math.min(at + 16, window.length);
      HexFormat hex = HexFormat.of();
      found.add(
          String.format(
              Locale.ROOT,
              "memory +%x %s, expected %s",
              at,
              hex.formatHex(actual, at, end),
              hex.formatHex(window, at, end)));
    }
  }
}
