// SPDX-License-Identifier: Apache-2.0
package nestor.example.dice;

import nestor.api.device.Device;
import nestor.api.device.DeviceContext;
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
 * A die: reading port 0 throws it and gives 1 to 6. Port 1 counts the throws, modulo 256, and is
 * cleared by any write.
 *
 * <p>The numbers follow from the machine's seed, so a run with a die can be repeated.
 */
@Component(
    configurationPid = "nestor.example.dice",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = {Device.class, PortDevice.class, Snapshottable.class})
@Designate(ocd = Dice.Config.class, factory = true)
public final class Dice implements PortDevice, Snapshottable {

  /** Where the die lies. */
  @ObjectClassDefinition(name = "Die")
  public @interface Config {
    /** {@return the ports} */
    @AttributeDefinition(description = "Ports: the die, then the number of throws")
    String nestor_ports() default "0x510+2";

    /** {@return the number of sides} */
    @AttributeDefinition(description = "Sides, 2 to 255")
    int sides() default 6;
  }

  private static final SectionId SECTION = new SectionId("dice", 1);

  private final int sides;
  private DeviceContext context;
  private long random;
  private int count;

  /** Made by its configuration. */
  @Activate
  public Dice(Config config) {
    sides = config.sides();
    if (sides < 2 || sides > 255) {
      throw new IllegalArgumentException("sides must be 2 to 255: " + sides);
    }
  }

  @Override
  public void attach(DeviceContext context) {
    this.context = context;
    reset();
  }

  @Override
  public void detach() {
    context = null;
  }

  @Override
  public void reset() {
    random = context.machine().seed();
    count = 0;
  }

  @Override
  public int read(int offset, int size) {
    return offset == 0 ? roll() : count;
  }

  @Override
  public void write(int offset, int size, int value) {
    if (offset == 1) {
      count = 0;
    }
  }

  /**
   * One step of a linear congruential generator (Knuth's MMIX), whose upper bits are the good ones.
   */
  private int roll() {
    count = count + 1 & 0xFF;
    random = random * 6364136223846793005L + 1442695040888963407L;
    return 1 + (int) Long.remainderUnsigned(random >>> 33, sides);
  }

  @Override
  public SectionId section() {
    return SECTION;
  }

  @Override
  public void save(StateWriter out) {
    out.putLong("random", random);
    out.putLong("count", count);
  }

  @Override
  public void restore(int version, StateReader in) {
    random = in.getLong("random");
    count = in.getInt("count");
  }
}
