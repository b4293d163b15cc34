// SPDX-License-Identifier: Apache-2.0
package nestor.svm;

import static nestor.svm.VmcbField.*;

import java.util.List;
import nestor.apic.ApicFactory;
import nestor.cpu.CpuCores;
import nestor.engine.interpreter.InterpreterFactory;
import nestor.memory.PcMemoryFactory;
import nestor.mmu.PagedMmuFactory;
import nestor.testkit.GuestLab;
import nestor.vcpu.SystemUnitFactory.CpuRequest;

/**
 * A whole vCPU with the real CPU core, MMU, interpreter and memory. Its L1 is the test: it stands
 * in 64-bit mode and executes the instructions that the test gives it. Its L2 is code in memory.
 *
 * <p>Physical memory: L1's tables at 64 KiB, SVM areas from 128 KiB, L2's RAM from 16 MiB.
 */
final class Lab extends GuestLab {
  private static final Parts PARTS =
      new Parts(
          new PcMemoryFactory(),
          new PagedMmuFactory(),
          new CpuCores(),
          new ApicFactory(),
          new InterpreterFactory());

  static final long VMCB = 0x2_0000;
  static final long HOST_SAVE = 0x2_1000;
  static final long MSRPM = 0x2_4000;
  static final long IOPM = 0x2_6000;
  static final long NESTED_TABLES = SECOND_LEVEL;

  final SvmUnit svm;
  final Svm x;

  Lab(String... withheld) {
    super(PARTS, new CpuRequest("amd", List.of(), 1, 1_000_000_000L, 1));
    svm = new SvmUnit(v, List.of(withheld)::contains);
    x = svm.parts();
    powerOn(svm, 0x20, 0x1D01);
    v.system.writeMsr(0xC001_0117, HOST_SAVE);
  }

  // L1.

  /** {@return after the guest has run until it exits, the exit code; -2 after many instructions} */
  int run() {
    return exits() ? (int) x.get(EXITCODE) : -2;
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
    secondLevel(7, 0x87);
    guest64(L2_RAM);
    return this;
  }

  /** {@return address of the nested entry of a 4 KiB page of the guest} */
  static long nestedEntry(long gpa) {
    return secondLevelEntry(gpa);
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
