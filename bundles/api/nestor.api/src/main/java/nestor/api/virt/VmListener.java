// SPDX-License-Identifier: Apache-2.0
package nestor.api.virt;

import java.util.List;
import java.util.function.Supplier;
import org.osgi.annotation.versioning.ConsumerType;

/** Hears what happens to the virtual machines in a machine. */
@ConsumerType
@FunctionalInterface
public interface VmListener {

  /**
   * Something happened. Called on the vCPU's thread, in the middle of a transition or instruction,
   * one call at a time: it must return soon, and ask nothing of the machine.
   *
   * @param fields gives the fields of the vCPU's control structure as they are at that instant;
   *     only to be asked during the call
   */
  void happened(VmEvent event, Supplier<List<ControlField>> fields);
}
