// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.util.ArrayList;
import java.util.List;
import nestor.api.virt.VmEvent;
import nestor.api.virt.VmEvent.Kind;
import nestor.api.virt.VmListener;
import nestor.vcpu.State;
import nestor.vcpu.Vcpu;
import nestor.vcpu.VmExit;
import nestor.vcpu.VmObserver;

/**
 * The stream of events of one machine's virtual machines. It observes the vCPUs only while somebody
 * listens or a breakpoint is set. Listeners come and go at safepoints; events come on vCPU threads,
 * one at a time.
 */
final class VmHub implements VmObserver {
  private final Vcpu[] vcpus;
  private final VmBreakpoints breakpoints;
  private List<VmListener> listeners = List.of();

  VmHub(Vcpu[] vcpus, VmBreakpoints breakpoints) {
    this.vcpus = vcpus;
    this.breakpoints = breakpoints;
  }

  void add(VmListener listener) {
    List<VmListener> all = new ArrayList<>(listeners);
    all.add(listener);
    listeners = List.copyOf(all);
    update();
  }

  void remove(VmListener listener) {
    List<VmListener> all = new ArrayList<>(listeners);
    all.remove(listener);
    listeners = List.copyOf(all);
    update();
  }

  /** Opens or closes the gates: somebody came or went, a vCPU got its extensions. */
  void update() {
    VmObserver observer = listeners.isEmpty() && breakpoints.isEmpty() ? null : this;
    for (Vcpu v : vcpus) {
      if (v.virtualization != null) {
        v.virtualization.observe(observer);
      }
    }
  }

  private static long rip(Vcpu v) {
    return State.get(v.state, State.RIP);
  }

  private void tell(Vcpu v, Kind kind, int level, String name, long number, long info, long info2) {
    if (listeners.isEmpty()) {
      return;
    }
    VmEvent event =
        new VmEvent(kind, v.index, level, v.clock.nanos(), name, number, rip(v), info, info2);
    for (VmListener listener : listeners) {
      listener.happened(event, v.virtualization::fields);
    }
  }

  @Override
  public synchronized void entered(Vcpu v, int level, long structure) {
    breakpoints.entered(v, structure);
    tell(v, Kind.ENTRY, level, "", structure, 0, 0);
  }

  @Override
  public synchronized void refused(Vcpu v, int level, long structure, String rule) {
    tell(v, Kind.FAILED_ENTRY, level, rule, structure, 0, 0);
  }

  @Override
  public synchronized void exited(Vcpu v, int level, VmExit exit, String name) {
    breakpoints.exited(v, name);
    long info2 = exit.physical != 0 ? exit.physical : exit.qualification2;
    tell(v, Kind.EXIT, level, name, exit.reason, exit.qualification, info2);
  }

  @Override
  public synchronized void injected(Vcpu v, int level, String name, int event, int errorCode) {
    tell(v, Kind.INJECT, level, name, event, errorCode & 0xFFFF_FFFFL, 0);
  }

  @Override
  public synchronized void invalidated(Vcpu v, int level, String name, long tag, long address) {
    tell(v, Kind.INVALIDATE, level, name, tag, address, 0);
  }

  @Override
  public synchronized void written(Vcpu v, int level, String field, long value) {
    breakpoints.written(v, field, value);
    tell(v, Kind.WRITE, level, field, 0, value, 0);
  }
}
