// SPDX-License-Identifier: Apache-2.0
package nestor.device.rtc;

import java.time.Instant;
import nestor.api.device.Device;
import nestor.api.device.DeviceContext;
import nestor.api.device.PortDevice;
import nestor.api.device.Wire;
import nestor.api.state.SectionId;
import nestor.api.state.Snapshottable;
import nestor.api.state.StateReader;
import nestor.api.state.StateWriter;
import nestor.api.time.Timer;
import nestor.api.time.VirtualClock;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/**
 * The real-time clock MC146818 with 128 bytes of battery-backed memory.
 *
 * <p>After Motorola's MC146818 data sheet. The 32,768 Hz divider is a function of guest time;
 * seconds are added to the time cells, and flags set, when somebody looks or when an enabled
 * interrupt is due. The time changes at the end of the update cycle, so that it can be read at any
 * moment.
 *
 * <p>While the HPET replaces it ({@code hpet.legacy}) no interrupt leaves it (IA-PC HPET
 * specification 1.0a, table 3); its flags work on. Bit 7 of the index port drives the wire {@code
 * nmi.mask}.
 */
@Component(
    configurationPid = "nestor.device.rtc",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = {Device.class, PortDevice.class, Snapshottable.class})
@Designate(ocd = Rtc.Config.class, factory = true)
public final class Rtc implements PortDevice, Snapshottable {

  /** Where the clock sits and what it shows first. */
  @ObjectClassDefinition(name = "MC146818 real-time clock and CMOS memory")
  public @interface Config {
    /** {@return index port, data port} */
    @AttributeDefinition(description = "Ports: index, data")
    String nestor_ports() default "0x70+2";

    /** {@return the interrupt line} */
    @AttributeDefinition(description = "Interrupt line")
    int nestor_irq() default 8;

    /** {@return the date at power-on, or nothing for the machine's} */
    @AttributeDefinition(
        description = "Date at power-on, as 2026-11-22T00:00:00Z; empty: machine's")
    String date() default "";

    /** {@return where RAM below 4 GiB ends at most, for the memory sizes in CMOS} */
    @AttributeDefinition(description = "Bytes of RAM that fit below the PCI hole")
    long lowMemoryLimit() default 0xC000_0000L;
  }

  private static final SectionId SECTION = new SectionId("rtc", 1);
  private static final long SECOND = 1_000_000_000;

  /** Update cycle of 1984 us, announced 244 us before ("Update Cycle", at 32.768 kHz). */
  private static final long UPDATE_NANOS = 2_228_000;

  private static final int REGISTER_A = 0x0A;
  private static final int REGISTER_B = 0x0B;
  private static final int REGISTER_C = 0x0C;
  private static final int REGISTER_D = 0x0D;

  private static final int UIP = 0x80;
  private static final int DIVIDER_RESET = 0x60;
  private static final int SET = 0x80;
  private static final int PERIODIC = 0x40;
  private static final int ALARM = 0x20;
  private static final int UPDATE = 0x10;
  private static final int ALL = PERIODIC | ALARM | UPDATE;
  private static final int SQUARE_WAVE = 0x08;
  private static final int IRQF = 0x80;
  private static final int VALID = 0x80;

  private final String date;
  private final long lowMemoryLimit;
  private final byte[] cells = new byte[CmosLayout.BYTES];
  private final Calendar calendar = new Calendar(cells);
  private VirtualClock clock;
  private Timer timer;
  private Wire irq;
  private Wire nmiMask;
  private Wire legacyReplacement;

  private long originNanos;
  private long seenSecond;
  private long seenPeriod;
  private int index;
  private int flags;
  private boolean masksNmi;

  /** Made by its configuration. */
  @Activate
  public Rtc(Config config) {
    date = config.date();
    lowMemoryLimit = config.lowMemoryLimit();
    if (!date.isEmpty()) {
      Instant.parse(date); // a wrong date is refused when the device is configured
    }
  }

  @Override
  public void attach(DeviceContext context) {
    clock = context.clock();
    irq = context.irq();
    nmiMask = context.wire("nmi.mask");
    legacyReplacement = context.wire("hpet.legacy");
    legacyReplacement.listen(high -> update());
    timer = clock.timer("rtc", this::update);
    CmosLayout.fill(cells, context.machine(), lowMemoryLimit);
    cells[REGISTER_A] = 0x26;
    cells[REGISTER_B] = Calendar.HOURS_24;
    cells[REGISTER_D] = (byte) VALID;
    originNanos = 0;
    seenSecond = clock.nanos() / SECOND;
    seenPeriod = periods();
    long start = date.isEmpty() ? clock.epochSeconds() : Instant.parse(date).getEpochSecond();
    calendar.setDate(start + seenSecond, registerB());
    reset();
  }

  @Override
  public void detach() {
    timer.cancel();
  }

  /** The RESET pin: time and memory live on their battery, interrupts are switched off. */
  @Override
  public void reset() {
    cells[REGISTER_B] &= (byte) ~(ALL | SQUARE_WAVE);
    flags = 0;
    index = 0;
    maskNmi(false);
    update();
  }

  @Override
  public int read(int offset, int size) {
    if (offset == 0) {
      return 0xFF; // the index port is write-only
    }
    update();
    return switch (index) {
      case REGISTER_A -> (cells[REGISTER_A] & 0x7F) | (isUpdating() ? UIP : 0);
      case REGISTER_C -> {
        int value = flags | ((flags & registerB() & ALL) != 0 ? IRQF : 0);
        flags = 0;
        update();
        yield value;
      }
      default -> cells[index] & 0xFF;
    };
  }

  @Override
  public void write(int offset, int size, int value) {
    if (offset == 0) {
      index = value & 0x7F;
      maskNmi((value & 0x80) != 0);
      return;
    }
    update();
    switch (index) {
      case REGISTER_A -> writeA(value);
      case REGISTER_B -> {
        // "SET": an update interrupt that can no longer come is switched off.
        int kept = (value & SET) != 0 ? value & ~UPDATE : value;
        cells[REGISTER_B] = (byte) kept;
      }
      case REGISTER_C, REGISTER_D -> {
        // Read-only.
      }
      default -> cells[index] = (byte) value;
    }
    update();
  }

  @Override
  public SectionId section() {
    return SECTION;
  }

  @Override
  public void save(StateWriter out) {
    update();
    out.putBytes("cells", cells);
    out.putLong("index", index);
    out.putLong("flags", flags);
    out.putBoolean("masksNmi", masksNmi);
    out.putLong("elapsedNanos", clock.nanos() - originNanos);
  }

  @Override
  public void restore(int version, StateReader in) {
    System.arraycopy(in.getBytes("cells"), 0, cells, 0, cells.length);
    index = in.getInt("index");
    flags = in.getInt("flags");
    maskNmi(in.getBoolean("masksNmi"));
    originNanos = clock.nanos() - in.getLong("elapsedNanos");
    seenSecond = elapsed() / SECOND;
    seenPeriod = periods();
    update();
  }

  private void maskNmi(boolean masks) {
    masksNmi = masks;
    nmiMask.set(masks);
  }

  private void writeA(int value) {
    boolean wasHeld = isHeld();
    cells[REGISTER_A] = (byte) (value & 0x7F);
    if (wasHeld && !isHeld()) {
      // "Divider Control": the first update comes half a second after the divider is let go.
      originNanos = clock.nanos() - SECOND / 2;
      seenSecond = 0;
    }
    seenPeriod = periods();
  }

  /** Takes over what has happened since the last call, drives the pin and arms for what is next. */
  private void update() {
    if (!isHeld()) {
      long second = elapsed() / SECOND;
      long passed = second - seenSecond;
      if (passed > 0 && !isSet()) {
        int toAlarm = (flags & ALARM) != 0 ? 0 : calendar.secondsToAlarm(registerB());
        flags |= UPDATE | (toAlarm != 0 && toAlarm <= passed ? ALARM : 0);
        calendar.advance(passed, registerB());
      }
      seenSecond = second;
      long period = periods();
      flags |= period != seenPeriod ? PERIODIC : 0;
      seenPeriod = period;
    }
    boolean isReplaced = legacyReplacement.isHigh();
    boolean interrupts = (flags & registerB() & ALL) != 0;
    irq.set(interrupts && !isReplaced);
    long next = isReplaced || interrupts || isHeld() ? Long.MAX_VALUE : nextInterrupt();
    if (next == Long.MAX_VALUE) {
      timer.cancel();
    } else {
      timer.arm(originNanos + next);
    }
  }

  /** {@return when the next enabled interrupt is due, in nanoseconds since the divider's origin} */
  private long nextInterrupt() {
    long next = Long.MAX_VALUE;
    int enabled = registerB();
    if ((enabled & PERIODIC) != 0 && rate() != 0) {
      long tick = (seenPeriod + 1) << rateShift();
      long rest = (tick & 0x7FFF) * 1_953_125;
      next = (tick >>> 15) * SECOND + Math.ceilDiv(rest, 64L);
    }
    if (!isSet()) {
      if ((enabled & UPDATE) != 0) {
        next = Math.min(next, (seenSecond + 1) * SECOND);
      }
      if ((enabled & ALARM) != 0) {
        int toAlarm = calendar.secondsToAlarm(enabled);
        next = toAlarm == 0 ? next : Math.min(next, (seenSecond + toAlarm) * SECOND);
      }
    }
    return next;
  }

  /** {@return how many periods of the periodic interrupt have passed, 0 if it has no rate} */
  private long periods() {
    if (rate() == 0) {
      return 0;
    }
    // 32768 Hz = 64 / 1953125 per nanosecond.
    long elapsed = elapsed();
    long ticks = (elapsed / SECOND << 15) + elapsed % SECOND * 64 / 1_953_125;
    return ticks >>> rateShift();
  }

  /** "Periodic Interrupt Selection": rates 1 and 2 are 256 and 128 Hz, then 8192 Hz downwards. */
  private int rateShift() {
    return rate() < 3 ? rate() + 6 : rate() - 1;
  }

  private int rate() {
    return cells[REGISTER_A] & 0x0F;
  }

  private boolean isUpdating() {
    return !isSet() && !isHeld() && elapsed() % SECOND >= SECOND - UPDATE_NANOS;
  }

  private boolean isHeld() {
    return (cells[REGISTER_A] & DIVIDER_RESET) == DIVIDER_RESET;
  }

  private boolean isSet() {
    return (registerB() & SET) != 0;
  }

  private int registerB() {
    return cells[REGISTER_B] & 0xFF;
  }

  private long elapsed() {
    return clock.nanos() - originNanos;
  }
}
