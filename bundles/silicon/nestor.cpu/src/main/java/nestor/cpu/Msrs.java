// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import nestor.api.state.StateReader;
import nestor.api.state.StateWriter;
import nestor.vcpu.Segment;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;

/** Model-specific registers (SDM vol. 4; APM vol. 2, appendix A). */
final class Msrs {
  private static final int MC_BANKS = 10;
  private static final int VM_CR = 0xC001_0114;
  private static final int HWCR = 0xC001_0015;
  private static final long MISC_ENABLE_RESET = 0x1 | 1 << 11 | 1 << 12 | 1 << 18;
  private static final long LIMIT_CPUID = 1 << 22;
  private static final long XD_DISABLE = 1L << 34;
  private static final long MISC_ENABLE_WRITABLE =
      0x1 | 1 << 3 | 1 << 16 | 1 << 18 | LIMIT_CPUID | 1 << 23 | XD_DISABLE;

  private final Core core;
  private final ControlRegisters registers;
  private final Mtrrs mtrrs;
  private final Tsc tsc;
  private final Map<Integer, MsrTable.Cell> cells = new HashMap<>();
  private final Map<Integer, Long> stored = new TreeMap<>();
  private final Map<Integer, Long> unknown = new TreeMap<>();
  private long miscEnable;
  private long featureControl;
  private long pat;

  Msrs(Core core, ControlRegisters registers, Tsc tsc) {
    this.core = core;
    this.registers = registers;
    this.tsc = tsc;
    mtrrs = new Mtrrs(core.model.physicalBits(), core.model.isAmd());
    for (MsrTable.Cell cell : MsrTable.cells(core.model)) {
      for (int n = 0; n < cell.count(); n++) {
        cells.put(cell.first() + n, cell);
      }
    }
  }

  void reset() {
    stored.clear();
    mtrrs.reset();
    miscEnable = MISC_ENABLE_RESET;
    featureControl = 0;
    pat = 0x0007_0406_0007_0406L;
  }

  long pat() {
    return pat;
  }

  void setPat(long value) {
    pat = value;
  }

  /** {@return whether IA32_MISC_ENABLE cuts the basic leaves of CPUID after leaf 2} */
  boolean cpuidLimited() {
    return (miscEnable & LIMIT_CPUID) != 0;
  }

  /** {@return whether IA32_MISC_ENABLE takes NX and EFER.NXE away} */
  boolean noExecuteDisabled() {
    return (miscEnable & XD_DISABLE) != 0;
  }

  boolean monitorEnabled() {
    return core.model.isAmd() || (miscEnable & 1 << 18) != 0;
  }

  /** {@return how often the guest named which MSR that is not there} */
  Map<Integer, Long> unknown() {
    return unknown;
  }

  private RuntimeException unknown(int msr) {
    unknown.merge(msr, 1L, Long::sum);
    return core.v.protection();
  }

  private void require(boolean condition) {
    if (!condition) {
      throw core.v.protection();
    }
  }

  private static boolean isX2Apic(int msr) {
    return msr >= 0x800 && msr <= 0x8FF;
  }

  private static boolean isBank(int msr) {
    return msr >= 0x400 && msr < 0x400 + 4 * MC_BANKS;
  }

  /** {@return the field of the state block that holds an MSR, or -1} */
  private int field(int msr) {
    return switch (msr) {
      case 0x174 -> State.SYSENTER_CS;
      case 0x175 -> State.SYSENTER_ESP;
      case 0x176 -> State.SYSENTER_EIP;
      case 0xC000_0081 -> State.STAR;
      case 0xC000_0082 -> State.LSTAR;
      case 0xC000_0083 -> State.CSTAR;
      case 0xC000_0084 -> State.FMASK;
      case 0xC000_0102 -> State.KERNEL_GS_BASE;
      case 0xC000_0103 -> core.model.has("RDTSCP") || core.model.has("RDPID") ? State.TSC_AUX : -1;
      case 0xDA0 -> core.model.has("XSAVES") ? State.XSS : -1;
      default -> -1;
    };
  }

  private static boolean holdsAddress(int field) {
    return field == State.SYSENTER_ESP
        || field == State.SYSENTER_EIP
        || field == State.LSTAR
        || field == State.CSTAR
        || field == State.KERNEL_GS_BASE;
  }

  long read(int msr) {
    int field = field(msr);
    if (field >= 0) {
      return core.get(field);
    }
    Vcpu v = core.v;
    if (isX2Apic(msr)) {
      return v.apic.readMsr(msr);
    }
    MsrTable.Cell cell = cells.get(msr);
    if (cell != null) {
      return stored.getOrDefault(msr, cell.reset());
    }
    if (mtrrs.has(msr)) {
      return mtrrs.read(msr);
    }
    if (isBank(msr)) {
      return stored.getOrDefault(msr, 0L);
    }
    return switch (msr) {
      case 0x0, 0x1 -> 0; // P5_MC_ADDR, P5_MC_TYPE
      case 0x10 -> tsc.read();
      case 0x1B -> v.apic.base();
      case 0x3A -> intel(msr, featureControl);
      case 0x3B -> offered(msr, "TSC_ADJUST", tsc.adjust());
      case 0x8B -> core.model.isAmd() ? 0x0A00_11D5 : 0x0500_3604L << 32;
      case 0xFE -> Mtrrs.CAPABILITIES;
      case 0x179 -> MC_BANKS;
      case 0x1A0 -> intel(msr, miscEnable);
      case 0x1D9 -> core.get(Core.DEBUGCTL);
      case 0x1DB, 0x1DC, 0x1DD, 0x1DE -> BranchRecords.read(core, msr);
      case 0x277 -> pat;
      case 0x6E0 -> offered(msr, "TSC_DEADLINE", v.apic == null ? 0 : v.apic.deadline());
      case 0xC000_0080 -> core.get(State.EFER);
      case 0xC000_0100 -> State.base(core.state, Segment.FS);
      case 0xC000_0101 -> State.base(core.state, Segment.GS);
      default -> {
        if (v.virtualization == null || !v.virtualization.hasMsr(msr)) {
          yield withoutSvm(msr);
        }
        yield v.virtualization.readMsr(msr);
      }
    };
  }

  /** AMD's VM_CR is there without SVM too: locked, with SVMDIS (APM vol. 2, "VM_CR MSR"). */
  private long withoutSvm(int msr) {
    if (msr != VM_CR) {
      throw unknown(msr);
    }
    return amd(msr, 1 << 3 | 1 << 4);
  }

  private long intel(int msr, long value) {
    if (core.model.isAmd()) {
      throw unknown(msr);
    }
    return value;
  }

  private long amd(int msr, long value) {
    if (!core.model.isAmd()) {
      throw unknown(msr);
    }
    return value;
  }

  private long offered(int msr, String feature, long value) {
    if (!core.model.has(feature)) {
      throw unknown(msr);
    }
    return value;
  }

  void write(int msr, long value) {
    int field = field(msr);
    if (field >= 0) {
      writeField(field, value);
      return;
    }
    if (isX2Apic(msr)) {
      core.v.apic.writeMsr(msr, value);
      return;
    }
    MsrTable.Cell cell = cells.get(msr);
    if (cell != null) {
      long old = stored.getOrDefault(msr, cell.reset());
      require(((old ^ value) & ~cell.writable()) == 0);
      stored.put(msr, value);
      return;
    }
    if (mtrrs.has(msr)) {
      require(mtrrs.write(msr, value));
      return;
    }
    if (isBank(msr)) {
      require(isBankValue(msr & 3, value));
      stored.put(msr, value);
      return;
    }
    writeSpecial(msr, value);
  }

  /**
   * {@return whether a register of a machine-check bank takes a value} Control takes all or
   * nothing, but for the bits that kernels leave out because of errata; the status is only cleared,
   * unless AMD's HWCR.McStatusWrEn lets tests write it (SDM vol. 3B, "IA32_MCi_CTL MSRs",
   * "IA32_MCi_STATUS MSRS"; APM vol. 2, "Machine Check Architecture").
   */
  private boolean isBankValue(int register, long value) {
    boolean writable = core.model.isAmd() && (stored.getOrDefault(HWCR, 0L) & 1 << 18) != 0;
    return switch (register) {
      case 0 -> value == 0 || (value | 1 | 1 << 10) == -1;
      case 1 -> value == 0 || writable;
      default -> true;
    };
  }

  private void writeField(int field, long value) {
    require(!holdsAddress(field) || core.isLoadable(value));
    require(field != State.XSS || value == 0);
    require(field != State.TSC_AUX || value >>> 32 == 0);
    core.set(field, field == State.FMASK ? value & 0xFFFF_FFFFL : value);
  }

  private void writeSpecial(int msr, long value) {
    Vcpu v = core.v;
    switch (msr) {
      case 0x0, 0x1 -> {}
      case 0x10 -> tsc.write(value);
      case 0x1B -> {
        require(value >>> core.model.physicalBits() == 0);
        require((value & 1 << 10) == 0 || core.model.has("X2APIC"));
        require(v.apic.writeBase(value));
        v.mmu.modeChanged(); // the APIC page may have moved
      }
      case 0x3A -> {
        intel(msr, 0);
        require((featureControl & 1) == 0 && (value & ~0xFF07L) == 0);
        featureControl = value;
      }
      case 0x3B -> {
        offered(msr, "TSC_ADJUST", 0);
        tsc.writeAdjust(value);
      }
      case 0x49 -> require(predictionCommand(value));
      case 0x10B -> {
        offered(msr, "FLUSH_CMD", 0);
        require((value & ~1L) == 0);
      }
      case 0x79 -> intel(msr, 0); // microcode update trigger: no update is newer
      case 0x8B -> require(value == 0 || !core.model.isAmd());
      case 0x1A0 -> {
        intel(msr, 0);
        require(((miscEnable ^ value) & ~MISC_ENABLE_WRITABLE) == 0);
        miscEnable = value;
      }
      case 0x1D9 -> {
        require((value & ~(long) (Core.LBR | Core.BTF)) == 0);
        core.set(Core.DEBUGCTL, value);
        BranchRecords.enabledChanged(core);
      }
      case 0x1DB, 0x1DC, 0x1DD, 0x1DE -> require(value == BranchRecords.read(core, msr));
      case 0x277 -> {
        require(Mtrrs.isPat(value));
        pat = value;
      }
      case 0x6E0 -> {
        offered(msr, "TSC_DEADLINE", 0);
        v.apic.writeDeadline(value);
      }
      case 0xC000_0080 -> {
        require(!noExecuteDisabled() || (value & ControlRegisters.EFER_NXE) == 0);
        registers.writeEfer(value);
      }
      case 0xC000_0100 -> writeBase(Segment.FS, value);
      case 0xC000_0101 -> writeBase(Segment.GS, value);
      case 0xC001_0020 -> amd(msr, 0); // PATCH_LOADER
      default -> {
        if (v.virtualization == null || !v.virtualization.hasMsr(msr)) {
          withoutSvm(msr); // writes to a locked VM_CR are ignored
          return;
        }
        v.virtualization.writeMsr(msr, value);
      }
    }
  }

  private boolean predictionCommand(long value) {
    boolean there = core.model.has("SPEC_CTRL") || core.model.has("IBPB");
    return there && (value & ~1L) == 0;
  }

  private void writeBase(int segment, long value) {
    require(core.isLoadable(value));
    State.setBase(core.state, segment, value);
  }

  void save(StateWriter out) {
    out.putLongs("msrs.numbers", stored.keySet().stream().mapToLong(Integer::longValue).toArray());
    out.putLongs("msrs.values", stored.values().stream().mapToLong(Long::longValue).toArray());
    out.putLong("miscEnable", miscEnable);
    out.putLong("featureControl", featureControl);
    out.putLong("pat", pat);
    mtrrs.save(out);
  }

  void restore(StateReader in) {
    stored.clear();
    long[] numbers = in.getLongs("msrs.numbers");
    long[] values = in.getLongs("msrs.values");
    for (int n = 0; n < numbers.length; n++) {
      stored.put((int) numbers[n], values[n]);
    }
    miscEnable = in.getLong("miscEnable");
    featureControl = in.getLong("featureControl");
    pat = in.getLong("pat");
    mtrrs.restore(in);
  }
}
