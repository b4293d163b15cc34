// SPDX-License-Identifier: Apache-2.0
package nestor.itests.guests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import nestor.api.machine.Console;
import nestor.api.machine.Ending;
import nestor.api.machine.Machine;
import nestor.api.machine.MachineException;
import nestor.api.machine.MachineSpec;
import nestor.api.machine.Machines;
import nestor.api.profile.ProfileLibrary;
import nestor.api.virt.ControlField;
import nestor.launcher.LaunchOptions;
import nestor.launcher.NestorFramework;

/** A hypervisor's host with a guest, as a machine of a framework in this process. */
final class NestedMachine implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofMinutes(15);
  private static final int CHUNK = 1 << 20;
  private static final long GIGAHERTZ = 1_000_000_000;
  private static final long STEP = 20_000_000;
  private static final long PATIENCE = 60_000_000_000L;

  private static NestorFramework shared;

  final Machine machine;
  private final Machines machines;
  private final ByteArrayOutputStream output = new ByteArrayOutputStream();
  private final Console.Connection connection;

  /**
   * Makes one, switched off.
   *
   * @param script for L2
   * @param settings further settings of the profile
   */
  NestedMachine(String name, String profile, String script, String... settings) throws Exception {
    NestorFramework framework = framework();
    machines = framework.await(Machines.class, null, 20_000);
    ProfileLibrary profiles = framework.await(ProfileLibrary.class, null, 20_000);
    machine =
        machines.create(
            new MachineSpec(
                name,
                profiles.resolve(profile, List.of(settings)),
                Optional.of(script),
                false,
                Optional.empty(),
                Optional.empty()));
    connection = machine.consoles().getFirst().connect(output, true, false);
  }

  /**
   * {@return the framework of this process} There is one, for the bundles of a second would be
   * linked to classes that the first has loaded. It ends with the process.
   */
  static synchronized NestorFramework framework() throws Exception {
    if (shared == null) {
      shared = NestorFramework.start(LaunchOptions.headless());
      shared.await(Machines.class, null, 20_000);
    }
    return shared;
  }

  /** {@return what both levels have printed} */
  String output() {
    return output.toString(StandardCharsets.UTF_8);
  }

  /**
   * Lets it go on until just so much guest time has passed, or to where it jumps to if it is idle
   * then. It must not run already.
   */
  void runUntil(long nanos) throws Exception {
    assertThat(machine.profile().clock().hertz()).as("a tick is a nanosecond").isEqualTo(GIGAHERTZ);
    long left = nanos - machine.nanos();
    if (left > 0) {
      assertThat(machine.advance(left)).as("%s %s", machine.ending(), output()).isTrue();
    }
  }

  /** Lets it go on, 20 ms of guest time at a time, until it has printed something. */
  void runUntilPrinted(String text) throws Exception {
    while (!printed().contains(text)) {
      long now = machine.nanos();
      assertThat(now).as("guest time until %s", text).isLessThan(PATIENCE);
      runUntil(now + STEP);
    }
  }

  /** What the guest has sent so far, while it stands still. */
  private String printed() {
    return new String(machine.consoles().getFirst().recent(), StandardCharsets.UTF_8);
  }

  /** Waits until it has powered itself off, and all that it has printed is there. */
  void finish() throws Exception {
    machine.resume();
    Optional<Ending> ending = machine.await(LIMIT);
    connection.close(); // waits for what is still on its way
    assertThat(ending.map(Ending::kind))
        .as("%s %s", ending, output())
        .contains(Ending.Kind.POWER_OFF);
  }

  /** {@return the fields of the control structure under which the guest runs} */
  List<ControlField> structure() throws Exception {
    return machine.virtualization().fields(0);
  }

  /** {@return all of RAM} */
  byte[] ram() throws Exception {
    byte[] all = new byte[Math.toIntExact(machine.profile().memoryBytes())];
    for (int at = 0; at < all.length; at += CHUNK) {
      byte[] part = machine.read(-1, at, CHUNK);
      System.arraycopy(part, 0, all, at, part.length);
    }
    return all;
  }

  @Override
  public void close() throws MachineException {
    connection.close();
    machines.destroy(machine);
  }
}
