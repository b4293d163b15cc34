// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

import static nestor.virt.FieldWords.bits;
import static nestor.virt.FieldWords.namedBits;
import static nestor.virt.FieldWords.names;

import nestor.virt.FieldWords;

/** Values of VMCS fields in words (SDM vol. 3C, chapter "Virtual-Machine Control Structures"). */
final class VmcsWords {
  private static final String[] PIN =
      names(
          8,
          "0 external-interrupt exiting,",
          "3 NMI exiting,",
          "5 virtual NMIs,",
          "6 preemption timer,",
          "7 posted interrupts,");

  private static final String[] PRIMARY =
      names(
          32,
          "2 interrupt-window exiting,",
          "3 TSC offsetting,",
          "7 HLT exiting,",
          "9 INVLPG exiting,",
          "10 MWAIT exiting,",
          "11 RDPMC exiting,",
          "12 RDTSC exiting,",
          "15 CR3-load exiting,",
          "16 CR3-store exiting,",
          "17 tertiary controls,",
          "19 CR8-load exiting,",
          "20 CR8-store exiting,",
          "21 TPR shadow,",
          "22 NMI-window exiting,",
          "23 MOV-DR exiting,",
          "24 unconditional I/O exiting,",
          "25 I/O bitmaps,",
          "27 monitor trap flag,",
          "28 MSR bitmaps,",
          "29 MONITOR exiting,",
          "30 PAUSE exiting,",
          "31 secondary controls,");

  private static final String[] SECONDARY =
      names(
          32,
          "0 virtualize APIC accesses,",
          "1 EPT,",
          "2 descriptor-table exiting,",
          "3 RDTSCP,",
          "4 virtualize x2APIC mode,",
          "5 VPID,",
          "6 WBINVD exiting,",
          "7 unrestricted guest,",
          "8 APIC-register virtualization,",
          "9 virtual-interrupt delivery,",
          "10 PAUSE-loop exiting,",
          "11 RDRAND exiting,",
          "12 INVPCID,",
          "13 VM functions,",
          "14 VMCS shadowing,",
          "15 ENCLS exiting,",
          "16 RDSEED exiting,",
          "17 PML,",
          "18 EPT-violation #VE,",
          "20 XSAVES/XRSTORS,",
          "22 mode-based execute control for EPT,",
          "23 sub-page write permissions,",
          "25 TSC scaling,");

  private static final String[] EXIT =
      names(
          32,
          "2 save debug controls,",
          "9 host address-space size,",
          "12 load IA32_PERF_GLOBAL_CTRL,",
          "15 acknowledge interrupt on exit,",
          "18 save IA32_PAT,",
          "19 load IA32_PAT,",
          "20 save IA32_EFER,",
          "21 load IA32_EFER,",
          "22 save preemption timer,",
          "23 clear IA32_BNDCFGS,");

  private static final String[] ENTRY =
      names(
          32,
          "2 load debug controls,",
          "9 IA-32e mode guest,",
          "10 entry to SMM,",
          "11 deactivate dual-monitor treatment,",
          "13 load IA32_PERF_GLOBAL_CTRL,",
          "14 load IA32_PAT,",
          "15 load IA32_EFER,",
          "16 load IA32_BNDCFGS,");

  private static final String[] BLOCKING =
      names(5, "0 by STI,", "1 by MOV SS,", "2 by SMI,", "3 by NMI,", "4 enclave,");

  private static final String[] ACTIVITIES = {"active", "HLT", "shutdown", "wait-for-SIPI"};

  private static final String[] RIGHTS =
      names(17, "4 S", "7 P", "12 AVL", "13 L", "14 D/B", "15 G", "16 unusable");

  private VmcsWords() {}

  /** {@return the bits of a value in words; empty if the number says it all} */
  static String of(VmcsField field, long value) {
    return switch (field) {
      case PIN_BASED_CONTROLS -> list(value, PIN);
      case PRIMARY_CONTROLS -> list(value, PRIMARY);
      case SECONDARY_CONTROLS -> list(value, SECONDARY);
      case EXIT_CONTROLS -> list(value, EXIT);
      case ENTRY_CONTROLS -> list(value, ENTRY);
      case EXCEPTION_BITMAP -> FieldWords.exceptions(value);
      case GUEST_INTERRUPTIBILITY_STATE -> list(value, BLOCKING);
      case GUEST_ACTIVITY_STATE -> value < ACTIVITIES.length ? ACTIVITIES[(int) value] : "";
      case EXIT_REASON ->
          ExitReason.name((int) value) + ((int) value < 0 ? ", VM entry failed" : "");
      case EXIT_INTERRUPTION_INFO, IDT_VECTORING_INFO, ENTRY_INTERRUPTION_INFO ->
          FieldWords.event(value);
      case EPT_POINTER -> pointer(value);
      case GUEST_EFER, HOST_EFER -> FieldWords.efer(value);
      case GUEST_RFLAGS -> FieldWords.rflags(value);
      case GUEST_CR0, HOST_CR0, CR0_GUEST_HOST_MASK, CR0_READ_SHADOW -> FieldWords.cr0(value);
      case GUEST_CR4, HOST_CR4, CR4_GUEST_HOST_MASK, CR4_READ_SHADOW -> FieldWords.cr4(value);
      default -> field.label().endsWith("access_rights") ? rights(value) : "";
    };
  }

  private static String list(long value, String... names) {
    String text = namedBits(value, names);
    return text.isEmpty() ? text : text.substring(0, text.length() - 1);
  }

  private static String pointer(long value) {
    String type = (value & 7) == 6 ? "WB" : (value & 7) == 0 ? "UC" : "type " + (value & 7);
    return String.format(
        "%s, %d levels%s, root 0x%x",
        type, (value >>> 3 & 7) + 1, (value & 0x40) != 0 ? ", A and D bits" : "", value & -4096L);
  }

  private static String rights(long value) {
    return "type "
        + (value & 15)
        + " DPL="
        + (value >>> 5 & 3)
        + " "
        + bits(value & ~0x6FL, RIGHTS);
  }
}
