// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import static nestor.cpu.TestMachine.CODE;
import static nestor.cpu.TestMachine.CODE0;
import static nestor.cpu.TestMachine.DATA0;
import static nestor.cpu.TestMachine.DATA3;
import static nestor.cpu.TestMachine.TASK;
import static org.assertj.core.api.Assertions.assertThat;

import nestor.vcpu.Flags;
import nestor.vcpu.Mem;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Instructions that programs rarely use and recorded vectors cannot hold, one by one (SDM vol. 2).
 */
class RareInstructionsTest {
  private static final int PLACE = 0x4000;

  private static TestMachine protectedMode(int... code) {
    return new TestMachine("max").protected32(0).code(code);
  }

  private static TestMachine longMode(int... code) {
    return new TestMachine("max").long64(0).code(code);
  }

  @ParameterizedTest
  @CsvSource({"0x0E, 8", "0x16, 16", "0x1E, 32", "0x06, 32"})
  void pushesSegmentRegisters(int opcode, int selector) {
    TestMachine m = protectedMode(opcode);
    State.setSegment(m.s, Segment.DS, DATA3, 0, 0xFFFF_FFFFL, 0xC0F3);
    State.setSegment(m.s, Segment.ES, DATA3 & ~3 | 3, 0, 0xFFFF_FFFFL, 0xC0F3);

    assertThat(m.fault()).isEqualTo("none");

    assertThat(m.gpr(4)).isEqualTo(TestMachine.STACK - 4);
    assertThat(m.stack(0, 2) & ~3).isEqualTo(selector);
  }

  @ParameterizedTest
  @CsvSource({"07, 0", "17, 2", "1F, 3", "0FA1, 4", "0FA9, 5"})
  void popsSegmentRegisters(String code, int segment) {
    int[] bytes = java.util.HexFormat.of().parseHex(code).length == 1 ? one(code) : two(code);
    TestMachine m = protectedMode(bytes);
    m.push(4, DATA0);
    State.setSegment(m.s, segment, segment == Segment.SS ? DATA0 : 0, 0, 0xFFFF_FFFFL, 0xC093);

    assertThat(m.fault()).isEqualTo("none");

    assertThat(State.selector(m.s, segment)).isEqualTo(DATA0);
    assertThat(m.gpr(4)).isEqualTo(TestMachine.STACK);
  }

  private static int[] one(String code) {
    return new int[] {Integer.parseInt(code, 16)};
  }

  private static int[] two(String code) {
    int both = Integer.parseInt(code, 16);
    return new int[] {both >> 8, both & 0xFF};
  }

  @ParameterizedTest
  @CsvSource({"0, 0xC5, 3", "0x0F, 0xB2, 2", "0x0F, 0xB4, 4", "0x0F, 0xB5, 5"})
  void loadsFarPointers(int first, int second, int segment) {
    TestMachine m =
        first == 0
            ? protectedMode(second, 0x05, 0, PLACE >> 8, 0, 0)
            : protectedMode(first, second, 0x05, 0, PLACE >> 8, 0, 0);
    m.put(PLACE, 4, 0x1234_5678);
    m.put(PLACE + 4, 2, DATA0);
    State.setSegment(m.s, segment, DATA0, 0, 0xFFFF_FFFFL, 0xC093);

    assertThat(m.fault()).isEqualTo("none");

    assertThat(m.gpr(0)).isEqualTo(0x1234_5678);
    assertThat(State.selector(m.s, segment)).isEqualTo(DATA0);
  }

  @Test
  void farReturnWithinALevelTakesOffsetAndSelector() {
    TestMachine m = protectedMode(0xCB);
    m.push(4, CODE0, 0x7777);

    assertThat(m.fault()).isEqualTo("none");

    assertThat(m.rip()).isEqualTo(0x7777);
    assertThat(m.gpr(4)).isEqualTo(TestMachine.STACK);
  }

  @Test
  void storesOfSystemRegistersToMemoryHaveTheirSizes() {
    TestMachine smsw = protectedMode(0x0F, 0x01, 0x25, 0, PLACE >> 8, 0, 0);
    TestMachine sidt = protectedMode(0x0F, 0x01, 0x0D, 0, PLACE >> 8, 0, 0);
    TestMachine sldt = protectedMode(0x0F, 0x00, 0x05, 0, PLACE >> 8, 0, 0);
    TestMachine str = protectedMode(0x0F, 0x00, 0x0D, 0, PLACE >> 8, 0, 0);
    for (TestMachine m : new TestMachine[] {smsw, sidt, sldt, str}) {
      m.put(PLACE, 8, -1);
      assertThat(m.fault()).isEqualTo("none");
    }

    assertThat(smsw.at(PLACE, 8)).isEqualTo(0xFFFF_FFFF_FFFF_0000L | smsw.get(State.CR0) & 0xFFFF);
    assertThat(sidt.at(PLACE, 8)).isEqualTo(0xFFFF_0000_0000_0FFFL | TestMachine.IDT << 16);
    assertThat(sldt.at(PLACE, 8)).isEqualTo(0xFFFF_FFFF_FFFF_0000L);
    assertThat(str.at(PLACE, 8)).isEqualTo(0xFFFF_FFFF_FFFF_0000L | TASK);
  }

  @Test
  void protectionKeyRightsNeedTheirControlBit() {
    TestMachine off = longMode(0x0F, 0x01, 0xEE);
    TestMachine write = longMode(0x0F, 0x01, 0xEF, 0x0F, 0x01, 0xEE);
    write.set(State.CR4, write.get(State.CR4) | 1 << 22);
    write.gpr(0, 0x55);
    write.gpr(1, 0);
    write.gpr(2, 0);

    assertThat(off.fault()).isEqualTo("#UD");
    assertThat(write.fault()).isEqualTo("none");
    write.gpr(0, -1);
    write.gpr(2, -1);
    assertThat(write.fault()).isEqualTo("none");

    assertThat(write.get(State.PKRU)).isEqualTo(0x55);
    assertThat(write.gpr(0)).isEqualTo(0x55);
    assertThat(write.gpr(2)).isZero();
  }

  @Test
  void timeStampAndProcessorNumberComeFromTheAuxiliaryMsr() {
    TestMachine rdtscp = longMode(0x0F, 0x01, 0xF9);
    TestMachine rdpid = longMode(0xF3, 0x0F, 0xC7, 0xF8);
    rdtscp.set(State.TSC_AUX, 0x1234_5678);
    rdpid.set(State.TSC_AUX, 0x1234_5678);

    assertThat(rdtscp.fault()).isEqualTo("none");
    assertThat(rdpid.fault()).isEqualTo("none");

    assertThat(rdtscp.gpr(1)).isEqualTo(0x1234_5678);
    assertThat(rdtscp.gpr(2) << 32 | rdtscp.gpr(0)).isEqualTo(rdtscp.unit.tsc());
    assertThat(rdpid.gpr(0)).isEqualTo(0x1234_5678);
  }

  @Test
  void cpuidNamesTheVendor() {
    TestMachine m = longMode(0x0F, 0xA2);
    m.gpr(0, 0);

    assertThat(m.fault()).isEqualTo("none");

    assertThat(m.gpr(3)).isEqualTo(0x6874_7541L); // "Auth"
    assertThat(m.gpr(2)).isEqualTo(0x6974_6E65L); // "enti"
    assertThat(m.gpr(1)).isEqualTo(0x444D_4163L); // "cAMD"
  }

  @Test
  void randomSeedsAreAlwaysThere() {
    TestMachine m = longMode(0x48, 0x0F, 0xC7, 0xF8);
    m.gpr(0, 0);
    m.flags(Flags.OF | Flags.ZF);

    assertThat(m.fault()).isEqualTo("none");

    assertThat(m.gpr(0)).isNotZero();
    Flags.materialize(m.s);
    assertThat(m.get(State.RFLAGS) & Flags.ARITHMETIC).isEqualTo(Flags.CF);
  }

  @Test
  void clzeroClearsTheLineThatHoldsTheAddress() {
    TestMachine m = longMode(0x0F, 0x01, 0xFC);
    for (int n = -8; n < 72; n += 8) {
      m.put(PLACE + n, 8, -1);
    }
    m.gpr(0, PLACE + 17);

    assertThat(m.fault()).isEqualTo("none");

    assertThat(m.at(PLACE - 8, 8)).isEqualTo(-1);
    for (int n = 0; n < 64; n += 8) {
      assertThat(m.at(PLACE + n, 8)).isZero();
    }
    assertThat(m.at(PLACE + 64, 8)).isEqualTo(-1);
  }

  @Test
  void writingBackCachesIsForTheKernel() {
    assertThat(longMode(0xF3, 0x0F, 0x09).fault()).isEqualTo("none");
    assertThat(new TestMachine("max").long64(3).code(0xF3, 0x0F, 0x09).fault()).isEqualTo("#GP(0)");
  }

  @Test
  void monitorxIsForUsersTooAndChecksItsExtensions() {
    TestMachine m = new TestMachine("max").long64(3).code(0x0F, 0x01, 0xFA, 0x0F, 0x01, 0xFB);
    m.gpr(0, PLACE);
    m.gpr(1, 0);
    m.gpr(2, 0);
    TestMachine bad = new TestMachine("max").long64(3).code(0x0F, 0x01, 0xFA);
    bad.gpr(0, PLACE);
    bad.gpr(1, 1);

    assertThat(m.fault()).isEqualTo("none");
    assertThat(m.fault()).isEqualTo("none");
    assertThat(bad.fault()).isEqualTo("#GP(0)");
  }

  @Test
  void wordsComeFromAndGoToPorts() {
    TestMachine m = protectedMode(0x66, 0x6D, 0x66, 0x6F);
    m.gpr(2, 0x60);
    m.gpr(6, PLACE);
    m.gpr(7, PLACE);

    assertThat(m.fault()).isEqualTo("none");
    assertThat(m.fault()).isEqualTo("none");

    long word = m.at(PLACE, 2);
    assertThat(word & 0xFF00).isEqualTo(0x6000);
    assertThat(m.gpr(6)).isEqualTo(PLACE + 2);
    assertThat(m.gpr(7)).isEqualTo(PLACE + 2);
    assertThat(m.memory.written).containsExactly("60:2=" + Long.toHexString(word));
  }

  @ParameterizedTest
  @ValueSource(ints = {0x1820, 0x1828, 0x1830, 0x1838, 0x1A00, 0x1B08, 0x1C00})
  void hintsTouchNoMemory(int opcodeAndModrm) {
    TestMachine m = longMode(0x0F, opcodeAndModrm >> 8, opcodeAndModrm & 0xFF);
    m.gpr(0, 0x8000_0000_0000_0000L); // not canonical

    assertThat(m.fault()).isEqualTo("none");

    assertThat(m.rip()).isEqualTo(CODE + 3);
    assertThat(m.gpr(0)).isEqualTo(0x8000_0000_0000_0000L);
  }

  private static TestMachine evex32(int... code) {
    TestMachine m = protectedMode(code);
    m.set(State.CR4, 0x4_0200);
    m.set(State.XCR0, 0xE7);
    m.gpr(1, 0x1234_5678);
    for (int n = 0; n < 64; n += 8) {
      Mem.putLong(State.vector(m.s, 0) + n, 0x1111_1111_2222_2222L + n);
    }
    assertThat(m.fault()).isEqualTo("none");
    return m;
  }

  private static long low(TestMachine m, int n) {
    return Mem.getLong(State.vector(m.s, 0) + 8L * n);
  }

  @Test
  void evexMovesBetweenRegistersWorkOutside64BitMode() {
    assertThat(low(evex32(0x62, 0xF1, 0x7D, 0x08, 0x6E, 0xC1), 0)).isEqualTo(0x1234_5678);
    assertThat(low(evex32(0x62, 0xF1, 0x7D, 0x08, 0x6E, 0xC1), 7)).isZero();
    assertThat(evex32(0x62, 0xF1, 0x7D, 0x08, 0x7E, 0xC1).gpr(1)).isEqualTo(0x2222_2222);
    assertThat(evex32(0x62, 0xF3, 0x7D, 0x08, 0x16, 0xC1, 1).gpr(1)).isEqualTo(0x1111_1111);
    assertThat(low(evex32(0x62, 0xF3, 0x7D, 0x08, 0x22, 0xC1, 1), 0))
        .isEqualTo(0x1234_5678_2222_2222L);
    assertThat(low(evex32(0x62, 0xF2, 0x7D, 0x08, 0x7C, 0xC1), 1))
        .isEqualTo(0x1234_5678_1234_5678L);
    assertThat(low(evex32(0x62, 0xF2, 0x7D, 0x08, 0x7C, 0xC1), 2)).isZero();
    assertThat(low(evex32(0x62, 0xF2, 0x7D, 0x48, 0x7C, 0xC1), 7))
        .isEqualTo(0x1234_5678_1234_5678L);
  }
}
