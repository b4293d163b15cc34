// SPDX-License-Identifier: Apache-2.0
package nestor.profiles;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import nestor.api.json.Json;
import nestor.api.json.JsonException;
import nestor.api.json.JsonValue;
import nestor.api.profile.DeviceCatalog;
import nestor.api.profile.DeviceConfiguration;
import nestor.api.profile.DeviceSettings;
import nestor.api.profile.Profile;
import nestor.api.profile.ProfileException;
import nestor.api.profile.ProfileLibrary;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The profiles shipped in this bundle, and any in files. */
@Component
public final class JsonProfiles implements ProfileLibrary {
  private static final String MACHINE = "nestor.machine";
  private static final String DEVICE = "nestor.device";

  private final DeviceCatalog catalog;

  /** Checks devices against this catalog, as it stands when a profile is resolved. */
  @Activate
  public JsonProfiles(@Reference DeviceCatalog catalog) {
    this.catalog = catalog;
  }

  @Override
  public List<String> names() {
    return ProfileText.SHIPPED;
  }

  @Override
  public Profile resolve(String nameOrPath, List<String> overrides) throws ProfileException {
    return checked(
        () -> {
          ProfileText.Loaded loaded = ProfileText.load(nameOrPath);
          JsonValue.JsonObject object = loaded.object();
          for (String override : overrides) {
            object = JsonMerge.override(object, override);
          }
          return new ProfileReader(loaded.name(), object, catalog.types()).read();
        });
  }

  @Override
  public List<DeviceConfiguration> configurations(Profile profile, String machine) {
    return profile.devices().stream().map(device -> configuration(device, machine)).toList();
  }

  @Override
  public DeviceConfiguration extra(Profile profile, String machine, String device, String settings)
      throws ProfileException {
    return checked(
        () -> {
          JsonValue value = Json.parse(settings, "settings of " + device);
          return configuration(
              ProfileReader.extra(profile, device, value, catalog.types()), machine);
        });
  }

  private static DeviceConfiguration configuration(DeviceSettings device, String machine) {
    Map<String, Object> properties = new TreeMap<>(device.properties());
    properties.put(MACHINE, machine);
    properties.put(DEVICE, device.name());
    return new DeviceConfiguration(device.pid(), device.name(), properties);
  }

  private static <T> T checked(Supplier<T> work) throws ProfileException {
    try {
      return work.get();
    } catch (JsonException e) {
      // An override is one line, so its line and column would say nothing.
      String message = e.getMessage().replaceFirst("^(--set .*?):1:[0-9]+: ", "$1: ");
      throw new ProfileException(message, e);
    }
  }
}
