// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import static nestor.cpu.TestMachine.CODE;
import static nestor.cpu.TestMachine.CODE0;
import static nestor.cpu.TestMachine.DATA0;
import static nestor.cpu.TestMachine.DATA3;
import static nestor.cpu.TestMachine.TASK;
import static nestor.cpu.TestMachine.TSS;
import static nestor.cpu.TestMachine.descriptor;
import static org.assertj.core.api.Assertions.assertThat;

import nestor.vcpu.Flags;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import org.junit.jupiter.api.Test;

/** Hardware task switches (SDM vol. 3A, "Task Switching"). */
class TaskSwitchTest {
  private static final int NEW = 0x50;
  private static final int NEW_TSS = 0xC000;

  /** Puts an available 32-bit TSS at {@code base} that starts at 9000h with ECX = 77h. */
  static void task(TestMachine m, int selector, int base) {
    m.descriptorAt(selector, descriptor(base, 0x67, 0x89, 0));
    m.put(base + 0x20, 4, 0x9000);
    m.put(base + 0x24, 4, 2);
    m.put(base + 0x2C, 4, 0x77);
    m.put(base + 0x38, 4, 0xD000);
    m.put(base + 0x48, 4, DATA0);
    m.put(base + 0x4C, 4, CODE0);
    m.put(base + 0x50, 4, DATA0);
    m.put(base + 0x54, 4, DATA3);
  }

  private static TestMachine ready(int opcode) {
    TestMachine m = new TestMachine("intel").protected32(0).code(opcode, 0, 0, 0, 0, NEW, 0);
    task(m, NEW, NEW_TSS);
    m.gpr(1, 0x1234_5678);
    return m;
  }

  private static long busy(TestMachine m, int selector) {
    return m.at(TestMachine.GDT + selector + 5, 1) & 2;
  }

  @Test
  void jumpFreesTheOldTask() {
    TestMachine m = ready(0xEA);

    assertThat(m.step()).isEqualTo(-1);

    assertThat(m.rip()).isEqualTo(0x9000);
    assertThat(m.gpr(1)).isEqualTo(0x77);
    assertThat(m.gpr(4)).isEqualTo(0xD000);
    assertThat(State.selector(m.s, Segment.DS)).isEqualTo(DATA3);
    assertThat(m.at(TSS + 0x2C, 4)).isEqualTo(0x1234_5678);
    assertThat(m.at(TSS + 0x20, 4)).isEqualTo(CODE + 7);
    assertThat(busy(m, TASK)).isZero();
    assertThat(busy(m, NEW)).isNotZero();
    assertThat(m.get(State.CR0) & 8).isNotZero();
    assertThat(m.get(State.RFLAGS) & Flags.NT).isZero();
  }

  @Test
  void callNestsAndReturnsByIret() {
    TestMachine m = ready(0x9A);

    m.step();
    assertThat(m.get(State.RFLAGS) & Flags.NT).isNotZero();
    assertThat(m.at(NEW_TSS, 2)).isEqualTo(TASK);
    assertThat(busy(m, TASK)).isNotZero();
    m.code(0xCF);
    assertThat(m.step()).isEqualTo(-1);

    assertThat(m.rip()).isEqualTo(CODE + 7);
    assertThat(m.gpr(1)).isEqualTo(0x1234_5678);
    assertThat(State.selector(m.s, Segment.TR)).isEqualTo(TASK);
    assertThat(busy(m, NEW)).isZero();
    assertThat(m.at(NEW_TSS + 0x24, 4) & Flags.NT).isZero();
  }

  @Test
  void refusesBusyAndShortTasks() {
    TestMachine busy = ready(0x9A);
    busy.descriptorAt(NEW, descriptor(NEW_TSS, 0x67, 0x8B, 0));
    TestMachine small = ready(0x9A);
    small.descriptorAt(NEW, descriptor(NEW_TSS, 0x66, 0x89, 0));
    TestMachine absent = ready(0x9A);
    absent.descriptorAt(NEW, descriptor(NEW_TSS, 0x67, 0x09, 0));

    assertThat(busy.fault()).isEqualTo("#GP(50)");
    assertThat(small.fault()).isEqualTo("#TS(50)");
    assertThat(absent.fault()).isEqualTo("#NP(50)");
  }

  @Test
  void faultsOfBadSegmentsBelongToTheNewTask() {
    TestMachine m = ready(0xEA);
    m.put(NEW_TSS + 0x50, 4, CODE0);
    m.idt(10, CODE0, 0xA000, 0x8E);

    assertThat(m.fault()).isEqualTo("#TS(8)");

    assertThat(m.rip()).isEqualTo(0x9000);
    assertThat(State.selector(m.s, Segment.TR)).isEqualTo(NEW);
  }

  @Test
  void is64BitModesBusiness() {
    TestMachine m = new TestMachine("intel").long64(0).code(0xFF, 0x2C, 0x25, 0, 0xB0, 0, 0);
    m.put(0xB004, 2, NEW);
    m.descriptorAt(NEW, descriptor(NEW_TSS, 0x67, 0x89, 0));

    assertThat(m.fault()).isEqualTo("#GP(50)");
  }
}
