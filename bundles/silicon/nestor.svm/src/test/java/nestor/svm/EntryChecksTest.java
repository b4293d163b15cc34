// SPDX-License-Identifier: Apache-2.0
package nestor.svm;

import static nestor.svm.VmcbField.*;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import nestor.svm.Vectors.Third;
import nestor.vcpu.State;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every check of VMRUN has one legal VMCB that enters, and one that breaks this check alone, which
 * must be refused by it with VMEXIT_INVALID.
 */
class EntryChecksTest {
  private static final long LIMIT = 1L << 48;

  private interface Change {
    void on(Lab lab);
  }

  /** How to make a VMCB about a rule: what is set up legally, then what breaks it. */
  private record Case(Change setUp, Change breaks) {}

  private static final Map<String, Case> CASES = new LinkedHashMap<>();

  private static void breaks(String message, Change breaks) {
    CASES.put(message, new Case(lab -> {}, breaks));
  }

  private static void with(String message, Change setUp, Change breaks) {
    CASES.put(message, new Case(setUp, breaks));
  }

  static {
    breaks("EFER.SVME is 0", lab -> lab.without(EFER, 1 << 12));
    with(
        "CR0.NW is set and CR0.CD is not",
        lab -> lab.or(CR0, 3 << 29),
        lab -> lab.without(CR0, 1 << 30));
    breaks("CR0 has bits 63:32", lab -> lab.or(CR0, 1L << 32));
    breaks("CR3 has reserved bits", lab -> lab.or(CR3, 1L << 48));
    breaks("CR4 has reserved bits", lab -> lab.or(CR4, 1 << 13));
    breaks("DR6 has bits 63:32", lab -> lab.or(DR6, 1L << 32));
    breaks("DR7 has bits 63:32", lab -> lab.or(DR7, 1L << 63));
    breaks("EFER has reserved bits", lab -> lab.or(EFER, 1 << 9));
    breaks("long mode with paging but without CR4.PAE", lab -> lab.without(CR4, 0x20));
    breaks("long mode with paging but without CR0.PE", lab -> lab.without(CR0, 1));
    breaks("long mode with CS.L and CS.D", lab -> lab.or(CS_ATTRIBUTES, 1 << 10));
    breaks("VMRUN is not intercepted", lab -> lab.field(INTERCEPT_4, 0));
    with(
        "I/O permission map beyond physical memory",
        lab -> lab.or(INTERCEPT_3, Third.IOIO_PROT).field(IOPM_BASE_PA, LIMIT - 0x3000),
        lab -> lab.field(IOPM_BASE_PA, LIMIT - 0x2000));
    with(
        "MSR permission map beyond physical memory",
        lab -> lab.or(INTERCEPT_3, Third.MSR_PROT).field(MSRPM_BASE_PA, LIMIT - 0x3000),
        lab -> lab.field(MSRPM_BASE_PA, LIMIT - 0x2000));
    breaks("ASID is 0", lab -> lab.field(GUEST_ASID, 0));
    with(
        "ASID is beyond the number of ASIDs",
        lab -> lab.field(GUEST_ASID, 0x7FFF),
        lab -> lab.field(GUEST_ASID, 0x8000));
    with(
        "reserved type of event",
        lab -> lab.field(EVENTINJ, 0x0000_0500L),
        lab -> lab.field(EVENTINJ, 0x8000_0500L));
    with(
        "exception whose vector is not an exception",
        lab -> lab.field(EVENTINJ, 0x8000_0306L).handler(6, Lab.L2_CODE + 0x100),
        lab -> lab.field(EVENTINJ, 0x8000_0302L));
    breaks(
        "nested paging while the host's paging is off",
        lab -> {
          lab.nested();
          lab.set(State.CR0, 0x11);
        });
    with(
        "nCR3 has reserved bits",
        Lab::nested,
        lab -> lab.field(N_CR3, Lab.NESTED_TABLES | 1L << 60));
    with("G_PAT has an unknown type", Lab::nested, lab -> lab.field(G_PAT, 2));
    with(
        "virtual NMIs without the NMI intercept",
        lab -> lab.or(INTERCEPT_3, Third.NMI).field(INTERRUPT_CONTROL, Svm.V_NMI_ENABLE),
        lab -> lab.without(INTERCEPT_3, Third.NMI));
  }

  static Stream<String> rows() {
    return CheckRows.ROWS.stream().map(Check::message);
  }

  @ParameterizedTest
  @MethodSource("rows")
  void aVmcbThatBreaksOneRuleIsRefusedByIt(String message) {
    Case one = CASES.get(message);
    assertThat(one).describedAs("a case for this check").isNotNull();

    Lab legal = new Lab().legal();
    one.setUp.on(legal);
    legal.code(0xF4);
    assertThat(legal.svm.check()).isEmpty();
    assertThat(legal.go()).isEqualTo(ExitCode.HLT);

    Lab lab = new Lab().legal().code(0xF4);
    one.setUp.on(lab);
    long rip = lab.field(RIP);
    one.breaks.on(lab);
    assertThat(lab.svm.check()).hasSize(1);
    assertThat(lab.svm.check().getFirst()).startsWith(message + " (");
    if (lab.get(State.CR0) != 0x11) { // else L1's own code is no longer where it was
      lab.vmrun();
      assertThat(lab.v.system.lastEvent()).contains(message);
      assertThat(lab.field(EXITCODE)).isEqualTo(-1);
      assertThat(lab.field(RIP)).isEqualTo(rip);
      assertThat(lab.get(State.RIP)).isEqualTo(Lab.L1_CODE + 3);
      assertThat(lab.v.intercepts.guest).isFalse();
    }
  }

  @Test
  void cr3HasReservedBitsInLegacyModesToo() {
    for (long cr0 : new long[] {0x11, 0x8000_0011L}) {
      Lab lab = new Lab().legal().field(EFER, 1 << 12).field(CR0, cr0).or(CR3, LIMIT);
      assertThat(lab.svm.check()).hasSize(1).first().asString().startsWith("CR3 has reserved");
    }
  }

  @Test
  void theNumberOfChecksIsTheNumberOfCases() {
    List<String> missing = rows().filter(row -> !CASES.containsKey(row)).toList();
    System.out.printf(
        "SVM VMRUN checks: %d rows, %d covered, missing %s%n",
        CheckRows.ROWS.size(), CASES.size(), missing.isEmpty() ? "none" : missing);
    assertThat(CASES.keySet()).containsExactlyInAnyOrderElementsOf(rows().toList());
  }
}
