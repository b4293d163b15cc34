// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.simd;

/** VPCMP, VPCMPU, VPTESTM, VPTESTNM: lanes of 64 bits as masks, for an opmask to be made of. */
public final class PackedCompare {
  private PackedCompare() {}

  /**
   * {@return masks of the lanes for which the predicate of SDM vol. 2, "VPCMPB", holds}
   *
   * @param top as in {@link Swar}
   */
  public static long compare(long a, long b, int predicate, boolean unsigned, long top) {
    long r =
        switch (predicate & 3) {
          case 0 -> Swar.equal(a, b, top);
          case 1 -> less(a, b, unsigned, top);
          case 2 -> ~less(b, a, unsigned, top);
          default -> 0;
        };
    return (predicate & 4) != 0 ? ~r : r;
  }

  private static long less(long a, long b, boolean unsigned, long top) {
    return unsigned ? Swar.below(a, b, top) : Swar.greater(b, a, top);
  }

  /** {@return masks of the lanes where a bit is common, or where none is} */
  public static long test(long a, long b, boolean none, long top) {
    long r = Swar.equal(a & b, 0, top);
    return none ? r : ~r;
  }

  /** {@return the mask of top bits for elements of {@code size} bytes} */
  public static long top(int size) {
    return switch (size) {
      case 1 -> Swar.B;
      case 2 -> Swar.W;
      case 4 -> Swar.D;
      default -> Swar.Q;
    };
  }
}
