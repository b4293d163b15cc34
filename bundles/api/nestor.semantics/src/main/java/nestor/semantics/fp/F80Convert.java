// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.fp;

/**
 * Conversions between the x87 format and the formats its loads, stores and memory operands have.
 *
 * <p>Where a store reports an unmasked IE, OE or UE, the caller leaves memory alone.
 */
public final class F80Convert {
  // The sixth line of constants is FLDZ's; the rest are SDM vol. 2, "FLD1/FLDL2T/...".
  private static final long L2T = 0xD49A_784B_CD1B_8AFEL;
  private static final long L2E = 0xB8AA_3B29_5C17_F0BBL;
  private static final long PI = 0xC90F_DAA2_2168_C234L;
  private static final long LG2 = 0x9A20_9A84_FBCF_F798L;
  private static final long LN2 = 0xB172_17F7_D1CF_79ABL;

  private static final long BCD_LIMIT = 999_999_999_999_999_999L;

  private F80Convert() {}

  /**
   * Widens a single-precision memory operand for arithmetic: signalling NaNs stay signalling, and a
   * denormal raises DE with the operation that follows.
   */
  public static void widenF32(int a, FpFlags f) {
    widen(F32.m(a, 0), F32.x(a), F32.isDenormal(a), f);
  }

  /** The same for double precision. */
  public static void widenF64(long a, FpFlags f) {
    widen(F64.m(a, 0), F64.x(a), F64.isDenormal(a), f);
  }

  private static void widen(long m, int x, boolean denormal, FpFlags f) {
    f.pendingDe = denormal ? FpFlags.DE : 0;
    f.sig = m;
    int exponent = x >= Soft.SPECIAL ? F80.MAX_EXPONENT : m == 0 ? 0 : (x >> 1) + F80.BIAS;
    f.se = (x & 1) << 15 | exponent;
  }

  /** FLD of single precision. */
  public static void loadF32(int a, FpFlags f) {
    widenF32(a, f);
    finishLoad(f);
  }

  /** FLD of double precision. */
  public static void loadF64(long a, FpFlags f) {
    widenF64(a, f);
    finishLoad(f);
  }

  private static void finishLoad(FpFlags f) {
    f.takeDenormal();
    if (Soft.isSignallingNan(
        f.sig, (f.se & F80.MAX_EXPONENT) == F80.MAX_EXPONENT ? Soft.SPECIAL : 0)) {
      f.raised |= FpFlags.IE;
      f.sig |= Soft.QUIET;
    }
  }

  /** FILD of any size, and the integer memory operands of FIADD and its kin: exact. */
  public static void fromInteger(long value, FpFlags f) {
    Integral.fromInteger(value, false, Rounding.F80, 0, f);
  }

  /** FST to single precision. */
  public static int toF32(long sig, int se, int env, FpFlags f) {
    narrow(sig, se, Rounding.F32, env, f);
    return F32.pack(f);
  }

  /** FST to double precision. */
  public static long toF64(long sig, int se, int env, FpFlags f) {
    narrow(sig, se, Rounding.F64, env, f);
    return F64.pack(f);
  }

  private static void narrow(long sig, int se, int format, int env, FpFlags f) {
    long m = F80.m(sig, se);
    int x = F80.x(sig, se);
    if (F80.isUnsupported(sig, se)) {
      Rounding.invalid(format, f);
    } else if (Soft.isNan(m, x)) {
      Nan.propagate(m, x, m, x, format, f);
    } else if (x >= Soft.SPECIAL) {
      Rounding.infinity(x & 1, format, f);
    } else if (m == 0) {
      Rounding.zero(x & 1, f);
    } else {
      int before = f.raised;
      Rounding.finish(x & 1, x >> 1, m, 0, format, env, f);
      // Nothing is stored with OE or UE unmasked, so nothing is inexact.
      if ((f.raised & ~(env >> FpEnv.MASK_SHIFT) & (FpFlags.OE | FpFlags.UE)) != 0) {
        f.raised = before | (f.raised & ~FpFlags.PE);
        f.roundedUp = false;
      }
    }
  }

  /** FIST and, with rounding toward zero in the environment, FISTTP; bits is 16, 32 or 64. */
  public static long toInteger(long sig, int se, int bits, int env, FpFlags f) {
    if (F80.isUnsupported(sig, se)) {
      f.raised |= FpFlags.IE;
      return -1L << (bits - 1);
    }
    return Integral.toInteger(F80.m(sig, se), F80.x(sig, se), bits, false, env, f);
  }

  /** FBLD: 18 digits in low and the lower byte of high, the sign in bit 15 of high. */
  public static void fromBcd(long low, int high, FpFlags f) {
    long value = 0;
    for (int shift = 4; shift >= 0; shift -= 4) {
      value = value * 10 + (high >> shift & 15);
    }
    for (int shift = 60; shift >= 0; shift -= 4) {
      value = value * 10 + (low >>> shift & 15);
    }
    Integral.fromInteger(value, false, Rounding.F80, 0, f);
    f.se |= high & 0x8000;
  }

  /** FBSTP: the digits to sig and the lower byte of se, the sign to bit 15 of se. */
  public static void toBcd(long sig, int se, int env, FpFlags f) {
    int before = f.raised;
    f.raised = 0;
    long value = toInteger(sig, se, 64, env, f);
    if ((f.raised & FpFlags.IE) != 0 || value > BCD_LIMIT || value < -BCD_LIMIT) {
      f.raised = before | FpFlags.IE;
      f.roundedUp = false;
      f.sig = 0xC000_0000_0000_0000L;
      f.se = 0xFFFF;
      return;
    }
    f.raised |= before;
    long magnitude = Math.abs(value);
    long digits = 0;
    for (int shift = 0; shift < 64; shift += 4) {
      digits |= magnitude % 10 << shift;
      magnitude /= 10;
    }
    f.sig = digits;
    f.se = (se & 0x8000) | (int) ((magnitude / 10) << 4 | magnitude % 10);
  }

  /** FLD1, FLDL2T, FLDL2E, FLDPI, FLDLG2, FLDLN2, FLDZ, by the low bits of the opcode, D9 E8+n. */
  public static void constant(int n, int env, FpFlags f) {
    // Each is rounded by RC from more bits than 64; only that of log2(10) has a next bit of zero.
    switch (n) {
      case 0 -> F80.set(Wide.TOP, F80.BIAS, f);
      case 1 -> irrational(L2T, F80.BIAS + 1, false, env, f);
      case 2 -> irrational(L2E, F80.BIAS, true, env, f);
      case 3 -> irrational(PI, F80.BIAS + 1, true, env, f);
      case 4 -> irrational(LG2, F80.BIAS - 2, true, env, f);
      case 5 -> irrational(LN2, F80.BIAS - 1, true, env, f);
      default -> F80.set(0, 0, f);
    }
  }

  private static void irrational(long below, int exponent, boolean half, int env, FpFlags f) {
    int rc = env & FpEnv.RC;
    boolean up = rc == FpEnv.UP || (rc == FpEnv.NEAREST && half);
    F80.set(up ? below + 1 : below, exponent, f);
  }
}
