// SPDX-License-Identifier: Apache-2.0
package nestor.isatools;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import nestor.api.command.Command;
import nestor.api.command.CommandException;
import org.tukaani.xz.SingleXZInputStream;

/** Takes the ELF file out of a Linux kernel image (Linux, "The Linux/x86 Boot Protocol"). */
final class KernelImage {
  private static final int MAGIC_PLACE = 0x202;
  private static final int SETUP_SECTORS = 0x1F1;
  private static final int PAYLOAD_OFFSET = 0x248;
  private static final int PAYLOAD_LENGTH = 0x24C;

  private KernelImage() {}

  /** {@return whether it is a kernel image rather than an ELF file} */
  static boolean isOne(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] start = in.readNBytes(MAGIC_PLACE + 4);
      return start.length == MAGIC_PLACE + 4
          && start[0x1FE] == 0x55
          && new String(start, MAGIC_PLACE, 4, java.nio.charset.StandardCharsets.US_ASCII)
              .equals("HdrS");
    }
  }

  /** Unpacks the payload into a file. */
  static void unpack(Path image, Path target) throws IOException, CommandException {
    ByteBuffer all = ByteBuffer.wrap(Files.readAllBytes(image)).order(ByteOrder.LITTLE_ENDIAN);
    int setup = ((all.get(SETUP_SECTORS) & 0xFF) + 1) * 512;
    int from = setup + all.getInt(PAYLOAD_OFFSET);
    int length = all.getInt(PAYLOAD_LENGTH);
    byte[] packed = Arrays.copyOfRange(all.array(), from, from + length);
    if (all.getInt(from) == Lz4.MAGIC) {
      try (OutputStream out = Files.newOutputStream(target)) {
        for (byte[] block : Lz4.unpack(packed)) {
          out.write(block);
        }
      }
      return;
    }
    InputStream stream = new ByteArrayInputStream(packed);
    int first = all.get(from) & 0xFF;
    InputStream unpacked =
        switch (first) {
          case 0x1F -> new GZIPInputStream(stream);
          case 0xFD -> new SingleXZInputStream(stream); // the unpacked length follows it
          default ->
              throw new CommandException(
                  Command.BAD_INPUT, image + ": a kernel packed in a way that is not known here");
        };
    try (unpacked) {
      Files.copy(unpacked, target, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }
  }
}
