// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.Set;
import nestor.isa.Isa;
import nestor.vcpu.State;
import org.junit.jupiter.api.Test;

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
                if (!name.equals("-") && !FeatureTable.places().containsKey(name)) {
                  unknown.add(name);
                }
              }
            });

    assertThat(unknown).isEmpty();
  }

  @Test
  void noTwoFeaturesShareABit() {
    Set<String> places = new HashSet<>();
    for (FeatureTable.Place p : FeatureTable.places().values()) {
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
}
