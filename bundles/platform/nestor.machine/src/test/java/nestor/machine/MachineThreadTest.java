// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import nestor.api.machine.MachineException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MachineThreadTest {
  private static final Duration LIMIT = Duration.ofMillis(700);
  private static final long PAUSE = 1_000_000_000L;

  private final CountDownLatch over = new CountDownLatch(1);
  private volatile BooleanSupplier step = () -> false; // true: at once again
  private final MachineThread thread = new MachineThread("m", new Steps(), LIMIT);

  private final class Steps implements MachineThread.Work {
    @Override
    public long step() {
      return step.getAsBoolean() ? 0 : PAUSE;
    }

    @Override
    public void signalled() {}
  }

  @AfterEach
  void end() throws Exception {
    over.countDown();
    step = () -> false;
    thread.close();
  }

  private boolean isOver(long millis) {
    try {
      return over.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      return true;
    }
  }

  private void startIn(BooleanSupplier work) throws InterruptedException {
    CountDownLatch inside = new CountDownLatch(1);
    step =
        () -> {
          inside.countDown();
          return work.getAsBoolean();
        };
    thread.start();
    inside.await();
  }

  @Test
  void workAtASafepointMayTakeLongerThanTheWayToIt() throws Exception {
    thread.start();

    String result =
        thread.call(
            () -> {
              isOver(4 * LIMIT.toMillis());
              return "done";
            });

    assertThat(result).isEqualTo("done");
  }

  @Test
  void aThreadThatABusyHostSeldomLetsRunIsNotLate() throws Exception {
    long end = System.nanoTime() + 4 * LIMIT.toNanos();
    startIn(
        () -> {
          while (System.nanoTime() < end) {
            long busy = System.nanoTime() + 500_000;
            while (System.nanoTime() < busy) {
              Thread.onSpinWait();
            }
            isOver(20);
          }
          return false;
        });

    assertThat(thread.call(() -> 1)).isEqualTo(1);
  }

  @Test
  void aThreadThatRunsWithoutASafepointIsLate() throws Exception {
    startIn(
        () -> {
          while (!isOver(0)) {
            Thread.onSpinWait();
          }
          return false;
        });

    assertLate();
  }

  @Test
  void aThreadThatWaitsForSomethingIsLate() throws Exception {
    startIn(() -> !isOver(60_000));

    assertLate();
  }

  private void assertLate() {
    assertThatThrownBy(() -> thread.call(() -> 1))
        .isInstanceOf(MachineException.class)
        .hasMessageContaining("m reached no safepoint in 0.7 s of its own time; its thread is\n");
  }
}
