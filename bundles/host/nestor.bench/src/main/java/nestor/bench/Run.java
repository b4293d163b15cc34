// SPDX-License-Identifier: Apache-2.0
package nestor.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import nestor.api.command.Command;
import nestor.api.command.CommandException;
import nestor.api.guests.GuestImage;
import nestor.api.guests.GuestLibrary;

/**
 * What all measurements of one call share.
 *
 * @param qemu null if it is not asked for or not here
 */
record Run(
    BenchOptions options,
    GuestLibrary library,
    GuestImage image,
    NestorSystem nestor,
    Qemu qemu,
    Path folder,
    Progress progress,
    Cancellation cancellation) {

  static Run of(
      BenchOptions options,
      GuestLibrary library,
      Path folder,
      Progress progress,
      Cancellation cancellation)
      throws CommandException {
    String name = options.isNested() ? "nested" : "linux-cloud";
    String guests = options.isNested() ? "nested" : "linux";
    GuestImage image =
        library
            .find(name)
            .orElseThrow(
                () ->
                    new CommandException(
                        Command.BAD_INPUT,
                        "the guest "
                            + name
                            + " was not fetched yet: run ./nestor guests fetch "
                            + guests));
    Qemu qemu = null;
    if (options.againstQemu) {
      Path program = Qemu.find(System.getenv().getOrDefault("PATH", ""));
      if (program == null) {
        progress.note("no qemu-system-x86_64 on the PATH: its column stays empty");
      } else {
        String append = options.isNested() ? NestorSystem.NESTED_APPEND : NestorSystem.APPEND;
        qemu = new Qemu(program, image, library, folder, append);
      }
    }
    NestorSystem nestor = new NestorSystem(options, folder);
    return new Run(options, library, image, nestor, qemu, folder, progress, cancellation);
  }

  MeteredProcess process(java.util.List<String> command) {
    return new MeteredProcess(command, options.timeoutSeconds, cancellation);
  }

  /** {@return the guest program as a file of the host, or null if the host cannot run it} */
  Path hostProgram() throws IOException {
    boolean can =
        System.getProperty("os.name").equals("Linux")
            && System.getProperty("os.arch").equals("amd64");
    if (!can) {
      return null;
    }
    Path file = folder.resolve("bench");
    Files.write(file, library.program("bench"));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    return file;
  }
}
