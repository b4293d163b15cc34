// SPDX-License-Identifier: Apache-2.0
package nestor.api.profile;

import java.io.Serial;

/** A profile that cannot be used. The message starts with file and line. */
public final class ProfileException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  /** Says where and what. */
  public ProfileException(String message) {
    super(message);
  }

  /** The same, with what the system said. */
  public ProfileException(String message, Throwable cause) {
    super(message, cause);
  }
}
