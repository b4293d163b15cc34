// SPDX-License-Identifier: Apache-2.0
package nestor.device.uart16550;

/**
 * Modem control and modem status: the outputs DTR, RTS, OUT1 and OUT2, the inputs that answer them,
 * and which of these have changed since somebody looked.
 */
final class ModemRegisters {
  private static final int OUT2 = 8;
  private static final int LOOP = 0x10;
  private static final int CONNECTED = 0xB0; // DCD, DSR, CTS

  private int control;
  private int delta;

  void reset() {
    control = 0;
    delta = 0;
  }

  int control() {
    return control;
  }

  int delta() {
    return delta;
  }

  void restore(int newControl, int newDelta) {
    control = newControl;
    delta = newDelta;
  }

  /** Whether what is sent comes back instead of leaving. */
  boolean loops() {
    return (control & LOOP) != 0;
  }

  /** OUT2 gates the interrupt on a PC. */
  boolean gatesInterrupt() {
    return (control & OUT2) != 0 && !loops();
  }

  void write(int value) {
    int before = status();
    control = value & 0x1F;
    int changed = (before ^ status()) >> 4;
    // Delta bits: CTS, DSR and DCD on any change, RI on its trailing edge.
    delta |= changed & 0xB | (changed & 4 & before >> 4);
  }

  /** {@return the inputs and what has changed, which is then forgotten} */
  int readStatus() {
    int value = status() | delta;
    delta = 0;
    return value;
  }

  private int status() {
    return loops()
        ? (control & 1) << 5 | (control & 2) << 3 | (control & 4) << 4 | (control & 8) << 4
        : CONNECTED;
  }
}
