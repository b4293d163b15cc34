// SPDX-License-Identifier: Apache-2.0
package nestor.svm;

import static nestor.svm.VmcbField.*;
import static org.assertj.core.api.Assertions.assertThat;

import nestor.testkit.VmRecorder;
import org.junit.jupiter.api.Test;

/** What an observer hears of SVM. */
class EventStreamTest {
  private static final String ADDRESS = Long.toHexString(Lab.VMCB);

  private final VmRecorder recorder = new VmRecorder();
  private final Lab lab = new Lab().legal().code(0xF4);

  @Test
  void hearsAnEntryItsInjectionAndItsExit() {
    lab.field(EVENTINJ, 0x18_8000_0B0DL).field(INTERCEPT_EXCEPTIONS, 1 << 8);
    lab.field(IDTR_LIMIT, 0).field(TLB_CONTROL, 1);
    lab.svm.observe(recorder);

    lab.go();

    assertThat(recorder.lines())
        .containsExactly(
            "L1 invalidate TLB_CONTROL 1 1 0x0 at 0x18000",
            "L2 entry 0x" + ADDRESS + " at 0x8000",
            "L2 inject #GP, error code 24 at 0x8000",
            "L2 exit EXCP8 at 0x8000");
  }

  @Test
  void hearsWhichRuleMadeAnEntryInvalid() {
    lab.field(GUEST_ASID, 0);
    lab.svm.observe(recorder);

    lab.go();

    assertThat(recorder.lines())
        .containsExactly(
            "L2 refused ASID is 0 (APM vol. 2, \"Canonicalization and Consistency Checks\")"
                + " at 0x18000",
            "L2 exit INVALID at 0x18000");
  }

  @Test
  void hearsInvalidationsOfL1() {
    lab.svm.observe(recorder);
    lab.gpr(1, 5);
    lab.gpr(0, 0x3000);
    lab.execute(0x0F, 0x01, 0xDF); // INVLPGA

    assertThat(recorder.lines()).containsExactly("L1 invalidate INVLPGA 5 0x3000 at 0x18000");
  }

  @Test
  void fieldsAreToldWithTheirBitsInWords() {
    assertThat(lab.svm.fields())
        .anyMatch(f -> f.name().equals("intercept_3") && f.meaning().equals("HLT SHUTDOWN"))
        .anyMatch(f -> f.name().equals("efer") && f.meaning().equals("SCE LME LMA NXE SVME"))
        .anyMatch(f -> f.name().equals("cs_attributes") && f.meaning().contains("P L G"));
  }
}
