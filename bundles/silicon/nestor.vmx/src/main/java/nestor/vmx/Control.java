// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

/**
 * The control bits of the VMCS by the manual's names (SDM vol. 3C, "VM-Execution Control Fields",
 * "VM-Exit Control Fields", "VM-Entry Control Fields"), grouped by word.
 */
final class Control {
  private Control() {}

  /** The words. */
  enum Word {
    PIN,
    PRIMARY,
    SECONDARY,
    EXIT,
    ENTRY
  }

  /** Pin-based controls. */
  static final class Pin {
    private Pin() {}

    static final int EXTERNAL_INTERRUPT_EXITING = 1;
    static final int NMI_EXITING = 1 << 3;
    static final int VIRTUAL_NMIS = 1 << 5;
    static final int PREEMPTION_TIMER = 1 << 6;
  }

  /** Primary processor-based controls. */
  static final class Primary {
    private Primary() {}

    static final int INTERRUPT_WINDOW_EXITING = 1 << 2;
    static final int TSC_OFFSETTING = 1 << 3;
    static final int HLT_EXITING = 1 << 7;
    static final int INVLPG_EXITING = 1 << 9;
    static final int MWAIT_EXITING = 1 << 10;
    static final int RDPMC_EXITING = 1 << 11;
    static final int RDTSC_EXITING = 1 << 12;
    static final int CR3_LOAD_EXITING = 1 << 15;
    static final int CR3_STORE_EXITING = 1 << 16;
    static final int CR8_LOAD_EXITING = 1 << 19;
    static final int CR8_STORE_EXITING = 1 << 20;
    static final int TPR_SHADOW = 1 << 21;
    static final int NMI_WINDOW_EXITING = 1 << 22;
    static final int MOV_DR_EXITING = 1 << 23;
    static final int UNCONDITIONAL_IO_EXITING = 1 << 24;
    static final int IO_BITMAPS = 1 << 25;
    static final int MONITOR_TRAP_FLAG = 1 << 27;
    static final int MSR_BITMAPS = 1 << 28;
    static final int MONITOR_EXITING = 1 << 29;
    static final int PAUSE_EXITING = 1 << 30;
    static final int SECONDARY = 1 << 31;
  }

  /** Secondary processor-based controls. */
  static final class Secondary {
    private Secondary() {}

    static final int VIRTUALIZE_APIC_ACCESSES = 1;
    static final int EPT = 1 << 1;
    static final int DESCRIPTOR_TABLE_EXITING = 1 << 2;
    static final int RDTSCP = 1 << 3;
    static final int VIRTUALIZE_X2APIC = 1 << 4;
    static final int VPID = 1 << 5;
    static final int WBINVD_EXITING = 1 << 6;
    static final int UNRESTRICTED_GUEST = 1 << 7;
    static final int PAUSE_LOOP_EXITING = 1 << 10;
    static final int RDRAND_EXITING = 1 << 11;
    static final int INVPCID = 1 << 12;
    static final int VM_FUNCTIONS = 1 << 13;
    static final int VMCS_SHADOWING = 1 << 14;
    static final int RDSEED_EXITING = 1 << 16;
    static final int PML = 1 << 17;
    static final int XSAVES = 1 << 20;
    static final int MODE_BASED_EXECUTE = 1 << 22;
    static final int TSC_SCALING = 1 << 25;
  }

  /** VM-exit controls. */
  static final class Exit {
    private Exit() {}

    static final int SAVE_DEBUG_CONTROLS = 1 << 2;
    static final int HOST_ADDRESS_SPACE_SIZE = 1 << 9;
    static final int ACKNOWLEDGE_INTERRUPT = 1 << 15;
    static final int SAVE_PAT = 1 << 18;
    static final int LOAD_PAT = 1 << 19;
    static final int SAVE_EFER = 1 << 20;
    static final int LOAD_EFER = 1 << 21;
    static final int SAVE_PREEMPTION_TIMER = 1 << 22;
    static final int CLEAR_BNDCFGS = 1 << 23;
  }

  /** VM-entry controls. */
  static final class Entry {
    private Entry() {}

    static final int LOAD_DEBUG_CONTROLS = 1 << 2;
    static final int IA32E_MODE_GUEST = 1 << 9;
    static final int ENTRY_TO_SMM = 1 << 10;
    static final int DEACTIVATE_DUAL_MONITOR = 1 << 11;
    static final int LOAD_PAT = 1 << 14;
    static final int LOAD_EFER = 1 << 15;
    static final int LOAD_BNDCFGS = 1 << 16;
  }
}
