// SPDX-License-Identifier: Apache-2.0
package nestor.vcpu;

import java.util.List;
import java.util.Map;

/**
 * Executes the instructions of one vCPU.
 *
 * <p>All architectural state is in the vCPU's state block; an engine keeps only caches, so engines
 * can be exchanged at any instruction boundary.
 */
public interface Engine {

  /** The budget is used up. */
  int BUDGET = 0;

  /** The vCPU halted or waits for a start-up IPI. */
  int HALTED = 1;

  /** {@code ATTENTION_STOP} was asked for. */
  int STOPPED = 2;

  /** Triple fault: the vCPU is in shutdown. */
  int SHUTDOWN = 3;

  /**
   * Runs until the budget in {@code State.BUDGET} is used up or another stop cause occurs, always
   * at an instruction boundary. On return {@code State.POSITION} is 0 and RFLAGS is complete.
   *
   * @return a stop cause of this interface
   */
  int run();

  /** Drops all caches. */
  void flush();

  /** Gives up what it holds; the engine is not used again. */
  void close();

  /** {@return counters by name, for {@code nestor:engine stats}} */
  Map<String, Long> counters();

  /** {@return what was made of the code at RIP, or null if nothing was} At a boundary. */
  default CodeListing listing() {
    return null;
  }

  /** {@return what was made of the code that is sampled most, in descending order} */
  default List<CodeListing> busiest(int most) {
    return List.of();
  }
}
