// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import static nestor.cpu.TestMachine.CODE;
import static nestor.cpu.TestMachine.CODE0;
import static nestor.cpu.TestMachine.DATA0;
import static org.assertj.core.api.Assertions.assertThat;

import nestor.vcpu.Mem;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import org.junit.jupiter.api.Test;

/** The images of FSTENV and FSAVE (SDM vol. 1, "x87 FPU State in Memory"), all four forms. */
class X87EnvironmentTest {
  private static final int AREA = 0x8000;

  /** FADD of a denormal double at AREA + 400h, with DE unmasked, so that all pointers are set. */
  private static void leavePointers(TestMachine m) {
    m.set(State.CR0, m.get(State.CR0) | 0x20); // NE
    m.set(State.FCW, 0x37D);
    m.set(State.FTW, 0x80);
    m.set(State.FSW, 7 << 11);
    Mem.putLong(State.st(m.s, 7), 1L << 63);
    Mem.putShort(State.st(m.s, 7) + 8, (short) 0x3FFF);
    m.put(AREA + 0x400, 8, 1);
    m.gpr(3, AREA + 0x400);
    m.code(0xDC, 0x07); // FADD m64, by [BX] or [EDI]
    m.gpr(7, AREA + 0x400);
    assertThat(m.fault()).isEqualTo("none");
    m.gpr(3, AREA);
    m.gpr(7, AREA);
  }

  @Test
  void thirtyTwoBitsOfProtectedMode() {
    TestMachine m = new TestMachine("intel").protected32(0);
    leavePointers(m);

    m.code(0xD9, 0x37); // FNSTENV [EDI]
    m.execute();

    assertThat(m.at(AREA, 4)).isEqualTo(0xFFFF_037DL);
    assertThat(m.at(AREA + 4, 4)).isEqualTo(0xFFFF_B882L);
    assertThat(m.at(AREA + 8, 4)).isEqualTo(0xFFFF_3FFFL);
    assertThat(m.at(AREA + 12, 4)).isEqualTo(CODE);
    assertThat(m.at(AREA + 16, 4)).isEqualTo(0x407_0000L | CODE0);
    assertThat(m.at(AREA + 20, 4)).isEqualTo(AREA + 0x400);
    assertThat(m.at(AREA + 24, 4)).isEqualTo(0xFFFF_0000L | DATA0);
  }

  @Test
  void sixteenBitsOfProtectedMode() {
    TestMachine m = new TestMachine("intel").protected32(0);
    leavePointers(m);

    m.code(0x66, 0xD9, 0x37);
    m.execute();

    assertThat(m.at(AREA, 8)).isEqualTo(0x7000_3FFF_B882_037DL);
    assertThat(m.at(AREA + 8, 4)).isEqualTo(0x8400_0000L | CODE0);
    assertThat(m.at(AREA + 12, 4)).isEqualTo(DATA0);
  }

  @Test
  void sixteenBitsOfRealModeHaveLinearAddressesAndTheOpcode() {
    TestMachine m = real();
    leavePointers(m);

    m.code(0xD9, 0x37); // FNSTENV [BX]
    m.execute();

    assertThat(m.at(AREA + 0x10000, 8)).isEqualTo(0x7000_3FFF_B882_037DL);
    assertThat(m.at(AREA + 0x10008, 2)).isEqualTo(0x2407); // 27000h of CS 2000h
    assertThat(m.at(AREA + 0x1000A, 2)).isEqualTo(0x8400);
    assertThat(m.at(AREA + 0x1000C, 2)).isEqualTo(0x1000); // 18400h of DS 1000h
  }

  @Test
  void thirtyTwoBitsOfRealMode() {
    TestMachine m = real();
    leavePointers(m);

    m.code(0x66, 0xD9, 0x37);
    m.execute();

    assertThat(m.at(AREA + 0x1000C, 4)).isEqualTo(0xFFFF_7000L);
    assertThat(m.at(AREA + 0x10010, 4)).isEqualTo(0x2407);
    assertThat(m.at(AREA + 0x10014, 4)).isEqualTo(0xFFFF_8400L);
    assertThat(m.at(AREA + 0x10018, 4)).isEqualTo(0x1000);
  }

  /** Real mode with CS at 20000h and DS at 10000h; BX addresses, as [BX] is ModRM 7. */
  private static TestMachine real() {
    TestMachine m = new TestMachine("intel").real();
    State.setSegment(m.s, Segment.CS, 0x2000, 0x2_0000, 0xFFFF, 0x9B);
    State.setSegment(m.s, Segment.DS, 0x1000, 0x1_0000, 0xFFFF, 0x93);
    m.put(AREA + 0x1_0400, 8, 1);
    return m;
  }

  @Test
  void storingMasksAllExceptionsAndLoadingMakesThemPendingAgain() {
    TestMachine m = new TestMachine("intel").protected32(0);
    leavePointers(m);
    m.code(0xD9, 0x37);
    m.execute();
    assertThat(m.get(State.FCW)).isEqualTo(0x37F);
    assertThat(m.get(State.FSW) & 0x8080).isZero();

    m.code(0xD9, 0x27); // FLDENV
    m.execute();

    assertThat(m.get(State.FCW)).isEqualTo(0x37D);
    assertThat(m.get(State.FSW)).isEqualTo(0xB882);
    assertThat(m.get(State.FTW)).isEqualTo(0x80);
    assertThat(m.get(State.FOP)).isEqualTo(0x407);
    assertThat(m.get(State.FIP)).isEqualTo(CODE);
    assertThat(m.get(State.FDP)).isEqualTo(AREA + 0x400);
    assertThat(m.get(State.FCS_FDS)).isEqualTo(DATA0 << 16 | CODE0);
    assertThat(m.code(0x9B).fault()).isEqualTo("#MF");
  }

  @Test
  void realModeImagesLoadLinearAddresses() {
    TestMachine m = real();
    leavePointers(m);
    m.code(0x66, 0xDD, 0x37); // FNSAVE
    m.execute();
    assertThat(m.get(State.FTW)).isZero();

    m.code(0x66, 0xDD, 0x27); // FRSTOR
    m.execute();

    assertThat(m.get(State.FIP)).isEqualTo(0x2_7000);
    assertThat(m.get(State.FDP)).isEqualTo(0x1_8400);
    assertThat(m.get(State.FOP)).isEqualTo(0x407);
    assertThat(m.get(State.FTW)).isEqualTo(0x80);
    assertThat(Mem.getLong(State.st(m.s, 7))).isEqualTo(1L << 63);
  }

  @Test
  void savedTagsTellZeroSpecialAndEmptyRegistersApart() {
    TestMachine m = new TestMachine("intel").protected32(0);
    m.set(State.FTW, 0x3F);
    m.gpr(7, AREA);
    register(m, 0, 0, 0); // zero
    register(m, 1, 1L << 63, 0x3FFF); // valid
    register(m, 2, 1, 0); // denormal
    register(m, 3, 1L << 63, 0x7FFF); // infinity
    register(m, 4, 1, 0x4000); // unnormal
    register(m, 5, -1, 0xBFFF); // valid

    m.code(0xDD, 0x37); // FNSAVE
    m.execute();

    assertThat(m.at(AREA + 8, 2)).isEqualTo(0b11_11_00_10_10_10_00_01);
    assertThat(m.at(AREA + 28 + 10, 8)).isEqualTo(1L << 63);
    assertThat(m.get(State.FCW)).isEqualTo(0x37F);
  }

  private static void register(TestMachine m, int physical, long sig, int se) {
    Mem.putLong(State.st(m.s, physical), sig);
    Mem.putShort(State.st(m.s, physical) + 8, (short) se);
  }

  @Test
  void intelKeepsTheOpcodeOnlyOfAnInstructionThatRaisedAnUnmaskedException() {
    TestMachine intel = new TestMachine("intel").protected32(0);
    TestMachine amd = new TestMachine("amd").protected32(0);

    for (TestMachine m : new TestMachine[] {intel, amd}) {
      m.set(State.FCW, 0x37F);
      m.code(0xD9, 0xE8); // FLD1
      m.execute();
    }

    assertThat(intel.get(State.FOP)).isZero();
    assertThat(amd.get(State.FOP)).isEqualTo(0x1E8);
    assertThat(intel.get(State.FIP)).isEqualTo(CODE);
    assertThat(amd.get(State.FIP)).isEqualTo(CODE);
  }
}
