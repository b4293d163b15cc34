// SPDX-License-Identifier: Apache-2.0
package nestor.itests.framework;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import nestor.api.device.PortDevice;
import nestor.launcher.LaunchOptions;
import nestor.launcher.NestorFramework;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;

/** The tutorial's plug-in, dropped into the hot folder of a running framework. */
class HotFolderIT {
  private static final Path HOME = Path.of(System.getProperty("nestor.home")).toAbsolutePath();
  private static final Path JAR =
      HOME.resolve("examples/nestor.example.dice")
          .resolve(System.getProperty("nestor.built"))
          .resolve("nestor.example.dice-0.1.0-SNAPSHOT.jar");
  private static final String DICE = "(component.name=nestor.example.dice.Dice)";
  private static final long PATIENCE_MILLIS = 20_000;

  @TempDir private Path folder;
  private Path hot;
  private NestorFramework framework;

  @BeforeEach
  void start() throws Exception {
    hot = Files.createDirectory(folder.resolve("hot"));
    framework = NestorFramework.start(LaunchOptions.headless().withHotFolder(hot));
  }

  @AfterEach
  void stop() {
    framework.close();
  }

  @Test
  void aDroppedDeviceServesItsConfigurationUntilOneOfThemGoes() throws Exception {
    assertThat(services()).isEmpty();

    Configuration configuration = configure("die", "0x520+2");
    drop();
    awaitUntil(() -> services().size() == 1);
    ServiceReference<PortDevice> die = services().iterator().next();
    assertThat(die.getProperty("nestor.machine")).isEqualTo("m0");
    assertThat(die.getProperty("nestor.ports")).isEqualTo("0x520+2");

    Configuration second = configure("other die", null);
    awaitUntil(() -> services().size() == 2);
    second.delete();
    awaitUntil(() -> services().size() == 1);

    Files.delete(hot.resolve("dice.jar"));
    awaitUntil(() -> services().isEmpty());
    drop();
    awaitUntil(() -> services().size() == 1);

    configuration.delete();
    awaitUntil(() -> services().isEmpty());
  }

  @Test
  void aNewerJarUnderTheSameNameReplacesTheBundle() throws Exception {
    configure("die", null);
    drop();
    awaitUntil(() -> services().size() == 1);
    PortDevice before = framework.context().getService(services().iterator().next());

    drop();

    awaitUntil(() -> services().size() == 1 && current() != before);
    assertThat(current().getClass()).isNotSameAs(before.getClass());
  }

  private PortDevice current() {
    return services().stream().findFirst().map(r -> framework.context().getService(r)).orElse(null);
  }

  /** Puts the jar into the folder in one step: File Install must not see half of it. */
  private void drop() throws IOException {
    Path whole = Files.copy(JAR, folder.resolve("whole.jar"));
    Path target = hot.resolve("dice.jar");
    if (Files.exists(target)) {
      long later = Files.getLastModifiedTime(target).toMillis() + 2000;
      Files.setLastModifiedTime(whole, FileTime.fromMillis(later));
    }
    Files.move(whole, target, StandardCopyOption.ATOMIC_MOVE);
  }

  private Configuration configure(String name, String ports) throws Exception {
    ConfigurationAdmin admin = framework.await(ConfigurationAdmin.class, null, PATIENCE_MILLIS);
    Configuration configuration = admin.createFactoryConfiguration("nestor.example.dice", "?");
    Map<String, Object> properties = new HashMap<>();
    properties.put("nestor.machine", "m0");
    properties.put("nestor.device", name);
    if (ports != null) {
      properties.put("nestor.ports", ports);
    }
    configuration.update(FrameworkUtil.asDictionary(properties));
    return configuration;
  }

  private Collection<ServiceReference<PortDevice>> services() {
    try {
      return framework.context().getServiceReferences(PortDevice.class, DICE);
    } catch (InvalidSyntaxException e) {
      throw new AssertionError(e);
    }
  }

  private static void awaitUntil(BooleanSupplier condition) throws InterruptedException {
    long giveUp = System.currentTimeMillis() + PATIENCE_MILLIS;
    while (!condition.getAsBoolean()) {
      assertThat(System.currentTimeMillis()).isLessThan(giveUp);
      Thread.sleep(20);
    }
  }
}
