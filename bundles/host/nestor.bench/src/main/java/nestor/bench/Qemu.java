// SPDX-License-Identifier: Apache-2.0
package nestor.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import nestor.api.guests.GuestImage;
import nestor.api.guests.GuestLibrary;

/**
 * QEMU's TCG on the same kernel and initramfs, one vCPU and as much memory.
 *
 * <p>Five-level paging is off, since only QEMU would have its cost.
 */
final class Qemu implements GuestSystem {
  private static final String PROGRAM = "qemu-system-x86_64";

  private final Path program;
  private final GuestImage image;
  private final GuestLibrary library;
  private final Path folder;
  private final String append;

  Qemu(Path program, GuestImage image, GuestLibrary library, Path folder, String append) {
    this.program = program;
    this.image = image;
    this.library = library;
    this.folder = folder;
    this.append = append;
  }

  /** {@return where QEMU is, or null} */
  static Path find(String searchPath) {
    for (String part : searchPath.split(java.io.File.pathSeparator, -1)) {
      if (!part.isEmpty() && Files.isExecutable(Path.of(part, PROGRAM))) {
        return Path.of(part, PROGRAM);
      }
    }
    return null;
  }

  @Override
  public String name() {
    return "QEMU";
  }

  @Override
  public double scale(String kernel) {
    return switch (kernel) {
      case Kernels.MEMORY_BOUND, "repmovsb" -> 1;
      case "repstosq" -> 40;
      default -> 4;
    };
  }

  @Override
  public List<String> command(String script) throws IOException {
    Path initrd = folder.resolve("qemu-initrd");
    byte[] plain = Files.readAllBytes(image.initrd().orElseThrow());
    Files.write(initrd, library.withScript(plain, script));
    return List.of(
        program.toString(),
        "-nodefaults",
        "-no-reboot",
        "-display",
        "none",
        "-serial",
        "stdio",
        "-machine",
        "pc",
        "-accel",
        "tcg,thread=single",
        "-cpu",
        "max,la57=off",
        "-m",
        "1024",
        "-kernel",
        image.kernel().toString(),
        "-initrd",
        initrd.toString(),
        "-append",
        append);
  }
}
