// SPDX-License-Identifier: Apache-2.0
package nestor.semantics;

import nestor.vcpu.Mem;
import nestor.vcpu.State;

/**
 * The state components that the XSAVE feature set manages: where they lie in the XSAVE area, and
 * which are in use (SDM vol. 1, "Managing State Using the XSAVE Feature Set").
 *
 * <p>Component 8 and those from 10 on are not offered by any CPU model; 3 and 4, bounds registers,
 * neither.
 */
public final class XsaveComponents {
  /** x87 state. */
  public static final int X87 = 1;

  /** XMM registers and MXCSR. */
  public static final int SSE = 1 << 1;

  /** Bits 255:128 of the vector registers 0-15. */
  public static final int AVX = 1 << 2;

  /** Opmask registers. */
  public static final int OPMASK = 1 << 5;

  /** Bits 511:256 of the vector registers 0-15. */
  public static final int ZMM_HIGH256 = 1 << 6;

  /** Vector registers 16-31. */
  public static final int HIGH16_ZMM = 1 << 7;

  /** PKRU. */
  public static final int PROTECTION_KEYS = 1 << 9;

  /** XCOMP_BV: the area has the compacted form. */
  public static final long COMPACTED = 1L << 63;

  /** Bytes of the legacy region. */
  public static final int LEGACY = 512;

  /** Bytes of the legacy region and the header. */
  public static final int LEGACY_AND_HEADER = 576;

  /** FCW after FNINIT. */
  static final int INITIAL_FCW = 0x37F;

  /** MXCSR after reset. */
  static final int INITIAL_MXCSR = 0x1F80;

  /** Bits of MXCSR that exist: MXCSR_MASK. */
  static final int MXCSR_MASK = 0xFFFF;

  /** First component that lies in the extended region, and the one after the last. */
  static final int FIRST_EXTENDED = 2;

  static final int END = 10;

  /** Offsets in the standard form; Intel's has room for the bounds registers, AMD's has not. */
  private static final int[] INTEL_OFFSET = {0, 0, 576, 0, 0, 1088, 1152, 1664, 0, 2688};

  private static final int[] AMD_OFFSET = {0, 0, 576, 0, 0, 832, 896, 1408, 0, 2432};
  private static final int[] SIZE = {0, 0, 256, 0, 0, 64, 512, 1024, 0, 8};

  private XsaveComponents() {}

  /** {@return bytes of a component of the extended region, 0 if there is none of that number} */
  public static int size(int component) {
    return component < END ? SIZE[component] : 0;
  }

  /**
   * {@return offset of a component of the extended region in an area with this XCOMP_BV}
   *
   * @param compaction XCOMP_BV, or 0 for the standard form
   */
  public static int offset(int component, long compaction, boolean amd) {
    if (compaction == 0) {
      return component < END ? (amd ? AMD_OFFSET : INTEL_OFFSET)[component] : 0;
    }
    int offset = LEGACY_AND_HEADER;
    for (int n = FIRST_EXTENDED; n < component; n++) {
      offset += (int) (compaction >>> n & 1) * SIZE[n];
    }
    return offset;
  }

  /** {@return bytes of an area up to the end of the last of these components} */
  public static int areaSize(long components, long compaction, boolean amd) {
    int last = 63 - Long.numberOfLeadingZeros(components & (1 << END) - 1);
    return last < FIRST_EXTENDED ? LEGACY_AND_HEADER : offset(last, compaction, amd) + SIZE[last];
  }

  /**
   * {@return XINUSE, the components that are not in their initial configuration}
   *
   * <p>Found by looking, so that it is the same whichever engine has run. MXCSR does not count,
   * though it belongs to SSE (SDM vol. 1, "Processor Tracking of XSAVE-Managed State").
   */
  public static long inUse(long s) {
    long any = 0;
    if (x87InUse(s)) {
      any |= X87;
    }
    for (int n = 0; n < 16; n++) {
      long r = State.vector(s, n);
      any |= notZero(r, 16) ? SSE : 0;
      any |= notZero(r + 16, 16) ? AVX : 0;
      any |= notZero(r + 32, 32) ? ZMM_HIGH256 : 0;
    }
    if (notZero(State.vector(s, 16), 1024)) {
      any |= HIGH16_ZMM;
    }
    if (notZero(s + State.OPMASK, 64)) {
      any |= OPMASK;
    }
    if (State.get(s, State.PKRU) != 0) {
      any |= PROTECTION_KEYS;
    }
    return any;
  }

  private static boolean x87InUse(long s) {
    return State.get(s, State.FCW) != INITIAL_FCW
        || (State.get(s, State.FSW)
                | State.get(s, State.FTW)
                | State.get(s, State.FOP)
                | State.get(s, State.FIP)
                | State.get(s, State.FDP)
                | State.get(s, State.FCS_FDS))
            != 0
        || notZero(s + State.ST, 128);
  }

  private static boolean notZero(long address, int bytes) {
    long any = 0;
    for (int n = 0; n < bytes; n += 8) {
      any |= Mem.getLong(address + n);
    }
    return any != 0;
  }
}
