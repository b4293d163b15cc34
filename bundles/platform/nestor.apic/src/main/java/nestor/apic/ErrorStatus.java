// SPDX-License-Identifier: Apache-2.0
package nestor.apic;

/** The error status register and what it will show next (SDM vol. 3A, "Error Handling"). */
final class ErrorStatus {
  static final int SEND_ILLEGAL = 1 << 5;
  static final int RECEIVE_ILLEGAL = 1 << 6;
  static final int REGISTER = 1 << 7;

  private int shown;
  private int noted;

  void reset() {
    restore(0, 0);
  }

  void restore(int savedShown, int savedNoted) {
    shown = savedShown;
    noted = savedNoted;
  }

  /** {@return what reads see} */
  int get() {
    return shown;
  }

  int noted() {
    return noted;
  }

  /** A write: reads see what was noted since the last one. */
  void latch() {
    restore(noted, 0);
  }

  /** {@return whether this error was not noted already} */
  boolean note(int bit) {
    boolean fresh = (noted & bit) == 0;
    noted |= bit;
    return fresh;
  }
}
