// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

import static nestor.vmx.VmcsField.*;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import nestor.testkit.SavedState;
import nestor.vcpu.State;
import nestor.vmx.Control.Pin;
import nestor.vmx.Control.Primary;
import nestor.vmx.Control.Secondary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every instruction that may exit, with the words that its exit leaves. */
class ExitReasonsTest {
  private static final long ANY = -2;

  /** One instruction: its controls, its bytes, and the exit. */
  private record Case(
      String name,
      int primary,
      int secondary,
      List<Integer> code,
      int reason,
      long qualification,
      long information) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Case c(
      String name, int primary, int secondary, int reason, long q, long info, int... code) {
    List<Integer> bytes = Arrays.stream(code).boxed().toList();
    return new Case(name, primary, secondary, bytes, reason, q, info);
  }

  static Stream<Case> cases() {
    int dt = Secondary.DESCRIPTOR_TABLE_EXITING;
    // The operand [rbx + 10h]: base 3, no index, DS, 64-bit addresses.
    long operand = 2 << 7 | 3 << 15 | 1 << 22 | 3 << 23;
    return Stream.of(
        c("INVD", 0, 0, ExitReason.INVD, 0, 0, 0x0F, 0x08),
        c("INVLPG", Primary.INVLPG_EXITING, 0, ExitReason.INVLPG, 0x5010, ANY, 0x0F, 1, 0x7B, 0x10),
        c("RDPMC", Primary.RDPMC_EXITING, 0, ExitReason.RDPMC, 0, 0, 0x0F, 0x33),
        c("RDTSC", Primary.RDTSC_EXITING, 0, ExitReason.RDTSC, 0, 0, 0x0F, 0x31),
        c(
            "RDTSCP",
            Primary.RDTSC_EXITING,
            Secondary.RDTSCP,
            ExitReason.RDTSCP,
            0,
            0,
            0x0F,
            0x01,
            0xF9),
        c("VMCALL", 0, 0, ExitReason.VMCALL, 0, 0, 0x0F, 0x01, 0xC1),
        c("VMCLEAR", 0, 0, ExitReason.VMCLEAR, 0x10, operand, 0x66, 0x0F, 0xC7, 0x73, 0x10),
        c("VMLAUNCH", 0, 0, ExitReason.VMLAUNCH, 0, 0, 0x0F, 0x01, 0xC2),
        c("VMPTRLD", 0, 0, ExitReason.VMPTRLD, 0x10, operand, 0x0F, 0xC7, 0x73, 0x10),
        c("VMPTRST", 0, 0, ExitReason.VMPTRST, 0x10, operand, 0x0F, 0xC7, 0x7B, 0x10),
        c("VMREAD", 0, 0, ExitReason.VMREAD, 0x10, operand | 2L << 28, 0x0F, 0x78, 0x53, 0x10),
        c("VMRESUME", 0, 0, ExitReason.VMRESUME, 0, 0, 0x0F, 0x01, 0xC3),
        c("VMWRITE", 0, 0, ExitReason.VMWRITE, 0, 1 << 10 | 3 << 3 | 2L << 28, 0x0F, 0x79, 0xD3),
        c("VMXOFF", 0, 0, ExitReason.VMXOFF, 0, 0, 0x0F, 0x01, 0xC4),
        c("VMXON", 0, 0, ExitReason.VMXON, 0x10, operand, 0xF3, 0x0F, 0xC7, 0x73, 0x10),
        c(
            "MOV to DR7",
            Primary.MOV_DR_EXITING,
            0,
            ExitReason.DR_ACCESS,
            7 | 3 << 8,
            0,
            0x0F,
            0x23,
            0xFB),
        c(
            "MOV from DR6",
            Primary.MOV_DR_EXITING,
            0,
            ExitReason.DR_ACCESS,
            6 | 1 << 4 | 3 << 8,
            0,
            0x0F,
            0x21,
            0xF3),
        c(
            "MOV to CR3",
            Primary.CR3_LOAD_EXITING,
            0,
            ExitReason.CR_ACCESS,
            3 | 3 << 8,
            0,
            0x0F,
            0x22,
            0xDB),
        c(
            "MOV from CR3",
            Primary.CR3_STORE_EXITING,
            0,
            ExitReason.CR_ACCESS,
            3 | 1 << 4 | 3 << 8,
            0,
            0x0F,
            0x20,
            0xDB),
        c(
            "MOV to CR8",
            Primary.CR8_LOAD_EXITING,
            0,
            ExitReason.CR_ACCESS,
            8 | 3 << 8,
            0,
            0x44,
            0x0F,
            0x22,
            0xC3),
        c(
            "MOV from CR8",
            Primary.CR8_STORE_EXITING,
            0,
            ExitReason.CR_ACCESS,
            8 | 1 << 4 | 3 << 8,
            0,
            0x44,
            0x0F,
            0x20,
            0xC3),
        c("OUT DX, EAX", Primary.UNCONDITIONAL_IO_EXITING, 0, ExitReason.IO, 3, 0, 0xEF),
        c(
            "REP OUTSB",
            Primary.UNCONDITIONAL_IO_EXITING,
            0,
            ExitReason.IO,
            1 << 4 | 1 << 5,
            2 << 7 | 3 << 15,
            0xF3,
            0x6E),
        c("WRMSR", 0, 0, ExitReason.WRMSR, 0, 0, 0x0F, 0x30),
        c("RDMSR", 0, 0, ExitReason.RDMSR, 0, 0, 0x0F, 0x32),
        c("MWAIT", Primary.MWAIT_EXITING, 0, ExitReason.MWAIT, 0, 0, 0x0F, 0x01, 0xC9),
        c("MONITOR", Primary.MONITOR_EXITING, 0, ExitReason.MONITOR, 0, 0, 0x0F, 0x01, 0xC8),
        c("PAUSE", Primary.PAUSE_EXITING, 0, ExitReason.PAUSE, 0, 0, 0xF3, 0x90),
        c("SGDT", 0, dt, ExitReason.GDTR_IDTR_ACCESS, 0x10, ANY, 0x0F, 0x01, 0x43, 0x10),
        c("LIDT", 0, dt, ExitReason.GDTR_IDTR_ACCESS, 0x10, ANY, 0x0F, 0x01, 0x5B, 0x10),
        c("STR", 0, dt, ExitReason.LDTR_TR_ACCESS, 0, 1 << 10 | 3 << 3 | 1 << 28, 0x0F, 0x00, 0xCB),
        c(
            "LLDT",
            0,
            dt,
            ExitReason.LDTR_TR_ACCESS,
            0,
            1 << 10 | 3 << 3 | 2 << 28,
            0x0F,
            0x00,
            0xD3),
        c("WBINVD", 0, Secondary.WBINVD_EXITING, ExitReason.WBINVD, 0, 0, 0x0F, 0x09),
        c("XSETBV", 0, 0, ExitReason.XSETBV, 0, 0, 0x0F, 0x01, 0xD1),
        c(
            "RDRAND",
            0,
            Secondary.RDRAND_EXITING,
            ExitReason.RDRAND,
            0,
            3 << 3 | 2 << 11,
            0x48,
            0x0F,
            0xC7,
            0xF3),
        c(
            "RDSEED",
            0,
            Secondary.RDSEED_EXITING,
            ExitReason.RDSEED,
            0,
            3 << 3 | 1 << 11,
            0x0F,
            0xC7,
            0xFB),
        c(
            "INVPCID",
            Primary.INVLPG_EXITING,
            Secondary.INVPCID,
            ExitReason.INVPCID,
            0x10,
            operand | 2L << 28,
            0x66,
            0x0F,
            0x38,
            0x82,
            0x53,
            0x10),
        c(
            "INVEPT",
            0,
            0,
            ExitReason.INVEPT,
            0x10,
            operand | 2L << 28,
            0x66,
            0x0F,
            0x38,
            0x80,
            0x53,
            0x10),
        c(
            "INVVPID",
            0,
            0,
            ExitReason.INVVPID,
            0x10,
            operand | 2L << 28,
            0x66,
            0x0F,
            0x38,
            0x81,
            0x53,
            0x10));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void anInstructionExitsWithItsWords(Case one) {
    Lab lab = new Lab().on().legal();
    lab.code(one.code.stream().mapToInt(Integer::intValue).toArray());
    lab.or(PRIMARY_CONTROLS, one.primary).secondary(one.secondary);
    lab.or(GUEST_CR4, 1 << 18);
    lab.gpr(2, 0);
    lab.gpr(6, 0x5000);
    lab.gpr(1, 0);
    lab.launch();
    State.setGpr(lab.s, 3, 0x5000);
    State.setGpr(lab.s, 2, 0);
    State.setGpr(lab.s, 1, one.name.equals("REP OUTSB") ? 2 : 0);

    assertThat(lab.run()).isEqualTo(one.reason);
    if (one.qualification != ANY) {
      assertThat(lab.x.get(EXIT_QUALIFICATION)).isEqualTo(one.qualification);
    }
    if (one.information != ANY) {
      assertThat(lab.x.get(EXIT_INSTRUCTION_INFO)).isEqualTo(one.information & 0xFFFF_FFFFL);
    }
    assertThat(lab.x.get(EXIT_INSTRUCTION_LENGTH)).isEqualTo(one.code.size());
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
  void softwareInterruptsAndExceptionsTellTheirTypes() {
    Lab lab = new Lab().on().legal().field(EXCEPTION_BITMAP, 1 << 3).code(0xCC);
    lab.launch();
    assertThat(lab.run()).isZero();
    assertThat(lab.x.get(EXIT_INTERRUPTION_INFO)).isEqualTo(0x8000_0603L);
    assertThat(lab.x.get(EXIT_INSTRUCTION_LENGTH)).isEqualTo(1);

    lab = new Lab().on().legal().field(EXCEPTION_BITMAP, 1 << 13).code(0xCD, 0x21);
    lab.launch();
    assertThat(lab.run()).isZero();
    assertThat(lab.x.get(IDT_VECTORING_INFO)).isEqualTo(0x8000_0421L);
    assertThat(lab.x.get(EXIT_INSTRUCTION_LENGTH)).isEqualTo(2);
  }

  @Test
  void pageFaultsExitByMaskAndMatch() {
    // mov [rbx], al, where nothing is mapped: error code 2
    Lab lab = new Lab().on().legal().field(EXCEPTION_BITMAP, 1 << 14).code(0x88, 0x03);
    lab.field(PAGE_FAULT_ERROR_CODE_MASK, 2).field(PAGE_FAULT_ERROR_CODE_MATCH, 2);
    lab.launch();
    State.setGpr(lab.s, 3, 1L << 40);
    assertThat(lab.run()).isZero();
    assertThat(lab.x.get(EXIT_INTERRUPTION_INFO)).isEqualTo(0x8000_0B0EL);
    assertThat(lab.x.get(EXIT_INTERRUPTION_ERROR_CODE)).isEqualTo(2);
    assertThat(lab.x.get(EXIT_QUALIFICATION)).isEqualTo(1L << 40);
    assertThat(lab.get(State.CR2)).isZero();

    lab = new Lab().on().legal().field(EXCEPTION_BITMAP, 1 << 14 | 1 << 8).code(0x88, 0x03);
    lab.field(PAGE_FAULT_ERROR_CODE_MASK, 2).field(PAGE_FAULT_ERROR_CODE_MATCH, 0);
    lab.launch();
    State.setGpr(lab.s, 3, 1L << 40);
    lab.run();
    assertThat(lab.x.get(EXIT_INTERRUPTION_INFO)).isNotEqualTo(0x8000_0B0EL);
  }

  @Test
  void theMsrAreasAreLoadedAndStored() {
    Lab lab = new Lab().on().legal().code(0x0F, 0xA2);
    lab.put(Lab.LIST_PAGE, 8, 0xC000_0081L); // STAR, loaded at entry and stored at exit
    lab.put(Lab.LIST_PAGE + 8, 8, 0x1234);
    lab.put(Lab.LIST_PAGE + 16, 8, 0xC000_0081L); // and loaded at exit
    lab.put(Lab.LIST_PAGE + 24, 8, 0x5678);
    lab.field(ENTRY_MSR_LOAD_ADDRESS, Lab.LIST_PAGE).field(ENTRY_MSR_LOAD_COUNT, 1);
    lab.field(EXIT_MSR_STORE_ADDRESS, Lab.LIST_PAGE).field(EXIT_MSR_STORE_COUNT, 1);
    lab.field(EXIT_MSR_LOAD_ADDRESS, Lab.LIST_PAGE + 16).field(EXIT_MSR_LOAD_COUNT, 1);
    lab.launch();
    assertThat(lab.get(State.STAR)).isEqualTo(0x1234);
    lab.set(State.STAR, 0x4321);
    lab.run();
    assertThat(lab.at(Lab.LIST_PAGE + 8, 8)).isEqualTo(0x4321);
    assertThat(lab.get(State.STAR)).isEqualTo(0x5678);
  }

  @Test
  void anMsrThatCannotBeLoadedFailsTheEntryWithItsNumber() {
    Lab lab = new Lab().on().legal().code(0x0F, 0xA2);
    lab.put(Lab.LIST_PAGE, 8, 0xC000_0081L);
    lab.put(Lab.LIST_PAGE + 16, 8, 0xC000_0100L); // FS base has a field of its own
    lab.field(ENTRY_MSR_LOAD_ADDRESS, Lab.LIST_PAGE).field(ENTRY_MSR_LOAD_COUNT, 2);
    lab.launch();
    assertThat(lab.x.get(EXIT_REASON)).isEqualTo(0x8000_0022L);
    assertThat(lab.x.get(EXIT_QUALIFICATION)).isEqualTo(2);
    assertThat(lab.get(State.RIP)).isEqualTo(Lab.L1_EXIT);
  }

  @Test
  void anMsrThatCannotBeLoadedAtExitAborts() {
    Lab lab = new Lab().on().legal().code(0x0F, 0xA2);
    lab.put(Lab.LIST_PAGE, 8, 0x7777);
    lab.field(EXIT_MSR_LOAD_ADDRESS, Lab.LIST_PAGE).field(EXIT_MSR_LOAD_COUNT, 1);
    lab.launch();
    lab.run();
    assertThat(lab.at(Lab.VMCS_REGION + Vmcs.ABORT_OFFSET, 4)).isEqualTo(4);
    assertThat(lab.get(State.ACTIVITY)).isEqualTo(State.SHUTDOWN);
  }

  @Test
  void anInitSignalOfAGuestExits() {
    Lab lab = new Lab().on().legal().code(0xEB, 0xFE);
    lab.launch();
    lab.v.pend(State.PENDING_INIT);
    assertThat(lab.run()).isEqualTo(ExitReason.INIT);
  }

  @Test
  void aStartupIpiOfAWaitingGuestExitsWithItsVector() {
    Lab lab = new Lab().on().legal().code(0x90);
    lab.field(GUEST_ACTIVITY_STATE, State.WAIT_FOR_SIPI);
    lab.launch();
    lab.v.system.startupIpi(0x9A);
    assertThat(lab.run()).isEqualTo(ExitReason.SIPI);
    assertThat(lab.x.get(EXIT_QUALIFICATION)).isEqualTo(0x9A);
  }

  @Test
  void thePreemptionTimerFiresInHlt() {
    Lab lab = new Lab().on().legal().or(PIN_BASED_CONTROLS, Pin.PREEMPTION_TIMER);
    lab.field(GUEST_ACTIVITY_STATE, State.HALTED).field(PREEMPTION_TIMER_VALUE, 10).code(0x90);
    lab.launch();
    lab.one();
    assertThat(lab.v.intercepts.guest).isTrue();
    lab.clock.advanceNanos(400);
    assertThat(lab.run()).isEqualTo(ExitReason.PREEMPTION_TIMER);
    assertThat(lab.x.get(GUEST_ACTIVITY_STATE)).isEqualTo(State.HALTED);
  }

  @Test
  void anNmiOfAGuestWithoutNmiExitingIsDeliveredToIt() {
    Lab lab = new Lab().on().legal().field(GUEST_IDTR_LIMIT, 0).code(0xEB, 0xFE);
    lab.launch();
    lab.v.pend(State.PENDING_NMI);
    assertThat(lab.run()).isEqualTo(ExitReason.TRIPLE_FAULT);
  }

  @Test
  void aSavedGuestGoesOnWhereItsStateIsPutBack() {
    Lab lab = new Lab().on().legal().or(PIN_BASED_CONTROLS, Pin.PREEMPTION_TIMER);
    lab.field(PREEMPTION_TIMER_VALUE, 10).code(0xEB, 0xFE);
    lab.launch();
    SavedState saved = new SavedState();
    lab.vmx.save(saved);
    lab.vmx.reset(false);
    assertThat(lab.v.intercepts.guest).isFalse();
    assertThat(lab.vmx.isActive()).isFalse();

    lab.vmx.restore(1, saved);
    assertThat(lab.v.intercepts.guest).isTrue();
    assertThat(lab.run()).isEqualTo(ExitReason.PREEMPTION_TIMER);
  }
}
