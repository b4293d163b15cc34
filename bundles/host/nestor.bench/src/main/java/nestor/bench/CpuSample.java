// SPDX-License-Identifier: Apache-2.0
package nestor.bench;

/**
 * CPU time of a process, in nanoseconds of user and system time.
 *
 * @param threads sum over its threads, exact, but without what ended threads used unseen
 * @param process of all its threads, ended ones too, in ticks of the host
 * @param guest of the thread that runs the guest, 0 if there is none
 */
record CpuSample(long threads, long process, long guest) {
  static final CpuSample ZERO = new CpuSample(0, 0, 0);

  /** {@return the better one of the two figures for the whole process} */
  long whole() {
    return Math.max(threads, process);
  }
}
