// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import nestor.vcpu.Mem;

/** Makes generated code wrong. */
final class Spoiled {
  private Spoiled() {}

  /**
   * {@return whether a sequence of bytes was found in code, and replaced by another as long}
   *
   * @param address of the code, where it is executed
   */
  static boolean replace(CodeCache cache, long address, int length, byte[] old, byte[] by) {
    byte[] code = CodeCache.copy(address, length);
    for (int at = 0; at + old.length <= length; at++) {
      int same = 0;
      while (same < old.length && code[at + same] == old[same]) {
        same++;
      }
      if (same == old.length) {
        for (int n = 0; n < by.length; n++) {
          long place = address + at + n;
          cache.patchConstant(place, Mem.getLong(place) & ~0xFFL | by[n] & 0xFF);
        }
        return true;
      }
    }
    return false;
  }
}
