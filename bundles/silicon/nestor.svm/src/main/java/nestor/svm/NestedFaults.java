// SPDX-License-Identifier: Apache-2.0
package nestor.svm;

import static nestor.svm.VmcbField.*;

import nestor.vcpu.SecondLevelFault;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import nestor.vcpu.VmExit;

/** Exits of nested page tables, and the instruction bytes that go with a data access. */
final class NestedFaults {
  private static final int PRESENT = 1;
  private static final int WRITE = 2;
  private static final int USER = 4;
  private static final int RESERVED = 8;
  private static final int FETCH = 16;
  private static final long FINAL = 1L << 32;
  private static final long TABLE_WALK = 1L << 33;
  private static final int MOST_BYTES = 15;
  private static final long CR4_SMEP = 1 << 20;

  private final Svm x;

  NestedFaults(Svm x) {
    this.x = x;
  }

  /** {@return the exit (APM vol. 2, "Nested versus Guest Page Faults, Fault Ordering")} */
  VmExit fault(SecondLevelFault cause) {
    VmExit exit = x.v.exit(ExitCode.NPF);
    boolean fetch = (cause.access & SecondLevelFault.FETCH) != 0;
    long code = USER | (cause.finalAccess ? FINAL : TABLE_WALK);
    code |= cause.present ? PRESENT : 0;
    code |= (cause.access & SecondLevelFault.WRITE) != 0 ? WRITE : 0;
    code |= cause.malformed ? RESERVED : 0;
    code |= fetch && hostTellsFetches() ? FETCH : 0;
    exit.qualification = code;
    exit.qualification2 = cause.physical;
    exit.physical = cause.physical;
    exit.linear = cause.linear;
    return exit;
  }

  /** {@return whether the host's paging has a right to execute: else fetches are told as reads} */
  private boolean hostTellsFetches() {
    return x.target != null
        || (x.host(State.EFER, EFER) & Svm.EFER_NXE) != 0
        || (x.host(State.CR4, CR4) & CR4_SMEP) != 0;
  }

  /** Writes what was fetched of the instruction, for intercepted #PF and nested page faults. */
  void putInstructionBytes(VmExit exit) {
    boolean pageFault = exit.reason == ExitCode.EXCEPTION + 14;
    boolean nested = exit.reason == ExitCode.NPF;
    boolean fetch = (exit.qualification & FETCH) != 0;
    int count = 0;
    if ((pageFault || nested) && !fetch && exit.vectoring == 0) {
      count = copy();
    }
    x.put(BYTES_FETCHED, count);
  }

  private int copy() {
    boolean flat = State.mode64(x.s);
    long base = flat ? 0 : State.base(x.s, Segment.CS);
    long rip = x.state(State.RIP);
    long physical = -1;
    int offset = INSTRUCTION_BYTES_LOW.offset;
    for (int n = 0; n < MOST_BYTES; n++) {
      long linear = base + rip + n;
      linear = flat ? linear : linear & 0xFFFF_FFFFL;
      if (n == 0 || (linear & 0xFFF) == 0) {
        physical = x.v.mmu.peek(linear);
      }
      if (physical < 0 || !x.v.memory.isRam(physical)) {
        return n;
      }
      x.vmcb.putByte(offset + n, x.v.memory.load(null, physical++, 1));
    }
    return MOST_BYTES;
  }
}
