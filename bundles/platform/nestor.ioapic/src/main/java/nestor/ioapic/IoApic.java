// SPDX-License-Identifier: Apache-2.0
package nestor.ioapic;

import nestor.api.device.Device;
import nestor.api.device.DeviceContext;
import nestor.api.device.EoiListener;
import nestor.api.device.MmioDevice;
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
 * The I/O APIC 82093AA with 24 inputs, and the EOI register of version 20h.
 *
 * <p>A redirection entry becomes a message in the interrupt address range (SDM vol. 3A, "Message
 * Signalled Interrupts"), sent through the device's DMA port, where an interrupt remapper may
 * change it.
 */
@Component(
    configurationPid = "nestor.ioapic",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = {Device.class, MmioDevice.class, EoiListener.class, Snapshottable.class})
@Designate(ocd = IoApic.Config.class, factory = true)
public final class IoApic implements MmioDevice, EoiListener, Snapshottable {

  /** Where the IOAPIC sits. */
  @ObjectClassDefinition(name = "I/O APIC")
  public @interface Config {
    /** {@return the register window} */
    @AttributeDefinition(description = "Register window")
    String nestor_mmio() default "0xFEC00000+0x1000";

    /** {@return the APIC ID at power-on} */
    @AttributeDefinition(description = "APIC ID at power-on, 0 to 15")
    int id() default 0;
  }

  private static final SectionId SECTION = new SectionId("ioapic", 1);
  private static final int PINS = 24;
  private static final int VERSION = (PINS - 1) << 16 | 0x20;

  private static final long DELIVERY_PENDING = 1L << 12;
  private static final long REMOTE_IRR = 1L << 14;
  private static final long LEVEL = 1L << 15;
  private static final long MASK = 1L << 16;
  private static final long READ_ONLY = DELIVERY_PENDING | REMOTE_IRR;
  private static final long WRITABLE = 0xFF00_0000_0001_AFFFL;

  private final int initialId;
  private final long[] entries = new long[PINS];
  private final Wire[] pins = new Wire[PINS];
  private DeviceContext context;
  private int select;
  private int id;

  /** Makes the IOAPIC. */
  @Activate
  public IoApic(Config config) {
    initialId = config.id();
    if (initialId < 0 || initialId > 15) {
      throw new IllegalArgumentException("id must be 0 to 15: " + initialId);
    }
  }

  @Override
  public void attach(DeviceContext newContext) {
    context = newContext;
    reset();
    for (int n = 0; n < PINS; n++) {
      int pin = n;
      pins[n] = newContext.wire("gsi" + n);
      pins[n].listen(high -> changed(pin));
    }
  }

  @Override
  public void detach() {
    context = null;
  }

  @Override
  public void reset() {
    select = 0;
    id = initialId;
    for (int n = 0; n < PINS; n++) {
      entries[n] = MASK;
    }
  }

  @Override
  public long load(long offset, int size) {
    int register = (int) offset & ~3;
    if (register == 0) {
      return select;
    }
    return register == 0x10 ? read() & 0xFFFF_FFFFL : 0;
  }

  private int read() {
    if (select >= 0x10 && select < 0x10 + 2 * PINS) {
      return (int) (entries[(select - 0x10) >> 1] >>> ((select & 1) << 5));
    }
    return switch (select) {
      case 0, 2 -> id << 24; // the arbitration ID follows the ID
      case 1 -> VERSION;
      default -> 0;
    };
  }

  @Override
  public void store(long offset, int size, long value) {
    switch ((int) offset & ~3) {
      case 0 -> select = (int) value & 0xFF;
      case 0x10 -> write((int) value);
      case 0x40 -> endOfInterrupt((int) value & 0xFF);
      default -> {}
    }
  }

  private void write(int value) {
    if (select == 0) {
      id = value >>> 24 & 15;
      return;
    }
    int pin = (select - 0x10) >> 1;
    if (select < 0x10 || pin >= PINS) {
      return;
    }
    long old = entries[pin];
    long kept = (select & 1) == 0 ? old & 0xFFFF_FFFF_0000_0000L : old & 0xFFFF_FFFFL;
    long part = (select & 1) == 0 ? value & 0xFFFF_FFFFL : (long) value << 32;
    long entry = (kept | part) & WRITABLE | old & READ_ONLY;
    if ((entry & LEVEL) == 0) {
      entry &= ~REMOTE_IRR; // an edge-triggered entry has none
    }
    entries[pin] = entry;
    if ((entry & LEVEL) != 0) {
      service(pin);
    }
  }

  private boolean asserted(int pin) {
    // Board wires are high when active, whatever polarity the entry claims: the ACPI tables and the
    // entry agree on it, so polarity drops out. A mismatch cannot be expressed on these wires.
    return pins[pin] != null && pins[pin].isHigh();
  }

  private void changed(int pin) {
    if (!asserted(pin)) {
      return;
    }
    if ((entries[pin] & LEVEL) != 0) {
      service(pin);
    } else if ((entries[pin] & MASK) == 0) {
      send(pin);
    }
  }

  private void service(int pin) {
    if (asserted(pin) && (entries[pin] & (MASK | REMOTE_IRR)) == 0) {
      entries[pin] |= REMOTE_IRR;
      send(pin);
    }
  }

  private void send(int pin) {
    long entry = entries[pin];
    int vector = (int) entry & 0xFF;
    int mode = (int) (entry >>> 8) & 7;
    long destination = entry >>> 56;
    boolean logical = (entry & 1L << 11) != 0;
    long address = 0xFEE0_0000L | destination << 12 | (mode == 1 ? 8 : 0) | (logical ? 4 : 0);
    int data = vector | mode << 8 | ((entry & LEVEL) != 0 ? 0xC000 : 0);
    context.dma().message(address, data);
  }

  @Override
  public void endOfInterrupt(int vector) {
    for (int n = 0; n < PINS; n++) {
      if ((entries[n] & 0xFF) == vector && (entries[n] & REMOTE_IRR) != 0) {
        entries[n] &= ~REMOTE_IRR;
        service(n);
      }
    }
  }

  @Override
  public SectionId section() {
    return SECTION;
  }

  @Override
  public void save(StateWriter out) {
    out.putLong("select", select);
    out.putLong("id", id);
    out.putLongs("entries", entries);
  }

  @Override
  public void restore(int version, StateReader in) {
    select = in.getInt("select");
    id = in.getInt("id");
    System.arraycopy(in.getLongs("entries"), 0, entries, 0, PINS);
  }
}
