// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.fp;

/** NaN results: SDM vol. 1, table "Rules for Handling NaNs". Operands are those of {@link Soft}. */
final class Nan {
  private Nan() {}

  /** The NaN that two operands, at least one of them a NaN, give; IE for signalling ones. */
  static void propagate(long ma, int xa, long mb, int xb, int format, FpFlags f) {
    boolean first = Soft.isNan(ma, xa);
    if (first && format >> 8 == 16383 && Soft.isNan(mb, xb)) {
      first = firstOfTwoX87(ma, xa, mb, xb);
    }
    signal(Soft.isSignallingNan(ma, xa) || Soft.isSignallingNan(mb, xb), f);
    quiet(first ? ma : mb, first ? xa : xb, format, f);
  }

  /** The same for three operands of SSE's rule: the first NaN in this order. */
  static void propagate(long ma, int xa, long mb, int xb, long mc, int xc, int format, FpFlags f) {
    signal(
        Soft.isSignallingNan(ma, xa)
            || Soft.isSignallingNan(mb, xb)
            || Soft.isSignallingNan(mc, xc),
        f);
    if (Soft.isNan(ma, xa)) {
      quiet(ma, xa, format, f);
    } else if (Soft.isNan(mb, xb)) {
      quiet(mb, xb, format, f);
    } else {
      quiet(mc, xc, format, f);
    }
  }

  private static void signal(boolean signalling, FpFlags f) {
    f.pendingDe = 0;
    if (signalling) {
      f.raised |= FpFlags.IE;
    }
  }

  /** x87: a QNaN before an SNaN, else the larger significand, else the positive one. */
  private static boolean firstOfTwoX87(long ma, int xa, long mb, int xb) {
    boolean signallingA = Soft.isSignallingNan(ma, xa);
    if (signallingA != Soft.isSignallingNan(mb, xb)) {
      return !signallingA;
    }
    if (ma != mb) {
      return Wide.less(mb, ma);
    }
    return (xa & 1) <= (xb & 1);
  }

  static void quiet(long m, int x, int format, FpFlags f) {
    int p = format & 0xFF;
    f.sig = (m | Soft.QUIET) & -(1L << (64 - (format >> 8 == 16383 ? 64 : p)));
    f.se = (x & 1) << 15 | 2 * (format >> 8) + 1;
  }
}
