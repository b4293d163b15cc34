// SPDX-License-Identifier: Apache-2.0
package nestor.device.coprocessor;

import nestor.api.device.Device;
import nestor.api.device.DeviceContext;
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
 * The chipset's coprocessor error logic: FERR# becomes IRQ 13, and a write to port F0h takes the
 * interrupt back and asserts IGNNE# until FERR# goes (Intel ICH9 data sheet, "Coprocessor Error
 * Register").
 */
@Component(
    configurationPid = "nestor.device.coprocessor",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = {Device.class, PortDevice.class, Snapshottable.class})
@Designate(ocd = CoprocessorError.Config.class, factory = true)
public final class CoprocessorError implements PortDevice, Snapshottable {

  /** Where the register sits. */
  @ObjectClassDefinition(name = "Coprocessor error register F0h")
  public @interface Config {
    /** {@return port of the register} */
    @AttributeDefinition(description = "Port of the register")
    String nestor_ports() default "0xF0+1";

    /** {@return interrupt line} */
    @AttributeDefinition(description = "Interrupt line")
    int nestor_irq() default 13;
  }

  private static final SectionId SECTION = new SectionId("coprocessor", 1);

  private Wire irq;
  private Wire ferr;
  private Wire ignne;
  private boolean requested;
  private boolean ignored;

  /** Made by its configuration. */
  @Activate
  public CoprocessorError(Config config) {}

  @Override
  public void attach(DeviceContext context) {
    irq = context.irq();
    ferr = context.wire("ferr");
    ignne = context.wire("ignne");
    ferr.listen(this::ferrChanged);
    reset();
  }

  @Override
  public void detach() {
    irq = null;
    ferr = null;
    ignne = null;
  }

  @Override
  public void reset() {
    drive(false, false);
  }

  private void ferrChanged(boolean high) {
    drive(requested || high, ignored && high);
  }

  private void drive(boolean request, boolean ignore) {
    requested = request;
    ignored = ignore;
    irq.set(request);
    ignne.set(ignore);
  }

  @Override
  public int read(int offset, int size) {
    return 0xFF; // The register is write-only.
  }

  @Override
  public void write(int offset, int size, int value) {
    drive(false, ferr.isHigh());
  }

  @Override
  public SectionId section() {
    return SECTION;
  }

  @Override
  public void save(StateWriter out) {
    out.putBoolean("requested", requested);
    out.putBoolean("ignored", ignored);
  }

  @Override
  public void restore(int version, StateReader in) {
    drive(in.getBoolean("requested"), in.getBoolean("ignored"));
  }
}
