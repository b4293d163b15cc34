// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

import nestor.vcpu.Vcpu;
import nestor.vcpu.Virtualization;
import nestor.vcpu.VirtualizationFactory;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Makes the VMX of vCPUs. */
@Component(service = VirtualizationFactory.class)
public final class VmxFactory implements VirtualizationFactory {

  /** Made by the framework. */
  @Activate
  public VmxFactory() {}

  @Override
  public String feature() {
    return "VMX";
  }

  @Override
  public Virtualization create(Vcpu vcpu) {
    return new VmxUnit(vcpu, name -> false);
  }
}
