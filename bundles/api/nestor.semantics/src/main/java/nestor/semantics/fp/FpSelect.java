// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.fp;

/** The AVX-512 instructions that choose among values: VRANGE and VFIXUPIMM, of both precisions. */
public final class FpSelect {
  private static final long MAX_64 = 0x7FEF_FFFF_FFFF_FFFFL;
  private static final int MAX_32 = 0x7F7F_FFFF;
  private static final long HALF_PI_64 = 0x3FF9_21FB_5444_2D18L;
  private static final int HALF_PI_32 = 0x3FC9_0FDB;

  private FpSelect() {}

  /** VRANGESD: bits 1:0 of the immediate select minimum or maximum, bits 3:2 the sign. */
  public static long rangeF64(long a, long b, int control, int env, FpFlags f) {
    if (F64.isSignallingNan(a) || F64.isSignallingNan(b)) {
      f.raised |= FpFlags.IE;
      return (F64.isSignallingNan(a) ? a : b) | 1L << 51;
    }
    long chosen;
    long x = F64.flush(a, env);
    long y = F64.flush(b, env);
    if (F64.isNan(a)) {
      chosen = F64.isNan(b) ? x : y;
    } else if (F64.isNan(b)) {
      chosen = x;
    } else {
      F64.prepare(a, b, env, f);
      f.takeDenormal();
      chosen = choose(x, y, control);
    }
    return switch (control >> 2 & 3) {
      case 0 -> F64.isNan(chosen) ? chosen : (x & Long.MIN_VALUE) | (chosen & Long.MAX_VALUE);
      case 1 -> chosen;
      case 2 -> chosen & Long.MAX_VALUE;
      default -> chosen | Long.MIN_VALUE;
    };
  }

  /** VRANGESS: as for double precision. */
  public static int rangeF32(int a, int b, int control, int env, FpFlags f) {
    if (F32.isSignallingNan(a) || F32.isSignallingNan(b)) {
      f.raised |= FpFlags.IE;
      return (F32.isSignallingNan(a) ? a : b) | 1 << 22;
    }
    int chosen;
    int x = F32.flush(a, env);
    int y = F32.flush(b, env);
    if (F32.isNan(a)) {
      chosen = F32.isNan(b) ? x : y;
    } else if (F32.isNan(b)) {
      chosen = x;
    } else {
      F32.prepare(a, b, env, f);
      f.takeDenormal();
      chosen = (int) (choose((long) x << 32, (long) y << 32, control) >>> 32);
    }
    return switch (control >> 2 & 3) {
      case 0 -> F32.isNan(chosen) ? chosen : (x & Integer.MIN_VALUE) | (chosen & Integer.MAX_VALUE);
      case 1 -> chosen;
      case 2 -> chosen & Integer.MAX_VALUE;
      default -> chosen | Integer.MIN_VALUE;
    };
  }

  /** Chooses between two numbers by their bits; of equal magnitudes the sign decides. */
  private static long choose(long a, long b, int control) {
    long magnitudeA = a & Long.MAX_VALUE;
    long magnitudeB = b & Long.MAX_VALUE;
    boolean firstIsSmaller;
    if ((control & 2) != 0 && magnitudeA != magnitudeB) {
      firstIsSmaller = magnitudeA < magnitudeB;
    } else {
      // As two's complement, negative numbers sort backwards among themselves.
      long keyA = a < 0 ? ~magnitudeA : magnitudeA;
      long keyB = b < 0 ? ~magnitudeB : magnitudeB;
      firstIsSmaller = keyA <= keyB;
    }
    return firstIsSmaller == ((control & 1) == 0) ? a : b;
  }

  /**
   * VFIXUPIMMSD: classifies b and returns what the table, a response of four bits for each class,
   * says; the immediate says which classes raise ZE or IE.
   */
  public static long fixupF64(
      long destination, long b, int table, int control, int env, FpFlags f) {
    long value = F64.flush(b, env);
    int response =
        respond(
            F64.isNan(value),
            (value & 1L << 51) != 0,
            value << 1 == 0,
            value == 0x3FFL << 52,
            (value & Long.MAX_VALUE) == 0x7FFL << 52,
            value < 0,
            table,
            control,
            f);
    return switch (response) {
      case 0 -> destination;
      case 1 -> value;
      case 2 -> value | (0xFFFL << 51 & Long.MAX_VALUE);
      case 3 -> 0xFFFL << 51 | Long.MIN_VALUE;
      case 4 -> 0xFFFL << 52;
      case 5 -> 0x7FFL << 52;
      case 6 -> (value & Long.MIN_VALUE) | 0x7FFL << 52;
      case 7 -> Long.MIN_VALUE;
      case 8 -> 0;
      case 9 -> 0xBFFL << 52;
      case 10 -> 0x3FFL << 52;
      case 11 -> 0x3FEL << 52;
      case 12 -> 0x4056_8000_0000_0000L;
      case 13 -> HALF_PI_64;
      case 14 -> MAX_64;
      default -> MAX_64 | Long.MIN_VALUE;
    };
  }

  /** VFIXUPIMMSS: as for double precision. */
  public static int fixupF32(int destination, int b, int table, int control, int env, FpFlags f) {
    int value = F32.flush(b, env);
    int response =
        respond(
            F32.isNan(value),
            (value & 1 << 22) != 0,
            value << 1 == 0,
            value == 0x7F << 23,
            (value & Integer.MAX_VALUE) == 0xFF << 23,
            value < 0,
            table,
            control,
            f);
    return switch (response) {
      case 0 -> destination;
      case 1 -> value;
      case 2 -> value | 0x1FF << 22;
      case 3 -> 0x3FF << 22;
      case 4 -> 0x1FF << 23;
      case 5 -> 0xFF << 23;
      case 6 -> (value & Integer.MIN_VALUE) | 0xFF << 23;
      case 7 -> Integer.MIN_VALUE;
      case 8 -> 0;
      case 9 -> 0x17F << 23;
      case 10 -> 0x7F << 23;
      case 11 -> 0x7E << 23;
      case 12 -> 0x42B4_0000;
      case 13 -> HALF_PI_32;
      case 14 -> MAX_32;
      default -> MAX_32 | Integer.MIN_VALUE;
    };
  }

  private static int respond(
      boolean nan,
      boolean quiet,
      boolean zero,
      boolean one,
      boolean infinite,
      boolean negative,
      int table,
      int control,
      FpFlags f) {
    // SDM vol. 2, VFIXUPIMMPD: the classes in the order of the table's fields, and the reporting
    // bits of the immediate, those for ZE first.
    int token;
    int invalid;
    if (nan) {
      token = quiet ? 0 : 1;
      invalid = quiet ? 0 : 1 << 4;
    } else if (zero) {
      token = 2;
      invalid = 1 << 1;
      report(control & 1, FpFlags.ZE, f);
    } else if (one) {
      token = 3;
      invalid = 1 << 3;
      report(control & 1 << 2, FpFlags.ZE, f);
    } else if (infinite) {
      token = negative ? 4 : 5;
      invalid = negative ? 1 << 5 : 1 << 7;
    } else {
      token = negative ? 6 : 7;
      invalid = negative ? 1 << 6 : 0;
    }
    report(control & invalid, FpFlags.IE, f);
    return table >>> (4 * token) & 15;
  }

  private static void report(int asked, int exception, FpFlags f) {
    if (asked != 0) {
      f.raised |= exception;
    }
  }
}
