// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import nestor.isa.Insn;
import nestor.semantics.Operands;
import nestor.vcpu.Flags;
import nestor.vcpu.State;

/** CPUID, RDRAND and RDSEED (SDM vol. 2). */
final class Identification {
  private final Core core;
  private final Cpuid cpuid;
  private final int[] result = new int[4];

  Identification(Core core, Cpuid cpuid) {
    this.core = core;
    this.cpuid = cpuid;
  }

  void execute(Insn i) {
    long state = core.state;
    switch (i.row.mnemonic) {
      case CPUID -> {
        cpuid.answer((int) State.gpr(state, 0), (int) State.gpr(state, 1), result);
        State.setGpr(state, 0, 4, result[0]);
        State.setGpr(state, 3, 4, result[1]);
        State.setGpr(state, 1, 4, result[2]);
        State.setGpr(state, 2, 4, result[3]);
      }
      case RDRAND, RDSEED -> {
        Operands.write(core.v, i, 0, random());
        Flags.setArithmetic(state, Flags.ARITHMETIC, Flags.CF);
      }
      default -> throw core.v.undefined();
    }
  }

  /** SplitMix64: the next number is a function of the machine's seed alone. */
  private long random() {
    long next = core.get(Core.RANDOM) + 0x9E37_79B9_7F4A_7C15L;
    core.set(Core.RANDOM, next);
    next = (next ^ next >>> 30) * 0xBF58_476D_1CE4_E5B9L;
    next = (next ^ next >>> 27) * 0x94D0_49BB_1331_11EBL;
    return next ^ next >>> 31;
  }
}
