// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

import static nestor.vmx.VmcsField.*;
import static org.assertj.core.api.Assertions.assertThat;

import nestor.vcpu.State;
import nestor.vmx.Control.Pin;
import nestor.vmx.Control.Primary;
import nestor.vmx.Control.Secondary;
import org.junit.jupiter.api.Test;

/** A guest goes in, does something, and comes out. */
class EntryExitTest {
  private static final int[] CPUID = {0x0F, 0xA2};

  @Test
  void cpuidExitsWithItsLengthAndTheHostGoesOnAtHostRip() {
    Lab lab = new Lab().on().legal().code(0x90, 0x0F, 0xA2);
    lab.launch();

    assertThat(lab.run()).isEqualTo(ExitReason.CPUID);
    assertThat(lab.x.get(EXIT_INSTRUCTION_LENGTH)).isEqualTo(2);
    assertThat(lab.x.get(GUEST_RIP)).isEqualTo(Lab.L2_CODE + 1);
    assertThat(lab.get(State.RIP)).isEqualTo(Lab.L1_EXIT);
    assertThat(lab.gpr(4)).isEqualTo(0x3_8000);
  }

  @Test
  void aResumedGuestGoesOnWhereItsRipPoints() {
    Lab lab = new Lab().on().legal().code(0x0F, 0xA2, 0xFF, 0xC3, 0x0F, 0xA2);
    lab.launch();
    lab.run();
    lab.gpr(3, 41);
    lab.field(GUEST_RIP, Lab.L2_CODE + 2);
    lab.resume();

    assertThat(lab.run()).isEqualTo(ExitReason.CPUID);
    assertThat(lab.gpr(3)).isEqualTo(42);
  }

  @Test
  void xsavesExitsByTheXssExitingBitmap() {
    Lab lab = new Lab().on().legal().secondary(Secondary.XSAVES).or(GUEST_CR4, 1 << 18);
    lab.field(XSS_EXITING_BITMAP, 0x100);
    lab.code(0x0F, 0xC7, 0x2C, 0x25, 0x00, 0x50, 0, 0, 0x0F, 0xA2); // XSAVES [5000h], CPUID
    lab.set(State.XSS, 0x100);
    lab.gpr(0, 0x100);
    lab.gpr(2, 0);
    lab.launch();

    assertThat(lab.run()).isEqualTo(ExitReason.XSAVES);
    assertThat(lab.x.get(GUEST_RIP)).isEqualTo(Lab.L2_CODE);

    lab.gpr(0, 1);
    lab.resume();
    assertThat(lab.run()).isEqualTo(ExitReason.CPUID);
  }

  @Test
  void aSecondLaunchFailsAndAResumeOfAClearVmcsToo() {
    Lab lab = new Lab().on().legal().code(CPUID);
    lab.resume();
    assertThat(lab.outcome()).isEqualTo("VMfailValid(5)");

    lab.launch();
    lab.run();
    lab.launch();
    assertThat(lab.outcome()).isEqualTo("VMfailValid(4)");
  }

  @Test
  void aGuestUnderEptSeesItsOwnMemory() {
    // mov [0x5000], eax; cpuid
    Lab lab = new Lab().on().legal().withEpt();
    lab.code(0x89, 0x04, 0x25, 0x00, 0x50, 0, 0, 0x0F, 0xA2);
    lab.gpr(0, 0x1234);
    lab.launch();
    State.setGpr(lab.s, 0, 0x1234);

    assertThat(lab.run()).isEqualTo(ExitReason.CPUID);
    assertThat(lab.at(Lab.L2_RAM + 0x5000, 4)).isEqualTo(0x1234);
  }

  @Test
  void anEptViolationTellsAddressesAndRights() {
    Lab lab = new Lab().on().legal().withEpt();
    lab.code(0x89, 0x04, 0x25, 0x10, 0x50, 0, 0, 0x0F, 0xA2);
    lab.put(Lab.eptEntry(0x5000), 8, Lab.L2_RAM + 0x5000 | 0x35); // not writable
    lab.launch();

    assertThat(lab.run()).isEqualTo(ExitReason.EPT_VIOLATION);
    assertThat(lab.x.get(GUEST_PHYSICAL_ADDRESS)).isEqualTo(0x5010);
    assertThat(lab.x.get(GUEST_LINEAR_ADDRESS)).isEqualTo(0x5010);
    assertThat(lab.x.get(EXIT_QUALIFICATION) & 0x1BF).isEqualTo(2 | 1 << 3 | 1 << 5 | 3 << 7);
    assertThat(lab.x.get(GUEST_RIP)).isEqualTo(Lab.L2_CODE);
  }

  @Test
  void reservedBitsOfAnEptEntryAreAMisconfiguration() {
    Lab lab = new Lab().on().legal().withEpt().code(0xA1, 0, 0x50, 0, 0, 0, 0, 0, 0);
    lab.put(Lab.eptEntry(0x5000), 8, Lab.L2_RAM + 0x5000 | 0x2); // write-only
    lab.launch();

    assertThat(lab.run()).isEqualTo(ExitReason.EPT_MISCONFIGURATION);
    assertThat(lab.x.get(GUEST_PHYSICAL_ADDRESS)).isEqualTo(0x5000);
  }

  @Test
  void accessedAndDirtyBitsAreSetWhereTheEptPointerAsksForThem() {
    Lab lab = new Lab().on().legal().withEpt();
    lab.or(EPT_POINTER, 1 << 6);
    lab.code(0x89, 0x04, 0x25, 0x00, 0x50, 0, 0, 0x0F, 0xA2);
    lab.launch();
    lab.run();

    assertThat(lab.at(Lab.eptEntry(0x5000), 8) & 0x300).isEqualTo(0x300);
    assertThat(lab.at(Lab.eptEntry(Lab.L2_CODE), 8) & 0x300).isEqualTo(0x100);
    // The guest's page tables are written by the walk.
    assertThat(lab.at(Lab.eptEntry(Lab.L2_TABLES), 8) & 0x300).isEqualTo(0x300);
  }

  @Test
  void theHaltOfAGuestExits() {
    Lab lab = new Lab().on().legal().code(0xF4);
    lab.launch();

    assertThat(lab.run()).isEqualTo(ExitReason.HLT);
    assertThat(lab.x.get(GUEST_ACTIVITY_STATE)).isZero();
  }

  @Test
  void anInterceptedExceptionIsNotDelivered() {
    Lab lab = new Lab().on().legal().field(EXCEPTION_BITMAP, 1 << 6).code(0x0F, 0x0B);
    lab.launch();

    assertThat(lab.run()).isZero();
    assertThat(lab.x.get(EXIT_INTERRUPTION_INFO)).isEqualTo(0x8000_0306L);
    assertThat(lab.x.get(GUEST_RIP)).isEqualTo(Lab.L2_CODE);
    assertThat(lab.x.get(GUEST_RFLAGS) & 1 << 16).isNotZero();
  }

  @Test
  void aFaultDuringDeliveryTellsWhatWasBeingDelivered() {
    Lab lab = new Lab().on().legal().field(EXCEPTION_BITMAP, 1 << 13 | 1 << 11);
    lab.code(0x0F, 0x0B); // #UD, and the IDT has a gate of type 0 for it: #GP
    lab.launch();

    assertThat(lab.run()).isZero();
    assertThat(lab.x.get(EXIT_INTERRUPTION_INFO)).isEqualTo(0x8000_0B0DL);
    assertThat(lab.x.get(IDT_VECTORING_INFO)).isEqualTo(0x8000_0306L);
  }

  @Test
  void aTripleFaultExits() {
    Lab lab = new Lab().on().legal().field(GUEST_IDTR_LIMIT, 0).code(0x0F, 0x0B);
    lab.launch();

    assertThat(lab.run()).isEqualTo(ExitReason.TRIPLE_FAULT);
    assertThat(lab.get(State.ACTIVITY)).isEqualTo(State.ACTIVE);
  }

  @Test
  void anInjectedExceptionReachesTheGuestsHandler() {
    Lab lab = new Lab().on().legal().code(0x90);
    long handler = Lab.L2_CODE + 0x100;
    lab.put(Lab.L2_IDT + 13 * 16, 8, handler & 0xFFFF | 8L << 16 | 0x8E00L << 32);
    lab.put(Lab.L2_IDT + 13 * 16 + 8, 8, 0);
    lab.field(GUEST_GDTR_BASE, 0x6000);
    lab.put(0x6008, 8, 0x00AF_9B00_0000_FFFFL);
    lab.put(handler, 2, 0xA20F);
    lab.field(ENTRY_INTERRUPTION_INFO, 0x8000_0B0DL).field(ENTRY_EXCEPTION_ERROR_CODE, 0x18);
    lab.launch();

    assertThat(lab.run()).isEqualTo(ExitReason.CPUID);
    assertThat(lab.x.get(GUEST_RIP)).isEqualTo(handler);
    assertThat(lab.at(lab.x.get(GUEST_RSP), 8)).isEqualTo(0x18);
    assertThat(lab.at(lab.x.get(GUEST_RSP) + 8, 8)).isEqualTo(Lab.L2_CODE);
    assertThat(lab.x.get(ENTRY_INTERRUPTION_INFO)).isEqualTo(0x0B0D);
  }

  @Test
  void thePreemptionTimerEndsALoop() {
    Lab lab = new Lab().on().legal().or(PIN_BASED_CONTROLS, Pin.PREEMPTION_TIMER);
    lab.field(PREEMPTION_TIMER_VALUE, 10).code(0xEB, 0xFE);
    long start = lab.clock.nanos();
    lab.launch();

    assertThat(lab.run()).isEqualTo(ExitReason.PREEMPTION_TIMER);
    assertThat(lab.clock.nanos() - start)
        .isBetween(9L << Capabilities.TIMER_SHIFT, 11L << Capabilities.TIMER_SHIFT);
  }

  @Test
  void aTimerOfZeroExitsBeforeTheFirstInstruction() {
    Lab lab = new Lab().on().legal().or(PIN_BASED_CONTROLS, Pin.PREEMPTION_TIMER).code(0xF4);
    lab.launch();

    assertThat(lab.run()).isEqualTo(ExitReason.PREEMPTION_TIMER);
    assertThat(lab.x.get(GUEST_RIP)).isEqualTo(Lab.L2_CODE);
  }

  @Test
  void theMonitorTrapFlagExitsAfterOneInstruction() {
    Lab lab = new Lab().on().legal().or(PRIMARY_CONTROLS, Primary.MONITOR_TRAP_FLAG);
    lab.code(0x90, 0x90);
    lab.launch();

    assertThat(lab.run()).isEqualTo(ExitReason.MONITOR_TRAP_FLAG);
    assertThat(lab.x.get(GUEST_RIP)).isEqualTo(Lab.L2_CODE + 1);
  }

  @Test
  void theInterruptWindowOpensAfterTheShadowOfSti() {
    Lab lab = new Lab().on().legal().or(PRIMARY_CONTROLS, Primary.INTERRUPT_WINDOW_EXITING);
    lab.code(0x90, 0xFB, 0x90, 0x90);
    lab.launch();

    assertThat(lab.run()).isEqualTo(ExitReason.INTERRUPT_WINDOW);
    assertThat(lab.x.get(GUEST_RIP)).isEqualTo(Lab.L2_CODE + 3);
  }

  @Test
  void aPortExitsByItsBitmap() {
    Lab lab = new Lab().on().legal().or(PRIMARY_CONTROLS, Primary.IO_BITMAPS);
    lab.field(IO_BITMAP_A, Lab.IO_BITMAP_PAGES).field(IO_BITMAP_B, Lab.IO_BITMAP_PAGES + 0x1000);
    lab.put(Lab.IO_BITMAP_PAGES + 0x61 / 8, 1, 1 << (0x61 & 7));
    lab.code(0xE4, 0x60, 0xE4, 0x61);
    lab.launch();

    assertThat(lab.run()).isEqualTo(ExitReason.IO);
    assertThat(lab.x.get(GUEST_RIP)).isEqualTo(Lab.L2_CODE + 2);
    assertThat(lab.x.get(EXIT_QUALIFICATION)).isEqualTo(0x61L << 16 | 1 << 6 | 1 << 3);
  }

  @Test
  void anMsrExitsByItsBitmap() {
    Lab lab = new Lab().on().legal().or(PRIMARY_CONTROLS, Primary.MSR_BITMAPS);
    lab.field(MSR_BITMAP, Lab.MSR_BITMAP_PAGE);
    lab.put(Lab.MSR_BITMAP_PAGE + 0x400 + 0x100 / 8, 1, 2); // RDMSR of GS_BASE
    lab.code(0xB9, 0, 1, 0, 0xC0, 0x0F, 0x32, 0xFF, 0xC1, 0x0F, 0x32);
    lab.launch();

    assertThat(lab.run()).isEqualTo(ExitReason.RDMSR);
    assertThat(lab.gpr(1)).isEqualTo(0xC000_0101L);
  }

  @Test
  void readsOfCr0SeeTheShadowAndWritesOfOwnedBitsExit() {
    Lab lab = new Lab().on().legal().field(CR0_GUEST_HOST_MASK, 8).field(CR0_READ_SHADOW, 8);
    lab.code(0x0F, 0x20, 0xC0, 0x24, 0xF7, 0x0F, 0x22, 0xC0); // and al, 0F7h
    lab.launch();

    assertThat(lab.run()).isEqualTo(ExitReason.CR_ACCESS);
    assertThat(lab.gpr(0) & 0x3F).isEqualTo(0x31);
    assertThat(lab.x.get(EXIT_QUALIFICATION)).isZero();
    assertThat(lab.x.get(GUEST_RIP)).isEqualTo(Lab.L2_CODE + 5);
  }

  @Test
  void theTprShadowAnswersForCr8AndExitsBelowItsThreshold() {
    Lab lab = new Lab().on().legal().or(PRIMARY_CONTROLS, Primary.TPR_SHADOW);
    lab.field(VIRTUAL_APIC_ADDRESS, Lab.APIC_PAGE).field(TPR_THRESHOLD, 3);
    lab.put(Lab.APIC_PAGE + 0x80, 4, 0x50);
    // mov rax, cr8; mov rbx, rax; mov al, 2; mov cr8, rax; nop
    lab.code(0x44, 0x0F, 0x20, 0xC0, 0x48, 0x89, 0xC3, 0xB0, 2, 0x44, 0x0F, 0x22, 0xC0, 0x90);
    lab.launch();

    assertThat(lab.run()).isEqualTo(ExitReason.TPR_BELOW_THRESHOLD);
    assertThat(lab.gpr(3)).isEqualTo(5);
    assertThat(lab.x.get(GUEST_RIP)).isEqualTo(Lab.L2_CODE + 13);
    assertThat(lab.at(Lab.APIC_PAGE + 0x80, 4)).isEqualTo(0x20);
  }

  @Test
  void anUnrestrictedGuestRunsRealModeCode() {
    Lab lab = new Lab().on().legal().withEpt().secondary(Secondary.UNRESTRICTED_GUEST);
    lab.without(ENTRY_CONTROLS, Control.Entry.IA32E_MODE_GUEST);
    lab.field(GUEST_CR0, 0x30).field(GUEST_CR4, 0x2000);
    lab.field(GUEST_CS_ACCESS_RIGHTS, 0x9B).field(GUEST_CS_LIMIT, 0xFFFF);
    lab.field(GUEST_CS_SELECTOR, 0x800).field(GUEST_CS_BASE, 0x8000).field(GUEST_RIP, 0);
    lab.code(0xB8, 0x34, 0x12, 0xA3, 0x00, 0x50, 0x0F, 0xA2); // mov ax, 1234h; mov [5000h], ax
    lab.launch();

    assertThat(lab.run()).isEqualTo(ExitReason.CPUID);
    assertThat(lab.at(Lab.L2_RAM + 0x5000, 2)).isEqualTo(0x1234);
  }

  @Test
  void anExternalInterruptExitsAndIsAcknowledgedIfAsked() {
    Lab lab = new Lab().on().legal().or(PIN_BASED_CONTROLS, Pin.EXTERNAL_INTERRUPT_EXITING);
    lab.or(EXIT_CONTROLS, Control.Exit.ACKNOWLEDGE_INTERRUPT).code(0xEB, 0xFE);
    lab.v.apic.store(0xF0, 4, 0x1FF);
    lab.launch();
    lab.one();
    lab.v.apic.deliver(0, 0x51, false);

    assertThat(lab.run()).isEqualTo(ExitReason.EXTERNAL_INTERRUPT);
    assertThat(lab.x.get(EXIT_INTERRUPTION_INFO)).isEqualTo(0x8000_0051L);
    assertThat(lab.v.apic.pendingVector()).isEqualTo(-1);
  }

  @Test
  void anNmiExitsAndBlocksNmisInTheHost() {
    Lab lab = new Lab().on().legal().or(PIN_BASED_CONTROLS, Pin.NMI_EXITING).code(0xEB, 0xFE);
    lab.launch();
    lab.v.pend(State.PENDING_NMI);

    assertThat(lab.run()).isZero();
    assertThat(lab.x.get(EXIT_INTERRUPTION_INFO)).isEqualTo(0x8000_0202L);
    assertThat(lab.v.core.isNmiBlocked()).isTrue();
  }

  @Test
  void theTscOfAGuestIsOffset() {
    Lab lab = new Lab().on().legal().or(PRIMARY_CONTROLS, Primary.TSC_OFFSETTING);
    lab.field(TSC_OFFSET, 1L << 40).code(0x0F, 0x31, 0x0F, 0xA2);
    lab.launch();
    lab.run();

    assertThat(lab.gpr(2)).isEqualTo(1 << 8);
  }
}
