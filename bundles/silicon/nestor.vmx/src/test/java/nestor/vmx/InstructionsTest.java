// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

import static nestor.vmx.VmcsField.*;
import static org.assertj.core.api.Assertions.assertThat;

import nestor.vcpu.GuestFault;
import nestor.vcpu.State;
import org.junit.jupiter.api.Test;

/** The VMX instructions and the states of a VMCS. */
class InstructionsTest {
  private static final long HIGH = 1;

  private static int vector(Lab lab) {
    // The last exception had no handler: its IDT is empty, so a triple fault ends it.
    return (int) lab.get(State.ACTIVITY) == State.SHUTDOWN ? -1 : 0;
  }

  @Test
  void vmxonNeedsTheFeatureControlMsr() {
    Lab lab = new Lab();
    lab.v.system.reset();
    assertThat(lab.v.system.readMsr(0x3A)).isZero();
  }

  @Test
  void vmxonOfAWrongRevisionOrAddressFails() {
    Lab lab = new Lab();
    lab.put(Lab.VMXON_REGION, 4, 1);
    assertThat(lab.vmxon(Lab.VMXON_REGION)).isEqualTo("VMfailInvalid");
    assertThat(lab.vmxon(Lab.VMXON_REGION + 8)).isEqualTo("VMfailInvalid");
    assertThat(lab.vmxon(1L << 46)).isEqualTo("VMfailInvalid");

    lab.put(Lab.VMXON_REGION, 4, Vmcs.REVISION);
    assertThat(lab.vmxon(Lab.VMXON_REGION)).isEqualTo("VMsucceed");
    assertThat(lab.vmx.isActive()).isTrue();
  }

  @Test
  void withoutVmxOperationTheInstructionsAreUndefined() {
    Lab lab = new Lab();
    lab.execute(0x0F, 0x01, 0xC4); // VMXOFF
    assertThat(vector(lab)).isEqualTo(-1);
    assertThat(lab.v.system.lastEvent()).contains("triple fault");
  }

  @Test
  void vmclearAndVmptrldCheckTheirAddresses() {
    Lab lab = new Lab().on();
    assertThat(lab.vmclear(Lab.VMCS_REGION + 1)).isEqualTo("VMfailValid(2)");
    assertThat(lab.vmclear(Lab.VMXON_REGION)).isEqualTo("VMfailValid(3)");
    assertThat(lab.vmptrld(Lab.VMCS_REGION + 1)).isEqualTo("VMfailValid(9)");
    assertThat(lab.vmptrld(Lab.VMXON_REGION)).isEqualTo("VMfailValid(10)");
    lab.put(Lab.OTHER_REGION, 4, 3);
    assertThat(lab.vmptrld(Lab.OTHER_REGION)).isEqualTo("VMfailValid(11)");
  }

  @Test
  void vmxonInRootOperationFails() {
    Lab lab = new Lab().on();
    assertThat(lab.vmxon(Lab.VMXON_REGION)).isEqualTo("VMfailValid(15)");
  }

  @Test
  void aVmresumeOfAVmcsLaunchedBeforeVmxoffFails() {
    Lab lab = new Lab().on().legal().code(0xF4);
    lab.launch();
    lab.run();
    lab.execute(0x0F, 0x01, 0xC4); // VMXOFF
    assertThat(lab.vmxon(Lab.VMXON_REGION)).isEqualTo("VMsucceed");
    assertThat(lab.vmptrld(Lab.VMCS_REGION)).isEqualTo("VMsucceed");

    lab.resume();
    assertThat(lab.outcome()).isEqualTo("VMfailValid(6)");

    lab.vmclear(Lab.VMCS_REGION);
    lab.vmptrld(Lab.VMCS_REGION);
    lab.launch();
    assertThat(lab.run()).as("a cleared one starts anew").isEqualTo(ExitReason.HLT);
    lab.resume();
    assertThat(lab.v.intercepts.guest).isTrue();
  }

  @Test
  void vmcallInRootOperationFails() {
    Lab lab = new Lab().on();
    lab.execute(0x0F, 0x01, 0xC1);
    assertThat(lab.outcome()).isEqualTo("VMfailValid(1)");
  }

  @Test
  void everyFieldCanBeWrittenAndRead() {
    Lab lab = new Lab().on();
    for (int i = 0; i < VmcsField.count(); i++) {
      VmcsField field = VmcsField.at(i);
      if (!lab.x.capabilities.has(field)) {
        assertThat(lab.vmwrite(field.encoding(), 1)).isEqualTo("VMfailValid(12)");
        continue;
      }
      assertThat(lab.vmwrite(field.encoding(), -1)).describedAs("%s", field).isEqualTo("VMsucceed");
      assertThat(lab.vmread(field.encoding())).describedAs("%s", field).isEqualTo(field.cut(-1));
    }
  }

  @Test
  void theHighHalfOfAFieldIsItsUpper32Bits() {
    Lab lab = new Lab().on();
    lab.vmwrite(TSC_OFFSET.encoding(), 0x1122_3344_5566_7788L);
    assertThat(lab.vmread(TSC_OFFSET.encoding() | HIGH)).isEqualTo(0x1122_3344);
    lab.vmwrite(TSC_OFFSET.encoding() | HIGH, 5);
    assertThat(lab.vmread(TSC_OFFSET.encoding())).isEqualTo(5L << 32 | 0x5566_7788);
  }

  @Test
  void anUnknownFieldIsAnUnsupportedComponent() {
    Lab lab = new Lab().on();
    assertThat(lab.vmwrite(0x7FFE, 0)).isEqualTo("VMfailValid(12)");
    assertThat(lab.vmwrite(GUEST_CS_SELECTOR.encoding() | HIGH, 0)).isEqualTo("VMfailValid(12)");
    assertThat(lab.vmwrite(1L << 40, 0)).isEqualTo("VMfailValid(12)");
  }

  @Test
  void aByteCopyOfAClearedVmcsIsTheSameVmcs() {
    Lab lab = new Lab().on();
    lab.vmwrite(GUEST_RIP.encoding(), 0x1234);
    lab.vmclear(Lab.VMCS_REGION);
    for (int i = 0; i < 4096; i += 8) {
      lab.put(Lab.OTHER_REGION + i, 8, lab.at(Lab.VMCS_REGION + i, 8));
    }
    assertThat(lab.vmread(GUEST_RIP.encoding())).isNotEqualTo(0x1234);
    assertThat(lab.outcome()).isEqualTo("VMfailInvalid");

    lab.vmptrld(Lab.OTHER_REGION);
    assertThat(lab.vmread(GUEST_RIP.encoding())).isEqualTo(0x1234);
  }

  @Test
  void twoVmcssKeepTheirFieldsApart() {
    Lab lab = new Lab().on();
    lab.vmwrite(GUEST_RIP.encoding(), 1);
    lab.vmclear(Lab.OTHER_REGION);
    lab.vmptrld(Lab.OTHER_REGION);
    lab.vmwrite(GUEST_RIP.encoding(), 2);
    lab.vmptrld(Lab.VMCS_REGION);
    assertThat(lab.vmread(GUEST_RIP.encoding())).isEqualTo(1);
  }

  @Test
  void vmptrstStoresThePointer() {
    Lab lab = new Lab().on();
    lab.gpr(0, 0x3_9100);
    lab.execute(0x0F, 0xC7, 0x38);
    assertThat(lab.at(0x3_9100, 8)).isEqualTo(Lab.VMCS_REGION);
  }

  @Test
  void inveptAndInvvpidCheckTheirOperands() {
    Lab lab = new Lab().on();
    lab.gpr(0, 0x3_9100);
    lab.gpr(1, 3);
    lab.execute(0x66, 0x0F, 0x38, 0x80, 0x08); // INVEPT rcx, [rax]
    assertThat(lab.outcome()).isEqualTo("VMfailValid(28)");
    lab.gpr(1, 2);
    lab.execute(0x66, 0x0F, 0x38, 0x80, 0x08);
    assertThat(lab.outcome()).isEqualTo("VMsucceed");
    lab.gpr(1, 1);
    lab.execute(0x66, 0x0F, 0x38, 0x81, 0x08); // INVVPID of VPID 0
    assertThat(lab.outcome()).isEqualTo("VMfailValid(28)");
    lab.put(0x3_9100, 8, 7);
    lab.execute(0x66, 0x0F, 0x38, 0x81, 0x08);
    assertThat(lab.outcome()).isEqualTo("VMsucceed");
  }

  @Test
  void vmxeCannotBeClearedInVmxOperation() {
    Lab lab = new Lab().on();
    assertThat(lab.vmx.allowsCr4(0x20)).isFalse();
    lab.execute(0x0F, 0x01, 0xC4);
    assertThat(lab.vmx.allowsCr4(0x20)).isTrue();
  }

  @Test
  void initWaitsForVmxoff() {
    Lab lab = new Lab().on();
    lab.v.pend(State.PENDING_INIT);
    lab.execute(0x90);
    assertThat(lab.get(State.CR4)).isEqualTo(0x2020);
    lab.execute(0x0F, 0x01, 0xC4);
    lab.one();
    assertThat(lab.get(State.CR4)).isZero();
  }

  @Test
  void theCapabilityMsrsAreReadOnly() {
    Lab lab = new Lab();
    for (int msr = 0x480; msr <= 0x491; msr++) {
      assertThat(lab.v.system.readMsr(msr)).isNotZero();
      int number = msr;
      org.assertj.core.api.Assertions.assertThatThrownBy(
              () -> lab.v.system.writeMsr(number, lab.v.system.readMsr(number)))
          .isInstanceOf(GuestFault.class);
    }
  }
}
