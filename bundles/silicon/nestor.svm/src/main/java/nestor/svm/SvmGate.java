// SPDX-License-Identifier: Apache-2.0
package nestor.svm;

import static nestor.svm.VmcbField.*;

import nestor.isa.Insn;
import nestor.isa.Mnemonic;
import nestor.semantics.EffectiveAddress;
import nestor.semantics.Operands;
import nestor.svm.Vectors.Fourth;
import nestor.svm.Vectors.Third;
import nestor.vcpu.GuestFault;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import nestor.vcpu.VmExit;
import nestor.virt.InstructionGate;

/** Which instructions exit (APM vol. 2, "Instruction Intercepts", "IOIO Intercepts", "MSR"). */
final class SvmGate implements InstructionGate {
  private static final int RAX = 0;
  private static final int RCX = 1;
  private static final int RDX = 2;
  private static final int EFER_MSR = 0xC000_0080;
  private static final int MSRS = 0x2000;
  private static final int DR6 = State.DR + 48;

  private final Svm x;
  private final ControlRegisterRules registers;
  private int pauses;
  private long lastPause;

  SvmGate(Svm x) {
    this.x = x;
    registers = new ControlRegisterRules(x);
  }

  void entered() {
    pauses = (int) x.get(PAUSE_FILTER_COUNT);
    lastPause = x.v.system.tsc();
  }

  /** {@return whether the instruction has been executed here} */
  @Override
  public boolean instruction(Insn i) {
    switch (i.row.mnemonic) {
      case MOV -> {
        return registers.move(i);
      }
      case CLTS -> {
        return registers.clearTaskSwitched();
      }
      case LMSW -> {
        return registers.loadStatusWord(i);
      }
      case SMSW -> registers.storeStatusWord();
      case RDMSR -> modelSpecific(false);
      case WRMSR -> {
        modelSpecific(true);
        return trapsEfer();
      }
      case PAUSE -> pause();
      case MWAIT, MWAITX -> monitorWait();
      case INT -> {
        VmExit exit = x.instructionExit(ExitCode.SWINT);
        if (x.capabilities.has(Capability.DECODE_ASSISTS)) {
          exit.qualification = i.imm & 0xFF;
        }
        throw exit;
      }
      case INVLPG -> {
        VmExit exit = x.instructionExit(ExitCode.INVLPG);
        if (x.capabilities.has(Capability.DECODE_ASSISTS)) {
          exit.qualification = unchecked(i);
        }
        throw exit;
      }
      case INVPCID -> {
        VmExit exit = x.instructionExit(ExitCode.INVPCID);
        exit.qualification = unchecked(i); // of the descriptor; EXITINFO2 has the type
        exit.qualification2 = Operands.read(x.v, i, 0);
        throw exit;
      }
      default -> throw x.instructionExit(plain(i));
    }
    return false;
  }

  /** {@return the exit code of an instruction whose intercept has no condition left} */
  private static int plain(Insn i) {
    return switch (i.row.mnemonic) {
      case CPUID -> ExitCode.CPUID;
      case HLT -> ExitCode.HLT;
      case INVD -> ExitCode.INVD;
      case WBINVD, WBNOINVD -> ExitCode.WBINVD;
      case RDPMC -> ExitCode.RDPMC;
      case RDTSC -> ExitCode.RDTSC;
      case RDTSCP -> ExitCode.RDTSCP;
      case XSETBV -> ExitCode.XSETBV;
      case MONITOR, MONITORX -> ExitCode.MONITOR;
      case PUSHF -> ExitCode.PUSHF;
      case POPF -> ExitCode.POPF;
      case RSM -> ExitCode.RSM;
      case IRET -> ExitCode.IRET;
      case INT1 -> ExitCode.ICEBP;
      case SGDT -> ExitCode.GDTR_READ;
      case SIDT -> ExitCode.IDTR_READ;
      case SLDT -> ExitCode.LDTR_READ;
      case STR -> ExitCode.TR_READ;
      case LGDT -> ExitCode.GDTR_WRITE;
      case LIDT -> ExitCode.IDTR_WRITE;
      case LLDT -> ExitCode.LDTR_WRITE;
      case LTR -> ExitCode.TR_WRITE;
      default -> throw new IllegalStateException("no exit for " + i);
    };
  }

  private long unchecked(Insn i) {
    long offset = EffectiveAddress.of(x.v, i);
    boolean flat = State.mode64(x.s) && i.segment < Segment.FS;
    return flat ? offset : State.base(x.s, i.segment) + offset;
  }

  private void monitorWait() {
    if (x.fourth(Fourth.MWAIT)) {
      throw x.instructionExit(ExitCode.MWAIT);
    }
    if (x.fourth(Fourth.MWAIT_CONDITIONAL) && x.v.core.isMonitorArmed()) {
      throw x.instructionExit(ExitCode.MWAIT_CONDITIONAL);
    }
  }

  /**
   * The filter counts down and exits below zero; a pause between two PAUSEs longer than the
   * threshold starts it again (APM vol. 2, "Pause Intercept Filtering").
   */
  private void pause() {
    int count = (int) x.get(PAUSE_FILTER_COUNT);
    if (x.capabilities.has(Capability.PAUSE_FILTER) && count != 0) {
      long threshold = x.get(PAUSE_FILTER_THRESHOLD);
      long now = x.v.system.tsc();
      boolean apart = now - lastPause > threshold;
      lastPause = now;
      if (x.capabilities.has(Capability.PAUSE_FILTER_THRESHOLD) && threshold != 0 && apart) {
        pauses = count;
        return;
      }
      if (--pauses >= 0) {
        return;
      }
    }
    throw x.instructionExit(ExitCode.PAUSE);
  }

  private void modelSpecific(boolean write) {
    int msr = (int) State.gpr(x.s, RCX);
    if (x.third(Third.MSR_PROT) && msrExits(msr, write)) {
      VmExit exit = x.instructionExit(ExitCode.MSR);
      exit.qualification = write ? 1 : 0;
      throw exit;
    }
  }

  /** {@return whether EFER was written here, with an exit behind the instruction} */
  private boolean trapsEfer() {
    if (!x.fourth(Fourth.EFER_WRITE_TRAP) || (int) State.gpr(x.s, RCX) != EFER_MSR) {
      return false;
    }
    long value = State.gpr(x.s, RDX, 4) << 32 | State.gpr(x.s, RAX, 4);
    x.v.system.writeMsr(EFER_MSR, value);
    x.trap(ExitCode.EFER_WRITE_TRAP, value);
    return true;
  }

  private boolean msrExits(int msr, boolean write) {
    int part =
        switch (msr & -MSRS) {
          case 0 -> 0;
          case 0xC000_0000 -> 0x800;
          case 0xC001_0000 -> 0x1000;
          default -> -1;
        };
    return part < 0
        || isSet(x.get(MSRPM_BASE_PA), 8 * part + 2 * (msr & MSRS - 1) + (write ? 1 : 0));
  }

  /** {@return a bit of a permission map, whose address has no low 12 bits} */
  private boolean isSet(long map, int bit) {
    long address = (map & -4096L) + (bit >>> 3);
    return (x.v.memory.load(null, address, 1) >>> (bit & 7) & 1) != 0;
  }

  @Override
  public void port(Insn i, int port, int size, long linear) {
    boolean exits = false;
    for (int p = port; p < port + size; p++) {
      exits |= isSet(x.get(IOPM_BASE_PA), p);
    }
    if (!exits) {
      return;
    }
    boolean input =
        switch (i.row.mnemonic) {
          case IN, INSB, INSW, INSD -> true;
          default -> false;
        };
    boolean string = i.row.mnemonic != Mnemonic.IN && i.row.mnemonic != Mnemonic.OUT;
    VmExit exit = x.instructionExit(ExitCode.IOIO);
    int info = (input ? 1 : 0) | size << 4 | addressSize(i.addressSize) | port << 16;
    if (string) {
      info |= 1 << 2 | (i.isRepeated() ? 1 << 3 : 0) | (input ? Segment.ES : i.segment) << 10;
    }
    exit.qualification = info & 0xFFFF_FFFFL;
    exit.qualification2 = x.state(State.NEXT_RIP);
    exit.linear = linear;
    throw exit;
  }

  private static int addressSize(int bytes) {
    return switch (bytes) {
      case 2 -> 1 << 7;
      case 4 -> 1 << 8;
      default -> 1 << 9;
    };
  }

  /**
   * {@return the exit of an exception, with its error code also in paged real mode} What a debug
   * exception found is in DR6 by then.
   */
  @Override
  public VmExit exception(int event, int errorCode, long address) {
    int vector = event & 0xFF;
    VmExit exit = x.v.exit(ExitCode.EXCEPTION + vector);
    exit.qualification = GuestFault.hasErrorCode(vector) ? errorCode & 0xFFFF_FFFFL : 0;
    if (vector == 1) {
      x.setState(DR6, x.state(DR6) & ~15L | address);
    }
    if (vector == 14) {
      exit.qualification2 = address;
    }
    return exit;
  }

  /** {@return the exit of a task switch (APM vol. 2, "Task Switch Intercept")} */
  VmExit taskSwitch(int selector, int source, int errorCode) {
    VmExit exit = x.v.exit(ExitCode.TASK_SWITCH);
    exit.qualification = selector & 0xFFFF;
    long info = source == 1 ? 1L << 36 : source == 2 ? 1L << 38 : 0;
    if (errorCode >= 0) {
      info |= 1L << 44 | errorCode & 0xFFFF_FFFFL;
    }
    exit.qualification2 = info | (x.state(State.RFLAGS) >>> 16 & 1) << 48;
    return exit;
  }
}
