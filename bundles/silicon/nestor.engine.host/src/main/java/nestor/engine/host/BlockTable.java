// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import nestor.vcpu.CodeBlocks;

/** All blocks of one vCPU: by number for exits, and by address, with a direct-mapped front. */
final class BlockTable {
  private static final int FRONT = 1 << 15;

  private final HostBlock[] front = new HostBlock[FRONT];
  private final CodeBlocks<HostBlock> blocks = new CodeBlocks<>(HostBlock.MAX * 15);
  private HostBlock[] all = new HostBlock[1 << 12];
  private int count;

  /** {@return the number of the next block} */
  int nextIndex() {
    return count;
  }

  HostBlock get(int index) {
    return all[index];
  }

  /** {@return the number of blocks that are valid} */
  long live() {
    return blocks.live();
  }

  /** {@return whether numbers are used up} */
  boolean isFull() {
    return count >= 1 << 31 - HostBlock.EXIT_BITS - 1;
  }

  private static int frontSlot(long rip) {
    return (int) (rip ^ rip >>> 15) & (FRONT - 1);
  }

  /** {@return the block at an address, or null} */
  HostBlock find(long gpa, long rip, int mode) {
    int slot = frontSlot(rip);
    HostBlock b = front[slot];
    if (b != null && b.rip == rip && b.gpa == gpa && b.mode == mode && b.valid) {
      return b;
    }
    for (b = blocks.startingNear(gpa); b != null; b = b.next) {
      if (b.gpa == gpa && b.rip == rip && b.mode == mode) {
        front[slot] = b;
        return b;
      }
    }
    return null;
  }

  void add(HostBlock block) {
    if (count == all.length) {
      all = Arrays.copyOf(all, 2 * count);
    }
    all[count++] = block;
    blocks.add(block);
    front[frontSlot(block.rip)] = block;
  }

  /** Takes out the blocks that touch the granules of a written range. */
  void invalidate(long gpa, int length, Consumer<HostBlock> dropped) {
    blocks.invalidate(gpa, length, dropped);
  }

  /** {@return a valid block that holds an address, or null} It looks at all of them. */
  HostBlock around(long gpa, long rip, int mode) {
    for (int n = 0; n < count; n++) {
      HostBlock b = all[n];
      boolean holds = gpa >= b.gpa && gpa < b.gpa + b.bytes();
      if (b.valid && CodeMode.withoutLimit(b.mode) == mode && holds && rip - b.rip == gpa - b.gpa) {
        return b;
      }
    }
    return null;
  }

  /** {@return the valid blocks that have samples, those with most first} */
  List<HostBlock> sampled() {
    return Arrays.stream(all, 0, count)
        .filter(b -> b.valid && b.samples > 0)
        .sorted(Comparator.comparingInt((HostBlock b) -> -b.samples))
        .toList();
  }

  /** Drops everything. */
  void clear() {
    blocks.clear();
    Arrays.fill(all, 0, count, null);
    Arrays.fill(front, null);
    count = 0;
  }
}
