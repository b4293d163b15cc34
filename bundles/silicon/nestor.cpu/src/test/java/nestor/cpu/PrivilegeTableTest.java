// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import nestor.vcpu.Flags;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;

/**
 * Which system instruction meets which fault in which mode: the exception lists of SDM vol. 2 and
 * APM vol. 3, one line an instruction.
 */
class PrivilegeTableTest {
  private static final long CR4_OSXSAVE = 1 << 18;

  @ParameterizedTest(name = "{0}")
  @CsvFileSource(resources = "privileges.csv", numLinesToSkip = 3, delimiter = '|')
  void faultsByModeAsTheManualsList(
      String name,
      String bytes,
      String real,
      String virtual,
      String protected3,
      String long0,
      String long3Intel,
      String long3Amd) {
    assertThat(outcome("intel", "real", bytes)).as("real").isEqualTo(real);
    assertThat(outcome("intel", "v86", bytes)).as("v86").isEqualTo(virtual);
    assertThat(outcome("intel", "protected3", bytes)).as("protected 3").isEqualTo(protected3);
    assertThat(outcome("intel", "long0", bytes)).as("long 0").isEqualTo(long0);
    assertThat(outcome("intel", "long3", bytes)).as("long 3, Intel").isEqualTo(long3Intel);
    assertThat(outcome("amd", "long3", bytes)).as("long 3, AMD").isEqualTo(long3Amd);
  }

  private static String outcome(String model, String mode, String bytes) {
    TestMachine m = new TestMachine(model);
    switch (mode) {
      case "real" -> m.real();
      case "v86" -> virtual(m);
      case "protected3" -> m.protected32(3);
      case "long0" -> m.long64(0);
      default -> m.long64(3);
    }
    m.set(State.CR4, m.get(State.CR4) | CR4_OSXSAVE);
    m.set(State.EFER, m.get(State.EFER) | 1);
    m.gpr(0, 3);
    m.gpr(1, 0);
    m.gpr(2, 0);
    m.gpr(3, 0x4000);
    String[] words = bytes.strip().split(" +", -1);
    int[] code = new int[words.length];
    for (int n = 0; n < code.length; n++) {
      code[n] = Integer.parseInt(words[n], 16);
    }
    return m.code(code).fault();
  }

  private static void virtual(TestMachine m) {
    m.protected32(0);
    m.set(State.CPL, 3);
    m.flags(Flags.VM);
    for (int n = Segment.ES; n <= Segment.GS; n++) {
      State.setSegment(m.s, n, 0, 0, 0xFFFF, SegmentLoads.VIRTUAL_8086);
    }
    m.set(State.CODE_SIZE, 16);
  }
}
