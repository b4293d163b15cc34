// SPDX-License-Identifier: Apache-2.0
package nestor.virt;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import nestor.api.virt.ExitCount;

/**
 * Counts exits by level, reason and guest RIP, in a hash table of fixed size. What finds no room is
 * counted by level and reason alone.
 */
final class ExitSites {
  private static final int SIZE = 4096;
  private static final int PROBES = 8;
  private static final long MIX = 0x9E37_79B9_7F4A_7C15L;
  private static final int LEVELS = 3;

  private final ExitWords words;
  private final long[] addresses = new long[SIZE];
  private final int[] keys = new int[SIZE];
  private final long[] counts = new long[SIZE];
  private final long[] others;

  ExitSites(ExitWords words) {
    this.words = words;
    this.others = new long[LEVELS * words.slots()];
  }

  void count(int level, int slot, long rip) {
    int key = level * words.slots() + slot;
    int place = (int) ((rip + key) * MIX >>> 52);
    for (int i = 0; i < PROBES; i++) {
      int at = place + i & SIZE - 1;
      if (counts[at] == 0) {
        addresses[at] = rip;
        keys[at] = key;
      } else if (addresses[at] != rip || keys[at] != key) {
        continue;
      }
      counts[at]++;
      return;
    }
    others[key]++;
  }

  List<ExitCount> list(int cpu) {
    List<ExitCount> all = new ArrayList<>();
    for (int i = 0; i < SIZE; i++) {
      if (counts[i] != 0) {
        all.add(row(cpu, keys[i], addresses[i], counts[i]));
      }
    }
    for (int key = 0; key < others.length; key++) {
      if (others[key] != 0) {
        all.add(row(cpu, key, -1, others[key]));
      }
    }
    all.sort(Comparator.comparingLong(ExitCount::count).reversed());
    return all;
  }

  private ExitCount row(int cpu, int key, long rip, long count) {
    String name = words.name(words.reason(key % words.slots()));
    return new ExitCount(cpu, key / words.slots(), name, rip, count);
  }
}
