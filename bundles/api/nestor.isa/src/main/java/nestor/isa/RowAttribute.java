// SPDX-License-Identifier: Apache-2.0
package nestor.isa;

/** Static facts about an encoding, as bits of a row. The words are those of the table files. */
public final class RowAttribute {
  private RowAttribute() {}

  /** {@code lock}: LOCK is legal when the destination is memory. */
  public static final int LOCK = 1;

  /** {@code d64}: operand size defaults to 64 bits in 64-bit mode; 66 makes it 16. */
  public static final int DEFAULT64 = 1 << 1;

  /** {@code f64}: operand size is 64 bits in 64-bit mode whatever the prefixes. */
  public static final int FORCE64 = 1 << 2;

  /** {@code i64}: invalid in 64-bit mode. */
  public static final int NOT64 = 1 << 3;

  /** {@code only64}: valid in 64-bit mode only. */
  public static final int ONLY64 = 1 << 4;

  /** {@code o16}: this row is for 16-bit operand size. */
  public static final int OPERAND16 = 1 << 5;

  /** {@code o32}: this row is for 32-bit operand size. */
  public static final int OPERAND32 = 1 << 6;

  /** {@code o64}: this row is for 64-bit operand size. */
  public static final int OPERAND64 = 1 << 7;

  /** {@code a16}, {@code a32}, {@code a64}: this row is for that address size. */
  public static final int ADDRESS16 = 1 << 8;

  /** See {@link #ADDRESS16}. */
  public static final int ADDRESS32 = 1 << 9;

  /** See {@link #ADDRESS16}. */
  public static final int ADDRESS64 = 1 << 10;

  /** {@code p0}: needs CPL 0. */
  public static final int CPL0 = 1 << 11;

  /** {@code rep}: F2 and F3 repeat it while rCX is not zero. */
  public static final int REP = 1 << 12;

  /** {@code repcc}: F3 and F2 repeat it while equal, while not equal. */
  public static final int REP_CONDITION = 1 << 13;

  /** {@code vsib}: the memory operand has a vector index. */
  public static final int VSIB = 1 << 14;

  /** {@code mask}: EVEX opmask allowed. */
  public static final int MASK = 1 << 15;

  /** {@code z}: EVEX zeroing allowed. */
  public static final int ZEROING = 1 << 16;

  /** {@code er}: embedded rounding in the register form. */
  public static final int ROUNDING = 1 << 17;

  /** {@code sae}: suppress-all-exceptions in the register form. */
  public static final int SAE = 1 << 18;

  /** {@code align}: a memory operand of this SSE form must be aligned to its width. */
  public static final int ALIGNED = 1 << 19;

  /** {@code branch}: ends a block: may set RIP. */
  public static final int BRANCH = 1 << 20;

  /** {@code pm}: #UD in real and virtual-8086 mode. */
  public static final int PROTECTED = 1 << 21;

  /** {@code todo}: decoded but not implemented; raises #UD. */
  public static final int TODO = 1 << 22;

  /** {@code ends}: ends a block without being a branch: changes modes, interrupts or mappings. */
  public static final int ENDS_BLOCK = 1 << 23;

  /** {@code nt}: EVEX disp8 is scaled by the element, not by the whole operand. */
  public static final int SCALE_ELEMENT = 1 << 24;

  /** {@code maskreq}: EVEX opmask other than k0 required (gathers and scatters). */
  public static final int MASK_REQUIRED = 1 << 25;

  /**
   * {@code whole}: the memory operand is read whatever the opmask says (SDM vol. 2, "Exceptions
   * Type E4NF" and its kin without fault suppression).
   */
  public static final int WHOLE = 1 << 27;

  /** {@code nob}: only without REX.B, which makes it another instruction. */
  public static final int NO_REX_B = 1 << 26;

  static int parse(String word) {
    return switch (word) {
      case "lock" -> LOCK;
      case "d64" -> DEFAULT64;
      case "f64" -> FORCE64;
      case "i64" -> NOT64;
      case "only64" -> ONLY64;
      case "o16" -> OPERAND16;
      case "o32" -> OPERAND32;
      case "o64" -> OPERAND64;
      case "a16" -> ADDRESS16;
      case "a32" -> ADDRESS32;
      case "a64" -> ADDRESS64;
      case "p0" -> CPL0;
      case "rep" -> REP;
      case "repcc" -> REP_CONDITION;
      case "vsib" -> VSIB;
      case "mask" -> MASK;
      case "z" -> ZEROING;
      case "er" -> ROUNDING;
      case "sae" -> SAE;
      case "align" -> ALIGNED;
      case "branch" -> BRANCH;
      case "pm" -> PROTECTED;
      case "todo" -> TODO;
      case "ends" -> ENDS_BLOCK;
      case "nt" -> SCALE_ELEMENT;
      case "whole" -> WHOLE;
      case "nob" -> NO_REX_B;
      case "maskreq" -> MASK_REQUIRED;
      default -> 0;
    };
  }
}
