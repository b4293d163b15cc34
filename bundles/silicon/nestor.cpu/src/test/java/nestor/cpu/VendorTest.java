// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import nestor.vcpu.GuestFault;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where Intel and AMD, or models of one of them, differ in what an instruction does. */
class VendorTest {
  private static final int HIGH = 0x1_7000;

  private static TestMachine at(String model, long rip, int... code) {
    TestMachine m = new TestMachine(model).long64(0);
    m.set(State.RIP, rip);
    return m.code(code);
  }

  /**
   * SDM vol. 2, "JMP" and "CALL": 66h changes nothing in 64-bit mode. APM vol. 1, "Near Branches in
   * 64-Bit Mode": it makes them 16 bits wide.
   */
  @ParameterizedTest
  @CsvSource({
    "JMP rel, intel, 66 E9 10 00 00 00, 17016, 0",
    "JMP rel, amd, 66 E9 10 00, 7014, 0",
    "CALL rel, intel, 66 E8 10 00 00 00, 17016, 8",
    "CALL rel, amd, 66 E8 10 00, 7014, 2",
    "CALL r/m, intel, 66 FF D0, 12345, 8",
    "CALL r/m, amd, 66 FF D0, 2345, 2",
    "JE rel8, intel, 66 74 10, 17013, 0",
    "JE rel8, amd, 66 74 10, 7013, 0",
    "REX.W JMP, amd, 66 48 E9 10 00 00 00, 17017, 0",
  })
  void cutsNearBranchesWith66hOnAmd(
      String name, String model, String bytes, String target, int pushed) {
    String[] words = bytes.split(" ", -1);
    int[] code = new int[words.length];
    for (int n = 0; n < code.length; n++) {
      code[n] = Integer.parseInt(words[n], 16);
    }
    TestMachine m = at(model, HIGH, code);
    m.gpr(0, 0x12345);
    m.flags(0x40);
    long sp = m.gpr(4);

    m.step();

    assertThat(Long.toHexString(m.rip())).as(name).isEqualTo(target);
    assertThat(sp - m.gpr(4)).isEqualTo(pushed);
  }

  /** SDM vol. 2, "CALL", and APM vol. 3, "CALL (Far)": the offset in memory with REX.W. */
  @ParameterizedTest
  @CsvSource({"intel, 8", "amd, 4"})
  void takesFarPointersOf64BitsOnIntelOnly(String model, int offsetBytes) {
    TestMachine m = at(model, TestMachine.CODE, 0x48, 0xFF, 0x1B);
    m.gpr(3, 0x4000);
    m.put(0x4000, 8, 0x9000);
    m.put(0x4000 + offsetBytes, 2, TestMachine.CODE64);

    m.step();

    assertThat(m.rip()).isEqualTo(0x9000);
    assertThat(m.stack(0, 8)).isEqualTo(TestMachine.CODE + 3);
    assertThat(m.stack(1, 8)).isEqualTo(TestMachine.CODE64);
  }

  /**
   * Registers take what the widest paging mode of the model could address: 57 bits with LA57, also
   * while CR4.LA57 is clear.
   */
  @ParameterizedTest
  @CsvSource({
    "C0000100",
    "C0000101",
    "C0000102",
    "C0000082",
    "C0000083",
    "175",
    "176",
  })
  void checksAddressesInMsrs(String number) {
    int msr = Integer.parseUnsignedInt(number, 16);
    TestMachine wide = new TestMachine("max-intel").long64(0);
    TestMachine narrow = new TestMachine("intel").long64(0);
    long low = 0x7FFF_FFFF_FFFFL;
    long middle = 0xFF_FFFF_FFFF_FFFFL;

    wide.unit.writeMsr(msr, middle);
    narrow.unit.writeMsr(msr, low);
    narrow.unit.writeMsr(msr, ~low);

    assertThat(wide.unit.readMsr(msr)).isEqualTo(middle);
    assertThatThrownBy(() -> wide.unit.writeMsr(msr, middle + 1)).isInstanceOf(GuestFault.class);
    assertThatThrownBy(() -> narrow.unit.writeMsr(msr, low + 1)).isInstanceOf(GuestFault.class);
    assertThatThrownBy(() -> narrow.unit.writeMsr(msr, middle)).isInstanceOf(GuestFault.class);
  }

  /** SDM vol. 3A, "Fixed Range MTRRs"; APM vol. 2, "Extended Fixed-Range MTRR Type-Field". */
  @Test
  void takesExtendedTypesInFixedMtrrsOnAmdOnly() {
    long types = 0x1E1E_1E1E_1E1E_1E1EL;
    new TestMachine("amd").unit.writeMsr(0x250, types);

    TestMachine intel = new TestMachine("intel");
    assertThatThrownBy(() -> intel.unit.writeMsr(0x250, types)).isInstanceOf(GuestFault.class);
    intel.unit.writeMsr(0x250, 0x0606_0606_0606_0606L);
  }

  /** SDM vol. 3A, "Local APIC Status and Location". */
  @Test
  void refusesApicBasesBeyondThePhysicalAddresses() {
    TestMachine m = new TestMachine("intel").long64(0);
    long base = m.unit.readMsr(0x1B);

    assertThatThrownBy(() -> m.unit.writeMsr(0x1B, base | 1L << 46)).isInstanceOf(GuestFault.class);
    TestMachine old = new TestMachine("intel", "-X2APIC").long64(0);
    assertThatThrownBy(() -> old.unit.writeMsr(0x1B, base | 1 << 10))
        .isInstanceOf(GuestFault.class);
  }

  /** SDM vol. 3B, "IA32_MCi_CTL MSRs"; APM vol. 2, "Machine Check Architecture". */
  @Test
  void guardsTheMachineCheckBanks() {
    TestMachine m = new TestMachine("amd").long64(0);

    m.unit.writeMsr(0x400, -1);
    m.unit.writeMsr(0x402, 0x1234);
    assertThat(m.unit.readMsr(0x402)).isEqualTo(0x1234);
    assertThatThrownBy(() -> m.unit.writeMsr(0x400, 0x55)).isInstanceOf(GuestFault.class);
    assertThatThrownBy(() -> m.unit.writeMsr(0x401, 1)).isInstanceOf(GuestFault.class);
    m.unit.writeMsr(0xC001_0015, m.unit.readMsr(0xC001_0015) | 1 << 18);
    m.unit.writeMsr(0x401, 1);
  }

  /**
   * SDM vol. 3A, "IA-32e Mode System Segment Descriptors", has no 16-bit TSS on the way to long
   * mode; the APM's "Long-Mode Consistency Checks" do not ask for TR.
   */
  @ParameterizedTest
  @CsvSource({"intel, 3, false", "intel, 11, true", "amd, 3, true", "amd, 11, true"})
  void entersLongModeWithA16BitTssOnAmdOnly(String model, int type, boolean legal) {
    TestMachine m = new TestMachine(model).protected32(0);
    State.setSegment(m.s, Segment.TR, 0, 0, 0xFFFF, 0x80 | type);
    m.set(State.CR4, m.get(State.CR4) | ControlRegisters.PAE);
    m.set(State.EFER, ControlRegisters.EFER_LME);

    m.code(0x0F, 0x22, 0xC0); // MOV CR0, EAX
    m.gpr(0, 0x8000_0011L);

    m.step();

    assertThat((m.get(State.EFER) & ControlRegisters.EFER_LMA) != 0).isEqualTo(legal);
  }
}
