// SPDX-License-Identifier: Apache-2.0
package nestor.testkit;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import nestor.api.device.DmaPort;

/** Guest-physical memory of any address, zero until written, and the interrupts sent by message. */
public final class FakeMemory implements DmaPort {
  private static final int PAGE = 4096;

  /**
   * One message-signalled interrupt.
   *
   * @param address where it was written
   * @param data what was written
   */
  public record Message(long address, int data) {}

  private final Map<Long, byte[]> pages = new HashMap<>();
  private final List<Message> messages = new ArrayList<>();

  @Override
  public void read(long gpa, byte[] target, int offset, int length) {
    for (int i = 0; i < length; i++) {
      target[offset + i] = (byte) getByte(gpa + i);
    }
  }

  @Override
  public void write(long gpa, byte[] source, int offset, int length) {
    for (int i = 0; i < length; i++) {
      page(gpa + i)[(int) ((gpa + i) % PAGE)] = source[offset + i];
    }
  }

  @Override
  public void message(long address, int data) {
    messages.add(new Message(address, data));
  }

  /** {@return the messages sent so far, oldest first} */
  public List<Message> messages() {
    return List.copyOf(messages);
  }

  /** {@return the little-endian value of {@code size} bytes} */
  public long get(long gpa, int size) {
    long value = 0;
    for (int i = size - 1; i >= 0; i--) {
      value = value << 8 | getByte(gpa + i);
    }
    return value;
  }

  /** Stores {@code size} bytes, little end first. */
  public void put(long gpa, int size, long value) {
    for (int i = 0; i < size; i++) {
      page(gpa + i)[(int) ((gpa + i) % PAGE)] = (byte) (value >>> (8 * i));
    }
  }

  private int getByte(long gpa) {
    byte[] page = pages.get(gpa / PAGE);
    return page == null ? 0 : page[(int) (gpa % PAGE)] & 0xFF;
  }

  private byte[] page(long gpa) {
    return pages.computeIfAbsent(gpa / PAGE, key -> new byte[PAGE]);
  }
}
