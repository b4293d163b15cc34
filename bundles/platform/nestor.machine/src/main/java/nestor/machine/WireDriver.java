// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.util.ArrayList;
import java.util.List;
import nestor.api.device.Wire;
import nestor.api.device.WireListener;

/**
 * A device's driver of a wire.
 *
 * <p>While devices are exchanged both the leaving and the coming one are held: what they set is
 * noted but does not reach the wire, so that a guest sees no edge that an undisturbed device would
 * not have made.
 */
final class WireDriver implements Wire {
  private final Net net;
  private final List<WireListener> mine = new ArrayList<>(1);
  private boolean wanted;
  private boolean driven;
  private boolean held;

  WireDriver(Net net) {
    this.net = net;
  }

  @Override
  public void set(boolean high) {
    wanted = high;
    if (!held) {
      drive(high);
    }
  }

  private void drive(boolean high) {
    if (high != driven) {
      driven = high;
      if (high) {
        net.raise();
      } else {
        net.lower();
      }
    }
  }

  @Override
  public boolean isHigh() {
    return net.isHigh();
  }

  @Override
  public void listen(WireListener listener) {
    mine.add(listener);
    net.listen(listener);
  }

  /** From now on what the device sets does not reach the wire. */
  void hold() {
    held = true;
  }

  /** What the device wants reaches the wire again, now if it is high. */
  void raiseHeld() {
    if (wanted) {
      drive(true);
    }
  }

  /** Ends {@link #hold}. */
  void release() {
    held = false;
    drive(wanted);
  }

  /** Its listeners hear no more; what it drives stays as it is. */
  void deafen() {
    for (WireListener listener : mine) {
      net.forget(listener);
    }
    mine.clear();
  }

  /** The device has left for good. */
  void leave() {
    deafen();
    held = true;
    drive(false);
  }
}
