// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.util.Map;
import java.util.TreeMap;
import nestor.api.machine.MachineException;
import nestor.vcpu.TlbPolicy;
import nestor.vcpu.Vcpu;

/** The strategies of the TLB that are installed, and the one in use. On the machine's thread. */
final class TlbPolicies {
  private static final String KIND = "tlb";
  private static final String USUAL = "tagged";

  private final Vcpu[] vcpus;
  private final Map<String, TlbPolicy> known = new TreeMap<>();
  private String used = "";

  TlbPolicies(Vcpu[] vcpus) {
    this.vcpus = vcpus;
  }

  void add(TlbPolicy policy) {
    known.put(policy.name(), policy);
    if (used.isEmpty() || policy.name().equals(used) || policy.name().equals(USUAL)) {
      install(policy);
    }
  }

  /** One leaves; without any the MMUs go by the tags, as the manuals say. */
  void remove(TlbPolicy policy) {
    known.remove(policy.name(), policy);
    if (policy.name().equals(used)) {
      install(known.isEmpty() ? null : known.values().iterator().next());
    }
  }

  private void install(TlbPolicy policy) {
    used = policy == null ? "" : policy.name();
    for (Vcpu v : vcpus) {
      v.mmu.usePolicy(policy);
    }
  }

  void use(String kind, String name) throws MachineException {
    TlbPolicy policy = known.get(name);
    if (!kind.equals(KIND) || policy == null) {
      throw new MachineException(
          "there is no strategy "
              + kind
              + " "
              + name
              + "; there are: "
              + String.join(", ", names()));
    }
    install(policy);
  }

  private Iterable<String> names() {
    return known.keySet().stream().map(name -> KIND + " " + name).toList();
  }

  /** {@return for each, as kind and name, whether it is in use} */
  Map<String, Boolean> list() {
    Map<String, Boolean> all = new TreeMap<>();
    known.keySet().forEach(name -> all.put(KIND + "." + name, name.equals(used)));
    return all;
  }
}
