// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import nestor.vcpu.Flags;
import nestor.vcpu.Segment;
import nestor.vcpu.State;

/**
 * SYSCALL, SYSRET, SYSENTER and SYSEXIT, as each vendor defines them (SDM vol. 2 and APM vol. 3,
 * sections of those names).
 */
final class FastCalls {
  private static final int SCE = 1;

  private final Core core;

  FastCalls(Core core) {
    this.core = core;
  }

  void syscall() {
    long state = core.state;
    boolean mode64 = State.mode64(state);
    checkAvailable(mode64);
    long flags = Flags.read(state) & ~Flags.RF;
    long next = core.get(State.NEXT_RIP);
    long star = core.get(State.STAR);
    State.setGpr(state, 1, next);
    int selector = (int) (star >>> 32) & 0xFFFC;
    if (State.longMode(state)) {
      State.setGpr(state, 11, flags);
      setCode(selector, Segment.FLAT_CODE64, 0);
      core.set(State.NEXT_RIP, core.get(mode64 ? State.LSTAR : State.CSTAR));
      flags &= ~core.get(State.FMASK);
    } else {
      setCode(selector, Segment.FLAT_CODE32, 0);
      core.set(State.NEXT_RIP, star & 0xFFFF_FFFFL);
      flags &= ~(Flags.IF | Flags.VM);
    }
    setStack(selector + 8, 0);
    core.trapSuppressed = (flags & Flags.TF) == 0;
    core.writeFlags(flags);
  }

  void sysret(boolean to64) {
    long state = core.state;
    boolean mode64 = State.mode64(state);
    checkAvailable(mode64);
    if (core.cpl() != 0 || State.realOrVirtual8086(state)) {
      throw core.protection();
    }
    long target = to64 ? State.gpr(state, 1) : State.gpr(state, 1, 4);
    if (to64 && !core.v.amd && !State.isCanonical(state, target)) {
      throw core.protection(); // AMD faults at the fetch instead.
    }
    int selector = (int) (core.get(State.STAR) >>> 48);
    long flags = Flags.read(state);
    if (State.longMode(state)) {
      flags = State.gpr(state, 11) & 0x3C_7FD7;
    } else {
      flags |= Flags.IF;
    }
    setCode((selector + (to64 ? 16 : 0)) | 3, to64 ? Segment.FLAT_CODE64 : Segment.FLAT_CODE32, 3);
    int ss = selector + 8 | 3;
    if (core.v.amd) {
      // APM vol. 3, "SYSRET": the selector changes, the hidden part does not.
      State.set(state, State.SEGMENTS + (Segment.SS << 5), ss & 0xFFFF);
    } else {
      setStack(ss, 3);
    }
    core.set(State.NEXT_RIP, target);
    core.writeFlags(flags & ~(Flags.RF | Flags.VM));
    // TF counts as it is at the end of SYSCALL and SYSRET, not at their start.
    core.trapSuppressed = true;
    if ((flags & Flags.TF) != 0) {
      core.set(State.DEBUG_HITS, core.get(State.DEBUG_HITS) | DebugUnit.BS);
      core.v.pend(State.PENDING_DEBUG);
    }
  }

  /** Intel has SYSCALL in 64-bit mode only; AMD does not look at the mode. */
  private void checkAvailable(boolean mode64) {
    if (!mode64 && !core.v.amd || (core.get(State.EFER) & SCE) == 0) {
      throw core.v.undefined();
    }
  }

  void sysenter() {
    long state = core.state;
    boolean longMode = State.longMode(state);
    if (core.v.amd && longMode) {
      throw core.v.undefined();
    }
    int selector = (int) core.get(State.SYSENTER_CS) & 0xFFFC;
    if (!State.protectedMode(state) || selector == 0) {
      throw core.protection();
    }
    long flags = Flags.read(state) & ~(Flags.VM | Flags.IF | Flags.RF);
    setCode(selector, longMode ? Segment.FLAT_CODE64 : Segment.FLAT_CODE32, 0);
    setStack(selector + 8, 0);
    long mask = longMode ? -1 : 0xFFFF_FFFFL;
    State.setGpr(state, 4, core.get(State.SYSENTER_ESP) & mask);
    core.set(State.NEXT_RIP, core.get(State.SYSENTER_EIP) & mask);
    core.writeFlags(flags);
  }

  void sysexit(boolean to64) {
    long state = core.state;
    if (core.v.amd && State.longMode(state)) {
      throw core.v.undefined();
    }
    int selector = (int) core.get(State.SYSENTER_CS) & 0xFFFC;
    if (!State.protectedMode(state) || selector == 0 || core.cpl() != 0) {
      throw core.protection();
    }
    long target = State.gpr(state, 2, to64 ? 8 : 4);
    long sp = State.gpr(state, 1, to64 ? 8 : 4);
    if (to64 && !(State.isCanonical(state, target) && State.isCanonical(state, sp))) {
      throw core.protection();
    }
    setCode(selector + (to64 ? 32 : 16) | 3, to64 ? Segment.FLAT_CODE64 : Segment.FLAT_CODE32, 3);
    setStack(selector + (to64 ? 40 : 24) | 3, 3);
    State.setGpr(state, 4, sp);
    core.set(State.NEXT_RIP, target);
  }

  private void setCode(int selector, int attributes, int cpl) {
    State.setSegment(core.state, Segment.CS, selector, 0, 0xFFFF_FFFFL, attributes | cpl << 5);
    core.setCpl(cpl);
    core.updateCodeSize();
  }

  private void setStack(int selector, int cpl) {
    State.setSegment(
        core.state, Segment.SS, selector, 0, 0xFFFF_FFFFL, Segment.FLAT_DATA | cpl << 5);
  }
}
