// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.Set;
import nestor.isa.FeaturePlaces;
import nestor.isa.Isa;
import nestor.vcpu.GuestFault;
import nestor.vcpu.State;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** CPUID tells what the model offers, and its leaves agree with each other. */
class CpuidTest {
  private static int[] cpuid(TestMachine m, int leaf, int subleaf) {
    int[] result = new int[4];
    m.unit.cpuid(leaf, subleaf, result);
    return result;
  }

  @Test
  void namesTheVendor() {
    assertThat(cpuid(new TestMachine("intel"), 0, 0)[1]).isEqualTo(0x756E_6547);
    assertThat(cpuid(new TestMachine("amd"), 0, 0)[1]).isEqualTo(0x6874_7541);
    assertThat(cpuid(new TestMachine("intel"), 1, 0)[0]).isEqualTo(0x50657);
    assertThat(cpuid(new TestMachine("amd"), 1, 0)[0]).isEqualTo(0xA0_0F11);
  }

  @Test
  void followsFeatureChanges() {
    TestMachine with = new TestMachine("minimal", "+MOVBE");
    TestMachine without = new TestMachine("intel", "-movbe");

    assertThat(cpuid(with, 1, 0)[2] & 1 << 22).isNotZero();
    assertThat(cpuid(without, 1, 0)[2] & 1 << 22).isZero();
    Isa.rows().stream()
        .filter(row -> row.feature.equals("MOVBE"))
        .forEach(
            row -> {
              assertThat(with.v.offered[row.index]).isTrue();
              assertThat(without.v.offered[row.index]).isFalse();
            });
  }

  @Test
  void bringsAndTakesWhatDependsOnAFeature() {
    CpuModel with = new CpuModel(TestMachine.request("minimal", "+AVX2"));
    CpuModel without = new CpuModel(TestMachine.request("intel", "+AVX512BW", "-XSAVE"));

    assertThat(with.features()).contains("AVX", "XSAVE");
    assertThat(without.features()).doesNotContain("AVX512BW", "AVX512F", "AVX", "XSAVEC", "PKU");
    assertThat(without.xcr0Bits()).isZero();
  }

  @Test
  void everyModelIsWhole() {
    for (String name : new CpuCores().models()) {
      CpuModel model = new CpuModel(TestMachine.request(name));
      for (String feature : model.features()) {
        assertThat(model.features()).as(name).containsAll(FeatureTable.requirements(feature));
      }
      assertThat(model.brand()).as(name).hasSizeLessThan(48);
    }
  }

  @Test
  void instructionsThatAreNotOfferedAreUndefined() {
    TestMachine m = new TestMachine("intel", "-RDRAND").long64(0).code(0x0F, 0xC7, 0xF0);

    assertThat(m.fault()).isEqualTo("#UD");
  }

  @Test
  void suggestsTheNearestName() {
    assertThatThrownBy(() -> new TestMachine("intel", "+AVX3"))
        .hasMessageContaining("unknown CPU feature AVX3; did you mean AVX");
    assertThatThrownBy(() -> new TestMachine("itel")).hasMessageContaining("did you mean intel?");
    assertThatThrownBy(() -> new TestMachine("intel", "AVX")).hasMessageContaining("+ or -");
  }

  @Test
  void everyFeatureOfTheInstructionTableHasABit() {
    Set<String> unknown = new HashSet<>();
    Isa.rows()
        .forEach(
            row -> {
              for (String name : row.feature.split("\\+", -1)) {
                if (!name.equals("-") && !FeaturePlaces.places().containsKey(name)) {
                  unknown.add(name);
                }
              }
            });

    assertThat(unknown).isEmpty();
  }

  @Test
  void noTwoFeaturesShareABit() {
    Set<String> places = new HashSet<>();
    for (FeaturePlaces.Place p : FeaturePlaces.places().values()) {
      assertThat(places.add(p.leaf() + "." + p.subleaf() + "." + p.register() + "." + p.bit()))
          .as(p.name())
          .isTrue();
    }
  }

  @Test
  void showsWhatTheKernelHasSwitchedOn() {
    TestMachine m = new TestMachine("intel").long64(0);
    assertThat(cpuid(m, 1, 0)[2] & 1 << 27).isZero();
    m.set(State.CR4, 1 << 18 | 1 << 22);
    assertThat(cpuid(m, 1, 0)[2] & 1 << 27).isNotZero();
    assertThat(cpuid(m, 7, 0)[2] & 1 << 4).isNotZero();

    m.apic.base = 0xFEE0_0100L;
    assertThat(cpuid(m, 1, 0)[3] & 1 << 9).isZero();
  }

  @Test
  void xsaveSizesFollowXcr0() {
    TestMachine m = new TestMachine("intel", "+AVX", "+AVX512F").long64(0);
    assertThat(cpuid(m, 0xD, 0)[1]).isEqualTo(576);
    m.set(State.XCR0, 7);
    assertThat(cpuid(m, 0xD, 0)[1]).isEqualTo(832);
    m.set(State.XCR0, 0x2E7);

    int[] r = cpuid(m, 0xD, 0);

    assertThat(r[1]).isEqualTo(r[2]).isEqualTo(2696);
    assertThat(cpuid(m, 0xD, 1)[1]).isEqualTo(576 + 256 + 64 + 512 + 1024 + 8);
    for (int n = 2; n < 10; n++) {
      int[] part = cpuid(m, 0xD, n);
      assertThat(part[0] != 0).isEqualTo((r[0] >>> n & 1) != 0);
      assertThat(part[1] + part[0]).isLessThanOrEqualTo(r[2]);
    }
  }

  @Test
  void givesTheRateOfTheTsc() {
    int[] r = cpuid(new TestMachine("intel"), 0x15, 0);

    assertThat((long) r[2] * r[1] / r[0]).isEqualTo(1_000_000_000L);
    assertThat(cpuid(new TestMachine("intel"), 0x8000_0007, 0)[3] & 1 << 8).isNotZero();
  }

  @Test
  void countsTheSameCoresInEveryTopologyLeaf() {
    TestMachine amd = new TestMachine("amd");
    TestMachine intel = new TestMachine("intel");

    assertThat(cpuid(intel, 0xB, 1)[1]).isEqualTo(2);
    assertThat(cpuid(intel, 0x1F, 1)[1]).isEqualTo(2);
    assertThat(cpuid(intel, 1, 0)[1] >>> 16 & 0xFF).isEqualTo(2);
    assertThat((cpuid(intel, 4, 0)[0] >>> 26) + 1).isEqualTo(2);
    assertThat((cpuid(amd, 0x8000_0008, 0)[2] & 0xFF) + 1).isEqualTo(2);
    assertThat((cpuid(amd, 0x8000_001D, 3)[0] >>> 14 & 0xFFF) + 1).isEqualTo(2);
    assertThat(cpuid(amd, 0x8000_001E, 0)[1] >>> 8 & 0xFF).isZero();
  }

  @Test
  void repeatsTheLastLeafOnIntelAndZeroOnAmd() {
    TestMachine intel = new TestMachine("intel");

    assertThat(cpuid(intel, 0x2000_0000, 0)).isEqualTo(cpuid(intel, 0x1F, 0));
    assertThat(cpuid(new TestMachine("amd"), 0x2000_0000, 0)).containsOnly(0);
  }

  /** SDM vol. 2, "CPUID", leaves 1, 4, 0Bh and 1Fh; APM vol. 3, 8000_0008h, 1Dh and 1Eh. */
  @ParameterizedTest
  @CsvSource({"1, 0", "2, 1", "3, 2", "4, 2", "5, 3", "16, 4"})
  void tellsTopologyForAnyNumberOfCores(int cores, int bits) {
    for (String model : new String[] {"intel", "amd", "max", "max-intel"}) {
      TestMachine m = new TestMachine(cores, 0, model);
      boolean amd = m.v.amd;

      assertThat(cpuid(m, 1, 0)[3] >>> 28 & 1).as("HTT").isEqualTo(cores > 1 ? 1 : 0);
      assertThat(cpuid(m, 1, 0)[1] >>> 16 & 0xFF).isEqualTo(cores);
      for (int leaf : amd ? new int[] {0xB} : new int[] {0xB, 0x1F}) {
        assertThat(cpuid(m, leaf, 0)).startsWith(0, 1, 0x100);
        assertThat(cpuid(m, leaf, 1)).startsWith(bits, cores, 0x201);
        assertThat(cpuid(m, leaf, 2)).startsWith(0, 0, 2);
      }
      if (amd) {
        assertThat(cpuid(m, 0x8000_0008, 0)[2]).isEqualTo(bits << 12 | cores - 1);
        assertThat(cpuid(m, 0x8000_001D, 3)[0] >>> 14 & 0xFFF).isEqualTo((1 << bits) - 1);
        assertThat(cpuid(m, 0x8000_001D, 4)).containsOnly(0);
      } else {
        assertThat(cpuid(m, 4, 0)[0] >>> 26).isEqualTo((1 << bits) - 1);
        assertThat(cpuid(m, 4, 3)[0] >>> 14 & 0xFFF).isEqualTo((1 << bits) - 1);
        assertThat(cpuid(m, 4, 4)).containsOnly(0);
      }
    }
  }

  /** SDM vol. 2, "CPUID", leaf 4: sizes multiply up to what the model file says. */
  @Test
  void describesCachesWhoseGeometryGivesTheirSize() {
    for (String model : new String[] {"intel", "max-intel"}) {
      TestMachine m = new TestMachine(model);
      CpuModel file = new CpuModel(TestMachine.request(model));
      String[] level = {"l1", "l1", "l2", "l3"};
      for (int n = 0; n < 4; n++) {
        int[] r = cpuid(m, 4, n);
        long bytes = ((r[1] >>> 22) + 1L) * ((r[1] & 0xFFF) + 1) * (r[2] + 1L);
        assertThat(bytes).as(model + n).isEqualTo(file.cacheKib(level[n]) * 1024L);
      }
    }
  }

  /** SDM vol. 2, "CPUID", leaf 0Ah; the model counts nothing. */
  @Test
  void hasNoPerformanceCountersOnIntel() {
    TestMachine m = new TestMachine("intel").long64(0);

    assertThat(cpuid(m, 0xA, 0)).containsOnly(0);
    assertThatThrownBy(() -> m.unit.readMsr(0xC1)).isInstanceOf(GuestFault.class);
    assertThatThrownBy(() -> m.unit.readMsr(0x345)).isInstanceOf(GuestFault.class);
  }

  /** APM vol. 2, "Performance Counter MSRs": family 0Fh and later always have four. */
  @Test
  void takesZeroInTheCountersOfAmd() {
    TestMachine m = new TestMachine("amd").long64(0);
    for (int msr = 0xC001_0000; msr <= 0xC001_0007; msr++) {
      m.unit.writeMsr(msr, 0);
      assertThat(m.unit.readMsr(msr)).isZero();
    }
    assertThatThrownBy(() -> m.unit.readMsr(0xC001_0200)).isInstanceOf(GuestFault.class);
    TestMachine more = new TestMachine("amd", "+PERFCTR_CORE").long64(0);
    for (int msr = 0xC001_0200; msr <= 0xC001_020B; msr++) {
      more.unit.writeMsr(msr, 0);
    }
  }

  @Test
  void admitsSpeculationBugsOnlyWhenAsked() {
    TestMachine intel = new TestMachine("intel").long64(0);
    TestMachine affected = new TestMachine("intel-affected").long64(0);
    long none = intel.unit.readMsr(0x10A);

    assertThat(none & 1).as("RDCL_NO").isEqualTo(1);
    assertThat(none >>> 5 & 1).as("MDS_NO").isEqualTo(1);
    assertThat(cpuid(affected, 7, 0)[3] & 1 << 29).isZero();
    assertThat(cpuid(affected, 7, 0)[3] & 1 << 10).as("MD_CLEAR").isNotZero();
    assertThatThrownBy(() -> affected.unit.readMsr(0x10A)).isInstanceOf(GuestFault.class);
    assertThat(cpuid(new TestMachine("amd"), 0x8000_0021, 0)[0] & 1 << 29).isNotZero();
    assertThat(cpuid(new TestMachine("amd-affected"), 0x8000_0021, 0)[0] & 1 << 29).isZero();
    assertThat(cpuid(new TestMachine("amd-affected"), 0x8000_0008, 0)[1] & 1 << 26).isZero();
  }

  /** SDM vol. 4, "IA32_MISC_ENABLE": limit CPUID maxval, XD bit disable, MONITOR enable. */
  @Test
  void followsMiscEnable() {
    TestMachine m = new TestMachine("intel").long64(0);
    long value = m.unit.readMsr(0x1A0);

    m.unit.writeMsr(0x1A0, value & ~(1L << 18) | 1 << 22 | 1L << 34);

    assertThat(cpuid(m, 0, 0)[0]).isEqualTo(2);
    assertThat(cpuid(m, 1, 0)[2] & 8).isZero();
    assertThat(cpuid(m, 0x8000_0001, 0)[3] & 1 << 20).isZero();
    assertThatThrownBy(() -> m.unit.writeMsr(0xC000_0080, 0xD01)).isInstanceOf(GuestFault.class);
    assertThatThrownBy(() -> m.unit.writeMsr(0x1A0, value ^ 1 << 11))
        .as("read-only")
        .isInstanceOf(GuestFault.class);
  }
}
