// SPDX-License-Identifier: Apache-2.0
package nestor.svm;

import static nestor.svm.VmcbField.*;

import java.lang.foreign.Arena;
import java.util.List;
import nestor.api.time.VirtualClock;
import nestor.apic.ApicFactory;
import nestor.cpu.CpuCores;
import nestor.engine.interpreter.InterpreterFactory;
import nestor.memory.PcMemoryFactory;
import nestor.mmu.PagedMmuFactory;
import nestor.testkit.HandClock;
import nestor.vcpu.ApicBus;
import nestor.vcpu.Engine;
import nestor.vcpu.PhysicalMemoryControl;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import nestor.vcpu.SystemUnitFactory.CpuRequest;
import nestor.vcpu.Vcpu;

/**
 * A whole vCPU with the real CPU core, MMU, interpreter and memory. Its L1 is the test: it stands
 * in 64-bit mode and executes the instructions that the test gives it. Its L2 is code in memory.
 *
 * <p>Physical memory: L1's tables at 64 KiB, SVM areas from 128 KiB, L2's RAM from 16 MiB.
 */
final class Lab {
  static final long RAM = 64 << 20;
  static final long L1_TABLES = 0x1_0000;
  static final long L1_CODE = 0x1_8000;
  static final long VMCB = 0x2_0000;
  static final long HOST_SAVE = 0x2_1000;
  static final long MSRPM = 0x2_4000;
  static final long IOPM = 0x2_6000;
  static final long NESTED_TABLES = 0x4_0000;

  /** Where L2's physical address 0 lies. */
  static final long L2_RAM = 16 << 20;

  static final long L2_TABLES = 0x1000;
  static final long L2_CODE = 0x8000;
  static final long L2_STACK = 0x7000;
  static final long L2_IDT = 0x9000;

  private static final int RAX = 0;

  final Vcpu v;
  final long s;
  final HandClock clock = new HandClock();
  final PhysicalMemoryControl memory = new PcMemoryFactory().create(RAM, 0xC000_0000L);
  final SvmUnit svm;
  final Svm x;
  private final Arena arena = Arena.ofAuto();
  private final Engine engine;

  Lab(String... withheld) {
    v = new Vcpu(0, arena.allocate(State.BYTES, 64).address());
    s = v.state;
    v.memory = memory;
    v.clock = clock;
    v.mmu = new PagedMmuFactory().create(v, 4096, 48);
    memory.addMmu(v.mmu);
    v.system = new CpuCores().create(v, new CpuRequest("amd", List.of(), 1, 1_000_000_000L, 1));
    v.apic = new ApicFactory().create(new Bus(), 0);
    svm = new SvmUnit(v, List.of(withheld)::contains);
    v.virtualization = svm;
    x = svm.parts();
    v.system.reset();
    engine = new InterpreterFactory().create(v);
    longMode();
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
      return 1_000_000_000L;
    }

    @Override
    public long tsc() {
      return v.system.tsc();
    }

    @Override
    public long tscHertz() {
      return 1_000_000_000L;
    }
  }

  // Memory and registers.

  void put(long address, int size, long value) {
    memory.store(null, address, size, value);
  }

  long at(long address, int size) {
    return memory.load(null, address, size);
  }

  private void bytes(long address, int... code) {
    for (int i = 0; i < code.length; i++) {
      put(address + i, 1, code[i] & 0xFF);
    }
  }

  long get(int field) {
    return State.get(s, field);
  }

  void set(int field, long value) {
    State.set(s, field, value);
  }

  long gpr(int number) {
    return State.gpr(s, number);
  }

  void gpr(int number, long value) {
    State.setGpr(s, number, value);
  }

  private void identity(long table, long base) {
    put(table, 8, table - base + 0x1000 | 7);
    put(table + 0x1000, 8, table - base + 0x2000 | 7);
    for (int i = 0; i < 512; i++) {
      put(table + 0x2000 + 8L * i, 8, (long) i << 21 | 0x87);
    }
  }

  private void longMode() {
    identity(L1_TABLES, 0);
    set(State.CR3, L1_TABLES);
    set(State.CR0, 0x8000_0031L);
    set(State.CR4, 0x20);
    set(State.EFER, 0x1D01);
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
    v.system.writeMsr(0xC001_0117, HOST_SAVE);
  }

  // L1.

  /** Executes one instruction of L1, given as bytes. */
  void execute(int... code) {
    set(State.RIP, L1_CODE);
    bytes(L1_CODE, code);
    one();
  }

  /** Executes one instruction of whoever runs. */
  void one() {
    set(State.POSITION, 0);
    set(State.BUDGET, 1);
    engine.run();
    clock.advanceNanos(1);
  }

  /** {@return after the guest has run until it exits, the exit code; -2 after many instructions} */
  int run() {
    for (int i = 0; i < 20_000; i++) {
      if (!v.intercepts.guest) {
        return (int) x.get(EXITCODE);
      }
      one();
    }
    return -2;
  }

  void vmrun() {
    gpr(RAX, VMCB);
    execute(0x0F, 0x01, 0xD8);
  }

  /** Enters and runs to the exit. */
  int go() {
    vmrun();
    return run();
  }

  // The VMCB.

  Lab field(VmcbField field, long value) {
    put(VMCB + field.offset, field.bytes, value);
    return this;
  }

  long field(VmcbField field) {
    return at(VMCB + field.offset, field.bytes);
  }

  Lab or(VmcbField field, long bits) {
    return field(field, field(field) | bits);
  }

  Lab without(VmcbField field, long bits) {
    return field(field, field(field) & ~bits);
  }

  private void segment(VmcbField selector, int value, long attributes, long limit) {
    put(VMCB + selector.offset, 2, value);
    put(VMCB + selector.offset + 2, 2, attributes);
    put(VMCB + selector.offset + 4, 4, limit);
  }

  /** A legal VMCB: a 64-bit guest in L1's own memory, without nested paging, ended by HLT. */
  Lab legal() {
    x.vmcb.address = VMCB;
    field(INTERCEPT_3, Vectors.Third.HLT | 0xFFFF_FFFFL & Vectors.Third.SHUTDOWN);
    field(INTERCEPT_4, Vectors.Fourth.VMRUN);
    field(GUEST_ASID, 1);
    guest64(0);
    return this;
  }

  private void guest64(long base) {
    identity(base + L2_TABLES, base);
    field(CR0, 0x8000_0031L).field(CR3, base == 0 ? L1_TABLES : L2_TABLES);
    if (base == 0) {
      identity(L1_TABLES, 0);
    }
    field(CR4, 0x20).field(EFER, 0x1D01).field(DR6, 0xFFFF_0FF0L).field(DR7, 0x400);
    field(RFLAGS, 2).field(RIP, L2_CODE).field(RSP, L2_STACK).field(G_PAT, 0x0007_0406_0007_0406L);
    segment(CS_SELECTOR, 8, 0xA9B, 0xFFFF_FFFFL);
    segment(SS_SELECTOR, 16, 0xC93, 0xFFFF_FFFFL);
    segment(DS_SELECTOR, 16, 0xC93, 0xFFFF_FFFFL);
    segment(ES_SELECTOR, 16, 0xC93, 0xFFFF_FFFFL);
    field(IDTR_BASE, L2_IDT).field(IDTR_LIMIT, 0xFFF).field(GDTR_LIMIT, 0xFFFF);
  }

  /** The guest gets nested paging: its first 2 MiB in 4 KiB pages, then 14 MiB in 2 MiB pages. */
  Lab nested() {
    field(NESTED_CONTROL, 1).field(N_CR3, NESTED_TABLES);
    put(NESTED_TABLES, 8, NESTED_TABLES + 0x1000 | 7);
    put(NESTED_TABLES + 0x1000, 8, NESTED_TABLES + 0x2000 | 7);
    put(NESTED_TABLES + 0x2000, 8, NESTED_TABLES + 0x3000 | 7);
    for (int i = 0; i < 512; i++) {
      put(NESTED_TABLES + 0x3000 + 8L * i, 8, L2_RAM + 4096L * i | 7);
    }
    for (int i = 1; i < 8; i++) {
      put(NESTED_TABLES + 0x2000 + 8L * i, 8, L2_RAM + ((long) i << 21) | 0x87);
    }
    guest64(L2_RAM);
    return this;
  }

  /** {@return address of the nested entry of a 4 KiB page of the guest} */
  static long nestedEntry(long gpa) {
    return NESTED_TABLES + 0x3000 + 8 * (gpa >>> 12);
  }

  /** Puts code into the guest, at its entry point. */
  Lab code(int... code) {
    bytes((field(NESTED_CONTROL) & 1) != 0 ? L2_RAM + L2_CODE : L2_CODE, code);
    return this;
  }

  /** A handler of the guest for a vector, which halts. */
  Lab handler(int vector, long at) {
    long base = (field(NESTED_CONTROL) & 1) != 0 ? L2_RAM : 0;
    put(base + L2_IDT + vector * 16L, 8, at & 0xFFFF | 8L << 16 | 0x8E00L << 32);
    put(base + L2_IDT + vector * 16L + 8, 8, 0);
    put(base + 0x6008, 8, 0x00AF_9B00_0000_FFFFL);
    field(GDTR_BASE, 0x6000);
    put(base + at, 1, 0xF4);
    return this;
  }
}
