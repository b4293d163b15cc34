// SPDX-License-Identifier: Apache-2.0
package nestor.semantics.fp;

/** How two floating-point values relate, and the predicates of CMPPS and its kin over it. */
public final class FpRelation {
  /** First operand greater. */
  public static final int GREATER = 0;

  /** First operand less. */
  public static final int LESS = 1;

  /** Equal, zeros of either sign included. */
  public static final int EQUAL = 2;

  /** A NaN among the operands. */
  public static final int UNORDERED = 3;

  // SDM vol. 2, CMPPD, table "Comparison Predicate for CMPPD and CMPPS Instructions": a hex digit
  // for each predicate, 15 first, its bit n for relation n. Predicates 16-31 repeat 0-15 with the
  // other answer to quiet NaNs.
  private static final long TRUE_FOR = 0xF153_0EAC_79DB_8624L;
  private static final int SIGNALLING = 0x9999_6666;

  private FpRelation() {}

  /** Whether the predicate, bits 4:0 of the immediate, holds for a relation. */
  public static boolean holds(int predicate, int relation) {
    return (TRUE_FOR >>> ((predicate & 15) * 4 + relation) & 1) != 0;
  }

  /** Whether the predicate, bits 4:0 of the immediate, raises IE for quiet NaNs too. */
  public static boolean signals(int predicate) {
    return (SIGNALLING >>> predicate & 1) != 0;
  }
}
