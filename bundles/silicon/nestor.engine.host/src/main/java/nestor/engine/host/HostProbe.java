// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.function.Consumer;
import nestor.isa.Isa;
import nestor.isa.Mnemonic;
import nestor.vcpu.Mem;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/**
 * Finds the instructions whose undefined flags are others on this host's CPU than in the shared
 * semantics. They are left to Java, so that a run is the same on every host.
 *
 * <p>Once a process each form of {@link ProbeForms} is translated as guest code is, executed on a
 * few operands, and compared by {@link Checker}.
 */
final class HostProbe implements AutoCloseable {
  private static final boolean[] DIFFERS = new boolean[Mnemonic.values().length];

  /** RAX, RBX, RCX, RDX, RFLAGS. */
  private static final long[][] OPERANDS = {
    {0, 0, 0, 0, 0x202},
    {0x0123_4567_89AB_CDEFL, 0x8000_0000_8000_8081L, 3, 0, 0xAD7},
    {-1, 0x7FFF_FFFF_7FFF_7F7FL, 0xFFFF_FF21L, 1, 0x202},
    {0xF0E1_D2C3_B4A5_9687L, 0x5A5A_A5A5_C3C3_3C3CL, 9, -1, 0xAD7},
  };

  private static final int RBX = 3;
  private static final int RCX = 1;
  private static final int RDX = 2;
  private static final int ROOM = 4096;
  private static final int ENOUGH = 1000;

  private static boolean hasRun;

  private final Arena arena = Arena.ofConfined();
  private final Vcpu v = new Vcpu(0, arena.allocate(State.BYTES, 64).address());
  private final long code = arena.allocate(ROOM, 64).address();
  private final CodeCache cache = new CodeCache();
  private final Stubs stubs = new Stubs(cache);
  private final Entrance entrance = new Entrance(stubs);
  private final Translator translator;
  private final Checker checker;
  private final Consumer<HostBlock> spoil;

  /**
   * Makes a probe.
   *
   * @param spoil sees each translated form before it runs
   */
  HostProbe(Consumer<HostBlock> spoil) {
    this.spoil = spoil;
    v.memory = new ProbeMemory(code);
    v.offered = new boolean[Isa.rows().size()];
    Arrays.fill(v.offered, true);
    State.set(v.state, State.CODE_SIZE, 64);
    translator = new Translator(v, cache, stubs);
    checker = new Checker(v, translator);
  }

  /** Probes this host, once a process. */
  static synchronized void run() {
    if (!hasRun) {
      hasRun = true;
      try (HostProbe probe = new HostProbe(block -> {})) {
        probe.into(DIFFERS);
      }
    }
  }

  /** {@return whether the instruction must run in Java on this host} */
  static boolean differs(Mnemonic mnemonic) {
    return DIFFERS[mnemonic.ordinal()];
  }

  /** {@return how many mnemonics must} */
  static long count() {
    long count = 0;
    for (boolean differs : DIFFERS) {
      count += differs ? 1 : 0;
    }
    return count;
  }

  /** Marks the mnemonics that differ. */
  void into(boolean[] differs) {
    for (byte[] form : ProbeForms.all()) {
      Mem.copyIn(form, 0, code, form.length);
      HostBlock block = translator.make(0, 0, 0, CodeMode.withLimit(64, 1));
      if (block.entry != 0 && block.inJava == 0) {
        spoil.accept(block);
        for (long[] operands : OPERANDS) {
          if (!agrees(block, operands)) {
            differs[translator.insn(block, 0).row.mnemonic.ordinal()] = true;
          }
        }
      }
    }
  }

  private boolean agrees(HostBlock block, long[] operands) {
    long s = v.state;
    State.setGpr(s, 0, operands[0]);
    State.setGpr(s, RBX, operands[1]);
    State.setGpr(s, RCX, operands[2]);
    State.setGpr(s, RDX, operands[3]);
    State.set(s, State.RFLAGS, operands[4]);
    checker.foresee(block, 0);
    int reason = entrance.enter(s, block.entry, false, ENOUGH);
    try {
      checker.verify(block, reason & (1 << HostBlock.EXIT_BITS) - 1);
      return true;
    } catch (IllegalStateException e) {
      return false;
    }
  }

  CodeCache cache() {
    return cache;
  }

  @Override
  public void close() {
    checker.close();
    cache.close();
    arena.close();
  }
}
