// SPDX-License-Identifier: Apache-2.0
package nestor.device.i8042;

import java.util.ArrayDeque;
import nestor.api.state.StateReader;
import nestor.api.state.StateWriter;

/**
 * A PS/2 device that answers commands and never reports an event.
 *
 * <p>Commands and answers are those of IBM's Personal System/2 Hardware Interface Technical
 * Reference, "Keyboards" and "Mouse".
 */
abstract sealed class Ps2Device permits Ps2Keyboard, Ps2Mouse {
  static final int ACK = 0xFA;
  static final int RESEND = 0xFE;
  static final int SELF_TEST_PASSED = 0xAA;

  /** An older answer than this is lost: the device's own buffer is that deep. */
  private static final int BUFFER = 16;

  private final ArrayDeque<Integer> answers = new ArrayDeque<>();
  private int awaitsParameterOf;
  private int lastSent;

  /** A byte from the host: a command, or the parameter that the last command waits for. */
  final void receive(int value) {
    if (awaitsParameterOf != 0) {
      int command = awaitsParameterOf;
      awaitsParameterOf = 0;
      parameter(command, value);
    } else if (value == RESEND) {
      answer(lastSent);
    } else {
      command(value);
    }
  }

  final boolean hasAnswer() {
    return !answers.isEmpty();
  }

  final int nextAnswer() {
    lastSent = answers.remove();
    return lastSent;
  }

  abstract void command(int command);

  abstract void parameter(int command, int value);

  final void answer(int... bytes) {
    for (int each : bytes) {
      if (answers.size() < BUFFER) {
        answers.add(each);
      }
    }
  }

  final void dropAnswers() {
    answers.clear();
  }

  final void awaitParameterOf(int command) {
    awaitsParameterOf = command;
  }

  void save(StateWriter out, String name) {
    out.putLongs(name + ".answers", answers.stream().mapToLong(Integer::longValue).toArray());
    out.putLong(name + ".command", awaitsParameterOf);
    out.putLong(name + ".lastSent", lastSent);
  }

  void restore(StateReader in, String name) {
    answers.clear();
    for (long each : in.getLongs(name + ".answers")) {
      answers.add((int) each);
    }
    awaitsParameterOf = in.getInt(name + ".command");
    lastSent = in.getInt(name + ".lastSent");
  }
}
