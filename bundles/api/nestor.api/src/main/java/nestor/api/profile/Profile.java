// SPDX-License-Identifier: Apache-2.0
package nestor.api.profile;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a machine is made of.
 *
 * @param name name of a shipped profile, or of the file without its ending
 * @param cpus number of vCPUs
 * @param execution how the vCPUs share the host
 * @param memoryBytes size of RAM, whole pages
 * @param engine name of the engine that runs the vCPUs, or {@link #BEST_ENGINE}
 * @param seed start of everything random
 * @param devices in the order of the profile
 * @param consoles where the character streams of devices lead, by device name; others swallow all
 * @param text the profile as JSON, includes and overrides merged; good to be saved and used again
 */
public record Profile(
    String name,
    String description,
    int cpus,
    Execution execution,
    long memoryBytes,
    CpuSettings cpu,
    String engine,
    ClockSettings clock,
    long seed,
    List<DeviceSettings> devices,
    Optional<BootSettings> boot,
    Map<String, Console> consoles,
    String text) {

  /**
   * {@link #engine} of a profile that leaves the choice to the machine: the fastest that runs here.
   */
  public static final String BEST_ENGINE = "best";

  public Profile {
    devices = List.copyOf(devices);
    consoles = Collections.unmodifiableMap(new LinkedHashMap<>(consoles));
  }

  /** How vCPUs share the host. */
  public enum Execution {
    /** By turns of fixed length on one thread: the same every time. */
    TURNS,
    /** Each on a thread of its own, in real time. Not deterministic. */
    PARALLEL
  }

  /**
   * Where a character stream leads.
   *
   * @param target path of the file or number of the TCP port; empty otherwise
   */
  public record Console(Kind kind, String target) {

    /** The ends that a stream can have outside the machine. */
    public enum Kind {
      /** The terminal that Nestor runs in. */
      TERMINAL,
      /** A file that output is written to, from its beginning. */
      FILE,
      /** A TCP port on the loopback interface. */
      TCP,
      /** The last bytes in memory, shown by {@code nestor:console}. */
      RING
    }
  }
}
