// SPDX-License-Identifier: Apache-2.0
package nestor.vcpu;

/**
 * Service: whether tags in the TLB are used. A strategy, exchanged at a safepoint; flushing more
 * than the manuals ask for is always allowed.
 */
public interface TlbPolicy {

  /** {@return the name, such as {@code tagged}} */
  String name();

  /** {@return whether each VM entry and each VM exit flushes everything} */
  boolean flushesOnTransition();
}
