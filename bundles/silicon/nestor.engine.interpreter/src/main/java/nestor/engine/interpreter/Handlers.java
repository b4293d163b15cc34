// SPDX-License-Identifier: Apache-2.0
package nestor.engine.interpreter;

/** Handler numbers of packed instructions. Arithmetic ones are a form plus an operation. */
final class Handlers {
  private Handlers() {}

  /** Runs the shared semantics on the block's {@code Insn}. */
  static final int GENERIC = 0;

  /** Raises #UD. */
  static final int UNDEFINED = 1;

  /** Raises #GP(0): an instruction of more than 15 bytes. */
  static final int TOO_LONG = 2;

  static final int NOP = 3;

  /** The operations: SDM order, then TEST. */
  static final int ADD = 0;

  static final int OR = 1;
  static final int ADC = 2;
  static final int SBB = 3;
  static final int AND = 4;
  static final int SUB = 5;
  static final int XOR = 6;
  static final int CMP = 7;
  static final int TEST = 8;
  static final int OPERATIONS = 9;

  /** Forms: register with register, immediate, memory; memory with register, immediate. */
  static final int REGISTER_REGISTER = 16;

  static final int REGISTER_IMMEDIATE = REGISTER_REGISTER + OPERATIONS;
  static final int REGISTER_MEMORY = REGISTER_IMMEDIATE + OPERATIONS;
  static final int MEMORY_REGISTER = REGISTER_MEMORY + OPERATIONS;
  static final int MEMORY_IMMEDIATE = MEMORY_REGISTER + OPERATIONS;

  static final int CMP8_MEMORY_IMMEDIATE = MEMORY_IMMEDIATE + OPERATIONS;
  static final int TEST8_MEMORY_IMMEDIATE = CMP8_MEMORY_IMMEDIATE + 1;
  static final int TEST8_REGISTER_REGISTER = CMP8_MEMORY_IMMEDIATE + 2;
  static final int CMP8_REGISTER_IMMEDIATE = CMP8_MEMORY_IMMEDIATE + 3;
  static final int TEST8_REGISTER_IMMEDIATE = CMP8_MEMORY_IMMEDIATE + 4;

  static final int MOV_REGISTER_REGISTER = 80;
  static final int MOV_REGISTER_IMMEDIATE = 81;
  static final int MOV_REGISTER_IMMEDIATE64 = 82;
  static final int MOV_LOAD64 = 83;
  static final int MOV_LOAD32 = 84;
  static final int MOV_STORE64 = 85;
  static final int MOV_STORE32 = 86;
  static final int MOV_STORE16 = 87;
  static final int MOV_STORE8 = 88;
  static final int MOV_STORE_IMMEDIATE = 89;
  static final int MOV_STORE_IMMEDIATE8 = 90;
  static final int LEA = 91;
  static final int LOAD_ZERO8 = 92;
  static final int LOAD_ZERO16 = 93;
  static final int LOAD_SIGN8 = 94;
  static final int LOAD_SIGN16 = 95;
  static final int LOAD_SIGN32 = 96;
  static final int ZERO8 = 97;
  static final int ZERO16 = 98;
  static final int SIGN8 = 99;
  static final int SIGN16 = 100;
  static final int SIGN32 = 101;
  static final int PUSH64 = 102;
  static final int POP64 = 103;
  static final int INC = 104;
  static final int DEC = 105;
  static final int NEG = 106;
  static final int NOT = 107;
  static final int SHL = 108;
  static final int SHR = 109;
  static final int SAR = 110;
  static final int CMOV = 111;
  static final int SET = 112;
  static final int MULTIPLY = 113;
  static final int MULTIPLY_IMMEDIATE = 114;
  static final int MOV_LOAD8 = 115;
  static final int MOV_REGISTER_REGISTER8 = 116;
  static final int PUSH_IMMEDIATE = 117;

  /** Branches: always the last of a block. */
  static final int JUMP = 128;

  static final int JUMP_CONDITION = 129; // condition 0-15 in register field 1
  static final int CALL64 = 130;
  static final int RETURN64 = 131;
  static final int JUMP_REGISTER64 = 132;
  static final int CALL_REGISTER64 = 133;
  static final int JUMP_MEMORY64 = 134;
  static final int CALL_MEMORY64 = 135;
  static final int FIRST_BRANCH = JUMP;
}
