// SPDX-License-Identifier: Apache-2.0
package nestor.isa;

import java.util.Arrays;

/**
 * Makes the bytes of an instruction from its row: the decoder's inverse (SDM vol. 2, chapter
 * "Instruction Format").
 */
public final class Encoder {
  private final Row row;
  private final Form form;
  private final byte[] out = new byte[40];
  private int length;

  private boolean operandPrefix;
  private int repeat;
  private int wide;
  private int operandSize;
  private int vectorLength;
  private int lengthBits;
  private int reg;
  private int rm;
  private int vvvv;
  private boolean rmIsVector;
  private boolean byteNeedsRex;
  private boolean byteForbidsRex;

  private Encoder(Row row, Form form) {
    this.row = row;
    this.form = form;
  }

  /**
   * {@return the bytes of one instruction}
   *
   * @throws IllegalArgumentException if the row has no such form
   */
  public static byte[] encode(Row row, Form form) {
    return new Encoder(row, form).encode();
  }

  private byte[] encode() {
    if (form.mode == 64 ? row.has(RowAttribute.NOT64) : row.has(RowAttribute.ONLY64)) {
      throw illegal("not in " + form.mode + "-bit mode");
    }
    sizes();
    fields();
    if (form.segment >= 0) {
      put(form.segment < 4 ? 0x26 + 8 * form.segment : 0x60 + form.segment);
    }
    int addressSize = addressSize();
    if (addressSize != form.mode / 8) {
      put(0x67);
    }
    if ((form.prefixes & Insn.LOCK) != 0) {
      put(0xF0);
    }
    if (row.space == Row.Space.LEGACY) {
      legacyPrefixes();
    } else if (row.space == Row.Space.VEX) {
      vex();
    } else {
      evex();
    }
    put(row.opcode + (row.registerInOpcode ? rm & 7 : 0));
    modrm(addressSize);
    immediates(addressSize);
    if (length > Decoder.MAX_LENGTH) {
      throw illegal("longer than 15 bytes");
    }
    return Arrays.copyOf(out, length);
  }

  private IllegalArgumentException illegal(String why) {
    return new IllegalArgumentException(row + ": " + why);
  }

  private void put(int value) {
    out[length++] = (byte) value;
  }

  private void little(long value, int bytes) {
    for (int i = 0; i < bytes; i++) {
      put((int) (value >> 8 * i));
    }
  }

  private int addressSize() {
    int forced =
        row.has(RowAttribute.ADDRESS16)
            ? 2
            : row.has(RowAttribute.ADDRESS32) ? 4 : row.has(RowAttribute.ADDRESS64) ? 8 : 0;
    int size = form.addressSize != 0 ? form.addressSize : forced != 0 ? forced : form.mode / 8;
    boolean legal = form.mode == 64 ? size != 2 : size != 8;
    if (!legal || forced != 0 && forced != size) {
      throw illegal("no " + size * 8 + "-bit addresses here");
    }
    return size;
  }

  /** Finds prefixes and W that give the operand size and satisfy the row. */
  private void sizes() {
    if (row.space != Row.Space.LEGACY) {
      wide = row.rexW != Row.ANY ? row.rexW : form.operandSize == 8 ? 1 : 0;
      operandSize = form.mode == 64 && wide == 1 ? 8 : 4;
      vectorLength();
      return;
    }
    for (int w = 0; w <= (form.mode == 64 ? 1 : 0); w++) {
      for (int p66 = 0; p66 <= 1; p66++) {
        for (int rep = 0; rep <= 2; rep++) {
          if (trySizes(w, p66 == 1, rep)) {
            return;
          }
        }
      }
    }
    throw illegal("no operand size of " + form.operandSize * 8 + " bits in this mode");
  }

  private boolean trySizes(int w, boolean p66, int rep) {
    int wanted = (form.prefixes & Insn.REP) != 0 ? 1 : (form.prefixes & Insn.REPNE) != 0 ? 2 : 0;
    if (wanted != 0 ? rep != wanted : rep != 0 && !row.mandatoryPrefix) {
      return false;
    }
    int pp = rep != 0 ? rep + 1 : p66 ? 1 : 0;
    if ((row.prefixMask >> pp & 1) == 0 || row.rexW != Row.ANY && row.rexW != w) {
      return false;
    }
    int size = RowSizes.operandSize(row, form.mode, p66, w);
    int only =
        row.attributes & (RowAttribute.OPERAND16 | RowAttribute.OPERAND32 | RowAttribute.OPERAND64);
    if (only != 0 && (only & RowAttribute.OPERAND16 * (size >> 1)) == 0
        || form.operandSize != 0 && form.operandSize != size) {
      return false;
    }
    wide = w;
    operandPrefix = p66;
    repeat = rep;
    operandSize = size;
    return true;
  }

  private void vectorLength() {
    int bits = form.vectorLength == 0 ? -1 : form.vectorLength >> 5;
    if (bits < 0) {
      bits = Integer.numberOfTrailingZeros(row.lengthMask);
    }
    int most = row.space == Row.Space.VEX ? 1 : 2;
    if (bits > most || (row.lengthMask >> bits & 1) == 0) {
      throw illegal("no vector length of " + form.vectorLength * 8 + " bits");
    }
    vectorLength = 16 << bits;
    lengthBits = bits;
    if (row.space == Row.Space.EVEX && form.evexB && !form.memory) {
      lengthBits = row.has(RowAttribute.ROUNDING) ? form.rounding : bits;
    }
  }

  /** Sorts the operands into the fields of the encoding. */
  private void fields() {
    reg = row.regField != Row.ANY ? row.regField : form.extension & 7;
    for (int n = 0; n < row.operands.size(); n++) {
      OperandSpec spec = row.operands.get(n);
      int register = form.register[n];
      switch (spec.where()) {
        case REG_GPR -> reg = gpr(n, spec);
        case RM_GPR, RM_GPR_ONLY, OPCODE_GPR -> {
          if (!form.memory || spec.where() == OperandSpec.Where.OPCODE_GPR) {
            rm = gpr(n, spec);
          }
        }
        case VVVV_GPR, VVVV_VECTOR, VVVV_OPMASK -> vvvv = register;
        case REG_SEGMENT, REG_CONTROL, REG_DEBUG, REG_MMX, REG_VECTOR, REG_OPMASK -> reg = register;
        case RM_VECTOR, RM_VECTOR_ONLY -> {
          rm = register;
          rmIsVector = true;
        }
        case RM_ST, RM_MMX, RM_MMX_ONLY, RM_OPMASK, RM_OPMASK_ONLY -> rm = register;
        default -> {}
      }
    }
    if (form.memory && (!row.hasModrm() || row.memoryForm == 0 || row.fixedModrm != Row.ANY)) {
      throw illegal("no memory form");
    }
    if (!form.memory && row.hasModrm() && row.memoryForm == 1) {
      throw illegal("no register form");
    }
    int extended = rm | reg | vvvv;
    if (form.mode != 64 && extended > 7) {
      throw illegal("registers above 7 need 64-bit mode");
    }
    if (row.space != Row.Space.EVEX && extended > 15) {
      throw illegal("registers above 15 need EVEX");
    }
  }

  private int gpr(int n, OperandSpec spec) {
    int register = form.register[n];
    if (spec.size().bytes == 1 && row.space == Row.Space.LEGACY) {
      if (form.high[n]) {
        byteForbidsRex = true;
        return register + 4;
      }
      byteNeedsRex |= register >= 4;
    }
    return register;
  }

  private int extensionX() {
    if (form.memory) {
      return form.index != Insn.NO_REGISTER && form.index > 7 ? form.index >> 3 & 1 : 0;
    }
    return rmIsVector ? rm >> 4 & 1 : 0;
  }

  private int extensionB() {
    if (form.memory) {
      return form.base < Insn.NO_REGISTER ? form.base >> 3 & 1 : 0;
    }
    return rm >> 3 & 1;
  }

  private void legacyPrefixes() {
    if (operandPrefix) {
      put(0x66);
    }
    if (repeat != 0) {
      put(repeat == 1 ? 0xF3 : 0xF2);
    }
    int rex = wide << 3 | (reg >> 3 & 1) << 2 | extensionX() << 1 | extensionB();
    if (rex != 0 && form.mode != 64) {
      throw illegal("registers above 7 need 64-bit mode");
    }
    if (rex != 0 || byteNeedsRex) {
      if (byteForbidsRex || form.mode != 64) {
        throw illegal("byte registers that do not go together");
      }
      put(0x40 | rex);
    }
    if (row.map > 0) {
      put(0x0F);
    }
    if (row.map > 1) {
      put(row.map == 2 ? 0x38 : 0x3A);
    }
  }

  private int pp() {
    return Integer.numberOfTrailingZeros(row.prefixMask);
  }

  private void vex() {
    int last = (~vvvv & 15) << 3 | lengthBits << 2 | pp();
    int r = (~reg >> 3 & 1) << 7;
    if (row.map == 1 && wide == 0 && extensionX() == 0 && extensionB() == 0) {
      put(0xC5);
      put(r | last);
      return;
    }
    put(0xC4);
    put(r | (1 - extensionX()) << 6 | (1 - extensionB()) << 5 | row.map);
    put(wide << 7 | last);
  }

  private void evex() {
    put(0x62);
    put(
        (~reg >> 3 & 1) << 7
            | (1 - extensionX()) << 6
            | (1 - extensionB()) << 5
            | (~reg >> 4 & 1) << 4
            | row.map);
    put(wide << 7 | (~vvvv & 15) << 3 | 4 | pp());
    int high = row.has(RowAttribute.VSIB) ? form.index >> 4 : vvvv >> 4;
    put(
        (form.zeroing ? 0x80 : 0)
            | lengthBits << 5
            | (form.evexB ? 0x10 : 0)
            | (~high & 1) << 3
            | form.opmask);
  }

  private void modrm(int addressSize) {
    if (!row.hasModrm()) {
      return;
    }
    if (row.fixedModrm != Row.ANY) {
      put(row.fixedModrm);
    } else if (!form.memory) {
      put(0xC0 | (reg & 7) << 3 | rm & 7);
    } else if (addressSize == 2) {
      memory16();
    } else {
      memory();
    }
  }

  private void memory16() {
    if (form.base == Insn.NO_REGISTER && form.index == Insn.NO_REGISTER) {
      put((reg & 7) << 3 | 6);
      little(form.displacement, 2);
      return;
    }
    for (int n = 0; n < 8; n++) {
      int base = RowSizes.BASE16[n];
      int index = RowSizes.INDEX16[n];
      if (base == form.base && index == form.index || base == form.index && index == form.base) {
        int mod = displacementMod(n == 6, 2);
        put(mod << 6 | (reg & 7) << 3 | n);
        displacement(mod, 2);
        return;
      }
    }
    throw illegal("no such 16-bit address");
  }

  private int displacementMod(boolean needsOne, int longest) {
    if (form.displacement == 0 && !needsOne && !form.longDisplacement) {
      return 0;
    }
    int scale = compression();
    long scaled = form.displacement / scale;
    boolean fits = scaled * scale == form.displacement && (byte) scaled == scaled;
    if (longest == 4 && (int) form.displacement != form.displacement) {
      throw illegal("displacement beyond 32 bits");
    }
    return fits && !form.longDisplacement ? 1 : 2;
  }

  private int compression() {
    return row.space == Row.Space.EVEX
        ? RowSizes.scaleOfDisplacement(row, form.evexB, wide, operandSize, vectorLength, form.mode)
        : 1;
  }

  private void displacement(int mod, int longest) {
    if (mod == 1) {
      put((int) (form.displacement / compression()));
    } else if (mod == 2) {
      little(form.displacement, longest);
    }
  }

  private void memory() {
    int fields = (reg & 7) << 3;
    boolean hasBase = form.base != Insn.NO_REGISTER;
    boolean hasIndex = form.index != Insn.NO_REGISTER || row.has(RowAttribute.VSIB);
    if (form.base == Insn.RIP && form.mode != 64) {
      throw illegal("RIP-relative outside 64-bit mode");
    }
    if (form.base == Insn.RIP || !hasBase && !hasIndex && form.mode != 64) {
      put(fields | 5);
      little(form.displacement, 4);
      return;
    }
    boolean sib = hasIndex || !hasBase || (form.base & 7) == 4;
    int mod = hasBase ? displacementMod((form.base & 7) == 5, 4) : 0;
    put(mod << 6 | fields | (sib ? 4 : form.base & 7));
    if (sib) {
      if (form.index == 4 && !row.has(RowAttribute.VSIB)) {
        throw illegal("rSP is no index");
      }
      int index = hasIndex ? form.index & 7 : 4;
      put(form.scale << 6 | index << 3 | (hasBase ? form.base & 7 : 5));
    }
    displacement(hasBase ? mod : 2, 4);
  }

  private void immediates(int addressSize) {
    boolean second = false;
    for (int n = 0; n < row.operands.size(); n++) {
      OperandSpec spec = row.operands.get(n);
      switch (spec.where()) {
        case IMMEDIATE -> {
          little(second ? form.imm2 : form.imm, RowSizes.immediate(spec, operandSize));
          second = true;
        }
        case RELATIVE ->
            little(
                form.imm,
                spec.size() == OperandSpec.Size.B
                    ? 1
                    : form.mode == 64 ? 4 : Math.min(operandSize, 4));
        case FAR_POINTER -> {
          little(form.imm, operandSize);
          little(form.imm2, 2);
        }
        case OFFSET -> little(form.displacement, addressSize);
        case IS4_VECTOR -> {
          put(form.register[n] << 4 | (int) form.imm & 15);
          second = true;
        }
        default -> {}
      }
    }
  }
}
