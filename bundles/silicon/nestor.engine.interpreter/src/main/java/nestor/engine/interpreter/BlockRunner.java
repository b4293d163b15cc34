// SPDX-License-Identifier: Apache-2.0
package nestor.engine.interpreter;

import nestor.isa.Insn;
import nestor.semantics.Semantics;
import nestor.vcpu.Flags;
import nestor.vcpu.GuestFault;
import nestor.vcpu.Mem;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** Runs the packed instructions of a block. */
final class BlockRunner {
  private final Vcpu v;

  BlockRunner(Vcpu v) {
    this.v = v;
  }

  /** {@return an instruction pointer cut to what the mode has} */
  long nextRip(long s, long rip) {
    return State.mode64(s) ? rip : rip & 0xFFFF_FFFFL;
  }

  /**
   * Runs up to {@code count} instructions of a block whose first is at RIP. Ends early when
   * something asks for attention. On a fault RIP is that of the faulting instruction and those
   * before it have retired.
   */
  void run(Block block, int count) {
    Vcpu v = this.v;
    long s = v.state;
    Mem.putLong(s + State.BLOCK_RIP, Mem.getLong(s + State.RIP));
    long[] code = block.code;
    int n = 0;
    try {
      while (true) {
        long w = code[2 * n];
        if (dispatch(v, s, w, code[2 * n + 1], block, n)) {
          n++;
          retire(s, n); // a branch or a generic instruction has set RIP
          return;
        }
        n++;
        if (n == count || Mem.getLong(s + State.ATTENTION) != 0) {
          Mem.putLong(s + State.RIP, nextRip(s, Mem.getLong(s + State.BLOCK_RIP) + Packed.next(w)));
          retire(s, n);
          return;
        }
        Mem.putLong(s + State.POSITION, n);
      }
    } catch (GuestFault fault) {
      int failed = (int) Mem.getLong(s + State.POSITION);
      Mem.putLong(
          s + State.RIP, nextRip(s, Mem.getLong(s + State.BLOCK_RIP) + block.offset(failed)));
      retire(s, failed);
      throw fault;
    }
  }

  private static void retire(long s, long count) {
    Mem.putLong(s + State.BUDGET, Mem.getLong(s + State.BUDGET) - count);
    Mem.putLong(s + State.POSITION, 0);
  }

  /** {@return whether RIP has been set and the block ends here} */
  private boolean generic(Vcpu v, long s, long w, Block block, int n) {
    Insn i = block.insns[n];
    long start = Mem.getLong(s + State.BLOCK_RIP);
    Mem.putLong(s + State.RIP, nextRip(s, start + block.offset(n)));
    long next = nextRip(s, start + Packed.next(w));
    Mem.putLong(s + State.NEXT_RIP, next);
    Semantics.execute(v, i);
    long target = Mem.getLong(s + State.NEXT_RIP);
    if (target != next || n + 1 == block.count) {
      Mem.putLong(s + State.RIP, target);
      return true;
    }
    return false;
  }

  /** {@return whether RIP has been set: a branch, or the end of the block} */
  private boolean dispatch(Vcpu v, long s, long w, long w2, Block block, int n) {
    switch (Packed.handler(w)) {
      case Handlers.GENERIC -> {
        return generic(v, s, w, block, n);
      }
      case Handlers.UNDEFINED -> throw v.undefined();
      case Handlers.TOO_LONG -> throw v.protection();
      case Handlers.NOP -> {}
      case Handlers.REGISTER_REGISTER + Handlers.ADD ->
          FastArithmetic.registerRegister(Handlers.ADD, s, w);
      case Handlers.REGISTER_REGISTER + Handlers.OR ->
          FastArithmetic.registerRegister(Handlers.OR, s, w);
      case Handlers.REGISTER_REGISTER + Handlers.ADC ->
          FastArithmetic.registerRegister(Handlers.ADC, s, w);
      case Handlers.REGISTER_REGISTER + Handlers.SBB ->
          FastArithmetic.registerRegister(Handlers.SBB, s, w);
      case Handlers.REGISTER_REGISTER + Handlers.AND ->
          FastArithmetic.registerRegister(Handlers.AND, s, w);
      case Handlers.REGISTER_REGISTER + Handlers.SUB ->
          FastArithmetic.registerRegister(Handlers.SUB, s, w);
      case Handlers.REGISTER_REGISTER + Handlers.XOR ->
          FastArithmetic.registerRegister(Handlers.XOR, s, w);
      case Handlers.REGISTER_REGISTER + Handlers.CMP ->
          FastArithmetic.registerRegister(Handlers.CMP, s, w);
      case Handlers.REGISTER_REGISTER + Handlers.TEST ->
          FastArithmetic.registerRegister(Handlers.TEST, s, w);
      case Handlers.REGISTER_IMMEDIATE + Handlers.ADD ->
          FastArithmetic.registerImmediate(Handlers.ADD, s, w, w2);
      case Handlers.REGISTER_IMMEDIATE + Handlers.OR ->
          FastArithmetic.registerImmediate(Handlers.OR, s, w, w2);
      case Handlers.REGISTER_IMMEDIATE + Handlers.ADC ->
          FastArithmetic.registerImmediate(Handlers.ADC, s, w, w2);
      case Handlers.REGISTER_IMMEDIATE + Handlers.SBB ->
          FastArithmetic.registerImmediate(Handlers.SBB, s, w, w2);
      case Handlers.REGISTER_IMMEDIATE + Handlers.AND ->
          FastArithmetic.registerImmediate(Handlers.AND, s, w, w2);
      case Handlers.REGISTER_IMMEDIATE + Handlers.SUB ->
          FastArithmetic.registerImmediate(Handlers.SUB, s, w, w2);
      case Handlers.REGISTER_IMMEDIATE + Handlers.XOR ->
          FastArithmetic.registerImmediate(Handlers.XOR, s, w, w2);
      case Handlers.REGISTER_IMMEDIATE + Handlers.CMP ->
          FastArithmetic.registerImmediate(Handlers.CMP, s, w, w2);
      case Handlers.REGISTER_IMMEDIATE + Handlers.TEST ->
          FastArithmetic.registerImmediate(Handlers.TEST, s, w, w2);
      case Handlers.REGISTER_MEMORY + Handlers.ADD ->
          FastArithmetic.registerMemory(Handlers.ADD, v, s, w, w2);
      case Handlers.REGISTER_MEMORY + Handlers.OR ->
          FastArithmetic.registerMemory(Handlers.OR, v, s, w, w2);
      case Handlers.REGISTER_MEMORY + Handlers.ADC ->
          FastArithmetic.registerMemory(Handlers.ADC, v, s, w, w2);
      case Handlers.REGISTER_MEMORY + Handlers.SBB ->
          FastArithmetic.registerMemory(Handlers.SBB, v, s, w, w2);
      case Handlers.REGISTER_MEMORY + Handlers.AND ->
          FastArithmetic.registerMemory(Handlers.AND, v, s, w, w2);
      case Handlers.REGISTER_MEMORY + Handlers.SUB ->
          FastArithmetic.registerMemory(Handlers.SUB, v, s, w, w2);
      case Handlers.REGISTER_MEMORY + Handlers.XOR ->
          FastArithmetic.registerMemory(Handlers.XOR, v, s, w, w2);
      case Handlers.REGISTER_MEMORY + Handlers.CMP ->
          FastArithmetic.registerMemory(Handlers.CMP, v, s, w, w2);
      case Handlers.REGISTER_MEMORY + Handlers.TEST ->
          FastArithmetic.registerMemory(Handlers.TEST, v, s, w, w2);
      case Handlers.MEMORY_REGISTER + Handlers.ADD ->
          FastArithmetic.memoryRegister(Handlers.ADD, v, s, w, w2);
      case Handlers.MEMORY_REGISTER + Handlers.OR ->
          FastArithmetic.memoryRegister(Handlers.OR, v, s, w, w2);
      case Handlers.MEMORY_REGISTER + Handlers.ADC ->
          FastArithmetic.memoryRegister(Handlers.ADC, v, s, w, w2);
      case Handlers.MEMORY_REGISTER + Handlers.SBB ->
          FastArithmetic.memoryRegister(Handlers.SBB, v, s, w, w2);
      case Handlers.MEMORY_REGISTER + Handlers.AND ->
          FastArithmetic.memoryRegister(Handlers.AND, v, s, w, w2);
      case Handlers.MEMORY_REGISTER + Handlers.SUB ->
          FastArithmetic.memoryRegister(Handlers.SUB, v, s, w, w2);
      case Handlers.MEMORY_REGISTER + Handlers.XOR ->
          FastArithmetic.memoryRegister(Handlers.XOR, v, s, w, w2);
      case Handlers.MEMORY_REGISTER + Handlers.CMP ->
          FastArithmetic.memoryRegister(Handlers.CMP, v, s, w, w2);
      case Handlers.MEMORY_REGISTER + Handlers.TEST ->
          FastArithmetic.memoryRegister(Handlers.TEST, v, s, w, w2);
      case Handlers.MEMORY_IMMEDIATE + Handlers.ADD ->
          FastArithmetic.memoryImmediate(Handlers.ADD, v, s, w, w2);
      case Handlers.MEMORY_IMMEDIATE + Handlers.OR ->
          FastArithmetic.memoryImmediate(Handlers.OR, v, s, w, w2);
      case Handlers.MEMORY_IMMEDIATE + Handlers.ADC ->
          FastArithmetic.memoryImmediate(Handlers.ADC, v, s, w, w2);
      case Handlers.MEMORY_IMMEDIATE + Handlers.SBB ->
          FastArithmetic.memoryImmediate(Handlers.SBB, v, s, w, w2);
      case Handlers.MEMORY_IMMEDIATE + Handlers.AND ->
          FastArithmetic.memoryImmediate(Handlers.AND, v, s, w, w2);
      case Handlers.MEMORY_IMMEDIATE + Handlers.SUB ->
          FastArithmetic.memoryImmediate(Handlers.SUB, v, s, w, w2);
      case Handlers.MEMORY_IMMEDIATE + Handlers.XOR ->
          FastArithmetic.memoryImmediate(Handlers.XOR, v, s, w, w2);
      case Handlers.MEMORY_IMMEDIATE + Handlers.CMP ->
          FastArithmetic.memoryImmediate(Handlers.CMP, v, s, w, w2);
      case Handlers.MEMORY_IMMEDIATE + Handlers.TEST ->
          FastArithmetic.memoryImmediate(Handlers.TEST, v, s, w, w2);
      case Handlers.CMP8_MEMORY_IMMEDIATE -> FastArithmetic.compare8Memory(v, s, w, w2);
      case Handlers.TEST8_MEMORY_IMMEDIATE -> FastArithmetic.test8Memory(v, s, w, w2);
      case Handlers.TEST8_REGISTER_REGISTER -> FastArithmetic.test8Registers(s, w);
      case Handlers.CMP8_REGISTER_IMMEDIATE -> FastArithmetic.compare8Register(s, w, w2);
      case Handlers.TEST8_REGISTER_IMMEDIATE -> FastArithmetic.test8Register(s, w, w2);
      case Handlers.INC -> FastArithmetic.inc(s, w);
      case Handlers.DEC -> FastArithmetic.dec(s, w);
      case Handlers.NEG -> FastArithmetic.neg(s, w);
      case Handlers.NOT -> FastArithmetic.not(s, w);
      case Handlers.SHL -> FastArithmetic.shiftLeft(s, w, w2);
      case Handlers.SHR -> FastArithmetic.shiftRight(s, w, w2);
      case Handlers.SAR -> FastArithmetic.shiftRightArithmetic(s, w, w2);
      case Handlers.MULTIPLY -> FastArithmetic.multiply(s, w);
      case Handlers.MULTIPLY_IMMEDIATE -> FastArithmetic.multiplyImmediate(s, w, w2);
      case Handlers.MOV_REGISTER_REGISTER ->
          Packed.setRegister1(s, w, Packed.register2(s, w) & -1L >>> Packed.shift(w));
      case Handlers.MOV_REGISTER_REGISTER8 ->
          Mem.putByte(s + (w >>> 7 & 0xF8), (byte) Packed.register2(s, w));
      case Handlers.MOV_REGISTER_IMMEDIATE ->
          Packed.setRegister1(s, w, Packed.immediate(w2) & -1L >>> Packed.shift(w));
      case Handlers.MOV_REGISTER_IMMEDIATE64 -> Packed.setRegister1(s, w, w2);
      case Handlers.MOV_LOAD64 ->
          Packed.setRegister1(s, w, FastMemory.load64(v, s, w, Packed.address(s, w, w2)));
      case Handlers.MOV_LOAD32 ->
          Packed.setRegister1(
              s, w, FastMemory.load32(v, s, w, Packed.address(s, w, w2)) & 0xFFFF_FFFFL);
      case Handlers.MOV_LOAD8 ->
          Mem.putByte(
              s + (w >>> 7 & 0xF8), (byte) FastMemory.load8(v, s, w, Packed.address(s, w, w2)));
      case Handlers.MOV_STORE64 ->
          FastMemory.store64(v, s, w, Packed.address(s, w, w2), Packed.register1(s, w));
      case Handlers.MOV_STORE32 ->
          FastMemory.store32(v, s, w, Packed.address(s, w, w2), Packed.register1(s, w));
      case Handlers.MOV_STORE16 ->
          FastMemory.store16(v, s, w, Packed.address(s, w, w2), Packed.register1(s, w));
      case Handlers.MOV_STORE8 ->
          FastMemory.store8(v, s, w, Packed.address(s, w, w2), Packed.register1(s, w));
      case Handlers.MOV_STORE_IMMEDIATE ->
          FastMemory.store(v, s, w, Packed.address(s, w, w2), Packed.immediate(w2));
      case Handlers.MOV_STORE_IMMEDIATE8 ->
          FastMemory.store8(v, s, w, Packed.address(s, w, w2), Packed.immediate(w2));
      case Handlers.LEA ->
          Packed.setRegister1(s, w, Packed.address(s, w, w2) & -1L >>> Packed.shift(w));
      case Handlers.LOAD_ZERO8 ->
          Packed.setRegister1(s, w, FastMemory.load8(v, s, w, Packed.address(s, w, w2)));
      case Handlers.LOAD_ZERO16 ->
          Packed.setRegister1(s, w, FastMemory.load16(v, s, w, Packed.address(s, w, w2)));
      case Handlers.LOAD_SIGN8 ->
          Packed.setRegister1(
              s,
              w,
              (byte) FastMemory.load8(v, s, w, Packed.address(s, w, w2)) & -1L >>> Packed.shift(w));
      case Handlers.LOAD_SIGN16 ->
          Packed.setRegister1(
              s,
              w,
              (short) FastMemory.load16(v, s, w, Packed.address(s, w, w2))
                  & -1L >>> Packed.shift(w));
      case Handlers.LOAD_SIGN32 ->
          Packed.setRegister1(
              s, w, FastMemory.load32(v, s, w, Packed.address(s, w, w2)) & -1L >>> Packed.shift(w));
      case Handlers.ZERO8 -> Packed.setRegister1(s, w, Packed.register2(s, w) & 0xFF);
      case Handlers.ZERO16 -> Packed.setRegister1(s, w, Packed.register2(s, w) & 0xFFFF);
      case Handlers.SIGN8 ->
          Packed.setRegister1(s, w, (byte) Packed.register2(s, w) & -1L >>> Packed.shift(w));
      case Handlers.SIGN16 ->
          Packed.setRegister1(s, w, (short) Packed.register2(s, w) & -1L >>> Packed.shift(w));
      case Handlers.SIGN32 ->
          Packed.setRegister1(s, w, (int) Packed.register2(s, w) & -1L >>> Packed.shift(w));
      case Handlers.CMOV ->
          Packed.setRegister1(
              s,
              w,
              (Flags.condition(s, (int) Packed.immediate(w2))
                      ? Packed.register2(s, w)
                      : Packed.register1(s, w))
                  & -1L >>> Packed.shift(w));
      case Handlers.SET ->
          Mem.putByte(
              s + (w >>> 7 & 0xF8), (byte) (Flags.condition(s, (int) (w >>> 15) & 31) ? 1 : 0));
      case Handlers.PUSH64 -> FastBranches.push(v, s, Packed.register1(s, w));
      case Handlers.PUSH_IMMEDIATE -> FastBranches.push(v, s, Packed.immediate(w2));
      case Handlers.POP64 -> FastBranches.pop(v, s, w);
      case Handlers.JUMP -> FastBranches.jump(s, w, w2);
      case Handlers.JUMP_CONDITION -> {
        if (Flags.condition(s, (int) (w >>> 10) & 31)) {
          FastBranches.jump(s, w, w2);
        } else {
          FastBranches.fallThrough(s, w);
        }
      }
      case Handlers.CALL64 -> FastBranches.call(v, s, w, w2);
      case Handlers.RETURN64 -> FastBranches.ret(v, s);
      case Handlers.JUMP_REGISTER64 -> FastBranches.jumpTo(v, s, Packed.register1(s, w));
      case Handlers.CALL_REGISTER64 -> FastBranches.callTo(v, s, w, Packed.register1(s, w));
      case Handlers.JUMP_MEMORY64 ->
          FastBranches.jumpTo(v, s, FastMemory.load64(v, s, w, Packed.address(s, w, w2)));
      case Handlers.CALL_MEMORY64 ->
          FastBranches.callTo(v, s, w, FastMemory.load64(v, s, w, Packed.address(s, w, w2)));
      default -> throw new IllegalStateException("handler " + Packed.handler(w));
    }
    return Packed.handler(w) >= Handlers.FIRST_BRANCH;
  }
}
