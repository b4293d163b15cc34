// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import nestor.semantics.XsaveComponents;
import nestor.vcpu.State;

/** CPUID leaf 0Dh: the layout of the XSAVE area (SDM vol. 1, "Enumeration of CPU Support"). */
final class XsaveLayout {
  private final Core core;

  XsaveLayout(Core core) {
    this.core = core;
  }

  /** Adds to a register set that already holds the feature bits of subleaf 1. */
  void answer(int subleaf, int[] r) {
    long offered = core.model.xcr0Bits();
    boolean amd = core.model.isAmd();
    if (offered == 0) {
      r[0] = 0;
      return;
    }
    if (subleaf == 0) {
      r[0] = (int) offered;
      r[1] = XsaveComponents.areaSize(core.get(State.XCR0), 0, amd);
      r[2] = XsaveComponents.areaSize(offered, 0, amd);
    } else if (subleaf == 1) {
      boolean compacting = core.model.has("XSAVEC") || core.model.has("XSAVES");
      long enabled = core.get(State.XCR0) | core.get(State.XSS);
      r[1] =
          compacting
              ? XsaveComponents.areaSize(enabled, enabled | XsaveComponents.COMPACTED, amd)
              : 0;
    } else if (subleaf > 1 && (offered >>> subleaf & 1) != 0) {
      r[0] = XsaveComponents.size(subleaf);
      r[1] = XsaveComponents.offset(subleaf, 0, amd);
    }
  }
}
