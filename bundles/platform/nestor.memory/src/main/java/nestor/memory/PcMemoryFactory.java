// SPDX-License-Identifier: Apache-2.0
package nestor.memory;

import nestor.vcpu.PhysicalMemoryControl;
import nestor.vcpu.PhysicalMemoryFactory;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Makes the physical address spaces of machines. */
@Component(service = PhysicalMemoryFactory.class)
public final class PcMemoryFactory implements PhysicalMemoryFactory {

  /** Made by the framework. */
  @Activate
  public PcMemoryFactory() {}

  @Override
  public PhysicalMemoryControl create(long ramBytes, long lowMemoryTop) {
    return new PcMemory(ramBytes, lowMemoryTop);
  }
}
