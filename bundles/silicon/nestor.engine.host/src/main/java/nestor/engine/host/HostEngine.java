// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import nestor.isa.Family;
import nestor.isa.Insn;
import nestor.isa.Mnemonic;
import nestor.semantics.Semantics;
import nestor.vcpu.CodeListener;
import nestor.vcpu.CodeListing;
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
 * The engine that turns guest code into host code. Translated code runs until an instruction needs
 * Java; that one instruction goes through the shared semantics, and translated code goes on.
 */
final class HostEngine implements Engine, CodeListener {
  /**
   * Who grants no more than this wants to stop at every instruction, and gets blocks that short.
   */
  private static final long SHORT = 8;

  /** Steps that end with the next instruction, whatever it is. */
  private static final long PASSING_STEPS = State.STEP_STI | State.STEP_RESUME;

  private final Vcpu v;
  private final long state;
  private final CodeCache cache;
  private final Stubs stubs;
  private final Entrance entrance;
  private final Links links;
  private final JumpCaches jumps = new JumpCaches();
  private final BlockTable blocks = new BlockTable();
  private final Translator translator;
  private final SingleStep singleStep;

  /** Null unless all that translated code does is compared. */
  private final Checker checker;

  private boolean shortBlocks;
  private Edge pendingEdge;
  private HostBlock pendingFrom;
  private boolean pendingJump;

  private final Counters counters = new Counters();

  /**
   * Makes the engine of a vCPU.
   *
   * @param checked whether all that translated code does is compared; see {@link Checker}
   */
  HostEngine(Vcpu v, boolean checked) {
    HostProbe.run();
    this.v = v;
    this.state = v.state;
    cache = new CodeCache();
    stubs = new Stubs(cache);
    entrance = new Entrance(stubs);
    links = new Links(cache);
    translator = new Translator(v, cache, stubs);
    singleStep = new SingleStep(v);
    checker = checked ? new Checker(v, translator) : null;
    v.memory.addCodeListener(this);
  }

  /** {@return the generated code, for tests} */
  CodeCache cache() {
    return cache;
  }

  @Override
  public int run() {
    long s = state;
    Flags.materialize(s);
    shortBlocks = Mem.getLong(s + State.BUDGET) <= SHORT;
    while (true) {
      try {
        return loop(s);
      } catch (GuestFault fault) {
        Flags.materialize(s);
        counters.faults++;
        pendingJump = false;
        v.system.raise(fault);
        // A fault is not a retired instruction, but it must use up time: a guest that faults for
        // ever would otherwise never end its turn.
        retire(s);
      }
    }
  }

  private static void retire(long s) {
    Mem.putLong(s + State.BUDGET, Mem.getLong(s + State.BUDGET) - 1);
    Mem.putLong(s + State.POSITION, 0);
  }

  private int loop(long s) {
    while (true) {
      if (Mem.getLong(s + State.ATTENTION) != 0) {
        pendingEdge = null;
        pendingJump = false;
        int cause = v.system.boundary();
        if (cause != SystemUnit.CONTINUE) {
          return cause;
        }
      }
      long budget = Mem.getLong(s + State.BUDGET);
      if (budget <= 0) {
        return BUDGET;
      }
      long step = Mem.getLong(s + State.STEP);
      HostBlock block = (step & ~PASSING_STEPS) != 0 ? null : block(s, budget);
      if (block == null) {
        pendingEdge = null;
        pendingJump = false;
        counters.steps++;
        singleStep.run(s);
        continue;
      }
      if (step != 0) {
        pendingEdge = null;
        pendingJump = false;
        counters.steps++;
        step(s, block);
        continue;
      }
      if (block.entry == 0 || budget < block.count) {
        pendingEdge = null;
        pendingJump = false;
        interpret(s, block, 0);
      } else {
        link(s, block);
        Mem.putLong(s + Frame.STATE_JUMP_CACHE, jumps.of(block.mode).address);
        execute(s, block, budget);
      }
    }
  }

  /** Runs one instruction that ends the shadow of STI, or RF. */
  private void step(long s, HostBlock block) {
    Insn i = translator.insn(block, 0);
    if (i.row == null) {
      throw block.tooLong ? v.protection() : v.undefined();
    }
    counters.interpreted(i);
    long mask = CodeMode.codeSize(block.mode) == 64 ? -1 : 0xFFFF_FFFFL;
    singleStep.run(s, i, (block.rip + block.ends[0]) & mask);
  }

  /** {@return the block at RIP, or null if the instruction there must be stepped over} */
  private HostBlock block(long s, long budget) {
    long rip = Mem.getLong(s + State.RIP);
    long linear = rip;
    int mode = CodeMode.of(v);
    if (CodeMode.codeSize(mode) == 64) {
      if (!State.isCanonical(s, rip)) {
        throw v.protection();
      }
    } else {
      if (rip > State.limit(s, Segment.CS)) {
        throw v.protection();
      }
      linear = (State.base(s, Segment.CS) + rip) & 0xFFFF_FFFFL;
    }
    long gpa = v.mmu.fetch(linear);
    if (!v.memory.isRam(gpa)) {
      return null;
    }
    HostBlock block = find(gpa, rip, mode);
    if (block != null && shortBlocks && budget < block.count) {
      block = find(gpa, rip, CodeMode.withLimit(mode, (int) budget));
    }
    if (block != null && block.secondPage >= 0) {
      long second = SingleStep.goOn(v, linear + 4096 - (gpa & 4095));
      if ((v.mmu.fetch(second) & -4096L) != block.secondPage) {
        return null; // mapped elsewhere now; too rare to keep both
      }
    }
    if (block != null
        && CodeMode.codeSize(mode) != 64
        && rip + block.bytes() - 1 > State.limit(s, Segment.CS)) {
      return null;
    }
    return block;
  }

  private HostBlock find(long gpa, long rip, int mode) {
    HostBlock block = blocks.find(gpa, rip, mode);
    if (block != null) {
      return block;
    }
    if (cache.isFull() || blocks.isFull()) {
      counters.flushes++;
      flush();
    }
    long start = counters.startTranslation();
    block = translator.make(blocks.nextIndex(), gpa, rip, mode);
    counters.endTranslation(start, block.count);
    if (block.count == 0) {
      return null;
    }
    blocks.add(block);
    return block;
  }

  /** Lets what led here lead here without Java from now on. */
  private void link(long s, HostBlock block) {
    if (checker != null) {
      pendingEdge = null; // each block is left again, to be compared
      pendingJump = false;
    }
    if (pendingEdge != null) {
      Edge edge = pendingEdge;
      pendingEdge = null;
      if (pendingFrom.valid && edge.rip == block.rip && pendingFrom.mode == block.mode) {
        links.connect(pendingFrom, edge, block, fetchKey(s, block.rip));
      }
    } else if (pendingJump) {
      pendingJump = false;
      long key = fetchKey(s, block.rip);
      if (key != FastTable.NO_FETCH && CodeMode.limit(block.mode) == 0) {
        jumps.of(block.mode).put(block.rip, key, block.entry);
      }
    }
  }

  private static long fetchKey(long s, long linear) {
    return Mem.getLong(
        FastTable.entry(Mem.getLong(s + State.FAST_TABLE), linear) + FastTable.FETCH);
  }

  /** Runs translated code until something needs the loop above. */
  private void execute(long s, HostBlock first, long granted) {
    HostBlock at = first;
    int from = 0;
    long code = first.entry;
    boolean vectors = first.usesVectors;
    long budget = granted;
    while (true) {
      if (checker != null) {
        checker.foresee(at, from);
      }
      int reason = entrance.enter(s, code, vectors, budget);
      long left = Mem.getLong(s + Frame.STATE_BUDGET);
      HostBlock block = blocks.get(reason >>> HostBlock.EXIT_BITS);
      int exit = reason & (1 << HostBlock.EXIT_BITS) - 1;
      counters.exits++;
      if (checker != null) {
        checker.verify(block, exit);
      }
      if (exit < HostBlock.MAX) {
        Mem.putLong(s + State.BUDGET, left + block.count - exit);
        if (Mem.getLong(s + State.STEP) != 0) { // in the shadow of STI
          Mem.putLong(s + State.RIP, block.rip + block.start(exit));
          return;
        }
        int next = interpret(s, block, exit);
        if (next == 0) {
          return;
        }
        at = block;
        from = next;
        code = block.resume[next - 1];
        vectors = block.usesVectors;
        budget = Mem.getLong(s + State.BUDGET) - (block.count - next);
        continue;
      }
      if (exit == HostBlock.EXIT_ATTENTION) {
        Mem.putLong(s + State.BUDGET, left);
        Mem.putLong(s + State.RIP, block.rip);
        return;
      }
      if (exit == HostBlock.EXIT_BUDGET) {
        counters.budgetExits++;
        block.samples++;
        Mem.putLong(s + State.BUDGET, left + block.count);
        Mem.putLong(s + State.RIP, block.rip);
        return;
      }
      counters.edgeExits++;
      Mem.putLong(s + State.BUDGET, left);
      pendingFrom = block;
      pendingEdge = block.edges[exit - HostBlock.EXIT_EDGE];
      Mem.putLong(s + State.RIP, pendingEdge.rip);
      return;
    }
  }

  /**
   * Executes instructions of a block in Java, from number {@code n} on.
   *
   * @return the number of the instruction at which translated code can go on, or 0 if RIP says
   *     where to go on
   */
  private int interpret(long s, HostBlock block, int n) {
    boolean mode64 = CodeMode.codeSize(block.mode) == 64;
    long mask = mode64 ? -1 : 0xFFFF_FFFFL;
    while (true) {
      Insn i = translator.insn(block, n);
      Mem.putLong(s + State.RIP, (block.rip + block.start(n)) & mask);
      if (i.row == null) {
        throw block.tooLong ? v.protection() : v.undefined();
      }
      long next = (block.rip + block.ends[n]) & mask;
      Mem.putLong(s + State.NEXT_RIP, next);
      counters.interpreted(i);
      Semantics.execute(v, i);
      Flags.materialize(s);
      retire(s);
      long target = Mem.getLong(s + State.NEXT_RIP);
      Mem.putLong(s + State.RIP, target);
      n++;
      if (target != next || n == block.count) {
        pendingJump = block.entry != 0;
        return 0;
      }
      long budget = Mem.getLong(s + State.BUDGET);
      if (budget <= 0
          || changesMode(i)
          || Mem.getLong(s + State.ATTENTION) != 0
          || Mem.getLong(s + State.STEP) != 0
          || !block.valid) {
        return 0;
      }
      if (block.entry != 0
          && (block.inJava >>> n & 1) == 0
          && block.resume[n - 1] != 0
          && budget >= block.count - n
          && FastTable.fetch(fetchKey(s, block.rip), block.rip) == block.gpa) {
        return n;
      }
    }
  }

  /** After these the vector instructions that follow may be another case. */
  private static boolean changesMode(Insn i) {
    return i.row.family == Family.XSAVE_STATE
        || i.row.mnemonic == Mnemonic.LDMXCSR
        || i.row.mnemonic == Mnemonic.VLDMXCSR;
  }

  @Override
  public void codeWritten(long gpa, int length) {
    counters.invalidations++;
    blocks.invalidate(gpa, length, this::unlink);
    v.attention(State.ATTENTION_RECHECK);
  }

  @Override
  public boolean release(long gpaPage) {
    counters.releases++;
    blocks.invalidate(gpaPage, 4096, this::unlink);
    v.attention(State.ATTENTION_RECHECK);
    return true;
  }

  private void unlink(HostBlock block) {
    entrance.codeChanged(v.rendezvous != null);
    links.unlink(block);
    if (block.entry != 0) {
      jumps.remove(block);
    }
  }

  @Override
  public void flush() {
    blocks.clear();
    cache.clear();
    jumps.clear();
    pendingEdge = null;
  }

  @Override
  public void close() {
    v.memory.removeCodeListener(this);
    blocks.clear();
    jumps.close();
    cache.close();
    if (checker != null) {
      checker.close();
    }
  }

  @Override
  public CodeListing listing() {
    return Listings.at(v, blocks);
  }

  @Override
  public List<CodeListing> busiest(int most) {
    return Listings.busiest(blocks, most);
  }

  @Override
  public Map<String, Long> counters() {
    Map<String, Long> result = new LinkedHashMap<>();
    result.put("blocks", blocks.live());
    result.put("code.bytes", cache.used());
    result.put("links", links.made);
    result.put("code.capacity", CodeCache.BYTES);
    result.put("probe.differs", HostProbe.count());
    counters.addTo(result);
    if (checker != null) {
      checker.addTo(result);
    }
    return result;
  }
}
