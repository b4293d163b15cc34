// SPDX-License-Identifier: Apache-2.0
package nestor.api.virt;

/**
 * Something that happened to a virtual machine in the machine.
 *
 * @param cpu the vCPU
 * @param level level of the guest that was entered, left or interrupted; for {@link
 *     Kind#INVALIDATE} and {@link Kind#WRITE}, level of the software that did it
 * @param nanos guest time, in nanoseconds since the machine was switched on
 * @param name see {@link Kind}
 * @param number see {@link Kind}
 * @param rip the guest's RIP; for {@link Kind#INVALIDATE} and {@link Kind#WRITE} that of the
 *     instruction
 * @param info see {@link Kind}
 * @param info2 see {@link Kind}
 */
public record VmEvent(
    Kind kind,
    int cpu,
    int level,
    long nanos,
    String name,
    long number,
    long rip,
    long info,
    long info2) {

  /** What happened, and what the other components then mean. */
  public enum Kind {
    /** A guest was entered; number is the physical address of its control structure. */
    ENTRY,
    /**
     * A VM entry failed; name is the rule that did not hold, with its section in the manual, number
     * the physical address of the control structure.
     */
    FAILED_ENTRY,
    /**
     * A guest exited; name and number are the vendor's reason, info the exit qualification or
     * EXITINFO1, info2 the guest-physical address or EXITINFO2.
     */
    EXIT,
    /** VM entry injected an event; number is its event word, info its error code. */
    INJECT,
    /**
     * Translations of guests were dropped; name is the instruction or control, number the VPID,
     * ASID or type, info the address or root.
     */
    INVALIDATE,
    /** Software wrote a field of a control structure; name is the field, info the value. */
    WRITE
  }
}
