// SPDX-License-Identifier: Apache-2.0
package nestor.guests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A configuration of apt that keeps all of its state in one folder (apt.conf(5)).
 *
 * <p>It is read after the system's, whose proxies and keys therefore stay in force. The packages
 * are those of amd64 whatever this machine is.
 */
final class AptConfiguration {
  private static final String TEXT =
      """
      // The system's hooks are about the system's state, which is not touched here.
      #clear APT::Update::Pre-Invoke;
      #clear APT::Update::Post-Invoke;
      #clear APT::Update::Post-Invoke-Success;
      #clear Acquire::IndexTargets;
      Acquire::IndexTargets::deb::Packages {
        MetaKey "$(COMPONENT)/binary-$(ARCHITECTURE)/Packages";
        flatMetaKey "Packages";
        ShortDescription "Packages";
        Description "$(RELEASE)/$(COMPONENT) $(ARCHITECTURE) Packages";
        flatDescription "$(RELEASE) Packages";
        Optional "0";
      };
      Acquire::Languages "none";
      Acquire::PDiffs "false";
      Acquire::Retries "2";
      APT::Architecture "amd64";
      #clear APT::Architectures;
      APT::Architectures { "amd64"; };
      APT::Sandbox::User "";
      APT::Color "false";
      Dir::Etc::sourcelist "@/empty.list";
      Dir::Etc::sourceparts "@/sources";
      Dir::Etc::preferences "@/no-preferences";
      Dir::Etc::preferencesparts "@/no-preferences.d";
      Dir::State "@";
      Dir::State::lists "@/lists";
      Dir::State::status "@/status";
      Dir::State::extended_states "@/extended_states";
      Dir::Cache "@";
      Dir::Cache::archives "@/archives";
      Dir::Cache::pkgcache "@/pkgcache.bin";
      Dir::Cache::srcpkgcache "@/srcpkgcache.bin";
      Dir::Log "@/log";
      """;

  private final Path folder;

  AptConfiguration(Path folder) {
    this.folder = folder;
  }

  Path file() {
    return folder.resolve("apt.conf");
  }

  Path lists() {
    return folder.resolve("lists");
  }

  void write(AptSources sources) throws IOException {
    Files.createDirectories(lists().resolve("partial"));
    Files.createDirectories(folder.resolve("archives/partial"));
    Path parts = Files.createDirectories(folder.resolve("sources"));
    writeEntries(parts.resolve("debian.list"), sources.oneLine(), "\n");
    writeEntries(parts.resolve("debian.sources"), sources.stanzas(), "\n\n");
    Files.writeString(folder.resolve("status"), "");
    Files.writeString(folder.resolve("empty.list"), "");
    Files.writeString(file(), TEXT.replace("@", folder.toString()));
  }

  private static void writeEntries(Path file, List<String> entries, String separator)
      throws IOException {
    if (entries.isEmpty()) {
      Files.deleteIfExists(file);
    } else {
      Files.writeString(file, String.join(separator, entries) + "\n");
    }
  }
}
