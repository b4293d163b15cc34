// SPDX-License-Identifier: Apache-2.0
package nestor.vcpu;

/** Service of the local APIC bundle. */
public interface LocalApicFactory {

  /** {@return a local APIC in its power-on state} */
  LocalApic create(ApicBus bus, int id);
}
