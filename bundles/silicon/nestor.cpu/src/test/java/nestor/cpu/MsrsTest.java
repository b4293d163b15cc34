// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import nestor.vcpu.GuestFault;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import org.junit.jupiter.api.Test;

/** RDMSR and WRMSR by the rules of each register. */
class MsrsTest {
  private static void refused(TestMachine m, int msr, long value) {
    assertThatThrownBy(() -> m.unit.writeMsr(msr, value)).isInstanceOf(GuestFault.class);
  }

  private static void kept(TestMachine m, int msr, long value) {
    m.unit.writeMsr(msr, value);
    assertThat(m.unit.readMsr(msr)).isEqualTo(value);
  }

  @Test
  void countsUnknownRegisters() {
    TestMachine m = new TestMachine("intel");

    assertThatThrownBy(() -> m.unit.readMsr(0x4444)).isInstanceOf(GuestFault.class);
    refused(m, 0x4444, 0);

    assertThat(m.unit.unknownMsrs()).containsEntry(0x4444, 2L);
  }

  @Test
  void takesCanonicalAddressesOnly() {
    TestMachine m = new TestMachine("intel").long64(0);

    for (int msr : new int[] {0xC000_0082, 0xC000_0083, 0xC000_0100, 0xC000_0101, 0xC000_0102}) {
      kept(m, msr, 0xFFFF_8000_0000_0000L);
      refused(m, msr, 0x8000_0000_0000L);
    }
    assertThat(State.base(m.s, Segment.GS)).isEqualTo(0xFFFF_8000_0000_0000L);
  }

  @Test
  void movesTheTscByWritesAndAdjustments() {
    TestMachine m = new TestMachine("intel");
    m.clock.advanceNanos(1000);
    assertThat(m.unit.readMsr(0x10)).isEqualTo(1000);

    m.unit.writeMsr(0x10, 5000);
    assertThat(m.unit.readMsr(0x3B)).isEqualTo(4000);
    m.unit.writeMsr(0x3B, 100);

    assertThat(m.unit.tsc()).isEqualTo(1100);
  }

  @Test
  void checksMemoryTypes() {
    TestMachine m = new TestMachine("amd");

    kept(m, 0x277, 0x0007_0106_0007_0406L);
    refused(m, 0x277, 0x0007_0106_0007_0402L);
    kept(m, 0x2FF, 0xC06);
    refused(m, 0x2FF, 0xC02);
    kept(m, 0x200, 0xC000_0000L);
    refused(m, 0x200, 1L << 48);
    kept(m, 0x201, 0xFFFF_C000_0800L);
    kept(m, 0x26F, 0x0606_0606_0606_0606L);
    refused(m, 0x26F, 0x0206_0606_0606_0606L);
    assertThat(m.unit.readMsr(0xFE) & 0xFF).isEqualTo(8);
  }

  @Test
  void acceptsTheCountersThatAmdStartCodeClears() {
    TestMachine m = new TestMachine("amd");

    for (int n = 0; n < 8; n++) {
      kept(m, 0xC001_0000 + n, 0);
    }
    kept(m, 0xC001_0004, 0x1234);
  }

  @Test
  void locksTheFeatureControl() {
    TestMachine m = new TestMachine("intel");

    kept(m, 0x3A, 4);
    kept(m, 0x3A, 5);
    refused(m, 0x3A, 4);
    refused(new TestMachine("amd"), 0x3A, 4);
  }

  @Test
  void tellsThatNothingSpeculates() {
    TestMachine m = new TestMachine("intel");

    assertThat(m.unit.readMsr(0x10A) & 0x133).isEqualTo(0x133);
    refused(m, 0x10A, 0);
    m.unit.writeMsr(0x49, 1);
  }

  @Test
  void passesX2ApicRegistersOn() {
    assertThat(new TestMachine("intel").unit.readMsr(0x802)).isEqualTo(0x802);
  }

  @Test
  void hidesWhatCpuidHides() {
    refused(new TestMachine("intel", "-RDTSCP", "-RDPID"), 0xC000_0103, 1);
    refused(new TestMachine("intel", "-TSC_ADJUST"), 0x3B, 1);
    refused(new TestMachine("intel", "-XSAVES"), 0xDA0, 0);
  }

  @Test
  void isForLevel0() {
    assertThat(new TestMachine("intel").long64(3).code(0x0F, 0x32).fault()).isEqualTo("#GP(0)");
  }
}
