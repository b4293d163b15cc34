// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.fp;

/**
 * The last step of every operation: rounding, overflow, underflow and denormalisation.
 *
 * <p>A format is {@code bias << 8 | precision}. Results are left in {@link FpFlags#sig} with the
 * integer bit at bit 63, and in {@link FpFlags#se} with the format's own bias, so that a result of
 * the x87 format is finished and the others need their bits only shifted into place.
 */
final class Rounding {
  static final int F16 = 15 << 8 | 11;
  static final int F32 = 127 << 8 | 24;
  static final int F64 = 1023 << 8 | 53;
  static final int F80 = 16383 << 8 | 64;

  private Rounding() {}

  /** Whether a magnitude with this lowest kept bit and these lost bits, half first, goes up. */
  static boolean up(int sign, long lost, boolean odd, int rc) {
    return switch (rc & FpEnv.RC) {
      case FpEnv.NEAREST -> lost < 0 && (odd || lost != Wide.TOP);
      case FpEnv.DOWN -> lost != 0 && sign != 0;
      case FpEnv.UP -> lost != 0 && sign == 0;
      default -> false;
    };
  }

  /** Stores {@code hi:lo / 2^127 * 2^e}, bit 63 of hi set, rounded to the format. */
  static void finish(int sign, int e, long hi, long lo, int format, int env, FpFlags f) {
    int p = format & 0xFF;
    int bias = format >> 8;
    int exponent = e + bias;
    long lost = p == 64 ? lo : hi << p | Wide.sticky(lo);
    long unit = 1L << (64 - p);
    boolean up = up(sign, lost, (hi & unit) != 0, env);
    if (exponent <= 0 && !(exponent == 0 && up && (hi & -unit) == -unit)) {
      tiny(sign, e, hi, lo, format, env, f);
      return;
    }
    long sig = hi & -unit;
    if (up) {
      sig += unit;
      if (sig == 0) {
        sig = Wide.TOP;
        exponent++;
      }
    }
    if (exponent > 2 * bias) {
      overflow(sign, exponent, sig, up, lost, format, env, f);
      return;
    }
    if (lost != 0) {
      f.raised |= FpFlags.PE;
      f.roundedUp = up;
    }
    f.sig = sig;
    f.se = sign << 15 | exponent;
  }

  private static void overflow(
      int sign, int exponent, long sig, boolean up, long lost, int format, int env, FpFlags f) {
    int bias = format >> 8;
    f.raised |= FpFlags.OE;
    if ((env & FpEnv.OVERFLOW_MASKED) == 0) {
      // SDM vol. 1, "Numeric Overflow Exception": the exponent is divided by 2^24576 (x87 only;
      // SSE instructions drop the result).
      int adjusted = exponent - (bias + 1) * 3 / 2;
      if (lost != 0) {
        f.raised |= FpFlags.PE;
        f.roundedUp = up;
      }
      // A narrower result is dropped: what counts is whether it was exact but for its exponent.
      if (adjusted <= 2 * bias || !isX87(format)) {
        f.sig = sig;
        f.se = sign << 15 | adjusted;
        return;
      }
    }
    f.raised |= FpFlags.PE;
    int rc = env & FpEnv.RC;
    boolean infinite =
        (env & FpEnv.OVERFLOW_MASKED) == 0
            || rc == FpEnv.NEAREST
            || rc == (sign != 0 ? FpEnv.DOWN : FpEnv.UP);
    f.roundedUp = infinite;
    if (infinite) {
      infinity(sign, format, f);
    } else {
      f.sig = -(1L << (64 - (format & 0xFF)));
      f.se = sign << 15 | 2 * bias;
    }
  }

  private static void tiny(int sign, int e, long hi, long lo, int format, int env, FpFlags f) {
    int p = format & 0xFF;
    int bias = format >> 8;
    int exponent = e + bias;
    long unit = 1L << (64 - p);
    if ((env & FpEnv.UNDERFLOW_MASKED) == 0) {
      f.raised |= FpFlags.UE;
      int adjust = isX87(format) ? (bias + 1) * 3 / 2 : 1 - exponent;
      if (exponent + adjust > 0) {
        int keep = env | FpEnv.UNDERFLOW_MASKED;
        finish(sign, e + adjust, hi, lo, format, keep, f);
        return;
      }
      f.raised |= FpFlags.PE;
      f.roundedUp = false;
      zero(sign, f);
      return;
    } else if ((env & FpEnv.FTZ) != 0) {
      f.raised |= FpFlags.UE | FpFlags.PE;
      zero(sign, f);
      return;
    }
    long high = Wide.shiftRightJam(hi, lo, Math.min(1 - exponent, 200), f);
    long low = f.low;
    long lost = p == 64 ? low : high << p | Wide.sticky(low);
    boolean up = up(sign, lost, (high & unit) != 0, env);
    f.sig = (high & -unit) + (up ? unit : 0);
    f.se = sign << 15 | (f.sig < 0 ? 1 : 0);
    if (lost != 0) {
      f.raised |= FpFlags.UE | FpFlags.PE;
      f.roundedUp = up;
    }
  }

  /** Whether the exponent is that of the x87 format, whatever the precision control leaves. */
  private static boolean isX87(int format) {
    return format >> 8 == F80 >> 8;
  }

  static void zero(int sign, FpFlags f) {
    f.sig = 0;
    f.se = sign << 15;
  }

  static void infinity(int sign, int format, FpFlags f) {
    f.sig = Wide.TOP;
    f.se = sign << 15 | 2 * (format >> 8) + 1;
  }

  /** Raises IE and stores the default NaN, "QNaN floating-point indefinite". */
  static void invalid(int format, FpFlags f) {
    f.raised |= FpFlags.IE;
    f.pendingDe = 0;
    f.sig = 3L << 62;
    f.se = 0x8000 | 2 * (format >> 8) + 1;
  }
}
