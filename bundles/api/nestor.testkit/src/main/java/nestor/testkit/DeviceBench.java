// SPDX-License-Identifier: Apache-2.0
package nestor.testkit;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import nestor.api.device.Device;
import nestor.api.device.DeviceContext;
import nestor.api.device.DmaPort;
import nestor.api.device.MachinePort;
import nestor.api.device.Wire;
import nestor.api.host.CharPort;
import nestor.api.state.Snapshottable;
import nestor.api.time.Timer;
import nestor.api.time.VirtualClock;

/**
 * A machine without processors: seats devices, turns their clock by hand and shows their pins.
 *
 * <p>Each seated device has drivers and timers of its own, which go when it is taken out. The
 * clock, wires, memory, console and machine port are shared.
 */
public final class DeviceBench {
  /** The wire behind {@link DeviceContext#irq}. */
  public static final String IRQ = "irq";

  private final HandClock clock = new HandClock();
  private final WireBoard wires = new WireBoard(clock);
  private final FakeMemory memory = new FakeMemory();
  private final FakeCharPort console = new FakeCharPort();
  private final FakeMachine machine = new FakeMachine();
  private final IdentityHashMap<Object, Seat> seats = new IdentityHashMap<>();

  /** Attaches a device and returns it. */
  public <D extends Device> D attach(D device) {
    Seat seat = new Seat(device.getClass().getSimpleName());
    seats.put(device, seat);
    device.attach(seat);
    return device;
  }

  /** Detaches a device; its timers are cancelled and its drivers let go. */
  public void detach(Device device) {
    Seat seat = seatOf(device);
    device.detach();
    seats.remove(device);
    seat.leave();
  }

  /** {@return the state that the device would save now} */
  public SavedState save(Snapshottable device) {
    SavedState state = new SavedState();
    device.save(state);
    return state;
  }

  /**
   * Hot swap: lets {@code after} take over the state of {@code before}, and takes {@code before}
   * out. Both must be attached, as they are when a bundle is updated.
   */
  public void handOver(Device before, Device after) {
    Snapshottable from = (Snapshottable) before;
    Snapshottable to = (Snapshottable) after;
    if (!from.section().name().equals(to.section().name())) {
      throw new IllegalStateException(from.section() + " cannot become " + to.section());
    }
    seatOf(after);
    SavedState state = save(from);
    to.restore(from.section().version(), state);
    detach(before);
  }

  /**
   * Snapshot: lets {@code after}, attached to another bench whose time may differ, take over the
   * state of {@code before}, which stays where it is.
   */
  public void copy(Device before, DeviceBench other, Device after) {
    other.seatOf(after);
    Snapshottable from = (Snapshottable) before;
    ((Snapshottable) after).restore(from.section().version(), save(from));
  }

  /** Moves guest time on; timers run in the order of their deadlines. */
  public void advanceNanos(long nanos) {
    clock.advanceNanos(nanos);
  }

  /** {@return guest time, and a look at the armed timers} */
  public HandClock clock() {
    return clock;
  }

  /** {@return the wires, to look at or to drive} */
  public WireBoard wires() {
    return wires;
  }

  /** {@return a driver of the named wire that belongs to the test} */
  public Wire wire(String name) {
    return wires.driver(name);
  }

  /** {@return guest-physical memory as devices see it, and the messages they sent} */
  public FakeMemory memory() {
    return memory;
  }

  /** {@return the far end of every device's console} */
  public FakeCharPort console() {
    return console;
  }

  /** {@return what devices asked of the machine} */
  public FakeMachine machine() {
    return machine;
  }

  private Seat seatOf(Device device) {
    Seat seat = seats.get(device);
    if (seat == null) {
      throw new IllegalStateException("not attached: " + device);
    }
    return seat;
  }

  private final class Seat implements DeviceContext, VirtualClock {
    private final String name;
    private final List<WireBoard.Driver> drivers = new ArrayList<>();
    private final List<Timer> timers = new ArrayList<>();

    Seat(String name) {
      this.name = name;
    }

    void leave() {
      timers.forEach(Timer::cancel);
      drivers.forEach(WireBoard.Driver::leave);
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public VirtualClock clock() {
      return this;
    }

    @Override
    public long nanos() {
      return clock.nanos();
    }

    @Override
    public long epochSeconds() {
      return clock.epochSeconds();
    }

    @Override
    public Timer timer(String timerName, Runnable onExpiry) {
      Timer timer = clock.timer(timerName, onExpiry);
      timers.add(timer);
      return timer;
    }

    @Override
    public Wire wire(String wireName) {
      WireBoard.Driver driver = (WireBoard.Driver) wires.driver(wireName);
      drivers.add(driver);
      return driver;
    }

    @Override
    public Wire irq() {
      return wire(IRQ);
    }

    @Override
    public DmaPort dma() {
      return memory;
    }

    @Override
    public CharPort console() {
      return console;
    }

    @Override
    public MachinePort machine() {
      return machine;
    }
  }
}
