// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import nestor.isa.Assembler;

/**
 * Guests that need nothing fetched: flat images for 32-bit protected mode, entered at their first
 * byte, assembled when they are asked for. Their sources lie in {@code guests/embedded}.
 */
public final class EmbeddedGuests {
  private static final int LOAD_ADDRESS = 0x10_0000;
  private static final String COUNTING = "count.asm";

  /** How far each of the counting guests counts. */
  private static final Map<String, Integer> LAST_NUMBERS = Map.of("tiny", 20_000, "count", 100_000);

  /** Pages that the guest of the hypervisors uses between exits: read ones, and its code. */
  public static final int PAGES_AN_EXIT = 21;

  /** Hypervisors on VMX and on SVM. */
  private static final Set<String> HYPERVISORS = Set.of("hypervisor", "hypervisor-svm");

  private static final int HYPERVISOR_LINES = 4000;

  private EmbeddedGuests() {}

  /** {@return the image of that guest} */
  static Optional<byte[]> find(String name) {
    if (HYPERVISORS.contains(name)) {
      return Optional.of(hypervisor(name));
    }
    return Optional.ofNullable(LAST_NUMBERS.get(name)).map(EmbeddedGuests::counting);
  }

  private static byte[] counting(int last) {
    String text = "LAST = " + last + " ; " + source(COUNTING);
    return Assembler.assemble(text, COUNTING, LOAD_ADDRESS).bytes();
  }

  private static byte[] hypervisor(String name) {
    String file = name + ".asm";
    String numbers = "LAST = " + HYPERVISOR_LINES + "\nPAGES = " + (PAGES_AN_EXIT - 1) + "\n";
    return Assembler.assemble(numbers + source(file), file, LOAD_ADDRESS).bytes();
  }

  private static String source(String name) {
    try (InputStream in = EmbeddedGuests.class.getResourceAsStream("guests/" + name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
