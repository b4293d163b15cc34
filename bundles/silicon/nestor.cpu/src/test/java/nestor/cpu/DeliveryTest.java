// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import static nestor.cpu.TestMachine.CODE;
import static nestor.cpu.TestMachine.CODE0;
import static nestor.cpu.TestMachine.CODE64;
import static nestor.cpu.TestMachine.CODE64_3;
import static nestor.cpu.TestMachine.CONFORMING;
import static nestor.cpu.TestMachine.DATA0;
import static nestor.cpu.TestMachine.DATA3;
import static nestor.cpu.TestMachine.STACK;
import static nestor.cpu.TestMachine.STACK0;
import static nestor.cpu.TestMachine.TASK;
import static nestor.cpu.TestMachine.TSS;
import static org.assertj.core.api.Assertions.assertThat;

import nestor.vcpu.Engine;
import nestor.vcpu.Flags;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import org.junit.jupiter.api.Test;

/** Events through the IVT and the IDT (SDM vol. 3A, "Interrupt and Exception Handling"). */
class DeliveryTest {
  private static final int RSP = 4;
  private static final int UD2 = 0x0B;

  private static TestMachine undefined64(int cpl) {
    TestMachine m = new TestMachine("intel").long64(cpl).code(0x0F, UD2);
    m.idt(6, CODE64, 0x9000, 0x8E);
    return m;
  }

  @Test
  void switchesToTheStackOfTheTssFromLevel3() {
    TestMachine m = undefined64(3);
    m.flags(Flags.IF);

    assertThat(m.step()).isEqualTo(6);

    assertThat(m.rip()).isEqualTo(0x9000);
    assertThat(m.get(State.CPL)).isZero();
    assertThat(m.gpr(RSP)).isEqualTo(STACK0 - 40);
    assertThat(m.stack(0, 8)).isEqualTo(CODE);
    assertThat(m.stack(1, 8)).isEqualTo(CODE64_3);
    assertThat(m.stack(2, 8)).isEqualTo(Flags.IF | Flags.RF | 2);
    assertThat(m.stack(3, 8)).isEqualTo(STACK);
    assertThat(m.stack(4, 8)).isEqualTo(DATA3);
    assertThat(State.selector(m.s, Segment.SS)).isZero();
    assertThat(m.get(State.RFLAGS)).isEqualTo(2);
  }

  @Test
  void alignsTheStackIn64BitMode() {
    TestMachine m = undefined64(0);
    m.gpr(RSP, STACK + 5);

    m.step();

    assertThat(m.gpr(RSP)).isEqualTo(STACK - 40);
    assertThat(m.stack(3, 8)).isEqualTo(STACK + 5);
    assertThat(State.selector(m.s, Segment.SS)).isEqualTo(DATA0);
  }

  @Test
  void takesTheInterruptStackTable() {
    TestMachine m = undefined64(0);
    m.idt(6, CODE64, 0x9000, 0x8F, 3);
    m.put(TSS + 36 + 16, 8, 0xB000);
    m.flags(Flags.IF);

    m.step();

    assertThat(m.gpr(RSP)).isEqualTo(0xB000 - 40);
    assertThat(m.get(State.RFLAGS) & Flags.IF).isNotZero();
  }

  @Test
  void pushesErrorCodeAndSetsCr2OfPageFaults() {
    TestMachine m = new TestMachine("intel").long64(3).code(0xC6, 0x00, 0x01);
    m.idt(14, CODE64, 0x9000, 0x8E);
    m.gpr(0, 0xC_0123);
    m.mmu.absent.add(0xC0L);

    assertThat(m.step()).isEqualTo(14);

    assertThat(m.get(State.CR2)).isEqualTo(0xC_0123);
    assertThat(m.stack(0, 8)).isEqualTo(6);
    assertThat(m.unit.lastEvent()).contains("#PF (vector 14, error 0x6)").contains("cr2 0xc0123");
  }

  @Test
  void namesTheGateAndWhoCausedIt() {
    TestMachine software = new TestMachine("intel").long64(3).code(0xCD, 0x40);
    software.idt(0x40, CODE64, 0x9000, 0x8E);
    assertThat(software.fault()).isEqualTo("#GP(202)");

    TestMachine allowed = new TestMachine("intel").long64(3).code(0xCD, 0x40);
    allowed.idt(0x40, CODE64, 0x9000, 0xEE);
    assertThat(allowed.step()).isEqualTo(-1);
    assertThat(allowed.rip()).isEqualTo(0x9000);
    assertThat(allowed.stack(0, 8)).isEqualTo(CODE + 2);

    TestMachine external = new TestMachine("intel").long64(0);
    external.idt(13, CODE64, 0xA000, 0x8E);
    external.flags(Flags.IF);
    external.apic.vectors.add(0x41);
    external.v.pend(State.PENDING_INTERRUPT);
    external.unit.boundary();
    assertThat(external.rip()).isEqualTo(0xA000);
    assertThat(external.stack(0, 8)).isEqualTo(0x41 * 8 + 3);
  }

  @Test
  void refuses16BitAndTaskGatesInLongMode() {
    for (int access : new int[] {0x85, 0x86, 0x87}) {
      TestMachine m = new TestMachine("intel").long64(0).code(0xCD, 0x40);
      m.idt(0x40, CODE64, 0x9000, access);
      assertThat(m.fault()).isEqualTo("#GP(202)");
    }
    TestMachine absent = new TestMachine("intel").long64(0).code(0xCD, 0x40);
    absent.idt(0x40, CODE64, 0x9000, 0x0E);
    assertThat(absent.fault()).isEqualTo("#NP(202)");
    TestMachine code32 = new TestMachine("intel").long64(0).code(0xCD, 0x40);
    code32.idt(0x40, CODE0, 0x9000, 0x8E);
    assertThat(code32.fault()).isEqualTo("#GP(8)");
  }

  @Test
  void works16BitGatesIn32BitMode() {
    TestMachine m = new TestMachine("intel").protected32(3).code(0xCD, 0x40);
    m.idt(0x40, CODE0, 0x9000, 0xE6);

    assertThat(m.step()).isEqualTo(-1);

    assertThat(m.gpr(RSP)).isEqualTo(STACK0 - 10);
    assertThat(m.stack(0, 2)).isEqualTo(CODE + 2);
    assertThat(m.stack(4, 2)).isEqualTo(DATA3);
  }

  @Test
  void savesTheSegmentsOfVirtual8086Mode() {
    TestMachine m = new TestMachine("intel").protected32(0).code(0xCF);
    m.idt(6, CODE0, 0x9000, 0x8E);
    m.push(4, 0x400, 0x300, 0x200, 0x100, 0x500, 0xFFF0, Flags.VM, 0x700, 0x56);
    m.step();
    m.code(0x0F, UD2);

    assertThat(m.step()).isEqualTo(6);

    assertThat(m.gpr(RSP)).isEqualTo(STACK0 - 36);
    long[] expected = {
      0x56, 0x700, Flags.VM | Flags.RF | 2, 0xFFF0, 0x500, 0x100, 0x200, 0x300, 0x400
    };
    for (int n = 0; n < expected.length; n++) {
      assertThat(m.stack(n, 4)).isEqualTo(expected[n]);
    }
    assertThat(State.virtual8086(m.s)).isFalse();
    assertThat(State.attributes(m.s, Segment.GS) & Segment.UNUSABLE).isNotZero();
  }

  @Test
  void usesTheVectorTableInRealMode() {
    TestMachine m = new TestMachine("intel").real().code(0xCD, 0x21);
    m.put(0x21 * 4, 4, 0x0123_0045);
    m.flags(Flags.IF | Flags.TF);

    assertThat(m.step()).isEqualTo(-1);

    assertThat(m.v.linearRip()).isEqualTo(0x1230 + 0x45);
    assertThat(m.stack(0, 2)).isEqualTo(CODE + 2);
    assertThat(m.stack(2, 2)).isEqualTo(Flags.IF | Flags.TF | 2);
    assertThat(m.get(State.RFLAGS)).isEqualTo(2);
  }

  @Test
  void followsTheDoubleFaultTable() {
    int[] benign = {1, 3, 4, 5, 6, 7, 16, 17, 18, 19};
    int[] contributory = {0, 10, 11, 12, 13};
    for (int second : contributory) {
      for (int first : benign) {
        assertThat(Exceptions.doubles(first, second)).isFalse();
      }
      for (int first : contributory) {
        assertThat(Exceptions.doubles(first, second)).isTrue();
        assertThat(Exceptions.doubles(first, 14)).isFalse();
      }
      assertThat(Exceptions.doubles(14, second)).isTrue();
    }
    assertThat(Exceptions.doubles(14, 14)).isTrue();
    assertThat(Exceptions.doubles(14, 6)).isFalse();
  }

  @Test
  void turnsAFaultInDeliveryIntoADoubleFault() {
    TestMachine m = new TestMachine("intel").long64(3).code(0x8B, 0x00);
    m.gpr(0, 1L << 60);
    m.idt(8, CODE64, 0x9000, 0x8E);

    assertThat(m.step()).isEqualTo(13);

    assertThat(m.rip()).isEqualTo(0x9000);
    assertThat(m.stack(0, 8)).isZero();
    assertThat(m.unit.lastEvent()).contains("#DF").contains("after delivery of #GP met #GP(0x6b)");
  }

  @Test
  void shutsDownOnATripleFault() {
    TestMachine m = new TestMachine("intel").long64(0).code(0x0F, UD2);
    m.set(State.IDTR + 8, 0);

    m.step();

    assertThat(m.get(State.ACTIVITY)).isEqualTo(State.SHUTDOWN);
    assertThat(m.unit.boundary()).isEqualTo(Engine.SHUTDOWN);
    assertThat(m.get(State.ATTENTION)).isNotZero();
    assertThat(m.unit.lastEvent()).contains("triple fault");
  }

  @Test
  void keepsTheOldStateWhenTheNewStackFaults() {
    TestMachine m = undefined64(3);
    m.idt(8, CODE64, 0xA000, 0x8E, 1);
    m.put(TSS + 36, 8, 0xB000);
    m.mmu.absent.add((STACK0 - 8L) >> 12);

    m.step();

    assertThat(m.rip()).isEqualTo(0xA000);
    assertThat(m.get(State.CR2)).isEqualTo(STACK0 - 8);
    assertThat(m.stack(1, 8)).isEqualTo(CODE);
    assertThat(m.stack(2, 8)).isEqualTo(CODE64_3);
    assertThat(m.stack(4, 8)).isEqualTo(STACK);
    assertThat(m.stack(5, 8)).isEqualTo(DATA3);
  }

  @Test
  void doesNotSwitchStacksForConformingHandlers() {
    TestMachine m = new TestMachine("intel").protected32(3).code(0xCD, 0x40);
    m.idt(0x40, CONFORMING, 0x9000, 0xEF);

    assertThat(m.step()).isEqualTo(-1);

    assertThat(m.get(State.CPL)).isEqualTo(3);
    assertThat(m.gpr(RSP)).isEqualTo(STACK - 12);
  }

  @Test
  void entersATaskThroughATaskGate() {
    TestMachine m = new TestMachine("intel").protected32(0).code(0xCD, 0x40);
    TaskSwitchTest.task(m, 0x50, 0xC000);
    m.idt(0x40, 0x50, 0, 0x85);

    assertThat(m.step()).isEqualTo(-1);

    assertThat(m.rip()).isEqualTo(0x9000);
    assertThat(State.selector(m.s, Segment.TR)).isEqualTo(0x50);
    assertThat(m.at(TSS + 0x20, 4)).isEqualTo(CODE + 2);
    assertThat(m.at(0xC000, 2)).isEqualTo(TASK);
  }
}
