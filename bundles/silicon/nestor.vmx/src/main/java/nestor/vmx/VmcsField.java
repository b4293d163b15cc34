// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

import java.util.Arrays;
import java.util.Locale;

/**
 * The VMCS fields that Nestor's VMX implements, one line a field, in encoding order, with the
 * capability that a field needs to be there.
 *
 * <p>Width, type and index are not written down: they are bits of the encoding (SDM vol. 3D, "Field
 * Encoding in VMCS"), so a line cannot contradict itself.
 */
enum VmcsField {
  VIRTUAL_PROCESSOR_ID(0x0000, Capability.VPID),
  GUEST_ES_SELECTOR(0x0800),
  GUEST_CS_SELECTOR(0x0802),
  GUEST_SS_SELECTOR(0x0804),
  GUEST_DS_SELECTOR(0x0806),
  GUEST_FS_SELECTOR(0x0808),
  GUEST_GS_SELECTOR(0x080A),
  GUEST_LDTR_SELECTOR(0x080C),
  GUEST_TR_SELECTOR(0x080E),
  PML_INDEX(0x0812, Capability.PML),
  HOST_ES_SELECTOR(0x0C00),
  HOST_CS_SELECTOR(0x0C02),
  HOST_SS_SELECTOR(0x0C04),
  HOST_DS_SELECTOR(0x0C06),
  HOST_FS_SELECTOR(0x0C08),
  HOST_GS_SELECTOR(0x0C0A),
  HOST_TR_SELECTOR(0x0C0C),
  IO_BITMAP_A(0x2000),
  IO_BITMAP_B(0x2002),
  MSR_BITMAP(0x2004, Capability.MSR_BITMAPS),
  EXIT_MSR_STORE_ADDRESS(0x2006),
  EXIT_MSR_LOAD_ADDRESS(0x2008),
  ENTRY_MSR_LOAD_ADDRESS(0x200A),
  EXECUTIVE_VMCS_POINTER(0x200C),
  PML_ADDRESS(0x200E, Capability.PML),
  TSC_OFFSET(0x2010),
  VIRTUAL_APIC_ADDRESS(0x2012, Capability.TPR_SHADOW),
  APIC_ACCESS_ADDRESS(0x2014, Capability.VIRTUALIZE_APIC_ACCESSES),
  VM_FUNCTION_CONTROLS(0x2018, Capability.VM_FUNCTIONS),
  EPT_POINTER(0x201A, Capability.EPT),
  EPTP_LIST_ADDRESS(0x2024, Capability.VM_FUNCTIONS),
  VMREAD_BITMAP(0x2026, Capability.VMCS_SHADOWING),
  VMWRITE_BITMAP(0x2028, Capability.VMCS_SHADOWING),
  XSS_EXITING_BITMAP(0x202C, Capability.XSAVES),
  TSC_MULTIPLIER(0x2032, Capability.TSC_SCALING),
  GUEST_PHYSICAL_ADDRESS(0x2400, Capability.EPT),
  VMCS_LINK_POINTER(0x2800),
  GUEST_DEBUGCTL(0x2802),
  GUEST_PAT(0x2804, Capability.PAT),
  GUEST_EFER(0x2806, Capability.EFER),
  GUEST_PDPTE0(0x280A, Capability.EPT),
  GUEST_PDPTE1(0x280C, Capability.EPT),
  GUEST_PDPTE2(0x280E, Capability.EPT),
  GUEST_PDPTE3(0x2810, Capability.EPT),
  GUEST_BNDCFGS(0x2812, Capability.BNDCFGS),
  HOST_PAT(0x2C00, Capability.PAT),
  HOST_EFER(0x2C02, Capability.EFER),
  PIN_BASED_CONTROLS(0x4000),
  PRIMARY_CONTROLS(0x4002),
  EXCEPTION_BITMAP(0x4004),
  PAGE_FAULT_ERROR_CODE_MASK(0x4006),
  PAGE_FAULT_ERROR_CODE_MATCH(0x4008),
  CR3_TARGET_COUNT(0x400A),
  EXIT_CONTROLS(0x400C),
  EXIT_MSR_STORE_COUNT(0x400E),
  EXIT_MSR_LOAD_COUNT(0x4010),
  ENTRY_CONTROLS(0x4012),
  ENTRY_MSR_LOAD_COUNT(0x4014),
  ENTRY_INTERRUPTION_INFO(0x4016),
  ENTRY_EXCEPTION_ERROR_CODE(0x4018),
  ENTRY_INSTRUCTION_LENGTH(0x401A),
  TPR_THRESHOLD(0x401C, Capability.TPR_SHADOW),
  SECONDARY_CONTROLS(0x401E, Capability.SECONDARY_CONTROLS),
  PLE_GAP(0x4020, Capability.PAUSE_LOOP_EXITING),
  PLE_WINDOW(0x4022, Capability.PAUSE_LOOP_EXITING),
  VM_INSTRUCTION_ERROR(0x4400),
  EXIT_REASON(0x4402),
  EXIT_INTERRUPTION_INFO(0x4404),
  EXIT_INTERRUPTION_ERROR_CODE(0x4406),
  IDT_VECTORING_INFO(0x4408),
  IDT_VECTORING_ERROR_CODE(0x440A),
  EXIT_INSTRUCTION_LENGTH(0x440C),
  EXIT_INSTRUCTION_INFO(0x440E),
  GUEST_ES_LIMIT(0x4800),
  GUEST_CS_LIMIT(0x4802),
  GUEST_SS_LIMIT(0x4804),
  GUEST_DS_LIMIT(0x4806),
  GUEST_FS_LIMIT(0x4808),
  GUEST_GS_LIMIT(0x480A),
  GUEST_LDTR_LIMIT(0x480C),
  GUEST_TR_LIMIT(0x480E),
  GUEST_GDTR_LIMIT(0x4810),
  GUEST_IDTR_LIMIT(0x4812),
  GUEST_ES_ACCESS_RIGHTS(0x4814),
  GUEST_CS_ACCESS_RIGHTS(0x4816),
  GUEST_SS_ACCESS_RIGHTS(0x4818),
  GUEST_DS_ACCESS_RIGHTS(0x481A),
  GUEST_FS_ACCESS_RIGHTS(0x481C),
  GUEST_GS_ACCESS_RIGHTS(0x481E),
  GUEST_LDTR_ACCESS_RIGHTS(0x4820),
  GUEST_TR_ACCESS_RIGHTS(0x4822),
  GUEST_INTERRUPTIBILITY_STATE(0x4824),
  GUEST_ACTIVITY_STATE(0x4826),
  GUEST_SMBASE(0x4828),
  GUEST_SYSENTER_CS(0x482A),
  PREEMPTION_TIMER_VALUE(0x482E, Capability.PREEMPTION_TIMER),
  HOST_SYSENTER_CS(0x4C00),
  CR0_GUEST_HOST_MASK(0x6000),
  CR4_GUEST_HOST_MASK(0x6002),
  CR0_READ_SHADOW(0x6004),
  CR4_READ_SHADOW(0x6006),
  CR3_TARGET_VALUE0(0x6008),
  CR3_TARGET_VALUE1(0x600A),
  CR3_TARGET_VALUE2(0x600C),
  CR3_TARGET_VALUE3(0x600E),
  EXIT_QUALIFICATION(0x6400),
  GUEST_LINEAR_ADDRESS(0x640A),
  GUEST_CR0(0x6800),
  GUEST_CR3(0x6802),
  GUEST_CR4(0x6804),
  GUEST_ES_BASE(0x6806),
  GUEST_CS_BASE(0x6808),
  GUEST_SS_BASE(0x680A),
  GUEST_DS_BASE(0x680C),
  GUEST_FS_BASE(0x680E),
  GUEST_GS_BASE(0x6810),
  GUEST_LDTR_BASE(0x6812),
  GUEST_TR_BASE(0x6814),
  GUEST_GDTR_BASE(0x6816),
  GUEST_IDTR_BASE(0x6818),
  GUEST_DR7(0x681A),
  GUEST_RSP(0x681C),
  GUEST_RIP(0x681E),
  GUEST_RFLAGS(0x6820),
  GUEST_PENDING_DEBUG_EXCEPTIONS(0x6822),
  GUEST_SYSENTER_ESP(0x6824),
  GUEST_SYSENTER_EIP(0x6826),
  HOST_CR0(0x6C00),
  HOST_CR3(0x6C02),
  HOST_CR4(0x6C04),
  HOST_FS_BASE(0x6C06),
  HOST_GS_BASE(0x6C08),
  HOST_TR_BASE(0x6C0A),
  HOST_GDTR_BASE(0x6C0C),
  HOST_IDTR_BASE(0x6C0E),
  HOST_SYSENTER_ESP(0x6C10),
  HOST_SYSENTER_EIP(0x6C12),
  HOST_RSP(0x6C14),
  HOST_RIP(0x6C16);

  /** Widths, by bits 14:13 of the encoding. */
  enum Width {
    BITS16,
    BITS64,
    BITS32,
    NATURAL
  }

  /** Types, by bits 11:10 of the encoding. */
  enum Type {
    CONTROL,
    EXIT_INFORMATION,
    GUEST_STATE,
    HOST_STATE
  }

  private static final VmcsField[] ALL = values();
  private static final Width[] WIDTHS = Width.values();
  private static final Type[] TYPES = Type.values();
  private static final int ENCODINGS = 1 << 14;
  private static final VmcsField[] BY_ENCODING = byEncoding();

  private final int encoding;
  private final Capability capability;
  private final String label;

  VmcsField(int encoding) {
    this(encoding, Capability.BASE);
  }

  VmcsField(int encoding, Capability capability) {
    this.encoding = encoding;
    this.capability = capability;
    this.label = name().toLowerCase(Locale.ROOT);
  }

  private static VmcsField[] byEncoding() {
    VmcsField[] table = new VmcsField[ENCODINGS];
    Arrays.stream(ALL).forEach(field -> table[field.encoding >>> 1] = field);
    return table;
  }

  /** {@return how many fields there are} */
  static int count() {
    return ALL.length;
  }

  static VmcsField at(int ordinal) {
    return ALL[ordinal];
  }

  /** {@return the field of an encoding, for either half of a 64-bit field, or null} */
  static VmcsField of(long encoding) {
    if (encoding < 0 || encoding >= 2 * ENCODINGS) {
      return null;
    }
    VmcsField field = BY_ENCODING[(int) encoding >>> 1];
    return field == null || (encoding & 1) != 0 && field.width() != Width.BITS64 ? null : field;
  }

  /** {@return the name in lower case, as people are told it} */
  String label() {
    return label;
  }

  int encoding() {
    return encoding;
  }

  Capability capability() {
    return capability;
  }

  Width width() {
    return WIDTHS[encoding >>> 13 & 3];
  }

  /** {@return its width in bytes} */
  int bytes() {
    return switch (width()) {
      case BITS16 -> 2;
      case BITS32 -> 4;
      case BITS64, NATURAL -> 8;
    };
  }

  Type type() {
    return TYPES[encoding >>> 10 & 3];
  }

  /** {@return bits 9:1 of the encoding} */
  int index() {
    return encoding >>> 1 & 0x1FF;
  }

  /** {@return a value cut to the width of the field} */
  long cut(long value) {
    return switch (width()) {
      case BITS16 -> value & 0xFFFF;
      case BITS32 -> value & 0xFFFF_FFFFL;
      case BITS64, NATURAL -> value;
    };
  }
}
