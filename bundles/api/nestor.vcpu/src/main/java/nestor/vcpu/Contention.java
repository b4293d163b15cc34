// SPDX-License-Identifier: Apache-2.0
package nestor.vcpu;

/**
 * A locked read-modify-write could not be finished by compare-and-set: nothing has been written,
 * and the instruction starts anew. Only between {@link GuestMemory} and who executes it.
 */
public final class Contention extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Another vCPU was faster: trying again will do. */
  public static final Contention LOST = new Contention("another vCPU wrote in between");

  /** No compare-and-set does for this operand: it is misaligned, watched or a device's. */
  public static final Contention UNSUITABLE = new Contention("the operand must be locked by force");

  private Contention(String message) {
    super(message, null, false, false);
  }
}
