// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

import static nestor.vmx.VmcsField.*;

import nestor.isa.Insn;
import nestor.semantics.EffectiveAddress;
import nestor.semantics.Operands;
import nestor.vcpu.State;
import nestor.vcpu.VmExit;
import nestor.vmx.Control.Primary;

/**
 * Guest accesses to control registers: guest/host masks, read shadows and CR3-target values (SDM
 * vol. 3C, "Changes to Instruction Behavior in VMX Non-Root Operation").
 */
final class ControlRegisterRules {
  private static final int TO = 0;
  private static final int FROM = 1;
  private static final int CLTS = 2;
  private static final int LMSW = 3;

  private final Vmx x;
  private final ApicVirtualization apic;

  ControlRegisterRules(Vmx x, ApicVirtualization apic) {
    this.x = x;
    this.apic = apic;
  }

  /** {@return CR0 or CR4 as the guest reads it} */
  long read(int number) {
    long mask = x.get(number == 0 ? CR0_GUEST_HOST_MASK : CR4_GUEST_HOST_MASK);
    long shadow = x.get(number == 0 ? CR0_READ_SHADOW : CR4_READ_SHADOW);
    return x.state(number == 0 ? State.CR0 : State.CR4) & ~mask | shadow & mask;
  }

  private VmExit exit(int number, int type, int gpr) {
    VmExit exit = x.instructionExit(ExitReason.CR_ACCESS);
    exit.qualification = number | type << 4 | gpr << 8;
    return exit;
  }

  /** MOV from CR. */
  boolean read(Insn i, int number, int gpr) {
    int width = i.mode == 64 ? 8 : 4;
    switch (number) {
      case 0, 4 -> State.setGpr(x.s, gpr, width, read(number));
      case 3 -> {
        if (x.primary(Primary.CR3_STORE_EXITING)) {
          throw exit(3, FROM, gpr);
        }
        return false;
      }
      case 8 -> {
        if (x.primary(Primary.CR8_STORE_EXITING)) {
          throw exit(8, FROM, gpr);
        }
        if (!x.primary(Primary.TPR_SHADOW)) {
          return false;
        }
        State.setGpr(x.s, gpr, width, apic.tpr() >>> 4);
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  /** MOV to CR. */
  boolean write(Insn i, int number, int gpr) {
    long value = State.gpr(x.s, gpr, i.mode == 64 ? 8 : 4);
    switch (number) {
      case 0 -> {
        writeMasked(0, value, gpr);
        return true;
      }
      case 4 -> {
        writeMasked(4, value, gpr);
        return true;
      }
      case 3 -> {
        if (x.primary(Primary.CR3_LOAD_EXITING) && !isTarget(value)) {
          throw exit(3, TO, gpr);
        }
        return false;
      }
      case 8 -> {
        return writeTpr(value, gpr);
      }
      default -> {
        return false;
      }
    }
  }

  private void writeMasked(int number, long value, int gpr) {
    long mask = x.get(number == 0 ? CR0_GUEST_HOST_MASK : CR4_GUEST_HOST_MASK);
    long shadow = x.get(number == 0 ? CR0_READ_SHADOW : CR4_READ_SHADOW);
    if (((value ^ shadow) & mask) != 0) {
      throw exit(number, TO, gpr);
    }
    long old = x.state(number == 0 ? State.CR0 : State.CR4);
    x.v.core.writeControl(number, old & mask | value & ~mask);
  }

  private boolean isTarget(long value) {
    long count = x.get(CR3_TARGET_COUNT);
    return count > 0 && value == x.get(CR3_TARGET_VALUE0)
        || count > 1 && value == x.get(CR3_TARGET_VALUE1)
        || count > 2 && value == x.get(CR3_TARGET_VALUE2)
        || count > 3 && value == x.get(CR3_TARGET_VALUE3);
  }

  private boolean writeTpr(long value, int gpr) {
    if (x.primary(Primary.CR8_LOAD_EXITING)) {
      throw exit(8, TO, gpr);
    }
    if (!x.primary(Primary.TPR_SHADOW)) {
      return false;
    }
    if (value >>> 4 != 0) {
      throw x.v.protection();
    }
    apic.writeTpr(value << 4);
    return true;
  }

  /** CLTS. */
  boolean clearTaskSwitched() {
    if ((x.get(CR0_GUEST_HOST_MASK) & Vmx.CR0_TS) == 0) {
      return false;
    }
    if ((x.get(CR0_READ_SHADOW) & Vmx.CR0_TS) != 0) {
      throw exit(0, CLTS, 0);
    }
    return true; // the guest sees TS = 0 already
  }

  /** LMSW: PE can only be set, so a source with PE = 0 says nothing about it. */
  boolean loadStatusWord(Insn i) {
    boolean memory = i.memoryOperand() >= 0;
    long linear = memory ? EffectiveAddress.linear(x.v, i, 2, false) : 0;
    long source = Operands.read(x.v, i, 0) & 0xFFFF;
    long mask = x.get(CR0_GUEST_HOST_MASK) & 0xF;
    long shadow = x.get(CR0_READ_SHADOW);
    boolean setsPe = (source & mask & ~shadow & Vmx.CR0_PE) != 0;
    if (setsPe || ((source ^ shadow) & mask & 0xE) != 0) {
      VmExit exit = exit(0, LMSW, 0);
      exit.qualification |= (memory ? 1 << 6 : 0) | source << 16;
      exit.linear = linear;
      throw exit;
    }
    long old = x.state(State.CR0);
    long changeable = ~mask & 0xF;
    long next = old & ~(changeable & 0xE) | source & changeable;
    x.v.core.writeControl(0, next);
    return true;
  }
}
