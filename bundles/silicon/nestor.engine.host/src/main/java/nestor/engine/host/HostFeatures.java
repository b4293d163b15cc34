// SPDX-License-Identifier: Apache-2.0
package nestor.engine.host;

import java.util.HashSet;
import java.util.Set;
import nestor.isa.FeaturePlaces;

/**
 * Whether this host can run translated code, and which instructions it has: what CPUID says, as far
 * as the system lets programs use it.
 */
final class HostFeatures {
  private static final int OSXSAVE = 1 << 27;
  private static final long XCR0_AVX = 6;
  private static final long XCR0_AVX_512 = 0xE6;

  /** Of these only the system knows whether a program may use them. */
  private static final Set<String> NOT_FOR_ALL =
      Set.of("FSGSBASE", "PKU", "RDPRU", "UMIP", "XSAVES", "VMX", "SVM", "SMX", "SKINIT", "CET_SS");

  /** VEX forms without AVX in their names. */
  private static final Set<String> VEX_FORMS = Set.of("FMA", "F16C", "VAES", "VPCLMULQDQ", "FMA4");

  private static final Set<String> FEATURES = obstacle() == null ? features() : Set.of();

  private HostFeatures() {}

  private static Set<String> features() {
    HostCpuid cpuid = new HostCpuid();
    try {
      boolean saves = (cpuid.leaf(1, 0)[2] & OSXSAVE) != 0;
      long xcr0 = saves ? cpuid.xcr0() : 0;
      Set<String> features = new HashSet<>();
      for (FeaturePlaces.Place place : FeaturePlaces.places().values()) {
        boolean there =
            (cpuid.leaf(place.leaf(), place.subleaf())[place.register()] >>> place.bit() & 1) != 0;
        if (there && isUsable(place.name(), xcr0)) {
          features.add(place.name());
        }
      }
      return Set.copyOf(features);
    } finally {
      cpuid.close();
    }
  }

  /** Whether the system saves the registers that the feature uses (SDM vol. 1, "Detection"). */
  private static boolean isUsable(String feature, long xcr0) {
    if (NOT_FOR_ALL.contains(feature)) {
      return false;
    }
    if (feature.startsWith("AVX512")) {
      return (xcr0 & XCR0_AVX_512) == XCR0_AVX_512;
    }
    boolean wide = feature.startsWith("AVX") || VEX_FORMS.contains(feature);
    return !wide || (xcr0 & XCR0_AVX) == XCR0_AVX;
  }

  /** {@return whether the host has what a row of the instruction table needs} */
  static boolean has(String feature) {
    for (String part : feature.split("\\+")) {
      if (!part.equals("-") && !FEATURES.contains(part)) {
        return false;
      }
    }
    return true;
  }

  /** {@return why it cannot, or null} */
  static String obstacle() {
    String arch = System.getProperty("os.arch");
    if (!arch.equals("amd64") && !arch.equals("x86_64")) {
      return "the host is " + arch + ", not x86-64";
    }
    String os = System.getProperty("os.name");
    return os.equals("Linux") ? null : "the host runs " + os + ", not Linux";
  }
}
