// SPDX-License-Identifier: Apache-2.0
package nestor.svm;

import nestor.virt.ExitWords;

/** Exit codes (APM vol. 2, appendix C, "SVM Intercept Exit Codes"). */
final class ExitCode {
  private ExitCode() {}

  static final int CR0_READ = 0x00;
  static final int CR0_WRITE = 0x10;
  static final int DR0_READ = 0x20;
  static final int DR0_WRITE = 0x30;
  static final int EXCEPTION = 0x40;
  static final int INTR = 0x60;
  static final int NMI = 0x61;
  static final int SMI = 0x62;
  static final int INIT = 0x63;
  static final int VINTR = 0x64;
  static final int CR0_SEL_WRITE = 0x65;
  static final int IDTR_READ = 0x66;
  static final int GDTR_READ = 0x67;
  static final int LDTR_READ = 0x68;
  static final int TR_READ = 0x69;
  static final int IDTR_WRITE = 0x6A;
  static final int GDTR_WRITE = 0x6B;
  static final int LDTR_WRITE = 0x6C;
  static final int TR_WRITE = 0x6D;
  static final int RDTSC = 0x6E;
  static final int RDPMC = 0x6F;
  static final int PUSHF = 0x70;
  static final int POPF = 0x71;
  static final int CPUID = 0x72;
  static final int RSM = 0x73;
  static final int IRET = 0x74;
  static final int SWINT = 0x75;
  static final int INVD = 0x76;
  static final int PAUSE = 0x77;
  static final int HLT = 0x78;
  static final int INVLPG = 0x79;
  static final int INVLPGA = 0x7A;
  static final int IOIO = 0x7B;
  static final int MSR = 0x7C;
  static final int TASK_SWITCH = 0x7D;
  static final int SHUTDOWN = 0x7F;
  static final int VMRUN = 0x80;
  static final int VMMCALL = 0x81;
  static final int VMLOAD = 0x82;
  static final int VMSAVE = 0x83;
  static final int STGI = 0x84;
  static final int CLGI = 0x85;
  static final int SKINIT = 0x86;
  static final int RDTSCP = 0x87;
  static final int ICEBP = 0x88;
  static final int WBINVD = 0x89;
  static final int MONITOR = 0x8A;
  static final int MWAIT = 0x8B;
  static final int MWAIT_CONDITIONAL = 0x8C;
  static final int XSETBV = 0x8D;
  static final int EFER_WRITE_TRAP = 0x8F;
  static final int INVPCID = 0xA2;
  static final int NPF = 0x400;
  static final int CR0_WRITE_TRAP = 0x90;

  /** VMEXIT_INVALID: 64 bits wide in the VMCB. */
  static final int INVALID = -1;

  /** {@return the manual's name without VMEXIT_} */
  static String name(int code) {
    return switch (code) {
      case INTR -> "INTR";
      case NMI -> "NMI";
      case SMI -> "SMI";
      case INIT -> "INIT";
      case VINTR -> "VINTR";
      case CR0_SEL_WRITE -> "CR0_SEL_WRITE";
      case IDTR_READ -> "IDTR_READ";
      case GDTR_READ -> "GDTR_READ";
      case LDTR_READ -> "LDTR_READ";
      case TR_READ -> "TR_READ";
      case IDTR_WRITE -> "IDTR_WRITE";
      case GDTR_WRITE -> "GDTR_WRITE";
      case LDTR_WRITE -> "LDTR_WRITE";
      case TR_WRITE -> "TR_WRITE";
      case RDTSC -> "RDTSC";
      case RDPMC -> "RDPMC";
      case PUSHF -> "PUSHF";
      case POPF -> "POPF";
      case CPUID -> "CPUID";
      case RSM -> "RSM";
      case IRET -> "IRET";
      case SWINT -> "SWINT";
      case INVD -> "INVD";
      case PAUSE -> "PAUSE";
      case HLT -> "HLT";
      case INVLPG -> "INVLPG";
      case INVLPGA -> "INVLPGA";
      case IOIO -> "IOIO";
      case MSR -> "MSR";
      case TASK_SWITCH -> "TASK_SWITCH";
      case SHUTDOWN -> "SHUTDOWN";
      case VMRUN -> "VMRUN";
      case VMMCALL -> "VMMCALL";
      case VMLOAD -> "VMLOAD";
      case VMSAVE -> "VMSAVE";
      case STGI -> "STGI";
      case CLGI -> "CLGI";
      case SKINIT -> "SKINIT";
      case RDTSCP -> "RDTSCP";
      case ICEBP -> "ICEBP";
      case WBINVD -> "WBINVD";
      case MONITOR -> "MONITOR";
      case MWAIT -> "MWAIT";
      case MWAIT_CONDITIONAL -> "MWAIT_CONDITIONAL";
      case XSETBV -> "XSETBV";
      case EFER_WRITE_TRAP -> "EFER_WRITE_TRAP";
      case INVPCID -> "INVPCID";
      case NPF -> "NPF";
      case INVALID -> "INVALID";
      default -> family(code);
    };
  }

  /** Below NPF codes count by themselves; NPF and INVALID follow. */
  static final ExitWords WORDS =
      new ExitWords() {
        private static final int PLAIN = 0xA4;

        @Override
        public int slots() {
          return PLAIN + 2;
        }

        @Override
        public int slot(int reason) {
          return reason == NPF ? PLAIN : reason < 0 || reason >= PLAIN ? PLAIN + 1 : reason;
        }

        @Override
        public int reason(int slot) {
          return switch (slot) {
            case PLAIN -> NPF;
            case PLAIN + 1 -> INVALID;
            default -> slot;
          };
        }

        @Override
        public String name(int reason) {
          return ExitCode.name(reason);
        }

        @Override
        public boolean isKnown(int slot) {
          return !name(reason(slot)).equals(Integer.toHexString(reason(slot)));
        }

        @Override
        public String entry() {
          return "VMRUN";
        }
      };

  private static String family(int code) {
    int number = code & 15;
    return switch (code >>> 4) {
      case 0 -> "CR" + number + "_READ";
      case 1 -> "CR" + number + "_WRITE";
      case 2 -> "DR" + number + "_READ";
      case 3 -> "DR" + number + "_WRITE";
      case 4, 5 -> "EXCP" + (code & 31);
      case 9 -> "CR" + number + "_WRITE_TRAP";
      default -> Integer.toHexString(code);
    };
  }
}
