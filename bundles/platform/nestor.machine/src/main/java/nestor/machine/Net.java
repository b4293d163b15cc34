// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.util.Arrays;
import nestor.api.device.WireListener;

/** One wire: high while any of its drivers holds it high. Listeners hear in the order they came. */
final class Net {
  private final String name;
  private WireListener[] listeners = {};
  private int high;

  Net(String name) {
    this.name = name;
  }

  boolean isHigh() {
    return high > 0;
  }

  /** One more driver holds it high. */
  void raise() {
    if (high++ == 0) {
      tell(true);
    }
  }

  /** One driver lets go. */
  void lower() {
    if (--high == 0) {
      tell(false);
    }
  }

  private void tell(boolean level) {
    // A copy on write: a listener may add or remove listeners.
    for (WireListener listener : listeners) {
      listener.changed(level);
    }
  }

  void listen(WireListener listener) {
    WireListener[] more = Arrays.copyOf(listeners, listeners.length + 1);
    more[listeners.length] = listener;
    listeners = more;
  }

  void forget(WireListener listener) {
    int at = Arrays.asList(listeners).indexOf(listener);
    if (at >= 0) {
      WireListener[] fewer = new WireListener[listeners.length - 1];
      System.arraycopy(listeners, 0, fewer, 0, at);
      System.arraycopy(listeners, at + 1, fewer, at, fewer.length - at);
      listeners = fewer;
    }
  }

  @Override
  public String toString() {
    return name + (isHigh() ? " high" : " low");
  }
}
