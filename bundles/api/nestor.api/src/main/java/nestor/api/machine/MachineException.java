// SPDX-License-Identifier: Apache-2.0
package nestor.api.machine;

import java.io.Serial;

/** Something that a machine cannot do. The message says what, why, and what would help. */
public final class MachineException extends Exception {
  @Serial private static final long serialVersionUID = 1;

  /** A full sentence without its full stop. */
  public MachineException(String message) {
    super(message);
  }

  /** The same, with what lies behind it. */
  public MachineException(String message, Throwable cause) {
    super(message, cause);
  }
}
