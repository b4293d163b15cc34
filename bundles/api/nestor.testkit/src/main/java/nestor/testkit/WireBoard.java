// SPDX-License-Identifier: Apache-2.0
package nestor.testkit;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import nestor.api.device.Wire;
import nestor.api.device.WireListener;
import nestor.api.time.VirtualClock;

/** Named wires, each the OR of its drivers, with a record of every change. */
public final class WireBoard {

  /**
   * One change of a whole wire.
   *
   * @param nanos guest time of the change
   * @param high what the wire became
   */
  public record Edge(long nanos, boolean high) {}

  private final Map<String, Net> nets = new HashMap<>();
  private final VirtualClock clock;

  WireBoard(VirtualClock clock) {
    this.clock = clock;
  }

  /** {@return a new driver of the named wire} */
  public Wire driver(String name) {
    return new Driver(nets.computeIfAbsent(name, key -> new Net()));
  }

  /** {@return whether anybody holds the wire high} */
  public boolean isHigh(String name) {
    Net net = nets.get(name);
    return net != null && net.drivers > 0;
  }

  /** {@return every change of the wire so far, oldest first} */
  public List<Edge> edges(String name) {
    Net net = nets.get(name);
    return net == null ? List.of() : List.copyOf(net.edges);
  }

  /** {@return the times at which the wire rose, in nanoseconds, oldest first} */
  public List<Long> rises(String name) {
    List<Long> times = new ArrayList<>();
    for (Edge edge : edges(name)) {
      if (edge.high()) {
        times.add(edge.nanos());
      }
    }
    return times;
  }

  /** Forgets the record of all wires; their levels stay. */
  public void forgetEdges() {
    nets.values().forEach(net -> net.edges.clear());
  }

  private final class Net {
    private final List<WireListener> listeners = new ArrayList<>();
    private final List<Edge> edges = new ArrayList<>();
    private int drivers;

    void changed(boolean high) {
      edges.add(new Edge(clock.nanos(), high));
      for (WireListener listener : List.copyOf(listeners)) {
        listener.changed(high);
      }
    }
  }

  /** A driver that its owner can also take off the wire. */
  static final class Driver implements Wire {
    private final Net net;
    private final List<WireListener> mine = new ArrayList<>();
    private boolean drives;

    Driver(Net net) {
      this.net = net;
    }

    @Override
    public void set(boolean high) {
      if (high == drives) {
        return;
      }
      drives = high;
      net.drivers += high ? 1 : -1;
      if (net.drivers == (high ? 1 : 0)) {
        net.changed(high);
      }
    }

    @Override
    public boolean isHigh() {
      return net.drivers > 0;
    }

    @Override
    public void listen(WireListener listener) {
      mine.add(listener);
      net.listeners.add(listener);
    }

    void leave() {
      net.listeners.removeAll(mine);
      set(false);
    }
  }
}
