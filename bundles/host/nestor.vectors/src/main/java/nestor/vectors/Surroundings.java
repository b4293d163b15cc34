// SPDX-License-Identifier: Apache-2.0
package nestor.vectors;

import nestor.vcpu.Segment;
import nestor.vcpu.State;

/** The modes that code runs in, with the segments of VECTORS.md, section 2a. */
public enum Surroundings {
  /** 64-bit mode, CPL 3. */
  LONG64(64),
  /** A 32-bit code segment of compatibility mode, CPL 3. */
  COMPATIBILITY32(32),
  /** A 16-bit code segment of compatibility mode, CPL 3. */
  COMPATIBILITY16(16),
  /** Real mode with the bases and limits of the 16-bit segments in the hidden parts. */
  REAL16(16);

  /** Code size. */
  public final int bits;

  Surroundings(int bits) {
    this.bits = bits;
  }

  static Surroundings protectedOf(int bits) {
    return bits == 64 ? LONG64 : bits == 32 ? COMPATIBILITY32 : COMPATIBILITY16;
  }

  boolean isReal() {
    return this == REAL16;
  }

  /** Loads code size and segment registers. */
  void load(long s) {
    State.set(s, State.CODE_SIZE, bits);
    int dpl = isReal() ? 0 : 0x60;
    int data = 0xC093 | dpl;
    boolean small = bits == 16;
    int code = small ? 0x9B | dpl : bits == 32 ? 0xC0FB : 0xA0FB;
    int codeSelector = bits == 64 ? 0x33 : 0x23;
    State.setSegment(
        s,
        Segment.CS,
        isReal() ? 0x1000 : codeSelector,
        small ? Layout.CODE : 0,
        small ? 0xFFFFL : 0xFFFF_FFFFL,
        code);
    long base = small ? Layout.DATA : 0;
    long limit = small ? 0x1FFF : 0xFFFF_FFFFL;
    int selector = bits == 64 ? 0 : 0x2B;
    State.setSegment(s, Segment.SS, 0x2B, base, limit, small ? 0x93 | dpl : data);
    State.setSegment(s, Segment.DS, selector, base, limit, data);
    State.setSegment(s, Segment.ES, selector, base, limit, data);
    if (bits == 64) {
      State.setSegment(s, Segment.FS, 0, 0, 0xFFFF_FFFFL, data);
      State.setSegment(s, Segment.GS, 0, 0, 0xFFFF_FFFFL, data);
    } else {
      State.setSegment(s, Segment.FS, 0x2B, Layout.DATA, 0x1FFF, data);
      State.setSegment(s, Segment.GS, 0x2B, Layout.DATA + 0x800, 0xFFF, data);
    }
  }
}
