// SPDX-License-Identifier: Apache-2.0
package nestor.device.pit;

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
 * The PC's 8254 interval timer and port 61h.
 *
 * <p>Its clock is 105/88 MHz, so tick n falls at n * 17600/21 ns: all ticks are computed from guest
 * time, and nothing drifts. Counter 0 drives {@code isa0} unless the HPET replaces it ({@code
 * hpet.legacy}), counter 1 was the memory refresh and leads nowhere, counter 2 is gated by port 61h
 * and read back there.
 *
 * <p>Deviation: {@code isa0} is lowered only just before it rises again, except on writes. IRQ 0 is
 * edge-triggered, and no timer has to be armed for a fall that nobody sees.
 */
@Component(
    configurationPid = "nestor.device.pit",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = {Device.class, PortDevice.class, Snapshottable.class})
@Designate(ocd = Pit.Config.class, factory = true)
public final class Pit implements PortDevice, Snapshottable {

  /** Where the timer sits. */
  @ObjectClassDefinition(name = "8254 interval timer")
  public @interface Config {
    /** {@return ports of the counters and of port 61h} */
    @AttributeDefinition(description = "Ports: counters and control word, system control port B")
    String nestor_ports() default "0x40+4,0x61+1";
  }

  private static final SectionId SECTION = new SectionId("pit", 1);
  private static final int CONTROL = 3;
  private static final int PORT_61 = 4;
  private static final long NANOS_NUMERATOR = 17_600;
  private static final long NANOS_DENOMINATOR = 21;

  /** Ticks between two refresh requests: 15.085 us, what PC firmware gives counter 1. */
  private static final int REFRESH_TICKS = 18;

  private final PitCounter[] counters = new PitCounter[3];
  private VirtualClock clock;
  private Timer timer;
  private Wire irq;
  private Wire legacyReplacement;
  private long originNanos;
  private int port61;
  private boolean drives;

  /** Made by its configuration. */
  @Activate
  public Pit(Config config) {}

  @Override
  public void attach(DeviceContext context) {
    clock = context.clock();
    originNanos = clock.nanos();
    irq = context.wire("isa0");
    legacyReplacement = context.wire("hpet.legacy");
    legacyReplacement.listen(high -> levelIs(out0()));
    timer = clock.timer("pit counter 0", this::risen);
    reset();
  }

  @Override
  public void detach() {
    timer.cancel();
  }

  @Override
  public void reset() {
    for (int i = 0; i < counters.length; i++) {
      counters[i] = new PitCounter(i != 2);
    }
    port61 = 0;
    levelIs(false);
  }

  @Override
  public int read(int offset, int size) {
    long now = tick();
    return switch (offset) {
      case CONTROL -> 0xFF; // Unspecified: the control word register cannot be read.
      case PORT_61 -> {
        int refresh = (now / REFRESH_TICKS & 1) != 0 ? 0x10 : 0;
        yield port61 | refresh | (counters[2].out(now) ? 0x20 : 0);
      }
      default -> counters[offset].read(now);
    };
  }

  @Override
  public void write(int offset, int size, int value) {
    long now = tick();
    if (offset == PORT_61) {
      port61 = value & 0x0F;
      counters[2].setGate(now, (value & 0x01) != 0);
      return;
    }
    boolean wasHigh = counters[0].out(now);
    if (offset == CONTROL) {
      control(now, value);
    } else {
      counters[offset].write(now, value);
    }
    boolean isHigh = counters[0].out(now);
    if (isHigh && !wasHigh) {
      irq.set(false);
    }
    levelIs(isHigh);
  }

  @Override
  public SectionId section() {
    return SECTION;
  }

  @Override
  public void save(StateWriter out) {
    out.putLong("elapsedNanos", clock.nanos() - originNanos);
    out.putLong("port61", port61);
    out.putBoolean("drives", drives);
    for (int i = 0; i < counters.length; i++) {
      counters[i].save(out, "counter" + i);
    }
  }

  @Override
  public void restore(int version, StateReader in) {
    originNanos = clock.nanos() - in.getLong("elapsedNanos");
    port61 = in.getInt("port61");
    for (int i = 0; i < counters.length; i++) {
      counters[i].restore(in, "counter" + i);
    }
    drive(in.getBoolean("drives"));
    arm();
  }

  private void control(long now, int value) {
    int select = value >>> 6;
    if (select == 3) {
      for (int i = 0; i < counters.length; i++) {
        if ((value & (2 << i)) != 0) {
          if ((value & 0x20) == 0) {
            counters[i].latchCount(now);
          }
          if ((value & 0x10) == 0) {
            counters[i].latchStatus(now);
          }
        }
      }
    } else if ((value & 0x30) == 0) {
      counters[select].latchCount(now);
    } else {
      counters[select].program(now, value);
    }
  }

  private boolean out0() {
    return counters[0].out(tick());
  }

  private void risen() {
    if (!legacyReplacement.isHigh()) {
      irq.set(false);
      levelIs(true);
    }
  }

  /** Drives IRQ 0, unless the HPET does, and arms the timer for the next rise. */
  private void levelIs(boolean high) {
    drive(high && !legacyReplacement.isHigh());
    arm();
  }

  private void drive(boolean high) {
    drives = high;
    irq.set(high);
  }

  private void arm() {
    long rise = legacyReplacement.isHigh() ? PitCounter.NEVER : counters[0].nextRise(tick());
    if (rise == PitCounter.NEVER) {
      timer.cancel();
    } else {
      timer.arm(originNanos + Math.ceilDiv(rise * NANOS_NUMERATOR, NANOS_DENOMINATOR));
    }
  }

  /** {@return input clocks since power-on} Right for the first 13 years of guest time. */
  private long tick() {
    return (clock.nanos() - originNanos) * NANOS_DENOMINATOR / NANOS_NUMERATOR;
  }
}
