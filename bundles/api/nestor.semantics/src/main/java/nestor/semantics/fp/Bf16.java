// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.fp;

/**
 * AVX512_BF16: bfloat16, the upper half of a single. MXCSR is neither read nor written: rounding is
 * to nearest, denormal operands and results are zeros, no exception is reported.
 */
public final class Bf16 {
  private static final int ENV =
      FpEnv.DEFAULT | FpEnv.NEAREST | FpEnv.DAZ | FpEnv.FTZ | FpEnv.PE_KNOWN;

  private Bf16() {}

  /** VCVTNEPS2BF16. */
  public static int fromF32(int a) {
    if (F32.isNan(a)) {
      return a >>> 16 | 0x40;
    }
    int value = F32.flush(a, ENV);
    return (value + 0x7FFF + (value >>> 16 & 1)) >>> 16;
  }

  /** VDPBF16PS: adds the products of two pairs to the sum, the upper one first. */
  public static int dot(int sum, int a, int b, FpFlags f) {
    int raised = f.raised;
    int upper = F32.fma(a & 0xFFFF_0000, b & 0xFFFF_0000, sum, 0, ENV, f);
    int result = F32.fma(a << 16, b << 16, upper, 0, ENV, f);
    f.raised = raised;
    return result;
  }
}
