// SPDX-License-Identifier: Apache-2.0
package nestor.vectors.fuzz;

import java.util.ArrayList;
import java.util.List;
import nestor.isa.DecodeResult;
import nestor.isa.Decoder;
import nestor.isa.Disassembler;
import nestor.isa.Insn;
import nestor.vectors.Layout;

/** A program: units one after the other, with branches that only go forward. */
final class Program {
  /** Most bytes of a program. */
  static final int MOST = 0x600;

  final List<Unit> units;

  Program(List<Unit> units) {
    this.units = units;
  }

  /** {@return the same program without some units} */
  Program without(int from, int to) {
    List<Unit> rest = new ArrayList<>(units.subList(0, from));
    rest.addAll(units.subList(to, units.size()));
    return new Program(rest);
  }

  private int[] offsets() {
    int[] offsets = new int[units.size() + 1];
    for (int n = 0; n < units.size(); n++) {
      offsets[n + 1] = offsets[n] + units.get(n).length();
    }
    return offsets;
  }

  /** {@return the index of the unit that a branch goes to; the end is the number of units} */
  private int target(int from, int[] offsets) {
    int target = from + 1;
    while (target < units.size() && units.get(target).number < units.get(from).target) {
      target++;
    }
    boolean far = offsets[target] - offsets[from + 1] > Byte.MAX_VALUE;
    return far && units.get(from).isShortBranch() ? from + 1 : target;
  }

  /** {@return the bytes of the program, to be put at {@link Layout#START}} */
  byte[] code() {
    int[] offsets = offsets();
    byte[] code = new byte[offsets[units.size()]];
    for (int n = 0; n < units.size(); n++) {
      int at = offsets[n];
      long target = Layout.START + offsets[target(n, offsets)];
      for (Piece piece : units.get(n).pieces) {
        byte[] bytes = piece.code(Layout.START + at, target);
        System.arraycopy(bytes, 0, code, at, bytes.length);
        at += bytes.length;
      }
    }
    return code;
  }

  /** {@return flags before each unit, and at the end, that may be undefined} */
  private long[] undefinedBefore(int[] offsets) {
    long[] before = new long[units.size() + 1];
    for (int n = 0; n < units.size(); n++) {
      long after = units.get(n).undefinedAfter(before[n]);
      before[n + 1] |= after;
      if (units.get(n).target > 0) {
        before[target(n, offsets)] |= after;
      }
    }
    return before;
  }

  /** {@return RFLAGS bits that may be undefined when it ends at {@code rip}} */
  long undefinedFlags(long rip) {
    int[] offsets = offsets();
    long[] before = undefinedBefore(offsets);
    int n = 0;
    while (n < units.size() && Layout.START + offsets[n + 1] <= rip) {
      n++;
    }
    return n == units.size() ? before[n] : before[n] | before[n + 1];
  }

  /** {@return whether an undefined flag gets into a register or decides a branch} */
  boolean usesUndefinedFlags() {
    long[] before = undefinedBefore(offsets());
    for (int n = 0; n < units.size(); n++) {
      if (units.get(n).reads(before[n])) {
        return true;
      }
    }
    return false;
  }

  /** {@return its disassembly, one line an instruction with address and bytes} */
  static String text(byte[] code) {
    StringBuilder out = new StringBuilder();
    Decoder decoder = new Decoder();
    Insn insn = new Insn();
    int at = 0;
    while (at < code.length) {
      DecodeResult result = decoder.decode(code, at, code.length, 64, true, insn);
      String bytes =
          java.util.HexFormat.of().formatHex(code, at, Math.min(code.length, at + insn.length));
      String text =
          result == DecodeResult.OK ? Disassembler.text(insn, Layout.START + at) : "(bad)";
      out.append(String.format("    %x  %-22s %s%n", Layout.START + at, bytes, text));
      at += Math.max(1, insn.length);
    }
    return out.toString();
  }
}
