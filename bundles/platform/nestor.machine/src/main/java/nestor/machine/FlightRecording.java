// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.util.HashMap;
import java.util.Map;
import jdk.jfr.EventType;
import jdk.jfr.FlightRecorder;
import jdk.jfr.FlightRecorderListener;
import jdk.jfr.Recording;
import jdk.jfr.RecordingState;
import nestor.api.machine.Machine;
import nestor.api.machine.MachineException;
import nestor.api.virt.Inspection;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/**
 * Virtual-machine events as JFR events ({@link FlightEvents}), while a recording runs that has them
 * enabled. Without one nobody listens, and they cost nothing.
 */
@Component(
    service = {},
    immediate = true)
public final class FlightRecording implements FlightRecorderListener {
  private final Map<Machine, Inspection.Listening> machines = new HashMap<>();

  /** Made by the framework. */
  @Activate
  public FlightRecording() {}

  @Activate
  void activate() {
    FlightRecorder.addListener(this);
  }

  @Deactivate
  void deactivate() {
    FlightRecorder.removeListener(this);
  }

  @Reference(
      name = "machines",
      cardinality = ReferenceCardinality.MULTIPLE,
      policy = ReferencePolicy.DYNAMIC)
  synchronized void addMachine(Machine machine) throws MachineException {
    machines.put(machine, null);
    update(machine, isOn());
  }

  synchronized void removeMachine(Machine machine) {
    machines.remove(machine); // it is gone, and its events with it
  }

  private static boolean isOn() {
    if (!FlightRecorder.isInitialized()) {
      return false;
    }
    boolean runs =
        FlightRecorder.getFlightRecorder().getRecordings().stream()
            .anyMatch(recording -> recording.getState() == RecordingState.RUNNING);
    return runs && EventType.getEventType(FlightEvents.VmExit.class).isEnabled();
  }

  private void update(Machine machine, boolean on) throws MachineException {
    Inspection.Listening old = machines.get(machine);
    if (on && old == null) {
      FlightEvents events = new FlightEvents(machine.name());
      machines.put(machine, machine.virtualization().listen(events));
    } else if (!on && old != null) {
      old.close();
      machines.put(machine, null);
    }
  }

  @Override
  public synchronized void recordingStateChanged(Recording recording) {
    boolean on = isOn();
    for (Machine machine : machines.keySet()) {
      try {
        update(machine, on);
      } catch (MachineException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
