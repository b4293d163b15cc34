// SPDX-License-Identifier: Apache-2.0
package nestor.apic;

import nestor.vcpu.ApicBus;
import nestor.vcpu.LocalApic;
import nestor.vcpu.LocalApicFactory;
import org.osgi.service.component.annotations.Component;

/** Makes local APICs. */
@Component
public final class ApicFactory implements LocalApicFactory {

  @Override
  public LocalApic create(ApicBus bus, int id) {
    return new Apic(bus, id);
  }
}
