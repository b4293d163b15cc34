// SPDX-License-Identifier: Apache-2.0
package nestor.engine.interpreter;

import java.util.LinkedHashMap;
import java.util.Map;
import nestor.isa.DecodeResult;
import nestor.isa.Insn;
import nestor.semantics.Semantics;
import nestor.vcpu.CodeListener;
import nestor.vcpu.Engine;
import nestor.vcpu.FastTable;
import nestor.vcpu.Flags;
import nestor.vcpu.GuestFault;
import nestor.vcpu.Mem;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import nestor.vcpu.SystemUnit;
import nestor.vcpu.Vcpu;

/**
 * The portable engine: decodes blocks once and runs them in a loop. Frequent instructions have
 * packed forms; the rest go through the shared semantics.
 */
final class Interpreter implements Engine, CodeListener {
  private final Vcpu v;
  private final BlockCache cache = new BlockCache();
  private final BlockBuilder builder;
  private final BlockRunner runner;
  private final Insn stepped = new Insn();

  private long decoded;
  private long invalidations;
  private long steps;

  Interpreter(Vcpu v) {
    this.v = v;
    builder = new BlockBuilder(v);
    runner = new BlockRunner(v);
    v.memory.addCodeListener(this);
  }

  @Override
  public int run() {
    long s = v.state;
    while (true) {
      try {
        int cause = loop(s);
        Flags.materialize(s);
        return cause;
      } catch (GuestFault fault) {
        Flags.materialize(s);
        v.system.raise(fault);
        // A fault is not a retired instruction, but it must use up time: a guest that faults for
        // ever would otherwise never end its turn.
        retire(s, 1);
      }
    }
  }

  /** Counts instructions out of the budget; the place in the block starts again. */
  private static void retire(long s, long count) {
    Mem.putLong(s + State.BUDGET, Mem.getLong(s + State.BUDGET) - count);
    Mem.putLong(s + State.POSITION, 0);
  }

  private int loop(long s) {
    Block previous = null;
    while (true) {
      if (Mem.getLong(s + State.ATTENTION) != 0) {
        Flags.materialize(s);
        int cause = v.system.boundary();
        if (cause != SystemUnit.CONTINUE) {
          return cause;
        }
      }
      long budget = Mem.getLong(s + State.BUDGET);
      if (budget <= 0) {
        return BUDGET;
      }
      Block block = Mem.getLong(s + State.STEP) == 0 ? next(s, previous) : null;
      previous = block;
      if (block == null) {
        step(s);
      } else {
        runner.run(block, (int) Math.min(block.count, budget));
      }
    }
  }

  /**
   * {@return the block at RIP, or null if the instruction there must be stepped over} In 64-bit
   * mode a block remembers its successors: to check one costs little and delays nothing, while a
   * look-up is a chain of loads that all that follows waits for.
   */
  private Block next(long s, Block previous) {
    if (previous == null || Mem.getLong(s + State.CODE_SIZE) != 64) {
      return block(s);
    }
    long rip = Mem.getLong(s + State.RIP);
    Block known = previous.successor(rip, fetchKey(s, rip));
    if (known != null) {
      return known;
    }
    Block block = block(s);
    long key = fetchKey(s, rip); // the look-up may have filled it
    if (block != null && block.secondPage < 0 && key != FastTable.NO_FETCH) {
      previous.follow(rip, key, block);
    }
    return block;
  }

  private static long fetchKey(long s, long rip) {
    long entry = FastTable.entry(Mem.getLong(s + State.FAST_TABLE), rip);
    return Mem.getLong(entry + FastTable.FETCH);
  }

  /** {@return the block at RIP, or null if the instruction there must be stepped over} */
  private Block block(long s) {
    long linear = Mem.getLong(s + State.RIP);
    int mode = BlockBuilder.mode(s);
    if ((mode & 64) != 0) {
      if (!State.isCanonical(s, linear)) {
        throw v.protection();
      }
    } else {
      if (linear > State.limit(s, Segment.CS)) {
        throw v.protection();
      }
      linear = (State.base(s, Segment.CS) + linear) & 0xFFFF_FFFFL;
    }
    long gpa = v.mmu.fetch(linear);
    Block block = cache.find(gpa, mode);
    if (block == null) {
      block = builder.build(gpa);
      decoded++;
      if (v.memory.isRam(gpa)) {
        cache.add(block);
      }
    } else if (block.secondPage >= 0) {
      long room = 4096 - (gpa & 4095);
      long second = v.mmu.fetch(BlockBuilder.wrap(v, linear + room)) & -4096L;
      if (second != block.secondPage) {
        block = builder.build(gpa); // mapped elsewhere now; too rare to keep both
      }
    }
    if ((mode & 64) == 0 && !BlockBuilder.insideLimit(s, block)) {
      return null;
    }
    return block;
  }

  /** Runs one instruction with everything that single-stepping and shadows need. */
  private void step(long s) {
    steps++;
    long before = Mem.getLong(s + State.STEP);
    v.system.beforeStep();
    long rip = Mem.getLong(s + State.RIP);
    boolean mode64 = State.mode64(s);
    if (mode64 ? !State.isCanonical(s, rip) : rip > State.limit(s, Segment.CS)) {
      throw v.protection();
    }
    DecodeResult result = builder.decodeOne(stepped);
    if (result == DecodeResult.TOO_LONG
        || !mode64 && rip + stepped.length - 1 > State.limit(s, Segment.CS)) {
      throw v.protection();
    }
    if (result != DecodeResult.OK || !v.offered[stepped.row.index]) {
      throw v.undefined();
    }
    long next = runner.nextRip(s, rip + stepped.length);
    State.set(s, State.NEXT_RIP, next);
    State.set(s, State.FALL_THROUGH, next);
    Semantics.execute(v, stepped);
    State.set(s, State.RIP, State.get(s, State.NEXT_RIP));
    retire(s, 1);
    Flags.materialize(s);
    v.system.afterStep(before);
  }

  @Override
  public void codeWritten(long gpa, int length) {
    invalidations++;
    cache.invalidate(gpa, length);
    v.attention(State.ATTENTION_RECHECK);
  }

  @Override
  public boolean release(long gpaPage) {
    codeWritten(gpaPage, 4096);
    return true;
  }

  @Override
  public void flush() {
    cache.clear();
  }

  @Override
  public void close() {
    v.memory.removeCodeListener(this);
    cache.clear();
  }

  @Override
  public Map<String, Long> counters() {
    Map<String, Long> counters = new LinkedHashMap<>();
    counters.put("blocks", cache.live());
    counters.put("decoded", decoded);
    counters.put("invalidations", invalidations);
    counters.put("steps", steps);
    return counters;
  }
}
