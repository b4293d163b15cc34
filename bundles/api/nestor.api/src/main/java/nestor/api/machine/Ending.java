// SPDX-License-Identifier: Apache-2.0
package nestor.api.machine;

/**
 * How a run ended.
 *
 * @param value what the guest wrote to the debug-exit port; zero otherwise
 * @param text the reason in words, with a dump of the state if the guest died
 */
public record Ending(Kind kind, int value, String text) {

  /** The ways in which a run can end. */
  public enum Kind {
    /** The guest switched the machine off. */
    POWER_OFF,
    /** The guest reset the machine, and it was told not to restart. */
    RESET,
    /** The guest wrote to the debug-exit port. */
    EXIT,
    /** Triple fault. */
    DIED,
    /** The user stopped it. */
    STOPPED,
    /** Nestor itself failed. */
    FAILED
  }

  /** {@return the exit code of a process that ran this machine} */
  public int exitCode() {
    return switch (kind) {
      case POWER_OFF, RESET, STOPPED -> 0;
      case EXIT -> (value << 1 | 1) & 0xFF;
      case DIED -> 4;
      case FAILED -> 70;
    };
  }
}
