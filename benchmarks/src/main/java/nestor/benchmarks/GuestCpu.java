// SPDX-License-Identifier: Apache-2.0
package nestor.benchmarks;

import java.lang.foreign.Arena;
import java.util.List;
import nestor.cpu.CpuCores;
import nestor.engine.interpreter.InterpreterFactory;
import nestor.memory.PcMemoryFactory;
import nestor.mmu.PagedMmuFactory;
import nestor.testkit.HandClock;
import nestor.vcpu.Engine;
import nestor.vcpu.FastTable;
import nestor.vcpu.Flags;
import nestor.vcpu.Mem;
import nestor.vcpu.PhysicalMemoryControl;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import nestor.vcpu.SystemUnitFactory.CpuRequest;
import nestor.vcpu.Vcpu;

/**
 * One vCPU in 64-bit mode at CPL 0, whose linear addresses are its physical ones, by 4 KiB pages.
 */
final class GuestCpu implements AutoCloseable {
  /** Mapped memory. */
  static final long MAPPED = 32L << 20;

  static final long CODE = 0x10_0000;
  private static final long TABLES = MAPPED;
  private static final long RAM = MAPPED + (1L << 20);
  private static final long PRESENT_WRITABLE = 3;

  private final Arena arena = Arena.ofShared();
  private final PhysicalMemoryControl memory;
  private final Engine engine;
  final Vcpu v;
  final long s;

  /** A vCPU at {@link #CODE}, where this code lies. */
  GuestCpu(int tlbEntries, int... code) {
    s = arena.allocate(State.BYTES, 64).address();
    v = new Vcpu(0, s);
    v.clock = new HandClock();
    memory = new PcMemoryFactory().create(RAM, RAM);
    v.memory = memory;
    CpuCores cpus = new CpuCores();
    CpuRequest request = new CpuRequest("max", List.of(), 1, 1_000_000_000L, 1);
    v.mmu = new PagedMmuFactory().create(v, tlbEntries, cpus.physicalBits(request));
    memory.addMmu(v.mmu);
    v.system = cpus.create(v, request);
    engine = new InterpreterFactory().create(v);
    for (int n = 0; n < code.length; n++) {
      Mem.putByte(memory.ramBase() + CODE + n, (byte) code[n]);
    }
    buildTables(memory.ramBase());
    enterLongMode();
  }

  private static void buildTables(long ram) {
    long pml4 = ram + TABLES;
    Mem.putLong(pml4, TABLES + 0x1000 | PRESENT_WRITABLE);
    Mem.putLong(pml4 + 0x1000, TABLES + 0x2000 | PRESENT_WRITABLE);
    for (long table = 0; table < MAPPED >>> 21; table++) {
      Mem.putLong(pml4 + 0x2000 + 8 * table, TABLES + 0x3000 + (table << 12) | PRESENT_WRITABLE);
    }
    for (long page = 0; page < MAPPED >>> 12; page++) {
      Mem.putLong(pml4 + 0x3000 + 8 * page, page << 12 | 0x60 | PRESENT_WRITABLE);
    }
  }

  private void enterLongMode() {
    State.set(s, State.CR0, 0x8005_0033L);
    State.set(s, State.CR3, TABLES);
    State.set(s, State.CR4, 0x620);
    State.set(s, State.EFER, 0xD01);
    State.set(s, State.CANONICAL_SHIFT, 16);
    State.set(s, State.CODE_SIZE, 64);
    State.set(s, State.ACTIVITY, State.ACTIVE);
    State.setSegment(s, Segment.CS, 0x10, 0, 0xFFFF_FFFFL, 0xA09B);
    State.setSegment(s, Segment.SS, 0x18, 0, 0xFFFF_FFFFL, 0xC093);
    Flags.write(s, 2);
    v.mmu.modeChanged();
    v.mmu.addressSpaceChanged(false);
    FastTable.select(s);
    State.set(s, State.RIP, CODE);
  }

  /** Runs so many instructions. */
  void run(long instructions) {
    State.set(s, State.BUDGET, instructions);
    int cause = engine.run();
    if (cause != Engine.BUDGET) {
      throw new IllegalStateException("the guest stopped: " + cause);
    }
  }

  @Override
  public void close() {
    engine.close();
    memory.close();
    arena.close();
  }
}
