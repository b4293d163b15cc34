// SPDX-License-Identifier: Apache-2.0
package nestor.memory;

import java.util.ArrayList;
import java.util.List;
import nestor.api.device.DeviceContext;
import nestor.api.device.MmioDevice;
import nestor.api.device.PortDevice;

/** A device that writes down what reaches it; bytes read are the low bits of their offset. */
final class Recorder implements MmioDevice, PortDevice {
  final List<String> calls = new ArrayList<>();
  private final int width;

  Recorder(int width) {
    this.width = width;
  }

  private static long pattern(long offset, int size) {
    long value = 0;
    for (int i = 0; i < size; i++) {
      value |= (offset + i & 0xFF) << 8 * i;
    }
    return value;
  }

  @Override
  public long load(long offset, int size) {
    calls.add("load " + offset + " " + size);
    return pattern(offset, size);
  }

  @Override
  public void store(long offset, int size, long value) {
    calls.add("store " + offset + " " + size + " " + Long.toHexString(value));
  }

  @Override
  public int read(int offset, int size) {
    calls.add("read " + offset + " " + size);
    return (int) pattern(offset, size);
  }

  @Override
  public void write(int offset, int size, int value) {
    calls.add("write " + offset + " " + size + " " + Integer.toHexString(value));
  }

  @Override
  public int portWidth() {
    return width;
  }

  @Override
  public void attach(DeviceContext context) {}

  @Override
  public void detach() {}

  @Override
  public void reset() {}
}
