// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

import nestor.virt.ExitWords;

/** Basic exit reasons (SDM vol. 3D, appendix "VMX Basic Exit Reasons"). */
final class ExitReason {
  private ExitReason() {}

  static final int EXCEPTION_OR_NMI = 0;
  static final int EXTERNAL_INTERRUPT = 1;
  static final int TRIPLE_FAULT = 2;
  static final int INIT = 3;
  static final int SIPI = 4;
  static final int INTERRUPT_WINDOW = 7;
  static final int NMI_WINDOW = 8;
  static final int TASK_SWITCH = 9;
  static final int CPUID = 10;
  static final int GETSEC = 11;
  static final int HLT = 12;
  static final int INVD = 13;
  static final int INVLPG = 14;
  static final int RDPMC = 15;
  static final int RDTSC = 16;
  static final int RSM = 17;
  static final int VMCALL = 18;
  static final int VMCLEAR = 19;
  static final int VMLAUNCH = 20;
  static final int VMPTRLD = 21;
  static final int VMPTRST = 22;
  static final int VMREAD = 23;
  static final int VMRESUME = 24;
  static final int VMWRITE = 25;
  static final int VMXOFF = 26;
  static final int VMXON = 27;
  static final int CR_ACCESS = 28;
  static final int DR_ACCESS = 29;
  static final int IO = 30;
  static final int RDMSR = 31;
  static final int WRMSR = 32;
  static final int INVALID_GUEST_STATE = 33;
  static final int MSR_LOADING = 34;
  static final int MWAIT = 36;
  static final int MONITOR_TRAP_FLAG = 37;
  static final int MONITOR = 39;
  static final int PAUSE = 40;
  static final int TPR_BELOW_THRESHOLD = 43;
  static final int APIC_ACCESS = 44;
  static final int GDTR_IDTR_ACCESS = 46;
  static final int LDTR_TR_ACCESS = 47;
  static final int EPT_VIOLATION = 48;
  static final int EPT_MISCONFIGURATION = 49;
  static final int INVEPT = 50;
  static final int RDTSCP = 51;
  static final int PREEMPTION_TIMER = 52;
  static final int INVVPID = 53;
  static final int WBINVD = 54;
  static final int XSETBV = 55;
  static final int RDRAND = 57;
  static final int INVPCID = 58;
  static final int VMFUNC = 59;
  static final int RDSEED = 61;
  static final int PML_FULL = 62;
  static final int XSAVES = 63;
  static final int XRSTORS = 64;

  /** Bit 31 of the exit reason: VM entry failed. */
  static final int ENTRY_FAILURE = 1 << 31;

  private static final String[] NAMES = {
    "exception or NMI",
    "external interrupt",
    "triple fault",
    "INIT",
    "SIPI",
    "",
    "",
    "interrupt window",
    "NMI window",
    "task switch",
    "CPUID",
    "GETSEC",
    "HLT",
    "INVD",
    "INVLPG",
    "RDPMC",
    "RDTSC",
    "RSM",
    "VMCALL",
    "VMCLEAR",
    "VMLAUNCH",
    "VMPTRLD",
    "VMPTRST",
    "VMREAD",
    "VMRESUME",
    "VMWRITE",
    "VMXOFF",
    "VMXON",
    "CR access",
    "DR access",
    "I/O",
    "RDMSR",
    "WRMSR",
    "invalid guest state",
    "MSR loading",
    "",
    "MWAIT",
    "monitor trap flag",
    "",
    "MONITOR",
    "PAUSE",
    "",
    "",
    "TPR below threshold",
    "APIC access",
    "",
    "GDTR or IDTR access",
    "LDTR or TR access",
    "EPT violation",
    "EPT misconfiguration",
    "INVEPT",
    "RDTSCP",
    "preemption timer",
    "INVVPID",
    "WBINVD",
    "XSETBV",
    "",
    "RDRAND",
    "INVPCID",
    "VMFUNC",
    "",
    "RDSEED",
    "page-modification log full",
    "XSAVES",
    "XRSTORS"
  };

  static String name(int reason) {
    int basic = reason & 0xFFFF;
    String name = basic < NAMES.length ? NAMES[basic] : "";
    return name.isEmpty() ? "reason " + basic : name;
  }

  /** Counted by basic reason; failed entries count with the reason of their failure. */
  static final ExitWords WORDS =
      new ExitWords() {
        @Override
        public int slots() {
          return NAMES.length + 1;
        }

        @Override
        public int slot(int reason) {
          return Math.min(reason & 0xFFFF, NAMES.length);
        }

        @Override
        public int reason(int slot) {
          return slot;
        }

        @Override
        public String name(int reason) {
          return ExitReason.name(reason);
        }

        @Override
        public boolean isKnown(int slot) {
          return slot < NAMES.length && !NAMES[slot].isEmpty();
        }

        @Override
        public String entry() {
          return "VM entry";
        }
      };
}
