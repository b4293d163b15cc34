// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import java.lang.foreign.Arena;
import java.util.Map;
import nestor.isa.CodeText;
import nestor.isa.Disassembler;
import nestor.isa.Family;
import nestor.isa.Insn;
import nestor.semantics.Semantics;
import nestor.vcpu.FastTable;
import nestor.vcpu.Flags;
import nestor.vcpu.GuestFault;
import nestor.vcpu.Mem;
import nestor.vcpu.Mmu;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/**
 * Compares every run of translated code with the shared semantics.
 *
 * <p>Before the run the same instructions are executed in Java, as far as translated code could get
 * without Java, and undone again; the state after each is kept. Afterwards registers, flags and
 * what was to be written must be what they are in the state at which the code has left. A write to
 * where nothing was to be written is not noticed by itself, only that the right one is missing.
 */
final class Checker implements AutoCloseable {
  private static final int KEPT = State.SCRATCH;

  /** Bytes that code without vector registers can change. */
  private static final int KEPT_WITHOUT_VECTORS = State.FCW;

  /** First byte and byte after the last of what is compared. RIP and flags are apart. */
  private static final int[][] FIELDS = {
    {State.GPR, State.ZERO}, {State.STEP, State.FAST_TABLE}, {State.SEGMENTS, State.SCRATCH},
  };

  private final Vcpu v;
  private final long state;
  private final Translator translator;
  private final Arena arena = Arena.ofShared();
  private final long states = arena.allocate((long) (HostBlock.MAX + 1) * KEPT, 64).address();
  private final long noTable = arena.allocate(FastTable.BYTES, FastTable.BYTES).address();
  private final DryMemory memory = new DryMemory();

  private HostBlock block;
  private int first;
  private int done;
  private long table;
  private int bytes;
  private long checked;
  private long unchecked;

  Checker(Vcpu v, Translator translator) {
    this.v = v;
    this.state = v.state;
    this.translator = translator;
    for (int n = 0; n < FastTable.ENTRIES; n++) {
      long entry = noTable + (long) n * FastTable.ENTRY_BYTES;
      Mem.putLong(entry + FastTable.READ, FastTable.noTag(entry));
      Mem.putLong(entry + FastTable.WRITE, FastTable.noTag(entry));
      Mem.putLong(entry + FastTable.FETCH, FastTable.NO_FETCH);
    }
  }

  private long kept(int n) {
    return states + (long) n * KEPT;
  }

  /** Translated code is about to run a block from instruction {@code from} on. */
  void foresee(HostBlock about, int from) {
    block = about;
    first = from;
    done = 0;
    if (v.rendezvous != null) {
      return; // other vCPUs run meanwhile: what they write cannot be undone
    }
    table = State.get(state, State.FAST_TABLE);
    bytes = about.usesVectors ? KEPT : KEPT_WITHOUT_VECTORS;
    memory.log.clear();
    Mem.copy(state, kept(0), bytes);
    Mmu mmu = v.mmu;
    v.mmu = memory;
    try {
      while (first + done < block.count && execute(first + done)) {
        done++;
        Mem.copy(state, kept(done), bytes);
      }
    } catch (GuestFault | DryMemory.Stop e) {
      // As far as translated code can come without Java.
    } finally {
      v.mmu = mmu;
    }
    memory.log.undo();
    Mem.copy(kept(0), state, bytes);
  }

  /** {@return whether instruction {@code n} is one that can be checked, and has been executed} */
  private boolean execute(int n) {
    Insn i = translator.insn(block, n);
    if ((block.inJava >>> n & 1) != 0 || i.row == null || !isPlain(i)) {
      return false;
    }
    long mask = CodeMode.codeSize(block.mode) == 64 ? -1 : 0xFFFF_FFFFL;
    memory.begin(n, table);
    State.set(state, State.FAST_TABLE, noTable);
    State.set(state, State.RIP, (block.rip + block.start(n)) & mask);
    State.set(state, State.NEXT_RIP, (block.rip + block.ends[n]) & mask);
    Semantics.execute(v, i);
    Flags.materialize(state);
    if (State.get(state, State.FAST_TABLE) != noTable) {
      table = State.get(state, State.FAST_TABLE); // another view
    }
    State.set(state, State.RIP, State.get(state, State.NEXT_RIP));
    return true;
  }

  /** Families that do nothing but compute and use memory; a repetition may be cut anywhere. */
  private static boolean isPlain(Insn i) {
    return switch (i.row.family) {
      case ALU,
          MOVES,
          SHIFT_ROTATE,
          BITS,
          MULTIPLY_DIVIDE,
          STACK,
          BRANCHES,
          ATOMIC,
          FLAG_OPS,
          HINTS,
          SSE_MOVES,
          SSE_FLOAT,
          SSE_CONVERT,
          SSE_INTEGER,
          SSE_SHUFFLE,
          CRYPTO,
          FMA,
          AVX_SPECIAL ->
          true;
      case STRINGS -> !i.isRepeated();
      default -> false;
    };
  }

  /**
   * Translated code has left.
   *
   * @param last the block it has left from
   * @param exit how: number of the instruction that Java must do, or a constant of {@link
   *     HostBlock}
   * @throws IllegalStateException if it has not done what it had to
   */
  void verify(HostBlock last, int exit) {
    int count = retired(exit);
    boolean alone = v.rendezvous == null;
    if (!alone || last != block || count < 0 || count > done || isCut(exit)) {
      unchecked++;
      return;
    }
    checked++;
    long expected = kept(count);
    for (int[] range : FIELDS) {
      for (int field = range[0]; field < Math.min(range[1], bytes); field += 8) {
        compare(count, field, Mem.getLong(expected + field), Mem.getLong(state + field));
      }
    }
    compare(count, State.RFLAGS, State.get(expected, State.RFLAGS), Flags.read(state));
    boolean byEdge = exit >= HostBlock.EXIT_EDGE && exit < HostBlock.EXIT_BUDGET;
    if (byEdge) {
      long rip = block.edges[exit - HostBlock.EXIT_EDGE].rip;
      compare(count, State.RIP, State.get(expected, State.RIP), rip);
    }
    long wrong = memory.log.compare(first + count);
    if (wrong != 0) {
      long gpa = wrong - v.memory.ramBase();
      throw wrong(count, String.format("the byte at physical address %x is wrong", gpa));
    }
  }

  /** A repetition, alone of all instructions, may leave when it is half done. */
  private boolean isCut(int exit) {
    if (exit >= HostBlock.MAX) {
      return false;
    }
    Insn i = translator.insn(block, exit);
    return i.row != null && i.row.family == Family.STRINGS && i.isRepeated();
  }

  private int retired(int exit) {
    if (exit < HostBlock.MAX) {
      return exit - first;
    }
    if (exit == HostBlock.EXIT_BUDGET) {
      return 0;
    }
    return exit < HostBlock.EXIT_BUDGET ? block.count - first : -1;
  }

  private void compare(int count, int field, long expected, long is) {
    if (expected != is) {
      throw wrong(count, String.format("%s is %x, expected %x", name(field), is, expected));
    }
  }

  private static String name(int field) {
    if (field < State.ZERO) {
      return Disassembler.register(field >> 3, 8);
    }
    return switch (field) {
      case State.RFLAGS -> "rflags";
      case State.RIP -> "the next rip";
      default -> String.format("field %x of the state block", field);
    };
  }

  private IllegalStateException wrong(int count, String what) {
    StringBuilder text = new StringBuilder("translated code differs from the interpreter: ");
    text.append(what);
    text.append(
        String.format(
            ", after %d instructions from number %d of the block at %x%nguest code%n",
            count, first, block.rip));
    int size = CodeMode.codeSize(block.mode);
    CodeText.of(block.code, block.rip, size).forEach(line -> text.append(line).append('\n'));
    text.append("host code\n");
    byte[] host = CodeCache.copy(block.entry, block.hotBytes);
    CodeText.of(host, block.entry, 64).forEach(line -> text.append(line).append('\n'));
    return new IllegalStateException(text.toString());
  }

  void addTo(Map<String, Long> counters) {
    counters.put("checked", checked);
    counters.put("unchecked", unchecked);
  }

  @Override
  public void close() {
    arena.close();
  }
}
