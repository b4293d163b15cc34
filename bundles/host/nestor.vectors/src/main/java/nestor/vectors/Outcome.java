// SPDX-License-Identifier: Apache-2.0
package nestor.vectors;

/**
 * Where a run ended.
 *
 * @param exception the vector of the exception taken, or -1
 * @param errorCode its error code, or 0
 * @param cr2 CR2
 * @param rip linear address of the next instruction, or what the exception pushed
 * @param rflags RFLAGS before delivery, without RF
 * @param stuck whether it went on for ever
 */
public record Outcome(
    int exception, long errorCode, long cr2, long rip, long rflags, boolean stuck) {}
