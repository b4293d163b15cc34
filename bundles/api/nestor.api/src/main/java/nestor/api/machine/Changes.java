// SPDX-License-Identifier: Apache-2.0
package nestor.api.machine;

import java.util.SortedMap;

/**
 * What has become of a machine since somebody last asked; for comparing machines that must be the
 * same.
 *
 * @param ticks of its clock
 * @param instructions retired by all vCPUs
 * @param state SHA-256 of time, architectural state and devices, without RAM, in hexadecimal
 * @param pages the pages of RAM that were written, by guest-physical address, each with a 64-bit
 *     hash of what it holds; it tells pages apart, but is no protection against forgery
 */
public record Changes(long ticks, long instructions, String state, SortedMap<Long, Long> pages) {}
