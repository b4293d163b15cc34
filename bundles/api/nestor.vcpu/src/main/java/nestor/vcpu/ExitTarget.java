// SPDX-License-Identifier: Apache-2.0
package nestor.vcpu;

/**
 * Who takes over after a VM exit, once the guest's state and the exit information have been written
 * to the control structure. Called on the vCPU's thread.
 */
public interface ExitTarget {

  /**
   * Takes the exit. The vCPU still holds the guest's state and is in root mode; no host state has
   * been loaded, and none will be. Valid until it returns.
   */
  void exited(Vcpu vcpu, VmExit exit);
}
