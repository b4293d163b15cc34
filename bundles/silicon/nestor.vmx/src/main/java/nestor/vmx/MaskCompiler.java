// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

import static nestor.vmx.VmcsField.*;

import nestor.isa.Intercept;
import nestor.vcpu.InterceptMasks;
import nestor.vmx.Control.Primary;
import nestor.vmx.Control.Secondary;

/**
 * Turns the controls of the current VMCS into the masks that the CPU core looks at: at VM entry.
 */
final class MaskCompiler {
  /** CPUID, INVD and XSETBV always exit. */
  private static final long ALWAYS = mask(Intercept.CPUID, Intercept.INVD, Intercept.XSETBV);

  private static final long TABLES =
      mask(
          Intercept.GDTR_READ,
          Intercept.GDTR_WRITE,
          Intercept.IDTR_READ,
          Intercept.IDTR_WRITE,
          Intercept.LDTR_READ,
          Intercept.LDTR_WRITE,
          Intercept.TR_READ,
          Intercept.TR_WRITE);

  private static final int PAGE_FAULT = 1 << 14;

  private final Vmx x;
  private long region = Vmcs.NONE;
  private long changes;
  private long instructions;

  MaskCompiler(Vmx x) {
    this.x = x;
  }

  private static long mask(Intercept... intercepts) {
    long mask = 0;
    for (Intercept intercept : intercepts) {
      mask |= intercept.mask();
    }
    return mask;
  }

  /** Sets the masks. What asks for many controls is kept until one of them changes. */
  void compile() {
    InterceptMasks masks = x.masks;
    masks.guest = true;
    masks.taskSwitch = true;
    if (region != x.vmcs.region || changes != x.vmcs.controlChanges) {
      region = x.vmcs.region;
      changes = x.vmcs.controlChanges;
      instructions = ALWAYS | primary(x) | secondary(x) | control(x);
    }
    masks.instructions = instructions;
    masks.exceptions = exceptions(x);
    masks.ports = x.primary(Primary.UNCONDITIONAL_IO_EXITING | Primary.IO_BITMAPS);
    masks.tscOffset = x.primary(Primary.TSC_OFFSETTING) ? x.get(TSC_OFFSET) : 0;
    boolean scaled = x.primary(Primary.TSC_OFFSETTING) && x.secondary(Secondary.TSC_SCALING);
    masks.tscMultiplier = scaled ? x.get(TSC_MULTIPLIER) : 0;
    masks.tscFraction = 48;
    masks.apicPage =
        x.secondary(Secondary.VIRTUALIZE_APIC_ACCESSES) ? x.get(APIC_ACCESS_ADDRESS) : -1;
  }

  private static long when(boolean condition, Intercept... intercepts) {
    return condition ? mask(intercepts) : 0;
  }

  private static long primary(Vmx x) {
    return when(x.primary(Primary.HLT_EXITING), Intercept.HLT)
        | when(x.primary(Primary.INVLPG_EXITING), Intercept.INVLPG, Intercept.INVPCID)
        | when(x.primary(Primary.MWAIT_EXITING), Intercept.MWAIT)
        | when(x.primary(Primary.RDPMC_EXITING), Intercept.RDPMC)
        | when(x.primary(Primary.RDTSC_EXITING), Intercept.RDTSC, Intercept.RDTSCP)
        | when(x.primary(Primary.MOV_DR_EXITING), Intercept.DR_READ, Intercept.DR_WRITE)
        | when(x.primary(Primary.MONITOR_EXITING), Intercept.MONITOR)
        | when(x.primary(Primary.PAUSE_EXITING), Intercept.PAUSE)
        | Intercept.MSR.mask();
  }

  /** Where a control makes an instruction exist, its bit asks for #UD. */
  private static long secondary(Vmx x) {
    return (x.secondary(Secondary.DESCRIPTOR_TABLE_EXITING) ? TABLES : 0)
        | when(!x.secondary(Secondary.RDTSCP), Intercept.RDTSCP, Intercept.RDPID)
        | when(x.secondary(Secondary.WBINVD_EXITING), Intercept.WBINVD)
        | when(x.secondary(Secondary.PAUSE_LOOP_EXITING), Intercept.PAUSE)
        | when(x.secondary(Secondary.RDRAND_EXITING), Intercept.RDRAND)
        | when(!x.secondary(Secondary.INVPCID), Intercept.INVPCID)
        | when(x.secondary(Secondary.RDSEED_EXITING), Intercept.RDSEED)
        | mask(Intercept.XSAVES, Intercept.XRSTORS);
  }

  private static long control(Vmx x) {
    boolean cr0 = x.get(CR0_GUEST_HOST_MASK) != 0;
    boolean cr4 = x.get(CR4_GUEST_HOST_MASK) != 0;
    boolean cr8 =
        x.primary(Primary.TPR_SHADOW | Primary.CR8_LOAD_EXITING | Primary.CR8_STORE_EXITING);
    boolean any = cr0 || cr4 || cr8;
    return when(any || x.primary(Primary.CR3_LOAD_EXITING), Intercept.CR_WRITE)
        | when(any || x.primary(Primary.CR3_STORE_EXITING), Intercept.CR_READ)
        | when(cr0, Intercept.CR0_READ, Intercept.CR0_WRITE);
  }

  private static int exceptions(Vmx x) {
    int bitmap = x.vmcs.word(EXCEPTION_BITMAP);
    boolean never =
        (bitmap & PAGE_FAULT) == 0
            && x.get(PAGE_FAULT_ERROR_CODE_MASK) == 0
            && x.get(PAGE_FAULT_ERROR_CODE_MATCH) == 0;
    return never ? bitmap : bitmap | PAGE_FAULT;
  }
}
