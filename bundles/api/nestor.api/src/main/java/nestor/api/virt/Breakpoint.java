// SPDX-License-Identifier: Apache-2.0
package nestor.api.virt;

/**
 * A breakpoint on what happens to virtual machines.
 *
 * @param number by which it is removed
 * @param kind {@link VmEvent.Kind#EXIT} or {@link VmEvent.Kind#WRITE}
 * @param name the vendor's reason, or the field
 * @param hits how often it held the machine
 */
public record Breakpoint(int number, VmEvent.Kind kind, String name, long hits) {}
