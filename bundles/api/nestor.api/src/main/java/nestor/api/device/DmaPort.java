// SPDX-License-Identifier: Apache-2.0
package nestor.api.device;

import org.osgi.annotation.versioning.ProviderType;

/**
 * Access of a bus master to guest-physical memory.
 *
 * <p>Addresses that nothing answers read as all ones and swallow writes, as on a PC.
 */
@ProviderType
public interface DmaPort {

  /** Copies {@code length} bytes at {@code gpa} into {@code target}. */
  void read(long gpa, byte[] target, int offset, int length);

  /** Copies {@code length} bytes of {@code source} to {@code gpa}. */
  void write(long gpa, byte[] source, int offset, int length);

  /**
   * Sends a message-signalled interrupt: a 32-bit write into the interrupt address range (SDM vol.
   * 3A, "Message Signalled Interrupts").
   */
  void message(long address, int data);
}
