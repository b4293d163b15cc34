// SPDX-License-Identifier: Apache-2.0
package nestor.svm;

import static nestor.svm.VmcbField.*;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** VMCB clean bits: what is declared clean is not read again (APM vol. 2, "VMCB State Caching"). */
class CleanBitsTest {

  static Stream<VmcbField> cached() {
    return Arrays.stream(VmcbField.values()).filter(field -> CleanGroup.of(field) != null);
  }

  @ParameterizedTest
  @MethodSource("cached")
  void aFieldIsReadAgainUnlessItsBitIsSet(VmcbField field) {
    Lab lab = new Lab().legal();
    int mask = CleanGroup.of(field).mask();
    lab.x.vmcb.open(Lab.VMCB, true);
    long before = lab.x.get(field);
    long changed = before ^ 1;

    lab.field(field, changed).field(CLEAN_BITS, mask);
    assertThat(lab.x.vmcb.open(Lab.VMCB, true)).isEqualTo(field);
    assertThat(lab.x.get(field)).isEqualTo(before);

    lab.field(CLEAN_BITS, ~mask & 0x7FF);
    assertThat(lab.x.vmcb.open(Lab.VMCB, true)).isNull();
    assertThat(lab.x.get(field)).isEqualTo(changed);
  }

  @ParameterizedTest
  @EnumSource(CleanGroup.class)
  void aBitSaysNothingAboutAnotherVmcb(CleanGroup group) {
    Lab lab = new Lab().legal();
    lab.x.vmcb.open(Lab.VMCB, true);
    lab.put(0x2_9000 + CLEAN_BITS.offset, 4, group.mask());
    cached()
        .filter(field -> CleanGroup.of(field) == group)
        .forEach(field -> lab.put(0x2_9000 + field.offset, field.bytes, 7));

    assertThat(lab.x.vmcb.open(0x2_9000, true)).isNull();
    cached()
        .filter(field -> CleanGroup.of(field) == group)
        .forEach(field -> assertThat(lab.x.get(field)).isEqualTo(7));
  }

  @Test
  void fieldsOutsideAllGroupsAreAlwaysRead() {
    for (VmcbField field :
        new VmcbField[] {VmcbField.RIP, RSP, RAX, RFLAGS, EVENTINJ, TLB_CONTROL}) {
      assertThat(CleanGroup.of(field)).describedAs(field.name()).isNull();
    }
  }

  private static Lab ranTwice(long clean) {
    Lab lab = new Lab().legal().code(0x0F, 0x20, 0xD2, 0xF4); // mov rdx, cr2
    lab.field(VmcbField.CR2, 0x1000);
    lab.go();
    lab.field(VmcbField.CR2, 0x2000).field(RIP, Lab.L2_CODE).field(CLEAN_BITS, clean);
    lab.go();
    return lab;
  }

  @Test
  void aGuestRunsOnWithWhatWasDeclaredCleanAndThatIsTold() {
    Lab stale = ranTwice(CleanGroup.CR2.mask());
    assertThat(stale.gpr(2)).isEqualTo(0x1000);
    assertThat(stale.svm.counters()).containsEntry("entries.suspicious", 1L);
    assertThat(stale.v.system.lastEvent()).contains("CR2 changed under clean bit CR2");

    Lab read = ranTwice(0);
    assertThat(read.gpr(2)).isEqualTo(0x2000);
    assertThat(read.svm.counters()).doesNotContainKey("entries.suspicious");
  }

  @Test
  void withoutTheCapabilityTheBitsMeanNothing() {
    Lab lab = new Lab("VMCB_CLEAN").legal().code(0x0F, 0x20, 0xD2, 0xF4);
    lab.field(VmcbField.CR2, 0x1000);
    lab.go();
    lab.field(VmcbField.CR2, 0x2000).field(RIP, Lab.L2_CODE).field(CLEAN_BITS, 0x7FF);
    lab.go();
    assertThat(lab.gpr(2)).isEqualTo(0x2000);
  }

  /** What #VMEXIT writes is the copy too: the guest goes on where it was with all groups clean. */
  @Test
  void aGuestGoesOnWithAllGroupsClean() {
    Lab lab = new Lab().legal().or(INTERCEPT_3, Vectors.Third.CPUID);
    lab.code(0x0F, 0x22, 0xD1, 0x0F, 0xA2, 0x0F, 0x20, 0xD2, 0xF4); // mov cr2, rcx; cpuid; mov
    lab.gpr(1, 0x7777);
    assertThat(lab.go()).isEqualTo(ExitCode.CPUID);
    lab.field(RIP, lab.field(NRIP)).field(CLEAN_BITS, 0x7FF);

    assertThat(lab.go()).isEqualTo(ExitCode.HLT);
    assertThat(lab.gpr(2)).isEqualTo(0x7777);
    assertThat(lab.svm.counters()).doesNotContainKey("entries.suspicious");
  }
}
