// SPDX-License-Identifier: Apache-2.0
package nestor.vcpu;

/** Service of a bundle with virtual-machine extensions. */
public interface VirtualizationFactory {

  /** {@return the CPUID feature that it makes real, {@code VMX} or {@code SVM}} */
  String feature();

  /** {@return the extensions of a vCPU whose CPU core and MMU are bound} */
  Virtualization create(Vcpu vcpu);
}
