// SPDX-License-Identifier: Apache-2.0
package nestor.svm;

import static nestor.svm.VmcbField.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import nestor.svm.Vectors.Third;
import nestor.testkit.SavedState;
import nestor.vcpu.GuestFault;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The instructions, MSRs and CPUID bits of SVM outside a guest. */
class InstructionsTest {
  private static final int VM_CR = 0xC001_0114;
  private static final int VM_HSAVE_PA = 0xC001_0117;
  private static final int SVM_KEY = 0xC001_0118;
  private static final int TSC_RATIO = 0xC000_0104;
  private static final int EFER_MSR = 0xC000_0080;

  private static final long UNDEFINED = Lab.L2_CODE + 0x100;
  private static final long PROTECTION = Lab.L2_CODE + 0x200;

  /** {@return where L1 is after an instruction that faults} */
  private static long fault(Lab lab, int... code) {
    lab.handler(6, UNDEFINED).handler(13, PROTECTION);
    lab.set(State.GDTR, 0x6000);
    lab.set(State.GDTR + 8, 0xFFFF);
    lab.set(State.IDTR, Lab.L2_IDT);
    lab.set(State.IDTR + 8, 0xFFF);
    lab.execute(code);
    return lab.get(State.RIP);
  }

  @Test
  void vmrunOfABadAddressIsAProtectionFault() {
    for (long address : new long[] {Lab.VMCB + 8, 1L << 48}) {
      Lab lab = new Lab().legal();
      lab.gpr(0, address);
      assertThat(fault(lab, 0x0F, 0x01, 0xD8)).isEqualTo(PROTECTION);
    }
  }

  @Test
  void withoutSvmeTheInstructionsAreUndefined() {
    for (int last = 0xD8; last <= 0xDF; last++) {
      Lab lab = new Lab().legal();
      lab.set(State.EFER, 0xD01);
      assertThat(fault(lab, 0x0F, 0x01, last)).isEqualTo(UNDEFINED);
    }
  }

  @Test
  void aSavedGuestGoesOnWhereItsStateIsPutBack() {
    Lab lab = new Lab().legal().nested().code(0xFF, 0xC3, 0xFF, 0xC3, 0xF4);
    lab.gpr(3, 0);
    lab.vmrun();
    lab.one();
    SavedState saved = new SavedState();
    lab.svm.save(saved);
    lab.svm.reset(false);
    assertThat(lab.v.intercepts.guest).isFalse();

    lab.svm.restore(1, saved);
    assertThat(lab.run()).isEqualTo(ExitCode.HLT);
    assertThat(lab.gpr(3)).isEqualTo(2);
    assertThat(lab.get(State.RIP)).isEqualTo(Lab.L1_CODE + 3);
  }

  @Test
  void vmsaveAndVmloadCarryTheStateThatVmrunLeavesAlone() {
    Lab lab = new Lab().legal();
    State.setSegment(lab.s, Segment.FS, 0x33, 0x1234_5678_9ABCL, 0xFFFF_FFFFL, 0xC093);
    lab.set(State.KERNEL_GS_BASE, 0x5555);
    lab.set(State.LSTAR, 0x6666);
    lab.set(State.SYSENTER_EIP, 0x7777);
    lab.gpr(0, Lab.VMCB);
    lab.execute(0x0F, 0x01, 0xDB);
    assertThat(lab.field(FS_BASE)).isEqualTo(0x1234_5678_9ABCL);
    assertThat(lab.field(FS_ATTRIBUTES)).isEqualTo(0xC93);

    lab.field(FS_BASE, 0x4000).field(KERNEL_GS_BASE, 1).field(LSTAR, 2).field(SYSENTER_EIP, 3);
    lab.execute(0x0F, 0x01, 0xDA);
    assertThat(State.base(lab.s, Segment.FS)).isEqualTo(0x4000);
    assertThat(lab.get(State.KERNEL_GS_BASE)).isEqualTo(1);
    assertThat(lab.get(State.LSTAR)).isEqualTo(2);
    assertThat(lab.get(State.SYSENTER_EIP)).isEqualTo(3);
    assertThat(State.attributes(lab.s, Segment.TR)).isEqualTo(0x8B);
  }

  @Test
  void gifHoldsEventsAndStgiLetsThemIn() {
    Lab lab = new Lab().legal().handler(2, Lab.L2_CODE + 0x100);
    lab.set(State.GDTR, 0x6000);
    lab.set(State.GDTR + 8, 0xFFFF);
    lab.set(State.IDTR, Lab.L2_IDT);
    lab.set(State.IDTR + 8, 0xFFF);
    lab.execute(0x0F, 0x01, 0xDD);
    lab.v.pend(State.PENDING_NMI);
    lab.execute(0x90);
    assertThat(lab.get(State.RIP)).isEqualTo(Lab.L1_CODE + 1);

    lab.execute(0x0F, 0x01, 0xDC);
    lab.one();
    assertThat(lab.get(State.RIP)).isEqualTo(Lab.L2_CODE + 0x101);
  }

  @Test
  void aLockedVmCrWithSvmdisKeepsSvmOff() {
    Lab lab = new Lab();
    lab.v.system.writeMsr(EFER_MSR, 0xD01);
    lab.v.system.writeMsr(VM_CR, 0x18);
    lab.v.system.writeMsr(VM_CR, 0);
    assertThat(lab.v.system.readMsr(VM_CR)).isEqualTo(0x18);
    assertThatThrownBy(() -> lab.v.system.writeMsr(EFER_MSR, 0x1D01))
        .isInstanceOf(GuestFault.class);
  }

  @Test
  void theKeyOpensTheLock() {
    Lab lab = new Lab();
    lab.v.system.writeMsr(SVM_KEY, 0x1234);
    assertThat(lab.v.system.readMsr(SVM_KEY)).isZero();
    lab.v.system.writeMsr(VM_CR, 8);
    lab.v.system.writeMsr(SVM_KEY, 0x4321);
    assertThat(lab.v.system.readMsr(VM_CR)).isEqualTo(8);
    lab.v.system.writeMsr(SVM_KEY, 0x1234);
    assertThat(lab.v.system.readMsr(VM_CR)).isZero();
  }

  @Test
  void theHostSaveAreaIsAPage() {
    Lab lab = new Lab();
    assertThatThrownBy(() -> lab.v.system.writeMsr(VM_HSAVE_PA, 0x1008))
        .isInstanceOf(GuestFault.class);
    assertThat(lab.v.system.readMsr(VM_HSAVE_PA)).isEqualTo(Lab.HOST_SAVE);
  }

  @Test
  void cpuidTellsAllThatIsThere() {
    int[] r = new int[4];
    Lab lab = new Lab();
    lab.v.system.cpuid(0x8000_0001, 0, r);
    assertThat(r[2] & 4).isEqualTo(4);
    lab.v.system.cpuid(0x8000_000A, 0, r);
    assertThat(r[0]).isEqualTo(1);
    assertThat(r[1]).isEqualTo(Capabilities.ASIDS);
    int all = 0;
    for (Capability capability : Capability.values()) {
      all |= capability.mask();
    }
    assertThat(r[3]).isEqualTo(all);
  }

  @ParameterizedTest
  @EnumSource(Capability.class)
  void aCapabilityThatIsWithheldIsNotTold(Capability capability) {
    int[] r = new int[4];
    Lab lab = new Lab(capability.name());
    lab.v.system.cpuid(0x8000_000A, 0, r);
    assertThat(r[3] & capability.mask()).isZero();
  }

  @Test
  void withAddressCheckTheInterceptOfABadAddressGoesFirst() {
    for (String[] withheld : new String[][] {{}, {"SVME_ADDR_CHK"}}) {
      Lab lab = new Lab(withheld).legal().field(RAX, 0x3_9008).code(0x0F, 0x01, 0xDA); // vmload
      lab.or(INTERCEPT_4, Vectors.Fourth.VMLOAD).field(INTERCEPT_EXCEPTIONS, 1 << 13);
      int expected = withheld.length == 0 ? ExitCode.VMLOAD : ExitCode.EXCEPTION + 13;
      assertThat(lab.go()).isEqualTo(expected);
    }
  }

  @Test
  void withoutTheTscRatioItsMsrIsNotThere() {
    Lab lab = new Lab("TSC_RATE_MSR");
    assertThatThrownBy(() -> lab.v.system.readMsr(TSC_RATIO)).isInstanceOf(GuestFault.class);
  }

  @Test
  void withoutVirtualGifAGuestChangesGifItself() {
    Lab lab = new Lab("VGIF").legal().code(0x0F, 0x01, 0xDD, 0xF4);
    lab.field(INTERRUPT_CONTROL, Svm.V_GIF | Svm.V_GIF_ENABLE);
    lab.vmrun();
    lab.one();
    assertThat(lab.v.intercepts.eventsHeld).isTrue();
    assertThat(lab.field(INTERRUPT_CONTROL) & Svm.V_GIF).isNotZero();
  }

  @Test
  void withoutNripTheFieldIsLeftAlone() {
    Lab lab = new Lab("NRIPS").legal().or(INTERCEPT_3, Third.CPUID).code(0x0F, 0xA2);
    lab.field(NRIP, 77);
    assertThat(lab.go()).isEqualTo(ExitCode.CPUID);
    assertThat(lab.field(NRIP)).isEqualTo(77);
  }

  /** Reads [5000h] through the guest's tables into RBX, then halts. */
  private static final int[] READ = {0x8B, 0x1C, 0x25, 0, 0x50, 0, 0, 0xF4};

  private static Lab moved(int tlbControl, int asid) {
    Lab lab = new Lab().legal().nested().code(READ);
    lab.put(Lab.L2_RAM + 0x5000, 4, 1);
    lab.put(Lab.L2_RAM + 0x50_0000, 4, 2);
    lab.go();
    lab.put(Lab.nestedEntry(0x5000), 8, Lab.L2_RAM + 0x50_0000 | 0x67);
    lab.field(RIP, Lab.L2_CODE).field(TLB_CONTROL, tlbControl).field(GUEST_ASID, asid);
    lab.go();
    return lab;
  }

  @Test
  void translationsOfAnAsidStayUntilTheyAreFlushed() {
    assertThat(moved(0, 1).gpr(3)).isEqualTo(1);
    assertThat(moved(1, 1).gpr(3)).isEqualTo(2);
    assertThat(moved(3, 1).gpr(3)).isEqualTo(2);
    assertThat(moved(7, 1).gpr(3)).isEqualTo(2);
  }

  @Test
  void invlpgaDropsThePageOfAnAsid() {
    Lab lab = new Lab().legal().nested().code(READ);
    lab.put(Lab.L2_RAM + 0x5000, 4, 1);
    lab.put(Lab.L2_RAM + 0x50_0000, 4, 2);
    lab.go();
    lab.put(Lab.nestedEntry(0x5000), 8, Lab.L2_RAM + 0x50_0000 | 0x67);
    lab.gpr(0, 0x5000);
    lab.gpr(1, 1);
    lab.execute(0x0F, 0x01, 0xDF);
    lab.field(RIP, Lab.L2_CODE);
    lab.go();
    assertThat(lab.gpr(3)).isEqualTo(2);
  }
}
