// SPDX-License-Identifier: Apache-2.0
package nestor.vmx.shadowing;

import nestor.vcpu.VirtualizationCapability;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** VMCS shadowing: VMREAD and VMWRITE of a guest hypervisor without exits. */
@Component
public final class ShadowingCapability implements VirtualizationCapability {

  /** Made by the framework. */
  @Activate
  public ShadowingCapability() {}

  @Override
  public String feature() {
    return "VMX";
  }

  @Override
  public String name() {
    return "VMCS_SHADOWING";
  }
}
