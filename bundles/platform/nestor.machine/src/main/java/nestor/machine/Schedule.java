// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.util.Map;
import nestor.vcpu.Vcpu;

/**
 * Who runs the vCPUs of a machine, and when. Called on the machine's thread.
 *
 * <p>Between two calls the vCPUs may go on in the background, until {@link #stop}: only then may
 * anybody touch them, the memory or the devices, or what is {@link #guarded}.
 */
interface Schedule extends AutoCloseable {
  /** A vCPU ran. */
  int RAN = 0;

  /** No vCPU has anything to do before the next deadline. */
  int IDLE = 1;

  /** A vCPU met a triple fault: {@link #turn}. */
  int SHUTDOWN = 2;

  /** The vCPUs run in the background; look again after {@link #pauseNanos}. */
  int RUNNING = 3;

  /**
   * Takes the timers that are due, and lets vCPUs run.
   *
   * @param limit a tick to stop at besides those, for input that has to enter there
   */
  int step(long limit);

  /** Host time until the next timer is due, after {@link #RUNNING}. */
  long pauseNanos();

  /** All vCPUs stand at an instruction boundary when this returns, and stay there. */
  void stop();

  /** Does something with devices while vCPUs may run. */
  void guarded(Runnable work);

  /** The vCPU that ran last, or that met a triple fault. */
  int turn();

  /** After a reset. */
  void restart();

  /** Sees every instruction before it runs; null for nobody. */
  void setTracer(Tracer tracer);

  /** {@return counters by name, for people} */
  Map<String, Long> counters();

  @Override
  void close();

  /** Sees every instruction before it runs. */
  interface Tracer {
    /** The vCPU stands before its next instruction, or before an event that goes first. */
    void before(Vcpu v);
  }
}
