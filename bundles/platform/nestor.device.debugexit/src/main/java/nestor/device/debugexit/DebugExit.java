// SPDX-License-Identifier: Apache-2.0
package nestor.device.debugexit;

import nestor.api.device.Device;
import nestor.api.device.DeviceContext;
import nestor.api.device.MachinePort;
import nestor.api.device.PortDevice;
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
 * The debug-exit port: a write of v ends the run, and the process exits with (v &lt;&lt; 1) | 1.
 *
 * <p>Guests write one, two or four bytes to any of its ports. It has no state; it can be saved so
 * that a machine with it can.
 */
@Component(
    configurationPid = "nestor.device.debugexit",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = {Device.class, PortDevice.class, Snapshottable.class})
@Designate(ocd = DebugExit.Config.class, factory = true)
public final class DebugExit implements PortDevice, Snapshottable {

  /** Where the port sits. */
  @ObjectClassDefinition(name = "Debug-exit port")
  public @interface Config {
    /** {@return the ports} */
    @AttributeDefinition(description = "Ports")
    String nestor_ports() default "0xF4+4";
  }

  private static final SectionId SECTION = new SectionId("debugexit", 1);

  private MachinePort machine;

  /** Made by its configuration. */
  @Activate
  public DebugExit(Config config) {}

  @Override
  public void attach(DeviceContext context) {
    machine = context.machine();
  }

  @Override
  public void detach() {
    machine = null;
  }

  @Override
  public void reset() {}

  @Override
  public int portWidth() {
    return 4;
  }

  @Override
  public int read(int offset, int size) {
    return 0;
  }

  @Override
  public void write(int offset, int size, int value) {
    machine.requestExit(value);
  }

  @Override
  public SectionId section() {
    return SECTION;
  }

  @Override
  public void save(StateWriter out) {}

  @Override
  public void restore(int version, StateReader in) {}
}
