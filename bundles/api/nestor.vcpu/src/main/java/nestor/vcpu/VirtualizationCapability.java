// SPDX-License-Identifier: Apache-2.0
package nestor.vcpu;

/**
 * Service: switches on a part of a vendor's virtual-machine extensions that lies in a bundle of its
 * own. Without it capability MSRs and CPUID say that the processor lacks that part.
 */
public interface VirtualizationCapability {

  /** {@return the CPUID feature of the extensions, {@code VMX} or {@code SVM}} */
  String feature();

  /** {@return the vendor's name of the capability, such as {@code EPT}} */
  String name();
}
