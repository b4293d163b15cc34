// SPDX-License-Identifier: Apache-2.0
package nestor.svm;

/** Bits of the intercept vectors at 00Ch, 010h and 014h of the VMCB (APM vol. 2, appendix B). */
final class Vectors {
  private Vectors() {}

  /** Vector at 00Ch. */
  static final class Third {
    private Third() {}

    static final int INTR = 1;
    static final int NMI = 1 << 1;
    static final int SMI = 1 << 2;
    static final int INIT = 1 << 3;
    static final int VINTR = 1 << 4;
    static final int CR0_SEL_WRITE = 1 << 5;
    static final int IDTR_READ = 1 << 6;
    static final int GDTR_READ = 1 << 7;
    static final int LDTR_READ = 1 << 8;
    static final int TR_READ = 1 << 9;
    static final int IDTR_WRITE = 1 << 10;
    static final int GDTR_WRITE = 1 << 11;
    static final int LDTR_WRITE = 1 << 12;
    static final int TR_WRITE = 1 << 13;
    static final int RDTSC = 1 << 14;
    static final int RDPMC = 1 << 15;
    static final int PUSHF = 1 << 16;
    static final int POPF = 1 << 17;
    static final int CPUID = 1 << 18;
    static final int RSM = 1 << 19;
    static final int IRET = 1 << 20;
    static final int SWINT = 1 << 21;
    static final int INVD = 1 << 22;
    static final int PAUSE = 1 << 23;
    static final int HLT = 1 << 24;
    static final int INVLPG = 1 << 25;
    static final int INVLPGA = 1 << 26;
    static final int IOIO_PROT = 1 << 27;
    static final int MSR_PROT = 1 << 28;
    static final int TASK_SWITCH = 1 << 29;
    static final int SHUTDOWN = 1 << 31;
  }

  /** Vector at 010h. */
  static final class Fourth {
    private Fourth() {}

    static final int VMRUN = 1;
    static final int VMMCALL = 1 << 1;
    static final int VMLOAD = 1 << 2;
    static final int VMSAVE = 1 << 3;
    static final int STGI = 1 << 4;
    static final int CLGI = 1 << 5;
    static final int SKINIT = 1 << 6;
    static final int RDTSCP = 1 << 7;
    static final int ICEBP = 1 << 8;
    static final int WBINVD = 1 << 9;
    static final int MONITOR = 1 << 10;
    static final int MWAIT = 1 << 11;
    static final int MWAIT_CONDITIONAL = 1 << 12;
    static final int XSETBV = 1 << 13;
    static final int EFER_WRITE_TRAP = 1 << 15;
  }

  /** Vector at 014h. */
  static final class Fifth {
    private Fifth() {}

    static final int INVPCID = 1 << 2;
  }
}
