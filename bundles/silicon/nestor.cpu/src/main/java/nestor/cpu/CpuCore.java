// SPDX-License-Identifier: Apache-2.0
package nestor.cpu;

import java.util.Map;
import nestor.api.state.SectionId;
import nestor.api.state.Snapshottable;
import nestor.api.state.StateReader;
import nestor.api.state.StateWriter;
import nestor.isa.Insn;
import nestor.isa.Mnemonic;
import nestor.isa.Row;
import nestor.isa.RowAttribute;
import nestor.isa.RowHits;
import nestor.vcpu.CoreControl;
import nestor.vcpu.Flags;
import nestor.vcpu.GuestFault;
import nestor.vcpu.Mem;
import nestor.vcpu.State;
import nestor.vcpu.SystemUnit;
import nestor.vcpu.Vcpu;

/**
 * One CPU core: the parts that execute system instructions and deliver events, put together.
 *
 * <p>All state that a guest could tell apart is in the vCPU's state block, but for the MSRs that
 * nothing else reads.
 */
final class CpuCore implements SystemUnit, CoreControl, Snapshottable {
  private static final SectionId SECTION = new SectionId("cpu.msrs", 1);

  private final Core core;
  private final EventLog log = new EventLog();
  private final Tsc tsc;
  private final Msrs msrs;
  private final Cpuid cpuid;
  private final Exceptions exceptions;
  private final DebugUnit debug;
  private final Reset reset;
  private final Boundary boundary;
  private final Segments segments;
  private final FarTransfers farTransfers;
  private final Interrupts interrupts;
  private final Control control;
  private final DescriptorTables descriptorTables;
  private final MsrInstructions msrInstructions;
  private final Ports ports;
  private final Caches caches;
  private final Identification identification;
  private final Power power;
  private final InterceptGate gate;
  private final ControlRegisters registers;

  CpuCore(Vcpu v, CpuModel model) {
    core = new Core(v, model);
    Selectors selectors = new Selectors(core);
    SegmentLoads loads = new SegmentLoads(core, selectors);
    TaskState tss = new TaskState(core);
    TaskSwitch tasks = new TaskSwitch(core, selectors, loads);
    Delivery delivery = new Delivery(core, selectors, loads, tss, tasks);
    exceptions = new Exceptions(core, delivery, log);
    registers = new ControlRegisters(core);
    tsc = new Tsc(core);
    msrs = new Msrs(core, registers, tsc);
    cpuid = new Cpuid(core, msrs);
    debug = new DebugUnit(core, exceptions);
    reset = new Reset(core, msrs, debug);
    boundary = new Boundary(core, exceptions, reset, debug);
    segments = new Segments(core, selectors, loads);
    farTransfers = new FarTransfers(core, selectors, loads, tss, tasks);
    interrupts = new Interrupts(core, delivery, tss);
    control = new Control(core, registers, debug);
    descriptorTables = new DescriptorTables(core, selectors, loads, control);
    msrInstructions = new MsrInstructions(core, msrs, tsc);
    ports = new Ports(core, tss, debug);
    caches = new Caches(core);
    identification = new Identification(core, cpuid);
    power = new Power(core, msrs);
    gate = new InterceptGate(core, msrs);
  }

  @Override
  public void reset() {
    reset.powerOn();
  }

  @Override
  public void init() {
    reset.init();
  }

  @Override
  public void execute(Insn insn) {
    Row row = insn.row;
    if (RowHits.ON) {
      RowHits.hit(row);
    }
    if (core.v.rendezvous != null) {
      // Many of these serialize (SDM vol. 3A, "Serializing Instructions"); all may.
      Mem.fullFence();
    }
    if (!core.v.offered[row.index]
        || row.has(RowAttribute.PROTECTED) && State.realOrVirtual8086(core.state)) {
      throw core.v.undefined();
    }
    if ((row.interceptMask & core.v.intercepts.instructions) != 0) {
      if (gate.isDone(insn)) {
        return;
      }
    } else if (row.has(RowAttribute.CPL0) && core.cpl() != 0 && !checksItsLevel(row.mnemonic)) {
      throw core.v.protection();
    }
    switch (row.family) {
      case SEGMENTS -> segments.execute(insn);
      case FAR_TRANSFERS -> farTransfers.execute(insn);
      case INTERRUPTS -> interrupts.execute(insn);
      case CONTROL -> control.execute(insn);
      case DESCRIPTOR_TABLES -> descriptorTables.execute(insn);
      case MSRS -> msrInstructions.execute(insn);
      case PORTS -> ports.execute(insn);
      case CACHE_TLB -> caches.execute(insn);
      case IDENTIFICATION -> identification.execute(insn);
      case POWER -> power.execute(insn);
      case VMX, SVM -> {
        if (core.v.virtualization == null) {
          throw core.v.undefined();
        }
        core.v.virtualization.execute(insn);
      }
      default -> throw core.v.undefined();
    }
  }

  /** {@return whether #UD of the instruction's own rules comes before #GP of its privilege} */
  private static boolean checksItsLevel(Mnemonic mnemonic) {
    return switch (mnemonic) {
      case CLAC, MOV, STAC, SYSEXIT, SYSRET, XSETBV -> true;
      default -> false;
    };
  }

  @Override
  public void raise(GuestFault fault) {
    exceptions.raise(fault);
  }

  @Override
  public int boundary() {
    return boundary.look();
  }

  @Override
  public void beforeStep() {
    debug.before();
  }

  @Override
  public void afterStep(long stepBefore) {
    debug.after(stepBefore);
  }

  @Override
  public long readMsr(int msr) {
    return msrs.read(msr);
  }

  @Override
  public void writeMsr(int msr, long value) {
    msrs.write(msr, value);
  }

  @Override
  public void cpuid(int leaf, int subleaf, int[] result) {
    cpuid.answer(leaf, subleaf, result);
  }

  @Override
  public long tsc() {
    return tsc.physical();
  }

  @Override
  public void startupIpi(int vector) {
    boolean initWaits = (core.get(State.PENDING) & State.PENDING_INIT) != 0;
    if (initWaits || core.get(State.ACTIVITY) == State.WAIT_FOR_SIPI) {
      core.set(Core.SIPI_VECTOR, vector);
      core.v.pend(State.PENDING_SIPI);
    }
  }

  @Override
  public boolean offers(String feature) {
    return core.model.has(feature);
  }

  @Override
  public int physicalBits() {
    return core.model.physicalBits();
  }

  @Override
  public long cr4Bits() {
    return core.model.cr4Bits();
  }

  @Override
  public long eferBits() {
    return core.model.eferBits();
  }

  @Override
  public long debugControl() {
    return core.get(Core.DEBUGCTL);
  }

  @Override
  public void setDebugControl(long value) {
    core.set(Core.DEBUGCTL, value);
    BranchRecords.enabledChanged(core);
  }

  @Override
  public long pat() {
    return msrs.pat();
  }

  @Override
  public void setPat(long value) {
    msrs.setPat(value);
  }

  @Override
  public void writeControl(int number, long value) {
    registers.write(number, value);
  }

  @Override
  public void checkControl(int number, long value) {
    registers.check(number, value);
  }

  @Override
  public boolean isNmiBlocked() {
    return core.flag(Core.NMI_BLOCKED);
  }

  @Override
  public void setNmiBlocked(boolean blocked) {
    core.setFlag(Core.NMI_BLOCKED, blocked);
  }

  @Override
  public int acknowledgeInterrupt() {
    return boundary.acknowledge();
  }

  @Override
  public void stateReplaced() {
    core.replaced = true;
    core.trapSuppressed = true;
    core.updateCodeSize();
    core.set(State.CANONICAL_SHIFT, (core.get(State.CR4) & ControlRegisters.LA57) != 0 ? 7 : 16);
    long rflags = core.get(State.RFLAGS);
    if ((rflags & Flags.RF) != 0) {
      core.set(State.STEP, core.get(State.STEP) | State.STEP_RESUME);
    }
    core.v.flagsWritten(rflags);
    debug.enabledChanged();
    BranchRecords.enabledChanged(core);
    core.v.attention(State.ATTENTION_EVENT | State.ATTENTION_RECHECK);
  }

  @Override
  public void inject(int event, int errorCode, int length) {
    exceptions.inject(event, errorCode, length);
  }

  @Override
  public boolean isDelivering() {
    return core.vectoring != 0;
  }

  @Override
  public boolean isMonitorArmed() {
    return core.flag(Core.MONITOR_ARMED);
  }

  @Override
  public long tscHertz() {
    return core.model.tscHertz();
  }

  @Override
  public void note(String event) {
    log.note(event);
  }

  @Override
  public String lastEvent() {
    return log.toString();
  }

  @Override
  public Map<Integer, Long> unknownMsrs() {
    return msrs.unknown();
  }

  @Override
  public SectionId section() {
    return SECTION;
  }

  /** Saves what is not in the state block. */
  @Override
  public void save(StateWriter out) {
    msrs.save(out);
  }

  @Override
  public void restore(int version, StateReader in) {
    msrs.restore(in);
    power.rearm();
    debug.enabledChanged();
    BranchRecords.enabledChanged(core);
  }
}
