// SPDX-License-Identifier: Apache-2.0
package nestor.api.virt;

/**
 * How often a guest left at one place for one reason.
 *
 * @param cpu the vCPU
 * @param level the guest's level
 * @param reason the vendor's name of the reason
 * @param rip guest RIP of the exits, as the exit saved it; -1 for all places that were not told
 *     apart
 */
public record ExitCount(int cpu, int level, String reason, long rip, long count) {}
