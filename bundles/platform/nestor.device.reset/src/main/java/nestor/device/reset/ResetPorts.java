// SPDX-License-Identifier: Apache-2.0
package nestor.device.reset;

import nestor.api.device.Device;
import nestor.api.device.DeviceContext;
import nestor.api.device.MachinePort;
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
 * The chipset's reset control register CF9h and system control port A, 92h (Intel ICH9 data sheet,
 * "Processor Interface Registers").
 *
 * <p>CF9h lies inside the PCI configuration ports. It is claimed as a range of one byte, so that
 * byte accesses come here and doublewords to CF8h go to the host bridge.
 *
 * <p>Deviation: a soft reset (INIT) resets the whole machine, as most guests want it to. Port 92h
 * opens A20 from the start, as PC firmware leaves it; {@code a20} in the configuration says
 * otherwise.
 */
@Component(
    configurationPid = "nestor.device.reset",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = {Device.class, PortDevice.class, Snapshottable.class})
@Designate(ocd = ResetPorts.Config.class, factory = true)
public final class ResetPorts implements PortDevice, Snapshottable {

  /** Where the registers sit and how they start. */
  @ObjectClassDefinition(name = "Reset registers CF9h and 92h")
  public @interface Config {
    /** {@return port of the reset control register, port of system control port A} */
    @AttributeDefinition(description = "Ports: reset control, system control port A")
    String nestor_ports() default "0xCF9+1,0x92+1";

    /** {@return whether port 92h holds A20 open after a reset} */
    @AttributeDefinition(description = "Port 92h opens A20 at reset")
    boolean a20() default true;
  }

  private static final SectionId SECTION = new SectionId("reset", 1);
  private static final int SYS_RST = 0x02;
  private static final int RST_CPU = 0x04;
  private static final int FULL_RST = 0x08;
  private static final int INIT_NOW = 0x01;
  private static final int ALT_A20_GATE = 0x02;

  private final boolean opensA20;
  private MachinePort machine;
  private Wire a20;
  private int resetControl;
  private int portA;

  /** Made by its configuration. */
  @Activate
  public ResetPorts(Config config) {
    opensA20 = config.a20();
  }

  @Override
  public void attach(DeviceContext context) {
    machine = context.machine();
    a20 = context.wire("a20");
    reset();
  }

  @Override
  public void detach() {
    machine = null;
  }

  @Override
  public void reset() {
    resetControl = 0;
    portA = opensA20 ? ALT_A20_GATE : 0;
    a20.set(opensA20);
  }

  @Override
  public int read(int offset, int size) {
    return offset == 0 ? resetControl : portA;
  }

  @Override
  public void write(int offset, int size, int value) {
    if (offset == 0) {
      boolean rises = (value & ~resetControl & RST_CPU) != 0;
      resetControl = value & (SYS_RST | RST_CPU | FULL_RST);
      if (rises) {
        machine.requestReset(
            (value & SYS_RST) == 0
                ? "soft reset by port CF9h"
                : (value & FULL_RST) == 0 ? "hard reset by port CF9h" : "power cycle by port CF9h");
      }
    } else {
      boolean rises = (value & ~portA & INIT_NOW) != 0;
      portA = value & (INIT_NOW | ALT_A20_GATE);
      a20.set((value & ALT_A20_GATE) != 0);
      if (rises) {
        machine.requestReset("fast reset by port 92h");
      }
    }
  }

  @Override
  public SectionId section() {
    return SECTION;
  }

  @Override
  public void save(StateWriter out) {
    out.putLong("resetControl", resetControl);
    out.putLong("portA", portA);
  }

  @Override
  public void restore(int version, StateReader in) {
    resetControl = in.getInt("resetControl");
    portA = in.getInt("portA");
    a20.set((portA & ALT_A20_GATE) != 0);
  }
}
