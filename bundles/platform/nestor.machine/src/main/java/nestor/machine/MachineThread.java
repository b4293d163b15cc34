// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import nestor.api.machine.MachineException;

/**
 * The one thread of a machine. Between two pieces of guest work it does what other threads handed
 * in; that moment is a safepoint, since all vCPUs then stand at an instruction boundary.
 */
final class MachineThread {
  private static final Duration LIMIT = Duration.ofSeconds(5);

  private final String machine;
  private final Duration limit;
  private final Thread thread;
  private final Queue<Task<?>> tasks = new ConcurrentLinkedQueue<>();
  private final Work work;
  private volatile boolean signalled;
  private volatile boolean closing;

  /** What the thread does while nobody hands anything in. */
  interface Work {
    /** One short piece. Returns host nanoseconds that may pass before the next one; 0 for none. */
    long step();

    /** Somebody handed something in, or typed, or connected. */
    void signalled();

    /** What others handed in follows: a safepoint has to be reached. */
    default void beforeTasks() {}
  }

  /** Something to be done at a safepoint. Once it has begun it may take as long as it takes. */
  private static final class Task<T> extends FutureTask<T> {
    volatile boolean hasBegun;

    Task(Callable<T> what) {
      super(what);
    }

    @Override
    public void run() {
      hasBegun = true;
      super.run();
    }

    /** No safepoint was reached. */
    void refuse(RuntimeException why) {
      setException(why);
    }
  }

  MachineThread(String machine, Work work) {
    this(machine, work, LIMIT);
  }

  /** With another limit than usual: see {@link Patience}. */
  MachineThread(String machine, Work work, Duration limit) {
    this.machine = machine;
    this.limit = limit;
    this.work = work;
    this.thread = Thread.ofPlatform().daemon().name("nestor-" + machine).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** Makes the thread look up. Any thread may call it. */
  void signal() {
    signalled = true;
    LockSupport.unpark(thread);
  }

  /** Makes the thread look whether it has work, but not at what others handed in. Any thread. */
  void wake() {
    LockSupport.unpark(thread);
  }

  boolean isSignalled() {
    return signalled;
  }

  private void run() {
    while (!closing) {
      if (signalled) {
        signalled = false;
        work.signalled();
        serve();
      }
      long pause = work.step();
      if (pause > 0 && !signalled) {
        LockSupport.parkNanos(this, pause);
      }
    }
    serve();
  }

  private void serve() {
    if (tasks.isEmpty()) {
      return;
    }
    try {
      work.beforeTasks();
    } catch (RuntimeException e) {
      for (Task<?> task = tasks.poll(); task != null; task = tasks.poll()) {
        task.refuse(e);
      }
    }
    for (Task<?> task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
    }
  }

  /**
   * Does something at a safepoint and waits for it.
   *
   * @throws MachineException what {@code task} throws, or that no safepoint was reached in time
   */
  <T> T call(Callable<T> task) throws MachineException {
    Task<T> future = new Task<>(task);
    if (Thread.currentThread() == thread) {
      future.run();
    } else if (!thread.isAlive()) {
      synchronized (this) {
        future.run(); // nobody runs guest code any more
      }
    } else {
      tasks.add(future);
      signal();
    }
    try {
      return get(future);
    } catch (InterruptedException e) {
      future.cancel(false);
      Thread.currentThread().interrupt();
      throw new MachineException("interrupted while waiting for " + machine, e);
    } catch (TimeoutException e) {
      StringBuilder where = new StringBuilder();
      for (StackTraceElement frame : thread.getStackTrace()) {
        where.append("\n  at ").append(frame);
      }
      future.cancel(false);
      throw new MachineException(
          machine
              + " reached no safepoint in "
              + limit.toMillis() / 1e3
              + " s of its own time; its thread is"
              + where,
          e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof MachineException refusal) {
        throw refusal;
      }
      throw new MachineException(machine + ": " + e.getCause(), e.getCause());
    }
  }

  private <T> T get(Task<T> future)
      throws InterruptedException, ExecutionException, TimeoutException {
    Patience patience = new Patience(thread, limit);
    while (true) {
      try {
        return future.get(100, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        if (!thread.isAlive()) {
          synchronized (this) {
            serve();
          }
        }
        if (patience.isOver() && !future.hasBegun) {
          throw e;
        }
      }
    }
  }

  /** {@return whether the caller is the machine's thread} */
  boolean isCurrent() {
    return Thread.currentThread() == thread;
  }

  private boolean ends() throws InterruptedException {
    Patience patience = new Patience(thread, limit);
    while (!thread.join(Duration.ofMillis(100))) {
      if (patience.isOver()) {
        return false;
      }
    }
    return true;
  }

  /** Ends the thread at the next safepoint and waits for that. */
  void close() throws MachineException {
    closing = true;
    signal();
    try {
      if (thread.isAlive() && !ends()) {
        throw new MachineException(machine + " does not stop");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
