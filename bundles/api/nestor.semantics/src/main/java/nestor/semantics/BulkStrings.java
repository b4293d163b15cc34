// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.isa.Insn;
import nestor.vcpu.FastTable;
import nestor.vcpu.Flags;
import nestor.vcpu.GuestMemory;
import nestor.vcpu.Mem;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** The fast way of REP MOVS and REP STOS: many iterations at once, inside one page. */
final class BulkStrings {
  private static final int RAX = 0;
  private static final int RCX = 1;
  private static final int RSI = 6;
  private static final int RDI = 7;

  private BulkStrings() {}

  /**
   * Runs up to {@code limit} iterations if source and destination lie in plain RAM that the fast
   * table knows.
   *
   * @return iterations done, registers included; 0 if this is a case for single iterations
   */
  static long run(Vcpu v, Insn i, long limit) {
    long s = v.state;
    if ((State.get(s, State.RFLAGS) & Flags.DF) != 0 || limit < 4) {
      return 0;
    }
    return switch (i.row.mnemonic) {
      case MOVSB, MOVSW, MOVSD, MOVSQ -> move(v, i, limit);
      case STOSB, STOSW, STOSD, STOSQ -> fill(v, i, limit);
      default -> 0;
    };
  }

  /** Iterations that end before the page does, and inside the segment. */
  private static long within(long linear, int w, long limit) {
    return Math.min(limit, (4096 - (linear & 4095)) / w);
  }

  private static long host(long s, long linear, int tag) {
    long entry = FastTable.entry(State.get(s, State.FAST_TABLE), linear);
    return Mem.getLong(entry + tag) == (linear & FastTable.PAGE)
        ? FastTable.host(entry, linear)
        : 0;
  }

  private static long move(Vcpu v, Insn i, long limit) {
    long s = v.state;
    int w = i.width[0];
    long from = StringOps.source(v, i, w);
    long to = StringOps.destination(v, i, w, true);
    long n = inSegments(v, i, within(to, w, within(from, w, limit)), w, true);
    if (n < 4) {
      return 0;
    }
    long source = host(s, from, FastTable.READ);
    long target = host(s, to, FastTable.WRITE);
    if ((source == 0 || target == 0) && sharesSlot(s, from, to)) {
      // Each access takes the other's place in the fast table: so by hand, one after the other.
      long value = GuestMemory.load(v, from, w);
      source = host(s, from, FastTable.READ);
      GuestMemory.store(v, to, w, value);
      target = host(s, to, FastTable.WRITE);
      if (source == 0 || target == 0) {
        finish(s, i, 1, w, true);
        return 1;
      }
    }
    if (source == 0 || target == 0) {
      return 0;
    }
    long bytes = n * w;
    if (target > source && target < source + bytes) {
      if (target - source < w) {
        return 0; // units overlap themselves
      }
      forward(source, target, w, n); // a pattern spreads: unit by unit
    } else {
      Mem.copy(source, target, bytes);
    }
    finish(s, i, n, bytes, true);
    return n;
  }

  private static boolean sharesSlot(long s, long a, long b) {
    long table = State.get(s, State.FAST_TABLE);
    return ((a ^ b) & FastTable.PAGE) != 0
        && FastTable.entry(table, a) == FastTable.entry(table, b);
  }

  private static void forward(long source, long target, int w, long n) {
    for (long k = 0; k < n * w; k += w) {
      Mem.put(target + k, w, Mem.get(source + k, w));
    }
  }

  private static long fill(Vcpu v, Insn i, long limit) {
    long s = v.state;
    int w = i.width[0];
    long to = StringOps.destination(v, i, w, true);
    long n = inSegments(v, i, within(to, w, limit), w, false);
    long target = n < 4 ? 0 : host(s, to, FastTable.WRITE);
    if (target == 0) {
      return 0;
    }
    long value = State.gpr(s, RAX, w);
    if (value == 0 || w == 1) {
      Mem.fill(target, n * w, (byte) value);
    } else {
      for (long k = 0; k < n * w; k += w) {
        Mem.put(target + k, w, value);
      }
    }
    finish(s, i, n, n * w, false);
    return n;
  }

  /**
   * Outside 64-bit mode the last unit must pass the segment check too, and addresses must not wrap.
   */
  private static long inSegments(Vcpu v, Insn i, long n, int w, boolean hasSource) {
    long s = v.state;
    if (i.addressSize == 8 || n < 4) {
      return n;
    }
    long top = i.addressSize == 4 ? 0xFFFF_FFFFL : 0xFFFF;
    long room = (top - State.gpr(s, RDI, i.addressSize) + 1) / w;
    if (hasSource) {
      room = Math.min(room, (top - State.gpr(s, RSI, i.addressSize) + 1) / w);
    }
    n = Math.min(n, room);
    if (!State.mode64(s)) {
      n = Math.min(n, insideLimit(s, nestor.vcpu.Segment.ES, State.gpr(s, RDI, i.addressSize), w));
      if (hasSource) {
        n = Math.min(n, insideLimit(s, i.segment, State.gpr(s, RSI, i.addressSize), w));
      }
    }
    return n;
  }

  private static long insideLimit(long s, int segment, long offset, int w) {
    int attributes = State.attributes(s, segment);
    if ((attributes & 0xC) == 4) {
      return 0; // expand-down: unit by unit
    }
    return (State.limit(s, segment) - offset + 1) / w;
  }

  private static void finish(long s, Insn i, long n, long bytes, boolean hasSource) {
    State.setGpr(s, RCX, i.addressSize, State.gpr(s, RCX, i.addressSize) - n);
    State.setGpr(s, RDI, i.addressSize, State.gpr(s, RDI) + bytes);
    if (hasSource) {
      State.setGpr(s, RSI, i.addressSize, State.gpr(s, RSI) + bytes);
    }
  }
}
