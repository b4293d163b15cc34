// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

import static nestor.vmx.VmcsField.*;

import nestor.vcpu.SecondLevelFault;
import nestor.vcpu.State;
import nestor.vcpu.VmExit;
import nestor.vmx.Control.Primary;
import nestor.vmx.Control.Secondary;

/**
 * The TPR shadow and the APIC-access page (SDM vol. 3C, "Virtualizing CR8-Based TPR Accesses",
 * "Virtualizing Memory-Mapped APIC Accesses", "Virtualizing MSR-Based APIC Accesses").
 */
final class ApicVirtualization {
  static final int TPR_MSR = 0x808;
  private static final int TPR = 0x80;

  private static final int LINEAR_READ = 0;
  private static final int LINEAR_WRITE = 1;
  private static final int LINEAR_FETCH = 2;
  private static final int LINEAR_DELIVERY = 3;
  private static final int PHYSICAL_DELIVERY = 10;
  private static final int PHYSICAL = 15;

  private final Vmx x;

  /** A write took the TPR below its threshold; the exit comes after the instruction. */
  private boolean belowThreshold;

  ApicVirtualization(Vmx x) {
    this.x = x;
  }

  long tpr() {
    return x.v.memory.load(null, x.get(VIRTUAL_APIC_ADDRESS) + TPR, 4) & 0xFF;
  }

  /** Writes VTPR: "TPR virtualization". */
  void writeTpr(long value) {
    x.v.memory.store(null, x.get(VIRTUAL_APIC_ADDRESS) + TPR, 4, value & 0xFF);
    check();
  }

  /** Without virtual-interrupt delivery a TPR below the threshold exits, also right after entry. */
  void check() {
    if (x.primary(Primary.TPR_SHADOW) && x.get(TPR_THRESHOLD) > tpr() >>> 4) {
      belowThreshold = true;
      x.pend(State.PENDING_VIRTUAL_EVENT);
    }
  }

  void entered() {
    belowThreshold = false;
    if (x.secondary(Secondary.VIRTUALIZE_APIC_ACCESSES)) {
      check();
    }
  }

  boolean takesExit() {
    boolean takes = belowThreshold;
    belowThreshold = false;
    return takes;
  }

  /** {@return whether RDMSR and WRMSR of the TPR go to the virtual-APIC page} */
  boolean hasTprMsr() {
    return x.secondary(Secondary.VIRTUALIZE_X2APIC);
  }

  long load(long linear, long physical, int size, int access) {
    int offset = (int) physical & 0xFFF;
    boolean aligned = (offset & ~0xF) == TPR && (offset & 0xF) + size <= 4;
    boolean plain = linear != -1 && access == SecondLevelFault.READ;
    if (plain && aligned && x.primary(Primary.TPR_SHADOW)) {
      return x.v.memory.load(null, x.get(VIRTUAL_APIC_ADDRESS) + offset, size);
    }
    throw exit(linear, offset, access);
  }

  void store(long linear, long physical, int size, long value) {
    int offset = (int) physical & 0xFFF;
    if (linear != -1 && offset == TPR && size <= 4 && x.primary(Primary.TPR_SHADOW)) {
      long old = x.v.memory.load(null, x.get(VIRTUAL_APIC_ADDRESS) + TPR, 4);
      long mask = size == 4 ? 0xFFFF_FFFFL : (1L << 8 * size) - 1;
      writeTpr(old & ~mask | value & mask);
      return;
    }
    throw exit(linear, offset, SecondLevelFault.WRITE);
  }

  private VmExit exit(long linear, int offset, int access) {
    VmExit exit = x.instructionExit(ExitReason.APIC_ACCESS);
    boolean delivering = x.v.core.isDelivering();
    int type;
    if (linear == -1) {
      type = delivering ? PHYSICAL_DELIVERY : PHYSICAL;
    } else if (delivering) {
      type = LINEAR_DELIVERY;
    } else {
      type =
          switch (access) {
            case SecondLevelFault.WRITE -> LINEAR_WRITE;
            case SecondLevelFault.FETCH -> LINEAR_FETCH;
            default -> LINEAR_READ;
          };
    }
    if (delivering) {
      exit.length = 0;
    }
    exit.qualification = offset | type << 12;
    return exit;
  }
}
