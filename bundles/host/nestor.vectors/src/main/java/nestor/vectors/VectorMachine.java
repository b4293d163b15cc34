// SPDX-License-Identifier: Apache-2.0
package nestor.vectors;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;
import nestor.api.json.JsonValue;
import nestor.isa.DecodeResult;
import nestor.isa.Decoder;
import nestor.isa.Insn;
import nestor.isa.RowAttribute;
import nestor.vcpu.Engine;
import nestor.vcpu.EngineFactory;
import nestor.vcpu.FastTable;
import nestor.vcpu.Flags;
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

/**
 * One vCPU in the surroundings that VECTORS.md describes: 4-level paging, user code at CPL 3, and
 * an IDT whose handlers halt at CPL 0, where the outcome of an exception is read from the stack
 * frame.
 */
final class VectorMachine implements AutoCloseable {
  private static final long CR0 = 0x8005_0033L;
  private static final long CR4 =
      0x0005_0E20L | 0x1_0000; // PAE OSFXSR OSXMMEXCPT UMIP FSGSBASE OSXSAVE
  private static final long EFER = 0xD01;

  /** The parts that a machine is made of. */
  record Parts(
      PhysicalMemoryFactory memory,
      MmuFactory mmu,
      SystemUnitFactory cpu,
      LocalApicFactory apic,
      EngineFactory engine) {}

  /** Where a run ended: the exception taken, or -1, and the state before its delivery. */
  record Outcome(
      int exception, long errorCode, long cr2, long rip, long rsp, long rflags, boolean stuck) {}

  private final Arena arena = Arena.ofConfined();
  private final PhysicalMemoryControl memory;
  private final Engine engine;
  private final Decoder decoder = new Decoder();
  private final Insn insn = new Insn();
  private final long template;
  private final long fills;
  private long codeWritten;
  private int codeLength;

  final Vcpu v;
  final long s;
  final long ram;

  VectorMachine(Parts parts, String model, List<String> changes) {
    s = arena.allocate(State.BYTES, 64).address();
    template = arena.allocate(State.BYTES, 64).address();
    fills = arena.allocate(0x1000 + Layout.DATA_BYTES, 64).address();
    v = new Vcpu(0, s);
    v.clock = new StillClock();
    memory = parts.memory().create(Layout.RAM, Layout.RAM);
    v.memory = memory;
    CpuRequest request = new CpuRequest(model, changes, 1, 1_000_000_000L, 1);
    v.mmu = parts.mmu().create(v, 4096, parts.cpu().physicalBits(request));
    memory.addMmu(v.mmu);
    v.system = parts.cpu().create(v, request);
    v.apic = parts.apic().create(new QuietBus(v), 0);
    v.system.reset();
    engine = parts.engine().create(v);
    ram = memory.ramBase();
    Layout.build(ram);
    for (int n = 0; n < Layout.DATA_BYTES; n++) {
      Mem.putByte(fills + n, Layout.fill(n));
    }
    Mem.copy(fills, ram + Layout.DATA_PHYSICAL + 0x4000, 0x1000);
    defaults();
    Mem.copy(s, template, State.BYTES);
  }

  @Override
  public void close() {
    engine.close();
    memory.close();
    arena.close();
  }

  private void defaults() {
    State.set(s, State.CR0, CR0);
    State.set(s, State.CR3, Layout.PML4);
    State.set(s, State.CR4, CR4);
    State.set(s, State.EFER, EFER);
    State.set(s, State.CANONICAL_SHIFT, 16);
    State.set(s, State.GDTR, Layout.SYSTEM + Layout.GDT);
    State.set(s, State.GDTR + 8, 0x7F);
    State.set(s, State.IDTR, Layout.SYSTEM + Layout.IDT);
    State.set(s, State.IDTR + 8, 0xFFF);
    State.setSegment(s, Segment.TR, 0x40, Layout.SYSTEM + Layout.TSS, 0x67, 0x8B);
    State.setSegment(s, Segment.LDTR, 0, 0, 0, Segment.UNUSABLE);
    State.set(s, State.CPL, 3);
    State.set(s, State.ACTIVITY, State.ACTIVE);
    flat(64);
    for (int n = 0; n < 16; n++) {
      State.setGpr(s, n, 0x0123_4567_89AB_CDEFL * (2 * n + 1));
    }
    State.setGpr(s, 4, 0x1000_1800L);
    State.set(s, State.FCW, 0x37F);
    State.set(s, State.FSW, 0);
    State.set(s, State.FTW, 0);
    State.set(s, State.MXCSR, 0x1F80);
    Mem.fill(s + State.ST, 128, (byte) 0);
    for (int n = 0; n < 32; n++) {
      for (int j = 0; j < 32; j++) {
        Mem.putByte(State.vector(s, n) + j, (byte) (n * 17 + j * 29 + 7));
      }
    }
    for (int n = 0; n < 8; n++) {
      State.set(s, State.OPMASK + 8 * n, 0x1111_1111_1111_1111L * n);
    }
    boolean avx512 = offersAvx512();
    State.set(s, State.XCR0, avx512 ? 0xE7 : 7);
    Flags.write(s, 0x202);
    v.mmu.modeChanged();
    v.mmu.addressSpaceChanged(false);
    FastTable.select(s);
  }

  boolean offersAvx512() {
    for (var row : nestor.isa.Isa.rows()) {
      if (row.feature.equals("AVX512F") && v.offered[row.index]) {
        return true;
      }
    }
    return false;
  }

  /** Segments of a code size, as section 2a of VECTORS.md has them. */
  private void flat(int bits) {
    State.set(s, State.CODE_SIZE, bits);
    int data = 0xC0F3;
    State.setSegment(
        s,
        Segment.CS,
        bits == 64 ? 0x33 : 0x23,
        bits == 16 ? Layout.CODE : 0,
        bits == 16 ? 0xFFFFL : 0xFFFF_FFFFL,
        bits == 64 ? 0xA0FB : bits == 32 ? 0xC0FB : 0x00FB);
    boolean small = bits == 16;
    long base = small ? Layout.DATA : 0;
    long limit = small ? 0x1FFF : 0xFFFF_FFFFL;
    State.setSegment(s, Segment.SS, 0x2B, base, limit, small ? 0x00F3 : data);
    State.setSegment(s, Segment.DS, bits == 64 ? 0 : 0x2B, base, limit, data);
    State.setSegment(s, Segment.ES, bits == 64 ? 0 : 0x2B, base, limit, data);
    if (bits == 64) {
      State.setSegment(s, Segment.FS, 0, 0, 0xFFFF_FFFFL, data);
      State.setSegment(s, Segment.GS, 0, 0, 0xFFFF_FFFFL, data);
    } else {
      State.setSegment(s, Segment.FS, 0x2B, Layout.DATA, 0x1FFF, data);
      State.setSegment(s, Segment.GS, 0x2B, Layout.DATA + 0x800, 0xFFF, data);
    }
  }

  /** Puts everything back and applies the state before. */
  void prepare(Vector vector) {
    long context = State.get(s, State.CONTEXT);
    Mem.copy(template, s, State.BYTES);
    State.set(s, State.CONTEXT, context);
    if (vector.codeBits != 64) {
      flat(vector.codeBits);
      for (int n = 0; n < 8; n++) {
        State.setGpr(s, n, State.gpr(s, n) & 0xFFFF_FFFFL);
      }
      State.setGpr(s, 4, vector.codeBits == 32 ? 0x1000_1800L : 0x1800);
    }
    FastTable.select(s);
    Mem.copy(fills, ram + Layout.DATA_PHYSICAL, Layout.DATA_BYTES);
    restoreCode(vector);
    Registers.apply(s, vector.in);
    for (JsonValue range : vector.in.memory()) {
      byte[] bytes = VectorState.bytes(range);
      Mem.copyIn(bytes, 0, ram + Layout.DATA_PHYSICAL + VectorState.offset(range), bytes.length);
    }
    v.flagsWritten(State.get(s, State.RFLAGS));
    State.set(s, State.RIP, vector.ip - State.base(s, Segment.CS));
  }

  private void restoreCode(Vector vector) {
    if (codeLength > 0) {
      Mem.fill(ram + Layout.CODE_PHYSICAL + codeWritten, codeLength, (byte) 0xCC);
      memory.written(Layout.CODE_PHYSICAL + codeWritten, codeLength);
      codeLength = 0;
    }
    if (vector.family().equals("smc")) {
      codeWritten = 0;
      codeLength = Layout.CODE_BYTES; // it may write anywhere in the window
    }
    long at = vector.ip - Layout.CODE;
    if (at < 0 || at >= Layout.CODE_BYTES) {
      return; // a fetch that must fault
    }
    int fits = (int) Math.min(vector.code.length, Layout.CODE_BYTES - at);
    Mem.copyIn(vector.code, 0, ram + Layout.CODE_PHYSICAL + at, fits);
    int length = fits;
    if (vector.isSequence() && at + fits < Layout.CODE_BYTES) {
      Mem.putByte(ram + Layout.CODE_PHYSICAL + at + fits, (byte) 0xF4); // the end: HLT faults
      length++;
    }
    memory.written(Layout.CODE_PHYSICAL + at, length);
    if (codeLength == 0) {
      codeWritten = at;
      codeLength = length;
    }
  }

  /** Runs a prepared case. */
  Outcome run(Vector vector) {
    long base = State.base(s, Segment.CS);
    if (vector.isSequence()) {
      for (int turn = 0; turn < 1000; turn++) {
        State.set(s, State.BUDGET, 10_000);
        engine.run();
        if (State.cpl(s) == 0) {
          return outcome(vector, base);
        }
      }
      return outcome(vector, base, true);
    }
    boolean repeats = repeats(vector);
    for (int turn = 0; turn < 100_000; turn++) {
      State.set(s, State.BUDGET, 1);
      engine.run();
      if (State.cpl(s) != 0 && vector.failsAtNextFetch()) {
        State.set(s, State.BUDGET, 1);
        engine.run();
      }
      if (!repeats || State.cpl(s) == 0 || State.get(s, State.RIP) != vector.ip - base) {
        return outcome(vector, base);
      }
    }
    return outcome(vector, base, true);
  }

  private boolean repeats(Vector vector) {
    DecodeResult result =
        decoder.decode(vector.code, 0, vector.code.length, vector.codeBits, true, insn);
    return result == DecodeResult.OK
        && insn.isRepeated()
        && (insn.row.has(RowAttribute.REP) || insn.row.has(RowAttribute.REP_CONDITION));
  }

  private Outcome outcome(Vector vector, long base) {
    return outcome(vector, base, false);
  }

  private Outcome outcome(Vector vector, long base, boolean stuck) {
    Flags.materialize(s);
    if (State.cpl(s) != 0) {
      return new Outcome(
          -1,
          0,
          0,
          State.get(s, State.RIP) + base,
          State.gpr(s, 4),
          State.get(s, State.RFLAGS),
          stuck);
    }
    int taken = (int) (State.get(s, State.RIP) - Layout.SYSTEM - Layout.HANDLERS) >> 4;
    long frame = ram + (State.gpr(s, 4) - Layout.SYSTEM);
    boolean hasCode = nestor.vcpu.GuestFault.hasErrorCode(taken);
    long errorCode = hasCode ? Mem.getLong(frame) : 0;
    long at = hasCode ? frame + 8 : frame;
    long rip = Mem.getLong(at) + base;
    long rflags = Mem.getLong(at + 16) & ~Flags.RF;
    long rsp = Mem.getLong(at + 24);
    State.setGpr(s, 4, rsp);
    boolean end = vector.isSequence() && taken == 13 && rip == vector.end();
    return new Outcome(
        end ? -1 : taken, errorCode, State.get(s, State.CR2), rip, rsp, rflags, stuck);
  }

  /** {@return engine and MMU counters} */
  Map<String, Long> counters() {
    return engine.counters();
  }
}
