// SPDX-License-Identifier: Apache-2.0
package nestor.api.device;

import org.osgi.annotation.versioning.ProviderType;

/** What a device may ask of its machine. Requests take effect at the next instruction boundary. */
@ProviderType
public interface MachinePort {

  /** {@return size of guest RAM in bytes} */
  long memoryBytes();

  /** {@return number of vCPUs} */
  int cpuCount();

  /** {@return the seed of everything random in this machine} */
  long seed();

  /** Resets the whole machine. {@code why} is shown to the user. */
  void requestReset(String why);

  /** Powers the machine off. */
  void requestPowerOff();

  /** Ends the run with a value the guest chose: the process exits with (value &lt;&lt; 1) | 1. */
  void requestExit(int value);

  /**
   * Notes a guest action worth showing to the user, such as an access to an unmodelled register.
   */
  void note(String what);
}
