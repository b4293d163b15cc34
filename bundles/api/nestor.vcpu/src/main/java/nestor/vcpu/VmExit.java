// SPDX-License-Identifier: Apache-2.0
package nestor.vcpu;

/**
 * A VM exit on its way to the hypervisor: why the guest stopped, in words that both vendors have.
 *
 * <p>Each vCPU has one, as with {@link GuestFault}, whose way it takes: thrown where an instruction
 * must not go on, caught by the engine, handed to {@link SystemUnit#raise}. Event words have the
 * layout of the VM-exit interruption information of VMX and EXITINTINFO of SVM: vector in bits 7:0,
 * type in 10:8, {@link #EVENT_ERROR}, {@link #EVENT_VALID}.
 */
public final class VmExit extends GuestFault {
  private static final long serialVersionUID = 1;

  /** Event type: external interrupt. */
  public static final int EXTERNAL = 0;

  /** Event type: NMI. */
  public static final int NMI = 2 << 8;

  /** Event type: hardware exception. */
  public static final int EXCEPTION = 3 << 8;

  /** Event type: INT n. */
  public static final int SOFTWARE_INTERRUPT = 4 << 8;

  /** Event type: INT1. */
  public static final int PRIVILEGED_SOFTWARE = 5 << 8;

  /** Event type: INT3 or INTO. */
  public static final int SOFTWARE_EXCEPTION = 6 << 8;

  /** Event type: nothing to deliver, but something else to do (VMX: a pending MTF exit). */
  public static final int OTHER_EVENT = 7 << 8;

  /** Mask of the event type. */
  public static final int EVENT_TYPE = 7 << 8;

  /** The event has an error code. */
  public static final int EVENT_ERROR = 1 << 11;

  /** There is an event. */
  public static final int EVENT_VALID = 1 << 31;

  /** The vendor's number of the reason. */
  public int reason;

  /** Exit qualification, or EXITINFO1. */
  public long qualification;

  /** EXITINFO2. */
  public long qualification2;

  /** Guest-linear address. */
  public long linear;

  /** Guest-physical address. */
  public long physical;

  /** Length of the instruction, or 0. */
  public int length;

  /** The vendor's word about the instruction's operands. */
  public long instruction;

  /** The event that exits: exception, NMI or acknowledged interrupt; 0 if none. */
  public int event;

  /** Its error code. */
  public int eventError;

  /** The event that was being delivered when the exit came, or 0. */
  public int vectoring;

  /** Its error code. */
  public int vectoringError;

  /** Length of the instruction that raised {@link #vectoring}, for software events. */
  public int vectoringLength;

  VmExit() {
    vector = NONE;
  }

  void clear(int newReason) {
    vector = NONE;
    errorCode = 0;
    address = 0;
    reason = newReason;
    qualification = 0;
    qualification2 = 0;
    linear = 0;
    physical = 0;
    length = 0;
    instruction = 0;
    event = 0;
    eventError = 0;
    vectoring = 0;
    vectoringError = 0;
    vectoringLength = 0;
  }

  @Override
  public String getMessage() {
    return "VM exit " + reason + ", qualification 0x" + Long.toHexString(qualification);
  }
}
