// SPDX-License-Identifier: Apache-2.0
package nestor.device.pit;

/** The 8254 counter as the data sheet tells it: one clock pulse at a time. The tests' oracle. */
final class SteppedCounter {
  int mode;
  boolean bcd;
  boolean gate;
  boolean out;
  int element;
  boolean nullCount = true;
  private int register;
  private boolean written;
  private boolean loadNext;
  private boolean counting;
  private boolean reached;
  private boolean strobe;
  private boolean started;
  private boolean delayed;
  private int inForce;

  SteppedCounter(boolean gate) {
    this.gate = gate;
  }

  void program(int newMode, boolean newBcd) {
    mode = newMode;
    bcd = newBcd;
    out = mode != 0;
    nullCount = true;
    written = false;
    loadNext = false;
    counting = false;
    started = false;
    strobe = false;
  }

  /** First byte of two, in mode 0. */
  void firstByte() {
    if (mode == 0) {
      counting = false;
      loadNext = false;
      out = false;
    }
  }

  void count(int clocks) {
    register = clocks;
    written = true;
    nullCount = true;
    switch (mode) {
      case 0, 4 -> loadNext = true;
      case 2, 3 -> {
        if (!started) {
          loadNext = true;
        }
      }
      default -> {}
    }
  }

  void gate(boolean high) {
    boolean rises = high && !gate;
    gate = high;
    if (mode == 1 || mode == 5) {
      loadNext |= rises && written;
    }
    if (mode == 2 || mode == 3) {
      if (!high) {
        out = true;
        if (started) {
          loadNext = false;
        }
      } else if (rises && written) {
        loadNext = true;
      }
    }
  }

  /** One pulse of CLK. */
  void clock() {
    if (strobe) {
      strobe = false;
      out = true;
    }
    if (loadNext) {
      loadNext = false;
      load();
      out =
          switch (mode) {
            case 0, 1 -> false;
            default -> true;
          };
      counting = true;
      reached = false;
      started = true;
      return;
    }
    if (!counting) {
      return;
    }
    switch (mode) {
      case 0 -> {
        if (gate) {
          decrement();
          if (element == 0) {
            out = true;
          }
        }
      }
      case 1 -> {
        decrement();
        if (element == 0) {
          out = true;
        }
      }
      case 2 -> {
        if (gate) {
          if (inForce == 1 || (element == 1)) {
            load();
            out = true;
          } else {
            decrement();
            out = element != 1;
          }
        }
      }
      case 3 -> {
        if (gate) {
          squareWave();
        }
      }
      default -> {
        if (gate || mode == 5) {
          decrement();
          if (element == 0 && !reached) {
            reached = true;
            strobe = true;
            out = false;
          }
        }
      }
    }
  }

  private void squareWave() {
    if (delayed) {
      delayed = false;
      toggle();
      return;
    }
    element -= 2;
    if (element <= 0) {
      if ((inForce & 1) != 0 && out) {
        element = 0;
        // One clock pulse after the count expires, if the count is odd and OUT is high.
        delayed = true;
      } else {
        toggle();
      }
    }
  }

  private void toggle() {
    boolean next = !out;
    load();
    out = next;
  }

  private void load() {
    inForce = register;
    nullCount = false;
    element = mode == 3 ? register & ~1 : register;
    delayed = false;
    if (mode == 3 && (register & 1) != 0 && register == 1) {
      throw new IllegalStateException("count of 1");
    }
  }

  private void decrement() {
    int modulus = bcd ? 10_000 : 65_536;
    element = Math.floorMod(element - 1, modulus);
  }
}
