// SPDX-License-Identifier: Apache-2.0
package nestor.device.testdev;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import nestor.api.device.Device;
import nestor.api.device.DeviceContext;
import nestor.api.device.MmioDevice;
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

/** 64 KiB of device memory: it stores like RAM, but every access is an access to a device. */
@Component(
    configurationPid = "nestor.device.testdev.memory",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = {Device.class, MmioDevice.class, Snapshottable.class})
@Designate(ocd = TestMemory.Config.class, factory = true)
public final class TestMemory implements MmioDevice, Snapshottable {

  /** Where the memory sits. */
  @ObjectClassDefinition(name = "Test device, memory")
  public @interface Config {
    /** {@return the guest-physical range, of 64 KiB} */
    @AttributeDefinition(description = "Guest-physical range")
    String nestor_mmio() default "0xFF000000+0x10000";
  }

  private static final SectionId SECTION = new SectionId("testdev.memory", 1);
  private static final int BYTES = 0x10000;
  private static final VarHandle SHORTS = view(short[].class);
  private static final VarHandle INTS = view(int[].class);
  private static final VarHandle LONGS = view(long[].class);

  private final byte[] bytes = new byte[BYTES];

  /** Made by its configuration. */
  @Activate
  public TestMemory(Config config) {}

  @Override
  public void attach(DeviceContext context) {}

  @Override
  public void detach() {}

  @Override
  public void reset() {
    Arrays.fill(bytes, (byte) 0);
  }

  @Override
  public long load(long offset, int size) {
    int at = (int) offset;
    return switch (size) {
      case 1 -> bytes[at] & 0xFF;
      case 2 -> (short) SHORTS.get(bytes, at) & 0xFFFF;
      case 4 -> (int) INTS.get(bytes, at) & 0xFFFF_FFFFL;
      default -> (long) LONGS.get(bytes, at);
    };
  }

  @Override
  public void store(long offset, int size, long value) {
    int at = (int) offset;
    switch (size) {
      case 1 -> bytes[at] = (byte) value;
      case 2 -> SHORTS.set(bytes, at, (short) value);
      case 4 -> INTS.set(bytes, at, (int) value);
      default -> LONGS.set(bytes, at, value);
    }
  }

  @Override
  public SectionId section() {
    return SECTION;
  }

  @Override
  public void save(StateWriter out) {
    out.putBytes("bytes", bytes);
  }

  @Override
  public void restore(int version, StateReader in) {
    System.arraycopy(in.getBytes("bytes"), 0, bytes, 0, BYTES);
  }

  private static VarHandle view(Class<?> type) {
    return MethodHandles.byteArrayViewVarHandle(type, ByteOrder.LITTLE_ENDIAN);
  }
}
