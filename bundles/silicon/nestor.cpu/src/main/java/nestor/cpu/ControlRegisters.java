// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import nestor.vcpu.FastTable;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** CR0, CR2, CR3, CR4, CR8, EFER and XCR0 (SDM vol. 3A, "Control Registers"). */
final class ControlRegisters {
  static final long PE = 1;
  static final long MP = 1 << 1;
  static final long EM = 1 << 2;
  static final long TS = 1 << 3;
  static final long ET = 1 << 4;
  static final long NE = 1 << 5;
  static final long WP = 1 << 16;
  static final long AM = 1 << 18;
  static final long NW = 1 << 29;
  static final long CD = 1 << 30;
  static final long PG = 1L << 31;

  static final long VME = 1;
  static final long PVI = 1 << 1;
  static final long TSD = 1 << 2;
  static final long DE = 1 << 3;
  static final long PSE = 1 << 4;
  static final long PAE = 1 << 5;
  static final long PGE = 1 << 7;
  static final long PCE = 1 << 8;
  static final long UMIP = 1 << 11;
  static final long LA57 = 1 << 12;
  static final long VMXE = 1 << 13;
  static final long FSGSBASE = 1 << 16;
  static final long PCIDE = 1 << 17;
  static final long OSXSAVE = 1 << 18;
  static final long SMEP = 1 << 20;
  static final long SMAP = 1 << 21;
  static final long PKE = 1 << 22;

  static final long EFER_SCE = 1;
  static final long EFER_LME = 1 << 8;
  static final long EFER_LMA = 1 << 10;
  static final long EFER_NXE = 1 << 11;
  static final long EFER_SVME = 1 << 12;

  private static final long CR0_BITS = PE | MP | EM | TS | ET | NE | WP | AM | NW | CD | PG;
  private static final long NO_FLUSH = 1L << 63;

  private final Core core;

  ControlRegisters(Core core) {
    this.core = core;
  }

  /** {@return whether there is a CR of that number; CR8 can be named in 64-bit mode only} */
  static boolean exists(int number) {
    return number <= 4 && number != 1 || number == 8;
  }

  long read(int number) {
    return switch (number) {
      case 0 -> core.get(State.CR0);
      case 2 -> core.get(State.CR2);
      case 3 -> core.get(State.CR3);
      case 4 -> core.get(State.CR4);
      case 8 -> core.v.apic.cr8();
      default -> throw core.v.undefined();
    };
  }

  void write(int number, long value) {
    switch (number) {
      case 0 -> writeCr0(value);
      case 2 -> core.set(State.CR2, value);
      case 3 -> writeCr3(value);
      case 4 -> writeCr4(value);
      case 8 -> {
        if ((value & ~15L) != 0) {
          throw core.v.protection();
        }
        core.v.apic.writeCr8((int) value);
      }
      default -> throw core.v.undefined();
    }
  }

  /** Faults if a register cannot take a value, for reasons that need no look into memory. */
  void check(int number, long value) {
    switch (number) {
      case 0 -> checkCr0(value);
      case 3 -> checkCr3(value);
      case 4 -> checkCr4(value);
      case 8 -> require((value & ~15L) == 0);
      default -> {}
    }
  }

  private void require(boolean condition) {
    if (!condition) {
      throw core.v.protection();
    }
  }

  private void checkCr0(long value) {
    require(value >>> 32 == 0);
    require((value & PG) == 0 || (value & PE) != 0);
    require((value & NW) == 0 || (value & CD) != 0);
    boolean changes = ((core.get(State.CR0) ^ value) & PG) != 0;
    if (changes && (value & PG) != 0 && (core.get(State.EFER) & EFER_LME) != 0) {
      // Intel's alone: TR of AMD's processors holds a 16-bit TSS after reset, and nobody loads
      // another one before (APM vol. 2, "Long-Mode Consistency Checks").
      boolean tss16 = !core.v.amd && (State.attributes(core.state, Segment.TR) & 8) == 0;
      boolean code64 = (State.attributes(core.state, Segment.CS) & Segment.LONG) != 0;
      require((core.get(State.CR4) & PAE) != 0 && !code64 && !tss16);
    } else if (changes && (value & PG) == 0) {
      require(!State.mode64(core.state) && (core.get(State.CR4) & PCIDE) == 0);
    }
  }

  void writeCr0(long value) {
    Vcpu v = core.v;
    checkCr0(value);
    long old = core.get(State.CR0);
    long next = value & CR0_BITS | ET;
    if (v.virtualization != null && !v.virtualization.allowsCr0(next)) {
      throw v.protection();
    }
    long changed = old ^ next;
    if ((changed & PG) != 0) {
      if ((next & PG) != 0) {
        pagingOn(next);
      } else {
        core.set(State.EFER, core.get(State.EFER) & ~EFER_LMA);
      }
    } else if ((changed & (CD | NW)) != 0 && (next & PG) != 0 && legacyPae()) {
      requirePdptes();
    }
    core.set(State.CR0, next);
    if ((changed & PE) != 0) {
      core.setCpl(0);
    }
    if ((changed & (PE | PG)) != 0) {
      core.updateCodeSize();
    }
    if ((changed & (PE | PG | WP | AM)) != 0) {
      v.mmu.modeChanged();
    }
    if ((changed & PG) != 0) {
      v.mmu.flushAll();
    }
    v.attention(State.ATTENTION_RECHECK);
  }

  private void pagingOn(long next) {
    long efer = core.get(State.EFER);
    if ((efer & EFER_LME) != 0) {
      core.set(State.EFER, efer | EFER_LMA);
    } else if ((core.get(State.CR4) & PAE) != 0) {
      long old = core.get(State.CR0);
      core.set(State.CR0, next);
      boolean good = core.v.mmu.loadPdptes();
      core.set(State.CR0, old);
      if (!good) {
        throw core.v.protection();
      }
    }
  }

  /** {@return whether PAE paging uses PDPTE registers, now or as soon as paging is on} */
  private boolean legacyPae() {
    return (core.get(State.CR0) & PG) != 0
        && (core.get(State.CR4) & PAE) != 0
        && !State.longMode(core.state);
  }

  private void requirePdptes() {
    if (!core.v.mmu.loadPdptes()) {
      throw core.v.protection();
    }
  }

  private void checkCr3(long value) {
    boolean pcide = (core.get(State.CR4) & PCIDE) != 0;
    long next = pcide ? value & ~NO_FLUSH : value;
    require(!State.longMode(core.state) || next >>> core.model.physicalBits() == 0);
  }

  private void writeCr3(long value) {
    checkCr3(value);
    Vcpu v = core.v;
    boolean pcide = (core.get(State.CR4) & PCIDE) != 0;
    boolean keep = pcide && (value & NO_FLUSH) != 0;
    long next = pcide ? value & ~NO_FLUSH : value;
    long old = core.get(State.CR3);
    core.set(State.CR3, next);
    if (legacyPae() && !v.mmu.loadPdptes()) {
      core.set(State.CR3, old);
      throw v.protection();
    }
    v.mmu.addressSpaceChanged(keep);
  }

  private void checkCr4(long value) {
    Vcpu v = core.v;
    long changed = core.get(State.CR4) ^ value;
    require((value & ~core.model.cr4Bits()) == 0);
    require(v.virtualization == null ? (value & VMXE) == 0 : v.virtualization.allowsCr4(value));
    boolean longMode = State.longMode(core.state);
    require(!longMode || (value & PAE) != 0 && (changed & LA57) == 0);
    boolean taken = (changed & value & PCIDE) != 0;
    require(!taken || longMode && (core.get(State.CR3) & 0xFFF) == 0);
  }

  private void writeCr4(long value) {
    checkCr4(value);
    Vcpu v = core.v;
    long old = core.get(State.CR4);
    long changed = old ^ value;
    core.set(State.CR4, value);
    if (legacyPae() && (changed & (PAE | PGE | PSE | SMEP)) != 0 && !v.mmu.loadPdptes()) {
      core.set(State.CR4, old);
      throw v.protection();
    }
    core.set(State.CANONICAL_SHIFT, (value & LA57) != 0 ? 7 : 16);
    v.mmu.modeChanged();
    boolean flush =
        (changed & (PAE | PGE | PSE | LA57)) != 0
            || (changed & old & PCIDE) != 0
            || (changed & value & SMEP) != 0;
    if (flush) {
      v.mmu.flushAll();
    }
    FastTable.select(core.state);
    v.attention(State.ATTENTION_RECHECK);
  }

  /** WRMSR to EFER (SDM vol. 3A, "Extended Feature Enable Register"; APM vol. 2). */
  void writeEfer(long value) {
    long old = core.get(State.EFER);
    if ((value & ~(core.model.eferBits() | EFER_LMA)) != 0) {
      throw core.v.protection();
    }
    if (core.v.virtualization == null
        ? (value & EFER_SVME) != 0
        : !core.v.virtualization.allowsEfer(value)) {
      throw core.v.protection();
    }
    if (((old ^ value) & EFER_LME) != 0 && (core.get(State.CR0) & PG) != 0) {
      throw core.v.protection();
    }
    core.set(State.EFER, value & ~EFER_LMA | old & EFER_LMA);
    core.v.mmu.modeChanged();
    core.v.attention(State.ATTENTION_RECHECK);
  }

  /** LMSW: the low four bits of CR0, of which PE can only be set. */
  void loadStatusWord(int value) {
    long old = core.get(State.CR0);
    writeCr0(old & ~0xEL | value & 0xF);
  }

  void clearTaskSwitched() {
    core.set(State.CR0, core.get(State.CR0) & ~TS);
    core.v.attention(State.ATTENTION_RECHECK);
  }

  /** XSETBV (SDM vol. 2, "XSETBV"). */
  void writeXcr(int number, long value) {
    boolean good =
        number == 0
            && (value & 1) != 0
            && (value & ~core.model.xcr0Bits()) == 0
            && ((value & 4) == 0 || (value & 2) != 0)
            && ((value & 0xE0) == 0 || (value & 0xE6) == 0xE6)
            && ((value & 0x18) == 0 || (value & 0x18) == 0x18);
    if (!good) {
      throw core.v.protection();
    }
    core.set(State.XCR0, value);
    core.v.attention(State.ATTENTION_RECHECK);
  }
}
