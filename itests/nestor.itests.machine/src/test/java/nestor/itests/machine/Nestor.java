// SPDX-License-Identifier: Apache-2.0
package nestor.itests.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import nestor.api.command.CommandException;
import nestor.api.machine.Machine;
import nestor.api.machine.MachineSpec;
import nestor.api.machine.Machines;
import nestor.api.profile.ProfileLibrary;
import nestor.isa.Assembler;
import nestor.launcher.LaunchOptions;
import nestor.launcher.NestorFramework;
import nestor.testkit.CapturedIo;

/** The product in this process: its commands with their codes and output, and its services. */
final class Nestor implements AutoCloseable {
  static final Path HOME = Path.of(System.getProperty("nestor.home")).toAbsolutePath();
  private static final long PATIENCE_MILLIS = 20_000;
  private static final long UNIT_BASE = 0x40_0000;

  final NestorFramework framework;
  final Path folder;

  /** What a command left behind. */
  record Result(int code, String out, String err) {}

  /** Starts the product; relative paths of commands are under {@code folder}. */
  Nestor(LaunchOptions options, Path folder) throws Exception {
    this.framework = NestorFramework.start(options);
    this.folder = folder;
  }

  static Nestor start(Path folder) throws Exception {
    return new Nestor(LaunchOptions.headless(), folder);
  }

  /** Writes the unit-test image into the folder. */
  Path unitImage() throws IOException {
    return image("unit");
  }

  /** Writes the image of a test guest into the folder. */
  Path image(String guest) throws IOException {
    Path source = HOME.resolve("guests/tests/" + guest + ".asm");
    byte[] image =
        Assembler.assemble(Files.readString(source), source.toString(), UNIT_BASE).bytes();
    return Files.write(folder.resolve(guest + ".elf"), image);
  }

  /** Runs a command as the process would, without a terminal. */
  Result command(String input, String... words) throws Exception {
    CapturedIo io = new CapturedIo(folder, HOME, input);
    List<String> arguments = List.of(words).subList(1, words.length);
    int code;
    String failure = "";
    try {
      code = framework.command(words[0]).run(arguments, io);
    } catch (CommandException e) {
      code = e.exitCode();
      failure = e.getMessage();
    }
    return new Result(code, io.output(), io.errors() + failure);
  }

  /** Runs shell commands, as {@code -c} does. */
  Result shell(String commands) throws Exception {
    return command("", "exec", "-c", commands);
  }

  <T> T service(Class<T> type) throws InterruptedException {
    return framework.await(type, null, PATIENCE_MILLIS);
  }

  /** Makes a machine of a profile. */
  Machine create(String name, String profile, String... settings) throws Exception {
    return service(Machines.class)
        .create(
            new MachineSpec(
                name, service(ProfileLibrary.class).resolve(profile, List.of(settings))));
  }

  /** Makes the machine "pc" with the unit-test image, which does what the words say. */
  Machine createUnit(String name, String words) throws Exception {
    return create(name, "pc", "boot.kernel=" + unitImage(), "boot.append=" + words);
  }

  @Override
  public void close() {
    framework.close();
  }
}
