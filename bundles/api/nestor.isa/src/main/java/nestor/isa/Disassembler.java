// SPDX-License-Identifier: Apache-2.0
package nestor.isa;

import java.util.Locale;

/** Prints decoded instructions in Intel syntax. */
public final class Disassembler {
  private static final String[] R64 = {
    "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
    "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"
  };
  private static final String[] R8 = {"al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil"};
  private static final String[] HIGH = {"ah", "ch", "dh", "bh"};
  private static final String[] SEGMENT = {"es", "cs", "ss", "ds", "fs", "gs"};

  private Disassembler() {}

  /**
   * {@return the text of an instruction}
   *
   * @param insn a successfully decoded instruction
   * @param rip its address, for branch targets and RIP-relative operands
   */
  public static String text(Insn insn, long rip) {
    StringBuilder out = new StringBuilder();
    if (insn.has(Insn.LOCK)) {
      out.append("lock ");
    }
    if (insn.row.has(RowAttribute.REP) && insn.isRepeated()) {
      out.append("rep ");
    } else if (insn.row.has(RowAttribute.REP_CONDITION) && insn.isRepeated()) {
      out.append(insn.has(Insn.REP) ? "repe " : "repne ");
    }
    out.append(insn.row.mnemonic.name().toLowerCase(Locale.ROOT));
    String separator = " ";
    for (int n = 0; n < insn.operandCount; n++) {
      out.append(separator);
      operand(insn, n, rip, out);
      if (n == 0 && insn.opmask != 0) {
        out.append("{k").append(insn.opmask).append('}').append(insn.zeroing ? "{z}" : "");
      }
      separator = ", ";
    }
    return out.toString();
  }

  /** {@return the name of a general register of that width in bytes} */
  public static String register(int number, int width) {
    return switch (width) {
      case 1 -> number < 8 ? R8[number] : R64[number] + "b";
      case 2 -> number < 8 ? R64[number].substring(1) : R64[number] + "w";
      case 4 -> number < 8 ? "e" + R64[number].substring(1) : R64[number] + "d";
      default -> R64[number];
    };
  }

  private static void operand(Insn insn, int n, long rip, StringBuilder out) {
    int register = insn.register[n];
    int width = insn.width[n];
    switch (insn.kind[n]) {
      case NONE -> {}
      case GPR -> out.append(register(register, width));
      case GPR_HIGH -> out.append(HIGH[register]);
      case MEMORY -> memory(insn, width, rip, out);
      case STRING_SOURCE ->
          out.append(size(width))
              .append(SEGMENT[insn.segment])
              .append(":[")
              .append(register(6, insn.addressSize))
              .append(']');
      case STRING_DESTINATION ->
          out.append(size(width)).append("es:[").append(register(7, insn.addressSize)).append(']');
      case IMMEDIATE -> hex(insn.imm & mask(Math.max(width, immediateWidth(insn))), out);
      case IMMEDIATE2 -> hex(insn.imm2 & mask(width), out);
      case RELATIVE ->
          hex((rip + insn.length + insn.imm) & mask(insn.mode == 64 ? 8 : insn.operandSize), out);
      case FAR_POINTER -> {
        hex(insn.imm2, out);
        out.append(':');
        hex(insn.imm, out);
      }
      case SEGMENT -> out.append(SEGMENT[register]);
      case CONTROL -> out.append("cr").append(register);
      case DEBUG -> out.append("dr").append(register);
      case ST -> out.append("st(").append(register).append(')');
      case MMX -> out.append("mm").append(register);
      case VECTOR -> out.append(width == 64 ? "zmm" : width == 32 ? "ymm" : "xmm").append(register);
      case OPMASK -> out.append('k').append(register);
    }
  }

  private static int immediateWidth(Insn insn) {
    return insn.imm < 0 ? insn.operandSize : 1;
  }

  private static long mask(int bytes) {
    return bytes >= 8 || bytes == 0 ? -1L : (1L << (8 * bytes)) - 1;
  }

  private static void hex(long value, StringBuilder out) {
    out.append("0x").append(Long.toHexString(value));
  }

  /** {@return whether memory of that width is printed with a size} */
  static boolean hasSize(int width) {
    return !size(width).isEmpty();
  }

  private static String size(int width) {
    return switch (width) {
      case 1 -> "byte ptr ";
      case 2 -> "word ptr ";
      case 4 -> "dword ptr ";
      case 8 -> "qword ptr ";
      case 10 -> "tbyte ptr ";
      case 16 -> "xmmword ptr ";
      case 32 -> "ymmword ptr ";
      case 64 -> "zmmword ptr ";
      default -> "";
    };
  }

  private static void memory(Insn insn, int width, long rip, StringBuilder out) {
    out.append(size(width));
    if (insn.has(Insn.SEGMENT_OVERRIDE)) {
      out.append(SEGMENT[insn.segment]).append(':');
    }
    out.append('[');
    boolean any = false;
    if (insn.base == Insn.RIP) {
      hex(rip + insn.length + insn.displacement, out);
      out.append(']');
      return;
    }
    if (insn.base != Insn.NO_REGISTER) {
      out.append(register(insn.base, insn.addressSize));
      any = true;
    }
    if (insn.index != Insn.NO_REGISTER) {
      out.append(any ? "+" : "");
      if (insn.row.has(RowAttribute.VSIB)) {
        out.append("vmm").append(insn.index);
      } else {
        out.append(register(insn.index, insn.addressSize));
      }
      if (insn.scale > 0) {
        out.append('*').append(1 << insn.scale);
      }
      any = true;
    }
    if (insn.displacement != 0 || !any) {
      if (any && insn.displacement < 0) {
        out.append('-');
        hex(-insn.displacement, out);
      } else {
        out.append(any ? "+" : "");
        hex(insn.displacement & mask(insn.addressSize), out);
      }
    }
    out.append(']');
  }
}
