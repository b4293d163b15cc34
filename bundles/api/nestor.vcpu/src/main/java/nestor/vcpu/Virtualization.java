// SPDX-License-Identifier: Apache-2.0
package nestor.vcpu;

import java.util.List;
import java.util.Map;
import nestor.api.state.Snapshottable;
import nestor.isa.Insn;

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

  /** {@return the fields of the current control structure by name, for people} */
  Map<String, Long> fields();

  /** {@return why the current control structure cannot be entered: rules in order, or none} */
  List<String> check();

  /** {@return VM entries, VM exits by reason, for people} */
  Map<String, Long> counters();

  /** {@return the last exits in words, the newest last} */
  List<String> recent();
}
