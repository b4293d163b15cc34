// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

import static nestor.vmx.VmcsField.*;

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
import nestor.vcpu.Flags;
import nestor.vcpu.Mem;
import nestor.vcpu.PhysicalMemoryControl;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import nestor.vcpu.SystemUnitFactory.CpuRequest;
import nestor.vcpu.Vcpu;
import nestor.vmx.Control.Entry;
import nestor.vmx.Control.Exit;
import nestor.vmx.Control.Primary;
import nestor.vmx.Control.Secondary;

/**
 * A whole vCPU with the real CPU core, MMU, interpreter and memory. Its L1 is the test: it stands
 * in 64-bit mode and executes the instructions that the test gives it. Its L2 is code in memory.
 *
 * <p>Physical memory: L1's tables at 64 KiB, VMX regions from 128 KiB, L2's RAM from 16 MiB.
 */
final class Lab {
  static final long RAM = 64 << 20;
  static final long L1_TABLES = 0x1_0000;
  static final long L1_CODE = 0x1_8000;
  static final long L1_EXIT = 0x1_9000;
  static final long VMXON_REGION = 0x2_0000;
  static final long VMCS_REGION = 0x2_1000;
  static final long OTHER_REGION = 0x2_2000;
  static final long MSR_BITMAP_PAGE = 0x2_4000;
  static final long IO_BITMAP_PAGES = 0x2_5000;
  static final long APIC_PAGE = 0x2_7000;
  static final long LIST_PAGE = 0x2_8000;
  static final long EPT_TABLES = 0x4_0000;

  /** Where L2's physical address 0 lies. */
  static final long L2_RAM = 16 << 20;

  static final long L2_TABLES = 0x1000;
  static final long L2_CODE = 0x8000;
  static final long L2_STACK = 0x7000;
  static final long L2_IDT = 0x9000;

  private static final int RAX = 0;
  private static final int RDX = 2;

  final Vcpu v;
  final long s;
  final HandClock clock = new HandClock();
  final PhysicalMemoryControl memory = new PcMemoryFactory().create(RAM, 0xC000_0000L);
  final VmxUnit vmx;
  final Vmx x;
  private final Arena arena = Arena.ofAuto();
  private final Engine engine;

  Lab(String... changes) {
    v = new Vcpu(0, arena.allocate(State.BYTES, 64).address());
    s = v.state;
    v.memory = memory;
    v.clock = clock;
    v.mmu = new PagedMmuFactory().create(v, 4096, 46);
    memory.addMmu(v.mmu);
    v.system =
        new CpuCores().create(v, new CpuRequest("intel", List.of(changes), 1, 1_000_000_000L, 1));
    v.apic = new ApicFactory().create(new Bus(), 0);
    vmx = new VmxUnit(v, name -> false);
    v.virtualization = vmx;
    x = vmx.parts();
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
    set(State.CR4, 0x2020);
    set(State.EFER, 0xD01);
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
    v.system.writeMsr(0x3A, 5);
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

  /**
   * {@return after the guest has run until it exits, the exit reason, or -1 after many
   * instructions}
   */
  int run() {
    for (int i = 0; i < 20_000; i++) {
      if (!v.intercepts.guest) {
        return (int) x.get(EXIT_REASON);
      }
      one();
    }
    return -1;
  }

  /** {@return how a VMX instruction ended} */
  String outcome() {
    long flags = Flags.read(s);
    if ((flags & Flags.CF) != 0) {
      return "VMfailInvalid";
    }
    return (flags & Flags.ZF) != 0
        ? "VMfailValid(" + x.get(VM_INSTRUCTION_ERROR) + ")"
        : "VMsucceed";
  }

  /** Executes an instruction with a 64-bit memory operand at RAX that holds a value. */
  String pointer(long value, int... code) {
    put(0x3_9000, 8, value);
    gpr(RAX, 0x3_9000);
    execute(code);
    return outcome();
  }

  String vmxon(long region) {
    return pointer(region, 0xF3, 0x0F, 0xC7, 0x30);
  }

  String vmclear(long region) {
    return pointer(region, 0x66, 0x0F, 0xC7, 0x30);
  }

  String vmptrld(long region) {
    return pointer(region, 0x0F, 0xC7, 0x30);
  }

  String vmwrite(long encoding, long value) {
    gpr(RAX, encoding);
    gpr(RDX, value);
    execute(0x0F, 0x79, 0xC2);
    return outcome();
  }

  long vmread(long encoding) {
    gpr(RAX, encoding);
    gpr(RDX, 0);
    execute(0x0F, 0x78, 0xC2);
    return gpr(RDX);
  }

  void launch() {
    execute(0x0F, 0x01, 0xC2);
  }

  void resume() {
    execute(0x0F, 0x01, 0xC3);
  }

  /** VMX operation with a current, clear VMCS. */
  Lab on() {
    put(VMXON_REGION, 4, Vmcs.REVISION);
    put(VMCS_REGION, 4, Vmcs.REVISION);
    put(OTHER_REGION, 4, Vmcs.REVISION);
    vmxon(VMXON_REGION);
    vmclear(VMCS_REGION);
    vmptrld(VMCS_REGION);
    return this;
  }

  // The VMCS.

  Lab field(VmcsField field, long value) {
    x.vmcs.set(field, value);
    return this;
  }

  Lab or(VmcsField field, long bits) {
    return field(field, x.get(field) | bits & 0xFFFF_FFFFL);
  }

  Lab without(VmcsField field, long bits) {
    return field(field, x.get(field) & ~bits);
  }

  private void controls() {
    field(PIN_BASED_CONTROLS, x.capabilities.mustBe1(Control.Word.PIN));
    field(
        PRIMARY_CONTROLS,
        x.capabilities.mustBe1(Control.Word.PRIMARY) | Primary.HLT_EXITING & 0xFFFF_FFFFL);
    field(SECONDARY_CONTROLS, 0);
    field(EXIT_CONTROLS, x.capabilities.mustBe1(Control.Word.EXIT) | Exit.HOST_ADDRESS_SPACE_SIZE);
    field(ENTRY_CONTROLS, x.capabilities.mustBe1(Control.Word.ENTRY) | Entry.IA32E_MODE_GUEST);
    field(VMCS_LINK_POINTER, -1);
  }

  private void host() {
    field(HOST_CR0, get(State.CR0)).field(HOST_CR3, get(State.CR3)).field(HOST_CR4, 0x2020);
    field(HOST_CS_SELECTOR, 8).field(HOST_SS_SELECTOR, 16).field(HOST_DS_SELECTOR, 16);
    field(HOST_TR_SELECTOR, 24).field(HOST_TR_BASE, 0x3_0000);
    field(HOST_RSP, 0x3_8000).field(HOST_RIP, L1_EXIT);
  }

  /** A legal VMCS: a 64-bit guest in L1's own memory, without EPT. */
  Lab legal() {
    controls();
    host();
    guest64(0);
    return this;
  }

  private void guest64(long base) {
    identity(base + L2_TABLES, base);
    field(GUEST_CR0, 0x8000_0031L).field(GUEST_CR3, base == 0 ? L1_TABLES : L2_TABLES);
    if (base == 0) {
      identity(L1_TABLES, 0);
    }
    field(GUEST_CR4, 0x2020).field(GUEST_DR7, 0x400).field(GUEST_RFLAGS, 2);
    field(GUEST_RIP, L2_CODE).field(GUEST_RSP, L2_STACK);
    field(GUEST_CS_SELECTOR, 8).field(GUEST_CS_ACCESS_RIGHTS, 0xA09B);
    field(GUEST_SS_SELECTOR, 16).field(GUEST_SS_ACCESS_RIGHTS, 0xC093);
    field(GUEST_DS_SELECTOR, 16).field(GUEST_DS_ACCESS_RIGHTS, 0xC093);
    field(GUEST_ES_SELECTOR, 16).field(GUEST_ES_ACCESS_RIGHTS, 0xC093);
    field(GUEST_FS_SELECTOR, 16).field(GUEST_FS_ACCESS_RIGHTS, 0xC093);
    field(GUEST_GS_SELECTOR, 16).field(GUEST_GS_ACCESS_RIGHTS, 0xC093);
    for (VmcsField limit :
        List.of(
            GUEST_CS_LIMIT,
            GUEST_SS_LIMIT,
            GUEST_DS_LIMIT,
            GUEST_ES_LIMIT,
            GUEST_FS_LIMIT,
            GUEST_GS_LIMIT)) {
      field(limit, 0xFFFF_FFFFL);
    }
    field(GUEST_LDTR_ACCESS_RIGHTS, 0x1_0000);
    field(GUEST_TR_SELECTOR, 24).field(GUEST_TR_ACCESS_RIGHTS, 0x8B).field(GUEST_TR_LIMIT, 0x67);
    field(GUEST_IDTR_BASE, L2_IDT).field(GUEST_IDTR_LIMIT, 0xFFF);
    field(GUEST_GDTR_LIMIT, 0xFFFF);
  }

  /** The guest becomes one of 32 bits, with 32-bit paging. */
  Lab legacyPaging() {
    without(ENTRY_CONTROLS, Entry.IA32E_MODE_GUEST);
    field(GUEST_CR4, 0x2000);
    or(GUEST_CS_ACCESS_RIGHTS, (x.get(GUEST_CS_ACCESS_RIGHTS) & 0x2000) != 0 ? 0x4000 : 0);
    return without(GUEST_CS_ACCESS_RIGHTS, 0x2000);
  }

  /** The guest gets EPT: its first 2 MiB in 4 KiB pages, then 14 MiB in 2 MiB pages. */
  Lab withEpt() {
    secondary(Secondary.EPT);
    put(EPT_TABLES, 8, EPT_TABLES + 0x1000 | 7);
    put(EPT_TABLES + 0x1000, 8, EPT_TABLES + 0x2000 | 7);
    put(EPT_TABLES + 0x2000, 8, EPT_TABLES + 0x3000 | 7);
    for (int i = 0; i < 512; i++) {
      put(EPT_TABLES + 0x3000 + 8L * i, 8, L2_RAM + 4096L * i | 0x37);
    }
    for (int i = 1; i < 8; i++) {
      put(EPT_TABLES + 0x2000 + 8L * i, 8, L2_RAM + ((long) i << 21) | 0xB7);
    }
    field(EPT_POINTER, EPT_TABLES | 0x1E);
    guest64(L2_RAM);
    return this;
  }

  Lab secondary(int bits) {
    or(PRIMARY_CONTROLS, Primary.SECONDARY);
    return or(SECONDARY_CONTROLS, bits);
  }

  /** {@return address of the EPT entry of a 4 KiB page of the guest} */
  static long eptEntry(long gpa) {
    return EPT_TABLES + 0x3000 + 8 * (gpa >>> 12);
  }

  /** Puts code into the guest, at its entry point. */
  Lab code(int... code) {
    bytes((x.secondary(Secondary.EPT) ? L2_RAM : 0) + L2_CODE, code);
    return this;
  }

  /** Host address of physical memory: for looking at bytes. */
  byte peek(long address) {
    return Mem.getByte(memory.ramBase() + address);
  }
}
