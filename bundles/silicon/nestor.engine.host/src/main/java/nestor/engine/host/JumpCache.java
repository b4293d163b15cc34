// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import nestor.vcpu.Mem;

/**
 * Where indirect branches find the code of their target, by the low bits of RIP.
 *
 * <p>A slot counts only together with the fetch key that the current fast table has for the page of
 * RIP: so a slot is right whatever happens to mappings and privilege, and only goes when its block
 * does.
 */
final class JumpCache implements AutoCloseable {
  /** Slots; generated code makes the number from the low 16 bits of RIP. */
  private static final int SLOTS = 1 << 16;

  static final int SLOT_SHIFT = 5;

  /** Offset of the fetch key in a slot. */
  static final int KEY = 0;

  /** Offset of RIP. */
  static final int RIP = 8;

  /** Offset of the address of the code. */
  static final int CODE = 16;

  private static final long BYTES = (long) SLOTS << SLOT_SHIFT;

  /** Host address of the first slot. */
  final long address = Native.mapZeroes(BYTES);

  /** A slot of zeroes is that of RIP 0, which only the first one must not seem to hold. */
  JumpCache() {
    Mem.putLong(address + KEY, Edge.NO_KEY);
  }

  void clear() {
    for (int n = 0; n < SLOTS; n++) {
      Mem.putLong(address + ((long) n << SLOT_SHIFT) + KEY, Edge.NO_KEY);
    }
  }

  private long slot(long rip) {
    return address + ((rip & SLOTS - 1) << SLOT_SHIFT);
  }

  void put(long rip, long key, long code) {
    long slot = slot(rip);
    Mem.putLong(slot + KEY, key);
    Mem.putLong(slot + RIP, rip);
    Mem.putLong(slot + CODE, code);
  }

  /** Forgets a block's code. */
  void remove(HostBlock block) {
    long slot = slot(block.rip);
    if (Mem.getLong(slot + CODE) == block.entry) {
      Mem.putLong(slot + KEY, Edge.NO_KEY);
    }
  }

  @Override
  public void close() {
    Native.unmap(address, BYTES);
  }
}
