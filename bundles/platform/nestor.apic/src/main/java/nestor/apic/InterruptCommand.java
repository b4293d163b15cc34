// SPDX-License-Identifier: Apache-2.0
package nestor.apic;

import nestor.vcpu.ApicBus;

/** The interrupt command register (SDM vol. 3A, "Interrupt Command Register (ICR)"). */
final class InterruptCommand {
  /** All but the delivery status: a message has left before anybody can look. */
  private static final int WRITABLE = 0xC_CFFF;

  private int low;

  /** Bits 63:32, the destination; in xAPIC mode in its high eight bits. */
  int high;

  void reset() {
    low = 0;
    high = 0;
  }

  int low() {
    return low;
  }

  void setLow(int value) {
    low = value & WRITABLE;
  }

  /** {@return all 64 bits} */
  long get() {
    return low & 0xFFFF_FFFFL | (long) high << 32;
  }

  /**
   * Sends the message.
   *
   * @return false, and nothing is sent, if its vector is illegal
   */
  boolean send(ApicBus bus, boolean x2) {
    int mode = low >> 8 & 7;
    int vector = low & 0xFF;
    if (mode <= Delivery.MODE_LOWEST && vector < 16) {
      return false;
    }
    int destination = x2 ? high : high >>> 24;
    boolean logical = (low & 0x800) != 0;
    boolean level = (low & 0x8000) != 0;
    boolean assertLevel = (low & 0x4000) != 0;
    bus.send(mode, vector, destination, logical, level, assertLevel, low >> 18 & 3);
    return true;
  }
}
