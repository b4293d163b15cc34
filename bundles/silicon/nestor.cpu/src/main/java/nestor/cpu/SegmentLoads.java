// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import nestor.vcpu.GuestFault;
import nestor.vcpu.Segment;
import nestor.vcpu.State;

/**
 * Loads of segment registers with all their checks (SDM vol. 3A, "Type Checking" and "Privilege
 * Level Checking When Accessing Data Segments"; vol. 2, "MOV" and "POP").
 */
final class SegmentLoads {
  /** A read/write data segment, present and accessed. */
  static final int DATA = 0x93;

  /** Attributes of all segments in virtual-8086 mode. */
  static final int VIRTUAL_8086 = 0xF3;

  private static final int KEPT_IN_REAL_MODE = Segment.BIG | Segment.GRANULAR | 1 << 12;

  private final Core core;
  private final Selectors selectors;

  SegmentLoads(Core core, Selectors selectors) {
    this.core = core;
    this.selectors = selectors;
  }

  /** Loads ES, SS, DS, FS or GS as MOV, POP and LxS do. */
  void load(int segment, int selector) {
    if (State.realOrVirtual8086(core.state)) {
      loadReal(segment, selector);
    } else if (segment == Segment.SS) {
      loadStack(selector, core.cpl(), GuestFault.GP, State.mode64(core.state));
    } else {
      loadData(segment, selector);
    }
  }

  /**
   * Loads a segment in real or virtual-8086 mode. In real mode the limit stays, which is what makes
   * unreal mode.
   */
  void loadReal(int segment, int selector) {
    long state = core.state;
    long base = (selector & 0xFFFFL) << 4;
    if (State.protectedMode(state)) {
      State.setSegment(state, segment, selector, base, 0xFFFF, VIRTUAL_8086);
    } else {
      int old = State.attributes(state, segment);
      boolean unusable = (old & Segment.UNUSABLE) != 0;
      State.setSegment(
          state,
          segment,
          selector,
          base,
          unusable ? 0xFFFF : State.limit(state, segment),
          unusable ? DATA : old & KEPT_IN_REAL_MODE | DATA);
    }
  }

  private void loadData(int segment, int selector) {
    if (Selectors.isNull(selector)) {
      setNull(segment, selector);
      return;
    }
    long d = selectors.read(selector);
    checkData(selector, d, GuestFault.GP);
    set(segment, selector, selectors.access(selector, d));
  }

  /** Checks of a DS, ES, FS or GS load at the current privilege. */
  void checkData(int selector, long d, int vector) {
    if (!Descriptor.isReadable(d)) {
      throw core.selectorFault(vector, selector);
    }
    int dpl = Descriptor.dpl(d);
    if (!Descriptor.isConforming(d) && ((selector & 3) > dpl || core.cpl() > dpl)) {
      throw core.selectorFault(vector, selector);
    }
    if (!Descriptor.present(d)) {
      throw core.selectorFault(GuestFault.NP, selector);
    }
  }

  /** Loads SS with its checks against privilege {@code cpl}. */
  void loadStack(int selector, int cpl, int vector, boolean code64) {
    long d = checkStack(selector, cpl, vector, code64);
    setStack(selector, d, cpl);
  }

  /**
   * {@return the descriptor for SS after its checks; 0 for an allowed null selector}
   *
   * @param cpl the privilege that the stack is for
   * @param vector #GP, or #TS while a stack or task is switched
   * @param code64 whether the code that uses it is 64-bit: null is allowed there below CPL 3
   */
  long checkStack(int selector, int cpl, int vector, boolean code64) {
    if (Selectors.isNull(selector)) {
      if (code64 && cpl < 3 && (selector & 3) == cpl) {
        return 0;
      }
      throw core.v.fault(vector, core.ext);
    }
    long d = selectors.read(selector, vector);
    if ((selector & 3) != cpl || !Descriptor.isWritableData(d) || Descriptor.dpl(d) != cpl) {
      throw core.selectorFault(vector, selector);
    }
    if (!Descriptor.present(d)) {
      throw core.selectorFault(GuestFault.SS, selector);
    }
    return d;
  }

  /** Sets SS from a checked descriptor. */
  void setStack(int selector, long d, int cpl) {
    if (d == 0) {
      setNullStack(selector, cpl);
    } else {
      set(Segment.SS, selector, selectors.access(selector, d));
    }
  }

  /** Sets SS to a null selector with a privilege, as 64-bit mode does. */
  void setNullStack(int selector, int cpl) {
    State.setSegment(
        core.state,
        Segment.SS,
        selector,
        0,
        0xFFFF_FFFFL,
        Segment.UNUSABLE | Segment.BIG | cpl << 5);
  }

  /** Makes a segment unusable. The base is cleared: CPUID says so where a vendor may not. */
  void setNull(int segment, int selector) {
    State.setSegment(core.state, segment, selector, 0, 0, Segment.UNUSABLE);
  }

  /** Sets a segment register from a descriptor. */
  void set(int segment, int selector, long d) {
    State.setSegment(
        core.state,
        segment,
        selector,
        Descriptor.base(d),
        Descriptor.limit(d),
        Descriptor.attributes(d));
  }

  /** Sets CS from a checked descriptor, with the privilege as its RPL, and the code size. */
  void setCode(int selector, long d, int cpl) {
    long accessed = selectors.access(selector, d);
    if (State.longMode(core.state) && Descriptor.isLong(d)) {
      // Base and limit have no meaning in 64-bit mode; flat values let others add them blindly.
      State.setSegment(
          core.state,
          Segment.CS,
          selector & ~3 | cpl,
          0,
          0xFFFF_FFFFL,
          Descriptor.attributes(accessed));
    } else {
      set(Segment.CS, selector & ~3 | cpl, accessed);
    }
    if (core.cpl() != cpl) {
      core.setCpl(cpl);
    }
    core.updateCodeSize();
  }

  /** Sets CS in real or virtual-8086 mode. */
  void setCodeReal(int selector) {
    loadReal(Segment.CS, selector);
    core.updateCodeSize();
  }

  /**
   * After a return to an outer level, drops data segments that it may not use. The base stays,
   * which 64-bit code sees in FS and GS.
   */
  void dropInnerSegments(int cpl) {
    for (int segment : new int[] {Segment.ES, Segment.DS, Segment.FS, Segment.GS}) {
      int attributes = State.attributes(core.state, segment);
      boolean conforming =
          (attributes & (Segment.CODE | Segment.EXPAND_DOWN_OR_CONFORMING))
              == (Segment.CODE | Segment.EXPAND_DOWN_OR_CONFORMING);
      if ((attributes & Segment.UNUSABLE) == 0 && !conforming && (attributes >> 5 & 3) < cpl) {
        State.setSegment(
            core.state, segment, 0, State.base(core.state, segment), 0, Segment.UNUSABLE);
      }
    }
  }

  /** Checks a code descriptor that is the target of a direct far JMP or CALL. */
  void checkDirectCode(int selector, long d, int cpl) {
    int dpl = Descriptor.dpl(d);
    boolean allowed = Descriptor.isConforming(d) ? dpl <= cpl : (selector & 3) <= cpl && dpl == cpl;
    if (!allowed) {
      throw core.selectorFault(GuestFault.GP, selector);
    }
    checkCodeSize(selector, d);
    if (!Descriptor.present(d)) {
      throw core.selectorFault(GuestFault.NP, selector);
    }
  }

  /** L and D together are reserved in IA-32e mode. */
  void checkCodeSize(int selector, long d) {
    if (State.longMode(core.state) && Descriptor.isLong(d) && Descriptor.isBig(d)) {
      throw core.selectorFault(GuestFault.GP, selector);
    }
  }

  /** {@return whether a code descriptor runs in 64-bit mode} */
  boolean is64(long d) {
    return State.longMode(core.state) && Descriptor.isLong(d);
  }
}
