// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import nestor.vcpu.Vcpu;
import nestor.vcpu.Virtualization;
import nestor.vcpu.VirtualizationCapability;
import nestor.vcpu.VirtualizationFactory;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/** Makes the VMX of vCPUs, with the capabilities whose bundles are there at that moment. */
@Component(service = VirtualizationFactory.class)
public final class VmxFactory implements VirtualizationFactory {
  private static final String FEATURE = "VMX";

  /** Capabilities that have bundles of their own. */
  private static final Set<String> SEPARATE = Set.of("EPT", "VPID", "VMCS_SHADOWING");

  private final Set<String> installed = ConcurrentHashMap.newKeySet();

  /** Made by the framework. */
  @Activate
  public VmxFactory() {}

  @Reference(
      name = "capabilities",
      cardinality = ReferenceCardinality.MULTIPLE,
      policy = ReferencePolicy.DYNAMIC)
  void addCapability(VirtualizationCapability capability) {
    if (capability.feature().equals(FEATURE)) {
      installed.add(capability.name());
    }
  }

  void removeCapability(VirtualizationCapability capability) {
    if (capability.feature().equals(FEATURE)) {
      installed.remove(capability.name());
    }
  }

  @Override
  public String feature() {
    return FEATURE;
  }

  @Override
  public Virtualization create(Vcpu vcpu) {
    Set<String> present = Set.copyOf(installed);
    return new VmxUnit(vcpu, name -> SEPARATE.contains(name) && !present.contains(name));
  }
}
