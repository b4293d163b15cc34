// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import nestor.api.command.FileTrouble;
import nestor.api.machine.MachineException;
import nestor.api.machine.MachineSpec;
import org.osgi.service.cm.Configuration;

/** A machine on order: what it shall be, its configurations, and the component once it is there. */
final class Assembly {
  private static final long LIMIT_NANOS = 20_000_000_000L;

  private final MachineSpec spec;
  private final BootImage image;
  private final InputLog log;
  private final Map<String, Configuration> devices = new LinkedHashMap<>();
  private Configuration own;
  private MachineComponent machine;
  private MachineException failure;
  private boolean gone;
  private int arrivals;

  /**
   * Orders a machine.
   *
   * @param log to record input into or to replay it from; null for neither
   */
  Assembly(MachineSpec spec, BootImage image, InputLog log) {
    this.spec = spec;
    this.image = image;
    this.log = log;
  }

  InputLog log() {
    return log;
  }

  MachineSpec spec() {
    return spec;
  }

  BootImage image() {
    return image;
  }

  synchronized void add(String device, Configuration configuration) {
    devices.put(device, configuration);
  }

  synchronized void remove(String device) {
    devices.remove(device);
  }

  synchronized void own(Configuration configuration) {
    own = configuration;
  }

  synchronized MachineComponent machine() {
    return machine;
  }

  /** The component is there. */
  synchronized void arrived(MachineComponent component) {
    machine = component;
    arrivals++;
    notifyAll();
  }

  /** The component could not be made. */
  synchronized void failed(MachineException why) {
    failure = why;
    arrivals++;
    notifyAll();
  }

  /** The component has gone. */
  synchronized void left() {
    machine = null;
    gone = true;
    arrivals++;
    notifyAll();
  }

  /** A device was bound. */
  synchronized void deviceArrived() {
    arrivals++;
    notifyAll();
  }

  /** Waits for the machine and all its devices, and attaches these. */
  MachineComponent await() throws MachineException {
    long deadline = System.nanoTime() + LIMIT_NANOS;
    while (true) {
      MachineComponent there;
      synchronized (this) {
        there = machine;
        if (failure != null) {
          throw failure;
        }
      }
      List<String> missing = there == null ? List.of() : there.missingDevices();
      if (there != null && missing.isEmpty()) {
        there.attachDevices();
        return there;
      }
      if (System.nanoTime() - deadline > 0) {
        throw new MachineException(
            there == null
                ? "machine " + spec.name() + " was not made: a service it needs is missing"
                : "these devices of " + spec.name() + " did not appear: " + describe(missing));
      }
      pause();
    }
  }

  /** Waits until something arrives, for a moment at most. */
  private synchronized void pause() throws MachineException {
    long until = System.nanoTime() + 50_000_000;
    int seen = arrivals;
    try {
      while (arrivals == seen && System.nanoTime() - until < 0) {
        wait(10);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MachineException("interrupted while making " + spec.name(), e);
    }
  }

  private String describe(List<String> missing) {
    StringBuilder text = new StringBuilder();
    spec.profile().devices().stream()
        .filter(d -> missing.contains(d.name()))
        .forEach(
            d ->
                text.append(text.isEmpty() ? "" : ", ")
                    .append(d.name())
                    .append(" (")
                    .append(d.pid())
                    .append(')'));
    return text.toString();
  }

  /** Deletes all configurations and waits until the component has gone. */
  void delete() throws MachineException {
    List<Configuration> all;
    boolean wasThere;
    synchronized (this) {
      all = new ArrayList<>();
      if (own != null) {
        all.add(own); // the machine first: it lets its devices go
      }
      all.addAll(devices.values());
      wasThere = machine != null;
    }
    IOException problem = null;
    for (Configuration configuration : all) {
      try {
        configuration.delete();
      } catch (IOException e) {
        problem = e;
      } catch (IllegalStateException e) {
        continue; // deleted by somebody else
      }
      awaitGone(configuration, wasThere);
    }
    try {
      if (log != null) {
        log.close();
      }
    } catch (IOException e) {
      problem = e;
    }
    if (problem != null) {
      throw new MachineException(
          spec.name() + " left something behind: " + FileTrouble.reason(problem), problem);
    }
  }

  private synchronized void awaitGone(Configuration configuration, boolean wasThere)
      throws MachineException {
    long deadline = System.nanoTime() + LIMIT_NANOS / 2;
    try {
      while (configuration == own && wasThere && !gone && System.nanoTime() - deadline < 0) {
        wait(100);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MachineException("interrupted while taking " + spec.name() + " apart", e);
    }
  }
}
