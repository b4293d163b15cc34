// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import nestor.vcpu.Segment;
import nestor.vcpu.State;

/**
 * The dynamic part of a 16- or 32-bit TSS (SDM vol. 3A, "Task-State Segment (TSS)" and "16-Bit
 * Task-State Segment").
 */
final class TssImage {
  private final Core core;
  final long[] registers = new long[8];
  final int[] segments = new int[6];
  long cr3;
  long ip;
  long flags;
  int ldt;

  TssImage(Core core) {
    this.core = core;
  }

  private long load(long linear, int size) {
    return core.v.mmu.loadSystem(linear & 0xFFFF_FFFFL, size);
  }

  private void store(long linear, int size, long value) {
    core.v.mmu.storeSystem(linear & 0xFFFF_FFFFL, size, value);
  }

  void read(long base, boolean is32) {
    if (is32) {
      cr3 = load(base + 0x1C, 4);
      ip = load(base + 0x20, 4);
      flags = load(base + 0x24, 4);
      for (int n = 0; n < 8; n++) {
        registers[n] = load(base + 0x28 + 4L * n, 4);
      }
      for (int n = 0; n < 6; n++) {
        segments[n] = (int) load(base + 0x48 + 4L * n, 2);
      }
      ldt = (int) load(base + 0x60, 2);
    } else {
      ip = load(base + 0x0E, 2);
      flags = load(base + 0x10, 2);
      for (int n = 0; n < 8; n++) {
        registers[n] = load(base + 0x12 + 2L * n, 2);
      }
      for (int n = 0; n < 4; n++) {
        segments[n] = (int) load(base + 0x22 + 2L * n, 2);
      }
      segments[Segment.FS] = 0;
      segments[Segment.GS] = 0;
      ldt = (int) load(base + 0x2A, 2);
    }
  }

  /** Saves the task that is left; CR3 and LDT are not written back. */
  void save(long base, boolean is32, long rip, long rflags) {
    long state = core.state;
    int size = is32 ? 4 : 2;
    int at = is32 ? 0x20 : 0x0E;
    store(base + at, size, rip);
    store(base + at + size, size, rflags);
    at += 2 * size;
    for (int n = 0; n < 8; n++) {
      store(base + at + (long) n * size, size, State.gpr(state, n, size));
    }
    at += 8 * size;
    for (int n = 0; n < (is32 ? 6 : 4); n++) {
      store(base + at + (long) n * size, 2, State.selector(state, n));
    }
  }
}
