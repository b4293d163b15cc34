// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HostFeaturesTest {
  @BeforeEach
  void onAHostThatTheEngineIsFor() {
    Hosts.assumeUsable();
  }

  @Test
  void everyHostHasWhat64BitModeNeeds() {
    assertThat(HostFeatures.has("-")).isTrue();
    assertThat(HostFeatures.has("SSE2")).isTrue();
    assertThat(HostFeatures.has("FPU+CMOV")).isTrue();
  }

  @Test
  void whatIsUnknownOrForTheSystemAloneIsNotThere() {
    assertThat(HostFeatures.has("NO_SUCH_FEATURE")).isFalse();
    assertThat(HostFeatures.has("SSE2+NO_SUCH_FEATURE")).isFalse();
    assertThat(HostFeatures.has("VMX")).isFalse();
  }

  @Test
  void cpuidTellsTheVendorAndNothingBehindItsLastLeaf() {
    HostCpuid cpuid = new HostCpuid();
    try {
      int[] first = cpuid.leaf(0, 0);
      String vendor = text(first[1]) + text(first[3]) + text(first[2]);

      assertThat(vendor).matches("[ -~]{12}");
      assertThat(cpuid.leaf(1, 0)[3] >>> 26 & 1).isEqualTo(1); // SSE2
      assertThat(cpuid.leaf(first[0] + 1, 0)).containsOnly(0);
    } finally {
      cpuid.close();
    }
  }

  private static String text(int register) {
    byte[] bytes = {
      (byte) register, (byte) (register >> 8), (byte) (register >> 16), (byte) (register >> 24)
    };
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }
}
