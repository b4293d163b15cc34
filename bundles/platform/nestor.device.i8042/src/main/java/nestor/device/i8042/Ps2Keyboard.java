// SPDX-License-Identifier: Apache-2.0
package nestor.device.i8042;

import nestor.api.state.StateReader;
import nestor.api.state.StateWriter;

/** An MF2 keyboard on which nobody types. */
final class Ps2Keyboard extends Ps2Device {
  private static final int SET_LEDS = 0xED;
  private static final int ECHO = 0xEE;
  private static final int SCAN_CODE_SET = 0xF0;
  private static final int IDENTIFY = 0xF2;
  private static final int TYPEMATIC = 0xF3;
  private static final int RESET = 0xFF;

  private int scanCodeSet = 2;

  @Override
  void command(int command) {
    switch (command) {
      case SET_LEDS, SCAN_CODE_SET, TYPEMATIC -> {
        answer(ACK);
        awaitParameterOf(command);
      }
      case ECHO -> answer(ECHO);
      case IDENTIFY -> answer(ACK, 0xAB, 0x83);
      case 0xF4, 0xF5, 0xF6 -> answer(ACK); // enable, default and disable, set default
      case 0xF7, 0xF8, 0xF9, 0xFA -> answer(ACK); // all keys typematic, make/break, make, both
      case RESET -> {
        dropAnswers();
        scanCodeSet = 2;
        answer(ACK, SELF_TEST_PASSED);
      }
      default -> answer(RESEND);
    }
  }

  @Override
  void parameter(int command, int value) {
    if (command != SCAN_CODE_SET) {
      answer(ACK);
    } else if (value == 0) {
      answer(ACK, scanCodeSet);
    } else if (value <= 3) {
      scanCodeSet = value;
      answer(ACK);
    } else {
      answer(RESEND);
    }
  }

  @Override
  void save(StateWriter out, String name) {
    super.save(out, name);
    out.putLong(name + ".scanCodeSet", scanCodeSet);
  }

  @Override
  void restore(StateReader in, String name) {
    super.restore(in, name);
    scanCodeSet = in.getInt(name + ".scanCodeSet");
  }
}
