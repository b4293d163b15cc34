// SPDX-License-Identifier: Apache-2.0
package nestor.api.machine;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import nestor.api.profile.Profile;
import nestor.api.virt.Inspection;
import org.osgi.annotation.versioning.ProviderType;

/**
 * One PC. Any thread but the machine's own may call it; what needs a quiet machine waits until all
 * vCPUs stand at an instruction boundary.
 */
@ProviderType
public interface Machine {

  /** {@return its name} */
  String name();

  /** {@return what it was made from} */
  Profile profile();

  /** {@return what it is doing} */
  MachineState state();

  /** {@return guest time since it was switched on, in nanoseconds} */
  long nanos();

  /** {@return instructions retired by all vCPUs} */
  long instructions();

  /** Switches it on: loads the boot image and runs. After an ending, again. */
  void start() throws MachineException;

  /** Holds it. Does nothing if it is held. */
  void pause() throws MachineException;

  /** Lets it go on. */
  void resume() throws MachineException;

  /** Resets it, whatever its spec says about resets by the guest. */
  void reset() throws MachineException;

  /** Switches it off. */
  void stop() throws MachineException;

  /**
   * Lets a held machine go on for so many ticks of its clock, and holds it again: at exactly that
   * tick, or where the machine has jumped to if it was idle. Switches it on first if it never was
   * on. How long a machine is let go on at a time makes no difference to the guest.
   *
   * @return whether it is on still; false if the run has ended or can go no further
   */
  boolean advance(long ticks) throws MachineException, InterruptedException;

  /** {@return how the last run ended; empty before that} */
  Optional<Ending> ending();

  /** {@return the ending, once the run is over; empty if the time is over first} */
  Optional<Ending> await(Duration limit) throws InterruptedException;

  /** {@return the vCPUs as they are now} */
  List<CpuView> cpus() throws MachineException;

  /**
   * {@return guest memory, as far as it is there, without side effects}
   *
   * @param cpu whose address space a linear address is in, or -1 for a physical address
   */
  byte[] read(int cpu, long address, int length) throws MachineException;

  /** {@return the way of a linear address through paging} */
  Translation translate(int cpu, long linear) throws MachineException;

  /** {@return the devices, in the order of the profile} */
  List<DeviceView> devices() throws MachineException;

  /**
   * Plugs in one more device and waits until it is there.
   *
   * @param settings a JSON object as under "devices" in a profile
   */
  void plug(String device, String settings) throws MachineException;

  /** Takes a device out for good. */
  void unplug(String device) throws MachineException;

  /**
   * Exchanges a device for another that takes its state over.
   *
   * @param pid factory PID of the successor; the device's own to make it anew
   * @return how long the machine stood still
   */
  Duration swap(String device, String pid) throws MachineException;

  /** Exchanges the engine at the next instruction boundary of each vCPU. */
  void useEngine(String name) throws MachineException;

  /** {@return the consoles, in the order of the profile} */
  List<Console> consoles();

  /** {@return what happened lately, oldest first} */
  List<MachineEvent> events();

  /**
   * Runs on until so many instructions have been recorded, or the machine is idle.
   *
   * @param cpu the vCPU to record, or -1 for all
   * @return a line an instruction: instruction count, vCPU, address, text
   */
  List<String> trace(int cpu, int instructions) throws MachineException;

  /** {@return counters and facts: numbers, texts, and maps of them} */
  Map<String, Object> stats() throws MachineException;

  /** {@return SHA-256 of architectural state, devices and RAM, in hexadecimal} */
  String digest() throws MachineException;

  /**
   * {@return what has changed since the last call} The first call counts all of RAM but pages of
   * zeros as written. From then on until the machine is taken apart its writes are noted.
   */
  Changes changes() throws MachineException;

  /**
   * {@return what the engine has made of the code that a vCPU stands at: text, guest instructions
   * beside those of the host; empty if it has made nothing}
   */
  List<String> translation(int cpu) throws MachineException;

  /**
   * {@return the code that the engines were found in most often since they translated it: for each
   * block the same text as {@link #translation}} A vCPU is looked at where its turn ends, so many
   * instructions after it began.
   */
  List<List<String>> busiest(int most) throws MachineException;

  /** {@return the state of all vCPUs on one screen} */
  String dump() throws MachineException;

  /** {@return what hypervisors in the machine do with the hardware for virtual machines} */
  Inspection virtualization();

  /** {@return the strategies that can be used, as {@code kind.name}, and whether they are} */
  Map<String, Boolean> strategies() throws MachineException;

  /** Exchanges a strategy while the machine runs. */
  void useStrategy(String kind, String name) throws MachineException;
}
