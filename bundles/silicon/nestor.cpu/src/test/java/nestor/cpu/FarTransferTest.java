// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import static nestor.cpu.TestMachine.CODE;
import static nestor.cpu.TestMachine.CODE0;
import static nestor.cpu.TestMachine.CODE3;
import static nestor.cpu.TestMachine.CODE64;
import static nestor.cpu.TestMachine.CONFORMING;
import static nestor.cpu.TestMachine.DATA0;
import static nestor.cpu.TestMachine.DATA3;
import static nestor.cpu.TestMachine.STACK;
import static nestor.cpu.TestMachine.STACK0;
import static nestor.cpu.TestMachine.descriptor;
import static org.assertj.core.api.Assertions.assertThat;

import nestor.vcpu.Segment;
import nestor.vcpu.State;
import org.junit.jupiter.api.Test;

/** Far JMP, CALL and RET (SDM vol. 3A, "Privilege Level Checking When Transferring Control"). */
class FarTransferTest {
  private static final int RSP = 4;
  private static final int JMP = 0xEA;
  private static final int CALL = 0x9A;
  private static final int GATE = 0x50;

  private static TestMachine to(int cpl, int opcode, int selector) {
    return new TestMachine("intel")
        .protected32(cpl)
        .code(opcode, 0, 0x90, 0, 0, selector & 0xFF, selector >> 8);
  }

  @Test
  void checksDirectTransfers() {
    assertThat(to(0, JMP, CODE0).fault()).isEqualTo("none");
    assertThat(to(0, JMP, CODE3).fault()).isEqualTo("#GP(18)");
    assertThat(to(3, JMP, CODE3).fault()).isEqualTo("none");
    assertThat(to(3, JMP, CODE0).fault()).isEqualTo("#GP(8)");
    assertThat(to(3, JMP, CONFORMING).fault()).isEqualTo("none");
    assertThat(to(0, JMP, 0).fault()).isEqualTo("#GP(0)");
    assertThat(to(0, JMP, DATA0).fault()).isEqualTo("#GP(10)");
    assertThat(to(0, JMP, 0x100).fault()).isEqualTo("#GP(100)");
    assertThat(to(0, JMP, 0x14).fault()).isEqualTo("#GP(14)");
  }

  @Test
  void keepsThePrivilegeInConformingCode() {
    TestMachine m = to(3, CALL, CONFORMING);

    m.step();

    assertThat(m.get(State.CPL)).isEqualTo(3);
    assertThat(State.selector(m.s, Segment.CS)).isEqualTo(CONFORMING | 3);
    assertThat(m.stack(0, 4)).isEqualTo(CODE + 7);
    assertThat(m.stack(1, 4)).isEqualTo(CODE3);
  }

  @Test
  void setsTheAccessedBit() {
    TestMachine m = to(0, JMP, CODE0);
    m.descriptorAt(CODE0, descriptor(0, 0xFFFFF, 0x9A, 0xC));

    m.step();

    assertThat(m.at(TestMachine.GDT + CODE0 + 5, 1)).isEqualTo(0x9B);
  }

  @Test
  void checksTheLimitOfTheTarget() {
    TestMachine m = to(0, JMP, CODE0);
    m.descriptorAt(CODE0, descriptor(0, 0x8FFF, 0x9B, 0x4));

    assertThat(m.fault()).isEqualTo("#GP(0)");
  }

  @Test
  void copiesParametersThroughACallGate() {
    TestMachine m = to(3, CALL, GATE | 3);
    m.descriptorAt(GATE, TestMachine.gate(CODE0, 0xA000, 0xEC, 2));
    m.push(4, 0x111, 0x222);

    assertThat(m.step()).isEqualTo(-1);

    assertThat(m.rip()).isEqualTo(0xA000);
    assertThat(m.get(State.CPL)).isZero();
    assertThat(m.gpr(RSP)).isEqualTo(STACK0 - 24);
    long[] expected = {CODE + 7, CODE3, 0x222, 0x111, STACK - 8, DATA3};
    for (int n = 0; n < expected.length; n++) {
      assertThat(m.stack(n, 4)).isEqualTo(expected[n]);
    }
  }

  @Test
  void returnsOutwardAndReleasesParametersOnBothStacks() {
    TestMachine m = to(3, CALL, GATE | 3);
    m.descriptorAt(GATE, TestMachine.gate(CODE0, 0xA000, 0xEC, 2));
    m.push(4, 0x111, 0x222);
    m.step();
    m.code(0xCA, 8, 0);

    assertThat(m.step()).isEqualTo(-1);

    assertThat(m.rip()).isEqualTo(CODE + 7);
    assertThat(m.gpr(RSP)).isEqualTo(STACK);
    assertThat(m.get(State.CPL)).isEqualTo(3);
    assertThat(State.selector(m.s, Segment.SS)).isEqualTo(DATA3);
  }

  @Test
  void checksThePrivilegeOfGates() {
    TestMachine inner = to(3, CALL, GATE | 3);
    inner.descriptorAt(GATE, TestMachine.gate(CODE0, 0xA000, 0x8C, 0));
    TestMachine absent = to(3, CALL, GATE | 3);
    absent.descriptorAt(GATE, TestMachine.gate(CODE0, 0xA000, 0x6C, 0));
    TestMachine jump = to(3, JMP, GATE | 3);
    jump.descriptorAt(GATE, TestMachine.gate(CODE0, 0xA000, 0xEC, 0));

    assertThat(inner.fault()).isEqualTo("#GP(50)");
    assertThat(absent.fault()).isEqualTo("#NP(50)");
    assertThat(jump.fault()).isEqualTo("#GP(8)");
  }

  @Test
  void calls64BitCodeThroughAGate() {
    TestMachine m = new TestMachine("intel").long64(3).code(0xFF, 0x1C, 0x25, 0, 0xB0, 0, 0);
    m.put(0xB004, 2, GATE | 3);
    m.descriptorAt(GATE, TestMachine.gate(CODE64, 0xA000, 0xEC, 0));
    m.descriptorAt(GATE + 8, 0);

    assertThat(m.step()).isEqualTo(-1);

    assertThat(m.rip()).isEqualTo(0xA000);
    assertThat(m.gpr(RSP)).isEqualTo(STACK0 - 32);
    assertThat(m.stack(0, 8)).isEqualTo(CODE + 7);
    assertThat(m.stack(3, 8)).isEqualTo(DATA3);
    assertThat(State.selector(m.s, Segment.SS)).isZero();
  }

  @Test
  void keepsLimitsInRealMode() {
    TestMachine m = new TestMachine("intel").real().code(JMP, 0x34, 0x12, 0x00, 0x08);

    m.step();

    assertThat(m.v.linearRip()).isEqualTo(0x8000 + 0x1234);
  }

  @Test
  void entersProtectedAndLongModeAsKernelsDo() {
    TestMachine m = new TestMachine("intel").protected32(0);
    m.set(State.CR0, 0x10);
    m.real().code(0x0F, 0x22, 0xC0, 0x66, JMP, 0x00, 0x90, 0, 0, CODE0, 0);
    m.set(State.CODE_SIZE, 16);
    m.gpr(0, 0x11);
    m.step();
    m.step();
    assertThat(m.get(State.CODE_SIZE)).isEqualTo(32);

    m.set(State.CR4, 0x20);
    m.set(State.EFER, 0x100);
    m.gpr(0, 0x8000_0011L);
    m.code(0x0F, 0x22, 0xC0, JMP, 0x00, 0xA0, 0, 0, CODE64, 0);
    assertThat(m.step()).isEqualTo(-1);
    assertThat(m.get(State.EFER)).isEqualTo(0x500);
    assertThat(m.get(State.CODE_SIZE)).isEqualTo(32);
    assertThat(m.step()).isEqualTo(-1);

    assertThat(m.get(State.CODE_SIZE)).isEqualTo(64);
    assertThat(m.rip()).isEqualTo(0xA000);
  }
}
