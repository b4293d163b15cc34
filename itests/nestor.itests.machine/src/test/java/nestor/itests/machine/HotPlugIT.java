// SPDX-License-Identifier: Apache-2.0
package nestor.itests.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.jar.JarInputStream;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import nestor.api.machine.Console;
import nestor.api.machine.DeviceView;
import nestor.api.machine.Ending;
import nestor.api.machine.Machine;
import nestor.api.machine.MachineException;
import nestor.api.machine.MachineState;
import nestor.launcher.LaunchOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

/** Parts of a machine come, go and change while its guest runs. */
class HotPlugIT {
  private static final String BUILT = System.getProperty("nestor.built");
  private static final Path DICE =
      Nestor.HOME
          .resolve("examples/nestor.example.dice")
          .resolve(BUILT)
          .resolve("nestor.example.dice-0.1.0-SNAPSHOT.jar");
  private static final String UART = "nestor.device.uart16550";
  private static final int LAST = 100_000;
  private static final long PATIENCE_MILLIS = 60_000;

  @TempDir private Path folder;
  private Path hot;
  private Nestor nestor;

  @BeforeEach
  void start() throws Exception {
    hot = Files.createDirectory(folder.resolve("hot"));
    nestor = new Nestor(LaunchOptions.headless().withHotFolder(hot), folder);
  }

  @AfterEach
  void stop() {
    nestor.close();
  }

  /** What a guest says, for a test that waits for it. */
  private static final class Heard extends ByteArrayOutputStream {
    @Override
    public synchronized void write(byte[] bytes, int offset, int length) {
      super.write(bytes, offset, length);
      notifyAll();
    }

    /** {@return all that was said, once it holds this text after the given place} */
    synchronized String await(String text, int from) throws InterruptedException {
      long giveUp = System.currentTimeMillis() + PATIENCE_MILLIS;
      while (said().indexOf(text, from) < 0) {
        long left = giveUp - System.currentTimeMillis();
        assertThat(left).as("waiting for '%s' after: %s", text, tail()).isPositive();
        wait(left);
      }
      return said();
    }

    private String tail() {
      String all = said();
      return all.substring(Math.max(0, all.length() - 200));
    }

    String said() {
      return toString(StandardCharsets.US_ASCII);
    }
  }

  private static Console console(Machine machine) {
    return machine.consoles().stream()
        .filter(c -> c.device().equals("serial0"))
        .findFirst()
        .orElseThrow();
  }

  private static DeviceView device(Machine machine, String name) throws MachineException {
    return machine.devices().stream().filter(d -> d.name().equals(name)).findFirst().orElseThrow();
  }

  /** Puts the jar into the hot folder in one step, newer than the last. */
  private void drop() throws IOException {
    Path whole = Files.copy(DICE, folder.resolve("whole.jar"));
    Path target = hot.resolve("dice.jar");
    if (Files.exists(target)) {
      long later = Files.getLastModifiedTime(target).toMillis() + 2000;
      Files.setLastModifiedTime(whole, FileTime.fromMillis(later));
    }
    Files.move(whole, target, StandardCopyOption.ATOMIC_MOVE);
  }

  private void awaitBundle(String name, boolean there) throws InterruptedException {
    long giveUp = System.currentTimeMillis() + PATIENCE_MILLIS;
    while ((bundle(name) != null) != there) {
      assertThat(System.currentTimeMillis()).as(name).isLessThan(giveUp);
      Thread.sleep(20);
    }
  }

  private Bundle bundle(String name) {
    return Arrays.stream(nestor.framework.context().getBundles())
        .filter(b -> b.getSymbolicName().equals(name) && b.getState() == Bundle.ACTIVE)
        .findFirst()
        .orElse(null);
  }

  @Test
  void aDroppedDeviceAnswersKeepsItsStateThroughAnUpdateAndLeavesItsPortsFloating()
      throws Exception {
    Machine machine = nestor.createUnit("m0", "dice 1312");
    Heard heard = new Heard();
    try (Console.Connection _ = console(machine).connect(heard, true, false)) {
      machine.start();
      heard.await("value 255\n", 0); // nobody there: all ones

      drop();
      awaitBundle("nestor.example.dice", true);
      machine.plug("die", "{\"type\": \"nestor.example.dice\", \"ports\": \"0x520+2\"}");
      heard.await("value 3\n", heard.said().length());
      assertThat(device(machine, "die").status()).isEqualTo("present");

      Object before = bundle("nestor.example.dice").getLastModified();
      String version = device(machine, "die").bundle();
      drop(); // a newer jar of the same name: an update in place
      awaitUpdate(before);
      awaitPresent(machine, "die");
      assertThat(device(machine, "die").bundle()).isEqualTo(version);
      int here = heard.said().length();
      heard.await("value ", here);

      int place = heard.said().length();
      machine.unplug("die");
      heard.await("value 255\nvalue 255\n", place);
    }
    assertThat(throwsCountUp(heard.said())).as(heard.said()).isTrue();
    assertThat(machine.devices()).extracting(DeviceView::name).doesNotContain("die");
    assertThat(machine.state()).isEqualTo(MachineState.RUNNING);
    assertThat(machine.events().stream().map(e -> e.text()))
        .anyMatch(text -> text.equals("die came back"))
        .anyMatch(text -> text.equals("die was unplugged"));
  }

  private void awaitUpdate(Object before) throws InterruptedException {
    long giveUp = System.currentTimeMillis() + PATIENCE_MILLIS;
    Bundle dice = bundle("nestor.example.dice");
    while (dice == null || before.equals(dice.getLastModified())) {
      assertThat(System.currentTimeMillis()).isLessThan(giveUp);
      Thread.sleep(20);
      dice = bundle("nestor.example.dice");
    }
  }

  /** The machine's thread sees at its next turn that a device is gone. */
  private static void awaitAwaiting(Machine machine) throws Exception {
    long giveUp = System.currentTimeMillis() + PATIENCE_MILLIS;
    while (machine.state() != MachineState.AWAITING_DEVICE) {
      assertThat(System.currentTimeMillis()).isLessThan(giveUp);
      Thread.sleep(1);
    }
  }

  private static void awaitPresent(Machine machine, String name) throws Exception {
    long giveUp = System.currentTimeMillis() + PATIENCE_MILLIS;
    while (!device(machine, name).status().equals("present")) {
      assertThat(System.currentTimeMillis()).isLessThan(giveUp);
      Thread.sleep(10);
    }
  }

  /** Whether the numbers that are not 255 go 1, 2, 3 and on without a gap or a new start. */
  private static boolean throwsCountUp(String said) {
    List<Integer> counts =
        said.lines()
            .filter(line -> line.startsWith("value "))
            .map(line -> Integer.parseInt(line.substring("value ".length())))
            .toList();
    int first = counts.indexOf(1);
    int last = counts.lastIndexOf(255);
    while (last > 0 && counts.get(last - 1) == 255) {
      last--;
    }
    List<Integer> middle = counts.subList(first, last);
    List<Integer> expected = // the die counts in a byte
        IntStream.rangeClosed(1, middle.size()).map(n -> n & 0xFF).boxed().toList();
    return first > 0 && middle.size() > 3 && middle.equals(expected);
  }

  @Test
  void twentyExchangesOfTheSerialPortLoseAndDoubleNothing() throws Exception {
    Machine machine = nestor.create("m0", "tiny", "boot.guest=count");
    Heard heard = new Heard();
    long longest = 0;
    int taken = 0;
    try (Console.Connection _ = console(machine).connect(heard, true, false)) {
      machine.start();
      for (int swap = 1; swap <= 20; swap++) {
        heard.await("\n" + swap * 4500 + "\n", 0);
        switch (swap % 3) {
          case 0 -> longest = Math.max(longest, machine.swap("serial0", UART).toNanos());
          case 1 -> uart().update(version("0.2." + swap, UART));
          default -> taken += takeOver("0.3." + swap) ? 1 : 0;
        }
        awaitPresent(machine, "serial0");
      }
      assertThat(machine.await(Duration.ofMillis(PATIENCE_MILLIS)))
          .hasValueSatisfying(end -> assertThat(end.kind()).isEqualTo(Ending.Kind.EXIT));
    }

    String expected =
        IntStream.rangeClosed(1, LAST)
            .mapToObj(Integer::toString)
            .collect(Collectors.joining("\n", "Hello from a guest of Nestor. It counts.\n", "\n"));
    assertThat(heard.said().equals(expected)).as("the guest's output is unchanged").isTrue();
    assertThat(taken).as("other versions that took over").isEqualTo(7);
    assertThat(device(machine, "serial0").bundle()).startsWith(UART + " 0.3.20");
    assertThat(Duration.ofNanos(longest)).isLessThan(Duration.ofSeconds(1));
  }

  private Bundle uart() {
    return bundle(UART);
  }

  /** A second bundle of another version is installed beside the first, which then goes. */
  private boolean takeOver(String version) throws Exception {
    Bundle old = uart();
    BundleContext context = nestor.framework.context();
    Bundle coming = context.installBundle("uart-" + version, version(version, UART));
    coming.start();
    old.uninstall();
    return coming.getState() == Bundle.ACTIVE;
  }

  /** {@return the bundle as it was built, with another version} */
  private static InputStream version(String version, String name) throws IOException {
    Path jar =
        Nestor.HOME
            .resolve("bundles/platform")
            .resolve(name)
            .resolve(BUILT)
            .resolve(name + "-0.1.0-SNAPSHOT.jar");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JarInputStream in = new JarInputStream(Files.newInputStream(jar))) {
      Manifest manifest = in.getManifest();
      manifest.getMainAttributes().putValue("Bundle-Version", version);
      try (JarOutputStream out = new JarOutputStream(bytes, manifest)) {
        for (ZipEntry e = in.getNextEntry(); e != null; e = in.getNextEntry()) {
          out.putNextEntry(new ZipEntry(e.getName()));
          in.transferTo(out);
        }
      }
    }
    return new ByteArrayInputStream(bytes.toByteArray());
  }

  @Test
  void whatCannotBeDoneIsRefusedWithItsReasonAndChangesNothing() throws Exception {
    Machine machine = nestor.createUnit("m0", "spin");
    machine.start();
    List<DeviceView> before = machine.devices();

    assertThatThrownBy(() -> machine.swap("serial0", "nestor.device.rtc"))
        .isInstanceOf(MachineException.class)
        .hasMessageContaining("was refused: its state is of the kind rtc, not uart16550");
    assertThatThrownBy(() -> machine.plug("s9", "{\"type\": \"uart16550\"}"))
        .hasMessageContaining("clash with 0x3F8-0x3FF of device \"serial0\"");
    assertThatThrownBy(() -> machine.plug("serial0", "{\"type\": \"debugcon\"}"))
        .hasMessageContaining("there is a device serial0 already");
    assertThatThrownBy(() -> machine.swap("serial9", UART))
        .hasMessageContaining("there is no device serial9");
    assertThatThrownBy(() -> machine.unplug("serial9"))
        .hasMessageContaining("there is no device serial9");
    assertThatThrownBy(() -> machine.plug("die", "{\"type\": \"nestor.example.dice\"}"))
        .hasMessageContaining("unknown device type \"nestor.example.dice\"");
    assertThatThrownBy(
            () ->
                machine.plug(
                    "com", "{\"type\": \"uart16550\", \"ports\": \"0x2E8+8\", \"fifo\": 2}"))
        .hasMessageContaining("unknown key \"fifo\" of device \"com\" (uart16550)");

    assertThat(machine.devices()).isEqualTo(before);
    assertThat(machine.state()).isEqualTo(MachineState.RUNNING);
  }

  @Test
  void aDeviceWhoseBundleStopsIsAwaitedThenItsPortsFloatAndItsStateIsKept() throws Exception {
    Machine machine = nestor.createUnit("m0", "dice 1312");
    Heard heard = new Heard();
    try (Console.Connection _ = console(machine).connect(heard, true, false)) {
      drop();
      awaitBundle("nestor.example.dice", true);
      machine.plug("die", "{\"type\": \"nestor.example.dice\", \"ports\": \"0x520+2\"}");
      machine.start();
      heard.await("value 5\n", 0);
      Bundle dice = bundle("nestor.example.dice");

      dice.stop();
      assertThat(device(machine, "die").status()).isEqualTo("awaited");
      awaitAwaiting(machine);
      heard.await("value 255\n", 0); // the grace time is over
      String until = heard.said();
      dice.start();
      awaitPresent(machine, "die");
      heard.await("value ", heard.said().length() + 10);

      int last = lastCount(until);
      assertThat(heard.said()).contains("value " + (last + 1) + "\n");
      assertThat(heard.said().indexOf("value 1\n"))
          .isEqualTo(heard.said().lastIndexOf("value 1\n"));
    }
  }

  private static int lastCount(String said) {
    return said.lines()
        .map(line -> Integer.parseInt(line.substring("value ".length())))
        .filter(count -> count != 255)
        .reduce((_, b) -> b)
        .orElseThrow();
  }
}
