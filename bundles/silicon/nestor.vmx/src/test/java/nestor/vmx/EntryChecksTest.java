// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

import static nestor.vmx.VmcsField.*;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import nestor.vcpu.State;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every check of VM entry has one legal VMCS that enters, and one that breaks this check alone,
 * which must be refused by it and in the way that its group says.
 */
class EntryChecksTest {

  private static List<Check> rows() {
    List<Check> rows = new ArrayList<>(ControlCheckRows.ROWS);
    rows.addAll(HostCheckRows.ROWS);
    rows.addAll(GuestCheckRows.ROWS);
    return rows;
  }

  static Stream<String> reachable() {
    return rows().stream()
        .map(Check::message)
        .filter(m -> !EntryCheckTable.UNREACHABLE.containsKey(m));
  }

  @ParameterizedTest
  @MethodSource("reachable")
  void aVmcsThatBreaksOneRuleIsRefusedByIt(String message) {
    EntryCheckTable.Case one = EntryCheckTable.CASES.get(message);
    assertThat(one).describedAs("a case for this check").isNotNull();

    Lab legal = new Lab().on().legal().code(0x0F, 0xA2);
    one.setUp().on(legal);
    assertThat(legal.vmx.check()).isEmpty();

    Lab lab = new Lab().on().legal().code(0x0F, 0xA2);
    one.setUp().on(lab);
    one.breaks().on(lab);
    assertThat(lab.vmx.check()).isNotEmpty();
    assertThat(lab.vmx.check().getFirst()).startsWith(message + " (");
    long rsp = lab.gpr(4);
    lab.launch();

    Check row = rows().stream().filter(r -> r.message().equals(message)).findFirst().orElseThrow();
    assertThat(lab.v.system.lastEvent()).contains(message);
    if (ControlCheckRows.ROWS.contains(row)) {
      assertThat(lab.outcome()).isEqualTo("VMfailValid(7)");
      assertThat(lab.gpr(4)).isEqualTo(rsp);
    } else if (HostCheckRows.ROWS.contains(row)) {
      assertThat(lab.outcome()).isEqualTo("VMfailValid(8)");
    } else {
      assertThat(lab.x.get(EXIT_REASON)).isEqualTo(0x8000_0021L);
      assertThat(lab.x.get(EXIT_QUALIFICATION)).isEqualTo(row.qualification());
      assertThat(lab.get(State.RIP)).isEqualTo(Lab.L1_EXIT);
    }
  }

  @Test
  void theLegalVmcsEnters() {
    Lab lab = new Lab().on().legal().code(0x0F, 0xA2);
    assertThat(lab.vmx.check()).isEmpty();
    lab.launch();
    assertThat(lab.v.intercepts.guest).isTrue();
  }

  @Test
  void everyCheckIsCoveredOrSaysWhyItCannotBe() {
    List<String> checks = rows().stream().map(Check::message).toList();
    List<String> missing =
        checks.stream()
            .filter(m -> !EntryCheckTable.CASES.containsKey(m))
            .filter(m -> !EntryCheckTable.UNREACHABLE.containsKey(m))
            .toList();

    System.out.printf(
        "VM-entry checks: %d, covered: %d, missing: %d, not to be broken alone: %d%n",
        checks.size(),
        checks.stream().filter(EntryCheckTable.CASES::containsKey).count(),
        missing.size(),
        EntryCheckTable.UNREACHABLE.size());
    assertThat(missing).isEmpty();
    assertThat(checks).doesNotHaveDuplicates();
    assertThat(checks).containsAll(EntryCheckTable.CASES.keySet());
    assertThat(checks).containsAll(EntryCheckTable.UNREACHABLE.keySet());
  }
}
