// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import nestor.vcpu.Mem;
import nestor.vcpu.State;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * FXSAVE, and XSAVE with its compacted forms: what recorded vectors do not show (SDM vol. 1,
 * "Managing State Using the XSAVE Feature Set").
 */
class SavedStateTest {
  private static final int AREA = 0x8000;
  private static final long COMPACTED = 1L << 63;

  private final TestMachine m = machine("intel");

  private static TestMachine machine(String model, String... changes) {
    TestMachine m = new TestMachine(model, changes).long64(0);
    m.set(State.CR4, m.get(State.CR4) | 1 << 9 | 1 << 18);
    m.set(State.XCR0, 0x207);
    m.set(State.FCW, 0x37F);
    m.set(State.FTW, 0);
    m.gpr(3, AREA);
    for (int n = 0; n < 2700; n++) {
      m.put(AREA + n, 1, 0xEE);
    }
    m.put(AREA + 512, 8, 0);
    for (int n = 8; n < 64; n += 8) {
      m.put(AREA + 512 + n, 8, 0);
    }
    return m;
  }

  private void request(long features) {
    m.gpr(0, features);
    m.gpr(2, features >>> 32);
  }

  private static void vector(TestMachine m, int register, int offset, long value) {
    Mem.putLong(State.vector(m.s, register) + offset, value);
  }

  private long header(int offset) {
    return m.at(AREA + 512 + offset, 8);
  }

  @Test
  void compactedAreasHaveNoGaps() {
    vector(m, 1, 16, 0x1111);
    m.set(State.PKRU, 0x5555_5554);
    request(0x205); // x87, AVX, PKRU; no SSE

    m.code(0x0F, 0xC7, 0x23); // XSAVEC
    m.execute();

    assertThat(header(0)).isEqualTo(0x204); // x87 is in its initial configuration
    assertThat(header(8)).isEqualTo(COMPACTED | 0x205);
    assertThat(m.at(AREA + 576 + 16, 8)).isEqualTo(0x1111);
    assertThat(m.at(AREA + 832, 8)).isEqualTo(0x5555_5554);
    assertThat(m.at(AREA, 8)).isEqualTo(0xEEEE_EEEE_EEEE_EEEEL);
    assertThat(m.at(AREA + 160, 8)).isEqualTo(0xEEEE_EEEE_EEEE_EEEEL);
  }

  @Test
  void aChangedMxcsrMakesTheCompactedFormSaveSse() {
    m.set(State.MXCSR, 0x1FA0);
    request(3);

    m.code(0x0F, 0xC7, 0x23);
    m.execute();

    assertThat(header(0)).isEqualTo(2);
    assertThat(m.at(AREA + 24, 8)).isEqualTo(0xFFFF_0000_1FA0L);
  }

  @Test
  void xsaveWritesInitialComponentsAndXsaveoptDoesNot() {
    m.put(AREA + 512, 8, 0x206);
    request(6);

    m.code(0x0F, 0xAE, 0x33); // XSAVEOPT
    m.execute();
    assertThat(header(0)).isEqualTo(0x200);
    assertThat(m.at(AREA + 160, 8)).isEqualTo(0xEEEE_EEEE_EEEE_EEEEL);
    assertThat(m.at(AREA + 24, 4)).isEqualTo(0x1F80);

    m.code(0x0F, 0xAE, 0x23); // XSAVE
    m.execute();
    assertThat(header(0)).isEqualTo(0x200);
    assertThat(m.at(AREA + 160, 8)).isZero();
    assertThat(m.at(AREA + 576, 8)).isZero();
    assertThat(m.at(AREA + 32, 8)).isEqualTo(0xEEEE_EEEE_EEEE_EEEEL);
  }

  @Test
  void outside64BitModeTheUpperRegistersStay() {
    TestMachine legacy = new TestMachine("intel").protected32(0);
    legacy.set(State.CR4, 1 << 9 | 1 << 18);
    legacy.set(State.XCR0, 7);
    legacy.gpr(3, AREA);
    legacy.gpr(0, 6);
    vector(legacy, 7, 0, 7);
    vector(legacy, 8, 0, 8);
    vector(legacy, 8, 16, 88);

    legacy.code(0x0F, 0xAE, 0x23); // XSAVE
    legacy.execute();
    assertThat(legacy.at(AREA + 160 + 7 * 16, 8)).isEqualTo(7);
    assertThat(legacy.at(AREA + 160 + 8 * 16, 8)).isZero();
    assertThat(legacy.at(AREA + 512, 8)).isEqualTo(6);
    assertThat(legacy.at(AREA + 576 + 8 * 16, 8)).isZero();

    legacy.put(AREA + 512, 8, 0);
    legacy.code(0x0F, 0xAE, 0x2B); // XRSTOR
    legacy.execute();
    assertThat(Mem.getLong(State.vector(legacy.s, 7))).isZero();
    assertThat(Mem.getLong(State.vector(legacy.s, 8))).isEqualTo(8);
    assertThat(Mem.getLong(State.vector(legacy.s, 8) + 16)).isEqualTo(88);
  }

  @Test
  void restoringInitialisesWhatTheHeaderLacksAndKeepsWhatWasNotAskedFor() {
    m.set(State.FSW, 0x3800);
    m.set(State.FTW, 0x80);
    m.set(State.PKRU, 4);
    vector(m, 2, 0, 22);
    vector(m, 2, 16, 222);
    m.put(AREA + 24, 4, 0x1F80);
    m.put(AREA + 512, 8, 0x200);
    m.put(AREA + 2688, 8, 0xC);
    request(0x203);

    m.code(0x0F, 0xAE, 0x2B);
    m.execute();

    assertThat(m.get(State.FSW)).isZero();
    assertThat(m.get(State.FTW)).isZero();
    assertThat(m.get(State.PKRU)).isEqualTo(0xC);
    assertThat(Mem.getLong(State.vector(m.s, 2))).isZero();
    assertThat(Mem.getLong(State.vector(m.s, 2) + 16)).isEqualTo(222);
    assertThat(m.mmu.calls).contains("modeChanged");
  }

  /** SDM vol. 1, "Operation of XRSTOR" and "Operation of XRSTORS": header checks. */
  @ParameterizedTest
  @CsvSource({
    "XRSTOR, 207, 0, 0, none",
    "XRSTOR, 8, 0, 0, #GP(0)", // not in XCR0
    "XRSTOR, 1, 1, 0, #GP(0)", // XCOMP_BV in the standard form
    "XRSTOR, 1, 0, 10, #GP(0)", // bytes 23:16
    "XRSTOR, 1, 0, 18, none", // bytes 63:24 do not count
    "XRSTOR, 1, 8000000000000007, 0, none",
    "XRSTOR, 1, 8000000000000002, 0, #GP(0)", // not in XCOMP_BV
    "XRSTOR, 1, 8000000000000009, 0, #GP(0)", // XCOMP_BV not in XCR0
    "XRSTOR, 1, 8000000000000001, 38, #GP(0)", // bytes 63:16
    "XRSTORS, 1, 8000000000000001, 0, none",
    "XRSTORS, 1, 0, 0, #GP(0)", // the standard form
  })
  void headersAreChecked(String name, String bv, String comp, String dirty, String expected) {
    m.put(AREA, 8, 0x37F);
    m.put(AREA + 24, 4, 0x1F80);
    m.put(AREA + 512, 8, Long.parseUnsignedLong(bv, 16));
    m.put(AREA + 520, 8, Long.parseUnsignedLong(comp, 16));
    int at = Integer.parseInt(dirty, 16);
    if (at != 0) {
      m.put(AREA + 512 + at, 1, 1);
    }
    request(1);
    boolean supervisor = name.equals("XRSTORS");

    m.code(0x0F, supervisor ? 0xC7 : 0xAE, supervisor ? 0x1B : 0x2B);

    assertThat(m.fault()).isEqualTo(expected);
  }

  @Test
  void supervisorFormsNeedPrivilegeAndAllFormsAnEnabledFeature() {
    TestMachine user = machine("intel");
    user.set(State.CPL, 3);
    TestMachine disabled = machine("intel");
    disabled.set(State.CR4, 0x20);

    assertThat(user.code(0x0F, 0xC7, 0x2B).fault()).isEqualTo("#GP(0)"); // XSAVES
    assertThat(disabled.code(0x0F, 0xC7, 0x2B).fault()).isEqualTo("#UD");
    m.gpr(3, AREA + 32);
    assertThat(m.code(0x0F, 0xAE, 0x23).fault()).isEqualTo("#GP(0)"); // alignment
  }

  @Test
  void reservedMxcsrBitsFaultAndNothingIsLoaded() {
    m.set(State.FSW, 0x3800);
    m.put(AREA + 24, 4, 0x1_1F80);
    m.put(AREA + 512, 8, 1);
    request(5); // MXCSR comes along with AVX in the standard form

    assertThat(m.code(0x0F, 0xAE, 0x2B).fault()).isEqualTo("#GP(0)");
    assertThat(m.code(0x0F, 0xAE, 0x0B).fault()).isEqualTo("#GP(0)"); // FXRSTOR
    assertThat(m.get(State.FSW)).isEqualTo(0x3800);
  }

  @Test
  void xgetbvTellsWhatIsInUse() {
    vector(m, 9, 16, 1);
    m.gpr(1, 1);

    m.code(0x0F, 0x01, 0xD0);
    m.execute();
    assertThat(m.gpr(0)).isEqualTo(4);

    m.code(0xD9, 0xE8); // FLD1
    m.execute();
    m.code(0x0F, 0x01, 0xD0);
    m.execute();
    assertThat(m.gpr(0)).isEqualTo(5);
  }

  @Test
  void fastSaveLeavesOutTheVectorsInKernelModeOnly() {
    TestMachine fast = machine("amd", "+FFXSR");
    fast.set(State.EFER, fast.get(State.EFER) | 1 << 14);
    vector(fast, 0, 0, 5);

    fast.code(0x0F, 0xAE, 0x03);
    fast.execute();
    assertThat(fast.at(AREA + 24, 4)).isEqualTo(0x1F80);
    assertThat(fast.at(AREA + 160, 8)).isEqualTo(0xEEEE_EEEE_EEEE_EEEEL);

    fast.set(State.CPL, 3);
    fast.code(0x0F, 0xAE, 0x03);
    fast.execute();
    assertThat(fast.at(AREA + 160, 8)).isEqualTo(5);
  }

  @Test
  void withoutOsfxsrFxsaveLeavesOutTheVectors() {
    m.set(State.CR4, 0x20);
    vector(m, 0, 0, 5);

    m.code(0x0F, 0xAE, 0x03);
    m.execute();

    assertThat(m.at(AREA + 160, 8)).isEqualTo(0xEEEE_EEEE_EEEE_EEEEL);
    m.gpr(3, AREA + 8);
    assertThat(m.code(0x0F, 0xAE, 0x03).fault()).isEqualTo("#GP(0)");
  }

  @Test
  void rexWChoosesTheWidthOfThePointers() {
    m.set(State.FIP, 0x1234_5678_9ABCL);
    m.set(State.FDP, 0xFFFF_8000_0000_1000L);
    m.set(State.FCS_FDS, 0x10_0028);

    m.code(0x48, 0x0F, 0xAE, 0x03);
    m.execute();
    assertThat(m.at(AREA + 8, 8)).isEqualTo(0x1234_5678_9ABCL);
    assertThat(m.at(AREA + 16, 8)).isEqualTo(0xFFFF_8000_0000_1000L);

    m.code(0x0F, 0xAE, 0x03);
    m.execute();
    assertThat(m.at(AREA + 8, 8)).isEqualTo(0x28_5678_9ABCL);
    assertThat(m.at(AREA + 16, 8)).isEqualTo(0x10_0000_1000L);
  }

  @Test
  void amdSavesThePointersOnlyWhileAnExceptionIsPending() {
    TestMachine amd = machine("amd");
    amd.set(State.FIP, 0x1234);

    amd.code(0x48, 0x0F, 0xAE, 0x03);
    amd.execute();
    assertThat(amd.at(AREA + 8, 8)).isZero();

    amd.set(State.FCW, 0x37E);
    amd.set(State.FSW, 0x8081);
    amd.code(0x48, 0x0F, 0xAE, 0x03);
    amd.execute();
    assertThat(amd.at(AREA + 8, 8)).isEqualTo(0x1234);
  }
}
