// SPDX-License-Identifier: Apache-2.0
package nestor.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import nestor.api.command.Command;
import nestor.api.command.CommandException;
import nestor.api.guests.GuestImage;
import nestor.api.guests.GuestLibrary;
import nestor.testkit.CapturedIo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchCommandTest {
  @TempDir private Path folder;

  /** Nothing was fetched. */
  private static final class EmptyLibrary implements GuestLibrary {
    @Override
    public Optional<GuestImage> find(String name) {
      return Optional.empty();
    }

    @Override
    public List<GuestImage> list() {
      return List.of();
    }

    @Override
    public byte[] withScript(byte[] initrd, String script) {
      throw new IllegalStateException("there is no initrd");
    }

    @Override
    public byte[] program(String name) {
      throw new IllegalArgumentException(name);
    }
  }

  private void refuses(int code, String message, String... args) {
    CapturedIo io = new CapturedIo(folder, folder);

    assertThatThrownBy(() -> new BenchCommand(new EmptyLibrary()).run(List.of(args), io))
        .isInstanceOfSatisfying(
            CommandException.class, e -> assertThat(e.exitCode()).isEqualTo(code))
        .hasMessageContaining(message);
    assertThat(io.output()).isEmpty();
  }

  @Test
  void wrongWordsAreRefusedWithAHint() {
    refuses(Command.USAGE, "bench what? boot, kernels, nested, exits or start");
    refuses(Command.USAGE, "did you mean kernels?", "kernel");
    refuses(Command.USAGE, "one thing at a time: boot or start", "boot", "start");
    refuses(Command.USAGE, "did you mean --engine?", "boot", "--engin=host");
    refuses(Command.USAGE, "--runs needs a number from 1 to 1000, not 0", "boot", "--runs", "0");
    refuses(Command.USAGE, "--runs needs a whole number, not \"x\"", "boot", "--runs", "x");
    refuses(Command.USAGE, "--json needs a value", "boot", "--json");
    refuses(Command.USAGE, "--against knows only qemu, not bochs", "boot", "--against", "bochs");
    refuses(Command.USAGE, "did you mean sieve?", "kernels", "--kernel", "sive");
    refuses(Command.USAGE, "--kernel belongs to 'bench kernels'", "boot", "--kernel", "fork");
    refuses(Command.USAGE, "intel or amd, not max", "nested", "--model", "max");
    refuses(Command.USAGE, "needs a number above 0", "kernels", "--scale", "0");
  }

  @Test
  void severalKernelsMayFollowOneOption() throws CommandException {
    BenchOptions options =
        BenchOptions.parse(List.of("--kernel", "sieve", "fork", "kernels", "--runs=5"), folder);

    assertThat(options.kernels).containsExactly("sieve", "fork");
    assertThat(options.subject).isEqualTo("kernels");
    assertThat(options.runs).isEqualTo(5);
  }

  @Test
  void aGuestThatWasNotFetchedIsAskedFor() {
    refuses(Command.BAD_INPUT, "run ./nestor guests fetch linux", "boot");
    refuses(Command.BAD_INPUT, "run ./nestor guests fetch nested", "exits");
  }

  @Test
  void theHelpNamesEveryOptionAndKernelInShortLines() {
    String help = new BenchCommand(new EmptyLibrary()).help();

    assertThat(help).contains(BenchOptions.SUBJECTS).contains(Kernels.NAMES);
    assertThat(help).contains("--engine", "--model", "--against", "--runs", "--json", "--timeout");
    assertThat(help.lines()).allMatch(line -> line.length() <= 80);
  }
}
