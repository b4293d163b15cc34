// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import nestor.vcpu.Mem;
import nestor.vcpu.PhysicalMemory;
import nestor.vcpu.Vcpu;

/** Reads guest memory for people, without side effects: only RAM is there for them. */
final class GuestReader {
  private static final int PAGE = 4096;

  private GuestReader() {}

  /** Fills {@code target} from a linear address on. Returns bytes that are there. */
  static int linear(Vcpu v, long linear, byte[] target) {
    int done = 0;
    while (done < target.length) {
      long gpa = v.mmu.peek(linear + done);
      int count = page(v.memory, gpa, target, done);
      if (gpa < 0 || count == 0) {
        break;
      }
      done += count;
    }
    return done;
  }

  /** Fills {@code target} from a physical address on. Returns bytes that are there. */
  static int physical(PhysicalMemory memory, long gpa, byte[] target) {
    int done = 0;
    while (done < target.length) {
      int count = page(memory, gpa + done, target, done);
      if (count == 0) {
        break;
      }
      done += count;
    }
    return done;
  }

  private static int page(PhysicalMemory memory, long gpa, byte[] target, int done) {
    if (gpa < 0 || !memory.isRam(gpa)) {
      return 0;
    }
    int count = Math.min(target.length - done, PAGE - (int) (gpa & (PAGE - 1)));
    Mem.copyOut(memory.ramBase() + gpa, target, done, count);
    return count;
  }
}
