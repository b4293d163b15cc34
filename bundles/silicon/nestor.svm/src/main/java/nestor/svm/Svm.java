// SPDX-License-Identifier: Apache-2.0
package nestor.svm;

import nestor.vcpu.State;
import nestor.vcpu.Vcpu;
import nestor.vcpu.VmExit;
import nestor.virt.VirtualizationState;

/** What the parts of one vCPU's SVM share: the vCPU, the VMCB in use, and SVM's own registers. */
final class Svm extends VirtualizationState {
  static final long EFER_SVME = 1 << 12;
  static final int PAT_MSR = 0x277;

  /** Interrupt control: bits of the word at 060h. */
  static final long V_TPR = 0xFF;

  static final long V_IRQ = 1 << 8;
  static final long V_GIF = 1 << 9;
  static final long V_NMI = 1 << 11;
  static final long V_NMI_MASK = 1 << 12;
  static final long V_IGN_TPR = 1 << 20;
  static final long V_INTR_MASKING = 1 << 24;
  static final long V_GIF_ENABLE = 1 << 25;
  static final long V_NMI_ENABLE = 1 << 26;

  /** Virtualization control: bits of the word at 0B8h. */
  static final long LBR_ENABLE = 1;

  static final long VMLOAD_VMSAVE_ENABLE = 1 << 1;

  /** VM_CR: INIT is turned into #SX. */
  static final long VM_CR_R_INIT = 1 << 1;

  static final long VM_CR_LOCK = 1 << 3;

  static final long VM_CR_SVMDIS = 1 << 4;

  final Capabilities capabilities;
  final CurrentVmcb vmcb;

  long vmCr;
  long key;
  long hostSave;
  long tscRatio;

  /** PAT of the host while a guest with nested paging has its own. */
  long hostPat;

  /** RFLAGS.IF of the host while a guest runs: it masks physical interrupts with V_INTR_MASKING. */
  boolean hostInterrupts;

  /** Exit code of a trap that waits for the boundary, with its value; 0 for none. */
  int pendingTrap;

  long pendingTrapValue;

  Svm(Vcpu v, Capabilities capabilities) {
    super(v);
    this.capabilities = capabilities;
    vmcb = new CurrentVmcb(v);
  }

  @Override
  public long structure() {
    return vmcb.address;
  }

  /** {@return whether a Java target has taken the exit: the second act} */
  boolean handOver(VmExit exit, HostState host) {
    if (target == null) {
      return false;
    }
    vmcb.close();
    handOverToJava(exit, host::enterWorld);
    return true;
  }

  long get(VmcbField field) {
    return vmcb.get(field);
  }

  void put(VmcbField field, long value) {
    vmcb.put(field, value);
  }

  boolean third(int bits) {
    return (get(VmcbField.INTERCEPT_3) & bits) != 0;
  }

  boolean fourth(int bits) {
    return (get(VmcbField.INTERCEPT_4) & bits) != 0;
  }

  boolean nested() {
    return capabilities.has(Capability.NP) && (get(VmcbField.NESTED_CONTROL) & 1) != 0;
  }

  /** {@return a register of the host, also while the guest runs: from the host-save area} */
  long host(int register, VmcbField saved) {
    return masks.guest
        ? v.memory.load(null, hostSave + saved.offset, saved.bytes)
        : state(register);
  }

  /** {@return whether a bit of the interrupt control is set} */
  boolean control(long bit) {
    return (get(VmcbField.INTERRUPT_CONTROL) & bit) != 0;
  }

  void control(long bits, boolean value) {
    long old = get(VmcbField.INTERRUPT_CONTROL);
    put(VmcbField.INTERRUPT_CONTROL, value ? old | bits : old & ~bits);
  }

  /** {@return whether the guest has DEBUGCTL and branch records of its own} */
  boolean branchState() {
    return capabilities.has(Capability.LBRV)
        && (get(VmcbField.VIRTUALIZATION_CONTROL) & LBR_ENABLE) != 0;
  }

  /** {@return whether VMLOAD and VMSAVE of the guest go by its own physical addresses} */
  boolean virtualVmload() {
    return capabilities.has(Capability.V_VMSAVE_VMLOAD)
        && nested()
        && (get(VmcbField.VIRTUALIZATION_CONTROL) & VMLOAD_VMSAVE_ENABLE) != 0;
  }

  /** {@return whether writes of a control register exit behind the instruction} */
  boolean trapsControl(int number) {
    return (get(VmcbField.INTERCEPT_4) >>> 16 + number & 1) != 0;
  }

  /** An instruction has been executed and exits behind itself: at the boundary. */
  void trap(int code, long value) {
    pendingTrap = code;
    pendingTrapValue = value;
    pend(State.PENDING_VIRTUAL_EVENT);
  }

  boolean virtualGif() {
    return capabilities.has(Capability.VGIF) && control(V_GIF_ENABLE);
  }

  boolean virtualNmi() {
    return capabilities.has(Capability.VNMI) && control(V_NMI_ENABLE);
  }
}
