// SPDX-License-Identifier: Apache-2.0
package nestor.device.uart16550;

import nestor.api.device.Device;
import nestor.api.device.DeviceContext;
import nestor.api.device.PortDevice;
import nestor.api.device.Wire;
import nestor.api.host.CharPort;
import nestor.api.state.SectionId;
import nestor.api.state.Snapshottable;
import nestor.api.state.StateReader;
import nestor.api.state.StateWriter;
import nestor.api.time.Timer;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/**
 * The serial port PC16550D, after National Semiconductor's data sheet.
 *
 * <p>Bytes come from outside only while the receiver has room, so none is ever lost to an overrun.
 * Unless {@code baud} is {@code exact}, a byte is sent the moment it is written; the interrupt
 * output still falls and rises for it, as drivers on edge-triggered lines need.
 */
@Component(
    configurationPid = "nestor.device.uart16550",
    configurationPolicy = ConfigurationPolicy.REQUIRE,
    service = {Device.class, PortDevice.class, Snapshottable.class})
@Designate(ocd = Uart16550.Config.class, factory = true)
public final class Uart16550 implements PortDevice, Snapshottable {

  /** Where the port sits and how fast it is. */
  @ObjectClassDefinition(name = "16550 serial port")
  public @interface Config {
    /** {@return the eight ports} */
    @AttributeDefinition(description = "Ports")
    String nestor_ports() default "0x3F8+8";

    /** {@return the interrupt line} */
    @AttributeDefinition(description = "Interrupt line")
    int nestor_irq() default 4;

    /** {@return whether characters take their time on the wire} */
    @AttributeDefinition(
        description = "instant: a byte is sent when written; exact: it takes its time on the wire")
    String baud() default "instant";
  }

  private static final SectionId SECTION = new SectionId("uart16550", 1);

  /** 1.8432 MHz divided by 16: the rate of divisor 1. */
  private static final long BASE_BAUD = 115_200;

  private static final long NANOS_PER_SECOND = 1_000_000_000;

  private static final int IER_RECEIVE = 1;
  private static final int IER_TRANSMIT = 2;
  private static final int IER_LINE = 4;
  private static final int IER_MODEM = 8;
  private static final int LCR_DLAB = 0x80;
  private static final int LCR_BREAK = 0x40;
  private static final int LSR_READY = 1;
  private static final int LSR_BREAK = 0x10;
  private static final int LSR_EMPTY = 0x60;

  private final boolean exact;
  private final ByteFifo receiver = new ByteFifo();
  private final ByteFifo transmitter = new ByteFifo();
  private final ModemRegisters modem = new ModemRegisters();

  private CharPort console;
  private Wire irq;
  private Timer sending;
  private Timer idle;
  private DeviceContext context;

  private int ier;
  private int lcr;
  private int scratch;
  private int divisor;
  private int fcr;
  private int lineErrors;
  private boolean transmitPending;
  private boolean timeoutPending;

  /** Makes the port. */
  @Activate
  public Uart16550(Config config) {
    exact =
        switch (config.baud()) {
          case "instant" -> false;
          case "exact" -> true;
          default ->
              throw new IllegalArgumentException("baud must be instant or exact: " + config.baud());
        };
  }

  @Override
  public void attach(DeviceContext newContext) {
    context = newContext;
    console = newContext.console();
    irq = newContext.irq();
    sending = newContext.clock().timer(newContext.name() + " transmit", this::sent);
    idle = newContext.clock().timer(newContext.name() + " receive timeout", this::timedOut);
    reset();
    console.onInput(this::receive);
  }

  @Override
  public void detach() {
    console.onInput(null);
    sending.cancel();
    idle.cancel();
    irq.set(false);
  }

  @Override
  public void reset() {
    ier = 0;
    lcr = 0;
    modem.reset();
    scratch = 0;
    divisor = 12;
    fcr = 0;
    lineErrors = 0;
    transmitPending = false;
    timeoutPending = false;
    receiver.clear();
    transmitter.clear();
    sending.cancel();
    idle.cancel();
    update();
  }

  private int depth() {
    return (fcr & 1) != 0 ? ByteFifo.SIZE : 1;
  }

  private int trigger() {
    return (fcr & 1) == 0
        ? 1
        : switch (fcr >> 6) {
          case 0 -> 1;
          case 1 -> 4;
          case 2 -> 8;
          default -> 14;
        };
  }

  /** Nanoseconds for {@code characters} at the programmed rate and format. */
  private long nanosFor(int characters) {
    int bits = 1 + 5 + (lcr & 3) + ((lcr & 8) != 0 ? 1 : 0) + ((lcr & 4) != 0 ? 2 : 1);
    return (long) characters * bits * Math.max(1, divisor) * NANOS_PER_SECOND / BASE_BAUD;
  }

  @Override
  public int read(int offset, int size) {
    switch (offset) {
      case 0 -> {
        return (lcr & LCR_DLAB) != 0 ? divisor & 0xFF : readData();
      }
      case 1 -> {
        return (lcr & LCR_DLAB) != 0 ? divisor >> 8 : ier;
      }
      case 2 -> {
        int id = interruptId();
        if (id == 2) { // reading clears the transmitter's interrupt, if it is the one shown
          transmitPending = false;
          update();
        }
        return id | ((fcr & 1) != 0 ? 0xC0 : 0);
      }
      case 3 -> {
        return lcr;
      }
      case 4 -> {
        return modem.control();
      }
      case 5 -> {
        int value =
            (receiver.count() > 0 ? LSR_READY : 0)
                | lineErrors
                | (transmitter.count() == 0 ? LSR_EMPTY : 0);
        lineErrors = 0;
        update();
        return value;
      }
      case 6 -> {
        int value = modem.readStatus();
        update();
        return value;
      }
      default -> {
        return scratch;
      }
    }
  }

  private int readData() {
    if (receiver.count() == 0) {
      return 0;
    }
    int value = receiver.remove();
    timeoutPending = false;
    receive();
    return value;
  }

  @Override
  public void write(int offset, int size, int value) {
    switch (offset) {
      case 0 -> {
        if ((lcr & LCR_DLAB) != 0) {
          divisor = divisor & 0xFF00 | value;
        } else {
          transmit(value);
        }
      }
      case 1 -> {
        if ((lcr & LCR_DLAB) != 0) {
          divisor = divisor & 0xFF | value << 8;
        } else {
          if ((value & ~ier & IER_TRANSMIT) != 0 && transmitter.count() == 0) {
            transmitPending = true;
          }
          ier = value & 0xF;
          update();
        }
      }
      case 2 -> writeFifoControl(value);
      case 3 -> writeLineControl(value);
      case 4 -> {
        modem.write(value);
        receive();
      }
      case 7 -> scratch = value;
      default -> {} // LSR and MSR are for reading; the data sheet reserves writes for factory tests
    }
  }

  private void writeFifoControl(int value) {
    boolean toggled = ((value ^ fcr) & 1) != 0;
    fcr = (value & 1) != 0 ? value & 0xC9 : 0;
    if (toggled || (value & 2) != 0) {
      receiver.clear();
      timeoutPending = false;
    }
    if (toggled || (value & 4) != 0) {
      transmitter.clear();
      sending.cancel();
      transmitPending = true;
    }
    receive();
  }

  private void writeLineControl(int value) {
    boolean breaks = (value & ~lcr & LCR_BREAK) != 0;
    lcr = value;
    if (breaks && modem.loops()) {
      lineErrors |= LSR_BREAK;
      if (!receiver.isFull(depth())) {
        receiver.add(0);
      }
      update();
    }
  }

  private void transmit(int value) {
    transmitPending = false;
    if (exact) {
      if (transmitter.isFull(depth())) {
        transmitter.remove(); // an overwritten holding register loses its byte, as on the chip
      }
      transmitter.add(value);
      if (!sending.isArmed()) {
        sending.arm(context.clock().nanos() + nanosFor(1));
      }
      update();
      return;
    }
    update();
    deliver(value);
    transmitPending = true;
    update();
  }

  private void sent() {
    deliver(transmitter.remove());
    if (transmitter.count() > 0) {
      sending.arm(context.clock().nanos() + nanosFor(1));
    } else {
      transmitPending = true;
    }
    update();
  }

  private void deliver(int value) {
    if (modem.loops()) {
      if (!receiver.isFull(depth())) {
        receiver.add(value);
        armTimeout();
      }
    } else {
      console.send(value & 0xFF);
    }
  }

  /** Takes what waits outside, as far as there is room. */
  private void receive() {
    boolean any = false;
    while (!modem.loops() && !receiver.isFull(depth()) && console.hasInput()) {
      receiver.add(console.receive());
      any = true;
    }
    if (any || receiver.count() > 0) {
      armTimeout();
    }
    update();
  }

  /** Less than the trigger level in the FIFO is reported after four characters of silence. */
  private void armTimeout() {
    if (receiver.count() > 0 && receiver.count() < trigger()) {
      idle.arm(context.clock().nanos() + nanosFor(4));
    } else {
      idle.cancel();
    }
  }

  private void timedOut() {
    timeoutPending = receiver.count() > 0;
    update();
  }

  private int interruptId() {
    if ((ier & IER_LINE) != 0 && lineErrors != 0) {
      return 6;
    }
    if ((ier & IER_RECEIVE) != 0) {
      if (receiver.count() >= trigger()) {
        return 4;
      }
      if (timeoutPending) {
        return 0xC;
      }
    }
    if ((ier & IER_TRANSMIT) != 0 && transmitPending) {
      return 2;
    }
    return (ier & IER_MODEM) != 0 && modem.delta() != 0 ? 0 : 1;
  }

  private void update() {
    irq.set(interruptId() != 1 && modem.gatesInterrupt());
  }

  @Override
  public SectionId section() {
    return SECTION;
  }

  @Override
  public void save(StateWriter out) {
    out.putLongs(
        "registers", ier, lcr, modem.control(), scratch, divisor, fcr, modem.delta(), lineErrors);
    out.putBoolean("transmitPending", transmitPending);
    out.putBoolean("timeoutPending", timeoutPending);
    out.putBytes("receiver", receiver.save());
    out.putBytes("transmitter", transmitter.save());
    out.putLong("sendingNanos", left(sending));
    out.putLong("idleNanos", left(idle));
  }

  private long left(Timer timer) {
    return timer.isArmed() ? timer.deadlineNanos() - context.clock().nanos() : -1;
  }

  @Override
  public void restore(int version, StateReader in) {
    long[] r = in.getLongs("registers");
    ier = (int) r[0];
    lcr = (int) r[1];
    scratch = (int) r[3];
    divisor = (int) r[4];
    fcr = (int) r[5];
    modem.restore((int) r[2], (int) r[6]);
    lineErrors = (int) r[7];
    transmitPending = in.getBoolean("transmitPending");
    timeoutPending = in.getBoolean("timeoutPending");
    receiver.restore(in.getBytes("receiver"));
    transmitter.restore(in.getBytes("transmitter"));
    rearm(sending, in.getLong("sendingNanos"));
    rearm(idle, in.getLong("idleNanos"));
    receive();
  }

  private void rearm(Timer timer, long nanos) {
    timer.cancel();
    if (nanos >= 0) {
      timer.arm(context.clock().nanos() + nanos);
    }
  }
}
