// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

import static nestor.vmx.VmcsField.*;
import static org.assertj.core.api.Assertions.assertThat;

import nestor.testkit.VmRecorder;
import org.junit.jupiter.api.Test;

/** What an observer hears of VMX. */
class EventStreamTest {
  private static final String VMCS = Long.toHexString(Lab.VMCS_REGION);

  private final VmRecorder recorder = new VmRecorder();
  private final Lab lab = new Lab().on().legal().code(0xF4);

  @Test
  void hearsAnEntryItsInjectionAndItsExit() {
    lab.field(GUEST_IDTR_LIMIT, 0).field(ENTRY_INTERRUPTION_INFO, 0x8000_0B0DL);
    lab.field(ENTRY_EXCEPTION_ERROR_CODE, 0x18).field(EXCEPTION_BITMAP, 1 << 8);
    lab.vmx.observe(recorder);

    lab.launch();
    lab.run();

    assertThat(recorder.lines())
        .containsExactly(
            "L2 entry 0x" + VMCS + " at 0x8000",
            "L2 inject #GP, error code 24 at 0x8000",
            "L2 exit exception or NMI at 0x8000");
  }

  @Test
  void hearsWhichRuleFailedAnEntry() {
    lab.field(GUEST_RFLAGS, 0);
    lab.vmx.observe(recorder);

    lab.launch();

    assertThat(recorder.lines()).hasSize(2);
    assertThat(recorder.lines().getFirst())
        .startsWith("L2 refused ")
        .contains("(SDM vol. 3C, \"Checks on Guest RIP, RFLAGS, and SSP\")");
    assertThat(recorder.lines().get(1)).startsWith("L2 exit invalid guest state at ");
  }

  @Test
  void hearsWritesAndInvalidationsOfL1() {
    lab.vmx.observe(recorder);
    lab.vmwrite(TSC_OFFSET.encoding(), 7);
    lab.gpr(0, 2);
    lab.gpr(2, Lab.LIST_PAGE);
    lab.execute(0x66, 0x0F, 0x38, 0x80, 0x02); // INVEPT RAX, [RDX]

    assertThat(recorder.lines())
        .containsExactly(
            "L1 write tsc_offset 0x7 at 0x18000", "L1 invalidate INVEPT 2 0x0 at 0x18000");
  }

  @Test
  void fieldsAreToldWithTheirBitsInWords() {
    assertThat(lab.vmx.fields())
        .anyMatch(f -> f.name().equals("guest_rflags") && f.meaning().equals("IOPL=0"))
        .anyMatch(f -> f.name().equals("primary_controls") && f.meaning().contains("HLT exiting"))
        .anyMatch(f -> f.name().equals("guest_cs_access_rights") && f.meaning().contains("P L G"));
    assertThat(lab.vmx.layout()).hasSameSizeAs(lab.vmx.fields());
  }
}
