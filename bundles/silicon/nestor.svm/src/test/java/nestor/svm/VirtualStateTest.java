// SPDX-License-Identifier: Apache-2.0
package nestor.svm;

import static nestor.svm.VmcbField.*;
import static org.assertj.core.api.Assertions.assertThat;

import nestor.svm.Vectors.Fourth;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import org.junit.jupiter.api.Test;

/**
 * State that a guest has for itself: branch records, and VMLOAD and VMSAVE by its own addresses.
 */
class VirtualStateTest {
  private static final int DEBUGCTL = 0x1D9;
  private static final int BRANCH_FROM = 0x1DB;

  /** The guest branches over two bytes, reads a number, and halts. */
  private static final int[] BRANCH = {0x90, 0xEB, 0x02, 0x90, 0x90, 0xF4};

  private static Lab hostRecords() {
    Lab lab = new Lab().legal().code(BRANCH);
    for (int n = 0; n < 4; n++) {
      lab.set(State.BRANCH_RECORDS + 8 * n, 0x100 + n);
    }
    return lab;
  }

  @Test
  void aGuestHasBranchRecordsOfItsOwn() {
    Lab lab = hostRecords().field(VIRTUALIZATION_CONTROL, Svm.LBR_ENABLE).field(DBGCTL, 1);
    lab.field(LASTEXCPFROM, 0x55).field(LASTEXCPTO, 0x66);

    assertThat(lab.go()).isEqualTo(ExitCode.HLT);
    assertThat(lab.field(BR_FROM)).isEqualTo(Lab.L2_CODE + 1);
    assertThat(lab.field(BR_TO)).isEqualTo(Lab.L2_CODE + 5);
    assertThat(lab.field(LASTEXCPFROM)).isEqualTo(0x55);
    assertThat(lab.field(LASTEXCPTO)).isEqualTo(0x66);
    assertThat(lab.field(DBGCTL)).isEqualTo(1);
    assertThat(lab.v.system.readMsr(DEBUGCTL)).isZero();
    for (int n = 0; n < 4; n++) {
      assertThat(lab.v.system.readMsr(BRANCH_FROM + n)).isEqualTo(0x100 + n);
    }
  }

  @Test
  void withoutTheBitRecordsGoOnAcrossEntryAndExit() {
    Lab lab = hostRecords().field(DBGCTL, 0);
    lab.v.system.writeMsr(DEBUGCTL, 1);

    assertThat(lab.go()).isEqualTo(ExitCode.HLT);
    assertThat(lab.v.system.readMsr(DEBUGCTL)).isEqualTo(1);
    assertThat(lab.v.system.readMsr(BRANCH_FROM)).isEqualTo(Lab.L2_CODE + 1);
    assertThat(lab.v.system.readMsr(BRANCH_FROM + 1)).isEqualTo(Lab.L2_CODE + 5);
    assertThat(lab.field(BR_FROM)).isZero();
  }

  @Test
  void withoutTheCapabilityTheBitIsIgnored() {
    Lab lab = new Lab("LBRV").legal().code(BRANCH);
    lab.field(VIRTUALIZATION_CONTROL, Svm.LBR_ENABLE).field(DBGCTL, 1);

    assertThat(lab.go()).isEqualTo(ExitCode.HLT);
    assertThat(lab.field(BR_FROM)).isZero();
  }

  @Test
  void vmloadAndVmrunMakeBasesCanonical() {
    Lab lab = new Lab().legal().field(FS_BASE, 0xAAAA_8000_0000_0000L);
    lab.field(KERNEL_GS_BASE, 0xAAAA_0000_0000_1000L);
    lab.gpr(0, Lab.VMCB);
    lab.execute(0x0F, 0x01, 0xDA);
    assertThat(State.base(lab.s, Segment.FS)).isEqualTo(0xFFFF_8000_0000_0000L);
    assertThat(lab.get(State.KERNEL_GS_BASE)).isEqualTo(0x1000);

    Lab run = new Lab().legal().code(0xF4).field(IDTR_BASE, 0xAAAA_0000_0000_9000L);
    assertThat(run.go()).isEqualTo(ExitCode.HLT);
    assertThat(run.field(IDTR_BASE)).isEqualTo(0x9000);
  }

  /** A 32-bit guest with PAE under nested paging, with one PDPTE as given. */
  private static Lab pae(int index, long bits) {
    Lab lab = new Lab().legal().nested().code(0xF4).field(INTERCEPT_EXCEPTIONS, 1 << 14);
    lab.field(EFER, 1 << 12).field(CS_ATTRIBUTES, 0xC9B).field(CR3, 0xA000);
    lab.put(Lab.L2_RAM + 0xB000, 8, 0x83);
    lab.put(Lab.L2_RAM + 0xA000, 8, 0xB001);
    long entry = Lab.L2_RAM + 0xA000 + 8L * index;
    lab.put(entry, 8, lab.at(entry, 8) | 1 | bits);
    return lab;
  }

  /** APM vol. 2, "Legacy PAE Mode": PDPTEs are walked, so only what is used can be bad. */
  @Test
  void pdptesUnderNestedPagingAreReadByTheWalk() {
    assertThat(pae(0, 0).go()).isEqualTo(ExitCode.HLT);
    assertThat(pae(1, 1L << 52).go()).isEqualTo(ExitCode.HLT);

    Lab used = pae(0, 1L << 52);
    assertThat(used.go()).isEqualTo(ExitCode.EXCEPTION + 14);
    assertThat(used.field(EXITINFO1)).isEqualTo(9);
    assertThat(used.field(EXITINFO2)).isEqualTo(Lab.L2_CODE);
  }

  private static final int[] VMSAVE = {0x0F, 0x01, 0xDB, 0xF4};
  private static final int[] VMLOAD = {0x0F, 0x01, 0xDA, 0xF4};

  private static Lab own(int... code) {
    Lab lab = new Lab().legal().nested().field(RAX, 0x5000).code(code);
    return lab.field(VIRTUALIZATION_CONTROL, Svm.VMLOAD_VMSAVE_ENABLE);
  }

  @Test
  void vmsaveOfAGuestWritesItsOwnMemory() {
    Lab lab = own(VMSAVE);
    lab.set(State.LSTAR, 0x1234);

    assertThat(lab.go()).isEqualTo(ExitCode.HLT);
    assertThat(lab.at(Lab.L2_RAM + 0x5000 + LSTAR.offset, 8)).isEqualTo(0x1234);
    assertThat(lab.at(0x5000 + LSTAR.offset, 8)).isZero();
    assertThat(lab.at(Lab.nestedEntry(0x5000), 8) & 0x60).isEqualTo(0x60);
  }

  @Test
  void vmloadOfAGuestReadsItsOwnMemory() {
    Lab lab = own(VMLOAD);
    lab.put(Lab.L2_RAM + 0x5000 + LSTAR.offset, 8, 0x4321);

    assertThat(lab.go()).isEqualTo(ExitCode.HLT);
    assertThat(lab.get(State.LSTAR)).isEqualTo(0x4321);
  }

  @Test
  void aMissingPageIsANestedPageFaultOfTheAccess() {
    Lab save = own(VMSAVE);
    save.put(Lab.nestedEntry(0x5000), 8, 0);
    assertThat(save.go()).isEqualTo(ExitCode.NPF);
    assertThat(save.field(EXITINFO1)).isEqualTo(1L << 32 | 6);
    assertThat(save.field(EXITINFO2)).isEqualTo(0x5000);

    Lab load = own(VMLOAD);
    load.put(Lab.nestedEntry(0x5000), 8, 0);
    assertThat(load.go()).isEqualTo(ExitCode.NPF);
    assertThat(load.field(EXITINFO1)).isEqualTo(1L << 32 | 4);
  }

  @Test
  void theInterceptGoesBeforeVirtualVmload() {
    Lab lab = own(VMLOAD).or(INTERCEPT_4, Fourth.VMLOAD);
    assertThat(lab.go()).isEqualTo(ExitCode.VMLOAD);
  }

  @Test
  void withoutTheBitTheAddressIsTheHosts() {
    Lab lab = new Lab().legal().nested().field(RAX, 0x5000).code(VMSAVE);
    lab.set(State.LSTAR, 0x1234);

    assertThat(lab.go()).isEqualTo(ExitCode.HLT);
    assertThat(lab.at(0x5000 + LSTAR.offset, 8)).isEqualTo(0x1234);
  }
}
