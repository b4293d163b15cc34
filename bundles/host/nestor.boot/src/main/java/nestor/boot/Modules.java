// SPDX-License-Identifier: Apache-2.0
package nestor.boot;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import nestor.api.boot.BootException;
import nestor.api.boot.BootModule;
import nestor.api.boot.BootRequest;
import nestor.api.boot.LoadSegment;

/** The files that travel with a kernel, as each kind of kernel wants them. */
final class Modules {
  private static final int MAX_ENVIRONMENT = 16 * 1024;

  /** A module in memory and its text. */
  record Placed(long gpa, long length, String commandLine) {
    long endGpa() {
      return gpa + length;
    }
  }

  private Modules() {}

  /** All of them in one piece, each starting at a multiple of four ("initramfs buffer format"). */
  static byte[] joined(List<BootModule> modules) throws BootException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (BootModule module : modules) {
      while (out.size() % 4 != 0) {
        out.write(0);
      }
      ImageFile file = ImageFile.read(module.data());
      if (file.size() == 0) {
        throw new BootException(file.name() + " is empty; leave it out or fetch it again.");
      }
      if (out.size() + file.size() > Integer.MAX_VALUE - 64) {
        throw new BootException(file.name() + " makes the initrd larger than 2 GiB; use less.");
      }
      out.writeBytes(file.all().toArray(ValueLayout.JAVA_BYTE));
    }
    return out.toByteArray();
  }

  /** Puts each on pages of its own after {@code floor}, the environment last. */
  static List<Placed> put(Placement placement, BootRequest request, long floor)
      throws BootException {
    List<Placed> placed = new ArrayList<>();
    for (BootModule module : request.modules()) {
      ImageFile file = ImageFile.read(module.data());
      placed.add(put(placement, file, module.commandLine(), floor));
    }
    if (!request.environment().isEmpty()) {
      placed.add(putEnvironment(placement, request.environment(), floor));
    }
    return placed;
  }

  private static Placed put(Placement placement, ImageFile file, String text, long floor)
      throws BootException {
    OptionalLong gpa = placement.lowest(file.size(), floor, 0x1000);
    if (gpa.isEmpty()) {
      throw new BootException(
          "The module %s has %d bytes and does not fit after the kernel (%s); %s."
              .formatted(
                  file.name(),
                  file.size(),
                  placement.ramText(),
                  "give the machine more memory or take a smaller module"));
    }
    placement.put(new LoadSegment(file.name(), gpa.getAsLong(), file.all(), file.size()));
    return new Placed(gpa.getAsLong(), file.size(), text);
  }

  private static Placed putEnvironment(
      Placement placement, Map<String, String> environment, long floor) throws BootException {
    StringBuilder text = new StringBuilder();
    environment.forEach((key, value) -> text.append(key).append('=').append(value).append('\n'));
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    if (bytes.length > MAX_ENVIRONMENT) {
      throw new BootException(
          "The environment has %d bytes, more than %d; pass fewer KEY=VALUE pairs."
              .formatted(bytes.length, MAX_ENVIRONMENT));
    }
    long gpa = StartTables.low(placement, bytes.length, floor, 0x1000, "environment");
    placement.put("environment", gpa, bytes);
    return new Placed(gpa, bytes.length, "");
  }
}
