// SPDX-License-Identifier: Apache-2.0
package nestor.isa;

/** What one operand of a decoded instruction is. */
public enum OperandKind {
  /** No operand. */
  NONE,
  /** General register; number 0-15. */
  GPR,
  /** AH, CH, DH, BH: the high byte of general register 0-3. */
  GPR_HIGH,
  /** Memory at the instruction's effective address. */
  MEMORY,
  /** Memory at DS:rSI (segment override applies). */
  STRING_SOURCE,
  /** Memory at ES:rDI. */
  STRING_DESTINATION,
  /** The immediate {@link Insn#imm}. */
  IMMEDIATE,
  /** The second immediate {@link Insn#imm2}. */
  IMMEDIATE2,
  /** A branch displacement in {@link Insn#imm}, relative to the next instruction. */
  RELATIVE,
  /** A far pointer: offset in {@link Insn#imm}, selector in {@link Insn#imm2}. */
  FAR_POINTER,
  /** Segment register: ES CS SS DS FS GS are 0-5. */
  SEGMENT,
  /** Control register. */
  CONTROL,
  /** Debug register. */
  DEBUG,
  /** ST(i). */
  ST,
  /** MMX register. */
  MMX,
  /** XMM, YMM or ZMM register; the operand's width says which. */
  VECTOR,
  /** Opmask register. */
  OPMASK
}
