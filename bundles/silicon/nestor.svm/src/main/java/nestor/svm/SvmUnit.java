// SPDX-License-Identifier: Apache-2.0
package nestor.svm;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import nestor.api.state.SectionId;
import nestor.api.state.StateReader;
import nestor.api.state.StateWriter;
import nestor.api.virt.ControlField;
import nestor.isa.Insn;
import nestor.svm.Vectors.Third;
import nestor.vcpu.ExitTarget;
import nestor.vcpu.SecondLevel;
import nestor.vcpu.SecondLevelFault;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;
import nestor.vcpu.VmExit;
import nestor.virt.ExitLog;
import nestor.virt.VirtualizationUnit;

/** AMD SVM of one vCPU: its parts put together (APM vol. 2, "Secure Virtual Machine"). */
final class SvmUnit extends VirtualizationUnit {
  private static final SectionId SECTION = new SectionId("svm", 2);
  private static final int LEAF = 0x8000_000A;

  private final Svm x;
  private final Msrs msrs;
  private final SvmGate intercepts;
  private final NestedFaults faults;
  private final Transitions transitions;
  private final SvmInstructions instructions;

  /**
   * Makes the SVM of a vCPU.
   *
   * @param withheld names of capabilities that are not to be there
   */
  SvmUnit(Vcpu v, Predicate<String> withheld) {
    Svm state = new Svm(v, new Capabilities(withheld));
    SvmGate gate = new SvmGate(state);
    Events events = new Events(state);
    ExitLog log = new ExitLog(state, ExitCode.WORDS);
    super(state, gate, events, log);
    x = state;
    intercepts = gate;
    msrs = new Msrs(x);
    faults = new NestedFaults(x);
    transitions = new Transitions(x, gate, events, faults, log);
    events.exits(transitions::exit);
    instructions = new SvmInstructions(x, transitions, events, log);
  }

  /** {@return what is behind, for tests} */
  Svm parts() {
    return x;
  }

  @Override
  public String feature() {
    return "SVM";
  }

  /** INIT sets GIF and keeps the MSRs. */
  @Override
  public void reset(boolean init) {
    boolean guest = x.masks.guest;
    x.masks.clear();
    x.masks.eventsHeld = false;
    x.vmcb.forget();
    x.pendingTrap = 0;
    if (!init) {
      msrs.reset();
    }
    if (guest) {
      transitions.restored(false, 0);
    }
  }

  @Override
  public boolean isActive() {
    return (x.state(State.EFER) & Svm.EFER_SVME) != 0;
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
    exitTo(target);
    return transitions.enterFromJava(controlStructure);
  }

  /** Without the intercept a guest's shutdown is the processor's. */
  @Override
  public boolean shutdown() {
    if (x.third(Third.SHUTDOWN)) {
      transitions.exit(x.v.exit(ExitCode.SHUTDOWN));
      return true;
    }
    x.masks.clear();
    return false;
  }

  @Override
  public void taskSwitch(int selector, int source, int errorCode) {
    throw intercepts.taskSwitch(selector, source, errorCode);
  }

  @Override
  public long loadApicPage(long linear, long physical, int size, int access) {
    throw new IllegalStateException("SVM has no APIC-access page");
  }

  @Override
  public void storeApicPage(long linear, long physical, int size, long value) {
    throw new IllegalStateException("SVM has no APIC-access page");
  }

  @Override
  public VmExit secondLevelFault(SecondLevelFault cause) {
    return faults.fault(cause);
  }

  @Override
  public void logWrite(long physical) {
    throw new IllegalStateException("SVM has no log of writes");
  }

  @Override
  public boolean hasMsr(int msr) {
    return msrs.has(msr);
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
    if (leaf == LEAF) {
      x.capabilities.cpuid(result);
    }
  }

  @Override
  public boolean allowsCr0(long value) {
    return true;
  }

  @Override
  public boolean allowsCr4(long value) {
    return true;
  }

  /** SVMDIS forbids EFER.SVME (APM vol. 2, "Enabling SVM"). */
  @Override
  public boolean allowsEfer(long value) {
    return (value & Svm.EFER_SVME) == 0 || (x.vmCr & Svm.VM_CR_SVMDIS) == 0;
  }

  @Override
  public long hostRip() {
    return transitions.hostRip();
  }

  @Override
  public void guestWorld(SecondLevel world) {
    transitions.guest.describe(world);
  }

  @Override
  public List<ControlField> layout() {
    return list(false);
  }

  @Override
  public List<ControlField> fields() {
    return x.vmcb.address == Vmcb.NONE ? List.of() : list(true);
  }

  private List<ControlField> list(boolean values) {
    List<ControlField> all = new ArrayList<>();
    for (VmcbField field : VmcbField.values()) {
      String name = field.name().toLowerCase(Locale.ROOT);
      long value = values ? x.get(field) : 0;
      String words = values ? VmcbWords.of(field, value) : "";
      all.add(new ControlField(name, value, words, field.offset, field.bytes));
    }
    return all;
  }

  @Override
  public List<String> check() {
    return x.vmcb.address == Vmcb.NONE ? List.of("there is no VMCB") : transitions.failures();
  }

  @Override
  public SectionId section() {
    return SECTION;
  }

  @Override
  public void save(StateWriter out) {
    out.putBoolean("guest", x.masks.guest);
    out.putBoolean("gif", !x.masks.eventsHeld);
    x.vmcb.save(out);
    out.putLong("pendingTrap", x.pendingTrap);
    out.putLong("pendingTrapValue", x.pendingTrapValue);
    out.putLong("vmCr", x.vmCr);
    out.putLong("key", x.key);
    out.putLong("hostSave", x.hostSave);
    out.putLong("tscRatio", x.tscRatio);
    out.putLong("hostPat", x.hostPat);
    out.putBoolean("hostInterrupts", x.hostInterrupts);
    out.putLong("hostPaging", transitions.guest.hostPaging());
  }

  @Override
  public void restore(int version, StateReader in) {
    boolean guest = in.getBoolean("guest");
    x.masks.eventsHeld = !in.getBoolean("gif");
    x.vmcb.restore(in);
    x.pendingTrap = (int) in.getLong("pendingTrap");
    x.pendingTrapValue = in.getLong("pendingTrapValue");
    x.vmCr = in.getLong("vmCr");
    x.key = in.getLong("key");
    x.hostSave = in.getLong("hostSave");
    x.tscRatio = in.getLong("tscRatio");
    x.hostPat = in.getLong("hostPat");
    x.hostInterrupts = in.getBoolean("hostInterrupts");
    transitions.restored(guest, (int) in.getLong("hostPaging"));
  }
}
