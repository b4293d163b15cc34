// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

import nestor.vmx.Control.Entry;
import nestor.vmx.Control.Exit;
import nestor.vmx.Control.Pin;
import nestor.vmx.Control.Primary;
import nestor.vmx.Control.Secondary;

/**
 * What VMX can do, one line a capability: the control bits it makes available, the CPUID feature
 * that it needs, and the capability that it cannot be without. VMCS fields name theirs in {@link
 * VmcsField}; capability MSRs are computed from the capabilities that are there.
 */
enum Capability {
  BASE(
      null,
      null,
      Pin.EXTERNAL_INTERRUPT_EXITING | Pin.NMI_EXITING,
      Primary.INTERRUPT_WINDOW_EXITING
          | Primary.TSC_OFFSETTING
          | Primary.HLT_EXITING
          | Primary.INVLPG_EXITING
          | Primary.MWAIT_EXITING
          | Primary.RDPMC_EXITING
          | Primary.RDTSC_EXITING
          | Primary.CR3_LOAD_EXITING
          | Primary.CR3_STORE_EXITING
          | Primary.CR8_LOAD_EXITING
          | Primary.CR8_STORE_EXITING
          | Primary.MOV_DR_EXITING
          | Primary.UNCONDITIONAL_IO_EXITING
          | Primary.IO_BITMAPS
          | Primary.MONITOR_EXITING
          | Primary.PAUSE_EXITING,
      0,
      Exit.SAVE_DEBUG_CONTROLS | Exit.HOST_ADDRESS_SPACE_SIZE | Exit.ACKNOWLEDGE_INTERRUPT,
      Entry.LOAD_DEBUG_CONTROLS | Entry.IA32E_MODE_GUEST),
  SECONDARY_CONTROLS(null, null, 0, Primary.SECONDARY, 0, 0, 0),
  VIRTUAL_NMIS(null, null, Pin.VIRTUAL_NMIS, Primary.NMI_WINDOW_EXITING, 0, 0, 0),
  PREEMPTION_TIMER(null, null, Pin.PREEMPTION_TIMER, 0, 0, Exit.SAVE_PREEMPTION_TIMER, 0),
  MONITOR_TRAP_FLAG(null, null, 0, Primary.MONITOR_TRAP_FLAG, 0, 0, 0),
  MSR_BITMAPS(null, "MSR", 0, Primary.MSR_BITMAPS, 0, 0, 0),
  PAT(null, "PAT", 0, 0, 0, Exit.SAVE_PAT | Exit.LOAD_PAT, Entry.LOAD_PAT),
  EFER(null, "NX", 0, 0, 0, Exit.SAVE_EFER | Exit.LOAD_EFER, Entry.LOAD_EFER),
  BNDCFGS(null, "MPX", 0, 0, 0, Exit.CLEAR_BNDCFGS, Entry.LOAD_BNDCFGS),
  TPR_SHADOW(null, "APIC", 0, Primary.TPR_SHADOW, 0, 0, 0),
  VIRTUALIZE_APIC_ACCESSES(
      SECONDARY_CONTROLS, "APIC", 0, 0, Secondary.VIRTUALIZE_APIC_ACCESSES, 0, 0),
  VIRTUALIZE_X2APIC(TPR_SHADOW, "X2APIC", 0, 0, Secondary.VIRTUALIZE_X2APIC, 0, 0),
  DESCRIPTOR_TABLE_EXITING(
      SECONDARY_CONTROLS, null, 0, 0, Secondary.DESCRIPTOR_TABLE_EXITING, 0, 0),
  RDTSCP(SECONDARY_CONTROLS, "RDTSCP", 0, 0, Secondary.RDTSCP, 0, 0),
  WBINVD_EXITING(SECONDARY_CONTROLS, null, 0, 0, Secondary.WBINVD_EXITING, 0, 0),
  PAUSE_LOOP_EXITING(SECONDARY_CONTROLS, null, 0, 0, Secondary.PAUSE_LOOP_EXITING, 0, 0),
  RDRAND_EXITING(SECONDARY_CONTROLS, "RDRAND", 0, 0, Secondary.RDRAND_EXITING, 0, 0),
  RDSEED_EXITING(SECONDARY_CONTROLS, "RDSEED", 0, 0, Secondary.RDSEED_EXITING, 0, 0),
  INVPCID(SECONDARY_CONTROLS, "INVPCID", 0, 0, Secondary.INVPCID, 0, 0),
  XSAVES(SECONDARY_CONTROLS, "XSAVES", 0, 0, Secondary.XSAVES, 0, 0),
  TSC_SCALING(SECONDARY_CONTROLS, null, 0, 0, Secondary.TSC_SCALING, 0, 0),
  VPID(SECONDARY_CONTROLS, null, 0, 0, Secondary.VPID, 0, 0),
  EPT(SECONDARY_CONTROLS, null, 0, 0, Secondary.EPT, 0, 0),
  UNRESTRICTED_GUEST(EPT, null, 0, 0, Secondary.UNRESTRICTED_GUEST, 0, 0),
  MODE_BASED_EXECUTE(EPT, null, 0, 0, Secondary.MODE_BASED_EXECUTE, 0, 0),
  PML(EPT, null, 0, 0, Secondary.PML, 0, 0),
  VM_FUNCTIONS(EPT, null, 0, 0, Secondary.VM_FUNCTIONS, 0, 0),
  VMCS_SHADOWING(SECONDARY_CONTROLS, null, 0, 0, Secondary.VMCS_SHADOWING, 0, 0);

  private final Capability needs;
  private final String feature;
  private final int pin;
  private final int primary;
  private final int secondary;
  private final int exit;
  private final int entry;

  Capability(
      Capability needs, String feature, int pin, int primary, int secondary, int exit, int entry) {
    this.needs = needs;
    this.feature = feature;
    this.pin = pin;
    this.primary = primary;
    this.secondary = secondary;
    this.exit = exit;
    this.entry = entry;
  }

  /** {@return the capability that this one cannot be without, or null} */
  Capability needs() {
    return needs;
  }

  /** {@return the CPUID feature that it is about, or null} */
  String feature() {
    return feature;
  }

  /** {@return the bits that it contributes to a word of controls} */
  int bits(Control.Word word) {
    return switch (word) {
      case PIN -> pin;
      case PRIMARY -> primary;
      case SECONDARY -> secondary;
      case EXIT -> exit;
      case ENTRY -> entry;
    };
  }
}
