// SPDX-License-Identifier: Apache-2.0
package nestor.api.device;

import org.osgi.annotation.versioning.ConsumerType;

/** A device that hears the local APICs' EOI broadcast: the IOAPIC. */
@ConsumerType
public interface EoiListener {

  /** A local APIC ended a level-triggered interrupt with this vector. */
  void endOfInterrupt(int vector);
}
