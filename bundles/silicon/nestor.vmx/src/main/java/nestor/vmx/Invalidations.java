// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

import nestor.isa.Insn;
import nestor.semantics.EffectiveAddress;
import nestor.semantics.Operands;
import nestor.vcpu.GuestMemory;
import nestor.virt.ExitLog;

/** INVEPT and INVVPID (SDM vol. 3C, same titles). */
final class Invalidations {
  private final Vmx x;
  private final VmxInstructions outcome;
  private final ExitLog log;

  Invalidations(Vmx x, VmxInstructions outcome, ExitLog log) {
    this.x = x;
    this.outcome = outcome;
    this.log = log;
  }

  /** {@return whether VM entry would take an EPTP} */
  static boolean isEptPointer(Vmx x, long pointer) {
    int memoryType = (int) pointer & 7;
    return (memoryType == 0 || memoryType == 6)
        && (pointer >>> 3 & 7) == 3
        && (pointer & 0xF80) == 0
        && x.fitsPhysical(pointer);
  }

  private void require(Capability capability) {
    if (!x.capabilities.has(capability)) {
      throw x.v.undefined();
    }
  }

  private long descriptor(Insn i, int half) {
    return GuestMemory.load64(x.v, EffectiveAddress.linear(x.v, i, 16, false) + 8L * half);
  }

  void ept(Insn i) {
    require(Capability.EPT);
    long type = Operands.read(x.v, i, 0);
    if (type != 1 && type != 2) {
      outcome.fail(VmxInstructions.INVALIDATION_OPERAND);
      return;
    }
    long pointer = descriptor(i, 0);
    if (type == 2) {
      log.invalidated("INVEPT", type, 0);
      x.v.mmu.invalidateSecondLevel(-1);
      outcome.succeed();
      return;
    }
    if (!isEptPointer(x, pointer)) {
      outcome.fail(VmxInstructions.INVALIDATION_OPERAND);
      return;
    }
    log.invalidated("INVEPT", type, pointer);
    x.v.mmu.invalidateSecondLevel(pointer & -4096L);
    outcome.succeed();
  }

  void vpid(Insn i) {
    require(Capability.VPID);
    long type = Operands.read(x.v, i, 0);
    if (Long.compareUnsigned(type, 3) > 0) {
      outcome.fail(VmxInstructions.INVALIDATION_OPERAND);
      return;
    }
    long low = descriptor(i, 0);
    long linear = descriptor(i, 1);
    int tag = (int) low & 0xFFFF;
    boolean good =
        low >>> 16 == 0
            && (type == 2 || tag != 0)
            && (type != 0 || HostCheckRows.isCanonical(x, linear));
    if (!good) {
      outcome.fail(VmxInstructions.INVALIDATION_OPERAND);
      return;
    }
    log.invalidated("INVVPID", tag, linear);
    switch ((int) type) {
      case 0 -> x.v.mmu.invalidateTagPage(tag, linear);
      case 2 -> x.v.mmu.invalidateTag(-1, false);
      default -> x.v.mmu.invalidateTag(tag, type == 3);
    }
    outcome.succeed();
  }
}
