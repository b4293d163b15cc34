// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import static nestor.cpu.TestMachine.CODE;
import static nestor.cpu.TestMachine.CODE0;
import static nestor.cpu.TestMachine.CODE3;
import static nestor.cpu.TestMachine.DATA3;
import static nestor.cpu.TestMachine.STACK;
import static org.assertj.core.api.Assertions.assertThat;

import nestor.vcpu.Flags;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import org.junit.jupiter.api.Test;

/** SYSCALL, SYSRET, SYSENTER and SYSEXIT of both vendors. */
class FastCallsTest {
  private static final long STAR = 0x0023_0008_0000_5000L;

  private static TestMachine ready(String model, int cpl, int... code) {
    TestMachine m = new TestMachine(model).long64(cpl).code(code);
    m.set(State.STAR, STAR);
    m.set(State.LSTAR, 0xFFFF_8000_0000_1000L);
    m.set(State.CSTAR, 0xFFFF_8000_0000_2000L);
    m.set(State.FMASK, Flags.IF | Flags.TF);
    return m;
  }

  @Test
  void syscallSavesRipAndFlags() {
    TestMachine m = ready("intel", 3, 0x0F, 0x05);
    m.flags(Flags.IF | Flags.CF);

    assertThat(m.step()).isEqualTo(-1);

    assertThat(m.rip()).isEqualTo(0xFFFF_8000_0000_1000L);
    assertThat(m.gpr(1)).isEqualTo(CODE + 2);
    assertThat(m.gpr(11)).isEqualTo(Flags.IF | Flags.CF | 2);
    assertThat(m.get(State.RFLAGS)).isEqualTo(Flags.CF | 2);
    assertThat(m.get(State.CPL)).isZero();
    assertThat(State.selector(m.s, Segment.CS)).isEqualTo(0x08);
    assertThat(State.selector(m.s, Segment.SS)).isEqualTo(0x10);
  }

  @Test
  void sysretReturnsToBothSizesOfUserCode() {
    TestMachine wide = ready("intel", 0, 0x48, 0x0F, 0x07);
    wide.gpr(1, 0x40_0000);
    wide.gpr(11, 0x3_0202);
    wide.step();
    assertThat(wide.rip()).isEqualTo(0x40_0000);
    assertThat(State.selector(wide.s, Segment.CS)).isEqualTo(0x33);
    assertThat(State.selector(wide.s, Segment.SS)).isEqualTo(0x2B);
    assertThat(wide.get(State.RFLAGS)).isEqualTo(0x202);

    TestMachine narrow = ready("intel", 0, 0x0F, 0x07);
    narrow.gpr(1, 0x40_0000);
    narrow.step();
    assertThat(narrow.get(State.CODE_SIZE)).isEqualTo(32);
    assertThat(State.selector(narrow.s, Segment.CS)).isEqualTo(0x23);
  }

  @Test
  void onlyIntelChecksTheReturnAddress() {
    TestMachine intel = ready("intel", 0, 0x48, 0x0F, 0x07);
    intel.gpr(1, 1L << 60);
    TestMachine amd = ready("amd", 0, 0x48, 0x0F, 0x07);
    amd.gpr(1, 1L << 60);

    assertThat(intel.fault()).isEqualTo("#GP(0)");
    assertThat(amd.fault()).isEqualTo("none");
  }

  @Test
  void onlyAmdKeepsTheHiddenStackSegment() {
    TestMachine amd = ready("amd", 0, 0x48, 0x0F, 0x07);
    State.setSegment(amd.s, Segment.SS, 0, 0, 0, Segment.UNUSABLE);

    amd.step();

    assertThat(State.selector(amd.s, Segment.SS)).isEqualTo(0x2B);
    assertThat(State.attributes(amd.s, Segment.SS)).isEqualTo(Segment.UNUSABLE);
  }

  @Test
  void compatibilityModeHasTheOtherVendorsCall() {
    for (String model : new String[] {"intel", "amd"}) {
      TestMachine call = compatible(model, 0x0F, 0x05);
      TestMachine enter = compatible(model, 0x0F, 0x34);
      enter.set(State.SYSENTER_CS, CODE0);
      boolean amd = model.equals("amd");

      assertThat(call.fault()).isEqualTo(amd ? "none" : "#UD");
      assertThat(enter.fault()).isEqualTo(amd ? "#UD" : "none");
      if (amd) {
        assertThat(call.rip()).isEqualTo(0xFFFF_8000_0000_2000L);
      }
    }
  }

  private static TestMachine compatible(String model, int... code) {
    TestMachine m = ready(model, 0, 0x48, 0xCF);
    m.push(8, DATA3, STACK, 2, CODE3, CODE + 16);
    m.step();
    return m.code(code);
  }

  @Test
  void syscallNeedsSce() {
    TestMachine m = ready("intel", 3, 0x0F, 0x05);
    m.set(State.EFER, 0xD00);

    assertThat(m.fault()).isEqualTo("#UD");
  }

  @Test
  void sysenterNeedsASelector() {
    TestMachine m = new TestMachine("intel").protected32(3).code(0x0F, 0x34);
    assertThat(m.fault()).isEqualTo("#GP(0)");
    m.set(State.SYSENTER_CS, CODE0);
    m.set(State.SYSENTER_EIP, 0x9000);
    m.set(State.SYSENTER_ESP, 0xB000);

    assertThat(m.step()).isEqualTo(-1);

    assertThat(m.rip()).isEqualTo(0x9000);
    assertThat(m.gpr(4)).isEqualTo(0xB000);
    assertThat(m.get(State.CPL)).isZero();
  }
}
