// SPDX-License-Identifier: Apache-2.0
package nestor.mmu;

/**
 * The paging chapter of SDM vol. 3A once more, slowly, bit by bit from the figures and the lists of
 * access rights, sharing no code with the MMU under test.
 */
final class ReferenceWalk {
  /** How the processor is set up. */
  record Setup(
      int levels,
      int physicalBits,
      boolean wp,
      boolean pse,
      boolean pge,
      boolean nxe,
      boolean smep,
      boolean smap,
      boolean pke,
      int pkru,
      long cr3) {}

  /** What is asked. */
  record Access(long linear, char kind, boolean user, boolean ac, boolean implicit) {}

  /** Physical address, or -1 and the error code. */
  record Outcome(long gpa, int errorCode) {}

  private final Bench bench;
  private final Setup s;
  private final Access a;

  ReferenceWalk(Bench bench, Setup s, Access a) {
    this.bench = bench;
    this.s = s;
    this.a = a;
  }

  private static boolean bit(long value, int n) {
    return (value >>> n & 1) != 0;
  }

  private static long field(long value, int high, int low) {
    return high < low ? 0 : value << 63 - high >>> 63 - high + low;
  }

  private Outcome fault(boolean present, boolean reserved, boolean key) {
    int code = present ? 1 : 0;
    if (a.kind == 'w') {
      code |= 2;
    }
    if (a.user && !a.implicit) {
      code |= 4;
    }
    if (reserved) {
      code |= 8;
    }
    if (a.kind == 'x' && (s.smep || s.levels > 2 && s.nxe)) {
      code |= 16;
    }
    if (key) {
      code |= 32;
    }
    return new Outcome(-1, code);
  }

  Outcome run() {
    return s.levels == 2 ? legacy() : wide();
  }

  private Outcome legacy() {
    long l = a.linear;
    long pde = bench.at((s.cr3 & 0xFFFF_F000L) + 4 * field(l, 31, 22)) & 0xFFFF_FFFFL;
    if (!bit(pde, 0)) {
      return fault(false, false, false);
    }
    if (s.pse && bit(pde, 7)) {
      if (bit(pde, 21)) {
        return fault(true, true, false);
      }
      for (int i = 13; i <= 20; i++) {
        if (bit(pde, i) && 32 + i - 13 >= s.physicalBits) {
          return fault(true, true, false);
        }
      }
      long frame = field(pde, 20, 13) << 32 | field(pde, 31, 22) << 22;
      return rights(frame | field(l, 21, 0), bit(pde, 1), bit(pde, 2), false, 0);
    }
    long pte = bench.at((pde & 0xFFFF_F000L) + 4 * field(l, 21, 12)) & 0xFFFF_FFFFL;
    if (!bit(pte, 0)) {
      return fault(false, false, false);
    }
    return rights(
        pte & 0xFFFF_F000L | field(l, 11, 0),
        bit(pde, 1) && bit(pte, 1),
        bit(pde, 2) && bit(pte, 2),
        false,
        0);
  }

  private Outcome wide() {
    long l = a.linear;
    boolean w = true;
    boolean u = true;
    boolean nx = false;
    long table;
    int level;
    if (s.levels == 3) {
      long pdpte = bench.at(s.cr3 + 8 * field(l, 31, 30));
      if (!bit(pdpte, 0)) {
        return fault(false, false, false);
      }
      table = field(pdpte, s.physicalBits - 1, 12) << 12;
      level = 2;
    } else {
      table = field(s.cr3, s.physicalBits - 1, 12) << 12;
      level = s.levels;
    }
    while (true) {
      int low = 12 + 9 * (level - 1);
      long e = bench.at(table + 8 * field(l, low + 8, low));
      if (!bit(e, 0)) {
        return fault(false, false, false);
      }
      boolean page = level == 1 || bit(e, 7) && (level == 2 || level == 3);
      boolean reserved = field(e, 51, s.physicalBits) != 0;
      reserved |= bit(e, 63) && !s.nxe;
      reserved |= s.levels == 3 && field(e, 62, 52) != 0;
      reserved |= level > 3 && bit(e, 7);
      reserved |= page && level == 2 && field(e, 20, 13) != 0;
      reserved |= page && level == 3 && field(e, 29, 13) != 0;
      if (reserved) {
        return fault(true, true, false);
      }
      w &= bit(e, 1);
      u &= bit(e, 2);
      nx |= bit(e, 63);
      if (page) {
        long frame = field(e, s.physicalBits - 1, low) << low;
        return rights(frame | field(l, low - 1, 0), w, u, nx, (int) field(e, 62, 59));
      }
      table = field(e, s.physicalBits - 1, 12) << 12;
      level--;
    }
  }

  private Outcome rights(long gpa, boolean w, boolean u, boolean nx, int key) {
    boolean userMode = a.user && !a.implicit;
    boolean keys = s.pke && s.levels >= 4 && u && a.kind != 'x';
    boolean ad = keys && bit(s.pkru, 2 * key);
    boolean wd = keys && bit(s.pkru, 2 * key + 1) && a.kind == 'w' && (userMode || s.wp);
    boolean allowed;
    if (userMode) {
      allowed = u && (a.kind == 'r' || a.kind == 'w' && w || a.kind == 'x' && !nx);
    } else if (a.kind == 'x') {
      allowed = !nx && !(u && s.smep);
    } else {
      boolean reach = !u || !s.smap || a.ac && !a.implicit;
      allowed = reach && (a.kind == 'r' || w || !s.wp);
    }
    if (!allowed || ad || wd) {
      return fault(true, false, ad || wd);
    }
    return new Outcome(gpa, 0);
  }
}
