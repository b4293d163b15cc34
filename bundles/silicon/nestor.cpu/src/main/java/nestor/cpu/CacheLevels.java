// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

/** The caches that a model tells of; nothing behaves like a cache. */
final class CacheLevels {
  private CacheLevels() {}

  /**
   * One cache.
   *
   * @param type 1 data, 2 instructions, 3 unified
   */
  record Level(int type, int number, int kib, int ways, boolean shared) {
    int sets(int line) {
      return kib * 1024 / line / ways;
    }
  }

  /** {@return the cache that subleaf {@code n} describes, or null after the last} */
  static Level level(CpuModel model, int n) {
    return switch (n) {
      case 0 -> new Level(1, 1, model.cacheKib("l1"), 8, false);
      case 1 -> new Level(2, 1, model.cacheKib("l1"), 8, false);
      case 2 -> new Level(3, 2, model.cacheKib("l2"), 8, false);
      case 3 -> new Level(3, 3, model.cacheKib("l3"), 16, true);
      default -> null;
    };
  }
}
