// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.io.OutputStream;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import nestor.api.host.CharPort;
import nestor.api.machine.Console;

/**
 * A device's character stream and its outer end.
 *
 * <p>It belongs to the place of the device in the machine, not to the device, so it outlives a
 * swap: what the old device sent goes out before what the new one sends. Output gathers until the
 * end of the turn, input waits for it.
 */
final class ConsolePort implements CharPort, Console {
  private final String device;
  private final String destination;
  private final boolean terminal;
  private final Runnable signal;
  private volatile OutputPump[] pumps = {};
  private final Queue<byte[]> typed = new ConcurrentLinkedQueue<>();
  private final History history = new History();
  private final ByteQueue input = new ByteQueue();
  private byte[] output = new byte[256];
  private int outputCount;
  private Runnable listener;

  /**
   * A stream that leads nowhere yet.
   *
   * @param signal wakes the machine's thread
   */
  ConsolePort(String device, String destination, boolean terminal, Runnable signal) {
    this.device = device;
    this.destination = destination;
    this.terminal = terminal;
    this.signal = signal;
  }

  @Override
  public void send(int value) {
    if (outputCount == output.length) {
      output = Arrays.copyOf(output, 2 * outputCount);
    }
    output[outputCount++] = (byte) value;
  }

  @Override
  public int receive() {
    return input.take();
  }

  @Override
  public boolean hasInput() {
    return !input.isEmpty();
  }

  @Override
  public void onInput(Runnable newListener) {
    listener = newListener;
  }

  /** End of a turn: what was sent goes out. Returns whether there was anything. */
  boolean flush() {
    boolean any = outputCount > 0;
    if (any) {
      synchronized (history) {
        history.add(output, outputCount);
        for (OutputPump pump : pumps) {
          pump.offer(output, outputCount);
        }
      }
      outputCount = 0;
    }
    return any;
  }

  /** {@return whether some reader is so far behind that the guest had better wait} */
  boolean isFull() {
    for (OutputPump pump : pumps) {
      if (pump.isFull()) {
        return true;
      }
    }
    return false;
  }

  /** {@return whether input waits outside} */
  boolean hasTyped() {
    return !typed.isEmpty();
  }

  /** {@return input that waits outside, or null} */
  byte[] takeTyped() {
    return typed.poll();
  }

  /** Input enters. On the machine's thread, at a boundary. */
  void enter(byte[] bytes) {
    input.add(bytes);
    if (listener != null) {
      listener.run();
    }
  }

  /** {@return input that the device has not taken yet} */
  byte[] pendingInput() {
    return input.toArray();
  }

  /** {@return whether a person sits at one of its ends} */
  boolean isLive() {
    for (OutputPump pump : pumps) {
      if (pump.isLive()) {
        return true;
      }
    }
    return false;
  }

  /** Waits until all ends have got everything. Not on the machine's thread. */
  void drain() {
    for (OutputPump pump : pumps) {
      pump.drain();
    }
  }

  void close() {
    for (OutputPump pump : pumps) {
      pump.close();
    }
  }

  @Override
  public String device() {
    return device;
  }

  @Override
  public String destination() {
    return destination;
  }

  @Override
  public boolean isTerminal() {
    return terminal;
  }

  @Override
  public byte[] recent() {
    synchronized (history) {
      return history.recent();
    }
  }

  long sent() {
    synchronized (history) {
      return history.total();
    }
  }

  @Override
  public void type(byte[] bytes) {
    if (bytes.length > 0) {
      typed.add(bytes.clone());
      signal.run();
    }
  }

  @Override
  public Connection connect(OutputStream out, boolean replay, boolean live) {
    synchronized (history) {
      OutputPump pump = new OutputPump("nestor-console-" + device, out, live, this::disconnected);
      if (replay) {
        byte[] recent = history.recent();
        pump.offer(recent, recent.length);
      }
      pumps = Stream.concat(Stream.of(pumps), Stream.of(pump)).toArray(OutputPump[]::new);
      signal.run();
      return pump;
    }
  }

  private void disconnected(OutputPump pump) {
    synchronized (history) {
      pumps = Stream.of(pumps).filter(p -> p != pump).toArray(OutputPump[]::new);
    }
    signal.run();
  }
}
