// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

import nestor.vcpu.InterceptMasks;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;
import nestor.vcpu.VmExit;

/**
 * What the parts of one vCPU's VMX share: the vCPU, the current VMCS, and where VMX operation is.
 */
final class Vmx {
  static final long CR0_PE = 1;
  static final long CR0_TS = 1 << 3;
  static final long CR0_PG = 1L << 31;
  static final long CR4_PAE = 1 << 5;
  static final long CR4_VMXE = 1 << 13;
  static final long CR4_PCIDE = 1 << 17;
  static final long EFER_LME = 1 << 8;
  static final long EFER_LMA = 1 << 10;

  final Vcpu v;
  final long s;
  final InterceptMasks masks;
  final Vmcs vmcs = new Vmcs();
  final Capabilities capabilities;

  /** Whether the vCPU is in VMX operation. */
  boolean on;

  /** The VMXON pointer. */
  long vmxon = Vmcs.NONE;

  /** Whether virtual NMIs are blocked, in a guest with virtual NMIs. */
  boolean virtualNmiBlocked;

  /** The last IRET of the guest ended blocking by NMI, and has not finished. */
  boolean unblockingNmi;

  Vmx(Vcpu v, Capabilities capabilities) {
    this.v = v;
    this.s = v.state;
    this.masks = v.intercepts;
    this.capabilities = capabilities;
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

  long state(int field) {
    return State.get(s, field);
  }

  void setState(int field, long value) {
    State.set(s, field, value);
  }

  /** {@return an exit of the instruction in execution, to be thrown} */
  VmExit instructionExit(int reason) {
    VmExit exit = v.exit(reason);
    exit.length = (int) (state(State.NEXT_RIP) - state(State.RIP));
    return exit;
  }

  /** {@return whether an address lies within the physical-address width} */
  boolean fitsPhysical(long address) {
    return address >>> v.core.physicalBits() == 0;
  }

  boolean isPage(long address) {
    return (address & 0xFFF) == 0 && fitsPhysical(address);
  }

  /** Notes that the boundary has something to ask. */
  void pend(int bits) {
    v.pend(bits);
  }

  void unpend(int bits) {
    setState(State.PENDING, state(State.PENDING) & ~bits);
  }
}
