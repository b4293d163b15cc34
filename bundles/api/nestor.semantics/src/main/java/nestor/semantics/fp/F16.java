// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.fp;

/** Half precision as F16C has it: a storage format that converts from and to single. */
public final class F16 {
  private F16() {}

  /** VCVTPH2PS: exact; denormals are converted whatever DAZ says and raise nothing. */
  public static int toF32(int half, FpFlags f) {
    int sign = (half & 0x8000) << 16;
    int exponent = half >> 10 & 0x1F;
    int fraction = half & 0x3FF;
    if (exponent == 0x1F) {
      if (fraction == 0) {
        return sign | 0x7F80_0000;
      }
      if ((fraction & 0x200) == 0) {
        f.raised |= FpFlags.IE;
      }
      return sign | 0x7FC0_0000 | fraction << 13;
    }
    if (exponent != 0) {
      return sign | (exponent + 112) << 23 | fraction << 13;
    }
    return sign | Float.floatToRawIntBits(fraction * 0x1p-24f);
  }

  /** VCVTPS2PH: rounds by the immediate or, with its bit 2, by MXCSR.RC; FTZ has no effect. */
  public static int fromF32(int a, int control, int env, FpFlags f) {
    long m = F32.m(a, env);
    int x = F32.x(a);
    if (Soft.isNan(m, x)) {
      Nan.propagate(m, x, m, x, Rounding.F16, f);
    } else if (x >= Soft.SPECIAL) {
      Rounding.infinity(x & 1, Rounding.F16, f);
    } else if (m == 0) {
      Rounding.zero(x & 1, f);
    } else {
      F32.prepare(a, a, env, f);
      f.takeDenormal();
      int rounded = FpEnv.withRounding(env, ((control & 4) != 0 ? env : control) & FpEnv.RC);
      Rounding.finish(x & 1, x >> 1, m, 0, Rounding.F16, rounded & ~FpEnv.FTZ, f);
    }
    return (f.se & 0x8000) | (f.se & 0x1F) << 10 | (int) (f.sig << 1 >>> 54);
  }
}
