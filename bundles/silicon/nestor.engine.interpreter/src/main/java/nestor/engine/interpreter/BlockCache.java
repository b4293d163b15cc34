// SPDX-License-Identifier: Apache-2.0
package nestor.engine.interpreter;

import java.util.Arrays;
import nestor.vcpu.CodeBlocks;

/** All decoded blocks of one vCPU, by physical address, with a direct-mapped front. */
final class BlockCache {
  private static final int FRONT = 1 << 15;

  private final Block[] front = new Block[FRONT];
  private final CodeBlocks<Block> blocks = new CodeBlocks<>(Block.MAX * 15);

  private static int frontSlot(long gpa) {
    return (int) (gpa ^ gpa >>> 15) & (FRONT - 1);
  }

  /** {@return the block at an address, or null} */
  Block find(long gpa, int mode) {
    int slot = frontSlot(gpa);
    Block b = front[slot];
    if (b != null && b.gpa == gpa && b.mode == mode && b.valid) {
      return b;
    }
    for (b = blocks.startingNear(gpa); b != null; b = b.next) {
      if (b.gpa == gpa && b.mode == mode) {
        front[slot] = b;
        return b;
      }
    }
    return null;
  }

  void add(Block block) {
    blocks.add(block);
    front[frontSlot(block.gpa)] = block;
  }

  /** {@return the number of blocks that are valid} */
  long live() {
    return blocks.live();
  }

  /** Drops the blocks that touch the granules of a written range. */
  void invalidate(long gpa, int length) {
    blocks.invalidate(gpa, length, dropped -> {});
  }

  /** Drops everything. */
  void clear() {
    Arrays.fill(front, null);
    blocks.clear();
  }
}
