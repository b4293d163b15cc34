// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

import static nestor.vmx.VmcsField.*;

import java.util.List;
import nestor.vcpu.VmExit;
import nestor.vmx.Control.Entry;
import nestor.vmx.Control.Exit;
import nestor.vmx.Control.Pin;
import nestor.vmx.Control.Primary;
import nestor.vmx.Control.Secondary;
import nestor.vmx.Control.Word;

/** Checks on the control fields, in the order of the manual. A failure is VMfailValid(7). */
final class ControlCheckRows {
  private ControlCheckRows() {}

  private static final String EXECUTION = "VM-Execution Control Fields";
  private static final String EXIT = "VM-Exit Control Fields";
  private static final String ENTRY = "VM-Entry Control Fields";
  private static final int VTPR = 0x80;

  /** Vectors that push an error code, without #CP, which no model has. */
  private static final int WITH_ERROR_CODE = 1 << 8 | 0x1F << 10 | 1 << 17;

  static final List<Check> ROWS =
      List.of(
          execution("reserved bits of the pin-based controls", x -> allowed(x, Word.PIN)),
          execution("reserved bits of the primary controls", x -> allowed(x, Word.PRIMARY)),
          execution(
              "reserved bits of the secondary controls",
              x -> !x.primary(Primary.SECONDARY) || allowed(x, Word.SECONDARY)),
          execution(
              "CR3-target count greater than 4",
              x -> Long.compareUnsigned(x.get(CR3_TARGET_COUNT), Capabilities.CR3_TARGETS) <= 0),
          execution(
              "address of an I/O bitmap",
              x ->
                  !x.primary(Primary.IO_BITMAPS)
                      || x.isPage(x.get(IO_BITMAP_A)) && x.isPage(x.get(IO_BITMAP_B))),
          execution(
              "address of the MSR bitmap",
              x -> !x.primary(Primary.MSR_BITMAPS) || x.isPage(x.get(MSR_BITMAP))),
          execution(
              "virtual-APIC address",
              x -> !x.primary(Primary.TPR_SHADOW) || x.isPage(x.get(VIRTUAL_APIC_ADDRESS))),
          execution(
              "TPR threshold has bits 31:4",
              x -> !x.primary(Primary.TPR_SHADOW) || x.get(TPR_THRESHOLD) >>> 4 == 0),
          execution(
              "TPR threshold greater than VTPR",
              x ->
                  !x.primary(Primary.TPR_SHADOW)
                      || x.secondary(Secondary.VIRTUALIZE_APIC_ACCESSES)
                      || x.get(TPR_THRESHOLD) <= vtpr(x) >>> 4),
          execution(
              "virtual NMIs without NMI exiting",
              x -> x.pin(Pin.NMI_EXITING) || !x.pin(Pin.VIRTUAL_NMIS)),
          execution(
              "NMI-window exiting without virtual NMIs",
              x -> x.pin(Pin.VIRTUAL_NMIS) || !x.primary(Primary.NMI_WINDOW_EXITING)),
          execution(
              "APIC-access address",
              x ->
                  !x.secondary(Secondary.VIRTUALIZE_APIC_ACCESSES)
                      || x.isPage(x.get(APIC_ACCESS_ADDRESS))),
          execution(
              "x2APIC mode virtualized without TPR shadow",
              x -> x.primary(Primary.TPR_SHADOW) || !x.secondary(Secondary.VIRTUALIZE_X2APIC)),
          execution(
              "x2APIC mode and APIC accesses both virtualized",
              x ->
                  !x.secondary(Secondary.VIRTUALIZE_X2APIC)
                      || !x.secondary(Secondary.VIRTUALIZE_APIC_ACCESSES)),
          execution(
              "VPID 0", x -> !x.secondary(Secondary.VPID) || x.get(VIRTUAL_PROCESSOR_ID) != 0),
          execution(
              "EPTP: memory type",
              x -> !ept(x) || (x.get(EPT_POINTER) & 7) == 0 || (x.get(EPT_POINTER) & 7) == 6),
          execution("EPTP: page-walk length", x -> !ept(x) || (x.get(EPT_POINTER) >>> 3 & 7) == 3),
          execution(
              "EPTP: reserved bits",
              x ->
                  !ept(x)
                      || (x.get(EPT_POINTER) & 0xF80) == 0 && x.fitsPhysical(x.get(EPT_POINTER))),
          execution(
              "page-modification logging without EPT", x -> !x.secondary(Secondary.PML) || ept(x)),
          execution(
              "PML address", x -> !x.secondary(Secondary.PML) || x.isPage(x.get(PML_ADDRESS))),
          execution(
              "unrestricted guest without EPT",
              x -> !x.secondary(Secondary.UNRESTRICTED_GUEST) || ept(x)),
          execution(
              "mode-based execute control without EPT",
              x -> !x.secondary(Secondary.MODE_BASED_EXECUTE) || ept(x)),
          execution(
              "reserved bits of the VM-function controls",
              x -> !x.secondary(Secondary.VM_FUNCTIONS) || x.get(VM_FUNCTION_CONTROLS) >>> 1 == 0),
          execution("EPTP switching without EPT", x -> !eptpSwitching(x) || ept(x)),
          execution(
              "EPTP-list address", x -> !eptpSwitching(x) || x.isPage(x.get(EPTP_LIST_ADDRESS))),
          execution(
              "address of the VMREAD or VMWRITE bitmap",
              x ->
                  !x.secondary(Secondary.VMCS_SHADOWING)
                      || x.isPage(x.get(VMREAD_BITMAP)) && x.isPage(x.get(VMWRITE_BITMAP))),
          exit("reserved bits of the exit controls", x -> allowed(x, Word.EXIT)),
          exit(
              "preemption timer is saved but not activated",
              x -> x.pin(Pin.PREEMPTION_TIMER) || !x.exitControl(Exit.SAVE_PREEMPTION_TIMER)),
          exit(
              "address of the exit MSR-store area",
              x -> list(x, EXIT_MSR_STORE_ADDRESS, EXIT_MSR_STORE_COUNT)),
          exit(
              "address of the exit MSR-load area",
              x -> list(x, EXIT_MSR_LOAD_ADDRESS, EXIT_MSR_LOAD_COUNT)),
          entry("reserved bits of the entry controls", x -> allowed(x, Word.ENTRY)),
          entry("event injection: reserved type", ControlCheckRows::knownType),
          entry("event injection: vector does not fit the type", ControlCheckRows::vector),
          entry(
              "event injection: error code for an event that has none, or none for one that has",
              ControlCheckRows::errorCodeBit),
          entry(
              "event injection: reserved bits 30:12",
              x -> !injects(x) || (info(x) & 0x7FFF_F000) == 0),
          entry(
              "event injection: error code has bits 31:16",
              x ->
                  !injects(x)
                      || (info(x) & VmExit.EVENT_ERROR) == 0
                      || x.get(ENTRY_EXCEPTION_ERROR_CODE) >>> 16 == 0),
          entry(
              "event injection: instruction length greater than 15",
              x ->
                  !injects(x)
                      || type(x) < VmExit.SOFTWARE_INTERRUPT
                      || type(x) == VmExit.OTHER_EVENT
                      || x.get(ENTRY_INSTRUCTION_LENGTH) <= 15),
          entry(
              "address of the entry MSR-load area",
              x -> list(x, ENTRY_MSR_LOAD_ADDRESS, ENTRY_MSR_LOAD_COUNT)),
          entry(
              "entry to SMM outside SMM",
              x -> !x.entryControl(Entry.ENTRY_TO_SMM | Entry.DEACTIVATE_DUAL_MONITOR)));

  private static Check execution(String message, Check.Rule rule) {
    return new Check(EXECUTION, message, 0, rule);
  }

  private static Check exit(String message, Check.Rule rule) {
    return new Check(EXIT, message, 0, rule);
  }

  private static Check entry(String message, Check.Rule rule) {
    return new Check(ENTRY, message, 0, rule);
  }

  private static boolean allowed(Vmx x, Word word) {
    int value =
        x.vmcs.word(
            switch (word) {
              case PIN -> PIN_BASED_CONTROLS;
              case PRIMARY -> PRIMARY_CONTROLS;
              case SECONDARY -> SECONDARY_CONTROLS;
              case EXIT -> EXIT_CONTROLS;
              case ENTRY -> ENTRY_CONTROLS;
            });
    return (~value & x.capabilities.mustBe1(word)) == 0
        && (value & ~x.capabilities.mayBe1(word)) == 0;
  }

  private static boolean ept(Vmx x) {
    return x.secondary(Secondary.EPT);
  }

  private static boolean eptpSwitching(Vmx x) {
    return x.secondary(Secondary.VM_FUNCTIONS) && (x.get(VM_FUNCTION_CONTROLS) & 1) != 0;
  }

  private static long vtpr(Vmx x) {
    return x.v.memory.load(null, x.get(VIRTUAL_APIC_ADDRESS) + VTPR, 1);
  }

  private static boolean list(Vmx x, VmcsField address, VmcsField count) {
    long entries = x.get(count);
    long first = x.get(address);
    return entries == 0
        || (first & 15) == 0 && x.fitsPhysical(first) && x.fitsPhysical(first + entries * 16 - 1);
  }

  private static int info(Vmx x) {
    return x.vmcs.word(ENTRY_INTERRUPTION_INFO);
  }

  private static boolean injects(Vmx x) {
    return (info(x) & VmExit.EVENT_VALID) != 0;
  }

  private static int type(Vmx x) {
    return info(x) & VmExit.EVENT_TYPE;
  }

  private static boolean knownType(Vmx x) {
    return !injects(x)
        || type(x) != 1 << 8
            && (type(x) != VmExit.OTHER_EVENT || x.capabilities.has(Capability.MONITOR_TRAP_FLAG));
  }

  private static boolean vector(Vmx x) {
    int vector = info(x) & 0xFF;
    return !injects(x)
        || switch (type(x)) {
          case VmExit.NMI -> vector == 2;
          case VmExit.EXCEPTION -> vector <= 31;
          case VmExit.OTHER_EVENT -> vector == 0;
          default -> true;
        };
  }

  private static boolean errorCodeBit(Vmx x) {
    if (!injects(x)) {
      return true;
    }
    boolean bit = (info(x) & VmExit.EVENT_ERROR) != 0;
    boolean real =
        x.secondary(Secondary.UNRESTRICTED_GUEST) && (x.get(GUEST_CR0) & Vmx.CR0_PE) == 0;
    boolean should =
        !real
            && type(x) == VmExit.EXCEPTION
            && (WITH_ERROR_CODE >>> (info(x) & 31) & 1) != 0
            && (info(x) & 0xE0) == 0;
    return bit == should;
  }
}
