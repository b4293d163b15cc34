// SPDX-License-Identifier: Apache-2.0
package nestor.apic;

import nestor.api.state.SectionId;
import nestor.api.state.StateReader;
import nestor.api.state.StateWriter;
import nestor.vcpu.ApicBus;
import nestor.vcpu.LocalApic;
import nestor.vcpu.State;

/**
 * A local APIC in xAPIC and x2APIC mode (SDM vol. 3A, chapter "Advanced Programmable Interrupt
 * Controller").
 *
 * <p>Registers are addressed by their number: page offset divided by 16, MSR minus 800h.
 */
final class Apic implements LocalApic {
  private static final int LVT_MASK = 1 << 16;

  /** Integrated APIC, 6 LVT entries above the first, EOI-broadcast suppression offered. */
  private static final int VERSION_VALUE = 0x0106_0014;

  private static final SectionId SECTION = new SectionId("apic", 1);

  private final ApicBus bus;
  private final int initialId;
  private final ApicTimer timer;
  private final Lvt lvt = new Lvt();
  private final Requests requests = new Requests();

  private final BaseRegister base;
  private int id;
  private int ldr;
  private int dfr;
  private int svr;
  private final ErrorStatus errors = new ErrorStatus();
  private final InterruptCommand command = new InterruptCommand();

  Apic(ApicBus bus, int id) {
    this.bus = bus;
    initialId = id;
    base = new BaseRegister(bus.vcpu().index == 0);
    timer = new ApicTimer(bus, () -> lvtInterrupt(Registers.LVT_TIMER));
    reset(false);
  }

  @Override
  public void reset(boolean init) {
    if (!init) {
      base.reset();
      id = initialId;
    }
    resetRegisters();
  }

  private void resetRegisters() {
    ldr =
        base.x2()
            ? Delivery.x2LogicalId(initialId)
            : 0; // in x2APIC mode it follows from the ID, also after INIT
    dfr = -1;
    svr = 0xFF;
    errors.reset();
    command.reset();
    requests.reset();
    lvt.reset();
    timer.reset();
    bus.changed();
  }

  private boolean softwareEnabled() {
    return base.enabled() && (svr & 0x100) != 0;
  }

  @Override
  public long base() {
    return base.get();
  }

  @Override
  public boolean writeBase(long value) {
    switch (base.set(value)) {
      case REFUSED -> {
        return false;
      }
      case OFF -> {
        resetRegisters();
        id = initialId;
      }
      case X2 -> {
        id = initialId;
        ldr = Delivery.x2LogicalId(initialId);
        command.high = 0;
      }
      case NONE -> {}
    }
    bus.changed();
    return true;
  }

  @Override
  public long page() {
    return base.page();
  }

  @Override
  public long load(int offset, int size) {
    if ((offset & 15) + size > 4) {
      return (offset & 15) >= 4 ? 0 : register(offset >> 4) & 0xFFFF_FFFFL;
    }
    int value = register(offset >> 4);
    return (value & 0xFFFF_FFFFL) >>> (8 * (offset & 3));
  }

  @Override
  public void store(int offset, int size, long value) {
    if ((offset & 15) != 0 || size < 4) {
      return; // only aligned 32-bit stores are defined; processors drop the others
    }
    write(offset >> 4, (int) value);
  }

  @Override
  public long readMsr(int msr) {
    int register = msr - 0x800;
    if (!base.x2() || !Registers.readableByMsr(register)) {
      throw bus.vcpu().protection();
    }
    if (register == Registers.ICR_LOW) {
      return command.get();
    }
    return register(register) & 0xFFFF_FFFFL;
  }

  @Override
  public void writeMsr(int msr, long value) {
    int register = msr - 0x800;
    if (!base.x2() || !Registers.writableByMsr(register, value)) {
      throw bus.vcpu().protection();
    }
    if (register == Registers.ICR_LOW) {
      command.high = (int) (value >>> 32);
      command.setLow((int) value);
      send();
    } else if (register == Registers.SELF_IPI) {
      deliver(Delivery.MODE_FIXED, (int) value & 0xFF, false);
    } else {
      write(register, (int) value);
    }
  }

  private int register(int n) {
    if (n >= Registers.ISR && n < Registers.IRR + 8) {
      return requests.word(n);
    }
    return switch (n) {
      case Registers.ID -> base.x2() ? id : id << 24;
      case Registers.VERSION -> VERSION_VALUE;
      case Registers.TPR -> requests.tpr;
      case Registers.PPR -> requests.ppr();
      case Registers.LDR -> ldr;
      case Registers.DFR -> dfr;
      case Registers.SVR -> svr;
      case Registers.ESR -> errors.get();
      case Registers.ICR_LOW -> command.low();
      case Registers.ICR_HIGH -> command.high;
      case Registers.TIMER_INITIAL -> (int) timer.initial();
      case Registers.TIMER_CURRENT -> (int) timer.current();
      case Registers.TIMER_DIVIDE -> timer.divideRegister();
      case Registers.APR, Registers.RRD, Registers.EOI, Registers.SELF_IPI -> 0;
      default -> {
        if (Lvt.isEntry(n)) {
          yield lvt.get(n);
        }
        error(ErrorStatus.REGISTER);
        yield 0;
      }
    };
  }

  private void write(int n, int value) {
    switch (n) {
      case Registers.ID -> id = value >>> 24; // WRMSR does not come here
      case Registers.TPR -> {
        requests.tpr = value & 0xFF;
        bus.changed();
      }
      case Registers.EOI -> endOfInterrupt();
      case Registers.LDR -> ldr = value & 0xFF00_0000;
      case Registers.DFR -> dfr = value | 0x0FFF_FFFF;
      case Registers.SVR -> {
        svr = value & 0x13FF; // bit 12: EOI-broadcast suppression
        if ((svr & 0x100) == 0) {
          lvt.maskAll();
        }
        bus.changed();
      }
      case Registers.ESR -> errors.latch();
      case Registers.ICR_LOW -> {
        command.setLow(value);
        send();
      }
      case Registers.ICR_HIGH -> command.high = value & 0xFF00_0000;
      case Registers.TIMER_INITIAL -> timer.setInitial(value & 0xFFFF_FFFFL);
      case Registers.TIMER_DIVIDE -> timer.setDivide(value);
      case Registers.VERSION,
          Registers.APR,
          Registers.PPR,
          Registers.RRD,
          Registers.TIMER_CURRENT -> {}
      default -> {
        if (Lvt.isEntry(n)) {
          lvt.set(n, value, softwareEnabled());
          if (n == Registers.LVT_TIMER) {
            timer.setMode(value >> 17 & 3);
          }
          bus.changed();
        } else if (n < Registers.ISR || n >= Registers.ESR) {
          error(ErrorStatus.REGISTER);
        }
      }
    }
  }

  private void send() {
    if (!command.send(bus, base.x2())) {
      error(ErrorStatus.SEND_ILLEGAL);
    }
  }

  /** An error that is noted already interrupts no more: the vector of the entry may be illegal. */
  private void error(int bit) {
    if (errors.note(bit) && softwareEnabled()) {
      lvtInterrupt(Registers.LVT_ERROR);
    }
  }

  private void endOfInterrupt() {
    int vector = requests.end();
    if (vector >= 0 && requests.isLevel(vector) && (svr & 0x1000) == 0) {
      bus.endOfInterrupt(vector);
    }
    bus.changed();
  }

  @Override
  public long deadline() {
    return timer.deadline();
  }

  @Override
  public void writeDeadline(long tsc) {
    timer.setDeadline(tsc);
  }

  @Override
  public int cr8() {
    return requests.tpr >> 4;
  }

  @Override
  public void writeCr8(int value) {
    requests.tpr = value << 4;
    bus.changed();
  }

  /** What Registers.IRR holds when software disables the APIC still has to be handled. */
  @Override
  public int pendingVector() {
    return base.enabled() ? requests.deliverable() : -1;
  }

  @Override
  public boolean acceptsExternal() {
    int lint0 = lvt.get(Registers.LVT_LINT0);
    return !base.enabled() || (lint0 & LVT_MASK) == 0 && (lint0 >> 8 & 7) == Delivery.MODE_EXTINT;
  }

  @Override
  public void acknowledge(int vector) {
    requests.acknowledge(vector);
    bus.changed();
  }

  @Override
  public void deliver(int mode, int vector, boolean level) {
    if (!base.enabled() && mode <= Delivery.MODE_LOWEST) {
      // It still passes INIT, NMI, SMI and SIPI (section "Local APIC State After It Has Been
      // Software Disabled").
      return;
    }
    switch (mode) {
      case Delivery.MODE_FIXED, Delivery.MODE_LOWEST -> accept(vector, level);
      case Delivery.MODE_SMI -> bus.vcpu().pend(State.PENDING_SMI);
      case Delivery.MODE_NMI -> bus.vcpu().pend(State.PENDING_NMI);
      case Delivery.MODE_INIT -> bus.vcpu().pend(State.PENDING_INIT);
      case Delivery.MODE_SIPI -> bus.vcpu().system.startupIpi(vector);
      default -> {}
    }
  }

  private void accept(int vector, boolean level) {
    if (!softwareEnabled()) {
      return;
    }
    if (vector < 16) {
      error(ErrorStatus.RECEIVE_ILLEGAL);
      return;
    }
    requests.accept(vector, level);
    bus.changed();
  }

  @Override
  public boolean matches(int destination, boolean logical) {
    return Delivery.matches(destination, logical, base.x2(), id, ldr, dfr);
  }

  @Override
  public int arbitrationPriority() {
    return softwareEnabled() ? requests.ppr() : -1;
  }

  @Override
  public void lint(int pin, boolean high) {
    if (!base.enabled()) {
      if (high && pin == 1) {
        bus.vcpu().pend(State.PENDING_NMI);
      }
      bus.changed();
      return;
    }
    int entry = pin == 0 ? Registers.LVT_LINT0 : Registers.LVT_LINT1;
    if ((lvt.get(entry) >> 8 & 7) == Delivery.MODE_EXTINT) {
      bus.changed();
    } else if (high) {
      lvtInterrupt(entry);
    }
  }

  private void lvtInterrupt(int entry) {
    int value = lvt.get(entry);
    if ((value & LVT_MASK) != 0) {
      return;
    }
    int mode =
        entry == Registers.LVT_TIMER || entry == Registers.LVT_ERROR
            ? Delivery.MODE_FIXED
            : value >> 8 & 7;
    boolean level = entry == Registers.LVT_LINT0 && (value & 0x8000) != 0;
    deliver(mode, value & 0xFF, level);
  }

  @Override
  public int id() {
    return id;
  }

  @Override
  public void tscChanged() {
    timer.tscChanged();
  }

  @Override
  public SectionId section() {
    return SECTION;
  }

  @Override
  public void save(StateWriter out) {
    out.putLong("base", base.get());
    out.putLongs(
        "registers",
        id,
        requests.tpr,
        ldr,
        dfr,
        svr,
        errors.get(),
        errors.noted(),
        command.low(),
        command.high);
    out.putLongs("lvt", lvt.save());
    requests.save(out);
    timer.save(out);
  }

  @Override
  public void restore(int version, StateReader in) {
    base.restore(in.getLong("base"));
    long[] r = in.getLongs("registers");
    id = (int) r[0];
    requests.tpr = (int) r[1];
    ldr = (int) r[2];
    dfr = (int) r[3];
    svr = (int) r[4];
    errors.restore((int) r[5], (int) r[6]);
    command.setLow((int) r[7]);
    command.high = (int) r[8];
    lvt.restore(in.getLongs("lvt"));
    requests.restore(in);
    timer.restore(in);
    bus.changed();
  }
}
