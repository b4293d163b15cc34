// SPDX-License-Identifier: Apache-2.0
package nestor.device.hpet;

import nestor.api.device.Device;
import nestor.api.device.DeviceContext;
import nestor.api.device.MmioDevice;
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
 * The high precision event timer (IA-PC HPET specification 1.0a).
 *
 * <p>The main counter is a function of guest time. Comparators are brought up to date when somebody
 * looks, and have a timer only while their interrupt is on and a match would be noticed. With
 * legacy replacement ({@code hpet.legacy} high) comparator 0 drives {@code isa0} and comparator 1
 * {@code isa8}; otherwise they drive the IOAPIC input they are routed to, or send messages.
 *
 * <p>Accesses of 4 and 8 bytes are defined. Unspecified: narrower reads give their part of the
 * register, narrower writes are dropped.
 */
@Component(
    configurationPid = "nestor.device.hpet",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = {Device.class, MmioDevice.class, Snapshottable.class})
@Designate(ocd = Hpet.Config.class, factory = true)
public final class Hpet implements MmioDevice, Snapshottable {

  /** Where the timer sits and what it can do. */
  @ObjectClassDefinition(name = "High precision event timer")
  public @interface Config {
    /** {@return the guest-physical range} */
    @AttributeDefinition(description = "Guest-physical range")
    String nestor_mmio() default "0xFED00000+0x400";

    /** {@return length of a tick} */
    @AttributeDefinition(description = "Tick of the main counter in femtoseconds, at most 100 ns")
    long period() default 100_000_000;

    /** {@return number of comparators} */
    @AttributeDefinition(description = "Comparators: 3 to 24")
    int comparators() default 3;

    /** {@return IOAPIC inputs that every comparator can drive} */
    @AttributeDefinition(description = "Mask of IOAPIC inputs a comparator can be routed to")
    long routes() default 0x00F0_0000;

    /** {@return whether comparators can send messages} */
    @AttributeDefinition(description = "Comparators can send messages (FSB delivery)")
    boolean messages() default true;
  }

  private static final SectionId SECTION = new SectionId("hpet", 1);
  private static final int CAPABILITIES = 0x000;
  private static final int CONFIGURATION = 0x010;
  private static final int STATUS = 0x020;
  private static final int COUNTER = 0x0F0;
  private static final int COMPARATORS = 0x100;
  private static final int BYTES = 0x400;

  private static final int ENABLE = 1;
  private static final int LEGACY = 2;
  private static final long IDENTITY = 0x8086_A001L; // Intel, 64 bits, legacy capable, revision 1

  private final long capabilities;
  private final HpetRate rate;
  private final long routes;
  private final boolean messages;
  private final HpetComparator[] comparators;
  private final HpetPin[] pins;
  private final Timer[] timers;
  private DeviceContext context;
  private VirtualClock clock;
  private Wire legacyReplacement;
  private long originNanos;

  /** The main counter while it stands; while it runs, its value at tick 0. */
  private long base;

  private int configuration;
  private int status;

  /** Made by its configuration. */
  @Activate
  public Hpet(Config config) {
    int count = config.comparators();
    if (count < 3 || count > 24) {
      throw new IllegalArgumentException("comparators must be 3 to 24: " + count);
    }
    rate = new HpetRate(config.period());
    routes = config.routes() & 0xFF_FFFF;
    messages = config.messages();
    capabilities = (config.period() << 32) | IDENTITY | ((count - 1) << 8);
    comparators = new HpetComparator[count];
    pins = new HpetPin[count];
    timers = new Timer[count];
  }

  @Override
  public void attach(DeviceContext newContext) {
    context = newContext;
    clock = context.clock();
    originNanos = clock.nanos();
    legacyReplacement = context.wire("hpet.legacy");
    for (int i = 0; i < comparators.length; i++) {
      pins[i] = new HpetPin(context, i);
      timers[i] = clock.timer("hpet comparator " + i, this::update);
    }
    reset();
  }

  @Override
  public void detach() {
    for (Timer timer : timers) {
      timer.cancel();
    }
    context = null;
  }

  @Override
  public void reset() {
    base = 0;
    configuration = 0;
    status = 0;
    for (int i = 0; i < comparators.length; i++) {
      comparators[i] = new HpetComparator(routes, messages);
    }
    update();
  }

  @Override
  public long load(long offset, int size) {
    int at = (int) offset & ~7;
    if (at != COUNTER) {
      update();
    }
    return register(at) >>> (8 * (offset & 7)) & (-1L >>> (64 - 8 * size));
  }

  @Override
  public void store(long offset, int size, long value) {
    if (size < 4) {
      context.machine().note("HPET written with " + size + " bytes: dropped");
      return;
    }
    int shift = 8 * ((int) offset & 4);
    long mask = size == 8 ? -1L : 0xFFFF_FFFFL << shift;
    update();
    setRegister((int) offset & ~7, value << shift, mask);
    update();
  }

  @Override
  public SectionId section() {
    return SECTION;
  }

  @Override
  public void save(StateWriter out) {
    update();
    out.putLong("elapsedNanos", clock.nanos() - originNanos);
    out.putLong("base", base);
    out.putLong("configuration", configuration);
    out.putLong("status", status);
    out.putLong("comparators", comparators.length);
    for (int i = 0; i < comparators.length; i++) {
      comparators[i].save(out, "comparator" + i);
    }
  }

  @Override
  public void restore(int version, StateReader in) {
    if (in.getInt("comparators") != comparators.length) {
      throw new IllegalStateException(
          "this HPET has "
              + comparators.length
              + " comparators, the saved one "
              + in.getInt("comparators"));
    }
    originNanos = clock.nanos() - in.getLong("elapsedNanos");
    base = in.getLong("base");
    configuration = in.getInt("configuration");
    status = in.getInt("status");
    for (int i = 0; i < comparators.length; i++) {
      comparators[i].restore(in, "comparator" + i);
    }
    update();
  }

  private long register(int at) {
    return switch (at) {
      case CAPABILITIES -> capabilities;
      case CONFIGURATION -> configuration;
      case STATUS -> status;
      case COUNTER -> counter();
      default -> {
        HpetComparator comparator = comparatorAt(at);
        if (comparator == null) {
          yield 0;
        }
        yield switch (at & 0x18) {
          case 0x00 -> comparator.configuration();
          case 0x08 -> comparator.comparator();
          case 0x10 -> comparator.message();
          default -> 0;
        };
      }
    };
  }

  private void setRegister(int at, long value, long mask) {
    switch (at) {
      case CAPABILITIES -> {
        // Read-only.
      }
      case CONFIGURATION -> configure((int) ((configuration & ~mask) | (value & mask)));
      case STATUS -> status &= ~(int) (value & mask);
      case COUNTER -> {
        long counter = (counter() & ~mask) | (value & mask);
        base = isEnabled() ? counter - ticks() : counter;
        for (HpetComparator comparator : comparators) {
          comparator.jump(counter);
        }
      }
      default -> {
        HpetComparator comparator = comparatorAt(at);
        if (comparator != null) {
          switch (at & 0x18) {
            case 0x00 ->
                comparator.configure((comparator.configuration() & ~mask) | (value & mask));
            case 0x08 -> comparator.compareWith(value, mask);
            case 0x10 -> comparator.setMessage(value, mask);
            default -> {}
          }
        }
      }
    }
  }

  private void configure(int value) {
    long counter = counter();
    configuration = value & (ENABLE | LEGACY);
    base = isEnabled() ? counter - ticks() : counter;
  }

  /** Takes over the matches since the last call, drives the pins and arms what matters. */
  private void update() {
    boolean enabled = isEnabled();
    legacyReplacement.set(enabled && isLegacy());
    long counter = counter();
    for (int i = 0; i < comparators.length; i++) {
      HpetComparator comparator = comparators[i];
      boolean matched = comparator.advance(counter);
      boolean notices = enabled && comparator.isEnabled();
      if (comparator.isLevel()) {
        boolean isNew = matched && (status >>> i & 1) == 0;
        status |= matched ? 1 << i : 0;
        boolean isHigh = notices && (status >>> i & 1) != 0;
        if (comparator.sendsMessages()) {
          pins[i].release();
          send(comparator, isNew && notices);
        } else {
          pins[i].level(comparator.route(), isLegacy(), isHigh);
        }
        arm(i, notices && !isHigh, counter);
      } else {
        pins[i].release();
        if (comparator.sendsMessages()) {
          send(comparator, matched && notices);
        } else if (matched && notices) {
          pins[i].pulse(comparator.route(), isLegacy());
        }
        arm(i, notices, counter);
      }
    }
  }

  private void send(HpetComparator comparator, boolean now) {
    if (now) {
      context.dma().message(comparator.message() >>> 32, (int) comparator.message());
    }
  }

  private void arm(int i, boolean wanted, long counter) {
    long distance = wanted ? comparators[i].distance() : 0;
    long at = distance == 0 ? HpetRate.NEVER : rate.nanos(counter + distance - base);
    if (at == HpetRate.NEVER) {
      timers[i].cancel();
    } else if (timers[i].deadlineNanos() != originNanos + at) {
      timers[i].arm(originNanos + at);
    }
  }

  private HpetComparator comparatorAt(int at) {
    int i = (at - COMPARATORS) >> 5;
    return i >= 0 && i < comparators.length && at < BYTES ? comparators[i] : null;
  }

  private boolean isEnabled() {
    return (configuration & ENABLE) != 0;
  }

  private boolean isLegacy() {
    return (configuration & LEGACY) != 0;
  }

  private long counter() {
    return isEnabled() ? base + ticks() : base;
  }

  private long ticks() {
    return rate.ticks(clock.nanos() - originNanos);
  }
}
