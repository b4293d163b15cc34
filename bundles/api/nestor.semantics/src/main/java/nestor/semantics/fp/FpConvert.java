// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.fp;

/**
 * Conversions of SSE, AVX and AVX-512 among single, double and integers.
 *
 * <p>The rounding control of the environment decides; for the truncating instructions give {@link
 * FpEnv#withRounding} of {@link FpEnv#ZERO}. Values out of range give the integer indefinite value:
 * 2^(n-1) for signed, 2^n - 1 for unsigned destinations of n bits.
 */
public final class FpConvert {
  private FpConvert() {}

  /** CVTSS2SD. */
  public static long f32ToF64(int a, int env, FpFlags f) {
    if (F32.isNan(a)) {
      if (F32.isSignallingNan(a)) {
        f.raised |= FpFlags.IE;
      }
      return (long) a >>> 31 << 63 | 0xFFFL << 51 | (a & 0x3F_FFFFL) << 29;
    }
    if (F32.isDenormal(a)) {
      if ((env & FpEnv.DAZ) == 0) {
        f.raised |= FpFlags.DE;
      } else {
        a &= Integer.MIN_VALUE;
      }
    }
    return Double.doubleToRawLongBits(Float.intBitsToFloat(a));
  }

  /** CVTSD2SS. */
  public static int f64ToF32(long a, int env, FpFlags f) {
    if ((env & FpEnv.RC) == 0) {
      double value = Double.longBitsToDouble(a);
      float single = (float) value;
      float magnitude = Math.abs(single);
      if (magnitude > Float.MIN_NORMAL && magnitude <= Float.MAX_VALUE) {
        if (single != value) {
          f.raised |= FpFlags.PE;
        }
        return Float.floatToRawIntBits(single);
      }
    }
    long m = F64.m(a, env);
    int x = F64.x(a);
    if (Soft.isNan(m, x)) {
      Nan.propagate(m, x, m, x, Rounding.F32, f);
    } else if (x >= Soft.SPECIAL) {
      Rounding.infinity(x & 1, Rounding.F32, f);
    } else if (m == 0) {
      Rounding.zero(x & 1, f);
    } else {
      F64.prepare(a, a, env, f);
      f.takeDenormal();
      Rounding.finish(x & 1, x >> 1, m, 0, Rounding.F32, env, f);
    }
    return F32.pack(f);
  }

  /** CVTSD2SI to 32 bits. */
  public static int f64ToInt32(long a, int env, FpFlags f) {
    if ((env & FpEnv.RC) == FpEnv.ZERO) {
      double value = Double.longBitsToDouble(a);
      int result = (int) value;
      if (result != 0 && result > Integer.MIN_VALUE && result < Integer.MAX_VALUE) {
        if (result != value) {
          f.raised |= FpFlags.PE;
        }
        return result;
      }
    }
    return (int) Integral.toInteger(F64.m(a, env), F64.x(a), 32, false, env, f);
  }

  /** CVTSD2SI to 64 bits. */
  public static long f64ToInt64(long a, int env, FpFlags f) {
    if ((env & FpEnv.RC) == FpEnv.ZERO) {
      double value = Double.longBitsToDouble(a);
      long result = (long) value;
      if (result != 0 && result > Long.MIN_VALUE && result < Long.MAX_VALUE) {
        if (result != value) {
          f.raised |= FpFlags.PE;
        }
        return result;
      }
    }
    return Integral.toInteger(F64.m(a, env), F64.x(a), 64, false, env, f);
  }

  /** VCVTSD2USI to 32 bits. */
  public static int f64ToUint32(long a, int env, FpFlags f) {
    return (int) Integral.toInteger(F64.m(a, env), F64.x(a), 32, true, env, f);
  }

  /** VCVTSD2USI to 64 bits. */
  public static long f64ToUint64(long a, int env, FpFlags f) {
    return Integral.toInteger(F64.m(a, env), F64.x(a), 64, true, env, f);
  }

  /** CVTSS2SI to 32 bits. */
  public static int f32ToInt32(int a, int env, FpFlags f) {
    if ((env & FpEnv.RC) == FpEnv.ZERO) {
      double value = Float.intBitsToFloat(a);
      int result = (int) value;
      if (result != 0 && result > Integer.MIN_VALUE && result < Integer.MAX_VALUE) {
        if (result != value) {
          f.raised |= FpFlags.PE;
        }
        return result;
      }
    }
    return (int) Integral.toInteger(F32.m(a, env), F32.x(a), 32, false, env, f);
  }

  /** CVTSS2SI to 64 bits. */
  public static long f32ToInt64(int a, int env, FpFlags f) {
    return Integral.toInteger(F32.m(a, env), F32.x(a), 64, false, env, f);
  }

  /** VCVTSS2USI to 32 bits. */
  public static int f32ToUint32(int a, int env, FpFlags f) {
    return (int) Integral.toInteger(F32.m(a, env), F32.x(a), 32, true, env, f);
  }

  /** VCVTSS2USI to 64 bits. */
  public static long f32ToUint64(int a, int env, FpFlags f) {
    return Integral.toInteger(F32.m(a, env), F32.x(a), 64, true, env, f);
  }

  /** CVTSI2SD of 32 bits: always exact. */
  public static long int32ToF64(int value) {
    return Double.doubleToRawLongBits(value);
  }

  /** VCVTUSI2SD of 32 bits: always exact. */
  public static long uint32ToF64(int value) {
    return Double.doubleToRawLongBits((double) (value & 0xFFFF_FFFFL));
  }

  /** CVTSI2SD of 64 bits. */
  public static long int64ToF64(long value, int env, FpFlags f) {
    if (value == (int) value) {
      return Double.doubleToRawLongBits((double) value);
    }
    double nearest = (double) value;
    if ((env & FpEnv.RC) == 0 && Math.abs(nearest) < 0x1p62) {
      if ((long) nearest != value) {
        f.raised |= FpFlags.PE;
      }
      return Double.doubleToRawLongBits(nearest);
    }
    Integral.fromInteger(value, false, Rounding.F64, env, f);
    return F64.pack(f);
  }

  /** VCVTUSI2SD of 64 bits. */
  public static long uint64ToF64(long value, int env, FpFlags f) {
    Integral.fromInteger(value, true, Rounding.F64, env, f);
    return F64.pack(f);
  }

  /** CVTSI2SS of 32 bits. */
  public static int int32ToF32(int value, int env, FpFlags f) {
    return int64ToF32(value, env, f);
  }

  /** VCVTUSI2SS of 32 bits. */
  public static int uint32ToF32(int value, int env, FpFlags f) {
    return int64ToF32(value & 0xFFFF_FFFFL, env, f);
  }

  /** CVTSI2SS of 64 bits. */
  public static int int64ToF32(long value, int env, FpFlags f) {
    if (value >= -(1 << 24) && value <= 1 << 24) {
      return Float.floatToRawIntBits((float) value);
    }
    float nearest = (float) value;
    if ((env & FpEnv.RC) == 0 && Math.abs(nearest) < 0x1p62f) {
      if ((long) nearest != value) {
        f.raised |= FpFlags.PE;
      }
      return Float.floatToRawIntBits(nearest);
    }
    Integral.fromInteger(value, false, Rounding.F32, env, f);
    return F32.pack(f);
  }

  /** VCVTUSI2SS of 64 bits. */
  public static int uint64ToF32(long value, int env, FpFlags f) {
    Integral.fromInteger(value, true, Rounding.F32, env, f);
    return F32.pack(f);
  }

  /**
   * ROUNDSD. Control is the immediate: bits 1:0 the rounding unless bit 2 selects that of the
   * environment, bit 3 suppresses PE.
   */
  public static long roundF64(long a, int control, int env, FpFlags f) {
    double value = Double.longBitsToDouble(a);
    double magnitude = Math.abs(value);
    if (magnitude >= 1 && magnitude < 0x1p52) {
      double rounded =
          switch (((control & 4) != 0 ? env : control) & FpEnv.RC) {
            case FpEnv.NEAREST -> Math.rint(value);
            case FpEnv.DOWN -> Math.floor(value);
            case FpEnv.UP -> Math.ceil(value);
            default -> value < 0 ? Math.ceil(value) : Math.floor(value);
          };
      if (rounded != value && (control & 8) == 0) {
        f.raised |= FpFlags.PE;
      }
      return Double.doubleToRawLongBits(rounded);
    }
    long m = F64.m(a, env);
    int x = F64.x(a);
    if (Soft.isNan(m, x)) {
      Nan.propagate(m, x, m, x, Rounding.F64, f);
      return F64.pack(f);
    }
    if (x >= Soft.SPECIAL) {
      return a;
    }
    int rc = (control & 4) != 0 ? env : control;
    Integral.round(m, x, Rounding.F64, rc, (control & 8) == 0, f);
    return F64.pack(f);
  }

  /** ROUNDSS; control as for {@link #roundF64}. */
  public static int roundF32(int a, int control, int env, FpFlags f) {
    long m = F32.m(a, env);
    int x = F32.x(a);
    if (Soft.isNan(m, x)) {
      Nan.propagate(m, x, m, x, Rounding.F32, f);
      return F32.pack(f);
    }
    if (x >= Soft.SPECIAL) {
      return a;
    }
    int rc = (control & 4) != 0 ? env : control;
    Integral.round(m, x, Rounding.F32, rc, (control & 8) == 0, f);
    return F32.pack(f);
  }
}
