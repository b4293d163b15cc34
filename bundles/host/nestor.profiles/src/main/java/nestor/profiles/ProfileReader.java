// SPDX-License-Identifier: Apache-2.0
package nestor.profiles;

import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import nestor.api.boot.BootData;
import nestor.api.boot.BootKind;
import nestor.api.boot.BootModule;
import nestor.api.boot.MemoryLayout;
import nestor.api.json.JsonException;
import nestor.api.json.JsonPosition;
import nestor.api.json.JsonValue;
import nestor.api.profile.BootSettings;
import nestor.api.profile.ClockSettings;
import nestor.api.profile.CpuSettings;
import nestor.api.profile.DeviceSettings;
import nestor.api.profile.DeviceType;
import nestor.api.profile.Profile;

/** Checks a merged profile and makes it into values. */
final class ProfileReader {
  private static final List<String> KEYS =
      List.of(
          "name",
          "description",
          "include",
          "cpus",
          "execution",
          "memory",
          "cpu",
          "engine",
          "clock",
          "seed",
          "devices",
          "boot",
          "consoles");
  private static final List<String> CONSOLES = List.of("terminal", "ring", "file:PATH", "tcp:PORT");
  private static final int MOST_CPUS = 255;
  private static final long MOST_MEMORY = 1L << 40;
  private static final long LEAST_HERTZ = 1_000_000;
  private static final long MOST_HERTZ = 100_000_000_000L;

  /** What a profile says that says nothing: 1 GHz, so that an instruction is a nanosecond. */
  private static final long HERTZ = 1_000_000_000;

  private static final String MEMORY = "128M";
  private static final String MODEL = "intel";
  private static final String ENGINE = Profile.BEST_ENGINE;
  private static final String RTC_START = "2026-01-01";
  private static final String HOST = "host";
  private static final long SEED = 1;

  private final String name;
  private final JsonValue.JsonObject object;
  private final Members members;
  private final DeviceReader deviceReader;

  ProfileReader(String name, JsonValue.JsonObject object, Collection<DeviceType> types) {
    this.name = name;
    this.object = object;
    members = new Members(object, "the profile", KEYS);
    deviceReader = new DeviceReader(types);
    // What a text includes is merged by now, so this one came from the command line.
    members
        .get("include")
        .ifPresent(
            value -> {
              throw new JsonException(value.at(), "include can only stand in a file");
            });
  }

  Profile read() {
    long memory = memory();
    List<DeviceSettings> devices = devices(memory);
    Profile.Execution execution =
        members
            .word("execution", List.of(Profile.Execution.values()))
            .orElse(Profile.Execution.TURNS);
    return new Profile(
        members.text("name").orElse(name),
        members.text("description").orElse(""),
        (int) members.whole("cpus", 1, MOST_CPUS).orElse(1),
        execution,
        memory,
        cpu(),
        members.text("engine").orElse(ENGINE),
        clock(execution),
        members.whole("seed", Long.MIN_VALUE, Long.MAX_VALUE).orElse(SEED),
        devices,
        members.get("boot").map(ProfileReader::boot),
        consoles(devices),
        PrettyJson.write(object));
  }

  private long memory() {
    JsonValue value = members.get("memory").orElse(new JsonValue.JsonText(members.at(), MEMORY));
    long bytes = Quantities.size(value, "memory");
    if (bytes < 1 << 20 || bytes > MOST_MEMORY || (bytes & 0xFFF) != 0) {
      throw Members.wrong(value, "memory must be whole pages of 4K, from 1M to 1024G");
    }
    return bytes;
  }

  private CpuSettings cpu() {
    Optional<JsonValue> value = members.get("cpu");
    if (value.isEmpty()) {
      return new CpuSettings(MODEL, List.of(), List.of());
    }
    Members cpu = new Members(value.get(), "cpu", List.of("model", "add", "remove"));
    return new CpuSettings(cpu.text("model").orElse(MODEL), cpu.texts("add"), cpu.texts("remove"));
  }

  /** With vCPUs in parallel time is the host's, whatever the instructions. */
  private ClockSettings clock(Profile.Execution execution) {
    JsonValue value = members.get("clock").orElse(new JsonValue.JsonObject(members.at(), Map.of()));
    Members clock = new Members(value, "clock", List.of("hz", "rtc", "mode"));
    JsonValue rtc = clock.get("rtc").orElse(new JsonValue.JsonText(value.at(), RTC_START));
    boolean parallel = execution == Profile.Execution.PARALLEL;
    ClockSettings.Mode mode =
        clock
            .word("mode", List.of(ClockSettings.Mode.values()))
            .orElse(parallel ? ClockSettings.Mode.REALTIME : ClockSettings.Mode.DETERMINISTIC);
    if (parallel && mode == ClockSettings.Mode.DETERMINISTIC) {
      throw Members.wrong(value, "clock mode must be realtime where execution is parallel");
    }
    return new ClockSettings(
        clock.whole("hz", LEAST_HERTZ, MOST_HERTZ).orElse(HERTZ), rtcStart(rtc), mode);
  }

  private static OptionalLong rtcStart(JsonValue value) {
    String text = Members.text(value, "rtc");
    if (text.equals(HOST)) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(
          text.contains("T")
              ? Instant.parse(text).getEpochSecond()
              : LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toEpochSecond());
    } catch (DateTimeException e) {
      throw Members.wrong(
          value, "rtc must be \"host\", a date or a time such as \"2026-01-31T12:00:00Z\"");
    }
  }

  private List<DeviceSettings> devices(long memory) {
    Optional<JsonValue> value = members.get("devices");
    if (value.isEmpty()) {
      return List.of();
    }
    if (!(value.get() instanceof JsonValue.JsonObject list)) {
      throw Members.wrong(value.get(), "devices must be an object with a device for each name");
    }
    List<DeviceSettings> devices = new ArrayList<>();
    Map<String, JsonPosition> places = new LinkedHashMap<>();
    list.members()
        .forEach(
            (device, settings) -> {
              devices.add(deviceReader.read(device, settings));
              places.put(device, settings.at());
            });
    new Clashes(device -> places.get(device.name())).check(devices, MemoryLayout.pc(memory));
    return devices;
  }

  private static BootSettings boot(JsonValue value) {
    Members boot =
        new Members(
            value,
            "boot",
            List.of("guest", "kernel", "initrd", "modules", "append", "kind", "address", "env"));
    OptionalLong address = boot.whole("address", 0, 0xFFFF_FFFFL);
    return new BootSettings(
        boot.text("guest"),
        boot.get("kernel").map(v -> path(v, "kernel")),
        modules(boot),
        boot.text("append").orElse(""),
        boot.word("kind", List.of(BootKind.values())),
        address,
        boot.get("env").map(ProfileReader::environment).orElse(Map.of()));
  }

  private static List<BootModule> modules(Members boot) {
    List<BootModule> modules = new ArrayList<>();
    boot.get("initrd").ifPresent(v -> modules.add(new BootModule(BootData.of(path(v, "initrd")))));
    Optional<JsonValue> list = boot.get("modules");
    if (list.isEmpty()) {
      return modules;
    }
    if (!(list.get() instanceof JsonValue.JsonArray array)) {
      throw Members.wrong(list.get(), "modules must be an array of paths");
    }
    for (JsonValue item : array.items()) {
      if (item instanceof JsonValue.JsonObject) {
        Members module = new Members(item, "a module", List.of("file", "append"));
        JsonValue file =
            module
                .get("file")
                .orElseThrow(() -> new JsonException(item.at(), "a module must have a file"));
        modules.add(
            new BootModule(BootData.of(path(file, "file")), module.text("append").orElse("")));
      } else {
        modules.add(new BootModule(BootData.of(path(item, "each item of modules"))));
      }
    }
    return modules;
  }

  private static Path path(JsonValue value, String key) {
    String text = Members.text(value, key);
    if (text.isEmpty()) {
      throw Members.wrong(value, key + " must be the path of a file");
    }
    return Path.of(text).toAbsolutePath();
  }

  private static Map<String, String> environment(JsonValue value) {
    if (!(value instanceof JsonValue.JsonObject pairs)) {
      throw Members.wrong(value, "env must be an object with a string for each name");
    }
    Map<String, String> environment = new LinkedHashMap<>();
    pairs
        .members()
        .forEach(
            (key, text) -> {
              if (!key.matches("[A-Za-z_][A-Za-z0-9_]*")) {
                throw new JsonException(
                    text.at(), "a name in env must be letters, digits and _, not \"" + key + "\"");
              }
              environment.put(key, Members.text(text, "env." + key));
            });
    return environment;
  }

  private Map<String, Profile.Console> consoles(List<DeviceSettings> devices) {
    Optional<JsonValue> value = members.get("consoles");
    if (value.isEmpty()) {
      return Map.of();
    }
    List<String> names = devices.stream().map(DeviceSettings::name).toList();
    Members list = new Members(value.get(), "consoles, which name devices", names);
    Map<String, Profile.Console> consoles = new LinkedHashMap<>();
    String terminal = null;
    for (String device : names) {
      Optional<JsonValue> end = list.get(device);
      if (end.isEmpty()) {
        continue;
      }
      Profile.Console console = console(device, end.get());
      if (console.kind() == Profile.Console.Kind.TERMINAL) {
        if (terminal != null) {
          throw new JsonException(
              end.get().at(),
              "the terminal can show one device, \"%s\" or \"%s\"; use \"ring\" for the other"
                  .formatted(terminal, device));
        }
        terminal = device;
      }
      consoles.put(device, console);
    }
    return consoles;
  }

  private static Profile.Console console(String device, JsonValue value) {
    String text = Members.text(value, "console of " + device);
    int colon = text.indexOf(':');
    String kind = colon < 0 ? text : text.substring(0, colon);
    String target = colon < 0 ? "" : text.substring(colon + 1);
    switch (kind + (colon < 0 ? "" : ":")) {
      case "terminal" -> {
        return new Profile.Console(Profile.Console.Kind.TERMINAL, "");
      }
      case "ring" -> {
        return new Profile.Console(Profile.Console.Kind.RING, "");
      }
      case "file:" -> {
        if (!target.isEmpty()) {
          String path = Path.of(target).toAbsolutePath().toString();
          return new Profile.Console(Profile.Console.Kind.FILE, path);
        }
      }
      case "tcp:" -> {
        if (target.matches("[0-9]{1,5}") && Integer.parseInt(target) <= 0xFFFF) {
          return new Profile.Console(Profile.Console.Kind.TCP, target);
        }
      }
      default -> {}
    }
    throw new JsonException(value.at(), Members.unknown("console", text, "of " + device, CONSOLES));
  }

  /** {@return a device read on its own, checked against those of a profile} */
  static DeviceSettings extra(
      Profile profile, String device, JsonValue settings, Collection<DeviceType> types) {
    if (profile.devices().stream().anyMatch(d -> d.name().equals(device))) {
      throw new JsonException(
          settings.at(),
          "the machine has a device \"" + device + "\" already; choose another name");
    }
    DeviceSettings added = new DeviceReader(types).read(device, settings);
    List<DeviceSettings> all = new ArrayList<>(profile.devices());
    all.add(added);
    new Clashes(_ -> settings.at()).check(all, MemoryLayout.pc(profile.memoryBytes()));
    return added;
  }
}
