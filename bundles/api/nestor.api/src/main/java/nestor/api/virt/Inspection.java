// SPDX-License-Identifier: Apache-2.0
package nestor.api.virt;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import nestor.api.machine.MachineException;
import nestor.api.machine.Translation;
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

  /** {@return the names of all fields that its control structures have; none without extensions} */
  List<String> fieldNames(int cpu) throws MachineException;

  /** {@return the vendor's names of all exit reasons; none without extensions} */
  List<String> reasons(int cpu) throws MachineException;

  /**
   * {@return the last exit of a vCPU on its way from the guest to whoever took it; empty if none}
   */
  Optional<ExitWalk> lastExit(int cpu) throws MachineException;

  /**
   * {@return the way of a guest-physical address through the second level that the current control
   * structure names, whether its guest runs or not}
   */
  Translation secondLevel(int cpu, long guestPhysical) throws MachineException;

  /**
   * Tells somebody of everything that happens from the next safepoint on.
   *
   * @return to be closed by whoever wants no more
   */
  Listening listen(VmListener listener) throws MachineException;

  /** {@return the breakpoints in the order they were set} */
  List<Breakpoint> breakpoints() throws MachineException;

  /**
   * Sets a breakpoint on all vCPUs: the machine is held at the boundary right after.
   *
   * @param kind {@link VmEvent.Kind#EXIT} for an exit, {@link VmEvent.Kind#WRITE} for a write of a
   *     field by software
   * @param name reason or field, as the vendor calls it; case does not matter, nor does a hyphen
   *     instead of a blank
   * @throws MachineException if there is no such reason or field, naming the nearest
   */
  Breakpoint setBreakpoint(VmEvent.Kind kind, String name) throws MachineException;

  /** Tells somebody each time that a breakpoint holds the machine, on the machine's thread. */
  void onHold(Consumer<String> told);

  /** {@return the breakpoint that holds the machine, as soon as one does; empty if time is over} */
  Optional<String> awaitHold(Duration limit) throws InterruptedException;

  /** Removes one. False if there is none of that number. */
  boolean removeBreakpoint(int number) throws MachineException;

  /** A subscription to events. */
  interface Listening extends AutoCloseable {
    /** Ends it: nobody is told any more once this returns. */
    @Override
    void close();
  }
}
