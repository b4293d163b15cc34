// SPDX-License-Identifier: Apache-2.0
package nestor.bench;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Does something after a time, unless it is closed before. */
final class Alarm implements AutoCloseable {
  private final CountDownLatch closed = new CountDownLatch(1);

  Alarm(long seconds, Runnable action) {
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                if (!closed.await(seconds, TimeUnit.SECONDS)) {
                  action.run();
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
  }

  @Override
  public void close() {
    closed.countDown();
  }
}
