// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import nestor.isa.Insn;
import nestor.semantics.EffectiveAddress;
import nestor.vcpu.CodeListener;
import nestor.vcpu.GuestMemory;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** PAUSE, HLT, MONITOR and MWAIT, also in AMD's user-mode forms (SDM vol. 2; APM vol. 3). */
final class Power implements CodeListener {
  private static final int LINE = 64;

  private final Core core;
  private final Msrs msrs;
  private boolean listening;

  Power(Core core, Msrs msrs) {
    this.core = core;
    this.msrs = msrs;
  }

  void execute(Insn i) {
    switch (i.row.mnemonic) {
      // Another vCPU may have what this one waits for: it gives up the rest of its turn.
      case PAUSE -> core.v.yieldTurn();
      case HLT -> sleep();
      case MONITOR -> {
        requirePrivilege();
        monitor(i);
      }
      case MWAIT -> {
        requirePrivilege();
        mwait(1);
      }
      case MONITORX -> monitor(i);
      case MWAITX -> mwait(3);
      default -> throw core.v.undefined();
    }
  }

  private void sleep() {
    core.set(State.ACTIVITY, State.HALTED);
    core.v.attention(State.ATTENTION_EVENT);
  }

  private void requirePrivilege() {
    if (core.cpl() != 0 || !msrs.monitorEnabled()) {
      throw core.v.undefined();
    }
  }

  private void monitor(Insn i) {
    Vcpu v = core.v;
    if ((int) State.gpr(core.state, 1) != 0) {
      throw v.protection(); // no extensions
    }
    long offset = State.gpr(core.state, 0, i.addressSize);
    long linear = EffectiveAddress.linear(v, i.segment, offset, 1, false);
    GuestMemory.load8(v, linear);
    long gpa = v.mmu.peek(linear);
    if (gpa >= 0) {
      core.set(Core.MONITOR_LINE, gpa & -LINE);
      core.setFlag(Core.MONITOR_ARMED, true);
      rearm();
    }
  }

  /** Watches the monitored line, also after the state came from elsewhere. */
  void rearm() {
    long line = core.get(Core.MONITOR_LINE);
    if (!core.flag(Core.MONITOR_ARMED)) {
      return;
    }
    if (!listening) {
      listening = true;
      core.v.memory.addCodeListener(this);
    }
    if (core.v.memory.isRam(line)) {
      core.v.memory.watchCode(line, LINE);
    }
  }

  /** With MWAITX a timer may end the wait: it then ends at once, which is always allowed. */
  private void mwait(int extensions) {
    long ecx = State.gpr(core.state, 1, 4);
    if ((ecx & ~(long) extensions) != 0) {
      throw core.v.protection();
    }
    if (!core.flag(Core.MONITOR_ARMED) || (ecx & 2) != 0) {
      return;
    }
    core.setFlag(Core.IN_MWAIT, true);
    core.setFlag(Core.MWAIT_BREAK, (ecx & 1) != 0);
    sleep();
  }

  /** A store to the line disarms it, and wakes a vCPU that waits. */
  @Override
  public void codeWritten(long gpa, int length) {
    long line = core.get(Core.MONITOR_LINE);
    if (!core.flag(Core.MONITOR_ARMED) || gpa >= line + LINE || gpa + length <= line) {
      return;
    }
    core.setFlag(Core.MONITOR_ARMED, false);
    if (core.flag(Core.IN_MWAIT)) {
      core.setFlag(Core.IN_MWAIT | Core.MWAIT_BREAK, false);
      core.set(State.ACTIVITY, State.ACTIVE);
      core.v.attention(State.ATTENTION_RECHECK);
    }
  }

  /** Keeps the watch of the armed line alone. */
  @Override
  public boolean release(long gpaPage) {
    return !core.flag(Core.MONITOR_ARMED) || core.get(Core.MONITOR_LINE) >>> 12 != gpaPage >>> 12;
  }
}
