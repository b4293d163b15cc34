// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import static nestor.cpu.TestMachine.CODE;
import static nestor.cpu.TestMachine.CODE0;
import static nestor.cpu.TestMachine.STACK;
import static nestor.cpu.TestMachine.STACK0;
import static nestor.cpu.TestMachine.TSS;
import static org.assertj.core.api.Assertions.assertThat;

import nestor.vcpu.Flags;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Virtual-8086 mode with and without its extensions (SDM vol. 3B, "8086 Emulation"). */
class Virtual8086Test {
  private static final int MAP = 0x88;
  private static final int HANDLER = 0xA000;

  /** A task at 0000:CODE with vectors in the IVT and in the IDT, and a redirection bitmap. */
  private static TestMachine task(int iopl, boolean vme, long moreFlags) {
    TestMachine m = new TestMachine("intel").protected32(0);
    m.set(State.CR4, vme ? 1 : 0);
    m.put(TSS + 0x66, 2, MAP);
    for (int vector = 0; vector < 256; vector++) {
      m.idt(vector, CODE0, 0x8000, 0xEE);
      m.put(vector * 4L, 4, HANDLER);
    }
    m.set(State.CPL, 3);
    m.flags(Flags.VM | (long) iopl << 12 | moreFlags);
    for (int n = Segment.ES; n <= Segment.GS; n++) {
      State.setSegment(m.s, n, 0, 0, 0xFFFF, SegmentLoads.VIRTUAL_8086);
    }
    m.set(State.CODE_SIZE, 16);
    m.gpr(4, STACK);
    return m;
  }

  /**
   * SDM vol. 3B, table "Software Interrupt Handling Methods While in Virtual-8086 Mode": where INT
   * n goes by CR4.VME, IOPL and the vector's bit in the redirection bitmap.
   */
  @ParameterizedTest
  @CsvSource({
    "false, 3, 0, idt", "false, 3, 1, idt",
    "false, 0, 0, #GP(0)", "false, 0, 1, #GP(0)",
    "true, 3, 0, ivt", "true, 3, 1, idt",
    "true, 0, 0, ivt", "true, 0, 1, #GP(0)",
    "true, 2, 0, ivt", "true, 2, 1, #GP(0)",
  })
  void sendsSoftwareInterruptsWhereTheTableSays(boolean vme, int iopl, int bit, String expected) {
    TestMachine m = task(iopl, vme, 0).code(0xCD, 0x21);
    m.put(TSS + MAP - 32 + 4, 1, bit << 1);

    String fault = m.fault();

    String went = fault;
    if (fault.equals("none")) {
      went = m.rip() == HANDLER && State.virtual8086(m.s) ? "ivt" : "idt";
      assertThat(went.equals("ivt") ? STACK - 6 : STACK0 - 36).isEqualTo((int) m.gpr(4));
    }
    assertThat(went).isEqualTo(expected);
  }

  @Test
  void showsTheVirtualInterruptFlagToARedirectedHandler() {
    TestMachine m = task(0, true, Flags.VIF).code(0xCD, 0x10);

    m.step();

    assertThat(m.stack(0, 2)).isEqualTo(CODE + 2);
    assertThat(m.stack(2, 2) & (Flags.IF | Flags.IOPL)).isEqualTo(Flags.IF | Flags.IOPL);
    assertThat(m.get(State.RFLAGS) & (Flags.VIF | Flags.IOPL)).isZero();
  }

  @Test
  void clearsIfForARedirectedHandlerAtIopl3() {
    TestMachine m = task(3, true, Flags.IF | Flags.TF).code(0xCD, 0x10);

    m.step();

    assertThat(m.stack(2, 2) & Flags.IF).isNotZero();
    assertThat(m.get(State.RFLAGS) & (Flags.IF | Flags.TF)).isZero();
  }

  /**
   * SDM vol. 2, "IRET/IRETD/IRETQ", RETURN-FROM-VIRTUAL-8086-MODE: what the popped flags do below
   * IOPL 3.
   */
  @ParameterizedTest
  @CsvSource({
    "false, CF, 0000, false, #GP(0)",
    "true, CF, 0000, false, clear",
    "true, CF, 0200, false, set",
    "true, CF, 0200, true, #GP(0)",
    "true, CF, 0000, true, clear",
    "true, CF, 0100, false, #GP(0)",
    "true, 66, 0000, false, #GP(0)",
  })
  void returnsBelowIopl3WithExtensionsOnly(
      boolean vme, String opcode, String popped, boolean pending, String expected) {
    TestMachine m = task(0, vme, pending ? Flags.VIP : 0);
    m.code(Integer.parseInt(opcode, 16), 0xCF);
    m.push(2, Integer.parseInt(popped, 16), 0, 0x9000);

    String fault = m.fault();

    String vif = (m.get(State.RFLAGS) & Flags.VIF) != 0 ? "set" : "clear";
    assertThat(fault.equals("none") ? vif : fault).isEqualTo(expected);
    assertThat(m.get(State.RFLAGS) & Flags.IF).isZero();
  }

  /** SDM vol. 2, "CLI" and "STI", tables of the flags' action. */
  @ParameterizedTest
  @CsvSource({
    "true, FA, false, clear", "true, FB, false, set", "true, FB, true, #GP(0)",
    "true, FA, true, clear", "false, FA, false, #GP(0)", "false, FB, false, #GP(0)",
  })
  void movesTheVirtualInterruptFlag(boolean vme, String opcode, boolean pending, String expected) {
    boolean sets = opcode.equals("FB");
    TestMachine m = task(0, vme, (pending ? Flags.VIP : 0) | (sets ? 0 : Flags.VIF));
    m.code(Integer.parseInt(opcode, 16));

    String fault = m.fault();

    String vif = (m.get(State.RFLAGS) & Flags.VIF) != 0 ? "set" : "clear";
    assertThat(fault.equals("none") ? vif : fault).isEqualTo(expected);
  }

  /** SDM vol. 2, "CLI": protected mode with CR4.PVI, at CPL 3 alone. */
  @Test
  void hasVirtualInterruptsInProtectedMode() {
    TestMachine m = new TestMachine("intel").protected32(3).code(0xFB);
    assertThat(m.fault()).isEqualTo("#GP(0)");
    m.set(State.CR4, 2);

    assertThat(m.fault()).isEqualTo("none");

    assertThat(m.get(State.RFLAGS) & (Flags.VIF | Flags.IF)).isEqualTo(Flags.VIF);
  }

  /** SDM vol. 3B, "Sensitive Instructions": INT3 and INTO do not look at IOPL. */
  @Test
  void deliversBreakpointsAtAnyIopl() {
    TestMachine m = task(0, false, 0).code(0xCC);

    m.step();

    assertThat(m.rip()).isEqualTo(0x8000);
    assertThat(m.get(State.CPL)).isZero();
    assertThat(m.at(STACK0 - 28, 4) & Flags.VM).isNotZero();
  }
}
