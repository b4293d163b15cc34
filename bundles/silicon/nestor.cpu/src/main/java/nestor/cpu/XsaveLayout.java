// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import nestor.vcpu.State;

/** CPUID leaf 0Dh: the layout of the XSAVE area (SDM vol. 1, "XSAVE Area"). */
final class XsaveLayout {
  private static final int LEGACY_AND_HEADER = 576;

  /** Offset in the standard form and size of components 2-9; 0 where there is none. */
  private static final int[] OFFSET = {0, 0, 576, 0, 0, 1088, 1152, 1664, 0, 2688};

  private static final int[] SIZE = {0, 0, 256, 0, 0, 64, 512, 1024, 0, 8};

  private final Core core;

  XsaveLayout(Core core) {
    this.core = core;
  }

  private static int standard(long mask) {
    int size = LEGACY_AND_HEADER;
    for (int n = 2; n < OFFSET.length; n++) {
      if ((mask >>> n & 1) != 0) {
        size = Math.max(size, OFFSET[n] + SIZE[n]);
      }
    }
    return size;
  }

  private static int compacted(long mask) {
    int size = LEGACY_AND_HEADER;
    for (int n = 2; n < SIZE.length; n++) {
      size += (int) (mask >>> n & 1) * SIZE[n];
    }
    return size;
  }

  /** Adds to a register set that already holds the feature bits of subleaf 1. */
  void answer(int subleaf, int[] r) {
    long offered = core.model.xcr0Bits();
    if (offered == 0) {
      r[0] = 0;
      return;
    }
    if (subleaf == 0) {
      r[0] = (int) offered;
      r[1] = standard(core.get(State.XCR0));
      r[2] = standard(offered);
    } else if (subleaf == 1) {
      boolean compacting = core.model.has("XSAVEC") || core.model.has("XSAVES");
      r[1] = compacting ? compacted(core.get(State.XCR0) | core.get(State.XSS)) : 0;
    } else if (subleaf < SIZE.length && (offered >>> subleaf & 1) != 0) {
      r[0] = SIZE[subleaf];
      r[1] = OFFSET[subleaf];
    }
  }
}
