// SPDX-License-Identifier: Apache-2.0
package nestor.vcpu;

import java.util.List;
import java.util.Map;
import nestor.api.state.Snapshottable;
import nestor.api.virt.ControlField;
import nestor.api.virt.ExitCount;
import nestor.api.virt.VmEvent;
import nestor.isa.Insn;
import nestor.isa.Row;

/**
 * A vendor's virtual-machine extensions on one vCPU: the instructions of its family, its MSRs,
 * CPUID bits and rules for control registers, guest mode and the way out of it. Called on the
 * vCPU's thread. Without it the CPUID bit is absent, the instructions are #UD and the MSRs #GP.
 */
public interface Virtualization extends ExitGate, Snapshottable {

  /** {@return the CPUID feature that it makes real, {@code VMX} or {@code SVM}} */
  String feature();

  /** Back to power-on state; INIT keeps less than the manuals say must go. */
  void reset(boolean init);

  /** {@return whether the vCPU is in VMX operation, or has SVM enabled} */
  boolean isActive();

  /** Executes an instruction of the family. */
  void execute(Insn insn);

  /** Does a VM exit: saves, and hands over. */
  void exit(VmExit exit);

  /** Sends the next exits to a Java target instead of the host state; null for the host state. */
  void exitTo(ExitTarget target);

  /**
   * Enters a guest from Java, as the vendor's instruction does, with exits to {@code target}.
   *
   * @param controlStructure physical address of the VMCS or VMCB
   * @return null, or why the entry was refused
   */
  String enter(long controlStructure, ExitTarget target);

  /** {@return whether the MSR belongs to it} */
  boolean hasMsr(int msr);

  /** {@return the MSR} Faults as RDMSR does. */
  long readMsr(int msr);

  /** Writes the MSR. */
  void writeMsr(int msr, long value);

  /** Sets what CPUID tells of it. */
  void cpuid(int leaf, int subleaf, int[] result);

  /** {@return whether CR0 may take a value: fixed bits} */
  boolean allowsCr0(long value);

  /** {@return whether CR4 may take a value: fixed bits} */
  boolean allowsCr4(long value);

  /** {@return whether EFER may take a value: without SVM, EFER.SVME is reserved} */
  default boolean allowsEfer(long value) {
    return (value & 1 << 12) == 0;
  }

  /** {@return physical address of the current VMCS or VMCB, or -1} */
  long controlStructure();

  /** {@return the instruction of the last exit, or null if it was none: an event between two} */
  Row lastRow();

  /** {@return the RIP of the host that exits of the current control structure go to} */
  long hostRip();

  /** Fills in the translation context of the current control structure's guest. */
  void guestWorld(SecondLevel world);

  /** {@return all fields that a control structure has, with values of 0} */
  List<ControlField> layout();

  /** {@return the fields of the current control structure, for people} */
  List<ControlField> fields();

  /** {@return why the current control structure cannot be entered: rules in order, or none} */
  List<String> check();

  /** {@return VM entries, VM exits by reason, for people} */
  Map<String, Long> counters();

  /** {@return the last exits, the newest last} */
  List<VmEvent> recent();

  /** {@return exits by level, reason and guest RIP, the most frequent first} */
  List<ExitCount> exitCounts();

  /** {@return the vendor's names of all exit reasons} */
  List<String> reasons();

  /** Tells somebody of all that happens from now on; null for nobody. */
  void observe(VmObserver observer);
}
