// SPDX-License-Identifier: Apache-2.0
package nestor.shell.profile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import nestor.api.command.FileTrouble;
import nestor.api.machine.MachineException;
import nestor.api.machine.Machines;
import nestor.api.profile.Profile;
import nestor.api.profile.ProfileException;
import nestor.api.profile.ProfileLibrary;
import nestor.api.shell.Syntax;
import nestor.api.shell.Table;
import nestor.api.shell.Verb;
import nestor.api.shell.Verbs;
import nestor.api.shell.WordKind;
import nestor.api.shell.Words;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Looking at profiles, and writing down that of a machine. */
@Component
public final class ProfileCommands implements Verbs {
  private final ProfileLibrary library;
  private final Machines machines;

  /** Speaks of the profiles of this library and these machines. */
  @Activate
  public ProfileCommands(@Reference ProfileLibrary library, @Reference Machines machines) {
    this.library = library;
    this.machines = machines;
  }

  @Override
  public List<Verb> verbs() {
    return List.of(
        new Verb(Syntax.of("profiles", "list the shipped profiles").json(), this::profiles),
        new Verb(
            Syntax.of("profile", "show a profile as JSON, includes and settings merged")
                .word("PROFILE", WordKind.PROFILE, "a shipped profile, or the path of a file")
                .repeated("PATH=VALUE", WordKind.TEXT, "settings that change it")
                .json()
                .example("profile linux cpus=4"),
            this::profile),
        new Verb(
            Syntax.of("save-profile", "write the profile of a machine to a file, to be used again")
                .machine()
                .word("FILE", WordKind.TEXT, "where to")
                .example("save-profile m0 mine.json"),
            this::save));
  }

  private String profiles(Words words) throws ProfileException {
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
    return table.print(words.isJson());
  }

  /** A profile is JSON anyway. */
  private String profile(Words words) throws ProfileException {
    String name = words.text("PROFILE");
    boolean isPath = name.contains("/") || name.endsWith(".json");
    return library
        .resolve(isPath ? words.path("PROFILE").toString() : name, words.all("PATH=VALUE"))
        .text();
  }

  private String save(Words words) throws MachineException {
    Path file = words.path("FILE");
    String text = words.machine(machines).profile().text();
    try {
      Files.writeString(file, text + "\n");
    } catch (IOException e) {
      throw new MachineException(file + ": cannot be written: " + FileTrouble.reason(e), e);
    }
    return "written to " + file;
  }
}
