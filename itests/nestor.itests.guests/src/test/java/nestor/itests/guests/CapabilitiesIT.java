// SPDX-License-Identifier: Apache-2.0
package nestor.itests.guests;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.osgi.framework.Bundle;

/** Machines of hypervisors as bundles make them: without a capability, and of both vendors. */
class CapabilitiesIT {
  private static final String SCRIPT = "uname -a; bench -s 0.2 sieve syscall";

  @BeforeAll
  static void fetch() throws Exception {
    Nestor.Result result = Nestor.run(Duration.ofMinutes(15), "guests", "fetch", "nested");
    assertThat(result.code()).describedAs(result.output()).isZero();
  }

  /** Without EPT KVM has no use for unrestricted guest either, which needs it. */
  @Tag("long")
  @ParameterizedTest
  @CsvSource({
    "nestor.vmx.ept, 'ept ept_ad unrestricted_guest pml', 'ept=N unrestricted_guest=N pml=N'",
    "nestor.vmx.vpid, vpid invvpid, vpid=N",
    "nestor.vmx.shadowing, shadow_vmcs, enable_shadow_vmcs=N"
  })
  void withoutABundleKvmSaysSoAndWorksOn(String bundle, String flags, String parameters)
      throws Exception {
    Bundle leaving = bundle(bundle);
    leaving.stop();
    try (NestedMachine machine = new NestedMachine("m", "nested-intel", SCRIPT)) {
      machine.machine.start();
      machine.finish();

      assertThat(machine.output())
          .contains("Linux (none)", "BENCHDONE", "NESTED L2 ended with 0")
          .contains(Arrays.stream(parameters.split(" ")).map(p -> "NESTED " + p).toList());
      assertThat(flags(machine)).doesNotContain(flags.split(" ")).contains("vnmi");
    } finally {
      leaving.start();
    }
  }

  @Test
  void anIntelMachineAndAnAmdMachineHaveALiveL2AtOnce() throws Exception {
    try (NestedMachine intel = new NestedMachine("intel", "nested-intel", SCRIPT);
        NestedMachine amd = new NestedMachine("amd", "nested-amd", SCRIPT)) {
      // L2 computes in both when both stand still here.
      intel.runUntilPrinted("B sieve 0");
      amd.runUntilPrinted("B sieve 0");
      assertThat(exits(intel)).isPositive();
      assertThat(exits(amd)).isPositive();
      assertThat(intel.machine.virtualization().feature(0)).isEqualTo("VMX");
      assertThat(amd.machine.virtualization().feature(0)).isEqualTo("SVM");

      intel.machine.resume(); // both go on at once
      amd.machine.resume();
      intel.finish();
      amd.finish();

      for (NestedMachine machine : List.of(intel, amd)) {
        assertThat(machine.output()).contains("BENCHDONE", "NESTED L2 ended with 0");
      }
    }
  }

  private static int exits(NestedMachine machine) throws Exception {
    return machine.machine.virtualization().exitCounts(0).size();
  }

  private static Bundle bundle(String name) throws Exception {
    return Arrays.stream(NestedMachine.framework().context().getBundles())
        .filter(bundle -> bundle.getSymbolicName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static List<String> flags(NestedMachine machine) {
    return machine
        .output()
        .lines()
        .filter(line -> line.startsWith("NESTED flags:"))
        .flatMap(line -> Arrays.stream(line.split("[: ]+")))
        .toList();
  }
}
