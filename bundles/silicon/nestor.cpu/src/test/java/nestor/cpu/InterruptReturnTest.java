// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import static nestor.cpu.TestMachine.CODE3;
import static nestor.cpu.TestMachine.CODE64;
import static nestor.cpu.TestMachine.CODE64_3;
import static nestor.cpu.TestMachine.DATA0;
import static nestor.cpu.TestMachine.DATA3;
import static nestor.cpu.TestMachine.STACK;
import static nestor.cpu.TestMachine.descriptor;
import static org.assertj.core.api.Assertions.assertThat;

import nestor.vcpu.Flags;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import org.junit.jupiter.api.Test;

/** IRET between all the modes and levels (SDM vol. 2, "IRET/IRETD/IRETQ"). */
class InterruptReturnTest {
  private static final int IRET = 0xCF;
  private static final int RSP = 4;

  private static TestMachine from64(long... frame) {
    TestMachine m = new TestMachine("intel").long64(0).code(0x48, IRET);
    m.push(8, frame);
    return m;
  }

  @Test
  void goesTo64BitUserCode() {
    TestMachine m = from64(DATA3, 0x8000, 0x202, CODE64_3, 0x40_0000);

    assertThat(m.step()).isEqualTo(-1);

    assertThat(m.rip()).isEqualTo(0x40_0000);
    assertThat(m.get(State.CPL)).isEqualTo(3);
    assertThat(m.gpr(RSP)).isEqualTo(0x8000);
    assertThat(State.selector(m.s, Segment.SS)).isEqualTo(DATA3);
    assertThat(m.get(State.RFLAGS)).isEqualTo(0x202);
  }

  @Test
  void goesToCompatibilityMode() {
    TestMachine m = from64(DATA3, 0x8000, 2, CODE3, 0x40_0000);

    assertThat(m.step()).isEqualTo(-1);

    assertThat(m.get(State.CODE_SIZE)).isEqualTo(32);
  }

  @Test
  void popsRspAndSsIn64BitModeAlsoAtTheSameLevel() {
    TestMachine m = from64(DATA0, 0x8000, 2, CODE64, 0x9000);

    assertThat(m.step()).isEqualTo(-1);

    assertThat(m.gpr(RSP)).isEqualTo(0x8000);
    assertThat(m.rip()).isEqualTo(0x9000);
  }

  @Test
  void allowsANullStackBelowLevel3Only() {
    assertThat(from64(0, 0x8000, 2, CODE64, 0x9000).fault()).isEqualTo("none");
    assertThat(from64(3, 0x8000, 2, CODE64_3, 0x9000).fault()).isEqualTo("#GP(0)");
  }

  @Test
  void checksSelectorsInOrder() {
    assertThat(from64(DATA3, 0x8000, 2, 0, 0x9000).fault()).isEqualTo("#GP(0)");
    assertThat(from64(DATA3, 0x8000, 2, DATA3, 0x9000).fault()).isEqualTo("#GP(20)");
    assertThat(from64(DATA3, 0x8000, 2, CODE64 | 3, 0x9000).fault()).isEqualTo("#GP(28)");
    assertThat(from64(DATA0, 0x8000, 2, CODE64_3, 0x9000).fault()).isEqualTo("#GP(10)");
    assertThat(from64(DATA3, 0x8000, 2, 0x103, 0x9000).fault()).isEqualTo("#GP(100)");
    assertThat(from64(DATA3, 0x8000, 2, CODE64_3, 1L << 60).fault()).isEqualTo("#GP(0)");
  }

  @Test
  void faultsOnAbsentSegmentsWithTheirOwnVectors() {
    TestMachine code = from64(DATA3, 0x8000, 2, CODE64_3, 0x9000);
    code.descriptorAt(CODE64_3, descriptor(0, 0xFFFFF, 0x7B, 0xA));
    TestMachine stack = from64(DATA3, 0x8000, 2, CODE64_3, 0x9000);
    stack.descriptorAt(DATA3, descriptor(0, 0xFFFFF, 0x73, 0xC));

    assertThat(code.fault()).isEqualTo("#NP(30)");
    assertThat(stack.fault()).isEqualTo("#SS(20)");
    assertThat(stack.gpr(RSP)).isEqualTo(STACK - 40);
  }

  @Test
  void refusesNestedTasksInLongMode() {
    TestMachine m = from64(DATA3, 0x8000, 2, CODE64_3, 0x9000);
    m.flags(Flags.NT);

    assertThat(m.fault()).isEqualTo("#GP(0)");
  }

  @Test
  void keepsFlagsThatTheLevelMayNotChange() {
    TestMachine m = new TestMachine("intel").protected32(3).code(IRET);
    m.flags(Flags.IF);
    m.push(4, Flags.IOPL | Flags.VIF | Flags.CF, CODE3, 0x9000);

    assertThat(m.step()).isEqualTo(-1);

    assertThat(m.get(State.RFLAGS)).isEqualTo(Flags.IF | Flags.CF | 2);
  }

  @Test
  void dropsDataSegmentsOfTheInnerLevel() {
    TestMachine m = new TestMachine("intel").protected32(0).code(IRET);
    m.push(4, DATA3, 0x8000, 2, CODE3, 0x9000);

    assertThat(m.step()).isEqualTo(-1);

    assertThat(State.selector(m.s, Segment.DS)).isZero();
    assertThat(State.attributes(m.s, Segment.DS) & Segment.UNUSABLE).isNotZero();
    assertThat(m.get(State.CPL)).isEqualTo(3);
  }

  @Test
  void entersVirtual8086Mode() {
    TestMachine m = new TestMachine("intel").protected32(0).code(IRET);
    m.push(4, 0x400, 0x300, 0x200, 0x100, 0x500, 0xFFF0, Flags.VM | Flags.IF, 0x1234, 0x56);

    assertThat(m.step()).isEqualTo(-1);

    assertThat(State.virtual8086(m.s)).isTrue();
    assertThat(m.get(State.CPL)).isEqualTo(3);
    assertThat(m.v.linearRip()).isEqualTo(0x12340 + 0x56);
    assertThat(State.base(m.s, Segment.ES)).isEqualTo(0x1000);
    assertThat(State.base(m.s, Segment.GS)).isEqualTo(0x4000);
    assertThat(m.get(State.CODE_SIZE)).isEqualTo(16);
  }

  @Test
  void needsIopl3InVirtual8086Mode() {
    TestMachine m = new TestMachine("intel").protected32(0).code(IRET);
    m.push(4, 0, 0, 0, 0, 0x500, 0xFFF0, Flags.VM, 0, 0x7100);
    m.step();
    m.code(IRET);

    assertThat(m.fault()).isEqualTo("#GP(0)");
  }

  @Test
  void worksInRealMode() {
    TestMachine m = new TestMachine("intel").real().code(IRET);
    m.push(2, 0x0246, 0x100, 0x10);

    assertThat(m.step()).isEqualTo(-1);

    assertThat(m.v.linearRip()).isEqualTo(0x1010);
    assertThat(m.get(State.RFLAGS)).isEqualTo(0x246);
  }

  @Test
  void unblocksNmisAlsoWhenItFaults() {
    TestMachine m = new TestMachine("intel").long64(0);
    m.idt(2, CODE64, 0x9000, 0x8E);
    m.idt(13, CODE64, 0xA000, 0x8E);
    m.v.pend(State.PENDING_NMI);
    m.unit.boundary();
    m.v.pend(State.PENDING_NMI);
    m.unit.boundary();
    assertThat(m.rip()).isEqualTo(0x9000);
    m.code(0x48, IRET);
    m.gpr(RSP, 1L << 60);

    m.gpr(RSP, STACK);
    m.push(8, 0, 0, 0, 0, 0);
    assertThat(m.step()).isEqualTo(13);
    m.unit.boundary();

    assertThat(m.rip()).isEqualTo(0x9000);
  }
}
