// SPDX-License-Identifier: Apache-2.0
package nestor.shell.virt;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import nestor.api.machine.Machine;
import nestor.api.machine.MachineException;
import nestor.api.machine.MachineState;
import nestor.api.shell.Words;

/**
 * Shows lines as they come from a machine that runs. The machine never waits for the screen: what
 * comes too fast is counted, not shown.
 */
final class Following {
  private static final int QUEUE = 50_000;
  private static final long GLANCE_MILLIS = 50;

  private final BlockingQueue<String> lines = new ArrayBlockingQueue<>(QUEUE);
  private final AtomicLong lost = new AtomicLong();
  private final long most;
  private long taken;

  /** Shows so many lines at most. */
  Following(long most) {
    this.most = most;
  }

  /** A line came; on any thread. */
  void offer(String line) {
    if (!lines.offer(line)) {
      lost.incrementAndGet();
    }
  }

  /**
   * Shows lines until there were enough, the time is over, or the machine no longer runs. One that
   * is held goes on meanwhile.
   *
   * @return what to say at the end
   */
  String show(Machine machine, Words words, long seconds)
      throws MachineException, InterruptedException {
    boolean wasHeld = machine.state() == MachineState.PAUSED;
    if (wasHeld) {
      machine.resume();
    }
    long glances = seconds * 1000 / GLANCE_MILLIS;
    while (taken < most && glances > 0) {
      String line = lines.poll(GLANCE_MILLIS, TimeUnit.MILLISECONDS);
      if (line != null) {
        words.print(line);
        taken++;
        continue;
      }
      glances--;
      if (machine.state() == MachineState.ENDED || machine.state() == MachineState.PAUSED) {
        glances = Math.min(glances, lines.isEmpty() ? 0 : 1);
      }
    }
    if (wasHeld && machine.state() == MachineState.RUNNING) {
      machine.pause();
    }
    return lost.get() == 0 ? "" : lost + " more came too fast to be shown";
  }
}
