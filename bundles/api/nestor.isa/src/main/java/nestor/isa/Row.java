// SPDX-License-Identifier: Apache-2.0
package nestor.isa;

import java.util.List;

/** One encoding of one instruction: a line of the instruction table. Immutable. */
public final class Row {

  /** No constraint on a field of the encoding. */
  public static final int ANY = -1;

  /** Attributes from {@link RowAttribute#NOT64} on that set rows of the same encoding apart. */
  private static final String[] SIZE_WORDS = {
    "i64", "only64", "o16", "o32", "o64", "a16", "a32", "a64"
  };

  /** Encoding spaces. */
  public enum Space {
    /** Opcodes without a VEX or EVEX prefix. */
    LEGACY,
    /** Two- and three-byte VEX prefixes. */
    VEX,
    /** The four-byte EVEX prefix. */
    EVEX
  }

  /** Position in the table; stable for one build. */
  public final int index;

  /** The name. */
  public final Mnemonic mnemonic;

  /** Who executes it. */
  public final Family family;

  /** The encoding in SDM notation, as written in the table. */
  public final String encoding;

  /** CPUID feature that must be present, or "-". Several are joined by '+'. */
  public final String feature;

  /** Operands in SDM order. */
  public final List<OperandSpec> operands;

  /** Encoding space. */
  public final Space space;

  /** Opcode map: 0 = one byte, 1 = 0F, 2 = 0F38, 3 = 0F3A. */
  public final int map;

  /** Opcode byte; for rows with a register in the opcode, that of register 0. */
  public final int opcode;

  final boolean registerInOpcode;
  final int prefixMask; // allowed mandatory prefixes: bit 0 none, 1 66, 2 F3, 3 F2
  final boolean mandatoryPrefix; // 66/F3/F2 are part of the opcode
  final int regField; // required ModRM.reg, or ANY
  final int fixedModrm; // required whole ModRM byte, or ANY
  final boolean hasModrm;
  final int rexW; // required W, or ANY
  final int lengthMask; // allowed vector lengths: bit 0 128, 1 256, 2 512
  final int memoryForm; // 1 memory only, 0 register only, ANY
  final int attributes;

  /**
   * Bytes of the element that one bit of the opmask governs: of the destination, or of the sources
   * where the destination is an opmask. 0 for rows without a mask.
   */
  public final int element;

  /** Intercept that the instruction may cause, or the empty text. */
  public final String intercept;

  /** Its bit in a mask of intercepts, or 0; see {@link Intercept}. */
  public final long interceptMask;

  /** RFLAGS bits read, written, and left undefined. */
  public final int flagsRead;

  /** RFLAGS bits written with a defined value. */
  public final int flagsWritten;

  /** RFLAGS bits left undefined by the manuals. */
  public final int flagsUndefined;

  Row(int index, RowFields f) {
    this.index = index;
    mnemonic = f.mnemonic;
    family = f.family;
    encoding = f.encoding;
    feature = f.feature;
    operands = List.copyOf(f.operands);
    space = f.space;
    map = f.map;
    opcode = f.opcode;
    registerInOpcode = f.registerInOpcode;
    prefixMask = f.prefixMask;
    mandatoryPrefix = f.mandatoryPrefix;
    regField = f.regField;
    fixedModrm = f.fixedModrm;
    hasModrm = f.hasModrm;
    rexW = f.rexW;
    lengthMask = f.lengthMask;
    memoryForm = f.memoryForm;
    attributes = f.attributes;
    element = f.element;
    intercept = f.intercept;
    interceptMask = Intercept.mask(f.intercept);
    flagsRead = f.flagsRead;
    flagsWritten = f.flagsWritten;
    flagsUndefined = f.flagsUndefined;
  }

  /** {@return whether the row has the attribute, a constant of {@link RowAttribute}} */
  public boolean has(int attribute) {
    return (attributes & attribute) != 0;
  }

  /** {@return whether a ModRM byte follows the opcode} */
  public boolean hasModrm() {
    return hasModrm;
  }

  /** {@return a text that no other row has, and that stays when rows are added} */
  public String key() {
    StringBuilder key = new StringBuilder(toString());
    for (OperandSpec operand : operands) {
      key.append(' ').append(operand.notation());
    }
    for (int n = 0; n < SIZE_WORDS.length; n++) {
      if ((attributes & RowAttribute.NOT64 << n) != 0) {
        key.append(' ').append(SIZE_WORDS[n]);
      }
    }
    return key.append(memoryForm == 1 ? " mem" : memoryForm == 0 ? " reg" : "").toString();
  }

  @Override
  public String toString() {
    return mnemonic + " " + encoding;
  }
}
