// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

import static nestor.vmx.VmcsField.*;

import java.util.ArrayList;
import java.util.List;
import nestor.vmx.Control.Secondary;

/** Checks on the guest's segment registers, in the order of the manual. */
final class SegmentCheckRows {
  private SegmentCheckRows() {}

  private static final String SECTION = "Checks on Guest Segment Registers";
  private static final int UNUSABLE = 1 << 16;
  private static final int LONG = 1 << 13;
  private static final int BIG = 1 << 14;
  private static final int GRANULAR = 1 << 15;
  private static final long VM = 1 << 17;

  /** A segment register by its four fields. */
  private record Register(
      String name, VmcsField selector, VmcsField base, VmcsField limit, VmcsField rights) {

    long base(Vmx x) {
      return x.get(base);
    }

    int selector(Vmx x) {
      return x.vmcs.word(selector);
    }

    int rights(Vmx x) {
      return x.vmcs.word(rights);
    }

    boolean usable(Vmx x) {
      return (rights(x) & UNUSABLE) == 0;
    }

    int type(Vmx x) {
      return rights(x) & 15;
    }

    int dpl(Vmx x) {
      return rights(x) >>> 5 & 3;
    }

    int rpl(Vmx x) {
      return selector(x) & 3;
    }
  }

  private static final Register ES =
      new Register("ES", GUEST_ES_SELECTOR, GUEST_ES_BASE, GUEST_ES_LIMIT, GUEST_ES_ACCESS_RIGHTS);
  private static final Register CS =
      new Register("CS", GUEST_CS_SELECTOR, GUEST_CS_BASE, GUEST_CS_LIMIT, GUEST_CS_ACCESS_RIGHTS);
  private static final Register SS =
      new Register("SS", GUEST_SS_SELECTOR, GUEST_SS_BASE, GUEST_SS_LIMIT, GUEST_SS_ACCESS_RIGHTS);
  private static final Register DS =
      new Register("DS", GUEST_DS_SELECTOR, GUEST_DS_BASE, GUEST_DS_LIMIT, GUEST_DS_ACCESS_RIGHTS);
  private static final Register FS =
      new Register("FS", GUEST_FS_SELECTOR, GUEST_FS_BASE, GUEST_FS_LIMIT, GUEST_FS_ACCESS_RIGHTS);
  private static final Register GS =
      new Register("GS", GUEST_GS_SELECTOR, GUEST_GS_BASE, GUEST_GS_LIMIT, GUEST_GS_ACCESS_RIGHTS);
  private static final Register LDTR =
      new Register(
          "LDTR", GUEST_LDTR_SELECTOR, GUEST_LDTR_BASE, GUEST_LDTR_LIMIT, GUEST_LDTR_ACCESS_RIGHTS);
  private static final Register TR =
      new Register("TR", GUEST_TR_SELECTOR, GUEST_TR_BASE, GUEST_TR_LIMIT, GUEST_TR_ACCESS_RIGHTS);

  private static final List<Register> SIX = List.of(CS, SS, DS, ES, FS, GS);
  private static final List<Register> DATA = List.of(DS, ES, FS, GS);

  static final List<Check> ROWS = rows();

  private static List<Check> rows() {
    List<Check> rows = new ArrayList<>();
    selectors(rows);
    bases(rows);
    for (Register r : SIX) {
      add(rows, r, "limit in virtual-8086 mode", x -> !v86(x) || x.get(r.limit()) == 0xFFFF);
    }
    rights(rows);
    taskRegister(rows);
    localTable(rows);
    return List.copyOf(rows);
  }

  private static void add(List<Check> rows, Register r, String what, Check.Rule rule) {
    rows.add(new Check(SECTION, "guest " + r.name() + ": " + what, 0, rule));
  }

  private static boolean v86(Vmx x) {
    return (x.get(GUEST_RFLAGS) & VM) != 0;
  }

  private static boolean unrestricted(Vmx x) {
    return x.secondary(Secondary.UNRESTRICTED_GUEST);
  }

  private static void selectors(List<Check> rows) {
    add(rows, TR, "TI", x -> (TR.selector(x) & 4) == 0);
    add(rows, LDTR, "TI", x -> !LDTR.usable(x) || (LDTR.selector(x) & 4) == 0);
    add(
        rows,
        SS,
        "RPL is not that of CS",
        x -> v86(x) || unrestricted(x) || SS.rpl(x) == CS.rpl(x));
  }

  private static void bases(List<Check> rows) {
    for (Register r : SIX) {
      add(
          rows,
          r,
          "base in virtual-8086 mode",
          x -> !v86(x) || r.base(x) == (long) r.selector(x) << 4);
    }
    for (Register r : List.of(TR, FS, GS)) {
      add(rows, r, "base not canonical", x -> HostCheckRows.isCanonical(x, r.base(x)));
    }
    add(
        rows,
        LDTR,
        "base not canonical",
        x -> !LDTR.usable(x) || HostCheckRows.isCanonical(x, LDTR.base(x)));
    add(rows, CS, "base: bits 63:32", x -> CS.base(x) >>> 32 == 0);
    for (Register r : List.of(SS, DS, ES)) {
      add(rows, r, "base: bits 63:32", x -> !r.usable(x) || r.base(x) >>> 32 == 0);
    }
  }

  private static void rights(List<Check> rows) {
    for (Register r : SIX) {
      add(rows, r, "access rights in virtual-8086 mode", x -> !v86(x) || r.rights(x) == 0xF3);
    }
    add(
        rows,
        CS,
        "type",
        x -> v86(x) || (CS.type(x) & 9) == 9 || CS.type(x) == 3 && unrestricted(x));
    add(rows, SS, "type", x -> !checked(x, SS) || SS.type(x) == 3 || SS.type(x) == 7);
    for (Register r : DATA) {
      add(
          rows,
          r,
          "type",
          x ->
              !checked(x, r)
                  || (r.type(x) & 1) != 0 && ((r.type(x) & 8) == 0 || (r.type(x) & 2) != 0));
    }
    for (Register r : SIX) {
      add(rows, r, "S bit", x -> !checked(x, r) || (r.rights(x) & 0x10) != 0);
    }
    add(rows, CS, "DPL", SegmentCheckRows::codePrivilege);
    add(rows, SS, "DPL", SegmentCheckRows::stackPrivilege);
    for (Register r : DATA) {
      add(
          rows,
          r,
          "DPL less than RPL",
          x -> !checked(x, r) || unrestricted(x) || r.type(x) > 11 || r.dpl(x) >= r.rpl(x));
    }
    for (Register r : SIX) {
      add(rows, r, "not present", x -> !checked(x, r) || (r.rights(x) & 0x80) != 0);
    }
    for (Register r : SIX) {
      add(rows, r, "reserved bits", x -> !checked(x, r) || (r.rights(x) & 0xFFFE_0F00) == 0);
    }
    add(
        rows,
        CS,
        "both L and D in IA-32e mode",
        x ->
            v86(x)
                || !GuestCheckRows.ia32e(x)
                || (CS.rights(x) & LONG) == 0
                || (CS.rights(x) & BIG) == 0);
    for (Register r : SIX) {
      add(rows, r, "granularity does not fit the limit", x -> !checked(x, r) || granularity(x, r));
    }
  }

  /** CS is checked even if it is marked unusable. */
  private static boolean checked(Vmx x, Register r) {
    return !v86(x) && (r.selector() == GUEST_CS_SELECTOR || r.usable(x));
  }

  private static boolean codePrivilege(Vmx x) {
    if (v86(x)) {
      return true;
    }
    return switch (CS.type(x)) {
      case 3 -> CS.dpl(x) == 0;
      case 9, 11 -> CS.dpl(x) == SS.dpl(x);
      case 13, 15 -> CS.dpl(x) <= SS.dpl(x);
      default -> true;
    };
  }

  private static boolean stackPrivilege(Vmx x) {
    if (v86(x)) {
      return true;
    }
    boolean real = CS.type(x) == 3 || (x.get(GUEST_CR0) & Vmx.CR0_PE) == 0;
    return (unrestricted(x) || SS.dpl(x) == SS.rpl(x)) && (!real || SS.dpl(x) == 0);
  }

  private static boolean granularity(Vmx x, Register r) {
    long limit = x.get(r.limit());
    boolean granular = (r.rights(x) & GRANULAR) != 0;
    return granular ? (limit & 0xFFF) == 0xFFF : limit >>> 20 == 0;
  }

  private static void taskRegister(List<Check> rows) {
    add(rows, TR, "type", x -> TR.type(x) == 11 || TR.type(x) == 3 && !GuestCheckRows.ia32e(x));
    add(rows, TR, "S bit", x -> (TR.rights(x) & 0x10) == 0);
    add(rows, TR, "not present", x -> (TR.rights(x) & 0x80) != 0);
    add(rows, TR, "reserved bits", x -> (TR.rights(x) & 0xFFFE_0F00) == 0);
    add(rows, TR, "granularity does not fit the limit", x -> granularity(x, TR));
    add(rows, TR, "unusable", TR::usable);
  }

  private static void localTable(List<Check> rows) {
    add(rows, LDTR, "type", x -> !LDTR.usable(x) || LDTR.type(x) == 2);
    add(rows, LDTR, "S bit", x -> !LDTR.usable(x) || (LDTR.rights(x) & 0x10) == 0);
    add(rows, LDTR, "not present", x -> !LDTR.usable(x) || (LDTR.rights(x) & 0x80) != 0);
    add(rows, LDTR, "reserved bits", x -> !LDTR.usable(x) || (LDTR.rights(x) & 0xFFFE_0F00) == 0);
    add(
        rows,
        LDTR,
        "granularity does not fit the limit",
        x -> !LDTR.usable(x) || granularity(x, LDTR));
  }
}
