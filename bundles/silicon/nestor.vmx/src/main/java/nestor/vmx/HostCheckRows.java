// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

import static nestor.vmx.VmcsField.*;

import java.util.List;
import nestor.vmx.Control.Entry;
import nestor.vmx.Control.Exit;

/** Checks on the host-state area, in the order of the manual. A failure is VMfailValid(8). */
final class HostCheckRows {
  private HostCheckRows() {}

  private static final String REGISTERS = "Checks on Host Control Registers, MSRs, and SSP";
  private static final String SEGMENTS = "Checks on Host Segment and Descriptor-Table Registers";
  private static final String SIZE = "Checks Related to Address-Space Size";

  static final List<Check> ROWS =
      List.of(
          registers(
              "host CR0: fixed bits",
              x -> fixed(x.get(HOST_CR0), Capabilities.CR0_FIXED0, Capabilities.CR0_FIXED1)),
          registers(
              "host CR4: fixed bits",
              x -> fixed(x.get(HOST_CR4), Capabilities.CR4_FIXED0, x.capabilities.msr(0x489))),
          registers(
              "host CR3: beyond the physical-address width", x -> x.fitsPhysical(x.get(HOST_CR3))),
          registers("host SYSENTER_ESP: not canonical", x -> canonical(x, HOST_SYSENTER_ESP)),
          registers("host SYSENTER_EIP: not canonical", x -> canonical(x, HOST_SYSENTER_EIP)),
          registers(
              "host PAT: reserved memory type",
              x -> !x.exitControl(Exit.LOAD_PAT) || isPat(x.get(HOST_PAT))),
          registers(
              "host EFER: reserved bits",
              x ->
                  !x.exitControl(Exit.LOAD_EFER)
                      || (x.get(HOST_EFER) & ~(x.v.core.eferBits() | Vmx.EFER_LMA)) == 0),
          registers(
              "host EFER: LMA and LME do not fit the host address-space size",
              x ->
                  !x.exitControl(Exit.LOAD_EFER)
                      || (x.get(HOST_EFER) & (Vmx.EFER_LMA | Vmx.EFER_LME))
                          == (host64(x) ? Vmx.EFER_LMA | Vmx.EFER_LME : 0)),
          segments("host ES: RPL or TI", x -> selector(x, HOST_ES_SELECTOR)),
          segments("host CS: RPL or TI", x -> selector(x, HOST_CS_SELECTOR)),
          segments("host SS: RPL or TI", x -> selector(x, HOST_SS_SELECTOR)),
          segments("host DS: RPL or TI", x -> selector(x, HOST_DS_SELECTOR)),
          segments("host FS: RPL or TI", x -> selector(x, HOST_FS_SELECTOR)),
          segments("host GS: RPL or TI", x -> selector(x, HOST_GS_SELECTOR)),
          segments("host TR: RPL or TI", x -> selector(x, HOST_TR_SELECTOR)),
          segments("host CS: null", x -> x.get(HOST_CS_SELECTOR) != 0),
          segments("host TR: null", x -> x.get(HOST_TR_SELECTOR) != 0),
          segments(
              "host SS: null in a host of 32 bits", x -> host64(x) || x.get(HOST_SS_SELECTOR) != 0),
          segments("host FS base: not canonical", x -> canonical(x, HOST_FS_BASE)),
          segments("host GS base: not canonical", x -> canonical(x, HOST_GS_BASE)),
          segments("host GDTR base: not canonical", x -> canonical(x, HOST_GDTR_BASE)),
          segments("host IDTR base: not canonical", x -> canonical(x, HOST_IDTR_BASE)),
          segments("host TR base: not canonical", x -> canonical(x, HOST_TR_BASE)),
          size(
              "host address-space size does not fit the mode of the processor",
              x -> ((x.state(nestor.vcpu.State.EFER) & Vmx.EFER_LMA) != 0) == host64(x)),
          size(
              "IA-32e mode guest of a host of 32 bits",
              x -> host64(x) || !x.entryControl(Entry.IA32E_MODE_GUEST)),
          size(
              "host CR4: PCIDE in a host of 32 bits",
              x -> host64(x) || (x.get(HOST_CR4) & Vmx.CR4_PCIDE) == 0),
          size(
              "host RIP: bits 63:32 in a host of 32 bits",
              x -> host64(x) || x.get(HOST_RIP) >>> 32 == 0),
          size(
              "host CR4: no PAE in a host of 64 bits",
              x -> !host64(x) || (x.get(HOST_CR4) & Vmx.CR4_PAE) != 0),
          size("host RIP: not canonical", x -> !host64(x) || canonical(x, HOST_RIP)));

  private static Check registers(String message, Check.Rule rule) {
    return new Check(REGISTERS, message, 0, rule);
  }

  private static Check segments(String message, Check.Rule rule) {
    return new Check(SEGMENTS, message, 0, rule);
  }

  private static Check size(String message, Check.Rule rule) {
    return new Check(SIZE, message, 0, rule);
  }

  static boolean fixed(long value, long must, long may) {
    return (~value & must) == 0 && (value & ~may) == 0;
  }

  static boolean canonical(Vmx x, VmcsField field) {
    return isCanonical(x, x.get(field));
  }

  /** Canonical for the widest linear addresses of the model. */
  static boolean isCanonical(Vmx x, long address) {
    return address << x.linearShift >> x.linearShift == address;
  }

  static boolean isPat(long value) {
    for (int i = 0; i < 64; i += 8) {
      int type = (int) (value >>> i) & 0xFF;
      if (type > 7 || type == 2 || type == 3) {
        return false;
      }
    }
    return true;
  }

  private static boolean selector(Vmx x, VmcsField field) {
    return (x.get(field) & 7) == 0;
  }

  private static boolean host64(Vmx x) {
    return x.exitControl(Exit.HOST_ADDRESS_SPACE_SIZE);
  }
}
