// SPDX-License-Identifier: Apache-2.0
package nestor.isa;

import java.util.ArrayList;
import java.util.List;

/** Machine code as lines of text: address, bytes, instruction. */
public final class CodeText {
  private static final int BYTES_SHOWN = 11;

  private CodeText() {}

  /**
   * {@return a line an instruction} Bytes that are no instruction are shown one by one.
   *
   * @param address of the first byte
   * @param codeSize 16, 32 or 64
   */
  public static List<String> of(byte[] code, long address, int codeSize) {
    List<String> lines = new ArrayList<>();
    Decoder decoder = new Decoder();
    Insn insn = new Insn();
    for (int at = 0; at < code.length; ) {
      DecodeResult result = decoder.decode(code, at, code.length, codeSize, true, insn);
      boolean known = result == DecodeResult.OK;
      int length = known ? insn.length : 1;
      String text = known ? Disassembler.text(insn, address + at) : "(no instruction)";
      lines.add(String.format("%016x  %-23s  %s", address + at, hex(code, at, length), text));
      at += length;
    }
    return lines;
  }

  private static String hex(byte[] code, int at, int length) {
    StringBuilder out = new StringBuilder();
    for (int n = 0; n < length; n++) {
      if (n == BYTES_SHOWN) {
        return out.append("..").toString();
      }
      out.append(String.format("%02x", code[at + n]));
    }
    return out.toString();
  }
}
