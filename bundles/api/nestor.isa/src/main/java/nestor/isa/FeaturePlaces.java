// SPDX-License-Identifier: Apache-2.0
package nestor.isa;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where CPUID tells of a feature (SDM vol. 2, "CPUID"; APM vol. 3, appendix E). {@link Row#feature}
 * and CPU models use the same names.
 */
public final class FeaturePlaces {
  private FeaturePlaces() {}

  /**
   * Place of a feature bit.
   *
   * @param register 0 EAX, 1 EBX, 2 ECX, 3 EDX
   */
  public record Place(String name, int leaf, int subleaf, int register, int bit) {}

  private static final String ROWS =
      """
      1.0.2 SSE3:0 PCLMULQDQ:1 MONITOR:3 VMX:5 SMX:6 SSSE3:9 FMA:12 CX16:13 PDCM:15 PCID:17
      1.0.2 SSE4_1:19 SSE4_2:20 X2APIC:21 MOVBE:22 POPCNT:23 TSC_DEADLINE:24 AES:25 XSAVE:26
      1.0.2 AVX:28 F16C:29 RDRAND:30 HYPERVISOR:31
      1.0.3 FPU:0 VME:1 DE:2 PSE:3 TSC:4 MSR:5 PAE:6 MCE:7 CX8:8 APIC:9 SEP:11 MTRR:12 PGE:13
      1.0.3 MCA:14 CMOV:15 PAT:16 PSE36:17 CLFSH:19 MMX:23 FXSR:24 SSE:25 SSE2:26 SS:27
      6.0.0 ARAT:2
      7.0.1 FSGSBASE:0 TSC_ADJUST:1 BMI1:3 HLE:4 AVX2:5 FDP_EXCPTN_ONLY:6 SMEP:7 BMI2:8 ERMS:9
      7.0.1 INVPCID:10 RTM:11 ZERO_FCS_FDS:13 MPX:14 AVX512F:16 AVX512DQ:17 RDSEED:18 ADX:19
      7.0.1 SMAP:20 AVX512_IFMA:21 CLFLUSHOPT:23 CLWB:24 AVX512CD:28 SHA:29 AVX512BW:30
      7.0.1 AVX512VL:31
      7.0.2 AVX512_VBMI:1 UMIP:2 PKU:3 WAITPKG:5 AVX512_VBMI2:6 CET_SS:7 GFNI:8 VAES:9
      7.0.2 VPCLMULQDQ:10 AVX512_VNNI:11 AVX512_BITALG:12 AVX512_VPOPCNTDQ:14 LA57:16 RDPID:22
      7.0.2 BUS_LOCK_DETECT:24 CLDEMOTE:25 MOVDIRI:27 MOVDIR64B:28 PKS:31
      7.0.3 FSRM:4 AVX512_VP2INTERSECT:8 MD_CLEAR:10 SERIALIZE:14 CET_IBT:20 AVX512_FP16:23
      7.0.3 SPEC_CTRL:26 STIBP:27 FLUSH_CMD:28 ARCH_CAPABILITIES:29 CORE_CAPABILITIES:30 SSBD:31
      7.1.0 SHA512:0 SM3:1 SM4:2 AVX_VNNI:4 AVX512_BF16:5 CMPCCXADD:7 FZRM:10 FSRS:11 FSRC:12
      7.1.0 AVX_IFMA:23 LAM:26
      D.1.0 XSAVEOPT:0 XSAVEC:1 XGETBV1:2 XSAVES:3
      80000001.0.2 LAHF:0 CMP_LEGACY:1 SVM:2 CR8_LEGACY:4 LZCNT:5 SSE4A:6 MISALIGNSSE:7
      80000001.0.2 PREFETCHW:8 OSVW:9 XOP:11 SKINIT:12 FMA4:16 TBM:21 TOPOEXT:22 PERFCTR_CORE:23
      80000001.0.2 MONITORX:29
      80000001.0.3 SYSCALL:11 NX:20 MMXEXT:22 FFXSR:25 PAGE1GB:26 RDTSCP:27 LM:29 3DNOWEXT:30
      80000001.0.3 3DNOW:31
      80000007.0.3 INVARIANT_TSC:8
      80000008.0.1 CLZERO:0 RDPRU:4 WBNOINVD:9 IBPB:12 IBRS_AMD:14 STIBP_AMD:15
      80000008.0.1 SSBD_AMD:24 SSB_NO:26 BTC_NO:29
      80000021.0.2 TSA_SQ_NO:1 TSA_L1_NO:2
      80000021.0.0 LFENCE_SERIALIZING:2 NULL_SELECTOR_CLEARS_BASE:6 AUTO_IBRS:8 SRSO_NO:29
      """;

  private static final Map<String, Place> PLACES = parse();

  private static Map<String, Place> parse() {
    Map<String, Place> places = new LinkedHashMap<>();
    ROWS.lines()
        .forEach(
            line -> {
              String[] words = line.strip().split(" +", -1);
              String[] where = words[0].split("\\.", -1);
              int leaf = Integer.parseUnsignedInt(where[0], 16);
              for (int n = 1; n < words.length; n++) {
                int colon = words[n].indexOf(':');
                String name = words[n].substring(0, colon);
                places.put(
                    name,
                    new Place(
                        name,
                        leaf,
                        Integer.parseInt(where[1]),
                        Integer.parseInt(where[2]),
                        Integer.parseInt(words[n].substring(colon + 1))));
              }
            });
    return Collections.unmodifiableMap(places);
  }

  /** {@return all features by name} */
  public static Map<String, Place> places() {
    return PLACES;
  }
}
