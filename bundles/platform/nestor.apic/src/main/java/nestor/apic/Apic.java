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
  static final int ID = 0x02;
  static final int VERSION = 0x03;
  static final int TPR = 0x08;
  static final int APR = 0x09;
  static final int PPR = 0x0A;
  static final int EOI = 0x0B;
  static final int RRD = 0x0C;
  static final int LDR = 0x0D;
  static final int DFR = 0x0E;
  static final int SVR = 0x0F;
  static final int ISR = 0x10;
  static final int TMR = 0x18;
  static final int IRR = 0x20;
  static final int ESR = 0x28;
  static final int CMCI = 0x2F;
  static final int ICR_LOW = 0x30;
  static final int ICR_HIGH = 0x31;
  static final int LVT_TIMER = 0x32;
  static final int LVT_LINT0 = 0x35;
  static final int LVT_LINT1 = 0x36;
  static final int LVT_ERROR = 0x37;
  static final int TIMER_INITIAL = 0x38;
  static final int TIMER_CURRENT = 0x39;
  static final int TIMER_DIVIDE = 0x3E;
  static final int SELF_IPI = 0x3F;

  static final int MODE_FIXED = 0;
  static final int MODE_LOWEST = 1;
  static final int MODE_SMI = 2;
  static final int MODE_NMI = 4;
  static final int MODE_INIT = 5;
  static final int MODE_SIPI = 6;
  static final int MODE_EXTINT = 7;

  private static final long BASE_BSP = 1 << 8;
  private static final long BASE_EXTD = 1 << 10;
  private static final long BASE_ENABLE = 1 << 11;
  private static final long DEFAULT_PAGE = 0xFEE0_0000L;
  private static final int ESR_SEND_ILLEGAL = 1 << 5;
  private static final int ESR_RECEIVE_ILLEGAL = 1 << 6;
  private static final int ESR_REGISTER = 1 << 7;
  private static final int LVT_MASK = 1 << 16;

  /** All but the delivery status: a message has left before anybody can look. */
  private static final int ICR_WRITABLE = 0xC_CFFF;

  /** Integrated APIC, 6 LVT entries above the first, EOI-broadcast suppression offered. */
  private static final int VERSION_VALUE = 0x0106_0014;

  private static final SectionId SECTION = new SectionId("apic", 1);

  private final ApicBus bus;
  private final int initialId;
  private final ApicTimer timer;
  private final Lvt lvt = new Lvt();
  private final Vectors irr = new Vectors();
  private final Vectors isr = new Vectors();
  private final Vectors tmr = new Vectors();

  private long base;
  private int id;
  private int tpr;
  private int ldr;
  private int dfr;
  private int svr;
  private int esr;
  private int errors;
  private int icrLow;
  private int icrHigh;

  Apic(ApicBus bus, int id) {
    this.bus = bus;
    initialId = id;
    timer = new ApicTimer(bus, () -> lvtInterrupt(LVT_TIMER));
    reset(false);
  }

  @Override
  public void reset(boolean init) {
    if (!init) {
      base = DEFAULT_PAGE | BASE_ENABLE | (bus.vcpu().index == 0 ? BASE_BSP : 0);
      id = initialId;
    }
    resetRegisters();
  }

  private void resetRegisters() {
    tpr = 0;
    ldr = x2() ? x2LogicalId() : 0; // in x2APIC mode it follows from the ID, also after INIT
    dfr = -1;
    svr = 0xFF;
    esr = 0;
    errors = 0;
    icrLow = 0;
    icrHigh = 0;
    irr.clearAll();
    isr.clearAll();
    tmr.clearAll();
    lvt.reset();
    timer.reset();
    bus.changed();
  }

  private boolean enabled() {
    return (base & BASE_ENABLE) != 0;
  }

  private boolean x2() {
    return (base & (BASE_ENABLE | BASE_EXTD)) == (BASE_ENABLE | BASE_EXTD);
  }

  private boolean softwareEnabled() {
    return enabled() && (svr & 0x100) != 0;
  }

  @Override
  public long base() {
    return base;
  }

  @Override
  public boolean writeBase(long value) {
    long reserved = ~(BASE_BSP | BASE_EXTD | BASE_ENABLE | 0xF_FFFF_FFFF_F000L);
    if ((value & reserved) != 0) {
      return false;
    }
    long mode = BASE_ENABLE | BASE_EXTD;
    long from = base & mode;
    long to = value & mode;
    // Figure "Local APIC State Transitions with IA32_APIC_BASE": EXTD without EN is illegal, x2APIC
    // is left only by disabling, and entered only from xAPIC mode.
    if (to == BASE_EXTD || from == mode && to == BASE_ENABLE || from == 0 && to == mode) {
      return false;
    }
    base = value;
    if (from != to) {
      if (to == 0) {
        resetRegisters();
        id = initialId;
      } else if (to == mode) {
        id = initialId;
        ldr = x2LogicalId();
        icrHigh = 0;
      }
    }
    bus.changed();
    return true;
  }

  private int x2LogicalId() {
    return (initialId & ~15) << 12 | 1 << (initialId & 15);
  }

  @Override
  public long page() {
    return enabled() && !x2() ? base & 0xF_FFFF_FFFF_F000L : -1;
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
    write(offset >> 4, (int) value, false);
  }

  @Override
  public long readMsr(int msr) {
    int register = msr - 0x800;
    if (!x2() || !Registers.readableByMsr(register)) {
      throw bus.vcpu().protection();
    }
    if (register == ICR_LOW) {
      return icrLow & 0xFFFF_FFFFL | (long) icrHigh << 32;
    }
    return register(register) & 0xFFFF_FFFFL;
  }

  @Override
  public void writeMsr(int msr, long value) {
    int register = msr - 0x800;
    if (!x2() || !Registers.writableByMsr(register, value)) {
      throw bus.vcpu().protection();
    }
    if (register == ICR_LOW) {
      icrHigh = (int) (value >>> 32);
      icrLow = (int) value & ICR_WRITABLE;
      send();
    } else if (register == SELF_IPI) {
      deliver(MODE_FIXED, (int) value & 0xFF, false);
    } else {
      write(register, (int) value, true);
    }
  }

  private int register(int n) {
    if (n >= ISR && n < IRR + 8) {
      Vectors v = n < TMR ? isr : n < IRR ? tmr : irr;
      return v.word(n & 7);
    }
    return switch (n) {
      case ID -> x2() ? id : id << 24;
      case VERSION -> VERSION_VALUE;
      case TPR -> tpr;
      case APR, RRD -> 0;
      case PPR -> ppr();
      case LDR -> ldr;
      case DFR -> dfr;
      case SVR -> svr;
      case ESR -> esr;
      case ICR_LOW -> icrLow;
      case ICR_HIGH -> icrHigh;
      case TIMER_INITIAL -> (int) timer.initial();
      case TIMER_CURRENT -> (int) timer.current();
      case TIMER_DIVIDE -> timer.divideRegister();
      case EOI, SELF_IPI -> 0;
      default -> {
        if (Lvt.isEntry(n)) {
          yield lvt.get(n);
        }
        error(ESR_REGISTER);
        yield 0;
      }
    };
  }

  private void write(int n, int value, boolean x2Mode) {
    switch (n) {
      case ID -> {
        if (!x2Mode) {
          id = value >>> 24;
        }
      }
      case TPR -> {
        tpr = value & 0xFF;
        bus.changed();
      }
      case EOI -> endOfInterrupt();
      case LDR -> ldr = value & 0xFF00_0000;
      case DFR -> dfr = value | 0x0FFF_FFFF;
      case SVR -> {
        svr = value & 0x13FF; // bit 12: EOI-broadcast suppression
        if ((svr & 0x100) == 0) {
          lvt.maskAll();
        }
        bus.changed();
      }
      case ESR -> {
        esr = errors;
        errors = 0;
      }
      case ICR_LOW -> {
        icrLow = value & ICR_WRITABLE;
        send();
      }
      case ICR_HIGH -> icrHigh = value & 0xFF00_0000;
      case TIMER_INITIAL -> timer.setInitial(value & 0xFFFF_FFFFL);
      case TIMER_DIVIDE -> timer.setDivide(value);
      case VERSION, APR, PPR, RRD, TIMER_CURRENT -> {}
      default -> {
        if (Lvt.isEntry(n)) {
          lvt.set(n, value, softwareEnabled());
          if (n == LVT_TIMER) {
            timer.setMode(value >> 17 & 3);
          }
          bus.changed();
        } else if (n < ISR || n >= ESR) {
          error(ESR_REGISTER);
        }
      }
    }
  }

  private void send() {
    int mode = icrLow >> 8 & 7;
    int vector = icrLow & 0xFF;
    int destination = x2() ? icrHigh : icrHigh >>> 24;
    boolean logical = (icrLow & 0x800) != 0;
    boolean level = (icrLow & 0x8000) != 0;
    boolean assertLevel = (icrLow & 0x4000) != 0;
    int shorthand = icrLow >> 18 & 3;
    if (mode <= MODE_LOWEST && vector < 16) {
      error(ESR_SEND_ILLEGAL);
      return;
    }
    bus.send(mode, vector, destination, logical, level, assertLevel, shorthand);
  }

  /** An error that is noted already interrupts no more: the vector of the entry may be illegal. */
  private void error(int bit) {
    boolean fresh = (errors & bit) == 0;
    errors |= bit;
    if (fresh && softwareEnabled()) {
      lvtInterrupt(LVT_ERROR);
    }
  }

  private void endOfInterrupt() {
    int vector = isr.highest();
    if (vector < 0) {
      return;
    }
    isr.clear(vector);
    if (tmr.has(vector) && (svr & 0x1000) == 0) {
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
    return tpr >> 4;
  }

  @Override
  public void writeCr8(int value) {
    tpr = value << 4;
    bus.changed();
  }

  private int ppr() {
    int inService = isr.highest();
    int serviceClass = inService < 0 ? 0 : inService & 0xF0;
    return (tpr & 0xF0) >= serviceClass ? tpr : serviceClass;
  }

  /** What IRR holds when software disables the APIC still has to be handled. */
  @Override
  public int pendingVector() {
    if (!enabled()) {
      return -1;
    }
    int vector = irr.highest();
    return vector >= 0 && (vector & 0xF0) > (ppr() & 0xF0) ? vector : -1;
  }

  @Override
  public boolean acceptsExternal() {
    if (!enabled()) {
      return true;
    }
    int lint0 = lvt.get(LVT_LINT0);
    return (lint0 & LVT_MASK) == 0 && (lint0 >> 8 & 7) == MODE_EXTINT;
  }

  @Override
  public void acknowledge(int vector) {
    irr.clear(vector);
    isr.set(vector);
    bus.changed();
  }

  @Override
  public void deliver(int mode, int vector, boolean level) {
    if (!enabled()) {
      // It still passes INIT, NMI, SMI and SIPI (section "Local APIC State After It Has Been
      // Software Disabled"); it takes no fixed interrupts.
      if (mode <= MODE_LOWEST) {
        return;
      }
    }
    switch (mode) {
      case MODE_FIXED, MODE_LOWEST -> accept(vector, level);
      case MODE_SMI -> bus.vcpu().pend(State.PENDING_SMI);
      case MODE_NMI -> bus.vcpu().pend(State.PENDING_NMI);
      case MODE_INIT -> bus.vcpu().pend(State.PENDING_INIT);
      case MODE_SIPI -> bus.vcpu().system.startupIpi(vector);
      default -> {}
    }
  }

  private void accept(int vector, boolean level) {
    if (!softwareEnabled()) {
      return;
    }
    if (vector < 16) {
      error(ESR_RECEIVE_ILLEGAL);
      return;
    }
    irr.set(vector);
    if (level) {
      tmr.set(vector);
    } else {
      tmr.clear(vector);
    }
    bus.changed();
  }

  @Override
  public boolean matches(int destination, boolean logical) {
    if (destination == -1) {
      return true;
    }
    if (x2()) {
      return logical
          ? destination >>> 16 == ldr >>> 16 && (destination & ldr & 0xFFFF) != 0
          : destination == id;
    }
    // A sender in x2APIC mode may name IDs that this mode does not have: they do not alias.
    int target = destination;
    if (target >>> 8 != 0) {
      return false;
    }
    if (!logical) {
      return target == 0xFF || target == id;
    }
    int mine = ldr >>> 24;
    if (dfr >>> 28 == 0xF) {
      return (target & mine) != 0;
    }
    // Cluster model: high four bits name the cluster, 15 all of them.
    boolean cluster = target >> 4 == 15 || target >> 4 == mine >> 4;
    return cluster && (target & mine & 15) != 0;
  }

  @Override
  public int arbitrationPriority() {
    return softwareEnabled() ? ppr() : -1;
  }

  @Override
  public void lint(int pin, boolean high) {
    if (!enabled()) {
      if (high && pin == 1) {
        bus.vcpu().pend(State.PENDING_NMI);
      }
      bus.changed();
      return;
    }
    int entry = pin == 0 ? LVT_LINT0 : LVT_LINT1;
    if ((lvt.get(entry) >> 8 & 7) == MODE_EXTINT) {
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
    int mode = entry == LVT_TIMER || entry == LVT_ERROR ? MODE_FIXED : value >> 8 & 7;
    boolean level = entry == LVT_LINT0 && (value & 0x8000) != 0;
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
    out.putLong("base", base);
    out.putLongs("registers", id, tpr, ldr, dfr, svr, esr, errors, icrLow, icrHigh);
    out.putLongs("lvt", lvt.save());
    out.putLongs("irr", irr.save());
    out.putLongs("isr", isr.save());
    out.putLongs("tmr", tmr.save());
    timer.save(out);
  }

  @Override
  public void restore(int version, StateReader in) {
    base = in.getLong("base");
    long[] r = in.getLongs("registers");
    id = (int) r[0];
    tpr = (int) r[1];
    ldr = (int) r[2];
    dfr = (int) r[3];
    svr = (int) r[4];
    esr = (int) r[5];
    errors = (int) r[6];
    icrLow = (int) r[7];
    icrHigh = (int) r[8];
    lvt.restore(in.getLongs("lvt"));
    irr.restore(in.getLongs("irr"));
    isr.restore(in.getLongs("isr"));
    tmr.restore(in.getLongs("tmr"));
    timer.restore(in);
    bus.changed();
  }
}
