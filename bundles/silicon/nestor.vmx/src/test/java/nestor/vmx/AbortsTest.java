// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

import static nestor.vmx.VmcsField.*;
import static org.assertj.core.api.Assertions.assertThat;

import nestor.vcpu.Segment;
import nestor.vcpu.State;
import nestor.vmx.Control.Entry;
import nestor.vmx.Control.Exit;
import nestor.vmx.Control.Primary;
import nestor.vmx.Control.Secondary;
import org.junit.jupiter.api.Test;

/**
 * VMX aborts (SDM vol. 3C, "VMX Aborts"): the indicator is written to the VMCS region, the
 * processor shuts down. Indicators 3 and 5 cannot come up here: the fields of a current VMCS are
 * out of software's reach, and no machine check happens during an exit.
 */
class AbortsTest {
  private static final int PAE = 0x20;

  private static void assertAborted(Lab lab, int indicator) {
    assertThat(lab.at(Lab.VMCS_REGION + Vmcs.ABORT_OFFSET, 4)).isEqualTo(indicator);
    assertThat(lab.get(State.ACTIVITY)).isEqualTo(State.SHUTDOWN);
    assertThat(lab.v.intercepts.guest).isFalse();
    assertThat(lab.v.system.lastEvent()).contains("VMX abort " + indicator);
  }

  @Test
  void anMsrThatCannotBeStoredAborts() {
    Lab lab = new Lab().on().legal().code(0x0F, 0xA2);
    lab.put(Lab.LIST_PAGE, 8, 0x7777);
    lab.field(EXIT_MSR_STORE_ADDRESS, Lab.LIST_PAGE).field(EXIT_MSR_STORE_COUNT, 1);
    lab.launch();
    lab.run();

    assertAborted(lab, 1);
  }

  /** L1 leaves 64-bit mode for 32 bits, without paging or with PAE paging. */
  private static Lab legacyHost() {
    Lab lab = new Lab();
    lab.on().legal().withEpt().secondary(Secondary.UNRESTRICTED_GUEST);
    lab.without(ENTRY_CONTROLS, Entry.IA32E_MODE_GUEST);
    lab.without(EXIT_CONTROLS, Exit.HOST_ADDRESS_SPACE_SIZE);
    lab.or(PRIMARY_CONTROLS, Primary.MSR_BITMAPS).field(MSR_BITMAP, Lab.MSR_BITMAP_PAGE);
    long pointers = 0x7_0000;
    lab.put(pointers, 8, Lab.L1_TABLES + 0x2000 | 1);
    lab.set(State.CR3, pointers);
    lab.set(State.EFER, 0x800);
    State.setSegment(lab.s, Segment.CS, 8, 0, 0xFFFF_FFFFL, 0xC09B);
    lab.v.core.stateReplaced();
    lab.v.mmu.flushAll();
    lab.v.mmu.loadPdptes();
    lab.field(HOST_CR3, pointers);
    lab.field(GUEST_CR0, 0x31).field(GUEST_CR4, 0x2000).field(GUEST_CS_ACCESS_RIGHTS, 0xC09B);
    return lab;
  }

  @Test
  void badPdptesOfTheHostAbort() {
    Lab lab = legacyHost().code(0x0F, 0xA2);
    lab.launch();
    assertThat(lab.v.intercepts.guest).isTrue();
    lab.put(0x7_0000, 8, Lab.L1_TABLES + 0x2000 | 3); // a reserved bit
    lab.run();

    assertAborted(lab, 2);
  }

  @Test
  void anMsrThatCannotBeLoadedAtExitAborts() {
    Lab lab = new Lab().on().legal().code(0x0F, 0xA2);
    lab.put(Lab.LIST_PAGE, 8, 0x7777);
    lab.field(EXIT_MSR_LOAD_ADDRESS, Lab.LIST_PAGE).field(EXIT_MSR_LOAD_COUNT, 1);
    lab.launch();
    lab.run();

    assertAborted(lab, 4);
  }

  @Test
  void aGuestThatWentToIa32eModeUnderAHostOf32BitsAbortsAtItsExit() {
    Lab lab = legacyHost().field(GUEST_CR4, 0x2000 | PAE).field(GUEST_CR3, Lab.L2_TABLES);
    lab.code(0x0F, 0x30, 0x0F, 0x22, 0xC3, 0x0F, 0xA2); // WRMSR; MOV CR0, EBX; CPUID
    lab.launch();
    lab.gpr(0, 0x900); // EFER: LME, NXE
    lab.gpr(2, 0);
    lab.gpr(1, 0xC000_0080L);
    lab.gpr(3, 0x8000_0031L);
    lab.run();

    assertAborted(lab, 6);
  }
}
