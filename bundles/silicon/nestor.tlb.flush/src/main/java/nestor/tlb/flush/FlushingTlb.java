// SPDX-License-Identifier: Apache-2.0
package nestor.tlb.flush;

import nestor.vcpu.TlbPolicy;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/**
 * Every VM entry and VM exit flushes the whole TLB, whatever the tags: what hypervisors had to do
 * before there were VPIDs and ASIDs, and what a nested one did for long after.
 */
@Component
public final class FlushingTlb implements TlbPolicy {

  /** Made by the framework. */
  @Activate
  public FlushingTlb() {}

  @Override
  public String name() {
    return "flush";
  }

  @Override
  public boolean flushesOnTransition() {
    return true;
  }
}
