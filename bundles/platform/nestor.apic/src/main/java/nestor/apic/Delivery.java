// SPDX-License-Identifier: Apache-2.0
package nestor.apic;

/** Delivery modes of messages, and whom a destination means (SDM vol. 3A, "Issuing IPIs"). */
final class Delivery {
  static final int MODE_FIXED = 0;
  static final int MODE_LOWEST = 1;
  static final int MODE_SMI = 2;
  static final int MODE_NMI = 4;
  static final int MODE_INIT = 5;
  static final int MODE_SIPI = 6;
  static final int MODE_EXTINT = 7;

  private Delivery() {}

  /** {@return the logical ID of x2APIC mode: the cluster and a bit in it} */
  static int x2LogicalId(int id) {
    return (id & ~15) << 12 | 1 << (id & 15);
  }

  /**
   * {@return whether a message is for an APIC}
   *
   * @param destination the message's, all ones for everybody
   * @param logical whether it is compared with LDR, else with the ID
   * @param x2 whether the APIC is in x2APIC mode
   * @param id its ID
   * @param ldr its logical destination register
   * @param dfr its destination format register; xAPIC mode
   */
  static boolean matches(int destination, boolean logical, boolean x2, int id, int ldr, int dfr) {
    if (destination == -1) {
      return true;
    }
    if (x2) {
      return logical
          ? destination >>> 16 == ldr >>> 16 && (destination & ldr & 0xFFFF) != 0
          : destination == id;
    }
    // A sender in x2APIC mode may name IDs that this mode does not have: they do not alias.
    int target = destination;
    if (target >>> 8 != 0) {
      return false;
    }
    if (!logical) {
      return target == 0xFF || target == id;
    }
    int mine = ldr >>> 24;
    if (dfr >>> 28 == 0xF) {
      return (target & mine) != 0;
    }
    // Cluster model: high four bits name the cluster, 15 all of them.
    boolean cluster = target >> 4 == 15 || target >> 4 == mine >> 4;
    return cluster && (target & mine & 15) != 0;
  }
}
