// SPDX-License-Identifier: Apache-2.0
package nestor.apic;

/** IA32_APIC_BASE: where the registers are and in which mode (SDM vol. 3A, "x2APIC States"). */
final class BaseRegister {
  private static final long BSP = 1 << 8;
  private static final long EXTD = 1 << 10;
  private static final long ENABLE = 1 << 11;
  private static final long DEFAULT_PAGE = 0xFEE0_0000L;
  private static final long PAGE = 0xF_FFFF_FFFF_F000L;

  /** What a write does to the mode. */
  enum Change {
    /** It is not allowed, and nothing happened. */
    REFUSED,
    NONE,
    OFF,
    X2
  }

  private final boolean bootstrap;
  private long value;

  /**
   * The register of one processor.
   *
   * @param bootstrap whether it is the one that boots
   */
  BaseRegister(boolean bootstrap) {
    this.bootstrap = bootstrap;
    reset();
  }

  void reset() {
    value = DEFAULT_PAGE | ENABLE | (bootstrap ? BSP : 0);
  }

  void restore(long saved) {
    value = saved;
  }

  long get() {
    return value;
  }

  boolean enabled() {
    return (value & ENABLE) != 0;
  }

  boolean x2() {
    return (value & (ENABLE | EXTD)) == (ENABLE | EXTD);
  }

  /** {@return the guest-physical address of the registers, or -1 if they are on no page} */
  long page() {
    return enabled() && !x2() ? value & PAGE : -1;
  }

  /** Writes the register, as WRMSR does. */
  Change set(long written) {
    long mode = ENABLE | EXTD;
    long from = value & mode;
    long to = written & mode;
    // Figure "Local APIC State Transitions with IA32_APIC_BASE": EXTD without EN is illegal, x2APIC
    // is left only by disabling, and entered only from xAPIC mode.
    if ((written & ~(BSP | mode | PAGE)) != 0
        || to == EXTD
        || from == mode && to == ENABLE
        || from == 0 && to == mode) {
      return Change.REFUSED;
    }
    value = written;
    if (from == to || to == ENABLE) {
      return Change.NONE;
    }
    return to == 0 ? Change.OFF : Change.X2;
  }
}
