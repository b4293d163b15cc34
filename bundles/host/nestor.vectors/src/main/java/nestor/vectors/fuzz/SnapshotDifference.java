// SPDX-License-Identifier: Apache-2.0
package nestor.vectors.fuzz;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import nestor.isa.Disassembler;

/** What two final states do not agree in. */
final class SnapshotDifference {
  private static final int VECTORS_WITHOUT_AVX512 = 16;

  private final boolean wide;
  private final List<String> found = new ArrayList<>();

  private SnapshotDifference(boolean wide) {
    this.wide = wide;
  }

  /**
   * {@return differences in words; empty if there are none}
   *
   * @param wide whether both sides have AVX-512 registers
   * @param undefinedFlags RFLAGS bits that need not agree
   */
  static List<String> between(
      CpuSnapshot expected, CpuSnapshot actual, boolean wide, long undefinedFlags) {
    SnapshotDifference d = new SnapshotDifference(wide);
    d.exceptions(expected, actual);
    d.compare("rflags", expected.rflags & ~undefinedFlags, actual.rflags & ~undefinedFlags);
    for (int n = 0; n < 16; n++) {
      d.compare(Disassembler.register(n, 8), expected.gpr[n], actual.gpr[n]);
    }
    d.compare("fs.base", expected.fsBase, actual.fsBase);
    d.compare("gs.base", expected.gsBase, actual.gsBase);
    d.compare("mxcsr", expected.mxcsr, actual.mxcsr);
    d.compare("fcw", expected.fcw, actual.fcw);
    d.compare("fsw", expected.fsw, actual.fsw);
    d.compare("ftw", expected.ftw, actual.ftw);
    d.x87(expected, actual);
    d.vectors(expected, actual);
    d.memory(expected.window, actual.window);
    return d.found;
  }

  private void compare(String what, long expected, long actual) {
    if (expected != actual) {
      found.add(String.format(Locale.ROOT, "%s %x, expected %x", what, actual, expected));
    }
  }

  private void exceptions(CpuSnapshot expected, CpuSnapshot actual) {
    if (expected.exception != actual.exception) {
      found.add("exception " + named(actual.exception) + ", expected " + named(expected.exception));
    } else if (expected.exception >= 0) {
      if (expected.exception != 14 || expected.cr2 >= 0) { // Linux hides what its own half has
        compare("error code", expected.errorCode, actual.errorCode);
      }
      if (expected.exception == 14) {
        compare("cr2", expected.cr2, actual.cr2);
      }
    }
    compare("rip", expected.rip, actual.rip);
  }

  private static String named(int exception) {
    return exception < 0 ? "none" : Integer.toString(exception);
  }

  /** Contents of empty registers do not count: a host may lose them at a context switch. */
  private void x87(CpuSnapshot expected, CpuSnapshot actual) {
    for (int n = 0; n < 8; n++) {
      boolean same =
          expected.significand[n] == actual.significand[n]
              && expected.signExponent[n] == actual.signExponent[n];
      if (!same && (expected.ftw >> n & 1) != 0) {
        found.add(
            String.format(
                Locale.ROOT,
                "st[%d] %04x:%016x, expected %04x:%016x",
                n,
                actual.signExponent[n],
                actual.significand[n],
                expected.signExponent[n],
                expected.significand[n]));
      }
    }
  }

  private void vectors(CpuSnapshot expected, CpuSnapshot actual) {
    int bytes = wide ? CpuSnapshot.VECTOR_BYTES : 32;
    for (int n = 0; n < (wide ? CpuSnapshot.VECTORS : VECTORS_WITHOUT_AVX512); n++) {
      int from = n * CpuSnapshot.VECTOR_BYTES;
      if (!Arrays.equals(
          expected.vectors, from, from + bytes, actual.vectors, from, from + bytes)) {
        HexFormat hex = HexFormat.of();
        found.add(
            "vector "
                + n
                + " "
                + hex.formatHex(actual.vectors, from, from + bytes)
                + ", expected "
                + hex.formatHex(expected.vectors, from, from + bytes));
      }
    }
    for (int n = 0; n < 8 && wide; n++) {
      compare("k" + n, expected.opmask[n], actual.opmask[n]);
    }
  }

  private void memory(byte[] expected, byte[] actual) {
    int at = Arrays.mismatch(expected, actual);
    if (at >= 0) {
      int end = Math.min(at + 16, expected.length);
      HexFormat hex = HexFormat.of();
      found.add(
          String.format(
              Locale.ROOT,
              "memory +%x %s, expected %s",
              at,
              hex.formatHex(actual, at, end),
              hex.formatHex(expected, at, end)));
    }
  }
}
