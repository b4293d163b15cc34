// SPDX-License-Identifier: Apache-2.0
package nestor.engine.interpreter;

import nestor.isa.Insn;
import nestor.semantics.Semantics;
import nestor.vcpu.GuestFault;
import nestor.vcpu.Mem;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/**
 * Runs the packed instructions of a block.
 *
 * <p>One loop around one switch, whose cases only call. The launcher keeps HotSpot from inlining
 * what is in classes named {@code *Handlers}: else it moves the decoding of operands, which all
 * have in common, in front of the switch, where every instruction pays for all fields of all forms.
 */
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
    int end = count;
    int n = 0;
    try {
      loop:
      while (true) {
        long w = code[2 * n];
        long w2 = code[2 * n + 1];
        int handler = Packed.handler(w);
        switch (handler) {
          case Handlers.GENERIC -> {
            if (generic(v, s, w, block, n)) {
              break loop;
            }
          }
          case Handlers.UNDEFINED -> throw v.undefined();
          case Handlers.TOO_LONG -> throw v.protection();
          case Handlers.NOP -> {}
          case Handlers.REGISTER_REGISTER + Handlers.ADD -> AluHandlers.addRegisterRegister(s, w);
          case Handlers.REGISTER_REGISTER + Handlers.OR -> AluHandlers.orRegisterRegister(s, w);
          case Handlers.REGISTER_REGISTER + Handlers.ADC -> AluHandlers.adcRegisterRegister(s, w);
          case Handlers.REGISTER_REGISTER + Handlers.SBB -> AluHandlers.sbbRegisterRegister(s, w);
          case Handlers.REGISTER_REGISTER + Handlers.AND -> AluHandlers.andRegisterRegister(s, w);
          case Handlers.REGISTER_REGISTER + Handlers.SUB -> AluHandlers.subRegisterRegister(s, w);
          case Handlers.REGISTER_REGISTER + Handlers.XOR -> AluHandlers.xorRegisterRegister(s, w);
          case Handlers.REGISTER_REGISTER + Handlers.CMP -> AluHandlers.cmpRegisterRegister(s, w);
          case Handlers.REGISTER_REGISTER + Handlers.TEST -> AluHandlers.testRegisterRegister(s, w);
          case Handlers.REGISTER_IMMEDIATE + Handlers.ADD ->
              AluHandlers.addRegisterImmediate(s, w, w2);
          case Handlers.REGISTER_IMMEDIATE + Handlers.OR ->
              AluHandlers.orRegisterImmediate(s, w, w2);
          case Handlers.REGISTER_IMMEDIATE + Handlers.ADC ->
              AluHandlers.adcRegisterImmediate(s, w, w2);
          case Handlers.REGISTER_IMMEDIATE + Handlers.SBB ->
              AluHandlers.sbbRegisterImmediate(s, w, w2);
          case Handlers.REGISTER_IMMEDIATE + Handlers.AND ->
              AluHandlers.andRegisterImmediate(s, w, w2);
          case Handlers.REGISTER_IMMEDIATE + Handlers.SUB ->
              AluHandlers.subRegisterImmediate(s, w, w2);
          case Handlers.REGISTER_IMMEDIATE + Handlers.XOR ->
              AluHandlers.xorRegisterImmediate(s, w, w2);
          case Handlers.REGISTER_IMMEDIATE + Handlers.CMP ->
              AluHandlers.cmpRegisterImmediate(s, w, w2);
          case Handlers.REGISTER_IMMEDIATE + Handlers.TEST ->
              AluHandlers.testRegisterImmediate(s, w, w2);
          case Handlers.REGISTER_MEMORY + Handlers.ADD ->
              AluHandlers.addRegisterMemory(v, s, w, w2);
          case Handlers.REGISTER_MEMORY + Handlers.OR -> AluHandlers.orRegisterMemory(v, s, w, w2);
          case Handlers.REGISTER_MEMORY + Handlers.ADC ->
              AluHandlers.adcRegisterMemory(v, s, w, w2);
          case Handlers.REGISTER_MEMORY + Handlers.SBB ->
              AluHandlers.sbbRegisterMemory(v, s, w, w2);
          case Handlers.REGISTER_MEMORY + Handlers.AND ->
              AluHandlers.andRegisterMemory(v, s, w, w2);
          case Handlers.REGISTER_MEMORY + Handlers.SUB ->
              AluHandlers.subRegisterMemory(v, s, w, w2);
          case Handlers.REGISTER_MEMORY + Handlers.XOR ->
              AluHandlers.xorRegisterMemory(v, s, w, w2);
          case Handlers.REGISTER_MEMORY + Handlers.CMP ->
              AluHandlers.cmpRegisterMemory(v, s, w, w2);
          case Handlers.REGISTER_MEMORY + Handlers.TEST ->
              AluHandlers.testRegisterMemory(v, s, w, w2);
          case Handlers.MEMORY_REGISTER + Handlers.ADD ->
              AluHandlers.addMemoryRegister(v, s, w, w2);
          case Handlers.MEMORY_REGISTER + Handlers.OR -> AluHandlers.orMemoryRegister(v, s, w, w2);
          case Handlers.MEMORY_REGISTER + Handlers.ADC ->
              AluHandlers.adcMemoryRegister(v, s, w, w2);
          case Handlers.MEMORY_REGISTER + Handlers.SBB ->
              AluHandlers.sbbMemoryRegister(v, s, w, w2);
          case Handlers.MEMORY_REGISTER + Handlers.AND ->
              AluHandlers.andMemoryRegister(v, s, w, w2);
          case Handlers.MEMORY_REGISTER + Handlers.SUB ->
              AluHandlers.subMemoryRegister(v, s, w, w2);
          case Handlers.MEMORY_REGISTER + Handlers.XOR ->
              AluHandlers.xorMemoryRegister(v, s, w, w2);
          case Handlers.MEMORY_REGISTER + Handlers.CMP ->
              AluHandlers.cmpMemoryRegister(v, s, w, w2);
          case Handlers.MEMORY_REGISTER + Handlers.TEST ->
              AluHandlers.testMemoryRegister(v, s, w, w2);
          case Handlers.MEMORY_IMMEDIATE + Handlers.ADD ->
              AluHandlers.addMemoryImmediate(v, s, w, w2);
          case Handlers.MEMORY_IMMEDIATE + Handlers.OR ->
              AluHandlers.orMemoryImmediate(v, s, w, w2);
          case Handlers.MEMORY_IMMEDIATE + Handlers.ADC ->
              AluHandlers.adcMemoryImmediate(v, s, w, w2);
          case Handlers.MEMORY_IMMEDIATE + Handlers.SBB ->
              AluHandlers.sbbMemoryImmediate(v, s, w, w2);
          case Handlers.MEMORY_IMMEDIATE + Handlers.AND ->
              AluHandlers.andMemoryImmediate(v, s, w, w2);
          case Handlers.MEMORY_IMMEDIATE + Handlers.SUB ->
              AluHandlers.subMemoryImmediate(v, s, w, w2);
          case Handlers.MEMORY_IMMEDIATE + Handlers.XOR ->
              AluHandlers.xorMemoryImmediate(v, s, w, w2);
          case Handlers.MEMORY_IMMEDIATE + Handlers.CMP ->
              AluHandlers.cmpMemoryImmediate(v, s, w, w2);
          case Handlers.MEMORY_IMMEDIATE + Handlers.TEST ->
              AluHandlers.testMemoryImmediate(v, s, w, w2);
          case Handlers.CMP8_MEMORY_IMMEDIATE -> ArithmeticHandlers.compare8Memory(v, s, w, w2);
          case Handlers.TEST8_MEMORY_IMMEDIATE -> ArithmeticHandlers.test8Memory(v, s, w, w2);
          case Handlers.TEST8_REGISTER_REGISTER -> ArithmeticHandlers.test8Registers(s, w);
          case Handlers.CMP8_REGISTER_IMMEDIATE -> ArithmeticHandlers.compare8Register(s, w, w2);
          case Handlers.TEST8_REGISTER_IMMEDIATE -> ArithmeticHandlers.test8Register(s, w, w2);
          case Handlers.INC -> ArithmeticHandlers.inc(s, w);
          case Handlers.DEC -> ArithmeticHandlers.dec(s, w);
          case Handlers.NEG -> ArithmeticHandlers.neg(s, w);
          case Handlers.NOT -> ArithmeticHandlers.not(s, w);
          case Handlers.SHL -> ArithmeticHandlers.shiftLeft(s, w, w2);
          case Handlers.SHR -> ArithmeticHandlers.shiftRight(s, w, w2);
          case Handlers.SAR -> ArithmeticHandlers.shiftRightArithmetic(s, w, w2);
          case Handlers.MULTIPLY -> ArithmeticHandlers.multiply(s, w);
          case Handlers.MULTIPLY_IMMEDIATE -> ArithmeticHandlers.multiplyImmediate(s, w, w2);
          case Handlers.MOV_REGISTER_REGISTER -> MoveHandlers.movRegisterRegister(s, w);
          case Handlers.MOV_REGISTER_REGISTER8 -> MoveHandlers.movRegisterRegister8(s, w);
          case Handlers.MOV_REGISTER_IMMEDIATE -> MoveHandlers.movRegisterImmediate(s, w, w2);
          case Handlers.MOV_REGISTER_IMMEDIATE64 -> MoveHandlers.movRegisterImmediate64(s, w, w2);
          case Handlers.MOV_LOAD64 -> MoveHandlers.movLoad64(v, s, w, w2);
          case Handlers.MOV_LOAD32 -> MoveHandlers.movLoad32(v, s, w, w2);
          case Handlers.MOV_LOAD8 -> MoveHandlers.movLoad8(v, s, w, w2);
          case Handlers.MOV_STORE64 -> MoveHandlers.movStore64(v, s, w, w2);
          case Handlers.MOV_STORE32 -> MoveHandlers.movStore32(v, s, w, w2);
          case Handlers.MOV_STORE16 -> MoveHandlers.movStore16(v, s, w, w2);
          case Handlers.MOV_STORE8 -> MoveHandlers.movStore8(v, s, w, w2);
          case Handlers.MOV_STORE_IMMEDIATE -> MoveHandlers.movStoreImmediate(v, s, w, w2);
          case Handlers.MOV_STORE_IMMEDIATE8 -> MoveHandlers.movStoreImmediate8(v, s, w, w2);
          case Handlers.LEA -> MoveHandlers.lea(s, w, w2);
          case Handlers.LOAD_ZERO8 -> MoveHandlers.loadZero8(v, s, w, w2);
          case Handlers.LOAD_ZERO16 -> MoveHandlers.loadZero16(v, s, w, w2);
          case Handlers.LOAD_SIGN8 -> MoveHandlers.loadSign8(v, s, w, w2);
          case Handlers.LOAD_SIGN16 -> MoveHandlers.loadSign16(v, s, w, w2);
          case Handlers.LOAD_SIGN32 -> MoveHandlers.loadSign32(v, s, w, w2);
          case Handlers.ZERO8 -> MoveHandlers.zero8(s, w);
          case Handlers.ZERO16 -> MoveHandlers.zero16(s, w);
          case Handlers.SIGN8 -> MoveHandlers.sign8(s, w);
          case Handlers.SIGN16 -> MoveHandlers.sign16(s, w);
          case Handlers.SIGN32 -> MoveHandlers.sign32(s, w);
          case Handlers.CMOV -> MoveHandlers.cmov(s, w, w2);
          case Handlers.SET -> MoveHandlers.set(s, w);
          case Handlers.PUSH64 -> MoveHandlers.push64(v, s, w);
          case Handlers.PUSH_IMMEDIATE -> MoveHandlers.pushImmediate(v, s, w2);
          case Handlers.POP64 -> MoveHandlers.pop64(v, s, w);
          case Handlers.JUMP -> BranchHandlers.jump(s, w, w2);
          case Handlers.JUMP_CONDITION -> BranchHandlers.jumpCondition(s, w, w2);
          case Handlers.CALL64 -> BranchHandlers.call(v, s, w, w2);
          case Handlers.RETURN64 -> BranchHandlers.returnNear(v, s);
          case Handlers.JUMP_REGISTER64 -> BranchHandlers.jumpRegister(v, s, w);
          case Handlers.CALL_REGISTER64 -> BranchHandlers.callRegister(v, s, w);
          case Handlers.JUMP_MEMORY64 -> BranchHandlers.jumpMemory(v, s, w, w2);
          case Handlers.CALL_MEMORY64 -> BranchHandlers.callMemory(v, s, w, w2);
          default -> throw new IllegalStateException("handler " + handler);
        }
        if (handler >= Handlers.FIRST_BRANCH) {
          break;
        }

        n++;
        if (Packed.handler(w) == Handlers.GENERIC) {
          // A repeated string instruction has retired more than one.
          end = (int) Math.min(end, Mem.getLong(s + State.BUDGET));
        }
        if (n >= end || Mem.getLong(s + State.ATTENTION) != 0) {
          Mem.putLong(s + State.RIP, nextRip(s, Mem.getLong(s + State.BLOCK_RIP) + Packed.next(w)));
          retire(s, n);
          return;
        }
        Mem.putLong(s + State.POSITION, n);
      }
      retire(s, n + 1); // a branch or a generic instruction has set RIP
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
}
