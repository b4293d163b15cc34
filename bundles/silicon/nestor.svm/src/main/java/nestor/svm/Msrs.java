// SPDX-License-Identifier: Apache-2.0
package nestor.svm;

/** The MSRs of SVM (APM vol. 2, "SVM Related MSRs"). */
final class Msrs {
  private static final int TSC_RATIO = 0xC000_0104;
  private static final int VM_CR = 0xC001_0114;
  private static final int VM_HSAVE_PA = 0xC001_0117;
  private static final int SVM_KEY = 0xC001_0118;
  private static final long UNIT_RATIO = 1L << 32;

  private final Svm x;

  Msrs(Svm x) {
    this.x = x;
    reset();
  }

  void reset() {
    x.vmCr = 0;
    x.key = 0;
    x.hostSave = 0;
    x.tscRatio = UNIT_RATIO;
  }

  boolean has(int msr) {
    return switch (msr) {
      case VM_CR, VM_HSAVE_PA -> true;
      case SVM_KEY -> x.capabilities.has(Capability.SVML);
      case TSC_RATIO -> x.capabilities.has(Capability.TSC_RATE_MSR);
      default -> false;
    };
  }

  long read(int msr) {
    return switch (msr) {
      case VM_CR -> x.vmCr;
      case VM_HSAVE_PA -> x.hostSave;
      case TSC_RATIO -> x.tscRatio;
      default -> 0; // the key cannot be read
    };
  }

  private void require(boolean condition) {
    if (!condition) {
      throw x.v.protection();
    }
  }

  void write(int msr, long value) {
    switch (msr) {
      case VM_CR -> writeControl(value);
      case VM_HSAVE_PA -> {
        require(x.isPage(value));
        x.hostSave = value;
      }
      case TSC_RATIO -> {
        require(value >>> 40 == 0);
        x.tscRatio = value;
      }
      default -> {
        if ((x.vmCr & Svm.VM_CR_LOCK) == 0) {
          x.key = value;
        } else if (x.key != 0 && x.key == value) {
          x.vmCr &= ~Svm.VM_CR_LOCK;
        }
      }
    }
  }

  /** LOCK keeps itself and SVMDIS; SVMDIS cannot be set while SVM is enabled. */
  private void writeControl(long value) {
    require((value & ~0x1FL) == 0);
    long kept = (x.vmCr & Svm.VM_CR_LOCK) != 0 ? Svm.VM_CR_LOCK | Svm.VM_CR_SVMDIS : 0;
    long next = value & ~kept | x.vmCr & kept;
    boolean enabled = (x.state(nestor.vcpu.State.EFER) & Svm.EFER_SVME) != 0;
    require(!enabled || (next & Svm.VM_CR_SVMDIS) == 0);
    x.vmCr = next;
  }
}
