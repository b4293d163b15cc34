// SPDX-License-Identifier: Apache-2.0
package nestor.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import nestor.api.command.FileTrouble;
import nestor.api.machine.Console;
import nestor.api.machine.MachineException;
import nestor.api.profile.Profile;

/** The character streams of a machine, and the point where input from outside enters. */
final class Consoles {
  private final Map<String, ConsolePort> ports = new LinkedHashMap<>();
  private final List<AutoCloseable> ends = new ArrayList<>();
  private final Runnable signal;
  private volatile ConsolePort[] all = {};

  Consoles(Runnable signal) {
    this.signal = signal;
  }

  /** Makes the streams of a profile and opens files and ports. */
  void open(Map<String, Profile.Console> consoles) throws MachineException {
    for (Map.Entry<String, Profile.Console> entry : consoles.entrySet()) {
      String device = entry.getKey();
      Profile.Console where = entry.getValue();
      String kind = where.kind().name().toLowerCase(Locale.ROOT);
      ConsolePort port =
          add(
              device,
              where.target().isEmpty() ? kind : kind + " " + where.target(),
              where.kind() == Profile.Console.Kind.TERMINAL);
      try {
        switch (where.kind()) {
          case FILE -> openFile(port, where.target());
          case TCP -> ends.add(new TcpEnd(port, Integer.parseInt(where.target())));
          case TERMINAL, RING -> {
            // A terminal is connected by whoever owns it; the history is always kept.
          }
        }
      } catch (IOException e) {
        close();
        throw new MachineException(
            "the console of "
                + device
                + " cannot be opened: "
                + kind
                + " "
                + where.target()
                + ": "
                + FileTrouble.reason(e),
            e);
      }
    }
  }

  private void openFile(ConsolePort port, String target) throws IOException {
    var file = Files.newOutputStream(Path.of(target));
    port.connect(file, false, false);
    ends.add(file);
  }

  private ConsolePort add(String device, String destination, boolean terminal) {
    ConsolePort port = new ConsolePort(device, destination, terminal, signal);
    ports.put(device, port);
    all = ports.values().toArray(ConsolePort[]::new);
    return port;
  }

  /** {@return the stream of a device; one that is only kept in memory if the profile names none} */
  ConsolePort port(String device) {
    ConsolePort port = ports.get(device);
    return port != null ? port : add(device, "ring", false);
  }

  /** {@return the streams that the profile leads somewhere, or that have carried anything} */
  List<Console> list() {
    List<Console> list = new ArrayList<>();
    for (ConsolePort port : all) {
      if (!port.destination().equals("ring") || port.sent() > 0) {
        list.add(port);
      }
    }
    return list;
  }

  /** End of a turn: output goes out. Returns whether there was any. */
  boolean flush() {
    boolean any = false;
    for (ConsolePort port : all) {
      any |= port.flush();
    }
    return any;
  }

  boolean hasTyped() {
    for (ConsolePort port : all) {
      if (port.hasTyped()) {
        return true;
      }
    }
    return false;
  }

  boolean isFull() {
    for (ConsolePort port : all) {
      if (port.isFull()) {
        return true;
      }
    }
    return false;
  }

  boolean isLive() {
    for (ConsolePort port : all) {
      if (port.isLive()) {
        return true;
      }
    }
    return false;
  }

  /** Lets waiting input in. Returns whether there was any. */
  boolean takeInput(long tick, InputLog log) {
    boolean any = false;
    if (log != null && log.isReplay()) {
      for (InputLog.Entry entry = log.take(tick); entry != null; entry = log.take(tick)) {
        port(entry.device).enter(entry.bytes);
        any = true;
      }
      for (ConsolePort port : all) {
        while (port.takeTyped() != null) {
          // Only the record speaks.
        }
      }
      return any;
    }
    for (ConsolePort port : all) {
      for (byte[] bytes = port.takeTyped(); bytes != null; bytes = port.takeTyped()) {
        if (log != null) {
          log.note(tick, port.device(), bytes);
        }
        port.enter(bytes);
        any = true;
      }
    }
    return any;
  }

  void drain() {
    for (ConsolePort port : all) {
      port.drain();
    }
  }

  void close() {
    for (ConsolePort port : all) {
      port.close();
    }
    for (AutoCloseable end : ends) {
      try {
        end.close();
      } catch (Exception e) {
        // Everything was written before; a failure to close changes nothing for anybody.
      }
    }
    ends.clear();
  }
}
