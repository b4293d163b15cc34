// SPDX-License-Identifier: Apache-2.0
package nestor.bench;

/** A line that a process printed, and what it had cost until it was read. */
record StampedLine(String text, CpuSample cpu) {}
