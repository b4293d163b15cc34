// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import nestor.api.state.SectionId;
import nestor.api.state.StateReader;
import nestor.api.state.StateWriter;
import nestor.isa.Insn;
import nestor.vcpu.ExitTarget;
import nestor.vcpu.SecondLevelFault;
import nestor.vcpu.Vcpu;
import nestor.vcpu.Virtualization;
import nestor.vcpu.VmExit;
import nestor.vmx.Control.Secondary;

/** Intel VMX of one vCPU: its parts put together (SDM vol. 3C). */
final class VmxUnit implements Virtualization {
  private static final SectionId SECTION = new SectionId("vmx", 1);

  private final Vmx x;
  private final ApicVirtualization apic;
  private final VmxGate gate;
  private final PreemptionTimer timer;
  private final Events events;
  private final ExitLog log;
  private final Transitions transitions;
  private final VmxInstructions instructions;
  private final EptExits ept;

  /**
   * Makes the VMX of a vCPU.
   *
   * @param withheld names of capabilities that are not to be there
   */
  VmxUnit(Vcpu v, Predicate<String> withheld) {
    x = new Vmx(v, new Capabilities(v.core::offers, withheld, v.core.cr4Bits()));
    apic = new ApicVirtualization(x);
    gate = new VmxGate(x, apic);
    timer = new PreemptionTimer(x);
    events = new Events(x, apic, gate, timer);
    log = new ExitLog(x);
    transitions = new Transitions(x, apic, gate, timer, events, log);
    instructions = new VmxInstructions(x, transitions);
    transitions.outcomes(instructions);
    events.exits(transitions::exit);
    ept = new EptExits(x);
  }

  /** {@return what is behind, for tests} */
  Vmx parts() {
    return x;
  }

  @Override
  public String feature() {
    return "VMX";
  }

  @Override
  public void reset(boolean init) {
    if (init && x.on) {
      return; // only reachable from root mode by way of a power-on
    }
    timer.stop();
    x.masks.clear();
    x.vmcs.forget();
    x.on = false;
    x.vmxon = Vmcs.NONE;
    x.virtualNmiBlocked = false;
    x.unblockingNmi = false;
    transitions.restored(false);
  }

  @Override
  public boolean isActive() {
    return x.on;
  }

  @Override
  public void execute(Insn insn) {
    instructions.execute(insn);
  }

  @Override
  public void exit(VmExit exit) {
    transitions.exit(exit);
  }

  @Override
  public void exitTo(ExitTarget target) {
    transitions.exitTo(target);
  }

  @Override
  public String enter(long controlStructure, ExitTarget target) {
    if (controlStructure != x.vmcs.region) {
      x.vmcs.flush(x.v.memory);
      x.vmcs.load(x.v.memory, controlStructure);
    }
    x.on = true;
    transitions.exitTo(target);
    return transitions.enterFromJava();
  }

  @Override
  public boolean instruction(Insn insn) {
    return gate.instruction(insn);
  }

  @Override
  public void port(Insn insn, int port, int size, long linear) {
    gate.port(insn, port, size, linear);
  }

  @Override
  public VmExit exception(int event, int errorCode, long address) {
    return gate.exception(event, errorCode, address);
  }

  @Override
  public boolean shutdown() {
    transitions.exit(x.v.exit(ExitReason.TRIPLE_FAULT));
    return true;
  }

  @Override
  public void taskSwitch(int selector, int source, int errorCode) {
    VmExit exit = x.instructionExit(ExitReason.TASK_SWITCH);
    exit.qualification = selector & 0xFFFF | (long) source << 30;
    throw exit;
  }

  @Override
  public int initSignal() {
    return events.initSignal();
  }

  @Override
  public int startup(int vector) {
    return events.startup(vector);
  }

  @Override
  public boolean beforeDebugTraps() {
    return events.beforeDebugTraps();
  }

  @Override
  public boolean beforeNmi() {
    return events.beforeNmi();
  }

  @Override
  public int nonMaskable() {
    return events.nonMaskable();
  }

  @Override
  public boolean beforeInterrupt() {
    return events.beforeInterrupt();
  }

  @Override
  public int interrupt() {
    return events.interrupt();
  }

  @Override
  public void stepped() {
    events.stepped();
  }

  @Override
  public boolean keepsNmiBlocked() {
    return events.keepsNmiBlocked();
  }

  @Override
  public long loadApicPage(long linear, long physical, int size, int access) {
    return apic.load(linear, physical, size, access);
  }

  @Override
  public void storeApicPage(long linear, long physical, int size, long value) {
    apic.store(linear, physical, size, value);
  }

  @Override
  public VmExit secondLevelFault(SecondLevelFault cause) {
    return ept.fault(cause);
  }

  @Override
  public void logWrite(long physical) {
    ept.logWrite(physical);
  }

  @Override
  public boolean hasMsr(int msr) {
    return x.capabilities.hasMsr(msr);
  }

  @Override
  public long readMsr(int msr) {
    return x.capabilities.msr(msr);
  }

  @Override
  public void writeMsr(int msr, long value) {
    throw x.v.protection();
  }

  /** The feature bit itself is the CPU model's; nothing more is told. */
  @Override
  public void cpuid(int leaf, int subleaf, int[] result) {}

  @Override
  public boolean allowsCr0(long value) {
    if (!x.on) {
      return true;
    }
    long must = Capabilities.CR0_FIXED0;
    if (x.masks.guest && x.secondary(Secondary.UNRESTRICTED_GUEST)) {
      must &= ~(Vmx.CR0_PE | Vmx.CR0_PG);
    }
    return (~value & must) == 0;
  }

  @Override
  public boolean allowsCr4(long value) {
    return !x.on || (value & Vmx.CR4_VMXE) != 0;
  }

  @Override
  public Map<String, Long> fields() {
    Map<String, Long> all = new LinkedHashMap<>();
    if (x.vmcs.region == Vmcs.NONE) {
      return all;
    }
    for (int i = 0; i < VmcsField.count(); i++) {
      VmcsField field = VmcsField.at(i);
      if (x.capabilities.has(field)) {
        all.put(field.name().toLowerCase(Locale.ROOT), x.vmcs.get(field));
      }
    }
    return all;
  }

  @Override
  public List<String> check() {
    return x.vmcs.region == Vmcs.NONE
        ? List.of("there is no current VMCS")
        : transitions.failures();
  }

  @Override
  public Map<String, Long> counters() {
    return log.counters();
  }

  @Override
  public List<String> recent() {
    return log.recent();
  }

  @Override
  public SectionId section() {
    return SECTION;
  }

  @Override
  public void save(StateWriter out) {
    out.putBoolean("on", x.on);
    out.putBoolean("guest", x.masks.guest);
    out.putLong("vmxon", x.vmxon);
    out.putLong("current", x.vmcs.region);
    out.putBoolean("shadow", x.vmcs.shadow);
    out.putBoolean("launched", x.vmcs.launched);
    out.putLongs("fields", x.vmcs.snapshot());
    out.putBoolean("virtualNmiBlocked", x.virtualNmiBlocked);
    out.putBoolean("timer.active", timer.isActive());
    out.putLong("timer.left", timer.isActive() ? timer.left() : 0);
  }

  @Override
  public void restore(int version, StateReader in) {
    x.on = in.getBoolean("on");
    x.vmxon = in.getLong("vmxon");
    x.vmcs.restore(
        in.getLong("current"),
        in.getBoolean("shadow"),
        in.getBoolean("launched"),
        in.getLongs("fields"));
    x.virtualNmiBlocked = in.getBoolean("virtualNmiBlocked");
    transitions.restored(in.getBoolean("guest"));
    timer.restore(in.getBoolean("timer.active"), in.getLong("timer.left"));
  }
}
