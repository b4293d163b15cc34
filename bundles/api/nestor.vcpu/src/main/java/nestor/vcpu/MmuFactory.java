// SPDX-License-Identifier: Apache-2.0
package nestor.vcpu;

/** Service of the MMU bundle. */
public interface MmuFactory {

  /**
   * {@return an MMU for a vCPU}
   *
   * @param entries number of 4 KiB translations in the architectural TLB
   * @param physicalBits MAXPHYADDR
   */
  Mmu create(Vcpu vcpu, int entries, int physicalBits);
}
