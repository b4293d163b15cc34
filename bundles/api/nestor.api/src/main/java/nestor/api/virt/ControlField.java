// SPDX-License-Identifier: Apache-2.0
package nestor.api.virt;

/**
 * A field of a VMCS or VMCB.
 *
 * @param name the manual's name in lower case, such as {@code guest_rip} or {@code intercept_3}
 * @param value zero-extended from the field's width
 * @param meaning its bits in words; empty if the number says it all
 * @param offset where it lies in the structure in memory, in bytes; -1 if the processor keeps it
 * @param bytes its width
 */
public record ControlField(String name, long value, String meaning, int offset, int bytes) {}
