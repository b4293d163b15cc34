// SPDX-License-Identifier: Apache-2.0
package nestor.device.testdev;

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
 * The ports that public hypervisor test suites expect of their test device.
 *
 * <p>Offsets: 0 to 3 a latch of 32 bits for any access; 4 to 7 take the address of a page to flush
 * and do nothing, since translations here are never stale; 8 to 11 are the same latch again; 12 to
 * 35 one interrupt line each, high while the value last written there was not zero. Lines 0 to 15
 * are the ISA lines, so that they reach both kinds of interrupt controller.
 */
@Component(
    configurationPid = "nestor.device.testdev",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = {Device.class, PortDevice.class, Snapshottable.class})
@Designate(ocd = TestPorts.Config.class, factory = true)
public final class TestPorts implements PortDevice, Snapshottable {

  /** Where the test device sits. */
  @ObjectClassDefinition(name = "Test device, ports")
  public @interface Config {
    /** {@return ports of latch, page flush, byte latch and interrupt lines} */
    @AttributeDefinition(description = "Ports: latch, page flush, byte latch, interrupt lines")
    String nestor_ports() default "0xE0+4,0xE4+4,0xE8+4,0x2000+24";
  }

  private static final SectionId SECTION = new SectionId("testdev", 1);
  private static final int FLUSH = 4;
  private static final int BYTES = 8;
  private static final int LINES = 12;
  private static final int LINE_COUNT = 24;

  private final Wire[] wires = new Wire[LINE_COUNT];
  private int latch;
  private int lines;

  /** Made by its configuration. */
  @Activate
  public TestPorts(Config config) {}

  @Override
  public void attach(DeviceContext context) {
    for (int i = 0; i < LINE_COUNT; i++) {
      // ISA line 2 is the 8259s' cascade; only the IOAPIC has an input of that number.
      wires[i] = context.wire((i < 16 && i != 2 ? "isa" : "gsi") + i);
    }
    reset();
  }

  @Override
  public void detach() {}

  @Override
  public void reset() {
    latch = 0;
    drive(0);
  }

  @Override
  public int portWidth() {
    return 4;
  }

  @Override
  public int read(int offset, int size) {
    return isLatch(offset) ? latch >>> (8 * (offset & 3)) : 0;
  }

  @Override
  public void write(int offset, int size, int value) {
    if (isLatch(offset)) {
      int shift = 8 * (offset & 3);
      int mask = (int) ((1L << (8 * size)) - 1) << shift;
      latch = (latch & ~mask) | ((value << shift) & mask);
    } else if (offset >= LINES) {
      // A wider write counts whole, and for the line it starts at.
      int bit = 1 << (offset - LINES);
      drive(value == 0 ? lines & ~bit : lines | bit);
    }
  }

  @Override
  public SectionId section() {
    return SECTION;
  }

  @Override
  public void save(StateWriter out) {
    out.putLong("latch", latch);
    out.putLong("lines", lines);
  }

  @Override
  public void restore(int version, StateReader in) {
    latch = in.getInt("latch");
    drive(in.getInt("lines"));
  }

  private static boolean isLatch(int offset) {
    return offset < FLUSH || (offset >= BYTES && offset < LINES);
  }

  private void drive(int newLines) {
    lines = newLines;
    for (int i = 0; i < LINE_COUNT; i++) {
      wires[i].set(((newLines >>> i) & 1) != 0);
    }
  }
}
