// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

import static nestor.vmx.VmcsField.*;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import nestor.vcpu.State;
import nestor.vcpu.VmExit;
import nestor.vmx.Control.Entry;
import nestor.vmx.Control.Pin;
import nestor.vmx.Control.Secondary;

/**
 * Checks on the guest-state area but for its segments, in the order of the manual. A failure is an
 * exit with basic reason 33.
 */
final class GuestCheckRows {
  private GuestCheckRows() {}

  private static final String REGISTERS =
      "Checks on Guest Control Registers, Debug Registers, and MSRs";
  private static final String TABLES = "Checks on Guest Descriptor-Table Registers";
  private static final String FLAGS = "Checks on Guest RIP, RFLAGS, and SSP";
  private static final String OTHERS = "Checks on Guest Non-Register State";
  private static final String POINTERS = "Checks on Guest Page-Directory-Pointer-Table Entries";

  static final int QUALIFICATION_PDPTE = 2;
  static final int QUALIFICATION_LINK = 4;

  private static final int STI = 1;
  private static final int MOV_SS = 2;
  private static final int SMI = 4;
  private static final int NMI = 8;
  private static final long TF = 1 << 8;
  private static final long IF = 1 << 9;
  private static final long VM = 1 << 17;
  private static final long BS = 1 << 14;
  private static final long BTF = 2;

  /** Those that look at registers but for RIP, RSP and RFLAGS (of which they look at VM). */
  static final List<Check> REGISTER_ROWS = registerRows();

  /** Those that look at anything else as well, memory included. */
  static final List<Check> OTHER_ROWS = otherRows();

  static final List<Check> ROWS =
      Stream.concat(REGISTER_ROWS.stream(), OTHER_ROWS.stream()).toList();

  private static List<Check> registerRows() {
    List<Check> rows = new ArrayList<>();
    registers(rows);
    rows.addAll(SegmentCheckRows.ROWS);
    tables(rows);
    return List.copyOf(rows);
  }

  private static List<Check> otherRows() {
    List<Check> rows = new ArrayList<>();
    flags(rows);
    others(rows);
    rows.add(
        new Check(
            POINTERS,
            "PDPTE: reserved bits",
            QUALIFICATION_PDPTE,
            GuestCheckRows::pageDirectoryPointers));
    return List.copyOf(rows);
  }

  private static void add(List<Check> rows, String section, String message, Check.Rule rule) {
    rows.add(new Check(section, message, 0, rule));
  }

  private static void registers(List<Check> rows) {
    String at = REGISTERS;
    add(rows, at, "guest CR0: fixed bits", GuestCheckRows::cr0);
    add(
        rows,
        at,
        "guest CR0: PG without PE",
        x -> (x.get(GUEST_CR0) & Vmx.CR0_PG) == 0 || (x.get(GUEST_CR0) & Vmx.CR0_PE) != 0);
    add(
        rows,
        at,
        "guest CR4: fixed bits",
        x ->
            HostCheckRows.fixed(
                x.get(GUEST_CR4), Capabilities.CR4_FIXED0, x.capabilities.msr(0x489)));
    add(
        rows,
        at,
        "guest DEBUGCTL: reserved bits",
        x ->
            !x.entryControl(Entry.LOAD_DEBUG_CONTROLS)
                || (x.get(GUEST_DEBUGCTL) & ~DEBUGCTL_BITS) == 0);
    add(
        rows,
        at,
        "IA-32e mode guest without CR0.PG and CR4.PAE",
        x ->
            !ia32e(x)
                || (x.get(GUEST_CR0) & Vmx.CR0_PG) != 0 && (x.get(GUEST_CR4) & Vmx.CR4_PAE) != 0);
    add(
        rows,
        at,
        "guest CR4: PCIDE outside IA-32e mode",
        x -> ia32e(x) || (x.get(GUEST_CR4) & Vmx.CR4_PCIDE) == 0);
    add(
        rows,
        at,
        "guest CR3: beyond the physical-address width",
        x -> x.fitsPhysical(x.get(GUEST_CR3)));
    add(
        rows,
        at,
        "guest DR7: bits 63:32",
        x -> !x.entryControl(Entry.LOAD_DEBUG_CONTROLS) || x.get(GUEST_DR7) >>> 32 == 0);
    add(
        rows,
        at,
        "guest SYSENTER_ESP: not canonical",
        x -> HostCheckRows.canonical(x, GUEST_SYSENTER_ESP));
    add(
        rows,
        at,
        "guest SYSENTER_EIP: not canonical",
        x -> HostCheckRows.canonical(x, GUEST_SYSENTER_EIP));
    add(
        rows,
        at,
        "guest PAT: reserved memory type",
        x -> !x.entryControl(Entry.LOAD_PAT) || HostCheckRows.isPat(x.get(GUEST_PAT)));
    add(
        rows,
        at,
        "guest EFER: reserved bits",
        x -> !loadsEfer(x) || (x.get(GUEST_EFER) & ~(x.v.core.eferBits() | Vmx.EFER_LMA)) == 0);
    add(
        rows,
        at,
        "guest EFER: LMA does not fit the IA-32e mode guest control",
        x -> !loadsEfer(x) || ((x.get(GUEST_EFER) & Vmx.EFER_LMA) != 0) == ia32e(x));
    add(
        rows,
        at,
        "guest EFER: LME does not fit LMA with paging",
        x ->
            !loadsEfer(x)
                || (x.get(GUEST_CR0) & Vmx.CR0_PG) == 0
                || ((x.get(GUEST_EFER) & Vmx.EFER_LMA) != 0)
                    == ((x.get(GUEST_EFER) & Vmx.EFER_LME) != 0));
    add(
        rows,
        at,
        "guest BNDCFGS: reserved bits, or not canonical",
        x ->
            !x.entryControl(Entry.LOAD_BNDCFGS)
                || (x.get(GUEST_BNDCFGS) & 0xFFC) == 0
                    && HostCheckRows.isCanonical(x, x.get(GUEST_BNDCFGS) & -4096L));
  }

  /** LBR and BTF. */
  private static final long DEBUGCTL_BITS = 3;

  static boolean ia32e(Vmx x) {
    return x.entryControl(Entry.IA32E_MODE_GUEST);
  }

  private static boolean loadsEfer(Vmx x) {
    return x.entryControl(Entry.LOAD_EFER);
  }

  private static boolean cr0(Vmx x) {
    long must = Capabilities.CR0_FIXED0;
    if (x.secondary(Secondary.UNRESTRICTED_GUEST)) {
      must &= ~(Vmx.CR0_PE | Vmx.CR0_PG);
    }
    return HostCheckRows.fixed(x.get(GUEST_CR0), must, Capabilities.CR0_FIXED1);
  }

  private static void tables(List<Check> rows) {
    add(
        rows,
        TABLES,
        "guest GDTR base: not canonical",
        x -> HostCheckRows.canonical(x, GUEST_GDTR_BASE));
    add(
        rows,
        TABLES,
        "guest IDTR base: not canonical",
        x -> HostCheckRows.canonical(x, GUEST_IDTR_BASE));
    add(rows, TABLES, "guest GDTR limit: bits 31:16", x -> x.get(GUEST_GDTR_LIMIT) >>> 16 == 0);
    add(rows, TABLES, "guest IDTR limit: bits 31:16", x -> x.get(GUEST_IDTR_LIMIT) >>> 16 == 0);
  }

  private static void flags(List<Check> rows) {
    add(
        rows,
        FLAGS,
        "guest RIP: bits 63:32 outside 64-bit mode",
        x ->
            ia32e(x) && (x.get(GUEST_CS_ACCESS_RIGHTS) & 1 << 13) != 0
                || x.get(GUEST_RIP) >>> 32 == 0);
    add(
        rows,
        FLAGS,
        "guest RIP: not canonical",
        x ->
            !ia32e(x)
                || (x.get(GUEST_CS_ACCESS_RIGHTS) & 1 << 13) == 0
                || HostCheckRows.canonical(x, GUEST_RIP));
    add(
        rows,
        FLAGS,
        "guest RFLAGS: reserved bits",
        x -> (x.get(GUEST_RFLAGS) & 0xFFFF_FFFF_FFC0_8028L) == 0 && (x.get(GUEST_RFLAGS) & 2) != 0);
    add(
        rows,
        FLAGS,
        "guest RFLAGS: VM in IA-32e mode or without CR0.PE",
        x -> (x.get(GUEST_RFLAGS) & VM) == 0 || !ia32e(x) && (x.get(GUEST_CR0) & Vmx.CR0_PE) != 0);
    add(
        rows,
        FLAGS,
        "guest RFLAGS: IF = 0 and an external interrupt is injected",
        x -> !injects(x, VmExit.EXTERNAL) || (x.get(GUEST_RFLAGS) & IF) != 0);
  }

  private static boolean injects(Vmx x, int type) {
    int info = x.vmcs.word(ENTRY_INTERRUPTION_INFO);
    return (info & VmExit.EVENT_VALID) != 0 && (info & VmExit.EVENT_TYPE) == type;
  }

  private static boolean blocks(Vmx x, int bits) {
    return (x.get(GUEST_INTERRUPTIBILITY_STATE) & bits) != 0;
  }

  private static void others(List<Check> rows) {
    String at = OTHERS;
    add(rows, at, "activity state: unknown", x -> x.get(GUEST_ACTIVITY_STATE) <= 3);
    add(
        rows,
        at,
        "activity state: HLT with SS.DPL not 0",
        x ->
            x.get(GUEST_ACTIVITY_STATE) != State.HALTED
                || (x.get(GUEST_SS_ACCESS_RIGHTS) & 0x60) == 0);
    add(
        rows,
        at,
        "activity state: not active with blocking by STI or MOV SS",
        x -> x.get(GUEST_ACTIVITY_STATE) == State.ACTIVE || !blocks(x, STI | MOV_SS));
    add(rows, at, "activity state: does not take the injected event", GuestCheckRows::takes);
    add(
        rows,
        at,
        "interruptibility: reserved bits",
        x -> x.get(GUEST_INTERRUPTIBILITY_STATE) >>> 4 == 0);
    add(
        rows,
        at,
        "interruptibility: blocking by both STI and MOV SS",
        x -> !blocks(x, STI) || !blocks(x, MOV_SS));
    add(
        rows,
        at,
        "interruptibility: blocking by STI with IF = 0",
        x -> !blocks(x, STI) || (x.get(GUEST_RFLAGS) & IF) != 0);
    add(
        rows,
        at,
        "interruptibility: blocking by STI or MOV SS and an external interrupt is injected",
        x -> !injects(x, VmExit.EXTERNAL) || !blocks(x, STI | MOV_SS));
    add(
        rows,
        at,
        "interruptibility: blocking by MOV SS and an NMI is injected",
        x -> !injects(x, VmExit.NMI) || !blocks(x, MOV_SS));
    add(rows, at, "interruptibility: blocking by SMI outside SMM", x -> !blocks(x, SMI));
    add(
        rows,
        at,
        "interruptibility: blocking by virtual NMI and an NMI is injected",
        x -> !injects(x, VmExit.NMI) || !x.pin(Pin.VIRTUAL_NMIS) || !blocks(x, NMI));
    add(
        rows,
        at,
        "pending debug exceptions: reserved bits",
        x -> (x.get(GUEST_PENDING_DEBUG_EXCEPTIONS) & ~0x1500FL) == 0);
    add(
        rows,
        at,
        "pending debug exceptions: BS does not fit TF and BTF",
        GuestCheckRows::singleStep);
    link(rows, "VMCS link pointer: not the address of a region", x -> x.isPage(pointer(x)));
    link(
        rows,
        "VMCS link pointer: revision identifier or shadow indicator of its region",
        x -> {
          int revision = (int) x.v.memory.load(null, pointer(x), 4);
          boolean shadow = x.secondary(Secondary.VMCS_SHADOWING);
          return revision == (shadow ? Vmcs.REVISION | Vmcs.SHADOW : Vmcs.REVISION);
        });
    link(rows, "VMCS link pointer: the current VMCS", x -> pointer(x) != x.vmcs.region);
  }

  private static void link(List<Check> rows, String message, Check.Rule rule) {
    rows.add(
        new Check(OTHERS, message, QUALIFICATION_LINK, x -> pointer(x) == -1 || rule.holds(x)));
  }

  private static long pointer(Vmx x) {
    return x.get(VMCS_LINK_POINTER);
  }

  private static boolean takes(Vmx x) {
    int info = x.vmcs.word(ENTRY_INTERRUPTION_INFO);
    if ((info & VmExit.EVENT_VALID) == 0) {
      return true;
    }
    int type = info & VmExit.EVENT_TYPE;
    int vector = info & 0xFF;
    boolean exception = type == VmExit.EXCEPTION;
    return switch ((int) x.get(GUEST_ACTIVITY_STATE)) {
      case State.HALTED ->
          type == VmExit.EXTERNAL
              || type == VmExit.NMI
              || type == VmExit.OTHER_EVENT
              || exception && (vector == 1 || vector == 18);
      case State.SHUTDOWN -> type == VmExit.NMI || exception && vector == 18;
      case State.WAIT_FOR_SIPI -> false;
      default -> true;
    };
  }

  private static boolean singleStep(Vmx x) {
    if (!blocks(x, STI | MOV_SS) && x.get(GUEST_ACTIVITY_STATE) != State.HALTED) {
      return true;
    }
    boolean steps = (x.get(GUEST_RFLAGS) & TF) != 0 && (x.get(GUEST_DEBUGCTL) & BTF) == 0;
    return ((x.get(GUEST_PENDING_DEBUG_EXCEPTIONS) & BS) != 0) == steps;
  }

  /** {@return whether the guest uses PAE paging, with PDPTE registers} */
  static boolean pae(Vmx x) {
    return (x.get(GUEST_CR0) & Vmx.CR0_PG) != 0
        && (x.get(GUEST_CR4) & Vmx.CR4_PAE) != 0
        && !ia32e(x);
  }

  /** {@return PDPTE 0-3 as the entry will load it} */
  static long pageDirectoryPointer(Vmx x, int number) {
    if (x.secondary(Secondary.EPT)) {
      return x.get(
          switch (number) {
            case 0 -> GUEST_PDPTE0;
            case 1 -> GUEST_PDPTE1;
            case 2 -> GUEST_PDPTE2;
            default -> GUEST_PDPTE3;
          });
    }
    return x.v.memory.load(null, (x.get(GUEST_CR3) & 0xFFFF_FFE0L) + 8L * number, 8);
  }

  private static boolean pageDirectoryPointers(Vmx x) {
    if (!pae(x)) {
      return true;
    }
    for (int i = 0; i < 4; i++) {
      long entry = pageDirectoryPointer(x, i);
      if ((entry & 1) != 0 && ((entry & 0x1E6) != 0 || !x.fitsPhysical(entry))) {
        return false;
      }
    }
    return true;
  }
}
