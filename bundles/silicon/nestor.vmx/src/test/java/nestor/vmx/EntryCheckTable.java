// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

import static nestor.vmx.VmcsField.*;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import nestor.vcpu.State;
import nestor.vmx.Control.Entry;
import nestor.vmx.Control.Exit;
import nestor.vmx.Control.Pin;
import nestor.vmx.Control.Primary;
import nestor.vmx.Control.Secondary;

/** For every check of VM entry, how to make a VMCS that breaks it alone. */
final class EntryCheckTable {
  private EntryCheckTable() {}

  /** How to make a VMCS about a rule: what is set up legally, then what breaks it. */
  record Case(Change setUp, Change breaks) {}

  interface Change {
    void on(Lab lab);
  }

  private static final Change NOTHING = lab -> {};
  static final Map<String, Case> CASES = new LinkedHashMap<>();
  private static final long BEYOND = 1L << 46;
  private static final long NOT_CANONICAL = 1L << 47;

  private static void breaks(String message, Change breaks) {
    CASES.put(message, new Case(NOTHING, breaks));
  }

  private static void with(String message, Change setUp, Change breaks) {
    CASES.put(message, new Case(setUp, breaks));
  }

  private static Change set(VmcsField field, long value) {
    return lab -> lab.field(field, value);
  }

  private static Change secondary(int bits) {
    return lab -> lab.secondary(bits);
  }

  private static Change or(VmcsField field, long bits) {
    return lab -> lab.or(field, bits);
  }

  private static Change both(Change... changes) {
    return lab -> {
      for (Change change : changes) {
        change.on(lab);
      }
    };
  }

  private static final VmcsField[][] SEGMENTS = {
    {GUEST_CS_SELECTOR, GUEST_CS_BASE, GUEST_CS_LIMIT, GUEST_CS_ACCESS_RIGHTS},
    {GUEST_SS_SELECTOR, GUEST_SS_BASE, GUEST_SS_LIMIT, GUEST_SS_ACCESS_RIGHTS},
    {GUEST_DS_SELECTOR, GUEST_DS_BASE, GUEST_DS_LIMIT, GUEST_DS_ACCESS_RIGHTS},
    {GUEST_ES_SELECTOR, GUEST_ES_BASE, GUEST_ES_LIMIT, GUEST_ES_ACCESS_RIGHTS},
    {GUEST_FS_SELECTOR, GUEST_FS_BASE, GUEST_FS_LIMIT, GUEST_FS_ACCESS_RIGHTS},
    {GUEST_GS_SELECTOR, GUEST_GS_BASE, GUEST_GS_LIMIT, GUEST_GS_ACCESS_RIGHTS},
  };
  private static final Change TPR =
      both(or(PRIMARY_CONTROLS, Primary.TPR_SHADOW), set(VIRTUAL_APIC_ADDRESS, Lab.APIC_PAGE));
  private static final Change EPT = Lab::withEpt;
  private static final Change REAL =
      both(
          EPT,
          secondary(Secondary.UNRESTRICTED_GUEST),
          lab -> lab.without(ENTRY_CONTROLS, Entry.IA32E_MODE_GUEST),
          set(GUEST_CR0, 0x30),
          set(GUEST_CR4, 0x2000));
  private static final Change V86 =
      both(
          lab -> lab.without(ENTRY_CONTROLS, Entry.IA32E_MODE_GUEST),
          set(GUEST_RFLAGS, 0x2_0002),
          lab -> {
            for (VmcsField[] r : SEGMENTS) {
              lab.field(r[0], 0x100).field(r[1], 0x1000).field(r[2], 0xFFFF).field(r[3], 0xF3);
            }
          },
          Lab::legacyPaging);

  private static final String[] NAMES = {"CS", "SS", "DS", "ES", "FS", "GS"};

  private static Change inject(long info) {
    return set(ENTRY_INTERRUPTION_INFO, 0x8000_0000L | info);
  }

  private static final Change IF_SET = set(GUEST_RFLAGS, 0x202);

  static {
    controls();
    lists();
    host();
    guestRegisters();
    segments();
    others();
  }

  private static void controls() {
    breaks("reserved bits of the pin-based controls", or(PIN_BASED_CONTROLS, 1 << 8));
    breaks("reserved bits of the primary controls", or(PRIMARY_CONTROLS, 1));
    with("reserved bits of the secondary controls", secondary(0), or(SECONDARY_CONTROLS, 1 << 18));
    breaks("CR3-target count greater than 4", set(CR3_TARGET_COUNT, 5));
    with(
        "address of an I/O bitmap",
        both(or(PRIMARY_CONTROLS, Primary.IO_BITMAPS), set(IO_BITMAP_A, Lab.IO_BITMAP_PAGES)),
        set(IO_BITMAP_B, 1));
    with(
        "address of the MSR bitmap",
        both(or(PRIMARY_CONTROLS, Primary.MSR_BITMAPS), set(MSR_BITMAP, Lab.MSR_BITMAP_PAGE)),
        set(MSR_BITMAP, BEYOND));
    with("virtual-APIC address", TPR, set(VIRTUAL_APIC_ADDRESS, 0x10));
    with(
        "TPR threshold has bits 31:4",
        both(TPR, secondary(Secondary.VIRTUALIZE_APIC_ACCESSES)),
        set(TPR_THRESHOLD, 0x10));
    with("TPR threshold greater than VTPR", TPR, set(TPR_THRESHOLD, 1));
    breaks("virtual NMIs without NMI exiting", or(PIN_BASED_CONTROLS, Pin.VIRTUAL_NMIS));
    breaks(
        "NMI-window exiting without virtual NMIs",
        or(PRIMARY_CONTROLS, Primary.NMI_WINDOW_EXITING));
    with(
        "APIC-access address",
        both(
            secondary(Secondary.VIRTUALIZE_APIC_ACCESSES), set(APIC_ACCESS_ADDRESS, Lab.APIC_PAGE)),
        set(APIC_ACCESS_ADDRESS, 8));
    with(
        "x2APIC mode virtualized without TPR shadow",
        NOTHING,
        secondary(Secondary.VIRTUALIZE_X2APIC));
    with(
        "x2APIC mode and APIC accesses both virtualized",
        both(TPR, secondary(Secondary.VIRTUALIZE_X2APIC)),
        secondary(Secondary.VIRTUALIZE_APIC_ACCESSES));
    with(
        "VPID 0",
        both(secondary(Secondary.VPID), set(VIRTUAL_PROCESSOR_ID, 1)),
        set(VIRTUAL_PROCESSOR_ID, 0));
    with("EPTP: memory type", EPT, lab -> lab.field(EPT_POINTER, Lab.EPT_TABLES | 0x19));
    with("EPTP: page-walk length", EPT, lab -> lab.field(EPT_POINTER, Lab.EPT_TABLES | 0x16));
    with("EPTP: reserved bits", EPT, or(EPT_POINTER, 0x80));
    breaks("page-modification logging without EPT", secondary(Secondary.PML));
    with("PML address", both(EPT, secondary(Secondary.PML)), set(PML_ADDRESS, 1));
    breaks("unrestricted guest without EPT", secondary(Secondary.UNRESTRICTED_GUEST));
    breaks("mode-based execute control without EPT", secondary(Secondary.MODE_BASED_EXECUTE));
    with(
        "reserved bits of the VM-function controls",
        secondary(Secondary.VM_FUNCTIONS),
        set(VM_FUNCTION_CONTROLS, 2));
    with(
        "EPTP switching without EPT",
        secondary(Secondary.VM_FUNCTIONS),
        set(VM_FUNCTION_CONTROLS, 1));
    with(
        "EPTP-list address",
        both(EPT, secondary(Secondary.VM_FUNCTIONS), set(VM_FUNCTION_CONTROLS, 1)),
        set(EPTP_LIST_ADDRESS, 1));
    with(
        "address of the VMREAD or VMWRITE bitmap",
        secondary(Secondary.VMCS_SHADOWING),
        set(VMREAD_BITMAP, 1));
    breaks("reserved bits of the exit controls", or(EXIT_CONTROLS, 1 << 24));
    breaks(
        "preemption timer is saved but not activated",
        or(EXIT_CONTROLS, Exit.SAVE_PREEMPTION_TIMER));
  }

  private static void lists() {
    with(
        "address of the exit MSR-store area",
        both(set(EXIT_MSR_STORE_COUNT, 1), set(EXIT_MSR_STORE_ADDRESS, Lab.LIST_PAGE)),
        set(EXIT_MSR_STORE_ADDRESS, 8));
    with(
        "address of the exit MSR-load area",
        set(EXIT_MSR_LOAD_ADDRESS, BEYOND),
        set(EXIT_MSR_LOAD_COUNT, 1));
    breaks("reserved bits of the entry controls", or(ENTRY_CONTROLS, 1 << 13));
    breaks("event injection: reserved type", inject(1 << 8));
    breaks("event injection: vector does not fit the type", inject(2 << 8 | 3));
    breaks(
        "event injection: error code for an event that has none, or none for one that has",
        inject(3 << 8 | 13));
    breaks("event injection: reserved bits 30:12", inject(3 << 8 | 6 | 1 << 20));
    breaks(
        "event injection: error code has bits 31:16",
        both(inject(0xB0D), set(ENTRY_EXCEPTION_ERROR_CODE, 1 << 16)));
    breaks(
        "event injection: instruction length greater than 15",
        both(inject(4 << 8 | 0x80), set(ENTRY_INSTRUCTION_LENGTH, 16)));
    with(
        "address of the entry MSR-load area",
        set(ENTRY_MSR_LOAD_ADDRESS, 4),
        set(ENTRY_MSR_LOAD_COUNT, 1));
  }

  private static void host() {
    breaks("host CR0: fixed bits", lab -> lab.without(HOST_CR0, 1 << 5));
    breaks("host CR4: fixed bits", lab -> lab.without(HOST_CR4, 1 << 13));
    breaks("host CR3: beyond the physical-address width", set(HOST_CR3, BEYOND));
    breaks("host SYSENTER_ESP: not canonical", set(HOST_SYSENTER_ESP, NOT_CANONICAL));
    breaks("host SYSENTER_EIP: not canonical", set(HOST_SYSENTER_EIP, NOT_CANONICAL));
    with("host PAT: reserved memory type", or(EXIT_CONTROLS, Exit.LOAD_PAT), set(HOST_PAT, 2));
    Change efer = both(or(EXIT_CONTROLS, Exit.LOAD_EFER), set(HOST_EFER, 0xD01));
    with("host EFER: reserved bits", efer, set(HOST_EFER, 0xD03));
    with(
        "host EFER: LMA and LME do not fit the host address-space size",
        efer,
        set(HOST_EFER, 0x901));
    for (String name : List.of("ES", "CS", "SS", "DS", "FS", "GS", "TR")) {
      breaks(
          "host " + name + ": RPL or TI", set(VmcsField.valueOf("HOST_" + name + "_SELECTOR"), 35));
    }
    breaks("host CS: null", set(HOST_CS_SELECTOR, 0));
    breaks("host TR: null", set(HOST_TR_SELECTOR, 0));
    for (String name : List.of("FS", "GS", "GDTR", "IDTR", "TR")) {
      breaks(
          "host " + name + " base: not canonical",
          set(VmcsField.valueOf("HOST_" + name + "_BASE"), NOT_CANONICAL));
    }
    breaks(
        "host address-space size does not fit the mode of the processor",
        both(
            lab -> lab.without(EXIT_CONTROLS, Exit.HOST_ADDRESS_SPACE_SIZE),
            lab -> lab.without(ENTRY_CONTROLS, Entry.IA32E_MODE_GUEST)));
    breaks("host CR4: no PAE in a host of 64 bits", lab -> lab.without(HOST_CR4, Vmx.CR4_PAE));
    breaks("host RIP: not canonical", set(HOST_RIP, NOT_CANONICAL));
  }

  private static void guestRegisters() {
    breaks("guest CR0: fixed bits", lab -> lab.without(GUEST_CR0, 1 << 5));
    with("guest CR0: PG without PE", REAL, or(GUEST_CR0, 1L << 31));
    breaks("guest CR4: fixed bits", lab -> lab.without(GUEST_CR4, 1 << 13));
    with(
        "guest DEBUGCTL: reserved bits",
        or(ENTRY_CONTROLS, Entry.LOAD_DEBUG_CONTROLS),
        set(GUEST_DEBUGCTL, 1 << 5));
    breaks(
        "IA-32e mode guest without CR0.PG and CR4.PAE", lab -> lab.without(GUEST_CR4, Vmx.CR4_PAE));
    with("guest CR4: PCIDE outside IA-32e mode", Lab::legacyPaging, or(GUEST_CR4, Vmx.CR4_PCIDE));
    breaks("guest CR3: beyond the physical-address width", set(GUEST_CR3, BEYOND));
    with(
        "guest DR7: bits 63:32",
        or(ENTRY_CONTROLS, Entry.LOAD_DEBUG_CONTROLS),
        set(GUEST_DR7, 1L << 32));
    breaks("guest SYSENTER_ESP: not canonical", set(GUEST_SYSENTER_ESP, NOT_CANONICAL));
    breaks("guest SYSENTER_EIP: not canonical", set(GUEST_SYSENTER_EIP, NOT_CANONICAL));
    with("guest PAT: reserved memory type", or(ENTRY_CONTROLS, Entry.LOAD_PAT), set(GUEST_PAT, 3));
    Change efer = both(or(ENTRY_CONTROLS, Entry.LOAD_EFER), set(GUEST_EFER, 0x500));
    with("guest EFER: reserved bits", efer, set(GUEST_EFER, 0x502));
    with("guest EFER: LMA does not fit the IA-32e mode guest control", efer, set(GUEST_EFER, 0));
    with("guest EFER: LME does not fit LMA with paging", efer, set(GUEST_EFER, 0x400));
  }

  private static void segments() {
    breaks("guest TR: TI", set(GUEST_TR_SELECTOR, 28));
    Change ldt = both(set(GUEST_LDTR_ACCESS_RIGHTS, 0x82), set(GUEST_LDTR_SELECTOR, 0x30));
    with("guest LDTR: TI", ldt, set(GUEST_LDTR_SELECTOR, 0x34));
    breaks("guest SS: RPL is not that of CS", set(GUEST_CS_SELECTOR, 9));
    for (int i = 0; i < NAMES.length; i++) {
      VmcsField[] r = SEGMENTS[i];
      String name = "guest " + NAMES[i] + ": ";
      with(name + "limit in virtual-8086 mode", V86, set(r[2], 0xFFFE));
      with(name + "base in virtual-8086 mode", V86, set(r[1], 0x2000));
      with(name + "access rights in virtual-8086 mode", V86, set(r[3], 0x93));
      breaks(name + "S bit", lab -> lab.without(r[3], 0x10));
      breaks(name + "not present", lab -> lab.without(r[3], 0x80));
      breaks(name + "reserved bits", or(r[3], 0x100));
      breaks(name + "granularity does not fit the limit", lab -> lab.without(r[3], 0x8000));
    }
    for (String name : List.of("TR", "FS", "GS")) {
      breaks(
          "guest " + name + ": base not canonical",
          set(VmcsField.valueOf("GUEST_" + name + "_BASE"), NOT_CANONICAL));
    }
    with("guest LDTR: base not canonical", ldt, set(GUEST_LDTR_BASE, NOT_CANONICAL));
    for (String name : List.of("CS", "SS", "DS", "ES")) {
      breaks(
          "guest " + name + ": base: bits 63:32",
          set(VmcsField.valueOf("GUEST_" + name + "_BASE"), 1L << 32));
    }
    breaks("guest CS: type", set(GUEST_CS_ACCESS_RIGHTS, 0xA093));
    breaks("guest SS: type", set(GUEST_SS_ACCESS_RIGHTS, 0xC091));
    for (String name : List.of("DS", "ES", "FS", "GS")) {
      VmcsField rights = VmcsField.valueOf("GUEST_" + name + "_ACCESS_RIGHTS");
      breaks("guest " + name + ": type", set(rights, 0xC092));
      breaks(
          "guest " + name + ": DPL less than RPL",
          set(VmcsField.valueOf("GUEST_" + name + "_SELECTOR"), 19));
    }
    breaks("guest CS: DPL", set(GUEST_CS_ACCESS_RIGHTS, 0xA0FB));
    breaks(
        "guest SS: DPL",
        both(set(GUEST_SS_ACCESS_RIGHTS, 0xC0F3), set(GUEST_CS_ACCESS_RIGHTS, 0xA0FB)));
    breaks("guest CS: both L and D in IA-32e mode", set(GUEST_CS_ACCESS_RIGHTS, 0xE09B));
    breaks("guest TR: type", set(GUEST_TR_ACCESS_RIGHTS, 0x89));
    breaks("guest TR: S bit", set(GUEST_TR_ACCESS_RIGHTS, 0x9B));
    breaks("guest TR: not present", set(GUEST_TR_ACCESS_RIGHTS, 0xB));
    breaks("guest TR: reserved bits", set(GUEST_TR_ACCESS_RIGHTS, 0x18B));
    breaks("guest TR: granularity does not fit the limit", set(GUEST_TR_LIMIT, 0x10_0000));
    breaks("guest TR: unusable", set(GUEST_TR_ACCESS_RIGHTS, 0x1_008B));
    with("guest LDTR: type", ldt, set(GUEST_LDTR_ACCESS_RIGHTS, 0x83));
    with("guest LDTR: S bit", ldt, set(GUEST_LDTR_ACCESS_RIGHTS, 0x92));
    with("guest LDTR: not present", ldt, set(GUEST_LDTR_ACCESS_RIGHTS, 0x2));
    with("guest LDTR: reserved bits", ldt, set(GUEST_LDTR_ACCESS_RIGHTS, 0x282));
    with("guest LDTR: granularity does not fit the limit", ldt, set(GUEST_LDTR_LIMIT, 0x10_0000));
  }

  private static void others() {
    breaks("guest GDTR base: not canonical", set(GUEST_GDTR_BASE, NOT_CANONICAL));
    breaks("guest IDTR base: not canonical", set(GUEST_IDTR_BASE, NOT_CANONICAL));
    breaks("guest GDTR limit: bits 31:16", set(GUEST_GDTR_LIMIT, 0x1_0000));
    breaks("guest IDTR limit: bits 31:16", set(GUEST_IDTR_LIMIT, 0x1_0000));
    with(
        "guest RIP: bits 63:32 outside 64-bit mode",
        set(GUEST_CS_ACCESS_RIGHTS, 0xC09B),
        set(GUEST_RIP, 1L << 32));
    breaks("guest RIP: not canonical", set(GUEST_RIP, NOT_CANONICAL));
    breaks("guest RFLAGS: reserved bits", set(GUEST_RFLAGS, 0));
    breaks(
        "guest RFLAGS: VM in IA-32e mode or without CR0.PE",
        both(V86, or(ENTRY_CONTROLS, Entry.IA32E_MODE_GUEST), or(GUEST_CR4, Vmx.CR4_PAE)));
    with(
        "guest RFLAGS: IF = 0 and an external interrupt is injected",
        IF_SET,
        both(set(GUEST_RFLAGS, 2), inject(0x40)));
    breaks("activity state: unknown", set(GUEST_ACTIVITY_STATE, 4));
    breaks(
        "activity state: HLT with SS.DPL not 0",
        both(
            set(GUEST_ACTIVITY_STATE, State.HALTED),
            set(GUEST_SS_ACCESS_RIGHTS, 0xC0F3),
            set(GUEST_CS_ACCESS_RIGHTS, 0xA0FB),
            set(GUEST_CS_SELECTOR, 11),
            set(GUEST_SS_SELECTOR, 19)));
    with(
        "activity state: not active with blocking by STI or MOV SS",
        IF_SET,
        both(set(GUEST_ACTIVITY_STATE, State.HALTED), set(GUEST_INTERRUPTIBILITY_STATE, 1)));
    with(
        "activity state: does not take the injected event",
        IF_SET,
        both(set(GUEST_ACTIVITY_STATE, State.SHUTDOWN), inject(0x40)));
    breaks("interruptibility: reserved bits", set(GUEST_INTERRUPTIBILITY_STATE, 0x20));
    with(
        "interruptibility: blocking by both STI and MOV SS",
        IF_SET,
        set(GUEST_INTERRUPTIBILITY_STATE, 3));
    breaks("interruptibility: blocking by STI with IF = 0", set(GUEST_INTERRUPTIBILITY_STATE, 1));
    with(
        "interruptibility: blocking by STI or MOV SS and an external interrupt is injected",
        IF_SET,
        both(set(GUEST_INTERRUPTIBILITY_STATE, 1), inject(0x40)));
    breaks(
        "interruptibility: blocking by MOV SS and an NMI is injected",
        both(set(GUEST_INTERRUPTIBILITY_STATE, 2), inject(2 << 8 | 2)));
    breaks("interruptibility: blocking by SMI outside SMM", set(GUEST_INTERRUPTIBILITY_STATE, 4));
    with(
        "interruptibility: blocking by virtual NMI and an NMI is injected",
        or(PIN_BASED_CONTROLS, Pin.NMI_EXITING | Pin.VIRTUAL_NMIS),
        both(set(GUEST_INTERRUPTIBILITY_STATE, 8), inject(2 << 8 | 2)));
    breaks("pending debug exceptions: reserved bits", set(GUEST_PENDING_DEBUG_EXCEPTIONS, 0x10));
    with(
        "pending debug exceptions: BS does not fit TF and BTF",
        both(IF_SET, set(GUEST_INTERRUPTIBILITY_STATE, 1)),
        set(GUEST_PENDING_DEBUG_EXCEPTIONS, 0x4000));
    breaks("VMCS link pointer: not the address of a region", set(VMCS_LINK_POINTER, 1));
    breaks(
        "VMCS link pointer: revision identifier or shadow indicator of its region",
        set(VMCS_LINK_POINTER, Lab.APIC_PAGE));
    breaks("VMCS link pointer: the current VMCS", set(VMCS_LINK_POINTER, Lab.VMCS_REGION));
    with(
        "PDPTE: reserved bits",
        both(EPT, Lab::legacyPaging, or(GUEST_CR4, Vmx.CR4_PAE)),
        set(GUEST_PDPTE2, 3));
  }

  /** Rows that cannot be broken alone, each with the reason. */
  static final Map<String, String> UNREACHABLE =
      Map.of(
          "entry to SMM outside SMM", "the reserved bits of the entry controls come first",
          "host SS: null in a host of 32 bits", "needs a processor outside IA-32e mode",
          "IA-32e mode guest of a host of 32 bits", "needs a processor outside IA-32e mode",
          "host CR4: PCIDE in a host of 32 bits", "needs a processor outside IA-32e mode",
          "host RIP: bits 63:32 in a host of 32 bits", "needs a processor outside IA-32e mode",
          "guest BNDCFGS: reserved bits, or not canonical", "no model has MPX");
}
