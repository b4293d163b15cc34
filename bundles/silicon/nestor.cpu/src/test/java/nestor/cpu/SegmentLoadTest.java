// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import static nestor.cpu.TestMachine.CODE;
import static nestor.cpu.TestMachine.CODE0;
import static nestor.cpu.TestMachine.CONFORMING;
import static nestor.cpu.TestMachine.DATA0;
import static nestor.cpu.TestMachine.DATA3;
import static nestor.cpu.TestMachine.TASK;
import static nestor.cpu.TestMachine.descriptor;
import static org.assertj.core.api.Assertions.assertThat;

import nestor.vcpu.Flags;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import org.junit.jupiter.api.Test;

/** MOV, POP and LxS to segment registers, and the questions about descriptors. */
class SegmentLoadTest {
  private static TestMachine move(int cpl, int segment, int selector) {
    TestMachine m = new TestMachine("intel").protected32(cpl).code(0x8E, 0xC0 | segment << 3);
    m.gpr(0, selector);
    return m;
  }

  @Test
  void checksDataSegments() {
    assertThat(move(0, Segment.DS, DATA0).fault()).isEqualTo("none");
    assertThat(move(0, Segment.DS, DATA3).fault()).isEqualTo("none");
    assertThat(move(3, Segment.DS, DATA0).fault()).isEqualTo("#GP(10)");
    assertThat(move(0, Segment.DS, DATA0 | 3).fault()).isEqualTo("#GP(10)");
    assertThat(move(3, Segment.DS, CONFORMING).fault()).isEqualTo("none");
    assertThat(move(0, Segment.DS, TASK).fault()).isEqualTo("#GP(40)");
    assertThat(move(0, Segment.DS, 3).fault()).isEqualTo("none");
    assertThat(move(0, Segment.DS, 0x8).fault()).isEqualTo("none");
    assertThat(move(0, Segment.DS, 0xF8 | 4).fault()).isEqualTo("#GP(fc)");
  }

  @Test
  void checksStackSegments() {
    assertThat(move(0, Segment.SS, DATA0).fault()).isEqualTo("none");
    assertThat(move(0, Segment.SS, DATA3).fault()).isEqualTo("#GP(20)");
    assertThat(move(3, Segment.SS, DATA0).fault()).isEqualTo("#GP(10)");
    assertThat(move(0, Segment.SS, CODE0).fault()).isEqualTo("#GP(8)");
    assertThat(move(0, Segment.SS, 0).fault()).isEqualTo("#GP(0)");
    assertThat(move(0, Segment.CS, CODE0).fault()).isEqualTo("#UD");
  }

  @Test
  void tellsAbsentDataFromAbsentStacks() {
    TestMachine data = move(0, Segment.DS, 0x50);
    data.descriptorAt(0x50, descriptor(0, 0xFFFFF, 0x13, 0xC));
    TestMachine stack = move(0, Segment.SS, 0x50);
    stack.descriptorAt(0x50, descriptor(0, 0xFFFFF, 0x13, 0xC));

    assertThat(data.fault()).isEqualTo("#NP(50)");
    assertThat(stack.fault()).isEqualTo("#SS(50)");
  }

  @Test
  void allowsANullStackIn64BitModeBelowLevel3() {
    TestMachine kernel = new TestMachine("intel").long64(0).code(0x8E, 0xD0);
    TestMachine wrongRpl = new TestMachine("intel").long64(0).code(0x8E, 0xD0);
    wrongRpl.gpr(0, 1);
    TestMachine user = new TestMachine("intel").long64(3).code(0x8E, 0xD0);
    user.gpr(0, 3);

    assertThat(kernel.fault()).isEqualTo("none");
    assertThat(wrongRpl.fault()).isEqualTo("#GP(0)");
    assertThat(user.fault()).isEqualTo("#GP(0)");
  }

  @Test
  void keepsUnrealLimitsInRealMode() {
    TestMachine m = move(0, Segment.DS, DATA0);
    m.step();
    m.set(State.CR0, 0x10);
    m.code(0x8E, 0xD8);
    m.gpr(0, 0x1234);

    m.step();

    assertThat(State.base(m.s, Segment.DS)).isEqualTo(0x12340);
    assertThat(State.limit(m.s, Segment.DS)).isEqualTo(0xFFFF_FFFFL);
  }

  @Test
  void movStackSegmentHoldsInterruptsForOneInstruction() {
    TestMachine m = move(0, Segment.SS, DATA0);
    m.code(0x8E, 0xD0, 0x90, 0x90);
    m.idt(0x30, CODE0, 0x9000, 0x8E);
    m.flags(Flags.IF);
    m.apic.vectors.add(0x30);

    m.step();
    m.v.pend(State.PENDING_INTERRUPT);
    m.step();
    assertThat(m.rip()).isEqualTo(CODE + 3);
    m.unit.boundary();

    assertThat(m.rip()).isEqualTo(0x9000);
  }

  @Test
  void answersAboutDescriptors() {
    TestMachine lar = new TestMachine("intel").protected32(0).code(0x0F, 0x02, 0xC8);
    lar.gpr(0, DATA3);
    lar.step();
    assertThat(lar.gpr(1)).isEqualTo(0xCF_F300);
    assertThat(Flags.zf(lar.s)).isTrue();

    TestMachine lsl = new TestMachine("intel").protected32(3).code(0x0F, 0x03, 0xC8);
    lsl.gpr(0, DATA0);
    lsl.gpr(1, 5);
    lsl.step();
    assertThat(lsl.gpr(1)).isEqualTo(5);
    assertThat(Flags.zf(lsl.s)).isFalse();

    TestMachine verw = new TestMachine("intel").protected32(0).code(0x0F, 0x00, 0xE8);
    verw.gpr(0, CODE0);
    verw.step();
    assertThat(Flags.zf(verw.s)).isFalse();
  }

  @Test
  void loadsTaskAndLocalTableWith16ByteDescriptors() {
    TestMachine m = new TestMachine("intel").long64(0).code(0x0F, 0x00, 0xD8);
    m.gpr(0, 0x50);
    m.descriptorAt(0x50, descriptor(0x1234_5678, 0x67, 0x89, 0));
    m.descriptorAt(0x58, 0xFFFF_8000L);

    assertThat(m.step()).isEqualTo(-1);

    assertThat(State.base(m.s, Segment.TR)).isEqualTo(0xFFFF_8000_1234_5678L);
    assertThat(m.at(TestMachine.GDT + 0x55, 1)).isEqualTo(0x8B);
    m.code(0x0F, 0x00, 0xD8);
    assertThat(m.fault()).isEqualTo("#GP(50)");
  }
}
