// SPDX-License-Identifier: Apache-2.0
package nestor.memory;

import nestor.api.device.DmaPort;
import nestor.vcpu.Mem;
import nestor.vcpu.PhysicalMemoryControl.MessageSink;

/** Direct memory access by physical address: what a device does without an IOMMU before it. */
final class BusMaster implements DmaPort {
  private static final long MESSAGES = 0xFEE0_0000L;
  private static final int MESSAGES_SHIFT = 20;
  private static final int PAGE = 4096;

  private final PcMemory memory;
  private final MessageSink messages;

  BusMaster(PcMemory memory, MessageSink messages) {
    this.memory = memory;
    this.messages = messages;
  }

  @Override
  public void read(long gpa, byte[] target, int offset, int length) {
    while (length > 0) {
      int count = Math.min(length, PAGE - (int) (gpa & PAGE - 1));
      if (memory.isRam(gpa)) {
        Mem.copyOut(memory.ramBase() + gpa, target, offset, count);
      } else {
        count = Math.min(count, piece(gpa, count));
        long value = memory.load(null, gpa, count);
        for (int i = 0; i < count; i++) {
          target[offset + i] = (byte) (value >>> 8 * i);
        }
      }
      gpa += count;
      offset += count;
      length -= count;
    }
  }

  @Override
  public void write(long gpa, byte[] source, int offset, int length) {
    while (length > 0) {
      int count = Math.min(length, PAGE - (int) (gpa & PAGE - 1));
      if (memory.isRam(gpa)) {
        copyIn(source, offset, gpa, count);
      } else {
        count = piece(gpa, count);
        long value = 0;
        for (int i = 0; i < count; i++) {
          value |= (source[offset + i] & 0xFFL) << 8 * i;
        }
        if (count == 4 && gpa >>> MESSAGES_SHIFT == MESSAGES >>> MESSAGES_SHIFT) {
          messages.message(gpa, (int) value);
        } else {
          memory.store(null, gpa, count, value);
        }
      }
      gpa += count;
      offset += count;
      length -= count;
    }
  }

  private void copyIn(byte[] source, int offset, long gpa, int count) {
    memory.change(gpa, count, () -> Mem.copyIn(source, offset, memory.ramBase() + gpa, count));
  }

  private static int piece(long gpa, int length) {
    return (int) Math.min(Math.min(8, Integer.highestOneBit(length)), Long.lowestOneBit(gpa | 8));
  }

  @Override
  public void message(long address, int data) {
    messages.message(address, data);
  }
}
