// SPDX-License-Identifier: Apache-2.0
package nestor.mmu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import nestor.vcpu.FastTable;
import nestor.vcpu.GuestFault;
import nestor.vcpu.Mem;
import nestor.vcpu.State;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RandomTablesTest {
  private static final long TABLES = 1 << 20;
  private static final int TABLE_PAGES = 64;
  private static final int CASES = 60;
  private static final int ACCESSES = 120;

  private final Set<Integer> errorCodes = new TreeSet<>();
  private SplittableRandom random;
  private int translated;

  @ParameterizedTest
  @CsvSource({"2, 101, 14", "3, 102, 18", "4, 103, 20", "5, 104, 20"})
  void aWalkAgreesWithTheManualOnEveryAccess(int levels, long seed, int kindsOfFaults) {
    random = new SplittableRandom(seed);
    for (int i = 0; i < CASES; i++) {
      int physicalBits = 36 + random.nextInt(17);
      Bench bench = new Bench(256, physicalBits);
      ReferenceWalk.Setup setup = setUp(bench, levels, physicalBits);
      for (int j = 0; j < ACCESSES; j++) {
        check(bench, setup, "seed " + seed + " case " + i + " access " + j);
      }
    }

    // The tables were neither all closed nor all open.
    assertThat(translated).isBetween(CASES * ACCESSES / 8, CASES * ACCESSES * 4 / 5);
    assertThat(errorCodes).hasSizeGreaterThanOrEqualTo(kindsOfFaults);
  }

  private ReferenceWalk.Setup setUp(Bench bench, int levels, int physicalBits) {
    for (int page = 0; page < TABLE_PAGES; page++) {
      for (int i = 0; i < 4096; i += levels == 2 ? 4 : 8) {
        long entry = entry(levels);
        if (levels == 2) {
          bench.putInt(TABLES + page * 4096L + i, (int) entry);
        } else {
          bench.put(TABLES + page * 4096L + i, entry);
        }
      }
    }
    for (int i = 0; i < 4 && levels == 3; i++) {
      bench.put(TABLES + 8L * i, table() | (random.nextInt(8) == 0 ? 0 : 1));
    }
    ReferenceWalk.Setup s =
        new ReferenceWalk.Setup(
            levels,
            physicalBits,
            random.nextBoolean(),
            random.nextBoolean(),
            random.nextBoolean(),
            random.nextBoolean(),
            random.nextBoolean(),
            random.nextBoolean(),
            random.nextBoolean(),
            random.nextInt(),
            TABLES);
    bench.set(State.CR3, s.cr3());
    bench.set(State.PKRU, s.pkru() & 0xFFFF_FFFFL);
    bench.set(
        State.CR4,
        (s.pse() ? 0x10 : 0)
            | (levels > 2 ? 0x20 : 0)
            | (s.pge() ? 0x80 : 0)
            | (levels == 5 ? 0x1000 : 0)
            | (s.smep() ? 1 << 20 : 0)
            | (s.smap() ? 1 << 21 : 0)
            | (s.pke() ? 1 << 22 : 0));
    bench.set(State.EFER, (levels >= 4 ? 0x500 : 0) | (s.nxe() ? 0x800 : 0));
    bench.set(State.CR0, 0x8000_0001L | (s.wp() ? 0x1_0000 : 0));
    bench.set(State.CODE_SIZE, levels >= 4 ? 64 : 32);
    bench.mmu.modeChanged();
    if (levels == 3) {
      assertThat(bench.mmu.loadPdptes()).isTrue();
    }
    return s;
  }

  private long table() {
    return TABLES + 4096L * random.nextInt(TABLE_PAGES);
  }

  /** Mostly present, mostly permissive, mostly without reserved bits. */
  private long entry(int levels) {
    long e = table();
    e |= random.nextInt(16) == 0 ? 0 : 1;
    e |= random.nextInt(6) == 0 ? 0 : 2;
    e |= random.nextInt(6) == 0 ? 0 : 4;
    e |= random.nextInt(128) & 0x60;
    if (random.nextInt(6) == 0) {
      e = e & 0xFFF | 0x80 | (random.nextInt(4) == 0 ? 0 : 1L << 22);
    }
    e |= random.nextInt(3) == 0 ? 0x100 : 0;
    if (levels > 2) {
      e |= random.nextInt(16) == 0 ? 1L << 63 : 0;
      e |= levels > 3 ? (long) random.nextInt(16) << 59 : 0;
      e |= random.nextInt(40) == 0 ? 1L << random.nextInt(levels == 3 ? 63 : 52) : 0;
    } else {
      e |= random.nextInt(12) == 0 ? 1L << 12 + random.nextInt(20) : 0;
    }
    return e;
  }

  private void check(Bench bench, ReferenceWalk.Setup s, String where) {
    // Few different addresses, so that the TLB and the fast tables are hit as well.
    long linear = (long) random.nextInt(3) << 39 | (long) random.nextInt(3) << 30;
    linear |= (long) random.nextInt(4) << 21 | random.nextInt(16) << 12 | random.nextInt(4088);
    linear |= s.levels() == 5 ? (long) random.nextInt(2) << 48 : 0;
    linear |= s.levels() == 2 ? (long) random.nextInt(1 << 10) << 22 : 0;
    linear &= s.levels() < 4 ? 0xFFFF_FFFFL : -1;
    char kind = "rwx".charAt(random.nextInt(3));
    boolean user = random.nextBoolean();
    boolean ac = random.nextBoolean();
    boolean implicit = kind != 'x' && random.nextInt(4) == 0;
    bench.privilege(user ? 3 : 0, ac);

    ReferenceWalk.Access access = new ReferenceWalk.Access(linear, kind, user, ac, implicit);
    ReferenceWalk.Outcome expected = new ReferenceWalk(bench, s, access).run();
    ReferenceWalk.Outcome actual = run(bench, access);

    if (!actual.equals(expected)) { // as() formats eagerly, and this runs often
      assertThat(actual).as("%s %s %s", where, access, s).isEqualTo(expected);
    }
    if (expected.gpa() < 0) {
      errorCodes.add(expected.errorCode());
    } else {
      translated++;
      assertThat(bench.mmu.peek(linear)).as(where).isEqualTo(expected.gpa());
      if (!implicit) {
        checkFastTable(bench, s, linear, user, ac, where);
      }
    }
    String fault = bench.mmu.explain(linear, kind == 'w', kind == 'x', user).fault();
    if (!implicit) {
      assertThat(fault == null).as("%s explained: %s", where, fault).isEqualTo(expected.gpa() >= 0);
    }
  }

  /** A tag in the fast table must say what a walk would. */
  private static void checkFastTable(
      Bench bench, ReferenceWalk.Setup s, long linear, boolean user, boolean ac, String where) {
    long entry = FastTable.entry(bench.get(State.FAST_TABLE), linear);
    int[] tags = {FastTable.READ, FastTable.WRITE, FastTable.FETCH};
    for (int i = 0; i < 3; i++) {
      long tag = Mem.getLong(entry + tags[i]);
      long gpa = FastTable.host(entry, linear) - bench.ramBase();
      if (tags[i] == FastTable.FETCH
          ? FastTable.fetch(tag, linear) >= 0
          : tag == (linear & -4096)) {
        if (tags[i] == FastTable.FETCH) {
          assertThat(FastTable.fetch(tag, linear)).isEqualTo(gpa);
        }
        ReferenceWalk.Access access =
            new ReferenceWalk.Access(linear, "rwx".charAt(i), user, ac, false);
        assertThat(gpa)
            .as("%s fast %s", where, access)
            .isEqualTo(new ReferenceWalk(bench, s, access).run().gpa());
      }
    }
  }

  private static ReferenceWalk.Outcome run(Bench bench, ReferenceWalk.Access a) {
    bench.stores.clear();
    try {
      long gpa;
      if (a.kind() == 'x') {
        gpa = bench.mmu.fetch(a.linear());
      } else {
        // The access itself would spoil the tables, so ask where it went.
        Translator translator = bench.mmu.translator();
        int view = a.implicit() ? FastTable.SUPERVISOR : FastTable.view(bench.v.state);
        gpa = translator.translate(a.linear(), a.kind() == 'w' ? Rights.WRITE : Rights.READ, view);
      }
      return new ReferenceWalk.Outcome(gpa, 0);
    } catch (GuestFault fault) {
      assertThat(fault.vector).isEqualTo(GuestFault.PF);
      assertThat(fault.address).isEqualTo(a.linear());
      return new ReferenceWalk.Outcome(-1, fault.errorCode);
    }
  }
}
