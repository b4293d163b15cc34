// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.fp;

/**
 * What floating-point operations report besides their value, one instance a vCPU.
 *
 * <p>The caller clears {@link #raised} before an instruction; operations only add to it. {@link
 * #sig} and {@link #se} carry the result of operations in the x87 format, {@link #sig2} and {@link
 * #se2} the one to be pushed by instructions that give two.
 */
public final class FpFlags {
  /** Invalid operation. */
  public static final int IE = 1;

  /** Denormal operand. */
  public static final int DE = 2;

  /** Division by zero. */
  public static final int ZE = 4;

  /** Overflow. */
  public static final int OE = 8;

  /** Underflow: if masked, tiny and inexact; if unmasked, tiny. */
  public static final int UE = 16;

  /** Inexact result. */
  public static final int PE = 32;

  /** Exceptions raised, in the bit order of MXCSR and the x87 status word. */
  public int raised;

  /** Whether the last inexact rounding increased the magnitude: C1 of the x87 status word. */
  public boolean roundedUp;

  /** Significand of an x87 result, integer bit included. */
  public long sig;

  /** Sign (bit 15) and biased exponent of the result. */
  public int se;

  /** Significand of the second result, of instructions that give two. */
  public long sig2;

  /** Sign and biased exponent of the second result. */
  public int se2;

  /** DE or 0: raised by the running operation unless a NaN or IE or ZE takes precedence. */
  int pendingDe;

  // Scratch of the transcendental functions, here so that they allocate nothing.
  final DoubleDouble x = new DoubleDouble();
  final DoubleDouble y = new DoubleDouble();
  final DoubleDouble z = new DoubleDouble();

  /** Low half of a 128-bit intermediate whose high half is returned. */
  long low;

  /** Clears exceptions and rounding direction before an instruction. */
  public void clear() {
    raised = 0;
    roundedUp = false;
    pendingDe = 0;
  }

  void takeDenormal() {
    raised |= pendingDe;
    pendingDe = 0;
  }
}
