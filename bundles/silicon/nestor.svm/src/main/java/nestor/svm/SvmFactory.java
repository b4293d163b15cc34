// SPDX-License-Identifier: Apache-2.0
package nestor.svm;

import nestor.vcpu.Vcpu;
import nestor.vcpu.Virtualization;
import nestor.vcpu.VirtualizationFactory;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Makes the SVM of vCPUs. */
@Component(service = VirtualizationFactory.class)
public final class SvmFactory implements VirtualizationFactory {

  /** Made by the framework. */
  @Activate
  public SvmFactory() {}

  @Override
  public String feature() {
    return "SVM";
  }

  @Override
  public Virtualization create(Vcpu vcpu) {
    return new SvmUnit(vcpu, name -> false);
  }
}
