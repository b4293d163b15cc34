// SPDX-License-Identifier: Apache-2.0
package nestor.device.i8042;

import nestor.api.state.StateReader;
import nestor.api.state.StateWriter;

/** A mouse that nobody moves. */
final class Ps2Mouse extends Ps2Device {
  private static final int SET_RESOLUTION = 0xE8;
  private static final int STATUS = 0xE9;
  private static final int READ_DATA = 0xEB;
  private static final int IDENTIFY = 0xF2;
  private static final int SET_RATE = 0xF3;
  private static final int SET_DEFAULTS = 0xF6;
  private static final int RESET = 0xFF;

  private int resolution;
  private int rate;
  private int modes;

  Ps2Mouse() {
    setDefaults();
  }

  @Override
  void command(int command) {
    switch (command) {
      case SET_RESOLUTION, SET_RATE -> {
        answer(ACK);
        awaitParameterOf(command);
      }
      case STATUS -> answer(ACK, modes, resolution, rate);
      case READ_DATA -> answer(ACK, 0x08, 0, 0);
      case IDENTIFY -> answer(ACK, 0);
      case 0xE6 -> mode(0x10, false);
      case 0xE7 -> mode(0x10, true);
      case 0xEA -> mode(0x40, false);
      case 0xF0 -> mode(0x40, true);
      case 0xF4 -> mode(0x20, true);
      case 0xF5 -> mode(0x20, false);
      case SET_DEFAULTS -> {
        setDefaults();
        answer(ACK);
      }
      case RESET -> {
        dropAnswers();
        setDefaults();
        answer(ACK, SELF_TEST_PASSED, 0);
      }
      default -> answer(RESEND);
    }
  }

  @Override
  void parameter(int command, int value) {
    if (command == SET_RESOLUTION) {
      resolution = value;
    } else {
      rate = value;
    }
    answer(ACK);
  }

  @Override
  void save(StateWriter out, String name) {
    super.save(out, name);
    out.putLongs(name + ".settings", resolution, rate, modes);
  }

  @Override
  void restore(StateReader in, String name) {
    super.restore(in, name);
    long[] settings = in.getLongs(name + ".settings");
    resolution = (int) settings[0];
    rate = (int) settings[1];
    modes = (int) settings[2];
  }

  private void mode(int bit, boolean on) {
    modes = on ? modes | bit : modes & ~bit;
    answer(ACK);
  }

  private void setDefaults() {
    resolution = 2;
    rate = 100;
    modes = 0;
  }
}
