// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import nestor.vcpu.Mem;
import nestor.vcpu.State;

/**
 * Work that one thread does while no vCPU is inside, that is, in the middle of an access to memory.
 */
final class Exclusion {
  private static final long NAP_NANOS = 20_000;
  private static final int SPINS = 2_000;

  private final CrewMember[] members;
  private final ReentrantLock lock = new ReentrantLock();

  /** Who works, or waits for the others to come out. */
  private volatile Thread worker;

  // Guarded by the lock.
  private long count;
  private long nanos;

  Exclusion(CrewMember[] members) {
    this.members = members;
  }

  /** From now on the vCPU may access memory. Waits while another thread works. */
  void enter(CrewMember t) {
    t.inside = true;
    if (worker != null && !lock.isHeldByCurrentThread()) {
      leave(t);
      lock.lock();
      try {
        t.inside = true;
      } finally {
        lock.unlock();
      }
    }
  }

  /** No access of the vCPU is half done until it enters again. */
  void leave(CrewMember t) {
    t.inside = false;
    Thread waiting = worker;
    if (waiting != null) {
      LockSupport.unpark(waiting);
    }
  }

  /** At a boundary of a vCPU: lets another thread work that wants to. */
  void giveWay(CrewMember t) {
    if (worker != null) {
      leave(t);
      enter(t);
    }
  }

  /** Does something exclusively; {@code me} is whose thread this is, or null. */
  void run(CrewMember me, Runnable work) {
    if (lock.isHeldByCurrentThread()) {
      work.run();
      return;
    }
    boolean wasInside = me != null && me.inside;
    if (wasInside) {
      leave(me);
    }
    lock.lock();
    try {
      long start = System.nanoTime();
      worker = Thread.currentThread();
      askOutside(me);
      work.run();
      wakeMoved();
      count++;
      nanos += System.nanoTime() - start;
    } finally {
      worker = null;
      lock.unlock();
      if (wasInside) {
        enter(me);
      }
    }
  }

  private void askOutside(CrewMember me) {
    for (CrewMember t : members) {
      if (t != me && t.inside) {
        Mem.putInt(t.vcpu.state + State.ATTENTION_OF_OTHERS, 1);
      }
    }
    Mem.fullFence();
    for (CrewMember t : members) {
      for (int spins = 0; t != me && t.inside; spins++) {
        rest(spins);
      }
    }
  }

  /** The work may have moved a vCPU that slept: a store to the line that it monitors. */
  private void wakeMoved() {
    Mem.fullFence(); // who goes to sleep now sees that it was moved
    for (CrewMember t : members) {
      if (t.asleep && t.isRunnable()) {
        t.wake();
      }
    }
  }

  /** Waits a moment: first on the CPU, then off it. */
  static void rest(int spins) {
    if (spins < SPINS) {
      Thread.onSpinWait();
    } else {
      LockSupport.parkNanos(NAP_NANOS);
    }
  }

  /** {@return how often somebody worked} */
  long count() {
    lock.lock();
    try {
      return count;
    } finally {
      lock.unlock();
    }
  }

  /** {@return how long that took, until all were out and until it was done} */
  long nanos() {
    lock.lock();
    try {
      return nanos;
    } finally {
      lock.unlock();
    }
  }
}
