// SPDX-License-Identifier: Apache-2.0
package nestor.api.device;

import org.osgi.annotation.versioning.ConsumerType;

/** A device that answers on I/O ports. */
@ConsumerType
public interface PortDevice extends Device {

  /**
   * Reads {@code size} bytes at {@code offset}.
   *
   * @param offset bytes from the start of the device's ranges
   * @param size 1, 2 or 4; the access stays inside one range
   * @return the value; the bus cuts it to {@code size}
   */
  int read(int offset, int size);

  /** Writes {@code size} bytes at {@code offset}; higher bits of {@code value} are zero. */
  void write(int offset, int size, int value);

  /**
   * {@return the widest access the device takes whole; the bus splits wider ones into bytes of
   * ascending address} Most ISA devices are one byte wide.
   */
  default int portWidth() {
    return 1;
  }
}
