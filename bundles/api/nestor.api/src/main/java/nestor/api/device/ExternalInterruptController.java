// SPDX-License-Identifier: Apache-2.0
package nestor.api.device;

import org.osgi.annotation.versioning.ConsumerType;

/** The device that answers the processor's interrupt-acknowledge cycle: the 8259 pair. */
@ConsumerType
public interface ExternalInterruptController {

  /** {@return the vector of the interrupt that the processor now takes} */
  int acknowledge();
}
