// SPDX-License-Identifier: Apache-2.0
package nestor.vmx.vpid;

import nestor.vcpu.VirtualizationCapability;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Virtual-processor identifiers: translations that outlive VM entries and exits. */
@Component
public final class VpidCapability implements VirtualizationCapability {

  /** Made by the framework. */
  @Activate
  public VpidCapability() {}

  @Override
  public String feature() {
    return "VMX";
  }

  @Override
  public String name() {
    return "VPID";
  }
}
