// SPDX-License-Identifier: Apache-2.0
package nestor.device.debugcon;

import nestor.api.device.Device;
import nestor.api.device.DeviceContext;
import nestor.api.device.PortDevice;
import nestor.api.host.CharPort;
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
 * The debug console: what a guest writes to one of its ports appears on the console.
 *
 * <p>It reads back E9h, by which guests find it. It has no state.
 */
@Component(
    configurationPid = "nestor.device.debugcon",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = {Device.class, PortDevice.class, Snapshottable.class})
@Designate(ocd = DebugConsole.Config.class, factory = true)
public final class DebugConsole implements PortDevice, Snapshottable {

  /** Where the console sits. */
  @ObjectClassDefinition(name = "Debug console port")
  public @interface Config {
    /** {@return the ports} */
    @AttributeDefinition(description = "Ports")
    String nestor_ports() default "0x402+1,0xE9+1";
  }

  private static final SectionId SECTION = new SectionId("debugcon", 1);
  private static final int PRESENT = 0xE9;

  private CharPort console;

  /** Made by its configuration. */
  @Activate
  public DebugConsole(Config config) {}

  @Override
  public void attach(DeviceContext context) {
    console = context.console();
  }

  @Override
  public void detach() {
    console = null;
  }

  @Override
  public void reset() {}

  @Override
  public int read(int offset, int size) {
    return PRESENT;
  }

  @Override
  public void write(int offset, int size, int value) {
    console.send(value);
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
