// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

import nestor.vcpu.Vcpu;
import nestor.vcpu.VmExit;
import nestor.virt.VirtualizationState;

/**
 * What the parts of one vCPU's VMX share: the vCPU, the current VMCS, and where VMX operation is.
 */
final class Vmx extends VirtualizationState {
  static final long CR4_VMXE = 1 << 13;
  static final long CR4_PCIDE = 1 << 17;

  final Vmcs vmcs = new Vmcs();
  final Capabilities capabilities;

  /** Bits above the widest linear addresses of the model. */
  final int linearShift;

  /** Whether the vCPU is in VMX operation. */
  boolean on;

  /** Counts VMXONs: a VMCS launched in an earlier VMX operation cannot be resumed. */
  int session;

  /** The VMXON pointer. */
  long vmxon = Vmcs.NONE;

  /** Whether virtual NMIs are blocked, in a guest with virtual NMIs. */
  boolean virtualNmiBlocked;

  /** The last IRET of the guest ended blocking by NMI, and has not finished. */
  boolean unblockingNmi;

  Vmx(Vcpu v, Capabilities capabilities) {
    super(v);
    this.capabilities = capabilities;
    this.linearShift = v.core.offers("LA57") ? 7 : 16;
  }

  @Override
  public long structure() {
    return vmcs.region;
  }

  /** {@return whether a Java target has taken the exit: the second act} */
  boolean handOver(VmExit exit, HostState host) {
    if (target == null) {
      return false;
    }
    handOverToJava(exit, host::enterWorld);
    return true;
  }

  long get(VmcsField field) {
    return vmcs.get(field);
  }

  boolean pin(int bit) {
    return (vmcs.word(VmcsField.PIN_BASED_CONTROLS) & bit) != 0;
  }

  boolean primary(int bit) {
    return (vmcs.word(VmcsField.PRIMARY_CONTROLS) & bit) != 0;
  }

  /** {@return whether a secondary control is set, and secondary controls are in use} */
  boolean secondary(int bit) {
    return (vmcs.word(VmcsField.SECONDARY_CONTROLS) & bit) != 0
        && (vmcs.word(VmcsField.PRIMARY_CONTROLS) & Control.Primary.SECONDARY) != 0;
  }

  boolean exitControl(int bit) {
    return (vmcs.word(VmcsField.EXIT_CONTROLS) & bit) != 0;
  }

  boolean entryControl(int bit) {
    return (vmcs.word(VmcsField.ENTRY_CONTROLS) & bit) != 0;
  }
}
