// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

/** The jump caches of the modes in use: code of one mode never jumps into another by itself. */
final class JumpCaches implements AutoCloseable {
  private static final int MOST = 4;

  private final JumpCache[] caches = new JumpCache[MOST];
  private final int[] modes = new int[MOST];
  private int current;
  private int victim;

  /** {@return the cache for blocks of a mode} It takes the place of another if it must. */
  JumpCache of(int blockMode) {
    int mode = CodeMode.withoutLimit(blockMode);
    if (modes[current] == mode && caches[current] != null) {
      return caches[current];
    }
    for (int n = 0; n < MOST; n++) {
      if (caches[n] == null) {
        caches[n] = new JumpCache();
        modes[n] = mode;
      }
      if (modes[n] == mode) {
        current = n;
        return caches[n];
      }
    }
    current = victim;
    victim = (victim + 1) % MOST;
    modes[current] = mode;
    caches[current].clear();
    return caches[current];
  }

  /** Forgets a block's code. */
  void remove(HostBlock block) {
    int mode = CodeMode.withoutLimit(block.mode);
    for (int n = 0; n < MOST; n++) {
      if (caches[n] != null && modes[n] == mode) {
        caches[n].remove(block);
      }
    }
  }

  void clear() {
    for (JumpCache cache : caches) {
      if (cache != null) {
        cache.clear();
      }
    }
  }

  @Override
  public void close() {
    for (JumpCache cache : caches) {
      if (cache != null) {
        cache.close();
      }
    }
  }
}
