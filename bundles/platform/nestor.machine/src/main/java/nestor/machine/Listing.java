// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import nestor.isa.DecodeResult;
import nestor.isa.Decoder;
import nestor.isa.Disassembler;
import nestor.isa.Insn;

/** Text of machine code. */
final class Listing {
  private Listing() {}

  /** {@return the instruction at the start of these bytes, or why there is none} */
  static String one(byte[] code, int length, long rip, int codeSize) {
    Insn insn = new Insn();
    DecodeResult result = new Decoder().decode(code, 0, length, codeSize, true, insn);
    return switch (result) {
      case OK -> Disassembler.text(insn, rip);
      case UNDEFINED -> "(undefined)";
      case TOO_LONG -> "(too long)";
      case NEED_MORE -> "(not in memory)";
    };
  }
}
