// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Instructions on registers that leave flags undefined (SDM vol. 2, the pages of each instruction),
 * in 64-bit mode: one of each form that may be translated to itself.
 */
final class ProbeForms {
  private static final int[] WIDTHS = {1, 2, 4, 8};

  private final List<byte[]> forms = new ArrayList<>();

  private ProbeForms() {}

  static List<byte[]> all() {
    ProbeForms all = new ProbeForms();
    for (int width : WIDTHS) {
      all.logic(width);
      all.multiply(width);
      all.shift(width);
      if (width > 1) {
        all.bits(width);
        all.doubleShift(width);
      }
    }
    return all.forms;
  }

  private void add(int width, int... bytes) {
    ByteArrayOutputStream form = new ByteArrayOutputStream();
    int at = 0;
    if (width == 2) {
      form.write(0x66);
    }
    if (bytes[0] == 0xF3) {
      form.write(bytes[at++]);
    }
    if (width == 8) {
      form.write(0x48);
    }
    for (; at < bytes.length; at++) {
      form.write(bytes[at]);
    }
    forms.add(form.toByteArray());
  }

  /** An instruction whose opcode for bytes is one less. */
  private void addByWidth(int width, int opcode, int... rest) {
    int[] bytes = new int[rest.length + 1];
    bytes[0] = width == 1 ? opcode - 1 : opcode;
    System.arraycopy(rest, 0, bytes, 1, rest.length);
    add(width, bytes);
  }

  private static int modrm(int reg, int rm) {
    return 0xC0 | reg << 3 | rm;
  }

  /** AND, OR, XOR, TEST of RBX and RAX: AF. */
  private void logic(int width) {
    for (int opcode : new int[] {0x21, 0x09, 0x31, 0x85}) {
      addByWidth(width, opcode, modrm(0, 3));
    }
  }

  /** MUL and IMUL by RBX: SF, ZF, AF, PF. */
  private void multiply(int width) {
    addByWidth(width, 0xF7, modrm(4, 3));
    addByWidth(width, 0xF7, modrm(5, 3));
    if (width > 1) {
      add(width, 0x0F, 0xAF, modrm(0, 3));
      add(width, 0x6B, modrm(0, 3), 0x85);
    }
  }

  /** Rotates and shifts of RBX by 1, by an immediate count and by CL: OF, AF. */
  private void shift(int width) {
    for (int operation : new int[] {0, 1, 2, 3, 4, 5, 7}) {
      addByWidth(width, 0xD1, modrm(operation, 3));
      addByWidth(width, 0xD3, modrm(operation, 3));
      addByWidth(width, 0xC1, modrm(operation, 3), 3);
      addByWidth(width, 0xC1, modrm(operation, 3), 8 * width - 1);
    }
  }

  /** BT, BTS, BTR, BTC: OF, SF, AF, PF; scans: all but ZF; counts: OF, SF, AF, PF. */
  private void bits(int width) {
    for (int extension = 4; extension < 8; extension++) {
      add(width, 0x0F, 0x83 | extension << 3, modrm(0, 3));
      add(width, 0x0F, 0xBA, modrm(extension, 3), 5);
    }
    for (int opcode : new int[] {0xBC, 0xBD}) {
      add(width, 0x0F, opcode, modrm(0, 3));
      add(width, 0xF3, 0x0F, opcode, modrm(0, 3));
    }
  }

  /** SHLD and SHRD of RBX and RAX: OF, AF. */
  private void doubleShift(int width) {
    for (int opcode : new int[] {0xA4, 0xAC}) {
      add(width, 0x0F, opcode, modrm(0, 3), 1);
      add(width, 0x0F, opcode, modrm(0, 3), 8 * width - 3);
    }
  }
}
