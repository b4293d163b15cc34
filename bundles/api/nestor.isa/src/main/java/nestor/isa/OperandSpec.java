// SPDX-License-Identifier: Apache-2.0
package nestor.isa;

/**
 * One operand of a row, from its SDM notation such as {@code Ev}, {@code Ibs}, {@code Wx/b32}.
 *
 * @param notation as written in the table
 * @param where which field of the encoding it comes from
 * @param size its size letter
 * @param fixed register number for fixed registers, else 0
 * @param broadcast element width in bytes of an EVEX embedded broadcast, or 0
 */
public record OperandSpec(String notation, Where where, Size size, int fixed, int broadcast) {

  /** The field an operand comes from. */
  public enum Where {
    /** E: ModRM.rm, general register or memory. */
    RM_GPR,
    /** R: ModRM.rm, general register only. */
    RM_GPR_ONLY,
    /** G: ModRM.reg, general register. */
    REG_GPR,
    /** B: VEX.vvvv, general register. */
    VVVV_GPR,
    /** Z: register number in the opcode. */
    OPCODE_GPR,
    /** A fixed general register. */
    FIXED_GPR,
    /** M: memory only. */
    MEMORY,
    /** I: immediate. */
    IMMEDIATE,
    /** J: branch displacement. */
    RELATIVE,
    /** A: far pointer in the instruction. */
    FAR_POINTER,
    /** O: memory at an offset in the instruction. */
    OFFSET,
    /** X: DS:rSI. */
    STRING_SOURCE,
    /** Y: ES:rDI. */
    STRING_DESTINATION,
    /** S: ModRM.reg, segment register. */
    REG_SEGMENT,
    /** A fixed segment register. */
    FIXED_SEGMENT,
    /** C: ModRM.reg, control register. */
    REG_CONTROL,
    /** D: ModRM.reg, debug register. */
    REG_DEBUG,
    /** STi: x87 register in the low ModRM bits. */
    RM_ST,
    /** ST0. */
    FIXED_ST,
    /** P: ModRM.reg, MMX register. */
    REG_MMX,
    /** Q: ModRM.rm, MMX register or memory. */
    RM_MMX,
    /** N: ModRM.rm, MMX register only. */
    RM_MMX_ONLY,
    /** V: ModRM.reg, vector register. */
    REG_VECTOR,
    /** W: ModRM.rm, vector register or memory. */
    RM_VECTOR,
    /** U: ModRM.rm, vector register only. */
    RM_VECTOR_ONLY,
    /** H: VEX.vvvv, vector register. */
    VVVV_VECTOR,
    /** L: high four bits of the immediate byte, vector register. */
    IS4_VECTOR,
    /** XMM0. */
    FIXED_VECTOR,
    /** KG: ModRM.reg, opmask. */
    REG_OPMASK,
    /** KE: ModRM.rm, opmask or memory. */
    RM_OPMASK,
    /** KR: ModRM.rm, opmask only. */
    RM_OPMASK_ONLY,
    /** KH: VEX.vvvv, opmask. */
    VVVV_OPMASK,
    /** The constant 1. */
    ONE
  }

  /** Operand sizes, by SDM letter. */
  public enum Size {
    /** No size: LEA, INVLPG. */
    NONE(0),
    /** b. */
    B(1),
    /** bs: an immediate byte, sign-extended to the operand size. */
    BS(1),
    /** w. */
    W(2),
    /** d. */
    D(4),
    /** q. */
    Q(8),
    /** t: ten bytes. */
    T(10),
    /** o: sixteen bytes, also dq. */
    O(16),
    /** qq: thirty-two bytes. */
    QQ(32),
    /** zz: sixty-four bytes. */
    ZZ(64),
    /** v: the operand size. */
    V(-1),
    /** z: the operand size, at most 4; immediates are sign-extended. */
    Z(-2),
    /** y: 8 with REX.W, else 4. */
    Y(-3),
    /** p: far pointer in memory or in the instruction: operand size plus 2. */
    P(-4),
    /** x: the vector length. */
    X(-5),
    /** h: half the vector length. */
    H(-6),
    /** f: a fourth of the vector length. */
    F(-7),
    /** e: an eighth of the vector length. */
    E(-8),
    /** s: pseudo-descriptor, 6 bytes or 10 in 64-bit mode. */
    S(-9),
    /** a: two of the operand size (BOUND). */
    A(-10),
    /** n: native: 8 in 64-bit mode, else 4 (MOV CR). */
    N(-11),
    /** u: movddup: 8 for 128 bits, else the vector length. */
    U(-12);

    /** Bytes, or a negative code where the instance decides. */
    final int bytes;

    Size(int bytes) {
      this.bytes = bytes;
    }
  }

  boolean isModrm() {
    return switch (where) {
      case RM_GPR,
          RM_GPR_ONLY,
          REG_GPR,
          MEMORY,
          REG_SEGMENT,
          REG_CONTROL,
          REG_DEBUG,
          REG_MMX,
          RM_MMX,
          RM_MMX_ONLY,
          REG_VECTOR,
          RM_VECTOR,
          RM_VECTOR_ONLY,
          REG_OPMASK,
          RM_OPMASK,
          RM_OPMASK_ONLY ->
          true;
      default -> false;
    };
  }

  boolean isRegisterOnly() {
    return where == Where.RM_GPR_ONLY
        || where == Where.RM_MMX_ONLY
        || where == Where.RM_VECTOR_ONLY
        || where == Where.RM_OPMASK_ONLY
        || where == Where.RM_ST;
  }
}
