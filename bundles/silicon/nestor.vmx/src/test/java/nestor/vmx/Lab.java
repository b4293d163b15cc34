// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

import static nestor.vmx.VmcsField.*;

import java.util.List;
import nestor.apic.ApicFactory;
import nestor.cpu.CpuCores;
import nestor.engine.interpreter.InterpreterFactory;
import nestor.memory.PcMemoryFactory;
import nestor.mmu.PagedMmuFactory;
import nestor.testkit.GuestLab;
import nestor.vcpu.Flags;
import nestor.vcpu.State;
import nestor.vcpu.SystemUnitFactory.CpuRequest;
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
final class Lab extends GuestLab {
  private static final Parts PARTS =
      new Parts(
          new PcMemoryFactory(),
          new PagedMmuFactory(),
          new CpuCores(),
          new ApicFactory(),
          new InterpreterFactory());

  static final long L1_EXIT = 0x1_9000;
  static final long VMXON_REGION = 0x2_0000;
  static final long VMCS_REGION = 0x2_1000;
  static final long OTHER_REGION = 0x2_2000;
  static final long MSR_BITMAP_PAGE = 0x2_4000;
  static final long IO_BITMAP_PAGES = 0x2_5000;
  static final long APIC_PAGE = 0x2_7000;
  static final long LIST_PAGE = 0x2_8000;
  static final long EPT_TABLES = SECOND_LEVEL;

  final VmxUnit vmx;
  final Vmx x;

  Lab(String... changes) {
    super(PARTS, new CpuRequest("intel", List.of(changes), 1, 1_000_000_000L, 1));
    vmx = new VmxUnit(v, name -> false);
    x = vmx.parts();
    powerOn(vmx, 0x2020, 0xD01);
    v.system.writeMsr(0x3A, 5);
  }

  // L1.

  /**
   * {@return after the guest has run until it exits, the exit reason, or -1 after many
   * instructions}
   */
  int run() {
    return exits() ? (int) x.get(EXIT_REASON) : -1;
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
    secondLevel(0x37, 0xB7);
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
    return secondLevelEntry(gpa);
  }

  /** Puts code into the guest, at its entry point. */
  Lab code(int... code) {
    bytes((x.secondary(Secondary.EPT) ? L2_RAM : 0) + L2_CODE, code);
    return this;
  }
}
