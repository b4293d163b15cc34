// SPDX-License-Identifier: Apache-2.0
package nestor.vcpu;

/**
 * Hears what happens to virtual machines on a vCPU. While nobody listens a {@link Virtualization}
 * holds null instead, and pays one test an event.
 *
 * <p>Called on the vCPU's thread, inside a transition or an instruction: it may look and note, and
 * ask the vCPU to stop at the next boundary, but change nothing. A level is that of the guest: 2
 * below a hypervisor in the machine, 1 below a Java {@link ExitTarget}.
 */
public interface VmObserver {

  /**
   * A guest has been entered; its state is in force, nothing is injected yet.
   *
   * @param structure physical address of the VMCS or VMCB
   */
  void entered(Vcpu v, int level, long structure);

  /**
   * A VM entry failed.
   *
   * @param rule what did not hold, and where the manual says so
   */
  void refused(Vcpu v, int level, long structure, String rule);

  /**
   * A guest exited: the control structure is written, the vCPU still holds the guest's state.
   *
   * @param name the vendor's name of the reason
   */
  void exited(Vcpu v, int level, VmExit exit, String name);

  /**
   * VM entry is about to deliver an event to the guest.
   *
   * @param name the event in words
   * @param event event word of {@link VmExit}
   */
  void injected(Vcpu v, int level, String name, int event, int errorCode);

  /**
   * Translations of guests are dropped.
   *
   * @param level of the software that asks
   * @param name the instruction or control
   * @param number VPID, ASID or type
   * @param address linear address or root of tables, where one is given
   */
  void invalidated(Vcpu v, int level, String name, long number, long address);

  /** Software wrote a field of the current control structure, or of a shadow of it. */
  void written(Vcpu v, int level, String field, long value);
}
