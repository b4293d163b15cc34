// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import java.lang.foreign.Arena;
import java.util.List;
import nestor.isa.DecodeResult;
import nestor.isa.Decoder;
import nestor.isa.Insn;
import nestor.semantics.Semantics;
import nestor.testkit.HandClock;
import nestor.vcpu.FastTable;
import nestor.vcpu.Flags;
import nestor.vcpu.GuestFault;
import nestor.vcpu.Mem;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import nestor.vcpu.SystemUnit;
import nestor.vcpu.SystemUnitFactory.CpuRequest;
import nestor.vcpu.Vcpu;

/**
 * A CPU core with flat memory, tables at fixed places, and the simplest engine there can be.
 *
 * <p>GDT: 08 code 0, 10 data 0, 18 code 3, 20 data 3, 28 64-bit code 0, 30 64-bit code 3, 38
 * conforming code 0, 40 TSS (16 bytes), 50 and on for tests.
 */
final class TestMachine {
  static final int RAM = 1 << 20;
  static final int GDT = 0x1000;
  static final int IDT = 0x2000;
  static final int TSS = 0x3000;
  static final int STACK = 0x5000;
  static final int STACK0 = 0x6000;
  static final int CODE = 0x7000;

  static final int CODE0 = 0x08;
  static final int DATA0 = 0x10;
  static final int CODE3 = 0x1B;
  static final int DATA3 = 0x23;
  static final int CODE64 = 0x28;
  static final int CODE64_3 = 0x33;
  static final int CONFORMING = 0x38;
  static final int TASK = 0x40;

  final Vcpu v;
  final long s;
  final FlatMmu mmu;
  final FlatMemory memory;
  final TestApic apic = new TestApic();
  final HandClock clock = new HandClock();
  final SystemUnit unit;

  private final Arena arena = Arena.ofAuto();
  private final long ram = arena.allocate(RAM, 4096).address();
  private final Decoder decoder;
  private final Insn insn = new Insn();

  TestMachine(String model, String... changes) {
    this(0, model, changes);
  }

  TestMachine(int index, String model, String... changes) {
    this(2, index, model, changes);
  }

  TestMachine(int cpus, int index, String model, String... changes) {
    v = new Vcpu(index, arena.allocate(State.BYTES, 64).address());
    s = v.state;
    mmu = new FlatMmu(v, ram);
    memory = new FlatMemory(ram);
    v.mmu = mmu;
    v.memory = memory;
    v.apic = apic;
    v.clock = clock;
    long tables =
        arena.allocate((long) FastTable.VIEWS * FastTable.BYTES, FastTable.BYTES).address();
    for (long at = 0; at < (long) FastTable.VIEWS * FastTable.BYTES; at += 8) {
      boolean fetch = at % FastTable.ENTRY_BYTES == FastTable.FETCH;
      Mem.putLong(tables + at, fetch ? FastTable.NO_FETCH : FastTable.noTag(tables + at));
    }
    State.set(s, State.CONTEXT, tables);
    unit = new CpuCores().create(v, request(cpus, model, changes));
    v.system = unit;
    decoder = new Decoder(v.amd);
    unit.reset();
    State.set(s, State.BUDGET, 1_000_000);
  }

  static CpuRequest request(String model, String... changes) {
    return request(2, model, changes);
  }

  private static CpuRequest request(int cpus, String model, String... changes) {
    return new CpuRequest(model, List.of(changes), cpus, 1_000_000_000L, 1);
  }

  // Memory.

  void put(long gpa, int size, long value) {
    Mem.put(ram + gpa, size, value);
  }

  long at(long gpa, int size) {
    return Mem.get(ram + gpa, size);
  }

  /** Puts bytes at the current code address. */
  TestMachine code(int... bytes) {
    for (int n = 0; n < bytes.length; n++) {
      put(v.linearRip() + n, 1, bytes[n]);
    }
    return this;
  }

  static long descriptor(long base, long limit, int access, int flags) {
    return limit & 0xFFFF
        | (base & 0xFF_FFFF) << 16
        | (long) access << 40
        | (limit >>> 16 & 15) << 48
        | (long) flags << 52
        | (base >>> 24 & 0xFF) << 56;
  }

  static long gate(int selector, long offset, int access, int ist) {
    return offset & 0xFFFF
        | (long) selector << 16
        | (long) ist << 32
        | (long) access << 40
        | (offset >>> 16 & 0xFFFF) << 48;
  }

  void descriptorAt(int selector, long descriptor) {
    put(GDT + (selector & 0xFFF8), 8, descriptor);
  }

  private void tables() {
    descriptorAt(CODE0, descriptor(0, 0xFFFFF, 0x9B, 0xC));
    descriptorAt(DATA0, descriptor(0, 0xFFFFF, 0x93, 0xC));
    descriptorAt(CODE3, descriptor(0, 0xFFFFF, 0xFB, 0xC));
    descriptorAt(DATA3, descriptor(0, 0xFFFFF, 0xF3, 0xC));
    descriptorAt(CODE64, descriptor(0, 0xFFFFF, 0x9B, 0xA));
    descriptorAt(CODE64_3, descriptor(0, 0xFFFFF, 0xFB, 0xA));
    descriptorAt(CONFORMING, descriptor(0, 0xFFFFF, 0x9F, 0xC));
    descriptorAt(TASK, descriptor(TSS, 0x200, 0x8B, 0));
    put(GDT + TASK + 8, 8, 0);
    State.set(s, State.GDTR, GDT);
    State.set(s, State.GDTR + 8, 0xFF);
    State.set(s, State.IDTR, IDT);
    State.set(s, State.IDTR + 8, 0xFFF);
    State.setSegment(s, Segment.TR, TASK, TSS, 0x200, 0x8B);
    put(TSS + 4, 4, STACK0);
    put(TSS + 8, 4, DATA0);
    put(TSS + 0x66, 2, 0x68);
    put(TSS + 0x200, 1, 0xFF);
  }

  private void segment(int number, int selector) {
    long d = at(GDT + (selector & 0xFFF8), 8);
    State.setSegment(
        s, number, selector, Descriptor.base(d), Descriptor.limit(d), Descriptor.attributes(d));
  }

  /** Real mode at 0000:CODE with the IVT at 0. */
  TestMachine real() {
    State.setSegment(s, Segment.CS, 0, 0, 0xFFFF, 0x9B);
    State.set(s, State.RIP, CODE);
    State.setGpr(s, 4, STACK);
    return this;
  }

  TestMachine protected32(int cpl) {
    tables();
    State.set(s, State.CR0, 0x11);
    State.set(s, State.CODE_SIZE, 32);
    start(cpl, cpl == 3 ? CODE3 : CODE0, cpl == 3 ? DATA3 : DATA0);
    return this;
  }

  TestMachine long64(int cpl) {
    tables();
    put(TSS + 4, 8, STACK0);
    State.set(s, State.CR0, 0x8000_0011L);
    State.set(s, State.CR4, 0x20);
    State.set(s, State.EFER, 0xD01);
    State.set(s, State.CODE_SIZE, 64);
    start(cpl, cpl == 3 ? CODE64_3 : CODE64, cpl == 3 ? DATA3 : DATA0);
    return this;
  }

  private void start(int cpl, int code, int data) {
    segment(Segment.CS, code);
    for (int n : new int[] {Segment.SS, Segment.DS, Segment.ES, Segment.FS, Segment.GS}) {
      segment(n, data);
    }
    State.set(s, State.CPL, cpl);
    State.set(s, State.RIP, CODE);
    State.setGpr(s, 4, STACK);
    FastTable.select(s);
  }

  /** Puts a gate into the IDT: 16 bytes in IA-32e mode. */
  void idt(int vector, int selector, long offset, int access) {
    idt(vector, selector, offset, access, 0);
  }

  void idt(int vector, int selector, long offset, int access, int ist) {
    int bytes = State.longMode(s) ? 16 : 8;
    put(IDT + (long) vector * bytes, 8, gate(selector, offset, access, ist));
  }

  // Registers.

  long get(int field) {
    return State.get(s, field);
  }

  void set(int field, long value) {
    State.set(s, field, value);
  }

  void gpr(int number, long value) {
    State.setGpr(s, number, value);
  }

  long gpr(int number) {
    return State.gpr(s, number);
  }

  long rip() {
    return get(State.RIP);
  }

  void flags(long value) {
    Flags.write(s, value | 2);
    v.flagsWritten(value);
  }

  /** {@return {@code n}-th value of {@code size} bytes on the stack} */
  long stack(int n, int size) {
    return at(gpr(4) + (long) n * size, size);
  }

  /** Pushes values onto the stack in use. */
  void push(int size, long... values) {
    for (long value : values) {
      gpr(4, gpr(4) - size);
      put(gpr(4), size, value);
    }
  }

  // The engine.

  /** {@return the vector of the fault that one instruction, executed as engines do, met; or -1} */
  int step() {
    if (get(State.ATTENTION) != 0) {
      int cause = unit.boundary();
      if (cause != SystemUnit.CONTINUE) {
        return -2 - cause;
      }
    }
    long before = get(State.STEP);
    try {
      if (before != 0) {
        unit.beforeStep();
      }
      execute();
    } catch (GuestFault fault) {
      int vector = fault.vector;
      unit.raise(fault);
      return vector;
    }
    if (before != 0) {
      unit.afterStep(before);
    }
    return -1;
  }

  /** Executes one instruction; a fault is thrown. */
  void execute() {
    byte[] bytes = new byte[Decoder.MAX_LENGTH];
    long linear = v.linearRip();
    for (int n = 0; n < bytes.length; n++) {
      bytes[n] = (byte) mmu.load(linear + n, 1);
    }
    int mode = (int) get(State.CODE_SIZE);
    DecodeResult result =
        decoder.decode(bytes, 0, bytes.length, mode, !State.realOrVirtual8086(s), insn);
    if (result != DecodeResult.OK) {
      throw v.undefined();
    }
    set(State.NEXT_RIP, rip() + insn.length);
    set(State.FALL_THROUGH, rip() + insn.length);
    Semantics.execute(v, insn);
    set(State.RIP, get(State.NEXT_RIP));
  }

  /** {@return vector and error code of the fault that the next instruction throws, as text} */
  String fault() {
    try {
      execute();
      return "none";
    } catch (GuestFault fault) {
      String name = EventLog.name(fault.vector);
      return GuestFault.hasErrorCode(fault.vector)
          ? name + "(" + Integer.toHexString(fault.errorCode) + ")"
          : name;
    }
  }
}
