// SPDX-License-Identifier: Apache-2.0
package nestor.api.host;

import org.osgi.annotation.versioning.ProviderType;

/**
 * One end of a byte stream between a device and whatever the profile connected it to: the terminal,
 * a file, a TCP port, a ring in memory.
 *
 * <p>All methods are called on the machine's thread and never block. Input from outside enters only
 * at points that the machine records, so that a run can be replayed.
 */
@ProviderType
public interface CharPort {

  /** Sends one byte to the outside. Kept in order; never dropped, never doubled. */
  void send(int value);

  /** {@return the next byte from outside, or -1 if there is none now} */
  int receive();

  /** {@return whether {@link #receive} would give a byte} */
  boolean hasInput();

  /** Sets who is told, on the machine's thread, when input has arrived. Null for nobody. */
  void onInput(Runnable listener);
}
