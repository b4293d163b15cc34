// SPDX-License-Identifier: Apache-2.0
package nestor.vectors.fuzz;

import java.util.Arrays;
import java.util.function.Predicate;

/** Cuts a failing trial to its smallest form: fewer units, then plainer registers. */
final class Shrinker {
  private final Predicate<Trial> fails;

  /**
   * Makes a shrinker.
   *
   * @param fails runs a trial anew on both sides, and says whether they still differ
   */
  Shrinker(Predicate<Trial> fails) {
    this.fails = fails;
  }

  Trial shrink(Trial trial) {
    Trial smallest = units(trial);
    smallest = registers(smallest);
    return window(smallest);
  }

  private Trial units(Trial trial) {
    Trial best = trial;
    for (int share = Math.max(1, best.program.units.size() / 2); share > 0; share /= 2) {
      int at = 0;
      while (at < best.program.units.size()) {
        int to = Math.min(best.program.units.size(), at + share);
        Program rest = best.program.without(at, to);
        Trial candidate = new Trial(rest, best.before);
        if (!rest.units.isEmpty() && fails.test(candidate)) {
          best = candidate;
        } else {
          at += share;
        }
      }
    }
    return best;
  }

  private Trial attempt(Trial best, CpuSnapshot before) {
    Trial candidate = new Trial(best.program, before);
    return fails.test(candidate) ? candidate : best;
  }

  private Trial registers(Trial trial) {
    CpuSnapshot plain = CpuSnapshot.defaults();
    Trial best = trial;
    for (int n = 0; n < 16; n++) {
      CpuSnapshot before = best.before.copy();
      before.gpr[n] = plain.gpr[n];
      best = attempt(best, before);
    }
    for (int n = 0; n < CpuSnapshot.VECTORS; n++) {
      CpuSnapshot before = best.before.copy();
      int from = n * CpuSnapshot.VECTOR_BYTES;
      System.arraycopy(plain.vectors, from, before.vectors, from, CpuSnapshot.VECTOR_BYTES);
      best = attempt(best, before);
    }
    CpuSnapshot before = best.before.copy();
    before.rflags = plain.rflags;
    best = attempt(best, before);
    before = best.before.copy();
    before.fsBase = 0;
    before.gsBase = 0;
    best = attempt(best, before);
    before = best.before.copy();
    before.mxcsr = plain.mxcsr;
    best = attempt(best, before);
    before = best.before.copy();
    before.fcw = plain.fcw;
    best = attempt(best, before);
    before = best.before.copy();
    before.fsw = 0;
    before.ftw = 0;
    Arrays.fill(before.significand, 0);
    Arrays.fill(before.signExponent, 0);
    best = attempt(best, before);
    before = best.before.copy();
    System.arraycopy(plain.opmask, 0, before.opmask, 0, 8);
    return attempt(best, before);
  }

  private Trial window(Trial trial) {
    byte[] plain = CpuSnapshot.defaults().window;
    Trial best = trial;
    for (int share = plain.length; share >= 8; share /= 2) {
      for (int at = 0; at < plain.length; at += share) {
        if (!Arrays.equals(plain, at, at + share, best.before.window, at, at + share)) {
          CpuSnapshot before = best.before.copy();
          System.arraycopy(plain, at, before.window, at, share);
          best = attempt(best, before);
        }
      }
    }
    return best;
  }
}
