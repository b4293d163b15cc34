// SPDX-License-Identifier: Apache-2.0
package nestor.vectors;

import java.lang.foreign.Arena;
import java.util.List;
import nestor.isa.Isa;
import nestor.isa.Row;
import nestor.vcpu.Engine;
import nestor.vcpu.EngineFactory;
import nestor.vcpu.FastTable;
import nestor.vcpu.Flags;
import nestor.vcpu.GuestFault;
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
 * frame. Belongs to the thread that made it.
 */
public final class Machine implements AutoCloseable {
  private static final long CR0 = 0x8005_0033L;
  private static final long CR0_PAGING_PROTECTION = 0x8000_0001L;
  private static final long CR4 =
      0x0005_0E20L | 0x1_0000; // PAE OSFXSR OSXMMEXCPT UMIP FSGSBASE OSXSAVE
  private static final long EFER = 0xD01;
  private static final int TURNS = 1000;

  /** The parts that a machine is made of. */
  public record Parts(
      PhysicalMemoryFactory memory,
      MmuFactory mmu,
      SystemUnitFactory cpu,
      LocalApicFactory apic,
      EngineFactory engine) {}

  private final Arena arena = Arena.ofConfined();
  private final PhysicalMemoryControl memory;
  private final Engine engine;
  private final FaultCatcher catcher;
  private final long template;
  private final long fills;
  private final boolean avx512;
  private Surroundings surroundings = Surroundings.LONG64;
  private long codeWritten;
  private int codeLength;
  private long end;

  final Vcpu v;

  /** The state block. */
  public final long s;

  /** Host address of physical address 0; the windows lie at their linear addresses. */
  public final long ram;

  /** Makes a machine of a CPU model with features added or taken away. */
  public Machine(Parts parts, String model, List<String> changes) {
    s = arena.allocate(State.BYTES, 64).address();
    template = arena.allocate(State.BYTES, 64).address();
    fills = arena.allocate(Layout.DATA_BYTES, 64).address();
    v = new Vcpu(0, s);
    v.clock = new StillClock();
    memory = parts.memory().create(Layout.RAM, Layout.RAM);
    v.memory = memory;
    CpuRequest request = new CpuRequest(model, changes, 1, 1_000_000_000L, 1);
    v.mmu = parts.mmu().create(v, 4096, parts.cpu().physicalBits(request));
    memory.addMmu(v.mmu);
    catcher = new FaultCatcher(v, parts.cpu().create(v, request));
    v.system = catcher;
    v.apic = parts.apic().create(new QuietBus(v), 0);
    v.system.reset();
    engine = parts.engine().create(v);
    avx512 = offers("AVX512F");
    ram = memory.ramBase();
    Layout.build(ram);
    for (int n = 0; n < Layout.DATA_BYTES; n++) {
      Mem.putByte(fills + n, Layout.fill(n));
    }
    Mem.copy(fills, ram + Layout.READ_ONLY, 0x1000);
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
    Surroundings.LONG64.load(s);
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
    State.set(s, State.XCR0, avx512 ? 0xE7 : 7);
    Flags.write(s, 0x202);
    v.mmu.modeChanged();
    v.mmu.addressSpaceChanged(false);
    FastTable.select(s);
  }

  /** {@return whether vector registers have 64 bytes and there are 32 of them} */
  public boolean offersAvx512() {
    return avx512;
  }

  /** {@return whether the CPU model has rows of that feature} */
  public boolean offers(String feature) {
    for (Row row : Isa.rows()) {
      if (row.feature.equals(feature) && v.offered[row.index]) {
        return true;
      }
    }
    return false;
  }

  /** {@return whether the CPU model has the row} */
  public boolean offers(Row row) {
    return v.offered[row.index];
  }

  /** Puts registers, mode and data window back to the defaults. */
  public void reset(Surroundings wanted) {
    long context = State.get(s, State.CONTEXT);
    boolean otherMode = wanted.isReal() != surroundings.isReal();
    Mem.copy(template, s, State.BYTES);
    State.set(s, State.CONTEXT, context);
    surroundings = wanted;
    if (wanted.bits != 64) {
      wanted.load(s);
      for (int n = 0; n < 8; n++) {
        State.setGpr(s, n, State.gpr(s, n) & 0xFFFF_FFFFL);
      }
      State.setGpr(s, 4, wanted.bits == 32 ? 0x1000_1800L : 0x1800);
    }
    catcher.on = wanted.isReal();
    catcher.caught = -1;
    if (wanted.isReal()) {
      State.set(s, State.CR0, CR0 & ~CR0_PAGING_PROTECTION);
      State.set(s, State.EFER, 0);
      State.set(s, State.CPL, 0);
      State.set(s, State.IDTR, 0);
      State.set(s, State.IDTR + 8, 0x3FF);
    }
    if (otherMode) {
      v.mmu.modeChanged();
      v.mmu.addressSpaceChanged(false);
    }
    FastTable.select(s);
    Mem.copy(fills, ram + Layout.DATA, Layout.DATA_BYTES);
  }

  /**
   * Puts code into its window, whose last code goes.
   *
   * @param ended whether HLT, which faults, marks the end
   * @param anywhere whether it may write anywhere in its window
   */
  public void code(long linear, byte[] code, int length, boolean ended, boolean anywhere) {
    if (codeLength > 0) {
      Mem.fill(ram + codeWritten, codeLength, (byte) 0xCC);
      memory.written(codeWritten, codeLength);
      codeLength = 0;
    }
    end = ended ? linear + length : -1;
    if (anywhere) {
      codeWritten = Layout.CODE;
      codeLength = Layout.CODE_BYTES;
    }
    long limit = Layout.CODE + Layout.CODE_BYTES;
    if (linear < Layout.CODE || linear >= limit) {
      return; // a fetch that must fault
    }
    int fits = (int) Math.min(length, limit - linear);
    Mem.copyIn(code, 0, ram + linear, fits);
    int written = fits;
    if (ended && linear + fits < limit) {
      Mem.putByte(ram + linear + fits, (byte) 0xF4);
      written++;
    }
    memory.written(linear, written);
    if (codeLength == 0) {
      codeWritten = linear;
      codeLength = written;
    }
  }

  /** Sets RIP to a linear address, and draws the consequences of the registers set before. */
  public void ready(long linear) {
    v.flagsWritten(State.get(s, State.RFLAGS));
    State.set(s, State.RIP, linear - State.base(s, Segment.CS));
  }

  /** {@return the linear address of the next instruction} */
  long rip() {
    return State.get(s, State.RIP) + State.base(s, Segment.CS);
  }

  private boolean left() {
    return surroundings.isReal()
        ? catcher.caught >= 0 || State.base(s, Segment.CS) == Layout.HANDLERS
        : State.cpl(s) == 0;
  }

  /** {@return whether an exception was taken} Runs {@code budget} instructions. */
  boolean step(long budget) {
    State.set(s, State.BUDGET, budget);
    engine.run();
    return left();
  }

  /** Runs until an exception: that of the HLT at the end of the code, or another. */
  public Outcome runToEnd() {
    for (int turn = 0; turn < TURNS; turn++) {
      if (step(10_000)) {
        return outcome(false);
      }
    }
    return outcome(true);
  }

  /** {@return where the vCPU stands; after an exception, before its delivery} */
  Outcome outcome(boolean stuck) {
    Flags.materialize(s);
    if (!left()) {
      return new Outcome(-1, 0, 0, rip(), State.get(s, State.RFLAGS), stuck);
    }
    return surroundings.isReal() ? realOutcome(stuck) : longOutcome(stuck);
  }

  private Outcome longOutcome(boolean stuck) {
    int taken = (int) (State.get(s, State.RIP) - Layout.SYSTEM - Layout.HANDLERS) >> 4;
    long frame = ram + (State.gpr(s, 4) - Layout.SYSTEM);
    boolean hasCode = GuestFault.hasErrorCode(taken);
    long errorCode = hasCode ? Mem.getLong(frame) : 0;
    long at = hasCode ? frame + 8 : frame;
    long base = surroundings.bits == 16 ? Layout.CODE : 0;
    long rip = Mem.getLong(at) + base;
    State.setGpr(s, 4, Mem.getLong(at + 24));
    return outcome(taken, errorCode, rip, Mem.getLong(at + 16), stuck);
  }

  private Outcome realOutcome(boolean stuck) {
    long rflags = State.get(s, State.RFLAGS);
    if (catcher.caught >= 0) {
      return outcome(catcher.caught, 0, rip(), rflags, stuck);
    }
    // INT3 and INTO deliver by themselves: CS is the handlers' segment, the frame in the window.
    int taken = (int) State.get(s, State.RIP) >> 4;
    long sp = State.gpr(s, 4);
    long frame = ram + Layout.DATA + (sp & 0xFFFF);
    long rip = Layout.CODE + (Mem.getShort(frame) & 0xFFFF);
    rflags = rflags & ~0xFFFFL | Mem.getShort(frame + 4) & 0xFFFF;
    State.setGpr(s, 4, 2, sp + 6);
    return outcome(taken, 0, rip, rflags, stuck);
  }

  private Outcome outcome(int taken, long errorCode, long rip, long rflags, boolean stuck) {
    boolean ended = taken == 13 && rip == end;
    long cr2 = State.get(s, State.CR2);
    return new Outcome(ended ? -1 : taken, errorCode, cr2, rip, rflags & ~Flags.RF, stuck);
  }
}
