// SPDX-License-Identifier: Apache-2.0
package nestor.testkit;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import nestor.api.host.CharPort;

/** A byte stream whose far end is the test. */
public final class FakeCharPort implements CharPort {
  private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
  private final ArrayDeque<Integer> input = new ArrayDeque<>();
  private Runnable listener;

  @Override
  public void send(int value) {
    sent.write(value);
  }

  @Override
  public int receive() {
    return input.isEmpty() ? -1 : input.remove();
  }

  @Override
  public boolean hasInput() {
    return !input.isEmpty();
  }

  @Override
  public void onInput(Runnable newListener) {
    listener = newListener;
  }

  /** Lets bytes arrive from outside, and tells the listener once. */
  public void feed(String text) {
    feed(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Lets bytes arrive from outside, and tells the listener once. */
  public void feed(byte... bytes) {
    for (byte each : bytes) {
      input.add(each & 0xFF);
    }
    if (listener != null) {
      listener.run();
    }
  }

  /** {@return all that the device has sent, one char a byte} */
  public String sent() {
    return sent.toString(StandardCharsets.ISO_8859_1);
  }
}
