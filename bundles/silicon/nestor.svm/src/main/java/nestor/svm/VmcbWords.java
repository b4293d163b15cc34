// SPDX-License-Identifier: Apache-2.0
package nestor.svm;

import static nestor.virt.FieldWords.bits;
import static nestor.virt.FieldWords.names;

import nestor.virt.FieldWords;

/** Values of VMCB fields in words (APM vol. 2, appendix B, "Layout of VMCB"). */
final class VmcbWords {
  private static final String[] THIRD =
      names(
          32,
          "0 INTR",
          "1 NMI",
          "2 SMI",
          "3 INIT",
          "4 VINTR",
          "5 CR0_SEL_WRITE",
          "6 IDTR_READ",
          "7 GDTR_READ",
          "8 LDTR_READ",
          "9 TR_READ",
          "10 IDTR_WRITE",
          "11 GDTR_WRITE",
          "12 LDTR_WRITE",
          "13 TR_WRITE",
          "14 RDTSC",
          "15 RDPMC",
          "16 PUSHF",
          "17 POPF",
          "18 CPUID",
          "19 RSM",
          "20 IRET",
          "21 INTn",
          "22 INVD",
          "23 PAUSE",
          "24 HLT",
          "25 INVLPG",
          "26 INVLPGA",
          "27 IOIO_PROT",
          "28 MSR_PROT",
          "29 TASK_SWITCH",
          "30 FERR_FREEZE",
          "31 SHUTDOWN");

  private static final String[] FOURTH =
      names(
          32,
          "0 VMRUN",
          "1 VMMCALL",
          "2 VMLOAD",
          "3 VMSAVE",
          "4 STGI",
          "5 CLGI",
          "6 SKINIT",
          "7 RDTSCP",
          "8 ICEBP",
          "9 WBINVD",
          "10 MONITOR",
          "11 MWAIT",
          "12 MWAIT_CONDITIONAL",
          "13 XSETBV",
          "14 RDPRU",
          "15 EFER_WRITE_TRAP",
          "16 CR0_WRITE_TRAP",
          "17 CR1_WRITE_TRAP",
          "18 CR2_WRITE_TRAP",
          "19 CR3_WRITE_TRAP",
          "20 CR4_WRITE_TRAP");

  private static final String[] FIFTH =
      names(
          6, "0 INVLPGB", "1 INVLPGB_ILLEGAL", "2 INVPCID", "3 MCOMMIT", "4 TLBSYNC", "5 BUS_LOCK");

  private static final String[] INTERRUPT =
      names(
          64,
          "8 V_IRQ",
          "9 VGIF",
          "11 V_NMI",
          "12 V_NMI_MASK",
          "20 V_IGN_TPR",
          "24 V_INTR_MASKING",
          "25 VGIF_ENABLE",
          "26 V_NMI_ENABLE",
          "30 x2AVIC",
          "31 AVIC");

  private static final String[] CLEAN =
      names(
          13, "0 I", "1 IOPM", "2 ASID", "3 TPR", "4 NP", "5 CRx", "6 DRx", "7 DT", "8 SEG",
          "9 CR2", "10 LBR", "11 AVIC", "12 CET");

  private static final String[] NESTED =
      names(6, "0 NP_ENABLE", "1 SEV", "2 SEV_ES", "3 GMET", "4 SSS", "5 VTE");

  private static final String[] VIRTUALIZATION =
      names(2, "0 LBR_VIRTUALIZATION", "1 VMSAVE_VMLOAD_VIRTUALIZATION");

  private static final String[] ATTRIBUTES =
      names(12, "4 S", "7 P", "8 AVL", "9 L", "10 D/B", "11 G");

  private VmcbWords() {}

  /** {@return the bits of a value in words; empty if the number says it all} */
  static String of(VmcbField field, long value) {
    return switch (field) {
      case INTERCEPT_CR -> registers(value, "CR");
      case INTERCEPT_DR -> registers(value, "DR");
      case INTERCEPT_EXCEPTIONS -> FieldWords.exceptions(value);
      case INTERCEPT_3 -> bits(value, THIRD);
      case INTERCEPT_4 -> bits(value, FOURTH);
      case INTERCEPT_5 -> bits(value, FIFTH);
      case TLB_CONTROL -> tlb((int) value);
      case INTERRUPT_CONTROL -> interrupt(value);
      case INTERRUPT_SHADOW -> (value & 1) != 0 ? "shadow" : "";
      case EXITCODE -> ExitCode.name((int) value);
      case EXITINTINFO, EVENTINJ -> FieldWords.event(value);
      case NESTED_CONTROL -> bits(value, NESTED);
      case VIRTUALIZATION_CONTROL -> bits(value, VIRTUALIZATION);
      case CLEAN_BITS -> bits(value, CLEAN);
      case EFER -> FieldWords.efer(value);
      case CR0 -> FieldWords.cr0(value);
      case CR4 -> FieldWords.cr4(value);
      case RFLAGS -> FieldWords.rflags(value);
      default -> field.name().endsWith("_ATTRIBUTES") ? attributes(value) : "";
    };
  }

  private static String registers(long value, String kind) {
    String[] table = new String[32];
    for (int i = 0; i < 16; i++) {
      table[i] = kind + i + "_READ";
      table[16 + i] = kind + i + "_WRITE";
    }
    return bits(value, table);
  }

  private static String tlb(int value) {
    return switch (value) {
      case 0 -> "flush nothing";
      case 1 -> "flush all ASIDs";
      case 3 -> "flush this ASID";
      case 7 -> "flush this ASID but global pages";
      default -> "reserved";
    };
  }

  private static String interrupt(long value) {
    long flags = value & 0xFFFF_FF00L & ~(15L << 16);
    String text = "V_TPR=" + (value & 15) + (flags == 0 ? "" : " " + bits(flags, INTERRUPT));
    boolean request = (value & Svm.V_IRQ) != 0;
    return request
        ? text + " vector " + (value >>> 32 & 0xFF) + " priority " + (value >>> 16 & 15)
        : text;
  }

  private static String attributes(long value) {
    return "type "
        + (value & 15)
        + " DPL="
        + (value >>> 5 & 3)
        + " "
        + bits(value & ~0x6FL, ATTRIBUTES);
  }
}
