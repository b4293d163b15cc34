// SPDX-License-Identifier: Apache-2.0
package nestor.pci;

import nestor.api.device.Device;
import nestor.api.device.DeviceContext;
import nestor.api.device.MmioDevice;
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
 * The PCI host bridge: configuration space by ports CF8h and CFCh (PCI 3.0, 3.2.2.3.2) and by
 * memory (PCI Express 4.0, 7.2.2), with the bridge itself as function 00:00.0.
 *
 * <p>Functions that are not there read as all ones.
 */
@Component(
    configurationPid = "nestor.pci",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = {Device.class, PortDevice.class, MmioDevice.class, Snapshottable.class})
@Designate(ocd = HostBridge.Config.class, factory = true)
public final class HostBridge implements PortDevice, MmioDevice, Snapshottable {

  /** Where the bridge answers. */
  @ObjectClassDefinition(name = "PCI host bridge")
  public @interface Config {
    /** {@return the address and data ports} */
    @AttributeDefinition(description = "Ports: address, data")
    String nestor_ports() default "0xCF8+8";

    /** {@return the memory-mapped configuration space, 1 MiB a bus} */
    @AttributeDefinition(description = "Memory-mapped configuration space, 1 MiB a bus")
    String nestor_mmio() default "0xE0000000+0x10000000";
  }

  private static final SectionId SECTION = new SectionId("pci", 1);
  private static final int ENABLE = 1 << 31;

  private final ConfigSpace bridge = ConfigSpace.hostBridge();
  private int address;

  /** Makes the bridge. */
  @Activate
  public HostBridge(Config config) {
    if (config.nestor_ports().isEmpty()) {
      throw new IllegalArgumentException("ports must name the address and data ports");
    }
  }

  @Override
  public void attach(DeviceContext context) {
    reset();
  }

  @Override
  public void detach() {}

  @Override
  public void reset() {
    address = 0;
    bridge.reset();
  }

  @Override
  public int portWidth() {
    return 4;
  }

  @Override
  public int read(int offset, int size) {
    if (offset < 4) {
      return offset == 0 && size == 4 ? address : -1;
    }
    if ((address & ENABLE) == 0) {
      return -1;
    }
    return function(address >>> 8 & 0xFFFF) == null
        ? -1
        : bridge.read((address & 0xFC) + (offset & 3), size);
  }

  @Override
  public void write(int offset, int size, int value) {
    if (offset < 4) {
      if (offset == 0 && size == 4) { // only a dword write reaches CF8h
        address = value & 0x80FF_FFFC;
      }
    } else if ((address & ENABLE) != 0 && function(address >>> 8 & 0xFFFF) != null) {
      bridge.write((address & 0xFC) + (offset & 3), size, value);
    }
  }

  /** {@return the configuration space at bus, device and function, or null} */
  private ConfigSpace function(int routingId) {
    return routingId == 0 ? bridge : null;
  }

  @Override
  public long load(long offset, int size) {
    ConfigSpace space = function((int) (offset >>> 12) & 0xFFFF);
    if (space == null) {
      return -1;
    }
    int register = (int) offset & 0xFFF;
    if (size == 8) {
      return space.read(register, 4) & 0xFFFF_FFFFL | (long) space.read(register + 4, 4) << 32;
    }
    return space.read(register, size) & 0xFFFF_FFFFL;
  }

  @Override
  public void store(long offset, int size, long value) {
    ConfigSpace space = function((int) (offset >>> 12) & 0xFFFF);
    if (space == null) {
      return;
    }
    int register = (int) offset & 0xFFF;
    if (size == 8) {
      space.write(register, 4, (int) value);
      space.write(register + 4, 4, (int) (value >>> 32));
    } else {
      space.write(register, size, (int) value);
    }
  }

  @Override
  public SectionId section() {
    return SECTION;
  }

  @Override
  public void save(StateWriter out) {
    out.putLong("address", address);
    out.putBytes("bridge", bridge.save());
  }

  @Override
  public void restore(int version, StateReader in) {
    address = in.getInt("address");
    bridge.restore(in.getBytes("bridge"));
  }
}
