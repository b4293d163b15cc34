// SPDX-License-Identifier: Apache-2.0
package nestor.api.device;

import org.osgi.annotation.versioning.ConsumerType;

/** A device that answers in guest-physical memory space. */
@ConsumerType
public interface MmioDevice extends Device {

  /**
   * Loads {@code size} bytes at {@code offset}.
   *
   * @param offset bytes from the start of the device's ranges
   * @param size 1, 2, 4 or 8; the access stays inside one range and is naturally aligned, since the
   *     bus splits the others
   */
  long load(long offset, int size);

  /** Stores {@code size} bytes at {@code offset}; higher bits of {@code value} are zero. */
  void store(long offset, int size, long value);
}
