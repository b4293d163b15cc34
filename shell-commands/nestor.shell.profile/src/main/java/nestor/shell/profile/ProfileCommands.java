// SPDX-License-Identifier: Apache-2.0
package nestor.shell.profile;

import java.util.List;
import nestor.api.profile.Profile;
import nestor.api.profile.ProfileException;
import nestor.api.profile.ProfileLibrary;
import nestor.api.shell.Table;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Looking at profiles. */
@Component(
    service = ProfileCommands.class,
    property = {
      "osgi.command.scope=nestor",
      "osgi.command.function=profiles",
      "osgi.command.function=profile"
    })
public final class ProfileCommands {
  private final ProfileLibrary library;

  /** Speaks of the profiles of this library. */
  @Activate
  public ProfileCommands(@Reference ProfileLibrary library) {
    this.library = library;
  }

  /** Lists the shipped profiles. */
  @Descriptor("list the shipped profiles")
  public String profiles(
      @Descriptor("print JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json)
      throws ProfileException {
    Table table = new Table("Name", "CPUs", "MiB", "Devices", "Description");
    for (String name : library.names()) {
      Profile profile = library.resolve(name, List.of());
      table.row(
          name,
          profile.cpus(),
          profile.memoryBytes() >> 20,
          profile.devices().size(),
          profile.description());
    }
    return table.print(json);
  }

  /** Shows a profile. */
  @Descriptor("show a profile as JSON, includes and settings merged")
  public String profile(
      @Descriptor("name of a shipped profile, or path of a file") String nameOrPath,
      @Descriptor("settings PATH=VALUE") String... settings)
      throws ProfileException {
    return library.resolve(nameOrPath, List.of(settings)).text() + "\n";
  }
}
