// SPDX-License-Identifier: Apache-2.0
package nestor.vmx.ept;

import nestor.vcpu.VirtualizationCapability;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/**
 * Extended page tables, and what cannot be without them: unrestricted guest, mode-based execute
 * control, page-modification logging, VM functions.
 */
@Component
public final class EptCapability implements VirtualizationCapability {

  /** Made by the framework. */
  @Activate
  public EptCapability() {}

  @Override
  public String feature() {
    return "VMX";
  }

  @Override
  public String name() {
    return "EPT";
  }
}
