// SPDX-License-Identifier: Apache-2.0
package nestor.guests;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Appends a small archive to an initrd, which the kernel unpacks over the first.
 *
 * <p>The kernel looks for the next archive at a multiple of four bytes, whether the first is
 * compressed or not, and skips zeros in between.
 */
final class CpioAppender {
  static final String SCRIPT_NAME = "nestor.sh";

  private CpioAppender() {}

  static byte[] withScript(byte[] initrd, String script) {
    String text = script.endsWith("\n") ? script : script + "\n";
    CpioArchive addition =
        new CpioArchive().addFile(SCRIPT_NAME, 0x1ED, text.getBytes(StandardCharsets.UTF_8));
    return append(initrd, addition.toBytes());
  }

  static byte[] append(byte[] initrd, byte[] addition) {
    int aligned = (initrd.length + 3) & ~3;
    byte[] both = Arrays.copyOf(initrd, aligned + addition.length);
    System.arraycopy(addition, 0, both, aligned, addition.length);
    return both;
  }
}
