// SPDX-License-Identifier: Apache-2.0
package nestor.itests.framework;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import nestor.api.profile.DeviceCatalog;
import nestor.api.profile.DeviceSettings;
import nestor.api.profile.DeviceSettings.Range;
import nestor.api.profile.DeviceType;
import nestor.api.profile.Profile;
import nestor.api.profile.ProfileException;
import nestor.api.profile.ProfileLibrary;
import nestor.launcher.LaunchOptions;
import nestor.launcher.NestorFramework;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.BundleContext;

/** Profiles checked against what the real device bundles say of themselves. */
class ProfilesIT {
  private static NestorFramework framework;

  @BeforeAll
  static void start() throws Exception {
    framework = NestorFramework.start(LaunchOptions.headless());
  }

  @AfterAll
  static void stop() throws Exception {
    framework.close();
  }

  @Test
  void readsDeviceTypesAndDefaultsFromTheBundles() {
    List<DeviceType> types = service(DeviceCatalog.class).types();

    assertThat(types).extracting(DeviceType::word).contains("pic", "pit", "rtc", "acpipm", "reset");
    assertThat(types.stream().filter(t -> t.word().equals("pic")).findFirst())
        .hasValueSatisfying(
            pic ->
                assertThat(String.join(",", pic.attribute("ports").orElseThrow().defaults()))
                    .isEqualTo("0x20+2,0xA0+2,0x4D0+2"));
  }

  @Test
  void resolvesEveryShippedProfile() throws ProfileException {
    ProfileLibrary profiles = service(ProfileLibrary.class);

    for (String name : profiles.names()) {
      assertThat(profiles.resolve(name, List.of()).devices()).as(name).isNotEmpty();
    }
  }

  @Test
  void checksAProfileAgainstTheRealDefaults(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("my.json");
    Files.writeString(
        file, "{\"devices\": {\"pic\": {\"type\": \"pic\"}, \"clock\": {\"type\": \"rtc\"}}}");
    ProfileLibrary profiles = service(ProfileLibrary.class);

    Profile profile = profiles.resolve(file.toString(), List.of());

    assertThat(profile.devices().getFirst().ports())
        .containsExactly(new Range(0x20, 2), new Range(0xA0, 2), new Range(0x4D0, 2));
    assertThat(profile.devices())
        .extracting(DeviceSettings::pid)
        .containsExactly("nestor.pic", "nestor.device.rtc");
    assertThatThrownBy(
            () -> profiles.resolve(file.toString(), List.of("devices.timer.type=\"pti\"")))
        .isInstanceOf(ProfileException.class)
        .hasMessageContaining("did you mean \"pit\"?");
    assertThatThrownBy(
            () -> profiles.resolve(file.toString(), List.of("devices.clock.ports=0x21+2")))
        .hasMessageContaining("clash with 0x20-0x21 of device \"pic\"");
  }

  private static <T> T service(Class<T> type) {
    BundleContext context = framework.context();
    return context.getService(context.getServiceReference(type));
  }
}
