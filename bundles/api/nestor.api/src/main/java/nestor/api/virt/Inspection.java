// SPDX-License-Identifier: Apache-2.0
package nestor.api.virt;

import java.util.List;
import nestor.api.machine.MachineException;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Looks into what the hypervisors in one machine do with the hardware for virtual machines. Any
 * thread but the machine's own may call it; each call waits for a safepoint. The same for both
 * vendors.
 */
@ProviderType
public interface Inspection {

  /** {@return the vendor's extensions, {@code VMX} or {@code SVM}; empty without any} */
  String feature(int cpu) throws MachineException;

  /** {@return physical address of a vCPU's current VMCS or VMCB, or -1} */
  long controlStructure(int cpu) throws MachineException;

  /** {@return the fields of a vCPU's current VMCS or VMCB; none without one} */
  List<ControlField> fields(int cpu) throws MachineException;

  /** {@return the rules that VM entry with it would find broken, each with the manual's section} */
  List<String> check(int cpu) throws MachineException;

  /** {@return the last VM exits of a vCPU, the newest last} */
  List<VmEvent> recentExits(int cpu) throws MachineException;

  /** {@return exits of a vCPU by level, reason and guest RIP, the most frequent first} */
  List<ExitCount> exitCounts(int cpu) throws MachineException;

  /** {@return the vendor's names of all exit reasons; none without extensions} */
  List<String> reasons(int cpu) throws MachineException;
}
