// SPDX-License-Identifier: Apache-2.0
package nestor.profiles;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import nestor.api.boot.BootData;
import nestor.api.boot.BootKind;
import nestor.api.boot.BootModule;
import nestor.api.profile.BootSettings;
import nestor.api.profile.ClockSettings;
import nestor.api.profile.DeviceConfiguration;
import nestor.api.profile.DeviceSettings;
import nestor.api.profile.Profile;
import nestor.api.profile.Profile.Console;
import nestor.api.profile.ProfileException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProfilesTest {
  @TempDir Path folder;

  private final JsonProfiles profiles = new JsonProfiles(new FakeCatalog());

  @Test
  void listsExactlyTheShippedProfiles() throws Exception {
    Path shipped = Path.of(ProfileText.class.getResource("tiny.json").toURI()).getParent();
    try (Stream<Path> files = Files.list(shipped)) {
      assertThat(
              files
                  .map(f -> f.getFileName().toString())
                  .filter(f -> f.endsWith(".json"))
                  .map(f -> f.replace(".json", ""))
                  .sorted())
          .containsExactlyElementsOf(profiles.names());
    }
  }

  @Test
  void resolvesEveryShippedProfile() throws ProfileException {
    Profile tiny = profiles.resolve("tiny", List.of());
    Profile linux = profiles.resolve("linux", List.of());
    Profile pc = profiles.resolve("pc", List.of());

    assertThat(tiny.memoryBytes()).isEqualTo(16 << 20);
    assertThat(tiny.devices()).extracting(DeviceSettings::name).containsExactly("serial0", "exit");
    assertThat(linux.boot().orElseThrow().guest()).contains("linux-cloud");
    assertThat(pc.boot()).isEmpty();
    assertThat(pc.description()).startsWith("Everything");
    assertThat(pc.devices()).hasSize(17).containsAll(linux.devices());
    assertThat(pc.consoles().get("serial0")).isEqualTo(new Console(Console.Kind.TERMINAL, ""));
    assertThat(pc.consoles().get("serial1")).isEqualTo(new Console(Console.Kind.RING, ""));
  }

  @Test
  void readsEveryKey() throws Exception {
    Path file =
        write(
            "my.json",
            """
            {
              "description": "mine",
              "cpus": 4,
              "memory": "2G",
              "cpu": {"model": "amd", "add": ["avx2"], "remove": ["sse4a", "svm"]},
              "engine": "host",
              "clock": {"hz": 2000000000, "rtc": "2030-01-02T03:04:05Z", "mode": "realtime"},
              "seed": "0xFF",
              "devices": {
                "serial0": {
                  "type": "nestor.device.uart16550",
                  "ports": "0x2F8+8", "irq": 3, "baud": "exact", "fifo": false,
                  "clock": 14745600, "label": ["a", "b"]
                }
              },
              "boot": {
                "kernel": "vmlinuz", "initrd": "sub/initrd", "append": "quiet", "kind": "linux",
                "modules": ["/abs/one", {"file": "two", "append": "text"}],
                "env": {"NR_CPUS": "4"}
              },
              "consoles": {"serial0": "file:out.txt"}
            }
            """);

    Profile profile = profiles.resolve(file.toString(), List.of());

    assertThat(profile.name()).isEqualTo("my");
    assertThat(profile.cpus()).isEqualTo(4);
    assertThat(profile.memoryBytes()).isEqualTo(2L << 30);
    assertThat(profile.cpu().model()).isEqualTo("amd");
    assertThat(profile.cpu().remove()).containsExactly("sse4a", "svm");
    assertThat(profile.engine()).isEqualTo("host");
    assertThat(profile.clock().hertz()).isEqualTo(2_000_000_000);
    assertThat(profile.clock().rtcStart()).hasValue(1_893_553_445);
    assertThat(profile.clock().mode()).isEqualTo(ClockSettings.Mode.REALTIME);
    assertThat(profile.seed()).isEqualTo(255);
    BootSettings boot = profile.boot().orElseThrow();
    assertThat(boot.kernel()).contains(folder.resolve("vmlinuz"));
    assertThat(boot.kind()).contains(BootKind.LINUX);
    assertThat(boot.environment()).containsEntry("NR_CPUS", "4");
    assertThat(boot.modules())
        .containsExactly(
            new BootModule(BootData.of(folder.resolve("sub/initrd"))),
            new BootModule(BootData.of(Path.of("/abs/one"))),
            new BootModule(BootData.of(folder.resolve("two")), "text"));
    assertThat(profile.consoles())
        .containsEntry(
            "serial0", new Console(Console.Kind.FILE, folder.resolve("out.txt").toString()));
    DeviceSettings serial = profile.devices().getFirst();
    assertThat(serial.ports()).containsExactly(new DeviceSettings.Range(0x2F8, 8));
    assertThat(serial.irq()).hasValue(3);
    assertThat(serial.properties())
        .containsEntry("nestor.ports", "0x2F8+8")
        .containsEntry("nestor.irq", 3)
        .containsEntry("baud", "exact")
        .containsEntry("fifo", false)
        .containsEntry("clock", 14_745_600L)
        .containsEntry("label", new String[] {"a", "b"});
  }

  @Test
  void fillsInWhatAProfileDoesNotSay() throws Exception {
    Profile profile = profiles.resolve(write("empty.json", "{}").toString(), List.of());

    assertThat(profile.cpus()).isEqualTo(1);
    assertThat(profile.memoryBytes()).isEqualTo(128 << 20);
    assertThat(profile.engine()).isEqualTo(Profile.BEST_ENGINE);
    assertThat(profile.clock().hertz()).isEqualTo(1_000_000_000);
    assertThat(profile.clock().rtcStart()).hasValue(1_767_225_600);
    assertThat(profile.clock().mode()).isEqualTo(ClockSettings.Mode.DETERMINISTIC);
    assertThat(profile.boot()).isEqualTo(Optional.empty());
  }

  @Test
  void mergesIncludesDeeplyAndReplacesArrays() throws Exception {
    write("base.json", "{\"cpu\": {\"model\": \"amd\", \"add\": [\"a\", \"b\"]}, \"cpus\": 2}");
    Path file =
        write(
            "top.json",
            """
            {"include": ["tiny", "base.json"],
             "cpu": {"add": ["c"]},
             "devices": {"exit": null, "serial0": {"irq": 7},
                         "clock": {"type": "rtc"}}}
            """);

    Profile profile = profiles.resolve(file.toString(), List.of());

    assertThat(profile.cpu().model()).isEqualTo("amd");
    assertThat(profile.cpu().add()).containsExactly("c");
    assertThat(profile.cpus()).isEqualTo(2);
    assertThat(profile.memoryBytes()).isEqualTo(16 << 20);
    assertThat(profile.description()).isEmpty();
    assertThat(profile.devices())
        .extracting(DeviceSettings::name)
        .containsExactly("serial0", "clock");
    assertThat(profile.devices().getFirst().irq()).hasValue(7);
  }

  @Test
  void doesNotInheritParametersOfAnotherType() throws Exception {
    write("base.json", "{\"devices\": {\"x\": {\"type\": \"uart16550\", \"baud\": \"exact\"}}}");
    Path file =
        write(
            "top.json", "{\"include\": \"base.json\", \"devices\": {\"x\": {\"type\": \"rtc\"}}}");

    Profile profile = profiles.resolve(file.toString(), List.of());

    assertThat(profile.devices().getFirst().properties()).isEmpty();
  }

  @Test
  void appliesOverridesLast() throws ProfileException {
    Profile profile =
        profiles.resolve(
            "tiny",
            List.of(
                "cpus=3",
                "memory=32M",
                "devices.serial0.baud=exact",
                "devices.serial0.nestor.irq=5",
                "devices.log={\"type\": \"debugcon\"}",
                "devices.exit=null",
                "boot.append=1",
                "consoles.log=tcp:4000",
                "cpu.add=[\"avx\"]"));

    assertThat(profile.cpus()).isEqualTo(3);
    assertThat(profile.memoryBytes()).isEqualTo(32 << 20);
    assertThat(profile.cpu().add()).containsExactly("avx");
    assertThat(profile.devices())
        .extracting(DeviceSettings::name)
        .containsExactly("serial0", "log");
    assertThat(profile.devices().getFirst().properties())
        .isEqualTo(Map.of("baud", "exact", "nestor.irq", 5));
    assertThat(profile.boot().orElseThrow().append()).isEqualTo("1");
    assertThat(profile.consoles()).containsEntry("log", new Console(Console.Kind.TCP, "4000"));
  }

  @Test
  void givesATextThatMakesTheSameProfileAgain() throws Exception {
    Profile first = profiles.resolve("pc", List.of("boot.kernel=kernel.elf", "seed=9"));

    Profile again = profiles.resolve(write("pc.json", first.text()).toString(), List.of());

    assertThat(first.text()).contains("\"seed\": 9");
    assertThat(again).isEqualTo(first);
  }

  @Test
  void makesOneConfigurationADevice() throws ProfileException {
    Profile pc = profiles.resolve("pc", List.of());

    List<DeviceConfiguration> configurations = profiles.configurations(pc, "m0");

    assertThat(configurations).hasSize(pc.devices().size());
    assertThat(configurations)
        .contains(
            new DeviceConfiguration(
                "nestor.device.uart16550",
                "serial1",
                Map.of(
                    "nestor.machine", "m0",
                    "nestor.device", "serial1",
                    "nestor.ports", "0x2F8+8",
                    "nestor.irq", 3)));
  }

  @Test
  void checksADeviceThatIsAddedLater() throws ProfileException {
    Profile tiny = profiles.resolve("tiny", List.of());

    DeviceConfiguration clock = profiles.extra(tiny, "m0", "clock", "{\"type\": \"rtc\"}");

    assertThat(clock.factoryPid()).isEqualTo("nestor.device.rtc");
    assertThatThrownBy(() -> profiles.extra(tiny, "m0", "more", "{\"type\": \"uart16550\"}"))
        .isInstanceOf(ProfileException.class)
        .hasMessageContaining("0x3F8-0x3FF of device \"more\" clash with 0x3F8-0x3FF")
        .hasMessageContaining("\"serial0\"");
    assertThatThrownBy(() -> profiles.extra(tiny, "m0", "exit", "{\"type\": \"rtc\"}"))
        .hasMessageContaining("has a device \"exit\" already");
  }

  private Path write(String name, String text) throws Exception {
    return Files.writeString(folder.resolve(name), text);
  }
}
