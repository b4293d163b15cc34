// SPDX-License-Identifier: Apache-2.0
package nestor.pic;

import nestor.api.device.Device;
import nestor.api.device.DeviceContext;
import nestor.api.device.ExternalInterruptController;
import nestor.api.device.PortDevice;
import nestor.api.device.Wire;
import nestor.api.state.SectionId;
import nestor.api.state.Snapshottable;
import nestor.api.state.StateReader;
import nestor.api.state.StateWriter;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/**
 * The PC's pair of 8259A interrupt controllers with its edge/level control registers.
 *
 * <p>Inputs are the wires {@code isa0} to {@code isa15}, except {@code isa2}, where the slave sits.
 * The output is the wire {@code intr}. Offsets 0 and 1 are the master, 2 and 3 the slave, 4 and 5
 * the two ELCRs.
 */
@Component(
    configurationPid = "nestor.pic",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = {
      Device.class,
      PortDevice.class,
      ExternalInterruptController.class,
      Snapshottable.class
    })
@Designate(ocd = Pic.Config.class, factory = true)
public final class Pic implements PortDevice, ExternalInterruptController, Snapshottable {

  /** Where the controllers sit. */
  @ObjectClassDefinition(name = "8259 interrupt controllers")
  public @interface Config {
    /** {@return ports of master, slave and ELCRs} */
    @AttributeDefinition(description = "Ports: master, slave, ELCR")
    String nestor_ports() default "0x20+2,0xA0+2,0x4D0+2";
  }

  private static final SectionId SECTION = new SectionId("pic", 1);
  private static final int CASCADE = 2;

  // IRQ 0, 1, 2, 8 and 13 are edge-triggered for ever (Intel ICH9 data sheet, ELCR1 and ELCR2).
  private final Chip8259 master = new Chip8259(0xF8, 1 << CASCADE);
  private final Chip8259 slave = new Chip8259(0xDE, 0);
  private final Wire[] inputs = new Wire[16];
  private Wire intr;

  /** Made by its configuration. */
  @Activate
  public Pic(Config config) {}

  @Override
  public void attach(DeviceContext context) {
    intr = context.wire("intr");
    for (int i = 0; i < inputs.length; i++) {
      if (i != CASCADE) {
        int line = i;
        inputs[i] = context.wire("isa" + i);
        inputs[i].listen(high -> inputChanged(line, high));
      }
    }
    reset();
  }

  @Override
  public void detach() {
    intr = null;
  }

  @Override
  public void reset() {
    int lines = 0;
    for (int i = 0; i < inputs.length; i++) {
      if (i != CASCADE && inputs[i].isHigh()) {
        lines |= 1 << i;
      }
    }
    master.reset(lines & 0xFF);
    slave.reset(lines >>> 8);
    drive();
  }

  @Override
  public int acknowledge() {
    int level = master.take();
    int vector = master.vector(level);
    intr.set(false);
    if (level == CASCADE && master.hasSlaveOn(CASCADE)) {
      int slaveLevel = slave.take();
      vector = slave.hasSlaveId(CASCADE) ? slave.vector(slaveLevel) : 0xFF;
      master.input(CASCADE, false);
    }
    drive();
    return vector;
  }

  @Override
  public int read(int offset, int size) {
    return switch (offset) {
      case 0, 1 -> {
        boolean acknowledges = master.polls();
        int value = master.read(offset);
        if (acknowledges) {
          intr.set(false);
          drive();
        }
        yield value;
      }
      case 2, 3 -> {
        boolean acknowledges = slave.polls();
        int value = slave.read(offset - 2);
        if (acknowledges) {
          master.input(CASCADE, false);
          drive();
        }
        yield value;
      }
      case 4 -> master.elcr();
      case 5 -> slave.elcr();
      default -> throw new IllegalArgumentException("offset " + offset);
    };
  }

  @Override
  public void write(int offset, int size, int value) {
    switch (offset) {
      case 0, 1 -> master.write(offset, value);
      case 2, 3 -> slave.write(offset - 2, value);
      case 4 -> master.setElcr(value);
      case 5 -> slave.setElcr(value);
      default -> throw new IllegalArgumentException("offset " + offset);
    }
    drive();
  }

  @Override
  public SectionId section() {
    return SECTION;
  }

  @Override
  public void save(StateWriter out) {
    master.save(out, "master");
    slave.save(out, "slave");
  }

  @Override
  public void restore(int version, StateReader in) {
    master.restore(in, "master");
    slave.restore(in, "slave");
    intr.set(master.requests());
  }

  private void inputChanged(int line, boolean high) {
    (line < 8 ? master : slave).input(line & 7, high);
    drive();
  }

  /**
   * Drives the two INT outputs. A chip that was just acknowledged has had its output low in
   * between, since with the first INTA pulse INT falls and rises again if more is waiting: that
   * edge is what tells an edge-triggered input behind it.
   */
  private void drive() {
    master.input(CASCADE, slave.requests());
    intr.set(master.requests());
  }
}
