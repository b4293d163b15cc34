// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import nestor.isa.DecodeResult;
import nestor.isa.Decoder;
import nestor.isa.Disassembler;
import nestor.isa.Insn;
import org.junit.jupiter.api.Test;

/** What the emitter writes is what the decoder reads, for all registers and all widths. */
class EmitterTest {
  private static final long ADDRESS = 0x7F00_0000_0000L;
  private static final String[] R64 = {
    "rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
    "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"
  };
  private static final String[] R8 = {"al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil"};

  private static String name(int register, int width) {
    boolean high = register >= 8;
    return switch (width) {
      case 1 -> high ? R64[register] + "b" : R8[register];
      case 2 -> high ? R64[register] + "w" : R64[register].substring(1);
      case 4 -> high ? R64[register] + "d" : "e" + R64[register].substring(1);
      default -> R64[register];
    };
  }

  private static String size(int width) {
    return switch (width) {
      case 1 -> "byte";
      case 2 -> "word";
      case 4 -> "dword";
      default -> "qword";
    };
  }

  /** {@return the instructions that come out, with {@code ptr} left out} */
  private static List<String> texts(Consumer<Emitter> code) {
    Emitter e = new Emitter(64);
    e.start(ADDRESS);
    code.accept(e);
    Decoder decoder = new Decoder();
    Insn insn = new Insn();
    List<String> texts = new ArrayList<>();
    for (int at = 0; at < e.size(); at += insn.length) {
      DecodeResult result = decoder.decode(e.bytes(), at, e.size(), 64, true, insn);
      assertThat(result).isEqualTo(DecodeResult.OK);
      texts.add(Disassembler.text(insn, ADDRESS + at).replace(" ptr ", " "));
    }
    return texts;
  }

  private static String text(Consumer<Emitter> code) {
    List<String> texts = texts(code);
    assertThat(texts).hasSize(1);
    return texts.getFirst();
  }

  @Test
  void arithmeticNamesEveryRegisterOfEveryWidth() {
    String[] operations = {"add", "or", "adc", "sbb", "and", "sub", "xor", "cmp"};
    for (int width = 1; width <= 8; width *= 2) {
      for (int a = 0; a < 16; a++) {
        for (int b = 0; b < 16; b++) {
          int operation = (a + b) & 7;
          int w = width;
          int to = a;
          int from = b;
          assertThat(text(e -> e.arithmetic(operation, w, to, from)))
              .isEqualTo(operations[operation] + " " + name(a, w) + ", " + name(b, w));
        }
        int w = width;
        int to = a;
        assertThat(text(e -> e.arithmeticImmediate(Emitter.ADD, w, to, 0x45)))
            .isEqualTo("add " + name(a, w) + ", 0x45");
        assertThat(text(e -> e.testImmediate(w, to, 0x45)))
            .isEqualTo("test " + name(a, w) + ", 0x45");
        assertThat(text(e -> e.shift(5, w, to, 3))).isEqualTo("shr " + name(a, w) + ", 0x3");
        assertThat(text(e -> e.shiftByCl(4, w, to))).isEqualTo("shl " + name(a, w) + ", cl");
      }
    }
  }

  @Test
  void memoryOperandsHaveEveryBaseAndDisplacement() {
    for (int base = 0; base < 16; base++) {
      for (int displacement : new int[] {0, 8, 127, 128, 0x1200}) {
        int b = base;
        String where =
            R64[base] + (displacement == 0 ? "" : "+0x" + Integer.toHexString(displacement));
        for (int width = 1; width <= 8; width *= 2) {
          int w = width;
          assertThat(text(e -> e.load(w, 9, b, displacement)))
              .isEqualTo("mov " + name(9, w) + ", " + size(w) + " [" + where + "]");
          assertThat(text(e -> e.store(w, 6, b, displacement)))
              .isEqualTo("mov " + size(w) + " [" + where + "], " + name(6, w));
          assertThat(text(e -> e.arithmeticMemoryImmediate(Emitter.CMP, w, b, displacement, 1)))
              .isEqualTo("cmp " + size(w) + " [" + where + "], 0x1");
        }
      }
    }
  }

  @Test
  void addressesAreMadeOfBaseIndexAndScale() {
    for (int base = 0; base < 16; base++) {
      for (int index = 0; index < 16; index++) {
        if (index == Emitter.RSP) {
          continue;
        }
        int b = base;
        int i = index;
        assertThat(text(e -> e.lea(8, 0, b, i, 3, 0x10)))
            .isEqualTo("lea rax, [" + R64[base] + "+" + R64[index] + "*8+0x10]");
      }
    }
    assertThat(text(e -> e.lea(4, 12, Emitter.NONE, 13, 2, 0x100)))
        .isEqualTo("lea r12d, [r13*4+0x100]");
  }

  @Test
  void constantsTakeTheShortestForm() {
    assertThat(text(e -> e.constant(10, 0xFFFF_FFFFL))).isEqualTo("mov r10d, 0xffffffff");
    assertThat(text(e -> e.constant(3, 0x1234_5678_9ABCL))).isEqualTo("mov rbx, 0x123456789abc");
    assertThat(text(e -> e.constant(1, -2))).isEqualTo("mov rcx, 0xfffffffffffffffe");
    assertThat(texts(e -> e.constant64(0, 7))).containsExactly("mov rax, 0x7");
  }

  @Test
  void jumpsReachTheirTargetsAndCanBePatched() {
    Emitter e = new Emitter(64);
    e.start(ADDRESS);
    long place = e.jump(ADDRESS + 0x100);
    e.jump(Emitter.EQUAL, ADDRESS + 0x200);
    e.patch(place, ADDRESS + 0x300);
    Decoder decoder = new Decoder();
    Insn insn = new Insn();

    decoder.decode(e.bytes(), 0, e.size(), 64, true, insn);
    assertThat(insn.length + insn.imm).isEqualTo(0x300);
    int second = insn.length;
    decoder.decode(e.bytes(), second, e.size(), 64, true, insn);
    assertThat(second + insn.length + insn.imm).isEqualTo(0x200);
  }

  @Test
  void vexFormsNameAllThreeRegisters() {
    for (int register = 0; register < 16; register++) {
      int r = register;
      assertThat(
              text(
                  e -> {
                    e.vex(1, 1, 0, true, 15 - r, r, (r + 5) & 15);
                    e.emit8(0xFE);
                    e.modrm(r, (r + 5) & 15, false);
                  }))
          .isEqualTo("vpaddd ymm" + r + ", ymm" + (15 - r) + ", ymm" + ((r + 5) & 15));
    }
  }

  @Test
  void evexFormsNameAllThreeRegisters() {
    for (int register = 0; register < 16; register++) {
      int r = register;
      assertThat(
              text(
                  e -> {
                    e.evex(1, 1, 1, (r & 1) == 0, 15 - r, r, (r + 5) & 15);
                    e.emit8(0xEF);
                    e.modrm(r, (r + 5) & 15, false);
                  }))
          .isEqualTo(
              "vpxorq V%d, V%d, V%d"
                  .formatted(r, 15 - r, (r + 5) & 15)
                  .replace("V", (r & 1) == 0 ? "ymm" : "xmm"));
    }
  }

  @Test
  void stringInstructionsAreRepeated() {
    assertThat(text(e -> e.repeatString(0xAA, 1))).startsWith("rep stosb");
    assertThat(text(e -> e.repeatString(0xAA, 2))).startsWith("rep stosw");
    assertThat(text(e -> e.repeatString(0xA4, 4))).startsWith("rep movsd");
    assertThat(text(e -> e.repeatString(0xA4, 8))).startsWith("rep movsq");
  }

  @Test
  void fixedFormsAreTheInstructionsTheyAreNamedAfter() {
    assertThat(
            texts(
                e -> {
                  e.lahf();
                  e.sahf();
                  e.set(Emitter.OVERFLOW, 0);
                  e.byteSwap(8, 9);
                  e.push(12);
                  e.pop(12);
                  e.jumpRegister(9);
                  e.jumpMemory(Emitter.RSP, 0x58);
                  e.compareRax(4088);
                  e.extend(0x0FB6, 4, 8, 6, 1);
                  e.moveSigned(4, 1, 9);
                  e.repeated(0x0FBC, 8, 0, 9);
                  e.ret();
                }))
        .containsExactly(
            "lahf",
            "sahf",
            "seto al",
            "bswap r9",
            "push r12",
            "pop r12",
            "jmp r9",
            "jmp qword [rsp+0x58]",
            "cmp rax, 0xff8",
            "movzx r8d, sil",
            "movsxd rcx, r9d",
            "tzcnt rax, r9",
            "ret");
  }
}
