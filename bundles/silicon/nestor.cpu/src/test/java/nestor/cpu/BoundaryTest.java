// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import static nestor.cpu.TestMachine.CODE;
import static nestor.cpu.TestMachine.CODE64;
import static org.assertj.core.api.Assertions.assertThat;

import nestor.vcpu.Engine;
import nestor.vcpu.Flags;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import nestor.vcpu.SystemUnit;
import org.junit.jupiter.api.Test;

/** What is taken between two instructions, and what wakes a halted vCPU. */
class BoundaryTest {
  private static final int HALTED = -2 - Engine.HALTED;

  private static TestMachine ready() {
    TestMachine m = new TestMachine("intel").long64(0);
    m.idt(2, CODE64, 0x8000, 0x8E);
    m.idt(0x30, CODE64, 0x9000, 0x8E);
    m.idt(1, CODE64, 0xA000, 0x8E);
    return m;
  }

  private static void interrupt(TestMachine m) {
    m.apic.vectors.add(0x30);
    m.v.pend(State.PENDING_INTERRUPT);
  }

  @Test
  void maskedInterruptsDoNotKeepAttention() {
    TestMachine m = ready();
    interrupt(m);

    assertThat(m.unit.boundary()).isEqualTo(SystemUnit.CONTINUE);
    assertThat(m.get(State.ATTENTION)).isZero();
    m.flags(Flags.IF);
    assertThat(m.get(State.ATTENTION)).isNotZero();
    m.unit.boundary();

    assertThat(m.rip()).isEqualTo(0x9000);
    assertThat(m.get(State.PENDING)).isZero();
  }

  @Test
  void stiHoldsInterruptsForOneInstruction() {
    TestMachine m = ready().code(0xFB, 0x90, 0x90);
    interrupt(m);

    m.step();
    m.step();
    assertThat(m.rip()).isEqualTo(CODE + 2);
    m.unit.boundary();

    assertThat(m.rip()).isEqualTo(0x9000);
    assertThat(m.stack(0, 8)).isEqualTo(CODE + 2);
  }

  @Test
  void haltWaitsForAnEventThatMayBeTaken() {
    TestMachine m = ready().code(0xF4);
    m.step();

    assertThat(m.unit.boundary()).isEqualTo(Engine.HALTED);
    assertThat(m.get(State.ATTENTION)).isNotZero();
    interrupt(m);
    assertThat(m.unit.boundary()).isEqualTo(Engine.HALTED);
    m.v.pend(State.PENDING_NMI);
    assertThat(m.unit.boundary()).isEqualTo(SystemUnit.CONTINUE);

    assertThat(m.rip()).isEqualTo(0x8000);
    assertThat(m.stack(0, 8)).isEqualTo(CODE + 1);
  }

  @Test
  void mwaitEndsByAnInterruptThatIsMasked() {
    TestMachine m = ready().code(0x0F, 0x01, 0xC8, 0x0F, 0x01, 0xC9);
    m.gpr(0, 0xC000);
    m.step();
    m.gpr(1, 1);
    m.step();
    assertThat(m.step()).isEqualTo(HALTED);
    interrupt(m);

    assertThat(m.unit.boundary()).isEqualTo(SystemUnit.CONTINUE);
    assertThat(m.rip()).isEqualTo(CODE + 6);
  }

  @Test
  void mwaitEndsByAStoreToTheLine() {
    TestMachine m = ready().code(0x0F, 0x01, 0xC8, 0x0F, 0x01, 0xC9);
    m.gpr(0, 0xC010);
    m.step();
    m.step();
    assertThat(m.step()).isEqualTo(HALTED);
    m.memory.written(0xC040, 8);
    assertThat(m.unit.boundary()).isEqualTo(Engine.HALTED);

    m.memory.written(0xC03C, 4);

    assertThat(m.unit.boundary()).isEqualTo(SystemUnit.CONTINUE);
  }

  @Test
  void nmiAndDebugTrapsComeInOrder() {
    TestMachine m = ready();
    m.flags(Flags.IF);
    interrupt(m);
    m.v.pend(State.PENDING_NMI);
    m.set(State.DEBUG_HITS, 1);
    m.v.pend(State.PENDING_DEBUG);

    m.unit.boundary();

    assertThat(m.rip()).isEqualTo(0x8000);
    assertThat(m.stack(0, 8)).isEqualTo(0xA000);
    assertThat(m.get(State.DR + 48)).isEqualTo(0xFFFF_0FF1L);
  }

  @Test
  void stopIsGivenBackOnce() {
    TestMachine m = ready();
    m.v.attention(State.ATTENTION_STOP);

    assertThat(m.unit.boundary()).isEqualTo(Engine.STOPPED);
    assertThat(m.unit.boundary()).isEqualTo(SystemUnit.CONTINUE);
  }

  @Test
  void applicationProcessorsStartAtTheirVector() {
    TestMachine m = new TestMachine(1, "intel");
    assertThat(m.unit.boundary()).isEqualTo(Engine.HALTED);

    m.v.pend(State.PENDING_INIT);
    m.unit.startupIpi(0x12);
    assertThat(m.unit.boundary()).isEqualTo(SystemUnit.CONTINUE);

    assertThat(m.v.linearRip()).isEqualTo(0x12000);
    assertThat(State.selector(m.s, Segment.CS)).isEqualTo(0x1200);
    m.unit.startupIpi(0x34);
    m.unit.boundary();
    assertThat(m.v.linearRip()).isEqualTo(0x12000);
  }

  @Test
  void resetIsThatOfTheManual() {
    TestMachine m = new TestMachine("intel");

    assertThat(m.v.linearRip()).isEqualTo(0xFFFF_FFF0L);
    assertThat(m.get(State.CR0)).isEqualTo(0x6000_0010L);
    assertThat(m.gpr(2)).isEqualTo(0x50657);
    assertThat(m.get(State.CODE_SIZE)).isEqualTo(16);
    assertThat(m.get(State.MXCSR)).isEqualTo(0x1F80);
  }

  @Test
  void singleStepTrapsAfterEachInstruction() {
    TestMachine m = ready().code(0x90, 0x90);
    m.flags(Flags.TF);

    m.step();
    m.unit.boundary();

    assertThat(m.rip()).isEqualTo(0xA000);
    assertThat(m.stack(0, 8)).isEqualTo(CODE + 1);
    assertThat(m.stack(2, 8) & Flags.TF).isNotZero();
    assertThat(m.get(State.DR + 48) & 1 << 14).isNotZero();
    assertThat(m.get(State.RFLAGS) & Flags.TF).isZero();
  }

  @Test
  void softwareInterruptsTakeNoSingleStepTrap() {
    TestMachine m = ready().code(0xCD, 0x30);
    m.flags(Flags.TF);

    m.step();
    m.unit.boundary();

    assertThat(m.rip()).isEqualTo(0x9000);
  }

  @Test
  void breakpointsFaultOnceBecauseOfRf() {
    TestMachine m = ready().code(0x0F, 0x23, 0xF8, 0x90, 0x90);
    m.put(0xA000, 4, 0xCF_4890);
    m.set(State.DR, CODE + 3);
    m.gpr(0, 1);
    m.step();

    m.step();
    assertThat(m.rip()).isEqualTo(0xA001);
    assertThat(m.stack(0, 8)).isEqualTo(CODE + 3);
    assertThat(m.get(State.DR + 48) & 1).isNotZero();
    m.put(m.gpr(4) + 16, 4, Flags.RF | 2);
    m.step();
    m.step();

    assertThat(m.rip()).isEqualTo(CODE + 4);
    assertThat(m.get(State.RFLAGS)).isEqualTo(2);
  }

  @Test
  void guardedDebugRegistersTrapTheirReader() {
    TestMachine m = ready().code(0x0F, 0x21, 0xF0);
    m.set(State.DR + 56, 1 << 13);

    assertThat(m.step()).isEqualTo(1);

    assertThat(m.get(State.DR + 48) & 1 << 13).isNotZero();
    assertThat(m.get(State.DR + 56) & 1 << 13).isZero();
    assertThat(m.stack(0, 8)).isEqualTo(CODE);
  }
}
