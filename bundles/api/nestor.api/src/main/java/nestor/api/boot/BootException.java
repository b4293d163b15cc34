// SPDX-License-Identifier: Apache-2.0
package nestor.api.boot;

import java.io.Serial;

/** A kernel, module or command line that cannot be booted. The message is one full sentence. */
public final class BootException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  /** A sentence that names the file, what failed and what to do. */
  public BootException(String message) {
    super(message);
  }

  /** The same, with what the system said. */
  public BootException(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * {@return an error about one header field}
   *
   * @param field its name in the specification of the format
   * @param offset where in the file it lies
   * @param found the value there, as text
   * @param expected what would have been right
   * @param advice what the user can do, without a full stop
   */
  public static BootException field(
      String file, String field, long offset, String found, String expected, String advice) {
    return new BootException(
        "%s: header field %s at offset 0x%X is %s but should be %s; %s."
            .formatted(file, field, offset, found, expected, advice));
  }
}
