// SPDX-License-Identifier: Apache-2.0
package nestor.isa;

import java.util.Locale;
import java.util.Map;
import nestor.isa.OperandSpec.Size;
import nestor.isa.OperandSpec.Where;

/**
 * Reads lines of the instruction table.
 *
 * <p>A line is {@code MNEMONIC | encoding | operands | feature | attributes}; {@code #} starts a
 * comment, {@code [FAMILY]} sets the family of the lines that follow. The last two columns may be
 * left out.
 *
 * <ul>
 *   <li>Encoding: {@code NP 66 F3 F2} (mandatory prefix, several mean any of them), {@code W0 W1},
 *       {@code 0F}, {@code 0F38}, {@code 0F3A}, the opcode byte, then {@code /r}, {@code /0}..
 *       {@code /7}, {@code +r} (register in the opcode) or a whole ModRM byte. VEX and EVEX: {@code
 *       VEX.256.66.0F38.W0 18 /r}; lengths {@code 128 256 512 128/256 L0 L1 LIG Lx} (128 or 256;
 *       with EVEX any), W {@code W0 W1 WIG}.
 *   <li>Operands: SDM notation, see {@link OperandSpec}; upper-case register names are fixed
 *       registers.
 *   <li>Attributes: words of {@link RowAttribute}; {@code r=}, {@code w=}, {@code u=} with letters
 *       of OSZAPCDIT for flags read, written, undefined; {@code x=NAME} for the intercept; {@code
 *       mem} or {@code reg} restrict the ModRM form; {@code e1 e2 e4 e8} give the bytes of what one
 *       opmask bit governs.
 * </ul>
 */
final class RowParser {
  private static final Map<String, Where> LETTERS =
      Map.ofEntries(
          Map.entry("E", Where.RM_GPR),
          Map.entry("R", Where.RM_GPR_ONLY),
          Map.entry("G", Where.REG_GPR),
          Map.entry("B", Where.VVVV_GPR),
          Map.entry("Z", Where.OPCODE_GPR),
          Map.entry("M", Where.MEMORY),
          Map.entry("I", Where.IMMEDIATE),
          Map.entry("J", Where.RELATIVE),
          Map.entry("A", Where.FAR_POINTER),
          Map.entry("O", Where.OFFSET),
          Map.entry("X", Where.STRING_SOURCE),
          Map.entry("Y", Where.STRING_DESTINATION),
          Map.entry("S", Where.REG_SEGMENT),
          Map.entry("C", Where.REG_CONTROL),
          Map.entry("D", Where.REG_DEBUG),
          Map.entry("P", Where.REG_MMX),
          Map.entry("Q", Where.RM_MMX),
          Map.entry("N", Where.RM_MMX_ONLY),
          Map.entry("V", Where.REG_VECTOR),
          Map.entry("W", Where.RM_VECTOR),
          Map.entry("U", Where.RM_VECTOR_ONLY),
          Map.entry("H", Where.VVVV_VECTOR),
          Map.entry("L", Where.IS4_VECTOR),
          Map.entry("KG", Where.REG_OPMASK),
          Map.entry("KE", Where.RM_OPMASK),
          Map.entry("KR", Where.RM_OPMASK_ONLY),
          Map.entry("KH", Where.VVVV_OPMASK));

  private static final String[] GPR8 = {"AL", "CL", "DL", "BL"};
  private static final String[] GPR16 = {"AX", "CX", "DX", "BX", "SP", "BP", "SI", "DI"};
  private static final String[] SEGMENTS = {"ES", "CS", "SS", "DS", "FS", "GS"};

  private Family family;

  /** {@return the row, or null for comments, empty lines and family headers} */
  Row parse(String text, int index) {
    int hash = text.indexOf('#');
    String line = (hash < 0 ? text : text.substring(0, hash)).strip();
    if (line.isEmpty()) {
      return null;
    }
    if (line.startsWith("[")) {
      family = Family.valueOf(line.substring(1, line.length() - 1));
      return null;
    }
    String[] columns = line.split("\\|", -1);
    RowFields f = new RowFields();
    f.family = family;
    f.mnemonic = Mnemonic.valueOf(columns[0].strip());
    f.encoding = columns[1].strip();
    encoding(f);
    if (columns.length > 2 && !columns[2].isBlank()) {
      for (String operand : columns[2].strip().split(",")) {
        f.operands.add(operand(operand.strip()));
      }
    }
    if (columns.length > 3 && !columns[3].isBlank()) {
      f.feature = columns[3].strip();
    }
    if (columns.length > 4) {
      attributes(f, columns[4].strip());
    }
    for (OperandSpec spec : f.operands) {
      f.hasModrm |= spec.isModrm() || spec.where() == Where.RM_ST;
      if (spec.where() == Where.MEMORY) {
        f.memoryForm = 1;
      } else if (spec.isRegisterOnly() && f.fixedModrm == Row.ANY) {
        f.memoryForm = 0;
      }
    }
    if (f.opcode == Row.ANY) {
      throw new IllegalArgumentException("no opcode: " + text);
    }
    return new Row(index, f);
  }

  private static void encoding(RowFields f) {
    for (String word : f.encoding.split("\\s+")) {
      if (word.startsWith("VEX.") || word.startsWith("EVEX.")) {
        vectorPrefix(f, word);
        continue;
      }
      switch (word) {
        case "NP", "66", "F3", "F2" -> {
          if (f.opcode != Row.ANY || f.map != 0) {
            opcodeByte(f, word);
          } else if (word.equals("NP")) {
            prefix(f, 1);
          } else {
            prefix(f, word.equals("66") ? 2 : word.equals("F3") ? 4 : 8);
          }
        }
        case "W0" -> f.rexW = 0;
        case "W1" -> f.rexW = 1;
        case "0F" -> {
          if (f.map == 0 && f.space == Row.Space.LEGACY) {
            f.map = 1;
          } else {
            opcodeByte(f, word);
          }
        }
        case "0F38" -> f.map = 2;
        case "0F3A" -> f.map = 3;
        case "/r" -> f.hasModrm = true;
        case "+r" -> f.registerInOpcode = true;
        default -> {
          if (word.startsWith("/")) {
            f.hasModrm = true;
            f.regField = word.charAt(1) - '0';
          } else {
            opcodeByte(f, word);
          }
        }
      }
    }
  }

  private static void prefix(RowFields f, int bit) {
    f.prefixMask = f.mandatoryPrefix || f.prefixMask != 0xF ? f.prefixMask | bit : bit;
    f.mandatoryPrefix = true;
  }

  private static void opcodeByte(RowFields f, String word) {
    int value = Integer.parseInt(word, 16);
    if (f.opcode == Row.ANY) {
      f.opcode = value;
    } else {
      f.hasModrm = true;
      f.fixedModrm = value;
    }
  }

  private static void vectorPrefix(RowFields f, String word) {
    String[] parts = word.split("\\.");
    f.space = parts[0].equals("VEX") ? Row.Space.VEX : Row.Space.EVEX;
    f.mandatoryPrefix = true;
    f.prefixMask = 1;
    for (int i = 1; i < parts.length; i++) {
      switch (parts[i]) {
        case "128", "L0" -> f.lengthMask = 1;
        case "256", "L1" -> f.lengthMask = 2;
        case "512" -> f.lengthMask = 4;
        case "LIG" -> f.lengthMask = 7;
        case "Lx" -> f.lengthMask = f.space == Row.Space.VEX ? 3 : 7;
        case "Ly" -> f.lengthMask = 6; // 256 and 512
        case "128/256" -> f.lengthMask = 3;
        case "NP" -> f.prefixMask = 1;
        case "66" -> f.prefixMask = 2;
        case "F3" -> f.prefixMask = 4;
        case "F2" -> f.prefixMask = 8;
        case "0F" -> f.map = 1;
        case "0F38" -> f.map = 2;
        case "0F3A" -> f.map = 3;
        case "W0" -> f.rexW = 0;
        case "W1" -> f.rexW = 1;
        case "WIG" -> f.rexW = Row.ANY;
        default -> throw new IllegalArgumentException(parts[i] + " in " + f.encoding);
      }
    }
  }

  private static OperandSpec operand(String notation) {
    String name = notation;
    int broadcast = 0;
    int slash = name.indexOf('/');
    if (slash > 0) {
      broadcast = Integer.parseInt(name.substring(slash + 2)) / 8;
      name = name.substring(0, slash);
    }
    OperandSpec fixed = fixedRegister(notation, name);
    if (fixed != null) {
      return fixed;
    }
    int letters = name.startsWith("K") ? 2 : 1;
    Where where = LETTERS.get(name.substring(0, letters));
    if (where == null) {
      throw new IllegalArgumentException("operand " + notation);
    }
    return new OperandSpec(notation, where, size(name.substring(letters)), 0, broadcast);
  }

  private static Size size(String letters) {
    return switch (letters) {
      case "" -> Size.NONE;
      case "dq" -> Size.O;
      case "qq" -> Size.QQ;
      case "zz" -> Size.ZZ;
      default -> Size.valueOf(letters.toUpperCase(Locale.ROOT));
    };
  }

  private static OperandSpec fixedRegister(String notation, String name) {
    if (name.equals("1")) {
      return new OperandSpec(notation, Where.ONE, Size.B, 0, 0);
    }
    if (name.equals("XMM0")) {
      return new OperandSpec(notation, Where.FIXED_VECTOR, Size.O, 0, 0);
    }
    if (name.equals("ST0")) {
      return new OperandSpec(notation, Where.FIXED_ST, Size.T, 0, 0);
    }
    if (name.equals("STi")) {
      return new OperandSpec(notation, Where.RM_ST, Size.T, 0, 0);
    }
    for (int i = 0; i < 8; i++) {
      if (i < 6 && name.equals(SEGMENTS[i])) {
        return new OperandSpec(notation, Where.FIXED_SEGMENT, Size.W, i, 0);
      }
      if (i < 4 && name.equals(GPR8[i])) {
        return new OperandSpec(notation, Where.FIXED_GPR, Size.B, i, 0);
      }
      if (name.equals(GPR16[i])) {
        return new OperandSpec(notation, Where.FIXED_GPR, Size.W, i, 0);
      }
      if (name.equals("e" + GPR16[i])) { // eAX: operand size, at most 32 bits
        return new OperandSpec(notation, Where.FIXED_GPR, Size.Z, i, 0);
      }
      if (name.equals("r" + GPR16[i])) { // rAX: operand size
        return new OperandSpec(notation, Where.FIXED_GPR, Size.V, i, 0);
      }
    }
    return null;
  }

  private static void attributes(RowFields f, String text) {
    for (String word : text.split("\\s+")) {
      if (word.isEmpty()) {
        continue;
      }
      if (word.startsWith("r=")) {
        f.flagsRead = flags(word);
      } else if (word.startsWith("w=")) {
        f.flagsWritten = flags(word);
      } else if (word.startsWith("u=")) {
        f.flagsUndefined = flags(word);
      } else if (word.startsWith("x=")) {
        f.intercept = word.substring(2);
      } else if (word.equals("mem")) {
        f.memoryForm = 1;
      } else if (word.equals("reg")) {
        f.memoryForm = 0;
      } else if (word.length() == 2 && word.charAt(0) == 'e' && word.charAt(1) < 'A') {
        f.element = word.charAt(1) - '0';
      } else {
        int bit = RowAttribute.parse(word);
        if (bit == 0) {
          throw new IllegalArgumentException("attribute " + word + " of " + f.encoding);
        }
        f.attributes |= bit;
      }
    }
  }

  private static int flags(String word) {
    int bits = 0;
    for (int i = 2; i < word.length(); i++) {
      bits |=
          switch (word.charAt(i)) {
            case 'O' -> 0x800;
            case 'D' -> 0x400;
            case 'I' -> 0x200;
            case 'T' -> 0x100;
            case 'S' -> 0x80;
            case 'Z' -> 0x40;
            case 'A' -> 0x10;
            case 'P' -> 0x04;
            case 'C' -> 0x01;
            default -> throw new IllegalArgumentException("flag " + word);
          };
    }
    return bits;
  }
}
