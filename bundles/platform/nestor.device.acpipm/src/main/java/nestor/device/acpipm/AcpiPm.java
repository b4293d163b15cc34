// SPDX-License-Identifier: Apache-2.0
package nestor.device.acpipm;

import nestor.api.device.Device;
import nestor.api.device.DeviceContext;
import nestor.api.device.MachinePort;
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
 * ACPI fixed hardware: the PM1a event and control blocks and the PM timer (ACPI 6.5, 4.8.3).
 *
 * <p>Offsets: 0 PM1 status, 2 PM1 enable, 4 PM1 control, 8 PM timer. There is no SMM firmware, so
 * SCI_EN is always set. The SCI is a level on the configured ISA line. Sleep types other than the
 * configured ones for power-off do not sleep: the machine wakes at once and says so in WAK_STS.
 */
@Component(
    configurationPid = "nestor.device.acpipm",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = {Device.class, PortDevice.class, Snapshottable.class})
@Designate(ocd = AcpiPm.Config.class, factory = true)
public final class AcpiPm implements PortDevice, Snapshottable {

  /** Where the registers sit and how wide the timer is. */
  @ObjectClassDefinition(name = "ACPI power management registers")
  public @interface Config {
    /** {@return ports: PM1 event block, PM1 control block, PM timer} */
    @AttributeDefinition(description = "Ports: 12 from the PM1 event block on")
    String nestor_ports() default "0x600+12";

    /** {@return the ISA line of the SCI} */
    @AttributeDefinition(description = "Interrupt line of the SCI")
    int nestor_irq() default 9;

    /** {@return counter width} */
    @AttributeDefinition(description = "PM timer width in bits: 24 or 32")
    int width() default 24;

    /** {@return the sleep types that power the machine off, as \_S5 names them} */
    @AttributeDefinition(description = "SLP_TYP values that power off")
    int[] s5() default {0, 5};
  }

  private static final SectionId SECTION = new SectionId("acpipm", 1);
  private static final int BLOCK = 12;
  private static final int CONTROL_HIGH = 5;

  private static final int TMR_STS = 1;
  private static final int WAK_STS = 1 << 15;
  private static final int CLEARABLE = TMR_STS | 1 << 4 | 1 << 5 | 1 << 8 | 1 << 9 | 1 << 10;
  private static final int ENABLES = TMR_STS | 1 << 5 | 1 << 8 | 1 << 9 | 1 << 10;
  private static final int SCI_EN = 1;
  private static final int KEPT_CONTROL = 0x1C02;
  private static final int SLP_EN = 0x2000;

  private final int width;
  private final int[] powerOffTypes;
  private VirtualClock clock;
  private MachinePort machine;
  private Wire sci;
  private Timer timer;
  private long originNanos;
  private long seenToggle;
  private int status;
  private int enable;
  private int control;

  /** Made by its configuration. */
  @Activate
  public AcpiPm(Config config) {
    width = config.width();
    if (width != 24 && width != 32) {
      throw new IllegalArgumentException("width must be 24 or 32: " + width);
    }
    powerOffTypes = config.s5().clone();
  }

  @Override
  public void attach(DeviceContext context) {
    clock = context.clock();
    machine = context.machine();
    sci = context.irq();
    timer = clock.timer("pm timer", this::update);
    originNanos = clock.nanos();
    reset();
  }

  @Override
  public void detach() {
    timer.cancel();
  }

  @Override
  public void reset() {
    status = 0;
    enable = 0;
    control = 0;
    seenToggle = toggles();
    update();
  }

  @Override
  public int portWidth() {
    return 4;
  }

  @Override
  public int read(int offset, int size) {
    update();
    if (offset >= 8) {
      long mask = (1L << width) - 1;
      return (int) ((ticks() & mask) >>> (8 * (offset - 8)));
    }
    long registers = ((long) (control | SCI_EN) << 32) | ((long) enable << 16) | status;
    return (int) (registers >>> (8 * offset));
  }

  @Override
  public void write(int offset, int size, int value) {
    update();
    for (int i = 0; i < size && offset + i < BLOCK; i++) {
      writeByte(offset + i, (value >>> (8 * i)) & 0xFF);
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
    out.putLong("elapsedNanos", clock.nanos() - originNanos);
    out.putLong("status", status);
    out.putLong("enable", enable);
    out.putLong("control", control);
  }

  @Override
  public void restore(int version, StateReader in) {
    originNanos = clock.nanos() - in.getLong("elapsedNanos");
    status = in.getInt("status");
    enable = in.getInt("enable");
    control = in.getInt("control");
    seenToggle = toggles();
    update();
  }

  private void writeByte(int offset, int value) {
    switch (offset) {
      case 0, 1 -> status &= ~((value << (8 * offset)) & (CLEARABLE | WAK_STS));
      case 2, 3 -> enable = replaced(enable, offset - 2, value) & ENABLES;
      case 4 -> control = replaced(control, 0, value) & KEPT_CONTROL;
      case CONTROL_HIGH -> {
        control = replaced(control, 1, value) & KEPT_CONTROL;
        if ((value << 8 & SLP_EN) != 0) {
          sleep((control >>> 10) & 7);
        }
      }
      default -> {
        // The timer is read-only, and chipsets drop the write rather than fault it.
      }
    }
  }

  private void sleep(int type) {
    for (int powerOff : powerOffTypes) {
      if (powerOff == type) {
        machine.requestPowerOff();
        return;
      }
    }
    machine.note("ACPI sleep type " + type + " is not modelled: the machine wakes at once");
    status |= WAK_STS;
  }

  /** Takes over a carry of the timer, drives the SCI and arms for the next carry that matters. */
  private void update() {
    long toggle = toggles();
    if (toggle != seenToggle) {
      seenToggle = toggle;
      status |= TMR_STS;
    }
    sci.set((status & enable) != 0);
    if ((enable & ~status & TMR_STS) != 0) {
      timer.arm(originNanos + PmTimer.nanos((toggle + 1) << (width - 1)));
    } else {
      timer.cancel();
    }
  }

  /** {@return how often the highest bit of the counter has changed} Each change sets TMR_STS. */
  private long toggles() {
    return ticks() >>> (width - 1);
  }

  private long ticks() {
    return PmTimer.ticks(clock.nanos() - originNanos);
  }

  private static int replaced(int register, int index, int value) {
    return (register & ~(0xFF << (8 * index))) | (value << (8 * index));
  }
}
