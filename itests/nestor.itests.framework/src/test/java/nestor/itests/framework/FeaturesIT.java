// SPDX-License-Identifier: Apache-2.0
package nestor.itests.framework;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import nestor.api.command.Command;
import nestor.api.command.CommandException;
import nestor.launcher.LaunchOptions;
import nestor.launcher.NestorFramework;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;

/** The product, started by its own launcher in this process. */
class FeaturesIT {

  @Test
  void everyBundleOfTheFeaturesIsActive(@TempDir Path hot) throws Exception {
    LaunchOptions options = LaunchOptions.headless().with("shell").withHotFolder(hot);

    try (NestorFramework framework = NestorFramework.start(options)) {
      List<String> inactive =
          Arrays.stream(framework.context().getBundles())
              .filter(bundle -> bundle.getState() != Bundle.ACTIVE)
              .map(Bundle::getSymbolicName)
              .toList();

      assertThat(framework.context().getBundles()).hasSizeGreaterThan(10);
      assertThat(inactive)
          .describedAs("all but the one that the shell command starts on a terminal")
          .containsExactly("org.apache.felix.gogo.jline");
    }
  }

  @Test
  void commandsAreFoundByNameAndUnknownWordsGetASuggestion() throws Exception {
    try (NestorFramework framework = NestorFramework.start(LaunchOptions.headless())) {
      assertThat(framework.command("help")).isInstanceOf(Command.class);
      assertThatThrownBy(() -> framework.command("hepl"))
          .isInstanceOf(CommandException.class)
          .hasMessageContaining("did you mean 'help'?")
          .extracting("exitCode")
          .isEqualTo(Command.USAGE);
    }
  }

  @Test
  void stoppingLeavesNothingBehind() throws Exception {
    List<Path> before = temporaryFolders();

    NestorFramework.start(LaunchOptions.headless()).close();

    assertThat(temporaryFolders()).isEqualTo(before);
  }

  @Test
  void aFeatureThatDoesNotExistIsNamed() {
    assertThatThrownBy(() -> NestorFramework.start(LaunchOptions.headless().with("nosuch")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("there is no feature 'nosuch'");
  }

  private static List<Path> temporaryFolders() throws IOException {
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return files.filter(f -> f.getFileName().toString().startsWith("nestor-")).sorted().toList();
    }
  }
}
