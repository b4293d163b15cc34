// SPDX-License-Identifier: Apache-2.0
package nestor.svm;

import static nestor.svm.VmcbField.*;

import nestor.isa.Intercept;
import nestor.svm.Vectors.Fifth;
import nestor.svm.Vectors.Fourth;
import nestor.svm.Vectors.Third;
import nestor.vcpu.InterceptMasks;

/** Turns the intercept vectors of a VMCB into the masks that the CPU core looks at: at VMRUN. */
final class MaskCompiler {
  private static final long UNIT_RATIO = 1L << 32;
  private static final int RATIO_FRACTION = 32;

  private MaskCompiler() {}

  static void compile(Svm x) {
    InterceptMasks masks = x.masks;
    masks.guest = true;
    masks.eventsHeld = false;
    masks.instructions = registers(x) | third((int) x.get(INTERCEPT_3)) | others(x);
    masks.exceptions = (int) x.get(INTERCEPT_EXCEPTIONS);
    masks.ports = x.third(Third.IOIO_PROT);
    masks.taskSwitch = x.third(Third.TASK_SWITCH);
    masks.tscOffset = x.get(TSC_OFFSET);
    masks.tscMultiplier = x.tscRatio == UNIT_RATIO ? 0 : x.tscRatio;
    masks.tscFraction = RATIO_FRACTION;
  }

  private static long when(boolean condition, Intercept... intercepts) {
    long mask = 0;
    for (Intercept intercept : intercepts) {
      mask |= intercept.mask();
    }
    return condition ? mask : 0;
  }

  /** Accesses to CR8 always ask: the TPR may be virtual. */
  private static long registers(Svm x) {
    int cr = (int) x.get(INTERCEPT_CR);
    int dr = (int) x.get(INTERCEPT_DR);
    boolean cr0 = (cr & 0x10000) != 0 || x.third(Third.CR0_SEL_WRITE) || x.trapsControl(0);
    return when(true, Intercept.CR_READ, Intercept.CR_WRITE)
        | when((cr & 1) != 0, Intercept.CR0_READ)
        | when(cr0, Intercept.CR0_WRITE)
        | when((dr & 0xFFFF) != 0, Intercept.DR_READ)
        | when(dr >>> 16 != 0, Intercept.DR_WRITE);
  }

  private static long third(int v) {
    return when((v & Third.IDTR_READ) != 0, Intercept.IDTR_READ)
        | when((v & Third.GDTR_READ) != 0, Intercept.GDTR_READ)
        | when((v & Third.LDTR_READ) != 0, Intercept.LDTR_READ)
        | when((v & Third.TR_READ) != 0, Intercept.TR_READ)
        | when((v & Third.IDTR_WRITE) != 0, Intercept.IDTR_WRITE)
        | when((v & Third.GDTR_WRITE) != 0, Intercept.GDTR_WRITE)
        | when((v & Third.LDTR_WRITE) != 0, Intercept.LDTR_WRITE)
        | when((v & Third.TR_WRITE) != 0, Intercept.TR_WRITE)
        | when((v & Third.RDTSC) != 0, Intercept.RDTSC)
        | when((v & Third.RDPMC) != 0, Intercept.RDPMC)
        | when((v & Third.PUSHF) != 0, Intercept.PUSHF)
        | when((v & Third.POPF) != 0, Intercept.POPF)
        | when((v & Third.CPUID) != 0, Intercept.CPUID)
        | when((v & Third.RSM) != 0, Intercept.RSM)
        | when((v & Third.IRET) != 0, Intercept.IRET)
        | when((v & Third.SWINT) != 0, Intercept.SWINT)
        | when((v & Third.INVD) != 0, Intercept.INVD)
        | when((v & Third.PAUSE) != 0, Intercept.PAUSE)
        | when((v & Third.HLT) != 0, Intercept.HLT)
        | when((v & Third.INVLPG) != 0, Intercept.INVLPG)
        | when((v & Third.MSR_PROT) != 0, Intercept.MSR);
  }

  private static long others(Svm x) {
    int v = (int) x.get(INTERCEPT_4);
    return when((v & Fourth.RDTSCP) != 0, Intercept.RDTSCP)
        | when((v & Fourth.EFER_WRITE_TRAP) != 0, Intercept.MSR)
        | when((v & Fourth.ICEBP) != 0, Intercept.ICEBP)
        | when((v & Fourth.WBINVD) != 0, Intercept.WBINVD)
        | when((v & Fourth.MONITOR) != 0, Intercept.MONITOR)
        | when((v & (Fourth.MWAIT | Fourth.MWAIT_CONDITIONAL)) != 0, Intercept.MWAIT)
        | when((v & Fourth.XSETBV) != 0, Intercept.XSETBV)
        | when((x.get(INTERCEPT_5) & Fifth.INVPCID) != 0, Intercept.INVPCID);
  }
}
