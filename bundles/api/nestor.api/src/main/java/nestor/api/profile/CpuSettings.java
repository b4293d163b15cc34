// SPDX-License-Identifier: Apache-2.0
package nestor.api.profile;

import java.util.List;

/**
 * Which processor the vCPUs are.
 *
 * @param model name of a CPU model
 * @param add CPUID features that the model lacks and the machine shall have
 * @param remove CPUID features of the model that the machine shall not have
 */
public record CpuSettings(String model, List<String> add, List<String> remove) {

  public CpuSettings {
    add = List.copyOf(add);
    remove = List.copyOf(remove);
  }
}
