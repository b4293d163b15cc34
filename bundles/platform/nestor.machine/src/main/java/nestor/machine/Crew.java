// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import nestor.vcpu.Engine;
import nestor.vcpu.Mem;
import nestor.vcpu.Rendezvous;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/**
 * The vCPUs of a parallel machine, each on its thread, and the places where they meet.
 *
 * <p>A thread is <em>inside</em> while an access to memory may be half done. Who works exclusively
 * asks all others outside and waits for that; they come out at their next instruction boundary, or
 * are out because they sleep or wait for the board. A <em>stop</em> is more: no thread is in an
 * engine any more, so that all state lies in the state blocks.
 *
 * <p>Both are asked for by the half of {@link State#ATTENTION} that engines look at and others set.
 */
final class Crew implements Schedule, Rendezvous {
  private static final long STOP_LIMIT_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final String machine;
  private final Engine[] engines;
  private final MachineClock clock;
  private final Runnable wakeMachine;
  private final CrewMember[] members;

  private final ReentrantLock board = new ReentrantLock();
  private final Exclusion exclusion;
  private volatile Thread stopper;
  private volatile boolean released;
  private volatile boolean closing;
  private volatile Throwable failure;
  private volatile int dead = -1;
  private volatile Tracer tracer;

  // Of the machine's thread.
  private boolean started;
  private boolean stopped = true;
  private long stops;

  /**
   * A crew without members, which waits for its first {@link #step}.
   *
   * @param wakeMachine makes the machine's thread look up
   */
  Crew(String machine, int size, Engine[] engines, MachineClock clock, Runnable wakeMachine) {
    this.machine = machine;
    this.engines = engines;
    this.clock = clock;
    this.wakeMachine = wakeMachine;
    members = new CrewMember[size];
    exclusion = new Exclusion(members);
  }

  /** Takes a vCPU in; all before the first step. */
  void add(Vcpu v) {
    v.rendezvous = this;
    members[v.index] = new CrewMember(this, v, "nestor-" + machine + "-cpu" + v.index);
  }

  // --- the machine's thread ---

  @Override
  public int step(long limit) {
    if (failure != null) {
      stop();
      Throwable cause = failure;
      failure = null;
      throw new IllegalStateException("a vCPU failed", cause);
    }
    if (dead >= 0) {
      stop();
      return SHUTDOWN;
    }
    release();
    guarded(clock::expire);
    return RUNNING;
  }

  private void release() {
    if (released) {
      return;
    }
    clock.go();
    stopped = false;
    released = true;
    for (CrewMember t : members) {
      if (!started) {
        t.thread.start();
      }
      t.wake();
    }
    started = true;
  }

  @Override
  public long pauseNanos() {
    board.lock();
    try {
      return clock.nanosToNext();
    } finally {
      board.unlock();
    }
  }

  @Override
  public void stop() {
    if (stopped) {
      return;
    }
    halt();
    stopper = Thread.currentThread();
    long deadline = System.nanoTime() + STOP_LIMIT_NANOS;
    for (CrewMember t : members) {
      for (int spins = 0; t.running; spins++) {
        Exclusion.rest(spins);
        if (System.nanoTime() - deadline > 0) {
          throw new IllegalStateException(
              t.thread.getName() + " reached no boundary: " + stack(t.thread));
        }
      }
    }
    stopper = null;
    stopped = true;
    stops++;
    clock.hold();
  }

  private static String stack(Thread t) {
    StringBuilder where = new StringBuilder();
    for (StackTraceElement frame : t.getStackTrace()) {
      where.append("\n  at ").append(frame);
    }
    return where.toString();
  }

  @Override
  public void guarded(Runnable work) {
    lockBoard();
    try {
      work.run();
    } finally {
      unlockBoard();
    }
  }

  @Override
  public int turn() {
    return Math.max(0, dead);
  }

  @Override
  public void restart() {
    dead = -1;
    failure = null;
    for (CrewMember t : members) {
      t.restart();
    }
  }

  @Override
  public void setTracer(Tracer newTracer) {
    tracer = newTracer;
  }

  @Override
  public void close() {
    closing = true;
    halt();
    for (CrewMember t : members) {
      LockSupport.unpark(t.thread);
      try {
        t.thread.join(TimeUnit.NANOSECONDS.toMillis(STOP_LIMIT_NANOS));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** {@return instructions retired by all vCPUs since power-on; exact while they are stopped} */
  long retired() {
    long sum = 0;
    for (CrewMember t : members) {
      sum += t.retired;
    }
    return sum;
  }

  @Override
  public Map<String, Long> counters() {
    return Map.of(
        "stops", stops, "exclusive", exclusion.count(), "exclusive.nanos", exclusion.nanos());
  }

  // --- the vCPUs' threads ---

  boolean isReleased() {
    return released;
  }

  boolean isClosing() {
    return closing;
  }

  Tracer tracer() {
    return tracer;
  }

  Engine engine(Vcpu v) {
    return engines[v.index];
  }

  void failed(Throwable cause) {
    failure = cause;
    wakeMachineAndHalt();
  }

  void died(int index) {
    dead = index;
    wakeMachineAndHalt();
  }

  /** The machine has something to do with all vCPUs: they stop at their next boundary. */
  void wakeMachineAndHalt() {
    halt();
    wakeMachine.run();
  }

  private void halt() {
    released = false;
    for (CrewMember t : members) {
      poke(t);
    }
  }

  /** A vCPU's thread is not in its engine any more. */
  void left() {
    Thread waiting = stopper;
    if (waiting != null) {
      LockSupport.unpark(waiting);
    }
  }

  /** Makes a vCPU look at what others left for it. Any thread. */
  void poke(CrewMember t) {
    Mem.putInt(t.vcpu.state + State.ATTENTION_OF_OTHERS, 1);
    Mem.fullFence();
    t.wake();
  }

  void enter(CrewMember t) {
    exclusion.enter(t);
  }

  void leave(CrewMember t) {
    exclusion.leave(t);
  }

  // --- meeting ---

  private CrewMember current() {
    return Thread.currentThread() instanceof CrewMember.Carrier carrier
            && carrier.member.crew == this
        ? carrier.member
        : null;
  }

  @Override
  public boolean isForeign(Vcpu v) {
    CrewMember me = current();
    return me == null ? released : me.vcpu != v;
  }

  @Override
  public void post(Vcpu v, int pending) {
    members[v.index].post(pending);
  }

  /** Leaves a start-up IPI. */
  void postStartup(Vcpu v, int vector) {
    members[v.index].postStartup(vector);
  }

  @Override
  public void pass(Vcpu v) {
    CrewMember t = members[v.index];
    Mem.putInt(v.state + State.ATTENTION_OF_OTHERS, 0);
    Mem.fullFence(); // who asks after this, asks anew
    exclusion.giveWay(t);
    t.takeMail();
    if (!released) {
      v.attention(State.ATTENTION_STOP);
    }
  }

  @Override
  public void spin() {
    CrewMember me = current();
    if (me != null) {
      me.spin();
    }
  }

  @Override
  public void exclusively(Runnable work) {
    exclusion.run(current(), work);
  }

  @Override
  public void lockBoard() {
    if (board.tryLock()) {
      return;
    }
    CrewMember me = current();
    boolean wasInside = me != null && me.inside;
    if (wasInside) {
      leave(me);
    }
    board.lock();
    if (wasInside) {
      enter(me);
    }
  }

  @Override
  public void unlockBoard() {
    board.unlock();
  }
}
