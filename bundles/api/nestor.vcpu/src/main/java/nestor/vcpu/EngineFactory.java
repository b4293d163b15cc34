// SPDX-License-Identifier: Apache-2.0
package nestor.vcpu;

/** Service of an engine bundle; property {@code nestor.engine} is its name. */
public interface EngineFactory {

  /** {@return the name, such as {@code interpreter}} */
  String name();

  /** {@return why this engine cannot run on this host, or null if it can} */
  String unavailable();

  /** {@return whether its engines may run the vCPUs of one machine at the same time} */
  default boolean runsInParallel() {
    return true;
  }

  /** {@return an engine for a vCPU whose parts are all bound} */
  Engine create(Vcpu vcpu);
}
