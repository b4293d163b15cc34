// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import nestor.api.machine.Translation;
import nestor.vcpu.SecondLevel;
import org.junit.jupiter.api.Test;

/** A walk in words, through the guest's tables and EPT. */
class NestedWalkTest {

  private static Lab inGuest() {
    Lab lab = new Lab().on().legal().withEpt().code(0xF4);
    lab.launch();
    return lab;
  }

  private static List<String> levels(Translation way) {
    return way.steps().stream().map(Translation.Step::level).toList();
  }

  @Test
  void eachEntryOfTheGuestIsFoundThroughEptAndThenThePage() {
    Translation way = inGuest().v.mmu.explain(0x5000, false, false, false);

    assertThat(way.fault()).isNull();
    assertThat(way.gpa()).isEqualTo(0x5000);
    List<String> ept = List.of("EPT PML4E", "EPT PDPTE", "EPT PDE", "EPT PTE");
    assertThat(levels(way).subList(0, 5))
        .isEqualTo(List.of(ept.get(0), ept.get(1), ept.get(2), ept.get(3), "PML4E"));
    assertThat(levels(way))
        .containsSubsequence("PML4E", "EPT PTE", "PDPTE", "EPT PTE", "PDE", "EPT PTE");
    assertThat(levels(way)).hasSize(4 * 4 + 3 + 1);
    assertThat(way.steps().getLast().meaning()).isEqualTo("EPT WB, PAT WB: WB");
  }

  @Test
  void theEffectiveTypeFollowsEptIgnorePatAndTheGuestsPat() {
    Lab lab = inGuest();
    long leaf = Lab.L2_RAM + Lab.L2_TABLES + 0x2000;
    lab.put(leaf, 8, lab.at(leaf, 8) | 0x10); // PCD: UC- in the PAT of reset
    assertThat(lab.v.mmu.explain(0x5000, false, false, false).steps().getLast().meaning())
        .isEqualTo("EPT WB, PAT UC-: UC");

    lab.put(Lab.eptEntry(0x5000), 8, Lab.L2_RAM + 0x5000 | 0x77); // ignore-PAT
    assertThat(lab.v.mmu.explain(0x5000, false, false, false).steps().getLast().meaning())
        .isEqualTo("EPT WB, PAT UC-: WB");
  }

  @Test
  void aHoleAndAMalformedEntryOfEptAreNamedWithTheGuestPhysicalAddress() {
    Lab lab = inGuest();
    lab.put(Lab.eptEntry(0x5000), 8, 0);
    assertThat(lab.v.mmu.explain(0x5010, false, false, false).fault())
        .isEqualTo("EPT violation: EPT PTE not present, for gpa 5010");
    lab.put(Lab.eptEntry(0x5000), 8, Lab.L2_RAM | 2);
    assertThat(lab.v.mmu.explain(0x5010, false, false, false).fault())
        .isEqualTo("EPT misconfiguration: EPT PTE, for gpa 5010");

    SecondLevel world = new SecondLevel();
    lab.vmx.guestWorld(world);
    Translation way = lab.v.mmu.explainGuestPhysical(world, 0x6010);
    assertThat(way.gpa()).isEqualTo(Lab.L2_RAM + 0x6010);
    assertThat(way.steps().getLast().meaning())
        .contains("rwx WB")
        .contains("4 KiB page at 0x1006000");
  }
}
