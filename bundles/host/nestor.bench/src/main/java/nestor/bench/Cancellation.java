// SPDX-License-Identifier: Apache-2.0
package nestor.bench;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Ends the programs under measurement when the user interrupts the command. */
final class Cancellation {
  private final Set<Process> running = ConcurrentHashMap.newKeySet();

  /** {@return what is to be closed when the process needs no watching any more} */
  Watch watch(Process process) {
    running.add(process);
    return () -> running.remove(process);
  }

  /** Ends what runs now. Any thread may call it. */
  void cancel() {
    for (Process process : running) {
      process.descendants().forEach(ProcessHandle::destroy);
      process.destroy();
    }
  }

  /** Closed when a process has ended. */
  interface Watch extends AutoCloseable {
    @Override
    void close();
  }
}
