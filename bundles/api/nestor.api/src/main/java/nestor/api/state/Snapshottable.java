// SPDX-License-Identifier: Apache-2.0
package nestor.api.state;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Something whose guest-visible state can be saved and restored at a safepoint.
 *
 * <p>Save what the guest could tell apart and rebuild the rest. Both methods run on the machine's
 * control thread with all vCPUs parked, after {@code attach}.
 */
@ConsumerType
public interface Snapshottable {

  /** {@return the section this object writes} */
  SectionId section();

  /** Writes the state. */
  void save(StateWriter out);

  /**
   * Takes over a state written by this or any older version.
   *
   * @param version the version that wrote it, at most that of {@link #section}
   * @throws IllegalStateException if the state cannot be taken over; the text says why
   */
  void restore(int version, StateReader in);
}
