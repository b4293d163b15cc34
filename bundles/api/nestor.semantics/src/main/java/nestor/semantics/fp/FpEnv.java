// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.fp;

/**
 * The packed floating-point environment that every operation of this package takes.
 *
 * <p>Compute it when the guest writes MXCSR or the x87 control word, not for each instruction.
 */
public final class FpEnv {
  /** Bits 1:0, rounding control in the encoding of MXCSR.RC and FCW.RC. */
  public static final int RC = 3;

  /** Rounding control: to nearest, ties to even. */
  public static final int NEAREST = 0;

  /** Rounding control: toward minus infinity. */
  public static final int DOWN = 1;

  /** Rounding control: toward plus infinity. */
  public static final int UP = 2;

  /** Rounding control: toward zero. */
  public static final int ZERO = 3;

  /** Denormal operands count as zeros of their sign. */
  public static final int DAZ = 1 << 2;

  /** Tiny results become zeros of their sign while underflow is masked. */
  public static final int FTZ = 1 << 3;

  /**
   * The caller does not need PE: it is sticky already and masked. Results are unchanged; PE may or
   * may not be reported.
   */
  public static final int PE_KNOWN = 1 << 4;

  /** Shift of the x87 precision control, in the encoding of FCW.PC. */
  public static final int PC_SHIFT = 6;

  /** Shift of the exception masks; their order is that of the flags in {@link FpFlags}. */
  public static final int MASK_SHIFT = 8;

  /** All exceptions masked, round to nearest, full x87 precision: the state after reset. */
  public static final int DEFAULT = 0x3F << MASK_SHIFT | 3 << PC_SHIFT;

  static final int OVERFLOW_MASKED = FpFlags.OE << MASK_SHIFT;
  static final int UNDERFLOW_MASKED = FpFlags.UE << MASK_SHIFT;

  private FpEnv() {}

  /** The environment of SSE and AVX instructions for this MXCSR; sets PE_KNOWN where it may. */
  public static int ofMxcsr(int mxcsr) {
    int env = (mxcsr >> 13 & RC) | (mxcsr >> 7 & 0x3F) << MASK_SHIFT | 3 << PC_SHIFT;
    if ((mxcsr & 1 << 6) != 0) {
      env |= DAZ;
    }
    if ((mxcsr & 1 << 15) != 0) {
      env |= FTZ;
    }
    if ((mxcsr & FpFlags.PE) != 0 && (mxcsr & 1 << 12) != 0) {
      env |= PE_KNOWN;
    }
    return env;
  }

  /** The environment of x87 instructions for this control word. */
  public static int ofFcw(int fcw) {
    return (fcw >> 10 & RC) | (fcw >> 8 & 3) << PC_SHIFT | (fcw & 0x3F) << MASK_SHIFT;
  }

  /** The same environment with another rounding control, as static rounding and ROUNDPS need. */
  public static int withRounding(int env, int rc) {
    return (env & ~RC) | rc;
  }

  /** The environment of EVEX static rounding and SAE: the mode given, all exceptions masked. */
  public static int suppressed(int env, int rc) {
    return withRounding(env, rc) | 0x3F << MASK_SHIFT;
  }
}
