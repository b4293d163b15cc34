// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import static nestor.cpu.TestMachine.CODE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import nestor.vcpu.GuestFault;
import nestor.vcpu.State;
import org.junit.jupiter.api.Test;

/** Which writes of CR0, CR3, CR4, EFER and XCR0 are legal, and what they lead to. */
class ControlRegistersTest {
  private static final long PE = 1;
  private static final long PG = 1L << 31;

  private static TestMachine writing(TestMachine m, int register, long value) {
    m.code(0x0F, 0x22, 0xC0 | register << 3);
    m.gpr(0, value);
    return m;
  }

  private static TestMachine flat() {
    return new TestMachine("max").protected32(0);
  }

  private static TestMachine wide() {
    return new TestMachine("max").long64(0);
  }

  @Test
  void refusesIllegalCombinationsInCr0() {
    assertThat(writing(flat(), 0, PG).fault()).isEqualTo("#GP(0)");
    assertThat(writing(flat(), 0, PE | 1 << 29).fault()).isEqualTo("#GP(0)");
    assertThat(writing(wide(), 0, 1L << 32 | PG | PE).fault()).isEqualTo("#GP(0)");
    assertThat(writing(wide(), 0, PE).fault()).isEqualTo("#GP(0)");
    assertThat(writing(flat(), 0, PE).fault()).isEqualTo("none");
  }

  @Test
  void dropsReservedBitsOfCr0AndKeepsEt() {
    TestMachine m = writing(flat(), 0, PE | 0x1FC0);

    m.step();

    assertThat(m.get(State.CR0)).isEqualTo(0x11);
  }

  @Test
  void needsPaeFor64BitPaging() {
    TestMachine m = writing(flat(), 0, PG | PE);
    m.set(State.EFER, 0x100);

    assertThat(m.fault()).isEqualTo("#GP(0)");

    m.set(State.CR4, 0x20);
    assertThat(m.fault()).isEqualTo("none");
    assertThat(State.longMode(m.s)).isTrue();
    assertThat(m.mmu.calls).contains("modeChanged", "flushAll");
  }

  @Test
  void refusesPaePagingWithReservedBitsInPdptes() {
    TestMachine m = writing(flat(), 0, PG | PE);
    m.set(State.CR4, 0x20);
    m.mmu.pdptesGood = false;

    assertThat(m.fault()).isEqualTo("#GP(0)");
    assertThat(m.get(State.CR0)).isEqualTo(0x11);
  }

  @Test
  void refusesUnknownBitsOfCr4() {
    for (int bit = 0; bit < 64; bit++) {
      TestMachine m = new TestMachine("max").long64(0);
      boolean known = (new CpuModel(TestMachine.request("max")).cr4Bits() >>> bit & 1) != 0;
      boolean special = bit == 12; // LA57 does not change in IA-32e mode
      String expected = known && !special ? "none" : "#GP(0)";
      assertThat(writing(m, 4, 0x20 | 1L << bit).fault()).as("bit " + bit).isEqualTo(expected);
    }
  }

  @Test
  void keepsPaeInLongMode() {
    assertThat(writing(wide(), 4, 0).fault()).isEqualTo("#GP(0)");
  }

  @Test
  void enablesPcidsInLongModeWithPcid0() {
    assertThat(writing(flat(), 4, 1 << 17).fault()).isEqualTo("#GP(0)");
    TestMachine m = writing(wide(), 4, 0x20 | 1 << 17);
    m.set(State.CR3, 0x1001);
    assertThat(m.fault()).isEqualTo("#GP(0)");
    m.set(State.CR3, 0x1000);
    assertThat(m.fault()).isEqualTo("none");
  }

  @Test
  void keepsTheTlbWhenBit63OfCr3SaysSo() {
    TestMachine m = writing(wide(), 3, 1L << 63 | 0x5001);
    assertThat(m.fault()).isEqualTo("#GP(0)");

    m.set(State.CR4, 0x20 | 1 << 17);
    assertThat(m.fault()).isEqualTo("none");

    assertThat(m.get(State.CR3)).isEqualTo(0x5001);
    assertThat(m.mmu.calls).endsWith("addressSpaceKept");
  }

  @Test
  void refusesCr3BeyondThePhysicalAddresses() {
    assertThat(writing(wide(), 3, 1L << 48).fault()).isEqualTo("#GP(0)");
    assertThat(writing(wide(), 3, 1L << 47).fault()).isEqualTo("none");
  }

  @Test
  void movesTo5LevelAddressesWithLa57() {
    TestMachine m = writing(flat(), 4, 1 << 12);

    m.step();

    assertThat(m.get(State.CANONICAL_SHIFT)).isEqualTo(7);
  }

  @Test
  void refusesLmeWhilePagingIsOn() {
    TestMachine m = wide();

    assertThatThrownBy(() -> m.unit.writeMsr(0xC000_0080, 0x401)).isInstanceOf(GuestFault.class);
    assertThatThrownBy(() -> m.unit.writeMsr(0xC000_0080, 0xD03)).isInstanceOf(GuestFault.class);
    m.unit.writeMsr(0xC000_0080, 0x901);
    assertThat(m.get(State.EFER)).isEqualTo(0xD01);
  }

  @Test
  void checksXcr0() {
    TestMachine m = new TestMachine("intel").long64(0).code(0x0F, 0x01, 0xD1);
    m.gpr(0, 3);
    m.gpr(2, 0);
    assertThat(m.fault()).isEqualTo("#UD");
    m.set(State.CR4, 0x20 | 1 << 18);
    assertThat(m.fault()).isEqualTo("none");
    m.set(State.RIP, CODE);
    for (long bad : new long[] {0, 2, 4, 1L << 8}) {
      m.gpr(0, bad);
      assertThat(m.fault()).isEqualTo("#GP(0)");
    }
  }

  @Test
  void lmswSetsButNeverClearsPe() {
    TestMachine m = new TestMachine("intel").protected32(0).code(0x0F, 0x01, 0xF0);
    m.gpr(0, 0xE);

    m.step();

    assertThat(m.get(State.CR0)).isEqualTo(0x1F);
  }

  @Test
  void needsLevel0() {
    TestMachine m = writing(new TestMachine("intel").long64(3), 0, PG | PE);

    assertThat(m.fault()).isEqualTo("#GP(0)");
  }

  @Test
  void hidesTablesFromUsersWithUmip() {
    TestMachine m = new TestMachine("intel").long64(3).code(0x0F, 0x01, 0x00);
    m.gpr(0, 0x8000);
    assertThat(m.fault()).isEqualTo("none");
    m.set(State.RIP, CODE);
    m.set(State.CR4, 0x20 | 1 << 11);

    assertThat(m.fault()).isEqualTo("#GP(0)");
  }

  /** APM vol. 3, "MOV (CRn)": LOCK MOV CR0 is CR8 where CPUID tells of AltMovCr8. */
  @Test
  void reachesCr8WithLockOnAmd() {
    TestMachine m = new TestMachine("amd").protected32(0).code(0xF0, 0x0F, 0x22, 0xC0);
    m.gpr(0, 5);

    assertThat(m.fault()).isEqualTo("none");

    assertThat(m.apic.cr8()).isEqualTo(5);
    assertThat(m.get(State.CR0)).isEqualTo(0x11);
    assertThat(new TestMachine("intel").protected32(0).code(0xF0, 0x0F, 0x22, 0xC0).fault())
        .isEqualTo("#UD");
    assertThat(new TestMachine("amd").protected32(0).code(0xF0, 0x0F, 0x22, 0xD8).fault())
        .isEqualTo("#UD");
  }
}
