// SPDX-License-Identifier: Apache-2.0
package nestor.vcpu;

import java.util.List;

/** Service of the CPU bundle. */
public interface SystemUnitFactory {

  /** {@return the names of the CPU models it knows} */
  List<String> models();

  /**
   * Makes the CPU core of a vCPU, and fills in {@link Vcpu#offered} and {@link Vcpu#amd}.
   *
   * @param request model, feature changes and the facts of the machine that CPUID tells
   * @throws IllegalArgumentException naming the unknown model or feature and the nearest known one
   */
  SystemUnit create(Vcpu vcpu, CpuRequest request);

  /**
   * What a profile asks of a CPU.
   *
   * @param model name of a CPU model file, or intel, amd, max
   * @param changes feature names with a leading + or -
   * @param cpuCount number of vCPUs
   * @param tscHertz rate of the TSC
   * @param seed of RDRAND and RDSEED
   */
  record CpuRequest(String model, List<String> changes, int cpuCount, long tscHertz, long seed) {}

  /** {@return MAXPHYADDR of a model} */
  int physicalBits(CpuRequest request);
}
