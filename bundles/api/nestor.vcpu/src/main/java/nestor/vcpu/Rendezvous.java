// SPDX-License-Identifier: Apache-2.0
package nestor.vcpu;

/**
 * How the vCPUs of one machine, each on a thread of its own, keep out of each other's way. Without
 * it vCPUs take turns on one thread, and nothing of this is needed.
 *
 * <p>A vCPU's own state, its TLB and its translated code belong to its thread. Others leave word by
 * {@link #post}, or work {@link #exclusively} while all vCPUs stand where no access to memory is
 * half done: at an instruction boundary, or waiting for the board. Devices, timers and interrupt
 * controllers belong to whoever holds the board, one thread at a time.
 *
 * <p>Order of what may be waited for: the board, then exclusive work. Who works exclusively never
 * asks for a board that it does not hold already.
 */
public interface Rendezvous {

  /** {@return whether the caller is not the thread that owns a vCPU's state now} Any thread. */
  boolean isForeign(Vcpu v);

  /** Leaves events for a vCPU, bits {@code PENDING_*}, and wakes it. Any thread. */
  void post(Vcpu v, int pending);

  /**
   * At a boundary of a vCPU whose {@link State#ATTENTION} others have set: takes what they left,
   * and waits while one of them works exclusively. On the vCPU's thread.
   */
  void pass(Vcpu v);

  /** PAUSE: another vCPU may need the host's CPU more. On a vCPU's thread. */
  void spin();

  /**
   * Does something while no other vCPU executes. What others wrote before is seen, and what this
   * writes is seen by all that they do afterwards. May be nested. Any thread.
   */
  void exclusively(Runnable work);

  /** Waits for the devices, which one thread may use at a time; may be nested. Any thread. */
  void lockBoard();

  /** Ends {@link #lockBoard}. */
  void unlockBoard();
}
