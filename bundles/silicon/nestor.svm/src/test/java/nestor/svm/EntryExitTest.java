// SPDX-License-Identifier: Apache-2.0
package nestor.svm;

import static nestor.svm.VmcbField.*;
import static org.assertj.core.api.Assertions.assertThat;

import nestor.svm.Vectors.Third;
import nestor.vcpu.State;
import org.junit.jupiter.api.Test;

/** A guest goes in, does something, and comes out. */
class EntryExitTest {

  @Test
  void cpuidExitsWithNripAndTheHostGoesOnBehindVmrun() {
    Lab lab = new Lab().legal().or(INTERCEPT_3, Third.CPUID).code(0x90, 0x0F, 0xA2);

    assertThat(lab.go()).isEqualTo(ExitCode.CPUID);
    assertThat(lab.field(RIP)).isEqualTo(Lab.L2_CODE + 1);
    assertThat(lab.field(NRIP)).isEqualTo(Lab.L2_CODE + 3);
    assertThat(lab.get(State.RIP)).isEqualTo(Lab.L1_CODE + 3);
    assertThat(lab.gpr(4)).isEqualTo(0x3_8000);
    assertThat(lab.gpr(0)).isEqualTo(Lab.VMCB);
    assertThat(lab.v.intercepts.eventsHeld).isTrue();
  }

  @Test
  void raxOfTheGuestLivesInTheVmcbAndTheOthersInTheRegisters() {
    Lab lab = new Lab().legal().field(RAX, 7).code(0x48, 0x01, 0xD8, 0xF4); // add rax, rbx
    lab.gpr(3, 5);

    assertThat(lab.go()).isEqualTo(ExitCode.HLT);
    assertThat(lab.field(RAX)).isEqualTo(12);
    assertThat(lab.gpr(0)).isEqualTo(Lab.VMCB);
  }

  @Test
  void aGuestUnderNestedPagingSeesItsOwnMemoryAndSetsAccessedAndDirty() {
    Lab lab = new Lab().legal().nested().field(RAX, 0x1234);
    lab.code(0x89, 0x04, 0x25, 0x00, 0x50, 0, 0, 0xF4);

    assertThat(lab.go()).isEqualTo(ExitCode.HLT);
    assertThat(lab.at(Lab.L2_RAM + 0x5000, 4)).isEqualTo(0x1234);
    assertThat(lab.at(Lab.nestedEntry(0x5000), 8) & 0x60).isEqualTo(0x60);
    assertThat(lab.at(Lab.nestedEntry(Lab.L2_CODE), 8) & 0x60).isEqualTo(0x20);
    assertThat(lab.at(Lab.nestedEntry(Lab.L2_TABLES), 8) & 0x60).isEqualTo(0x60);
  }

  @Test
  void aNestedPageFaultTellsErrorCodeAddressAndInstructionBytes() {
    Lab lab = new Lab().legal().nested();
    lab.code(0x89, 0x04, 0x25, 0x10, 0x50, 0, 0, 0xF4);
    lab.put(Lab.nestedEntry(0x5000), 8, Lab.L2_RAM + 0x5000 | 5); // not writable

    assertThat(lab.go()).isEqualTo(ExitCode.NPF);
    assertThat(lab.field(EXITINFO1)).isEqualTo(1L << 32 | 7);
    assertThat(lab.field(EXITINFO2)).isEqualTo(0x5010);
    assertThat(lab.field(RIP)).isEqualTo(Lab.L2_CODE);
    assertThat(lab.field(BYTES_FETCHED)).isEqualTo(15);
    assertThat(lab.field(INSTRUCTION_BYTES_LOW)).isEqualTo(0xF400_0050_1025_0489L);
  }

  @Test
  void aFetchIsToldOnlyIfTheHostsPagingHasARightToExecute() {
    for (long efer : new long[] {0x1D01, 0x1501}) { // with NXE, and without
      Lab lab = new Lab().legal().nested().code(0xF4);
      lab.set(State.EFER, efer);
      lab.put(Lab.nestedEntry(Lab.L2_CODE), 8, Lab.L2_RAM + Lab.L2_CODE | 3); // supervisor's
      assertThat(lab.go()).isEqualTo(ExitCode.NPF);
      assertThat(lab.field(EXITINFO1)).isEqualTo(1L << 32 | (efer == 0x1D01 ? 0x15 : 5));
    }
  }

  @Test
  void aSupervisorPageOfTheHostIsNoPageForAGuest() {
    Lab lab = new Lab().legal().nested().code(0xA1, 0, 0x50, 0, 0, 0, 0, 0, 0, 0xF4);
    lab.put(Lab.nestedEntry(0x5000), 8, Lab.L2_RAM + 0x5000 | 3);

    assertThat(lab.go()).isEqualTo(ExitCode.NPF);
    assertThat(lab.field(EXITINFO1)).isEqualTo(1L << 32 | 5);
  }

  @Test
  void aMissingPageOfGuestTablesFaultsInTheWalk() {
    Lab lab = new Lab().legal().nested().code(0xF4);
    lab.put(Lab.nestedEntry(Lab.L2_TABLES + 0x1000), 8, 0);

    assertThat(lab.go()).isEqualTo(ExitCode.NPF);
    assertThat(lab.field(EXITINFO1)).isEqualTo(1L << 33 | 6);
    assertThat(lab.field(EXITINFO2) & -4096L).isEqualTo(Lab.L2_TABLES + 0x1000);
  }

  @Test
  void reservedBitsOfANestedEntryAreToldApart() {
    Lab lab = new Lab().legal().nested().code(0xA1, 0, 0x50, 0, 0, 0, 0, 0, 0, 0xF4);
    lab.put(Lab.nestedEntry(0x5000), 8, Lab.L2_RAM + 0x5000 | 7 | 1L << 51);

    assertThat(lab.go()).isEqualTo(ExitCode.NPF);
    assertThat(lab.field(EXITINFO1)).isEqualTo(1L << 32 | 0xD);
  }

  @Test
  void aGuestHasItsOwnPat() {
    Lab lab = new Lab().legal().nested().field(G_PAT, 0x0606_0606_0606_0606L);
    lab.code(0xB9, 0x77, 2, 0, 0, 0x0F, 0x32, 0xF4);
    long host = lab.v.system.readMsr(0x277);

    assertThat(lab.go()).isEqualTo(ExitCode.HLT);
    assertThat(lab.field(RAX)).isEqualTo(0x0606_0606);
    assertThat(lab.v.system.readMsr(0x277)).isEqualTo(host);
  }

  @Test
  void anInterceptedExceptionIsNotDelivered() {
    Lab lab = new Lab().legal().field(INTERCEPT_EXCEPTIONS, 1 << 6).code(0x0F, 0x0B);

    assertThat(lab.go()).isEqualTo(ExitCode.EXCEPTION + 6);
    assertThat(lab.field(RIP)).isEqualTo(Lab.L2_CODE);
    assertThat(lab.field(NRIP)).isZero();
  }

  @Test
  void aPageFaultTellsErrorCodeAndAddress() {
    Lab lab = new Lab().legal().field(INTERCEPT_EXCEPTIONS, 1 << 14);
    lab.code(0xA1, 0, 0, 0, 0x40, 0, 0, 0, 0);

    assertThat(lab.go()).isEqualTo(ExitCode.EXCEPTION + 14);
    assertThat(lab.field(EXITINFO1)).isZero();
    assertThat(lab.field(EXITINFO2)).isEqualTo(0x4000_0000);
    assertThat(lab.field(BYTES_FETCHED)).isEqualTo(15);
  }

  @Test
  void aFaultDuringDeliveryTellsWhatWasBeingDelivered() {
    Lab lab = new Lab().legal().field(INTERCEPT_EXCEPTIONS, 1 << 13 | 1 << 11);
    lab.code(0x0F, 0x0B); // #UD, and the IDT has no gate for it: #GP

    assertThat(lab.go()).isEqualTo(ExitCode.EXCEPTION + 13);
    assertThat(lab.field(EXITINTINFO)).isEqualTo(0x8000_0306L);
  }

  @Test
  void aTripleFaultExits() {
    Lab lab = new Lab().legal().field(IDTR_LIMIT, 0).code(0x0F, 0x0B);

    assertThat(lab.go()).isEqualTo(ExitCode.SHUTDOWN);
    assertThat(lab.get(State.ACTIVITY)).isEqualTo(State.ACTIVE);
  }

  @Test
  void anInjectedExceptionReachesTheGuestsHandlerWithItsErrorCode() {
    Lab lab = new Lab().legal().code(0x90).handler(13, Lab.L2_CODE + 0x100);
    lab.field(EVENTINJ, 0x8000_0B0DL | 0x18L << 32);

    assertThat(lab.go()).isEqualTo(ExitCode.HLT);
    assertThat(lab.field(RIP)).isEqualTo(Lab.L2_CODE + 0x100);
    assertThat(lab.at(lab.field(RSP), 8)).isEqualTo(0x18);
    assertThat(lab.at(lab.field(RSP) + 8, 8)).isEqualTo(Lab.L2_CODE);
    assertThat(lab.field(EVENTINJ)).isZero();
  }

  @Test
  void anInjectedSoftwareInterruptReturnsToNrip() {
    Lab lab = new Lab().legal().code(0x90).handler(0x80, Lab.L2_CODE + 0x100);
    lab.field(EVENTINJ, 0x8000_0480L).field(NRIP, Lab.L2_CODE + 2);

    assertThat(lab.go()).isEqualTo(ExitCode.HLT);
    assertThat(lab.at(lab.field(RSP), 8)).isEqualTo(Lab.L2_CODE + 2);
  }

  @Test
  void aPortExitsByItsMap() {
    Lab lab = new Lab().legal().or(INTERCEPT_3, Third.IOIO_PROT).field(IOPM_BASE_PA, Lab.IOPM);
    lab.put(Lab.IOPM + 0x61 / 8, 1, 1 << (0x61 & 7));
    lab.code(0xE4, 0x60, 0xE4, 0x61);

    assertThat(lab.go()).isEqualTo(ExitCode.IOIO);
    assertThat(lab.field(EXITINFO1)).isEqualTo(0x61L << 16 | 1 << 9 | 1 << 4 | 1);
    assertThat(lab.field(EXITINFO2)).isEqualTo(Lab.L2_CODE + 4);
  }

  @Test
  void anMsrExitsByItsMap() {
    Lab lab = new Lab().legal().or(INTERCEPT_3, Third.MSR_PROT).field(MSRPM_BASE_PA, Lab.MSRPM);
    lab.put(Lab.MSRPM + 0x800 + 0x101 / 4, 1, 2 << 2 * (0x101 & 3)); // WRMSR of GS_BASE
    lab.code(0xB9, 1, 1, 0, 0xC0, 0x0F, 0x32, 0x0F, 0x30);

    assertThat(lab.go()).isEqualTo(ExitCode.MSR);
    assertThat(lab.field(EXITINFO1)).isEqualTo(1);
    assertThat(lab.field(RIP)).isEqualTo(Lab.L2_CODE + 7);
  }

  @Test
  void aWriteOfCr3TellsItsRegister() {
    Lab lab =
        new Lab().legal().field(INTERCEPT_CR, 8L << 16).code(0x0F, 0x22, 0xDB); // mov cr3, rbx

    assertThat(lab.go()).isEqualTo(ExitCode.CR0_WRITE + 3);
    assertThat(lab.field(EXITINFO1)).isEqualTo(1L << 63 | 3);
  }

  @Test
  void theSelectiveInterceptLetsTsThroughAndNotWp() {
    Lab lab = new Lab().legal().or(INTERCEPT_3, Third.CR0_SEL_WRITE);
    // mov rax, cr0; xor al, 8; mov cr0, rax; bts rax, 16; mov cr0, rax
    lab.code(
        0x0F, 0x20, 0xC0, 0x34, 8, 0x0F, 0x22, 0xC0, 0x48, 0x0F, 0xBA, 0xE8, 16, 0x0F, 0x22, 0xC0);

    assertThat(lab.go()).isEqualTo(ExitCode.CR0_SEL_WRITE);
    assertThat(lab.field(RIP)).isEqualTo(Lab.L2_CODE + 13);
    assertThat(lab.field(CR0) & 8).isEqualTo(8);
  }

  @Test
  void withMaskingCr8IsTheVirtualTpr() {
    Lab lab = new Lab().legal().field(INTERRUPT_CONTROL, Svm.V_INTR_MASKING | 5);
    // mov rax, cr8; mov rbx, rax; mov al, 9; mov cr8, rax
    lab.code(0x44, 0x0F, 0x20, 0xC0, 0x48, 0x89, 0xC3, 0xB0, 9, 0x44, 0x0F, 0x22, 0xC0, 0xF4);

    assertThat(lab.go()).isEqualTo(ExitCode.HLT);
    assertThat(lab.gpr(3)).isEqualTo(5);
    assertThat(lab.field(INTERRUPT_CONTROL) & 0xFF).isEqualTo(9);
    assertThat(lab.v.apic.cr8()).isZero();
  }

  @Test
  void aVirtualInterruptWaitsForIfAndTheEndOfTheShadow() {
    Lab lab = new Lab().legal().code(0x90, 0xFB, 0x90, 0x90).handler(0x51, Lab.L2_CODE + 0x100);
    lab.field(INTERRUPT_CONTROL, 0x51L << 32 | 8 << 16 | Svm.V_IRQ | Svm.V_INTR_MASKING);

    assertThat(lab.go()).isEqualTo(ExitCode.HLT);
    assertThat(lab.field(RIP)).isEqualTo(Lab.L2_CODE + 0x100);
    assertThat(lab.at(lab.field(RSP), 8)).isEqualTo(Lab.L2_CODE + 3);
    assertThat(lab.field(INTERRUPT_CONTROL) & Svm.V_IRQ).isZero();
  }

  @Test
  void theVintrInterceptIsAnInterruptWindow() {
    Lab lab = new Lab().legal().or(INTERCEPT_3, Third.VINTR).code(0x90, 0xFB, 0x90, 0x90);
    lab.field(INTERRUPT_CONTROL, Svm.V_IRQ | 15 << 16 | Svm.V_INTR_MASKING);

    assertThat(lab.go()).isEqualTo(ExitCode.VINTR);
    assertThat(lab.field(RIP)).isEqualTo(Lab.L2_CODE + 3);
    assertThat(lab.field(INTERRUPT_CONTROL) & Svm.V_IRQ).isNotZero();
  }

  @Test
  void aVirtualInterruptOfLowPriorityStaysPending() {
    Lab lab = new Lab().legal().field(RFLAGS, 0x202).code(0x90, 0x90, 0xF4);
    lab.field(INTERRUPT_CONTROL, 0x51L << 32 | 5 << 16 | Svm.V_IRQ | Svm.V_INTR_MASKING | 5);

    assertThat(lab.go()).isEqualTo(ExitCode.HLT);
    assertThat(lab.field(INTERRUPT_CONTROL) & Svm.V_IRQ).isNotZero();
  }

  @Test
  void aPhysicalInterruptExitsAndStaysPendingUntilGifIsSet() {
    Lab lab = new Lab().legal().or(INTERCEPT_3, Third.INTR).code(0xEB, 0xFE);
    lab.field(INTERRUPT_CONTROL, Svm.V_INTR_MASKING);
    lab.v.apic.store(0xF0, 4, 0x1FF);
    State.set(lab.s, State.RFLAGS, 0x202);
    lab.vmrun();
    lab.one();
    lab.v.apic.deliver(0, 0x51, false);

    assertThat(lab.run()).isEqualTo(ExitCode.INTR);
    assertThat(lab.v.apic.pendingVector()).isEqualTo(0x51);
    lab.execute(0x90);
    assertThat(lab.get(State.RIP))
        .isEqualTo(Lab.L1_CODE + 1); // GIF is 0, so IF = 1 lets nothing in
    assertThat(lab.v.apic.pendingVector()).isEqualTo(0x51);
  }

  @Test
  void theHostsInterruptFlagMasksPhysicalInterrupts() {
    Lab lab = new Lab().legal().or(INTERCEPT_3, Third.INTR).field(RFLAGS, 0x202);
    lab.field(INTERRUPT_CONTROL, Svm.V_INTR_MASKING).code(0x90, 0x90, 0xF4);
    lab.v.apic.store(0xF0, 4, 0x1FF);
    lab.vmrun();
    lab.v.apic.deliver(0, 0x51, false);

    assertThat(lab.run()).isEqualTo(ExitCode.HLT);
  }

  @Test
  void anNmiExitsAndStaysPending() {
    Lab lab = new Lab().legal().or(INTERCEPT_3, Third.NMI).code(0xEB, 0xFE);
    lab.vmrun();
    lab.v.pend(State.PENDING_NMI);

    assertThat(lab.run()).isEqualTo(ExitCode.NMI);
    assertThat(lab.get(State.PENDING) & State.PENDING_NMI).isNotZero();
  }

  @Test
  void aVirtualNmiIsDeliveredAndMasksTheNextUntilIret() {
    Lab lab = new Lab().legal().or(INTERCEPT_3, Third.NMI).code(0x90);
    lab.handler(2, Lab.L2_CODE + 0x100).field(INTERRUPT_CONTROL, Svm.V_NMI | Svm.V_NMI_ENABLE);

    assertThat(lab.go()).isEqualTo(ExitCode.HLT);
    assertThat(lab.field(RIP)).isEqualTo(Lab.L2_CODE + 0x100);
    assertThat(lab.field(INTERRUPT_CONTROL) & (Svm.V_NMI | Svm.V_NMI_MASK))
        .isEqualTo(Svm.V_NMI_MASK);
    assertThat(lab.v.core.isNmiBlocked()).isFalse();
  }

  @Test
  void withVirtualGifClgiAndStgiStayInTheGuest() {
    Lab lab = new Lab().legal().field(INTERRUPT_CONTROL, Svm.V_GIF | Svm.V_GIF_ENABLE);
    lab.code(0x0F, 0x01, 0xDD, 0xF4);

    assertThat(lab.go()).isEqualTo(ExitCode.HLT);
    assertThat(lab.field(INTERRUPT_CONTROL) & Svm.V_GIF).isZero();
  }

  @Test
  void theTscOfAGuestIsScaledAndOffset() {
    Lab lab = new Lab().legal().field(TSC_OFFSET, 1L << 40).code(0x0F, 0x31, 0xF4);
    lab.v.system.writeMsr(0xC000_0104, 3L << 31); // 1.5
    long before = lab.v.system.tsc();
    lab.go();
    long tsc = lab.gpr(2) << 32 | lab.field(RAX);

    assertThat(tsc - (1L << 40)).isBetween(before * 3 / 2, (before + 4) * 3 / 2);
  }

  @Test
  void thePauseFilterLetsSomePausesThrough() {
    Lab lab = new Lab().legal().or(INTERCEPT_3, Third.PAUSE).field(PAUSE_FILTER_COUNT, 3);
    lab.code(0xFF, 0xC3, 0xF3, 0x90, 0xEB, 0xFA); // inc ebx; pause; jmp

    assertThat(lab.go()).isEqualTo(ExitCode.PAUSE);
    assertThat(lab.gpr(3)).isEqualTo(4);
  }

  @Test
  void pushfAndSoftwareInterruptsExit() {
    Lab lab = new Lab().legal().or(INTERCEPT_3, Third.PUSHF).code(0x9C);
    assertThat(lab.go()).isEqualTo(ExitCode.PUSHF);

    lab = new Lab().legal().or(INTERCEPT_3, Third.SWINT).code(0xCD, 0x80);
    assertThat(lab.go()).isEqualTo(ExitCode.SWINT);
    assertThat(lab.field(EXITINFO1)).isEqualTo(0x80);
  }
}
