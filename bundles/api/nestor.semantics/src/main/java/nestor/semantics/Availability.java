// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.isa.Row;
import nestor.vcpu.GuestFault;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/**
 * Whether the operating system has switched on what an x87, MMX, SSE or AVX instruction uses: #UD
 * and #NM (SDM vol. 2, "Exception Conditions"; vol. 3A, "Control Registers").
 */
final class Availability {
  private static final long CR0_MP = 1 << 1;
  private static final long CR0_EM = 1 << 2;
  private static final long CR0_TS = 1 << 3;
  private static final long CR4_OSFXSR = 1 << 9;
  private static final long CR4_OSXSAVE = 1 << 18;
  private static final long XCR0_AVX = 6;
  private static final long XCR0_AVX512 = 0xE6;

  private Availability() {}

  /** Checks for an x87 instruction; {@code wait} for FWAIT, which looks at MP too. */
  static void x87(Vcpu v, boolean wait) {
    long cr0 = State.get(v.state, State.CR0);
    boolean unavailable =
        wait ? (cr0 & (CR0_MP | CR0_TS)) == (CR0_MP | CR0_TS) : (cr0 & (CR0_EM | CR0_TS)) != 0;
    if (unavailable) {
      throw v.fault(GuestFault.NM, 0);
    }
  }

  /** Checks for an MMX instruction, and that no x87 exception waits. */
  static void mmx(Vcpu v) {
    long cr0 = State.get(v.state, State.CR0);
    if ((cr0 & CR0_EM) != 0) {
      throw v.undefined();
    }
    if ((cr0 & CR0_TS) != 0) {
      throw v.fault(GuestFault.NM, 0);
    }
    X87.checkPending(v);
  }

  /** Checks for an instruction that uses vector registers, by its encoding space. */
  static void vector(Vcpu v, Insn i) {
    long s = v.state;
    long cr0 = State.get(s, State.CR0);
    long cr4 = State.get(s, State.CR4);
    if (i.row.space == Row.Space.LEGACY) {
      if ((cr0 & CR0_EM) != 0 || (cr4 & CR4_OSFXSR) == 0) {
        throw v.undefined();
      }
    } else {
      long needed = i.row.space == Row.Space.VEX ? XCR0_AVX : XCR0_AVX512;
      if ((cr4 & CR4_OSXSAVE) == 0 || (State.get(s, State.XCR0) & needed) != needed) {
        throw v.undefined();
      }
    }
    if ((cr0 & CR0_TS) != 0) {
      throw v.fault(GuestFault.NM, 0);
    }
  }

  /** Checks for an opmask instruction, which is VEX-encoded but needs AVX-512 state. */
  static void opmask(Vcpu v) {
    long s = v.state;
    if ((State.get(s, State.CR4) & CR4_OSXSAVE) == 0
        || (State.get(s, State.XCR0) & XCR0_AVX512) != XCR0_AVX512) {
      throw v.undefined();
    }
    if ((State.get(s, State.CR0) & CR0_TS) != 0) {
      throw v.fault(GuestFault.NM, 0);
    }
  }
}
