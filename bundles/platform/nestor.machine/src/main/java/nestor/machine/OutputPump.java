// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.function.Consumer;
import nestor.api.machine.Console;

/**
 * Carries what a guest sends to one stream, on a thread of its own, so that a slow reader never
 * blocks a device in the middle of an instruction.
 */
final class OutputPump implements Console.Connection {
  private static final int ENOUGH = 256 * 1024;

  private final OutputStream out;
  private final boolean live;
  private final Consumer<OutputPump> onEnd;
  private byte[] waiting = new byte[4096];
  private int count;
  private boolean writing;
  private boolean closed;
  private IOException failure;

  OutputPump(String name, OutputStream out, boolean live, Consumer<OutputPump> onEnd) {
    this.out = out;
    this.live = live;
    this.onEnd = onEnd;
    Thread.ofPlatform().daemon().name(name).start(this::run);
  }

  /** {@return whether a person sits at the other end} */
  boolean isLive() {
    return live;
  }

  /** Takes bytes over; never blocks. */
  synchronized void offer(byte[] bytes, int length) {
    if (failure != null || closed) {
      return;
    }
    if (count + length > waiting.length) {
      waiting = Arrays.copyOf(waiting, Math.max(2 * waiting.length, count + length));
    }
    System.arraycopy(bytes, 0, waiting, count, length);
    count += length;
    notifyAll();
  }

  /** {@return whether the reader is so slow that the guest had better wait} */
  synchronized boolean isFull() {
    return count > ENOUGH && failure == null;
  }

  /** Waits until all was written, or the stream failed. */
  synchronized void drain() {
    boolean interrupted = false;
    while (failure == null && (count > 0 || writing)) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
        break;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** {@return why the stream was let go, or null} */
  synchronized IOException failure() {
    return failure;
  }

  private void run() {
    byte[] batch = new byte[4096];
    try {
      while (true) {
        int length;
        synchronized (this) {
          writing = false;
          notifyAll();
          while (count == 0 && !closed) {
            wait();
          }
          if (count == 0) {
            return;
          }
          byte[] full = waiting;
          length = count;
          waiting = batch;
          batch = full;
          count = 0;
          writing = true;
        }
        out.write(batch, 0, length);
        out.flush();
      }
    } catch (IOException e) {
      synchronized (this) {
        failure = e;
        writing = false;
        notifyAll();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      onEnd.accept(this);
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    drain();
  }
}
