// SPDX-License-Identifier: Apache-2.0
package nestor.api.machine;

import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** All machines of this process. */
@ProviderType
public interface Machines {

  /** {@return the machines, in alphabetical order of their names} */
  List<Machine> list();

  /** {@return the machine of that name} */
  Optional<Machine> find(String name);

  /**
   * Assembles a machine, switched off, and waits until all its devices are there.
   *
   * @throws MachineException if it cannot be made; nothing is left of it then
   */
  Machine create(MachineSpec spec) throws MachineException;

  /** Stops a machine and takes it apart. */
  void destroy(Machine machine) throws MachineException;

  /** {@return the names of the engines that can run on this host} */
  List<String> engines();
}
