// SPDX-License-Identifier: Apache-2.0
package nestor.mmu;

import nestor.vcpu.Mmu;
import nestor.vcpu.MmuFactory;
import nestor.vcpu.Vcpu;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Makes the MMUs of vCPUs. */
@Component(service = MmuFactory.class)
public final class PagedMmuFactory implements MmuFactory {

  /** Made by the framework. */
  @Activate
  public PagedMmuFactory() {}

  @Override
  public Mmu create(Vcpu vcpu, int entries, int physicalBits) {
    return new GuestMmu(vcpu, entries, physicalBits);
  }
}
