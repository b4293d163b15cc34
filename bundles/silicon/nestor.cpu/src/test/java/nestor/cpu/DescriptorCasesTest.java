// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import nestor.vcpu.Flags;
import nestor.vcpu.State;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;

/**
 * What each descriptor is good for: loads, transfers and queries by type, DPL, RPL, CPL and mode, a
 * case a line (SDM vol. 3A, "Protection"; vol. 2, tables "Segment and Gate Types" of LAR and LSL).
 */
class DescriptorCasesTest {
  private static final int SLOT = 0x50;
  private static final int TARGET = 0x9000;
  private static final int POINTER = 0x4000;

  @ParameterizedTest(name = "{0} {1} CPL {2} {3}:{4} RPL {5}")
  @CsvFileSource(resources = "descriptors.csv", numLinesToSkip = 3, delimiter = '|')
  void doesWhatTheManualSays(
      String instruction,
      String mode,
      int cpl,
      String access,
      String flags,
      int rpl,
      String expected) {
    for (String model : new String[] {"intel", "amd"}) {
      TestMachine m = new TestMachine(model);
      if (mode.equals("long")) {
        m.long64(cpl);
      } else {
        m.protected32(cpl);
      }
      int granular = Integer.parseInt(flags, 16);
      int type = Integer.parseInt(access, 16);
      m.descriptorAt(SLOT, TestMachine.descriptor(0, 0xFFFFF, type, granular));
      m.put(TestMachine.GDT + SLOT + 8, 8, 0);

      assertThat(outcome(m, instruction, SLOT | rpl)).as(model).isEqualTo(expected);
    }
  }

  private static String outcome(TestMachine m, String instruction, int selector) {
    m.gpr(0, selector);
    m.put(POINTER, 4, TARGET);
    m.put(POINTER + 4, 2, selector);
    m.gpr(3, POINTER);
    int[] code =
        switch (instruction) {
          case "DS" -> new int[] {0x8E, 0xD8};
          case "SS" -> new int[] {0x8E, 0xD0};
          case "JMP" -> new int[] {0xFF, 0x2B};
          case "CALL" -> new int[] {0xFF, 0x1B};
          case "LTR" -> new int[] {0x0F, 0x00, 0xD8};
          case "LLDT" -> new int[] {0x0F, 0x00, 0xD0};
          case "VERR" -> new int[] {0x0F, 0x00, 0xE0};
          case "VERW" -> new int[] {0x0F, 0x00, 0xE8};
          case "LAR" -> new int[] {0x0F, 0x02, 0xC8};
          case "LSL" -> new int[] {0x0F, 0x03, 0xC8};
          default -> throw new IllegalArgumentException(instruction);
        };
    m.gpr(1, 0x5555);
    String fault = m.code(code).fault();
    if (!fault.equals("none")) {
      return fault;
    }
    boolean query = instruction.startsWith("VER") || instruction.length() == 3 && code[0] == 0x0F;
    if (query && code[1] != 0x00 || instruction.startsWith("VER")) {
      boolean zero = (Flags.read(m.s) & Flags.ZF) != 0;
      if (!instruction.startsWith("VER")) {
        assertThat(m.gpr(1) == 0x5555).as("destination kept").isEqualTo(!zero);
      }
      return zero ? "ZF" : "no ZF";
    }
    if (instruction.equals("JMP") || instruction.equals("CALL")) {
      assertThat(m.get(State.NEXT_RIP)).isEqualTo(TARGET);
    }
    return "none";
  }
}
