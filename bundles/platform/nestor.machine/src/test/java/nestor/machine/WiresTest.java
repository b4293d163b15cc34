// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class WiresTest {
  private final Wires wires = new Wires();
  private final List<Boolean> heard = new ArrayList<>();

  @Test
  void aWireIsHighWhileAnyDriverHoldsItSo() {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(3);
    WireDriver[] drivers = {wires.driver("w"), wires.driver("w"), wires.driver("w")};
    boolean[] wanted = new boolean[drivers.length];
    wires.net("w").listen(heard::add);
    boolean before = false;

    for (int i = 0; i < 1000; i++) {
      int n = random.nextInt(drivers.length);
      wanted[n] = random.nextBoolean();
      drivers[n].set(wanted[n]);
      boolean any = wanted[0] || wanted[1] || wanted[2];
      assertThat(wires.net("w").isHigh()).isEqualTo(any);
      assertThat(heard.size()).isEqualTo(any == before ? 0 : 1);
      before = any;
      heard.clear();
    }
  }

  /** ACPI, MADT "Interrupt Source Override": the timer's line 0 is GSI 2, and line 2 is none. */
  @Test
  void legacyLinesLeadToTheirGlobalInterrupts() {
    for (int line = 0; line < 16; line++) {
      WireDriver driver = wires.driver("isa" + line);
      driver.set(true);
      int expected = line == 0 ? 2 : line == 2 ? -1 : line;
      for (int gsi = 0; gsi < 24; gsi++) {
        assertThat(wires.net("gsi" + gsi).isHigh())
            .as("line %d, GSI %d", line, gsi)
            .isEqualTo(gsi == expected);
      }
      driver.set(false);
    }
  }

  @Test
  void anExchangeShowsNoEdgeThatAnUndisturbedDeviceWouldNotMake() {
    WireDriver leaving = wires.driver("w");
    leaving.set(true);
    wires.net("w").listen(heard::add);
    leaving.hold();
    leaving.set(false); // its last breath
    WireDriver coming = wires.driver("w");
    coming.hold();
    coming.set(false);
    coming.set(true);

    coming.raiseHeld();
    leaving.leave();
    coming.release();

    assertThat(heard).isEmpty();
    assertThat(wires.net("w").isHigh()).isTrue();
    coming.set(false);
    assertThat(heard).containsExactly(false);
  }

  @Test
  void whoHasLeftNeitherHearsNorDrives() {
    WireDriver driver = wires.driver("w");
    driver.listen(heard::add);
    driver.set(true);

    driver.leave();
    driver.set(true);

    assertThat(heard).containsExactly(true);
    assertThat(wires.net("w").isHigh()).isFalse();
  }
}
