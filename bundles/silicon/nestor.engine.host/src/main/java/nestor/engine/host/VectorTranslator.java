// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import static nestor.engine.host.Emitter.RAX;
import static nestor.engine.host.Emitter.RCX;

import nestor.isa.Insn;
import nestor.isa.Isa;
import nestor.isa.OperandKind;
import nestor.isa.OperandSpec;
import nestor.isa.Row;
import nestor.isa.RowAttribute;

/**
 * SSE, AVX, and EVEX forms without masks: the same instruction on the same vector registers,
 * encoded anew. Only for the host's features, and for rows that can do nothing but compute, load or
 * store.
 */
final class VectorTranslator {
  /** Mandatory prefix of each row in VEX order: none, 66, F3, F2. */
  private static final byte[] PREFIX = prefixes();

  /** Whether a row is on the list of those that may be emitted on this host. */
  private static final boolean[] ALLOWED = allowed();

  private static final int[] LEGACY_PREFIX = {0, 0x66, 0xF3, 0xF2};

  private final Translation t;
  private final Emitter e;

  private int reg;
  private int rm;
  private int vvvv;
  private int memory;
  private int writtenHost;
  private boolean hasImmediate;

  VectorTranslator(Translation t) {
    this.t = t;
    this.e = t.e;
  }

  private static byte[] prefixes() {
    byte[] prefix = new byte[Isa.rows().size()];
    for (Row row : Isa.rows()) {
      String text = " " + row.encoding.replace('.', ' ') + " ";
      prefix[row.index] =
          (byte)
              (text.contains(" 66 ")
                  ? 1
                  : text.contains(" F3 ") ? 2 : text.contains(" F2 ") ? 3 : 0);
    }
    return prefix;
  }

  private static boolean[] allowed() {
    boolean[] allowed = new boolean[Isa.rows().size()];
    for (Row row : Isa.rows()) {
      allowed[row.index] =
          (row.space != Row.Space.EVEX || isPlainEvex(row))
              && !row.has(RowAttribute.VSIB)
              && isVectorFamily(row)
              && !isException(row)
              && HostFeatures.has(row.feature);
    }
    return allowed;
  }

  /** Integer forms of at most 256 bits, which clear what lies above as VEX forms do. */
  private static boolean isPlainEvex(Row row) {
    return row.encoding.contains("EVEX.128/256.")
        && row.map <= 3
        && switch (row.family) {
          case SSE_MOVES, SSE_INTEGER, SSE_SHUFFLE, AVX_SPECIAL, AVX512_INTEGER, AVX512_PERMUTE ->
              true;
          default -> false;
        };
  }

  /** Registers 0-15 are the host's; without a mask nothing is suppressed. */
  private static boolean isPlainEvex(Insn i) {
    for (int n = 0; n < i.operandCount; n++) {
      if (i.kind[n] == OperandKind.VECTOR && i.register[n] > 15) {
        return false;
      }
    }
    return i.opmask == 0 && !i.zeroing && !i.evexB && i.vectorLength <= 32;
  }

  private static boolean isVectorFamily(Row row) {
    return switch (row.family) {
      case SSE_MOVES,
          SSE_FLOAT,
          SSE_CONVERT,
          SSE_INTEGER,
          SSE_SHUFFLE,
          CRYPTO,
          FMA,
          AVX_SPECIAL,
          AVX512_INTEGER,
          AVX512_PERMUTE ->
          true;
      default -> false;
    };
  }

  /** Rows whose results differ between hosts, or that touch memory in their own ways. */
  private static boolean isException(Row row) {
    for (OperandSpec spec : row.operands) {
      switch (spec.where()) {
        case REG_MMX, RM_MMX, RM_MMX_ONLY, REG_OPMASK, RM_OPMASK, RM_OPMASK_ONLY, VVVV_OPMASK -> {
          return true;
        }
        default -> {}
      }
    }
    return switch (row.mnemonic) {
      case RCPPS,
          RCPSS,
          RSQRTPS,
          RSQRTSS,
          VRCPPS,
          VRCPSS,
          VRSQRTPS,
          VRSQRTSS,
          MASKMOVDQU,
          VMASKMOVDQU,
          VMASKMOVPS,
          VMASKMOVPD,
          VPMASKMOVD,
          VPMASKMOVQ,
          LDMXCSR,
          STMXCSR,
          VLDMXCSR,
          VSTMXCSR ->
          true;
      default -> false;
    };
  }

  /** {@return whether the instruction can be translated in a mode} */
  static boolean isNative(Insn i, int mode) {
    if (i.row == null || !ALLOWED[i.row.index]) {
      return false;
    }
    if (!CodeMode.hasSse(mode) || i.row.space != Row.Space.LEGACY && !CodeMode.hasAvx(mode)) {
      return false;
    }
    if (i.row.space == Row.Space.EVEX && !(CodeMode.hasWideVectors(mode) && isPlainEvex(i))) {
      return false;
    }
    boolean rounds =
        switch (i.row.family) {
          case SSE_FLOAT, SSE_CONVERT, FMA -> true;
          default -> false;
        };
    return (!rounds || CodeMode.masksFloat(mode))
        && (i.memoryOperand() < 0 || Translation.canAddress(i));
  }

  /** Translates an instruction for which {@link #isNative} holds. */
  boolean translate(Insn i, int mode) {
    boolean setsFlags = i.row.flagsWritten != 0;
    Row row = i.row;
    memory = i.memoryOperand();
    if (memory >= 0) {
      int width = i.width[memory];
      t.address(i, width, memory == 0);
      if (row.has(RowAttribute.ALIGNED) || row.space == Row.Space.LEGACY && width == 16) {
        t.requireAligned(width);
      }
    }
    operands(i);
    int opcode = (row.map == 1 ? 0x0F00 : row.map == 2 ? 0x0F3800 : 0x0F3A00) | row.opcode;
    int prefix = PREFIX[row.index];
    if (row.space == Row.Space.LEGACY) {
      if (memory >= 0) {
        e.memory(LEGACY_PREFIX[prefix], opcode, i.wide != 0, reg, RAX, 0);
      } else {
        e.registers(LEGACY_PREFIX[prefix], opcode, i.wide != 0, reg, rm);
      }
    } else {
      int last = memory >= 0 ? RAX : rm;
      if (row.space == Row.Space.VEX) {
        e.vex(prefix, row.map, i.wide, i.vectorLength == 32, vvvv, reg, last);
      } else {
        e.evex(prefix, row.map, i.wide, i.vectorLength == 32, vvvv, reg, last);
      }
      e.emit8(row.opcode);
      if (!row.hasModrm()) {
        for (int n = 0; n < 16; n++) { // VZEROUPPER, VZEROALL
          noteCleared(n, mode);
        }
        return true;
      }
      e.modrm(reg, last, memory >= 0);
    }
    if (hasImmediate) {
      e.emit8((int) i.imm);
    }
    if (writtenHost >= 0) {
      t.written(i.register[0], writtenHost);
    }
    if (setsFlags) {
      t.flagsSet();
    } else if (row.space != Row.Space.LEGACY && i.kind[0] == OperandKind.VECTOR) {
      noteCleared(i.register[0], mode);
    }
    return true;
  }

  private void noteCleared(int register, int mode) {
    if (CodeMode.hasWideVectors(mode)) {
      t.noteCleared(register);
    }
  }

  /** Sorts the operands into the fields of the encoding. */
  private void operands(Insn i) {
    reg = i.modrm >> 3 & 7; // an opcode extension, unless an operand says otherwise
    rm = 0;
    vvvv = 0;
    writtenHost = -1;
    hasImmediate = false;
    for (int n = 0; n < i.operandCount; n++) {
      int register = i.register[n];
      if (i.kind[n] == OperandKind.GPR) {
        if (n == 0) {
          register = Translation.target(register, RCX);
          writtenHost = register;
        } else {
          register = t.read(register, RCX);
        }
      }
      switch (i.row.operands.get(n).where()) {
        case REG_VECTOR, REG_GPR -> reg = register;
        case RM_VECTOR, RM_VECTOR_ONLY, RM_GPR, RM_GPR_ONLY -> rm = register;
        case VVVV_VECTOR, VVVV_GPR -> vvvv = register;
        case IMMEDIATE, IS4_VECTOR -> hasImmediate = true;
        default -> {}
      }
    }
  }
}
