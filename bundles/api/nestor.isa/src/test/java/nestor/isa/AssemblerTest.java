// SPDX-License-Identifier: Apache-2.0
package nestor.isa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AssemblerTest {
  private static final long SEED = 7;
  private static final int FORMS = 12;
  private static final long ORIGIN = 0x10_0000;

  private static String hex(String text, long origin) {
    return HexFormat.of().formatHex(Assembler.assemble(text, "t", origin).bytes());
  }

  /** Encodings after the SDM's instruction reference, the shortest that there is. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          32 | mov eax, 0x12345678              | b878563412
          32 | mov dword ptr [ebx+ecx*4-8], 5   | c7448bf805000000
          32 | mov al, [esi]                    | 8a06
          32 | add eax, -1                      | 83c0ff
          32 | add eax, 0xffffffff              | 83c0ff
          32 | add eax, 0x80                    | 0580000000
          32 | add ax, 0x80                     | 66058000
          32 | push 0x7f                        | 6a7f
          32 | push 0x80                        | 6880000000
          32 | out 0xf4, eax                    | e7f4
          32 | out dx, al                       | ee
          32 | in eax, dx                       | ed
          32 | lodsb                            | ac
          32 | rep stosd                        | f3ab
          32 | movzx ecx, byte ptr [0x1000]     | 0fb60d00100000
          32 | jmpf 0x10:0x20                   | ea200000001000
          32 | lock inc dword ptr [0x10]        | f0ff0510000000
          32 | mov cr0, eax                     | 0f22c0
          32 | mov ds, ax                       | 8ed8
          32 | iret                             | cf
          64 | iretq                            | 48cf
          64 | mov rax, -1                      | 48c7c0ffffffff
          64 | mov rax, 0xfedcba9876543210      | 48b81032547698badcfe
          64 | mov r9b, sil                     | 4188f1
          64 | lea rax, [rip+$]                 | 488d05f9ffffff
          64 | movups xmm3, [rsp+16]            | 0f105c2410
          16 | mov ax, [bx+si+2]                | 8b4002
          16 | jmpf 0xf000:0xfff0               | eaf0ff00f0
          16 | lgdt [0x7000]                    | 0f01160070
          """)
  void encodesAsTheManualSays(int mode, String text, String bytes) {
    String actual = hex(".code" + mode + "\n" + text, 0);

    assertThat(actual).isEqualTo(bytes);
  }

  @Test
  void branchesAreShortWhereTheyReachAndLabelsSettle() {
    String text =
        """
        start:  jmp far_away      ; too far for a byte
                jne start
        table:  .long start, table, far_away - table
                .byte 'A', 1 << 3 | 1
                .asciz "x;y\\n"
                .align 16
                .space 200
        far_away: loop far_away
        """;

    Assembler.Program program = Assembler.assemble(text, "t", ORIGIN);

    long table = ORIGIN + 5 + 2;
    long far = ORIGIN + 32 + 200;
    assertThat(program.symbol("table")).isEqualTo(table);
    assertThat(program.symbol("far_away")).isEqualTo(far);
    assertThat(HexFormat.of().formatHex(program.bytes(), 0, 28))
        .isEqualTo(
            "e9e300000075f90000100007001000e10000004109783b790a00".substring(0, 50) + "000000");
  }

  /** What the disassembler prints, the assembler reads: every row of the general instructions. */
  @Test
  void readsWhatTheDisassemblerPrints() {
    RandomForms forms = new RandomForms(RandomGeneratorFactory.of("L64X128MixRandom").create(SEED));
    Decoder decoder = new Decoder();
    List<String> problems = new ArrayList<>();
    int checked = 0;
    for (Row row : Isa.rows()) {
      for (int mode = 16; mode <= 64 && row.space == Row.Space.LEGACY; mode *= 2) {
        for (int n = 0; n < FORMS; n++) {
          Form form = new Form();
          byte[] bytes = forms.next(row, mode, form);
          Insn insn = new Insn();
          if (bytes == null
              || decoder.decode(bytes, 0, bytes.length, mode, true, insn) != DecodeResult.OK) {
            continue;
          }
          String text = Disassembler.text(insn, ORIGIN);
          String again = again(text, mode, decoder);
          checked++;
          if (!again.equals(text)) {
            problems.add(row + " in mode " + mode + ": " + text + " became " + again);
            break;
          }
        }
      }
    }
    assertThat(problems).as("seed %d", SEED).isEmpty();
    assertThat(checked).isGreaterThan(10_000);
  }

  private static String again(String text, int mode, Decoder decoder) {
    try {
      byte[] bytes = Assembler.assemble(".code" + mode + "\n" + text, "t", ORIGIN).bytes();
      Insn insn = new Insn();
      DecodeResult result = decoder.decode(bytes, 0, bytes.length, mode, true, insn);
      return result == DecodeResult.OK ? Disassembler.text(insn, ORIGIN) : result.toString();
    } catch (IllegalArgumentException e) {
      return e.getMessage();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          mov eax            | t:2: no form of mov takes that in 32-bit code: mov eax
          mov [eax], 1       | t:2: no form of mov takes that
          mov eax, nowhere   | t:2: nothing is called nowhere
          moov eax, 1        | t:2: there is no instruction moov
          mov al, 256        | t:2: no form of mov takes that
          mov rax, 1         | t:2: no form of mov takes that in 32-bit code
          .bite 1            | t:2: there is no directive .bite
          mov eax, 12x       | t:2: "12x" is no number
          mov eax, (1        | t:2: a bracket is never closed
          mov eax, big ptr [ebx] | t:2: "big ptr" is no size of memory
          .space -1          | t:2: cannot leave -1 bytes free
          """)
  void saysWhatIsWrongInWhichLine(String line, String message) {
    assertThatThrownBy(() -> Assembler.assemble("nop\n" + line, "t", 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message);
  }
}
