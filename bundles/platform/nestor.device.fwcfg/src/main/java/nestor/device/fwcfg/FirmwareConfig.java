// SPDX-License-Identifier: Apache-2.0
package nestor.device.fwcfg;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
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
 * The fw_cfg interface, by which firmware and test suites learn the size of the machine.
 *
 * <p>The guest writes a 16-bit key to the first port and reads the item from the second, a byte a
 * time. Items: signature (0), version without DMA (1), RAM size (3), number of CPUs (5), CPUs at
 * most (0Fh), upper memory limit (11h, 0 for unknown), and a file directory with no files (19h).
 */
@Component(
    configurationPid = "nestor.device.fwcfg",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = {Device.class, PortDevice.class, Snapshottable.class})
@Designate(ocd = FirmwareConfig.Config.class, factory = true)
public final class FirmwareConfig implements PortDevice, Snapshottable {

  /** Where the interface sits. */
  @ObjectClassDefinition(name = "fw_cfg")
  public @interface Config {
    /** {@return port of the selector, followed by that of the data} */
    @AttributeDefinition(description = "Ports: selector, data")
    String nestor_ports() default "0x510+2";
  }

  private static final SectionId SECTION = new SectionId("fwcfg", 1);
  private static final byte[] NOTHING = {};

  private DeviceContext context;
  private int key;
  private int position;
  private byte[] item = NOTHING;

  /** Made by its configuration. */
  @Activate
  public FirmwareConfig(Config config) {}

  @Override
  public void attach(DeviceContext newContext) {
    context = newContext;
    reset();
  }

  @Override
  public void detach() {
    context = null;
  }

  @Override
  public void reset() {
    select(0);
  }

  @Override
  public int portWidth() {
    return 2;
  }

  @Override
  public int read(int offset, int size) {
    if (offset == 1 && size == 1) {
      return position < item.length ? item[position++] & 0xFF : 0;
    }
    return 0; // the selector cannot be read
  }

  @Override
  public void write(int offset, int size, int value) {
    if (offset == 0 && size == 2) {
      select(value);
    }
  }

  @Override
  public SectionId section() {
    return SECTION;
  }

  @Override
  public void save(StateWriter out) {
    out.putLong("key", key);
    out.putLong("position", position);
  }

  @Override
  public void restore(int version, StateReader in) {
    select(in.getInt("key"));
    position = in.getInt("position");
  }

  private void select(int newKey) {
    key = newKey;
    position = 0;
    item =
        switch (newKey) {
          case 0x00 -> "QEMU".getBytes(StandardCharsets.US_ASCII);
          case 0x01 -> number(4, 1);
          case 0x03 -> number(8, context.machine().memoryBytes());
          case 0x05, 0x0F -> number(2, context.machine().cpuCount());
          case 0x11 -> number(8, 0);
          case 0x19 -> number(4, 0);
          default -> NOTHING;
        };
  }

  private static byte[] number(int size, long value) {
    ByteBuffer buffer = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value);
    byte[] bytes = new byte[size];
    buffer.flip().get(bytes);
    return bytes;
  }
}
