// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import nestor.isa.Insn;
import nestor.isa.OperandKind;
import nestor.semantics.EffectiveAddress;
import nestor.semantics.Operands;
import nestor.semantics.Stack;
import nestor.vcpu.Flags;
import nestor.vcpu.GuestMemory;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** Segment register instructions and descriptor queries (SDM vol. 2). */
final class Segments {
  private final Core core;
  private final Selectors selectors;
  private final SegmentLoads loads;

  Segments(Core core, Selectors selectors, SegmentLoads loads) {
    this.core = core;
    this.selectors = selectors;
    this.loads = loads;
  }

  void execute(Insn i) {
    Vcpu v = core.v;
    switch (i.row.mnemonic) {
      case MOV -> move(i);
      case POP -> pop(i);
      case LES -> loadPointer(i, Segment.ES);
      case LDS -> loadPointer(i, Segment.DS);
      case LSS -> loadPointer(i, Segment.SS);
      case LFS -> loadPointer(i, Segment.FS);
      case LGS -> loadPointer(i, Segment.GS);
      case RDFSBASE -> readBase(i, Segment.FS);
      case RDGSBASE -> readBase(i, Segment.GS);
      case WRFSBASE -> writeBase(i, Segment.FS);
      case WRGSBASE -> writeBase(i, Segment.GS);
      case SWAPGS -> {
        long base = State.base(core.state, Segment.GS);
        State.setBase(core.state, Segment.GS, core.get(State.KERNEL_GS_BASE));
        core.set(State.KERNEL_GS_BASE, base);
      }
      case LAR -> query(i, loadAccessRights(i));
      case LSL -> query(i, loadLimit(i));
      case VERR -> verify(i, false);
      case VERW -> verify(i, true);
      case ARPL -> adjust(i);
      default -> throw v.undefined();
    }
  }

  private void move(Insn i) {
    if (i.kind[0] == OperandKind.SEGMENT) {
      int segment = i.register[0];
      if (segment == Segment.CS) {
        throw core.v.undefined();
      }
      load(segment, (int) Operands.read(core.v, i, 1) & 0xFFFF);
    } else {
      Operands.write(core.v, i, 0, Operands.read(core.v, i, 1));
    }
  }

  private void load(int segment, int selector) {
    loads.load(segment, selector);
    if (segment == Segment.SS) {
      core.set(State.STEP, core.get(State.STEP) | State.STEP_MOV_SS);
    }
  }

  private void pop(Insn i) {
    int segment = i.register[0];
    int selector = (int) Stack.peek(core.v, 0, 2);
    // The whole operand must be readable although only the selector counts.
    if (i.operandSize > 2) {
      Stack.peek(core.v, 0, i.operandSize);
    }
    int width = Stack.width(core.state);
    long rsp = State.gpr(core.state, 4);
    long next = EffectiveAddress.truncate(rsp + i.operandSize, width);
    loads.load(segment, selector);
    State.setGpr(core.state, 4, width == 2 ? 2 : width, next);
    if (segment == Segment.SS) {
      core.set(State.STEP, core.get(State.STEP) | State.STEP_MOV_SS);
    }
  }

  private void loadPointer(Insn i, int segment) {
    Vcpu v = core.v;
    int size = v.amd && i.operandSize == 8 ? 4 : i.operandSize;
    long linear = EffectiveAddress.linear(v, i, size + 2, false);
    long offset = GuestMemory.load(v, linear, size);
    loads.load(segment, (int) GuestMemory.load(v, linear + size, 2));
    Operands.write(v, i, 0, offset);
  }

  private void requireFsgsbase() {
    if ((core.get(State.CR4) & ControlRegisters.FSGSBASE) == 0) {
      throw core.v.undefined();
    }
  }

  private void readBase(Insn i, int segment) {
    requireFsgsbase();
    Operands.write(core.v, i, 0, State.base(core.state, segment));
  }

  private void writeBase(Insn i, int segment) {
    requireFsgsbase();
    long base = Operands.read(core.v, i, 0);
    if (!core.isLoadable(base)) {
      throw core.v.protection();
    }
    State.setBase(core.state, segment, base);
  }

  private void setZero(boolean value) {
    Flags.setArithmetic(core.state, Flags.ZF, value ? Flags.ZF : 0);
  }

  private void query(Insn i, long result) {
    if (result >= 0) {
      Operands.write(core.v, i, 0, result);
    }
    setZero(result >= 0);
  }

  /** {@return the descriptor if it exists and may be looked at with its RPL, or 0} */
  private long visible(int selector) {
    if (!selectors.exists(selector, 8)) {
      return 0;
    }
    long d = selectors.read(selector);
    int dpl = Descriptor.dpl(d);
    boolean allowed = Descriptor.isConforming(d) || dpl >= core.cpl() && dpl >= (selector & 3);
    return allowed ? d : 0;
  }

  private int selectorOf(Insn i, int operand) {
    return (int) Operands.read(core.v, i, operand) & 0xFFFF;
  }

  private long loadAccessRights(Insn i) {
    long d = visible(selectorOf(i, 1));
    boolean known =
        Descriptor.isSegment(d)
            || switch (Descriptor.type(d)) {
              case Descriptor.TSS, Descriptor.TSS_BUSY, Descriptor.LDT, Descriptor.CALL_GATE ->
                  true;
              case Descriptor.TSS16,
                  Descriptor.TSS16_BUSY,
                  Descriptor.CALL_GATE16,
                  Descriptor.TASK_GATE ->
                  !State.longMode(core.state);
              default -> false;
            };
    return known && d != 0 ? d >>> 32 & 0x00FF_FF00 : -1;
  }

  private long loadLimit(Insn i) {
    long d = visible(selectorOf(i, 1));
    boolean known =
        Descriptor.isSegment(d)
            || switch (Descriptor.type(d)) {
              case Descriptor.TSS, Descriptor.TSS_BUSY, Descriptor.LDT -> true;
              case Descriptor.TSS16, Descriptor.TSS16_BUSY -> !State.longMode(core.state);
              default -> false;
            };
    return known && d != 0 ? Descriptor.limit(d) : -1;
  }

  private void verify(Insn i, boolean write) {
    long d = visible(selectorOf(i, 0));
    setZero(d != 0 && (write ? Descriptor.isWritableData(d) : Descriptor.isReadable(d)));
  }

  /** ARPL: a destination that keeps its RPL is not written, and a fault says it was read. */
  private void adjust(Insn i) {
    long target = Operands.read(core.v, i, 0);
    long rpl = Operands.read(core.v, i, 1) & 3;
    boolean lower = (target & 3) < rpl;
    if (lower) {
      Operands.write(core.v, i, 0, target & ~3L | rpl);
    }
    setZero(lower);
  }
}
