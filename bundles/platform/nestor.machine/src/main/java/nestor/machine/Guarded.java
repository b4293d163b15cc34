// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.util.function.IntSupplier;
import nestor.api.device.ExternalInterruptController;
import nestor.api.device.Wire;
import nestor.api.device.WireListener;
import nestor.vcpu.Rendezvous;

/** Parts of the board that vCPUs use directly, for vCPUs on threads of their own. */
final class Guarded {
  private Guarded() {}

  /** {@return the 8259s, asked with the board locked} */
  static ExternalInterruptController controller(
      Rendezvous rendezvous, ExternalInterruptController controller) {
    return () -> locked(rendezvous, controller::acknowledge);
  }

  /** {@return what {@code work} gives with the board locked} */
  static int locked(Rendezvous rendezvous, IntSupplier work) {
    rendezvous.lockBoard();
    try {
      return work.getAsInt();
    } finally {
      rendezvous.unlockBoard();
    }
  }

  /** Does something with the board locked. */
  static void locked(Rendezvous rendezvous, Runnable work) {
    rendezvous.lockBoard();
    try {
      work.run();
    } finally {
      rendezvous.unlockBoard();
    }
  }

  /** {@return a wire that is driven with the board locked} */
  static Wire wire(Rendezvous rendezvous, Wire wire) {
    return new Wire() {
      @Override
      public void set(boolean high) {
        locked(rendezvous, () -> wire.set(high));
      }

      @Override
      public boolean isHigh() {
        return wire.isHigh();
      }

      @Override
      public void listen(WireListener listener) {
        wire.listen(listener);
      }
    };
  }
}
