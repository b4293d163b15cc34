// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import static nestor.cpu.TestMachine.CODE;
import static nestor.cpu.TestMachine.TSS;
import static org.assertj.core.api.Assertions.assertThat;

import nestor.vcpu.Flags;
import nestor.vcpu.State;
import org.junit.jupiter.api.Test;

/** IN, OUT, INS and OUTS with their permissions. */
class PortsTest {
  private static TestMachine user(int... code) {
    TestMachine m = new TestMachine("intel").protected32(3).code(code);
    for (int n = 0; n < 0x100; n++) {
      m.put(TSS + 0x68 + n, 1, 0xFF);
    }
    return m;
  }

  @Test
  void asksTheBitmapAboveIopl() {
    TestMachine m = user(0xE6, 0x80);
    assertThat(m.fault()).isEqualTo("#GP(0)");
    m.put(TSS + 0x68 + 0x10, 1, 0xFE);
    assertThat(m.fault()).isEqualTo("none");
    m.set(State.RIP, CODE);
    m.code(0xE7, 0x80);
    assertThat(m.fault()).isEqualTo("#GP(0)");
    m.flags(Flags.IOPL);
    assertThat(m.fault()).isEqualTo("none");

    assertThat(m.memory.written).containsExactly("80:1=0", "80:4=0");
  }

  @Test
  void refusesPortsBeyondTheBitmap() {
    TestMachine m = user(0xEE);
    m.gpr(2, 0x2000);

    assertThat(m.fault()).isEqualTo("#GP(0)");
  }

  @Test
  void writesRegistersByWidth() {
    TestMachine m = new TestMachine("intel").long64(0).code(0xE4, 0x10, 0xE5, 0x10);
    m.gpr(0, -1);

    m.step();
    assertThat(m.gpr(0)).isEqualTo(-1L << 8);
    m.step();
    assertThat(m.gpr(0)).isEqualTo(0x1001);
  }

  @Test
  void repeatsUntilTheBudgetEnds() {
    TestMachine m = new TestMachine("intel").long64(0).code(0xF3, 0x6C);
    m.gpr(1, 10);
    m.gpr(2, 0x10);
    m.gpr(7, 0xC000);
    m.set(State.BUDGET, 4);

    m.step();

    assertThat(m.gpr(1)).isEqualTo(6);
    assertThat(m.gpr(7)).isEqualTo(0xC004);
    assertThat(m.rip()).isEqualTo(CODE);
    assertThat(m.get(State.BUDGET)).isEqualTo(1);
    assertThat(m.at(0xC003, 1)).isEqualTo(3);
  }

  @Test
  void doesNotReadTheDeviceWhenTheStoreWouldFault() {
    TestMachine m = new TestMachine("intel").long64(0).code(0x6C, 0xE4, 0x10);
    m.gpr(7, 0xC_0000);
    m.mmu.absent.add(0xC0L);
    assertThat(m.fault()).isEqualTo("#PF(2)");
    m.set(State.RIP, CODE + 1);

    m.step();

    assertThat(m.gpr(0) & 0xFF).isZero();
  }

  @Test
  void zeroCountsDoNothing() {
    TestMachine m = new TestMachine("intel").long64(0).code(0xF3, 0x6E);

    m.step();

    assertThat(m.memory.written).isEmpty();
    assertThat(m.rip()).isEqualTo(CODE + 2);
  }
}
