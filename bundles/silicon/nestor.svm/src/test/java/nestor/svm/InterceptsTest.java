// SPDX-License-Identifier: Apache-2.0
package nestor.svm;

import static nestor.svm.VmcbField.*;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import nestor.svm.Vectors.Fifth;
import nestor.svm.Vectors.Fourth;
import nestor.svm.Vectors.Third;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every intercept of an instruction exits if its bit is set, and lets it run if not. */
class InterceptsTest {

  /** An instruction, which intercept it has, and its exit code. */
  private record Row(String name, VmcbField vector, long bit, int code, List<Integer> bytes) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Row row(String name, VmcbField vector, long bit, int code, int... bytes) {
    return new Row(name, vector, bit & 0xFFFF_FFFFL, code, Arrays.stream(bytes).boxed().toList());
  }

  private static Row third(String name, int bit, int code, int... bytes) {
    return row(name, INTERCEPT_3, bit, code, bytes);
  }

  private static Row fourth(String name, int bit, int code, int... bytes) {
    return row(name, INTERCEPT_4, bit, code, bytes);
  }

  private static final List<Row> ROWS =
      List.of(
          third("SIDT", Third.IDTR_READ, ExitCode.IDTR_READ, 0x0F, 0x01, 0x0C, 0x25, 0, 0x50, 0, 0),
          third("SGDT", Third.GDTR_READ, ExitCode.GDTR_READ, 0x0F, 0x01, 0x04, 0x25, 0, 0x50, 0, 0),
          third("SLDT", Third.LDTR_READ, ExitCode.LDTR_READ, 0x0F, 0x00, 0xC0),
          third("STR", Third.TR_READ, ExitCode.TR_READ, 0x0F, 0x00, 0xC8),
          third(
              "LIDT", Third.IDTR_WRITE, ExitCode.IDTR_WRITE, 0x0F, 0x01, 0x1C, 0x25, 0, 0x50, 0, 0),
          third(
              "LGDT", Third.GDTR_WRITE, ExitCode.GDTR_WRITE, 0x0F, 0x01, 0x14, 0x25, 0, 0x50, 0, 0),
          third("LLDT", Third.LDTR_WRITE, ExitCode.LDTR_WRITE, 0x0F, 0x00, 0xD3),
          third("RDTSC", Third.RDTSC, ExitCode.RDTSC, 0x0F, 0x31),
          third("RDPMC", Third.RDPMC, ExitCode.RDPMC, 0x0F, 0x33),
          third("PUSHF", Third.PUSHF, ExitCode.PUSHF, 0x9C),
          third("POPF", Third.POPF, ExitCode.POPF, 0x6A, 0x02, 0x9D),
          third("CPUID", Third.CPUID, ExitCode.CPUID, 0x0F, 0xA2),
          third("INVD", Third.INVD, ExitCode.INVD, 0x0F, 0x08),
          third("PAUSE", Third.PAUSE, ExitCode.PAUSE, 0xF3, 0x90),
          third("INVLPG", Third.INVLPG, ExitCode.INVLPG, 0x0F, 0x01, 0x3B),
          third("INVLPGA", Third.INVLPGA, ExitCode.INVLPGA, 0x0F, 0x01, 0xDF),
          fourth("STGI", Fourth.STGI, ExitCode.STGI, 0x0F, 0x01, 0xDC),
          fourth("CLGI", Fourth.CLGI, ExitCode.CLGI, 0x0F, 0x01, 0xDD),
          fourth("VMLOAD", Fourth.VMLOAD, ExitCode.VMLOAD, 0x0F, 0x01, 0xDA),
          fourth("VMSAVE", Fourth.VMSAVE, ExitCode.VMSAVE, 0x0F, 0x01, 0xDB),
          fourth("RDTSCP", Fourth.RDTSCP, ExitCode.RDTSCP, 0x0F, 0x01, 0xF9),
          fourth("WBINVD", Fourth.WBINVD, ExitCode.WBINVD, 0x0F, 0x09),
          fourth("MONITOR", Fourth.MONITOR, ExitCode.MONITOR, 0x0F, 0x01, 0xC8),
          fourth("MWAIT", Fourth.MWAIT, ExitCode.MWAIT, 0x0F, 0x01, 0xC9),
          row(
              "INVPCID",
              INTERCEPT_5,
              Fifth.INVPCID,
              ExitCode.INVPCID,
              0x66,
              0x0F,
              0x38,
              0x82,
              0x0B),
          row("MOV from CR0", INTERCEPT_CR, 1, ExitCode.CR0_READ, 0x0F, 0x20, 0xC2),
          row("SMSW", INTERCEPT_CR, 1, ExitCode.CR0_READ, 0x0F, 0x01, 0xE2),
          row("MOV from CR2", INTERCEPT_CR, 4, ExitCode.CR0_READ + 2, 0x0F, 0x20, 0xD2),
          row("MOV from CR3", INTERCEPT_CR, 8, ExitCode.CR0_READ + 3, 0x0F, 0x20, 0xDA),
          row("MOV from CR4", INTERCEPT_CR, 16, ExitCode.CR0_READ + 4, 0x0F, 0x20, 0xE2),
          row("MOV from CR8", INTERCEPT_CR, 256, ExitCode.CR0_READ + 8, 0x44, 0x0F, 0x20, 0xC2),
          row("CLTS", INTERCEPT_CR, 1 << 16, ExitCode.CR0_WRITE, 0x0F, 0x06),
          row("MOV to CR2", INTERCEPT_CR, 4 << 16, ExitCode.CR0_WRITE + 2, 0x0F, 0x22, 0xD2),
          row(
              "MOV to CR8",
              INTERCEPT_CR,
              256 << 16,
              ExitCode.CR0_WRITE + 8,
              0x44,
              0x0F,
              0x22,
              0xC2),
          row("MOV from DR0", INTERCEPT_DR, 1, ExitCode.DR0_READ, 0x0F, 0x21, 0xC2),
          row("MOV from DR7", INTERCEPT_DR, 128, ExitCode.DR0_READ + 7, 0x0F, 0x21, 0xFA),
          row("MOV to DR3", INTERCEPT_DR, 8 << 16, ExitCode.DR0_WRITE + 3, 0x0F, 0x23, 0xDA),
          row("MOV to DR6", INTERCEPT_DR, 64 << 16, ExitCode.DR0_WRITE + 6, 0x0F, 0x23, 0xF2));

  static Stream<Row> rows() {
    return ROWS.stream();
  }

  private static Lab lab(Row row) {
    Lab lab = new Lab().legal().field(RAX, 0x3_9000);
    int[] code =
        IntStream.concat(row.bytes.stream().mapToInt(b -> b), IntStream.of(0xF4)).toArray();
    lab.code(code);
    lab.put(0x5000, 8, 0xFFFF);
    lab.gpr(1, 0);
    lab.gpr(2, 0);
    lab.gpr(3, 0);
    return lab;
  }

  @ParameterizedTest
  @MethodSource("rows")
  void anInterceptExitsAtTheInstructionAndTellsTheNext(Row row) {
    Lab lab = lab(row).or(row.vector, row.bit);
    long start = Lab.L2_CODE + (row.name.equals("POPF") ? 2 : 0);

    assertThat(lab.go()).isEqualTo(row.code);
    assertThat(lab.field(RIP)).isEqualTo(start);
    assertThat(lab.field(NRIP)).isEqualTo(Lab.L2_CODE + row.bytes.size());
  }

  @ParameterizedTest
  @MethodSource("rows")
  void withoutTheBitItRuns(Row row) {
    Lab lab = lab(row);

    assertThat(lab.go()).isEqualTo(ExitCode.HLT);
  }

  static IntStream vectors() {
    return IntStream.of(0, 6, 13, 14);
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void anExceptionExitsByItsBitAlone(int vector) {
    int[] code =
        switch (vector) {
          case 0 -> new int[] {0x31, 0xC9, 0xF7, 0xF1}; // xor ecx, ecx; div ecx
          case 6 -> new int[] {0x0F, 0x0B};
          case 13 -> new int[] {0x48, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x8B, 0x00};
          default -> new int[] {0xA1, 0, 0, 0, 0x40, 0, 0, 0, 0};
        };
    Lab lab = new Lab().legal().field(INTERCEPT_EXCEPTIONS, 1L << vector).code(code);
    assertThat(lab.go()).isEqualTo(ExitCode.EXCEPTION + vector);

    lab = new Lab().legal().field(INTERCEPT_EXCEPTIONS, 0xFFFF_FFFFL & ~(1L << vector));
    lab.code(code).handler(vector, Lab.L2_CODE + 0x100);
    assertThat(lab.go()).isEqualTo(ExitCode.HLT);
  }

  @Test
  void lmswExitsByTheSelectiveInterceptWhateverItWrites() {
    Lab lab = new Lab().legal().or(INTERCEPT_3, Vectors.Third.CR0_SEL_WRITE);
    lab.code(0x0F, 0x01, 0xE0, 0x0F, 0x01, 0xF0); // smsw eax; lmsw ax

    assertThat(lab.go()).isEqualTo(ExitCode.CR0_SEL_WRITE);
    assertThat(lab.field(RIP)).isEqualTo(Lab.L2_CODE + 3);
  }

  @Test
  void int3ExitsAsExceptionAndTellsWhatFollows() {
    Lab lab = new Lab().legal().field(INTERCEPT_EXCEPTIONS, 8).code(0xCC);

    assertThat(lab.go()).isEqualTo(ExitCode.EXCEPTION + 3);
    assertThat(lab.field(RIP)).isEqualTo(Lab.L2_CODE);
    assertThat(lab.field(NRIP)).isEqualTo(Lab.L2_CODE + 1);
  }

  @Test
  void invpcidTellsWhereItsDescriptorIsAndItsType() {
    Lab lab = new Lab().legal().or(INTERCEPT_5, Fifth.INVPCID);
    lab.code(0x66, 0x0F, 0x38, 0x82, 0x0B); // invpcid rcx, [rbx]
    lab.gpr(1, 2);
    lab.gpr(3, 0x5010);

    assertThat(lab.go()).isEqualTo(ExitCode.INVPCID);
    assertThat(lab.field(EXITINFO1)).isEqualTo(0x5010);
    assertThat(lab.field(EXITINFO2)).isEqualTo(2);
  }

  @Test
  void icebpIsNoMatterOfTheDebugException() {
    Lab lab = new Lab().legal().or(INTERCEPT_4, Fourth.ICEBP).code(0xF1);
    assertThat(lab.go()).isEqualTo(ExitCode.ICEBP);
  }

  @Test
  void vmmcallExitsIfInterceptedAndIsUndefinedElsewhere() {
    Lab lab = new Lab().legal().or(INTERCEPT_4, Fourth.VMMCALL).code(0x0F, 0x01, 0xD9);
    assertThat(lab.go()).isEqualTo(ExitCode.VMMCALL);

    lab = new Lab().legal().field(INTERCEPT_EXCEPTIONS, 1 << 6).code(0x0F, 0x01, 0xD9);
    assertThat(lab.go()).isEqualTo(ExitCode.EXCEPTION + 6);
  }

  @Test
  void vmrunOfAGuestAlwaysExits() {
    Lab lab = new Lab().legal().field(RAX, 0x3_9000).code(0x0F, 0x01, 0xD8);
    assertThat(lab.go()).isEqualTo(ExitCode.VMRUN);
  }
}
