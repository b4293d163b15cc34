// SPDX-License-Identifier: Apache-2.0
package nestor.machine.run;

import java.io.ByteArrayOutputStream;

/** Finds Ctrl-A and the key after it in what is typed; the rest is for the guest. */
final class Keys {
  static final int PREFIX = 1;

  /** What the user wants. */
  enum Wish {
    /** Nothing but typing. */
    NONE,
    /** To leave: Ctrl-A x. */
    LEAVE,
    /** The shell: Ctrl-A c. */
    SHELL,
    /** To be told the keys: Ctrl-A h or ?. */
    HELP
  }

  private boolean prefixed;

  /**
   * Looks at typed bytes.
   *
   * @param start first byte to look at
   * @param guest receives what is for the guest
   * @return index after the last byte looked at; fewer than all if the user wants something
   */
  int scan(byte[] bytes, int start, int end, ByteArrayOutputStream guest) {
    wish = Wish.NONE;
    for (int i = start; i < end; i++) {
      int key = bytes[i] & 0xFF;
      if (!prefixed) {
        if (key == PREFIX) {
          prefixed = true;
        } else {
          guest.write(key);
        }
        continue;
      }
      prefixed = false;
      switch (key) {
        case 'x', 'X' -> wish = Wish.LEAVE;
        case 'c', 'C' -> wish = Wish.SHELL;
        case 'h', 'H', '?' -> wish = Wish.HELP;
        case PREFIX -> guest.write(PREFIX);
        default -> {
          guest.write(PREFIX);
          guest.write(key);
        }
      }
      if (wish != Wish.NONE) {
        return i + 1;
      }
    }
    return end;
  }

  private Wish wish = Wish.NONE;

  /** {@return what the last {@link #scan} ended with} */
  Wish wish() {
    return wish;
  }
}
