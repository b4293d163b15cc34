// SPDX-License-Identifier: Apache-2.0
package nestor.mmu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.lang.foreign.Arena;
import nestor.vcpu.FastTable;
import nestor.vcpu.GuestFault;
import nestor.vcpu.GuestMemory;
import nestor.vcpu.Mem;
import nestor.vcpu.Mmu;
import nestor.vcpu.State;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Accesses that the fast tables cannot serve. */
class SlowPathTest {
  private static final long PML4 = 0x10000;
  private static final long PT = 0x13000;
  private static final long FIRST = 0x100000;
  private static final long SECOND = 0x180000;
  private static final long LINEAR = 0x5000;

  private final Bench bench = new Bench(256, 46);

  SlowPathTest() {
    bench.put(PML4, 0x11067);
    bench.put(0x11000, 0x12067);
    bench.put(0x12000, PT | 0x67);
    map(LINEAR, FIRST | 0x67);
    map(LINEAR + 0x1000, SECOND | 0x67);
    bench.longMode(PagingMode.CR0_WP, 0, PagingMode.EFER_NXE, PML4);
    bench.privilege(3, false);
  }

  private void map(long linear, long entry) {
    bench.put(PT + (linear >>> 12) * 8, entry);
  }

  private GuestFault fault(org.assertj.core.api.ThrowableAssert.ThrowingCallable access) {
    return catchThrowableOfType(GuestFault.class, access);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7})
  void anAccessAcrossTwoPagesReachesBoth(int inFirst) {
    long linear = LINEAR + 0x1000 - inFirst;

    GuestMemory.store64(bench.v, linear, 0x8877665544332211L);

    assertThat(bench.at(FIRST + 0x1000 - inFirst) << 64 - 8 * inFirst)
        .isEqualTo(0x8877665544332211L << 64 - 8 * inFirst);
    assertThat(bench.at(SECOND) << 8 * inFirst >>> 8 * inFirst)
        .isEqualTo(0x8877665544332211L >>> 8 * inFirst);
    assertThat(GuestMemory.load64(bench.v, linear)).isEqualTo(0x8877665544332211L);
  }

  @Test
  void aStoreAcrossTwoPagesIsAllOrNothing() {
    map(LINEAR + 0x1000, SECOND | 0x65);
    bench.put(FIRST + 0xFF8, -1);

    GuestFault fault = fault(() -> GuestMemory.store64(bench.v, LINEAR + 0xFFD, 0));

    assertThat(fault.address).isEqualTo(LINEAR + 0x1000);
    assertThat(fault.errorCode).isEqualTo(7);
    assertThat(bench.at(FIRST + 0xFF8)).isEqualTo(-1);
    assertThat(bench.stores).isEmpty();
  }

  @Test
  void anUnmappedFirstPageFaultsAtTheFirstByte() {
    map(LINEAR, 0);

    GuestFault fault = fault(() -> GuestMemory.load32(bench.v, LINEAR + 0xFFE));

    assertThat(fault.address).isEqualTo(LINEAR + 0xFFE);
    assertThat(fault.errorCode).isEqualTo(4);
  }

  @Test
  void blocksOfBytesCrossPagesAndTellTheCodeWatch() {
    try (Arena arena = Arena.ofConfined()) {
      long buffer = arena.allocate(4096).address();
      for (int i = 0; i < 300; i++) {
        Mem.putByte(buffer + i, (byte) i);
      }
      bench.mmu.storeBytes(LINEAR + 0xF80, buffer, 300);
      bench.mmu.loadBytes(LINEAR + 0xF80, buffer + 1000, 300);

      assertThat(bench.at(FIRST + 0xF80)).isEqualTo(0x0706050403020100L);
      assertThat(bench.at(SECOND)).isEqualTo(0x8786858483828180L);
      for (int i = 0; i < 300; i++) {
        assertThat(Mem.getByte(buffer + 1000 + i)).isEqualTo((byte) i);
      }
      assertThat(bench.writtenTold).containsExactly(FIRST + 0xF80, SECOND);
    }
  }

  @Test
  void readModifyWriteFaultsAsAWrite() {
    map(LINEAR, FIRST | 0x65);

    GuestFault fault = fault(() -> GuestMemory.loadForWrite(bench.v, LINEAR, 4));

    assertThat(fault.errorCode).isEqualTo(7);
  }

  @Test
  void theCpuReadsItsTablesAsSupervisorAtAnyPrivilege() {
    map(LINEAR, FIRST | 0x63);
    bench.put(FIRST, 42);

    assertThat(bench.mmu.loadSystem(LINEAR, 8)).isEqualTo(42);
    assertThat(fault(() -> GuestMemory.load64(bench.v, LINEAR)).errorCode).isEqualTo(5);
    map(LINEAR, 0);
    bench.mmu.invalidatePage(LINEAR);
    assertThat(fault(() -> bench.mmu.loadSystem(LINEAR, 8)).errorCode).isZero();
  }

  @Test
  void misalignedAccessesAreCheckedOnlyAtUserPrivilegeWithBothSwitchesOn() {
    bench.set(State.CR0, bench.get(State.CR0) | 1 << 18);
    bench.mmu.modeChanged();
    GuestMemory.load32(bench.v, LINEAR + 1);

    bench.privilege(3, true);
    GuestMemory.load32(bench.v, LINEAR + 4);
    GuestFault fault = fault(() -> GuestMemory.load32(bench.v, LINEAR + 1));
    assertThat(fault.vector).isEqualTo(GuestFault.AC);
    assertThat(fault.errorCode).isZero();
    assertThat(fault(() -> GuestMemory.store64(bench.v, LINEAR + 0xFFC, 0)).vector)
        .isEqualTo(GuestFault.AC);
    assertThat(fault(() -> GuestMemory.load64(bench.v, LINEAR + 0xFFC)).vector)
        .isEqualTo(GuestFault.AC);
    assertThat(fault(() -> GuestMemory.store16(bench.v, LINEAR + 3, 0)).vector)
        .isEqualTo(GuestFault.AC);

    bench.privilege(3, false);
    GuestMemory.load32(bench.v, LINEAR + 1);
  }

  @Test
  void aDataBreakpointSeesEveryAccessToItsBytes() {
    GuestMemory.store64(bench.v, LINEAR + 8, 0);
    bench.set(State.DR, LINEAR + 12);
    bench.set(State.DR + 7 * 8, 1 | 0xD_0000); // four bytes, writes
    bench.mmu.modeChanged();

    GuestMemory.load64(bench.v, LINEAR + 8);
    GuestMemory.store64(bench.v, LINEAR, 1);
    assertThat(bench.get(State.DEBUG_HITS)).isZero();
    GuestMemory.store64(bench.v, LINEAR + 8, 1);

    assertThat(bench.get(State.DEBUG_HITS)).isEqualTo(1);
    assertThat(bench.get(State.PENDING) & State.PENDING_DEBUG).isNotZero();
  }

  @Test
  void watchedPagesHaveNoWriteTag() {
    GuestMemory.store64(bench.v, LINEAR, 1);
    int before = bench.stores.size();
    GuestMemory.store64(bench.v, LINEAR, 2);
    assertThat(bench.stores).hasSize(before);

    bench.watchCode(FIRST, 16);
    GuestMemory.store64(bench.v, LINEAR, 3);
    GuestMemory.store64(bench.v, LINEAR, 4);

    assertThat(bench.stores).hasSize(before + 2);
    bench.watchedPage = -1;
    GuestMemory.store64(bench.v, LINEAR, 5);
    GuestMemory.store64(bench.v, LINEAR, 6);
    assertThat(bench.stores).hasSize(before + 3);
    bench.mmu.watchWrites(Mmu.ALL_PAGES);
    GuestMemory.store64(bench.v, LINEAR, 7);
    assertThat(bench.stores).hasSize(before + 4);
  }

  @Test
  void withoutPagingAddressesAreTheirOwnTranslation() {
    Bench real = new Bench(256, 36);
    real.put(0x1234, 99);

    assertThat(GuestMemory.load64(real.v, 0x1234)).isEqualTo(99);
    assertThat(real.mmu.fetch(0x1234)).isEqualTo(0x1234);
    assertThat(GuestMemory.load8(real.v, 0xFFFF_FFFFL)).isEqualTo(0xFF);
  }

  @Test
  void legacyAccessesWrapAtFourGib() {
    Bench real = new Bench(256, 36);
    real.put(0, 0x4433);

    assertThat(GuestMemory.load32(real.v, 0xFFFF_FFFEL)).isEqualTo(0x4433_FFFF);
  }

  @Test
  void reservedBitsInPdptesRefuseTheLoad() {
    Bench pae = new Bench(256, 40);
    pae.set(State.CR4, PagingMode.CR4_PAE);
    pae.set(State.CR0, PagingMode.CR0_PG | 1);
    pae.set(State.CR3, 0x2020);
    pae.mmu.modeChanged();
    pae.put(0x2020, 0x3001);
    assertThat(pae.mmu.loadPdptes()).isTrue();

    pae.put(0x2028, 0x3003);
    assertThat(pae.mmu.loadPdptes()).isFalse();
    pae.put(0x2028, 0x3002); // not present: nothing is reserved
    assertThat(pae.mmu.loadPdptes()).isTrue();
    pae.put(0x2028, 1L << 40 | 1);
    assertThat(pae.mmu.loadPdptes()).isFalse();
  }

  @Test
  void aWalkIsExplainedLevelByLevel() {
    var walk = bench.mmu.explain(LINEAR + 5, true, false, true);

    assertThat(walk.gpa()).isEqualTo(FIRST + 5);
    assertThat(walk.steps()).extracting("level").containsExactly("PML4E", "PDPTE", "PDE", "PTE");
    assertThat(walk.steps().getLast().meaning())
        .isEqualTo("writable user accessed dirty, 4 KiB page at 0x100000");
    assertThat(bench.mmu.explain(LINEAR + 0x9000, false, false, true).fault())
        .isEqualTo("page fault: PTE not present");
    assertThat(FastTable.entry(0, LINEAR)).isEqualTo(5 * FastTable.ENTRY_BYTES);
  }
}
