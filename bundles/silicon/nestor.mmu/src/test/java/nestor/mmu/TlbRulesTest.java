// SPDX-License-Identifier: Apache-2.0
package nestor.mmu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import nestor.vcpu.FastTable;
import nestor.vcpu.GuestFault;
import nestor.vcpu.GuestMemory;
import nestor.vcpu.Mem;
import nestor.vcpu.State;
import org.junit.jupiter.api.Test;

/** What may be stale, what must not be, and that both ways in tell the same. */
class TlbRulesTest {
  private static final long PML4 = 0x10000;
  private static final long OTHER_PML4 = 0x20000;
  private static final long PDPT = 0x11000;
  private static final long PD = 0x12000;
  private static final long PT = 0x13000;
  private static final long PRESENT = 0x67; // with A and D
  private static final long GLOBAL = 0x100;
  private static final long LARGE = 0x80;
  private static final long FIRST = 0x100000;
  private static final long SECOND = 0x101000;

  private final Bench bench = new Bench(256, 46);

  TlbRulesTest() {
    for (long pml4 : new long[] {PML4, OTHER_PML4}) {
      bench.put(pml4, PDPT | PRESENT);
    }
    bench.put(PDPT, PD | PRESENT);
    bench.put(PD, PT | PRESENT);
    bench.put(FIRST, 0x1111);
    bench.put(SECOND, 0x2222);
  }

  private void start(long cr4) {
    bench.longMode(PagingMode.CR0_WP, cr4, PagingMode.EFER_NXE, PML4);
    bench.privilege(0, false);
  }

  private void map(long linear, long frame, long flags) {
    bench.put(PT + (linear >>> 12) * 8, frame | flags);
  }

  private long read(long linear) {
    return GuestMemory.load64(bench.v, linear);
  }

  private void cr3(long value, boolean keep) {
    bench.set(State.CR3, value);
    bench.mmu.addressSpaceChanged(keep);
  }

  @Test
  void aTranslationStaysUntilItIsInvalidated() {
    start(0);
    map(0x5000, FIRST, PRESENT);
    assertThat(read(0x5000)).isEqualTo(0x1111);

    map(0x5000, SECOND, PRESENT);
    assertThat(read(0x5000)).isEqualTo(0x1111);
    bench.mmu.invalidatePage(0x5123);

    assertThat(read(0x5000)).isEqualTo(0x2222);
  }

  @Test
  void losingAFastEntryDoesNotLoseTheTranslation() {
    start(0);
    map(0x5000, FIRST, PRESENT);
    read(0x5000);
    map(0x5000, SECOND, PRESENT);

    bench.set(State.CR0, bench.get(State.CR0) & ~PagingMode.CR0_WP);
    bench.mmu.modeChanged(); // drops the fast tables, not the TLB

    long walks = bench.mmu.counters().get("walks.4-level");
    assertThat(read(0x5000)).isEqualTo(0x1111);
    assertThat(bench.mmu.counters().get("walks.4-level")).isEqualTo(walks);
  }

  @Test
  void loadingCr3DropsAllButGlobalPages() {
    start(PagingMode.CR4_PGE);
    map(0x5000, FIRST, PRESENT);
    map(0x6000, FIRST, PRESENT | GLOBAL);
    read(0x5000);
    read(0x6000);
    map(0x5000, SECOND, PRESENT);
    map(0x6000, SECOND, PRESENT | GLOBAL);

    cr3(OTHER_PML4, false);

    assertThat(read(0x5000)).isEqualTo(0x2222);
    assertThat(read(0x6000)).isEqualTo(0x1111);
    bench.mmu.invalidatePage(0x6000);
    assertThat(read(0x6000)).isEqualTo(0x2222);
  }

  @Test
  void changingPgeDropsGlobalPagesToo() {
    start(PagingMode.CR4_PGE);
    map(0x6000, FIRST, PRESENT | GLOBAL);
    read(0x6000);
    map(0x6000, SECOND, PRESENT | GLOBAL);

    bench.set(State.CR4, bench.get(State.CR4) & ~PagingMode.CR4_PGE);
    bench.mmu.modeChanged();

    assertThat(read(0x6000)).isEqualTo(0x2222);
  }

  @Test
  void aPcidKeepsItsTranslationsWhenAskedTo() {
    start(PagingMode.CR4_PCIDE);
    cr3(PML4 | 1, false);
    map(0x5000, FIRST, PRESENT);
    read(0x5000);
    map(0x5000, SECOND, PRESENT);

    cr3(OTHER_PML4 | 2, false);
    assertThat(read(0x5000)).isEqualTo(0x2222);
    cr3(PML4 | 1, true);
    assertThat(read(0x5000)).isEqualTo(0x1111);
    cr3(PML4 | 1, false);
    assertThat(read(0x5000)).isEqualTo(0x2222);
  }

  @Test
  void moreSpacesThanContextsStayApart() {
    start(PagingMode.CR4_PCIDE);
    int spaces = FastTables.CONTEXTS * 2 + 3;
    for (int pcid = 1; pcid <= spaces; pcid++) {
      long frame = 0x100000 + pcid * 4096L;
      bench.put(frame, pcid);
      cr3(PML4 | pcid, false);
      map(0x5000, frame, PRESENT);
      assertThat(read(0x5000)).isEqualTo(pcid);
    }

    // All translations but those of a set's four ways are gone; what is left must be the right one.
    for (int pcid = spaces; pcid > spaces - 4; pcid--) {
      cr3(PML4 | pcid, true);
      assertThat(read(0x5000)).isEqualTo(pcid);
    }
  }

  @Test
  void invpcidReachesExactlyItsTargets() {
    for (int type = 0; type <= 3; type++) {
      start(PagingMode.CR4_PCIDE | PagingMode.CR4_PGE);
      bench.mmu.flushAll();
      map(0x5000, FIRST, PRESENT);
      map(0x6000, FIRST, PRESENT | GLOBAL);
      map(0x7000, FIRST, PRESENT);
      for (int pcid = 2; pcid >= 1; pcid--) {
        cr3(PML4 | pcid, false);
        read(0x5000);
        read(0x6000);
        read(0x7000);
      }
      map(0x5000, SECOND, PRESENT);
      map(0x6000, SECOND, PRESENT | GLOBAL);
      map(0x7000, SECOND, PRESENT);

      bench.mmu.invalidatePcid(type, 1, 0x5000);

      assertThat(read(0x5000)).as("type %d, address", type).isEqualTo(0x2222);
      assertThat(read(0x6000)).as("type %d, global", type).isEqualTo(type == 2 ? 0x2222 : 0x1111);
      assertThat(read(0x7000)).as("type %d, other", type).isEqualTo(type == 0 ? 0x1111 : 0x2222);
      cr3(PML4 | 2, true);
      assertThat(read(0x5000)).as("type %d, PCID 2", type).isEqualTo(type < 2 ? 0x1111 : 0x2222);
    }
  }

  @Test
  void invlpgDropsALargePageFromAnyAddressInsideIt() {
    start(0);
    bench.put(PD + 8, 0 | PRESENT | LARGE); // 2 MiB at 2 MiB, to physical 0
    bench.put(FIRST - 0x1000, 7);
    assertThat(read(0x200000 + FIRST - 0x1000)).isEqualTo(7);
    assertThat(read(0x200000 + FIRST)).isEqualTo(0x1111);
    bench.put(PD + 8, PT | PRESENT);
    bench.put(PT + (FIRST >>> 12) * 8, SECOND | PRESENT);
    assertThat(read(0x200000 + FIRST)).isEqualTo(0x1111);

    bench.mmu.invalidatePage(0x3FF000);

    assertThat(read(0x200000 + FIRST)).isEqualTo(0x2222);
  }

  @Test
  void aStaleTranslationThatForbidsIsCheckedAgainBeforeItFaults() {
    start(0);
    map(0x5000, FIRST, PRESENT & ~2);
    read(0x5000);
    map(0x5000, FIRST, PRESENT);

    GuestMemory.store64(bench.v, 0x5000, 9);

    assertThat(bench.at(FIRST)).isEqualTo(9);
  }

  @Test
  void aPageFaultDropsTheTranslationOfItsPage() {
    start(0);
    map(0x5000, FIRST, PRESENT & ~2);
    read(0x5000);
    assertThatThrownBy(() -> GuestMemory.store64(bench.v, 0x5000, 9))
        .isInstanceOf(GuestFault.class);
    map(0x5000, SECOND, PRESENT);

    assertThat(read(0x5000)).isEqualTo(0x2222);
  }

  @Test
  void accessedAndDirtyAreSetWhenUsedAndNotBefore() {
    start(0);
    map(0x5000, FIRST, 7);
    bench.put(PML4, PDPT | 7);
    bench.put(PD, PT | 7);

    read(0x5000);
    assertThat(bench.at(PT + 5 * 8) & 0x60).isEqualTo(0x20);
    assertThat(bench.at(PML4) & 0x60).isEqualTo(0x20);
    assertThat(bench.at(PD) & 0x60).isEqualTo(0x20);
    GuestMemory.store8(bench.v, 0x5000, 1);

    assertThat(bench.at(PT + 5 * 8) & 0x60).isEqualTo(0x60);
  }

  @Test
  void aDeniedWriteSetsNeitherAccessedNorDirtyInTheLeaf() {
    start(0);
    map(0x5000, FIRST, 5);
    assertThatThrownBy(() -> GuestMemory.store64(bench.v, 0x5000, 9))
        .isInstanceOf(GuestFault.class);

    assertThat(bench.at(PT + 5 * 8) & 0x60).isZero();
  }

  @Test
  void evictionFromTheTlbClearsTheFastTables() {
    start(0);
    Bench small = new Bench(64, 46); // 16 sets of 4 ways
    copyTables(small);
    small.longMode(0, 0, 0, PML4);
    for (int page = 0; page < 5; page++) {
      small.put(PT + page * 128L, FIRST | PRESENT);
      GuestMemory.load64(small.v, page * 0x10000L);
    }
    long entry = FastTable.entry(small.get(State.FAST_TABLE), 0);

    assertThat(FastTable.isNoTag(Mem.getLong(entry + FastTable.READ))).isTrue();
    assertThat(small.mmu.counters()).containsEntry("tlb.evictions", 1L);
  }

  private void copyTables(Bench target) {
    for (long a = PML4; a < PT + 4096; a += 8) {
      target.put(a, bench.at(a));
    }
  }

  @Test
  void spaceNumbersMayRunOut() {
    start(0);
    map(0x5000, FIRST, PRESENT);
    for (int i = 0; i < 1_200_000; i++) {
      cr3(PML4, false);
    }
    assertThat(read(0x5000)).isEqualTo(0x1111);
    map(0x5000, SECOND, PRESENT);
    assertThat(read(0x5000)).isEqualTo(0x1111);
    cr3(PML4, false);

    assertThat(read(0x5000)).isEqualTo(0x2222);
  }
}
