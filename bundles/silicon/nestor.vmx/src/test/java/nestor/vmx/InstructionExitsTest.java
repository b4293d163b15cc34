// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

import static nestor.vmx.VmcsField.*;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import nestor.vcpu.State;
import nestor.vmx.Control.Primary;
import nestor.vmx.Control.Secondary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Instructions that exit, those that do not exist, and what goes before the exit. */
class InstructionExitsTest {
  static Stream<ExitTable.Case> cases() {
    return ExitTable.cases();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void anInstructionExitsWithItsWords(ExitTable.Case one) {
    Lab lab = new Lab().on().legal();
    lab.code(one.code().stream().mapToInt(Integer::intValue).toArray());
    lab.or(PRIMARY_CONTROLS, one.primary()).secondary(one.secondary());
    lab.or(GUEST_CR4, 1 << 18);
    lab.gpr(2, 0);
    lab.gpr(6, 0x5000);
    lab.gpr(1, 0);
    lab.launch();
    State.setGpr(lab.s, 3, 0x5000);
    State.setGpr(lab.s, 2, 0);
    State.setGpr(lab.s, 1, one.name().equals("REP OUTSB") ? 2 : 0);

    assertThat(lab.run()).isEqualTo(one.reason());
    if (one.qualification() != ExitTable.ANY) {
      assertThat(lab.x.get(EXIT_QUALIFICATION)).isEqualTo(one.qualification());
    }
    if (one.information() != ExitTable.ANY) {
      assertThat(lab.x.get(EXIT_INSTRUCTION_INFO)).isEqualTo(one.information() & 0xFFFF_FFFFL);
    }
    assertThat(lab.x.get(EXIT_INSTRUCTION_LENGTH)).isEqualTo(one.code().size());
    assertThat(lab.x.get(GUEST_RIP)).isEqualTo(Lab.L2_CODE);
  }

  @Test
  void instructionsThatControlsSwitchOnAreUndefinedWithoutThem() {
    int[][] codes = {
      {0x0F, 0x01, 0xF9}, // RDTSCP
      {0xF3, 0x0F, 0xC7, 0xFB}, // RDPID
      {0x66, 0x0F, 0x38, 0x82, 0x13}, // INVPCID
      {0x0F, 0xC7, 0x2B}, // XSAVES
      {0x0F, 0x01, 0xD4} // VMFUNC
    };
    for (int[] code : codes) {
      Lab lab = new Lab().on().legal().field(EXCEPTION_BITMAP, -1).code(code);
      lab.or(GUEST_CR4, 1 << 18);
      lab.launch();
      assertThat(lab.run()).isZero();
      assertThat(lab.x.get(EXIT_INTERRUPTION_INFO)).isEqualTo(0x8000_0306L);
    }
  }

  @Test
  void aFaultOnPrivilegeGoesBeforeTheExit() {
    Lab lab = new Lab().on().legal().field(EXCEPTION_BITMAP, -1).code(0xF4);
    lab.field(GUEST_CS_ACCESS_RIGHTS, 0xA0FB).field(GUEST_SS_ACCESS_RIGHTS, 0xC0F3);
    lab.field(GUEST_CS_SELECTOR, 11).field(GUEST_SS_SELECTOR, 19);
    lab.launch();
    assertThat(lab.run()).isZero();
    assertThat(lab.x.get(EXIT_INTERRUPTION_INFO)).isEqualTo(0x8000_0B0DL);
  }

  @Test
  void aCr3TargetDoesNotExit() {
    Lab lab = new Lab().on().legal().or(PRIMARY_CONTROLS, Primary.CR3_LOAD_EXITING);
    lab.field(CR3_TARGET_COUNT, 1).field(CR3_TARGET_VALUE0, Lab.L1_TABLES);
    lab.code(0x0F, 0x22, 0xDB, 0x0F, 0xA2);
    lab.launch();
    State.setGpr(lab.s, 3, Lab.L1_TABLES);
    assertThat(lab.run()).isEqualTo(ExitReason.CPUID);
  }

  @Test
  void xrstorsExitsByTheXssExitingBitmap() {
    Lab lab = new Lab().on().legal().secondary(Secondary.XSAVES).or(GUEST_CR4, 1 << 18);
    lab.field(XSS_EXITING_BITMAP, 0x100);
    lab.code(0x0F, 0xC7, 0x1C, 0x25, 0x00, 0x50, 0, 0); // XRSTORS [5000h]
    lab.set(State.XSS, 0x100);
    lab.gpr(0, 0x100);
    lab.gpr(2, 0);
    lab.launch();

    assertThat(lab.run()).isEqualTo(ExitReason.XRSTORS);
    assertThat(lab.x.get(EXIT_QUALIFICATION)).isEqualTo(0x5000);
    assertThat(lab.x.get(EXIT_INSTRUCTION_LENGTH)).isEqualTo(8);
    assertThat(lab.x.get(GUEST_RIP)).isEqualTo(Lab.L2_CODE);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 0, a function that is not enabled",
    "0, 512, an entry beyond the list",
    "0, 3, an entry that is no EPTP"
  })
  void aVmFunctionThatCannotBeDoneExits(int function, int entry, String why) {
    Lab lab = new Lab().on().legal().withEpt().secondary(Secondary.VM_FUNCTIONS);
    lab.field(VM_FUNCTION_CONTROLS, 1).field(EPTP_LIST_ADDRESS, Lab.LIST_PAGE);
    lab.put(Lab.LIST_PAGE + 24, 8, 0x19);
    lab.code(0x0F, 0x01, 0xD4); // VMFUNC
    lab.launch();
    lab.gpr(0, function);
    lab.gpr(1, entry);

    assertThat(lab.run()).as(why).isEqualTo(ExitReason.VMFUNC);
    assertThat(lab.x.get(EXIT_INSTRUCTION_LENGTH)).isEqualTo(3);
    assertThat(lab.x.get(EPT_POINTER)).as("unchanged").isEqualTo(Lab.EPT_TABLES | 0x1E);
  }

  /** A loop of PAUSE: nine TSC ticks or so apart, as the lab counts a nanosecond an instruction. */
  private static Lab pauses(int gap, int window) {
    Lab lab = new Lab().on().legal().secondary(Secondary.PAUSE_LOOP_EXITING);
    lab.field(PLE_GAP, gap).field(PLE_WINDOW, window);
    return lab.code(0xF3, 0x90, 0xFF, 0xC3, 0x83, 0xFB, 100, 0x75, 0xF7, 0x0F, 0xA2);
  }

  @Test
  void aLoopOfPausesExitsOnceItIsLongerThanTheWindow() {
    Lab lab = pauses(10, 50); // pause; inc ebx; cmp ebx, 100; jne; cpuid
    lab.gpr(3, 0);
    lab.launch();

    assertThat(lab.run()).isEqualTo(ExitReason.PAUSE);
    assertThat(lab.gpr(3)).as("four instructions a round, more than 50 ticks").isEqualTo(13);
    assertThat(lab.x.get(EXIT_INSTRUCTION_LENGTH)).isEqualTo(2);
  }

  @Test
  void pausesThatAreFurtherApartThanTheGapAreNoLoop() {
    Lab lab = pauses(3, 50);
    lab.gpr(3, 0);
    lab.launch();

    assertThat(lab.run()).isEqualTo(ExitReason.CPUID);
  }

  @Test
  void pauseLoopsAreOnlyWatchedAtCpl0() {
    Lab lab = pauses(10, 50);
    lab.field(GUEST_CS_ACCESS_RIGHTS, 0xA0FB).field(GUEST_SS_ACCESS_RIGHTS, 0xC0F3);
    lab.field(GUEST_CS_SELECTOR, 11).field(GUEST_SS_SELECTOR, 19);
    lab.gpr(3, 0);
    lab.launch();

    assertThat(lab.run()).isEqualTo(ExitReason.CPUID);
  }
}
