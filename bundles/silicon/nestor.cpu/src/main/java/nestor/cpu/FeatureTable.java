// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What features of {@link nestor.isa.FeaturePlaces} need of each other. */
final class FeatureTable {
  private FeatureTable() {}

  /** What a feature cannot be without, in words of the manuals' detection rules. */
  private static final String NEEDS =
      """
      SSE: FXSR
      SSE2: SSE
      SSE3 CLFSH: SSE2
      SSSE3: SSE3
      SSE4_1: SSSE3
      SSE4_2 AES PCLMULQDQ SHA GFNI: SSE4_1
      SSE4A MISALIGNSSE: SSE3
      AVX XSAVEOPT XSAVEC XGETBV1 XSAVES PKU: XSAVE
      AVX2 FMA F16C VAES VPCLMULQDQ XOP FMA4: AVX
      VAES: AES
      VPCLMULQDQ: PCLMULQDQ
      AVX512F AVX_VNNI AVX_IFMA SHA512 SM3 SM4: AVX2
      AVX512DQ AVX512_IFMA AVX512CD AVX512BW AVX512VL AVX512_VPOPCNTDQ: AVX512F
      AVX512_VNNI AVX512_VP2INTERSECT: AVX512F
      AVX512_VBMI AVX512_VBMI2 AVX512_BITALG AVX512_BF16 AVX512_FP16: AVX512BW
      X2APIC TSC_DEADLINE ARAT: APIC
      LM: PAE
      LA57 PCID SYSCALL: LM
      """;

  private static final Map<String, List<String>> REQUIREMENTS = parseNeeds();

  private static Map<String, List<String>> parseNeeds() {
    Map<String, List<String>> all = new HashMap<>();
    NEEDS
        .lines()
        .forEach(
            line -> {
              int colon = line.indexOf(':');
              String need = line.substring(colon + 1).strip();
              for (String name : line.substring(0, colon).strip().split(" +", -1)) {
                all.computeIfAbsent(name, k -> new ArrayList<>()).add(need);
              }
            });
    return all;
  }

  /** {@return the features that {@code name} cannot be without} */
  static List<String> requirements(String name) {
    return REQUIREMENTS.getOrDefault(name, List.of());
  }
}
