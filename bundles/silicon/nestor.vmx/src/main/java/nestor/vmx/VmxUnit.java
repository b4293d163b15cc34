// SPDX-License-Identifier: Apache-2.0
package nestor.vmx;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import nestor.api.state.SectionId;
import nestor.api.state.StateReader;
import nestor.api.state.StateWriter;
import nestor.api.virt.ControlField;
import nestor.isa.Insn;
import nestor.vcpu.ExitTarget;
import nestor.vcpu.SecondLevel;
import nestor.vcpu.SecondLevelFault;
import nestor.vcpu.Vcpu;
import nestor.vcpu.VmExit;
import nestor.virt.ExitLog;
import nestor.virt.VirtualizationUnit;
import nestor.vmx.Control.Secondary;

/** Intel VMX of one vCPU: its parts put together (SDM vol. 3C). */
final class VmxUnit extends VirtualizationUnit {
  private static final SectionId SECTION = new SectionId("vmx", 2);

  private final Vmx x;
  private final ApicVirtualization apic;
  private final PreemptionTimer timer;
  private final Transitions transitions;
  private final VmxInstructions instructions;
  private final EptExits ept;

  /**
   * Makes the VMX of a vCPU.
   *
   * @param withheld names of capabilities that are not to be there
   */
  VmxUnit(Vcpu v, Predicate<String> withheld) {
    Vmx state = new Vmx(v, new Capabilities(v.core::offers, withheld, v.core.cr4Bits()));
    ApicVirtualization pages = new ApicVirtualization(state);
    VmxGate gate = new VmxGate(state, pages);
    PreemptionTimer countdown = new PreemptionTimer(state);
    Events events = new Events(state, pages, gate, countdown);
    ExitLog log = new ExitLog(state, ExitReason.WORDS);
    super(state, gate, events, log);
    x = state;
    apic = pages;
    timer = countdown;
    transitions = new Transitions(x, apic, gate, timer, events, log);
    instructions = new VmxInstructions(x, transitions, log);
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
  protected void executeFamily(Insn insn) {
    instructions.execute(insn);
  }

  @Override
  public void exit(VmExit exit) {
    transitions.exit(exit);
  }

  @Override
  public String enter(long controlStructure, ExitTarget target) {
    if (controlStructure != x.vmcs.region) {
      x.vmcs.flush(x.v.memory);
      x.vmcs.load(x.v.memory, controlStructure);
    }
    x.on = true;
    exitTo(target);
    return transitions.enterFromJava();
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
  public long hostRip() {
    return x.get(VmcsField.HOST_RIP);
  }

  @Override
  public void guestWorld(SecondLevel world) {
    transitions.describe(world);
  }

  @Override
  public List<ControlField> layout() {
    return list(false);
  }

  @Override
  public List<ControlField> fields() {
    return x.vmcs.region == Vmcs.NONE ? List.of() : list(true);
  }

  private List<ControlField> list(boolean values) {
    List<ControlField> all = new ArrayList<>();
    for (int i = 0; i < VmcsField.count(); i++) {
      VmcsField field = VmcsField.at(i);
      if (x.capabilities.has(field)) {
        long value = values ? x.vmcs.get(field) : 0;
        String words = values ? VmcsWords.of(field, value) : "";
        all.add(new ControlField(field.label(), value, words, -1, field.bytes()));
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
  public SectionId section() {
    return SECTION;
  }

  @Override
  public void save(StateWriter out) {
    out.putBoolean("on", x.on);
    out.putBoolean("guest", x.masks.guest);
    out.putLong("vmxon", x.vmxon);
    out.putLong("session", x.session);
    out.putLong("launchSession", x.vmcs.session);
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
    x.session = version < 2 ? 0 : (int) in.getLong("session");
    x.vmcs.session = version < 2 ? 0 : (int) in.getLong("launchSession");
    x.virtualNmiBlocked = in.getBoolean("virtualNmiBlocked");
    transitions.restored(in.getBoolean("guest"));
    timer.restore(in.getBoolean("timer.active"), in.getLong("timer.left"));
  }
}
