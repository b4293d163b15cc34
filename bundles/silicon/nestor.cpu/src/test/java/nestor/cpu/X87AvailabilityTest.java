// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import nestor.testkit.DeviceBench;
import nestor.vcpu.GuestFault;
import nestor.vcpu.State;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * When x87, MMX, FXSAVE and XSAVE instructions may run (SDM vol. 3A, "Control Registers"; table
 * "Action Taken By x87 FPU Instructions for Different Combinations of EM, MP, and TS").
 */
class X87AvailabilityTest {
  private static final int AREA = 0x8000;
  private static final int MP = 2;
  private static final int EM = 4;
  private static final int TS = 8;
  private static final int NE = 0x20;

  private static TestMachine machine(int cr0) {
    TestMachine m = new TestMachine("intel").long64(0);
    m.set(State.CR0, m.get(State.CR0) | NE | cr0);
    m.set(State.CR4, m.get(State.CR4) | 1 << 9 | 1 << 18);
    m.set(State.XCR0, 7);
    m.set(State.FCW, 0x37F);
    m.set(State.FTW, 0);
    m.gpr(3, AREA);
    return m;
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, 0, none, none, none, none",
    "0, 0, 1, #NM, none, #NM, #NM",
    "0, 1, 0, none, none, none, none",
    "0, 1, 1, #NM, #NM, #NM, #NM",
    "1, 0, 0, #NM, none, #UD, none",
    "1, 0, 1, #NM, none, #UD, #NM",
    "1, 1, 0, #NM, none, #UD, none",
    "1, 1, 1, #NM, #NM, #UD, #NM",
  })
  void emMpAndTsDecide(
      int em, int mp, int ts, String floating, String wait, String mmx, String xsave) {
    int cr0 = em * EM | mp * MP | ts * TS;

    assertThat(machine(cr0).code(0xD9, 0xE8).fault()).isEqualTo(floating); // FLD1
    assertThat(machine(cr0).code(0xDB, 0xE3).fault()).isEqualTo(floating); // FNINIT
    assertThat(machine(cr0).code(0x0F, 0xAE, 0x03).fault()).isEqualTo(floating); // FXSAVE
    assertThat(machine(cr0).code(0x9B).fault()).isEqualTo(wait); // FWAIT
    assertThat(machine(cr0).code(0x0F, 0x77).fault()).isEqualTo(mmx); // EMMS
    assertThat(machine(cr0).code(0x0F, 0xAE, 0x23).fault()).isEqualTo(xsave); // XSAVE
  }

  @ParameterizedTest
  @CsvSource({
    "D9E8, #MF", // FLD1
    "9B90, #MF", // FWAIT
    "D92B, #MF", // FLDCW
    "0F77, #MF", // EMMS
    "0FEFC0, #MF", // PXOR
    "DBE2, none", // FNCLEX
    "DBE3, none", // FNINIT
    "DFE0, none", // FNSTSW
    "D93B, none", // FNSTCW
    "D933, none", // FNSTENV
    "DD33, none", // FNSAVE
    "0FAE03, none", // FXSAVE
    "0FAE23, none", // XSAVE
  })
  void aPendingExceptionStopsWaitingInstructionsOnly(String code, String expected) {
    TestMachine m = machine(0);
    m.set(State.FCW, 0x37E);
    m.set(State.FSW, 0x8081);
    for (int n = 0; n < code.length(); n += 2) {
      m.put(m.rip() + n / 2, 1, Integer.parseInt(code.substring(n, n + 2), 16));
    }

    assertThat(m.fault()).isEqualTo(expected);
  }

  /** SDM vol. 1, "MS-DOS* Compatibility Sub-mode": FERR# and IGNNE# in place of #MF. */
  @Test
  void withoutNeAPendingExceptionDrivesFerrAndTheInstructionWaits() {
    TestMachine m = machine(0);
    m.set(State.CR0, m.get(State.CR0) & ~NE);
    m.set(State.FCW, 0x37E);
    m.set(State.FSW, 0x8081);
    m.v.numericError = new DeviceBench().wire("ferr");
    long rip = m.rip();

    m.code(0xD9, 0xE8); // FLD1
    assertThat(m.step()).isEqualTo(GuestFault.WAIT);
    assertThat(m.rip()).isEqualTo(rip);
    assertThat(m.get(State.FTW)).isZero();
    assertThat(m.v.numericError.isHigh()).isTrue();

    m.v.ignoreNumericErrors = true; // as the handler's write to port F0h does
    assertThat(m.step()).isEqualTo(-1);
    assertThat(m.get(State.FTW)).isEqualTo(0x80);
    assertThat(m.v.numericError.isHigh()).isTrue();

    m.code(0xDB, 0xE2); // FNCLEX
    assertThat(m.step()).isEqualTo(-1);
    assertThat(m.v.numericError.isHigh()).isFalse();
  }

  @Test
  void unmaskingARaisedFlagMakesItPending() {
    TestMachine m = machine(0);
    m.set(State.FSW, 1);
    m.put(AREA, 2, 0x37E);

    m.code(0xD9, 0x2B); // FLDCW
    m.execute();

    assertThat(m.get(State.FSW)).isEqualTo(0x8081);
    assertThat(m.code(0xD9, 0xD0).fault()).isEqualTo("#MF"); // FNOP
    assertThat(m.code(0xDB, 0xE2).fault()).isEqualTo("none"); // FNCLEX
    assertThat(m.code(0xD9, 0xD0).fault()).isEqualTo("none");
  }

  @Test
  void reservedBitsOfTheControlWordAreFixed() {
    TestMachine m = machine(0);
    m.put(AREA, 2, 0xFFBF);

    m.code(0xD9, 0x2B);
    m.execute();

    assertThat(m.get(State.FCW)).isEqualTo(0x1F7F);
  }

  @Test
  void anX87FaultOnMemoryLeavesEverythingAlone() {
    TestMachine m = machine(0);
    m.gpr(3, 1L << 60);
    m.set(State.FSW, 0x3800);
    m.set(State.FTW, 0x80);

    assertThat(m.code(0xDD, 0x1B).fault()).isEqualTo("#GP(0)"); // FSTP m64

    assertThat(m.get(State.FSW)).isEqualTo(0x3800);
    assertThat(m.get(State.FTW)).isEqualTo(0x80);
    assertThat(m.get(State.FIP)).isZero();
  }
}
