// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

import static nestor.vmx.VmcsField.*;

import nestor.isa.Insn;
import nestor.isa.OperandKind;
import nestor.semantics.EffectiveAddress;
import nestor.semantics.Operands;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import nestor.vcpu.VmExit;
import nestor.virt.InstructionGate;
import nestor.vmx.Control.Pin;
import nestor.vmx.Control.Primary;
import nestor.vmx.Control.Secondary;

/** Which instructions exit (SDM vol. 3C, "Instructions That Cause VM Exits"). */
final class VmxGate implements InstructionGate {
  private static final int RAX = 0;
  private static final int RCX = 1;
  private static final int RDX = 2;
  private static final int EVERY_PORT = 0x10000;

  private final Vmx x;
  private final ApicVirtualization apic;
  private final ControlRegisterRules registers;
  private long firstPause;
  private long lastPause;

  VmxGate(Vmx x, ApicVirtualization apic) {
    this.x = x;
    this.apic = apic;
    this.registers = new ControlRegisterRules(x, apic);
  }

  void entered() {
    lastPause = 0;
    firstPause = 0;
  }

  /** {@return whether the instruction has been executed here} */
  @Override
  public boolean instruction(Insn i) {
    switch (i.row.mnemonic) {
      case MOV -> {
        return move(i);
      }
      case CLTS -> {
        return registers.clearTaskSwitched();
      }
      case LMSW -> {
        return registers.loadStatusWord(i);
      }
      case SMSW -> {
        Operands.write(x.v, i, 0, registers.read(0));
        return true;
      }
      case RDMSR, WRMSR -> {
        return msr(i.row.mnemonic == nestor.isa.Mnemonic.WRMSR);
      }
      case RDTSC -> exitIf(Primary.RDTSC_EXITING, ExitReason.RDTSC);
      case RDTSCP -> {
        require(Secondary.RDTSCP);
        exitIf(Primary.RDTSC_EXITING, ExitReason.RDTSCP);
      }
      case RDPID -> require(Secondary.RDTSCP);
      case INVPCID -> invalidatePcid(i);
      case XSAVES, XRSTORS -> saveState(i);
      case PAUSE -> pause();
      default -> throw plain(i);
    }
    return false;
  }

  private void require(int secondary) {
    if (!x.secondary(secondary)) {
      throw x.v.undefined();
    }
  }

  private void exitIf(int primary, int reason) {
    if (x.primary(primary)) {
      throw x.instructionExit(reason);
    }
  }

  /** {@return the exit of an instruction whose intercept has no condition left} */
  private VmExit plain(Insn i) {
    return switch (i.row.mnemonic) {
      case CPUID -> x.instructionExit(ExitReason.CPUID);
      case HLT -> x.instructionExit(ExitReason.HLT);
      case INVD -> x.instructionExit(ExitReason.INVD);
      case WBINVD, WBNOINVD -> x.instructionExit(ExitReason.WBINVD);
      case RDPMC -> x.instructionExit(ExitReason.RDPMC);
      case XSETBV -> x.instructionExit(ExitReason.XSETBV);
      case MONITOR -> x.instructionExit(ExitReason.MONITOR);
      case MWAIT -> {
        VmExit exit = x.instructionExit(ExitReason.MWAIT);
        exit.qualification = x.v.core.isMonitorArmed() ? 1 : 0;
        yield exit;
      }
      case INVLPG -> {
        VmExit exit = x.instructionExit(ExitReason.INVLPG);
        exit.qualification = unchecked(i);
        yield exit;
      }
      case RDRAND -> with(ExitReason.RDRAND, OperandInfo.random(i));
      case RDSEED -> with(ExitReason.RDSEED, OperandInfo.random(i));
      case SGDT -> table(i, ExitReason.GDTR_IDTR_ACCESS, OperandInfo.tables(i, 0));
      case SIDT -> table(i, ExitReason.GDTR_IDTR_ACCESS, OperandInfo.tables(i, 1));
      case LGDT -> table(i, ExitReason.GDTR_IDTR_ACCESS, OperandInfo.tables(i, 2));
      case LIDT -> table(i, ExitReason.GDTR_IDTR_ACCESS, OperandInfo.tables(i, 3));
      case SLDT -> table(i, ExitReason.LDTR_TR_ACCESS, OperandInfo.selectors(i, 0));
      case STR -> table(i, ExitReason.LDTR_TR_ACCESS, OperandInfo.selectors(i, 1));
      case LLDT -> table(i, ExitReason.LDTR_TR_ACCESS, OperandInfo.selectors(i, 2));
      case LTR -> table(i, ExitReason.LDTR_TR_ACCESS, OperandInfo.selectors(i, 3));
      default -> throw new IllegalStateException("no exit for " + i);
    };
  }

  private VmExit with(int reason, int information) {
    VmExit exit = x.instructionExit(reason);
    exit.instruction = information;
    return exit;
  }

  private VmExit table(Insn i, int reason, int information) {
    VmExit exit = with(reason, information);
    exit.qualification = OperandInfo.displacement(x, i);
    return exit;
  }

  private long unchecked(Insn i) {
    long offset = EffectiveAddress.of(x.v, i);
    boolean flat = State.mode64(x.s) && i.segment < Segment.FS;
    return flat ? offset : State.base(x.s, i.segment) + offset;
  }

  private boolean move(Insn i) {
    OperandKind to = i.kind[0];
    OperandKind from = i.kind[1];
    if (to == OperandKind.DEBUG || from == OperandKind.DEBUG) {
      boolean write = to == OperandKind.DEBUG;
      VmExit exit = x.instructionExit(ExitReason.DR_ACCESS);
      int number = i.register[write ? 0 : 1];
      int gpr = i.register[write ? 1 : 0];
      exit.qualification = number & 7 | (write ? 0 : 1 << 4) | gpr << 8;
      throw exit;
    }
    return to == OperandKind.CONTROL
        ? registers.write(i, i.register[0], i.register[1])
        : registers.read(i, i.register[1], i.register[0]);
  }

  private boolean msr(boolean write) {
    int msr = (int) State.gpr(x.s, RCX);
    if (msrExits(msr, write)) {
      throw x.instructionExit(write ? ExitReason.WRMSR : ExitReason.RDMSR);
    }
    if (msr != ApicVirtualization.TPR_MSR || !apic.hasTprMsr()) {
      return false;
    }
    if (!write) {
      State.setGpr(x.s, RAX, 4, apic.tpr());
      State.setGpr(x.s, RDX, 4, 0);
      return true;
    }
    long value = State.gpr(x.s, RDX, 4) << 32 | State.gpr(x.s, RAX, 4);
    if (value >>> 8 != 0) {
      throw x.v.protection();
    }
    apic.writeTpr(value);
    return true;
  }

  private boolean msrExits(int msr, boolean write) {
    if (!x.primary(Primary.MSR_BITMAPS)) {
      return true;
    }
    int number = msr & 0x1FFF;
    long offset;
    if (msr == number) {
      offset = 0;
    } else if ((msr & 0xFFFF_E000) == 0xC000_0000) {
      offset = 0x400;
    } else {
      return true;
    }
    long address = x.get(MSR_BITMAP) + offset + (write ? 0x800 : 0) + (number >>> 3);
    return (x.v.memory.load(null, address, 1) >>> (number & 7) & 1) != 0;
  }

  private void invalidatePcid(Insn i) {
    require(Secondary.INVPCID);
    if (x.primary(Primary.INVLPG_EXITING)) {
      VmExit exit = with(ExitReason.INVPCID, OperandInfo.invalidation(i));
      exit.qualification = OperandInfo.displacement(x, i);
      throw exit;
    }
  }

  private void saveState(Insn i) {
    require(Secondary.XSAVES);
    long mask = State.gpr(x.s, RDX, 4) << 32 | State.gpr(x.s, RAX, 4);
    if ((mask & x.state(State.XSS) & x.get(XSS_EXITING_BITMAP)) != 0) {
      boolean saves = i.row.mnemonic == nestor.isa.Mnemonic.XSAVES;
      VmExit exit = with(saves ? ExitReason.XSAVES : ExitReason.XRSTORS, OperandInfo.memory(i));
      exit.qualification = OperandInfo.displacement(x, i);
      throw exit;
    }
  }

  /** PAUSE exiting, and PAUSE-loop exiting at CPL 0 (SDM vol. 3C, "PAUSE"). */
  private void pause() {
    exitIf(Primary.PAUSE_EXITING, ExitReason.PAUSE);
    if (!x.secondary(Secondary.PAUSE_LOOP_EXITING) || State.cpl(x.s) != 0) {
      return;
    }
    long now = x.v.system.tsc();
    boolean first = lastPause == 0 || now - lastPause > x.get(PLE_GAP);
    lastPause = now;
    if (first) {
      firstPause = now;
    } else if (now - firstPause > x.get(PLE_WINDOW)) {
      throw x.instructionExit(ExitReason.PAUSE);
    }
  }

  @Override
  public void port(Insn i, int port, int size, long linear) {
    if (!portExits(port, size)) {
      return;
    }
    VmExit exit = x.instructionExit(ExitReason.IO);
    boolean input =
        switch (i.row.mnemonic) {
          case IN, INSB, INSW, INSD -> true;
          default -> false;
        };
    boolean string =
        i.row.mnemonic != nestor.isa.Mnemonic.IN && i.row.mnemonic != nestor.isa.Mnemonic.OUT;
    boolean immediate = i.kind[0] == OperandKind.IMMEDIATE || i.kind[1] == OperandKind.IMMEDIATE;
    exit.qualification =
        size - 1
            | (input ? 1 << 3 : 0)
            | (string ? 1 << 4 : 0)
            | (string && i.isRepeated() ? 1 << 5 : 0)
            | (immediate ? 1 << 6 : 0)
            | (long) port << 16;
    if (string) {
      exit.linear = linear;
      exit.instruction = OperandInfo.string(i, !input);
    }
    throw exit;
  }

  private boolean portExits(int port, int size) {
    if (!x.primary(Primary.IO_BITMAPS)) {
      return x.primary(Primary.UNCONDITIONAL_IO_EXITING);
    }
    if (port + size > EVERY_PORT) {
      return true; // wraps around
    }
    for (int p = port; p < port + size; p++) {
      long bitmap = x.get(p < 0x8000 ? IO_BITMAP_A : IO_BITMAP_B);
      if ((x.v.memory.load(null, bitmap + (p >>> 3 & 0xFFF), 1) >>> (p & 7) & 1) != 0) {
        return true;
      }
    }
    return false;
  }

  /** {@return the exit of an exception, or null if a page fault does not match} */
  @Override
  public VmExit exception(int event, int errorCode, long address) {
    int vector = event & 0xFF;
    if (vector == 14) {
      long mask = x.get(PAGE_FAULT_ERROR_CODE_MASK);
      boolean matches = (errorCode & mask) == x.get(PAGE_FAULT_ERROR_CODE_MATCH);
      boolean bit = (x.get(EXCEPTION_BITMAP) >>> 14 & 1) != 0;
      if (matches != bit) {
        return null;
      }
    }
    VmExit exit = x.v.exit(ExitReason.EXCEPTION_OR_NMI);
    exit.event = event;
    exit.eventError = errorCode;
    exit.qualification = vector == 14 || vector == 1 ? address : 0;
    return exit;
  }

  /** {@return the exit of an acknowledged or waiting interrupt} */
  VmExit interrupt() {
    VmExit exit = x.v.exit(ExitReason.EXTERNAL_INTERRUPT);
    if (x.exitControl(Control.Exit.ACKNOWLEDGE_INTERRUPT)) {
      int vector = x.v.core.acknowledgeInterrupt();
      exit = x.v.exit(ExitReason.EXTERNAL_INTERRUPT);
      exit.event = VmExit.EVENT_VALID | VmExit.EXTERNAL | vector;
    }
    return exit;
  }

  boolean wantsInterrupts() {
    return x.pin(Pin.EXTERNAL_INTERRUPT_EXITING);
  }
}
