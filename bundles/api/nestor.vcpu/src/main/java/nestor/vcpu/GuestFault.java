// SPDX-License-Identifier: Apache-2.0
package nestor.vcpu;

/**
 * A fault of the instruction in execution, on its way to the guest's handler.
 *
 * <p>Each vCPU has one, thrown again and again, so that a fault allocates nothing. Whoever catches
 * it must be done with it before the next is thrown. A {@link VmExit} takes the same way.
 */
public class GuestFault extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Divide error. */
  public static final int DE = 0;

  /** Debug. */
  public static final int DB = 1;

  /** Breakpoint. */
  public static final int BP = 3;

  /** Overflow. */
  public static final int OF = 4;

  /** BOUND range exceeded. */
  public static final int BR = 5;

  /** Invalid opcode. */
  public static final int UD = 6;

  /** Device not available. */
  public static final int NM = 7;

  /** Double fault. */
  public static final int DF = 8;

  /** Invalid TSS. */
  public static final int TS = 10;

  /** Segment not present. */
  public static final int NP = 11;

  /** Stack fault. */
  public static final int SS = 12;

  /** General protection. */
  public static final int GP = 13;

  /** Page fault. */
  public static final int PF = 14;

  /** x87 floating-point error. */
  public static final int MF = 16;

  /** Alignment check. */
  public static final int AC = 17;

  /** Machine check. */
  public static final int MC = 18;

  /** SIMD floating-point exception. */
  public static final int XM = 19;

  /** {@link #vector} of a {@link VmExit}: no vector at all. */
  public static final int NONE = -1;

  /**
   * No exception: the instruction does not execute yet, and is tried again after an event at the
   * boundary or some time. So waits an x87 instruction for the interrupt that FERR# leads to.
   */
  public static final int WAIT = 256;

  /** Vector number. */
  public int vector;

  /** Error code; meaningful for the vectors that have one. */
  public int errorCode;

  /** For page faults, the linear address; CR2 takes it at delivery. For debug, the DR6 bits. */
  public long address;

  GuestFault() {
    super(null, null, false, false);
  }

  /** {@return whether the vector pushes an error code (SDM vol. 3A, "Error Code")} */
  public static boolean hasErrorCode(int vector) {
    return vector == DF
        || vector >= TS && vector <= PF
        || vector == AC
        || vector == 21
        || vector == 30;
  }

  @Override
  public String getMessage() {
    return "vector "
        + vector
        + ", error code 0x"
        + Integer.toHexString(errorCode)
        + ", address 0x"
        + Long.toHexString(address);
  }
}
