// SPDX-License-Identifier: Apache-2.0
package nestor.shell.device;

import java.time.Duration;
import nestor.api.machine.DeviceView;
import nestor.api.machine.Machine;
import nestor.api.machine.MachineException;
import nestor.api.machine.Machines;
import nestor.api.shell.Choice;
import nestor.api.shell.Table;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** Looking at devices, plugging and exchanging them. */
@Component(
    service = DeviceCommands.class,
    property = {
      "osgi.command.scope=nestor",
      "osgi.command.function=devices",
      "osgi.command.function=plug",
      "osgi.command.function=unplug",
      "osgi.command.function=swap"
    })
public final class DeviceCommands {
  private final Machines machines;

  /** Speaks of the devices of these machines. */
  @Activate
  public DeviceCommands(@Reference Machines machines) {
    this.machines = machines;
  }

  /** Lists the devices. */
  @Descriptor("list the devices of a machine")
  public String devices(
      @Descriptor("print JSON")
          @Parameter(
              names = {"-j", "--json"},
              presentValue = "true",
              absentValue = "false")
          boolean json,
      @Descriptor("which machine")
          @Parameter(
              names = {"-m", "--machine"},
              absentValue = "")
          String machine)
      throws MachineException {
    Table table = new Table("Name", "PID", "Ports", "Memory", "IRQ", "State", "Bundle", "Status");
    for (DeviceView d : Choice.machine(machines, machine).devices()) {
      table.row(
          d.name(),
          d.pid(),
          d.ports(),
          d.mmio(),
          d.irq() < 0 ? "" : Integer.toString(d.irq()),
          d.section(),
          d.bundle(),
          d.status());
    }
    return table.print(json);
  }

  /** Plugs a device in. */
  @Descriptor("plug one more device in")
  public String plug(
      @Descriptor("which machine")
          @Parameter(
              names = {"-m", "--machine"},
              absentValue = "")
          String machine,
      @Descriptor("its name") String device,
      @Descriptor("type, such as uart16550, or a JSON object as in a profile") String settings)
      throws MachineException {
    boolean isJson = settings.stripLeading().startsWith("{");
    Choice.machine(machines, machine)
        .plug(device, isJson ? settings : "{\"type\": \"" + settings + "\"}");
    return device + " is plugged in";
  }

  /** Takes a device out. */
  @Descriptor("take a device out for good")
  public String unplug(
      @Descriptor("which machine")
          @Parameter(
              names = {"-m", "--machine"},
              absentValue = "")
          String machine,
      @Descriptor("its name") String device)
      throws MachineException {
    Choice.machine(machines, machine).unplug(device);
    return device + " is out";
  }

  /** Exchanges a device for a new instance of the same. */
  @Descriptor("exchange a device for a new instance that takes its state over")
  public String swap(
      @Descriptor("which machine")
          @Parameter(
              names = {"-m", "--machine"},
              absentValue = "")
          String machine,
      @Descriptor("its name") String device)
      throws MachineException {
    Machine one = Choice.machine(machines, machine);
    for (DeviceView d : one.devices()) {
      if (d.name().equals(device)) {
        return swap(machine, device, d.pid());
      }
    }
    throw new MachineException(one.name() + " has no device " + device);
  }

  /** Exchanges a device for another. */
  @Descriptor("exchange a device for another component that takes its state over")
  public String swap(
      @Descriptor("which machine")
          @Parameter(
              names = {"-m", "--machine"},
              absentValue = "")
          String machine,
      @Descriptor("its name") String device,
      @Descriptor("factory PID of the successor") String pid)
      throws MachineException {
    Duration pause = Choice.machine(machines, machine).swap(device, pid);
    return String.format(
        "%s was exchanged; the machine stood still for %.1f ms", device, pause.toNanos() / 1e6);
  }
}
