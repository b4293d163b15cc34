// SPDX-License-Identifier: Apache-2.0
package nestor.testkit;

import java.lang.foreign.Arena;
import nestor.api.time.VirtualClock;
import nestor.vcpu.ApicBus;
import nestor.vcpu.Engine;
import nestor.vcpu.EngineFactory;
import nestor.vcpu.LocalApicFactory;
import nestor.vcpu.Mem;
import nestor.vcpu.MmuFactory;
import nestor.vcpu.PhysicalMemoryControl;
import nestor.vcpu.PhysicalMemoryFactory;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import nestor.vcpu.SystemUnitFactory;
import nestor.vcpu.SystemUnitFactory.CpuRequest;
import nestor.vcpu.Vcpu;
import nestor.vcpu.Virtualization;

/**
 * A whole vCPU made of the parts that a test names, for tests of virtual-machine extensions. Its L1
 * is the test: it stands in 64-bit mode and executes the instructions that the test gives it. Its
 * L2 is code in memory.
 *
 * <p>Physical memory: L1's tables at 64 KiB, the vendor's areas from 128 KiB, L2's RAM from 16 MiB.
 */
public abstract class GuestLab {
  /** Bytes of RAM. */
  public static final long RAM = 64 << 20;

  /** L1's page tables. */
  public static final long L1_TABLES = 0x1_0000;

  /** Where L1 executes. */
  public static final long L1_CODE = 0x1_8000;

  /** Tables of the second level. */
  public static final long SECOND_LEVEL = 0x4_0000;

  /** Where L2's physical address 0 lies, if it has a second level. */
  public static final long L2_RAM = 16 << 20;

  /** L2's page tables. */
  public static final long L2_TABLES = 0x1000;

  /** L2's entry point. */
  public static final long L2_CODE = 0x8000;

  /** L2's stack. */
  public static final long L2_STACK = 0x7000;

  /** L2's IDT. */
  public static final long L2_IDT = 0x9000;

  /** Number of RAX. */
  protected static final int RAX = 0;

  /** Number of RDX. */
  protected static final int RDX = 2;

  private static final int MOST_INSTRUCTIONS = 20_000;
  private static final int TLB_ENTRIES = 4096;
  private static final long HERTZ = 1_000_000_000L;

  /** Who makes the parts. */
  public record Parts(
      PhysicalMemoryFactory memory,
      MmuFactory mmu,
      SystemUnitFactory cpu,
      LocalApicFactory apic,
      EngineFactory engine) {}

  /** The vCPU. */
  public final Vcpu v;

  /** Its state block. */
  public final long s;

  /** Its clock: a nanosecond an instruction. */
  public final HandClock clock = new HandClock();

  /** Its memory. */
  public final PhysicalMemoryControl memory;

  private final Arena arena = Arena.ofAuto();
  private final EngineFactory engines;
  private Engine engine;

  /** Makes a vCPU without extensions; {@link #powerOn} comes next. */
  protected GuestLab(Parts parts, CpuRequest request) {
    v = new Vcpu(0, arena.allocate(State.BYTES, 64).address());
    s = v.state;
    memory = parts.memory().create(RAM, 0xC000_0000L);
    v.memory = memory;
    v.clock = clock;
    v.mmu = parts.mmu().create(v, TLB_ENTRIES, parts.cpu().physicalBits(request));
    memory.addMmu(v.mmu);
    v.system = parts.cpu().create(v, request);
    v.apic = parts.apic().create(new Bus(), 0);
    engines = parts.engine();
  }

  /** Adds the extensions, and takes L1 to 64-bit mode. */
  protected final void powerOn(Virtualization extensions, long cr4, long efer) {
    v.virtualization = extensions;
    v.system.reset();
    engine = engines.create(v);
    identity(L1_TABLES, 0);
    set(State.CR3, L1_TABLES);
    set(State.CR0, 0x8000_0031L);
    set(State.CR4, cr4);
    set(State.EFER, efer);
    State.setSegment(s, Segment.CS, 8, 0, 0xFFFF_FFFFL, 0xA09B);
    for (int n : new int[] {Segment.SS, Segment.DS, Segment.ES, Segment.FS, Segment.GS}) {
      State.setSegment(s, n, 16, 0, 0xFFFF_FFFFL, 0xC093);
    }
    State.setSegment(s, Segment.TR, 24, 0x3_0000, 0x67, 0x8B);
    set(State.CPL, 0);
    set(State.RIP, L1_CODE);
    State.setGpr(s, 4, 0x3_8000);
    v.core.stateReplaced();
    v.mmu.flushAll();
  }

  /** Nobody else is on the bus. */
  private final class Bus implements ApicBus {
    @Override
    public VirtualClock clock() {
      return clock;
    }

    @Override
    public Vcpu vcpu() {
      return v;
    }

    @Override
    public void send(
        int mode,
        int vector,
        int destination,
        boolean logical,
        boolean level,
        boolean assertLevel,
        int shorthand) {}

    @Override
    public void endOfInterrupt(int vector) {}

    @Override
    public void changed() {
      if (v.apic != null && v.apic.pendingVector() >= 0) {
        v.pend(State.PENDING_INTERRUPT);
      }
    }

    @Override
    public long timerHertz() {
      return HERTZ;
    }

    @Override
    public long tsc() {
      return v.system.tsc();
    }

    @Override
    public long tscHertz() {
      return HERTZ;
    }
  }

  /** Writes physical memory. */
  public final void put(long address, int size, long value) {
    memory.store(null, address, size, value);
  }

  /** {@return physical memory} */
  public final long at(long address, int size) {
    return memory.load(null, address, size);
  }

  /** {@return a byte of RAM, past all devices: for looking} */
  public final byte peek(long address) {
    return Mem.getByte(memory.ramBase() + address);
  }

  /** Writes bytes. */
  protected final void bytes(long address, int... code) {
    for (int i = 0; i < code.length; i++) {
      put(address + i, 1, code[i] & 0xFF);
    }
  }

  /** {@return a field of the state block} */
  public final long get(int field) {
    return State.get(s, field);
  }

  /** Sets a field of the state block. */
  public final void set(int field, long value) {
    State.set(s, field, value);
  }

  /** {@return a general register} */
  public final long gpr(int number) {
    return State.gpr(s, number);
  }

  /** Sets a general register. */
  public final void gpr(int number, long value) {
    State.setGpr(s, number, value);
  }

  /**
   * Makes tables of 4-level paging that map the first GiB to itself.
   *
   * @param table physical address of the tables, 12 KiB
   * @param base where address 0 of whoever uses them lies
   */
  protected final void identity(long table, long base) {
    put(table, 8, table - base + 0x1000 | 7);
    put(table + 0x1000, 8, table - base + 0x2000 | 7);
    for (int i = 0; i < 512; i++) {
      put(table + 0x2000 + 8L * i, 8, (long) i << 21 | 0x87);
    }
  }

  /**
   * Makes the second level: L2's first 2 MiB in 4 KiB pages, then 14 MiB in 2 MiB pages.
   *
   * @param small bits of the entries of 4 KiB pages
   * @param large bits of the entries of 2 MiB pages
   */
  protected final void secondLevel(int small, int large) {
    put(SECOND_LEVEL, 8, SECOND_LEVEL + 0x1000 | 7);
    put(SECOND_LEVEL + 0x1000, 8, SECOND_LEVEL + 0x2000 | 7);
    put(SECOND_LEVEL + 0x2000, 8, SECOND_LEVEL + 0x3000 | 7);
    for (int i = 0; i < 512; i++) {
      put(SECOND_LEVEL + 0x3000 + 8L * i, 8, L2_RAM + 4096L * i | small);
    }
    for (int i = 1; i < 8; i++) {
      put(SECOND_LEVEL + 0x2000 + 8L * i, 8, L2_RAM + ((long) i << 21) | large);
    }
  }

  /** {@return address of the second-level entry of a 4 KiB page of L2} */
  public static long secondLevelEntry(long gpa) {
    return SECOND_LEVEL + 0x3000 + 8 * (gpa >>> 12);
  }

  /** Executes one instruction of L1, given as bytes. */
  public final void execute(int... code) {
    set(State.RIP, L1_CODE);
    bytes(L1_CODE, code);
    one();
  }

  /** Executes one instruction of whoever runs. */
  public final void one() {
    set(State.POSITION, 0);
    set(State.BUDGET, 1);
    engine.run();
    clock.advanceNanos(1);
  }

  /** {@return whether the guest, run now, exits before it has executed very many instructions} */
  protected final boolean exits() {
    for (int i = 0; i < MOST_INSTRUCTIONS; i++) {
      if (!v.intercepts.guest) {
        return true;
      }
      one();
    }
    return false;
  }
}
