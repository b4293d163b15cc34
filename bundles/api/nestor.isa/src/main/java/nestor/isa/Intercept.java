// SPDX-License-Identifier: Apache-2.0
package nestor.isa;

/**
 * What a hypervisor may intercept by instruction: the words after {@code x=} in the table, in
 * neutral terms. Both vendors' controls become one mask of these bits at VM entry.
 */
public enum Intercept {
  CPUID,
  CR_READ,
  CR_WRITE,
  CR0_READ,
  CR0_WRITE,
  DR_READ,
  DR_WRITE,
  GDTR_READ,
  GDTR_WRITE,
  HLT,
  ICEBP,
  IDTR_READ,
  IDTR_WRITE,
  INVD,
  INVLPG,
  INVPCID,
  IO,
  IRET,
  LDTR_READ,
  LDTR_WRITE,
  MONITOR,
  MSR,
  MWAIT,
  PAUSE,
  POPF,
  PUSHF,
  RDPID,
  RDPMC,
  RDRAND,
  RDSEED,
  RDTSC,
  RDTSCP,
  RSM,
  SWINT,
  TR_READ,
  TR_WRITE,
  WBINVD,
  XRSTORS,
  XSAVES,
  XSETBV;

  /** {@return the bit of this intercept in a mask} */
  public long mask() {
    return 1L << ordinal();
  }

  /** {@return the bit of the intercept with that name, 0 for the empty name} */
  static long mask(String name) {
    return name.isEmpty() ? 0 : valueOf(name).mask();
  }
}
