// SPDX-License-Identifier: Apache-2.0
package nestor.api.machine;

/**
 * Something worth telling the user.
 *
 * @param nanos guest time when it happened
 * @param count how often the same thing happened in a row
 */
public record MachineEvent(long nanos, String text, int count) {}
