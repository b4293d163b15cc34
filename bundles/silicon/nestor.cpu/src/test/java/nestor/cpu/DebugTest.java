// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import static nestor.cpu.TestMachine.CODE;
import static nestor.cpu.TestMachine.CODE64;
import static nestor.cpu.TestMachine.CODE64_3;
import static nestor.cpu.TestMachine.DATA3;
import static nestor.cpu.TestMachine.STACK;
import static org.assertj.core.api.Assertions.assertThat;

import nestor.vcpu.Flags;
import nestor.vcpu.State;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Debug exceptions (SDM vol. 3B, "Debug Exceptions"; APM vol. 2, "Debug and Performance"). */
class DebugTest {
  private static final int HANDLER = 0xA000;
  private static final int DR6 = State.DR + 48;
  private static final int DR7 = State.DR + 56;
  private static final int RFLAGS_IMAGE = 2;

  private static TestMachine machine(String model) {
    TestMachine m = new TestMachine(model).long64(0);
    m.idt(1, CODE64, HANDLER, 0x8E);
    m.idt(2, CODE64, 0xB000, 0x8E);
    for (int n = 0; n < 16; n++) {
      m.put(HANDLER + n, 1, 0x90);
    }
    return m;
  }

  private static void breakpoint(TestMachine m, long address) {
    m.set(State.DR, address);
    m.set(DR7, 0x402);
    m.unit.writeMsr(0x1D9, 0);
    Breakpoints.enabledChanged(new Core(m.v, new CpuModel(TestMachine.request("intel"))));
  }

  /** Steps until the handler is entered, but no more than {@code most} times. */
  private static int stepsToHandler(TestMachine m, int most) {
    for (int n = 1; n <= most; n++) {
      m.step();
      if (m.get(State.ATTENTION) != 0) {
        m.unit.boundary();
      }
      if (m.rip() == HANDLER || m.rip() == HANDLER + 1) {
        return n;
      }
    }
    return -1;
  }

  /** SDM vol. 3B, "General-Detect Exception Condition": a fault, so RF is set in its image. */
  @Test
  void setsRfForAGeneralDetectFault() {
    TestMachine m = machine("intel").code(0x0F, 0x23, 0xC0);
    m.set(DR7, 0x2400);

    m.step();

    assertThat(m.rip()).isEqualTo(HANDLER);
    assertThat(m.stack(0, 8)).isEqualTo(CODE);
    assertThat(m.stack(RFLAGS_IMAGE, 8) & Flags.RF).isNotZero();
    assertThat(m.get(DR6) & 0x2000).isNotZero();
    assertThat(m.get(DR7) & 0x2000).isZero();
  }

  /** SDM vol. 3B, "Instruction-Breakpoint Exception Condition": RF is pushed as it was. */
  @Test
  void leavesRfClearForAnInstructionBreakpointAndTakesNoTrapInTheHandler() {
    TestMachine m = machine("intel").code(0x90);
    m.flags(Flags.TF);
    breakpoint(m, CODE);

    m.step(); // the breakpoint, and the handler's first instruction

    assertThat(m.rip()).isEqualTo(HANDLER + 1);
    assertThat(m.stack(0, 8)).isEqualTo(CODE);
    assertThat(m.stack(RFLAGS_IMAGE, 8) & Flags.RF).isZero();
    assertThat(m.get(State.PENDING)).isZero();
    assertThat(m.get(DR6) & 0x400F).isEqualTo(1);
  }

  /** SDM vol. 3A, "Masking Instruction Breakpoints": IRET with RF passes its breakpoint once. */
  @Test
  void returnsOverABreakpointWithRf() {
    TestMachine m = machine("intel");
    m.code(0x48, 0xCF);
    m.put(0x9000, 2, 0x9090);
    breakpoint(m, 0x9000);
    m.flags(Flags.RF);
    m.push(8, 0x10, STACK, Flags.RF | 2, CODE64, 0x9000);

    m.step();
    assertThat(m.get(State.RFLAGS) & Flags.RF).as("loaded by IRET").isNotZero();
    m.step();

    assertThat(m.rip()).isEqualTo(0x9001);
    assertThat(m.get(State.RFLAGS) & Flags.RF).isZero();
  }

  /**
   * SDM vol. 3A, "Masking Exceptions and Interrupts When Switching Stacks"; AMD masks traps alone.
   */
  @ParameterizedTest
  @CsvSource({"intel, false", "amd, true"})
  void masksInstructionBreakpointsAfterMovSsOnIntel(String model, boolean hits) {
    TestMachine m = machine(model).code(0x8E, 0xD0, 0x90, 0x90);
    m.gpr(0, 0x10);
    breakpoint(m, CODE + 2);

    m.step();
    m.step();

    assertThat(m.rip() == HANDLER + 1).isEqualTo(hits);
  }

  /** A data breakpoint of MOV SS waits, and INT1 delivers it: one exception, not two. */
  @Test
  void mergesAHeldTrapIntoTheNextDebugException() {
    TestMachine m = machine("intel").code(0x8E, 0xD0, 0xF1);
    m.gpr(0, 0x10);
    m.step();
    m.set(State.DEBUG_HITS, 2);
    m.v.pend(State.PENDING_DEBUG);

    m.step();

    assertThat(m.stack(0, 8)).isEqualTo(CODE + 3);
    assertThat(m.get(DR6) & 15).isEqualTo(2);
    assertThat(m.get(State.PENDING)).isZero();
  }

  /** SYSRET traps by the TF that it loads, SYSCALL by the one that its mask leaves. */
  @Test
  void trapsAfterSysretThatSetsTf() {
    TestMachine m = machine("intel").code(0x48, 0x0F, 0x07);
    m.set(State.STAR, 0x0018_0028L << 32 | 0x20L << 48);
    m.gpr(1, 0x9000);
    m.gpr(11, Flags.TF);

    m.step();
    m.unit.boundary();

    assertThat(m.rip()).isEqualTo(HANDLER);
    assertThat(m.stack(0, 8)).isEqualTo(0x9000);
    assertThat(m.get(DR6) & 0x4000).isNotZero();
  }

  /** SDM vol. 3B, "Single-Stepping on Branches". */
  @ParameterizedTest
  @CsvSource({"0, 1, 7001", "2, 3, 7012"})
  void stepsFromBranchToBranchWithBtf(int control, int steps, String at) {
    TestMachine m = machine("intel").code(0x90, 0x90, 0xEB, 0x0E);
    m.flags(Flags.TF);
    m.unit.writeMsr(0x1D9, control);

    assertThat(stepsToHandler(m, 5)).isEqualTo(steps);

    assertThat(Long.toHexString(m.stack(0, 8))).isEqualTo(at);
    assertThat(m.unit.readMsr(0x1D9)).as("cleared by the exception").isZero();
  }

  /** SDM vol. 2, "STI": NMIs may be held back for one instruction, and are. */
  @Test
  void holdsNmisInTheShadowOfSti() {
    TestMachine m = machine("intel").code(0xFB, 0x90, 0x90);
    m.step();
    m.v.pend(State.PENDING_NMI);

    m.unit.boundary();
    assertThat(m.rip()).isEqualTo(CODE + 1);
    m.step();
    m.unit.boundary();

    assertThat(m.rip()).isEqualTo(0xB000);
    assertThat(m.stack(0, 8)).isEqualTo(CODE + 2);
  }

  /** SDM vol. 2, "RET": segments that the outer level may not use lose all but their bases. */
  @Test
  void keepsTheBaseOfGsOnTheWayOut() {
    TestMachine m = machine("intel").code(0x48, 0xCF);
    State.setBase(m.s, nestor.vcpu.Segment.GS, 0x1234_5678);
    m.push(8, DATA3, STACK, 2, CODE64_3, 0x9000);

    m.step();

    assertThat(State.selector(m.s, nestor.vcpu.Segment.GS)).isZero();
    assertThat(State.base(m.s, nestor.vcpu.Segment.GS)).isEqualTo(0x1234_5678);
  }

  /**
   * APM vol. 2, "Control-Transfer Breakpoint Features": the last branch, and the one before an
   * event.
   */
  @Test
  void recordsTheLastBranchAndTheOneBeforeAnException() {
    TestMachine m = machine("amd").code(0x90, 0xEB, 0x0E); // nop; jmp +14
    m.unit.writeMsr(0x1D9, 1);
    m.step();
    assertThat(m.unit.readMsr(0x1DB)).as("nothing has branched").isZero();

    m.step();
    assertThat(m.unit.readMsr(0x1DB)).isEqualTo(CODE + 1);
    assertThat(m.unit.readMsr(0x1DC)).isEqualTo(CODE + 0x11);

    m.idt(6, CODE64, 0xB000, 0x8E);
    m.put(CODE + 0x11, 2, 0x0B0F); // ud2
    m.step();
    assertThat(m.unit.readMsr(0x1DD)).isEqualTo(CODE + 1);
    assertThat(m.unit.readMsr(0x1DE)).isEqualTo(CODE + 0x11);
    assertThat(m.unit.readMsr(0x1DB)).isEqualTo(CODE + 0x11);
    assertThat(m.unit.readMsr(0x1DC)).isEqualTo(m.rip());
  }
}
