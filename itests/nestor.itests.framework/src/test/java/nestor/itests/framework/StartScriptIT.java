// SPDX-License-Identifier: Apache-2.0
package nestor.itests.framework;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The script {@code nestor} as a process, on what this build has built so far. */
class StartScriptIT {
  private static final Path HOME = Path.of(System.getProperty("nestor.home")).toAbsolutePath();
  private static final Path SCRIPT = HOME.resolve("nestor");

  @TempDir private Path folder;

  private record Result(int code, String out, String err) {}

  private Result run(String... arguments) throws IOException, InterruptedException {
    return run(SCRIPT, Map.of(), arguments);
  }

  private Result run(Path script, Map<String, String> environment, String... arguments)
      throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of(script.toString()));
    Collections.addAll(words, arguments);
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    ProcessBuilder builder = new ProcessBuilder(words).directory(folder.toFile());
    builder.environment().put("NESTOR_BUILT", System.getProperty("nestor.built"));
    builder.environment().putAll(environment);
    builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
    builder.redirectOutput(out.toFile()).redirectError(err.toFile());
    Process process = builder.start();
    if (!process.waitFor(2, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new AssertionError("still running after two minutes: " + words);
    }
    return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  @Test
  void helpListsTheCommandsAndSaysNothingElse() throws Exception {
    Result result = run("help");

    assertThat(result.err()).isEmpty();
    assertThat(result.code()).isZero();
    assertThat(result.out().lines())
        .anyMatch(line -> line.matches("  exec +run shell commands.*"))
        .anyMatch(line -> line.matches("  test +build everything.*"))
        .allMatch(line -> line.length() <= 80);
  }

  @Test
  void findsItsTreeThroughASymbolicLinkAndAJdkWhenJavaHomeIsWrong() throws Exception {
    Path link = Files.createSymbolicLink(folder.resolve("link"), SCRIPT);

    Result result = run(link, Map.of("JAVA_HOME", "/nonexistent"), "help", "exec");
    Files.delete(link);

    assertThat(result.err()).isEmpty();
    assertThat(result.out()).startsWith("Usage: ./nestor exec FILE");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          hepl          | there is no command 'hepl'; did you mean 'help'?
          tets          | there is no command 'tets'; did you mean 'test'?
          xyzzy         | there is no command 'xyzzy'
          --verbose     | unknown option '--verbose'
          --hot         | --hot needs a folder
          help;exce     | there is no command 'exce'; did you mean 'exec'?
          test;now      | 'test' takes Maven options only, not 'now'
          test;full     | did you mean 'check full'?
          check;ful     | 'check' knows only 'check full', not 'ful'
          shell;now     | shell takes no arguments, found 'now'
          exec          | exec takes one file
          -c            | put the commands in quotes
          -c;nosuch 1   | -c:1: there is no shell command 'nosuch'
          -c;lb {       | -c:1:
          """)
  void aWrongCommandLineIsToldInOneLineAndEndsWithTwo(String line, String message)
      throws Exception {
    Result result = run(line.split(";", -1));

    assertThat(result.err()).startsWith("nestor: ").contains(message).doesNotContain("\tat ");
    assertThat(result.out()).isEmpty();
    assertThat(result.code()).isEqualTo(2);
  }

  @Test
  void aScriptRunsToItsFirstFailure() throws Exception {
    Files.writeString(
        folder.resolve("script"),
        """
        # a comment
        echo one; echo two
        echo 'three and' four
        nosuch
        echo never
        """);

    Result result = run("exec", "script");

    assertThat(result.out()).isEqualTo("one\ntwo\nthree and four\n");
    assertThat(result.err()).startsWith("nestor: script:4: there is no shell command 'nosuch'");
    assertThat(result.code()).isEqualTo(2);
  }

  @Test
  void aScriptThatCannotBeReadEndsWithSix() throws Exception {
    assertThat(run("exec", "nosuch"))
        .isEqualTo(new Result(6, "", "nestor: there is no file nosuch\n"));
    assertThat(run("exec", "."))
        .isEqualTo(new Result(6, "", "nestor: . is a folder, not a file of commands\n"));
  }

  @Test
  void withoutATerminalTheShellReadsItsCommandsFromStandardInput() throws Exception {
    Result result = run();

    assertThat(result).isEqualTo(new Result(0, "", ""));
  }
}
