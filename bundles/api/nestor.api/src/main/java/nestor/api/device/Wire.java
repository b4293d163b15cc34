// SPDX-License-Identifier: Apache-2.0
package nestor.api.device;

import org.osgi.annotation.versioning.ProviderType;

/**
 * One driver of a named wire. The wire is high while any of its drivers holds it high.
 *
 * <p>Drivers let go when their device leaves.
 */
@ProviderType
public interface Wire {

  /** Drives the wire high or lets it go. Listeners hear of changes of the whole wire only. */
  void set(boolean high);

  /** Drives the wire high and then lets it go: one edge. */
  default void pulse() {
    set(true);
    set(false);
  }

  /** {@return whether the whole wire is high, whoever drives it} */
  boolean isHigh();

  /** Calls {@code listener} whenever the whole wire changes, on the machine's thread. */
  void listen(WireListener listener);
}
