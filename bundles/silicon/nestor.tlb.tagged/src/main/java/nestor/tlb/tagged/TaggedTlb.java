// SPDX-License-Identifier: Apache-2.0
package nestor.tlb.tagged;

import nestor.vcpu.TlbPolicy;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/**
 * Translations carry VPID or ASID, second-level root and PCID, and outlive VM entries and exits
 * (SDM vol. 3C, "Caching Translation Information").
 */
@Component
public final class TaggedTlb implements TlbPolicy {

  /** Made by the framework. */
  @Activate
  public TaggedTlb() {}

  @Override
  public String name() {
    return "tagged";
  }

  @Override
  public boolean flushesOnTransition() {
    return false;
  }
}
