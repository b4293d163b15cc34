// SPDX-License-Identifier: Apache-2.0
package nestor.itests.guests;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Debian's KVM, unmodified, runs Debian's kernel as L2 on either vendor's terms. */
class NestedIT {
  private static final Duration LIMIT = Duration.ofMinutes(15);

  /** What a kernel that finds no firmware says beside what is listed for all. */
  private static final List<String> COMPLAINTS =
      List.of("BIOS Error", "PCI: Fatal", "i8042:", "Unhandled", "no hardware support");

  @BeforeAll
  static void fetch() throws Exception {
    Nestor.Result result = Nestor.run(LIMIT, "guests", "fetch", "nested");
    assertThat(result.code()).describedAs(result.output()).isZero();
  }

  private static String run(String... words) throws Exception {
    List<String> all = new ArrayList<>(List.of("run", "--timeout", "600"));
    all.addAll(1, List.of(words));
    Nestor.Result result = Nestor.run(LIMIT, all.toArray(String[]::new));

    assertThat(result.code()).describedAs(result.output()).isZero();
    assertThat(result.output().lines())
        .noneMatch(line -> LinuxIT.COMPLAINTS.stream().anyMatch(line::contains))
        .noneMatch(line -> COMPLAINTS.stream().anyMatch(line::contains))
        .anyMatch(line -> line.contains("NESTED L2 ended with 0"));
    return result.output();
  }

  @ParameterizedTest
  @ValueSource(strings = {"nested-intel", "nested-amd"})
  void l2RunsTheKernelsAndBothLevelsPowerOff(String profile) throws Exception {
    assertThat(run(profile)).contains("BENCHDONE");
  }

  @ParameterizedTest
  @ValueSource(strings = {"nested-intel", "nested-amd"})
  void bothLevelsHaveTwoCpus(String profile) throws Exception {
    assertThat(run(profile, "--cpus", "2", "--script", "echo L2 has $(nproc)"))
        .contains(", 2 vCPUs", "L2 has 2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"nested-intel-qemu", "nested-amd-qemu"})
  void debiansQemuIsTheVmm(String profile) throws Exception {
    assertThat(run(profile))
        .contains("NESTED VMM qemu", "SeaBIOS (version", "BENCHDONE", "reboot: Power down");
  }

  @Tag("long")
  @ParameterizedTest
  @CsvSource({"nested-intel-qemu, kvm_intel.ept=0", "nested-amd-qemu, kvm_amd.npt=0"})
  void debiansQemuIsTheVmmOfTwoCpusOnShadowPaging(String profile, String option) throws Exception {
    String log = run(profile, "--cpus", "2", "--append", "console=ttyS0 quiet " + option);

    assertThat(log).contains("NESTED VMM qemu", ", 2 vCPUs", "BENCHDONE");
  }

  @Tag("long")
  @ParameterizedTest
  @CsvSource({"nested-intel, kvm_intel", "nested-amd, kvm_amd"})
  void kvmInsideL2RunsATinyL3(String profile, String module) throws Exception {
    String script =
        "modprobe " + module + "; for k in cpuid out npf vmcall; do minivmm micro $k 20; done";
    String log = run(profile, "--append", "console=ttyS0 quiet nestor.l3=yes", "--script", script);

    for (String kind : List.of("cpuid", "out", "npf", "vmcall")) {
      assertThat(log).containsPattern("E micro-" + kind + " 0 20 .*guest asked to end");
    }
  }

  @Test
  void kvmOnIntelFindsWhatTheProcessorHas() throws Exception {
    String log = run("nested-intel", "--script", "uname -a");

    assertThat(log)
        .contains(
            "NESTED ept=Y",
            "NESTED vpid=Y",
            "NESTED unrestricted_guest=Y",
            "NESTED preemption_timer=Y",
            "NESTED enable_shadow_vmcs=Y",
            "NESTED pml=Y");
    assertThat(flags(log))
        .contains("ept", "vpid", "unrestricted_guest", "preemption_timer", "shadow_vmcs", "vnmi");
  }

  @Test
  void kvmOnAmdFindsWhatTheProcessorHas() throws Exception {
    String log = run("nested-amd", "--script", "uname -a");

    assertThat(log).contains("NESTED npt=Y", "NESTED nrips=1", "NESTED vgif=1");
    assertThat(flags(log)).contains("npt", "nrip_save", "decodeassists", "vgif", "vmcb_clean");
  }

  private static List<String> flags(String log) {
    return log.lines()
        .filter(line -> line.startsWith("NESTED flags:"))
        .flatMap(line -> Arrays.stream(line.split("[: ]+")))
        .toList();
  }

  @Tag("long")
  @ParameterizedTest
  @CsvSource({"nested-intel, kvm_intel.ept=0", "nested-amd, kvm_amd.npt=0"})
  void l2RunsOnShadowPaging(String profile, String option) throws Exception {
    String log =
        run(
            profile,
            "--cpus",
            "2",
            "--append",
            "console=ttyS0 quiet " + option,
            "--script",
            "echo L2 has $(nproc)");

    assertThat(log).contains("L2 has 2", "NESTED " + option.replaceAll(".*[.](.*)0", "$1N"));
  }
}
