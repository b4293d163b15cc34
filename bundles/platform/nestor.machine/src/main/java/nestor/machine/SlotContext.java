// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.util.ArrayList;
import java.util.List;
import nestor.api.device.DeviceContext;
import nestor.api.device.DmaPort;
import nestor.api.device.MachinePort;
import nestor.api.device.Wire;
import nestor.api.host.CharPort;
import nestor.api.time.Timer;
import nestor.api.time.VirtualClock;

/** What one device was given, so that it can be taken back. */
final class SlotContext implements DeviceContext, VirtualClock {
  private final String name;
  private final int irq;
  private final Surroundings around;
  private final List<WireDriver> drivers = new ArrayList<>();
  private final List<ClockTimer> timers = new ArrayList<>();
  private boolean held;

  /** What all devices of a machine share. */
  record Surroundings(
      MachineClock clock, Wires wires, DmaPort dma, Consoles consoles, MachinePort machine) {}

  SlotContext(String name, int irq, Surroundings around) {
    this.name = name;
    this.irq = irq;
    this.around = around;
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
  public Wire wire(String wire) {
    WireDriver driver = around.wires().driver(wire);
    if (held) {
      driver.hold();
    }
    drivers.add(driver);
    return driver;
  }

  @Override
  public Wire irq() {
    return wire(irq < 0 ? "unconnected." + name : "isa" + irq);
  }

  @Override
  public DmaPort dma() {
    return around.dma();
  }

  @Override
  public CharPort console() {
    return around.consoles().port(name);
  }

  @Override
  public MachinePort machine() {
    return around.machine();
  }

  @Override
  public long nanos() {
    return around.clock().nanos();
  }

  @Override
  public Timer timer(String timer, Runnable onExpiry) {
    ClockTimer made = around.clock().newTimer(name + "." + timer, onExpiry);
    timers.add(made);
    return made;
  }

  @Override
  public long epochSeconds() {
    return around.clock().epochSeconds();
  }

  /** What the device does to its wires does not show from now on. */
  void hold() {
    held = true;
    drivers.forEach(WireDriver::hold);
  }

  /** The device has taken over: its high levels show before its predecessor lets go. */
  void raiseHeld() {
    drivers.forEach(WireDriver::raiseHeld);
  }

  /** Ends {@link #hold}. */
  void release() {
    held = false;
    drivers.forEach(WireDriver::release);
  }

  /** The device has left, its wires keep their levels until {@link #leave}. */
  void retire() {
    timers.forEach(ClockTimer::retire);
    drivers.forEach(WireDriver::deafen);
    around.consoles().port(name).onInput(null);
  }

  /** Takes everything back. */
  void leave() {
    retire();
    drivers.forEach(WireDriver::leave);
  }
}
