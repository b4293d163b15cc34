// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

import static nestor.vmx.VmcsField.*;
import static org.assertj.core.api.Assertions.assertThat;

import nestor.vmx.Control.Entry;
import nestor.vmx.Control.Secondary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Task switches always exit (SDM vol. 3C, "Exit Qualification for Task Switches"), once the new
 * TSS's descriptor has been found good.
 */
class TaskSwitchExitsTest {
  private static final long GDT = 0x6000;
  private static final long OLD_TSS = 0x4000;
  private static final int NEW_TSS = 0x18;
  private static final int VECTOR = 0x20;

  /** A guest of 32 bits without paging, with a TSS to switch to. */
  private static Lab guest() {
    Lab lab = new Lab().on().legal().withEpt().secondary(Secondary.UNRESTRICTED_GUEST);
    lab.without(ENTRY_CONTROLS, Entry.IA32E_MODE_GUEST);
    lab.field(GUEST_CR0, 0x31).field(GUEST_CR4, 0x2000);
    lab.field(GUEST_CS_ACCESS_RIGHTS, 0xC09B);
    lab.field(GUEST_GDTR_BASE, GDT).field(GUEST_TR_BASE, OLD_TSS);
    lab.put(Lab.L2_RAM + GDT + 8, 8, 0x00CF_9B00_0000_FFFFL);
    lab.put(Lab.L2_RAM + GDT + 16, 8, 0x00CF_9300_0000_FFFFL);
    lab.put(Lab.L2_RAM + GDT + NEW_TSS, 8, 0x0000_8900_5000_0067L);
    lab.put(Lab.L2_RAM + OLD_TSS, 4, NEW_TSS);
    lab.put(Lab.L2_RAM + Lab.L2_IDT + 8 * VECTOR, 8, 0x0000_8500_0018_0000L);
    return lab;
  }

  @ParameterizedTest
  @CsvSource({
    "CALL, 0, 7, 2, 9A 00 00 00 00 18 00",
    "JMP,  2, 7, 2, EA 00 00 00 00 18 00",
    "IRET, 1, 1, 4002, CF",
    "INT through a task gate, 3, 2, 2, CD 20"
  })
  void aTaskSwitchExitsWithItsSourceAndSelector(
      String name, long source, int length, String flags, String bytes) {
    Lab lab = guest().field(GUEST_RFLAGS, Long.parseLong(flags, 16));
    if (name.equals("IRET")) {
      lab.put(Lab.L2_RAM + GDT + NEW_TSS + 5, 1, 0x8B); // the task that is returned to is busy
    }
    String[] code = bytes.split(" ");
    int[] values = new int[code.length];
    for (int i = 0; i < code.length; i++) {
      values[i] = Integer.parseInt(code[i], 16);
    }
    lab.code(values).launch();

    assertThat(lab.run()).isEqualTo(ExitReason.TASK_SWITCH);
    assertThat(lab.x.get(EXIT_QUALIFICATION)).isEqualTo(source << 30 | NEW_TSS);
    assertThat(lab.x.get(EXIT_INSTRUCTION_LENGTH)).isEqualTo(length);
    assertThat(lab.x.get(GUEST_RIP)).isEqualTo(Lab.L2_CODE);
    assertThat(lab.x.get(IDT_VECTORING_INFO)).isEqualTo(source == 3 ? 0x8000_0400L | VECTOR : 0);
    assertThat(lab.x.get(GUEST_TR_BASE)).as("nothing was switched").isEqualTo(OLD_TSS);
  }

  @Test
  void anExceptionThroughATaskGateTellsOfItselfAndOfNoLength() {
    Lab lab = guest();
    lab.put(Lab.L2_RAM + Lab.L2_IDT + 8 * 6, 8, 0x0000_8500_0018_0000L);
    lab.code(0x0F, 0x0B).launch(); // UD2

    assertThat(lab.run()).isEqualTo(ExitReason.TASK_SWITCH);
    assertThat(lab.x.get(EXIT_QUALIFICATION)).isEqualTo(3L << 30 | NEW_TSS);
    assertThat(lab.x.get(IDT_VECTORING_INFO)).isEqualTo(0x8000_0306L);
    assertThat(lab.x.get(EXIT_INSTRUCTION_LENGTH)).isZero();
  }

  @Test
  void aTssThatIsNotPresentFaultsInsteadOfExiting() {
    Lab lab = guest().field(EXCEPTION_BITMAP, 1 << 11);
    lab.put(Lab.L2_RAM + GDT + NEW_TSS + 5, 1, 0x09);
    lab.code(0xEA, 0, 0, 0, 0, NEW_TSS, 0).launch();

    assertThat(lab.run()).isZero();
    assertThat(lab.x.get(EXIT_INTERRUPTION_INFO)).isEqualTo(0x8000_0B0BL);
    assertThat(lab.x.get(EXIT_INTERRUPTION_ERROR_CODE)).isEqualTo(NEW_TSS);
  }
}
