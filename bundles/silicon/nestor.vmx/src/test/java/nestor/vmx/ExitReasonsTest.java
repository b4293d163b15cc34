// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

import static nestor.vmx.VmcsField.*;
import static org.assertj.core.api.Assertions.assertThat;

import nestor.testkit.SavedState;
import nestor.vcpu.State;
import nestor.vmx.Control.Pin;
import nestor.vmx.Control.Primary;
import org.junit.jupiter.api.Test;

/** Exits that no instruction causes by an intercept of its own: events, and what entry lacks. */
class ExitReasonsTest {
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
  void theTscIsStoredWithoutTheGuestsOffset() {
    Lab lab = new Lab().on().legal().code(0x0F, 0xA2);
    lab.or(PRIMARY_CONTROLS, Primary.TSC_OFFSETTING).field(TSC_OFFSET, 1L << 40);
    lab.put(Lab.LIST_PAGE, 8, 0x10);
    lab.field(EXIT_MSR_STORE_ADDRESS, Lab.LIST_PAGE).field(EXIT_MSR_STORE_COUNT, 1);
    lab.launch();
    lab.run();
    assertThat(lab.at(Lab.LIST_PAGE + 8, 8)).isBetween(1L, 1000L);
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

    lab.vmx.restore(2, saved);
    assertThat(lab.v.intercepts.guest).isTrue();
    assertThat(lab.run()).isEqualTo(ExitReason.PREEMPTION_TIMER);
  }
}
