// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import nestor.vcpu.Engine;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** One vCPU of a parallel machine, with its thread. A vCPU without work sleeps. */
final class CrewMember {
  /** Instructions until the thread looks around by itself; others get its attention before. */
  private static final long LENGTH = 1_000_000;

  /** Instructions between two calls of the host's scheduler by PAUSE. */
  private static final int SPINS = 64;

  private static final int VECTOR_SHIFT = 32;

  final Vcpu vcpu;
  final Thread thread;

  /** Whether memory may be in the middle of an access of this vCPU. */
  volatile boolean inside;

  /** Whether the engine runs, at a boundary or not. */
  volatile boolean running;

  /** Whether the thread sleeps, or is about to. */
  volatile boolean asleep;

  /** Instructions retired since power-on, up to the last return of the engine. */
  volatile long retired;

  final Crew crew;

  /**
   * Events that others left: bits {@code PENDING_*}, and above them the vector of a start-up IPI.
   */
  private final AtomicLong mail = new AtomicLong();

  private long fruitless;
  private int spins;

  CrewMember(Crew crew, Vcpu vcpu, String name) {
    this.crew = crew;
    this.vcpu = vcpu;
    thread = new Carrier(this, name);
  }

  /** A thread that knows whom it carries. */
  static final class Carrier extends Thread {
    final CrewMember member;

    private Carrier(CrewMember member, String name) {
      super(name);
      this.member = member;
      setDaemon(true);
    }

    @Override
    public void run() {
      member.work();
    }
  }

  private void work() {
    while (!crew.isClosing()) {
      if (!turn()) {
        sleep();
      }
    }
  }

  /** Runs the vCPU if it may and can. */
  private boolean turn() {
    running = true;
    try {
      return crew.isReleased() && live();
    } catch (RuntimeException | Error e) {
      crew.failed(e);
      return false;
    } finally {
      running = false;
      crew.left();
    }
  }

  private boolean live() {
    crew.enter(this);
    try {
      takeMail();
      if (!isRunnable()) {
        return false;
      }
      int cause = crew.tracer() == null ? run(LENGTH) : traced(crew.tracer());
      fruitless = cause == Engine.HALTED ? State.get(vcpu.state, State.PENDING) : 0;
      if (cause == Engine.SHUTDOWN) {
        crew.died(vcpu.index);
      }
      return true;
    } finally {
      crew.leave(this);
    }
  }

  private int run(long budget) {
    State.set(vcpu.state, State.POSITION, 0);
    State.set(vcpu.state, State.BUDGET, budget);
    try {
      return crew.engine(vcpu).run();
    } finally {
      long before = retired;
      retired = before + budget - State.remaining(vcpu.state);
    }
  }

  private int traced(Schedule.Tracer tracer) {
    synchronized (tracer) {
      tracer.before(vcpu);
    }
    return run(1);
  }

  /** Sleeps until somebody has something for the vCPU. */
  private void sleep() {
    asleep = true;
    try {
      if (crew.isClosing() || crew.isReleased() && (mail.get() != 0 || isRunnable())) {
        return;
      }
      LockSupport.park(this);
    } finally {
      asleep = false;
    }
  }

  void wake() {
    if (asleep) {
      LockSupport.unpark(thread);
    }
  }

  /** As with turns, a vCPU that does not execute can only be moved by an event. */
  boolean isRunnable() {
    long activity = State.get(vcpu.state, State.ACTIVITY);
    if (activity == State.ACTIVE) {
      return true;
    }
    long pending = State.get(vcpu.state, State.PENDING);
    return (activity != State.SHUTDOWN || vcpu.intercepts.guest)
        && pending != 0
        && pending != fruitless
        && State.get(vcpu.state, State.ATTENTION) != 0;
  }

  /** Leaves events. Any thread. */
  void post(int pending) {
    mail.getAndUpdate(
        old ->
            (pending & State.PENDING_INIT) != 0
                ? (old | pending) & 0xFFFF_FFFFL & ~State.PENDING_SIPI
                : old | pending);
    crew.poke(this);
  }

  /** Leaves a start-up IPI. Any thread. */
  void postStartup(int vector) {
    mail.getAndUpdate(
        old -> old & 0xFFFF_FFFFL | State.PENDING_SIPI | (long) vector << VECTOR_SHIFT);
    crew.poke(this);
  }

  /** Takes what others left. On this thread. */
  void takeMail() {
    if (mail.get() == 0) {
      return;
    }
    long events = mail.getAndSet(0);
    int plain = (int) events & ~(State.PENDING_INTERRUPT | State.PENDING_SIPI);
    if (plain != 0) {
      vcpu.pend(plain);
    }
    if ((events & State.PENDING_SIPI) != 0) {
      vcpu.system.startupIpi((int) (events >>> VECTOR_SHIFT));
    }
    if ((events & State.PENDING_INTERRUPT) != 0) {
      ApicRouter.refresh(vcpu, vcpu.apic);
    }
  }

  /** The vCPU is new: nothing waits for it. At a safepoint. */
  void restart() {
    mail.set(0);
    fruitless = 0;
    retired = 0;
  }

  /** PAUSE. */
  @SuppressWarnings("ThreadPriorityCheck") // whom the guest waits for may have no CPU of the host
  void spin() {
    if (++spins % SPINS == 0) {
      Thread.yield();
    } else {
      Thread.onSpinWait();
    }
  }
}
