// SPDX-License-Identifier: Apache-2.0
package nestor.svm;

import static nestor.svm.VmcbField.*;

/**
 * The groups of fields that software may declare unchanged, by VMCB clean bit (APM vol. 2, "VMCB
 * Clean Field"). Fields that are in none are read at every VMRUN.
 */
enum CleanGroup {
  I(0),
  IOPM(1),
  ASID(2),
  TPR(3),
  NP(4),
  CRX(5),
  DRX(6),
  DT(7),
  SEG(8),
  CR2(9),
  LBR(10);

  private final int bit;

  CleanGroup(int bit) {
    this.bit = bit;
  }

  int mask() {
    return 1 << bit;
  }

  /** {@return the group that a field belongs to, or null} */
  static CleanGroup of(VmcbField field) {
    return switch (field) {
      case INTERCEPT_CR,
          INTERCEPT_DR,
          INTERCEPT_EXCEPTIONS,
          INTERCEPT_3,
          INTERCEPT_4,
          INTERCEPT_5,
          PAUSE_FILTER_THRESHOLD,
          PAUSE_FILTER_COUNT,
          TSC_OFFSET ->
          I;
      case IOPM_BASE_PA, MSRPM_BASE_PA -> IOPM;
      case GUEST_ASID -> ASID;
      case INTERRUPT_CONTROL -> TPR;
      case NESTED_CONTROL, N_CR3, G_PAT -> NP;
      case CR0, CR3, CR4, EFER -> CRX;
      case DR6, DR7 -> DRX;
      case GDTR_LIMIT, GDTR_BASE, IDTR_LIMIT, IDTR_BASE -> DT;
      case CPL -> SEG;
      case CR2 -> CR2;
      case DBGCTL, BR_FROM, BR_TO, LASTEXCPFROM, LASTEXCPTO -> LBR;
      default -> {
        int n = field.ordinal();
        boolean segment = n >= ES_SELECTOR.ordinal() && n <= DS_BASE.ordinal();
        yield segment ? SEG : null;
      }
    };
  }
}
